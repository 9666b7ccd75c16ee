//! How work comes in: variables, classification, route to queue, overflow, order within a queue (reference sections 11, 14,
//! 16.4 and 19).

use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use super::house::{
    House, a_queue, a_workstream, arrival, comes_by, conversation, line, queue, rated, rating_model,
    representative, skill,
};
use crate::condition::{Comparison, Condition, Field, Value};
use crate::conversation::Notice;
use crate::form::Answer;
use crate::hours::OperatingHours;
use crate::id::ConversationId;
use crate::protocol::live::EndedBy;
use crate::routing::{Activity, Arrival, Command, Effect, Rejection};
use crate::settings::{
    Bucket, BucketOrder, ChannelClass, ClassificationRule, Limit, LongWait, Method, Outcome, Overflow,
    OverflowAction, OverflowCause, Queue, RatingLevel, RatingModel, Route, Ruleset, Settings, Share, Skill,
    SkillMatching, Units, Variable, VariableKind,
};
use crate::time::{Span, Timestamp};

fn context(name: &str, value: &str) -> Answer {
    Answer { name: name.into(), value: value.into() }
}

fn when(field: &str, comparison: Comparison) -> Condition {
    Condition::Compare(field.parse().unwrap(), comparison)
}

fn equals(field: &str, value: &str) -> Condition {
    when(field, Comparison::Equals(value.into()))
}

fn rule(when: Condition, then: Outcome) -> ClassificationRule {
    ClassificationRule { name: line("Rule"), when, then: vec![then] }
}

fn ruleset(rules: Vec<ClassificationRule>) -> Ruleset {
    Ruleset { name: line("Ruleset"), rules }
}

fn variable(name: &str, value: &str) -> Outcome {
    Outcome::Variable { name: crate::condition::Name::new(name).unwrap(), value: value.into() }
}

fn to(number: u8, when: Condition) -> Route {
    Route::to(queue(number), line("Route"), when)
}

/// Three queues of which everybody serves all; nothing goes to the third unless a rule says so.
fn three(settings: &mut Settings) {
    settings.queues.push(a_queue(3, 30, &[1, 2, 3]));
    settings.workstreams[0].routes.clear();
}

/// In which queue the conversation waits.
fn place(house: &House, item: ConversationId) -> Option<u8> {
    let view = house.work(1).into_iter().find(|view| view.conversation == item)?;
    (1..=3).find(|&number| queue(number) == view.queue)
}

fn arrives(house: &mut House, number: u8, context: Vec<Answer>) -> Option<u8> {
    let command = Command::Arrive(Arrival { context, ..arrival(number, 1, "") });
    house.later(Span::from_millis(1)).does(command);
    place(house, conversation(number))
}

#[test]
fn what_a_ruleset_sets_is_seen_by_the_next_and_by_the_routes() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.workstreams[0].classification = vec![
            ruleset(vec![rule(equals("context.tier", "gold"), variable("urgent", "yes"))]),
            ruleset(vec![rule(equals("context.urgent", "yes"), variable("desk", "first"))]),
        ];
        settings.workstreams[0].routes = vec![to(3, equals("context.desk", "first"))];
    });
    assert_eq!(arrives(&mut house, 1, vec![context("tier", "gold")]), Some(3));
    assert_eq!(arrives(&mut house, 2, vec![context("tier", "iron")]), Some(2));
}

#[test]
fn in_a_ruleset_the_first_rule_that_matches_is_applied_alone() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.workstreams[0].classification = vec![ruleset(vec![
            rule(equals("context.a", "1"), variable("desk", "first")),
            rule(Condition::default(), variable("desk", "second")),
        ])];
        settings.workstreams[0].routes =
            vec![to(3, equals("context.desk", "first")), to(1, equals("context.desk", "second"))];
    });
    assert_eq!(arrives(&mut house, 1, vec![context("a", "1")]), Some(3));
    assert_eq!(arrives(&mut house, 2, vec![]), Some(1));
}

