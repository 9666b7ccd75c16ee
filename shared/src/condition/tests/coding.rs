//! How conditions are written, and read again.

use super::*;

const EVERYTHING: &str = r#"{"all":[{"field":"conversation.channel","in":["chat","sms"]},{"any":[{"field":"context.topic","equals":"billing"},{"field":"contact.city","matches":"^b"}]},{"not":{"is_set":"case.number"}},{"is_not_set":"contact.tags"},{"working_now":"00000000-0000-0000-0000-000000000001"},{"working_now":{"field":"representative.hours"}},{"field":"representative.free_capacity","at_least":{"field":"conversation.cost"}},{"field":"context.amount","between":[1,{"field":"context.limit"}]},{"field":"representative.presence","not_in":{"field":"conversation.allowed_presences"}},{"field":"context.vip","not_equals":true},{"field":"context.amount","less_than":-2.5},{"field":"context.amount","at_most":0},{"field":"context.amount","more_than":0},{"field":"contact.tags","contains":"vip"},{"field":"locale","begins_with":"de"},{"field":"contact.email","ends_with":".example"}]}"#;

#[test]
fn a_condition_is_written_as_it_was_read() {
    let condition = parse(EVERYTHING);
    assert_eq!(condition.check(&schema()), []);
    assert_eq!(serde_json::to_string(&condition).unwrap(), EVERYTHING);
}

#[test]
fn a_condition_survives_the_coding_for_machines() {
    let condition = parse(EVERYTHING);
    let bytes = postcard::to_allocvec(&condition).unwrap();
    assert_eq!(postcard::from_bytes::<Condition>(&bytes).unwrap(), condition);
    assert!(bytes.len() * 3 < EVERYTHING.len() * 2, "{} bytes", bytes.len());
}

#[test]
fn bytes_from_elsewhere_neither_overflow_the_stack_nor_take_memory() {
    // A list of a hundred thousand times "not", and a group that promises four billion children.
    let mut deep = postcard::to_allocvec(&100_000_u32).unwrap();
    deep.resize(deep.len() + 100_000, 2);
    assert!(postcard::from_bytes::<Condition>(&deep).is_err());
    let mut wide = [1, 0].to_vec();
    wide.extend(postcard::to_allocvec(&u32::MAX).unwrap());
    assert!(postcard::from_bytes::<Condition>(&wide).is_err());
    let mut two = postcard::to_allocvec(&2_u32).unwrap();
    two.extend([0, 0, 0, 0]);
    assert!(postcard::from_bytes::<Condition>(&two).is_err());
}

#[test]
fn what_is_no_condition_is_refused_with_what_to_write() {
    for (json, says) in [
        ("{}", "a condition has one of all"),
        (r#"{"field": "context.a"}"#, "or it has field and one comparison"),
        (r#"{"equals": 3}"#, "or it has field and one comparison"),
        (r#"{"all": [], "any": []}"#, "a condition has one of all"),
        (r#"{"field": "context.a", "equals": 1, "at_most": 2}"#, "one comparison"),
        (r#"{"field": "context.a", "is": 1}"#, "is is no comparison"),
        (r#"{"field": "context.a", "equals": [1]}"#, "a text, a number, true, false or"),
        (r#"{"field": "context.a", "equals": {"value": 1}}"#, "unknown field"),
        (r#"{"field": "context.a", "in": 1}"#, "a list of values"),
        (r#"{"field": "context.a", "equals": 9007199254740993}"#, "write what is longer as text"),
        ("[]", "a condition, such as"),
    ] {
        let error = serde_json::from_str::<Condition>(json).unwrap_err();
        assert!(alloc::format!("{error}").contains(says), "{json}: {error}");
    }
}

#[test]
fn keys_of_a_condition_stand_in_any_order() {
    assert_eq!(
        parse(r#"{"equals": "x", "field": "locale"}"#),
        parse(r#"{"field": "locale", "equals": "x"}"#)
    );
}

#[test]
fn every_field_is_written_by_a_path_that_names_it() {
    let declared = ["context.Any Name", "contact.tier", "representative.team", "context.a.b"].map(field);
    let families = [Field::Rating([7; 16]), Field::FreeSlots([9; 16])];
    let mut paths = BTreeSet::new();
    for field in Field::built_in().chain(declared).chain(families) {
        let path = alloc::format!("{field}");
        assert_eq!(path.parse(), Ok(field));
        assert!(paths.insert(path));
    }
    for path in [
        "",
        "locale.de",
        "context.",
        "context. a",
        "conversation.chanel",
        "weather.today",
        "contact",
        "time.",
    ] {
        assert_eq!(path.parse::<Field>(), Err(InvalidField), "{path}");
    }
    assert!(Field::context(&"é".repeat(NAME_CHARS_MAX)).is_ok());
    assert!(Field::context(&"é".repeat(NAME_CHARS_MAX + 1)).is_err());
}

#[test]
fn values_survive_both_codings() {
    for value in [
        text("x"),
        number(-3),
        Value::Number(Number::new(0.5).unwrap()),
        Value::Boolean(true),
        choice("sales"),
        Value::Reference(thing(Thing::Queue, 1)),
        Value::TimeOfDay(TimeOfDay::from_minutes(1439).unwrap()),
        Value::Texts(["a".into()].into()),
        Value::Choices([Choice("a".into())].into()),
        Value::References([thing(Thing::Skill, 1)].into()),
    ] {
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
        let bytes = postcard::to_allocvec(&value).unwrap();
        assert_eq!(postcard::from_bytes::<Value>(&bytes).unwrap(), value);
        assert_eq!(value.as_ref().to_value(), value);
    }
    assert!(serde_json::from_str::<TimeOfDay>("1440").is_err());
}
