//! What holds for every condition and all facts.

use alloc::string::ToString as _;
use alloc::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::naive::{Naive, PATTERNS};
use super::*;
use crate::time::{Span, Timestamp};

/// Fields of one type, literals of it, and some values that facts may hold.
struct Domain {
    fields: &'static [&'static str],
    literals: Vec<Literal>,
    values: Vec<Value>,
}

fn texts(list: &[&str]) -> Vec<Literal> {
    list.iter().map(|text| Literal::from(*text)).collect()
}

const TEXTS: [&str; 12] = ["a", "B", "ab", "BA ", "aab", "ß", "SS", "sS", "Ç", "σ", "Σς", "b\n"];

fn domains() -> Vec<Domain> {
    let references = |kind| (1..=2).map(|number| Value::Reference(thing(kind, number))).collect();
    let ids: Vec<String> = (1..=2).map(id).collect();
    let ids: Vec<Literal> = ids.iter().map(|id| Literal::from(id.as_str())).collect();
    let minutes = |minutes| Value::TimeOfDay(TimeOfDay::from_minutes(minutes).unwrap());
    [
        Domain {
            fields: &["contact.city", "context.free", "account.city"],
            literals: texts(&TEXTS),
            values: TEXTS.iter().chain(&["", " "]).map(|one| text(one)).collect(),
        },
        Domain {
            fields: &["context.amount", "context.limit", "representative.free_capacity"],
            literals: (-1..=3).map(Literal::from).collect(),
            values: (-2..=4).map(number).collect(),
        },
        Domain {
            fields: &["context.vip"],
            literals: [true, false].map(Literal::from).into(),
            values: [true, false].map(Value::Boolean).into(),
        },
        Domain {
            fields: &["context.topic"],
            literals: texts(&["billing", "sales", "Sales"]),
            values: ["billing", "sales", "Sales", "gone"].map(choice).into(),
        },
        Domain {
            fields: &["conversation.queue", "queue.id"],
            literals: ids.clone(),
            values: references(Thing::Queue),
        },
        Domain { fields: &["representative.presence"], literals: ids, values: references(Thing::Presence) },
        Domain {
            fields: &["contact.created", "contact.birthday"],
            literals: texts(&["2026-01-01T00:00:00Z"]),
            values: [0, 1_767_225_600_000].map(|at| Value::Moment(Timestamp::from_millis(at))).into(),
        },
        Domain {
            fields: &["conversation.waiting", "case.promised_within"],
            literals: texts(&["10m", "1h"]),
            values: [0, 600, 1_000, 3_600].map(|secs| Value::Span(Span::from_secs(secs))).into(),
        },
        Domain {
            fields: &["time.of_day", "case.closes_at"],
            literals: texts(&["09:30", "22:00"]),
            values: [0, 570, 800, 1_320, 1_400].map(minutes).into(),
        },
    ]
    .into()
}

/// A field that is a set: its path, values that facts may hold, literals of its elements, a field of an element's type.
type SetField = (&'static str, Vec<Value>, Vec<Literal>, Option<&'static str>);

fn sets() -> Vec<SetField> {
    let ids: Vec<Literal> = (1..=2).map(|number| Literal::from(id(number).as_str())).collect();
    let references = |kind| {
        [&[][..], &[1], &[2], &[1, 2]]
            .map(|ids: &[u128]| Value::References(ids.iter().map(|id| thing(kind, *id)).collect()))
            .to_vec()
    };
    let words = [&[][..], &["A"], &["ab ", "ß"]]
        .map(|words: &[&str]| Value::Texts(words.iter().map(|word| (*word).into()).collect()))
        .to_vec();
    let topics = [&[][..], &["sales"], &["billing", "Sales"]]
        .map(|names: &[&str]| Value::Choices(names.iter().map(|name| Choice((*name).into())).collect()))
        .to_vec();
    [
        ("contact.tags", words.clone(), texts(&TEXTS), Some("contact.city")),
        ("representative.languages", words, texts(&TEXTS), Some("context.free")),
        ("contact.topics", topics, texts(&["billing", "sales"]), Some("context.topic")),
        ("conversation.skills", references(Thing::Skill), ids.clone(), None),
        ("representative.skills", references(Thing::Skill), ids.clone(), None),
        ("conversation.allowed_presences", references(Thing::Presence), ids, Some("representative.presence")),
    ]
    .into()
}

fn any_field_of(paths: &'static [&'static str]) -> impl Strategy<Value = Field> {
    select(paths).prop_map(field)
}

fn operand_of(domain: &Domain) -> BoxedStrategy<Operand> {
    let literal = select(domain.literals.clone()).prop_map(Operand::Literal);
    prop_oneof![3 => literal, 1 => any_field_of(domain.fields).prop_map(Operand::Field)].boxed()
}

