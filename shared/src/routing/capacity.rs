//! Capacity: what work takes of somebody, and whether they have room for more (reference section 18).
//!
//! Work costs units, or a place in every one of some profiles. Places of profiles that are reset at the end of the day
//! stay taken until then, whatever becomes of the work.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::representative::Representative;
use super::requirements::Requirements;
use super::turn::Turn;
use crate::id::{CapacityProfileId, ConversationId, RepresentativeId};
use crate::protocol::desk::ProfileView;
use crate::settings::{BasePresence, CapacityProfile, HeldProfile, ProfileReset, Units, Workstream};
use crate::time::Timestamp;

/// What a piece of work takes of somebody's capacity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(super) struct Charge {
    /// Units.
    pub(super) units: Units,
    /// A place in each of these, sorted, each once.
    pub(super) profiles: Vec<CapacityProfileId>,
}

impl Charge {
    /// What an item of this workstream takes that asks for this: of profiles, a place in that of the workstream and in each
    /// that classification found.
    pub(super) fn of(workstream: &Workstream, requires: &Requirements) -> Self {
        Self { units: workstream.cost, profiles: profiles_of(workstream, requires) }
    }

    /// Whether it takes nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.units.0 == 0 && self.profiles.is_empty()
    }
}

/// The profiles of which an item of this workstream takes a place; sorted, each once.
pub(super) fn profiles_of(workstream: &Workstream, requires: &Requirements) -> Vec<CapacityProfileId> {
    let mut profiles = requires.profiles.clone();
    if let Some(profile) = workstream.profile
        && let Err(place) = profiles.binary_search(&profile)
    {
        profiles.insert(place, profile);
    }
    profiles
}

/// What somebody's work takes of their capacity in all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Load {
    /// Units. Wider than what is counted, so that it cannot overflow.
    pub(super) units: i64,
    /// Places in profiles. None is zero.
    pub(super) places: BTreeMap<CapacityProfileId, u32>,
}

impl Load {
    /// Takes more.
    pub(super) fn add(&mut self, charge: &Charge) {
        self.units += i64::from(charge.units.0);
        for &profile in &charge.profiles {
            *self.places.entry(profile).or_default() += 1;
        }
    }

    /// What these take together.
    pub(super) fn of<'charge>(charges: impl Iterator<Item = &'charge Charge>) -> Self {
        let mut load = Self::default();
        charges.for_each(|charge| load.add(charge));
        load
    }

    /// Whether this takes at least as much of everything as the other.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let place = |(profile, places): (&CapacityProfileId, &u32)| self.places.get(profile) >= Some(places);
        self.units >= other.units && other.places.iter().all(place)
    }

    /// Takes less, which was added before.
    pub(super) fn remove(&mut self, charge: &Charge) {
        self.units -= i64::from(charge.units.0);
        for profile in &charge.profiles {
            if let Some(places) = self.places.get_mut(profile) {
                *places = places.saturating_sub(1);
                if *places == 0 {
                    self.places.remove(profile);
                }
            }
        }
    }
}

/// A profile of a representative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slot {
    name: String,
    limit: u32,
    resets_at_end_of_day: bool,
    blocks_assignment: bool,
}

/// Places that stay taken until the end of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spent {
    /// Until when.
    pub(super) until: Timestamp,
    /// By which conversations. One that comes back to them takes no second place.
    places: BTreeMap<CapacityProfileId, BTreeSet<ConversationId>>,
}

/// The profiles that somebody has, by what the settings say of them. One that is gone from the settings counts no more.
pub(super) fn slots_of(
    held: &[HeldProfile],
    profiles: &[CapacityProfile],
) -> BTreeMap<CapacityProfileId, Slot> {
    let slot = |held: &HeldProfile| {
        let profile = profiles.iter().find(|profile| profile.id == held.profile)?;
        let slot = Slot {
            name: profile.name.as_str().into(),
            limit: held.limit.unwrap_or(profile.limit).into(),
            resets_at_end_of_day: profile.reset == ProfileReset::EndOfDay,
            blocks_assignment: profile.blocks_assignment,
        };
        Some((profile.id, slot))
    };
    held.iter().filter_map(slot).collect()
}