#[test]
fn a_declared_variable_is_read_by_its_type_and_an_undeclared_one_is_text() {
    let mut house = House::with(|settings| {
        three(settings);
        let declare = |name: &str, kind| Variable {
            name: crate::condition::Name::new(name).unwrap(),
            kind,
            displayable: false,
        };
        settings.workstreams[0].variables = vec![
            declare("spent", VariableKind::Number),
            declare("member", VariableKind::Boolean),
            declare("size", VariableKind::Options(["S".to_string(), "L".to_string()].into())),
        ];
        let more = Comparison::AtLeast(100_i32.into());
        settings.workstreams[0].routes = vec![
            to(3, when("context.spent", more)),
            to(1, when("context.member", Comparison::Equals(true.into()))),
            to(3, equals("context.size", "L")),
            to(1, equals("context.word", "Blue")),
        ];
    });
    assert_eq!(arrives(&mut house, 1, vec![context("spent", " 100.5 ")]), Some(3));
    assert_eq!(arrives(&mut house, 2, vec![context("spent", "99")]), Some(2));
    assert_eq!(arrives(&mut house, 3, vec![context("spent", "much")]), Some(2), "not a number: not set");
    assert_eq!(arrives(&mut house, 4, vec![context("member", "true")]), Some(1));
    assert_eq!(arrives(&mut house, 5, vec![context("size", "L")]), Some(3));
    assert_eq!(arrives(&mut house, 6, vec![context("size", "XL")]), Some(2));
    assert_eq!(arrives(&mut house, 7, vec![context("word", "blue ")]), Some(1));
}

#[test]
fn context_counts_before_an_answer_of_the_same_name() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.workstreams[0].routes = vec![to(3, equals("context.topic", "page"))];
    });
    let both = Arrival { context: vec![context("topic", "page")], ..arrival(1, 1, "form") };
    house.does(Command::Arrive(both));
    assert_eq!(place(&house, conversation(1)), Some(3));
}

#[test]
fn more_than_a_hundred_variables_are_left_out() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.workstreams[0].routes =
            vec![to(1, equals("context.v100", "x")), to(3, equals("context.v099", "x"))];
    });
    let mut arrives = |number, from: u32| {
        let context = (from..=100).map(|place| context(&std::format!("v{place:03}"), "x")).collect();
        house.does(Command::Arrive(Arrival { answers: vec![], context, ..arrival(number, 1, "") }));
        place(&house, conversation(number))
    };
    assert_eq!(arrives(1, 0), Some(3), "v099 is the hundredth");
    assert_eq!(arrives(2, 100), Some(1));
}

#[test]
fn rules_see_the_customers_records_the_channel_and_the_locale() {
    let mut house = House::with(|settings| {
        three(settings);
        comes_by(settings, ChannelClass::Asynchronous);
        settings.workstreams[0].routes = vec![
            to(
                3,
                Condition::All(vec![
                    equals("contact.city", "Basel"),
                    equals("conversation.channel", "sms"),
                    equals("conversation.mode", "asynchronous"),
                ]),
            ),
            to(1, when("locale", Comparison::BeginsWith("fr".into()))),
        ];
    });
    let mut arrives = |number, field: &str, value: &str| {
        let facts = vec![(field.parse::<Field>().unwrap(), Value::Text(value.into()))];
        house.does(Command::Arrive(Arrival { facts, ..arrival(number, 1, "") }));
        place(&house, conversation(number))
    };
    assert_eq!(arrives(1, "contact.city", "basel"), Some(3));
    assert_eq!(arrives(2, "locale", "fr-CH"), Some(1));
    assert_eq!(arrives(3, "locale", "de-CH"), Some(2));
}

#[test]
fn a_split_sends_each_share_its_part_and_the_same_item_always_to_the_same_queue() {
    let split = |settings: &mut Settings| {
        three(settings);
        let shares =
            [(1, 20), (2, 30), (3, 50)].map(|(number, percent)| Share { queue: queue(number), percent });
        settings.workstreams[0].routes = vec![Route { queues: shares.into(), ..to(1, Condition::default()) }];
    };
    let mut counts = [0; 4];
    let (mut house, mut again) = (House::with(split), House::with(split));
    for number in 0..=255 {
        let place = arrives(&mut house, number, vec![]);
        assert_eq!(arrives(&mut again, number, vec![]), place);
        counts[usize::from(place.unwrap())] += 1;
    }
    // Of 256: 51, 77 and 128, give or take three standard deviations.
    assert!(
        (32..71).contains(&counts[1]) && (55..99).contains(&counts[2]) && (104..152).contains(&counts[3]),
        "{counts:?}"
    );
}

