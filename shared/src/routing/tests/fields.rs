//! What each field of a condition says where rules ask for it (reference sections 14.2, 16.4, 16.5 and 19).

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::house::{House, arrival, comes_by, conversation, line, queue, rated, representative, usual};
use crate::condition::{Condition, Element, Field, Name, Reference, ValueRef};
use crate::id::{CapacityProfileId, PresenceId};
use crate::routing::{Arrival, Command};
use crate::settings::{
    AssignmentOrder, AssignmentRule, AssignmentRuleset, AttributeDeclaration, BasePresence, Bucket,
    BucketOrder, CapacityProfile, ChannelClass, CustomPresence, HeldProfile, LongWait, Method, Overflow,
    OverflowAction, OverflowCause, Presence, ProfileReset, Settings, Units, VariableKind,
};
use crate::time::Span;

const CASES: CapacityProfileId = CapacityProfileId::from_u128(0xca);
const CALLS: CapacityProfileId = CapacityProfileId::from_u128(0xcb);

fn condition(json: &str) -> Condition {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The second queue finds people by this condition, whatever their presence, in this order.
fn by_rule(settings: &mut Settings, when: &str, order_by: &[AssignmentOrder]) {
    let rule = AssignmentRule {
        name: line("Rule"),
        when: condition(when),
        any_presence: true,
        any_skills: false,
        custom_skill: None,
        order_by: order_by.to_vec(),
    };
    let ruleset = AssignmentRuleset { name: line("All"), when: Condition::default(), rules: vec![rule] };
    settings.queues[1].method = Method::Custom(vec![ruleset]);
}

/// Everybody has two profiles; work takes a place of the first.
fn by_profiles(settings: &mut Settings) {
    let profile = |id, limit| CapacityProfile {
        id,
        name: line("Profile"),
        limit,
        reset: ProfileReset::Immediate,
        blocks_assignment: false,
    };
    settings.profiles = vec![profile(CASES, 2), profile(CALLS, 3)];
    (settings.workstreams[0].cost, settings.workstreams[0].profile) = (Units(0), Some(CASES));
    for representative in &mut settings.representatives {
        representative.profiles = [CASES, CALLS].map(|profile| HeldProfile { profile, limit: None }).to_vec();
    }
}

#[test]
fn every_presence_is_a_thing_that_conditions_can_name() {
    use Presence::{Available, Away, Busy, DoNotDisturb, Inactive, Offline};
    let names = ["available", "busy", "do_not_disturb", "away", "offline", "inactive"];
    for (presence, name) in [Available, Busy, DoNotDisturb, Away, Offline, Inactive].into_iter().zip(names) {
        assert_eq!(Some(Reference::from(presence)), Reference::built_in_presence(name));
        assert!(matches!(presence.as_value(), ValueRef::Reference(it) if std::format!("{it}") == name));
    }
}

#[test]
fn a_rule_can_ask_for_the_presence_itself() {
    let training = PresenceId::from_u128(7);
    let custom = CustomPresence {
        id: training,
        name: line("Training"),
        text: line("In a training"),
        base: BasePresence::Busy,
        description: None,
    };
    let when =
        std::format!(r#"{{"field": "representative.presence", "in": ["do_not_disturb", "{training}"]}}"#);
    let mut house = House::with(|settings| {
        settings.presences = vec![custom];
        by_rule(settings, &when, &[]);
    });
    house.connect(1).connect(2).connect(3).choose(1, Presence::Busy).arrive(1);
    assert_eq!(house.offered_to(1), None, "neither of them has such a presence");
    assert_eq!(house.choose(2, Presence::Custom(training)).offered_to(1), Some(2));
    assert_eq!(house.choose(3, Presence::DoNotDisturb).arrive(2).offered_to(2), Some(3));
}

#[test]
fn a_rule_can_compare_the_presence_with_those_that_the_workstream_allows() {
    let when = r#"{"field": "representative.presence", "in": {"field": "conversation.allowed_presences"}}"#;
    let mut house = House::with(|settings| {
        by_rule(settings, when, &[]);
        settings.workstreams[0].allowed_presences = vec![Presence::Busy];
    });
    house.connect(1).arrive(1);
    assert_eq!(house.offered_to(1), None);
    assert_eq!(house.choose(1, Presence::Busy).offered_to(1), Some(1));
}

#[test]
fn a_rule_can_ask_for_free_profiles_and_free_places() {
    let when = std::format!(
        r#"{{"all": [{{"field": "representative.free_profiles", "contains": "{CALLS}"}},
            {{"field": "representative.free_slots.{CASES}", "at_least": 2}}]}}"#
    );
    let mut house = House::with(|settings| {
        by_profiles(settings);
        settings.representatives[1].profiles.pop();
        by_rule(settings, &when, &[]);
    });
    house.connect(2).arrive(1);
    assert_eq!(house.offered_to(1), None, "they do not have the second profile");
    house.connect(1).accept(1, 1).arrive(2);
    assert_eq!(house.offered_to(2), None, "one place is left of two");
    assert_eq!(house.end(1, 1).close(1, 1).offered_to(2), Some(1));
}

