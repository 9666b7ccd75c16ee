//! What an object has yet to tell others, as the gateway keeps it: at least once, in order for each target.

use std::collections::{BTreeMap, VecDeque};

use shared::time::{Span, Timestamp};

use crate::object::Name;

/// Effects in one delivery. Few, so that there are many deliveries.
const BATCH_MAX: usize = 4;
const RETRY_FIRST: Span = Span::from_millis(250);
const RETRY_LONGEST: Span = Span::from_secs(60);

/// Effects on their way from one object to another.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) source: Name,
    /// Each with its number, in order.
    pub(crate) effects: Vec<(u64, Vec<u8>)>,
}

impl Delivery {
    /// The number of the last effect.
    pub(crate) fn last(&self) -> u64 {
        self.effects.last().map_or(0, |(number, _)| *number)
    }
}

/// The lanes to the targets.
#[derive(Default)]
pub(crate) struct Outbox(BTreeMap<Name, Lane>);

#[derive(Default)]
struct Lane {
    waiting: VecDeque<(u64, Vec<u8>)>,
    /// A delivery is under way, and until when its answer is waited for.
    under_way: Option<Timestamp>,
    failures: u32,
    retry_at: Option<Timestamp>,
}

impl Outbox {
    pub(crate) fn open(rows: &[(u64, Name, Vec<u8>)]) -> Self {
        let mut outbox = Self::default();
        for (number, target, effect) in rows {
            outbox.post(*target, *number, effect.clone());
        }
        outbox
    }

    pub(crate) fn post(&mut self, target: Name, number: u64, effect: Vec<u8>) {
        self.0.entry(target).or_default().waiting.push_back((number, effect));
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.0.values().any(|lane| lane.under_way.is_some())
    }

    /// The deliveries that are due, one for each target that is not busy. They count as under way from now on.
    pub(crate) fn due(&mut self, now: Timestamp, source: Name) -> Vec<(Name, Delivery)> {
        let mut due = Vec::new();
        for (target, lane) in &mut self.0 {
            let busy = lane.under_way.is_some_and(|until| now < until);
            if busy || lane.waiting.is_empty() || lane.retry_at.is_some_and(|at| now < at) {
                continue;
            }
            (lane.under_way, lane.retry_at) = (Some(now.after(RETRY_LONGEST)), None);
            let effects = lane.waiting.iter().take(BATCH_MAX).cloned().collect();
            due.push((*target, Delivery { source, effects }));
        }
        due
    }

    pub(crate) fn delivered(&mut self, target: Name, last: u64) {
        if let Some(lane) = self.0.get_mut(&target) {
            lane.waiting.retain(|(number, _)| *number > last);
            if lane.waiting.is_empty() {
                self.0.remove(&target);
            } else {
                (lane.under_way, lane.failures, lane.retry_at) = (None, 0, None);
            }
        }
    }

    pub(crate) fn failed(&mut self, now: Timestamp, target: Name) {
        if let Some(lane) = self.0.get_mut(&target) {
            let doubled = RETRY_FIRST.as_millis().saturating_mul(1 << lane.failures.min(10));
            lane.under_way = None;
            lane.failures += 1;
            lane.retry_at = Some(now.after(Span::from_millis(doubled.min(RETRY_LONGEST.as_millis()))));
        }
    }

    pub(crate) fn next_attempt(&self, now: Timestamp) -> Option<Timestamp> {
        let soon = now.after(RETRY_LONGEST);
        self.0.values().map(|lane| lane.under_way.or(lane.retry_at).unwrap_or(soon)).min()
    }
}
