//! The connection: when to connect, to ping, and to give a socket up.
//!
//! - A socket that is dead one way or both is found out: every step of the way to a live one has a limit, and a live one
//!   that leaves two heartbeats in a row unanswered is dead. Only an answer shows that we are heard: what arrives by itself
//!   shows that we hear.
//! - A heartbeat that only asks "are you there?" costs the gateway nothing, and compares nothing. So from time to time it
//!   is a comparison: hello is said again, with the number that is held, and the answer mends what was lost on a socket
//!   that seemed well (a proxy in between that swallowed a frame). Soon after something was said on either side, seldom
//!   while nothing is.
//! - Retries wait a random time up to a limit that doubles (exponential back-off with full jitter), so that a gateway
//!   that comes back is not met by everybody at once.

use crate::time::{Span, Timestamp};

/// How long a socket may take to open, and then to be welcomed.
const PATIENCE: Span = Span::from_secs(10);
/// How often a live socket is asked whether it is there.
const HEARTBEAT: Span = Span::from_secs(20);
/// Heartbeats from one comparison to the next, after something happened.
const COMPARED_BUSY: u8 = 3;
/// The same, while nothing happens: five minutes.
const COMPARED_IDLE: u8 = 15;
/// How long the answer to a probe may take: somebody is looking at the screen, or a heartbeat went unanswered before it.
const PROBE: Span = Span::from_secs(3);
/// The longest first wait before a retry.
const BACK_OFF_FIRST: Span = Span::from_millis(500);
/// The longest wait before a retry.
const BACK_OFF_MAX: Span = Span::from_secs(30);
/// A connection that lasted this long was a good one: the next back-off begins anew.
const LASTED: Span = Span::from_secs(10);

/// What the link wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Nothing.
    Nothing,
    /// Open a socket.
    Connect,
    /// Give the socket up.
    Disconnect,
    /// Send a heartbeat.
    Ping,
    /// Send a heartbeat that says what is held.
    Compare,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody wants a connection yet.
    Idle,
    /// The next try is due at this time.
    Waiting(Timestamp),
    /// A socket is being opened, until this time.
    Opening(Timestamp),
    /// Hello was said; the welcome is due by this time.
    Greeting(Timestamp),
    /// Welcomed.
    Live(Live),
    /// Refused for good.
    Refused,
}

/// A live connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Live {
    since: Timestamp,
    ping_at: Timestamp,
    /// The last heartbeat is not answered yet.
    asked: bool,
    probe_until: Option<Timestamp>,
    /// Heartbeats since both sides compared what they hold.
    beats: u8,
    /// Something happened since then.
    stirred: bool,
}

/// The state of the connection.
#[derive(Debug)]
pub(super) struct Link {
    phase: Phase,
    /// Tries since the last good connection.
    tries: u32,
    /// Not before this time: the gateway asked for it.
    not_before: Timestamp,
}

impl Link {
    pub(super) const fn new() -> Self {
        Self { phase: Phase::Idle, tries: 0, not_before: Timestamp::from_millis(0) }
    }

