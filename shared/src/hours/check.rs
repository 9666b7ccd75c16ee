//! Whether operating hours hold together. Every fault names the field by its path.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::week::{DAY, DAY_NAMES};
use super::zone::Zone;
use super::{Date, Days, HoursSpan, OperatingHours, Week};
use crate::limit::{HOLIDAYS_MAX, HOURS_EXCEPTIONS_MAX, SEASONS_MAX, SPANS_PER_DAY_MAX, YEARLY_HOLIDAYS_MAX};
use crate::settings::SettingsFault;

const WEEK: u32 = 7 * DAY as u32;
const NO_ZONE: &str = "There is no such time zone. Give its IANA name, such as Europe/Berlin.";
const OVERLAPS: &str = "This overlaps another span. Change one of them, or join them.";
const EMPTY: &str = "This ends when it begins. Write 00:00-24:00 for all day, or give another end.";

impl OperatingHours {
    /// Everything that is wrong, with paths that begin with `path`, such as `operating_hours[0]`.
    pub fn check(&self, path: &str) -> Vec<SettingsFault> {
        let mut faults = Faults(Vec::new());
        faults.require(Zone::named(&self.time_zone).is_some(), || format!("{path}.time_zone"), NO_ZONE);
        check_week(&mut faults, &format!("{path}.week"), &self.week);
        check_date(&mut faults, self.from, || format!("{path}.from"));
        check_date(&mut faults, self.until, || format!("{path}.until"));
        let ordered = self.from.zip(self.until).is_none_or(|(from, until)| from <= until);
        faults.require(ordered, || format!("{path}.until"), "This is before the first day. Exchange them.");
        self.check_seasons(&mut faults, path);
        self.check_holidays(&mut faults, path);
        self.check_exceptions(&mut faults, path);
        faults.0
    }

    fn check_seasons(&self, faults: &mut Faults, path: &str) {
        let few = self.seasons.len() <= SEASONS_MAX;
        faults.require(few, || format!("{path}.seasons"), "There are at most 100 seasons.");
        for (index, season) in self.seasons.iter().enumerate() {
            check_week(faults, &format!("{path}.seasons[{index}].week"), &season.week);
        }
        let stretches =
            self.seasons.iter().enumerate().map(|(index, season)| (season.from, season.until, index));
        check_stretches(faults, stretches, |index| format!("{path}.seasons[{index}].from"));
    }

    fn check_holidays(&self, faults: &mut Faults, path: &str) {
        let few = self.holidays.len() <= HOLIDAYS_MAX;
        faults.require(few, || format!("{path}.holidays"), "There are at most 500 holidays.");
        let at = |index: usize| format!("{path}.holidays[{index}].on");
        let dated = self.holidays.iter().enumerate().filter_map(|(index, holiday)| match holiday.on {
            Days::Once(date) => Some((date, date, index)),
            Days::Through(first, last) => Some((first, last, index)),
            Days::Yearly(_) => None,
        });
        check_stretches(faults, dated, at);
        let mut seen = BTreeSet::new();
        for (index, holiday) in self.holidays.iter().enumerate() {
            if let Days::Yearly(day) = holiday.on {
                faults.require(seen.insert(day), || at(index), "This day is there twice. Remove one.");
            }
        }
        let few = seen.len() <= YEARLY_HOLIDAYS_MAX;
        faults.require(few, || format!("{path}.holidays"), "At most 100 holidays come every year.");
    }

    fn check_exceptions(&self, faults: &mut Faults, path: &str) {
        let few = self.exceptions.len() <= HOURS_EXCEPTIONS_MAX;
        faults.require(few, || format!("{path}.exceptions"), "There are at most 1,000 exceptions.");
        let mut seen = BTreeSet::new();
        for (index, exception) in self.exceptions.iter().enumerate() {
            let path = format!("{path}.exceptions[{index}]");
            check_date(faults, Some(exception.on), || format!("{path}.on"));
            let first = seen.insert(exception.on);
            faults.require(first, || format!("{path}.on"), "This date is there twice. Remove one.");
            let path = format!("{path}.open");
            check_day(faults, &path, &exception.open);
            check_overlap(faults, spans_at(0, &exception.open), u32::MAX, |(_, span)| {
                format!("{path}[{span}]")
            });
        }
    }
}

/// Stretches of days must not be upside down and must have no day in common. Each has its first and last day and its
/// place.
fn check_stretches(
    faults: &mut Faults,
    stretches: impl Iterator<Item = (Date, Date, usize)>,
    path: impl Fn(usize) -> String,
) {
    let mut stretches: Vec<_> = stretches.collect();
    stretches.sort_unstable();
    let mut free = None;
    for (first, last, index) in stretches {
        check_date(faults, Some(first), || path(index));
        check_date(faults, Some(last), || path(index));
        faults.require(first <= last, || path(index), "The last day is before the first. Exchange them.");
        let apart = free.is_none_or(|before| before < first);
        faults.require(apart, || path(index), "These days overlap those of another. Change one of them.");
        free = free.max(Some(last));
    }
}

/// A date far from today is a slip of the pen.
fn check_date(faults: &mut Faults, date: Option<Date>, path: impl FnOnce() -> String) {
    let near = date.is_none_or(|date| (1970..=2999).contains(&date.year()));
    faults.require(near, path, "Give a date of the years 1970 to 2999.");
}

fn check_week(faults: &mut Faults, path: &str, week: &Week) {
    for (name, spans) in DAY_NAMES.iter().zip(week.days()) {
        check_day(faults, &format!("{path}.{name}"), spans);
    }
    let spans = (0..).zip(week.days()).flat_map(|(day, spans)| spans_at(day, spans));
    check_overlap(faults, spans, WEEK, |(day, span)| {
        format!("{path}.{}[{span}]", DAY_NAMES.get(day).unwrap_or(&""))
    });
}

fn check_day(faults: &mut Faults, path: &str, spans: &[HoursSpan]) {
    let few = spans.len() <= SPANS_PER_DAY_MAX;
    faults.require(few, || String::from(path), "A day has at most 24 spans.");
    for (index, span) in spans.iter().enumerate() {
        faults.require(span.opens() < span.closes(), || format!("{path}[{index}]"), EMPTY);
    }
}

/// Where a span stands: its day and its place in it.
type Place = (usize, usize);

/// The spans of a day in minutes after the beginning of the week, with their places.
fn spans_at(day: usize, spans: &[HoursSpan]) -> impl Iterator<Item = (u32, u32, Place)> {
    let midnight = u32::try_from(day).unwrap_or_default() * u32::from(DAY);
    spans.iter().enumerate().map(move |(index, span)| {
        (midnight + u32::from(span.opens()), midnight + u32::from(span.closes()), (day, index))
    })
}

/// No two spans may overlap, in a circle of `around` minutes: Sunday night runs into Monday.
fn check_overlap(
    faults: &mut Faults,
    spans: impl Iterator<Item = (u32, u32, Place)>,
    around: u32,
    path: impl Fn(Place) -> String,
) {
    let mut spans: Vec<_> = spans.collect();
    spans.sort_unstable();
    let mut open_until = spans.iter().map(|(_, closes, _)| closes.saturating_sub(around)).max().unwrap_or(0);
    for (opens, closes, place) in spans {
        faults.require(opens >= open_until, || path(place), OVERLAPS);
        open_until = open_until.max(closes);
    }
}

struct Faults(Vec<SettingsFault>);

impl Faults {
    fn require(&mut self, holds: bool, path: impl FnOnce() -> String, message: &'static str) {
        if !holds {
            self.0.push(SettingsFault { path: path(), message: message.into() });
        }
    }
}
