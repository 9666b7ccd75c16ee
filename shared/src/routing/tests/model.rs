//! The rules once more, as plainly as possible: lists, loops over all pairs, and no index. It is slow and easy to
//! believe; the router must make the same offers in the same order.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::condition::{Comparison, Condition, Field, Literal, Operand};
use crate::form::{Answer, answer_to};
use crate::id::{ConnectionId, ConversationId, QueueId, RepresentativeId, SkillId, WorkstreamId};
use crate::routing::{Arrival, Command};
use crate::settings::{
    AssignmentOrder, AssignmentRule, Method, Presence, Queue, RatedSkill, Representative, Settings,
    SkillMatching, Workstream, WrapUp,
};
use crate::time::Timestamp;

const GRACE: u64 = 150_000;
const WRAP_UP: u64 = 900_000;
const OPEN: u64 = 1_200_000;

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    now: u64,
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
    last_in_queue: BTreeMap<QueueId, u64>,
    released: u64,
}

#[derive(Debug, Clone)]
struct Item {
    arrival: Arrival,
    created: u64,
    touched: u64,
    queue: Option<QueueId>,
    stage: Stage,
    holds: i32,
    declines: BTreeMap<RepresentativeId, u8>,
    returns_to: Option<RepresentativeId>,
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
        let mut before = self.items.clone();
        self.now = now;
        match command {
            Command::Configure { version, settings } if version.0 > self.version => {
                self.version = version.0;
                self.configure(*settings);
            }
            Command::Configure { .. } => {}
            Command::Arrive(arrival) => self.arrive(arrival, now),
            Command::Reclassify { conversation, context, skills } => {
                self.reclassify(conversation, context, skills);
            }
            Command::CustomerLeft { conversation, .. } => self.customer_left(conversation, now),
            Command::Connect { representative, connection } => {
                self.elapse(now);
                before = self.items.clone();
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
            Command::ConnectionsAre { open } => {
                self.connections_are(&open, now);
                before = self.items.clone();
            }
            Command::SetPresence { representative, presence } => {
                self.person(representative).standing = Some(presence);
            }
            Command::Accept { representative, offer } => {
                let number = offer.number();
                let item = self
                    .items
                    .iter_mut()
                    .find(|item| matches!(item.stage, Stage::Offered { offer, .. } if offer == number));
                let item = item.unwrap();
                item.stage = Stage::Active { of: representative };
                item.returns_to = None;
                self.worked(representative);
            }
            Command::Reject { representative, offer } => {
                let number = offer.number();
                for item in &mut self.items {
                    if matches!(item.stage, Stage::Offered { offer, .. } if offer == number) {
                        *item.declines.entry(representative).or_insert(0) += 1;
                        Self::open(item, &self.settings, now);
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
            other => unreachable!("{other:?} is no part of these histories"),
        }
        self.note_releases(&before, now);
        self.place();
        self.assign(now);
    }

    fn reclassify(&mut self, conversation: ConversationId, context: Vec<Answer>, skills: Vec<RatedSkill>) {
        let item = self.items.iter_mut().find(|item| item.arrival.conversation == conversation).unwrap();
        let asked = &mut item.arrival;
        asked.answers.retain(|answer| context.iter().all(|newer| newer.name != answer.name));
        asked.answers.extend(context);
        asked.skills.retain(|known| skills.iter().all(|newer| newer.skill != known.skill));
        asked.skills.extend(skills);
        if matches!(item.stage, Stage::Open | Stage::Offered { .. }) {
            (item.stage, item.queue, item.touched) = (Stage::Open, None, self.now);
        }
    }

    /// Whoever holds less of an item than before has released capacity now.
    fn note_releases(&mut self, before: &[Item], now: u64) {
        for old in before {
            let Some(whose) = old.whose().filter(|_| old.holds > 0) else { continue };
            let id = old.arrival.conversation;
            let new = self.items.iter().find(|item| item.arrival.conversation == id);
            let keeps = new.is_some_and(|item| item.whose() == Some(whose) && item.holds >= old.holds);
            if !keeps && let Some(person) = self.people.iter_mut().find(|person| person.id == whose) {
                person.released = now;
            }
        }
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
            let queue = self.items[item].queue.unwrap();
            self.person(best).last_session = session;
            self.person(best).last_in_queue.insert(queue, session);
            self.made.push((offer, self.items[item].arrival.conversation, best));
        }
    }

    fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|&index| {
            let item = &self.items[index];
            let queue = item.queue.and_then(|queue| self.settings.queue(queue));
            let newcomer = item.returns_to.is_none();
            (newcomer, queue.map(|queue| queue.priority), item.created, item.arrival.conversation)
        });
        order
    }

