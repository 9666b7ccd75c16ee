//! Who gets what: every item in order against everybody, again and again from the start.

use alloc::vec::Vec;

use super::{Charge, Found, Item, Model, Person, Stage};
use crate::condition::{
    Comparison, Condition, ConversationField, Field, Literal, Number, Operand, RepresentativeField,
};
use crate::id::{ConversationId, RepresentativeId};
use crate::settings::{
    Acceptance, AssignmentOrder, AssignmentRule, AssignmentRuleset, BasePresence, BucketOrder, Distribution,
    Method, Queue, RatedSkill, SkillMatching, Workstream,
};

impl Model {
    /// The first item in order for which somebody is eligible, and the best of them.
    pub(super) fn assign(&mut self) {
        let most = usize::from(self.settings.desk.most_sessions);
        for index in 0..self.people.len() {
            if self.open_sessions(self.people[index].id) < most {
                self.people[index].crowded = false;
            }
        }
        while let Some((item, best)) = self.next_pair() {
            if self.open_sessions(best) >= most {
                // The attempt counts as a session that failed.
                self.sessions += 1;
                self.person(best).crowded = true;
                continue;
            }
            self.audit(item, best);
            self.offer(item, best, false);
        }
    }

    /// Offers an item that waits. Where there is no choice they have it at once.
    pub(super) fn offer(&mut self, index: usize, to: RepresentativeId, by_hand: bool) {
        let workstream = self.workstream(&self.items[index]).unwrap();
        let automatic = workstream.sessions.acceptance == Acceptance::Automatic;
        let holds = charge(workstream, &self.items[index]);
        self.count_session(index, to);
        if automatic {
            self.hand_over(index, to, holds);
            self.worked(to);
        } else {
            let (offer, until) = self.count_offer(index, to);
            self.enter(index, Stage::Offered { to, offer, until, by_hand });
            self.items[index].holds = holds;
        }
    }

    fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|&index| {
            let item = &self.items[index];
            let queue = item.queue.and_then(|queue| self.settings.queue(queue));
            let (bucket, sort) = queue.map_or((0, 0), |queue| Self::bucket(queue, item));
            let urgency = (queue.map(|queue| queue.priority), bucket, item.found.priority, sort);
            (item.returns_to.is_none(), urgency, item.waits_since, item.id())
        });
        order
    }

    /// The first bucket that fits, and the value by which it sorts.
    fn bucket(queue: &Queue, item: &Item) -> (usize, i64) {
        let fits = |when: &Condition| Self::holds(when, item);
        let found = queue.buckets.iter().position(|bucket| fits(&bucket.when));
        let Some(place) = found else { return (queue.buckets.len(), 0) };
        let sort = match &queue.buckets[place].order_by {
            None => 0,
            Some(BucketOrder { field, descending }) => {
                let value = match field {
                    Field::Conversation(ConversationField::Created) => i64::try_from(item.created).unwrap(),
                    Field::Conversation(ConversationField::Transfers) => item.transfers.into(),
                    other => panic!("the model does not sort by {other:?}"),
                };
                if *descending { -value } else { value }
            }
        };
        (place, sort)
    }

    /// How many would be offered before this one to somebody who could take it.
    pub(in crate::routing::tests) fn position(&self, conversation: ConversationId) -> Option<usize> {
        let lines: Vec<&Item> = self.in_order().into_iter().map(|index| &self.items[index]).collect();
        let lines: Vec<&Item> = lines.into_iter().filter(|item| self.stands_in_line(item)).collect();
        let place = lines.iter().position(|item| item.id() == conversation)?;
        let able: Vec<&Person> =
            self.people.iter().filter(|person| self.fits(lines[place], person)).collect();
        let at_work = |person: &&&Person| self.base(self.presence(person)) <= BasePresence::DoNotDisturb;
        let there: Vec<&Person> = able.iter().filter(at_work).copied().collect();
        let able = if there.is_empty() { able } else { there };
        let serves = |item: &Item, person: &Person| {
            let queue = self.settings.queue(item.queue.unwrap()).unwrap();
            self.fits(item, person) && !Self::rules_for(queue, item).is_empty()
        };
        let rivals = lines[..place]
            .iter()
            .filter(|item| self.alike(item, lines[place]) || able.iter().any(|who| serves(item, who)));
        Some(rivals.count())
    }

    /// Whether nobody could be chosen for the one and not for the other.
    fn alike(&self, a: &Item, b: &Item) -> bool {
        let key = |item: &Item| {
            let queue = self.settings.queue(item.queue.unwrap()).unwrap();
            let custom = match &queue.method {
                Method::Custom(rulesets) => {
                    let choice = rulesets.iter().position(|ruleset| Self::holds(&ruleset.when, item));
                    let asks = |field: &Field| rulesets.iter().any(|ruleset| asks_for(ruleset, field));
                    let team = asks(&team()).then(|| Self::variable(item, "team"));
                    Some((choice, team, item.last_representative.filter(|_| asks(&had_last()))))
                }
                _ => None,
            };
            let Found { skills, matching, profiles, .. } = item.found.clone();
            (item.queue, item.arrival.workstream, custom, skills, matching, profiles)
        };
        key(a) == key(b)
    }

    fn stands_in_line(&self, item: &Item) -> bool {
        item.stage == Stage::Open && item.queue.is_some() && !self.is_reserved(item)
    }

    fn is_reserved(&self, item: &Item) -> bool {
        let workstream = self.workstream(item);
        let preferred = || item.arrival.preferred.iter().take(3);
        item.returns_to.is_none()
            && preferred()
                .any(|id| self.settings.representative(*id).is_some() && !item.declines.contains_key(id))
            && workstream.is_some_and(|workstream| workstream.waits_for_preferred)
    }

    /// Whether somebody could ever be chosen for this item, as far as skills and membership go.
    fn fits(&self, item: &Item, person: &Person) -> bool {
        let queue = self.settings.queue(item.queue.unwrap()).unwrap();
        queue.members.contains(&person.id)
            && (item.found.matching != SkillMatching::Exact
                || Self::rules_for(queue, item).iter().any(|rule| rule.any_skills)
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
        let workstream = self.workstream(item)?;
        if workstream.sessions.distribution == Distribution::Pick {
            return None;
        }
        let declines = |person: &Person| item.declines.get(&person.id).copied().unwrap_or(0);
        let wished = self.wished(workstream, item);
        if let Some(person) = wished.into_iter().find(|person| declines(person) == 0) {
            return Some(person.id);
        }
        if self.is_reserved(item) {
            return None;
        }
        let rules = Self::rules_for(queue, item);
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
            self.base(presence) <= BasePresence::Away
        } else {
            workstream.allowed_presences.contains(&presence)
        };
        let skilled = item.found.matching != SkillMatching::Exact || self.distance(item, person).0 == 0;
        queue.members.contains(&person.id)
            && !person.connections.is_empty()
            && present
            && self.has_room(person, &charge(workstream, item))
            && (skilled || rule.any_skills)
            && self.has_named_skill(rule, item, person)
            && self.suits(&rule.when, item, person)
    }

    /// Whether somebody has the skill that the item names, if the rule asks for that.
    fn has_named_skill(&self, rule: &AssignmentRule, item: &Item, person: &Person) -> bool {
        let Some(custom) = &rule.custom_skill else { return true };
        assert_eq!(custom.field, team(), "the model knows one such field");
        let name = Self::variable(item, "team");
        let Some(skill) = self.settings.skills.iter().find(|skill| skill.name.as_str() == name) else {
            return false;
        };
        let profile = self.settings.representative(person.id).unwrap();
        let Some(held) = self.levels(&profile.skills).get(&skill.id).copied() else { return false };
        let least = |rating| RatedSkill { skill: skill.id, rating, model: None };
        held >= custom.at_least.map_or(0, |rating| self.levels(&[least(rating)])[&skill.id])
    }

    /// Whether somebody is of the team that the item asks for, at work by their own hours, whoever had it last, or has little
    /// to do, if the rule asks for that.
    fn suits(&self, when: &Condition, item: &Item, person: &Person) -> bool {
        let profile = self.settings.representative(person.id).unwrap();
        match when {
            Condition::All(conditions) => {
                conditions.iter().all(|condition| self.suits(condition, item, person))
            }
            Condition::WorkingNow(Operand::Field(_)) => {
                profile.hours.is_some_and(|hours| self.open_hours[&hours])
            }
            Condition::Compare(Field::Representative(RepresentativeField::Id), _) => {
                item.last_representative == Some(person.id)
            }
            Condition::Compare(Field::Representative(RepresentativeField::OpenItems), _) => {
                self.open_items(person) < 2
            }
            _ => {
                let (team, asked) = (profile.attributes.get("team"), Self::variable(item, "team"));
                !asked.is_empty() && team == Some(&asked.as_str().into())
            }
        }
    }

    /// How many items somebody has or is offered.
    fn open_items(&self, person: &Person) -> usize {
        self.items.iter().filter(|item| item.whose() == Some(person.id)).count()
    }

    /// A number of somebody: their rank, or how much they have.
    fn number(&self, field: &Field, person: &Person) -> Option<i64> {
        match field {
            Field::Representative(RepresentativeField::OpenItems) => {
                i64::try_from(self.open_items(person)).ok()
            }
            _ => match self.settings.representative(person.id)?.attributes.get("rank")? {
                Literal::Number(rank) => {
                    (0..100_u32).find(|number| Number::from(*number) == *rank).map(i64::from)
                }
                other => panic!("the model knows ranks, not {other:?}"),
            },
        }
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
                let (missing, spare) = self.distance(item, person);
                let counts = item.found.matching == SkillMatching::Closest
                    || matches!(queue.method, Method::Custom(_));
                if counts { (missing, spare.into()) } else { (0, 0) }
            }
            AssignmentOrder::Lowest(field) => (0, self.number(field, person).unwrap_or(i64::MAX)),
            AssignmentOrder::Highest(field) => (0, self.number(field, person).map_or(i64::MAX, |it| -it)),
            AssignmentOrder::FewestSkills => {
                let skills = &self.settings.representative(person.id).unwrap().skills;
                (0, i64::try_from(self.levels(skills).len()).unwrap())
            }
            AssignmentOrder::FreePlaces => {
                let places = charge(self.workstream(item).unwrap(), item).places.into_iter();
                let free = places.map(|place| self.free(person, place).unwrap_or(0)).min();
                (0, -i64::from(free.unwrap_or(0)))
            }
        }
    }

    /// Whom the item asks for by name, of those who are there.
    fn wished(&self, workstream: &Workstream, item: &Item) -> Vec<&Person> {
        let returns = item.returns_to.is_some();
        let names = item.returns_to.iter().chain(item.arrival.preferred.iter().take(3).filter(|_| !returns));
        let people = names.filter_map(|id| self.people.iter().find(|person| person.id == *id));
        let there = people.filter(|person| {
            let presence = self.presence(person);
            let there = self.base(presence) <= BasePresence::Away && !person.crowded;
            there && (returns || workstream.allowed_presences.contains(&presence))
        });
        there.collect()
    }

    /// How much of what the item asks for somebody lacks, and how much more they know, on a scale of 1,000.
    pub(super) fn distance(&self, item: &Item, person: &Person) -> (u32, u32) {
        let held = self.levels(&self.settings.representative(person.id).unwrap().skills);
        let (mut missing, mut spare) = (0, 0);
        for (skill, asked) in &item.found.skills {
            match held.get(skill) {
                None => missing += asked + 1,
                Some(held) => {
                    missing += asked.saturating_sub(*held);
                    spare += held.saturating_sub(*asked);
                }
            }
        }
        (missing, spare)
    }

    /// The rules by which a queue finds people for this item.
    pub(super) fn rules_for(queue: &Queue, item: &Item) -> Vec<AssignmentRule> {
        let mut rulesets = Self::rulesets_of(queue).into_iter();
        rulesets.find(|ruleset| Self::holds(&ruleset.when, item)).map(|fits| fits.rules).unwrap_or_default()
    }

    /// The rulesets of a queue; a method that is built in is one of one rule.
    pub(super) fn rulesets_of(queue: &Queue) -> Vec<AssignmentRuleset> {
        let built_in = |order| {
            let rule = AssignmentRule {
                name: queue.name.clone(),
                when: Condition::default(),
                any_presence: false,
                any_skills: false,
                custom_skill: None,
                order_by: Vec::from([AssignmentOrder::Proficiency, order]),
            };
            let (name, when) = (queue.name.clone(), Condition::default());
            Vec::from([AssignmentRuleset { name, when, rules: Vec::from([rule]) }])
        };
        match &queue.method {
            Method::HighestCapacity => built_in(AssignmentOrder::FreeCapacity),
            Method::RoundRobin => built_in(AssignmentOrder::RoundRobin),
            Method::LeastActive => built_in(AssignmentOrder::LeastActive),
            Method::Custom(rulesets) => rulesets.clone(),
        }
    }
}

fn team() -> Field {
    Field::context("team").unwrap()
}

fn had_last() -> Field {
    Field::Conversation(ConversationField::LastRepresentative)
}

/// Whether a rule of the ruleset asks an item for this.
fn asks_for(ruleset: &AssignmentRuleset, field: &Field) -> bool {
    fn compares(when: &Condition, field: &Field) -> bool {
        match when {
            Condition::All(conditions) => conditions.iter().any(|condition| compares(condition, field)),
            Condition::Compare(_, Comparison::Equals(Operand::Field(with))) => with == field,
            _ => false,
        }
    }
    let names = |rule: &AssignmentRule| rule.custom_skill.as_ref().is_some_and(|named| named.field == *field);
    ruleset.rules.iter().any(|rule| names(rule) || compares(&rule.when, field))
}

/// What an item takes of whoever has it.
pub(super) fn charge(workstream: &Workstream, item: &Item) -> Charge {
    let mut places: Vec<_> = workstream.profile.into_iter().chain(item.found.profiles.clone()).collect();
    places.sort();
    places.dedup();
    Charge { units: workstream.cost.0, places }
}
