//! One test for each rule.

use super::super::{Opening, Status};
use super::{at, calendar, changes};
use crate::hours::zone::LATEST;
use crate::text::Line;
use crate::time::Timestamp;

#[test]
fn a_day_has_several_spans_and_ends_are_not_open() {
    let calendar = calendar(
        r#"
        time_zone = "Asia/Kolkata"
        [week]
        mon-fri = ["13:30-18:00", "09:00-12:30"]
        "#,
    );
    // A Thursday, half an hour off the full hours of UTC.
    let expected =
        ["2026-01-01T03:30:00Z", "2026-01-01T07:00:00Z", "2026-01-01T08:00:00Z", "2026-01-01T12:30:00Z"];
    assert_eq!(changes(&calendar, "2026-01-01T00:00:00Z", 4), expected);
    assert!(!calendar.is_open(at("2026-01-01T08:59:59+05:30")));
    assert!(calendar.is_open(at("2026-01-01T09:00:00+05:30")));
    assert!(calendar.is_open(at("2026-01-01T12:29:59+05:30")));
    assert!(!calendar.is_open(at("2026-01-01T12:30:00+05:30")));
    // Over the weekend.
    assert_eq!(calendar.opens_next(at("2026-01-02T18:00:00+05:30")), Some(at("2026-01-05T09:00:00+05:30")));
}

#[test]
fn the_next_moment_is_now_if_it_is_so_now() {
    let calendar = calendar("time_zone = 'UTC'\nweek.thu = ['09:00-17:00']");
    let (open, closed) = (at("2026-01-01T10:00:00Z"), at("2026-01-01T20:00:00Z"));
    assert_eq!(calendar.opens_next(open), Some(open));
    assert_eq!(calendar.closes_next(closed), Some(closed));
    assert_eq!(calendar.opening(open), Opening { open: true, until: Some(at("2026-01-01T17:00:00Z")) });
    assert_eq!(calendar.opening(closed), Opening { open: false, until: Some(at("2026-01-08T09:00:00Z")) });
}

#[test]
fn spans_that_touch_are_one() {
    let calendar =
        calendar("time_zone = 'UTC'\nweek.thu = ['22:00-06:00', '14:00-22:00']\nweek.fri = ['06:00-07:00']");
    assert_eq!(
        changes(&calendar, "2026-01-01T00:00:00Z", 2),
        ["2026-01-01T14:00:00Z", "2026-01-02T07:00:00Z"]
    );
}

#[test]
fn a_span_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let calendar = calendar(
        r#"
        time_zone = "Europe/Berlin"
        week = { mon-sun = ["22:00-06:00"] }
        holidays = [{ name = "Epiphany", on = "2026-01-06" }]
        "#,
    );
    // The night before the holiday runs to its end, the night of the holiday is off.
    let expected = ["2026-01-05T21:00:00Z", "2026-01-06T05:00:00Z", "2026-01-07T21:00:00Z"];
    assert_eq!(changes(&calendar, "2026-01-05T12:00:00Z", 3), expected);
}

#[test]
fn an_exception_wins_over_a_holiday_that_over_a_season_and_that_over_the_week() {
    let calendar = calendar(
        r#"
        time_zone = "UTC"
        from = "2026-07-01"
        until = "2026-07-31"
        week = { mon-sun = ["09:00-17:00"] }
        seasons = [{ name = "Heat", from = "2026-07-06", until = "2026-07-12", week = { mon-sun = ["06:00-10:00"] } }]
        holidays = [{ name = "Fair", on = "2026-07-07..2026-07-09" }, { name = "Day", on = "07-10" }]
        exceptions = [
            { name = "Help at the fair", on = "2026-07-08", open = ["20:00-21:00"] },
            { name = "Stocktaking", on = "2026-07-15", open = [] },
        ]
        "#,
    );
    let week = |day: &str| changes(&calendar, &std::format!("2026-07-{day}T00:00:00Z"), 2);
    assert_eq!(changes(&calendar, "2026-06-01T00:00:00Z", 1), ["2026-07-01T09:00:00Z"]);
    assert_eq!(week("05"), ["2026-07-05T09:00:00Z", "2026-07-05T17:00:00Z"]);
    assert_eq!(week("06"), ["2026-07-06T06:00:00Z", "2026-07-06T10:00:00Z"]);
    assert_eq!(week("07"), ["2026-07-08T20:00:00Z", "2026-07-08T21:00:00Z"]);
    assert_eq!(week("09"), ["2026-07-11T06:00:00Z", "2026-07-11T10:00:00Z"]);
    assert_eq!(week("13"), ["2026-07-13T09:00:00Z", "2026-07-13T17:00:00Z"]);
    assert_eq!(week("15"), ["2026-07-16T09:00:00Z", "2026-07-16T17:00:00Z"]);
    assert_eq!(week("31"), ["2026-07-31T09:00:00Z", "2026-07-31T17:00:00Z"]);
    assert_eq!(calendar.opens_next(at("2026-07-31T17:00:00Z")), None);
}

