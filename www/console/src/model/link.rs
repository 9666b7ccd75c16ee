//! When the desk socket is opened, probed and given up.
//!
//! A socket is probed every [`PING_EVERY`], whatever is heard on it: what comes by itself does not show that the gateway
//! hears us, and the gateway counts whoever says nothing as gone. One that does not answer within [`PONG_WITHIN`] is half
//! dead and replaced. What failed is tried again after a random wait (full jitter) whose bound doubles, so that a thousand consoles
//! do not come back in the same moment; a network that comes back or a page that is looked at again does not wait at all.

use shared::time::{Span, Timestamp};

/// How often a socket is probed.
const PING_EVERY: Span = Span::from_secs(20);
/// How long the answer to a probe may take.
const PONG_WITHIN: Span = Span::from_secs(6);
/// How long opening may take.
const OPEN_WITHIN: Span = Span::from_secs(10);
/// The bound of the first wait, in milliseconds.
const FIRST_WAIT_MILLIS: u64 = 500;
/// The bound of the longest wait, in milliseconds.
const LONGEST_WAIT_MILLIS: u64 = 15_000;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// The connection is wanted now: at the start, when the network is back, when the page is looked at again.
    Wake,
    /// The socket is open.
    Opened,
    /// Something was heard on it.
    Heard,
    /// The heartbeat was answered.
    Pong,
    /// It closed, or could not be opened.
    Closed {
        /// Uniform over its whole range.
        random: u32,
    },
    /// Time has passed.
    Tick {
        /// Uniform over its whole range.
        random: u32,
    },
}

/// What the shell is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Open a socket; the one before, if any, is dropped.
    Connect,
    /// Drop the socket.
    Disconnect,
    /// Send the heartbeat.
    Ping,
}

/// How the connection stands, as a person should see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LinkState {
    /// Never connected so far.
    #[default]
    Connecting,
    /// Connected.
    Live,
    /// Lost; it is tried again.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Opening { since: Timestamp },
    Open { ping_at: Timestamp, probed: Option<Timestamp> },
    Waiting { until: Timestamp },
}

/// The connection.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    phase: Phase,
    failures: u32,
    was_live: bool,
}

impl Default for Link {
    fn default() -> Self {
        Self { phase: Phase::Idle, failures: 0, was_live: false }
    }
}

impl Link {
    /// How the connection stands.
    pub(crate) fn state(&self) -> LinkState {
        match self.phase {
            Phase::Open { .. } => LinkState::Live,
            _ if self.was_live || self.failures > 1 => LinkState::Lost,
            _ => LinkState::Connecting,
        }
    }