#[test]
fn a_rule_can_ask_for_the_profiles_of_the_item() {
    let holds = |field: CapacityProfileId| {
        let when = std::format!(r#"{{"field": "conversation.capacity_profiles", "contains": "{field}"}}"#);
        let mut house = House::with(|settings| {
            by_profiles(settings);
            by_rule(settings, &when, &[]);
        });
        house.connect(1).arrive(1).offered_to(1) == Some(1)
    };
    assert!(holds(CASES) && !holds(CALLS));
}

#[test]
fn people_can_be_ordered_by_places_that_are_left() {
    for order in [
        AssignmentOrder::FreePlaces,
        AssignmentOrder::Highest(std::format!("representative.free_slots.{CASES}").parse().unwrap()),
    ] {
        let mut house = House::with(|settings| {
            by_profiles(settings);
            settings.representatives[2].profiles[0].limit = Some(3);
            by_rule(settings, r#"{"all": []}"#, core::slice::from_ref(&order));
        });
        house.connect(1).connect(2).connect(3);
        let offered: Vec<_> = (1..=4).map(|item| house.arrive(item).offered_to(item)).collect();
        assert_eq!(offered, [3, 1, 2, 3].map(Some), "{order:?}: three, then two of each");
    }
}

#[test]
fn a_rule_of_ones_own_orders_by_proficiency_however_skills_are_matched() {
    let mut house = House::with(|settings| {
        super::histories::with_skills(settings);
        // The first has 3 of 5, the second 4 of 5 (80 of 100), the third 1 of 5.
        by_rule(settings, r#"{"all": []}"#, &[AssignmentOrder::Proficiency]);
    });
    house.connect(1).connect(2).connect(3);
    let arrival = |number, rating| Arrival { skills: vec![rated(1, rating)], ..arrival(number, 1, "other") };
    assert_eq!(house.does(Command::Arrive(arrival(1, 2))).offered_to(1), Some(1), "nearest above");
    assert_eq!(house.does(Command::Arrive(arrival(2, 4))).offered_to(2), Some(2), "enough at all");
    assert_eq!(house.does(Command::Arrive(arrival(3, 1))).offered_to(3), Some(3), "exactly right");
}

/// Who has fewer than two items open is found; the first has one that is set aside, and another.
fn counting_work(change: impl FnOnce(&mut Settings)) -> House {
    let mut house = House::with(|settings| {
        by_rule(settings, r#"{"field": "representative.open_items", "less_than": 2}"#, &[]);
        settings.representatives[0].capacity = Units(5);
        comes_by(settings, ChannelClass::Asynchronous);
        settings.workstreams[0].sessions.affinity = false;
        change(settings);
    });
    house.connect(1).arrive(1).accept(1, 1).does(super::desk::wait(1, 1)).arrive(2).accept(1, 2);
    house
}

#[test]
fn what_was_set_aside_and_comes_back_counts_no_more_where_a_rule_counts_work() {
    let mut house = counting_work(|_| {});
    house.does(super::desk::wrote(1, crate::protocol::live::Side::Customer));
    assert_eq!(house.offered_to(1), Some(1));
}

#[test]
fn what_was_set_aside_and_closes_counts_no_more_where_a_rule_counts_work() {
    let mut house = counting_work(|_| {});
    house.arrive(3);
    assert_eq!(house.offered_to(3), None, "two are open");
    assert_eq!(house.customer_leaves(1).offered_to(3), Some(1));
}

#[test]
fn wrap_up_that_holds_nothing_and_closes_by_itself_counts_no_more_where_a_rule_counts_work() {
    let mut house =
        counting_work(|settings| settings.workstreams[0].wrap_up = crate::settings::WrapUp::NeverBlocks);
    house.end(1, 2).arrive(3);
    assert_eq!(house.offered_to(3), None, "wrap-up is open work");
    assert_eq!(house.after(Span::from_secs(24 * 3_600)).offered_to(3), Some(1));
}

#[test]
fn people_can_be_ordered_by_how_much_they_have_also_where_it_takes_nothing() {
    let fewest = AssignmentOrder::Lowest("representative.open_items".parse().unwrap());
    let mut house = House::with(|settings| {
        by_rule(settings, r#"{"all": []}"#, core::slice::from_ref(&fewest));
        comes_by(settings, ChannelClass::Asynchronous);
    });
    house.connect(1).arrive(1).accept(1, 1).does(super::desk::wait(1, 1)).connect(2).arrive(2);
    assert_eq!(house.offered_to(2), Some(2), "the first has set one aside");
    house.accept(2, 2).customer_leaves(1);
    assert_eq!(house.arrive(3).offered_to(3), Some(1));
}

/// The first queue serves what comes first by this field.
fn sorted_by(field: &str, descending: bool) -> impl FnOnce(&mut Settings) {
    let order_by = Some(BucketOrder { field: field.parse().unwrap(), descending });
    let bucket = Bucket { name: line("All"), when: Condition::default(), order_by };
    move |settings| {
        settings.queues.iter_mut().for_each(|queue| queue.buckets = vec![bucket.clone()]);
    }
}

#[test]
fn work_can_be_sorted_by_how_often_it_was_transferred() {
    let mut house = House::with(sorted_by("conversation.transfers", true));
    house.connect(1).arrive(1).arrive(2).accept(1, 1).accept(1, 2);
    house.arrive(3).arrive(4).pick(1, 4);
    house.does(super::desk::transfer(1, 4, super::desk::to_queue(1))).end(1, 1).close(1, 1);
    assert_eq!((house.offered_to(4), house.offered_to(3)), (Some(1), None));
}

#[test]
fn rules_see_whom_the_customer_prefers() {
    let when = std::format!(
        r#"{{"field": "conversation.preferred_representatives", "contains": "{}"}}"#,
        representative(2)
    );
    let mut house = House::with(|settings| {
        settings.workstreams[0].routes[0].when = condition(&when);
    });
    let arrival = Arrival { preferred: vec![representative(2)], ..arrival(1, 1, "other") };
    house.does(Command::Arrive(arrival)).arrive(2);
    let place = |item| house.router.explain(conversation(item)).unwrap().queue;
    assert_eq!((place(1), place(2)), (Some(queue(1)), Some(queue(2))));
}

#[test]
fn what_came_back_has_waited_since_then_and_is_served_by_that() {
    let mut house = House::with(|settings| {
        comes_by(settings, ChannelClass::Asynchronous);
        settings.workstreams[0].sessions.affinity = false;
    });
    house.connect(1).arrive(1).accept(1, 1);
    let (representative, conversation) = (representative(1), conversation(1));
    house.does(Command::Wait { representative, conversation }).choose(1, Presence::Away);
    house.arrive(2).later(Span::from_secs(9));
    house.does(Command::Wrote { conversation, side: crate::protocol::live::Side::Customer });
    house.configure(|settings| settings.representatives[0].capacity = Units(1));
    assert_eq!((house.choose(1, Presence::Available).offered_to(2), house.offered_to(1)), (Some(1), None));
}

#[test]
fn overflow_can_ask_for_the_wait_that_is_to_be_expected() {
    let when = condition(r#"{"field": "queue.estimated_wait", "more_than": "1m"}"#);
    let mut house = House::with(|settings| {
        let action = OverflowAction::Transfer(vec![queue(2)]);
        settings.queues[0].overflow = vec![Overflow { when: OverflowCause::Condition(when), action }];
    });
    let place = |house: &House, item| house.router.explain(conversation(item)).unwrap().queue;
    assert_eq!(place(house.arrive_about(1, "order"), 1), Some(queue(1)), "nothing is known yet");
    house.arrive_about(2, "order").arrive_about(3, "order").connect(1);
    for item in 1..=3 {
        house.later(Span::from_secs(50)).pick(1, item).end(1, item).close(1, item);
    }
    assert_eq!(place(house.sign_out(1).arrive_about(4, "order"), 4), Some(queue(1)));
    assert_eq!(place(house.arrive_about(5, "order"), 5), Some(queue(2)), "two times 50 seconds");
}

#[test]
fn fields_of_a_queue_are_known_only_where_it_overflows() {
    let mut settings = usual();
    let when = condition(r#"{"field": "queue.waiting_items", "more_than": 3}"#);
    settings.workstreams[0].routes[0].when = when.clone();
    settings.queues[0].overflow =
        vec![Overflow { when: OverflowCause::Condition(when), action: OverflowAction::End }];
    let faults: Vec<String> =
        settings.check().unwrap_err().faults.into_iter().map(|fault| fault.path).collect();
    assert_eq!(faults, ["workstreams[0].routes[0].when.field"]);
}

/// The second queue finds whoever had a conversation before, and nobody else.
fn by_memory(settings: &mut Settings) {
    let when = r#"{"field": "representative.id", "equals": {"field": "conversation.last_representative"}}"#;
    by_rule(settings, when, &[]);
    settings.workstreams[0].keeps_representative = false;
}

#[test]
fn what_comes_back_to_its_queue_is_seen_there_as_it_is_now() {
    let mut house = House::with(by_memory);
    house.connect(1).connect(2).arrive(1);
    assert_eq!(house.offered_to(1), None, "nobody has had it");
    house.pick(2, 1).does(super::desk::leave(2, 1));
    assert_eq!(house.offered_to(1), Some(2));
    house.reject(2, 1).pick(1, 1).does(super::desk::transfer(1, 1, super::desk::to(2))).accept(2, 1);
    house.does(super::desk::leave(2, 1));
    assert_eq!(house.offered_to(1), Some(2), "who took it over had it last");
}

#[test]
fn what_comes_back_to_its_queue_is_sorted_as_it_is_now() {
    let mut house = House::with(sorted_by("conversation.transfers", true));
    house.connect(1).connect(2).arrive(1).arrive(2).accept(1, 1).accept(2, 2);
    house.does(super::desk::transfer(2, 2, super::desk::to(1))).accept(1, 2);
    house.sign_out(2).choose(1, Presence::Away).does(super::desk::release(1, 1));
    house.does(super::desk::release(1, 2)).choose(1, Presence::Available);
    assert!(house.offer_id(1, 2) < house.offer_id(1, 1), "it was transferred once");
}

#[test]
fn what_a_supervisor_assigns_to_a_queue_was_not_transferred_for_its_rules() {
    let mut house = House::with(sorted_by("conversation.transfers", true));
    house.arrive_about(1, "order").arrive(2);
    house.does(super::desk::assign(2, super::desk::to_queue(1))).connect(1);
    assert!(house.offer_id(1, 1) < house.offer_id(1, 2), "the older one first");
}

#[test]
fn the_time_in_which_somebody_had_it_is_no_waiting() {
    let mut house = House::with(|settings| {
        by_memory(settings);
        let action = OverflowAction::End;
        settings.queues[1].long_wait = Some(LongWait { longer_than: Span::from_secs(60), action });
    });
    house.connect(1).arrive(1).later(Span::from_secs(50)).pick(1, 1).later(Span::from_secs(5));
    house.choose(1, Presence::Offline).does(super::desk::leave(1, 1)).after(Span::from_secs(59));
    assert!(!house.closed(1), "they were answered a minute ago");
    assert!(house.after(Span::from_secs(1)).closed(1));
}

#[test]
fn a_ruleset_that_is_chosen_by_the_clock_is_refused_with_its_path() {
    for when in [
        r#"{"field": "time.of_day", "at_least": "18:00"}"#,
        r#"{"field": "conversation.waiting", "more_than": "5m"}"#,
        r#"{"working_now": "00000000-0000-0000-0000-00000000aaaa"}"#,
    ] {
        let mut settings = usual();
        super::intake::hours(&mut settings);
        by_rule(&mut settings, r#"{"all": []}"#, &[]);
        if let Method::Custom(rulesets) = &mut settings.queues[1].method {
            rulesets[0].when = condition(when);
        }
        let faults = settings.check().unwrap_err().faults;
        let faults: Vec<String> = faults.into_iter().map(|fault| fault.path).collect();
        assert_eq!(faults, ["queues[1].method.custom[0].when"], "{when}");
    }
}

#[test]
fn a_conversation_is_synchronous_where_the_customer_waits_for_the_answer() {
    use ChannelClass::{Asynchronous, LiveChat, PersistentChat, Record, Voice};
    for (class, synchronous) in
        [(LiveChat, true), (PersistentChat, false), (Asynchronous, false), (Voice, true), (Record, false)]
    {
        let mut house = House::with(|settings| {
            comes_by(settings, class);
            let when = r#"{"field": "conversation.mode", "equals": "synchronous"}"#;
            settings.workstreams[0].routes[0].when = condition(when);
        });
        let place = house.arrive(1).router.explain(conversation(1)).unwrap().queue;
        assert_eq!(place == Some(queue(1)), synchronous, "{class:?}");
    }
}

/// Everybody belongs to a team.
fn with_teams(settings: &mut Settings) {
    let teams = ["Sales", "Service"].map(String::from).into();
    let field: Field = "representative.team".parse().unwrap();
    settings.attributes = vec![AttributeDeclaration { field, kind: VariableKind::Options(teams) }];
    for (representative, team) in settings.representatives.iter_mut().zip(["Service", "Sales", "Service"]) {
        representative.attributes.insert(Name::new("team").unwrap(), team.into());
    }
}

#[test]
fn an_attribute_of_representatives_that_is_an_option_finds_whoever_has_it() {
    let mut house = House::with(|settings| {
        with_teams(settings);
        by_rule(settings, r#"{"field": "representative.team", "equals": "Sales"}"#, &[]);
    });
    house.connect(1).connect(2).connect(3).arrive(1);
    assert_eq!(house.offered_to(1), Some(2));
    house.configure(|settings| {
        settings.representatives[2].attributes.insert(Name::new("team").unwrap(), "Sales".into());
        settings.representatives[1].attributes.clear();
    });
    assert_eq!(house.reject(2, 1).offered_to(1), Some(3), "as soon as it is said of them");
}
