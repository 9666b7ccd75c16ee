//! What became of each rule that could have decided where a conversation goes (reference section 28).

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::desk::{assign, to_queue};
use super::house::{House, conversation, line, queue, route};
use super::warnings::equals;
use crate::condition::{Condition, Name};
use crate::protocol::insight::RuleStatus::{Applied, Matched, NotProcessed, Processed};
use crate::protocol::insight::{RuleExplained, RuleStatus};
use crate::routing::{Activity, Effect};
use crate::settings::{
    ClassificationRule, LongWait, Outcome, Overflow, OverflowAction, OverflowCause, Route, Ruleset, Settings,
};
use crate::time::Span;

fn traced(house: &House, item: u8) -> Vec<RuleExplained> {
    house.router.rules(conversation(item)).expect("it is not closed")
}

fn statuses(rules: &[RuleExplained]) -> Vec<(&str, RuleStatus)> {
    rules.iter().map(|rule| (rule.rule.as_str(), rule.status)).collect()
}

/// Three rules of classification and three routes.
fn with_rules(settings: &mut Settings) {
    let rule = |name, when, priority| ClassificationRule {
        name: line(name),
        when,
        then: vec![Outcome::Priority(priority)],
    };
    let rules = vec![
        rule("Gold", equals("context.tier", "gold"), 1),
        rule("Rest", Condition::default(), 50),
        rule("Nothing is left", equals("context.tier", "tin"), 60),
    ];
    settings.workstreams[0].classification = vec![Ruleset { name: line("Worth"), rules }];
    let named = |name, topic, to| Route { name: line(name), ..route(topic, to) };
    settings.workstreams[0].routes =
        vec![named("Refunds", "refund", 2), named("Orders", "order", 1), named("Late orders", "order", 2)];
}

#[test]
fn of_every_rule_it_is_told_what_became_of_it_and_what_was_compared() {
    let mut house = House::with(with_rules);
    let rules = traced(house.arrive_about(1, "order"), 1);
    assert_eq!(
        statuses(&rules),
        [
            ("Gold", Processed),
            ("Rest", Applied),
            ("Nothing is left", NotProcessed),
            ("Refunds", Processed),
            ("Orders", Applied),
            ("Late orders", NotProcessed),
        ]
    );
    assert_eq!(rules[0].ruleset.as_deref(), Some("Worth"));
    assert_eq!(rules[3].ruleset, None);
    let why: Vec<_> = rules.iter().map(|rule| rule.why.clone().unwrap_or_default()).collect();
    assert!(why[0].contains("context.tier is not set"), "{why:?}");
    assert!(why[3].contains("context.topic is") && why[3].contains("order"), "{why:?}");
    assert_eq!([&why[1], &why[2], &why[4], &why[5]], [&String::new(); 4]);
    let none: Vec<_> = traced(house.arrive(2), 2).into_iter().map(|rule| rule.status).collect();
    assert_eq!(none[3..], [Processed; 3], "it is in the fallback");
    assert_eq!(house.router.rules(conversation(9)), None);
}

#[test]
fn a_route_whose_queue_overflowed_matched_and_was_not_applied_unless_nothing_better_was_found() {
    let mut house = House::with(|settings| {
        with_rules(settings);
        let when = OverflowCause::ItemsWaiting(1);
        settings.queues[0].overflow = vec![Overflow { when, action: OverflowAction::AssignAnyway }];
    });
    house.arrive_about(1, "order").arrive_about(2, "order");
    let routes = |house: &House, item| -> Vec<RuleStatus> {
        traced(house, item)[3..].iter().map(|rule| rule.status).collect()
    };
    assert_eq!(routes(&house, 2), [Processed, Matched, Applied]);
    house.configure(|settings| {
        settings.workstreams[0].routes.pop();
    });
    assert_eq!(routes(house.arrive_about(3, "order"), 3), [Processed, Applied]);
}

#[test]
fn what_somebody_moved_was_sent_by_no_route() {
    let mut house = House::with(with_rules);
    house.arrive_about(1, "order").does(assign(1, to_queue(2)));
    assert_eq!(traced(&house, 1).len(), 3, "classification alone");
}

#[test]
fn a_route_was_applied_also_if_its_queue_let_the_wait_become_too_long() {
    let mut house = House::with(|settings| {
        with_rules(settings);
        let longer_than = Span::from_secs(60);
        let action = OverflowAction::Transfer(vec![queue(2)]);
        settings.queues[0].long_wait = Some(LongWait { longer_than, action });
    });
    house.arrive_about(1, "order").after(Span::from_secs(61));
    let explanation = house.router.explain(conversation(1)).unwrap();
    assert_eq!(explanation.queue, Some(queue(2)), "it moved on");
    assert_eq!(
        statuses(&traced(&house, 1))[3..],
        [("Refunds", Processed), ("Orders", Applied), ("Late orders", NotProcessed)]
    );
}

#[test]
fn a_rule_is_told_with_what_the_rulesets_before_it_have_set_and_not_those_after() {
    let mut house = House::with(|settings| {
        let rule = |name, when| ClassificationRule {
            name: line(name),
            when,
            then: vec![Outcome::Variable { name: Name::new("tier").unwrap(), value: "gold".into() }],
        };
        let ruleset = |name, rule| Ruleset { name: line(name), rules: vec![rule] };
        settings.workstreams[0].classification = vec![
            ruleset("First", rule("Gold already", equals("context.tier", "gold"))),
            ruleset("Second", rule("Everybody", Condition::default())),
            ruleset("Third", rule("Tin", equals("context.tier", "tin"))),
        ];
    });
    let rules = traced(house.arrive(1), 1);
    let why: Vec<_> = rules.iter().map(|rule| rule.why.clone().unwrap_or_default()).collect();
    assert!(why[0].contains("context.tier is not set"), "{why:?}");
    assert!(why[2].contains("gold"), "{why:?}");
}

#[test]
fn what_became_of_the_rules_and_why_it_closed_is_kept_with_what_is_over() {
    let mut house = House::with(with_rules);
    house.arrive_about(1, "order");
    let before = traced(&house, 1);
    house.later(Span::from_secs(3)).customer_leaves(1);
    let kept = house.last.iter().find_map(|effect| match effect {
        Effect::Record(Activity::Explained { explanation, .. }) => Some(explanation),
        _ => None,
    });
    let kept = kept.expect("it is explained for the last time");
    assert_eq!(kept.rules, before);
    assert_eq!(kept.why_closed.as_deref(), Some("The customer ended it."));
}
