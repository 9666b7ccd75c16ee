//! What is due when, of all conversations of a shard: one alarm serves them all.

use std::collections::{BTreeMap, BTreeSet};

use shared::id::ConversationId;
use shared::time::Timestamp;

/// What is due when.
#[derive(Default)]
pub(super) struct Deadlines {
    by_time: BTreeSet<(Timestamp, ConversationId)>,
    by_conversation: BTreeMap<ConversationId, Timestamp>,
}

impl Deadlines {
    /// Something of this conversation is due at `deadline`, or nothing is any more.
    pub(super) fn set(&mut self, conversation: ConversationId, deadline: Option<Timestamp>) {
        if let Some(before) = self.by_conversation.remove(&conversation) {
            self.by_time.remove(&(before, conversation));
        }
        if let Some(at) = deadline {
            self.by_conversation.insert(conversation, at);
            self.by_time.insert((at, conversation));
        }
    }

    /// When the first thing is due.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// The conversations of which something is due now.
    pub(super) fn due(&self, now: Timestamp) -> impl Iterator<Item = ConversationId> {
        self.by_time.iter().take_while(move |(at, _)| *at <= now).map(|(_, conversation)| *conversation)
    }
}