fn full(at: u32, action: OverflowAction) -> Overflow {
    Overflow { when: OverflowCause::ItemsWaiting(at), action }
}

#[test]
fn the_first_matching_route_whose_queue_does_not_overflow_counts() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[0].overflow = vec![full(1, OverflowAction::End)];
        settings.workstreams[0].routes = vec![to(1, Condition::default()), to(3, Condition::default())];
    });
    assert_eq!(arrives(&mut house, 1, vec![]), Some(1));
    assert_eq!(arrives(&mut house, 2, vec![]), Some(3), "one waits in the first already");
    house.customer_leaves(1);
    assert_eq!(arrives(&mut house, 3, vec![]), Some(1), "the count is exact");
}

#[test]
fn the_fallback_never_overflows() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[1].overflow = vec![full(1, OverflowAction::End)];
    });
    assert_eq!(arrives(&mut house, 1, vec![]), Some(2));
    assert_eq!(arrives(&mut house, 2, vec![]), Some(2));
}

#[test]
fn when_every_matching_queue_overflows_its_action_is_taken() {
    for (action, expected) in [
        (OverflowAction::AssignAnyway, Some(1)),
        (OverflowAction::Transfer(vec![queue(2), queue(3)]), Some(3)),
        (OverflowAction::End, None),
    ] {
        let mut house = House::with(|settings| {
            three(settings);
            settings.queues[0].overflow = vec![full(1, action.clone())];
            settings.workstreams[0].routes =
                vec![to(1, equals("context.to", "1")), to(2, equals("context.to", "2"))];
        });
        arrives(&mut house, 1, vec![context("to", "1")]);
        arrives(&mut house, 2, vec![context("to", "2")]);
        assert_eq!(arrives(&mut house, 3, vec![context("to", "1")]), expected, "{action:?}");
        let ended = house.notices(3).contains(&Notice::Ended { by: EndedBy::System });
        assert_eq!((ended, house.closed(3)), (expected.is_none(), expected.is_none()));
    }
}

#[test]
fn a_route_can_say_what_overflow_does_instead_of_the_queue() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[0].overflow = vec![full(1, OverflowAction::End)];
        let overflow = Some(OverflowAction::AssignAnyway);
        settings.workstreams[0].routes = vec![Route { overflow, ..to(1, Condition::default()) }];
    });
    arrives(&mut house, 1, vec![]);
    assert_eq!(arrives(&mut house, 2, vec![]), Some(1));
}

#[test]
fn a_target_of_overflow_that_overflows_itself_is_passed_over() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[0].overflow = vec![full(1, OverflowAction::Transfer(vec![queue(3)]))];
        settings.queues[2].overflow = vec![full(1, OverflowAction::End)];
        settings.workstreams[0].routes = vec![to(1, Condition::default())];
    });
    let places = [1, 2, 3].map(|number| arrives(&mut house, number, vec![]));
    assert_eq!(places, [Some(1), Some(3), Some(1)]);
}

/// Hours that are open on weekdays from 9 to 17 in Berlin; `house.now` is moved to a Thursday, 1 January 2026, 00:00 UTC.
pub(super) fn hours(settings: &mut Settings) -> OperatingHours {
    let text = r#"{"id": "00000000-0000-0000-0000-00000000aaaa", "name": "Office", "time_zone": "Europe/Berlin",
        "week": {"mon-fri": ["09:00-17:00"]}}"#;
    let hours: OperatingHours = serde_json::from_str(text).unwrap();
    settings.hours.push(hours.clone());
    hours
}

