//! Customers are told where they stand and how long it may take (reference section 32), where the workstream wants that.
//!
//! They are told when they begin to wait, and again when their place has changed; but not at each change: a line of a
//! thousand moves a thousand customers with each assignment. So the lines are looked at five seconds after the first
//! change at the earliest, and what has happened until then is told at once. Of each line the first 50 are looked at each
//! time and the first 1,000 each minute. Who stands farther behind hears again when they come that near. So a customer
//! who is nearly served hears of every change within five seconds, and nobody's line costs more than it is long.
//!
//! What they were told of how long it may take grows old where they stand, too: the line may move faster than before, or
//! not at all. They hear again when it is off by a quarter. While nobody is served the estimate grows with the time that
//! passes, so a line that stands still is looked at again and again, at ever longer intervals.

use alloc::vec::Vec;

use super::book::Book;
use super::deadlines::Due;
use super::position::{before, position, rivals};
use super::queue_index::QueueIndex;
use super::turn::Turn;
use super::work::{Told, WorkItem};
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

/// After which time a line that stands still is looked at again at the earliest.
const STANDSTILL: Span = Span::from_secs(60);

/// By what part of it an estimate is off when it is told again.
const OFF_BY: u64 = 4;

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
        self.wait_at(self.interval, ahead)
    }

    /// The same for somebody who stands in the line while it has stood still for so long.
    fn wait_after(&self, standstill: Span, ahead: usize) -> Option<Span> {
        self.wait_at(self.interval.max(standstill), ahead)
    }

    fn wait_at(&self, interval: Span, ahead: usize) -> Option<Span> {
        let ahead = u64::try_from(ahead).unwrap_or(u64::MAX).saturating_add(1);
        let wait = interval.as_millis().saturating_mul(ahead);
        (self.samples >= SAMPLES_MIN).then(|| Span::from_millis(wait))
    }

    /// For how long nobody has been served while somebody has waited since then.
    fn standstill(&self, since: Timestamp, now: Timestamp) -> Span {
        now.since(since.max(self.last))
    }
}

impl Turn<'_> {
    /// An item came into a line or left one: the others may stand elsewhere.
    pub(super) fn line_moved(&mut self) {
        if self.index.rules.tells_positions {
            self.look_again_within(GATHERED);
        }
    }

    /// Tells a customer where they stand and how long it may take, if their workstream wants that and it is not what they
    /// know already. Gives how long their line has stood still, if its estimate follows from that.
    pub(super) fn tell_position(&mut self, conversation: ConversationId, ahead: usize) -> Option<Span> {
        let item = self.book.items.get(&conversation)?;
        if !tells(self.book, item) {
            return None;
        }
        let flow = item.queue.and_then(|queue| self.book.flows.get(&queue));
        let standstill = flow.map_or(Span::default(), |flow| flow.standstill(item.waits_since, self.now));
        let estimated_wait = flow.and_then(|flow| flow.wait_after(standstill, ahead));
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        let told = Told { ahead, seconds: estimated_wait.map(seconds) };
        if item.told.is_none_or(|known| known.ahead != ahead || is_off(known.seconds, told.seconds)) {
            self.book.items.get_mut(&conversation)?.told = Some(told);
            self.notify(conversation, Notice::Position { ahead, estimated_wait });
        }
        estimated_wait.map(|_| standstill)
    }

    /// Takes back what a customer was told of their place, if they were told.
    pub(super) fn take_place_back(&mut self, conversation: ConversationId) {
        if self.book.items.get_mut(&conversation).and_then(|item| item.told.take()).is_some() {
            self.notify(conversation, Notice::NoPosition);
        }
    }

    /// The settings have changed: places are told that were not before, or told no more.
    pub(super) fn tell_positions_anew(&mut self) {
        let book = &*self.book;
        let stale = book.items.iter().filter(|(_, item)| item.told.is_some() && !tells(book, item));
        let stale: Vec<_> = stale.map(|(&id, _)| id).collect();
        for conversation in stale {
            self.take_place_back(conversation);
        }
        self.line_moved();
    }

    /// Tells a customer who begins to wait.
    pub(super) fn tell_first_position(&mut self, conversation: ConversationId) {
        if self.index.rules.tells_positions
            && let Some(ahead) = position(self.book, self.index, conversation)
        {
            self.tell_position(conversation, ahead);
        }
    }

    /// Looks at the lines and tells everybody whose place has changed, as far as they are looked at this time.
    pub(super) fn look_at_lines(&mut self) {
        self.look_again_at(None);
        self.book.looks += 1;
        let depth = if self.book.looks.is_multiple_of(FAR_EVERY) { FAR } else { NEAR };
        let mut places = Vec::new();
        for number in self.index.queues.values().flat_map(QueueIndex::in_order) {
            let Some(class) = self.index.classes.get(number).filter(|class| !class.waiting.is_empty()) else {
                continue;
            };
            let rivals = rivals(self.index, Some(number), class);
            let waiting = class.waiting.iter().take(depth);
            places.extend(waiting.map(|order| (order.conversation, before(self.index, &rivals, &order))));
        }
        let still = places.into_iter().filter_map(|(id, ahead)| self.tell_position(id, ahead)).min();
        if let Some(still) = still {
            let later = Span::from_millis(still.as_millis() / OFF_BY);
            self.look_again_within(later.max(STANDSTILL));
        }
    }

    fn look_again_within(&mut self, span: Span) {
        let at = self.now.after(span);
        if self.book.next_look.is_none_or(|next| at < next) {
            self.look_again_at(Some(at));
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
            self.line_moved();
        }
    }
}

/// Whether the customer of this item is told where they stand.
fn tells(book: &Book, item: &WorkItem) -> bool {
    book.workstreams.get(&item.workstream).is_some_and(|known| known.tells_position)
}

/// The time in seconds, as far as they are kept: for more than a century.
fn seconds(time: Span) -> u32 {
    u32::try_from(time.as_millis() / 1_000).unwrap_or(u32::MAX)
}

/// Whether what a customer was told of how long it may take is off by so much that they must hear of it.
fn is_off(known: Option<u32>, now: Option<u32>) -> bool {
    match (known, now) {
        (Some(known), Some(now)) => u64::from(known.abs_diff(now)) * OFF_BY >= u64::from(known.max(1)),
        (known, now) => known != now,
    }
}

/// Whether an item stands in a line.
pub(super) fn stands_in_line(item: &WorkItem) -> bool {
    item.stage == super::work::Stage::Open && item.queue.is_some()
}
