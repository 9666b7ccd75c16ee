//! Who is there, what they can take, and what their work takes of it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::{Charge, Item, Model, Person, Stage};
use crate::id::{CapacityProfileId, ConnectionId, ConversationId, RepresentativeId};
use crate::routing::Command;
use crate::settings::{BasePresence, CapacityProfile, Presence, ProfileReset};

const DAY: u64 = 24 * 3_600_000;

impl Model {
    /// What is done before a connection counts: sockets that are gone, and what is due. Gives the items after that.
    pub(super) fn attend_first(&mut self, command: &Command) -> Vec<Item> {
        if let Command::ConnectionsAre { open } = command {
            self.guests_are(open);
            let everybody: Vec<RepresentativeId> = self.people.iter().map(|person| person.id).collect();
            for &id in &everybody {
                if !self.person(id).connections.is_empty() {
                    open.iter().filter(|(other, _)| *other == id).for_each(|(_, it)| self.connect(id, *it));
                }
                self.lose(id, |connection| !open.contains(&(id, connection)));
            }
        }
        self.elapse();
        self.items.clone()
    }

    pub(super) fn connect(&mut self, who: RepresentativeId, connection: ConnectionId) {
        let Some(profile) = self.settings.representative(who) else { return };
        let default = profile.default_presence;
        let stands = matches!(self.base(default), BasePresence::Away | BasePresence::Offline);
        let person = self.person(who);
        if person.connections.is_empty() {
            if person.gone_since.is_none() || person.signed_out {
                person.standing = stands.then_some(default);
                person.released = 0;
            }
            (person.gone_since, person.signed_out) = (None, false);
        }
        if !person.connections.contains(&connection) {
            person.connections.push(connection);
        }
    }

    pub(super) fn lose(&mut self, who: RepresentativeId, gone: impl Fn(ConnectionId) -> bool) {
        let (before, now) = (self.items.clone(), self.now);
        let person = self.person(who);
        let was_there = !person.connections.is_empty();
        person.connections.retain(|&connection| !gone(connection));
        if was_there && person.connections.is_empty() {
            (person.gone_since, person.signed_out) = (Some(now), false);
            self.ask_no_more(who);
        }
        self.note_releases(&before);
    }

    /// They accepted something or closed it.
    pub(super) fn worked(&mut self, who: RepresentativeId) {
        let standing = self.person(who).standing;
        if standing.is_some_and(|standing| self.base(standing) <= BasePresence::Busy) {
            self.person(who).standing = None;
        }
    }

    /// A presence that stands does so no more, apart from a default that does (reference section 20.2).
    pub(super) fn reset_presence(&mut self, who: RepresentativeId) {
        let default = self.settings.representative(who).unwrap().default_presence;
        let stands = matches!(self.base(default), BasePresence::Away | BasePresence::Offline);
        self.person(who).standing = stands.then_some(default);
    }

    fn holdings(&self, of: RepresentativeId) -> impl Iterator<Item = &Charge> {
        let all = self.items.iter().flat_map(Item::holdings);
        all.filter(move |(who, _)| *who == of).map(|(_, charge)| charge)
    }

    fn used(&self, person: &Person) -> i32 {
        self.holdings(person.id).map(|charge| charge.units).sum()
    }

    pub(super) fn remaining(&self, person: &Person) -> i32 {
        self.settings.representative(person.id).unwrap().capacity.0 - self.used(person)
    }

    /// Their profiles with their limits.
    fn profiles(&self, person: &Person) -> Vec<(&CapacityProfile, u32)> {
        let held = &self.settings.representative(person.id).unwrap().profiles;
        let known = self.settings.profiles.iter();
        let theirs = known.filter_map(|profile| {
            let held = held.iter().find(|held| held.profile == profile.id)?;
            Some((profile, u32::from(held.limit.unwrap_or(profile.limit))))
        });
        theirs.collect()
    }

    /// How many places somebody has free of a profile, if they have it.
    pub(super) fn free(&self, person: &Person, profile: CapacityProfileId) -> Option<u32> {
        let (_, limit) = self.profiles(person).into_iter().find(|(known, _)| known.id == profile)?;
        Some(limit.saturating_sub(self.taken(person, profile)))
    }

    fn taken(&self, person: &Person, profile: CapacityProfileId) -> u32 {
        let now = self.holdings(person.id).filter(|charge| charge.places.contains(&profile)).count();
        let spent = person.spent.as_ref().and_then(|(_, places)| places.get(&profile));
        u32::try_from(now + spent.map_or(0, BTreeSet::len)).unwrap()
    }

