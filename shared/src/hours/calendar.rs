//! Operating hours made ready to be asked: sorted, looked up by day, with what lasts long known as such.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Bound;

use super::week::{DAY, Week};
use super::zone::Zone;
use super::{Date, Days, HoursSpan, MonthDay, OperatingHours};
use crate::settings::SettingsFault;
use crate::text::Line;

/// Operating hours, checked and ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub(super) zone: Zone,
    from: Option<Date>,
    until: Option<Date>,
    regular: SortedWeek,
    /// By their first day; no two overlap.
    seasons: BTreeMap<Date, Stretch<SortedWeek>>,
    /// By their first day; no two overlap. Empty if holidays are not observed.
    holidays: BTreeMap<Date, Stretch<Line>>,
    yearly: BTreeMap<MonthDay, Line>,
    exceptions: BTreeMap<Date, Vec<HoursSpan>>,
}

/// Something that holds to this day, included.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch<T> {
    last: Date,
    what: T,
}

/// A week whose days are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SortedWeek {
    days: [Vec<HoursSpan>; 7],
    extent: Extent,
}

/// How much of the time something is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Never,
    Sometimes,
    Always,
}

/// The hours of a day.
pub(super) struct Day<'calendar> {
    /// Sorted by their beginning.
    pub(super) spans: &'calendar [HoursSpan],
    /// If this day and those after it are all shut, or all open without a break.
    pub(super) lasting: Option<Lasting>,
}

/// A rule that is the same for all days before `before`, or for ever.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lasting {
    pub(super) open: bool,
    pub(super) before: Option<Date>,
}

impl OperatingHours {
    /// Checks the hours and makes them ready to be asked. Paths of faults begin with `path`.
    pub fn compile(&self, path: &str) -> Result<Calendar, Vec<SettingsFault>> {
        let faults = self.check(path);
        match Zone::named(&self.time_zone) {
            Some(zone) if faults.is_empty() => Ok(self.sorted(zone)),
            _ => Err(faults),
        }
    }

    fn sorted(&self, zone: Zone) -> Calendar {
        let seasons = self
            .seasons
            .iter()
            .map(|season| (season.from, Stretch { last: season.until, what: SortedWeek::new(&season.week) }));
        let observed = self.holidays.iter().filter(|_| self.observe_holidays);
        let (mut holidays, mut yearly) = (BTreeMap::new(), BTreeMap::new());
        for holiday in observed {
            let what = holiday.name.clone();
            match holiday.on {
                Days::Once(date) => {
                    holidays.insert(date, Stretch { last: date, what });
                }
                Days::Through(first, last) => {
                    holidays.insert(first, Stretch { last, what });
                }
                Days::Yearly(day) => {
                    yearly.insert(day, what);
                }
            }
        }
        Calendar {
            zone,
            from: self.from,
            until: self.until,
            regular: SortedWeek::new(&self.week),
            seasons: seasons.collect(),
            holidays,
            yearly,
            exceptions: self.exceptions.iter().map(|day| (day.on, sorted(&day.open))).collect(),
        }
    }
}

impl Calendar {
    /// The hours of a day, by the order of precedence that the module's comment gives.
    pub(super) fn day(&self, date: Date) -> Day<'_> {
        if let Some(from) = self.from.filter(|from| date < *from) {
            return Day { spans: &[], lasting: Some(Lasting { open: false, before: Some(from) }) };
        }
        if self.until.is_some_and(|until| until < date) {
            return Day { spans: &[], lasting: Some(Lasting { open: false, before: None }) };
        }
        if let Some(spans) = self.exceptions.get(&date) {
            return Day { spans, lasting: None };
        }
        if let Some(holiday) = stretch_with(&self.holidays, date) {
            let before = earliest(holiday.last.next(), self.next_exception(date));
            return Day { spans: &[], lasting: Some(Lasting { open: false, before }) };
        }
        if self.yearly.contains_key(&date.month_day()) {
            return Day { spans: &[], lasting: None };
        }
        let week = stretch_with(&self.seasons, date).map_or(&self.regular, |season| &season.what);
        let lasting = match week.extent {
            Extent::Never => Some(Lasting { open: false, before: self.next_week(date) }),
            Extent::Always => {
                let before = earliest(self.next_week(date), self.next_holiday(date));
                Some(Lasting { open: true, before })
            }
            Extent::Sometimes => None,
        };
        Day { spans: week.days.get(date.weekday()).map_or(&[], Vec::as_slice), lasting }
    }

    /// The holiday on this day, if it is observed.
    pub(super) fn holiday(&self, date: Date) -> Option<&Line> {
        let dated = stretch_with(&self.holidays, date).map(|holiday| &holiday.what);
        dated.or_else(|| self.yearly.get(&date.month_day()))
    }

    /// The next day after `date` on which another week may hold.
    fn next_week(&self, date: Date) -> Option<Date> {
        let season_ends = stretch_with(&self.seasons, date).and_then(|season| season.last.next());
        let closed = self.until.and_then(Date::next);
        earliest(
            earliest(season_ends, next_key(&self.seasons, date)),
            earliest(closed, self.next_exception(date)),
        )
    }

    fn next_exception(&self, date: Date) -> Option<Date> {
        next_key(&self.exceptions, date)
    }

    fn next_holiday(&self, date: Date) -> Option<Date> {
        earliest(next_key(&self.holidays, date), self.next_yearly(date))
    }

    /// The next day after `date` that is a holiday of every year. 29 February comes within eight years.
    fn next_yearly(&self, date: Date) -> Option<Date> {
        let later = (Bound::Excluded(date.month_day()), Bound::Unbounded);
        let this_year = self.yearly.range(later).find_map(|(day, _)| day.in_year(date.year()));
        this_year.or_else(|| {
            let mut years = (1..=8).filter_map(|ahead| date.year().checked_add(ahead));
            years.find_map(|year| self.yearly.keys().find_map(|day| day.in_year(year)))
        })
    }
}

fn earliest(one: Option<Date>, other: Option<Date>) -> Option<Date> {
    one.into_iter().chain(other).min()
}

fn next_key<T>(map: &BTreeMap<Date, T>, date: Date) -> Option<Date> {
    map.range((Bound::Excluded(date), Bound::Unbounded)).next().map(|(date, _)| *date)
}

/// The stretch that has this day. No two overlap, so it is the last that begins by then, or none.
fn stretch_with<T>(stretches: &BTreeMap<Date, Stretch<T>>, date: Date) -> Option<&Stretch<T>> {
    stretches.range(..=date).next_back().map(|(_, stretch)| stretch).filter(|stretch| date <= stretch.last)
}

fn sorted(spans: &[HoursSpan]) -> Vec<HoursSpan> {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    spans
}

impl SortedWeek {
    fn new(week: &Week) -> Self {
        let days = week.days().each_ref().map(|spans| sorted(spans));
        // Spans do not overlap, so that their lengths add up.
        let open: u32 = days.iter().flatten().map(|span| u32::from(span.closes() - span.opens())).sum();
        let extent = match open {
            0 => Extent::Never,
            _ if open == 7 * u32::from(DAY) => Extent::Always,
            _ => Extent::Sometimes,
        };
        Self { days, extent }
    }
}
