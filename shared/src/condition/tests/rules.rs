//! What conditions mean, rule by rule.

use super::*;
use crate::time::{Span, Timestamp};

#[test]
fn all_of_nothing_is_true_and_any_of_nothing_is_false() {
    let nothing = Table::default();
    assert!(holds(r#"{"all": []}"#, &nothing));
    assert!(!holds(r#"{"any": []}"#, &nothing));
    assert!(holds(r#"{"not": {"any": []}}"#, &nothing));
    assert!(Condition::default().compile(&schema()).unwrap().holds(&nothing));
}

#[test]
fn text_is_compared_without_case_and_without_space_at_its_ends() {
    let facts = Table::default().with("contact.city", text("  Große Straße\n"));
    for (json, expected) in [
        (r#"{"field": "contact.city", "equals": "GROSSE STRASSE "}"#, true),
        (r#"{"field": "contact.city", "equals": "Grosse  Strasse"}"#, false),
        (r#"{"field": "contact.city", "begins_with": "große s"}"#, true),
        (r#"{"field": "contact.city", "ends_with": "RASSE"}"#, true),
        (r#"{"field": "contact.city", "ends_with": "große"}"#, false),
        (r#"{"field": "contact.city", "contains": "sse str"}"#, true),
        (r#"{"field": "contact.city", "contains": "x"}"#, false),
        (r#"{"field": "contact.city", "in": ["Bern", "große straße"]}"#, true),
        (r#"{"field": "contact.city", "matches": "^GROẞE"}"#, true),
        (r#"{"field": "contact.city", "matches": "(?-i)^große"}"#, false),
    ] {
        assert_eq!(holds(json, &facts), expected, "{json}");
    }
}

#[test]
fn sigmas_are_one_letter_and_accents_count() {
    let facts = Table::default().with("contact.name", text("ΟΔΥΣΣΕΥΣ"));
    assert!(holds(r#"{"field": "contact.name", "equals": "οδυσσευς"}"#, &facts));
    let facts = Table::default().with("contact.name", text("André"));
    assert!(!holds(r#"{"field": "contact.name", "equals": "Andre"}"#, &facts));
}

#[test]
fn options_are_compared_to_the_letter() {
    let facts = Table::default().with("context.topic", choice("sales"));
    assert!(holds(r#"{"field": "context.topic", "equals": "sales"}"#, &facts));
    assert!(!holds(r#"{"field": "context.topic", "equals": "Sales"}"#, &facts));
    assert!(holds(r#"{"field": "context.topic", "in": ["billing", "sales"]}"#, &facts));
}

#[test]
fn a_comparison_with_what_is_not_set_is_false_and_its_negation_true() {
    let nothing = Table::default();
    let blank = Table::default().with("contact.city", text(" \t"));
    let other_type = Table::default().with("contact.city", number(3));
    for facts in [&nothing, &blank, &other_type] {
        for (json, expected) in [
            (r#"{"field": "contact.city", "equals": "Bern"}"#, false),
            (r#"{"field": "contact.city", "not_equals": "Bern"}"#, true),
            (r#"{"not": {"field": "contact.city", "equals": "Bern"}}"#, true),
            (r#"{"field": "contact.city", "in": ["Bern"]}"#, false),
            (r#"{"field": "contact.city", "not_in": ["Bern"]}"#, true),
            (r#"{"field": "contact.city", "matches": ".*"}"#, false),
            (r#"{"field": "contact.city", "equals": {"field": "account.city"}}"#, false),
            (r#"{"field": "contact.city", "not_equals": {"field": "account.city"}}"#, true),
            (r#"{"is_set": "contact.city"}"#, false),
            (r#"{"is_not_set": "contact.city"}"#, true),
            (r#"{"field": "context.amount", "less_than": 3}"#, false),
        ] {
            assert_eq!(holds(json, facts), expected, "{json} {facts:?}");
        }
    }
}

#[test]
fn numbers_have_one_order() {
    let facts = Table::default()
        .with("context.amount", Value::Number(Number::new(19.99).unwrap()))
        .with("context.limit", number(20));
    for (json, expected) in [
        (r#"{"field": "context.amount", "equals": 19.99}"#, true),
        (r#"{"field": "context.amount", "less_than": 19.99}"#, false),
        (r#"{"field": "context.amount", "at_most": 19.99}"#, true),
        (r#"{"field": "context.amount", "more_than": 19.98}"#, true),
        (r#"{"field": "context.amount", "at_least": 20}"#, false),
        (r#"{"field": "context.amount", "between": [19.99, 20]}"#, true),
        (r#"{"field": "context.amount", "between": [0, 19.98]}"#, false),
        (r#"{"field": "context.amount", "less_than": {"field": "context.limit"}}"#, true),
        (r#"{"field": "context.amount", "between": [{"field": "context.limit"}, 30]}"#, false),
    ] {
        assert_eq!(holds(json, &facts), expected, "{json}");
    }
    assert_eq!(Number::new(-0.0), Ok(Number::default()));
    for none in [f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(Number::new(none), Err(InvalidNumber));
    }
}

#[test]
fn a_time_of_day_may_pass_midnight() {
    let at = |hour: u16| {
        Table::default().with("time.of_day", Value::TimeOfDay(TimeOfDay::from_minutes(hour * 60).unwrap()))
    };
    let night = r#"{"field": "time.of_day", "between": ["22:00", "06:00"]}"#;
    let day = r#"{"field": "time.of_day", "between": ["06:00", "22:00"]}"#;
    for (hour, in_the_night, in_the_day) in
        [(0, true, false), (6, true, true), (12, false, true), (22, true, true)]
    {
        assert_eq!(holds(night, &at(hour)), in_the_night, "{hour}");
        assert_eq!(holds(day, &at(hour)), in_the_day, "{hour}");
    }
}

#[test]
fn moments_and_lengths_of_time_are_compared_as_written() {
    let facts = Table::default()
        .with("contact.created", Value::Moment(Timestamp::from_millis(1_798_131_600_000)))
        .with("conversation.waiting", Value::Span(Span::from_secs(600)));
    for (json, expected) in [
        (r#"{"field": "contact.created", "equals": "2026-12-24T18:00:00+01:00"}"#, true),
        (r#"{"field": "contact.created", "less_than": "2026-12-24T17:00:01Z"}"#, true),
        (r#"{"field": "conversation.waiting", "at_least": "10m"}"#, true),
        (r#"{"field": "conversation.waiting", "more_than": "600s"}"#, false),
        (r#"{"field": "conversation.waiting", "between": ["1s", "2d"]}"#, true),
    ] {
        assert_eq!(holds(json, &facts), expected, "{json}");
    }
}

#[test]
fn a_set_contains_elements_and_sets() {
    let skills = |ids: &[u128]| Value::References(ids.iter().map(|id| thing(Thing::Skill, *id)).collect());
    let facts = Table::default()
        .with("representative.skills", skills(&[1, 2]))
        .with("conversation.skills", skills(&[2]))
        .with("contact.tags", Value::Texts(["VIP".into(), "old ".into()].into()));
    let has =
        |number| alloc::format!(r#"{{"field": "representative.skills", "contains": "{}"}}"#, id(number));
    assert!(holds(&has(1), &facts));
    assert!(!holds(&has(3), &facts));
    assert!(holds(
        r#"{"field": "representative.skills", "contains": {"field": "conversation.skills"}}"#,
        &facts
    ));
    assert!(!holds(
        r#"{"field": "conversation.skills", "contains": {"field": "representative.skills"}}"#,
        &facts
    ));
    assert!(holds(r#"{"field": "contact.tags", "contains": "vip"}"#, &facts));
    assert!(holds(r#"{"field": "contact.tags", "contains": "Old"}"#, &facts));
}

#[test]
fn the_defaults_of_a_workstream_can_be_written_as_assignment_conditions() {
    // The documented sample of reference section 16.5.
    let sample = r#"{"all": [
        {"field": "representative.skills_match", "equals": true},
        {"field": "representative.presence", "in": {"field": "conversation.allowed_presences"}},
        {"field": "representative.free_capacity", "at_least": {"field": "conversation.cost"}}
    ]}"#;
    let facts = Table::default()
        .with("representative.skills_match", Value::Boolean(true))
        .with("representative.presence", Value::Reference(thing(Thing::Presence, 2)))
        .with("conversation.allowed_presences", Value::References([thing(Thing::Presence, 2)].into()))
        .with("representative.free_capacity", number(30))
        .with("conversation.cost", number(30));
    assert!(holds(sample, &facts));
    assert!(!holds(sample, &facts.clone().with("representative.free_capacity", number(29))));
    assert!(!holds(
        sample,
        &facts.with("conversation.allowed_presences", Value::References(BTreeSet::new()))
    ));
}

#[test]
fn working_now_is_answered_by_the_facts() {
    let mut facts = Table::default();
    facts.open.insert(thing(Thing::OperatingHours, 1));
    let fixed = |number| alloc::format!(r#"{{"working_now": "{}"}}"#, id(number));
    assert!(holds(&fixed(1), &facts));
    assert!(!holds(&fixed(2), &facts));
    let own = r#"{"working_now": {"field": "representative.hours"}}"#;
    assert!(!holds(own, &facts));
    let facts = facts.with("representative.hours", Value::Reference(thing(Thing::OperatingHours, 1)));
    assert!(holds(own, &facts));
}

#[test]
fn an_undeclared_context_variable_is_text_and_its_name_counts_to_the_letter() {
    let facts = Table::default().with("context.Shoe size", text("XL"));
    assert!(holds(r#"{"field": "context.Shoe size", "equals": "xl"}"#, &facts));
    assert!(!holds(r#"{"field": "context.shoe size", "equals": "xl"}"#, &facts));
}

#[test]
fn what_arrives_for_a_variable_is_read_by_its_type() {
    let schema = schema();
    let read = |path: &str, text: &str| schema.read(&field(path), text);
    assert_eq!(read("context.amount", " 19.99 "), Some(Value::Number(Number::new(19.99).unwrap())));
    assert_eq!(read("context.amount", "a lot"), None);
    assert_eq!(read("context.amount", "NaN"), None);
    assert_eq!(read("context.vip", "true"), Some(Value::Boolean(true)));
    assert_eq!(read("context.topic", "sales"), Some(choice("sales")));
    assert_eq!(read("context.topic", "SALES"), None);
    assert_eq!(read("context.anything", " Words "), Some(text("Words")));
    assert_eq!(read("context.anything", " "), None);
}

#[test]
fn a_predicate_says_what_it_depends_on() {
    let depends = compile(
        r#"{"any": [{"field": "context.amount", "at_most": {"field": "representative.capacity"}},
            {"not": {"field": "conversation.waiting", "less_than": "1m"}}]}"#,
    );
    let fields: Vec<String> = depends.fields().into_iter().map(|field| alloc::format!("{field}")).collect();
    assert_eq!(fields, ["context.amount", "representative.capacity", "conversation.waiting"]);
    assert!(depends.fields().iter().any(|field| field.is_of_representative()));
    assert!(depends.fields().iter().any(|field| field.follows_the_clock()));
    assert!(!depends.asks_for_hours());
    assert!(compile(r#"{"working_now": {"field": "queue.hours"}}"#).asks_for_hours());
}