#[test]
fn a_holiday_says_that_it_is_one() {
    let toml = r#"
        time_zone = "Europe/Berlin"
        week = { mon-sun = ["09:00-17:00"] }
        holidays = [{ name = "Christmas", on = "12-25" }, { name = "Boxing Day", on = "2026-12-26" }]
        exceptions = [{ name = "Emergency", on = "2026-12-26", open = ["10:00-12:00"] }]
        "#;
    let calendar = calendar(toml);
    let holiday = |name: &str| Status::Holiday(Line::new(name).unwrap());
    assert_eq!(calendar.status(at("2026-12-24T12:00:00+01:00")), Status::Open);
    assert_eq!(calendar.status(at("2026-12-24T23:59:59+01:00")), Status::OutOfHours);
    assert_eq!(calendar.status(at("2026-12-25T12:00:00+01:00")), holiday("Christmas"));
    assert_eq!(calendar.status(at("2027-12-25T12:00:00+01:00")), holiday("Christmas"));
    assert_eq!(calendar.status(at("2026-12-26T11:00:00+01:00")), Status::Open);
    assert_eq!(calendar.status(at("2026-12-26T12:00:00+01:00")), holiday("Boxing Day"));
    let unobserved = super::calendar(&std::format!("observe_holidays = false\n{toml}"));
    assert_eq!(unobserved.status(at("2026-12-25T12:00:00+01:00")), Status::Open);
    assert_eq!(unobserved.status(at("2026-12-25T20:00:00+01:00")), Status::OutOfHours);
}

#[test]
fn a_skipped_hour_moves_what_lies_in_it_to_the_skip() {
    let calendar = |week: &str| calendar(&std::format!("time_zone = 'Europe/Berlin'\nweek.sun = {week}"));
    // On 29 March 2026 the clock goes from 02:00 to 03:00 at 01:00 UTC.
    let from = "2026-03-28T12:00:00Z";
    assert_eq!(
        changes(&calendar("['01:00-04:00']"), from, 2),
        ["2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z"]
    );
    assert_eq!(
        changes(&calendar("['02:30-04:00']"), from, 2),
        ["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"]
    );
    assert_eq!(
        changes(&calendar("['01:00-02:30']"), from, 2),
        ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"]
    );
    // It does not take place: the next is a week later, in summer time.
    assert_eq!(changes(&calendar("['02:00-03:00']"), from, 1), ["2026-04-05T00:00:00Z"]);
}

#[test]
fn a_time_in_a_doubled_hour_is_the_first_of_both() {
    let calendar = |week: &str| calendar(&std::format!("time_zone = 'Europe/Berlin'\nweek.sun = {week}"));
    // On 25 October 2026 the clock goes from 03:00 back to 02:00 at 01:00 UTC.
    let from = "2026-10-24T12:00:00Z";
    assert_eq!(
        changes(&calendar("['01:00-04:00']"), from, 2),
        ["2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"]
    );
    assert_eq!(
        changes(&calendar("['01:00-02:30']"), from, 2),
        ["2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"]
    );
    assert_eq!(
        changes(&calendar("['02:30-03:30']"), from, 2),
        ["2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"]
    );
    assert_eq!(changes(&calendar("['02:15-02:45']"), from, 3)[2], "2026-11-01T01:15:00Z");
}

#[test]
fn midnight_may_come_twice() {
    // Until 2011 the clock of Newfoundland went back from 00:01 to 23:01: Sunday's hours had begun a minute before.
    let calendar = calendar("time_zone = 'America/St_Johns'\nweek.sun = ['00:00-00:30']");
    let expected = ["2009-11-01T02:30:00Z", "2009-11-01T04:00:00Z"];
    assert_eq!(changes(&calendar, "2009-10-31T12:00:00Z", 2), expected);
    assert!(calendar.is_open(at("2009-11-01T02:31:00Z")));
}

