//! Presence: computed from capacity, or chosen by hand (reference sections 20.1 to 20.3, S34, S37, S38).

use alloc::vec;
use alloc::vec::Vec;

use super::desk::override_presence;
use super::house::{House, line, representative};
use crate::id::PresenceId;
use crate::protocol::desk::{DeskFrame, PresenceSource};
use crate::routing::{Command, Rejection};
use crate::settings::{BasePresence, CustomPresence, Presence, Settings, Units};
use crate::time::Span;

#[test]
fn sign_in_with_a_default_of_away_or_offline_sets_that_default() {
    for default in [Presence::Away, Presence::Offline] {
        let mut house = House::with(|settings| settings.representatives[0].default_presence = default);
        house.connect(1);
        assert_eq!(house.presence(1), default);
        assert!(!house.presence_view(1).manual);
        assert_eq!(house.arrive(1).offered_to(1), None);
    }
}

#[test]
fn sign_in_with_any_other_default_computes_from_capacity() {
    for default in [Presence::Available, Presence::Busy, Presence::DoNotDisturb] {
        let mut house = House::with(|settings| settings.representatives[0].default_presence = default);
        assert_eq!(house.connect(1).presence(1), Presence::Available);
    }
}

#[test]
fn no_capacity_used_is_available_part_used_is_busy_all_used_is_do_not_disturb() {
    let mut house = House::new();
    assert_eq!(house.connect(1).presence(1), Presence::Available);
    assert_eq!(house.arrive(1).accept(1, 1).presence(1), Presence::Busy);
    assert_eq!(house.arrive(2).accept(1, 2).presence(1), Presence::DoNotDisturb);
    assert_eq!(house.end(1, 2).close(1, 2).presence(1), Presence::Busy);
    assert_eq!(house.end(1, 1).close(1, 1).presence(1), Presence::Available);
}

#[test]
fn more_than_all_used_is_do_not_disturb() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2).arrive(3).pick(1, 3);
    assert_eq!((house.used(1), house.presence(1)), (3, Presence::DoNotDisturb));
}

#[test]
fn a_capacity_of_nothing_is_all_used() {
    let mut house = House::with(|settings| settings.representatives[0].capacity = Units(0));
    assert_eq!(house.connect(1).presence(1), Presence::DoNotDisturb);
}

#[test]
fn an_open_offer_takes_capacity() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    assert_eq!((house.used(1), house.presence(1)), (1, Presence::Busy));
}

#[test]
fn a_manual_available_or_busy_holds_until_an_offer_is_accepted() {
    for (manual, computed) in
        [(Presence::Available, Presence::DoNotDisturb), (Presence::Busy, Presence::DoNotDisturb)]
    {
        let mut house = House::with(|settings| settings.representatives[0].capacity = Units(1));
        house.connect(1).choose(1, manual).arrive(1);
        assert_eq!(house.presence(1), manual, "an offer alone does not clear it");
        assert!(house.presence_view(1).manual);
        assert_eq!(house.accept(1, 1).presence(1), computed);
        assert!(!house.presence_view(1).manual);
    }
}

#[test]
fn a_manual_available_falls_to_busy_on_a_pick() {
    let mut house = House::new();
    house.connect(1).choose(1, Presence::Away).arrive(1).choose(1, Presence::Available);
    assert_eq!(house.reject(1, 1).reject(1, 1).reject(1, 1).presence(1), Presence::Available);
    assert_eq!(house.pick(1, 1).presence(1), Presence::Busy);
}

#[test]
fn a_manual_busy_holds_until_a_running_item_is_closed() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).choose(1, Presence::Busy);
    assert_eq!(house.end(1, 1).presence(1), Presence::Busy);
    assert!(house.presence_view(1).manual, "ending is not closing");
    assert_eq!(house.close(1, 1).presence(1), Presence::Available);
}

#[test]
fn a_manual_offline_away_or_do_not_disturb_outlasts_accepting_and_closing() {
    for manual in [Presence::Offline, Presence::Away, Presence::DoNotDisturb] {
        let mut house = House::new();
        house.connect(1).choose(1, manual).arrive(1).pick(1, 1);
        assert_eq!(house.presence(1), manual, "after accepting by pick");
        assert_eq!(house.end(1, 1).close(1, 1).presence(1), manual, "after closing");
        assert!(house.presence_view(1).manual);
    }
}

