//! How a shard's conversations and visitors are stored: a head, which changes, and records, which only
//! grow, and are written again when what one of them said was removed.

use std::collections::BTreeMap;

use shared::conversation::{Conversation, Record};
use shared::id::{ConversationId, RequestId, VisitorId};
use shared::protocol::live::Sequence;
use shared::time::{Span, Timestamp};

use crate::object::bytes_of;
use crate::session::has_run_out;

/// What is stored.
#[derive(Clone, Default)]
pub(crate) struct ShardTables {
    pub(crate) heads: BTreeMap<ConversationId, StoredHead>,
    /// Records as chunks, each with the number after which it begins.
    records: BTreeMap<(ConversationId, u32), Vec<u8>>,
    pub(crate) visitors: BTreeMap<VisitorId, StoredVisitor>,
    /// How long a visitor's session lasts that is not used.
    pub(crate) lifetime: Option<Span>,
}

/// Everything but the log.
#[derive(Clone)]
pub(crate) struct StoredHead {
    pub(crate) head: Vec<u8>,
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) connections: usize,
}

impl StoredVisitor {
    /// A visitor who is new at this time.
    pub(crate) fn born(now: Timestamp) -> Self {
        Self { used: now, newest: None, starts: BTreeMap::new() }
    }
}

/// A visitor with a session.
#[derive(Clone)]
pub(crate) struct StoredVisitor {
    /// When their session was used last.
    pub(crate) used: Timestamp,
    pub(crate) newest: Option<ConversationId>,
    /// Which conversation each request was answered.
    pub(crate) starts: BTreeMap<RequestId, ConversationId>,
}

impl ShardTables {
    /// Nothing yet, with sessions that last so long.
    pub(crate) fn new(lifetime: Option<Span>) -> Self {
        Self { lifetime, ..Self::default() }
    }

    /// Notes that a visitor's session is used. Whether there is one that has not run out.
    pub(crate) fn use_session(&mut self, now: Timestamp, visitor: VisitorId) -> bool {
        let lifetime = self.lifetime;
        let known = self.visitors.get_mut(&visitor).filter(|known| !has_run_out(known.used, now, lifetime));
        known.map(|known| known.used = now).is_some()
    }

    /// The conversation with this id, if there is one.
    pub(crate) fn load(&self, id: ConversationId) -> Option<Conversation> {
        let stored = self.heads.get(&id)?;
        let head = postcard::from_bytes(&stored.head)
            .unwrap_or_else(|fault| panic!("a head is unreadable: {fault}"));
        let mut log: Vec<Record> = Vec::new();
        for ((_, after), chunk) in self.records.range((id, 0)..=(id, u32::MAX)) {
            assert_eq!(*after as usize, log.len(), "records are stored without a gap");
            let records: Vec<Record> =
                postcard::from_bytes(chunk).unwrap_or_else(|fault| panic!("records are unreadable: {fault}"));
            log.extend(records);
        }
        Some(Conversation::restore(head, log))
    }

    /// Stores a conversation whose records up to `stored` are stored already.
    pub(crate) fn store(&mut self, id: ConversationId, conversation: &Conversation, stored: Sequence) {
        let head = bytes_of(conversation.head());
        let (deadline, connections) = (conversation.next_deadline(), conversation.connections().len());
        self.heads.insert(id, StoredHead { head, deadline, connections });
        let records = conversation.records_after(stored);
        if !records.is_empty() {
            self.records.insert((id, stored.0), bytes_of(records));
        }
    }

    /// Stores the record with this number, which was stored before, as it is now.
    pub(crate) fn store_again(&mut self, id: ConversationId, conversation: &Conversation, record: Sequence) {
        let Some(((_, after), chunk)) = self.records.range_mut((id, 0)..(id, record.0)).next_back() else {
            panic!("{record:?} of {id} was never stored")
        };
        let old: Vec<Record> =
            postcard::from_bytes(chunk).unwrap_or_else(|fault| panic!("records are unreadable: {fault}"));
        *chunk = bytes_of(&conversation.records_after(Sequence(*after))[..old.len()]);
    }

    /// Whether any record of a conversation is stored with bytes that meet a test.
    pub(crate) fn holds(&self, id: ConversationId, test: impl Fn(&[u8]) -> bool) -> bool {
        self.records.range((id, 0)..=(id, u32::MAX)).any(|(_, chunk)| test(chunk))
    }

    /// Every conversation that was ever checkpointed.
    pub(crate) fn stored(&self) -> impl Iterator<Item = ConversationId> {
        self.heads.keys().copied()
    }
}