    pub(super) const fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live(_))
    }

    pub(super) const fn is_greeting(&self) -> bool {
        matches!(self.phase, Phase::Greeting(_))
    }

    pub(super) const fn is_refused(&self) -> bool {
        matches!(self.phase, Phase::Refused)
    }

    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle)
    }

    /// The connection is wanted now.
    pub(super) fn wake(&mut self, now: Timestamp) -> Order {
        match &mut self.phase {
            Phase::Idle | Phase::Waiting(_) => {
                self.phase = Phase::Opening(now.after(PATIENCE));
                Order::Connect
            }
            Phase::Live(live) if live.probe_until.is_none() => {
                live.probe_until = Some(now.after(PROBE));
                Order::Ping
            }
            Phase::Opening(_) | Phase::Greeting(_) | Phase::Live(_) | Phase::Refused => Order::Nothing,
        }
    }

    /// The socket is open. Whether hello is to be said.
    pub(super) fn opened(&mut self, now: Timestamp) -> bool {
        let expected = matches!(self.phase, Phase::Opening(_));
        if expected {
            self.phase = Phase::Greeting(now.after(PATIENCE));
        }
        expected
    }

    /// Hello will be said once more, at this time.
    pub(super) fn greet_again(&mut self, at: Timestamp) {
        self.phase = Phase::Greeting(at.after(PATIENCE));
    }

    /// The gateway answered hello.
    pub(super) fn welcomed(&mut self, now: Timestamp) {
        if self.is_greeting() {
            let ping_at = now.after(HEARTBEAT);
            let (asked, stirred) = (false, false);
            let live = Live { since: now, ping_at, asked, probe_until: None, beats: 0, stirred };
            self.phase = Phase::Live(live);
        }
    }

    /// Something was said: it is worth comparing.
    pub(super) fn stir(&mut self) {
        if let Phase::Live(live) = &mut self.phase {
            live.stirred = true;
        }
    }

    /// The gateway answered something that was said on this socket.
    pub(super) fn answered(&mut self) {
        if let Phase::Live(live) = &mut self.phase {
            live.asked = false;
            live.probe_until = None;
        }
    }

    /// The socket is gone, or was given up. `random` is uniform over its range.
    pub(super) fn closed(&mut self, now: Timestamp, random: u32) {
        match self.phase {
            Phase::Idle | Phase::Refused => return,
            // The shell's word about a socket that was given up: only the time is drawn again.
            Phase::Waiting(_) => {}
            Phase::Live(live) if now.since(live.since) >= LASTED => self.tries = 1,
            Phase::Live(_) | Phase::Opening(_) | Phase::Greeting(_) => {
                self.tries = self.tries.saturating_add(1);
            }
        }
        let limit = back_off_limit(self.tries);
        let wait = Span::from_millis((limit.as_millis() * u64::from(random)) >> 32);
        self.phase = Phase::Waiting(now.after(wait).max(self.not_before));
    }

    /// The gateway asks not to be called before this time.
    pub(super) fn spare_until(&mut self, time: Timestamp) {
        self.not_before = time;
    }

    /// The session or the conversation is not for us.
    pub(super) fn refused(&mut self) {
        self.phase = Phase::Refused;
    }

    /// Does what is due. After [`Order::Disconnect`] comes [`Link::closed`].
    pub(super) fn tick(&mut self, now: Timestamp) -> Order {
        match &mut self.phase {
            Phase::Waiting(until) if *until <= now => self.wake(now),
            Phase::Opening(until) | Phase::Greeting(until) if *until <= now => Order::Disconnect,
            Phase::Live(live) => live.tick(now),
            _ => Order::Nothing,
        }
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Idle | Phase::Refused => None,
            Phase::Waiting(until) | Phase::Opening(until) | Phase::Greeting(until) => Some(until),
            Phase::Live(Live { ping_at, probe_until, .. }) => {
                Some(probe_until.map_or(ping_at, |until| until.min(ping_at)))
            }
        }
    }
}

impl Live {
    fn tick(&mut self, now: Timestamp) -> Order {
        if self.probe_until.is_some_and(|until| until <= now) {
            return Order::Disconnect;
        }
        if self.ping_at > now {
            return Order::Nothing;
        }
        if core::mem::replace(&mut self.asked, true) {
            self.probe_until.get_or_insert(now.after(PROBE));
        }
        self.ping_at = now.after(HEARTBEAT);
        self.beats = self.beats.saturating_add(1);
        if self.beats < if self.stirred { COMPARED_BUSY } else { COMPARED_IDLE } {
            return Order::Ping;
        }
        self.beats = 0;
        self.stirred = false;
        Order::Compare
    }
}

/// The longest wait before try number `tries`, counted from one.
fn back_off_limit(tries: u32) -> Span {
    let doublings = tries.saturating_sub(1).min(16);
    Span::from_millis(BACK_OFF_FIRST.as_millis() << doublings).min(BACK_OFF_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_back_off_doubles_from_half_a_second_to_thirty() {
        let limits: std::vec::Vec<u64> = (1..=9).map(|tries| back_off_limit(tries).as_millis()).collect();
        assert_eq!(limits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(back_off_limit(u32::MAX), BACK_OFF_MAX);
    }
}
