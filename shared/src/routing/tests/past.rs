//! What has become of a conversation is told while it lives and after it has closed (reference section 28).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::desk::{SUPERVISOR, leave, monitor};
use super::house::{House, conversation, line, queue, representative, route};
use crate::condition::Condition;
use crate::protocol::desk::{Part, WorkState};
use crate::protocol::insight::{Explanation, Outcome};
use crate::routing::{Activity, Command, Effect};
use crate::settings::{ClassificationRule, Outcome as Sets, Route, Ruleset};
use crate::time::Span;

fn explained(house: &House, item: u8) -> Explanation {
    house.router.explain(conversation(item)).expect("it is not closed")
}

/// What the last step left in the records to explain this conversation.
fn kept(house: &House, item: u8) -> Explanation {
    let kept: Vec<_> = house
        .last
        .iter()
        .filter_map(|effect| match effect {
            Effect::Record(Activity::Explained { conversation: id, explanation })
                if *id == conversation(item) =>
            {
                Some(Box::clone(explanation))
            }
            _ => None,
        })
        .collect();
    let [one] = &kept[..] else { panic!("one explanation, not {}", kept.len()) };
    Explanation::clone(one)
}

fn outcomes(explanation: &Explanation) -> Vec<(&str, Outcome)> {
    explanation.attempts.iter().map(|attempt| (attempt.full_name.as_str(), attempt.outcome)).collect()
}

#[test]
fn who_takes_part_is_not_told_who_looked_on_and_supervisors_are() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1);
    house.does(monitor(SUPERVISOR, 1)).does(leave(SUPERVISOR, 1));
    let supervisor = representative(SUPERVISOR);
    let explanation = explained(&house, 1);
    let parts =
        |explanation: Explanation| explanation.attempts.iter().map(|one| one.part).collect::<Vec<_>>();
    assert_eq!(parts(explanation.clone().told_to(None)), [Part::Monitor]);
    assert_eq!(parts(explanation.clone().told_to(Some(supervisor))), [Part::Monitor]);
    assert_eq!(parts(explanation.told_to(Some(representative(1)))), []);
}

#[test]
fn an_explanation_names_who_was_asked_before_and_what_came_of_it() {
    let mut house = House::new();
    house.connect(1).connect(2).connect(3).arrive(1);
    assert_eq!(explained(&house, 1).attempts, []);
    let declines = house.offered_to(1).unwrap();
    house.later(Span::from_secs(5)).reject(declines, 1);
    let leaves = house.offered_to(1).unwrap();
    house.disconnect(leaves).later(Span::from_secs(1));
    let first = explained(&house, 1).attempts[0].clone();
    assert_eq!((first.representative, first.accepted), (representative(declines), None));
    assert_eq!(first.ended.since(first.asked), Span::from_secs(5));
    let accepts = house.offered_to(1).unwrap();
    house.accept(accepts, 1).later(Span::from_secs(60)).end(accepts, 1).close(accepts, 1);
    let closed = kept(&house, 1);
    let asked: Vec<_> = closed.attempts.iter().map(|one| (one.representative, one.outcome)).collect();
    assert_eq!(
        asked,
        [
            (representative(declines), Outcome::Declined),
            (representative(leaves), Outcome::Withdrawn),
            (representative(accepts), Outcome::Accepted),
        ]
    );
    assert_eq!(closed.representative, Some(representative(accepts)));
    assert_eq!((closed.state, closed.closed), (WorkState::Closed, Some(house.now)));
    assert_eq!(house.router.explain(conversation(1)), None, "only the records have it");
}

#[test]
fn an_offer_that_runs_out_is_told_as_such() {
    let mut house = House::new();
    house.connect(1).arrive(1).after(Span::from_secs(3_600));
    assert_eq!(outcomes(&explained(&house, 1)), [("Ada Fox", Outcome::TimedOut)]);
}

#[test]
fn of_many_attempts_the_latest_are_remembered_and_the_others_are_counted() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    for _ in 0..60 {
        house
            .pick(1, 1)
            .later(Span::from_secs(1))
            .does(Command::Release { representative: representative(1), conversation: conversation(1) });
    }
    let explained = explained(&house, 1);
    assert_eq!((explained.attempts.len(), explained.attempts_forgotten), (50, 10));
    assert!(explained.attempts.is_sorted_by_key(|attempt| attempt.ended));
}

#[test]
fn what_ends_while_it_waits_tells_why_nobody_was_asked() {
    let mut house = House::new();
    house.arrive(1).customer_leaves(1);
    let closed = kept(&house, 1);
    let why: Vec<_> = closed.people.iter().map(|one| one.hindrance.as_ref().unwrap().why.as_str()).collect();
    assert_eq!(why, ["They are not signed in."; 3]);
    assert_eq!((closed.people_left_out, closed.representative), (0, None));
}

#[test]
fn rules_are_told_by_the_names_they_had_when_they_were_applied() {
    let named = |name| Route { name: line(name), ..route("order", 1) };
    let mut house = House::with(|settings| settings.workstreams[0].routes = vec![named("Orders first")]);
    house.connect(1).arrive_about(1, "order").accept(1, 1).arrive_about(2, "order");
    let rule =
        ClassificationRule { name: line("All"), when: Condition::default(), then: vec![Sets::Priority(90)] };
    house.configure(|settings| {
        let other = Route { name: line("Another"), ..route("nothing", 2) };
        settings.workstreams[0].routes = vec![other, named("Orders later")];
        settings.workstreams[0].classification =
            vec![Ruleset { name: line("New"), rules: vec![rule.clone()] }];
    });
    let before = "The route \u{201c}Orders first\u{201d} sent it there.";
    for item in [1, 2] {
        assert_eq!(explained(&house, item).sent_by, before);
    }
    assert_eq!(explained(&house, 1).classified, [], "it was not classified by these");
    house.configure(|settings| settings.workstreams[0].routes.clear());
    assert_eq!(explained(&house, 1).sent_by, before, "however often they change");
    house.end(1, 1).close(1, 1);
    let closed = kept(&house, 1);
    assert_eq!((closed.sent_by.as_str(), closed.queue), (before, Some(queue(1))));
    assert_eq!(closed.queue_name, Some(String::from("Orders")));
}

#[test]
fn an_offer_that_is_withdrawn_because_more_becomes_known_is_remembered() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    let conversation = conversation(1);
    house.does(Command::Reclassify { conversation, context: vec![], skills: vec![] });
    assert_eq!(outcomes(&explained(&house, 1)), [("Ada Fox", Outcome::Withdrawn)]);
}
