//! Settings that differ in what matters to who gets what.

use alloc::vec;
use alloc::vec::Vec;

use crate::condition::{Attribute, Comparison, Condition, Field, Literal, Name, Operand};
use crate::hours::OperatingHours;
use crate::id::{CapacityProfileId, PresenceId};
use crate::routing::tests::house::{
    a_queue, a_representative, a_workstream, line, queue, rated, rating_model, representative, route, skill,
    usual,
};
use crate::settings::{
    Acceptance, AssignmentOrder, AssignmentRule, AssignmentRuleset, AttributeDeclaration, AutoClose,
    BasePresence, Bucket, BucketOrder, CapacityProfile, Channel, ChannelClass, ClassificationRule,
    ConsultRules, Consultable, CustomPresence, CustomSkill, Distribution, HeldProfile, Limit, LongWait,
    Method, Outcome, Overflow, OverflowAction, OverflowCause, Presence, ProfileReset, QueueKind, RatedSkill,
    RatingLevel, RatingModel, Route, Ruleset, Settings, Share, Silent, Skill, SkillMatching, SupervisorRight,
    TimeOutAction, TimeOutRule, Units, VariableKind, Workstream, WrapUp,
};
use crate::text::MessageText;
use crate::time::Span;

pub(super) const VARIANTS: u8 = 24;

/// Presences of the organisation's own: the one is near work, the other is not.
pub(super) const TRAINING: PresenceId = PresenceId::from_u128(0xfa1);
pub(super) const BREAK: PresenceId = PresenceId::from_u128(0xfa2);

fn representative_attribute(name: &str) -> Attribute {
    match std::format!("representative.{name}").parse() {
        Ok(Field::Attribute(attribute)) => attribute,
        other => panic!("not an attribute: {other:?}"),
    }
}