#[test]
fn a_manual_presence_holds_until_the_next_manual_change() {
    let mut house = House::new();
    house.connect(1).choose(1, Presence::Away).choose(1, Presence::Available);
    assert_eq!(house.arrive(1).offered_to(1), Some(1));
}

#[test]
fn signing_out_clears_a_manual_presence() {
    for default in [Presence::Available, Presence::Away] {
        let mut house = House::with(|settings| settings.representatives[0].default_presence = default);
        house.connect(1).choose(1, Presence::DoNotDisturb).sign_out(1);
        assert_eq!(house.presence(1), Presence::Offline);
        assert_eq!(house.connect(1).presence(1), default, "calculated afresh, even at once");
    }
}

#[test]
fn signing_out_while_gone_clears_a_manual_presence_too() {
    let mut house = House::new();
    house.connect(1).choose(1, Presence::DoNotDisturb).disconnect(1).sign_out(1);
    assert_eq!(house.connect(1).presence(1), Presence::Available);
}

#[test]
fn a_choice_of_presence_is_always_acknowledged() {
    let mut house = House::new();
    house.connect(1);
    for _ in 0..2 {
        house.choose(1, Presence::Away);
        let shown = house.shown(1);
        assert!(
            matches!(&shown[..], [DeskFrame::Presence { presence }] if presence.presence == Presence::Away && presence.manual)
        );
    }
}

#[test]
fn inactive_is_not_for_choice() {
    let mut house = House::new();
    let command = Command::SetPresence { representative: representative(1), presence: Presence::Inactive };
    house.connect(1).refuses(command, Rejection::PresenceNotForChoice);
}

#[test]
fn nobody_chooses_a_presence_while_they_are_not_there() {
    let mut house = House::new();
    let command = Command::SetPresence { representative: representative(1), presence: Presence::Available };
    house.refuses(command, Rejection::NotPossibleNow);
}

#[test]
fn a_presence_that_becomes_allowed_brings_what_waits_at_once() {
    let mut house = House::new();
    house.connect(1).choose(1, Presence::DoNotDisturb).arrive(1);
    assert_eq!(house.offered_to(1), None);
    assert_eq!(house.choose(1, Presence::Busy).offered_to(1), Some(1));
}

#[test]
fn names_come_from_the_settings() {
    let house = House::new();
    assert_eq!(house.router.full_name(representative(1)), Some("Ada Fox"));
    assert_eq!(house.router.public_name(representative(1)), Some("Ada"));
    assert_eq!(house.router.full_name(representative(4)), None);
    let mut house = house;
    house.configure(|settings| settings.representatives[0].full_name = line("Ada King"));
    assert_eq!(house.router.full_name(representative(1)), Some("Ada King"));
}

const LUNCH: PresenceId = PresenceId::from_u128(0xf0);

/// Representatives can say that they are at lunch, or that they help new colleagues, which the first workstream allows.
fn with_custom_presences(base: BasePresence) -> House {
    House::with(|settings| {
        settings.presences = vec![CustomPresence {
            id: LUNCH,
            name: line("lunch"),
            text: line("At lunch"),
            base,
            description: None,
        }];
    })
}

#[test]
fn routing_compares_a_custom_presence_itself_and_not_what_it_stands_for() {
    let mut house = with_custom_presences(BasePresence::Available);
    house.connect(1).choose(1, Presence::Custom(LUNCH)).arrive(1);
    let view = house.presence_view(1);
    assert_eq!(
        (view.presence, view.base, view.text.as_deref()),
        (Presence::Custom(LUNCH), BasePresence::Available, Some("At lunch"))
    );
    assert_eq!(house.offered_to(1), None);
    house.configure(|settings| settings.workstreams[0].allowed_presences.push(Presence::Custom(LUNCH)));
    assert_eq!(house.offered_to(1), Some(1));
}

