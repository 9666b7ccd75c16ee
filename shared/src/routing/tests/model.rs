//! The rules once more, as plainly as possible: lists, loops over all pairs, and no index. It is slow and easy to
//! believe; the router must make the same offers in the same order.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::form::answer_to;
use crate::id::{ConnectionId, ConversationId, QueueId, RepresentativeId, WorkstreamId};
use crate::routing::{Arrival, Command};
use crate::settings::{Presence, Settings, WrapUp};
use crate::time::Timestamp;

const GRACE: u64 = 150_000;
const WRAP_UP: u64 = 900_000;

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    version: u64,
    settings: Settings,
    people: Vec<Person>,
    items: Vec<Item>,
    offers: u64,
    sessions: u64,
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
}

#[derive(Debug, Clone)]
struct Item {
    arrival: Arrival,
    created: u64,
    queue: Option<QueueId>,
    stage: Stage,
    holds: i32,
    declines: BTreeMap<RepresentativeId, u8>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Open,
    Offered { to: RepresentativeId, offer: u64, until: u64 },
    Active { of: RepresentativeId },
    WrapUp { of: RepresentativeId, frees: Option<u64>, closes: u64 },
}

impl Item {
    fn whose(&self) -> Option<RepresentativeId> {
        match self.stage {
            Stage::Open => None,
            Stage::Offered { to, .. } => Some(to),
            Stage::Active { of } | Stage::WrapUp { of, .. } => Some(of),
        }
    }
}

impl Model {
    /// Does what the command says; the router has not refused it.
    pub(super) fn handle(&mut self, now: Timestamp, command: Command) {
        let now = now.as_millis();
        match command {
            Command::Configure { version, settings } if version.0 > self.version => {
                self.version = version.0;
                self.configure(settings);
            }
            Command::Configure { .. } => {}
            Command::Arrive(arrival) => self.arrive(arrival, now),
            Command::CustomerLeft { conversation } => self.customer_left(conversation, now),
            Command::Connect { representative, connection } => {
                self.elapse(now);
                self.connect(representative, connection);
            }
            Command::Disconnect { representative, connection } => {
                self.lose(representative, now, |other| other == connection);
            }
            Command::SignOut { representative } => {
                self.lose(representative, now, |_| true);
                let person = self.person(representative);
                person.standing = None;
                person.signed_out = true;
            }
            Command::ConnectionsAre { open } => self.connections_are(&open, now),
            Command::SetPresence { representative, presence } => {
                self.person(representative).standing = Some(presence);
            }
            Command::Accept { representative, offer } => {
                let number = offer.number();
                let item = self
                    .items
                    .iter_mut()
                    .find(|item| matches!(item.stage, Stage::Offered { offer, .. } if offer == number));
                item.unwrap().stage = Stage::Active { of: representative };
                self.worked(representative);
            }
            Command::Reject { representative, offer } => {
                let number = offer.number();
                for item in &mut self.items {
                    if matches!(item.stage, Stage::Offered { offer, .. } if offer == number) {
                        *item.declines.entry(representative).or_insert(0) += 1;
                        item.stage = Stage::Open;
                    }
                }
            }
            Command::Pick { representative, conversation } => self.pick(representative, conversation),
            Command::End { representative, conversation } => self.wrap_up(conversation, representative, now),
            Command::Close { representative, conversation } => {
                self.items.retain(|item| item.arrival.conversation != conversation);
                self.worked(representative);
            }
            Command::Tick => self.elapse(now),
        }
        self.place();
        self.assign(now);
    }

    /// Again and again from the start: the first item in order for which somebody is eligible, and the best of them.
    fn assign(&mut self, now: u64) {
        while let Some((item, best)) = self.next_pair() {
            self.offers += 1;
            self.sessions += 1;
            let (offer, session) = (self.offers, self.sessions);
            let workstream = self.settings.workstream(self.items[item].arrival.workstream).unwrap();
            let until = now + workstream.offer_timeout.as_millis();
            let cost = workstream.cost.0;
            self.items[item].stage = Stage::Offered { to: best, offer, until };
            self.items[item].holds = cost;
            self.person(best).last_session = session;
            self.made.push((offer, self.items[item].arrival.conversation, best));
        }
    }

