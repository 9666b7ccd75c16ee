//! How fast the customers of a queue come to somebody, from which follows how long others wait (reference section 32).
//!
//! Whoever asks for skills that few have waits for these few, however fast the rest of the queue is served. So the time from
//! one customer to the next is kept of the queue as a whole, and of those alike who ask for the same skills.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::requirements::{Requirements, Skills};
use crate::settings::SkillMatching;
use crate::time::{Span, Timestamp};

/// From how many customers on the wait is estimated.
const SAMPLES_MIN: u32 = 3;

/// Of how many kinds of customers a queue keeps the flow. Of more, those who were served the longest ago are forgotten.
const KINDS_MAX: usize = 32;

/// How many stand before a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ahead {
    /// Of all whom the same people could take.
    pub(super) all: usize,
    /// Of those in the same queue who ask for the same skills.
    pub(super) alike: usize,
}

/// How long somebody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expected {
    /// In all.
    pub(super) wait: Span,
    /// For how long the line that decides about it has stood still.
    pub(super) standstill: Span,
}

/// How fast customers come to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Flow {
    last: Timestamp,
    /// The time from one to the next while somebody waits: a mean in which the latest counts an eighth.
    interval: Span,
    samples: u32,
}

impl Flow {
    fn served(&mut self, since: Timestamp, now: Timestamp) {
        let sample = now.since(since.max(self.last)).as_millis();
        let mean = self.interval.as_millis();
        let mean = if self.samples == 0 { sample } else { (mean * 7 + sample) / 8 };
        *self =
            Self { last: now, interval: Span::from_millis(mean), samples: self.samples.saturating_add(1) };
    }

    /// For how long nobody has been served while somebody has waited since then.
    fn standstill(&self, since: Timestamp, now: Timestamp) -> Span {
        now.since(since.max(self.last))
    }

    /// How long somebody waits before whom so many stand, and who has waited since then. While nobody is served the time
    /// that passes counts. None as long as too little is known.
    fn expected(&self, ahead: usize, since: Timestamp, now: Timestamp) -> Option<Expected> {
        let standstill = self.standstill(since, now);
        let ahead = u64::try_from(ahead).unwrap_or(u64::MAX).saturating_add(1);
        let wait = self.interval.max(standstill).as_millis().saturating_mul(ahead);
        (self.samples >= SAMPLES_MIN).then(|| Expected { wait: Span::from_millis(wait), standstill })
    }
}

/// What those ask for whose flow is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    skills: Skills,
    matching: SkillMatching,
}

impl Asked {
    fn is_by(&self, requires: &Requirements) -> bool {
        self.skills == requires.skills && self.matching == requires.matching
    }
}

/// The flow of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Flows {
    whole: Flow,
    /// Of those alike. Empty where nobody can ask for skills.
    kinds: Vec<(Asked, Flow)>,
}

impl Flows {
    /// Somebody who has waited since then came to somebody now.
    pub(super) fn served(&mut self, since: Timestamp, now: Timestamp) {
        self.whole.served(since, now);
    }

    /// The same of those who ask for these skills.
    pub(super) fn alike_served(&mut self, requires: &Requirements, since: Timestamp, now: Timestamp) {
        if let Some((_, flow)) = self.kinds.iter_mut().find(|(asked, _)| asked.is_by(requires)) {
            return flow.served(since, now);
        }
        if self.kinds.len() >= KINDS_MAX {
            let oldest = self.kinds.iter().enumerate().min_by_key(|(_, (_, flow))| flow.last);
            if let Some((place, _)) = oldest {
                self.kinds.remove(place);
            }
        }
        let mut flow = Flow::default();
        flow.served(since, now);
        self.kinds.push((Asked { skills: requires.skills.clone(), matching: requires.matching }, flow));
    }

    /// How long somebody waits who asks for this: as long as those alike do, and no shorter than the queue takes for the
    /// others before them. Of a kind of which too little is known, it is known how long nobody of it has been served.
    pub(super) fn expected(
        &self,
        requires: &Requirements,
        ahead: Ahead,
        since: Timestamp,
        now: Timestamp,
    ) -> Option<Expected> {
        let whole = |ahead| self.whole.expected(ahead, since, now);
        if self.kinds.is_empty() {
            return whole(ahead.all);
        }
        let alike = self.kinds.iter().find(|(asked, _)| asked.is_by(requires)).map(|(_, flow)| *flow);
        let flow = alike.unwrap_or_default();
        if let Some(alike) = flow.expected(ahead.alike, since, now) {
            let others = ahead.all.saturating_sub(ahead.alike);
            return others.checked_sub(1).and_then(whole).max(Some(alike));
        }
        let standstill = flow.standstill(since, now);
        whole(ahead.all).map(|whole| whole.max(Expected { wait: standstill, standstill }))
    }
}
