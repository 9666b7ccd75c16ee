//! Who can be offered what: the tests, in the order in which they are explained (reference sections 16.2 and 16.5).

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use super::by_id::ById;
use super::capacity::Charge;
use super::class::{Class, Kind, Place};
use super::decision::sort_key;
use super::facts::FactList;
use super::order::Rank;
use super::presence::Shown;
use super::representative::Representative;
use super::representative_index::RepresentativeIndex;
use super::requirements::{Closeness, Requirements, level_of};
use super::rulebook::{LevelRule, NamedSkill, Rulebook};
use crate::condition::{Elements, Facts, Field, Owner, Predicate, RepresentativeField, Value, ValueRef};
use crate::id::{CapacityProfileId, OperatingHoursId, QueueId, RepresentativeId, SkillId, WorkstreamId};
use crate::settings::{AssignmentOrder, Distribution, Presence, Queue, Workstream};

/// What is given while items change: the settings and the people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'book> {
    pub(super) queues: &'book ById<QueueId, Queue>,
    pub(super) workstreams: &'book ById<WorkstreamId, Workstream>,
    pub(super) representatives: &'book ById<RepresentativeId, Representative>,
    /// Which operating hours were open when it was last looked.
    pub(super) open_hours: &'book BTreeMap<OperatingHoursId, bool>,
}

/// On which terms items of one kind are offered in one queue.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    allowed_presences: Vec<Presence>,
    charge: Charge,
    /// Whether the system offers them at all (reference section 13).
    pushed: bool,
    /// How often one item is offered to one representative.
    pub(super) offers_per_representative: u8,
    /// The rules that find people, the strictest first.
    pub(super) levels: Arc<Vec<LevelRule>>,
}

/// Why somebody is not offered an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Obstacle<'rule> {
    /// Their presence is not one that the workstream allows.
    Presence,
    /// They have not enough capacity left, in units or in profiles.
    Capacity,
    /// Representatives take such work by hand.
    Pick,
    /// Their skills do not fit.
    Skills,
    /// They do not have the skill that the item names in this field, or it names none.
    CustomSkill(&'rule Field),
    /// The queue's own rule does not hold for them.
    Rule(&'rule Predicate),
}

impl Terms {
    /// The terms of items of this kind in this queue.
    pub(super) fn of(queue: &Queue, workstream: &Workstream, rules: &Rulebook, kind: &Kind) -> Self {
        let choice = match &kind.selection {
            None => Some(0),
            Some(selection) => selection.choice,
        };
        let choices = rules.queue(queue.id).map(|rules| &rules.choices);
        let choice = choices.zip(choice).and_then(|(choices, place)| choices.get(usize::from(place)));
        Self {
            allowed_presences: workstream.allowed_presences.clone(),
            charge: Charge::of(workstream, &kind.requires),
            pushed: workstream.sessions.distribution == Distribution::Push,
            offers_per_representative: workstream.offers_per_representative,
            levels: choice.map(|choice| Arc::clone(&choice.levels)).unwrap_or_default(),
        }
    }

    /// Whether somebody whose skills do not fit can be found all the same.
    pub(super) fn overlooks_skills(&self) -> bool {
        self.levels.iter().any(|level| level.any_skills)
    }

    /// How many units one takes.
    pub(super) fn cost(&self) -> i64 {
        self.charge.units.0.into()
    }

    /// What keeps somebody from being offered an item now by this rule.
    pub(super) fn obstacle<'rule>(
        &self,
        level: &'rule LevelRule,
        meeting: &Meeting<'_>,
    ) -> Option<Obstacle<'rule>> {
        if !self.pushed {
            return Some(Obstacle::Pick);
        }
        let shown = meeting.person.shown;
        let present = if level.any_presence {
            shown.can_be_offered()
        } else {
            self.allowed_presences.contains(&shown.presence)
        };
        if !present {
            return Some(Obstacle::Presence);
        }
        if !meeting.has_room() {
            return Some(Obstacle::Capacity);
        }
        if meeting.place.closeness.is_none() && !level.any_skills {
            return Some(Obstacle::Skills);
        }
        if let Some(named) = level.custom_skill.as_ref().filter(|named| !meeting.has(named)) {
            return Some(Obstacle::CustomSkill(&named.field));
        }
        let rule = level.when.as_ref()?;
        (!rule.holds(meeting)).then_some(Obstacle::Rule(rule))
    }
}

/// Somebody and a kind of items, as the queue's rules see them.
pub(super) struct Meeting<'a> {
    pub(super) given: &'a Given<'a>,
    pub(super) class: &'a Class,
    pub(super) place: &'a Place,
    pub(super) person: Person<'a>,
}

