//! One representative at work: their connections, what presence they chose, and when they last got something.

use alloc::collections::{BTreeMap, BTreeSet};
use serde::{Deserialize, Serialize};

use super::capacity::{Load, Slot, Spent, slots_of};
use super::presence::{Shown, Source, Standing};
use crate::id::{CapacityProfileId, ConnectionId, QueueId, SessionId};
use crate::settings::{self, BasePresence, CapacityProfile, CustomPresence};
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
    /// Their latest session of work; zero if they never had one. Sessions are counted, so the lowest waits longest for
    /// work.
    pub(super) last_session: SessionId,
    /// Their latest session in each queue, for queues that take turns.
    pub(super) last_in_queue: BTreeMap<QueueId, SessionId>,
    /// When capacity of theirs was last released since they signed in; zero if it never was.
    pub(super) released: Timestamp,
    /// Their default presence, as the settings describe it.
    default: Standing,
    /// Their capacity profiles, as the settings describe them.
    pub(super) slots: BTreeMap<CapacityProfileId, Slot>,
    /// Places in profiles that stay taken until the end of the day.
    pub(super) spent: Option<Spent>,
    /// An offer failed because they had as many sessions open as a desk holds. Until they have fewer they are shown as Do
    /// not disturb at least, and are offered nothing (reference sections 16.2 and 20.2).
    pub(super) crowded: bool,
}

/// The time from losing the last connection to giving up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Absence {
    /// Since when.
    pub(super) since: Timestamp,
    /// When it is too late to come back to what was: its last millisecond still counts as in time.
    pub(super) until: Timestamp,
    /// They signed out: their running work waits for them, the presence that they chose does not.
    pub(super) signed_out: bool,
}

impl Representative {
    /// Somebody who has never been there.
    pub(super) fn new(
        profile: settings::Representative,
        profiles: &[CapacityProfile],
        custom: &[CustomPresence],
    ) -> Self {
        Self {
            connections: BTreeSet::new(),
            absence: None,
            standing: None,
            last_session: SessionId::from_number(0),
            last_in_queue: BTreeMap::new(),
            released: Timestamp::default(),
            default: Standing::new(profile.default_presence, Source::Default, custom),
            slots: slots_of(&profile.profiles, profiles),
            spent: None,
            crowded: false,
            profile,
        }
    }

    /// The same person under new settings.
    pub(super) fn under(
        self,
        profile: settings::Representative,
        profiles: &[CapacityProfile],
        custom: &[CustomPresence],
    ) -> Self {
        let anew = |standing: Standing| match standing.source {
            Source::System => standing,
            source => Standing::new(standing.presence, source, custom),
        };
        Self {
            default: Standing::new(profile.default_presence, Source::Default, custom),
            slots: slots_of(&profile.profiles, profiles),
            standing: self.standing.map(anew),
            profile,
            ..self
        }
    }

    /// Whether a console of theirs is open.
    pub(super) fn is_connected(&self) -> bool {
        !self.connections.is_empty()
    }

    /// What routing sees, with this load.
    pub(super) fn shown(&self, load: &Load) -> Shown {
        if !self.is_connected() {
            return Shown::plain(BasePresence::Offline);
        }
        let shown = self.standing.as_ref().map_or_else(|| Shown::plain(self.computed(load)), Standing::shown);
        if self.crowded && shown.base < BasePresence::DoNotDisturb {
            return Shown::plain(BasePresence::DoNotDisturb);
        }
        shown
    }

    /// When time alone changes something: the grace time is over, or the day.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let back_too_late = self.absence.map(|absence| absence.until.after(Span::from_millis(1)));
        let end_of_day = self.spent.as_ref().map(|spent| spent.until);
        back_too_late.into_iter().chain(end_of_day).min()
    }

    /// A console is open. The first one brings back what was there before, or signs in anew.
    pub(super) fn connect(&mut self, connection: ConnectionId) {
        if self.connections.is_empty() {
            let restored = self.absence.take().is_some_and(|absence| !absence.signed_out);
            if !restored {
                self.standing = Standing::at_sign_in(&self.default);
                // Whoever has just signed in counts as the least active (reference section 16.3).
                self.released = Timestamp::default();
            }
        }
        self.connections.insert(connection);
    }

    /// Some consoles are gone. Tells whether the last one was among them.
    pub(super) fn lose(
        &mut self,
        mut gone: impl FnMut(ConnectionId) -> bool,
        now: Timestamp,
        grace: Span,
    ) -> bool {
        let was_connected = self.is_connected();
        self.connections.retain(|&connection| !gone(connection));
        let left = was_connected && !self.is_connected();
        if left {
            self.absence = Some(Absence { since: now, until: now.after(grace), signed_out: false });
        }
        left
    }

    /// They signed out: coming back is a sign-in, however soon. Their running work has the grace time all the same.
    pub(super) fn sign_out(&mut self, now: Timestamp, grace: Span) {
        self.lose(|_| true, now, grace);
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
        self.standing = self.standing.take().filter(Standing::outlasts_work);
    }

    /// Whatever stood does not stand any more, apart from a default that does.
    pub(super) fn reset_presence(&mut self) {
        self.standing = Standing::at_sign_in(&self.default);
    }
}
