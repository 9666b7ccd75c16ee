//! Random histories: whatever happens in whatever order, the router does what the plain [`Model`] does, its invariants
//! hold after every step, a refused command leaves no trace, and a snapshot anywhere leads to the same end.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec as vec_of;
use proptest::prelude::*;

use super::house::{
    a_queue, a_representative, a_workstream, arrival, console, conversation, line, queue, rated,
    rating_model, representative, route, skill, usual,
};
use super::model::Model;
use crate::authority::Role;
use crate::condition::{Attribute, Comparison, Condition, Field, Name, Operand};
use crate::form::Answer;
use crate::id::{ConnectionId, ConversationId, OfferId, RepresentativeId};
use crate::protocol::desk::{DeskFrame, WorkItemView};
use crate::routing::{Arrival, Audience, Command, Departure, Effect, Router};
use crate::settings::{
    AssignmentOrder, AssignmentRule, AssignmentRuleset, AttributeDeclaration, Method, Presence, RatedSkill,
    RatingLevel, RatingModel, Settings, SettingsVersion, Skill, SkillMatching, Units, VariableKind, WrapUp,
};
use crate::time::{Span, Timestamp};

const REPRESENTATIVES: u8 = 4;
const CONVERSATIONS: u8 = 12;
const TABS: u8 = 2;

/// One step of a history. Numbers that name nothing are welcome.
#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Tick,
    Configure(u8),
    Arrive(u8, u8, bool, u8),
    Reclassify(u8, u8),
    CustomerLeft(u8),
    Connect(u8, u8),
    Disconnect(u8, u8),
    SignOut(u8),
    ConnectionsAre(u8),
    SetPresence(u8, Presence),
    Accept(u8, usize),
    Reject(u8, usize),
    AcceptNumber(u8, u64),
    Pick(u8, u8),
    End(u8, usize),
    Close(u8, usize),
    EndAnything(u8, u8),
    CloseAnything(u8, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..=REPRESENTATIVES;
    let what = 0..CONVERSATIONS;
    let presence = prop::sample::select(vec![
        Presence::Available,
        Presence::Busy,
        Presence::DoNotDisturb,
        Presence::Away,
        Presence::Offline,
        Presence::Inactive,
    ]);
    let wait = prop::sample::select(vec![0, 1, 999, 30_000, 60_000, 149_999, 150_000, 150_001, 900_000]);
    let tab = 0..TABS;
    prop_oneof![
        8 => wait.prop_map(Step::Wait),
        6 => Just(Step::Tick),
        1 => (0..VARIANTS).prop_map(Step::Configure),
        16 => (what.clone(), 1..=3_u8, any::<bool>(), 0..FLAVOURS)
            .prop_map(|(n, kind, order, flavour)| Step::Arrive(n, kind, order, flavour)),
        3 => what.clone().prop_map(Step::CustomerLeft),
        3 => (what.clone(), 0..FLAVOURS).prop_map(|(n, flavour)| Step::Reclassify(n, flavour)),
        12 => (who.clone(), tab.clone()).prop_map(|(who, tab)| Step::Connect(who, tab)),
        4 => (who.clone(), tab).prop_map(|(who, tab)| Step::Disconnect(who, tab)),
        1 => who.clone().prop_map(Step::SignOut),
        1 => any::<u8>().prop_map(Step::ConnectionsAre),
        4 => (who.clone(), presence).prop_map(|(who, presence)| Step::SetPresence(who, presence)),
        12 => (who.clone(), any::<usize>()).prop_map(|(who, n)| Step::Accept(who, n)),
        6 => (who.clone(), any::<usize>()).prop_map(|(who, n)| Step::Reject(who, n)),
        1 => (who.clone(), 0..20_u64).prop_map(|(who, n)| Step::AcceptNumber(who, n)),
        5 => (who.clone(), what.clone()).prop_map(|(who, n)| Step::Pick(who, n)),
        5 => (who.clone(), any::<usize>()).prop_map(|(who, n)| Step::End(who, n)),
        5 => (who.clone(), any::<usize>()).prop_map(|(who, n)| Step::Close(who, n)),
        1 => (who.clone(), what.clone()).prop_map(|(who, n)| Step::EndAnything(who, n)),
        1 => (who, what).prop_map(|(who, n)| Step::CloseAnything(who, n)),
    ]
}

