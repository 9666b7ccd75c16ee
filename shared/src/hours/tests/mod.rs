//! The rules of operating hours: one by one, and against a clock that is walked minute by minute.

mod faults;
mod rules;
mod text;
mod walk;

use std::borrow::ToOwned as _;
use std::string::String;
use std::vec::Vec;

use super::{Calendar, OperatingHours};
use crate::time::Timestamp;

/// Operating hours as people write them, without id and name.
fn hours(toml: &str) -> OperatingHours {
    let head = "id = \"00000000-0000-0000-0000-000000000001\"\nname = \"Service\"\n";
    toml::from_str(&(head.to_owned() + toml)).unwrap()
}

fn calendar(toml: &str) -> Calendar {
    hours(toml).compile("hours").unwrap()
}

/// The moment that this names, such as `2026-03-29T02:30:00+01:00`.
fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_millis(u64::try_from(moment.as_millisecond()).unwrap())
}

/// The next changes after a moment, as they are written in UTC.
fn changes(calendar: &Calendar, from: &str, count: usize) -> Vec<String> {
    let mut moment = at(from);
    let mut changes = Vec::new();
    while let Some(until) = calendar.opening(moment).until.filter(|_| changes.len() < count) {
        let millis = i64::try_from(until.as_millis()).unwrap();
        changes.push(std::format!("{:.0}", jiff::Timestamp::from_millisecond(millis).unwrap()));
        moment = until;
    }
    changes
}
