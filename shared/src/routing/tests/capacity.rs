//! Capacity profiles beside units, and the presence that follows (reference sections 18 and 20.2).

use alloc::vec;

use super::desk::{consult, end_consult, to};
use super::house::{House, line};
use crate::condition::{Comparison, Condition};
use crate::id::CapacityProfileId;
use crate::protocol::desk::{OfferKind, ProfileView};
use crate::settings::{
    CapacityProfile, ClassificationRule, HeldProfile, Outcome, Presence, ProfileReset, Ruleset, Settings,
    Units, WrapUp,
};
use crate::time::Span;

const CASES: CapacityProfileId = CapacityProfileId::from_u128(0xca);
const CALLS: CapacityProfileId = CapacityProfileId::from_u128(0xcb);

fn profile(id: CapacityProfileId, limit: u16) -> CapacityProfile {
    let (reset, blocks_assignment) = (ProfileReset::Immediate, false);
    CapacityProfile { id, name: line("Cases"), limit, reset, blocks_assignment }
}

/// Everybody has a profile with room for two, and nothing else; the first workstream takes a place of it.
fn by_profile(settings: &mut Settings) {
    settings.profiles = vec![profile(CASES, 2)];
    settings.workstreams[0].cost = Units(0);
    settings.workstreams[0].profile = Some(CASES);
    for representative in &mut settings.representatives {
        representative.capacity = Units(0);
        representative.profiles = vec![HeldProfile { profile: CASES, limit: None }];
    }
}

fn house(change: impl FnOnce(&mut Settings)) -> House {
    House::with(|settings| {
        by_profile(settings);
        change(settings);
    })
}

#[test]
fn work_takes_a_place_in_its_profile_until_it_is_closed() {
    let mut house = house(|_| {});
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2).arrive(3);
    assert_eq!(house.offered_to(3), None);
    assert_eq!(house.presence_view(1).profiles, [ProfileView { name: "Cases".into(), used: 2, limit: 2 }]);
    assert_eq!(house.end(1, 1).offered_to(3), None, "wrap-up blocks");
    assert_eq!(house.close(1, 1).offered_to(3), Some(1));
}

#[test]
fn whoever_does_not_have_the_profile_is_not_offered_the_work() {
    let mut house = house(|settings| {
        settings.representatives[0].profiles.clear();
        settings.representatives[0].capacity = Units(9);
    });
    house.connect(1).arrive(1);
    assert_eq!(house.offered_to(1), None);
    assert_eq!(house.connect(2).offered_to(1), Some(2));
}

#[test]
fn a_limit_of_ones_own_goes_before_that_of_the_profile_and_matters_for_new_work_only() {
    let mut house = house(|settings| settings.representatives[0].profiles[0].limit = Some(1));
    house.connect(1).arrive(1).accept(1, 1).arrive(2);
    assert_eq!(house.offered_to(2), None);
    house.configure(|settings| settings.representatives[0].profiles[0].limit = Some(3));
    assert_eq!(house.accept(1, 2).arrive(3).offered_to(3), Some(1));
    house.accept(1, 3).configure(|settings| settings.representatives[0].profiles[0].limit = Some(1));
    assert_eq!([1, 2, 3].map(|item| house.owner(item)), [Some(1); 3], "what somebody has stays theirs");
}

#[test]
fn what_is_picked_by_hand_goes_beyond_the_limit() {
    let mut house = house(|_| {});
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2).arrive(3).pick(1, 3);
    assert_eq!(house.presence_view(1).profiles[0].used, 3);
    assert_eq!(house.arrive(4).end(1, 1).close(1, 1).offered_to(4), None);
    assert_eq!(house.end(1, 2).close(1, 2).offered_to(4), Some(1));
}

