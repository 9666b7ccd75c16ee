//! What is due when, of all conversations of a shard, and of all its files: one alarm serves them all.

use std::collections::{BTreeMap, BTreeSet};

use shared::time::Timestamp;

/// Of what something is due, and when. In order of time, so that nothing has to be searched through.
pub(super) struct Deadlines<K> {
    by_time: BTreeSet<(Timestamp, K)>,
    by_key: BTreeMap<K, Timestamp>,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self { by_time: BTreeSet::new(), by_key: BTreeMap::new() }
    }
}

impl<K: Copy + Ord> Deadlines<K> {
    /// Something is due at `deadline`, or nothing is any more.
    pub(super) fn set(&mut self, key: K, deadline: Option<Timestamp>) {
        if let Some(before) = self.by_key.remove(&key) {
            self.by_time.remove(&(before, key));
        }
        if let Some(at) = deadline {
            self.by_key.insert(key, at);
            self.by_time.insert((at, key));
        }
    }

    /// When the first thing is due.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Of what something is due now, the earliest first.
    pub(super) fn due(&self, now: Timestamp) -> impl Iterator<Item = K> {
        self.by_time.iter().take_while(move |(at, _)| *at <= now).map(|(_, key)| *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_known_without_a_search_and_a_new_deadline_takes_the_place_of_the_old() {
        let at = Timestamp::from_millis;
        let mut deadlines = Deadlines::default();
        deadlines.set('a', Some(at(30)));
        deadlines.set('b', Some(at(10)));
        deadlines.set('c', Some(at(20)));
        assert_eq!(deadlines.first(), Some(at(10)));
        assert_eq!(deadlines.due(at(20)).collect::<Vec<_>>(), ['b', 'c']);
        deadlines.set('b', Some(at(40)));
        deadlines.set('c', None);
        assert_eq!(deadlines.first(), Some(at(30)));
        assert_eq!(deadlines.due(at(9)).count(), 0);
        assert_eq!(deadlines.due(at(99)).collect::<Vec<_>>(), ['a', 'b']);
    }
}
