//! The rules of the client, one by one, and all together over a bad network.

mod amend;
mod cursors;
mod network;
mod order;
mod pacing;
mod rules;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{ChatClient, Input, Output};
use crate::id::{ConversationId, MessageId, RepresentativeId};
use crate::protocol::live::{
    Author, ClientFrame, Content, Entry, Sequence, ServerFrame, Side, Standing, Visibility,
};
use crate::time::Timestamp;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn message(number: u32) -> MessageId {
    MessageId::from_u128(u128::from(number))
}

fn compose(number: u32) -> Input {
    Input::Compose { message: message(number), visibility: Visibility::Public, text: number.to_string() }
}

fn ana() -> Author {
    Author::Representative { representative: RepresentativeId::from_u128(7), name: String::from("Ana") }
}

fn entry(sequence: u32, message: Option<MessageId>) -> Entry {
    let author = if message.is_some() { Author::Customer } else { ana() };
    let content = Content::Text { text: sequence.to_string() };
    Entry {
        sequence: Sequence(sequence),
        at: at(0),
        author,
        visibility: Visibility::Public,
        message,
        content,
    }
}

fn entries(after: u32, upto: u32) -> ServerFrame {
    let entries = (after + 1..=upto).map(|sequence| entry(sequence, None)).collect();
    ServerFrame::Entries { after: Sequence(after), upto: Sequence(upto), entries }
}

fn welcome(last: u32) -> ServerFrame {
    ServerFrame::Welcome {
        conversation: ConversationId::from_u128(1),
        side: Side::Customer,
        standing: Standing::InConversation { with: String::from("Ana") },
        last: Sequence(last),
        read_by_other: Sequence::START,
    }
}

/// The frames that are to be sent.
fn sent(outputs: &[Output]) -> Vec<ClientFrame> {
    let frame = |output: &Output| match output {
        Output::Send(frame) => Some(frame.clone()),
        _ => None,
    };
    outputs.iter().filter_map(frame).collect()
}

fn numbers(client: &ChatClient) -> Vec<u32> {
    client.entries().iter().map(|entry| entry.sequence.0).collect()
}

/// A client that is in step with a log of this length at time 0, and has said so.
fn live(length: u32) -> ChatClient {
    let mut client = ChatClient::new();
    assert_eq!(client.handle(at(0), Input::Wake).first(), Some(&Output::Connect));
    client.handle(at(0), Input::Opened);
    client.handle(at(0), Input::Frame(welcome(length)));
    client.handle(at(0), Input::Frame(entries(0, length)));
    (client.confirmed, client.confirm_at) = (Sequence(length), None);
    client
}