    /// How many would be offered before this one to somebody who could take it.
    pub(super) fn position(&self, conversation: ConversationId) -> Option<usize> {
        let lines: Vec<&Item> = self.in_order().into_iter().map(|index| &self.items[index]).collect();
        let lines: Vec<&Item> = lines.into_iter().filter(|item| self.stands_in_line(item)).collect();
        let place = lines.iter().position(|item| item.arrival.conversation == conversation)?;
        let able: Vec<&Person> =
            self.people.iter().filter(|person| self.fits(lines[place], person)).collect();
        let at_work =
            |person: &&&Person| !matches!(self.presence(person), Presence::Away | Presence::Offline);
        let there: Vec<&Person> = able.iter().filter(at_work).copied().collect();
        let able = if there.is_empty() { able } else { there };
        let own = |item: &Item| {
            let same = |a: &Item, b: &Item| {
                (a.queue, a.arrival.workstream, self.asked(a))
                    == (b.queue, b.arrival.workstream, self.asked(b))
            };
            able.is_empty() && same(item, lines[place])
        };
        let rivals =
            lines[..place].iter().filter(|item| own(item) || able.iter().any(|who| self.fits(item, who)));
        Some(rivals.count())
    }

    /// The skills that an item asks for, in a form in which they can be compared.
    fn asked(&self, item: &Item) -> Vec<(SkillId, u16)> {
        let known = |rated: &&RatedSkill| self.settings.skill(rated.skill).is_some();
        let mut asked: Vec<_> =
            item.arrival.skills.iter().filter(known).map(|rated| (rated.skill, rated.rating)).collect();
        asked.sort_unstable();
        asked
    }

    fn stands_in_line(&self, item: &Item) -> bool {
        let workstream = self.settings.workstream(item.arrival.workstream);
        let reserved = item.returns_to.is_none()
            && !item.arrival.preferred.is_empty()
            && workstream.is_some_and(|workstream| workstream.waits_for_preferred);
        item.stage == Stage::Open && item.queue.is_some() && !reserved
    }

    /// Whether somebody could ever be chosen for this item.
    fn fits(&self, item: &Item, person: &Person) -> bool {
        let queue = self.settings.queue(item.queue.unwrap()).unwrap();
        let workstream = self.settings.workstream(item.arrival.workstream).unwrap();
        queue.members.contains(&person.id)
            && (workstream.skill_matching != SkillMatching::Exact
                || rules_of(queue).iter().any(|rule| rule.any_skills)
                || self.distance(item, person).0 == 0)
    }

    fn next_pair(&self) -> Option<(usize, RepresentativeId)> {
        self.in_order().into_iter().find_map(|index| Some((index, self.best_for(&self.items[index])?)))
    }

    fn best_for(&self, item: &Item) -> Option<RepresentativeId> {
        if item.stage != Stage::Open {
            return None;
        }
        let queue = self.settings.queue(item.queue?)?;
        let workstream = self.settings.workstream(item.arrival.workstream)?;
        let declines = |person: &Person| item.declines.get(&person.id).copied().unwrap_or(0);
        if let Some(person) = self.wished(item).find(|person| declines(person) == 0) {
            return Some(person.id);
        }
        if item.returns_to.is_none() && !item.arrival.preferred.is_empty() && workstream.waits_for_preferred {
            return None;
        }
        let rules = rules_of(queue);
        let found = rules.iter().enumerate().flat_map(|(level, rule)| {
            let people =
                self.people.iter().filter(move |person| self.finds(rule, queue, workstream, item, person));
            people.map(move |person| (level, rule, person))
        });
        let open_to = found.filter(|(.., person)| declines(person) < workstream.offers_per_representative);
        let best = open_to.min_by_key(|(level, rule, person)| {
            let keys: Vec<_> =
                rule.order_by.iter().map(|order| self.key(order, queue, item, person)).collect();
            (declines(person), *level, keys, person.last_session, person.id)
        });
        best.map(|(.., person)| person.id)
    }

