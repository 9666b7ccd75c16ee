//! Settings of routing that are refused, and those that are only warned of, each with the path of the field.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::house::{a_queue, comes_by, line, queue, rated, representative, route, usual, workstream};
use crate::condition::{Comparison, Condition, Field, Literal, Name};
use crate::form::Form;
use crate::id::WidgetId;
use crate::settings::{
    AssignmentRule, AssignmentRuleset, AttributeDeclaration, Bucket, Channel, ChannelClass,
    ClassificationRule, Corner, Distribution, FileRules, LongWait, Method, Outcome, Overflow, OverflowAction,
    OverflowCause, Presence, Queue, QueueKind, Route, Ruleset, Settings, Share, Silent, TimeOutAction,
    TimeOutRule, VariableKind, WhenClosed, Widget,
};
use crate::text::MessageText;
use crate::time::Span;

pub(super) fn faults(change: impl FnOnce(&mut Settings)) -> Vec<String> {
    let mut settings = usual();
    change(&mut settings);
    let found = settings.check().err().map(|error| error.faults).unwrap_or_default();
    found.into_iter().map(|fault| fault.path).collect()
}

fn warnings(change: impl FnOnce(&mut Settings)) -> Vec<(String, String)> {
    let mut settings = usual();
    change(&mut settings);
    assert_eq!(settings.check(), Ok(()));
    settings.warnings().into_iter().map(|fault| (fault.path, fault.message.into_owned())).collect()
}

pub(super) fn long_wait(targets: &[u8]) -> LongWait {
    let targets = targets.iter().map(|&number| queue(number)).collect();
    LongWait { longer_than: Span::from_secs(60), action: OverflowAction::Transfer(targets) }
}

pub(super) fn equals(field: &str, value: &str) -> Condition {
    Condition::Compare(field.parse().unwrap(), Comparison::Equals(value.into()))
}

pub(super) fn classified(rules: Vec<ClassificationRule>) -> Vec<Ruleset> {
    vec![Ruleset { name: line("Ruleset"), rules }]
}

pub(super) fn rule(when: Condition, then: Outcome) -> ClassificationRule {
    ClassificationRule { name: line("Rule"), when, then: vec![then] }
}

#[test]
fn overflow_in_a_circle_is_refused() {
    let circle = faults(|settings| {
        settings.queues.push(a_queue(3, 1, &[1]));
        settings.queues[0].long_wait = Some(long_wait(&[2]));
        settings.queues[1].long_wait = Some(long_wait(&[3]));
        settings.queues[2].long_wait = Some(long_wait(&[1]));
    });
    assert_eq!(circle, [0, 1, 2].map(|place| std::format!("queues[{place}].long_wait.action")));
    assert_eq!(faults(|settings| settings.queues[0].long_wait = Some(long_wait(&[2]))), [""; 0]);
}

#[test]
fn conditions_on_records_that_nothing_fills_are_warned_of() {
    let routed_by = |when: Condition| {
        let found = warnings(|settings| settings.workstreams[0].routes[0].when = when);
        found.into_iter().map(|(path, message)| (path, message.contains("no contacts"))).collect::<Vec<_>>()
    };
    let customer = Condition::All(vec![equals("context.topic", "x"), equals("contact.city", "Basel")]);
    assert_eq!(routed_by(customer), [(String::from("workstreams[0].routes[0].when"), true)]);
    assert!(routed_by(equals("channel.site", "https://shop.example")).is_empty());
}

#[test]
fn conditions_on_what_nothing_sets_yet_are_warned_of() {
    for field in ["channel.provider", "channel.address"] {
        let found = warnings(|settings| settings.workstreams[0].routes[0].when = equals(field, "x"));
        let [(path, message)] = &found[..] else { panic!("{field}: {found:?}") };
        assert!(path == "workstreams[0].routes[0].when" && message.contains(field), "{found:?}");
    }
}

#[test]
fn queues_that_overflow_into_each_other_are_warned_of() {
    let into = |limit, target: u8| Overflow {
        when: OverflowCause::ItemsWaiting(limit),
        action: OverflowAction::Transfer(vec![queue(target)]),
    };
    let found = warnings(|settings| {
        settings.queues.push(a_queue(3, 1, &[1]));
        settings.queues[0].overflow = vec![into(9, 3), into(1, 2)];
        settings.queues[1].overflow = vec![into(1, 1)];
    });
    let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["queues[0].overflow[1].action", "queues[1].overflow[0].action"]);
}