impl Representative {
    /// Whether they have room for this beside what they have.
    pub(super) fn room_for(&self, charge: &Charge, load: &Load) -> bool {
        let units = charge.units.0 <= 0 || self.remaining(load) >= i64::from(charge.units.0);
        let free =
            |profile: &CapacityProfileId| self.free_places(*profile, load).is_some_and(|places| places > 0);
        units && charge.profiles.iter().all(free) && !self.is_blocked(load) && !self.crowded
    }

    /// How many places they have left in this profile; none if they do not have it.
    pub(super) fn free_places(&self, profile: CapacityProfileId, load: &Load) -> Option<u32> {
        let slot = self.slots.get(&profile)?;
        Some(slot.limit.saturating_sub(self.taken(profile, load)))
    }

    /// Units that are left; below zero if work was taken by hand.
    pub(super) fn remaining(&self, load: &Load) -> i64 {
        i64::from(self.profile.capacity.0) - load.units
    }

    /// The presence that capacity alone gives (reference section 20.2).
    pub(super) fn computed(&self, load: &Load) -> BasePresence {
        let by_profiles = !self.slots.is_empty();
        let by_units = self.profile.capacity.0 > 0 || !by_profiles;
        let units_are_gone = load.units >= i64::from(self.profile.capacity.0);
        let full = |(profile, slot): (&CapacityProfileId, &Slot)| self.taken(*profile, load) >= slot.limit;
        let profiles_are_gone = self.slots.iter().all(full);
        let everything_is_gone = (!by_units || units_are_gone) && (!by_profiles || profiles_are_gone);
        let uses = load.units > 0 || self.slots.keys().any(|profile| self.taken(*profile, load) > 0);
        if everything_is_gone || self.is_blocked(load) {
            BasePresence::DoNotDisturb
        } else if uses {
            BasePresence::Busy
        } else {
            BasePresence::Available
        }
    }

    /// How full their profiles are.
    pub(super) fn profile_views(&self, load: &Load) -> Vec<ProfileView> {
        let view = |(profile, slot): (&CapacityProfileId, &Slot)| ProfileView {
            name: slot.name.clone(),
            used: self.taken(*profile, load),
            limit: slot.limit,
        };
        self.slots.iter().map(view).collect()
    }

    /// Work is done: places that are reset at the end of the day stay taken until then.
    pub(super) fn spend(
        &mut self,
        conversation: ConversationId,
        charge: &Charge,
        end_of_day: impl Fn() -> Timestamp,
    ) {
        for &profile in &charge.profiles {
            if self.slots.get(&profile).is_some_and(|slot| slot.resets_at_end_of_day) {
                let new = || Spent { until: end_of_day(), places: BTreeMap::new() };
                let spent = self.spent.get_or_insert_with(new);
                spent.places.entry(profile).or_default().insert(conversation);
            }
        }
    }

    /// They have a conversation again: the places that it takes it holds itself from now on. Until they accept it, it counts
    /// twice.
    pub(super) fn take_back(&mut self, conversation: ConversationId, holds: &Charge) {
        for profile in &holds.profiles {
            if let Some(places) = self.spent.as_mut().and_then(|spent| spent.places.get_mut(profile)) {
                places.remove(&conversation);
            }
        }
    }

    /// Whether a profile that blocks is full.
    fn is_blocked(&self, load: &Load) -> bool {
        self.slots
            .iter()
            .any(|(profile, slot)| slot.blocks_assignment && self.taken(*profile, load) >= slot.limit)
    }

    fn taken(&self, profile: CapacityProfileId, load: &Load) -> u32 {
        let held = load.places.get(&profile).copied().unwrap_or(0);
        let spent = self.spent.as_ref().and_then(|spent| spent.places.get(&profile)).map_or(0, BTreeSet::len);
        held.saturating_add(u32::try_from(spent).unwrap_or(u32::MAX))
    }
}

impl Turn<'_> {
    /// Work of this representative is done, or no longer holds what it held.
    pub(super) fn spend(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
        charge: &Charge,
    ) {
        if charge.profiles.is_empty() {
            return;
        }
        let (now, day_ends) = (self.now, self.book.desk.day_ends);
        let rules = Arc::clone(&self.index.rules);
        self.change_representative(representative, |representative| {
            representative.spend(conversation, charge, || rules.end_of_day(now, day_ends));
        });
    }
}
