//! What is known about an item, and how conditions see it (reference sections 11 and 14.2).
//!
//! Context variables are kept as the text that arrived and are read by their declared type when a rule asks, so that a
//! declaration that comes later is right for work that is already there.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::capacity::profiles_of;
use super::eligibility::Person;
use super::queue_index::Waiting;
use super::requirements::{Level, Skills};
use super::rulebook::Rulebook;
use super::work::WorkItem;
use crate::condition::{
    ConversationField, Element, Facts, Field, Name, Number, QueueField, TimeField, TimeOfDay, Value, ValueRef,
};
use crate::form::Answer;
use crate::id::{CapacityProfileId, OperatingHoursId, QueueId, SkillId};
use crate::limit::{ANSWER_CHARS_MAX, VARIABLES_MAX};
use crate::settings::{ChannelClass, VariableKind, Workstream};
use crate::text::longer_than;
use crate::time::{Span, Timestamp};

/// Fields with their values, sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(super) struct FactList(Vec<(Field, Value)>);

impl FactList {
    /// The value of a field.
    pub(super) fn get(&self, field: &Field) -> Option<&Value> {
        let place = self.0.binary_search_by(|(known, _)| known.cmp(field)).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// The values that are texts, in the order of their fields.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, value)| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Sets a field.
    pub(super) fn set(&mut self, field: Field, value: Value) {
        match self.0.binary_search_by(|(known, _)| known.cmp(&field)) {
            Ok(place) => {
                if let Some((_, known)) = self.0.get_mut(place) {
                    *known = value;
                }
            }
            Err(place) => self.0.insert(place, (field, value)),
        }
    }

    /// Sets context variables. What is over a limit of reference section 11 is left out: the gateway has refused it.
    pub(super) fn set_variables(&mut self, variables: Vec<Answer>) {
        for Answer { name, value } in variables {
            let Ok(field) = Field::context(&name) else { continue };
            let known = self.0.iter().filter(|(field, _)| matches!(field, Field::Context(_))).count();
            let room = known < VARIABLES_MAX || self.get(&field).is_some();
            if room && !longer_than(&value, ANSWER_CHARS_MAX) {
                self.set(field, Value::Text(value));
            }
        }
    }

    /// Gives back what was reserved and is not needed: there can be a million of these.
    pub(super) fn settle(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl Element for (SkillId, Level) {
    fn as_value(&self) -> ValueRef<'_> {
        ValueRef::Reference(self.0.into())
    }
}

/// What rules see of an item while it is decided about.
pub(super) struct ItemView<'a> {
    pub(super) now: Timestamp,
    pub(super) rules: &'a Rulebook,
    pub(super) item: &'a WorkItem,
    pub(super) workstream: &'a Workstream,
    /// Variables that classification has set so far.
    pub(super) set: &'a FactList,
    pub(super) skills: &'a Skills,
    /// Capacity profiles of which it takes a place.
    pub(super) profiles: Vec<CapacityProfileId>,
    pub(super) priority: u16,
    /// The queue that is looked at.
    pub(super) queue: Option<QueueView<'a>>,
    /// The representative who is looked at.
    pub(super) person: Option<Person<'a>>,
}

/// What rules see of a queue.
#[derive(Clone, Copy)]
pub(super) struct QueueView<'a> {
    pub(super) id: QueueId,
    pub(super) now: Timestamp,
    pub(super) waiting: usize,
    /// What waits there: its longest wait is looked for when a rule asks for it.
    pub(super) line: Waiting<'a>,
    /// How long the item will wait that is looked at with it.
    pub(super) estimate: Option<Span>,
    /// How many members could be offered work now.
    pub(super) available: usize,
    pub(super) hours: Option<OperatingHoursId>,
}

impl Facts for ItemView<'_> {
    fn value(&self, field: &Field) -> Option<ValueRef<'_>> {
        match field {
            Field::Context(name) => {
                let text = self.set.get(field).or_else(|| self.item.facts.get(field))?;
                self.rules.read(self.item.workstream, name, text)
            }
            Field::Conversation(field) => self.conversation(*field),
            Field::Time(field) => self.rules.time(*field, self.now),
            Field::Queue(field) => self.queue.as_ref()?.value(*field),
            field if field.is_of_representative() => self.person.as_ref()?.value(field),
            _ => self.item.facts.get(field).map(Value::as_ref),
        }
    }

    fn is_working_now(&self, hours: OperatingHoursId) -> bool {
        self.rules.is_open(hours, self.now)
    }
}

impl<'a> ItemView<'a> {
    /// An item that was decided about, with nobody and no queue beside it.
    pub(super) fn of(
        item: &'a WorkItem,
        workstream: &'a Workstream,
        rules: &'a Rulebook,
        now: Timestamp,
    ) -> Self {
        Self {
            now,
            rules,
            item,
            workstream,
            set: &item.set,
            skills: &item.requires.skills,
            profiles: profiles_of(workstream, &item.requires),
            priority: item.priority,
            queue: None,
            person: None,
        }
    }
}

