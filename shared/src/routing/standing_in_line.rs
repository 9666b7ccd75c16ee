//! Customers are told where they stand and how long it may take (reference section 32), where the workstream wants that.
//!
//! They are told when they begin to wait, and again when their place has changed; but not at each change: a line of a
//! thousand moves a thousand customers with each assignment. So the lines are looked at five seconds after the first
//! change at the earliest, and what has happened until then is told at once. Of each line the first 50 are looked at each
//! time and the first 1,000 each minute. Who stands farther behind hears again when they come that near. So a customer
//! who is nearly served hears of every change within five seconds, and nobody's line costs more than it is long.

use super::deadlines::Due;
use super::position::{before, position, rivals};
use super::queue_index::QueueIndex;
use super::turn::Turn;
use super::work::WorkItem;
use crate::conversation::Notice;
use crate::id::{ConversationId, QueueId};
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// How long changes are gathered.
const GATHERED: Span = Span::from_secs(5);

/// How many of each line are looked at each time, and how many every so many times.
const NEAR: usize = 50;
const FAR: usize = 1_000;
const FAR_EVERY: u64 = 12;

/// From how many customers on the wait is estimated.
const SAMPLES_MIN: u32 = 3;

/// How fast a queue's customers come to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Flow {
    last: Timestamp,
    /// The time from one to the next while somebody waits: a mean in which the latest counts an eighth.
    interval: Span,
    samples: u32,
}

impl Flow {
    /// Somebody who has waited since then came to somebody now.
    pub(super) fn served(&mut self, since: Timestamp, now: Timestamp) {
        let sample = now.since(since.max(self.last)).as_millis();
        let mean = self.interval.as_millis();
        let mean = if self.samples == 0 { sample } else { (mean * 7 + sample) / 8 };
        *self =
            Self { last: now, interval: Span::from_millis(mean), samples: self.samples.saturating_add(1) };
    }

    /// How long somebody waits before whom so many stand; none as long as too little is known.
    pub(super) fn wait(&self, ahead: usize) -> Option<Span> {
        let ahead = u64::try_from(ahead).unwrap_or(u64::MAX).saturating_add(1);
        let wait = self.interval.as_millis().saturating_mul(ahead);
        (self.samples >= SAMPLES_MIN).then(|| Span::from_millis(wait))
    }
}

impl Turn<'_> {
    /// An item came into a line or left one: the others may stand elsewhere.
    pub(super) fn line_moved(&mut self) {
        if self.index.rules.tells_positions && self.book.next_look.is_none() {
            self.look_again_at(Some(self.now.after(GATHERED)));
        }
    }

    /// Tells a customer where they stand, if their workstream wants that and they do not know already.
    pub(super) fn tell_position(&mut self, conversation: ConversationId, ahead: usize) {
        let Some(item) = self.book.items.get_mut(&conversation) else { return };
        let told = u32::try_from(ahead).unwrap_or(u32::MAX);
        let wanted = self.book.workstreams.get(&item.workstream).is_some_and(|known| known.tells_position);
        if !wanted || item.told_position == Some(told) {
            return;
        }
        item.told_position = Some(told);
        let queue = item.queue;
        let estimated_wait = queue.and_then(|queue| self.estimated_wait(queue, ahead));
        self.notify(conversation, Notice::Position { ahead: told, estimated_wait });
    }

    /// Tells a customer who begins to wait.
    pub(super) fn tell_first_position(&mut self, conversation: ConversationId) {
        if self.index.rules.tells_positions
            && let Some(ahead) = position(self.book, self.index, conversation)
        {
            self.tell_position(conversation, ahead);
        }
    }

    fn estimated_wait(&self, queue: QueueId, ahead: usize) -> Option<Span> {
        self.book.flows.get(&queue)?.wait(ahead)
    }

    /// Looks at the lines and tells everybody whose place has changed, as far as they are looked at this time.
    pub(super) fn look_at_lines(&mut self) {
        self.look_again_at(None);
        self.book.looks += 1;
        let depth = if self.book.looks.is_multiple_of(FAR_EVERY) { FAR } else { NEAR };
        let mut places = alloc::vec::Vec::new();
        for number in self.index.queues.values().flat_map(QueueIndex::in_order) {
            let Some(class) = self.index.classes.get(number).filter(|class| !class.waiting.is_empty()) else {
                continue;
            };
            let rivals = rivals(self.index, number);
            let waiting = class.waiting.iter().take(depth);
            places.extend(waiting.map(|order| (order.conversation, before(self.index, &rivals, &order))));
        }
        for (conversation, ahead) in places {
            self.tell_position(conversation, ahead);
        }
    }

    fn look_again_at(&mut self, at: Option<Timestamp>) {
        let before = core::mem::replace(&mut self.book.next_look, at);
        self.index.remove_deadline(before, Due::Lines);
        self.index.add_deadline(at, Due::Lines);
    }

    /// A customer who waited has come to somebody.
    pub(super) fn note_flow(&mut self, queue: Option<QueueId>, since: Timestamp) {
        if let Some(queue) = queue {
            self.book.flows.entry(queue).or_default().served(since, self.now);
        }
    }
}

/// Whether an item stands in a line.
pub(super) fn stands_in_line(item: &WorkItem) -> bool {
    item.stage == super::work::Stage::Open && item.queue.is_some()
}