    /// Whether a rule finds somebody for an item.
    fn finds(
        &self,
        rule: &AssignmentRule,
        queue: &Queue,
        workstream: &Workstream,
        item: &Item,
        person: &Person,
    ) -> bool {
        let presence = self.presence(person);
        let present = if rule.any_presence {
            !matches!(presence, Presence::Offline | Presence::Inactive)
        } else {
            workstream.allowed_presences.contains(&presence)
        };
        let skilled = workstream.skill_matching != SkillMatching::Exact || self.distance(item, person).0 == 0;
        let profile = self.settings.representative(person.id).unwrap();
        queue.members.contains(&person.id)
            && !person.connections.is_empty()
            && present
            && self.remaining(person) >= workstream.cost.0
            && (skilled || rule.any_skills)
            && same_team(&rule.when, &item.arrival, profile)
    }

    fn key(&self, order: &AssignmentOrder, queue: &Queue, item: &Item, person: &Person) -> (u32, i64) {
        match order {
            AssignmentOrder::FreeCapacity => (0, -i64::from(self.remaining(person))),
            AssignmentOrder::RoundRobin => match person.last_in_queue.get(&queue.id) {
                None => {
                    (0, queue.members.iter().position(|id| *id == person.id).unwrap().try_into().unwrap())
                }
                Some(session) => (1, i64::try_from(*session).unwrap()),
            },
            AssignmentOrder::LeastActive => (0, i64::try_from(person.released).unwrap()),
            AssignmentOrder::Proficiency => {
                let workstream = self.settings.workstream(item.arrival.workstream).unwrap();
                let (missing, spare) = self.distance(item, person);
                let counts = workstream.skill_matching == SkillMatching::Closest
                    || matches!(queue.method, Method::Custom(_));
                if counts { (missing, spare.into()) } else { (0, 0) }
            }
            other => panic!("the model does not order by {other:?}"),
        }
    }

    /// Whom the item asks for by name, of those who are there.
    fn wished<'a>(&'a self, item: &'a Item) -> impl Iterator<Item = &'a Person> {
        let workstream = self.settings.workstream(item.arrival.workstream).unwrap();
        let returns = item.returns_to.is_some();
        let names =
            item.returns_to.iter().chain(item.arrival.preferred.iter().take(3).filter(move |_| !returns));
        let people = names.filter_map(|id| self.people.iter().find(|person| person.id == *id));
        people.filter(move |person| match self.presence(person) {
            Presence::Offline | Presence::Inactive => false,
            presence => returns || workstream.allowed_presences.contains(&presence),
        })
    }