    fn is_blocked(&self, person: &Person) -> bool {
        self.profiles(person)
            .iter()
            .any(|(profile, limit)| profile.blocks_assignment && self.taken(person, profile.id) >= *limit)
    }

    pub(super) fn has_room(&self, person: &Person, charge: &Charge) -> bool {
        let profiles = self.profiles(person);
        let free = |place: &CapacityProfileId| {
            profiles.iter().any(|(known, limit)| known.id == *place && self.taken(person, *place) < *limit)
        };
        (charge.units == 0 || self.remaining(person) >= charge.units)
            && charge.places.iter().all(free)
            && !self.is_blocked(person)
            && !person.crowded
    }

    /// What a presence stands for.
    pub(super) fn base(&self, presence: Presence) -> BasePresence {
        presence.base(self.settings.presences.iter())
    }

    pub(super) fn presence(&self, person: &Person) -> Presence {
        if person.connections.is_empty() {
            return Presence::Offline;
        }
        let shown = person.standing.unwrap_or_else(|| self.computed(person));
        let below = self.base(shown) <= BasePresence::Busy;
        if person.crowded && below { Presence::DoNotDisturb } else { shown }
    }

    fn computed(&self, person: &Person) -> Presence {
        let profiles = self.profiles(person);
        let capacity = self.settings.representative(person.id).unwrap().capacity.0;
        let full = profiles.iter().all(|(profile, limit)| self.taken(person, profile.id) >= *limit);
        let units_gone = self.remaining(person) <= 0;
        let all_gone = match (capacity > 0, profiles.is_empty()) {
            (true, false) => units_gone && full,
            (false, false) => full,
            (_, true) => units_gone,
        };
        let any = profiles.iter().any(|(profile, _)| self.taken(person, profile.id) > 0);
        if all_gone || self.is_blocked(person) {
            Presence::DoNotDisturb
        } else if self.used(person) > 0 || any {
            Presence::Busy
        } else {
            Presence::Available
        }
    }

    /// Presence, units in use and places in use, as a console shows them.
    pub(in crate::routing::tests) fn standing_of(
        &self,
        id: RepresentativeId,
    ) -> Option<(Presence, i32, Vec<u32>)> {
        let person = self.people.iter().find(|person| person.id == id)?;
        let places =
            self.profiles(person).iter().map(|(profile, _)| self.taken(person, profile.id)).collect();
        Some((self.presence(person), self.used(person), places))
    }

    /// How many sessions somebody has open: what they have and have not set aside, and where they advise.
    pub(super) fn open_sessions(&self, who: RepresentativeId) -> usize {
        let is_open = |item: &&Item| match item.stage {
            Stage::Active { of } | Stage::WrapUp { of, .. } if of == who => true,
            _ => item.advisers().contains_key(&who) || item.monitors.contains_key(&who),
        };
        self.items.iter().filter(is_open).count()
    }

    /// An item lets go of what it holds of whoever has it or is offered it.
    pub(super) fn let_go(&mut self, index: usize) {
        let item = &mut self.items[index];
        let was_theirs = !matches!(item.stage, Stage::Offered { .. });
        let (holds, whose) = (core::mem::take(&mut item.holds), item.whose());
        if let Some(whose) = whose.filter(|_| was_theirs) {
            let conversation = self.items[index].id();
            self.spend(whose, conversation, holds);
        }
    }

    /// Somebody holds this no longer; places of the day stay taken until its end.
    pub(super) fn spend(&mut self, whose: RepresentativeId, conversation: ConversationId, holds: Charge) {
        let until = self.end_of_day();
        let daily = |id: &CapacityProfileId| {
            self.settings.profiles.iter().any(|it| it.id == *id && it.reset == ProfileReset::EndOfDay)
        };
        let places: Vec<_> = holds.places.into_iter().filter(daily).collect();
        let held =
            self.settings.representative(whose).map(|known| known.profiles.clone()).unwrap_or_default();
        for place in places {
            if held.iter().any(|held| held.profile == place) {
                let spent = &mut self.person(whose).spent;
                let (_, taken) = spent.get_or_insert_with(|| (until, BTreeMap::new()));
                taken.entry(place).or_default().insert(conversation);
            }
        }
    }

    fn end_of_day(&self) -> u64 {
        let ends = self.settings.desk.day_ends.as_millis();
        let today = self.now / DAY * DAY + ends;
        if today > self.now { today } else { today + DAY }
    }
}