    fn next_pair(&self) -> Option<(usize, RepresentativeId)> {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|&index| {
            let item = &self.items[index];
            let queue = item.queue.and_then(|queue| self.settings.queue(queue));
            (queue.map(|queue| queue.priority), item.created, item.arrival.conversation)
        });
        order.into_iter().find_map(|index| Some((index, self.best_for(&self.items[index])?)))
    }

    fn best_for(&self, item: &Item) -> Option<RepresentativeId> {
        if item.stage != Stage::Open {
            return None;
        }
        let queue = self.settings.queue(item.queue?)?;
        let workstream = self.settings.workstream(item.arrival.workstream)?;
        let declines = |person: &Person| item.declines.get(&person.id).copied().unwrap_or(0);
        let eligible = self.people.iter().filter(|person| {
            queue.members.contains(&person.id)
                && !person.connections.is_empty()
                && workstream.allowed_presences.contains(&self.presence(person))
                && self.remaining(person) >= workstream.cost.0
                && declines(person) < workstream.offers_per_representative
        });
        let best = eligible
            .min_by_key(|person| (declines(person), -self.remaining(person), person.last_session, person.id));
        best.map(|person| person.id)
    }

    fn used(&self, person: &Person) -> i32 {
        self.items.iter().filter(|item| item.whose() == Some(person.id)).map(|item| item.holds).sum()
    }

    fn remaining(&self, person: &Person) -> i32 {
        self.settings.representative(person.id).unwrap().capacity.0 - self.used(person)
    }

    fn presence(&self, person: &Person) -> Presence {
        let (used, remaining) = (self.used(person), self.remaining(person));
        match person.standing {
            _ if person.connections.is_empty() => Presence::Offline,
            Some(presence) => presence,
            None if remaining <= 0 => Presence::DoNotDisturb,
            None if used > 0 => Presence::Busy,
            None => Presence::Available,
        }
    }

    /// Presence and units in use, as a console shows them.
    pub(super) fn standing_of(&self, id: RepresentativeId) -> Option<(Presence, i32)> {
        let person = self.people.iter().find(|person| person.id == id)?;
        Some((self.presence(person), self.used(person)))
    }

    /// Whose each conversation is, or who is offered it.
    pub(super) fn holders(&self) -> BTreeMap<ConversationId, Option<RepresentativeId>> {
        self.items.iter().map(|item| (item.arrival.conversation, item.whose())).collect()
    }

    fn configure(&mut self, settings: Settings) {
        let known = |id| settings.representative(id).is_some();
        self.items.retain(|item| !matches!(item.stage, Stage::WrapUp { of, .. } if !known(of)));
        for item in &mut self.items {
            let queue = item.queue.and_then(|queue| settings.queue(queue));
            let stays = match item.stage {
                Stage::Open | Stage::WrapUp { .. } => true,
                Stage::Active { of } => known(of),
                Stage::Offered { to, .. } => {
                    known(to)
                        && settings.workstream(item.arrival.workstream).is_some()
                        && queue.is_some_and(|queue| queue.members.contains(&to))
                }
            };
            if !stays {
                item.stage = Stage::Open;
            }
        }
        self.people.retain(|person| known(person.id));
        for profile in &settings.representatives {
            if self.people.iter().all(|person| person.id != profile.id) {
                self.people.push(Person {
                    id: profile.id,
                    connections: Vec::new(),
                    gone_since: None,
                    signed_out: false,
                    standing: None,
                    last_session: 0,
                });
            }
        }
        self.settings = settings;
    }

    /// What waits without a place is routed.
    fn place(&mut self) {
        for index in 0..self.items.len() {
            let item = &self.items[index];
            let known = self.settings.workstream(item.arrival.workstream).is_some();
            let has_place = known && item.queue.is_some_and(|queue| self.settings.queue(queue).is_some());
            if item.stage == Stage::Open && !has_place {
                self.items[index].queue = self.route(&item.arrival);
            }
        }
    }

    fn route(&self, arrival: &Arrival) -> Option<QueueId> {
        let workstream = self.settings.workstream(arrival.workstream)?;
        for route in &workstream.routes {
            let matches = answer_to(&arrival.answers, route.question.as_str()) == route.equals.as_str();
            if matches && self.settings.queue(route.queue).is_some() {
                return Some(route.queue);
            }
        }
        self.settings.queue(workstream.fallback).map(|queue| queue.id)
    }

    fn arrive(&mut self, arrival: Arrival, now: u64) {
        if self.items.iter().all(|item| item.arrival.conversation != arrival.conversation) {
            let declines = BTreeMap::new();
            self.items.push(Item {
                arrival,
                created: now,
                queue: None,
                stage: Stage::Open,
                holds: 0,
                declines,
            });
        }
    }

    fn customer_left(&mut self, conversation: ConversationId, now: u64) {
        let item = self.items.iter().find(|item| item.arrival.conversation == conversation).unwrap();
        match item.stage {
            Stage::Open | Stage::Offered { .. } => {
                self.items.retain(|item| item.arrival.conversation != conversation);
            }
            Stage::Active { of } => self.wrap_up(conversation, of, now),
            Stage::WrapUp { .. } => {}
        }
    }

    fn wrap_up(&mut self, conversation: ConversationId, of: RepresentativeId, now: u64) {
        let item = self.items.iter_mut().find(|item| item.arrival.conversation == conversation).unwrap();
        let workstream: WorkstreamId = item.arrival.workstream;
        let policy = self.settings.workstream(workstream).map_or(WrapUp::AlwaysBlocks, |found| found.wrap_up);
        let (frees, lasts) = match policy {
            WrapUp::AlwaysBlocks => (None, WRAP_UP),
            WrapUp::BlocksFor(span) => (Some(now + span.as_millis()), WRAP_UP.max(span.as_millis())),
            WrapUp::NeverBlocks => {
                item.holds = 0;
                (None, WRAP_UP)
            }
        };
        item.stage = Stage::WrapUp { of, frees, closes: now + lasts };
    }

    fn pick(&mut self, by: RepresentativeId, conversation: ConversationId) {
        let item = self.items.iter_mut().find(|item| item.arrival.conversation == conversation).unwrap();
        let accepts = item.whose() == Some(by);
        item.stage = Stage::Active { of: by };
        if !accepts {
            item.holds = self.settings.workstream(item.arrival.workstream).unwrap().cost.0;
            self.sessions += 1;
            self.person(by).last_session = self.sessions;
        }
        self.worked(by);
    }

    fn worked(&mut self, who: RepresentativeId) {
        let person = self.person(who);
        if matches!(person.standing, Some(Presence::Available | Presence::Busy)) {
            person.standing = None;
        }
    }

    fn connect(&mut self, who: RepresentativeId, connection: ConnectionId) {
        let Some(default) = self.settings.representative(who).map(|profile| profile.default_presence) else {
            return;
        };
        let person = self.person(who);
        if person.connections.is_empty() {
            if person.gone_since.is_none() || person.signed_out {
                let stands = matches!(default, Presence::Away | Presence::Offline);
                person.standing = stands.then_some(default);
            }
            (person.gone_since, person.signed_out) = (None, false);
        }
        if !person.connections.contains(&connection) {
            person.connections.push(connection);
        }
    }

    fn lose(&mut self, who: RepresentativeId, now: u64, gone: impl Fn(ConnectionId) -> bool) {
        let person = self.person(who);
        let was_there = !person.connections.is_empty();
        person.connections.retain(|&connection| !gone(connection));
        if was_there && person.connections.is_empty() {
            person.gone_since = Some(now);
            person.signed_out = false;
            for item in &mut self.items {
                if matches!(item.stage, Stage::Offered { to, .. } if to == who) {
                    item.stage = Stage::Open;
                }
            }
        }
    }

    fn connections_are(&mut self, open: &[(RepresentativeId, ConnectionId)], now: u64) {
        let everybody: Vec<RepresentativeId> = self.people.iter().map(|person| person.id).collect();
        let there = |id, connection| open.contains(&(id, connection));
        for &id in &everybody {
            if !self.person(id).connections.is_empty() {
                open.iter().filter(|(other, _)| *other == id).for_each(|(_, it)| self.connect(id, *it));
            }
            self.lose(id, now, |connection| !there(id, connection));
        }
        self.elapse(now);
        for &(id, connection) in open {
            self.connect(id, connection);
        }
    }

    fn elapse(&mut self, now: u64) {
        for index in 0..self.people.len() {
            if self.people[index].gone_since.is_some_and(|since| now > since + GRACE) {
                let person = &mut self.people[index];
                (person.gone_since, person.signed_out, person.standing) = (None, false, None);
                let who = person.id;
                for item in &mut self.items {
                    if item.stage == (Stage::Active { of: who }) {
                        item.stage = Stage::Open;
                    }
                }
            }
        }
        for item in &mut self.items {
            match item.stage {
                Stage::Offered { to, until, .. } if until <= now => {
                    *item.declines.entry(to).or_insert(0) += 1;
                    item.stage = Stage::Open;
                }
                Stage::WrapUp { frees: Some(frees), .. } if frees <= now => item.holds = 0,
                _ => {}
            }
        }
        self.items.retain(|item| !matches!(item.stage, Stage::WrapUp { closes, .. } if closes <= now));
    }

    fn person(&mut self, id: RepresentativeId) -> &mut Person {
        self.people.iter_mut().find(|person| person.id == id).unwrap()
    }
}
