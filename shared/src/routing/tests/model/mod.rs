//! The rules once more, as plainly as possible: lists, loops over all pairs, and no index. It is slow and easy to
//! believe; the router must make the same offers in the same order.
//!
//! What is done with work is here and in `handling`, with others in `company`, and who may do it in `permission`; who is
//! there and how full they are in `people`; where work goes in `intake`; who gets it in `choice`, and what must be true of
//! them in `audit`; what time alone does in `elapse`. Conditions, calendars and the deal of shares are tested where they live.

mod audit;
mod choice;
mod company;
mod elapse;
mod guests;
mod handling;
mod intake;
mod people;
mod permission;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use self::company::{Consultant, Handover, Search};
use self::elapse::Silence;
use self::guests::Guest;
use crate::id::{
    CapacityProfileId, ConnectionId, ConversationId, OperatingHoursId, QueueId, RepresentativeId, SkillId,
};
use crate::protocol::desk::{Part, WorkState};
use crate::routing::{Arrival, Command};
use crate::settings::{Presence, Settings, SkillMatching, Workstream};
use crate::time::Timestamp;

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    now: u64,
    version: u64,
    settings: Settings,
    people: Vec<Person>,
    guests: Vec<Guest>,
    /// In the order of their ids.
    items: Vec<Item>,
    offers: u64,
    sessions: u64,
    /// Which operating hours were open when it was last looked, and when to look again.
    open_hours: BTreeMap<OperatingHoursId, bool>,
    hours_change: Option<u64>,
    /// Every offer made so far: its number, what, and to whom.
    pub(super) made: Vec<(u64, ConversationId, RepresentativeId)>,
}

#[derive(Debug, Clone)]
struct Person {
    id: RepresentativeId,
    connections: Vec<ConnectionId>,
    gone_since: Option<u64>,
    signed_out: bool,
    standing: Option<Presence>,
    last_session: u64,
    last_in_queue: BTreeMap<QueueId, u64>,
    released: u64,
    /// Until when places stay taken, and how many of each profile.
    spent: Option<(u64, BTreeMap<CapacityProfileId, BTreeSet<ConversationId>>)>,
    crowded: bool,
}

#[derive(Debug, Clone)]
struct Item {
    arrival: Arrival,
    created: u64,
    waits_since: u64,
    touched: u64,
    closes: Option<u64>,
    queue: Option<QueueId>,
    stage: Stage,
    holds: Charge,
    declines: BTreeMap<RepresentativeId, u8>,
    returns_to: Option<RepresentativeId>,
    /// Who had it last.
    last_representative: Option<RepresentativeId>,
    /// Who is to write. Only where representatives can step out.
    silence: Option<Silence>,
    /// Somebody is asked to take it over.
    handover: Option<Handover>,
    consultants: BTreeMap<RepresentativeId, Consultant>,
    search: Option<Search>,
    /// Who looks on, and whether they write.
    monitors: BTreeMap<RepresentativeId, bool>,
    found: Found,
    /// Under which settings that was found; none if more has become known since.
    decided: Option<u64>,
    /// Whether more has become known about it since it arrived.
    rerouted: bool,
    /// Skills that were found before it was routed again.
    kept: BTreeMap<SkillId, u32>,
    /// When it has waited in its queue for too long.
    overflows: Option<u64>,
    /// How often it has changed hands.
    transfers: u16,
}

/// What classification finds.
#[derive(Debug, Clone, Default, PartialEq)]
struct Found {
    variables: BTreeMap<alloc::string::String, alloc::string::String>,
    /// On a scale of 1,000.
    skills: BTreeMap<SkillId, u32>,
    matching: SkillMatching,
    priority: u16,
    profiles: Vec<CapacityProfileId>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Charge {
    units: i32,
    places: Vec<CapacityProfileId>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Open,
    Offered { to: RepresentativeId, offer: u64, until: u64, by_hand: bool },
    Active { of: RepresentativeId },
    WrapUp { of: RepresentativeId, frees: Option<u64> },
    Waiting { of: RepresentativeId },
}

impl Item {
    fn id(&self) -> ConversationId {
        self.arrival.conversation
    }