#[test]
fn a_custom_presence_that_stands_for_away_outlasts_work_and_one_that_stands_for_busy_does_not() {
    for (base, presence) in
        [(BasePresence::Away, Presence::Custom(LUNCH)), (BasePresence::Busy, Presence::Busy)]
    {
        let mut house = with_custom_presences(base);
        house.connect(1).choose(1, Presence::Custom(LUNCH)).arrive(1).pick(1, 1);
        assert_eq!(house.presence(1), presence);
    }
}

#[test]
fn a_default_that_stands_for_away_stands_after_sign_in() {
    let mut house = with_custom_presences(BasePresence::Away);
    house.configure(|settings| settings.representatives[0].default_presence = Presence::Custom(LUNCH));
    house.connect(1);
    assert_eq!((house.presence(1), house.presence_view(1).manual), (Presence::Custom(LUNCH), false));
}

#[test]
fn a_custom_presence_that_does_not_exist_cannot_be_chosen_and_one_that_is_deleted_counts_as_away() {
    let mut house = with_custom_presences(BasePresence::Available);
    let unknown = Presence::Custom(PresenceId::from_u128(1));
    let command = Command::SetPresence { representative: representative(1), presence: unknown };
    house.connect(1).refuses(command, Rejection::PresenceNotForChoice).choose(1, Presence::Custom(LUNCH));
    house.configure(|settings| settings.presences.clear());
    assert_eq!(house.presence_view(1).base, BasePresence::Away);
}

#[test]
fn whoever_misses_an_offer_becomes_inactive_where_the_organisation_wants_it() {
    let mut house = House::with(|settings| settings.desk.inactive_after_missed_offer = true);
    house.connect(1).choose(1, Presence::Available).arrive(1).after(Span::from_secs(60));
    assert_eq!((house.presence(1), house.presence_view(1).manual), (Presence::Inactive, false));
    assert_eq!(house.offered_to(1), None, "whoever is inactive is offered nothing");
    assert_eq!(house.connect(2).offered_to(1), Some(2));
}

#[test]
fn nobody_becomes_inactive_where_away_is_allowed_or_by_rejecting() {
    let mut house = House::with(|settings| {
        settings.desk.inactive_after_missed_offer = true;
        settings.workstreams[0].allowed_presences.push(Presence::Away);
    });
    house.connect(1).arrive(1).after(Span::from_secs(60));
    assert_ne!(house.presence(1), Presence::Inactive);
    let mut house = House::with(|settings| settings.desk.inactive_after_missed_offer = true);
    house.connect(1).arrive(1).reject(1, 1);
    assert_ne!(house.presence(1), Presence::Inactive);
}

#[test]
fn an_inactive_representative_comes_back_by_hand_by_a_supervisor_or_by_signing_in_again() {
    let inactive = || {
        let mut house = House::with(|settings| settings.desk.inactive_after_missed_offer = true);
        house.connect(1).arrive(1).after(Span::from_secs(60));
        house
    };
    let reset = Command::ResetPresence { representative: representative(1) };
    assert_eq!(inactive().does(reset).offered_to(1), Some(1));
    assert_eq!(inactive().choose(1, Presence::Busy).presence(1), Presence::Busy);
    assert_eq!(inactive().does(override_presence(1, None)).presence(1), Presence::Busy, "offered it again");
    assert_eq!(inactive().disconnect(1).connect(1).presence(1), Presence::Inactive, "back in time");
    assert_ne!(inactive().sign_out(1).connect(1).presence(1), Presence::Inactive);
}

#[test]
fn becoming_inactive_clears_a_manual_presence() {
    let mut house = House::with(|settings| {
        settings.desk.inactive_after_missed_offer = true;
        settings.workstreams[0].allowed_presences.push(Presence::DoNotDisturb);
    });
    house.connect(1).choose(1, Presence::DoNotDisturb).arrive(1).after(Span::from_secs(60));
    house.does(Command::ResetPresence { representative: representative(1) });
    assert_ne!(house.presence(1), Presence::DoNotDisturb);
}

