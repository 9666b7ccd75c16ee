//! Where work goes: classification, routes with shares, overflow before and in the queue.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Found, Item, Model, Person, Stage};
use crate::condition::{Comparison, Condition, ConversationField, Field, Literal, Operand, QueueField};
use crate::form::{Answer, answer_to};
use crate::id::{ConversationId, OperatingHoursId, QueueId, SkillId};
use crate::routing::Arrival;
use crate::routing::decision::deal;
use crate::settings::{
    BasePresence, Distribution, Outcome, OverflowAction, OverflowCause, Queue, RatedSkill,
};
use crate::time::Timestamp;

/// Where an item goes, or which queue has no room for it.
enum Verdict {
    To(Option<QueueId>),
    Refused(QueueId),
}

impl Model {
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        if self.items.iter().any(|item| item.id() == arrival.conversation) {
            return;
        }
        let place = self.items.partition_point(|item| item.id() < arrival.conversation);
        let item = Item {
            arrival,
            created: self.now,
            waits_since: self.now,
            touched: self.now,
            closes: None,
            queue: None,
            stage: Stage::Open,
            holds: super::Charge::default(),
            declines: BTreeMap::new(),
            returns_to: None,
            last_representative: None,
            silence: None,
            handover: None,
            consultants: BTreeMap::new(),
            search: None,
            monitors: BTreeMap::new(),
            found: Found::default(),
            decided: None,
            rerouted: false,
            kept: BTreeMap::new(),
            overflows: None,
            transfers: 0,
        };
        self.items.insert(place, item);
        self.wind(place);
        self.direct(place, true);
    }

    pub(super) fn reclassify(
        &mut self,
        conversation: ConversationId,
        context: Vec<Answer>,
        skills: Vec<RatedSkill>,
    ) {
        let index = self.index_of(conversation);
        let asked = &mut self.items[index].arrival;
        asked.answers.retain(|answer| context.iter().all(|newer| newer.name != answer.name));
        asked.answers.extend(context);
        asked.skills.retain(|known| skills.iter().all(|newer| newer.skill != known.skill));
        asked.skills.extend(skills);
        self.items[index].decided = None;
        self.items[index].kept = self.items[index].found.skills.clone();
        let newcomer = !self.items[index].rerouted && self.items[index].last_representative.is_none();
        self.items[index].rerouted = true;
        if self.items[index].waits() {
            self.let_go(index);
            self.enter(index, Stage::Open);
            self.direct(index, newcomer);
        }
    }

    /// What came back from somebody under older settings is decided about anew.
    pub(super) fn place(&mut self) {
        for index in 0..self.items.len() {
            let item = &self.items[index];
            if item.stage == Stage::Open && item.decided != Some(self.version) {
                self.place_within(index);
            }
        }
    }

    /// Decides anew about an item that has a place: it stays there if that still exists. Nobody is refused now.
    pub(super) fn place_within(&mut self, index: usize) {
        let item = &self.items[index];
        let known = self.workstream(item).is_some();
        let stays = item.queue.filter(|queue| known && self.settings.queue(*queue).is_some());
        let before = item.overflows;
        self.decide(index);
        match stays {
            Some(queue) => {
                self.come_into(index, Some(queue));
                let item = &mut self.items[index];
                item.overflows = match (before, item.overflows) {
                    (Some(before), Some(now)) => Some(before.min(now)),
                    (_, now) => now,
                };
            }
            None => match self.route(&self.items[index]) {
                Verdict::To(queue) => self.come_into(index, queue),
                Verdict::Refused(queue) => self.come_into(index, Some(queue)),
            },
        }
    }

    /// Decides about an item from the beginning; that of a newcomer may end here.
    fn direct(&mut self, index: usize, newcomer: bool) {
        self.decide(index);
        match self.route(&self.items[index]) {
            Verdict::To(queue) => self.come_into(index, queue),
            Verdict::Refused(_) if newcomer => drop(self.items.remove(index)),
            Verdict::Refused(queue) => self.come_into(index, Some(queue)),
        }
    }

    pub(super) fn come_into(&mut self, index: usize, queue: Option<QueueId>) {
        let long_wait = queue.and_then(|queue| self.settings.queue(queue)?.long_wait.as_ref());
        let overflows = long_wait.map(|wait| self.now + wait.longer_than.as_millis());
        (self.items[index].queue, self.items[index].overflows) = (queue, overflows);
    }

    fn decide(&mut self, index: usize) {
        let item = &self.items[index];
        let mut skills = self.levels(&item.arrival.skills);
        for (skill, kept) in item.kept.iter().filter(|(skill, _)| self.settings.skill(**skill).is_some()) {
            let known = skills.entry(*skill).or_default();
            *known = (*kept).max(*known);
        }
        let matching = self.workstream(item).map_or(item.found.matching, |known| known.skill_matching);
        self.items[index].found = Found { skills, matching, priority: 100, ..Found::default() };
        self.items[index].decided = Some(self.version);
        let Some(workstream) = self.workstream(&self.items[index]).cloned() else { return };
        for ruleset in &workstream.classification {
            let rule = ruleset.rules.iter().find(|rule| Self::holds(&rule.when, &self.items[index]));
            for outcome in rule.into_iter().flat_map(|rule| &rule.then) {
                self.apply(index, outcome);
            }
        }
    }

    fn apply(&mut self, index: usize, outcome: &Outcome) {
        let levels = match outcome {
            Outcome::Skill(rated) => self.levels(core::slice::from_ref(rated)),
            _ => BTreeMap::new(),
        };
        let found = &mut self.items[index].found;
        match outcome {
            Outcome::Variable { name, value } => {
                found.variables.insert(name.as_str().into(), value.clone());
            }
            Outcome::Skill(_) => {
                for (skill, level) in levels {
                    let known = found.skills.entry(skill).or_default();
                    *known = level.max(*known);
                }
            }
            Outcome::SkillMatching(matching) => found.matching = *matching,
            Outcome::Priority(priority) => found.priority = *priority,
            Outcome::Profile(profile) => {
                found.profiles.push(*profile);
                found.profiles.sort();
                found.profiles.dedup();
            }
        }
    }

    fn route(&self, item: &Item) -> Verdict {
        let Some(workstream) = self.workstream(item) else { return Verdict::To(None) };
        let mut full: Vec<(&Queue, bool, OverflowAction)> = Vec::new();
        for route in workstream.routes.iter().filter(|route| Self::holds(&route.when, item)) {
            let mut dealt = deal(item.id());
            let share = route.queues.iter().find(|share| {
                let within = dealt < share.percent;
                dealt = dealt.saturating_sub(share.percent);
                within
            });
            let Some(queue) = share.and_then(|share| self.settings.queue(share.queue)) else { continue };
            match self.overflow_of(queue, item) {
                None => return Verdict::To(Some(queue.id)),
                Some((closed, action)) => {
                    full.push((queue, closed, route.overflow.clone().unwrap_or(action)));
                }
            }
        }
        let first = full.iter().min_by_key(|(queue, closed, _)| (*closed, closed.then(|| self.opens(queue))));
        let Some((queue, _, action)) = first else {
            let kind = workstream.channel.queue_kind();
            let default = || self.settings.queues.iter().find(|queue| queue.default && queue.kind == kind);
            let fallback = self.settings.queue(workstream.fallback).or_else(default);
            return Verdict::To(fallback.map(|queue| queue.id));
        };
        match action {
            OverflowAction::AssignAnyway => Verdict::To(Some(queue.id)),
            OverflowAction::Transfer(targets) => {
                let known = targets.iter().filter_map(|target| self.settings.queue(*target));
                let free = known.filter(|target| self.overflow_of(target, item).is_none());
                let best = free.min_by_key(|target| self.waiting_in(target.id, item.id()));
                Verdict::To(Some(best.unwrap_or(queue).id))
            }
            _ => Verdict::Refused(queue.id),
        }
    }

    /// How many others wait in a queue.
    pub(super) fn waiting_in(&self, queue: QueueId, but: ConversationId) -> usize {
        let there = self.items.iter().filter(|item| item.queue == Some(queue) && item.waits());
        there.filter(|item| item.id() != but).count()
    }

    /// Why work cannot enter a queue: whether it is closed, or else full, and what is done then.
    fn overflow_of(&self, queue: &Queue, item: &Item) -> Option<(bool, OverflowAction)> {
        let closed = queue.hours.is_some_and(|hours| !self.is_open(hours));
        let by_hours = queue.overflow.iter().find(|rule| rule.when == OverflowCause::OutOfHours && closed);
        if let Some(rule) = by_hours {
            return Some((true, rule.action.clone()));
        }
        let waiting = self.waiting_in(queue.id, item.id());
        let full = queue.overflow.iter().find(|rule| match rule.when {
            OverflowCause::ItemsWaiting(limit) => waiting >= usize::try_from(limit).unwrap(),
            OverflowCause::Condition(ref when) => {
                let Condition::Compare(Field::Queue(QueueField::AvailableRepresentatives), _) = when else {
                    panic!("the model does not know overflow like {when:?}")
                };
                self.available_in(queue) == 0
            }
            OverflowCause::OutOfHours => false,
        });
        full.map(|rule| (closed, rule.action.clone()))
    }

    /// How many members could be offered some work now that can come into this queue.
    fn available_in(&self, queue: &Queue) -> usize {
        let rulesets = Self::rulesets_of(queue);
        let could = |person: &Person| {
            let presence = self.presence(person);
            let there = self.base(presence) <= BasePresence::Away;
            self.settings.workstreams.iter().any(|workstream| {
                let units = workstream.cost.0;
                let takes = super::Charge { units, places: workstream.profile.into_iter().collect() };
                workstream.channel.queue_kind() == queue.kind
                    && workstream.sessions.distribution == Distribution::Push
                    && self.has_room(person, &takes)
                    && rulesets.iter().flat_map(|ruleset| &ruleset.rules).any(|rule| {
                        if rule.any_presence {
                            there
                        } else {
                            workstream.allowed_presences.contains(&presence)
                        }
                    })
            })
        };
        let members = self.people.iter().filter(|person| queue.members.contains(&person.id));
        members.filter(|person| could(person)).count()
    }

    pub(super) fn is_open(&self, hours: OperatingHoursId) -> bool {
        let hours = self.settings.hours.iter().find(|known| known.id == hours).unwrap();
        hours.compile("").unwrap().is_open(Timestamp::from_millis(self.now))
    }

    /// When a closed queue opens.
    fn opens(&self, queue: &Queue) -> u64 {
        let now = Timestamp::from_millis(self.now);
        let hours = self.settings.hours.iter().find(|known| Some(known.id) == queue.hours).unwrap();
        hours.compile("").unwrap().opens_next(now).map_or(u64::MAX, Timestamp::as_millis)
    }

    /// Rated skills on a scale of 1,000. Unknown ones are left out.
    pub(super) fn levels(&self, rated: &[RatedSkill]) -> BTreeMap<SkillId, u32> {
        let level = |rated: &RatedSkill| {
            let skill = self.settings.skill(rated.skill)?;
            let model = self.settings.rating_model(rated.model.unwrap_or(skill.model))?;
            let (low, high) = (model.levels[0].value, model.levels[model.levels.len() - 1].value);
            Some((rated.skill, u32::from(rated.rating - low) * 1_000 / u32::from(high - low)))
        };
        rated.iter().filter_map(level).collect()
    }

    /// A variable, as classification set it or else as it came.
    pub(super) fn variable(item: &Item, name: &str) -> String {
        let set = item.found.variables.get(name).cloned();
        set.unwrap_or_else(|| answer_to(&item.arrival.answers, name).into())
    }

    /// Whether a variable has a value. Conditions are tested where they live.
    pub(super) fn holds(when: &Condition, item: &Item) -> bool {
        match when {
            Condition::All(conditions) => conditions.iter().all(|condition| Self::holds(condition, item)),
            Condition::IsSet(Field::Conversation(ConversationField::LastRepresentative)) => {
                item.last_representative.is_some()
            }
            Condition::Compare(
                Field::Context(name),
                Comparison::Equals(Operand::Literal(Literal::Text(value))),
            ) => Self::variable(item, name.as_str()) == *value,
            other => panic!("the model does not know rules like {other:?}"),
        }
    }
}