#[test]
fn a_profile_that_is_reset_at_the_end_of_the_day_keeps_its_places_until_then() {
    const HOUR: u64 = 3600;
    let mut house = house(|settings| {
        settings.profiles[0].reset = ProfileReset::EndOfDay;
        settings.desk.day_ends = Span::from_secs(HOUR);
    });
    house.connect(1);
    for item in [1, 2] {
        house.arrive(item).accept(1, item).end(1, item).close(1, item);
    }
    assert_eq!((house.arrive(3).offered_to(3), house.presence(1)), (None, Presence::DoNotDisturb));
    let day = 24 * HOUR * 1000;
    let at_end = day - (house.now.as_millis() + day - HOUR * 1000) % day;
    house.configure(|settings| {
        settings.workstreams[0].sessions.auto_close.open = crate::settings::Limit::Never;
    });
    house.after(Span::from_millis(at_end - 1));
    assert_eq!(house.offered_to(3), None);
    house.after(Span::from_millis(1));
    assert_eq!((house.offered_to(3), house.presence_view(1).profiles[0].used), (Some(1), 1));
}

#[test]
fn the_day_ends_on_the_clock_of_the_desk_or_else_on_that_of_the_rules() {
    for (rules, desk, hour) in [
        (None, None, 24),
        (Some("Europe/Berlin"), None, 23),
        (Some("Europe/Berlin"), Some("America/New_York"), 5),
    ] {
        let mut house = house(|settings| {
            settings.profiles[0].reset = ProfileReset::EndOfDay;
            settings.workstreams[0].sessions.auto_close.open = crate::settings::Limit::Never;
            settings.time_zone = rules.map(Into::into);
            settings.desk.time_zone = desk.map(Into::into);
        });
        house.now = super::intake::MIDNIGHT;
        house.connect(1).arrive(1).accept(1, 1).end(1, 1).close(1, 1);
        house.now = super::intake::MIDNIGHT.after(Span::from_millis(hour * 3_600_000 - 1));
        assert_eq!(used(house.does(crate::routing::Command::Tick), 1), [1], "{rules:?} {desk:?}");
        assert_eq!(used(house.after(Span::from_millis(1)), 1), [0], "{rules:?} {desk:?}");
    }
}

#[test]
fn an_offer_that_was_not_taken_spends_no_place_of_the_day() {
    let mut house = house(|settings| settings.profiles[0].reset = ProfileReset::EndOfDay);
    house.connect(1).arrive(1).reject(1, 1).reject(1, 1).reject(1, 1);
    assert_eq!(house.presence_view(1).profiles[0].used, 0);
}

#[test]
fn a_place_of_the_day_is_spent_once_when_wrap_up_lets_go_of_it() {
    for wrap_up in [WrapUp::NeverBlocks, WrapUp::BlocksFor(Span::from_secs(60))] {
        let mut house = house(|settings| {
            settings.profiles[0].reset = ProfileReset::EndOfDay;
            settings.workstreams[0].wrap_up = wrap_up;
        });
        house.connect(1).arrive(1).accept(1, 1).end(1, 1).after(Span::from_secs(60));
        assert_eq!(house.presence_view(1).profiles[0].used, 1);
        assert_eq!(house.close(1, 1).presence_view(1).profiles[0].used, 1);
    }
}

#[test]
fn units_and_profiles_both_configured_are_do_not_disturb_only_when_both_are_used_up() {
    let mut house = house(|settings| {
        settings.representatives[0].capacity = Units(1);
        let mut second = settings.workstreams[0].clone();
        (second.id, second.cost, second.profile) = (super::house::workstream(2), Units(1), None);
        settings.workstreams.push(second);
    });
    house.connect(1);
    for item in [1, 2] {
        house.arrive(item).accept(1, item);
    }
    assert_eq!(house.presence(1), Presence::Busy, "units are left");
    house.later(Span::from_millis(1));
    house.does(crate::routing::Command::Arrive(super::house::arrival(3, 2, "other"))).accept(1, 3);
    assert_eq!(house.presence(1), Presence::DoNotDisturb);
    assert_eq!(house.end(1, 1).close(1, 1).presence(1), Presence::Busy);
}

#[test]
fn of_several_profiles_that_do_not_block_all_must_be_full_for_do_not_disturb() {
    let mut house = house(|settings| {
        settings.profiles.push(profile(CALLS, 1));
        settings.representatives[0].profiles.push(HeldProfile { profile: CALLS, limit: None });
    });
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2);
    assert_eq!(house.presence(1), Presence::Busy);
}

