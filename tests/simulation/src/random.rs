//! Chance, by seed: the same seed gives the same numbers on every machine (`SplitMix64` of Steele, Lea and Flood, 2014).

use shared::time::Span;

/// A source of numbers that look like chance.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, without it; 0 if there is none.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// A number from `first` to `last`, with both.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// The same in milliseconds.
    pub(crate) fn millis(&mut self, first: u64, last: u64) -> Span {
        Span::from_millis(self.between(first, last))
    }

    /// Whether something happens that happens so often in a thousand times.
    pub(crate) fn chance(&mut self, in_a_thousand: u64) -> bool {
        self.below(1000) < in_a_thousand
    }

    /// One of them, if there are any.
    pub(crate) fn pick<T>(&mut self, mut from: impl ExactSizeIterator<Item = T>) -> Option<T> {
        let place = self.below(from.len() as u64);
        from.nth(usize::try_from(place).unwrap_or(0))
    }

    /// Uniform over the whole range, for a back-off.
    pub(crate) fn half(&mut self) -> u32 {
        u32::try_from(self.next() >> 32).unwrap_or(0)
    }
}
