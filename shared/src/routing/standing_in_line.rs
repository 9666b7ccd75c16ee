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
use super::flow::Ahead;
use super::position::{ahead, alike, before, rivals};
use super::queue_index::QueueIndex;
use super::requirements::Requirements;
use super::turn::Turn;
use super::work::{Told, WorkItem};
use crate::conversation::Notice;
use crate::id::{ConversationId, QueueId};
use crate::time::{Span, Timestamp};

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

impl Turn<'_> {
    /// An item came into a line or left one: the others may stand elsewhere.
    pub(super) fn line_moved(&mut self) {
        if self.index.rules.tells_positions {
            self.look_again_within(GATHERED);
        }
    }

    /// Tells a customer where they stand and how long it may take, if their workstream wants that and it is not what they
    /// know already. Gives how long their line has stood still, if its estimate follows from that.
    pub(super) fn tell_position(&mut self, conversation: ConversationId, ahead: Ahead) -> Option<Span> {
        let item = self.book.items.get(&conversation)?;
        if !tells(self.book, item) {
            return None;
        }
        let flows = item.queue.and_then(|queue| self.book.flows.get(&queue));
        let expected = flows.and_then(|it| it.expected(&item.requires, ahead, item.waits_since, self.now));
        let estimated_wait = expected.map(|expected| expected.wait);
        let ahead = u32::try_from(ahead.all).unwrap_or(u32::MAX);
        let told = Told { ahead, seconds: estimated_wait.map(seconds) };
        if item.told.is_none_or(|known| known.ahead != ahead || is_off(known.seconds, told.seconds)) {
            self.book.items.get_mut(&conversation)?.told = Some(told);
            self.notify(conversation, Notice::Position { ahead, estimated_wait });
        }
        expected.map(|expected| expected.standstill)
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
            && let Some(ahead) = ahead(self.book, self.index, conversation)
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
            let alike = alike(self.index, class);
            places.extend(class.waiting.iter().take(depth).map(|order| {
                let ahead = |classes| before(self.index, classes, &order);
                (order.conversation, Ahead { all: ahead(&rivals), alike: ahead(&alike) })
            }));
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

    /// A customer who has waited since then has come to somebody, who was to have these skills if anybody can ask for any.
    pub(super) fn note_flow(&mut self, queue: QueueId, requires: Option<&Requirements>, since: Timestamp) {
        let flows = self.book.flows.entry(queue).or_default();
        flows.served(since, self.now);
        if let Some(requires) = requires {
            flows.alike_served(requires, since, self.now);
        }
        self.line_moved();
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
