//! Who gets what, and in which order (reference sections 14.3, 15, 16.1 to 16.3; peers.md 33 to 40).

use alloc::vec;
use alloc::vec::Vec;

use super::house::{House, a_queue, a_workstream, arrival, queue, representative, route};
use crate::conversation::Notice;
use crate::routing::Command;
use crate::settings::{Presence, Units};
use crate::time::Span;

fn offered(house: &House, items: &[u8]) -> Vec<Option<u8>> {
    items.iter().map(|&item| house.offered_to(item)).collect()
}

#[test]
fn the_first_rule_that_matches_names_the_queue() {
    let mut house = House::with(|settings| {
        settings.queues.push(a_queue(3, 30, &[3]));
        settings.workstreams[0].routes = vec![route("order", 1), route("refund", 3), route("order", 3)];
    });
    house.connect(1).arrive_about(1, "order").arrive_about(2, "refund").arrive_about(3, "else");
    let queues = [1, 2, 3].map(|item| {
        let (who, item) = (if item == 2 { 3 } else { 1 }, super::house::conversation(item));
        house.work(who).into_iter().find(|view| view.conversation == item).map(|view| view.queue)
    });
    assert_eq!(queues[0], Some(queue(1)));
    assert_eq!(queues[2], Some(queue(2)), "none matches: the fallback");
    assert_eq!(house.connect(3).offered_to(2), Some(3), "the second rule");
}

#[test]
fn only_members_of_the_queue_are_offered_its_work() {
    let mut house = House::with(|settings| settings.queues[1].members = vec![representative(2)]);
    house.connect(1).arrive(1);
    assert_eq!(house.offered_to(1), None);
    assert_eq!(house.connect(2).offered_to(1), Some(2));
}

#[test]
fn only_allowed_presences_are_offered_work() {
    for presence in
        [Presence::Available, Presence::Busy, Presence::DoNotDisturb, Presence::Away, Presence::Offline]
    {
        let allowed = matches!(presence, Presence::Away | Presence::Busy);
        let mut house = House::with(|settings| {
            settings.workstreams[0].allowed_presences = vec![Presence::Away, Presence::Busy];
        });
        house.connect(1).choose(1, presence).arrive(1);
        assert_eq!(house.offered_to(1).is_some(), allowed, "{presence:?}");
    }
}

#[test]
fn work_is_offered_only_to_whoever_has_capacity_for_all_of_it() {
    let mut house = House::with(|settings| settings.workstreams[0].cost = Units(2));
    house.connect(1).arrive(1).arrive(2);
    assert_eq!(offered(&house, &[1, 2]), [Some(1), None]);
}

#[test]
fn the_most_remaining_capacity_comes_first() {
    let mut house = House::with(|settings| settings.representatives[1].capacity = Units(4));
    house.connect(1).connect(2).arrive(1).arrive(2);
    assert_eq!(offered(&house, &[1, 2]), [Some(2), Some(2)]);
    // Two are left to each of them, and the first has never had anything.
    assert_eq!(house.arrive(3).offered_to(3), Some(1));
}

#[test]
fn a_tie_goes_to_whoever_had_their_last_assignment_the_longest_ago() {
    let mut house = House::new();
    house.connect(1).connect(2).connect(3);
    let mut order = vec![];
    for item in 1..=6 {
        house.arrive(item);
        let who = house.offered_to(item).unwrap();
        house.accept(who, item).end(who, item).close(who, item);
        order.push(who);
    }
    assert_eq!(order, [1, 2, 3, 1, 2, 3]);
}

#[test]
fn being_offered_work_counts_as_an_assignment_even_if_it_is_rejected() {
    let mut house = House::new();
    house.connect(1).connect(2).arrive(1).reject(1, 1).accept(2, 1).end(2, 1).close(2, 1);
    assert_eq!(house.arrive(2).offered_to(2), Some(1), "the first was asked before the second");
    assert_eq!(house.connect(3).arrive(3).offered_to(3), Some(3), "the third never had anything");
}

