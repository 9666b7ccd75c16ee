//! Presence: computed from capacity, or chosen by hand (reference sections 20.1 to 20.3, S34, S37, S38).

use super::house::{House, line, representative};
use crate::protocol::desk::DeskFrame;
use crate::routing::{Command, Rejection};
use crate::settings::{Presence, Units};

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
