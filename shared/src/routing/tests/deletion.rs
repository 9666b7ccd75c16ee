//! Nothing that is in use can be deleted: the settings without it are refused, with the path of each field that still names
//! it.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::house::{line, queue, rated, rating_model, representative, skill};
use super::warnings::{classified, equals, faults, long_wait, rule};
use crate::condition::{Comparison, Condition};
use crate::id::{CapacityProfileId, PresenceId};
use crate::settings::{
    BasePresence, CapacityProfile, CustomPresence, HeldProfile, Outcome, Overflow, OverflowAction,
    OverflowCause, Presence, ProfileReset, Settings, Skill, Units,
};

const PROFILE: CapacityProfileId = CapacityProfileId::from_u128(0xca);
const TRAINING: PresenceId = PresenceId::from_u128(0xcc);

/// Adds one of everything that the usual settings do not have, and uses it.
fn everything(settings: &mut Settings) {
    super::histories::with_skills(settings);
    settings.skills.push(Skill { id: skill(3), name: line("Third"), sort: None, model: rating_model(1) });
    super::intake::hours(settings);
    settings.queues[0].hours = Some(settings.hours[0].id);
    settings.representatives[0].hours = Some(settings.hours[0].id);
    settings.profiles = vec![CapacityProfile {
        id: PROFILE,
        name: line("Profile"),
        limit: 1,
        reset: ProfileReset::Immediate,
        blocks_assignment: false,
    }];
    settings.representatives[0].profiles = vec![HeldProfile { profile: PROFILE, limit: None }];
    (settings.workstreams[0].profile, settings.workstreams[0].cost) = (Some(PROFILE), Units(0));
    settings.presences = vec![CustomPresence {
        id: TRAINING,
        name: line("Training"),
        text: line("In a training"),
        base: BasePresence::Busy,
        description: None,
    }];
    settings.representatives[1].default_presence = Presence::Custom(TRAINING);
    settings.workstreams[0].allowed_presences = vec![Presence::Custom(TRAINING)];
    settings.queues[0].overflow = vec![Overflow {
        when: OverflowCause::ItemsWaiting(1),
        action: OverflowAction::Transfer(vec![queue(2)]),
    }];
    settings.queues[0].long_wait = Some(long_wait(&[2]));
    let skilled = rule(equals("context.topic", "order"), Outcome::Skill(rated(1, 3)));
    settings.workstreams[0].classification =
        classified(vec![rule(every_kind_of_thing(), Outcome::Profile(PROFILE)), skilled]);
}

/// A condition that names a queue, a representative, a skill, a profile and a presence.
fn every_kind_of_thing() -> Condition {
    let contains = |field: &str, value: String| {
        Condition::Compare(field.parse().unwrap(), Comparison::Contains(value.as_str().into()))
    };
    Condition::Any(vec![
        equals("conversation.queue", &std::format!("{}", queue(2))),
        equals("conversation.last_representative", &std::format!("{}", representative(3))),
        contains("conversation.skills", std::format!("{}", skill(3))),
        contains("conversation.capacity_profiles", std::format!("{PROFILE}")),
        contains("conversation.allowed_presences", std::format!("{TRAINING}")),
    ])
}

/// What is said of everything but what is deleted.
fn without(delete: fn(&mut Settings)) -> Vec<String> {
    let mut found = faults(|settings| {
        everything(settings);
        delete(settings);
    });
    found.sort();
    found.dedup();
    found
}

fn in_rule(rest: &str) -> String {
    std::format!("workstreams[0].classification[0].rules[{rest}")
}

#[test]
fn settings_in_which_everything_is_used_hold_together() {
    assert_eq!(without(|_| {}), [""; 0]);
}

#[test]
fn hours_and_a_rating_model_in_use_cannot_be_deleted() {
    assert_eq!(without(|settings| settings.hours.clear()), ["queues[0].hours", "representatives[0].hours"]);
    assert_eq!(
        without(|settings| drop(settings.rating_models.pop())),
        ["representatives[1].skills[0].model"]
    );
}

#[test]
fn a_skill_in_use_cannot_be_deleted() {
    assert_eq!(without(|settings| drop(settings.skills.pop())), [in_rule("0].when.any[2].contains")]);
    let people = [0, 1, 2].map(|place| {
        // The third has it behind another.
        let which = usize::from(place == 2);
        std::format!("representatives[{place}].skills[{which}].skill")
    });
    let expected: Vec<String> = people.into_iter().chain([in_rule("1].then[0][0].skill")]).collect();
    assert_eq!(without(|settings| drop(settings.skills.remove(0))), expected);
}

#[test]
fn a_profile_and_a_presence_in_use_cannot_be_deleted() {
    let profile = [
        String::from("representatives[0].profiles[0].profile"),
        in_rule("0].then[0].profile"),
        in_rule("0].when.any[3].contains"),
        "workstreams[0].profile".into(),
    ];
    assert_eq!(without(|settings| settings.profiles.clear()), profile);
    let presence = [
        String::from("representatives[1].default_presence"),
        "workstreams[0].allowed_presences[0]".into(),
        in_rule("0].when.any[4].contains"),
    ];
    assert_eq!(without(|settings| settings.presences.clear()), presence);
}

#[test]
fn a_queue_and_a_representative_in_use_cannot_be_deleted() {
    let a_queue = [
        String::from("queues[0].long_wait.action.transfer[0]"),
        "queues[0].overflow[0].action.transfer[0]".into(),
        in_rule("0].when.any[0].equals"),
        "workstreams[0].fallback".into(),
    ];
    assert_eq!(without(|settings| drop(settings.queues.pop())), a_queue);
    let member =
        ["queues[0].members[2]".into(), "queues[1].members[2]".into(), in_rule("0].when.any[1].equals")];
    assert_eq!(without(|settings| drop(settings.representatives.pop())), member);
}

#[test]
fn a_workstream_in_use_cannot_be_deleted() {
    let widget = |settings: &mut Settings| {
        let json = r##"{"id": "00000000-0000-0000-0000-000000000001", "name": "Shop", "workstream":
            "00000000-0000-0000-0000-0000000000c9", "title": "Hello", "subtitle": "We are here", "accent": "#2457d6",
            "corner": "bottom_end", "sites": [], "form": {"questions": []}, "customer_grace": 180000}"##;
        settings.widgets = vec![serde_json::from_str(json).unwrap()];
    };
    assert_eq!(without(widget), ["widgets[0].workstream"]);
}
