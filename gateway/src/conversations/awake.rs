//! The conversations of a shard that are in memory: those with open sockets, those of which the journal holds something, and
//! a few that were only looked at, because who looks once looks again.

use std::cell::Cell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use shared::conversation::{Conversation, Effect as Order};
use shared::id::ConversationId;
use shared::limit::{IDLE_BYTES_MAX, LOOKED_AT_KEPT};
use shared::protocol::live::Sequence;

thread_local! {
    /// Bytes of all conversations in the memory of this process, of whatever shard.
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

/// Bytes of all conversations in the memory of this process, as the last turn of each shard left them.
pub(super) fn bytes() -> usize {
    BYTES.get()
}

/// A conversation in memory.
pub(super) struct Awake {
    pub(super) conversation: Conversation,
    /// Up to which number its records are stored.
    pub(super) stored: Sequence,
    /// Whether the journal holds something about it.
    pub(super) changed: bool,
    /// Records that say nothing any more and may be stored with what they said.
    pub(super) wiped: BTreeSet<Sequence>,
    /// As how many bytes it counts.
    bytes: usize,
    /// As how many bytes it counts among those to which nobody is connected.
    idle_bytes: usize,
    /// Whether it is among those that were only looked at.
    looked_at: bool,
}

/// As how many bytes a conversation counts beside its log.
const HEAD_BYTES: usize = 1024;

impl Awake {
    pub(super) fn new(conversation: Conversation, stored: Sequence, changed: bool) -> Self {
        let wiped = BTreeSet::new();
        Self { conversation, stored, changed, wiped, bytes: 0, idle_bytes: 0, looked_at: false }
    }

    /// Notes which records are to be stored anew. Whether there are any.
    pub(super) fn note_wiped(&mut self, orders: &[Order]) -> bool {
        let mut any = false;
        for order in orders {
            if let Order::Wiped { records } = order {
                self.wiped.extend(records);
                any = true;
            }
        }
        any
    }

    fn is_connected(&self) -> bool {
        self.conversation.connections().len() > 0
    }

    /// Whether it can be let go: it is on disk as it is, and nobody is connected.
    fn is_only_looked_at(&self) -> bool {
        !self.changed && !self.is_connected()
    }
}

/// The conversations in memory.
#[derive(Default)]
pub(super) struct AllAwake {
    by_id: BTreeMap<ConversationId, Awake>,
    /// Those that were asked for since the end of the last turn.
    touched: Vec<ConversationId>,
    /// Those that were only looked at, the oldest first.
    looked_at: VecDeque<ConversationId>,
    /// Bytes of all of them.
    bytes: usize,
    /// Bytes of those to which nobody is connected.
    idle_bytes: usize,
}

impl Drop for AllAwake {
    fn drop(&mut self) {
        self.count(self.bytes, 0);
    }
}

impl AllAwake {
    pub(super) fn contains(&self, id: ConversationId) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(super) fn insert(&mut self, id: ConversationId, awake: Awake) {
        self.by_id.insert(id, awake);
        self.touched.push(id);
    }

    pub(super) fn get(&self, id: ConversationId) -> Option<&Awake> {
        self.by_id.get(&id)
    }

    /// One in which something may be about to happen.
    pub(super) fn get_mut(&mut self, id: ConversationId) -> Option<&mut Awake> {
        if self.touched.last() != Some(&id) {
            self.touched.push(id);
        }
        self.by_id.get_mut(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ConversationId, &Awake)> {
        self.by_id.iter().map(|(id, awake)| (*id, awake))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (ConversationId, &mut Awake)> {
        self.by_id.iter_mut().map(|(id, awake)| (*id, awake))
    }

    /// A turn ends: of those that were only looked at, few stay. Whether so much is left that nobody is connected to that the
    /// state should be stored now, so that it can be let go.
    pub(super) fn end_turn(&mut self) -> bool {
        for id in core::mem::take(&mut self.touched) {
            let Some(awake) = self.by_id.get_mut(&id) else { continue };
            let bytes = awake.conversation.bytes() + HEAD_BYTES;
            let idle_bytes = if awake.is_connected() { 0 } else { bytes };
            let before = core::mem::replace(&mut awake.bytes, bytes);
            self.idle_bytes = self.idle_bytes - awake.idle_bytes + idle_bytes;
            awake.idle_bytes = idle_bytes;
            if awake.is_only_looked_at() && !awake.looked_at {
                awake.looked_at = true;
                self.looked_at.push_back(id);
            }
            self.count(before, bytes);
        }
        while self.looked_at.len() > LOOKED_AT_KEPT || self.idle_bytes > IDLE_BYTES_MAX {
            let Some(id) = self.looked_at.pop_front() else { break };
            if let Entry::Occupied(mut place) = self.by_id.entry(id) {
                place.get_mut().looked_at = false;
                if place.get().is_only_looked_at() {
                    let gone = place.remove();
                    self.idle_bytes -= gone.idle_bytes;
                    self.count(gone.bytes, 0);
                }
            }
        }
        self.idle_bytes > IDLE_BYTES_MAX
    }

    /// Everything is stored: only those to which somebody is connected stay.
    pub(super) fn stored(&mut self) {
        self.by_id.retain(|_, awake| awake.is_connected());
        let mut left = 0;
        for awake in self.by_id.values_mut() {
            (awake.idle_bytes, awake.looked_at) = (0, false);
            left += awake.bytes;
        }
        self.looked_at.clear();
        self.idle_bytes = 0;
        self.count(self.bytes, left);
    }

    /// What counted as so many bytes counts as so many from now on, here and in the process.
    fn count(&mut self, before: usize, now: usize) {
        self.bytes = self.bytes - before + now;
        BYTES.set(BYTES.get() - before + now);
    }
}

#[cfg(test)]
mod tests {
    use shared::conversation::{Command, Sender};
    use shared::id::{ConnectionId, MessageId};
    use shared::limit::MESSAGE_CHARS_MAX;
    use shared::protocol::live::Visibility;
    use shared::text::MessageText;
    use shared::time::Timestamp;

    use super::*;
    use crate::stored::tests::opening;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn id(number: usize) -> ConversationId {
        ConversationId::from_u128(number as u128)
    }

    fn awake(changed: bool) -> Awake {
        let (conversation, _) = Conversation::open(NOW, opening());
        let stored = conversation.last();
        Awake::new(conversation, stored, changed)
    }

    fn connect(awake: &mut Awake) {
        let connection = ConnectionId::from_u128(1);
        awake.conversation.handle(NOW, Command::Connect { sender: Sender::Customer, connection }).unwrap();
    }

    #[test]
    fn of_those_that_were_only_looked_at_the_last_few_stay_and_all_others_do() {
        let mut all = AllAwake::default();
        let (changed, connected) = (id(1_000_001), id(1_000_002));
        all.insert(changed, awake(true));
        all.insert(connected, awake(false));
        connect(all.get_mut(connected).unwrap());
        for number in 0..3 * LOOKED_AT_KEPT {
            all.insert(id(number), awake(false));
            assert!(!all.end_turn());
        }
        assert_eq!(all.iter().count(), LOOKED_AT_KEPT + 2);
        assert!(all.contains(changed) && all.contains(connected));
        assert!(!all.contains(id(2 * LOOKED_AT_KEPT - 1)) && all.contains(id(2 * LOOKED_AT_KEPT)));
        // Something happened in one that was only looked at: it stays until it is stored.
        let last = id(3 * LOOKED_AT_KEPT - 1);
        all.get_mut(last).unwrap().changed = true;
        for number in 0..2 * LOOKED_AT_KEPT {
            all.insert(id(number), awake(false));
            all.end_turn();
        }
        assert!(all.contains(last));
        all.stored();
        assert_eq!(all.iter().map(|(id, _)| id).collect::<Vec<_>>(), [connected]);
        assert_eq!(all.idle_bytes, 0);
    }

    #[test]
    fn the_process_counts_what_its_shards_hold_in_memory_whoever_is_connected() {
        let before = bytes();
        let mut shards = [AllAwake::default(), AllAwake::default()];
        for all in &mut shards {
            all.insert(id(1), awake(true));
            all.insert(id(2), awake(true));
            connect(all.get_mut(id(1)).unwrap());
            all.end_turn();
        }
        let each = shards[0].get(id(1)).unwrap().conversation.bytes() + HEAD_BYTES;
        assert_eq!(bytes() - before, 4 * each);
        let text = MessageText::new("Hello").unwrap();
        let (message, visibility) = (MessageId::from_u128(1), Visibility::Public);
        let command = Command::Send { sender: Sender::Customer, message, visibility, text };
        shards[0].get_mut(id(1)).unwrap().conversation.handle(NOW, command).unwrap();
        shards[0].end_turn();
        assert!(bytes() - before > 4 * each, "what is written counts");
        // What is stored goes, but for those to whom somebody is connected; a shard that sleeps takes nothing.
        shards[1].stored();
        shards[1].end_turn();
        assert!(bytes() - before < 4 * each && bytes() - before > 3 * each);
        drop(shards);
        assert_eq!(bytes(), before);
    }

    #[test]
    fn what_nobody_is_connected_to_is_stored_early_when_it_is_too_much_for_the_memory() {
        let mut all = AllAwake::default();
        let text = MessageText::new(&"a".repeat(MESSAGE_CHARS_MAX)).unwrap();
        let mut numbers = 0..;
        let mut full = false;
        while !full {
            let number = numbers.next().unwrap();
            assert!(number * MESSAGE_CHARS_MAX < 2 * IDLE_BYTES_MAX, "there is no bound");
            all.insert(id(number), awake(true));
            let message = MessageId::from_u128(1);
            let (visibility, text) = (Visibility::Public, text.clone());
            let command = Command::Send { sender: Sender::Customer, message, visibility, text };
            all.get_mut(id(number)).unwrap().conversation.handle(NOW, command).unwrap();
            full = all.end_turn();
        }
        assert!(numbers.start * MESSAGE_CHARS_MAX > IDLE_BYTES_MAX / 2);
        all.stored();
        assert!(!all.end_turn());
    }
}
