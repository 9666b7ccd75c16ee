//! Who reads files at the moment: few at a time at one address. In the memory of this process: a restart forgives.

use std::cell::RefCell;
use std::collections::BTreeMap;

use shared::limit::{READ_FORGOTTEN, READS_PER_LINK_MAX};
use shared::protocol::Problem;
use shared::time::{Span, Timestamp};

use crate::clock;

/// The hash of a file's address.
type Link = [u8; 32];

/// The reads of each address, with the moment in which each took its last chunk.
#[derive(Default)]
struct Reads {
    by_link: BTreeMap<Link, BTreeMap<u64, Timestamp>>,
    next: u64,
}

/// How long somebody waits who finds an address taken.
const WAIT: Span = Span::from_secs(5);

impl Reads {
    const fn new() -> Self {
        Self { by_link: BTreeMap::new(), next: 0 }
    }

    /// Begins a read, if there is room for one more at this address.
    fn begin(&mut self, now: Timestamp, link: Link) -> Option<u64> {
        let reads = self.by_link.entry(link).or_default();
        // Whoever went without a word shall not keep others out.
        reads.retain(|_, last| now.since(*last) <= READ_FORGOTTEN);
        if reads.len() >= READS_PER_LINK_MAX {
            return None;
        }
        self.next += 1;
        reads.insert(self.next, now);
        Some(self.next)
    }

    fn goes_on(&mut self, now: Timestamp, link: Link, read: u64) {
        self.by_link.entry(link).or_default().insert(read, now);
    }

    fn end(&mut self, link: Link, read: u64) {
        if let Some(reads) = self.by_link.get_mut(&link) {
            reads.remove(&read);
            if reads.is_empty() {
                self.by_link.remove(&link);
            }
        }
    }
}

thread_local! {
    static READS: RefCell<Reads> = const { RefCell::new(Reads::new()) };
}

/// A read that goes on for as long as this value lives.
pub(super) struct Reading {
    link: Link,
    read: u64,
}

impl Reading {
    /// Begins a read, or says when to try again.
    pub(super) fn begin(link: Link) -> Result<Self, Problem> {
        let read = READS.with_borrow_mut(|reads| reads.begin(clock::now(), link));
        read.map(|read| Self { link, read }).ok_or_else(|| Problem::wait(WAIT))
    }

    /// It takes one more chunk.
    pub(super) fn goes_on(&self) {
        READS.with_borrow_mut(|reads| reads.goes_on(clock::now(), self.link, self.read));
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        READS.with_borrow_mut(|reads| reads.end(self.link, self.read));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_read_at_one_address_at_a_time_and_who_went_without_a_word_keeps_nobody_out() {
        let now = Timestamp::from_millis(1_000_000);
        let (link, other) = ([1; 32], [2; 32]);
        let mut reads = Reads::default();
        let begun: Vec<_> = (0..READS_PER_LINK_MAX).filter_map(|_| reads.begin(now, link)).collect();
        assert_eq!(begun.len(), READS_PER_LINK_MAX);
        assert_eq!(reads.begin(now, link), None);
        assert!(reads.begin(now, other).is_some());
        reads.end(link, begun[0]);
        assert!(reads.begin(now, link).is_some());
        assert_eq!(reads.begin(now, link), None);
        let late = now.after(READ_FORGOTTEN);
        reads.goes_on(late, link, begun[1]);
        let later = late.after(Span::from_millis(1));
        let room = (0..READS_PER_LINK_MAX).filter_map(|_| reads.begin(later, link)).count();
        assert_eq!(room, READS_PER_LINK_MAX - 1, "only who took a chunk since still reads");
        for read in 0..=reads.next {
            reads.end(link, read);
            reads.end(other, read);
        }
        assert!(reads.by_link.is_empty(), "nothing is kept of what is over");
    }
}
