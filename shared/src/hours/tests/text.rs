//! How operating hours are written and stored.

use std::string::ToString as _;
use std::vec::Vec;

use super::super::{Date, Days, HoursSpan, OperatingHours, Week};
use super::hours;

const WRITTEN: &str = r#"
    time_zone = "Europe/Berlin"
    from = "2026-01-01"
    week = { mon-fri = ["09:00-12:30", "13:30-18:00"], "sat,sun" = ["22:00-06:00"] }
    seasons = [{ name = "Summer", from = "2026-07-01", until = "2026-08-31", week = { fri-mon = ["00:00-24:00"] } }]
    holidays = [
        { name = "Christmas", on = "12-25" },
        { name = "Easter Monday", on = "2026-04-06" },
        { name = "Works holidays", on = "2026-12-24..2027-01-01" },
    ]
    exceptions = [{ name = "Sale", on = "2026-11-27", open = ["8:00 - 23:00"] }]
    "#;

#[test]
fn days_can_share_an_entry() {
    let week: Week = toml::from_str(r#"mon = ["09:00-17:00"]"#).unwrap();
    assert_eq!(week.days()[0], [HoursSpan::new(540, 1020).unwrap()]);
    assert!(week.days()[1..].iter().all(Vec::is_empty));
    let week: Week = toml::from_str("'fri-mon,wed' = ['00:00-24:00']").unwrap();
    let open = week.days().each_ref().map(|day| *day == [HoursSpan::ALL_DAY]);
    assert_eq!(open, [true, false, true, false, true, true, true]);
}

#[test]
fn a_day_is_written_once() {
    let error = toml::from_str::<Week>("mon-fri = []\nwed = ['09:00-17:00']").unwrap_err().to_string();
    assert!(error.contains("a day is there twice"), "{error}");
    let error = toml::from_str::<Week>("monday = []").unwrap_err().to_string();
    assert!(error.contains("write days as mon, tue"), "{error}");
}

#[test]
fn spans_are_read_as_people_write_them_and_written_in_one_way() {
    for (text, written) in [
        ("09:00-17:30", Some("09:00-17:30")),
        ("9:00 - 17:30", Some("09:00-17:30")),
        ("09:00–17:30", Some("09:00-17:30")),
        ("22:00-06:00", Some("22:00-06:00")),
        ("22:00-00:00", Some("22:00-24:00")),
        ("00:00-24:00", Some("00:00-24:00")),
        ("09:00", None),
        ("9-17", None),
        ("09:60-10:00", None),
        ("24:00-25:00", None),
        ("-1:00-10:00", None),
        ("09:00-17:00-18:00", None),
        ("+9:00-17:00", None),
        ("", None),
    ] {
        let span = text.parse::<HoursSpan>().ok().map(|span| span.to_string());
        assert_eq!(span.as_deref(), written, "{text}");
    }
}

#[test]
fn dates_have_one_form() {
    for text in ["2026-12-25", "0001-01-01", "2028-02-29"] {
        assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
    }
    for text in ["2026-12-25", "12-25", "02-29", "2026-12-24..2027-01-01"] {
        assert_eq!(text.parse::<Days>().unwrap().to_string(), text);
    }
    for text in ["", "2026", "2026-02-29", "2026-13-01", "26-12-25", "2026-1-1", "2026-12-25T", "-026-12-25"]
    {
        assert!(text.parse::<Date>().is_err(), "{text}");
        assert!(text.parse::<Days>().is_err(), "{text}");
    }
    for text in ["02-30", "13-01", "1-1", "12-24..12-26", "2026-12-24..", "+1-01"] {
        assert!(text.parse::<Days>().is_err(), "{text}");
    }
}

#[test]
fn hours_come_back_from_json_toml_and_binary() {
    let hours = hours(WRITTEN);
    assert_eq!(
        serde_json::from_str::<OperatingHours>(&serde_json::to_string(&hours).unwrap()).unwrap(),
        hours
    );
    assert_eq!(toml::from_str::<OperatingHours>(&toml::to_string(&hours).unwrap()).unwrap(), hours);
    let binary = postcard::to_allocvec(&hours).unwrap();
    assert_eq!(postcard::from_bytes::<OperatingHours>(&binary).unwrap(), hours);
    assert!(binary.len() < 300, "{} bytes", binary.len());
}

#[test]
fn hours_in_json_are_readable() {
    insta::assert_json_snapshot!(hours(WRITTEN));
}

#[test]
fn binary_that_no_span_or_date_has_is_refused() {
    for span in [(1440_u16, 1441_u16), (600, 599), (600, 600 + 1441)] {
        assert!(postcard::from_bytes::<HoursSpan>(&postcard::to_allocvec(&span).unwrap()).is_err());
    }
    let date = postcard::to_allocvec(&(2026_i16, 2_i8, 29_i8)).unwrap();
    assert!(postcard::from_bytes::<Date>(&date).is_err());
}