pub(super) const MIDNIGHT: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[test]
fn closed_hours_are_looked_at_before_other_overflow_and_open_ones_let_work_in() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[0].hours = Some(hours(settings).id);
        settings.queues[0].overflow = vec![
            full(1, OverflowAction::AssignAnyway),
            Overflow { when: OverflowCause::OutOfHours, action: OverflowAction::Transfer(vec![queue(3)]) },
        ];
        settings.workstreams[0].routes = vec![to(1, Condition::default())];
    });
    house.now = MIDNIGHT;
    assert_eq!(arrives(&mut house, 1, vec![]), Some(3), "one o'clock at night in Berlin");
    house.later(Span::from_secs(8 * 3_600));
    assert_eq!(arrives(&mut house, 2, vec![]), Some(1), "nine o'clock");
    house.later(Span::from_secs(8 * 3_600));
    assert_eq!(arrives(&mut house, 3, vec![]), Some(3), "five o'clock");
}

#[test]
fn when_every_matching_queue_overflows_one_that_is_open_comes_before_one_that_is_closed() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[0].hours = Some(hours(settings).id);
        settings.queues[0].overflow =
            vec![Overflow { when: OverflowCause::OutOfHours, action: OverflowAction::End }];
        settings.queues[2].overflow = vec![full(1, OverflowAction::AssignAnyway)];
        settings.workstreams[0].routes = vec![to(1, Condition::default()), to(3, Condition::default())];
    });
    house.now = MIDNIGHT;
    assert_eq!(arrives(&mut house, 1, vec![]), Some(3));
    assert_eq!(arrives(&mut house, 2, vec![]), Some(3), "nobody is cut off while a queue serves");
}

#[test]
fn a_queue_that_is_full_and_closed_is_none_that_is_open() {
    let mut house = House::with(|settings| {
        three(settings);
        // Nothing is said of work that comes out of hours.
        settings.queues[0].hours = Some(hours(settings).id);
        settings.queues[0].overflow = vec![full(1, OverflowAction::End)];
        settings.queues[2].overflow = vec![full(1, OverflowAction::AssignAnyway)];
        settings.workstreams[0].routes = vec![to(1, Condition::default()), to(3, Condition::default())];
    });
    house.now = MIDNIGHT;
    let places = [1, 2, 3].map(|number| arrives(&mut house, number, vec![]));
    assert_eq!(places, [Some(1), Some(3), Some(3)]);
}

#[test]
fn without_a_rule_for_closed_hours_work_enters_a_closed_queue() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[0].hours = Some(hours(settings).id);
        settings.workstreams[0].routes = vec![to(1, Condition::default())];
    });
    house.now = MIDNIGHT;
    assert_eq!(arrives(&mut house, 1, vec![]), Some(1));
}

#[test]
fn overflow_can_ask_anything_about_the_queue() {
    let nobody = when("queue.available_representatives", Comparison::Equals(0_i32.into()));
    let mut house = House::with(|settings| {
        three(settings);
        let action = OverflowAction::Transfer(vec![queue(3)]);
        settings.queues[0].overflow = vec![Overflow { when: OverflowCause::Condition(nobody), action }];
        settings.workstreams[0].routes = vec![to(1, Condition::default())];
    });
    assert_eq!(arrives(&mut house, 1, vec![]), Some(3));
    house.connect(1);
    assert_eq!(arrives(&mut house, 2, vec![]), Some(1));
}

/// Work for the first queue ends if nobody there is available.
fn ends_if_nobody_is_available(settings: &mut Settings) {
    three(settings);
    let nobody = when("queue.available_representatives", Comparison::Equals(0_i32.into()));
    let action = OverflowAction::End;
    settings.queues[0].overflow = vec![Overflow { when: OverflowCause::Condition(nobody), action }];
    settings.queues[0].members.truncate(2);
    settings.workstreams[0].routes = vec![to(1, Condition::default())];
    settings.representatives.iter_mut().for_each(|representative| representative.capacity = Units(1));
}

#[test]
fn who_is_full_is_not_available() {
    let mut house = House::with(ends_if_nobody_is_available);
    house.connect(1).connect(2);
    for item in [1, 2] {
        arrives(&mut house, item, vec![]);
        house.accept(item, item);
    }
    arrives(&mut house, 3, vec![]);
    assert!(house.closed(3), "both are full");
    house.end(2, 2).close(2, 2);
    arrives(&mut house, 4, vec![]);
    assert_eq!(house.offered_to(4), Some(2));
}