/// Two skills rated by one model of five levels, and a second model of a hundred.
pub(in crate::routing::tests) fn with_skills(settings: &mut Settings) {
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
        custom_skill: None,
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

/// Nothing of the first kind is offered, whomever it asks for; the second kind is.
fn with_work_that_is_picked(settings: &mut Settings) {
    settings.workstreams[0].sessions.distribution = Distribution::Pick;
    settings.workstreams[0].keeps_representative = true;
    asynchronous(&mut settings.workstreams[1]);
}

/// Teams are skills here: first goes who has the skill that the item names, well or at all, then anybody.
fn with_skills_that_items_name(settings: &mut Settings) {
    with_rules_of_its_own(settings, 9);
    (settings.skills[0].name, settings.skills[1].name) = (line("red"), line("blue"));
    let named = |at_least| Some(CustomSkill { field: Field::context("team").unwrap(), at_least });
    if let Method::Custom(rulesets) = &mut settings.queues[0].method {
        rulesets[0].rules[0].when = Condition::default();
        rulesets[0].rules[0].custom_skill = named(Some(4));
        rulesets[0].rules[1].custom_skill = named(None);
        // Those whose team is known are left to those who know it.
        rulesets[0].rules[2].when = Condition::default();
        rulesets[0].rules[2].any_presence = false;
    }
}

fn by_variable(name: &str, value: &str) -> Condition {
    Condition::Compare(Field::context(name).unwrap(), Comparison::Equals(value.into()))
}

fn ruleset(rules: Vec<(Condition, Vec<Outcome>)>) -> Ruleset {
    let rule = |(when, then)| ClassificationRule { name: line("Rule"), when, then };
    Ruleset { name: line("Ruleset"), rules: rules.into_iter().map(rule).collect() }
}

/// Rulesets of which the second sees what the first has set, splits, buckets, and a choice among rules of one's own.
fn with_classification(settings: &mut Settings) {
    let set =
        |name: &str, value: &str| Outcome::Variable { name: Name::new(name).unwrap(), value: value.into() };
    let first = ruleset(vec![
        (by_variable("team", "red"), vec![set("tier", "gold"), Outcome::Priority(50)]),
        (by_variable("topic", "order"), vec![Outcome::Skill(rated(1, 3)), Outcome::Skill(rated(2, 1))]),
    ]);
    let second = ruleset(vec![
        (by_variable("tier", "gold"), vec![Outcome::SkillMatching(SkillMatching::Closest)]),
        (by_variable("team", "blue"), vec![Outcome::Priority(150), set("team", "red")]),
    ]);
    settings.workstreams[0].classification = vec![first, second];
    let halves = [(1, 30), (2, 70)].map(|(number, percent)| Share { queue: queue(number), percent });
    settings.workstreams[0].routes[0].queues = halves.to_vec();
    let bucket = |when, descending| Bucket {
        name: line("Bucket"),
        when,
        order_by: Some(BucketOrder { field: "conversation.created".parse().unwrap(), descending }),
    };
    settings.queues[0].buckets = vec![bucket(by_variable("team", "blue"), true)];
    settings.queues[1].buckets =
        vec![bucket(by_variable("tier", "gold"), false), bucket(Condition::default(), true)];
    with_rules_of_its_own(settings, 9);
    if let Method::Custom(rulesets) = &mut settings.queues[0].method {
        // Only what asks for a team is offered at all here.
        let blue = AssignmentRuleset { when: by_variable("team", "blue"), ..rulesets[0].clone() };
        rulesets[0].when = by_variable("tier", "gold");
        rulesets.insert(0, AssignmentRuleset { rules: blue.rules[2..].to_vec(), ..blue });
    }
    settings.workstreams[1].skill_matching = SkillMatching::Off;
}

/// Queues that are full soon, in which nobody waits for long, and a third that takes what is left.
fn with_overflow(settings: &mut Settings) {
    settings.queues.push(a_queue(3, 30, &[3]));
    let full = |limit, action| Overflow { when: OverflowCause::ItemsWaiting(limit), action };
    let to = |numbers: &[u8]| OverflowAction::Transfer(numbers.iter().copied().map(queue).collect());
    settings.queues[0].overflow = vec![full(2, to(&[2, 3]))];
    settings.queues[1].overflow = vec![full(3, OverflowAction::End)];
    let wait = |secs, action| Some(LongWait { longer_than: Span::from_secs(secs), action });
    settings.queues[0].long_wait = wait(60, to(&[2, 3]));
    settings.queues[1].long_wait = wait(900, OverflowAction::End);
    settings.queues[2].long_wait = wait(60, OverflowAction::AssignAnyway);
    let second = Route { overflow: Some(OverflowAction::AssignAnyway), ..route("other", 2) };
    settings.workstreams[0].routes.push(second);
    settings.workstreams[0].fallback = queue(3);
    settings.workstreams[1].routes = vec![route("other", 2), route("order", 1), route("order", 3)];
    asynchronous(&mut settings.workstreams[1]);
}

/// Hours that open and close every few minutes of the day on which histories begin.
fn with_hours(settings: &mut Settings) {
    let hours = |number: u8, spans: &str| -> OperatingHours {
        let text = std::format!(
            r#"{{"id": "00000000-0000-0000-0000-0000000000{number:02}", "name": "Hours", "time_zone": "UTC",
                "week": {{"thu": [{spans}]}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    settings.hours = vec![
        hours(1, r#""00:00-00:18", "00:20-00:40", "00:55-02:00""#),
        hours(2, r#""00:19-00:30", "01:00-01:10", "01:40-03:00""#),
    ];
    let [first, second] = [settings.hours[0].id, settings.hours[1].id];
    settings.queues.push(a_queue(3, 5, &[1, 2, 3]));
    let closed = |action| vec![Overflow { when: OverflowCause::OutOfHours, action }];
    (settings.queues[0].hours, settings.queues[1].hours) = (Some(first), Some(second));
    settings.queues[0].overflow = closed(OverflowAction::Transfer(vec![queue(2), queue(3)]));
    settings.queues[1].overflow = closed(OverflowAction::End);
    settings.workstreams[0].routes.push(route("order", 2));
    settings.workstreams[0].fallback = queue(3);
    with_rules_of_its_own(settings, 10);
    let at_work = Condition::WorkingNow(Operand::Field("representative.hours".parse().unwrap()));
    if let Method::Custom(rulesets) = &mut settings.queues[1].method {
        rulesets[0].rules[1].when = at_work;
    }
    settings.representatives[0].hours = Some(first);
    settings.representatives[1].hours = Some(second);
    asynchronous(&mut settings.workstreams[1]);
}

/// Work that takes places of profiles, one of them until the end of the day, and more where classification says so.
fn with_profiles(settings: &mut Settings) {
    let profile = |number: u128, limit, reset| CapacityProfile {
        id: CapacityProfileId::from_u128(number),
        name: line("Profile"),
        limit,
        reset,
        blocks_assignment: number == 3,
    };
    settings.profiles = vec![
        profile(1, 2, ProfileReset::Immediate),
        profile(2, 3, ProfileReset::EndOfDay),
        profile(3, 2, ProfileReset::Immediate),
    ];
    let held: Vec<HeldProfile> =
        settings.profiles.iter().map(|known| HeldProfile { profile: known.id, limit: None }).collect();
    for representative in &mut settings.representatives {
        representative.profiles.clone_from(&held);
    }
    settings.representatives[1].profiles[0].limit = Some(1);
    settings.representatives[2].profiles.truncate(2);
    settings.representatives[2].capacity = Units(0);
    let by_profile = &mut settings.workstreams[0];
    (by_profile.cost, by_profile.profile) = (Units(0), Some(held[0].profile));
    by_profile.classification = vec![
        ruleset(vec![
            (by_variable("team", "red"), vec![Outcome::Profile(held[1].profile)]),
            (
                by_variable("team", "blue"),
                vec![Outcome::Profile(held[2].profile), Outcome::Profile(held[0].profile)],
            ),
        ]),
        ruleset(vec![(by_variable("topic", "order"), vec![Outcome::Profile(held[1].profile)])]),
    ];
    settings.desk.day_ends = Span::from_secs(3_600);
    asynchronous(&mut settings.workstreams[1]);
}

/// Desks that hold two sessions, and people who could have more.
fn with_a_small_desk(settings: &mut Settings) {
    settings.desk.most_sessions = 2;
    settings.representatives.iter_mut().for_each(|representative| representative.capacity = Units(5));
    settings.workstreams[0].wrap_up = WrapUp::NeverBlocks;
    settings.workstreams[0].keeps_representative = true;
    asynchronous(&mut settings.workstreams[1]);
    settings.workstreams[1].sessions.affinity = false;
}

/// Consulting that takes capacity, of whoever is there or of few at once; offers that are accepted as they are made.
fn with_consulting_that_costs(settings: &mut Settings) {
    settings.queues[0].method = Method::LeastActive;
    settings.queues[0].supervisors = vec![representative(2)];
    settings.desk.inactive_after_missed_offer = true;
    settings.desk.do_not_disturb_after_reject = true;
    settings.workstreams[0].sessions.consult = ConsultRules {
        whom: Consultable::Anybody,
        holds_capacity: true,
        search: Span::from_secs(60),
        ..ConsultRules::default()
    };
    let second = &mut settings.workstreams[1].sessions;
    second.channel = ChannelClass::PersistentChat;
    second.acceptance = Acceptance::Automatic;
    second.transfer_to_anybody = false;
    second.consult.found_holds_capacity = false;
    second.consult.most = 2;
}

/// Conversations in which nobody may be silent for long, and that are closed soon when nobody touches them.
fn with_limits_of_time(settings: &mut Settings) {
    let rule = |silent, secs, action| TimeOutRule::new(silent, Span::from_secs(secs), action);
    let minutes = |minutes: u64| Limit::After(Span::from_secs(minutes * 60));
    asynchronous(&mut settings.workstreams[0]);
    settings.workstreams[0].sessions.time_outs = vec![
        rule(Silent::Customer, 60, TimeOutAction::Say(MessageText::new("Are you there?").unwrap())),
        rule(Silent::Customer, 120, TimeOutAction::Wait),
        rule(Silent::Representative, 150, TimeOutAction::Release),
        // Two of one time: the second finds nothing to do, or what the first has left.
        rule(Silent::Customer, 120, TimeOutAction::Close),
    ];
    settings.workstreams[0].sessions.auto_close =
        AutoClose { open: minutes(5), active: minutes(10), waiting: minutes(5), wrap_up: minutes(1) };
    settings.workstreams[0].keeps_representative = true;
    settings.workstreams[0].sessions.consult.search = Span::from_secs(30);
    let second = &mut settings.workstreams[1].sessions;
    second.channel = ChannelClass::PersistentChat;
    second.time_outs = vec![
        rule(Silent::Representative, 60, TimeOutAction::Say(MessageText::new("One moment.").unwrap())),
        rule(Silent::Representative, 900, TimeOutAction::Wait),
        rule(Silent::Customer, 300, TimeOutAction::Close),
    ];
    second.auto_close = AutoClose { open: Limit::Never, wrap_up: minutes(2), ..AutoClose::default() };
}

/// Calls that end after a while, and records that only people close.
fn with_calls_and_records(settings: &mut Settings) {
    (settings.workstreams[0].channel, settings.workstreams[0].sessions.channel) =
        (Channel::Voice, ChannelClass::Voice);
    settings.workstreams[0].fallback = queue(1);
    settings.workstreams[0].sessions.auto_close.active = Limit::After(Span::from_secs(300));
    settings.workstreams[0].sessions.acceptance = Acceptance::AcceptOnly;
    (settings.workstreams[1].channel, settings.workstreams[1].sessions.channel) =
        (Channel::Record, ChannelClass::Record);
    settings.workstreams[1].fallback = queue(2);
    settings.workstreams[1].routes.clear();
    (settings.queues[0].kind, settings.queues[1].kind) = (QueueKind::Voice, QueueKind::Record);
    settings.workstreams[1].wrap_up = WrapUp::AlwaysBlocks;
    settings.desk.supervisors_may = vec![SupervisorRight::Assign, SupervisorRight::Transfer];
}

/// A rule that finds whoever fits, in this order.
fn finding(when: &str, order_by: &[AssignmentOrder]) -> AssignmentRule {
    AssignmentRule {
        name: line("Rule"),
        when: serde_json::from_str(when).unwrap(),
        any_presence: false,
        any_skills: false,
        custom_skill: None,
        order_by: order_by.to_vec(),
    }
}

fn by_these(rules: Vec<AssignmentRule>) -> Method {
    Method::Custom(vec![AssignmentRuleset { name: line("All"), when: Condition::default(), rules }])
}

const ANYBODY: &str = r#"{"all": []}"#;

/// Rules that see what has become of an item, and how much people have open.
fn with_rules_that_remember(settings: &mut Settings) {
    let had_it = r#"{"field": "representative.id", "equals": {"field": "conversation.last_representative"}}"#;
    settings.queues[0].method =
        by_these(vec![finding(had_it, &[]), finding(ANYBODY, &[AssignmentOrder::RoundRobin])]);
    let free = r#"{"field": "representative.open_items", "less_than": 2}"#;
    let fewest = AssignmentOrder::Lowest("representative.open_items".parse().unwrap());
    settings.queues[1].method = by_these(vec![finding(free, &[fewest, AssignmentOrder::FreeCapacity])]);
    let bucket = |when, field: &str, descending| Bucket {
        name: line("Bucket"),
        when,
        order_by: Some(BucketOrder { field: field.parse().unwrap(), descending }),
    };
    let known = Condition::IsSet("conversation.last_representative".parse().unwrap());
    settings.queues[0].buckets = vec![bucket(Condition::default(), "conversation.transfers", false)];
    settings.queues[1].buckets = vec![bucket(known, "conversation.transfers", true)];
    settings.representatives.iter_mut().for_each(|representative| representative.capacity = Units(4));
    for workstream in &mut settings.workstreams {
        asynchronous(workstream);
        workstream.sessions.affinity = false;
        workstream.wrap_up = WrapUp::NeverBlocks;
    }
}

/// People are ranked, know more or less, and have places free.
fn with_ranks(settings: &mut Settings) {
    with_profiles(settings);
    let field = Field::Attribute(representative_attribute("rank"));
    settings.attributes = vec![AttributeDeclaration { field: field.clone(), kind: VariableKind::Number }];
    // Of the third nothing is known.
    for (representative, rank) in settings.representatives.iter_mut().zip([7, 3]) {
        representative.attributes.insert(Name::new("rank").unwrap(), Literal::Number(rank.into()));
    }
    let (highest, lowest) = (AssignmentOrder::Highest(field.clone()), AssignmentOrder::Lowest(field));
    let few = AssignmentOrder::FewestSkills;
    settings.queues[0].method = by_these(vec![finding(ANYBODY, &[AssignmentOrder::FreePlaces, highest])]);
    settings.queues[1].method = by_these(vec![finding(ANYBODY, &[few, lowest])]);
}

/// Presences of the organisation's own, and queues that let nothing in while nobody in them is available.
fn with_presences(settings: &mut Settings) {
    let presence = |id, base| CustomPresence {
        id,
        name: line("Presence"),
        text: line("Presence"),
        base,
        description: None,
    };
    settings.presences = vec![presence(TRAINING, BasePresence::Busy), presence(BREAK, BasePresence::Away)];
    settings.workstreams[0].allowed_presences = vec![Presence::Available, Presence::Custom(TRAINING)];
    settings.workstreams[1].allowed_presences = vec![Presence::Available, Presence::Custom(BREAK)];
    settings.representatives[2].default_presence = Presence::Custom(BREAK);
    settings.queues.push(a_queue(3, 30, &[1, 3]));
    let anybody = AssignmentRule { any_presence: true, ..finding(ANYBODY, &[AssignmentOrder::RoundRobin]) };
    settings.queues[1].method = by_these(vec![anybody]);
    let nobody = r#"{"field": "queue.available_representatives", "equals": 0}"#;
    let alone =
        |action| Overflow { when: OverflowCause::Condition(serde_json::from_str(nobody).unwrap()), action };
    settings.queues[0].overflow = vec![alone(OverflowAction::Transfer(vec![queue(2), queue(3)]))];
    settings.queues[1].overflow = vec![alone(OverflowAction::End)];
    settings.workstreams[0].routes.push(route("other", 2));
    settings.workstreams[1].routes.push(route("order", 3));
    asynchronous(&mut settings.workstreams[1]);
}

/// A channel in which representatives step out until the customer writes.
fn asynchronous(workstream: &mut Workstream) {
    (workstream.channel, workstream.sessions.channel) = (Channel::Social, ChannelClass::Asynchronous);
}

/// A third queue that is served first, a fourth representative, a third kind of work that needs a busy one.
fn with_more_of_everything(settings: &mut Settings) {
    settings.representatives.push(a_representative(4, 5));
    settings.queues.push(a_queue(3, 5, &[2, 4]));
    let mut third = a_workstream(3, 3);
    third.allowed_presences = vec![Presence::Busy];
    third.wrap_up = WrapUp::NeverBlocks;
    third.routes = vec![route("order", 2)];
    settings.workstreams.push(third);
}

/// The methods that are built in, and how near skills must be.
fn with_other_methods(settings: &mut Settings, number: u8) {
    match number {
        6 => {
            settings.workstreams.iter_mut().for_each(|workstream| workstream.tells_position = true);
            settings.queues[0].method = Method::RoundRobin;
            settings.queues[1].method = Method::LeastActive;
            settings.workstreams[0].keeps_representative = true;
        }
        7 => {
            settings.queues[0].method = Method::LeastActive;
            settings.queues[1].method = Method::RoundRobin;
            settings.workstreams[0].skill_matching = SkillMatching::Closest;
            settings.workstreams[1].skill_matching = SkillMatching::Off;
            settings.workstreams[1].waits_for_preferred = true;
        }
        _ => {
            settings.queues[0].method = Method::RoundRobin;
            settings.workstreams[0].waits_for_preferred = true;
            settings.workstreams[1].keeps_representative = true;
            settings.workstreams[1].skill_matching = SkillMatching::Closest;
            settings.queues[1].members.remove(1);
        }
    }
}

/// Settings that differ in what matters: presences, costs, wrap-up, members, and what exists at all.
pub(super) fn variant(number: u8) -> Settings {
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
        0 => {}
        6..=8 => with_other_methods(&mut settings, number),
        9 | 10 => with_rules_of_its_own(&mut settings, number),
        1 => with_more_of_everything(&mut settings),
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
        11 => with_classification(&mut settings),
        12 => with_overflow(&mut settings),
        13 => with_hours(&mut settings),
        14 => with_profiles(&mut settings),
        15 => with_a_small_desk(&mut settings),
        16 => with_skills_that_items_name(&mut settings),
        17 => with_work_that_is_picked(&mut settings),
        18 => with_consulting_that_costs(&mut settings),
        19 => with_limits_of_time(&mut settings),
        20 => with_calls_and_records(&mut settings),
        21 => with_rules_that_remember(&mut settings),
        22 => with_ranks(&mut settings),
        23 => with_presences(&mut settings),
        _ => {
            settings.queues.truncate(1);
            settings.workstreams[0].fallback = queue(1);
            settings.workstreams[1].wrap_up = WrapUp::NeverBlocks;
            settings.workstreams[0].cost = Units(2);
        }
    }
    settings
}
