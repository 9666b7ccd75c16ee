//! Which fields there are and of which type each is, and which things of the settings can be referred to. A condition is
//! checked against a schema once, when it is saved; evaluation no longer asks.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::field::Field;
use super::number::Number;
use super::value::{Choice, Elements, Reference, Thing, Value, ValueRef};

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text that somebody wrote; compared without regard to case.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// One of these names; compared to the letter.
    Choice(BTreeSet<String>),
    /// One thing of the settings.
    Reference(Thing),
    /// A moment.
    Moment,
    /// A length of time.
    Span,
    /// A time of day.
    TimeOfDay,
    /// Several values of one kind.
    Set(SetOf),
}

/// What a set holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetOf {
    /// Texts.
    Texts,
    /// Some of these names.
    Choices(BTreeSet<String>),
    /// Things of the settings.
    References(Thing),
}

/// A type without the names of its choices: what the evaluator holds a value against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Boolean,
    Choice,
    Reference(Thing),
    Moment,
    Span,
    TimeOfDay,
    Set,
}

impl FieldType {
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Text => Kind::Text,
            Self::Number => Kind::Number,
            Self::Boolean => Kind::Boolean,
            Self::Choice(_) => Kind::Choice,
            Self::Reference(thing) => Kind::Reference(*thing),
            Self::Moment => Kind::Moment,
            Self::Span => Kind::Span,
            Self::TimeOfDay => Kind::TimeOfDay,
            Self::Set(_) => Kind::Set,
        }
    }

    /// Whether its values have an order. Text has none that people of two countries agree on.
    pub const fn is_ordered(&self) -> bool {
        matches!(self, Self::Number | Self::Moment | Self::Span | Self::TimeOfDay)
    }

    /// What it is called in a sentence.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Choice(_) => "an option",
            Self::Reference(thing) => thing.name_with_article(),
            Self::Moment => "a moment",
            Self::Span => "a length of time",
            Self::TimeOfDay => "a time of day",
            Self::Set(_) => "a set",
        }
    }

    /// Whether values of the two types can be equal: the same type, and for options at least one name in common.
    pub(super) fn is_comparable_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Choice(some), Self::Choice(others)) => !some.is_disjoint(others),
            (Self::Set(some), Self::Set(others)) => some.element().is_comparable_with(&others.element()),
            _ => self == other,
        }
    }
}

impl SetOf {
    /// The type of one element.
    pub fn element(&self) -> FieldType {
        match self {
            Self::Texts => FieldType::Text,
            Self::Choices(options) => FieldType::Choice(options.clone()),
            Self::References(thing) => FieldType::Reference(*thing),
        }
    }
}

impl Kind {
    /// The value, if it is of this kind and there is anything in it: a blank text and an empty set are not set.
    pub(super) fn admit(self, value: ValueRef<'_>) -> Option<ValueRef<'_>> {
        let admitted = match (self, value) {
            (Self::Text, ValueRef::Text(text)) => {
                let text = text.trim();
                return (!text.is_empty()).then_some(ValueRef::Text(text));
            }
            (Self::Reference(thing), ValueRef::Reference(reference)) => reference.thing == thing,
            (Self::Set, ValueRef::Set(elements)) => has_any(elements),
            (Self::Number, ValueRef::Number(_))
            | (Self::Boolean, ValueRef::Boolean(_))
            | (Self::Choice, ValueRef::Choice(_))
            | (Self::Moment, ValueRef::Moment(_))
            | (Self::Span, ValueRef::Span(_))
            | (Self::TimeOfDay, ValueRef::TimeOfDay(_)) => true,
            _ => false,
        };
        admitted.then_some(value)
    }
}

fn has_any(elements: &dyn Elements) -> bool {
    let mut any = false;
    elements.each(&mut |_| {
        any = true;
        core::ops::ControlFlow::Break(())
    });
    any
}

/// The fields and things that a condition may name.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    declared: BTreeMap<Field, FieldType>,
    things: BTreeSet<Reference>,
    with_representative: bool,
    with_queue: bool,
}

/// A field that cannot be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a field of this name is built in or declared already; choose another name")]
pub struct AlreadyThere;

impl Schema {
    /// The schema of conditions that are decided before a representative is looked at: classification, route to queue,
    /// prioritisation, overflow. It has the built-in fields and no things yet.
    pub fn of_items() -> Self {
        Self::default()
    }

    /// The same, for assignment: the representative's attributes are there too.
    pub fn with_representative(mut self) -> Self {
        self.with_representative = true;
        self
    }

    /// The same, for overflow: the queue that the work is to enter is there too.
    pub fn with_queue(mut self) -> Self {
        self.with_queue = true;
        self
    }

    /// Declares a context variable or an attribute of a record.
    pub fn declare(&mut self, field: Field, field_type: FieldType) -> Result<(), AlreadyThere> {
        let free =
            matches!(field, Field::Context(_) | Field::Attribute(_)) && !self.declared.contains_key(&field);
        if !free {
            return Err(AlreadyThere);
        }
        self.declared.insert(field, field_type);
        Ok(())
    }

    /// Makes a thing of the settings known. A reference to one that is not known is a fault, so that nothing that is in
    /// use can be deleted.
    pub fn know(&mut self, thing: impl Into<Reference>) {
        self.things.insert(thing.into());
    }

    /// Whether this thing is known.
    pub fn knows(&self, reference: Reference) -> bool {
        self.things.contains(&reference)
    }

    /// The type of a field; none if there is no such field. A context variable that nobody declared is a text
    /// (reference section 11).
    pub fn field_type(&self, field: &Field) -> Option<FieldType> {
        let absent = (field.is_of_representative() && !self.with_representative)
            || (matches!(field, Field::Queue(_)) && !self.with_queue);
        if absent {
            return None;
        }
        let undeclared = matches!(field, Field::Context(_)).then_some(FieldType::Text);
        field.built_in_type().or_else(|| self.declared.get(field).cloned()).or(undeclared)
    }

    /// Reads what arrived for a field as a value of its type: a context variable from a page, a bot or a form. None if it
    /// cannot be read so, or is blank; the variable is then not set.
    pub fn read(&self, field: &Field, text: &str) -> Option<Value> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        match self.field_type(field)? {
            FieldType::Text => Some(Value::Text(text.into())),
            FieldType::Number => Number::new(text.parse().ok()?).ok().map(Value::Number),
            FieldType::Boolean => text.parse().ok().map(Value::Boolean),
            FieldType::Choice(options) => options.contains(text).then(|| Value::Choice(Choice(text.into()))),
            _ => None,
        }
    }
}
