//! The stretch of the log that a client holds, and how pieces join it.
//!
//! What is held is one stretch without a gap, `first < sequence <= held`. A piece that touches it makes it longer, at
//! either end; a piece beyond it shows a gap and is not taken. So repeated and reordered pieces do no harm.
//!
//! What changes a message comes after it, so whoever holds the message holds its changes: they are folded into the entry
//! of the message as soon as both are held, whichever came first. What is shown of it is then what the last edit says, or
//! nothing, and after a removal the edits say nothing either.

use alloc::vec::Vec;

use super::{Change, Output};
use crate::protocol::live::{Content, Entry, Sequence};

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

    /// Takes the piece `after < sequence <= upto`. Says which entries that were there say something else now.
    pub(super) fn join(
        &mut self,
        after: Sequence,
        upto: Sequence,
        piece: Vec<Entry>,
        out: &mut Vec<Output>,
    ) -> Joined {
        if upto < after {
            return Joined::Nothing;
        }
        let Some((first, held)) = self.stretch else {
            self.entries.clear();
            append(&mut self.entries, piece, after, upto);
            self.stretch = Some((after, upto));
            self.fold(0, self.entries.len(), out);
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
        // Whatever is held may be about what came before all of it; what was held before is as it must be.
        let upto = before.filter(|_| from.is_none()).unwrap_or(self.entries.len());
        self.fold(if before.is_some() { 0 } else { from.unwrap_or(0) }, upto, out);
        Joined::Longer { before, from }
    }
}

impl Log {
    /// Lets the entries from this index on change what they are about, if it stands before `upto`. To do it twice does no
    /// harm. A long conversation comes in many pieces, so that no change may look at every entry for each of them.
    fn fold(&mut self, from: usize, upto: usize, out: &mut Vec<Output>) {
        for index in from..self.entries.len() {
            let Some(change) = self.entries.get(index) else { continue };
            let Some(target) = change.changes() else { continue };
            if self.entries.iter().take(upto).next_back().is_none_or(|last| last.sequence < target) {
                continue;
            }
            // What it says now; none if that was removed.
            let text =
                if let Content::Edited { text, .. } = &change.content { Some(text.clone()) } else { None };
            // An edit changes its target alone, a removal also the edits of it.
            for (place, entry) in self.entries.iter_mut().enumerate().take(upto) {
                let own = entry.sequence == target;
                match &text {
                    Some(text) if own => entry.content = Content::Edited { target, text: text.clone() },
                    None if own || entry.changes() == Some(target) => {
                        entry.content = Content::Redacted { target };
                    }
                    _ => continue,
                }
                if own && place < from {
                    out.push(Output::Show(Change::Revised { index: place }));
                }
            }
        }
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