fn any_comparison(
    operand: BoxedStrategy<Operand>,
    choices: BoxedStrategy<Choices>,
) -> BoxedStrategy<Comparison> {
    let pattern = select(PATTERNS.map(|(pattern, _)| pattern).to_vec());
    prop_oneof![
        operand.clone().prop_map(Comparison::Equals),
        operand.clone().prop_map(Comparison::NotEquals),
        operand.clone().prop_map(Comparison::LessThan),
        operand.clone().prop_map(Comparison::AtMost),
        operand.clone().prop_map(Comparison::MoreThan),
        operand.clone().prop_map(Comparison::AtLeast),
        (operand.clone(), operand.clone()).prop_map(|(low, high)| Comparison::Between(low, high)),
        choices.clone().prop_map(Comparison::In),
        choices.prop_map(Comparison::NotIn),
        operand.clone().prop_map(Comparison::Contains),
        operand.clone().prop_map(Comparison::BeginsWith),
        operand.prop_map(Comparison::EndsWith),
        pattern.prop_map(|pattern| Comparison::Matches(pattern.into())),
    ]
    .boxed()
}

/// A comparison within one domain. Some do not fit, such as an order of texts.
fn domain_leaf() -> BoxedStrategy<Condition> {
    let leaves = domains().into_iter().map(|domain| {
        let lists = prop::collection::vec(select(domain.literals.clone()), 1..3).prop_map(Choices::Literals);
        let comparison = any_comparison(operand_of(&domain), lists.boxed());
        (any_field_of(domain.fields), comparison)
            .prop_map(|(field, comparison)| Condition::Compare(field, comparison))
            .boxed()
    });
    proptest::strategy::Union::new(leaves).boxed()
}

fn set_leaf() -> BoxedStrategy<Condition> {
    let leaves = sets().into_iter().map(|(path, _, literals, element)| {
        let one = select(literals).prop_map(Operand::Literal).boxed();
        let same = [path, "representative.skills", "representative.languages"];
        let other = select(same.to_vec()).prop_map(|path| Operand::Field(field(path)));
        let contains = prop_oneof![one, other]
            .prop_map(move |right| Condition::Compare(field(path), Comparison::Contains(right)));
        match element {
            Some(element) => prop_oneof![
                contains,
                Just(Condition::Compare(field(element), Comparison::In(Choices::Field(field(path))))),
            ]
            .boxed(),
            None => contains.boxed(),
        }
    });
    proptest::strategy::Union::new(leaves).boxed()
}

fn all_paths() -> Vec<&'static str> {
    let scalar = domains().into_iter().flat_map(|domain| domain.fields.to_vec());
    let own = ["representative.hours", "conversation.chanel", "contact.tier"];
    scalar.chain(sets().into_iter().map(|(path, ..)| path)).chain(own).collect()
}

/// A comparison of anything with anything.
fn wild_leaf() -> BoxedStrategy<Condition> {
    let literals: Vec<Literal> = domains().into_iter().flat_map(|domain| domain.literals).collect();
    let odd = [Literal::from(""), Literal::from(id(9).as_str()), Literal::from("x")];
    let literal = select(literals.into_iter().chain(odd).collect::<Vec<_>>());
    let any_field = select(all_paths())
        .prop_map(|path| serde_json::from_value::<Field>(serde_json::Value::String(path.into())).unwrap());
    let operand =
        prop_oneof![literal.clone().prop_map(Operand::Literal), any_field.clone().prop_map(Operand::Field)];
    let choices = prop_oneof![
        prop::collection::vec(literal, 0..3).prop_map(Choices::Literals),
        any_field.clone().prop_map(Choices::Field)
    ];
    let comparison = any_comparison(operand.clone().boxed(), choices.boxed());
    (any_field, comparison).prop_map(|(field, comparison)| Condition::Compare(field, comparison)).boxed()
}

fn plain_leaf() -> BoxedStrategy<Condition> {
    let paths = || select(all_paths()).prop_filter_map("it exists", |path| path.parse::<Field>().ok());
    let hours = prop_oneof![
        (1_u128..=2).prop_map(|number| Operand::from(id(number).as_str())),
        Just(Operand::Field(field("representative.hours"))),
    ];
    prop_oneof![
        paths().prop_map(Condition::IsSet),
        paths().prop_map(Condition::IsNotSet),
        hours.prop_map(Condition::WorkingNow),
    ]
    .boxed()
}

fn tree(leaf: BoxedStrategy<Condition>) -> BoxedStrategy<Condition> {
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::Any),
            inner.prop_map(|child| Condition::Not(child.into())),
        ]
    })
    .boxed()
}

