//! What supervisors see of what goes on, and who may ask about which conversation (reference section 26).

use alloc::vec;
use alloc::vec::Vec;

use super::house::{House, conversation, queue, representative};
use crate::id::{QueueId, RepresentativeId};
use crate::protocol::desk::WorkState;
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