#[test]
fn whoever_rejects_an_offer_is_shown_as_do_not_disturb_where_the_organisation_wants_it() {
    let mut house = House::with(|settings| settings.desk.do_not_disturb_after_reject = true);
    house.connect(1).arrive(1).reject(1, 1);
    assert_eq!((house.presence(1), house.offered_to(1)), (Presence::DoNotDisturb, None));
    house.configure(|settings| settings.workstreams[0].allowed_presences.push(Presence::DoNotDisturb));
    assert_eq!(house.offered_to(1), Some(1), "items still come if that presence is allowed");
}

#[test]
fn a_presence_says_where_it_comes_from() {
    let source = |house: &House| house.presence_view(1).source;
    let mut house = House::with(|settings| {
        settings.desk.do_not_disturb_after_reject = true;
        settings.desk.inactive_after_missed_offer = true;
        settings.desk.most_sessions = 1;
    });
    assert_eq!(source(house.connect(1)), PresenceSource::Workload);
    assert_eq!(source(house.arrive(1).reject(1, 1)), PresenceSource::System);
    let reset = Command::ResetPresence { representative: representative(1) };
    assert_eq!(source(house.does(reset.clone())), PresenceSource::Workload);
    assert_eq!(source(house.after(Span::from_secs(60))), PresenceSource::System, "it ran out");
    assert_eq!(source(house.choose(1, Presence::Away)), PresenceSource::Chosen);
    house.does(reset).accept(1, 1).choose(1, Presence::Busy).arrive(2);
    assert_eq!((house.presence(1), source(&house)), (Presence::DoNotDisturb, PresenceSource::Workload));
    let mut house = House::with(|settings| settings.representatives[0].default_presence = Presence::Away);
    assert_eq!(source(house.connect(1)), PresenceSource::Default);
    assert_eq!(source(house.disconnect(1)), PresenceSource::Workload, "their connection is gone");
}

#[test]
fn resetting_drops_what_was_chosen() {
    let mut house = House::new();
    let reset = Command::ResetPresence { representative: representative(1) };
    house.refuses(reset.clone(), Rejection::NotPossibleNow);
    house.connect(1).choose(1, Presence::Away).does(reset.clone());
    assert_eq!((house.presence(1), house.presence_view(1).manual), (Presence::Available, false));
    let mut house = House::with(|settings| settings.representatives[0].default_presence = Presence::Away);
    house.connect(1).choose(1, Presence::Busy).does(reset);
    assert_eq!(house.presence(1), Presence::Away, "a default of Away or Offline stands");
}

#[test]
fn the_grace_time_is_a_setting() {
    let mut house = House::with(|settings| settings.desk.presence_grace = Span::from_secs(10));
    house.connect(1).choose(1, Presence::Away).disconnect(1).after(Span::from_secs(10)).connect(1);
    assert_eq!(house.presence(1), Presence::Away);
    house.disconnect(1).after(Span::from_millis(10_001)).connect(1);
    assert_eq!(house.presence(1), Presence::Available);
}

#[test]
fn presences_that_do_not_hold_together_are_refused_with_their_paths() {
    let faults = |change: fn(&mut Settings)| {
        let mut settings = with_custom_presences(BasePresence::Offline).settings;
        change(&mut settings);
        let error = settings.check().unwrap_err();
        error.faults.into_iter().map(|fault| fault.path).collect::<Vec<_>>()
    };
    assert_eq!(faults(|settings| settings.presences[0].base = BasePresence::Inactive), ["presences[0].base"]);
    let twice = faults(|settings| {
        let presence = settings.presences[0].clone();
        settings.presences.push(presence);
    });
    assert_eq!(twice, ["presences[1]"]);
    let offline = faults(|settings| settings.workstreams[0].allowed_presences.push(Presence::Custom(LUNCH)));
    assert_eq!(offline, ["workstreams[0].allowed_presences[2]"]);
    let unknown = Presence::Custom(PresenceId::from_u128(1));
    assert_eq!(
        faults(|settings| settings.representatives[0].default_presence =
            Presence::Custom(PresenceId::from_u128(1))),
        ["representatives[0].default_presence"]
    );
    let mut settings = super::house::usual();
    settings.workstreams[0].allowed_presences.push(unknown);
    assert_eq!(settings.check().unwrap_err().faults[0].path, "workstreams[0].allowed_presences[2]");
}