/// A condition of which every leaf fits.
fn fitting() -> BoxedStrategy<Condition> {
    let leaf = prop_oneof![6 => domain_leaf(), 2 => set_leaf(), 1 => plain_leaf()];
    tree(leaf.prop_filter("it fits", |leaf| leaf.check(&schema()).is_empty()).boxed())
}

/// A condition of which no more is known than that it has the form of one.
fn wild() -> BoxedStrategy<Condition> {
    tree(prop_oneof![4 => domain_leaf(), 2 => set_leaf(), 1 => plain_leaf(), 2 => wild_leaf()].boxed())
}

/// Facts: most values fit their field, some are missing, some are of another type.
fn facts() -> impl Strategy<Value = Table> {
    let mut pools: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for domain in domains() {
        pools.extend(domain.fields.iter().map(|path| (*path, domain.values.clone())));
    }
    pools.extend(sets().into_iter().map(|(path, values, ..)| (path, values)));
    let hours = (1..=2).map(|number| Value::Reference(thing(Thing::OperatingHours, number))).collect();
    pools.push(("representative.hours", hours));
    let every: Vec<Value> = pools.iter().flat_map(|(_, values)| values.clone()).collect();
    let values: Vec<_> = pools
        .into_iter()
        .map(|(path, values)| {
            let value = prop_oneof![
                8 => select(values).prop_map(Some),
                1 => select(every.clone()).prop_map(Some),
                2 => Just(None),
            ];
            value.prop_map(move |value| value.map(|value| (field(path), value)))
        })
        .collect();
    (values, any::<bool>()).prop_map(|(values, open)| Table {
        values: values.into_iter().flatten().collect(),
        open: open.then(|| thing(Thing::OperatingHours, 1)).into_iter().collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn evaluation_equals_the_naive_evaluator(condition in fitting(), facts in facts()) {
        let schema = schema();
        let predicate = condition.compile(&schema).unwrap();
        let naive = Naive { schema: &schema, facts: &facts };
        prop_assert_eq!(Ok(predicate.holds(&facts)), naive.holds(&condition));
    }

    #[test]
    fn what_is_accepted_is_what_surprises_nobody(condition in wild(), facts in facts()) {
        let schema = schema();
        let naive = Naive { schema: &schema, facts: &facts }.holds(&condition);
        match condition.compile(&schema) {
            Ok(predicate) => prop_assert_eq!(Ok(predicate.holds(&facts)), naive),
            Err(faults) => {
                prop_assert!(naive.is_err(), "{:?}", faults);
                prop_assert_eq!(condition.check(&schema), faults);
            }
        }
    }

    #[test]
    fn an_explanation_is_there_exactly_if_the_condition_fails(condition in fitting(), facts in facts()) {
        let predicate = condition.compile(&schema()).unwrap();
        let explanation = predicate.explain(&facts);
        prop_assert_eq!(explanation.is_none(), predicate.holds(&facts));
        if let Some(explanation) = explanation {
            prop_assert!(!explanation.to_string().is_empty());
        }
    }

    #[test]
    fn conditions_survive_both_codings(condition in wild()) {
        let json = serde_json::to_string(&condition).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Condition>(&json).unwrap(), &condition);
        let bytes = postcard::to_allocvec(&condition).unwrap();
        prop_assert_eq!(&postcard::from_bytes::<Condition>(&bytes).unwrap(), &condition);
    }

    #[test]
    fn arbitrary_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(condition) = postcard::from_bytes::<Condition>(&bytes) {
            let again = postcard::to_allocvec(&condition).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Condition>(&again).unwrap(), condition);
        }
    }

    #[test]
    fn any_pattern_is_taken_or_refused_without_panic(pattern in "\\PC{0,30}", hay in "\\PC{0,30}") {
        let condition = Condition::Compare(field("context.free"), Comparison::Matches(pattern));
        if let Ok(predicate) = condition.compile(&schema()) {
            predicate.holds(&Table::default().with("context.free", text(&hay)));
        }
    }

    #[test]
    fn a_text_equals_begins_with_contains_and_ends_with_its_parts(start in "\\PC{0,8}", middle in "\\PC{1,8}", end in "\\PC{0,8}") {
        let whole = [start.as_str(), &middle, &end].concat();
        let says = |comparison: Comparison| {
            let predicate = Condition::Compare(field("context.free"), comparison).compile(&schema());
            predicate.map_or(true, |predicate| {
                predicate.holds(&Table::default().with("context.free", text(&whole)))
            })
        };
        prop_assert!(says(Comparison::Equals(whole.as_str().into())) || whole.trim().is_empty());
        if !whole.trim().is_empty() {
            prop_assert!(says(Comparison::Contains(middle.trim().into())));
            prop_assert!(says(Comparison::BeginsWith(start.trim().into())));
            prop_assert!(says(Comparison::EndsWith(end.trim().into())));
        }
    }

    #[test]
    fn numbers_survive_both_codings(number in prop::num::f64::ANY) {
        if let Ok(number) = Number::new(number) {
            let json = serde_json::to_string(&Literal::Number(number)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Literal>(&json).unwrap(), Literal::Number(number));
            let bytes = postcard::to_allocvec(&number).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Number>(&bytes).unwrap(), number);
        }
    }
}

