//! What the gateway is told of what arrived, and what is shown of the other side.

use alloc::vec;

use super::*;
use crate::client::Change;

fn received(upto: u32) -> ClientFrame {
    ClientFrame::Received { upto: Sequence(upto) }
}

#[test]
fn what_arrived_and_was_not_read_is_confirmed_a_second_later_and_once() {
    let mut client = live(1);
    assert_eq!(sent(&client.handle(at(100), Input::Frame(entries(1, 2)))), []);
    client.handle(at(600), Input::Frame(entries(2, 3)));
    assert_eq!(client.next_deadline(), Some(at(1_100)));
    assert_eq!(sent(&client.handle(at(1_100), Input::Tick)), [received(3)]);
    assert_eq!(sent(&client.handle(at(9_000), Input::Tick)), []);
}

#[test]
fn whoever_reads_at_once_confirms_by_that() {
    let mut client = live(1);
    client.handle(at(100), Input::Frame(entries(1, 2)));
    let out = client.handle(at(200), Input::Seen { upto: Sequence(2) });
    assert_eq!(sent(&out), [ClientFrame::Read { upto: Sequence(2) }]);
    assert_eq!(sent(&client.handle(at(5_000), Input::Tick)), []);
}

#[test]
fn ones_own_messages_need_no_confirmation() {
    let mut client = live(1);
    let mine = ServerFrame::Entries {
        after: Sequence(1),
        upto: Sequence(2),
        entries: vec![entry(2, Some(message(1)))],
    };
    client.handle(at(100), Input::Frame(mine));
    assert_eq!(sent(&client.handle(at(5_000), Input::Tick)), []);
}

#[test]
fn a_confirmation_that_may_be_lost_with_its_socket_is_said_again() {
    let mut client = live(1);
    client.handle(at(100), Input::Frame(entries(1, 2)));
    assert_eq!(sent(&client.handle(at(1_100), Input::Tick)), [received(2)]);
    client.handle(at(2_000), Input::Closed { random: 0 });
    client.handle(at(2_000), Input::Wake);
    client.handle(at(2_000), Input::Opened);
    assert_eq!(sent(&client.handle(at(2_000), Input::Frame(welcome(2)))), [received(2)]);
}

#[test]
fn the_other_side_goes_forward_only_and_has_received_what_it_has_read() {
    let mut client = live(5);
    let came = |client: &ChatClient| (client.received_by_other().0, client.read_by_other().0);
    let told = |upto| Input::Frame(ServerFrame::ReceivedByOther { upto: Sequence(upto) });
    let out = client.handle(at(0), told(3));
    assert!(out.contains(&Output::Show(Change::ReadByOther)));
    assert_eq!(came(&client), (3, 0));
    assert_eq!(client.handle(at(0), told(2)), vec![]);
    client.handle(at(0), Input::Frame(ServerFrame::ReadByOther { upto: Sequence(4) }));
    assert_eq!(came(&client), (4, 4));
}

#[test]
fn that_the_other_side_is_gone_is_shown_until_they_are_back_or_it_is_over() {
    let mut client = live(1);
    let (until, gone) = (Some(at(150_000)), ServerFrame::Gone { until: at(150_000) });
    let out = client.handle(at(0), Input::Frame(gone.clone()));
    assert!(out.contains(&Output::Show(Change::Standing)));
    assert_eq!(client.absent_until(), until);
    client.handle(at(0), Input::Frame(ServerFrame::Returned));
    assert_eq!(client.absent_until(), None);
    // After a reconnect only what the gateway says again is true.
    client.handle(at(0), Input::Frame(gone.clone()));
    client.handle(at(0), Input::Closed { random: 0 });
    client.handle(at(0), Input::Wake);
    client.handle(at(0), Input::Opened);
    let out = client.handle(at(0), Input::Frame(welcome(1)));
    assert!(client.absent_until().is_none() && out.contains(&Output::Show(Change::Standing)));
    client.handle(at(0), Input::Frame(gone.clone()));
    let standing = Standing::Ended { by: crate::protocol::live::EndedBy::Absence };
    client.handle(at(0), Input::Frame(ServerFrame::Standing { standing }));
    assert_eq!(client.absent_until(), None);
}
