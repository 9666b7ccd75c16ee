//! What supervisors see and direct: the queues that are assigned to them, and many conversations at once (reference section
//! 26).

use alloc::vec;
use alloc::vec::Vec;

use super::desk::*;
use super::house::{House, conversation, queue, representative};
use crate::protocol::ErrorCode;
use crate::protocol::desk::{BulkAct, BulkResult, DeskFrame, Destination, Purpose, WorkState};
use crate::routing::{Command, Rejection, Sight};
use crate::settings::Presence;

/// The supervisor has the first queue assigned. 1 and 2 are about orders and wait there, 3 waits in the second.
fn with_a_queue_of_their_own() -> House {
    let mut house = House::with(|settings| settings.queues[0].supervisors = vec![representative(SUPERVISOR)]);
    house.arrive_about(1, "order").arrive_about(2, "order").arrive_about(3, "other");
    house
}

fn listed(house: &House, reader: u8, of: Option<u8>) -> Vec<u8> {
    let found = house.router.ongoing(house.now, representative(reader), of.map(queue), 10);
    let number = |n: &u8| found.items.iter().any(|view| view.item.conversation == conversation(*n));
    (1..=9).filter(number).collect()
}

fn bulk(conversations: &[u8], act: BulkAct) -> Command {
    let conversations = conversations.iter().map(|n| conversation(*n)).collect();
    Command::Bulk { supervisor: representative(SUPERVISOR), conversations, act }
}

fn results(house: &House) -> Vec<BulkResult> {
    let frames = house.shown(SUPERVISOR);
    let found = frames.into_iter().find_map(|frame| match frame {
        DeskFrame::Bulk { results } => Some(results),
        _ => None,
    });
    found.expect("whoever asked is told")
}

fn codes(house: &House) -> Vec<Option<ErrorCode>> {
    results(house).into_iter().map(|result| result.problem.map(|problem| problem.code)).collect()
}

#[test]
fn a_supervisor_with_queues_of_their_own_sees_these_alone() {
    let mut house = with_a_queue_of_their_own();
    assert_eq!(listed(&house, SUPERVISOR, None), [1, 2]);
    assert_eq!(listed(&house, SUPERVISOR, Some(2)), [] as [u8; 0]);
    assert_eq!(listed(&house, 8, None), [1, 2, 3], "who has none sees everything");
    let counted = |house: &House, reader| {
        let counters = house.router.counters(house.now, representative(reader));
        (counters.queues.len(), counters.workstreams.len())
    };
    assert_eq!((counted(&house, SUPERVISOR), counted(&house, 8)), ((1, 0), (2, 1)));
    house.configure(|settings| settings.queues[0].supervisors.clear());
    assert_eq!(listed(&house, SUPERVISOR, None), [1, 2, 3], "at once, when the settings change");
}

#[test]
fn people_who_serve_none_of_a_supervisors_queues_are_not_counted_for_them() {
    let house = House::with(|settings| {
        settings.queues[0].supervisors = vec![representative(SUPERVISOR)];
        settings.queues[0].members = vec![representative(1)];
    });
    let seen = house.router.counters(house.now, representative(SUPERVISOR)).representatives;
    assert_eq!(seen.iter().map(|one| one.representative).collect::<Vec<_>>(), [representative(1)]);
}

#[test]
fn a_supervisor_does_nothing_to_what_is_in_the_queues_of_others() {
    let mut house = with_a_queue_of_their_own();
    house.refuses(assign(3, to_queue(1)), Rejection::UnknownConversation);
    house.refuses(force_close(3), Rejection::UnknownConversation);
    let asked = house.candidates(SUPERVISOR, 3, Purpose::Assign);
    assert_eq!(asked, Err(Rejection::UnknownConversation));
    house.connect(1).accept(1, 1).pick(1, 3);
    house.refuses(monitor(SUPERVISOR, 3), Rejection::UnknownConversation);
    house.does(monitor(SUPERVISOR, 1)).does(force_close(1));
}

