//! What supervisors see of what goes on, and who may ask about which conversation (reference section 26).

use alloc::vec;
use alloc::vec::Vec;

use super::histories::with_skills;
use super::house::{House, arrival, conversation, line, queue, rated, representative};
use crate::authority::Role;
use crate::condition::{Comparison, Condition};
use crate::form::Answer;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::{DeskFrame, WorkState};
use crate::protocol::insight::QueueToday;
use crate::routing::{Arrival, Command, Departure, Router};
use crate::settings::{
    ClassificationRule, Limit, Outcome, Overflow, OverflowAction, OverflowCause, Ruleset, Settings,
};
use crate::time::Span;

fn listed(house: &House, of: Option<QueueId>, most: usize) -> (Vec<(u8, WorkState)>, bool) {
    let ongoing = house.router.ongoing(house.now, RepresentativeId::from_u128(1), of, most);
    let number = |id| (1..=9).find(|number| conversation(*number) == id).unwrap();
    (ongoing.items.iter().map(|one| (number(one.item.conversation), one.item.state)).collect(), ongoing.more)
}

#[test]
fn supervisors_see_everything_that_is_not_closed_the_oldest_first() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive_about(2, "order").arrive(3).arrive(4);
    house.end(1, 1);
    let all = vec![
        (1, WorkState::WrapUp),
        (2, WorkState::AwaitingAcceptance),
        (3, WorkState::Open),
        (4, WorkState::Open),
    ];
    assert_eq!(listed(&house, None, 10), (all.clone(), false));
    assert_eq!(listed(&house, None, 3), (all[..3].to_vec(), true));
    assert_eq!(listed(&house, Some(queue(1)), 10), (vec![(2, WorkState::AwaitingAcceptance)], false));
    house.close(1, 1);
    assert!(listed(&house, None, 10).0.iter().all(|(number, _)| *number != 1));
}

#[test]
fn what_goes_on_says_who_has_it_and_how_long_its_customer_waited() {
    let mut house = House::new();
    house.arrive(1).later(Span::from_secs(20)).connect(1).accept(1, 1).later(Span::from_secs(60)).arrive(2);
    house.connect(2).later(Span::from_secs(5));
    let ongoing = house.router.ongoing(house.now, representative(2), None, 10);
    let told: Vec<_> = ongoing
        .items
        .iter()
        .map(|one| (one.representative_name.as_deref(), one.waited.as_millis() / 1_000, one.priority))
        .collect();
    assert_eq!(told, [(Some("Ada Fox"), 20, 100), (Some("Ada Fox"), 5, 100)]);
}

#[test]
fn what_is_in_no_queue_is_on_the_list_of_supervisors_who_see_everything() {
    let mut house = House::with(|settings| settings.queues[0].supervisors = vec![representative(2)]);
    house.later(Span::from_millis(1)).does(Command::Arrive(arrival(1, 2, "other"))).arrive(2);
    let of =
        |house: &House, who: RepresentativeId, queue| house.router.ongoing(house.now, who, queue, 10).items;
    let everything = RepresentativeId::from_u128(1);
    let listed = of(&house, everything, None);
    let [parked, _] = &listed[..] else { panic!("both wait: {listed:?}") };
    assert_eq!((parked.item.conversation, parked.item.queue_name.as_str()), (conversation(1), "No queue"));
    assert_eq!(of(&house, representative(2), None), [], "they see their queue alone");
    assert_eq!(of(&house, everything, Some(queue(2))).len(), 1);
    assert_eq!(house.connect(1).work(1).len(), 1, "nobody else has it on a list");
    assert_eq!(house.router.ongoing(house.now, everything, None, 1).items.len(), 1);
    let said = house.router.explain(conversation(1)).unwrap().sent_by;
    assert!(said.contains("workstream"), "{said}");
    house.does(super::desk::force_close(1));
    assert!(house.closed(1));
    assert_eq!(of(&house, everything, None).len(), 1);
}

