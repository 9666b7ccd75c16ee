//! The values that conditions compare: owned ones ([`Value`]), which are stored, and borrowed ones ([`ValueRef`]), which
//! the evaluator asks for, so that an evaluation copies nothing.

use alloc::borrow::ToOwned as _;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::ControlFlow;
use serde::{Deserialize, Serialize};

use super::number::Number;
use crate::id::{
    CapacityProfileId, OperatingHoursId, PresenceId, QueueId, RepresentativeId, SkillId, WorkstreamId,
};
use crate::settings::BasePresence;
use crate::time::{Span, Timestamp};

/// A time of day on a clock on the wall, to the minute: 00:00 to 23:59.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct TimeOfDay(u16);

/// Minutes that no day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day has the minutes 0 to 1439")]
pub struct InvalidTimeOfDay;

impl TimeOfDay {
    /// This many minutes after midnight, 0 to 1,439.
    pub const fn from_minutes(minutes: u16) -> Option<Self> {
        if minutes < 24 * 60 { Some(Self(minutes)) } else { None }
    }

    /// Minutes after midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for TimeOfDay {
    type Error = InvalidTimeOfDay;
    fn try_from(minutes: u16) -> Result<Self, InvalidTimeOfDay> {
        Self::from_minutes(minutes).ok_or(InvalidTimeOfDay)
    }
}

impl From<TimeOfDay> for u16 {
    fn from(time: TimeOfDay) -> Self {
        time.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The kinds of things of the settings that a value can refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// A workstream.
    Workstream,
    /// A queue.
    Queue,
    /// A presence, base or custom.
    Presence,
    /// A skill.
    Skill,
    /// A capacity profile.
    CapacityProfile,
    /// A representative.
    Representative,
    /// Operating hours.
    OperatingHours,
}

impl Thing {
    /// Its name in a sentence, with the article.
    pub const fn name_with_article(self) -> &'static str {
        match self {
            Self::Workstream => "a workstream",
            Self::Queue => "a queue",
            Self::Presence => "a presence",
            Self::Skill => "a skill",
            Self::CapacityProfile => "a capacity profile",
            Self::Representative => "a representative",
            Self::OperatingHours => "an operating hours record",
        }
    }

    /// Its name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workstream => "workstream",
            Self::Queue => "queue",
            Self::Presence => "presence",
            Self::Skill => "skill",
            Self::CapacityProfile => "capacity profile",
            Self::Representative => "representative",
            Self::OperatingHours => "operating hours record",
        }
    }
}

/// The id of one thing of the settings, and which kind of thing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// Which kind of thing.
    pub thing: Thing,
    /// The sixteen bytes of its id.
    pub id: [u8; 16],
}

impl Reference {
    /// A presence that every organisation has.
    pub fn built_in_presence(name: &str) -> Option<Self> {
        // They have no ids of their own. These are UUIDs of version 8, which nobody else makes (RFC 9562 section 5.8).
        let number = (0x7072_6573_656e_8000_8000_0000_0000_0000_u128..).zip(BasePresence::NAMES);
        let (number, _) = number.into_iter().find(|(_, known)| **known == name)?;
        Some(Self { thing: Thing::Presence, id: number.to_be_bytes() })
    }

    /// By which name people write it, if they do not write its id.
    fn name(self) -> Option<&'static str> {
        BasePresence::NAMES.iter().copied().find(|name| Self::built_in_presence(name) == Some(self))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            return f.write_str(name);
        }
        uuid::Uuid::from_bytes(self.id).hyphenated().fmt(f)
    }
}

/// Implements `From` for ids, so that an id is a reference, and an element of a set, without a copy of the set.
macro_rules! refers_to {
    ($($id:ty => $thing:ident),* $(,)?) => {$(
        impl From<$id> for Reference {
            fn from(id: $id) -> Self {
                Self { thing: Thing::$thing, id: *id.as_bytes() }
            }
        }

        impl Element for $id {
            fn as_value(&self) -> ValueRef<'_> {
                ValueRef::Reference((*self).into())
            }
        }
    )*};
}

refers_to!(
    WorkstreamId => Workstream,
    QueueId => Queue,
    RepresentativeId => Representative,
    SkillId => Skill,
    OperatingHoursId => OperatingHours,
    CapacityProfileId => CapacityProfile,
    PresenceId => Presence,
);

/// One name of an option set. Unlike text it is compared to the letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Choice(pub String);

/// A value that is kept: a context variable, what an explanation saw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text that somebody wrote.
    Text(String),
    /// A number.
    Number(Number),
    /// Yes or no.
    Boolean(bool),
    /// One name of an option set.
    Choice(Choice),
    /// A thing of the settings.
    Reference(Reference),
    /// A moment.
    Moment(Timestamp),
    /// A length of time.
    Span(Span),
    /// A time of day in the zone of the rule.
    TimeOfDay(TimeOfDay),
    /// Texts, of a field that has several.
    Texts(BTreeSet<String>),
    /// Names of an option set, of a field that has several.
    Choices(BTreeSet<Choice>),
    /// Things of the settings, of a field that has several.
    References(BTreeSet<Reference>),
}

