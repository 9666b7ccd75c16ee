//! How a condition is written: for people as the short JSON of the module's comment, for machines as a flat list.
//!
//! The flat list is the tree in the order in which it is read, each group with the number of its children. So a decoder
//! needs no more stack than the depth that it allows, whatever bytes come, and postcard needs not look ahead.

use alloc::boxed::Box;
use alloc::vec::{self, Vec};
use core::fmt;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Choices, Comparison, Condition, Field, Literal, Operand};

/// How deep a decoder follows. A condition that is saved is less deep; JSON's parser stops at the same depth.
const DECODED_DEPTH_MAX: usize = 64;

/// One node of the flat list.
#[derive(Serialize, Deserialize)]
enum Flat {
    All(u32),
    Any(u32),
    Not,
    IsSet(Field),
    IsNotSet(Field),
    WorkingNow(Operand),
    Compare(Field, Comparison),
}

fn flatten(condition: &Condition, list: &mut Vec<Flat>) {
    let count = |children: &[Condition]| u32::try_from(children.len()).unwrap_or(u32::MAX);
    match condition {
        Condition::All(children) => list.push(Flat::All(count(children))),
        Condition::Any(children) => list.push(Flat::Any(count(children))),
        Condition::Not(child) => {
            list.push(Flat::Not);
            flatten(child, list);
        }
        Condition::IsSet(field) => list.push(Flat::IsSet(field.clone())),
        Condition::IsNotSet(field) => list.push(Flat::IsNotSet(field.clone())),
        Condition::WorkingNow(hours) => list.push(Flat::WorkingNow(hours.clone())),
        Condition::Compare(field, comparison) => list.push(Flat::Compare(field.clone(), comparison.clone())),
    }
    if let Condition::All(children) | Condition::Any(children) = condition {
        for child in children {
            flatten(child, list);
        }
    }
}

fn unflatten(list: &mut vec::IntoIter<Flat>, depth: usize) -> Result<Condition, &'static str> {
    if depth > DECODED_DEPTH_MAX {
        return Err("the condition is too deep");
    }
    match list.next().ok_or("the condition breaks off")? {
        Flat::All(count) => unflatten_group(list, count, depth).map(Condition::All),
        Flat::Any(count) => unflatten_group(list, count, depth).map(Condition::Any),
        Flat::Not => unflatten(list, depth + 1).map(|child| Condition::Not(Box::new(child))),
        Flat::IsSet(field) => Ok(Condition::IsSet(field)),
        Flat::IsNotSet(field) => Ok(Condition::IsNotSet(field)),
        Flat::WorkingNow(hours) => Ok(Condition::WorkingNow(hours)),
        Flat::Compare(field, comparison) => Ok(Condition::Compare(field, comparison)),
    }
}

fn unflatten_group(
    list: &mut vec::IntoIter<Flat>,
    count: u32,
    depth: usize,
) -> Result<Vec<Condition>, &'static str> {
    // The vector grows child by child: the count is not believed before the children are there.
    let mut children = Vec::new();
    for _ in 0..count {
        children.push(unflatten(list, depth + 1)?);
    }
    Ok(children)
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            let mut list = Vec::new();
            flatten(self, &mut list);
            return list.serialize(serializer);
        }
        let entries = if matches!(self, Self::Compare(..)) { 2 } else { 1 };
        let mut map = serializer.serialize_map(Some(entries))?;
        match self {
            Self::All(children) => map.serialize_entry("all", children)?,
            Self::Any(children) => map.serialize_entry("any", children)?,
            Self::Not(child) => map.serialize_entry("not", child)?,
            Self::IsSet(field) => map.serialize_entry("is_set", field)?,
            Self::IsNotSet(field) => map.serialize_entry("is_not_set", field)?,
            Self::WorkingNow(hours) => map.serialize_entry("working_now", hours)?,
            Self::Compare(field, comparison) => {
                map.serialize_entry("field", field)?;
                let key = comparison.key();
                match comparison {
                    Comparison::Equals(operand)
                    | Comparison::NotEquals(operand)
                    | Comparison::LessThan(operand)
                    | Comparison::AtMost(operand)
                    | Comparison::MoreThan(operand)
                    | Comparison::AtLeast(operand)
                    | Comparison::Contains(operand)
                    | Comparison::BeginsWith(operand)
                    | Comparison::EndsWith(operand) => map.serialize_entry(key, operand)?,
                    Comparison::Between(low, high) => map.serialize_entry(key, &(low, high))?,
                    Comparison::In(choices) | Comparison::NotIn(choices) => {
                        map.serialize_entry(key, choices)?;
                    }
                    Comparison::Matches(pattern) => map.serialize_entry(key, pattern)?,
                }
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_map(ConditionVisitor);
        }
        let mut list = Vec::<Flat>::deserialize(deserializer)?.into_iter();
        let condition = unflatten(&mut list, 0).map_err(D::Error::custom)?;
        if list.next().is_some() {
            Err(D::Error::custom("the condition goes on after its end"))
        } else {
            Ok(condition)
        }
    }
}

struct ConditionVisitor;

/// What one key of a condition's map says.
enum Part {
    Field(Field),
    Comparison(Comparison),
    Whole(Condition),
}

const ONE_OF: &str = "a condition has one of all, any, not, is_set, is_not_set and working_now, or it has field and one \
                      comparison";