#[test]
fn a_workstream_without_allowed_presences_is_refused() {
    let without = faults(|settings| settings.workstreams[0].allowed_presences.clear());
    assert_eq!(without, ["workstreams[0].allowed_presences"]);
    let offline = faults(|settings| settings.workstreams[0].allowed_presences = vec![Presence::Offline]);
    assert_eq!(offline, ["workstreams[0].allowed_presences"]);
}

#[test]
fn shares_that_do_not_make_a_hundred_are_refused() {
    let shares = |percents: [u8; 2]| {
        faults(|settings| {
            let queues = [1, 2].map(queue).into_iter().zip(percents);
            let queues = queues.map(|(queue, percent)| Share { queue, percent }).collect();
            settings.workstreams[0].routes = vec![Route { queues, ..route("order", 1) }];
        })
    };
    assert_eq!(shares([50, 50]), [""; 0]);
    assert_eq!(shares([50, 49]), ["workstreams[0].routes[0].queues"]);
    assert_eq!(shares([255, 101]), ["workstreams[0].routes[0].queues"]);
}

#[test]
fn the_thresholds_of_a_queue_are_within_reason() {
    let with = |service_level, short_abandon| {
        faults(|settings| {
            settings.queues[0].service_level = Span::from_secs(service_level);
            settings.queues[0].short_abandon = Span::from_secs(short_abandon);
        })
    };
    assert_eq!([with(1, 0), with(24 * 3_600, 3_600)].concat(), [""; 0]);
    assert_eq!(with(0, 3_601), ["queues[0].service_level", "queues[0].short_abandon"]);
    assert_eq!(with(24 * 3_600 + 1, 5), ["queues[0].service_level"]);
}

#[test]
fn an_unknown_time_zone_is_refused() {
    let of_rules = faults(|settings| settings.time_zone = Some("Mars/Olympus".into()));
    assert_eq!(of_rules, ["time_zone"]);
    let of_hours = faults(|settings| {
        super::intake::hours(settings);
        settings.hours[0].time_zone = "Mars/Olympus".into();
    });
    assert_eq!(of_hours, ["hours[0].time_zone"]);
    let of_desk = faults(|settings| settings.desk.time_zone = Some("Mars".into()));
    assert_eq!(of_desk, ["desk.time_zone"]);
}

