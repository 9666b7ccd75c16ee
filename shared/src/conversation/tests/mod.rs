//! The rules of a conversation, each with a test of its name.

mod absence;
mod amend;
mod cursors;
mod files;
mod histories;
mod pages;
mod participants;
mod place;
mod rules;

use alloc::string::String;
use alloc::vec::Vec;

use super::{Command, Conversation, Effect, Notice, Opening, Rejection, Sender};
use crate::form::Answer;
use crate::id::{
    ConnectionId, ConversationId, MessageId, RepresentativeId, VisitorId, WidgetId, WorkstreamId,
};
use crate::protocol::live::{Entry, Sequence, ServerFrame, Side, Visibility};
use crate::routing::Arrival;
use crate::text::MessageText;
use crate::time::{Span, Timestamp};

const CONVERSATION: ConversationId = ConversationId::from_u128(0xc0);
const ANA: RepresentativeId = RepresentativeId::from_u128(0xa1);
const BEN: RepresentativeId = RepresentativeId::from_u128(0xa2);
const GRACE: Span = Span::from_secs(180);
/// The number of the first message, which the gateway posts.
const FIRST: u8 = 255;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + millis)
}

fn message(number: u8) -> MessageId {
    MessageId::from_u128(u128::from(number))
}

fn connection(number: u8) -> ConnectionId {
    ConnectionId::from_u128(u128::from(number))
}

fn answers() -> Vec<Answer> {
    Vec::from([Answer { name: "Your name".into(), value: "Ada".into() }])
}

fn arrival() -> Arrival {
    Arrival { customer: Some("Ada".into()), ..Arrival::new(CONVERSATION, WorkstreamId::from_u128(0x77)) }
}

fn opening(first_message: Option<&str>) -> Opening {
    Opening {
        conversation: CONVERSATION,
        visitor: VisitorId::from_u128(0x51),
        widget: WidgetId::from_u128(0x1d),
        arrival: arrival(),
        answers: answers(),
        first_message: first_message.map(|text| (message(FIRST), MessageText::new(text).unwrap())),
        customer_grace: GRACE,
    }
}

/// A conversation that began with a message and waits: two entries.
fn waiting() -> Conversation {
    Conversation::open(at(0), opening(Some("Hello"))).0
}

fn assigned(representative: RepresentativeId) -> Command {
    let (full_name, public_name) =
        if representative == ANA { ("Ana Lindqvist", "Ana") } else { ("Ben Castillo", "Ben") };
    Command::Notice(Notice::Assigned {
        representative,
        full_name: full_name.into(),
        public_name: public_name.into(),
    })
}

/// The same with Ana: three entries.
fn with_ana() -> Conversation {
    let mut conversation = waiting();
    conversation.handle(at(0), assigned(ANA)).unwrap();
    conversation
}

fn send(sender: Sender, number: u8, visibility: Visibility, text: &str) -> Command {
    Command::Send { sender, message: message(number), visibility, text: MessageText::new(text).unwrap() }
}

fn say(sender: Sender, number: u8, text: &str) -> Command {
    send(sender, number, Visibility::Public, text)
}

/// Gives a command that must be refused, and checks that it left nothing behind.
fn refused(conversation: &mut Conversation, command: Command) -> Rejection {
    let before = conversation.clone();
    let rejection = conversation.handle(at(1), command).unwrap_err();
    assert_eq!(*conversation, before, "a rejection leaves the state as it was");
    rejection
}

/// What this side is told, in order.
fn told(effects: &[Effect], to: Side) -> Vec<ServerFrame> {
    let frames = effects.iter().filter_map(|effect| match effect {
        Effect::Broadcast { side, frame } if *side == to => Some(frame.clone()),
        _ => None,
    });
    frames.collect()
}

/// A client that takes a stretch when it begins at or before what it holds, and asks for what it lacks.
#[derive(Debug)]
struct Reader {
    side: Side,
    held: Sequence,
    entries: Vec<Entry>,
}

impl Reader {
    fn new(side: Side) -> Self {
        Self { side, held: Sequence::START, entries: Vec::new() }
    }

    /// Takes a frame. False if there is a gap before it.
    fn take(&mut self, frame: &ServerFrame) -> bool {
        let ServerFrame::Entries { after, upto, entries } = frame else { return true };
        if *after > self.held {
            return false;
        }
        let held = self.held;
        self.entries.extend(entries.iter().filter(|entry| entry.sequence > held).cloned());
        self.held = held.max(*upto);
        true
    }

    /// Fetches page by page until it holds everything.
    fn catch_up(&mut self, conversation: &Conversation) {
        while self.held < conversation.last() {
            let before = self.held;
            assert!(self.take(&conversation.entries_for(Some(before), self.side).unwrap()));
            assert!(self.held > before, "every page brings a client further");
        }
    }

    fn texts(&self) -> Vec<String> {
        let text = |entry: &Entry| match &entry.content {
            crate::protocol::live::Content::Text { text } => Some(text.clone()),
            _ => None,
        };
        self.entries.iter().filter_map(text).collect()
    }
}

/// What a client on this side sees that comes now.
fn seen_by(side: Side, conversation: &Conversation) -> Reader {
    let mut reader = Reader::new(side);
    reader.catch_up(conversation);
    reader
}