impl ItemView<'_> {
    fn conversation(&self, field: ConversationField) -> Option<ValueRef<'_>> {
        let item = self.item;
        let number = |number: u32| Some(ValueRef::Number(number.into()));
        match field {
            ConversationField::Channel => Some(ValueRef::Choice(self.workstream.channel.name())),
            ConversationField::Mode => Some(ValueRef::Choice(mode(self.workstream.sessions.channel))),
            ConversationField::Workstream => Some(ValueRef::Reference(item.workstream.into())),
            ConversationField::Queue => item.queue.map(|queue| ValueRef::Reference(queue.into())),
            ConversationField::Title => item.topic.as_deref().map(ValueRef::Text),
            ConversationField::Priority => number(self.priority.into()),
            ConversationField::Skills => Some(ValueRef::Set(self.skills)),
            ConversationField::CapacityProfiles => Some(ValueRef::Set(&self.profiles)),
            ConversationField::AllowedPresences => Some(ValueRef::Set(&self.workstream.allowed_presences)),
            ConversationField::PreferredRepresentatives => item.preferred().map(|who| ValueRef::Set(who)),
            ConversationField::Transfers => number(item.transfers.into()),
            ConversationField::Cost => Some(ValueRef::Number(self.workstream.cost.0.into())),
            ConversationField::LastRepresentative => {
                item.last_representative.map(|who| ValueRef::Reference(who.into()))
            }
            ConversationField::Created => Some(ValueRef::Moment(item.created)),
            ConversationField::Age => Some(ValueRef::Span(self.now.since(item.created))),
            ConversationField::Waiting => Some(ValueRef::Span(self.now.since(item.waits_since))),
            ConversationField::Authenticated | ConversationField::Escalated => {
                item.facts.get(&Field::Conversation(field)).map(Value::as_ref)
            }
        }
    }
}

fn mode(channel: ChannelClass) -> &'static str {
    if channel.is_synchronous() { "synchronous" } else { "asynchronous" }
}

impl QueueView<'_> {
    fn value(&self, field: QueueField) -> Option<ValueRef<'_>> {
        let count = |count: usize| Some(ValueRef::Number(u32::try_from(count).unwrap_or(u32::MAX).into()));
        match field {
            QueueField::Id => Some(ValueRef::Reference(self.id.into())),
            QueueField::WaitingItems => count(self.waiting),
            QueueField::LongestWait => self.line.longest(self.now).map(ValueRef::Span),
            QueueField::EstimatedWait => self.estimate.map(ValueRef::Span),
            QueueField::AvailableRepresentatives => count(self.available),
            QueueField::Hours => self.hours.map(|hours| ValueRef::Reference(hours.into())),
        }
    }
}

/// Reads the text of a context variable by its declared type; none if it cannot be read so.
pub(super) fn read_variable<'a>(
    variables: &BTreeMap<Name, VariableKind>,
    name: &Name,
    value: &'a Value,
) -> Option<ValueRef<'a>> {
    let Value::Text(text) = value else { return Some(value.as_ref()) };
    let text = text.trim();
    match variables.get(name) {
        None | Some(VariableKind::Text) => Some(ValueRef::Text(text)),
        Some(VariableKind::Number) => Number::new(text.parse().ok()?).ok().map(ValueRef::Number),
        Some(VariableKind::Boolean) => text.parse().ok().map(ValueRef::Boolean),
        Some(VariableKind::Options(names)) => names.contains(text).then_some(ValueRef::Choice(text)),
    }
}

/// What a field of the clock shows.
pub(super) fn time_shown(
    field: TimeField,
    now: Timestamp,
    wall: crate::hours::Wall,
) -> Option<ValueRef<'static>> {
    const WEEKDAYS: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    match field {
        TimeField::Now => Some(ValueRef::Moment(now)),
        TimeField::OfDay => TimeOfDay::from_minutes(wall.minute).map(ValueRef::TimeOfDay),
        TimeField::Weekday => WEEKDAYS.get(usize::from(wall.weekday)).copied().map(ValueRef::Choice),
        TimeField::Day => Some(ValueRef::Number(u32::from(wall.day).into())),
        TimeField::Month => Some(ValueRef::Number(u32::from(wall.month).into())),
    }
}

/// What is wrong with context variables from outside (reference section 11), and with the how many-th.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContext {
    /// There are too many.
    #[error("context: a conversation has at most 100 context variables")]
    TooMany,
    /// A name is empty or longer than 100 characters.
    #[error("context[{0}].name: a name has 1 to 100 characters and no white space at its ends")]
    Name(usize),
    /// A value is too long.
    #[error("context[{0}].value: a value has at most 4,000 characters")]
    Value(usize),
}

/// Checks context variables from outside.
pub fn check_context(variables: &[Answer]) -> Result<(), InvalidContext> {
    if variables.len() > VARIABLES_MAX {
        return Err(InvalidContext::TooMany);
    }
    for (place, Answer { name, value }) in variables.iter().enumerate() {
        Name::new(name).map_err(|_| InvalidContext::Name(place))?;
        if longer_than(value, ANSWER_CHARS_MAX) {
            return Err(InvalidContext::Value(place));
        }
    }
    Ok(())
}
