//! One representative at work: their connections, what presence they chose, and when they last got something.

use alloc::collections::{BTreeMap, BTreeSet};
use serde::{Deserialize, Serialize};

use super::presence::{Standing, computed};
use crate::id::{ConnectionId, QueueId, SessionId};
use crate::limit::PRESENCE_GRACE;
use crate::settings::{self, Presence};
use crate::time::{Span, Timestamp};

/// A representative of the settings, with what the router knows about them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Representative {
    /// What the settings say.
    pub(super) profile: settings::Representative,
    /// Their open consoles. Several count as one.
    pub(super) connections: BTreeSet<ConnectionId>,
    /// Set while they are gone and may still come back to what they had.
    pub(super) absence: Option<Absence>,
    /// The presence that stands; none if it is computed from capacity.
    pub(super) standing: Option<Standing>,
    /// Their latest session; zero if they never had one. Sessions are counted, so the lowest waits longest for work.
    pub(super) last_session: SessionId,
    /// Their latest session in each queue, for queues that take turns.
    pub(super) last_in_queue: BTreeMap<QueueId, SessionId>,
    /// When capacity of theirs was last released since they signed in; zero if it never was.
    pub(super) released: Timestamp,
}

/// The time from losing the last connection to giving up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Absence {
    /// Since when.
    pub(super) since: Timestamp,
    /// They signed out: their running work waits for them, the presence that they chose does not.
    pub(super) signed_out: bool,
}

impl Representative {
    /// Somebody who has never been there.
    pub(super) fn new(profile: settings::Representative) -> Self {
        Self {
            profile,
            connections: BTreeSet::new(),
            absence: None,
            standing: None,
            last_session: SessionId::from_number(0),
            last_in_queue: BTreeMap::new(),
            released: Timestamp::default(),
        }
    }

    /// Units that they have left, with `used` in use. Below zero if they took more by hand.
    pub(super) fn remaining(&self, used: i64) -> i64 {
        i64::from(self.profile.capacity.0) - used
    }

    /// Whether a console of theirs is open.
    pub(super) fn is_connected(&self) -> bool {
        !self.connections.is_empty()
    }

    /// What routing sees, with `used` units in use.
    pub(super) fn presence(&self, used: i64) -> Presence {
        if !self.is_connected() {
            return Presence::Offline;
        }
        self.standing.map_or_else(|| computed(self.profile.capacity, used), |standing| standing.presence)
    }

    /// When time alone changes something: the first moment that is outside of the grace time, whose last millisecond
    /// still counts as within.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.absence.map(|absence| absence.since.after(PRESENCE_GRACE).after(Span::from_millis(1)))
    }

    /// A console is open. The first one brings back what was there before, or signs in anew.
    pub(super) fn connect(&mut self, connection: ConnectionId) {
        if self.connections.is_empty() {
            let restored = self.absence.take().is_some_and(|absence| !absence.signed_out);
            if !restored {
                self.standing = Standing::at_sign_in(self.profile.default_presence);
                // Whoever has just signed in counts as the least active (reference section 16.3).
                self.released = Timestamp::default();
            }
        }
        self.connections.insert(connection);
    }

    /// Some consoles are gone. Tells whether the last one was among them.
    pub(super) fn lose(&mut self, mut gone: impl FnMut(ConnectionId) -> bool, now: Timestamp) -> bool {
        let was_connected = self.is_connected();
        self.connections.retain(|&connection| !gone(connection));
        let left = was_connected && !self.is_connected();
        if left {
            self.absence = Some(Absence { since: now, signed_out: false });
        }
        left
    }

    /// They signed out: coming back is a sign-in, however soon. Their running work has the grace time all the same.
    pub(super) fn sign_out(&mut self, now: Timestamp) {
        self.lose(|_| true, now);
        if let Some(absence) = &mut self.absence {
            absence.signed_out = true;
        }
    }

    /// The grace time is over: coming back is a sign-in.
    pub(super) fn give_up(&mut self) {
        self.absence = None;
    }

    /// They accepted an item or closed one.
    pub(super) fn worked(&mut self) {
        self.standing = self.standing.filter(|standing| standing.outlasts_work());
    }
}