#[test]
fn representatives_see_what_they_take_part_in_and_what_waits_in_their_queues() {
    let mut house = House::with(|settings| settings.queues[0].members = vec![representative(2)]);
    house.connect(1).arrive(1).arrive_about(2, "order");
    let sees = |house: &House, who, item| house.router.sees(representative(who), conversation(item));
    assert!(sees(&house, 1, 1) && sees(&house, 2, 1), "it waits in a queue of both");
    assert!(!sees(&house, 1, 2) && sees(&house, 2, 2), "it waits in a queue of one");
    house.accept(1, 1);
    assert!(sees(&house, 1, 1) && !sees(&house, 2, 1), "one has it");
    assert!(!sees(&house, 1, 3), "it does not exist");
}

/// Those who have gold go first.
fn gold_first(settings: &mut Settings) {
    let gold = Comparison::Equals("gold".into());
    let urgent = Condition::Compare("context.tier".parse().unwrap(), gold);
    let rule = ClassificationRule { name: line("Urgent"), when: urgent, then: vec![Outcome::Priority(1)] };
    settings.workstreams[0].classification = vec![Ruleset { name: line("Tier"), rules: vec![rule] }];
    settings.workstreams[0].sessions.auto_close.open = Limit::Never;
}

fn of_tier(number: u8, tier: &str) -> Command {
    let context = vec![Answer { name: "tier".into(), value: tier.into() }];
    Command::Arrive(Arrival { context, ..arrival(number, 1, "order") })
}

#[test]
fn the_longest_wait_is_not_that_of_whoever_is_served_next() {
    let mut house = House::with(|settings| {
        gold_first(settings);
        settings.workstreams[0].waits_for_preferred = true;
    });
    let longest = |house: &House| {
        let counters = house.router.counters(house.now, representative(1));
        counters.queues.iter().find(|counted| counted.queue == queue(1)).unwrap().longest_wait
    };
    assert_eq!(longest(&house), None);
    house.does(of_tier(1, "plain")).later(Span::from_secs(1_200)).does(of_tier(2, "gold"));
    assert_eq!(longest(&house), Some(Span::from_secs(1_200)));
    house.connect(1);
    assert_eq!(house.work(1).len(), 2);
    assert_eq!(longest(&house), Some(Span::from_secs(1_200)), "what is offered waits too");
    house.customer_leaves(1);
    assert_eq!(longest(&house), Some(Span::ZERO));
    house.customer_leaves(2);
    let preferred = vec![representative(3)];
    house.does(Command::Arrive(Arrival { preferred, ..arrival(3, 1, "order") })).later(Span::from_secs(9));
    assert_eq!(longest(&house), Some(Span::from_secs(9)), "so does what waits for one person alone");
}

#[test]
fn overflow_by_the_longest_wait_is_not_put_off_by_whoever_goes_first() {
    let mut house = House::with(|settings| {
        gold_first(settings);
        let when = r#"{"field": "queue.longest_wait", "at_least": "15m"}"#;
        let when = OverflowCause::Condition(serde_json::from_str(when).unwrap());
        settings.queues[0].overflow =
            vec![Overflow { when, action: OverflowAction::Transfer(vec![queue(2)]) }];
    });
    let tens = Span::from_secs(600);
    house.does(of_tier(1, "plain")).later(tens).does(of_tier(2, "gold")).later(tens);
    let place = |house: &House, n| house.router.explain(conversation(n)).unwrap().queue;
    assert_eq!((place(&house, 1), place(&house, 2)), (Some(queue(1)), Some(queue(1))));
    house.does(of_tier(3, "plain"));
    assert_eq!(place(&house, 3), Some(queue(2)));
}

/// More than a list holds, of several kinds, which are served in another order than they came.
fn a_long_line() -> (House, Vec<ConversationId>) {
    let mut house = House::with(|settings| {
        with_skills(settings);
        gold_first(settings);
        settings.workstreams[0].waits_for_preferred = true;
    });
    let mut arrived = Vec::new();
    for number in 0..2_400_u32 {
        // The ids go down, so that they tell nothing of age.
        let id = ConversationId::from_u128(u128::from(9_000 - number));
        let tier = if number % 7 == 0 { "gold" } else { "plain" };
        let first = arrival(0, 1, if number % 2 == 0 { "order" } else { "other" });
        // The young ones are of their own kinds, and stand in lines of their own.
        let skills = match number {
            0..600 => vec![],
            600..1_200 => vec![rated(1, 1)],
            _ => vec![rated(1, 1), rated(2, 1)],
        };
        let preferred = if number % 11 == 0 { vec![representative(1)] } else { vec![] };
        let context = vec![Answer { name: "tier".into(), value: tier.into() }];
        let arrival = Arrival { conversation: id, skills, preferred, context, ..first };
        house.later(Span::from_millis(1));
        house.router.handle(house.now, Command::Arrive(arrival)).unwrap();
        arrived.push(id);
    }
    (house, arrived)
}