#[test]
fn who_has_a_presence_that_no_workstream_allows_is_available_only_where_rules_ask_for_none() {
    use crate::settings::{AssignmentRule, AssignmentRuleset};
    let mut house = House::with(ends_if_nobody_is_available);
    house.connect(1).choose(1, crate::settings::Presence::Away);
    arrives(&mut house, 1, vec![]);
    assert!(house.closed(1));
    house.configure(|settings| {
        let rule = AssignmentRule {
            name: line("Anybody"),
            when: Condition::default(),
            any_presence: true,
            any_skills: false,
            custom_skill: None,
            order_by: vec![],
        };
        let ruleset = AssignmentRuleset { name: line("All"), when: Condition::default(), rules: vec![rule] };
        settings.queues[0].method = Method::Custom(vec![ruleset]);
    });
    arrives(&mut house, 2, vec![]);
    assert_eq!(house.offered_to(2), Some(1));
}

#[test]
fn who_is_offered_what_is_routed_anew_is_available_for_it() {
    let mut house = House::with(ends_if_nobody_is_available);
    house.connect(1);
    arrives(&mut house, 1, vec![]);
    house.does(Command::Reclassify { conversation: conversation(1), context: vec![], skills: vec![] });
    assert_eq!(house.offered_to(1), Some(1));
}

#[test]
fn who_has_no_room_for_what_work_of_the_queue_takes_is_not_available() {
    let mut house = House::with(|settings| {
        ends_if_nobody_is_available(settings);
        settings.workstreams[0].cost = Units(2);
    });
    house.connect(1).connect(2);
    arrives(&mut house, 1, vec![]);
    assert!(house.closed(1), "one unit is not enough");
}

fn long(action: OverflowAction) -> LongWait {
    LongWait { longer_than: Span::from_secs(60), action }
}

#[test]
fn work_that_has_waited_too_long_goes_where_the_fewest_wait() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.workstreams[0].sessions.auto_close.open = Limit::Never;
        settings.queues[0].long_wait = Some(long(OverflowAction::Transfer(vec![queue(2), queue(3)])));
        settings.workstreams[0].routes =
            vec![to(1, equals("context.to", "1")), to(2, equals("context.to", "2"))];
    });
    arrives(&mut house, 1, vec![context("to", "2")]);
    arrives(&mut house, 2, vec![context("to", "1")]);
    assert_eq!(place(house.after(Span::from_millis(59_999)), conversation(2)), Some(1));
    assert_eq!(place(house.after(Span::from_millis(1)), conversation(2)), Some(3));
    assert_eq!(house.router.next_deadline(), None, "nothing limits the wait there");
}

#[test]
fn a_conversation_can_end_because_it_waited_too_long() {
    let mut house = House::with(|settings| settings.queues[1].long_wait = Some(long(OverflowAction::End)));
    house.arrive(1).after(Span::from_secs(60));
    assert!(house.closed(1));
    assert_eq!(house.notices(1), [Notice::Ended { by: EndedBy::System }]);
    let recorded = house.last.iter().any(|effect| {
        matches!(effect, Effect::Record(Activity::Overflowed { action: OverflowAction::End, .. }))
    });
    assert!(recorded);
}

#[test]
fn a_call_can_overflow_to_voicemail_callback_or_another_number() {
    for action in [
        OverflowAction::Voicemail,
        OverflowAction::Callback,
        OverflowAction::ExternalNumber(line("+41615550100")),
    ] {
        let mut house = House::with(|settings| {
            comes_by(settings, ChannelClass::Voice);
            settings.queues[1].long_wait = Some(long(action.clone()));
        });
        house.arrive(1).after(Span::from_secs(60));
        let expected = |effect: &Effect| matches!(effect, Effect::Record(Activity::Overflowed { action: done, .. }) if *done == action);
        assert!(house.last.iter().any(expected), "{action:?}");
    }
}

#[test]
fn what_waited_too_long_and_comes_back_when_its_queue_is_gone_is_routed_anew() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[0].long_wait = Some(long(OverflowAction::End));
    });
    house.connect(1).arrive_about(1, "order").accept(1, 1).later(Span::from_secs(61));
    house.configure(|settings| {
        settings.workstreams[0].routes.clear();
        settings.queues.remove(0);
    });
    house.disconnect(1).after(Span::from_millis(150_001));
    assert_eq!(place(&house, conversation(1)), Some(2));
}