/// Comparisons in a world so small that one condition often follows from another.
fn small() -> BoxedStrategy<Condition> {
    let number = prop_oneof![
        4 => (0..=2).prop_map(Operand::from),
        1 => Just(Operand::Field(field("context.limit"))),
    ];
    let words = || select(["a", "B", "ab", "AB", "ba"].to_vec());
    let word = words().prop_map(Operand::from);
    let numbers = prop::collection::vec((0..=2).prop_map(Literal::from), 1..3).prop_map(Choices::Literals);
    let word_list = prop::collection::vec(words().prop_map(Literal::from), 1..3).prop_map(Choices::Literals);
    let amount = any_comparison(number.boxed(), numbers.boxed())
        .prop_map(|comparison| Condition::Compare(field("context.amount"), comparison));
    let city = any_comparison(word.boxed(), word_list.boxed())
        .prop_map(|comparison| Condition::Compare(field("contact.city"), comparison));
    let times = select(["09:30", "12:00", "22:00"].to_vec());
    let time = (times.clone(), times).prop_map(|(low, high)| {
        Condition::Compare(field("time.of_day"), Comparison::Between(low.into(), high.into()))
    });
    let set = select(["context.amount", "context.limit", "contact.city"].to_vec())
        .prop_map(|path| Condition::IsSet(field(path)));
    let leaf = prop_oneof![4 => amount, 4 => city, 1 => time, 1 => set];
    tree(leaf.prop_filter("it fits", |leaf| leaf.check(&schema()).is_empty()).boxed())
}

/// Every set of facts of the small world.
fn small_world() -> Vec<Table> {
    let mut world = [Table::default()].to_vec();
    let half = |halves: i32| Value::Number(Number::new(f64::from(halves) / 2.0).unwrap());
    let mut vary = |path: &str, values: &[Value]| {
        let with =
            |table: &Table| values.iter().map(|value| table.clone().with(path, value.clone())).collect();
        let varied: Vec<Vec<Table>> = world.iter().map(with).collect();
        world.extend(varied.into_iter().flatten());
    };
    vary("context.amount", &[-1, 0, 1, 2, 3, 4, 5].map(half));
    vary("context.limit", &[0, 4].map(half));
    vary("contact.city", &["a", "A", "b", "B", "ab", "aB", "ba", "bab", "c"].map(text));
    vary(
        "time.of_day",
        &[0, 570, 800, 1_400].map(|at| Value::TimeOfDay(TimeOfDay::from_minutes(at).unwrap())),
    );
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_facts_contradict_an_implication(given in small(), then in small()) {
        let (given, then) = (given.compile(&schema()).unwrap(), then.compile(&schema()).unwrap());
        let (implied, always, never) = (given.implies(&then), given.is_always_true(), given.is_never_true());
        if implied || always || never {
            for facts in small_world() {
                let (one, other) = (given.holds(&facts), then.holds(&facts));
                prop_assert!(!implied || !one || other, "{:?}", facts);
                prop_assert!((one || !always) && (!one || !never), "{:?}", facts);
            }
        }
    }

    #[test]
    fn a_condition_implies_itself_and_what_is_wider(condition in small(), other in small()) {
        let schema = schema();
        let compiled = |condition: Condition| condition.compile(&schema).unwrap();
        let predicate = compiled(condition.clone());
        prop_assert!(predicate.implies(&predicate));
        let wider = compiled(Condition::Any([other.clone(), condition.clone()].into()));
        let narrower = compiled(Condition::All([other, condition].into()));
        prop_assert!(predicate.implies(&wider));
        prop_assert!(narrower.implies(&predicate));
    }

    #[test]
    fn an_unreachable_rule_is_never_reached(rules in prop::collection::vec(small(), 1..5)) {
        let rules: Vec<Predicate> = rules.iter().map(|rule| rule.compile(&schema()).unwrap()).collect();
        let unreachable = unreachable(&rules);
        if !unreachable.is_empty() {
            for facts in small_world() {
                let first = rules.iter().position(|rule| rule.holds(&facts));
                prop_assert!(unreachable.iter().all(|found| Some(found.rule) != first), "{:?}", facts);
            }
        }
    }
}