/// A value that is only looked at.
#[derive(Clone, Copy)]
pub enum ValueRef<'a> {
    /// Text that somebody wrote.
    Text(&'a str),
    /// A number.
    Number(Number),
    /// Yes or no.
    Boolean(bool),
    /// One name of an option set.
    Choice(&'a str),
    /// A thing of the settings.
    Reference(Reference),
    /// A moment.
    Moment(Timestamp),
    /// A length of time.
    Span(Span),
    /// A time of day in the zone of the rule.
    TimeOfDay(TimeOfDay),
    /// Several values of one kind.
    Set(&'a dyn Elements),
}

/// Something that can be an element of a set.
pub trait Element {
    /// It, as a value; never itself a set.
    fn as_value(&self) -> ValueRef<'_>;
}

/// Several values of one kind, looked at one after the other where they lie. Vectors, ordered sets and the keys of ordered
/// maps are such.
pub trait Elements {
    /// Shows each value until `look` breaks off.
    fn each(&self, look: &mut dyn FnMut(ValueRef<'_>) -> ControlFlow<()>);
}

fn each_of<'a, T: Element + 'a>(
    elements: impl Iterator<Item = &'a T>,
    look: &mut dyn FnMut(ValueRef<'_>) -> ControlFlow<()>,
) {
    for element in elements {
        if look(element.as_value()).is_break() {
            return;
        }
    }
}

impl<T: Element> Elements for Vec<T> {
    fn each(&self, look: &mut dyn FnMut(ValueRef<'_>) -> ControlFlow<()>) {
        each_of(self.iter(), look);
    }
}

impl<T: Element> Elements for &[T] {
    fn each(&self, look: &mut dyn FnMut(ValueRef<'_>) -> ControlFlow<()>) {
        each_of(self.iter(), look);
    }
}

impl<T: Element> Elements for BTreeSet<T> {
    fn each(&self, look: &mut dyn FnMut(ValueRef<'_>) -> ControlFlow<()>) {
        each_of(self.iter(), look);
    }
}

impl<T: Element, V> Elements for BTreeMap<T, V> {
    fn each(&self, look: &mut dyn FnMut(ValueRef<'_>) -> ControlFlow<()>) {
        each_of(self.keys(), look);
    }
}

impl Element for Reference {
    fn as_value(&self) -> ValueRef<'_> {
        ValueRef::Reference(*self)
    }
}

impl Element for String {
    fn as_value(&self) -> ValueRef<'_> {
        ValueRef::Text(self)
    }
}

impl Element for Choice {
    fn as_value(&self) -> ValueRef<'_> {
        ValueRef::Choice(&self.0)
    }
}

impl Value {
    /// This value, to be looked at.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Text(text) => ValueRef::Text(text),
            Self::Number(number) => ValueRef::Number(*number),
            Self::Boolean(boolean) => ValueRef::Boolean(*boolean),
            Self::Choice(choice) => ValueRef::Choice(&choice.0),
            Self::Reference(reference) => ValueRef::Reference(*reference),
            Self::Moment(moment) => ValueRef::Moment(*moment),
            Self::Span(span) => ValueRef::Span(*span),
            Self::TimeOfDay(time) => ValueRef::TimeOfDay(*time),
            Self::Texts(texts) => ValueRef::Set(texts),
            Self::Choices(choices) => ValueRef::Set(choices),
            Self::References(references) => ValueRef::Set(references),
        }
    }
}

impl ValueRef<'_> {
    /// A copy that can be kept. A set that mixes kinds, which no field has, keeps those of its first element's kind.
    pub fn to_value(self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Number(number) => Value::Number(number),
            Self::Boolean(boolean) => Value::Boolean(boolean),
            Self::Choice(choice) => Value::Choice(Choice(choice.to_owned())),
            Self::Reference(reference) => Value::Reference(reference),
            Self::Moment(moment) => Value::Moment(moment),
            Self::Span(span) => Value::Span(span),
            Self::TimeOfDay(time) => Value::TimeOfDay(time),
            Self::Set(elements) => copy_of_set(elements),
        }
    }
}

fn copy_of_set(elements: &dyn Elements) -> Value {
    let (mut texts, mut choices, mut references) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    elements.each(&mut |element| {
        match element {
            ValueRef::Text(text) => drop(texts.insert(text.to_owned())),
            ValueRef::Choice(choice) => drop(choices.insert(Choice(choice.to_owned()))),
            ValueRef::Reference(reference) => drop(references.insert(reference)),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    if !references.is_empty() {
        Value::References(references)
    } else if !choices.is_empty() {
        Value::Choices(choices)
    } else {
        Value::Texts(texts)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "“{text}”"),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(boolean) => boolean.fmt(f),
            Self::Choice(choice) => f.write_str(&choice.0),
            Self::Reference(reference) => reference.fmt(f),
            Self::Moment(moment) => write_moment(f, *moment),
            Self::Span(span) => write!(f, "{} s", span.as_millis() / 1000),
            Self::TimeOfDay(time) => time.fmt(f),
            Self::Texts(texts) => write_list(f, texts.iter()),
            Self::Choices(choices) => write_list(f, choices.iter().map(|choice| &choice.0)),
            Self::References(references) => write_list(f, references.iter()),
        }
    }
}

impl fmt::Debug for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_value().fmt(f)
    }
}

fn write_moment(f: &mut fmt::Formatter<'_>, moment: Timestamp) -> fmt::Result {
    let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_millisecond(millis) {
        Ok(moment) => fmt::Display::fmt(&moment, f),
        Err(_) => f.write_str("after the year 9999"),
    }
}

fn write_list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    values: impl ExactSizeIterator<Item = T>,
) -> fmt::Result {
    if values.len() == 0 {
        return f.write_str("nothing");
    }
    for (index, value) in values.enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(f, "{separator}{value}")?;
    }
    Ok(())
}
