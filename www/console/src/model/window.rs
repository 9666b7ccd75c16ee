//! Which part of a long conversation stands in the page: a window on the log that is never larger than [`MOST`], so that a
//! new message costs the same in a conversation of ten thousand messages as in one of ten.
//!
//! The window follows the newest entry until the reader goes back so far that its end is let go; then it is moved in
//! steps of [`STEP`], either way, and follows again once its end is the end of the log.

use std::ops::Range;

/// How many entries are shown at the most.
pub(crate) const MOST: usize = 300;
/// By how many entries the window is moved.
pub(crate) const STEP: usize = 100;

/// The window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// The place of the first entry that is shown.
    start: usize,
    /// The place behind the last one; none while the window follows the newest entry.
    end: Option<usize>,
}

impl Window {
    /// On the newest of `length` entries.
    pub(crate) fn at_end(length: usize) -> Self {
        Self { start: length.saturating_sub(MOST), end: None }
    }

    /// The places of what is shown, of `length` entries.
    pub(crate) fn range(&self, length: usize) -> Range<usize> {
        let end = self.end.unwrap_or(length).min(length);
        self.start.min(end)..end
    }

    /// Whether the newest entry is shown.
    pub(crate) fn follows(&self) -> bool {
        self.end.is_none()
    }

    /// Whether there are entries before the first one that is shown.
    pub(crate) fn has_earlier(&self) -> bool {
        self.start > 0
    }

    /// The log has grown to `length` entries at its end. While the reader is there, the oldest rows make room; while they
    /// read further up, nothing is taken from under their eyes and the new rows wait.
    pub(crate) fn appended(&mut self, length: usize, reader_at_end: bool) {
        if self.end.is_some() || length.saturating_sub(self.start) <= MOST {
            return;
        }
        if reader_at_end {
            *self = Self::at_end(length);
        } else {
            self.end = Some(self.start + MOST);
        }
    }

    /// `count` entries were put before all others, of which there are `length` now: the window is moved to them.
    pub(crate) fn prepended(&mut self, count: usize, length: usize) {
        self.start += count;
        self.end = self.end.map(|end| end + count);
        self.back(length);
    }

    /// Moves the window towards the beginning. Says whether it could be moved.
    pub(crate) fn back(&mut self, length: usize) -> bool {
        if self.start == 0 {
            return false;
        }
        let end = self.range(length).end;
        self.start = self.start.saturating_sub(STEP);
        if end - self.start > MOST {
            self.end = Some(self.start + MOST);
        }
        true
    }

    /// Moves the window towards the end. Says whether it could be moved.
    pub(crate) fn forward(&mut self, length: usize) -> bool {
        let Some(end) = self.end else { return false };
        let end = (end + STEP).min(length);
        self.start = self.start.max(end.saturating_sub(MOST));
        self.end = (end < length).then_some(end);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_never_larger_than_its_measure() {
        let mut window = Window::at_end(10_000);
        assert_eq!(window.range(10_000), 9_700..10_000);
        for length in 10_001..10_500 {
            window.appended(length, length % 7 != 0);
            assert!(window.range(length).len() <= MOST);
        }
        while window.back(10_499) {
            assert!(window.range(10_499).len() <= MOST);
        }
        assert_eq!(window.range(10_499), 0..MOST);
        while window.forward(10_499) {
            assert_eq!(window.range(10_499).len(), MOST);
        }
        assert_eq!(window.range(10_499).end, 10_499);
        assert!(window.follows());
    }

    #[test]
    fn whoever_reads_further_up_keeps_the_rows_that_they_read() {
        let mut window = Window::at_end(MOST);
        window.appended(MOST + 1, false);
        assert_eq!(window.range(MOST + 1), 0..MOST);
        assert!(!window.follows());
        assert!(window.forward(MOST + 1));
        assert_eq!(window.range(MOST + 1), 1..MOST + 1);
        assert!(window.follows());
    }

    #[test]
    fn whoever_is_at_the_end_sees_each_new_entry() {
        let mut window = Window::at_end(MOST);
        window.appended(MOST + 5, true);
        assert_eq!(window.range(MOST + 5), 5..MOST + 5);
        assert!(window.follows());
    }

    #[test]
    fn a_page_of_history_is_shown_before_what_was_shown() {
        let mut window = Window::at_end(100);
        window.prepended(100, 200);
        assert_eq!(window.range(200), 0..200);
        assert!(window.follows());
        for pages in 3..8 {
            window.prepended(100, pages * 100);
            assert_eq!(window.range(pages * 100), 0..MOST);
        }
        assert!(!window.has_earlier());
    }

    #[test]
    fn nothing_is_passed_over_on_the_way_back_and_forth() {
        let mut window = Window::at_end(1_000);
        let mut seen = window.range(1_000);
        while window.back(1_000) {
            let now = window.range(1_000);
            assert!(now.start < seen.start && now.end >= seen.start, "{seen:?} then {now:?}");
            seen = now;
        }
        while window.forward(1_000) {
            let now = window.range(1_000);
            assert!(now.start <= seen.end && now.end > seen.end, "{seen:?} then {now:?}");
            seen = now;
        }
    }
}