#[test]
fn what_waited_too_long_and_comes_back_when_its_workstream_is_gone_stays_where_it_is() {
    let mut house = House::with(|settings| {
        settings.queues[0].long_wait = Some(long(OverflowAction::Transfer(vec![queue(2)])));
        settings.workstreams.push(a_workstream(2, 2));
    });
    house.connect(1).arrive_about(1, "order").accept(1, 1).later(Span::from_secs(61));
    house.configure(|settings| drop(settings.workstreams.remove(0)));
    house.disconnect(1).after(Span::from_millis(150_001));
    assert!(!house.closed(1));
    assert!(house.router.next_deadline().is_none_or(|due| due > house.now), "it has no wait that is over");
}

#[test]
fn what_is_offered_when_its_wait_is_over_overflows_when_it_comes_back() {
    let mut house = House::with(|settings| settings.queues[1].long_wait = Some(long(OverflowAction::End)));
    house.connect(1).arrive(1).later(Span::from_secs(59)).reject(1, 1);
    house.later(Span::from_secs(10));
    assert_eq!(house.offered_to(1), Some(1));
    house.reject(1, 1).reject(1, 1).does(Command::Tick);
    assert!(house.closed(1));
}

#[test]
fn a_bucket_is_served_before_those_after_it_and_sorted_by_what_it_says() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.representatives[0].capacity = Units(1);
        let spent = Variable {
            name: crate::condition::Name::new("spent").unwrap(),
            kind: VariableKind::Number,
            displayable: false,
        };
        settings.workstreams[0].variables = vec![spent];
        let field: Field = "context.spent".parse().unwrap();
        settings.queues[1].buckets = vec![
            Bucket { name: line("First"), when: equals("context.tier", "gold"), order_by: None },
            Bucket {
                name: line("Buyers"),
                when: Condition::IsSet(field.clone()),
                order_by: Some(BucketOrder { field, descending: true }),
            },
        ];
    });
    for (number, context) in [
        (1, vec![]),
        (2, vec![context("spent", "10")]),
        (3, vec![context("spent", "20.5")]),
        (4, vec![context("tier", "gold"), context("spent", "1")]),
        (5, vec![context("tier", "gold")]),
    ] {
        arrives(&mut house, number, context);
    }
    house.connect(1);
    let mut order = vec![];
    for _ in 0..5 {
        let item = (1..=5).find(|&item| house.offered_to(item).is_some()).unwrap();
        order.push(item);
        house.customer_leaves(item);
    }
    assert_eq!(order, [4, 5, 3, 2, 1]);
}

#[test]
fn classification_can_set_a_priority_within_the_queue() {
    let mut house = House::with(|settings| {
        settings.representatives[0].capacity = Units(1);
        settings.workstreams[0].classification =
            vec![ruleset(vec![rule(equals("context.tier", "gold"), Outcome::Priority(1))])];
    });
    arrives(&mut house, 1, vec![]);
    arrives(&mut house, 2, vec![context("tier", "gold")]);
    assert_eq!(house.connect(1).offered_to(2), Some(1));
}

fn with_a_skill(settings: &mut Settings) {
    let levels = (1..=5).map(|value| RatingLevel { name: line("Level"), value }).collect();
    settings.rating_models = vec![RatingModel { id: rating_model(1), name: line("Five"), levels }];
    settings.skills = vec![Skill { id: skill(1), name: line("French"), sort: None, model: rating_model(1) }];
    settings.representatives[0].skills = vec![rated(1, 2)];
    settings.representatives[1].skills = vec![rated(1, 4)];
}

#[test]
fn classification_can_require_a_skill_and_rerouting_can_add_one() {
    let mut house = House::with(|settings| {
        with_a_skill(settings);
        settings.workstreams[0].classification =
            vec![ruleset(vec![rule(equals("context.language", "fr"), Outcome::Skill(rated(1, 2)))])];
    });
    house.connect(3);
    arrives(&mut house, 1, vec![context("language", "fr")]);
    assert_eq!(house.offered_to(1), None, "she does not speak it");
    assert_eq!(house.connect(1).offered_to(1), Some(1));
    let (conversation, context) = (conversation(1), vec![]);
    house.does(Command::Reclassify { conversation, context, skills: vec![rated(1, 3)] });
    assert_eq!(house.offered_to(1), None, "he does not speak it well enough");
    assert_eq!(house.connect(2).offered_to(1), Some(2));
}