#[test]
fn a_supervisor_reads_what_is_in_their_queues_and_what_they_take_part_in() {
    let mut house = with_a_queue_of_their_own();
    let sight = |house: &House, reader, supervises, n| {
        house.router.sight(representative(reader), supervises, conversation(n))
    };
    assert_eq!([1, 3].map(|n| sight(&house, SUPERVISOR, true, n)), [Sight::Yes, Sight::No]);
    assert_eq!(
        [1, 3].map(|n| sight(&house, 8, true, n)),
        [Sight::Yes, Sight::Yes],
        "who has none sees everything"
    );
    assert_eq!(sight(&house, SUPERVISOR, true, 9), Sight::IfItWasIn(vec![queue(1)]), "it may be over");
    assert_eq!([sight(&house, 8, true, 9), sight(&house, 1, false, 9)], [Sight::Yes, Sight::No]);
    house.connect(1).accept(1, 1).does(monitor(SUPERVISOR, 1)).does(redirect(1, to_queue(2)));
    let goes_on = sight(&house, SUPERVISOR, true, 1);
    assert_eq!(goes_on, Sight::AsTheyTakePart, "whoever looks on goes on doing so, until they stop");
    assert_eq!([1, 2].map(|who| sight(&house, who, false, 1)), [Sight::AsTheyTakePart, Sight::No]);
}

#[test]
fn a_supervisor_sets_the_presence_of_those_alone_who_serve_their_queues() {
    let mut house = House::with(|settings| {
        settings.queues[0].supervisors = vec![representative(SUPERVISOR)];
        settings.queues[0].members = vec![representative(1)];
    });
    house.connect(1).connect(3);
    house.refuses(override_presence(3, Some(Presence::Away)), Rejection::UnknownRepresentative);
    house.does(override_presence(1, Some(Presence::Away)));
    house.configure(|settings| settings.queues[0].supervisors.clear());
    house.does(override_presence(3, Some(Presence::Away)));
}

#[test]
fn many_conversations_are_closed_by_one_command_each_with_its_result() {
    let mut house = with_a_queue_of_their_own();
    house.does(bulk(&[2, 3, 7, 1, 2], BulkAct::ForceClose));
    let unknown = Some(ErrorCode::UnknownConversation);
    assert_eq!(
        codes(&house),
        [None, unknown, unknown, None, unknown],
        "3 is not theirs, 2 is closed by then"
    );
    let order: Vec<_> = results(&house).into_iter().map(|result| result.conversation).collect();
    assert_eq!(order, [2, 3, 7, 1, 2].map(conversation));
    assert_eq!([1, 2, 3].map(|n| house.state(n)), [None, None, Some(WorkState::Open)]);
}

#[test]
fn many_conversations_are_assigned_and_transferred_by_one_command() {
    let mut house = House::with(|_| {});
    for number in 1..=4 {
        house.arrive_about(number, "order");
    }
    house.does(bulk(&[1, 2], BulkAct::Assign { to: Destination::Queue(queue(2)) }));
    assert_eq!(codes(&house), [None, None]);
    let queue_of = |house: &House, n| house.router.explain(conversation(n)).unwrap().queue;
    assert_eq!([1, 2, 3].map(|n| queue_of(&house, n)), [Some(queue(2)), Some(queue(2)), Some(queue(1))]);
    house.connect(1).choose(1, Presence::Available).pick(1, 3).pick(1, 4);
    house.does(bulk(&[3, 1, 4], BulkAct::Redirect { to: Destination::Queue(queue(2)) }));
    assert_eq!(codes(&house)[1], Some(ErrorCode::NotPossibleNow), "nobody has it: it can be assigned");
    assert_eq!([3, 4].map(|n| queue_of(&house, n)), [Some(queue(2)); 2]);
}

#[test]
fn a_command_about_none_or_too_many_is_refused() {
    let mut house = House::with(|_| {});
    house.arrive(1);
    house.refuses(bulk(&[], BulkAct::ForceClose), Rejection::TooMany);
    house.refuses(bulk(&[1; 1_001], BulkAct::ForceClose), Rejection::TooMany);
    house.does(bulk(&[1; 1_000], BulkAct::ForceClose));
    assert_eq!(results(&house).len(), 1_000);
}