#[test]
fn what_does_not_exist_cannot_be_named() {
    let faults = faults(|settings| {
        settings.queues[0].hours = Some(crate::id::OperatingHoursId::from_u128(9));
        settings.queues[0].overflow = vec![Overflow {
            when: OverflowCause::ItemsWaiting(1),
            action: OverflowAction::Transfer(vec![queue(9)]),
        }];
        settings.workstreams[0].routes[0].queues[0].queue = queue(9);
        settings.workstreams[0].classification =
            classified(vec![rule(Condition::default(), Outcome::Skill(rated(9, 1)))]);
        settings.representatives[0].skills = vec![rated(9, 1)];
    });
    let expected = [
        "representatives[0].skills[0].skill",
        "queues[0].hours",
        "queues[0].overflow[0].action.transfer[0]",
        "workstreams[0].classification[0].rules[0].then[0][0].skill",
        "workstreams[0].routes[0].queues[0].queue",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn a_fault_in_a_condition_points_at_the_node() {
    let faults = faults(|settings| {
        let wrong = Condition::All(vec![
            equals("context.topic", "x"),
            Condition::Compare("contact.colour".parse().unwrap(), Comparison::Equals("red".into())),
        ]);
        settings.workstreams[0].routes[0].when = wrong;
    });
    assert!(
        matches!(&faults[..], [path] if path.starts_with("workstreams[0].routes[0].when.all[1]")),
        "{faults:?}"
    );
}

#[test]
fn calls_do_not_wait_in_queues_for_messages_nor_overflow_like_calls() {
    let channel = faults(|settings| settings.workstreams[0].channel = Channel::Voice);
    let expected = [
        "workstreams[0].fallback",
        "workstreams[0].routes[0].queues[0].queue",
        "workstreams[0].sessions.channel",
    ];
    assert_eq!(channel, expected);
    let voicemail = faults(|settings| {
        settings.queues[0].overflow =
            vec![Overflow { when: OverflowCause::ItemsWaiting(1), action: OverflowAction::Voicemail }];
    });
    assert_eq!(voicemail, ["queues[0].overflow[0].action"]);
}

#[test]
fn calls_are_offered_and_not_picked() {
    let picked = |channel| {
        faults(|settings| {
            comes_by(settings, channel);
            settings.workstreams[0].sessions.distribution = Distribution::Pick;
        })
    };
    assert_eq!(picked(ChannelClass::Voice), ["workstreams[0].sessions.distribution"]);
    assert_eq!(picked(ChannelClass::Record), [""; 0]);
}

#[test]
fn sessions_run_as_the_channel_lets_them() {
    use ChannelClass::{Asynchronous, LiveChat, PersistentChat, Record, Voice};
    let table: [(Channel, &[ChannelClass]); 5] = [
        (Channel::Chat, &[LiveChat, PersistentChat]),
        (Channel::Sms, &[Asynchronous]),
        (Channel::Social, &[Asynchronous]),
        (Channel::Voice, &[Voice]),
        (Channel::Record, &[Record]),
    ];
    for (channel, fit) in table {
        for class in [LiveChat, PersistentChat, Asynchronous, Voice, Record] {
            let found = faults(|settings| {
                comes_by(settings, fit[0]);
                settings.workstreams[0].channel = channel;
                settings.workstreams[0].sessions.channel = class;
            });
            let refused = found == ["workstreams[0].sessions.channel"];
            assert_eq!(
                (refused, found.is_empty()),
                (!fit.contains(&class), fit.contains(&class)),
                "{found:?}"
            );
        }
    }
}

#[test]
fn the_fallback_is_a_queue_for_the_channel() {
    let found = faults(|settings| {
        let mut calls = a_queue(3, 30, &[1]);
        calls.kind = QueueKind::Voice;
        settings.queues.push(calls);
        settings.workstreams[0].fallback = queue(3);
    });
    assert_eq!(found, ["workstreams[0].fallback"]);
}

/// A widget of the first kind of work.
fn a_widget() -> Widget {
    Widget {
        id: WidgetId::from_u128(1),
        name: line("Shop"),
        workstream: workstream(1),
        title: line("Help"),
        subtitle: line("We are there"),
        accent: line("#2457d6"),
        corner: Corner::default(),
        sites: Vec::new(),
        form: Form { questions: Vec::new() },
        customer_grace: Span::from_secs(180),
        files: FileRules::default(),
        hours: None,
        when_closed: WhenClosed::default(),
    }
}

#[test]
fn a_widget_opens_chats() {
    let with_widget = |class| {
        faults(|settings| {
            comes_by(settings, class);
            settings.widgets = vec![a_widget()];
        })
    };
    assert_eq!(with_widget(ChannelClass::PersistentChat), [""; 0]);
    assert_eq!(with_widget(ChannelClass::Voice), ["widgets[0].workstream"]);
    assert_eq!(with_widget(ChannelClass::Asynchronous), ["widgets[0].workstream"]);
}

#[test]
fn how_long_work_may_wait_depends_on_its_kind() {
    let (minute, day) = (60, 24 * 3_600);
    let kinds = [
        (QueueKind::Messaging, minute, 2 * day),
        (QueueKind::Voice, minute, 60 * minute),
        (QueueKind::Record, 3 * minute, 2 * day),
    ];
    for (kind, least, most) in kinds {
        let waits = |seconds| {
            faults(|settings| {
                let wait = LongWait { longer_than: Span::from_secs(seconds), action: OverflowAction::End };
                settings.queues.push(Queue { kind, long_wait: Some(wait), ..a_queue(3, 1, &[1]) });
            })
        };
        for seconds in [least - 1, most + 1] {
            assert_eq!(waits(seconds), ["queues[2].long_wait.longer_than"], "{kind:?}, {seconds}");
        }
        assert_eq!((waits(least), waits(most)), (vec![], vec![]), "{kind:?}");
    }
}

#[test]
fn the_order_of_a_queue_does_not_follow_the_clock() {
    let faults = faults(|settings| {
        let when = equals("time.weekday", "monday");
        settings.queues[0].buckets = vec![Bucket { name: line("Mondays"), when, order_by: None }];
    });
    assert_eq!(faults, ["queues[0].buckets[0].when"]);
}

#[test]
fn a_default_queue_needs_no_members_and_there_is_one_of_each_kind() {
    let add = |settings: &mut Settings| settings.queues.push(Queue { default: true, ..a_queue(3, 1, &[]) });
    assert_eq!(faults(add), [""; 0]);
    let two = faults(|settings| {
        add(settings);
        settings.queues[0].default = true;
    });
    assert_eq!(two, ["queues.default[1]"]);
    assert_eq!(faults(|settings| settings.queues[0].members = vec![]), ["queues[0].members"]);
    let unknown = faults(|settings| settings.queues[0].members = vec![representative(9)]);
    assert_eq!(unknown, ["queues[0].members[0]"]);
}

#[test]
fn an_attribute_with_a_name_that_is_built_in_is_refused() {
    let declare =
        |path: &str| AttributeDeclaration { field: path.parse::<Field>().unwrap(), kind: VariableKind::Text };
    let faults =
        faults(|settings| settings.attributes = vec![declare("contact.tier"), declare("contact.city")]);
    assert_eq!(faults, ["attributes[1].field"]);
}

#[test]
fn what_is_said_of_a_representative_must_be_declared_and_of_the_declared_type() {
    let declare = |path: &str, kind| AttributeDeclaration { field: path.parse::<Field>().unwrap(), kind };
    let with = |name: &str, value: Literal| {
        let name = Name::new(name).unwrap();
        faults(|settings| {
            let teams = ["Sales", "Service"].map(String::from).into();
            settings.attributes = vec![
                declare("representative.team", VariableKind::Options(teams)),
                declare("representative.seniority", VariableKind::Number),
                declare("contact.tier", VariableKind::Text),
            ];
            settings.representatives[1].attributes.insert(name, value);
        })
    };
    assert_eq!(with("team", "Sales".into()), [""; 0]);
    assert_eq!(with("team", "Marketing".into()), ["representatives[1].attributes.team"]);
    assert_eq!(with("seniority", 7.into()), [""; 0]);
    assert_eq!(with("seniority", "seven".into()), ["representatives[1].attributes.seniority"]);
    assert_eq!(with("tier", "gold".into()), ["representatives[1].attributes.tier"], "contacts have it");
    assert_eq!(with("name", "Ada".into()), ["representatives[1].attributes.name"], "it is built in");
}

#[test]
fn a_rule_that_can_never_match_is_warned_of() {
    let found = warnings(|settings| {
        settings.workstreams[0].classification = classified(vec![
            rule(Condition::default(), Outcome::Priority(1)),
            rule(equals("context.tier", "gold"), Outcome::Priority(2)),
        ]);
        settings.workstreams[0].routes = vec![route("order", 1), route("order", 2)];
    });
    let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["workstreams[0].classification[0].rules[1]", "workstreams[0].routes[1]"]);
    assert!(found[1].1.contains("workstreams[0].routes[0]"), "{}", found[1].1);
}

fn paths(found: &[(String, String)]) -> Vec<&str> {
    found.iter().map(|(path, _)| path.as_str()).collect()
}

#[test]
fn an_overflow_rule_behind_one_that_holds_before_it_is_warned_of() {
    let overflow = |causes: Vec<OverflowCause>| {
        warnings(|settings| {
            super::intake::hours(settings);
            settings.queues[0].hours = Some(settings.hours[0].id);
            let rule = |when| Overflow { when, action: OverflowAction::AssignAnyway };
            settings.queues[0].overflow = causes.into_iter().map(rule).collect();
        })
    };
    let waiting = |json: &str| OverflowCause::Condition(serde_json::from_str(json).unwrap());
    let many = || waiting(r#"{ "field": "queue.waiting_items", "more_than": 40 }"#);
    let found = overflow(vec![OverflowCause::ItemsWaiting(30), OverflowCause::OutOfHours, many()]);
    assert_eq!(paths(&found), ["queues[0].overflow[2]"]);
    assert!(found[0].1.contains("queues[0].overflow[0]"), "{found:?}");
    let found = overflow(vec![many(), OverflowCause::ItemsWaiting(50), OverflowCause::ItemsWaiting(30)]);
    assert_eq!(paths(&found), ["queues[0].overflow[1]"]);
    let found = overflow(vec![OverflowCause::OutOfHours, OverflowCause::OutOfHours]);
    assert_eq!(paths(&found), ["queues[0].overflow[1]"]);
}

#[test]
fn a_rule_that_finds_nobody_whom_an_earlier_one_does_not_find_is_warned_of() {
    let rule = |when: &str, any_presence, any_skills| AssignmentRule {
        name: line("Rule"),
        when: serde_json::from_str(when).unwrap(),
        any_presence,
        any_skills,
        custom_skill: None,
        order_by: Vec::new(),
    };
    let (three, five) = (
        r#"{ "field": "representative.free_capacity", "at_least": 3 }"#,
        r#"{ "field": "representative.free_capacity", "at_least": 5 }"#,
    );
    let of = |rules: Vec<AssignmentRule>| {
        warnings(|settings| {
            let when = Condition::default();
            let ruleset = AssignmentRuleset { name: line("All"), when, rules };
            settings.queues[0].method = Method::Custom(vec![ruleset]);
        })
    };
    assert_eq!(of(vec![rule(five, false, false), rule(three, false, false)]), []);
    let found = of(vec![rule(three, false, false), rule(five, false, false)]);
    assert_eq!(paths(&found), ["queues[0].method.custom[0].rules[1]"]);
    assert_eq!(of(vec![rule(three, false, false), rule(five, true, false)]), [], "it is looser");
    assert_eq!(of(vec![rule(three, false, false), rule(five, false, true)]), [], "it is looser");
    assert_eq!(paths(&of(vec![rule(three, true, true), rule(five, false, true)])).len(), 1);
}

#[test]
fn a_time_out_behind_one_that_ends_the_silence_is_warned_of() {
    let of = |rules: Vec<(Silent, u64, TimeOutAction)>| {
        warnings(|settings| {
            comes_by(settings, ChannelClass::PersistentChat);
            let rules = rules.into_iter();
            let rules =
                rules.map(|(silent, secs, action)| TimeOutRule::new(silent, Span::from_secs(secs), action));
            settings.workstreams[0].sessions.time_outs = rules.collect();
        })
    };
    let (customer, representative) = (Silent::Customer, Silent::Representative);
    let say = || TimeOutAction::Say(MessageText::new("Are you there?").unwrap());
    let found = of(vec![(customer, 60, say()), (customer, 90, say()), (customer, 120, TimeOutAction::Close)]);
    assert_eq!(found, []);
    for ends in [TimeOutAction::Close, TimeOutAction::Wait, TimeOutAction::Release] {
        let found = of(vec![(customer, 90, say()), (customer, 60, ends), (representative, 90, say())]);
        assert_eq!(paths(&found), ["workstreams[0].sessions.time_outs[0]"]);
        assert!(found[0].1.contains("workstreams[0].sessions.time_outs[1]"), "{found:?}");
    }
}

#[test]
fn a_route_does_not_overflow_into_its_own_queue() {
    let to = |targets: &[u8], queues: &[(u8, u8)]| {
        faults(|settings| {
            let targets = targets.iter().map(|number| queue(*number)).collect();
            let share = |&(number, percent): &(u8, u8)| Share { queue: queue(number), percent };
            settings.workstreams[0].routes[0].queues = queues.iter().map(share).collect();
            settings.workstreams[0].routes[0].overflow = Some(OverflowAction::Transfer(targets));
        })
    };
    assert_eq!(to(&[2], &[(1, 100)]), [""; 0]);
    assert_eq!(to(&[2, 1], &[(1, 100)]), ["workstreams[0].routes[0].overflow.transfer[1]"]);
    assert_eq!(to(&[2], &[(1, 80), (2, 20)]), [""; 0], "it takes what the other has no room for");
}

#[test]
fn a_route_after_one_whose_queue_can_overflow_is_of_use() {
    let found = warnings(|settings| {
        settings.queues[0].overflow =
            vec![Overflow { when: OverflowCause::ItemsWaiting(1), action: OverflowAction::End }];
        settings.workstreams[0].routes = vec![route("order", 1), route("order", 2)];
    });
    assert_eq!(found, []);
}

#[test]
fn closed_hours_that_a_queue_does_not_have_are_warned_of() {
    let found = warnings(|settings| {
        settings.queues[0].overflow =
            vec![Overflow { when: OverflowCause::OutOfHours, action: OverflowAction::End }];
    });
    assert!(matches!(&found[..], [(path, _)] if path == "queues[0].overflow[0].when"), "{found:?}");
}

#[test]
fn the_item_limit_of_a_queue_for_messages_is_one_to_a_hundred_and_a_condition_can_ask_for_more() {
    let paths = |kind: QueueKind, when: OverflowCause| {
        let mut settings = usual();
        settings.workstreams.iter_mut().for_each(|workstream| workstream.fallback = queue(2));
        settings.workstreams[0].routes.clear();
        settings.queues[0].kind = kind;
        settings.queues[0].overflow = vec![Overflow { when, action: OverflowAction::AssignAnyway }];
        let found = settings.check().err().map(|error| error.faults).unwrap_or_default();
        found.into_iter().map(|fault| fault.path).collect::<Vec<_>>()
    };
    let of_messages = |limit| paths(QueueKind::Messaging, OverflowCause::ItemsWaiting(limit));
    assert!(of_messages(1).is_empty() && of_messages(100).is_empty());
    assert_eq!([of_messages(0), of_messages(101)].concat(), ["queues[0].overflow[0].when"; 2]);
    assert!(paths(QueueKind::Record, OverflowCause::ItemsWaiting(101)).is_empty());
    let more = r#"{ "field": "queue.waiting_items", "at_least": 500 }"#;
    let more = OverflowCause::Condition(serde_json::from_str(more).unwrap());
    assert!(paths(QueueKind::Messaging, more).is_empty());
}
