//! A dry run: what it takes, what it refuses, and what it says (reference section 28).

use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use super::house::{House, conversation, line, queue, representative, skill, usual, workstream};
use crate::condition::{Condition, Field};
use crate::form::Answer;
use crate::id::RepresentativeId;
use crate::protocol::insight::{RuleStatus, Trial, TrialFact, Tried, Verdict};
use crate::routing::Rejection;
use crate::settings::{
    AttributeDeclaration, Overflow, OverflowAction, OverflowCause, RatedSkill, Route, Settings, VariableKind,
};

fn trial() -> Trial {
    Trial {
        workstream: workstream(1),
        customer: None,
        topic: None,
        answers: Vec::new(),
        context: Vec::new(),
        facts: Vec::new(),
        skills: Vec::new(),
        preferred: Vec::new(),
        settings: None,
    }
}

fn with_tiers() -> Settings {
    let mut settings = usual();
    let field: Field = serde_json::from_str("\"contact.tier\"").unwrap();
    settings.attributes.push(AttributeDeclaration { field, kind: VariableKind::Number });
    settings
}

fn fact(field: &str, value: &str) -> TrialFact {
    TrialFact {
        field: serde_json::from_str(&serde_json::to_string(field).unwrap()).unwrap(),
        value: serde_json::from_str(value).unwrap(),
    }
}

#[test]
fn a_trial_that_names_what_does_not_exist_is_refused_with_the_field() {
    let answer = |name: &str, value: &str| Answer { name: name.into(), value: value.into() };
    let cases = [
        (Trial { workstream: workstream(9), ..trial() }, "workstream"),
        (Trial { answers: vec![answer(" ", "x")], ..trial() }, "answers[0].name"),
        (
            Trial { context: vec![answer("a", "b"), answer("c", &"x".repeat(4_001))], ..trial() },
            "context[1].value",
        ),
        (Trial { context: vec![answer("a", "b"); 101], ..trial() }, "context"),
        (Trial { facts: vec![fact("contact.size", "1")], ..trial() }, "facts[0].field"),
        (Trial { facts: vec![fact("contact.tier", "3"); 101], ..trial() }, "facts"),
        (Trial { facts: vec![fact("contact.tier", "\"gold\"")], ..trial() }, "facts[0].value"),
        (
            Trial { skills: vec![RatedSkill { skill: skill(9), rating: 1, model: None }], ..trial() },
            "skills[0].skill",
        ),
        (Trial { preferred: vec![RepresentativeId::from_u128(1)], ..trial() }, "preferred[0]"),
    ];
    for (trial, path) in cases {
        let fault = trial.arrival(&with_tiers(), conversation(1)).unwrap_err();
        assert_eq!(fault.path, path);
        assert!(fault.to_string().ends_with('.'), "a sentence: {fault}");
    }
    let known = Trial { facts: vec![fact("contact.tier", "3")], ..trial() };
    let arrival = known.arrival(&with_tiers(), conversation(1)).unwrap();
    assert_eq!((arrival.facts.len(), arrival.conversation), (1, conversation(1)));
}

#[test]
fn a_trial_reads_as_people_write_it() {
    let written = r#"{ "workstream": "00000000-0000-0000-0000-0000000000c1", "context": [{ "name": "plan", "value": "pro" }],
        "facts": [{ "field": "contact.tier", "value": 3 }] }"#;
    let read: Trial = serde_json::from_str(written).unwrap();
    assert_eq!((read.workstream, read.context.len(), read.facts.len()), (workstream(1), 1, 1));
    assert_eq!(read.settings, None);
}

#[test]
fn a_conversation_for_which_there_is_no_room_is_turned_away_and_the_queue_is_named() {
    let mut house = House::with(|settings| {
        let full = OverflowCause::ItemsWaiting(1);
        settings.queues[0].overflow = vec![Overflow { when: full, action: OverflowAction::End }];
        settings.workstreams[0].routes = vec![Route::to(queue(1), line("All"), Condition::default())];
    });
    house.arrive(1);
    let before = house.router.clone();
    let arrival = trial().arrival(&house.settings, conversation(2)).unwrap();
    let Tried { verdict, rules } = house.router.decide(house.now, None, arrival).unwrap();
    assert_eq!((rules[0].rule.as_str(), rules[0].status), ("All", RuleStatus::Applied));
    let queue_name = "Orders".into();
    assert_eq!(verdict, Verdict::TurnedAway { queue: queue(1), queue_name, action: OverflowAction::End });
    assert_eq!(house.router, before);
    house.connect(1).accept(1, 1);
    let arrival = trial().arrival(&house.settings, conversation(2)).unwrap();
    let Verdict::TakenIn(shown) = house.router.decide(house.now, None, arrival).unwrap().verdict else {
        panic!("there is room now")
    };
    assert_eq!(shown.representative, Some(representative(1)));
    assert_eq!(
        (shown.queue_name.as_deref(), shown.representative_name.as_deref()),
        (Some("Orders"), Some("Ada Fox"))
    );
}

#[test]
fn a_draft_is_tried_with_a_bounded_part_of_what_waits_and_then_the_place_is_not_told() {
    let mut house = House::with(|_| {});
    for number in 1..=40 {
        house.arrive(number);
    }
    let router = &house.router;
    let (all, whole) = router.sampled(40);
    assert!(whole);
    assert_eq!(&all, router);
    let (some, whole) = router.sampled(10);
    assert!(!whole);
    assert_eq!(some.check_invariants(), Ok(()));
    let share = 10 / house.settings.queues.len();
    let kept: Vec<u8> = (1..=40).filter(|n| some.position(conversation(*n)).is_some()).collect();
    assert_eq!(kept, (1..=u8::try_from(share).unwrap()).collect::<Vec<_>>(), "the first of the line");
}

#[test]
fn a_conversation_that_is_there_already_is_not_tried() {
    let mut house = House::with(|_| {});
    house.arrive(1);
    let arrival = trial().arrival(&house.settings, conversation(1)).unwrap();
    assert_eq!(house.router.decide(house.now, None, arrival), Err(Rejection::NotPossibleNow));
}

#[test]
fn a_draft_that_changes_nothing_decides_as_what_holds() {
    let mut house = House::with(|_| {});
    house.connect(1).arrive(1).arrive(2).arrive(3);
    let arrival = || trial().arrival(&house.settings, conversation(9)).unwrap();
    let held = house.router.decide(house.now, None, arrival()).unwrap();
    let drafted = house.router.decide(house.now, Some(house.settings.clone()), arrival()).unwrap();
    assert_eq!(held, drafted);
}
