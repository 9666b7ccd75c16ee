//! The stretch of the log that a client holds, and how pieces join it.
//!
//! What is held is one stretch without a gap, `first < sequence <= held`. A piece that touches it makes it longer, at
//! either end; a piece beyond it shows a gap and is not taken. So repeated and reordered pieces do no harm.

use alloc::vec::Vec;

use crate::protocol::live::{Entry, Sequence};

/// What is held.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: Vec<Entry>,
    /// The stretch that is covered, as (first, held); none before the first page.
    stretch: Option<(Sequence, Sequence)>,
}

/// What a piece did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// Nothing: it was held already, or lies before what is held without touching it.
    Nothing,
    /// It lies beyond what is held.
    Gap,
    /// It is the first page.
    Replaced,
    /// It made the stretch longer: this many entries before, and those from this index on.
    Longer { before: Option<usize>, from: Option<usize> },
}

impl Log {
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last number that is held without a gap; none before the first page.
    pub(super) fn held(&self) -> Option<Sequence> {
        self.stretch.map(|(_, held)| held)
    }

    /// The number after which the held stretch begins; the start if everything before is held.
    pub(super) fn first(&self) -> Sequence {
        self.stretch.map_or(Sequence::START, |(first, _)| first)
    }

    /// The log is not the one that was held: the next page replaces what is shown.
    pub(super) fn forget(&mut self) {
        self.stretch = None;
    }

    /// Takes the piece `after < sequence <= upto`.
    pub(super) fn join(&mut self, after: Sequence, upto: Sequence, piece: Vec<Entry>) -> Joined {
        if upto < after {
            return Joined::Nothing;
        }
        let Some((first, held)) = self.stretch else {
            self.entries.clear();
            append(&mut self.entries, piece, after, upto);
            self.stretch = Some((after, upto));
            return Joined::Replaced;
        };
        if after > held {
            return Joined::Gap;
        }
        if upto < first || (after >= first && upto <= held) {
            return Joined::Nothing;
        }
        let (mut before, mut from) = (None, None);
        let mut older = piece;
        if upto > held {
            let split = older.iter().position(|entry| entry.sequence > held).unwrap_or(older.len());
            let newer = older.split_off(split);
            from = Some(self.entries.len());
            append(&mut self.entries, newer, held, upto);
        }
        if after < first {
            let mut earlier = Vec::with_capacity(older.len() + self.entries.len());
            append(&mut earlier, older, after, first);
            before = Some(earlier.len());
            from = from.map(|index| index + earlier.len());
            earlier.append(&mut self.entries);
            self.entries = earlier;
        }
        self.stretch = Some((first.min(after), held.max(upto)));
        Joined::Longer { before, from }
    }
}

/// Appends what lies in the stretch and is in order; a gateway that sends anything else is not believed.
fn append(entries: &mut Vec<Entry>, piece: Vec<Entry>, after: Sequence, upto: Sequence) {
    let mut last = after;
    for entry in piece {
        if entry.sequence > last && entry.sequence <= upto {
            last = entry.sequence;
            entries.push(entry);
        }
    }
}
