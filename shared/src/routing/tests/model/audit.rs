//! What must be true of somebody at the moment at which the system offers them work (reference sections 16.2, 16.7 and 17),
//! added up from the settings and the work itself. The model finds people in another way, and the router must find the same.

use alloc::collections::BTreeSet;

use super::{Model, Person};
use crate::id::RepresentativeId;
use crate::settings::{BasePresence, SkillMatching};

impl Model {
    /// The system is about to offer this item to somebody.
    pub(super) fn audit(&self, index: usize, to: RepresentativeId) {
        let item = &self.items[index];
        let (queue, workstream) =
            (self.settings.queue(item.queue.unwrap()).unwrap(), self.workstream(item).unwrap());
        let person = self.people.iter().find(|person| person.id == to).unwrap();
        let presence = self.presence(person);
        assert!(
            !person.connections.is_empty() && !person.crowded,
            "offers go to who is there and has a desk free"
        );
        assert!(self.base(presence) <= BasePresence::Away, "and shows it");
        let declines = item.declines.get(&to).copied().unwrap_or(0);
        assert!(declines < workstream.offers_per_representative, "and has not declined too often");
        let preferred = item.arrival.preferred.iter().take(3).any(|id| *id == to);
        if declines == 0 && item.returns_to == Some(to) {
            return;
        }
        let allowed = workstream.allowed_presences.contains(&presence);
        if declines == 0 && item.returns_to.is_none() && preferred && allowed {
            return;
        }
        let rules = Self::rules_for(queue, item);
        assert!(allowed || rules.iter().any(|rule| rule.any_presence), "{presence:?} is allowed");
        assert!(queue.members.contains(&to), "offers go to members");
        let held = self.levels(&self.settings.representative(to).unwrap().skills);
        let skilled = item.found.skills.iter().all(|(skill, level)| held.get(skill) >= Some(level));
        let exact = item.found.matching == SkillMatching::Exact && rules.iter().all(|rule| !rule.any_skills);
        assert!(skilled || !exact, "exact skills are held");
        self.audit_capacity(index, person);
    }

    /// What they have and what they would get are within their limits.
    fn audit_capacity(&self, index: usize, person: &Person) {
        let (item, profile) = (&self.items[index], self.settings.representative(person.id).unwrap());
        let workstream = self.workstream(item).unwrap();
        let all = self.items.iter().flat_map(|item| item.holdings());
        let theirs: alloc::vec::Vec<_> = all.filter(|(who, _)| *who == person.id).map(|(_, it)| it).collect();
        let units: i32 = theirs.iter().map(|charge| charge.units).sum();
        let cost = workstream.cost.0;
        assert!(cost <= 0 || units + cost <= profile.capacity.0, "{units} and {cost} units fit");
        for place in workstream.profile.iter().chain(&item.found.profiles) {
            let known = self.settings.profiles.iter().find(|known| known.id == *place).unwrap();
            let held = profile.profiles.iter().find(|held| held.profile == *place).unwrap();
            let spent =
                person.spent.as_ref().and_then(|(_, places)| places.get(place)).map_or(0, BTreeSet::len);
            let taken = theirs.iter().filter(|charge| charge.places.contains(place)).count();
            let taken = u32::try_from(spent + taken).unwrap();
            assert!(taken < u32::from(held.limit.unwrap_or(known.limit)), "a place is free");
        }
    }
}