const VARIANTS: u8 = 11;
const FLAVOURS: u8 = 12;

/// Every other item asks for skills.
fn flavoured_skills(flavour: u8) -> Vec<RatedSkill> {
    match flavour {
        1 => vec![rated(1, 3)],
        3 => vec![rated(1, 5), rated(2, 1)],
        5 => vec![rated(2, 4)],
        7 => vec![RatedSkill { model: Some(rating_model(2)), ..rated(2, 60) }],
        9 => vec![rated(3, 1)],
        _ => vec![],
    }
}

fn topic(value: &str) -> Answer {
    Answer { name: "topic".into(), value: value.into() }
}

/// Some ask for a team.
fn team(flavour: u8) -> Vec<Answer> {
    let team = match flavour {
        2 => "red",
        4 | 7 => "blue",
        6 => "green",
        _ => return vec![],
    };
    vec![Answer { name: "team".into(), value: team.into() }]
}

fn representative_attribute(name: &str) -> Attribute {
    match std::format!("representative.{name}").parse() {
        Ok(Field::Attribute(attribute)) => attribute,
        other => panic!("not an attribute: {other:?}"),
    }
}

/// Some ask for people.
fn flavoured_wishes(flavour: u8) -> Vec<RepresentativeId> {
    match flavour {
        9 => vec![representative(2)],
        10 => vec![representative(3), representative(1)],
        11 => vec![representative(4), representative(2), representative(3), representative(1)],
        _ => vec![],
    }
}

/// Two skills rated by one model of five levels, and a second model of a hundred.
pub(super) fn with_skills(settings: &mut Settings) {
    let level = |value| RatingLevel { name: line("Level"), value };
    let model = |number, values: &[u16]| RatingModel {
        id: rating_model(number),
        name: line("Model"),
        levels: values.iter().copied().map(level).collect(),
    };
    settings.rating_models = vec![model(1, &[1, 2, 3, 4, 5]), model(2, &[0, 60, 80, 100])];
    let known = |number| Skill { id: skill(number), name: line("Skill"), sort: None, model: rating_model(1) };
    settings.skills = vec![known(1), known(2)];
    let skills = [vec![rated(1, 3)], vec![rated(1, 5), rated(2, 3)], vec![rated(2, 5), rated(1, 1)]];
    for (representative, skills) in settings.representatives.iter_mut().zip(skills) {
        representative.skills = skills;
    }
    settings.representatives[1].skills[0] = RatedSkill { model: Some(rating_model(2)), ..rated(1, 80) };
}

/// A queue that chooses people by rules of its own.
fn with_rules_of_its_own(settings: &mut Settings, number: u8) {
    // The same team, then anybody with the skills, then anybody who is there at all.
    let team = Field::Attribute(representative_attribute("team"));
    let same = Comparison::Equals(Operand::Field(Field::context("team").unwrap()));
    let rule = |when, any, order_by: &[AssignmentOrder]| AssignmentRule {
        name: line("Rule"),
        when,
        any_presence: any,
        any_skills: any,
        order_by: order_by.to_vec(),
    };
    let rules = vec![
        rule(Condition::Compare(team.clone(), same), false, &[AssignmentOrder::LeastActive]),
        rule(Condition::default(), false, &[AssignmentOrder::Proficiency, AssignmentOrder::RoundRobin]),
        rule(Condition::default(), true, &[AssignmentOrder::Proficiency, AssignmentOrder::FreeCapacity]),
    ];
    let rules = if number == 9 { rules } else { rules[..2].to_vec() };
    let ruleset = AssignmentRuleset { name: line("All"), when: Condition::default(), rules };
    settings.queues[usize::from(number - 9)].method = Method::Custom(vec![ruleset]);
    settings.attributes = vec![AttributeDeclaration { field: team, kind: VariableKind::Text }];
    for (representative, team) in settings.representatives.iter_mut().zip(["red", "blue", "red"]) {
        representative.attributes.insert(Name::new("team").unwrap(), team.into());
    }
    settings.workstreams[0].skill_matching = SkillMatching::Closest;
}