impl Meeting<'_> {
    /// Whether they have capacity left for such an item.
    pub(super) fn has_room(&self) -> bool {
        let Person { representative, entry, .. } = self.person;
        representative.room_for(&self.class.terms.charge, &entry.load)
    }

    /// Where they stand by this rule; none if they cannot take such an item.
    pub(super) fn rank(&self, level: &LevelRule) -> Option<Rank> {
        if self.class.terms.obstacle(level, self).is_some() {
            return None;
        }
        let mut keys = [0; Rank::KEYS];
        for (key, order) in keys.iter_mut().zip(&level.order_by) {
            *key = self.key(level, order);
        }
        Some(Rank {
            keys,
            last_session: self.person.representative.last_session,
            representative: self.person.representative.profile.id,
        })
    }

    /// Whether they have the skill that the item names.
    fn has(&self, named: &NamedSkill) -> bool {
        let asked = self.value(&named.field).and_then(|value| named.named(value));
        asked.is_some_and(|(skill, least)| {
            level_of(&self.person.entry.skills, skill).is_some_and(|level| level >= least)
        })
    }

    fn key(&self, level: &LevelRule, order: &AssignmentOrder) -> i64 {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let by_attribute = |field: &Field| self.value(field).and_then(sort_key);
        match order {
            AssignmentOrder::FreeCapacity => {
                self.person.representative.remaining(&self.person.entry.load).saturating_neg()
            }
            AssignmentOrder::RoundRobin => {
                match self.person.representative.last_in_queue.get(&self.class.queue) {
                    // Whoever has not had a turn comes before everybody who has, in the order of the list.
                    None => i64::MIN.saturating_add(count(self.place.member)),
                    Some(session) => i64::try_from(session.number()).unwrap_or(i64::MAX),
                }
            }
            AssignmentOrder::LeastActive => {
                i64::try_from(self.person.representative.released.as_millis()).unwrap_or(i64::MAX)
            }
            AssignmentOrder::Proficiency if level.built_in => {
                self.place.closeness.map_or(i64::MAX, Closeness::key)
            }
            AssignmentOrder::Proficiency => {
                self.class.kind.requires.distance(&self.person.entry.skills).key()
            }
            AssignmentOrder::FreePlaces => {
                let profiles = &self.class.terms.charge.profiles;
                let free = profiles.iter().map(|profile| self.person.free_places(*profile).unwrap_or(0));
                i64::from(free.min().unwrap_or(0)).saturating_neg()
            }
            AssignmentOrder::FewestSkills => count(self.person.entry.skills.len()),
            AssignmentOrder::Lowest(field) => by_attribute(field).unwrap_or(i64::MAX),
            AssignmentOrder::Highest(field) => by_attribute(field).map_or(i64::MAX, i64::saturating_neg),
        }
    }
}

/// Somebody, as rules about people see them.
#[derive(Clone, Copy)]
pub(super) struct Person<'a> {
    pub(super) representative: &'a Representative,
    pub(super) entry: &'a RepresentativeIndex,
    /// What is seen of them; it follows from the two and is worked out once.
    pub(super) shown: Shown,
    /// What the item asks of whoever takes it.
    pub(super) requires: &'a Requirements,
}

impl<'a> Person<'a> {
    /// Somebody whom an item meets.
    pub(super) fn new(
        representative: &'a Representative,
        entry: &'a RepresentativeIndex,
        requires: &'a Requirements,
    ) -> Self {
        Self { representative, entry, shown: representative.shown(&entry.load), requires }
    }

    pub(super) fn free_places(&self, profile: CapacityProfileId) -> Option<u32> {
        self.representative.free_places(profile, &self.entry.load)
    }

    fn of_representative(&self, field: RepresentativeField) -> Option<ValueRef<'_>> {
        let profile = &self.representative.profile;
        let units = |units: i64| Some(ValueRef::Number(i32::try_from(units).unwrap_or(i32::MAX).into()));
        match field {
            RepresentativeField::Id => Some(ValueRef::Reference(profile.id.into())),
            RepresentativeField::Name => Some(ValueRef::Text(profile.full_name.as_str())),
            RepresentativeField::BasePresence => Some(ValueRef::Choice(self.shown.base.name())),
            RepresentativeField::Presence => Some(ValueRef::Reference(self.shown.presence.into())),
            RepresentativeField::FreeProfiles => Some(ValueRef::Set(self)),
            RepresentativeField::Queues => Some(ValueRef::Set(&self.entry.queues)),
            RepresentativeField::Skills => Some(ValueRef::Set(&self.entry.skills)),
            RepresentativeField::SkillsMatch => {
                let distance = self.requires.distance(&self.entry.skills);
                Some(ValueRef::Boolean(distance.missing == 0))
            }
            RepresentativeField::Capacity => units(profile.capacity.0.into()),
            RepresentativeField::FreeCapacity => units(self.representative.remaining(&self.entry.load)),
            RepresentativeField::OpenItems => units(i64::try_from(self.entry.work.len()).unwrap_or(i64::MAX)),
            RepresentativeField::Hours => profile.hours.map(|hours| ValueRef::Reference(hours.into())),
        }
    }

    /// What a field says of them; none if it is about something else.
    pub(super) fn value(&self, field: &Field) -> Option<ValueRef<'_>> {
        match field {
            Field::Representative(field) => self.of_representative(*field),
            Field::Rating(skill) => {
                let level = level_of(&self.entry.skills, SkillId::from_bytes(*skill))?;
                Some(ValueRef::Number(u32::from(level.0).into()))
            }
            Field::FreeSlots(profile) => {
                let free = self.free_places(CapacityProfileId::from_bytes(*profile))?;
                Some(ValueRef::Number(free.into()))
            }
            Field::Attribute(attribute) if attribute.owner() == Owner::Representative => {
                self.entry.attributes.get(attribute.name()).map(Value::as_ref)
            }
            _ => None,
        }
    }
}

/// The profiles in which they have a place free.
impl Elements for Person<'_> {
    fn each(&self, look: &mut dyn FnMut(ValueRef<'_>) -> ControlFlow<()>) {
        for profile in self.representative.slots.keys() {
            let free = self.free_places(*profile).is_some_and(|free| free > 0);
            if free && look(ValueRef::Reference((*profile).into())).is_break() {
                return;
            }
        }
    }
}

impl Facts for Meeting<'_> {
    fn value(&self, field: &Field) -> Option<ValueRef<'_>> {
        if field.is_of_representative() {
            return self.person.value(field);
        }
        let asked: Option<&FactList> = self.class.kind.selection.as_ref().map(|selection| &selection.asked);
        asked?.get(field).map(Value::as_ref)
    }

    fn is_working_now(&self, hours: OperatingHoursId) -> bool {
        self.given.open_hours.get(&hours).copied().unwrap_or(true)
    }
}
