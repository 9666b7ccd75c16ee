//! Who has been shown the door lately.
//!
//! The gateway asks whether somebody may sit down, and then sends them to the object. Their leave may be withdrawn in
//! between: the object is told so before they arrive. It remembers for as long as anybody can be under way. In memory: the
//! sockets that a crash takes do not come back without being asked again.

use std::collections::BTreeMap;

use shared::time::{Span, Timestamp};

/// How long somebody can be under way between the gateway's question and the object.
const UNDER_WAY_MAX: Span = Span::from_secs(60);

/// Who has been shown the door, and when.
pub(crate) struct Departed<K>(BTreeMap<K, Timestamp>);

impl<K> Default for Departed<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Departed<K> {
    /// Their leave was withdrawn at `at`.
    pub(crate) fn note(&mut self, now: Timestamp, who: K, at: Timestamp) {
        self.0.retain(|_, at| now.since(*at) <= UNDER_WAY_MAX);
        self.0.insert(who, at);
    }

    /// Whether they were shown the door at all.
    pub(crate) fn includes(&self, who: &K) -> bool {
        self.0.contains_key(who)
    }

    /// Whether the leave that the gateway got for them at `admitted` has been withdrawn since; both by one clock.
    pub(crate) fn since(&self, who: &K, admitted: Timestamp) -> bool {
        self.0.get(who).is_some_and(|at| is_withdrawn(*at, admitted))
    }
}

/// Whether leave that was given at `admitted` was withdrawn by what was decided at `at`. In the same millisecond it counts as
/// withdrawn: whoever was let in again at once comes again at once, and whoever was not must not stay.
pub(crate) fn is_withdrawn(at: Timestamp, admitted: Timestamp) -> bool {
    at >= admitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_let_in_before_the_door_closed_is_too_late_and_who_was_let_in_after_is_not() {
        let at = |seconds| Timestamp::from_millis(1_000_000).after(Span::from_secs(seconds));
        let mut departed = Departed::default();
        departed.note(at(11), "ana", at(10));
        assert!(departed.since(&"ana", at(9)) && departed.includes(&"ana"));
        assert!(departed.since(&"ana", at(10)), "nobody can tell which was first");
        assert!(!departed.since(&"ana", at(11)), "they were let in again");
        assert!(!departed.since(&"ben", at(9)) && !departed.includes(&"ben"));
        // Nobody is under way for so long.
        departed.note(at(100), "ben", at(99));
        assert_eq!(departed.0.len(), 1);
    }
}