/// Settings that differ in what matters: presences, costs, wrap-up, members, and what exists at all.
fn variant(number: u8) -> Settings {
    let mut settings = usual();
    let mut second = a_workstream(2, 1);
    second.cost = Units(2);
    second.offers_per_representative = 1;
    second.offer_timeout = Span::from_secs(30);
    second.allowed_presences =
        vec![Presence::Available, Presence::Busy, Presence::DoNotDisturb, Presence::Away];
    second.wrap_up = WrapUp::BlocksFor(Span::from_secs(60));
    settings.workstreams.push(second);
    settings.representatives[1].capacity = Units(3);
    settings.representatives[2].default_presence = Presence::Away;
    with_skills(&mut settings);
    match number {
        6 => {
            settings.workstreams.iter_mut().for_each(|workstream| workstream.tells_position = true);
            settings.queues[0].method = Method::RoundRobin;
            settings.queues[1].method = Method::LeastActive;
            settings.workstreams[0].keeps_representative = true;
        }
        9 | 10 => with_rules_of_its_own(&mut settings, number),
        7 => {
            settings.queues[0].method = Method::LeastActive;
            settings.queues[1].method = Method::RoundRobin;
            settings.workstreams[0].skill_matching = SkillMatching::Closest;
            settings.workstreams[1].skill_matching = SkillMatching::Off;
            settings.workstreams[1].waits_for_preferred = true;
        }
        8 => {
            settings.queues[0].method = Method::RoundRobin;
            settings.workstreams[0].waits_for_preferred = true;
            settings.workstreams[1].keeps_representative = true;
            settings.workstreams[1].skill_matching = SkillMatching::Closest;
            settings.queues[1].members.remove(1);
        }
        0 => {}
        1 => {
            // A third queue that is served first, a fourth representative, a third kind of work that needs a busy one.
            settings.representatives.push(a_representative(4, 5));
            settings.queues.push(a_queue(3, 5, &[2, 4]));
            let mut third = a_workstream(3, 3);
            third.allowed_presences = vec![Presence::Busy];
            third.wrap_up = WrapUp::NeverBlocks;
            third.routes = vec![route("order", 2)];
            settings.workstreams.push(third);
        }
        2 => {
            settings.queues.remove(0);
            settings.workstreams.iter_mut().for_each(|workstream| workstream.routes.clear());
            settings.workstreams[1].fallback = queue(2);
            settings.representatives[0].capacity = Units(0);
        }
        3 => {
            settings.workstreams.remove(0);
            settings.queues[0].priority = 20;
            settings.queues[1].members.remove(0);
        }
        4 => {
            settings.representatives.remove(0);
            settings.queues.iter_mut().for_each(|queue| queue.members.retain(|&id| id != representative(1)));
            settings.workstreams[0].wrap_up = WrapUp::BlocksFor(Span::from_secs(1800));
        }
        _ => {
            settings.queues.truncate(1);
            settings.workstreams[0].fallback = queue(1);
            settings.workstreams[1].wrap_up = WrapUp::NeverBlocks;
            settings.workstreams[0].cost = Units(2);
        }
    }
    settings
}

/// The router, the model, and the clock of one history.
struct History {
    router: Router,
    model: Model,
    now: Timestamp,
    version: u64,
    /// Every offer that consoles were shown.
    shown: Vec<(u64, ConversationId, RepresentativeId)>,
    /// What the consoles show, kept up to date by frames alone.
    lists: BTreeMap<RepresentativeId, BTreeMap<ConversationId, WorkItemView>>,
}

impl History {
    fn new() -> Self {
        let (router, model, now) = (Router::default(), Model::default(), Timestamp::from_millis(1_000_000));
        let mut history = Self { router, model, now, version: 0, shown: Vec::new(), lists: BTreeMap::new() };
        let command = history.command(&Step::Configure(0)).unwrap();
        history.take(command);
        history
    }