    /// When [`Input::Tick`] is due.
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Idle => None,
            Phase::Opening { since } => Some(since.after(OPEN_WITHIN)),
            Phase::Open { ping_at, probed } => {
                Some(probed.map_or(ping_at, |probed| probed.after(PONG_WITHIN).min(ping_at)))
            }
            Phase::Waiting { until } => Some(until),
        }
    }

    /// Takes what happened and says what to do.
    pub(crate) fn handle(&mut self, now: Timestamp, input: Input) -> Option<Order> {
        match (input, self.phase) {
            (Input::Wake, Phase::Idle | Phase::Waiting { .. }) => Some(self.connect(now)),
            (Input::Wake, Phase::Open { ping_at, probed: None }) => {
                self.phase = Phase::Open { ping_at, probed: Some(now) };
                Some(Order::Ping)
            }
            (Input::Opened, Phase::Opening { .. }) => {
                self.phase = Phase::Open { ping_at: now.after(PING_EVERY), probed: None };
                None
            }
            (Input::Pong, Phase::Open { ping_at, .. }) => {
                self.phase = Phase::Open { ping_at, probed: None };
                None
            }
            (Input::Heard, Phase::Open { .. }) => {
                self.failures = 0;
                self.was_live = true;
                None
            }
            (Input::Closed { random }, Phase::Opening { .. } | Phase::Open { .. }) => {
                self.wait(now, random);
                None
            }
            (Input::Tick { random }, phase) => self.tick(now, random, phase),
            _ => None,
        }
    }

    fn tick(&mut self, now: Timestamp, random: u32, phase: Phase) -> Option<Order> {
        if self.next_deadline().is_none_or(|due| now < due) {
            return None;
        }
        match phase {
            Phase::Idle => None,
            Phase::Waiting { .. } => Some(self.connect(now)),
            Phase::Open { probed, .. } if probed.is_none_or(|probed| now < probed.after(PONG_WITHIN)) => {
                let probed = probed.or(Some(now));
                self.phase = Phase::Open { ping_at: now.after(PING_EVERY), probed };
                Some(Order::Ping)
            }
            Phase::Opening { .. } | Phase::Open { .. } => {
                self.wait(now, random);
                Some(Order::Disconnect)
            }
        }
    }

    fn connect(&mut self, now: Timestamp) -> Order {
        self.phase = Phase::Opening { since: now };
        Order::Connect
    }

    fn wait(&mut self, now: Timestamp, random: u32) {
        let bound = FIRST_WAIT_MILLIS.saturating_mul(1 << self.failures.min(10)).min(LONGEST_WAIT_MILLIS);
        let wait = (bound * u64::from(random)) >> 32;
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Waiting { until: now.after(Span::from_millis(wait)) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn live() -> Link {
        let mut link = Link::default();
        assert_eq!(link.handle(at(0), Input::Wake), Some(Order::Connect));
        assert_eq!(link.handle(at(10), Input::Opened), None);
        assert_eq!(link.handle(at(20), Input::Heard), None);
        link
    }

    /// Whether the socket is given up at this time, at which something is due.
    fn given_up(link: &mut Link, millis: u64) -> bool {
        assert_eq!(link.next_deadline(), Some(at(millis)));
        link.handle(at(millis), Input::Tick { random: 0 }) == Some(Order::Disconnect)
    }

    #[test]
    fn a_socket_is_probed_and_a_half_dead_one_replaced() {
        let mut link = live();
        assert_eq!(link.next_deadline(), Some(at(20_010)));
        assert_eq!(link.handle(at(19_000), Input::Tick { random: 0 }), None);
        assert_eq!(link.handle(at(20_010), Input::Tick { random: 0 }), Some(Order::Ping));
        assert!(given_up(&mut link, 26_010));
        assert_eq!(link.state(), LinkState::Lost);
        assert_eq!(link.handle(at(26_010), Input::Tick { random: 0 }), Some(Order::Connect));
    }

    #[test]
    fn an_answered_probe_keeps_the_socket_and_the_beat() {
        let mut link = live();
        for beat in 1..5 {
            assert!(!given_up(&mut link, beat * 20_000 + 10));
            link.handle(at(beat * 20_000 + 3_000), Input::Pong);
            assert_eq!(link.state(), LinkState::Live);
        }
    }

    #[test]
    fn frames_that_come_by_themselves_neither_answer_a_probe_nor_put_one_off() {
        let mut link = live();
        for second in 1..20 {
            assert_eq!(link.handle(at(second * 1_000), Input::Heard), None);
        }
        assert_eq!(link.handle(at(20_010), Input::Tick { random: 0 }), Some(Order::Ping));
        link.handle(at(21_000), Input::Heard);
        assert!(given_up(&mut link, 26_010));
    }

    #[test]
    fn looking_at_the_page_probes_at_once_and_does_not_shift_the_beat() {
        let mut link = live();
        assert_eq!(link.handle(at(18_000), Input::Wake), Some(Order::Ping));
        assert!(!given_up(&mut link, 20_010), "its answer is not due yet");
        assert!(given_up(&mut link, 24_000));
    }

    #[test]
    fn waits_grow_to_a_bound_and_are_spread_over_it() {
        let mut link = Link::default();
        let mut now = 0;
        let mut bounds = Vec::new();
        for _ in 0..8 {
            link.handle(at(now), Input::Wake);
            link.handle(at(now), Input::Closed { random: u32::MAX });
            let due = link.next_deadline().unwrap().as_millis();
            bounds.push(due - now + 1);
            now = due;
        }
        assert_eq!(bounds, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
        link.handle(at(now), Input::Wake);
        link.handle(at(now), Input::Closed { random: 0 });
        assert_eq!(link.next_deadline(), Some(at(now)));
    }

    #[test]
    fn a_network_that_is_back_does_not_wait() {
        let mut link = live();
        link.handle(at(100), Input::Closed { random: u32::MAX });
        assert_eq!(link.handle(at(101), Input::Wake), Some(Order::Connect));
        assert_eq!(link.handle(at(102), Input::Wake), None);
    }

    #[test]
    fn a_socket_that_does_not_open_is_given_up() {
        let mut link = Link::default();
        link.handle(at(0), Input::Wake);
        assert_eq!(link.handle(at(10_000), Input::Tick { random: 0 }), Some(Order::Disconnect));
        assert_eq!(link.state(), LinkState::Connecting);
    }
}