#[test]
fn a_skipped_day_has_no_hours() {
    // Samoa went from Thursday 29 to Saturday 31 December 2011, at 10:00 UTC.
    let calendar = |week: &str| calendar(&std::format!("time_zone = 'Pacific/Apia'\nweek = {week}"));
    let from = "2011-12-29T22:00:00Z";
    assert_eq!(changes(&calendar("{ fri = ['00:00-24:00'] }"), from, 1), ["2012-01-05T10:00:00Z"]);
    let nights = calendar("{ thu = ['22:00-06:00'], fri = ['22:00-06:00'] }");
    assert_eq!(changes(&nights, from, 4)[..2], ["2011-12-30T08:00:00Z", "2011-12-30T16:00:00Z"]);
}

#[test]
fn leap_days_and_year_ends_are_days() {
    let calendar = calendar(
        r#"
        time_zone = "UTC"
        week = {}
        exceptions = [
            { name = "Leap day", on = "2028-02-29", open = ["23:00-24:00"] },
            { name = "New Year's Eve", on = "2028-12-31", open = ["20:00-02:00"] },
        ]
        "#,
    );
    let expected =
        ["2028-02-29T23:00:00Z", "2028-03-01T00:00:00Z", "2028-12-31T20:00:00Z", "2029-01-01T02:00:00Z"];
    assert_eq!(changes(&calendar, "2026-01-01T00:00:00Z", 9), expected);
}

#[test]
fn a_leap_day_can_be_a_holiday_of_every_year() {
    let calendar = calendar(
        "time_zone = 'UTC'\nweek.mon-sun = ['00:00-24:00']\nholidays = [{ name = 'Leap', on = '02-29' }]",
    );
    // 2100 is no leap year.
    assert_eq!(
        changes(&calendar, "2096-06-01T00:00:00Z", 2),
        ["2104-02-29T00:00:00Z", "2104-03-01T00:00:00Z"]
    );
}

#[test]
fn what_never_changes_is_known_at_once() {
    let now = at("2026-01-01T00:00:00Z");
    let shut = Opening { open: false, until: None };
    let open = Opening { open: true, until: None };
    let opening = |toml: &str| calendar(&std::format!("time_zone = 'Europe/Berlin'\n{toml}")).opening(now);
    assert_eq!(opening("week = {}"), shut);
    assert_eq!(opening("week.mon = ['09:00-10:00']\nuntil = '2025-12-31'"), shut);
    assert_eq!(opening("week = {}\nholidays = [{ name = 'Any', on = '01-02' }]"), shut);
    assert_eq!(opening("week.mon-sun = ['00:00-24:00']"), open);
    // Three shifts: no day is all day by itself.
    assert_eq!(opening("week.mon-sun = ['06:00-14:00', '14:00-22:00', '22:00-06:00']"), open);
}

#[test]
fn far_away_answers_are_found() {
    let toml = r#"
        time_zone = "Europe/Berlin"
        week = { mon-sun = ["06:00-14:00", "14:00-22:00", "22:00-06:00"] }
        seasons = [
            { name = "Closed", from = "2026-02-01", until = "2900-12-31", week = {} },
            { name = "Other shifts", from = "2901-01-01", until = "2950-12-31", week = { mon-sun = ["00:00-24:00"] } },
        ]
        exceptions = [{ name = "Jubilee", on = "2960-05-01", open = [] }]
        "#;
    let calendar = calendar(toml);
    // A night that begins before a change of rules runs into it; the last season has no such night.
    let expected = [
        "2026-02-01T05:00:00Z",
        "2900-12-31T23:00:00Z",
        "2950-12-31T23:00:00Z",
        "2951-01-01T05:00:00Z",
        "2960-05-01T04:00:00Z",
        "2960-05-02T04:00:00Z",
    ];
    assert_eq!(changes(&calendar, "2026-01-01T00:00:00Z", 9), expected);
}

#[test]
fn the_ends_of_time_have_answers() {
    let always = calendar("time_zone = 'Asia/Tokyo'\nweek.mon-sun = ['00:00-24:00']");
    let daily = calendar("time_zone = 'America/New_York'\nweek.mon-sun = ['09:00-17:00']");
    assert_eq!(LATEST, at("9000-01-01T00:00:00Z"));
    for end in [Timestamp::from_millis(0), LATEST, Timestamp::from_millis(u64::MAX)] {
        assert_eq!(always.opening(end), Opening { open: true, until: None });
        assert_eq!(always.opens_next(end), Some(end));
        assert!(daily.opens_next(end) >= Some(end));
    }
    // New Year's Eve of 1969 in New York, in the evening.
    assert_eq!(changes(&daily, "1970-01-01T00:00:00Z", 1), ["1970-01-01T14:00:00Z"]);
}