#[test]
fn routing_again_adds_to_the_skills_that_were_found_before() {
    let mut house = House::with(|settings| {
        with_a_skill(settings);
        settings.skills.push(Skill { id: skill(2), name: line("Senior"), ..settings.skills[0].clone() });
        settings.representatives[2].skills = vec![rated(1, 2), rated(2, 2)];
        settings.representatives[0].skills = vec![rated(2, 2)];
        let senior = rule(equals("context.escalated", "yes"), Outcome::Skill(rated(2, 2)));
        let french = rule(equals("context.language", "fr"), Outcome::Skill(rated(1, 2)));
        settings.workstreams[0].classification = vec![ruleset(vec![senior, french])];
    });
    arrives(&mut house, 1, vec![context("language", "fr")]);
    house.connect(1);
    let (conversation, context) = (conversation(1), vec![context("escalated", "yes")]);
    house.does(Command::Reclassify { conversation, context, skills: vec![rated(1, 1)] });
    assert_eq!(house.offered_to(1), None, "it asks for French still, and for no less of it");
    house.configure(|settings| settings.organisation = "Another name".into());
    assert_eq!(house.offered_to(1), None, "under new settings too");
    assert_eq!(house.connect(3).offered_to(1), Some(3));
}

#[test]
fn closest_prefers_exactly_right_then_more_then_less() {
    for (levels, best) in [([5, 3, 1], 2), ([5, 2, 1], 1), ([4, 5, 1], 1), ([1, 2, 1], 2)] {
        let mut house = House::with(|settings| {
            with_a_skill(settings);
            for (representative, level) in settings.representatives.iter_mut().zip(levels) {
                representative.skills = vec![rated(1, level)];
            }
            settings.workstreams[0].skill_matching = SkillMatching::Closest;
        });
        house.connect(1).connect(2).connect(3);
        house.does(Command::Arrive(Arrival { skills: vec![rated(1, 3)], ..arrival(1, 1, "") }));
        assert_eq!(house.offered_to(1), Some(best), "{levels:?}");
    }
}

#[test]
fn what_becomes_known_about_waiting_work_routes_it_anew() {
    let mut house = House::with(|settings| {
        three(settings);
        settings.workstreams[0].routes = vec![to(3, equals("context.tier", "gold"))];
    });
    assert_eq!(arrives(&mut house, 1, vec![]), Some(2));
    let more = |item| Command::Reclassify {
        conversation: conversation(item),
        context: vec![context("tier", "gold")],
        skills: vec![],
    };
    house.does(more(1)).refuses(more(2), Rejection::UnknownConversation);
    assert_eq!(place(&house, conversation(1)), Some(3));
}

/// The first queue ends what comes when one waits there already; what is gold is for it.
fn full_of_gold() -> House {
    let mut house = House::with(|settings| {
        three(settings);
        settings.queues[0].overflow = vec![full(1, OverflowAction::End)];
        settings.workstreams[0].routes = vec![to(1, equals("context.tier", "gold"))];
    });
    arrives(&mut house, 9, vec![context("tier", "gold")]);
    house
}

fn becomes(item: u8, tier: &str) -> Command {
    let context = vec![context("tier", tier)];
    Command::Reclassify { conversation: conversation(item), context, skills: vec![] }
}

#[test]
fn overflow_ends_what_a_bot_hands_over_and_later_nobody_who_waits() {
    let mut house = full_of_gold();
    arrives(&mut house, 1, vec![]);
    assert!(house.does(becomes(1, "gold")).closed(1), "at the first escalation");
    arrives(&mut house, 2, vec![]);
    house.does(becomes(2, "iron")).does(becomes(2, "gold"));
    assert_eq!((house.closed(2), place(&house, conversation(2))), (false, Some(1)));
}