    fn whose(&self) -> Option<RepresentativeId> {
        match self.stage {
            Stage::Open => None,
            Stage::Offered { to, .. } => Some(to),
            Stage::Active { of } | Stage::WrapUp { of, .. } | Stage::Waiting { of } => Some(of),
        }
    }

    fn waits(&self) -> bool {
        matches!(self.stage, Stage::Open | Stage::Offered { .. })
    }
}

impl Model {
    /// Does what the command says; the router has not refused it.
    pub(super) fn handle(&mut self, now: Timestamp, command: Command) {
        self.now = now.as_millis();
        let mut before = self.items.clone();
        if let Command::Connect { .. } | Command::ConnectionsAre { .. } = &command {
            before = self.attend_first(&command);
        }
        match command {
            Command::Configure { version, settings } if version.0 > self.version => {
                self.version = version.0;
                self.configure(*settings);
            }
            Command::Configure { .. } => {}
            Command::Arrive(arrival) => self.arrive(arrival),
            Command::Reclassify { conversation, context, skills } => {
                self.reclassify(conversation, context, skills);
            }
            Command::CustomerLeft { conversation, .. } => self.customer_left(conversation),
            Command::Wrote { conversation, side } => self.wrote(conversation, side),
            Command::Connect { representative, connection } if self.is_guest(representative) => {
                let mut connections = self.guest_connections(representative);
                connections.retain(|known| *known != connection);
                connections.push(connection);
                self.guest_has(representative, connections);
            }
            Command::Disconnect { representative, connection } if self.is_guest(representative) => {
                let mut connections = self.guest_connections(representative);
                connections.retain(|known| *known != connection);
                self.guest_has(representative, connections);
            }
            Command::Connect { representative, connection } => self.connect(representative, connection),
            Command::ConnectionsAre { open } => {
                for (id, connection) in open {
                    self.connect(id, connection);
                }
            }
            Command::Disconnect { representative, connection } => {
                self.lose(representative, |other| other == connection);
            }
            Command::SignOut { representative } if self.is_guest(representative) => {
                self.guest_gone(representative);
            }
            Command::SignOut { representative } => {
                self.lose(representative, |_| true);
                let person = self.person(representative);
                (person.standing, person.signed_out) = (None, true);
            }
            Command::SetPresence { representative, presence } => {
                self.person(representative).standing = Some(presence);
            }
            Command::ResetPresence { representative } => self.reset_presence(representative),
            Command::OverridePresence { representative, presence, .. } => match presence {
                Some(presence) => self.person(representative).standing = Some(presence),
                None => self.reset_presence(representative),
            },
            Command::Accept { representative, offer } => self.accept(representative, offer.number()),
            Command::Reject { representative, offer } => self.reject(representative, offer.number()),
            Command::Tick => self.elapse(),
            other => self.work(other),
        }
        self.note_releases(&before);
        self.place();
        self.assign();
        self.find_consultants();
        self.assign();
    }

    /// Whoever had what of an item before and has less of it now has released capacity.
    fn note_releases(&mut self, before: &[Item]) {
        for old in before {
            let new = self.items.iter().find(|item| item.id() == old.id());
            for person in &mut self.people {
                let (units, places) = held_by(old, person.id);
                let (still, kept) = new.map(|item| held_by(item, person.id)).unwrap_or_default();
                if still < units || places.iter().any(|(id, taken)| kept.get(id) < Some(taken)) {
                    person.released = self.now;
                }
            }
        }
    }

    /// Whom each conversation concerns: whoever has it, takes part, or is asked to.
    pub(super) fn concerned(&self) -> BTreeMap<ConversationId, BTreeSet<RepresentativeId>> {
        self.items.iter().map(|item| (item.id(), item.concerns())).collect()
    }

