//! How much somebody may do: a token bucket.

use alloc::collections::BTreeMap;

use crate::time::{Span, Timestamp};

/// A bucket of tokens that fills at a steady rate. What somebody does takes a token; with none left they wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenBucket {
    rate: Rate,
    /// Thousandths of a token.
    filled: u64,
    at: Timestamp,
}

/// How much is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// At once, after a rest.
    pub burst: u32,
    /// For each minute, in the long run. At least 1.
    pub per_minute: u32,
}

/// A bucket for each of many, in two generations: when the younger is full it becomes the older, and the older is
/// forgotten. So memory stays bounded, and who comes often is not forgotten because many others came once.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    young: BTreeMap<K, TokenBucket>,
    old: BTreeMap<K, TokenBucket>,
}

/// Buckets of one generation.
const GENERATION_MAX: usize = 10_000;

impl<K: Ord> Buckets<K> {
    /// Nobody has taken anything yet.
    pub const fn new(rate: Rate) -> Self {
        Self { rate, young: BTreeMap::new(), old: BTreeMap::new() }
    }

    /// Takes a token from the bucket of `key`; if there is none, says how long to wait for one.
    pub fn take(&mut self, now: Timestamp, key: K) -> Result<(), Span> {
        self.take_many(now, key, 1)
    }

    /// Takes so many tokens, or none of them; no more than the burst can ever be had.
    pub fn take_many(&mut self, now: Timestamp, key: K, tokens: u32) -> Result<(), Span> {
        if let Some(bucket) = self.young.get_mut(&key) {
            return bucket.take_many(now, tokens);
        }
        let mut bucket = self.old.remove(&key).unwrap_or_else(|| TokenBucket::full(self.rate, now));
        if self.young.len() >= GENERATION_MAX {
            self.old = core::mem::take(&mut self.young);
        }
        let taken = bucket.take_many(now, tokens);
        self.young.insert(key, bucket);
        taken
    }
}

/// Thousandths of a token in one token.
const TOKEN: u64 = 1000;

impl TokenBucket {
    /// A full bucket.
    pub fn full(rate: Rate, now: Timestamp) -> Self {
        Self { rate, filled: u64::from(rate.burst) * TOKEN, at: now }
    }

    /// Takes a token; if there is none, says how long to wait for one.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Span> {
        self.take_many(now, 1)
    }

    /// Takes so many tokens; if there are not enough, takes none and says how long to wait for them.
    pub fn take_many(&mut self, now: Timestamp, tokens: u32) -> Result<(), Span> {
        let wanted = u64::from(tokens) * TOKEN;
        let per_minute = u64::from(self.rate.per_minute.max(1));
        // Milliseconds times tokens a minute, in thousandths: divide by the 60 seconds of a minute.
        let gained = now.since(self.at).as_millis().saturating_mul(per_minute) / 60;
        self.filled = self.filled.saturating_add(gained).min(u64::from(self.rate.burst) * TOKEN);
        self.at = self.at.max(now);
        if self.filled >= wanted {
            self.filled -= wanted;
            Ok(())
        } else {
            Err(Span::from_millis((wanted - self.filled).saturating_mul(60) / per_minute + 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_then_the_rate_holds_and_the_wait_it_names_is_enough() {
        let mut now = Timestamp::from_millis(1_000_000);
        let mut bucket = TokenBucket::full(Rate { burst: 3, per_minute: 60 }, now);
        for _ in 0..3 {
            assert_eq!(bucket.take(now), Ok(()));
        }
        let wait = bucket.take(now).unwrap_err();
        assert!(wait <= Span::from_millis(1_001), "{wait:?}");
        now = now.after(wait);
        assert_eq!(bucket.take(now), Ok(()));
        assert!(bucket.take(now).is_err());
    }

    #[test]
    fn many_tokens_are_taken_together_or_not_at_all() {
        let mut now = Timestamp::from_millis(1_000_000);
        let mut bucket = TokenBucket::full(Rate { burst: 10, per_minute: 60 }, now);
        assert_eq!(bucket.take_many(now, 7), Ok(()));
        let wait = bucket.take_many(now, 5).unwrap_err();
        assert!(wait > Span::from_secs(1) && wait <= Span::from_millis(2_001), "{wait:?}");
        assert_eq!(bucket.take_many(now, 3), Ok(()), "what was refused took nothing");
        now = now.after(Span::from_secs(5));
        assert_eq!(bucket.take_many(now, 5), Ok(()));
    }

    #[test]
    fn who_comes_often_is_not_forgotten_because_many_others_come_once() {
        let now = Timestamp::from_millis(1_000_000);
        let mut buckets = Buckets::new(Rate { burst: 2, per_minute: 1 });
        let often = u32::MAX;
        assert_eq!(buckets.take(now, often), Ok(()));
        assert_eq!(buckets.take(now, often), Ok(()));
        for other in 0..10 * u32::try_from(GENERATION_MAX).unwrap() {
            buckets.take(now, other).unwrap();
            if other % 5_000 == 0 {
                assert!(buckets.take(now, often).is_err(), "after {other} others");
            }
        }
        assert!(buckets.young.len() + buckets.old.len() <= 2 * GENERATION_MAX, "memory is bounded");
    }

    #[test]
    fn a_clock_that_goes_backwards_gives_nothing_away() {
        let now = Timestamp::from_millis(1_000_000);
        let mut bucket = TokenBucket::full(Rate { burst: 1, per_minute: 60 }, now);
        assert_eq!(bucket.take(now), Ok(()));
        assert!(bucket.take(Timestamp::from_millis(0)).is_err());
        assert!(bucket.take(now).is_err());
    }
}
