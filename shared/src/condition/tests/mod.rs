//! Tests of conditions: each rule by example, and all of them together against a naive evaluator on arbitrary trees.

mod coding;
mod faults;
mod naive;
mod patterns;
mod properties;
mod reasons;
mod rules;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::id::{OperatingHoursId, QueueId, WorkstreamId};

/// Facts as a table.
#[derive(Debug, Clone, Default)]
struct Table {
    values: BTreeMap<Field, Value>,
    open: BTreeSet<Reference>,
}

impl Facts for Table {
    fn value(&self, field: &Field) -> Option<ValueRef<'_>> {
        self.values.get(field).map(Value::as_ref)
    }

    fn is_working_now(&self, hours: OperatingHoursId) -> bool {
        self.open.contains(&hours.into())
    }
}

impl Table {
    fn with(mut self, path: &str, value: Value) -> Self {
        self.values.insert(path.parse().unwrap(), value);
        self
    }
}

fn field(path: &str) -> Field {
    path.parse().unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn choice(name: &str) -> Value {
    Value::Choice(Choice(name.into()))
}

fn number(number: i32) -> Value {
    Value::Number(number.into())
}

fn thing(thing: Thing, number: u128) -> Reference {
    Reference { thing, id: number.to_be_bytes() }
}

/// The id of a thing as people write it.
fn id(number: u128) -> String {
    alloc::format!("{}", thing(Thing::Queue, number))
}

/// A schema with one or two of everything that can be declared, and the things 1 to 3 of every kind.
fn schema() -> Schema {
    let mut schema = Schema::of_items().with_representative().with_queue();
    let options: BTreeSet<String> = ["billing", "sales", "Sales"].map(Into::into).into();
    for (path, field_type) in [
        ("context.amount", FieldType::Number),
        ("context.limit", FieldType::Number),
        ("context.vip", FieldType::Boolean),
        ("context.topic", FieldType::Choice(options.clone())),
        ("contact.topics", FieldType::Set(SetOf::Choices(options))),
        ("contact.tags", FieldType::Set(SetOf::Texts)),
        ("representative.languages", FieldType::Set(SetOf::Texts)),
        ("contact.birthday", FieldType::Moment),
        ("case.closes_at", FieldType::TimeOfDay),
        ("case.promised_within", FieldType::Span),
    ] {
        schema.declare(field(path), field_type).unwrap();
    }
    for number in 1..=3 {
        schema.know(QueueId::from_u128(number));
        schema.know(WorkstreamId::from_u128(number));
        for kind in [Thing::Presence, Thing::Skill, Thing::OperatingHours, Thing::Representative] {
            schema.know(thing(kind, number));
        }
    }
    schema
}

fn parse(json: &str) -> Condition {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn compile(json: &str) -> Predicate {
    parse(json).compile(&schema()).unwrap_or_else(|faults| panic!("{json}: {faults:?}"))
}

/// Whether the condition holds for these facts.
fn holds(json: &str, facts: &Table) -> bool {
    compile(json).holds(facts)
}

/// Paths and messages of what is wrong.
fn faults(json: &str) -> Vec<(String, String)> {
    let faults = parse(json).check(&schema());
    faults.into_iter().map(|fault| (fault.path, fault.message.into_owned())).collect()
}
