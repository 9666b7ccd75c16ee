//! What is refused on save, with the path of the node and what to do.

use super::*;

/// Holds that there is exactly one fault, at this path, whose sentence has these words.
#[track_caller]
fn one_fault(json: &str, path: &str, words: &str) {
    let faults = faults(json);
    assert_eq!(faults.len(), 1, "{json}: {faults:?}");
    assert_eq!(faults[0].0, path, "{json}");
    assert!(faults[0].1.contains(words), "{json}: {}", faults[0].1);
    assert!(faults[0].1.ends_with('.'), "{json}: {}", faults[0].1);
}

#[test]
fn an_unknown_field_is_named_with_those_that_there_are() {
    one_fault(r#"{"is_set": "conversation.chanel"}"#, "is_set", "conversation.channel");
    one_fault(r#"{"all": [{"all": []}, {"is_set": "weather.today"}]}"#, "all[1].is_set", "Declare it");
    one_fault(r#"{"field": "contact.tier", "equals": "gold"}"#, "field", "There is no field contact.tier");
    one_fault(
        r#"{"field": "contact.city", "equals": {"field": "account.town"}}"#,
        "equals.field",
        "There is no field account.town",
    );
}

#[test]
fn a_representative_is_not_known_before_one_is_looked_at() {
    let condition = parse(r#"{"not": {"is_set": "representative.name"}}"#);
    assert_eq!(condition.check(&schema()), []);
    let faults = condition.check(&Schema::of_items());
    assert_eq!(faults[0].path, "not.is_set");
    assert!(faults[0].message.contains("before a representative is looked at"));
}

#[test]
fn values_of_another_type_are_refused() {
    for (json, path, words) in [
        (r#"{"field": "contact.city", "equals": 3}"#, "equals", "quotation marks"),
        (r#"{"field": "context.amount", "at_most": "3"}"#, "at_most", "Write a number"),
        (r#"{"field": "context.vip", "equals": "yes"}"#, "equals", "true or false"),
        (r#"{"field": "context.topic", "in": ["sales", "SALES"]}"#, "in[1]", "Sales, billing, sales"),
        (r#"{"field": "conversation.queue", "equals": "sales"}"#, "equals", "no such queue"),
        (r#"{"field": "contact.created", "less_than": "yesterday"}"#, "less_than", "offset from UTC"),
        (
            r#"{"field": "contact.created", "less_than": "1969-12-31T00:00:00Z"}"#,
            "less_than",
            "offset from UTC",
        ),
        (r#"{"field": "conversation.waiting", "at_least": 10}"#, "at_least", "\"90s\""),
        (r#"{"field": "conversation.waiting", "at_least": "10"}"#, "at_least", "\"90s\""),
        (r#"{"field": "conversation.waiting", "at_least": "99999999999d"}"#, "at_least", "\"90s\""),
        (r#"{"field": "time.of_day", "between": ["9:30", "10:00"]}"#, "between[0]", "\"00:00\" to \"23:59\""),
        (r#"{"field": "time.of_day", "equals": "24:00"}"#, "equals", "\"23:59\""),
        (r#"{"field": "contact.city", "equals": " "}"#, "equals", "is_not_set"),
        (r#"{"working_now": "x"}"#, "working_now", "no such operating hours"),
    ] {
        one_fault(json, path, words);
    }
    let long = "x".repeat(4_001);
    one_fault(&alloc::format!(r#"{{"field": "locale", "equals": "{long}"}}"#), "equals", "4,000");
}

#[test]
fn fields_of_different_types_are_not_compared() {
    for (json, path, words) in [
        (r#"{"field": "contact.city", "equals": {"field": "context.amount"}}"#, "equals.field", "same type"),
        (r#"{"field": "context.topic", "equals": {"field": "time.weekday"}}"#, "equals.field", "in common"),
        (
            r#"{"field": "conversation.queue", "equals": {"field": "conversation.workstream"}}"#,
            "equals.field",
            "This field is a workstream, but what it is compared with is a queue",
        ),
        (r#"{"field": "contact.city", "in": {"field": "contact.name"}}"#, "in", "Use equals"),
        (r#"{"field": "contact.city", "in": {"field": "conversation.skills"}}"#, "in", "same type"),
        (
            r#"{"field": "contact.tags", "contains": {"field": "conversation.skills"}}"#,
            "contains.field",
            "same type",
        ),
        (r#"{"working_now": {"field": "conversation.queue"}}"#, "working_now.field", "same type"),
    ] {
        one_fault(json, path, words);
    }
}

#[test]
fn a_comparison_fits_the_type_of_its_field() {
    for (json, path, words) in [
        (r#"{"field": "contact.city", "less_than": "x"}"#, "less_than", "has no order"),
        (r#"{"field": "context.vip", "between": [false, true]}"#, "between", "has no order"),
        (r#"{"field": "context.topic", "at_most": "sales"}"#, "at_most", "has no order"),
        (r#"{"field": "contact.tags", "equals": "x"}"#, "equals", "Use contains"),
        (r#"{"field": "contact.tags", "in": ["x"]}"#, "in", "several values"),
        (r#"{"field": "contact.tags", "begins_with": "x"}"#, "begins_with", "not a text"),
        (r#"{"field": "context.amount", "contains": 3}"#, "contains", "Only a text or a set"),
        (r#"{"field": "context.topic", "matches": "x"}"#, "matches", "not a text"),
    ] {
        one_fault(json, path, words);
    }
}

#[test]
fn an_empty_list_and_an_upside_down_between_are_refused() {
    one_fault(r#"{"field": "contact.city", "in": []}"#, "in", "at least one value");
    one_fault(r#"{"not": {"field": "context.amount", "between": [2, 1]}}"#, "not.between", "Exchange them");
    assert_eq!(faults(r#"{"field": "context.amount", "between": [1, 1]}"#), []);
    let long = ["\"x\""; VALUES_MAX + 1].join(",");
    one_fault(&alloc::format!(r#"{{"field": "locale", "in": [{long}]}}"#), "in", "at most 200");
}

#[test]
fn a_pattern_is_bounded() {
    let pattern =
        |pattern: &str| alloc::format!(r#"{{"all": [{{"field": "locale", "matches": "{pattern}"}}]}}"#);
    one_fault(&pattern("(a"), "all[0].matches", "unclosed group");
    one_fault(&pattern(""), "all[0].matches", "is_set");
    one_fault(&pattern("(((a{100}){100}){100})"), "all[0].matches", "repeats too much");
    one_fault(&pattern("\\\\w{500}"), "all[0].matches", "repeats too much");
    one_fault(&pattern("(a)\\\\1"), "all[0].matches", "backreferences are not supported");
    one_fault(&pattern(&"a".repeat(PATTERN_CHARS_MAX + 1)), "all[0].matches", "at most 500");
    one_fault(&pattern(&["(".repeat(40), ")".repeat(40)].concat()), "all[0].matches", "nested parentheses");
    for good in ["\\\\b\\\\w+@\\\\w+\\\\.com$", "[\\\\w-]+(\\\\s+\\\\w+){1,3}", "^\\\\+41\\\\d{9}$", "größe"]
    {
        assert_eq!(faults(&pattern(good)), [], "{good}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let nested =
        |depth: usize| ["{\"not\":".repeat(depth), "{\"all\":[]}".into(), "}".repeat(depth)].concat();
    assert_eq!(faults(&nested(DEPTH_MAX)), []);
    one_fault(&nested(DEPTH_MAX + 1), &["not"; DEPTH_MAX + 1].join("."), "at most 12 levels");
    let wide = |count: usize| alloc::format!("{{\"all\":[{}]}}", ["{\"all\":[]}"].repeat(count).join(","));
    assert_eq!(faults(&wide(NODES_MAX - 1)), []);
    one_fault(&wide(NODES_MAX), "", "201 nodes");
    one_fault(&wide(5_000), "", "5001 nodes");
}

#[test]
fn every_fault_is_told_at_once() {
    let paths: Vec<String> = faults(
        r#"{"any": [{"is_set": "contact.x"}, {"field": "contact.city", "in": ["", 3]},
            {"not": {"field": "contact.city", "matches": "["}}]}"#,
    )
    .into_iter()
    .map(|(path, _)| path)
    .collect();
    assert_eq!(paths, ["any[0].is_set", "any[1].in[0]", "any[1].in[1]", "any[2].not.matches"]);
}

#[test]
fn only_what_is_not_there_yet_can_be_declared() {
    let mut schema = schema();
    assert_eq!(schema.declare(field("contact.city"), FieldType::Number), Err(AlreadyThere));
    assert_eq!(schema.declare(field("context.amount"), FieldType::Text), Err(AlreadyThere));
    assert_eq!(schema.declare(field("context.new"), FieldType::Text), Ok(()));
}