#[test]
fn the_oldest_comes_first() {
    let mut house = House::new();
    house.arrive(3).arrive(1).arrive(2).connect(1);
    assert_eq!(offered(&house, &[3, 1, 2]), [Some(1), Some(1), None]);
}

#[test]
fn of_two_that_came_at_once_the_lower_id_comes_first() {
    let mut house = House::with(|settings| settings.representatives[0].capacity = Units(1));
    house
        .does(Command::Arrive(arrival(2, 1, "other")))
        .does(Command::Arrive(arrival(1, 1, "other")))
        .connect(1);
    assert_eq!(offered(&house, &[1, 2]), [Some(1), None]);
}

#[test]
fn the_lower_priority_number_comes_before_the_older_item() {
    let mut house = House::with(|settings| settings.representatives[0].capacity = Units(1));
    house.arrive_about(1, "other").arrive_about(2, "order").connect(1);
    assert_eq!(offered(&house, &[1, 2]), [None, Some(1)]);
}

#[test]
fn queues_of_one_priority_are_served_by_age_together() {
    let mut house = House::with(|settings| settings.queues[0].priority = 20);
    house.arrive_about(1, "other").arrive_about(2, "order").arrive_about(3, "other").connect(1);
    assert_eq!(offered(&house, &[1, 2, 3]), [Some(1), Some(1), None]);
}

#[test]
fn an_item_that_nobody_can_take_does_not_hold_up_those_behind_it() {
    let mut house = House::with(|settings| {
        let mut large = a_workstream(2, 2);
        large.cost = Units(3);
        settings.workstreams.push(large);
    });
    house.does(Command::Arrive(arrival(1, 2, "other"))).arrive(2).connect(1);
    assert_eq!(offered(&house, &[1, 2]), [None, Some(1)]);
}

#[test]
fn a_new_representative_is_offered_what_waits_at_once() {
    let mut house = House::new();
    house.arrive(1);
    assert_eq!(house.notices(1), [Notice::Queued { anyone_available: false }]);
    assert_eq!(house.connect(1).offered_to(1), Some(1));
    assert_eq!(house.notices(1), [Notice::Queued { anyone_available: true }], "and the customer hears of it");
}

#[test]
fn a_customer_is_told_on_arrival_whether_anybody_is_there() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    assert_eq!(house.notices(1), [Notice::Queued { anyone_available: true }]);
}

#[test]
fn those_who_wait_hear_when_the_last_one_goes_and_only_then() {
    let mut house = House::new();
    house.connect(1).connect(2).arrive(1);
    let lapsed = |number| Notice::OfferLapsed { representative: representative(number) };
    assert_eq!(house.disconnect(1).notices(1), [lapsed(1)]);
    assert_eq!(house.disconnect(2).notices(1), [lapsed(2), Notice::Queued { anyone_available: false }]);
    assert_eq!(house.connect(1).notices(1), [Notice::Queued { anyone_available: true }]);
    assert_eq!(house.connect(2).notices(1), []);
}

#[test]
fn somebody_without_room_gives_hope_and_somebody_who_is_away_does_not() {
    for (presence, hope) in [
        (Presence::Available, true),
        (Presence::Busy, true),
        (Presence::DoNotDisturb, true),
        (Presence::Away, false),
        (Presence::Offline, false),
    ] {
        let mut house =
            House::with(|settings| settings.workstreams[0].allowed_presences = vec![Presence::Away]);
        house.connect(1).choose(1, presence).arrive(1);
        assert_eq!(house.notices(1), [Notice::Queued { anyone_available: hope }], "{presence:?}");
    }
}

#[test]
fn a_presence_that_comes_from_an_offer_can_make_the_next_one_possible() {
    // Work that only busy people get: the first kind makes them busy.
    let mut house = House::with(|settings| {
        let mut second = a_workstream(2, 2);
        second.allowed_presences = vec![Presence::Busy];
        settings.workstreams.push(second);
    });
    house.does(Command::Arrive(arrival(1, 2, "other"))).connect(1);
    assert_eq!(house.offered_to(1), None);
    house.later(Span::from_secs(1)).arrive(2);
    assert_eq!(offered(&house, &[1, 2]), [Some(1), Some(1)]);
}
