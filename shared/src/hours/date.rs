//! Days of the calendar, as they are written: `2026-12-25`, `12-25` for every year, `2026-12-24..2027-01-01`.

use alloc::string::{String, ToString as _};
use core::fmt::{Display, Formatter};
use core::str::FromStr;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A date of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

/// A day of every year. 29 February is there in leap years only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

/// One day or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// A single day.
    Once(Date),
    /// From a day to another, both included.
    Through(Date, Date),
    /// The same day of every year.
    Yearly(MonthDay),
}

/// Text that is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// For a date.
    #[error("this is not a date: write it as 2026-12-25")]
    Date,
    /// For days of a holiday.
    #[error(
        "this is not a date: write 2026-12-25, or 12-25 for every year, or 2026-12-24..2027-01-01 for several days"
    )]
    Days,
}

impl Date {
    /// The date with this year (-9999 to 9999), month and day, if there is one.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    pub(super) const fn from_civil(date: jiff::civil::Date) -> Self {
        Self(date)
    }

    pub(super) const fn civil(self) -> jiff::civil::Date {
        self.0
    }

    pub(super) fn month_day(self) -> MonthDay {
        MonthDay { month: self.0.month(), day: self.0.day() }
    }

    /// The day after; none after the last that can be written.
    pub(super) fn next(self) -> Option<Self> {
        self.0.tomorrow().ok().map(Self)
    }

    /// The day before; none before the first that can be written.
    pub(super) fn previous(self) -> Option<Self> {
        self.0.yesterday().ok().map(Self)
    }

    /// The day of the week, Monday being 0.
    pub(super) fn weekday(self) -> usize {
        usize::try_from(self.0.weekday().to_monday_zero_offset()).unwrap_or_default()
    }
}

impl MonthDay {
    /// The day of a year with this month and day, if some year has it.
    pub fn new(month: i8, day: i8) -> Option<Self> {
        // 2024 was a leap year.
        Date::new(2024, month, day).map(Date::month_day)
    }

    /// This day in a year, if that has it.
    pub(super) fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = DateError;
    fn from_str(text: &str) -> Result<Self, DateError> {
        let mut parts = text.splitn(3, '-');
        let date = (|| {
            let year = digits(parts.next()?, 4)?;
            Self::new(year, month_or_day(parts.next()?)?, month_or_day(parts.next()?)?)
        })();
        date.ok_or(DateError::Date)
    }
}

impl FromStr for Days {
    type Err = DateError;
    fn from_str(text: &str) -> Result<Self, DateError> {
        if let Some((first, last)) = text.split_once("..") {
            return match (first.trim().parse(), last.trim().parse()) {
                (Ok(first), Ok(last)) => Ok(Self::Through(first, last)),
                _ => Err(DateError::Days),
            };
        }
        if let Ok(date) = text.parse() {
            return Ok(Self::Once(date));
        }
        let yearly = text.split_once('-').and_then(|(month, day)| {
            let (month, day) = (month_or_day(month)?, month_or_day(day)?);
            MonthDay::new(month, day)
        });
        yearly.map(Self::Yearly).ok_or(DateError::Days)
    }
}

/// The number that exactly `count` decimal digits write.
fn digits(text: &str, count: usize) -> Option<i16> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn month_or_day(text: &str) -> Option<i8> {
    digits(text, 2).and_then(|number| i8::try_from(number).ok())
}

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl Display for Days {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Once(date) => write!(f, "{date}"),
            Self::Through(first, last) => write!(f, "{first}..{last}"),
            Self::Yearly(MonthDay { month, day }) => write!(f, "{month:02}-{day:02}"),
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&self.to_string())
        } else {
            (self.0.year(), self.0.month(), self.0.day()).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        } else {
            let (year, month, day) = Deserialize::deserialize(deserializer)?;
            Self::new(year, month, day).ok_or_else(|| D::Error::custom(DateError::Date))
        }
    }
}

/// How [`Days`] are coded in binary.
#[derive(Serialize, Deserialize)]
enum CompactDays {
    Once(Date),
    Through(Date, Date),
    Yearly(i8, i8),
}

impl Serialize for Days {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.serialize_str(&self.to_string());
        }
        match *self {
            Self::Once(date) => CompactDays::Once(date),
            Self::Through(first, last) => CompactDays::Through(first, last),
            Self::Yearly(MonthDay { month, day }) => CompactDays::Yearly(month, day),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(D::Error::custom);
        }
        match CompactDays::deserialize(deserializer)? {
            CompactDays::Once(date) => Ok(Self::Once(date)),
            CompactDays::Through(first, last) => Ok(Self::Through(first, last)),
            CompactDays::Yearly(month, day) => {
                MonthDay::new(month, day).map(Self::Yearly).ok_or_else(|| D::Error::custom(DateError::Days))
            }
        }
    }
}