    /// As what somebody takes part in a conversation; none if they do not, or have not answered yet.
    pub(super) fn part(&self, who: RepresentativeId, conversation: ConversationId) -> Option<Part> {
        let item = self.items.iter().find(|item| item.id() == conversation)?;
        if item.whose() == Some(who) && !item.waits() {
            return Some(Part::Primary);
        }
        match (item.advisers().get(&who), item.monitors.get(&who)) {
            (Some(true), _) => Some(Part::PublicConsultant),
            (Some(false), _) => Some(Part::PrivateConsultant),
            (None, Some(true)) => Some(Part::Supervisor),
            (None, joined) => joined.map(|_| Part::Monitor),
        }
    }

    /// How a conversation stands on lists: its state, how often it was transferred, and where a consultant is looked for.
    pub(super) fn listed(&self, conversation: ConversationId) -> Option<(WorkState, u16, Option<QueueId>)> {
        let item = self.items.iter().find(|item| item.id() == conversation)?;
        let state = match item.stage {
            Stage::Open => WorkState::Open,
            Stage::Offered { .. } => WorkState::AwaitingAcceptance,
            Stage::Active { .. } => WorkState::Active,
            Stage::WrapUp { .. } => WorkState::WrapUp,
            Stage::Waiting { .. } => WorkState::Waiting,
        };
        Some((state, item.transfers, item.search.as_ref().map(|search| search.queue)))
    }

    /// In which queue each conversation is.
    pub(super) fn places(&self) -> BTreeMap<ConversationId, Option<QueueId>> {
        self.items.iter().map(|item| (item.id(), item.queue)).collect()
    }

    /// Whether the conversation is offered to some whatever units they have left: it asks for them by name or takes none.
    pub(super) fn may_exceed_units(&self, conversation: ConversationId) -> bool {
        let mut items = self.items.iter().filter(|item| item.id() == conversation);
        items.any(|item| {
            item.holds.units == 0 || item.returns_to.is_some() || !item.arrival.preferred.is_empty()
        })
    }

    /// Somebody has it from now on, and it holds this of them: it has come back, if that is what it asked for. What it holds it
    /// takes no second place of for the day.
    fn hand_over(&mut self, index: usize, to: RepresentativeId, holds: Charge) {
        self.items[index].returns_to = None;
        self.items[index].last_representative = Some(to);
        self.items[index].monitors.remove(&to);
        self.enter(index, Stage::Active { of: to });
        let id = self.items[index].id();
        for place in &holds.places {
            if let Some(by) = self.person(to).spent.as_mut().and_then(|(_, places)| places.get_mut(place)) {
                by.remove(&id);
            }
        }
        self.items[index].holds = holds;
    }

    fn workstream(&self, item: &Item) -> Option<&Workstream> {
        self.settings.workstream(item.arrival.workstream)
    }

    fn index_of(&self, conversation: ConversationId) -> usize {
        self.items.iter().position(|item| item.id() == conversation).unwrap()
    }

    fn item(&mut self, conversation: ConversationId) -> &mut Item {
        let index = self.index_of(conversation);
        &mut self.items[index]
    }

    fn person(&mut self, id: RepresentativeId) -> &mut Person {
        self.people.iter_mut().find(|person| person.id == id).unwrap()
    }
}

/// What an item takes of somebody: units, and how many places of each profile.
fn held_by(item: &Item, who: RepresentativeId) -> (i32, BTreeMap<CapacityProfileId, u32>) {
    let (mut units, mut places) = (0, BTreeMap::new());
    for (_, charge) in item.holdings().into_iter().filter(|(other, _)| *other == who) {
        units += charge.units;
        charge.places.iter().for_each(|place| *places.entry(*place).or_default() += 1);
    }
    (units, places)
}
