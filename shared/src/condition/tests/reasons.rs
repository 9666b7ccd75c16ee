//! Explanations, and what is seen of one condition following from another.

use super::*;
use alloc::borrow::ToOwned as _;
use alloc::format;

fn explained(json: &str, facts: &Table) -> String {
    compile(json).explain(facts).map_or_else(String::new, |explanation| format!("{explanation}"))
}

#[test]
fn the_first_failing_node_is_told_with_what_it_saw() {
    let facts = Table::default().with("contact.city", text("Basel")).with("context.amount", number(5));
    for (json, expected) in [
        (r#"{"field": "contact.city", "equals": "Basel"}"#, ""),
        (r#"{"field": "contact.city", "equals": "Bern"}"#, "equals: contact.city is “Basel”"),
        (
            r#"{"all": [{"is_set": "contact.city"}, {"not": {"field": "contact.city", "matches": "^b"}}, {"any": []}]}"#,
            "all[1].not.matches: contact.city is “Basel”",
        ),
        (r#"{"all": [{"any": []}]}"#, "all[0].any: the group is empty"),
        (
            r#"{"field": "context.amount", "at_least": {"field": "context.limit"}}"#,
            "at_least: context.amount is 5, context.limit is not set",
        ),
        (
            r#"{"any": [{"field": "context.amount", "equals": 4}, {"is_set": "locale"}]}"#,
            "any: any[0].equals: context.amount is 5; any[1].is_set: locale is not set",
        ),
        (
            r#"{"not": {"any": [{"is_set": "locale"}, {"is_set": "contact.city"}]}}"#,
            "not.any[1].is_set: contact.city is “Basel”",
        ),
        (
            r#"{"field": "representative.presence", "in": {"field": "conversation.allowed_presences"}}"#,
            "in: representative.presence is not set, conversation.allowed_presences is not set",
        ),
    ] {
        assert_eq!(explained(json, &facts), expected, "{json}");
    }
    let closed = format!(r#"{{"working_now": "{}"}}"#, id(1));
    assert_eq!(explained(&closed, &facts), "working_now: these operating hours are closed now");
}

fn implies(given: &str, then: &str) -> bool {
    compile(given).implies(&compile(then))
}

#[test]
fn a_narrower_condition_implies_a_wider_one() {
    let amount = |rest: &str| format!(r#"{{"field": "context.amount", {rest}}}"#);
    for (given, then) in [
        (amount(r#""equals": 3"#), amount(r#""at_least": 3"#)),
        (amount(r#""between": [2, 3]"#), amount(r#""less_than": 4"#)),
        (amount(r#""more_than": 3"#), amount(r#""at_least": 3"#)),
        (amount(r#""more_than": 3"#), amount(r#""not_equals": 3"#)),
        (amount(r#""less_than": 3"#), format!(r#"{{"not": {}}}"#, amount(r#""at_least": 3"#))),
        (amount(r#""equals": 3"#), r#"{"is_set": "context.amount"}"#.into()),
        (r#"{"is_not_set": "context.amount"}"#.into(), amount(r#""not_in": [1, 2]"#)),
        (
            r#"{"is_not_set": "context.amount"}"#.into(),
            format!(r#"{{"not": {}}}"#, amount(r#""at_least": 3"#)),
        ),
        (
            r#"{"field": "contact.city", "in": ["Bern", "Basel"]}"#.into(),
            r#"{"field": "contact.city", "begins_with": "b"}"#.into(),
        ),
        (
            r#"{"field": "contact.city", "begins_with": "Base"}"#.into(),
            r#"{"field": "contact.city", "contains": "AS"}"#.into(),
        ),
        (
            r#"{"all": [{"is_set": "locale"}, {"field": "contact.city", "equals": "Bern"}]}"#.into(),
            r#"{"any": [{"field": "contact.city", "equals": "bern"}, {"is_set": "contact.name"}]}"#.into(),
        ),
        (amount(r#""equals": 3"#), r#"{"all": []}"#.into()),
        (r#"{"any": []}"#.into(), amount(r#""equals": 3"#)),
    ] {
        assert!(implies(&given, &then), "{given} {then}");
        assert!(!implies(&then, &given), "{then} {given}");
    }
}

#[test]
fn what_only_looks_alike_implies_nothing() {
    for (given, then) in [
        // A pattern may tell apart what is equal but for case.
        (r#"{"field": "locale", "equals": "DE"}"#, r#"{"field": "locale", "matches": "(?-i)DE"}"#),
        // What is not below may not be set at all.
        (
            r#"{"not": {"field": "context.amount", "less_than": 3}}"#,
            r#"{"field": "context.amount", "at_least": 3}"#,
        ),
        (
            r#"{"field": "time.of_day", "between": ["22:00", "06:00"]}"#,
            r#"{"field": "time.of_day", "at_least": "22:00"}"#,
        ),
        (r#"{"field": "contact.city", "equals": "Bern"}"#, r#"{"field": "account.city", "equals": "Bern"}"#),
    ] {
        assert!(!implies(given, then), "{given} {then}");
    }
}

#[test]
fn a_rule_behind_one_that_always_wins_is_unreachable() {
    let rules: Vec<Predicate> = [
        r#"{"field": "context.amount", "more_than": 100}"#,
        r#"{"field": "contact.city", "equals": "Bern"}"#,
        r#"{"all": [{"field": "contact.city", "equals": "bern"}, {"is_set": "locale"}]}"#,
        r#"{"all": [{"any": []}, {"is_set": "locale"}]}"#,
        r#"{"all": []}"#,
        r#"{"is_set": "locale"}"#,
    ]
    .map(compile)
    .into();
    let found = |rule, because_of| Unreachable { rule, because_of };
    assert_eq!(unreachable(&rules), [found(2, Some(1)), found(3, None), found(5, Some(4))]);
}

#[test]
fn looking_for_an_implication_gives_up_in_time() {
    // Each level doubles the ways to compare; without a bound this would not end.
    let mut given = r#"{"field": "contact.city", "equals": "Bern"}"#.to_owned();
    let mut then = r#"{"field": "contact.city", "equals": "Basel"}"#.to_owned();
    for level in 0..DEPTH_MAX {
        let (outer, inner) = if level % 2 == 0 { ("all", "any") } else { ("any", "all") };
        given = format!(r#"{{"{outer}": [{given}, {{"is_set": "locale"}}]}}"#);
        then = format!(r#"{{"{inner}": [{then}, {{"is_set": "context.x"}}]}}"#);
    }
    assert!(!implies(&given, &then));
}
