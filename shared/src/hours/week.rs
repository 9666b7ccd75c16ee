//! A week of spans, as it is written: `mon = ["09:00-12:30", "13:30-18:00"]`. A day without an entry is closed. Several
//! days can share an entry: `"mon-fri"`, `"sat,sun"`. All day is `00:00-24:00`; over midnight is `22:00-06:00`.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::{Display, Formatter};
use core::str::FromStr;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minutes of a day on the clock.
pub(super) const DAY: u16 = 24 * 60;

/// The days of the week, as they are written.
pub(super) const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// From a time on the clock to another, at most a day long. It belongs to the day on which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HoursSpan {
    /// Minutes after midnight, less than a day.
    opens: u16,
    /// Minutes after the same midnight, from `opens` to a day later.
    closes: u16,
}

/// When each day of a week is open, Monday first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Week([Vec<HoursSpan>; 7]);

/// Text that is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a span of time: write it as 09:00-17:30, or 00:00-24:00 for all day")]
pub struct InvalidSpan;

impl HoursSpan {
    /// The whole day.
    pub const ALL_DAY: Self = Self { opens: 0, closes: DAY };

    /// From one time to another, both in minutes after midnight. An end before the beginning is on the next day.
    pub const fn new(opens: u16, closes: u16) -> Option<Self> {
        if opens >= DAY || closes > DAY {
            return None;
        }
        Some(Self { opens, closes: if closes < opens { closes + DAY } else { closes } })
    }

    /// When it begins, in minutes after midnight.
    pub const fn opens(self) -> u16 {
        self.opens
    }

    /// When it ends, in minutes after the midnight before it began: up to twice a day's.
    pub const fn closes(self) -> u16 {
        self.closes
    }
}

impl Week {
    /// A week with these spans, Monday first.
    pub const fn new(days: [Vec<HoursSpan>; 7]) -> Self {
        Self(days)
    }

    /// The spans of each day, Monday first.
    pub const fn days(&self) -> &[Vec<HoursSpan>; 7] {
        &self.0
    }
}

impl FromStr for HoursSpan {
    type Err = InvalidSpan;
    fn from_str(text: &str) -> Result<Self, InvalidSpan> {
        let (opens, closes) = text.split_once(['-', '–']).ok_or(InvalidSpan)?;
        let (opens, closes) = (minutes(opens.trim()), minutes(closes.trim()));
        opens.zip(closes).and_then(|(opens, closes)| Self::new(opens, closes)).ok_or(InvalidSpan)
    }
}

/// The minutes after midnight that `9:30` or `09:30` writes, up to `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(hour.len(), 1 | 2) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}

impl Display for HoursSpan {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        let closes = if self.closes > DAY { self.closes - DAY } else { self.closes };
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.opens / 60, self.opens % 60, closes / 60, closes % 60)
    }
}

impl Serialize for HoursSpan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&self.to_string())
        } else {
            (self.opens, self.closes).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for HoursSpan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(D::Error::custom);
        }
        let (opens, closes): (u16, u16) = Deserialize::deserialize(deserializer)?;
        if opens < DAY && (opens..=opens + DAY).contains(&closes) {
            Ok(Self { opens, closes })
        } else {
            Err(D::Error::custom(InvalidSpan))
        }
    }
}

impl Serialize for Week {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        let open = DAY_NAMES.iter().zip(&self.0).filter(|(_, spans)| !spans.is_empty());
        let mut map = serializer.serialize_map(Some(open.clone().count()))?;
        for (name, spans) in open {
            map.serialize_entry(name, spans)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Week {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_map(WeekByName)
        } else {
            Deserialize::deserialize(deserializer).map(Self)
        }
    }
}

struct WeekByName;

impl<'de> Visitor<'de> for WeekByName {
    type Value = Week;

    fn expecting(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        f.write_str("days with their spans, such as mon = [\"09:00-17:30\"]")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Week, A::Error> {
        let mut days: [Option<Vec<HoursSpan>>; 7] = Default::default();
        while let Some(key) = map.next_key::<String>()? {
            let Some(named) = named_days(&key) else {
                return Err(A::Error::custom(
                    "write days as mon, tue, wed, thu, fri, sat, sun, mon-fri or sat,sun",
                ));
            };
            let spans: Vec<HoursSpan> = map.next_value()?;
            for (day, _) in days.iter_mut().zip(named).filter(|(_, named)| *named) {
                if day.replace(spans.clone()).is_some() {
                    return Err(A::Error::custom("a day is there twice; put all its spans into one list"));
                }
            }
        }
        Ok(Week(days.map(Option::unwrap_or_default)))
    }
}

/// Which days `mon`, `mon-fri` or `mon,wed-fri` name. A range may run over the end of the week.
fn named_days(key: &str) -> Option<[bool; 7]> {
    let place = |name: &str| DAY_NAMES.iter().position(|day| day.eq_ignore_ascii_case(name.trim()));
    let mut named = [false; 7];
    for part in key.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (place(first)?, place(last)?);
        for (day, named) in named.iter_mut().enumerate() {
            let within =
                if first <= last { (first..=last).contains(&day) } else { day >= first || day <= last };
            *named = *named || within;
        }
    }
    Some(named)
}
