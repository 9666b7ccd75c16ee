//! What people write into a condition: text, a number, true or false. Which value that is depends on the field that it is
//! compared with: `"09:30"` is a time of day beside `time.of_day` and four letters beside `context.topic`.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use core::fmt;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number::Number;
use super::schema::{FieldType, Schema};
use super::value::{Choice, Reference, Thing, TimeOfDay, Value};
use crate::limit::ANSWER_CHARS_MAX;
use crate::text::longer_than;
use crate::time::{Span, Timestamp};

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `"billing"`
    Text(String),
    /// `3`
    Number(Number),
    /// `true`
    Boolean(bool),
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i32> for Literal {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Literal {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl Literal {
    /// The value of this type that is written here, or what to write instead.
    pub(crate) fn read(&self, field_type: &FieldType, schema: &Schema) -> Result<Value, Cow<'static, str>> {
        match (field_type, self) {
            (FieldType::Text, Self::Text(text)) => read_text(text),
            (FieldType::Text, _) => Err("The field is a text. Put the value in quotation marks.".into()),
            (FieldType::Number, Self::Number(number)) => Ok(Value::Number(*number)),
            (FieldType::Number, _) => {
                Err("The field is a number. Write a number, without quotation marks.".into())
            }
            (FieldType::Boolean, Self::Boolean(boolean)) => Ok(Value::Boolean(*boolean)),
            (FieldType::Boolean, _) => {
                Err("The field is true or false. Write one of them, without quotation marks.".into())
            }
            (FieldType::Choice(options), Self::Text(text)) if options.contains(text) => {
                Ok(Value::Choice(Choice(text.clone())))
            }
            (FieldType::Choice(options), _) => {
                let names = options.iter().map(String::as_str).collect::<alloc::vec::Vec<_>>().join(", ");
                Err(format!("This is not an option of the field. Write one of: {names}.").into())
            }
            (FieldType::Reference(thing), Self::Text(text)) => read_reference(*thing, text, schema)
                .map(Value::Reference)
                .ok_or_else(|| format!("There is no such {}. Choose one that exists.", thing.name()).into()),
            (FieldType::Reference(thing), _) => {
                Err(format!("Write the id of the {} in quotation marks.", thing.name()).into())
            }
            (FieldType::Moment, Self::Text(text)) => read_moment(text).ok_or(MOMENT.into()),
            (FieldType::Moment, _) => Err(MOMENT.into()),
            (FieldType::Span, Self::Text(text)) => read_span(text).map(Value::Span).ok_or(SPAN.into()),
            (FieldType::Span, _) => Err(SPAN.into()),
            (FieldType::TimeOfDay, Self::Text(text)) => {
                read_time_of_day(text).map(Value::TimeOfDay).ok_or(TIME_OF_DAY.into())
            }
            (FieldType::TimeOfDay, _) => Err(TIME_OF_DAY.into()),
            (FieldType::Set(_), _) => {
                Err("The field has several values. Ask whether it contains one.".into())
            }
        }
    }
}

const MOMENT: &str = "Write the moment with its offset from UTC, such as \"2026-12-24T18:00:00+01:00\".";
const SPAN: &str = "Write a length of time such as \"90s\", \"10m\", \"2h\" or \"3d\".";
const TIME_OF_DAY: &str = "Write a time of day from \"00:00\" to \"23:59\".";

fn read_reference(thing: Thing, text: &str, schema: &Schema) -> Option<Reference> {
    if thing == Thing::Presence
        && let Some(built_in) = Reference::built_in_presence(text)
    {
        return Some(built_in);
    }
    let id = uuid::Uuid::try_parse(text).ok()?.into_bytes();
    Some(Reference { thing, id }).filter(|reference| schema.knows(*reference))
}

fn read_text(text: &str) -> Result<Value, Cow<'static, str>> {
    let text = text.trim();
    if text.is_empty() {
        return Err("A blank text counts as not set. Use is_set or is_not_set.".into());
    }
    if longer_than(text, ANSWER_CHARS_MAX) {
        return Err("No value is longer than 4,000 characters. Write a shorter one.".into());
    }
    Ok(Value::Text(text.to_owned()))
}

fn read_moment(text: &str) -> Option<Value> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    let millis = u64::try_from(moment.as_millisecond()).ok()?;
    Some(Value::Moment(Timestamp::from_millis(millis)))
}

/// A whole number and a unit.
fn read_span(text: &str) -> Option<Span> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    let digits = (1..=7).contains(&count.len()) && count.bytes().all(|byte| byte.is_ascii_digit());
    let count: u64 = if digits { count.parse().ok()? } else { return None };
    Some(Span::from_secs(count * seconds))
}

fn read_time_of_day(text: &str) -> Option<TimeOfDay> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    if minutes < 60 { TimeOfDay::from_minutes(hours * 60 + minutes) } else { None }
}

/// The coding for machines, which cannot look ahead to see which kind of value comes.
#[derive(Serialize, Deserialize)]
enum Tagged<'a> {
    Text(Cow<'a, str>),
    Number(Number),
    Boolean(bool),
}

impl Serialize for Literal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return match self {
                Self::Text(text) => serializer.serialize_str(text),
                Self::Number(number) => number.serialize(serializer),
                Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            };
        }
        let tagged = match self {
            Self::Text(text) => Tagged::Text(Cow::Borrowed(text)),
            Self::Number(number) => Tagged::Number(*number),
            Self::Boolean(boolean) => Tagged::Boolean(*boolean),
        };
        tagged.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(LiteralVisitor);
        }
        Ok(match Tagged::deserialize(deserializer)? {
            Tagged::Text(text) => Self::Text(text.into_owned()),
            Tagged::Number(number) => Self::Number(number),
            Tagged::Boolean(boolean) => Self::Boolean(boolean),
        })
    }
}

struct LiteralVisitor;

impl Visitor<'_> for LiteralVisitor {
    type Value = Literal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Literal, E> {
        Ok(text.into())
    }

    fn visit_bool<E: Error>(self, boolean: bool) -> Result<Literal, E> {
        Ok(boolean.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Literal, E> {
        Number::new(number).map(Literal::Number).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, whole: i64) -> Result<Literal, E> {
        whole.try_into().map(Literal::Number).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, whole: u64) -> Result<Literal, E> {
        whole.try_into().map(Literal::Number).map_err(E::custom)
    }
}