    fn command(&mut self, step: &Step) -> Option<Command> {
        let offer = |who, n: usize| {
            let DeskFrame::Welcome { offers, .. } = self.welcome(who) else { return None };
            offers.get(n.checked_rem(offers.len())?).map(|view| view.offer)
        };
        let own = |who, n: usize| {
            let DeskFrame::Welcome { work, .. } = self.welcome(who) else { return None };
            let mine: Vec<_> = work.iter().filter(|view| view.mine).collect();
            mine.get(n.checked_rem(mine.len())?).map(|view| view.conversation)
        };
        let id = |who: u8| representative(who);
        Some(match *step {
            Step::Wait(millis) => {
                self.now = self.now.after(Span::from_millis(millis));
                return None;
            }
            Step::Tick => Command::Tick,
            Step::Configure(number) => {
                self.version += 1;
                Command::Configure {
                    version: SettingsVersion(self.version),
                    settings: variant(number).into(),
                }
            }
            Step::Reclassify(n, flavour) => Command::Reclassify {
                conversation: conversation(n),
                context: if flavour % 2 == 0 { team(flavour) } else { vec![topic("order")] },
                skills: flavoured_skills(flavour),
            },
            Step::Arrive(n, kind, order, flavour) => Command::Arrive(Arrival {
                skills: flavoured_skills(flavour),
                preferred: flavoured_wishes(flavour),
                answers: [vec![topic(if order { "order" } else { "other" })], team(flavour)].concat(),
                ..arrival(n, kind, "")
            }),
            Step::CustomerLeft(n) => {
                Command::CustomerLeft { conversation: conversation(n), how: Departure::Ended }
            }
            Step::Connect(who, tab) => {
                Command::Connect { representative: id(who), connection: console(who, tab) }
            }
            Step::Disconnect(who, tab) => {
                Command::Disconnect { representative: id(who), connection: console(who, tab) }
            }
            Step::SignOut(who) => Command::SignOut { representative: id(who) },
            Step::ConnectionsAre(bits) => Command::ConnectionsAre { open: open_by(bits) },
            Step::SetPresence(who, presence) => Command::SetPresence { representative: id(who), presence },
            Step::Accept(who, n) => Command::Accept { representative: id(who), offer: offer(who, n)? },
            Step::Reject(who, n) => Command::Reject { representative: id(who), offer: offer(who, n)? },
            Step::AcceptNumber(who, n) => {
                Command::Accept { representative: id(who), offer: OfferId::from_number(n) }
            }
            Step::Pick(who, n) => Command::Pick { representative: id(who), conversation: conversation(n) },
            Step::End(who, n) => Command::End { representative: id(who), conversation: own(who, n)? },
            Step::Close(who, n) => Command::Close { representative: id(who), conversation: own(who, n)? },
            Step::EndAnything(who, n) => {
                Command::End { representative: id(who), conversation: conversation(n) }
            }
            Step::CloseAnything(who, n) => {
                Command::Close { representative: id(who), conversation: conversation(n) }
            }
        })
    }

    fn welcome(&self, who: u8) -> DeskFrame {
        self.router.welcome(self.now, representative(who), Role::Representative)
    }

    /// Handles a command and compares everything.
    fn take(&mut self, command: Command) {
        let before = postcard::to_allocvec(&self.router).unwrap();
        let connects = match &command {
            Command::Connect { representative, .. } => vec![*representative],
            Command::ConnectionsAre { open } => open.iter().map(|(id, _)| *id).collect(),
            _ => vec![],
        };
        let Ok(effects) = self.router.handle(self.now, command.clone()) else {
            assert_eq!(postcard::to_allocvec(&self.router).unwrap(), before, "a refusal left a trace");
            return;
        };
        assert_eq!(self.router.check_invariants(), Ok(()), "after {command:?}");
        self.model.handle(self.now, command);
        self.follow(&effects);
        assert_eq!(self.shown, self.model.made, "the same offers, in the same order");
        self.compare_work();
        self.compare_positions();
        self.compare_people(&effects);
        self.compare_lists(&connects);
    }

    fn follow(&mut self, effects: &[Effect]) {
        for effect in effects {
            let Effect::Show { to, frame } = effect else { continue };
            for representative in self.router.viewers(to) {
                let list = self.lists.entry(representative).or_default();
                match frame {
                    DeskFrame::Offered { offer } => {
                        self.shown.push((offer.offer.number(), offer.conversation, representative));
                    }
                    DeskFrame::Work { item } => {
                        list.insert(item.conversation, item.clone());
                    }
                    DeskFrame::WorkGone { conversation } => {
                        assert!(list.remove(conversation).is_some(), "what goes was there");
                    }
                    _ => {}
                }
            }
        }
    }

