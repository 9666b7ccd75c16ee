//! What a client does when the gateway has no room for it yet: it waits, and asks again on the same socket.

use super::*;
use crate::client::{Connection, Delivery};
use crate::protocol::{ErrorCode, Problem};
use crate::time::Span;

const WAIT: Span = Span::from_millis(250);

fn busy(message: Option<MessageId>) -> Input {
    let problem = Problem::from(ErrorCode::TooManyRequests).retry_after(WAIT);
    Input::Frame(ServerFrame::Refused { message, problem })
}

fn messages(outputs: &[Output]) -> Vec<MessageId> {
    let id = |frame: &ClientFrame| match frame {
        ClientFrame::Send { message, .. } => Some(*message),
        _ => None,
    };
    sent(outputs).iter().filter_map(id).collect()
}

fn deliveries(client: &ChatClient) -> Vec<Delivery> {
    client.drafts().iter().map(|draft| draft.delivery).collect()
}

#[test]
fn a_message_for_which_there_is_no_room_yet_is_kept_and_sent_again_in_time() {
    let mut client = live(1);
    client.handle(at(0), compose(1));
    client.handle(at(10), busy(Some(message(1))));
    assert_eq!(deliveries(&client), [Delivery::Waiting], "nothing for the person to do");
    assert_eq!(client.next_deadline(), Some(at(260)));
    assert_eq!(messages(&client.handle(at(259), Input::Tick)), []);
    assert_eq!(messages(&client.handle(at(260), Input::Tick)), [message(1)]);
}

#[test]
fn what_was_written_after_a_message_that_must_wait_waits_behind_it() {
    let mut client = live(1);
    client.handle(at(0), compose(1));
    client.handle(at(0), compose(2));
    client.handle(at(10), busy(Some(message(1))));
    assert_eq!(messages(&client.handle(at(20), compose(3))), []);
    client.handle(at(30), busy(Some(message(2))));
    // One by one, until all have gone.
    assert_eq!(messages(&client.handle(at(280), Input::Tick)), [message(1)]);
    assert_eq!(messages(&accept(&mut client, 290, 1)), [message(2)]);
    client.handle(at(300), compose(4));
    assert_eq!(messages(&accept(&mut client, 310, 2)), [message(3)]);
    assert_eq!(messages(&accept(&mut client, 320, 3)), [message(4)]);
    assert_eq!(messages(&client.handle(at(320), compose(5))), [message(5)], "nothing waits any more");
}

/// The gateway takes the message with this number, which is the next of the log.
fn accept(client: &mut ChatClient, millis: u64, number: u32) -> Vec<Output> {
    let accepted = ServerFrame::Accepted { message: message(number), sequence: Sequence(number + 1) };
    client.handle(at(millis), Input::Frame(accepted))
}

#[test]
fn of_a_full_outbox_few_are_on_their_way_and_the_next_goes_when_one_has_arrived() {
    let mut client = ChatClient::new();
    (1..=40).for_each(|number| drop(client.handle(at(0), compose(number))));
    client.handle(at(0), Input::Wake);
    client.handle(at(0), Input::Opened);
    let first = messages(&client.handle(at(0), Input::Frame(welcome(1))));
    assert_eq!(first, (1..=16).map(message).collect::<Vec<_>>());
    assert_eq!(messages(&client.handle(at(10), Input::Tick)), []);
    assert_eq!(messages(&client.handle(at(10), compose(41))), [], "it takes its place behind");
    assert_eq!(messages(&accept(&mut client, 20, 1)), [message(17)]);
    let refused =
        ServerFrame::Refused { message: Some(message(2)), problem: Problem::from(ErrorCode::MessageTooLong) };
    assert_eq!(messages(&client.handle(at(30), Input::Frame(refused))), [message(18)]);
    // After a cut no more than those are repeated.
    client.handle(at(40), Input::Closed { random: 0 });
    client.handle(at(40), Input::Tick);
    client.handle(at(40), Input::Opened);
    let again = messages(&client.handle(at(40), Input::Frame(welcome(2))));
    assert_eq!(again, (3..=18).map(message).collect::<Vec<_>>());
}

#[test]
fn a_message_that_arrived_does_not_wait_again_for_a_late_word() {
    let mut client = live(1);
    client.handle(at(0), compose(1));
    let accepted = ServerFrame::Accepted { message: message(1), sequence: Sequence(2) };
    client.handle(at(10), Input::Frame(accepted));
    client.handle(at(20), busy(Some(message(1))));
    assert_eq!(deliveries(&client), [Delivery::Delivered(Sequence(2))]);
}

#[test]
fn a_hello_for_which_there_is_no_room_yet_is_said_again_on_the_same_socket() {
    let mut client = ChatClient::new();
    client.handle(at(0), Input::Wake);
    client.handle(at(0), Input::Opened);
    let outputs = client.handle(at(10), busy(None));
    assert!(!outputs.contains(&Output::Disconnect), "{outputs:?}");
    assert_eq!(client.next_deadline(), Some(at(260)));
    let hello = ClientFrame::Hello { token: None, holds: None };
    assert_eq!(sent(&client.handle(at(260), Input::Tick)), [hello]);
    client.handle(at(270), Input::Frame(welcome(1)));
    client.handle(at(270), Input::Frame(entries(0, 1)));
    assert_eq!(client.connection(), Connection::Live);
}

#[test]
fn a_socket_too_many_is_given_up() {
    let mut client = ChatClient::new();
    client.handle(at(0), Input::Wake);
    client.handle(at(0), Input::Opened);
    let problem = Problem::from(ErrorCode::TooManyRequests);
    let refused = ServerFrame::Refused { message: None, problem };
    assert!(client.handle(at(10), Input::Frame(refused)).contains(&Output::Disconnect));
}
