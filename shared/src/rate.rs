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

/// A bucket for each of many. When there are too many, all begin anew: that forgives, and memory stays bounded.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    buckets: BTreeMap<K, TokenBucket>,
}

/// Buckets that are kept at the same time.
const BUCKETS_MAX: usize = 10_000;

impl<K: Ord> Buckets<K> {
    /// Nobody has taken anything yet.
    pub const fn new(rate: Rate) -> Self {
        Self { rate, buckets: BTreeMap::new() }
    }

    /// Takes a token from the bucket of `key`; if there is none, says how long to wait for one.
    pub fn take(&mut self, now: Timestamp, key: K) -> Result<(), Span> {
        if self.buckets.len() >= BUCKETS_MAX && !self.buckets.contains_key(&key) {
            self.buckets.clear();
        }
        self.buckets.entry(key).or_insert_with(|| TokenBucket::full(self.rate, now)).take(now)
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
        let per_minute = u64::from(self.rate.per_minute.max(1));
        // Milliseconds times tokens a minute, in thousandths: divide by the 60 seconds of a minute.
        let gained = now.since(self.at).as_millis().saturating_mul(per_minute) / 60;
        self.filled = self.filled.saturating_add(gained).min(u64::from(self.rate.burst) * TOKEN);
        self.at = self.at.max(now);
        if self.filled >= TOKEN {
            self.filled -= TOKEN;
            Ok(())
        } else {
            Err(Span::from_millis((TOKEN - self.filled).saturating_mul(60) / per_minute + 1))
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
    fn a_clock_that_goes_backwards_gives_nothing_away() {
        let now = Timestamp::from_millis(1_000_000);
        let mut bucket = TokenBucket::full(Rate { burst: 1, per_minute: 60 }, now);
        assert_eq!(bucket.take(now), Ok(()));
        assert!(bucket.take(Timestamp::from_millis(0)).is_err());
        assert!(bucket.take(now).is_err());
    }
}