#[test]
fn one_full_profile_that_blocks_is_do_not_disturb_and_no_work_of_any_kind_comes() {
    let mut house = house(|settings| {
        settings.profiles[0].blocks_assignment = true;
        settings.profiles[0].limit = 1;
        settings.representatives[0].capacity = Units(9);
        let mut second = settings.workstreams[0].clone();
        (second.id, second.cost, second.profile) = (super::house::workstream(2), Units(1), None);
        second.allowed_presences.push(Presence::DoNotDisturb);
        settings.workstreams.push(second);
    });
    house.connect(1).arrive(1).accept(1, 1).later(Span::from_millis(1));
    house.does(crate::routing::Command::Arrive(super::house::arrival(2, 2, "other")));
    assert_eq!((house.presence(1), house.offered_to(2)), (Presence::DoNotDisturb, None));
    assert_eq!(house.end(1, 1).close(1, 1).offered_to(2), Some(1));
}

/// Everybody has a second profile with room for one, and classification adds it to orders.
fn orders_take_a_call_too(settings: &mut Settings) {
    settings.profiles.push(profile(CALLS, 1));
    for representative in &mut settings.representatives {
        representative.profiles.push(HeldProfile { profile: CALLS, limit: None });
    }
    let when = Condition::Compare("context.topic".parse().unwrap(), Comparison::Equals("order".into()));
    let rule = ClassificationRule { name: line("Orders"), when, then: vec![Outcome::Profile(CALLS)] };
    settings.workstreams[0].classification = vec![Ruleset { name: line("Profiles"), rules: vec![rule] }];
}

fn used(house: &House, number: u8) -> vec::Vec<u32> {
    house.presence_view(number).profiles.iter().map(|profile| profile.used).collect()
}

#[test]
fn work_takes_a_place_in_every_profile_that_classification_adds_and_gives_it_back() {
    let mut house = house(orders_take_a_call_too);
    house.connect(1).arrive_about(1, "order");
    assert_eq!(used(&house, 1), [1, 1], "an offer takes both");
    house.accept(1, 1).arrive_about(2, "order").arrive(3);
    assert_eq!(
        (house.offered_to(2), house.offered_to(3)),
        (None, Some(1)),
        "a place in all of them is needed"
    );
    house.end(1, 1);
    assert_eq!((used(&house, 1), house.offered_to(2)), (vec![2, 1], None));
    house.reject(1, 3).reject(1, 3).reject(1, 3).close(1, 1);
    assert_eq!((used(&house, 1), house.offered_to(2)), (vec![1, 1], Some(1)));
}

#[test]
fn whoever_lacks_a_profile_that_classification_adds_is_not_offered_the_work() {
    let mut house = house(|settings| {
        orders_take_a_call_too(settings);
        settings.representatives[0].profiles.truncate(1);
    });
    house.connect(1).arrive_about(1, "order");
    assert_eq!(house.offered_to(1), None);
    assert_eq!(house.arrive(2).offered_to(2), Some(1), "the rest needs no such place");
    assert_eq!(house.connect(2).offered_to(1), Some(2));
}

#[test]
fn picking_transferring_and_stepping_out_move_every_place() {
    let mut house = house(|settings| {
        orders_take_a_call_too(settings);
        super::house::comes_by(settings, crate::settings::ChannelClass::Asynchronous);
    });
    house.connect(1).connect(2).choose(1, Presence::Away).choose(2, Presence::Away).arrive_about(1, "order");
    assert_eq!(used(house.pick(1, 1), 1), [1, 1].as_slice());
    house.choose(2, Presence::Available).does(super::desk::transfer(1, 1, to(2)));
    assert_eq!(used(&house, 2), [1, 1].as_slice(), "an offer to take it over takes both");
    house.accept(2, 1);
    assert_eq!((used(&house, 1), used(&house, 2)), (vec![0, 0], vec![1, 1]));
    let (representative, conversation) = (super::house::representative(2), super::house::conversation(1));
    house.does(crate::routing::Command::Wait { representative, conversation });
    assert_eq!(used(&house, 2), [0, 0].as_slice());
    house.does(crate::routing::Command::Resume { representative, conversation });
    assert_eq!(used(&house, 2), [1, 1].as_slice());
}

