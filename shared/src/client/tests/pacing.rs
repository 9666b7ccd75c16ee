//! What a client does when the gateway has no room for it yet: it waits, and asks again on the same socket.

use alloc::vec;

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
    let all = vec![message(1), message(2), message(3)];
    assert_eq!(messages(&client.handle(at(280), Input::Tick)), all);
    assert_eq!(client.drafts().len(), 3);
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