impl<'de> Visitor<'de> for ConditionVisitor {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition, such as {\"field\": \"context.topic\", \"equals\": \"billing\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        let (mut field, mut comparison, mut whole) = (None, None, None);
        while let Some(key) = map.next_key::<alloc::borrow::Cow<'de, str>>()? {
            let again = match read_part(&key, &mut map)? {
                Part::Field(part) => field.replace(part).is_some(),
                Part::Comparison(part) => comparison.replace(part).is_some(),
                Part::Whole(part) => whole.replace(part).is_some(),
            };
            if again {
                return Err(A::Error::custom(ONE_OF));
            }
        }
        match (field, comparison, whole) {
            (Some(field), Some(comparison), None) => Ok(Condition::Compare(field, comparison)),
            (None, None, Some(whole)) => Ok(whole),
            _ => Err(A::Error::custom(ONE_OF)),
        }
    }
}

fn read_part<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Part, A::Error> {
    let whole = match key {
        "field" => return Ok(Part::Field(map.next_value()?)),
        "all" => Condition::All(map.next_value()?),
        "any" => Condition::Any(map.next_value()?),
        "not" => Condition::Not(map.next_value()?),
        "is_set" => Condition::IsSet(map.next_value()?),
        "is_not_set" => Condition::IsNotSet(map.next_value()?),
        "working_now" => Condition::WorkingNow(map.next_value()?),
        _ => return read_comparison(key, map).map(Part::Comparison),
    };
    Ok(Part::Whole(whole))
}

fn read_comparison<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Comparison, A::Error> {
    Ok(match key {
        "equals" => Comparison::Equals(map.next_value()?),
        "not_equals" => Comparison::NotEquals(map.next_value()?),
        "less_than" => Comparison::LessThan(map.next_value()?),
        "at_most" => Comparison::AtMost(map.next_value()?),
        "more_than" => Comparison::MoreThan(map.next_value()?),
        "at_least" => Comparison::AtLeast(map.next_value()?),
        "between" => {
            let (low, high) = map.next_value()?;
            Comparison::Between(low, high)
        }
        "in" => Comparison::In(map.next_value()?),
        "not_in" => Comparison::NotIn(map.next_value()?),
        "contains" => Comparison::Contains(map.next_value()?),
        "begins_with" => Comparison::BeginsWith(map.next_value()?),
        "ends_with" => Comparison::EndsWith(map.next_value()?),
        "matches" => Comparison::Matches(map.next_value()?),
        _ => return Err(A::Error::custom(format_args!("{key} is no comparison; {ONE_OF}"))),
    })
}

/// A field as an operand: `{"field": "context.topic"}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldOperand<T> {
    field: T,
}

/// The coding of operands for machines.
#[derive(Serialize, Deserialize)]
enum Tagged<L, F> {
    Literal(L),
    Field(F),
}

impl Serialize for Operand {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self, serializer.is_human_readable()) {
            (Self::Literal(literal), true) => literal.serialize(serializer),
            (Self::Field(field), true) => FieldOperand { field }.serialize(serializer),
            (Self::Literal(literal), false) => Tagged::<_, &Field>::Literal(literal).serialize(serializer),
            (Self::Field(field), false) => Tagged::<&Literal, _>::Field(field).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Operand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(OperandVisitor);
        }
        Ok(match Tagged::deserialize(deserializer)? {
            Tagged::Literal(literal) => Self::Literal(literal),
            Tagged::Field(field) => Self::Field(field),
        })
    }
}

struct OperandVisitor;

impl<'de> Visitor<'de> for OperandVisitor {
    type Value = Operand;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false or {\"field\": \"…\"}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Operand, E> {
        Ok(text.into())
    }

    fn visit_bool<E: Error>(self, boolean: bool) -> Result<Operand, E> {
        Ok(boolean.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Operand, E> {
        Literal::deserialize(number.into_deserializer()).map(Operand::Literal)
    }

    fn visit_i64<E: Error>(self, whole: i64) -> Result<Operand, E> {
        Literal::deserialize(whole.into_deserializer()).map(Operand::Literal)
    }

    fn visit_u64<E: Error>(self, whole: u64) -> Result<Operand, E> {
        Literal::deserialize(whole.into_deserializer()).map(Operand::Literal)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Operand, A::Error> {
        FieldOperand::deserialize(MapAccessDeserializer::new(map))
            .map(|operand| Operand::Field(operand.field))
    }
}

impl Serialize for Choices {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self, serializer.is_human_readable()) {
            (Self::Literals(literals), true) => literals.serialize(serializer),
            (Self::Field(field), true) => FieldOperand { field }.serialize(serializer),
            (Self::Literals(literals), false) => Tagged::<_, &Field>::Literal(literals).serialize(serializer),
            (Self::Field(field), false) => Tagged::<&Vec<Literal>, _>::Field(field).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(ChoicesVisitor);
        }
        Ok(match Tagged::deserialize(deserializer)? {
            Tagged::Literal(literals) => Self::Literals(literals),
            Tagged::Field(field) => Self::Field(field),
        })
    }
}

struct ChoicesVisitor;

impl<'de> Visitor<'de> for ChoicesVisitor {
    type Value = Choices;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of values or {\"field\": \"…\"}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Choices, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(values)).map(Choices::Literals)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Choices, A::Error> {
        FieldOperand::deserialize(MapAccessDeserializer::new(map))
            .map(|operand| Choices::Field(operand.field))
    }
}