#[test]
fn overflow_ends_nobody_whom_somebody_has_had() {
    let mut house = full_of_gold();
    house.connect(2);
    house.choose(2, crate::settings::Presence::Away);
    arrives(&mut house, 1, vec![]);
    house.pick(2, 1).does(super::desk::release(2, 1)).does(becomes(1, "gold"));
    assert_eq!(place(&house, conversation(1)), Some(1));
}

#[test]
fn new_rules_count_for_work_that_waits() {
    let mut house = House::new();
    arrives(&mut house, 1, vec![]);
    arrives(&mut house, 2, vec![context("tier", "gold")]);
    house.configure(|settings| {
        settings.representatives[0].capacity = Units(1);
        settings.workstreams[0].classification =
            vec![ruleset(vec![rule(equals("context.tier", "gold"), Outcome::Priority(1))])];
    });
    assert_eq!(house.connect(1).offered_to(2), Some(1));
}

#[test]
fn everybody_serves_a_default_queue_and_it_stands_in_for_a_fallback() {
    let mut house = House::with(|settings| {
        settings.queues.push(Queue { default: true, ..a_queue(3, 1, &[]) });
        settings.workstreams[0].fallback = queue(3);
    });
    assert_eq!(house.connect(2).arrive(1).offered_to(1), Some(2));
}

#[test]
fn least_active_prefers_whoever_released_capacity_the_longest_ago() {
    let mut house = House::with(|settings| settings.queues[1].method = Method::LeastActive);
    house.connect(1).connect(2);
    house.arrive(1).arrive(2);
    assert_eq!((house.offered_to(1), house.offered_to(2)), (Some(1), Some(2)));
    house.accept(1, 1).accept(2, 2);
    house.later(Span::from_secs(1)).end(2, 2).close(2, 2);
    house.later(Span::from_secs(1)).end(1, 1).close(1, 1);
    assert_eq!(house.arrive(3).offered_to(3), Some(2));
    house.connect(3);
    assert_eq!(house.arrive(4).offered_to(4), Some(3), "whoever has just signed in is the least active");
}

#[test]
fn round_robin_goes_by_the_queue_and_survives_signing_out() {
    let mut house = House::with(|settings| {
        settings.queues[1].method = Method::RoundRobin;
        settings.queues[1].members = [3, 1, 2].map(representative).into();
    });
    house.connect(1).connect(2).connect(3);
    let mut serves = |item: u8, topic: &str| {
        house.arrive_about(item, topic);
        let who = house.offered_to(item).unwrap();
        house.accept(who, item).end(who, item).close(who, item);
        house.sign_out(who).connect(who);
        who
    };
    assert_eq!([1, 2, 3].map(|item| serves(item, "other")), [3, 1, 2], "first as the members are listed");
    serves(4, "order");
    assert_eq!([5, 6].map(|item| serves(item, "other")), [3, 1], "work of another queue does not count");
}

#[test]
fn who_works_now_is_found_when_their_hours_begin() {
    use crate::condition::Operand;
    use crate::settings::{AssignmentRule, AssignmentRuleset};
    let mut house = House::with(|settings| {
        settings.workstreams[0].sessions.auto_close.open = Limit::Never;
        let office = hours(settings).id;
        settings.representatives[0].hours = Some(office);
        let when = Condition::WorkingNow(Operand::Field("representative.hours".parse().unwrap()));
        let rule = AssignmentRule {
            name: line("At work"),
            when,
            any_presence: false,
            any_skills: false,
            custom_skill: None,
            order_by: vec![],
        };
        let ruleset = AssignmentRuleset { name: line("All"), when: Condition::default(), rules: vec![rule] };
        settings.queues[1].method = Method::Custom(vec![ruleset]);
    });
    house.now = MIDNIGHT;
    house.configure(|_| {}).connect(1).connect(2).arrive(1);
    assert_eq!(house.offered_to(1), None);
    let nine = house.router.next_deadline().unwrap();
    assert_eq!(nine, MIDNIGHT.after(Span::from_secs(8 * 3_600)), "nine o'clock in Berlin");
    house.now = nine;
    assert_eq!(house.does(Command::Tick).offered_to(1), Some(1));
}