fn ids(router: &Router, house: &House, of: Option<QueueId>, most: usize) -> Vec<ConversationId> {
    let ongoing = router.ongoing(house.now, RepresentativeId::from_u128(1), of, most);
    assert!(ongoing.more);
    ongoing.items.iter().map(|one| one.item.conversation).collect()
}

#[test]
fn of_more_than_a_list_holds_the_oldest_are_listed_whatever_line_they_stand_in() {
    let (house, arrived) = a_long_line();
    for most in [1, 500, 1_000] {
        assert_eq!(ids(&house.router, &house, None, most), arrived[..most], "{most}");
    }
    let of_one: Vec<_> = arrived.iter().copied().step_by(2).take(700).collect();
    assert_eq!(ids(&house.router, &house, Some(queue(1)), 700), of_one);
}

#[test]
fn a_router_that_was_restored_lists_everything_in_the_same_order() {
    let (mut house, _) = a_long_line();
    let left =
        Command::CustomerLeft { conversation: ConversationId::from_u128(8_400), how: Departure::Ended };
    house.connect(1).connect(2).does(left).connect(3);
    let snapshot = postcard::to_allocvec(&house.router).unwrap();
    let restored: Router = postcard::from_bytes(&snapshot).unwrap();
    for who in 1..=3 {
        let welcome = |router: &Router| router.welcome(house.now, representative(who), Role::Representative);
        let DeskFrame::Welcome { work, .. } = welcome(&house.router) else { panic!("a welcome") };
        assert!(work.len() > 2_000);
        assert_eq!(welcome(&restored), welcome(&house.router), "{who}");
    }
    for of in [None, Some(queue(1)), Some(queue(2))] {
        assert_eq!(ids(&restored, &house, of, 600), ids(&house.router, &house, of, 600));
    }
    let now = house.now.after(Span::from_secs(3_600));
    let mut lived = house.router.clone();
    let mut restored = restored;
    assert_eq!(restored.handle(now, Command::Tick), lived.handle(now, Command::Tick));
}

#[test]
fn it_is_counted_each_day_who_was_answered_in_time_and_who_gave_up() {
    let mut house = House::with(|settings| {
        settings.queues[1].service_level = Span::from_secs(20);
        settings.queues[1].short_abandon = Span::from_secs(5);
        settings.representatives[0].capacity.0 = 9;
        settings.workstreams[0].sessions.auto_close.open = Limit::Never;
    });
    let today = |house: &House| {
        let counters = house.router.counters(house.now, RepresentativeId::from_u128(1));
        counters.queues.iter().find(|one| one.queue == queue(2)).unwrap().today
    };
    house.arrive(1).later(Span::from_secs(3)).customer_leaves(1);
    house.arrive(2).later(Span::from_secs(6)).customer_leaves(2);
    house.arrive(3).later(Span::from_secs(1)).does(super::desk::force_close(3));
    house.arrive(4).later(Span::from_secs(21)).connect(1).accept(1, 4).arrive(5).accept(1, 5);
    let counted = today(&house);
    assert_eq!((counted.answered, counted.answered_in_time), (2, 1));
    assert_eq!((counted.abandoned, counted.abandoned_soon), (3, 1), "also whom a supervisor sent away");
    assert_eq!((counted.service_level(), counted.abandon_rate()), (Some(50), Some(50)));
    // Whoever was answered once is not counted again, whatever becomes of them.
    house.does(super::desk::release(1, 4)).customer_leaves(4);
    assert_eq!(today(&house), counted);
    house.later(Span::from_secs(24 * 3_600));
    assert_eq!(today(&house), QueueToday::default(), "another day");
    assert_eq!(house.arrive(6).accept(1, 6).owner(6), Some(1));
    assert_eq!(today(&house).answered, 1);
}
