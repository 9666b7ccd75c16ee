//! What is refused, with its path.

use std::string::String;
use std::vec::Vec;

use super::hours;

fn faults(toml: &str) -> Vec<(String, String)> {
    let hours = hours(&std::format!("time_zone = 'UTC'\n{toml}"));
    assert_eq!(hours.check("hours").is_empty(), hours.compile("hours").is_ok());
    hours.check("hours").into_iter().map(|fault| (fault.path, fault.message.into_owned())).collect()
}

fn paths(toml: &str) -> Vec<String> {
    faults(toml).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn an_unknown_time_zone_is_refused() {
    let hours = hours("time_zone = 'Europe/Atlantis'\nweek = {}");
    let faults = hours.compile("operating_hours[2]").unwrap_err();
    assert_eq!(faults[0].path, "operating_hours[2].time_zone");
    assert!(faults[0].message.contains("Europe/Berlin"));
}

#[test]
fn spans_may_not_overlap_even_over_midnight_and_the_end_of_the_week() {
    assert_eq!(paths("week.mon = ['09:00-12:00', '11:00-13:00']"), ["hours.week.mon[1]"]);
    assert_eq!(
        paths("week.mon = ['09:00-12:00', '10:00-11:00', '11:30-13:00']"),
        ["hours.week.mon[1]", "hours.week.mon[2]"]
    );
    assert_eq!(paths("week.mon = ['22:00-06:00']\nweek.tue = ['05:00-06:00']"), ["hours.week.tue[0]"]);
    assert_eq!(paths("week.sun = ['22:00-06:00']\nweek.mon = ['05:00-06:00']"), ["hours.week.mon[0]"]);
    assert_eq!(paths("week.mon-sun = ['22:00-06:00', '06:00-22:00']"), [""; 0]);
    let season = "week = {}\nseasons = [{ name = 'S', from = '2026-01-01', until = '2026-01-31', week = { mon = ['09:00-12:00', '09:00-12:00'] } }]";
    assert_eq!(paths(season), ["hours.seasons[0].week.mon[1]"]);
    let exception =
        "week = {}\nexceptions = [{ name = 'E', on = '2026-01-01', open = ['09:00-12:00', '11:00-12:00'] }]";
    assert_eq!(paths(exception), ["hours.exceptions[0].open[1]"]);
}

#[test]
fn a_span_without_length_is_refused() {
    assert_eq!(paths("week.mon = ['09:00-09:00']"), ["hours.week.mon[0]"]);
    assert_eq!(
        paths("week = {}\nexceptions = [{ name = 'E', on = '2026-01-01', open = ['00:00-00:00'] }]"),
        ["hours.exceptions[0].open[0]"]
    );
}

#[test]
fn days_may_not_be_there_twice_nor_upside_down() {
    assert_eq!(paths("week = {}\nfrom = '2026-02-01'\nuntil = '2026-01-31'"), ["hours.until"]);
    let exceptions = "week = {}\nexceptions = [{ name = 'A', on = '2026-01-01', open = [] }, { name = 'B', on = '2026-01-01', open = [] }]";
    assert_eq!(paths(exceptions), ["hours.exceptions[1].on"]);
    let holidays = |on: [&str; 2]| {
        let [one, two] = on;
        paths(&std::format!(
            "week = {{}}\nholidays = [{{ name = 'A', on = '{one}' }}, {{ name = 'B', on = '{two}' }}]"
        ))
    };
    assert_eq!(holidays(["12-25", "2026-12-25"]), [""; 0]);
    assert_eq!(holidays(["12-25", "12-25"]), ["hours.holidays[1].on"]);
    assert_eq!(holidays(["2026-12-25..2026-12-26", "2026-12-26"]), ["hours.holidays[1].on"]);
    assert_eq!(holidays(["2026-12-26..2026-12-25", "2026-12-28"]), ["hours.holidays[0].on"]);
    let seasons = "week = {}\nseasons = [
        { name = 'A', from = '2026-03-01', until = '2026-03-31', week = {} },
        { name = 'B', from = '2026-01-01', until = '2026-03-01', week = {} }]";
    assert_eq!(paths(seasons), ["hours.seasons[0].from"]);
}

#[test]
fn dates_far_from_today_are_refused() {
    assert_eq!(paths("week = {}\nfrom = '0026-01-01'"), ["hours.from"]);
    assert_eq!(
        paths("week = {}\nholidays = [{ name = 'A', on = '2026-12-25..9999-12-31' }]"),
        ["hours.holidays[0].on"]
    );
}

#[test]
fn too_many_are_refused() {
    let many =
        |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let clock = |half: usize| std::format!("{:02}:{:02}", half / 2, half % 2 * 30);
    let spans = many(25, &|n| std::format!("'{}-{}'", clock(n), clock(n + 1)));
    assert_eq!(paths(&std::format!("week.mon = [{spans}]")), ["hours.week.mon"]);
    let holidays =
        many(101, &|n| std::format!("{{ name = 'H', on = '{:02}-{:02}' }}", n / 28 + 1, n % 28 + 1));
    assert_eq!(paths(&std::format!("week = {{}}\nholidays = [{holidays}]")), ["hours.holidays"]);
    let date = |n: usize| std::format!("{:04}-{:02}-{:02}", 2000 + n / 336, n % 336 / 28 + 1, n % 28 + 1);
    let holidays = many(501, &|n| std::format!("{{ name = 'H', on = '{}' }}", date(n)));
    assert_eq!(paths(&std::format!("week = {{}}\nholidays = [{holidays}]")), ["hours.holidays"]);
    let exceptions = many(1001, &|n| std::format!("{{ name = 'E', on = '{}', open = [] }}", date(n)));
    assert_eq!(paths(&std::format!("week = {{}}\nexceptions = [{exceptions}]")), ["hours.exceptions"]);
    let seasons = many(101, &|n| {
        std::format!("{{ name = 'S', from = '{0}-01-01', until = '{0}-12-31', week = {{}} }}", 2000 + n)
    });
    assert_eq!(paths(&std::format!("week = {{}}\nseasons = [{seasons}]")), ["hours.seasons"]);
}
