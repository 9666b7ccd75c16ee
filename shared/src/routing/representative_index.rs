//! What somebody has, and where they stand in the classes whose items they could take.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::mem;

use super::capacity::Load;
use super::class::{Class, Place};
use super::eligibility::{Given, Meeting, Person};
use super::index::Index;
use super::line::Line;
use super::order::{Order, Rank};
use super::presence::Source;
use super::representative::Representative;
use super::requirements::Skills;
use crate::condition::{Field, Literal, Name, Schema, Value};
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::{PresenceSource, PresenceView};
use crate::settings::{self, Units};

/// One representative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RepresentativeIndex {
    /// Of which queues they are a member, and where they stand on its list.
    pub(super) queues: BTreeMap<QueueId, usize>,
    /// What they know.
    pub(super) skills: Skills,
    /// What else rules can ask about them, by the types that the settings declare.
    pub(super) attributes: BTreeMap<Name, Value>,
    /// What they have or are offered.
    pub(super) work: Line<ConversationId>,
    /// What their work takes of their capacity.
    pub(super) load: Load,
    /// Whether they are at work.
    pub(super) at_work: bool,
    /// Whether a console of theirs is open.
    pub(super) connected: bool,
    /// In which queues they could be offered work now, of those of which it is asked.
    pub(super) available_in: BTreeSet<QueueId>,
    /// Their places in the classes whose items their skills fit.
    pub(super) places: Vec<Place>,
    /// Open items that they declined as often as they are offered one.
    pub(super) refused: Line<ConversationId>,
    /// Open items that are to be offered to them before others, whatever their class.
    pub(super) wanted: Line<Order>,
    /// What their consoles were last told.
    pub(super) told: PresenceView,
}

impl Index {
    /// Puts a representative where they belong now in each of their classes. Tells whether they have come to work or
    /// left it.
    pub(super) fn rank(&mut self, given: &Given<'_>, id: RepresentativeId) -> bool {
        let Self { queues, representatives, classes, rules, .. } = self;
        let Some(representative) = given.representatives.get(&id) else { return false };
        let Some(entry) = representatives.get_mut(&id) else { return false };
        let mut places = mem::take(&mut entry.places);
        let shown = representative.shown(&entry.load);
        for place in &mut places {
            let Some(class) = classes.get_mut(place.class) else { continue };
            let person = Person { representative, entry, shown, requires: &class.kind.requires };
            let rank = rank_in(given, class, place, person);
            if rank != place.rank {
                class.move_rank(place.level, mem::replace(&mut place.rank, rank), rank);
            }
        }
        entry.places = places;
        if !rules.offerings.are_none() {
            rules.offerings.count(queues, representative, entry, shown);
        }
        let now = (shown.gives_hope(), representative.is_connected());
        let before = (mem::replace(&mut entry.at_work, now.0), mem::replace(&mut entry.connected, now.1));
        if before == now {
            return false;
        }
        for queue in entry.queues.keys() {
            if let Some(queue) = queues.get_mut(queue) {
                queue.at_work = recount(queue.at_work, before.0, now.0);
                queue.connected = recount(queue.connected, before.1, now.1);
            }
        }
        before.0 != now.0
    }

    /// Presence and capacity of this representative, as they are now.
    pub(super) fn presence_of(&self, id: RepresentativeId, representative: &Representative) -> PresenceView {
        let nothing = Load::default();
        view(representative, self.representatives.get(&id).map_or(&nothing, |entry| &entry.load))
    }
}

/// What the settings say of somebody, read by the types that they declare. What cannot be read so is not set.
pub(super) fn attributes_of(profile: &settings::Representative, schema: &Schema) -> BTreeMap<Name, Value> {
    let read = |(name, literal): (&Name, &Literal)| {
        let declared = schema.field_type(&Field::attribute_of_representative(name)?)?;
        Some((name.clone(), literal.read(&declared, schema).ok()?))
    };
    profile.attributes.iter().filter_map(read).collect()
}

/// How many there are after one of them changed.
fn recount(count: usize, before: bool, now: bool) -> usize {
    (count + usize::from(now)).saturating_sub(usize::from(before))
}

/// Where somebody stands in a set of a class now; none if they cannot take such an item.
pub(super) fn rank_in(given: &Given<'_>, class: &Class, place: &Place, person: Person<'_>) -> Option<Rank> {
    let level = class.terms.levels.get(place.level)?;
    Meeting { given, class, place, person }.rank(level)
}

pub(super) fn view(representative: &Representative, load: &Load) -> PresenceView {
    let shown = representative.shown(load);
    let standing = representative.standing.as_ref().filter(|_| representative.is_connected());
    // Too many sessions are seen instead of what was chosen.
    let seen = standing.filter(|standing| standing.presence == shown.presence);
    PresenceView {
        presence: shown.presence,
        manual: standing.is_some_and(|standing| standing.source == Source::Chosen),
        used: Units(i32::try_from(load.units).unwrap_or(i32::MAX)),
        capacity: representative.profile.capacity,
        base: shown.base,
        text: standing.and_then(|standing| standing.text.as_ref()).map(|text| text.as_str().into()),
        profiles: representative.profile_views(load),
        source: seen.map_or(PresenceSource::Workload, |standing| standing.source.into()),
    }
}