#[test]
fn a_profile_of_classification_is_one_that_somebody_has_in_a_workstream_that_counts_in_profiles() {
    let faults = |change: fn(&mut Settings)| {
        let mut settings = super::house::usual();
        by_profile(&mut settings);
        orders_take_a_call_too(&mut settings);
        change(&mut settings);
        let faults = settings.check().err().map(|error| error.faults).unwrap_or_default();
        faults.into_iter().map(|fault| fault.path).collect::<vec::Vec<_>>()
    };
    let path = "workstreams[0].classification[0].rules[0].then[0].profile";
    assert_eq!(faults(|_| {}), [""; 0]);
    let nobodys = |settings: &mut Settings| {
        settings.representatives.iter_mut().for_each(|representative| representative.profiles.truncate(1));
    };
    assert_eq!(faults(nobodys), [path]);
    let in_units = |settings: &mut Settings| {
        (settings.workstreams[0].profile, settings.workstreams[0].cost) = (None, Units(1));
    };
    assert_eq!(faults(in_units), [path]);
    let gone = |settings: &mut Settings| drop(settings.profiles.pop());
    assert!(faults(gone).iter().any(|fault| fault == path));
}

#[test]
fn consulting_takes_a_place_only_where_the_settings_say_so() {
    let mut house = house(|settings| settings.workstreams[0].sessions.consult.holds_capacity = true);
    house.connect(1).arrive(1).accept(1, 1).connect(2).does(consult(1, 1, to(2)));
    assert_eq!((house.asked(2), house.presence_view(2).profiles[0].used), (vec![OfferKind::Consult], 1));
    house.accept(2, 1).does(end_consult(1, 1, to(2)));
    assert_eq!(house.presence_view(2).profiles[0].used, 0);
}

#[test]
fn profiles_that_do_not_hold_together_are_refused_with_their_paths() {
    let faults = |change: fn(&mut Settings)| {
        let mut settings = super::house::usual();
        by_profile(&mut settings);
        change(&mut settings);
        let error = settings.check().unwrap_err();
        error.faults.into_iter().map(|fault| fault.path).collect::<vec::Vec<_>>()
    };
    assert_eq!(faults(|settings| settings.profiles[0].limit = 0), ["profiles[0].limit"]);
    assert_eq!(faults(|settings| settings.workstreams[0].cost = Units(1)), ["workstreams[0].cost"]);
    assert_eq!(
        faults(|settings| settings.workstreams[0].profile = Some(CALLS)),
        ["workstreams[0].profile", "workstreams[0].profile"]
    );
    assert_eq!(
        faults(|settings| settings.representatives[2].profiles[0].profile = CALLS),
        ["representatives[2].profiles[0].profile"]
    );
    let twice = faults(|settings| {
        let held = settings.representatives[0].profiles[0];
        settings.representatives[0].profiles.push(held);
    });
    assert_eq!(twice, ["representatives[0].profiles[1]"]);
}

#[test]
fn what_is_set_aside_and_taken_up_again_takes_one_place_of_the_day() {
    let mut house = house(|settings| {
        settings.profiles[0].reset = ProfileReset::EndOfDay;
        settings.profiles[0].limit = 2;
        super::house::comes_by(settings, crate::settings::ChannelClass::Asynchronous);
    });
    let (representative, conversation) = (super::house::representative(1), super::house::conversation(1));
    house.connect(1).arrive(1).accept(1, 1);
    for _ in 0..3 {
        house.does(crate::routing::Command::Wait { representative, conversation });
        assert_eq!(used(&house, 1), [1], "what is over for now stays taken until the end of the day");
        house.does(crate::routing::Command::Resume { representative, conversation });
        assert_eq!(used(&house, 1), [1]);
    }
    house.end(1, 1).close(1, 1).arrive(2).accept(1, 2);
    assert_eq!(used(&house, 1), [2]);
    assert_eq!(house.end(1, 2).close(1, 2).arrive(3).offered_to(3), None, "the day is full");
}