    fn compare_work(&self) {
        let holders = self.model.holders();
        for n in 0..CONVERSATIONS {
            let holder = holders.get(&conversation(n)).copied().flatten();
            for who in 0..=REPRESENTATIVES {
                let takes_part = self.router.takes_part(representative(who), conversation(n));
                assert_eq!(takes_part, holder == Some(representative(who)), "{n} and {who}");
            }
        }
    }

    fn compare_positions(&self) {
        for n in 0..CONVERSATIONS {
            let id = conversation(n);
            assert_eq!(self.router.position(id), self.model.position(id), "the position of {n}");
        }
    }

    fn compare_people(&self, effects: &[Effect]) {
        let offers = || {
            effects.iter().filter_map(|effect| match effect {
                Effect::Show { to: Audience::Representative(id), frame: DeskFrame::Offered { offer } } => {
                    Some((*id, self.model.asks_by_name(offer.conversation)))
                }
                _ => None,
            })
        };
        let mut offered: BTreeSet<_> = offers().map(|(id, _)| id).collect();
        // What asks for people by name goes to them whatever their capacity.
        offers().filter(|(_, by_name)| *by_name).for_each(|(id, _)| {
            offered.remove(&id);
        });
        for who in 1..=REPRESENTATIVES {
            let id = representative(who);
            let DeskFrame::Welcome { presence, .. } = self.welcome(who) else { unreachable!() };
            let expected = self.model.standing_of(id).unwrap_or((Presence::Offline, 0));
            assert_eq!((presence.presence, presence.used.0), expected, "{who}");
            if offered.contains(&id) {
                assert!(
                    presence.used <= presence.capacity,
                    "the system assigned {who} beyond their capacity"
                );
            }
        }
    }

    /// A console that has followed the frames shows what a fresh one is welcomed with.
    fn compare_lists(&mut self, connects: &[RepresentativeId]) {
        for who in 1..=REPRESENTATIVES {
            let id = representative(who);
            let DeskFrame::Welcome { presence, work, .. } = self.welcome(who) else { unreachable!() };
            let welcome: BTreeMap<_, _> = work.into_iter().map(|view| (view.conversation, view)).collect();
            let there = presence.presence != Presence::Offline;
            if connects.contains(&id) || !there {
                self.lists.insert(id, welcome);
            } else {
                assert_eq!(self.lists.entry(id).or_default(), &welcome, "the lists of {who}");
            }
        }
    }
}

/// Which consoles are open, one bit each.
fn open_by(bits: u8) -> Vec<(RepresentativeId, ConnectionId)> {
    let consoles = (1..=REPRESENTATIVES).flat_map(|who| (0..TABS).map(move |tab| (who, tab)));
    let open = consoles.enumerate().filter(|(bit, _)| bits & (1 << bit) != 0);
    open.map(|(_, (who, tab))| (representative(who), console(who, tab))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_router_does_what_the_plain_model_does(steps in vec_of(step(), 1..120)) {
        let mut history = History::new();
        for step in &steps {
            if let Some(command) = history.command(step) {
                history.take(command);
            }
        }
    }

    #[test]
    fn a_snapshot_anywhere_and_the_rest_of_the_journal_give_the_same_state(
        steps in vec_of(step(), 1..80),
        at in any::<prop::sample::Index>(),
    ) {
        let mut history = History::new();
        let mut journal = Vec::new();
        let cut = at.index(steps.len());
        let mut snapshot = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            if number == cut {
                snapshot = postcard::to_allocvec(&history.router).unwrap();
                journal.clear();
            }
            if let Some(command) = history.command(step) {
                let answer = history.router.handle(history.now, command.clone());
                journal.push((history.now, command, answer));
            }
        }
        let mut restored: Router = postcard::from_bytes(&snapshot).unwrap();
        for (now, command, answer) in journal {
            // What cannot be read back from a journal cannot be replayed from it.
            let bytes = postcard::to_allocvec(&command).unwrap();
            let command: Command = postcard::from_bytes(&bytes).unwrap();
            prop_assert_eq!(restored.handle(now, command), answer);
        }
        prop_assert_eq!(restored, history.router);
    }
}

#[test]
fn every_variant_of_settings_here_is_one_that_could_be_stored() {
    for number in 0..VARIANTS {
        assert_eq!(variant(number).check(), Ok(()), "{number}");
    }
}
