//! What the widget's transport calls of its browser, by the names that it has in the widget. Here it is noted, and the world
//! carries it out afterwards, in order ([`crate::tabs`]). So what decides among the tabs is the widget's own code.

use std::cell::RefCell;

use shared::id::ConversationId;

/// Something that a transport has asked for.
#[derive(Debug)]
pub(crate) enum Ask {
    /// The lock of the tabs, in one of three ways.
    Lead(u32),
    /// The channel of the tabs that show this conversation.
    Tune(Option<ConversationId>),
    Connect,
    Disconnect,
    Send(Vec<u8>),
    Ping,
    /// A word to the other tabs on the channel.
    Post(u32, Vec<u8>),
}

thread_local! {
    static ASKED: RefCell<Vec<Ask>> = const { RefCell::new(Vec::new()) };
}

fn note(ask: Ask) {
    ASKED.with_borrow_mut(|asked| asked.push(ask));
}

/// What was asked for since this was last looked at, in order.
pub(crate) fn asked() -> Vec<Ask> {
    ASKED.take()
}

pub(crate) fn lead(how: u32) {
    note(Ask::Lead(how));
}

pub(crate) fn tune(conversation: &str) {
    note(Ask::Tune(conversation.parse().ok()));
}

/// A transport connects to the conversation to which it is tuned.
pub(crate) fn connect(_address: &str) {
    note(Ask::Connect);
}

pub(crate) fn disconnect() {
    note(Ask::Disconnect);
}

pub(crate) fn send(bytes: &[u8]) {
    note(Ask::Send(bytes.to_vec()));
}

pub(crate) fn ping() {
    note(Ask::Ping);
}

pub(crate) fn post(word: u32, frame: &[u8]) {
    note(Ask::Post(word, frame.to_vec()));
}
