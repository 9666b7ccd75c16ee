//! The questions to a calendar. Work is bounded by what the calendar says, not by how far away the answer lies: stretches
//! of days that are all shut or all open are passed in one step.

use super::calendar::{Calendar, Lasting};
use super::zone::LATEST;
use super::{Date, HoursSpan};
use crate::text::Line;
use crate::time::Timestamp;

/// Whether something is open, and if not, why: customers are told different things (reference section 10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Open.
    Open,
    /// Closed at this time of the week, or by an exception.
    OutOfHours,
    /// Closed on a holiday, or outside the shorter hours that a holiday has.
    Holiday(Line),
}

/// The answer at a moment, and how long it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Whether it is open.
    pub open: bool,
    /// When it next is not so; never if there is none. Until then nobody needs to ask again.
    pub until: Option<Timestamp>,
}

impl Calendar {
    /// Whether it is open at this moment.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let at = at.min(LATEST);
        let today = self.zone.date(at);
        // Yesterday's spans may run over midnight; tomorrow's may have begun where midnight comes twice.
        [today.previous(), Some(today), today.next()].into_iter().flatten().any(|date| {
            let mut spans = self.day(date).spans.iter();
            spans.any(|span| {
                self.stretch(date, *span).is_some_and(|(opens, closes)| opens <= at && at < closes)
            })
        })
    }

    /// Whether it is open at this moment, and when that changes.
    pub fn opening(&self, at: Timestamp) -> Opening {
        let open = self.is_open(at);
        Opening { open, until: if open { self.closes_next(at) } else { self.opens_next(at) } }
    }

    /// Whether it is open at this moment, and if not, why.
    pub fn status(&self, at: Timestamp) -> Status {
        if self.is_open(at) {
            return Status::Open;
        }
        self.holiday(self.zone.date(at)).cloned().map_or(Status::OutOfHours, Status::Holiday)
    }

    /// The first moment from `at` on at which it is open: `at` itself if it is open then. None if it never is again.
    pub fn opens_next(&self, at: Timestamp) -> Option<Timestamp> {
        let since = at.min(LATEST);
        let today = self.zone.date(since);
        let mut next = Some(today.previous().unwrap_or(today));
        while let Some(date) = next {
            let day = self.day(date);
            // Spans are sorted, and the clock's first showing of a later time is never earlier.
            let mut spans = day.spans.iter().filter_map(|span| self.stretch(date, *span));
            if let Some((opens, _)) = spans.find(|(opens, closes)| opens < closes && since < *closes) {
                return Some(opens.max(at));
            }
            next = match day.lasting {
                Some(Lasting { open: false, before }) => before,
                _ => date.next(),
            };
        }
        None
    }

    /// The first moment from `at` on at which it is closed: `at` itself if it is closed then. None if it stays open.
    pub fn closes_next(&self, at: Timestamp) -> Option<Timestamp> {
        let mut open_until = at.min(LATEST);
        let today = self.zone.date(open_until);
        let mut date = today.previous().unwrap_or(today);
        loop {
            let day = self.day(date);
            open_until = self.extended(open_until, date, day.spans);
            let tomorrow = date.next()?;
            let midnight = self.zone.first(tomorrow, 0)?;
            if open_until < midnight {
                return Some(open_until.max(at));
            }
            date = match day.lasting {
                // All of it is open up to the midnight before the rule changes.
                Some(Lasting { open: true, before }) => {
                    let before = before?;
                    open_until = open_until.max(self.zone.first(before, 0)?);
                    before.previous()?.max(tomorrow)
                }
                _ => tomorrow,
            };
        }
    }

    /// Until when it is open without a break, if it is so until `open_until` and these spans of `date` are added.
    fn extended(&self, open_until: Timestamp, date: Date, spans: &[HoursSpan]) -> Timestamp {
        spans.iter().filter_map(|span| self.stretch(date, *span)).fold(
            open_until,
            |until, (opens, closes)| {
                if opens <= until { until.max(closes) } else { until }
            },
        )
    }

    /// From when to when a span of `date` lasts. Both are the same if the clock skips all of it.
    fn stretch(&self, date: Date, span: HoursSpan) -> Option<(Timestamp, Timestamp)> {
        Some((self.zone.first(date, span.opens())?, self.zone.first(date, span.closes())?))
    }
}