    /// How much of what the item asks for somebody lacks, and how much more they know, on a scale of 1,000.
    fn distance(&self, item: &Item, person: &Person) -> (u32, u32) {
        let level = |rated: &RatedSkill| {
            let skill = self.settings.skills.iter().find(|skill| skill.id == rated.skill)?;
            let model = rated.model.unwrap_or(skill.model);
            let model = self.settings.rating_models.iter().find(|other| other.id == model)?;
            let (low, high) = (model.levels[0].value, model.levels[model.levels.len() - 1].value);
            Some(u32::from(rated.rating - low) * 1_000 / u32::from(high - low))
        };
        let held = &self.settings.representative(person.id).unwrap().skills;
        let (mut missing, mut spare) = (0, 0);
        for asked in &item.arrival.skills {
            let Some(asked_level) = level(asked) else { continue };
            match held.iter().find(|held| held.skill == asked.skill).and_then(level) {
                None => missing += asked_level + 1,
                Some(held) => {
                    missing += asked_level.saturating_sub(held);
                    spare += held.saturating_sub(asked_level);
                }
            }
        }
        (missing, spare)
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

    /// Whether the conversation asks for people by name, whatever their capacity.
    pub(super) fn asks_by_name(&self, conversation: ConversationId) -> bool {
        let mut items = self.items.iter().filter(|item| item.arrival.conversation == conversation);
        items.any(|item| item.returns_to.is_some() || !item.arrival.preferred.is_empty())
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
                        && (queue.is_some_and(|queue| queue.members.contains(&to))
                            || match item.returns_to {
                                Some(whose) => whose == to,
                                None => item.arrival.preferred.iter().take(3).any(|id| *id == to),
                            })
                }
            };
            if !stays {
                Self::open(item, &self.settings, self.now);
            }
        }
        self.people.retain(|person| known(person.id));
        for person in &mut self.people {
            person.last_in_queue.retain(|queue, _| settings.queue(*queue).is_some());
        }
        for profile in &settings.representatives {
            if self.people.iter().all(|person| person.id != profile.id) {
                self.people.push(Person {
                    id: profile.id,
                    connections: Vec::new(),
                    gone_since: None,
                    signed_out: false,
                    standing: None,
                    last_session: 0,
                    last_in_queue: BTreeMap::new(),
                    released: 0,
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
            let queue = route.queues[0].queue;
            if holds(&route.when, arrival) && self.settings.queue(queue).is_some() {
                return Some(queue);
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
                touched: now,
                queue: None,
                stage: Stage::Open,
                holds: 0,
                declines,
                returns_to: None,
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
        item.returns_to = None;
        if !accepts {
            item.holds = self.settings.workstream(item.arrival.workstream).unwrap().cost.0;
            self.sessions += 1;
            let (queue, session) = (item.queue.unwrap(), self.sessions);
            self.person(by).last_session = session;
            self.person(by).last_in_queue.insert(queue, session);
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
                person.released = 0;
            }
            (person.gone_since, person.signed_out) = (None, false);
        }
        if !person.connections.contains(&connection) {
            person.connections.push(connection);
        }
    }

    fn lose(&mut self, who: RepresentativeId, now: u64, gone: impl Fn(ConnectionId) -> bool) {
        let before = self.items.clone();
        let person = self.person(who);
        let was_there = !person.connections.is_empty();
        person.connections.retain(|&connection| !gone(connection));
        if was_there && person.connections.is_empty() {
            person.gone_since = Some(now);
            person.signed_out = false;
            for item in &mut self.items {
                if matches!(item.stage, Stage::Offered { to, .. } if to == who) {
                    Self::open(item, &self.settings, now);
                }
            }
        }
        self.note_releases(&before, now);
    }

    /// Takes an item from whoever has it; it may ask for them again.
    fn open(item: &mut Item, settings: &Settings, now: u64) {
        let workstream = settings.workstream(item.arrival.workstream);
        if let Stage::Active { of } = item.stage
            && workstream.is_some_and(|workstream| workstream.keeps_representative)
        {
            item.returns_to = Some(of);
            item.declines.remove(&of);
        }
        item.stage = Stage::Open;
        item.touched = now;
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
        let before = self.items.clone();
        self.items.retain(|item| item.stage != Stage::Open || item.touched + OPEN > now);
        for index in 0..self.people.len() {
            if self.people[index].gone_since.is_some_and(|since| now > since + GRACE) {
                let person = &mut self.people[index];
                (person.gone_since, person.signed_out, person.standing) = (None, false, None);
                let who = person.id;
                for item in &mut self.items {
                    if item.stage == (Stage::Active { of: who }) {
                        Self::open(item, &self.settings, now);
                    }
                }
            }
        }
        for item in &mut self.items {
            match item.stage {
                Stage::Offered { to, until, .. } if until <= now => {
                    *item.declines.entry(to).or_insert(0) += 1;
                    Self::open(item, &self.settings, now);
                }
                Stage::WrapUp { frees: Some(frees), .. } if frees <= now => item.holds = 0,
                _ => {}
            }
        }
        self.items.retain(|item| !matches!(item.stage, Stage::WrapUp { closes, .. } if closes <= now));
        self.note_releases(&before, now);
    }

    fn person(&mut self, id: RepresentativeId) -> &mut Person {
        self.people.iter_mut().find(|person| person.id == id).unwrap()
    }
}

/// Whether the topic is the one that the rule asks for. Conditions are tested where they live.
fn holds(when: &Condition, arrival: &Arrival) -> bool {
    let Condition::Compare(Field::Context(name), Comparison::Equals(Operand::Literal(Literal::Text(value)))) =
        when
    else {
        panic!("the model knows only rules by topic")
    };
    answer_to(&arrival.answers, name.as_str()) == value
}

/// The rules by which a queue finds people; a method that is built in is one rule.
fn rules_of(queue: &Queue) -> Vec<AssignmentRule> {
    let built_in = |order| {
        Vec::from([AssignmentRule {
            name: queue.name.clone(),
            when: Condition::default(),
            any_presence: false,
            any_skills: false,
            order_by: Vec::from([AssignmentOrder::Proficiency, order]),
        }])
    };
    match &queue.method {
        Method::HighestCapacity => built_in(AssignmentOrder::FreeCapacity),
        Method::RoundRobin => built_in(AssignmentOrder::RoundRobin),
        Method::LeastActive => built_in(AssignmentOrder::LeastActive),
        Method::Custom(rulesets) => rulesets[0].rules.clone(),
    }
}

/// Whether somebody is of the team that the item asks for, if the rule asks for that.
fn same_team(when: &Condition, arrival: &Arrival, profile: &Representative) -> bool {
    if *when == Condition::default() {
        return true;
    }
    let team = profile.attributes.get("team");
    let asked = answer_to(&arrival.answers, "team");
    !asked.is_empty() && team == Some(&Literal::from(asked))
}
