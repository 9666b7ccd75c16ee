//! Consoles come and go; the grace time of 2.5 minutes (reference sections 20.4, 21.2 and 44, S35 and S36).

use alloc::vec;

use super::house::{House, console, representative};
use crate::conversation::Notice;
use crate::limit::PRESENCE_GRACE;
use crate::protocol::desk::{OfferGoneReason, WorkState};
use crate::routing::{Command, Rejection, SessionEnd};
use crate::settings::Presence;
use crate::time::Span;

const JUST_BEYOND: Span = Span::from_millis(PRESENCE_GRACE.as_millis() + 1);

#[test]
fn whoever_is_gone_is_offline_at_once_and_is_offered_nothing() {
    let mut house = House::new();
    house.connect(1).disconnect(1);
    assert_eq!(house.presence(1), Presence::Offline);
    assert_eq!(house.arrive(1).offered_to(1), None);
}

#[test]
fn back_within_two_and_a_half_minutes_restores_the_presence() {
    for gone in [Span::from_secs(1), Span::from_secs(149), PRESENCE_GRACE] {
        let mut house = House::new();
        house.connect(1).choose(1, Presence::DoNotDisturb).disconnect(1);
        assert_eq!(house.after(gone).connect(1).presence(1), Presence::DoNotDisturb, "{gone:?}");
        assert!(house.presence_view(1).manual);
    }
}

#[test]
fn back_after_two_and_a_half_minutes_calculates_the_presence_afresh() {
    for gone in [JUST_BEYOND, Span::from_secs(151)] {
        let mut house = House::new();
        house.connect(1).choose(1, Presence::DoNotDisturb).disconnect(1);
        assert_eq!(house.after(gone).connect(1).presence(1), Presence::Available);
        let mut house = House::with(|settings| settings.representatives[0].default_presence = Presence::Away);
        house.connect(1).choose(1, Presence::Available).disconnect(1);
        assert_eq!(house.after(gone).connect(1).presence(1), Presence::Away);
    }
}

#[test]
fn the_clock_decides_who_is_back_in_time_even_if_the_alarm_is_late() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).choose(1, Presence::DoNotDisturb).disconnect(1);
    house.later(JUST_BEYOND).connect(1);
    assert_eq!(house.presence(1), Presence::Busy, "the choice is dropped; the conversation is offered again");
    assert_eq!(house.offered_to(1), Some(1));
}

#[test]
fn several_consoles_of_one_representative_count_as_one() {
    let mut house = House::new();
    house.connect_tab(1, 0).connect_tab(1, 1).arrive(1).disconnect_tab(1, 0);
    assert_eq!(house.offered_to(1), Some(1));
    assert_eq!(house.disconnect_tab(1, 1).presence(1), Presence::Offline);
}

#[test]
fn a_connection_counts_once_and_goes_once() {
    let mut house = House::new();
    house.connect(1).connect(1);
    assert_eq!(house.disconnect(1).presence(1), Presence::Offline);
    assert_eq!(house.disconnect(1).last, []);
}

#[test]
fn the_offer_of_whoever_is_gone_goes_to_the_next_at_once() {
    let mut house = House::new();
    house.connect(1).arrive(1).connect(2).disconnect(1);
    assert_eq!(house.offered_to(1), Some(2));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::Rerouted)]);
}

#[test]
fn an_offer_withdrawn_because_its_representative_was_gone_is_not_a_decline() {
    let mut house = House::with(|settings| settings.workstreams[0].offers_per_representative = 1);
    house.connect(1).arrive(1).disconnect(1).connect(1);
    assert_eq!(house.offered_to(1), Some(1));
}

#[test]
fn back_within_the_grace_time_nothing_has_happened_to_running_work() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).disconnect(1);
    house.notices(1);
    house.after(PRESENCE_GRACE).connect(1);
    let back = Notice::RepresentativeIs { representative: representative(1), absence: None };
    assert_eq!(
        (house.notices(1), house.owner(1), house.state(1)),
        (vec![back], Some(1), Some(WorkState::Active))
    );
}

#[test]
fn customers_hear_at_once_that_the_last_console_of_their_representative_is_gone() {
    let mut house = House::new();
    house.connect(1).connect(2).arrive(1).accept(1, 1);
    house.disconnect(2);
    assert_eq!(house.notices(1), [], "somebody else's console is no matter of theirs");
    house.disconnect(1);
    let [Notice::RepresentativeIs { representative: gone, absence: Some(absence) }] = house.notices(1)[..]
    else {
        panic!("nobody was told")
    };
    assert_eq!(gone, representative(1));
    assert_eq!(absence.until, absence.since.after(PRESENCE_GRACE));
    // Whoever signs out is gone as well.
    house.connect(1).notices(1);
    house.sign_out(1);
    let is_gone = |notice: &Notice| matches!(notice, Notice::RepresentativeIs { absence: Some(_), .. });
    assert!(house.notices(1).iter().any(is_gone));
}

#[test]
fn running_work_of_whoever_does_not_come_back_waits_again_at_its_old_age() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2);
    house.connect(2).choose(2, Presence::Away).arrive(3).disconnect(1).after(JUST_BEYOND);
    assert_eq!(
        house.notices(1),
        [
            Notice::Unassigned { representative: representative(1) },
            // Somebody who is away gives no hope.
            Notice::Queued { anyone_available: false }
        ]
    );
    let gone = SessionEnd::RepresentativeDisconnected;
    assert_eq!(house.sessions_ended(), [(1, gone), (1, gone)]);
    // The oldest first: not the one that has been waiting all the time.
    house.choose(2, Presence::Available);
    assert_eq!([1, 2, 3].map(|item| house.offered_to(item)), [Some(2), Some(2), None]);
}

#[test]
fn running_work_goes_to_somebody_who_is_there_as_soon_as_the_grace_time_is_over() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).connect(2).disconnect(1);
    assert_eq!(house.after(PRESENCE_GRACE).offered_to(1), None);
    assert_eq!(house.after(Span::from_millis(1)).offered_to(1), Some(2));
    assert_eq!(house.accept(2, 1).owner(1), Some(2));
}

#[test]
fn wrap_up_of_whoever_does_not_come_back_is_closed_after_fifteen_minutes() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).end(1, 1).disconnect(1);
    assert!(!house.after(Span::from_secs(899)).closed(1));
    assert!(house.after(Span::from_secs(1)).closed(1));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::AutoClosed)]);
}

#[test]
fn signing_out_withdraws_offers_and_leaves_running_work_the_grace_time() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).connect(2).sign_out(1);
    assert_eq!(house.offered_to(2), Some(2));
    assert_eq!(house.after(PRESENCE_GRACE).owner(1), Some(1));
    assert_eq!(house.after(Span::from_millis(1)).offered_to(1), Some(2));
}

#[test]
fn whoever_signs_in_again_within_the_grace_time_keeps_their_running_work() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).sign_out(1).after(Span::from_secs(60)).connect(1);
    assert_eq!(house.after(JUST_BEYOND).owner(1), Some(1));
}

#[test]
fn connections_that_a_restart_did_not_find_are_gone_since_now() {
    let mut house = House::new();
    house.connect(1).connect(2).arrive(1);
    assert_eq!(house.offered_to(1), Some(1));
    house.choose(1, Presence::DoNotDisturb).later(Span::from_secs(3600));
    house.does(Command::ConnectionsAre { open: vec![(representative(2), console(2, 0))] });
    assert_eq!(house.presence(1), Presence::Offline);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::Rerouted)]);
    assert_eq!(house.offered_to(1), Some(2));
    house.after(PRESENCE_GRACE).connect(1);
    assert_eq!(house.presence(1), Presence::DoNotDisturb, "the grace time began with the restart");
}

#[test]
fn a_new_socket_after_a_restart_keeps_the_offer() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    house.does(Command::ConnectionsAre { open: vec![(representative(1), console(1, 1))] });
    assert_eq!((house.offered_to(1), house.offers_gone(1)), (Some(1), vec![]));
    assert_eq!(house.disconnect_tab(1, 1).presence(1), Presence::Offline);
}

#[test]
fn connections_of_strangers_are_passed_over_after_a_restart() {
    let mut house = House::new();
    house.does(Command::ConnectionsAre { open: vec![(representative(4), console(4, 0))] });
    assert_eq!(house.last, []);
}

#[test]
fn whoever_is_no_representative_may_sit_at_a_desk_and_is_refused_whatever_they_do() {
    let mut house = House::new();
    let (representative, connection) = (representative(4), console(4, 0));
    house
        .arrive(1)
        .refuses(Command::SignOut { representative }, Rejection::UnknownRepresentative)
        .refuses(Command::Disconnect { representative, connection }, Rejection::UnknownRepresentative)
        .does(Command::Connect { representative, connection })
        .refuses(
            Command::SetPresence { representative, presence: Presence::Busy },
            Rejection::UnknownRepresentative,
        )
        .refuses(
            Command::Pick { representative, conversation: super::house::conversation(1) },
            Rejection::UnknownRepresentative,
        );
}

#[test]
fn an_offer_that_ran_out_while_its_representative_is_there_is_shown_as_timed_out() {
    let mut house = House::new();
    house.connect(1).arrive(1).after(Span::from_secs(60));
    assert_eq!(house.offers_gone(1), [OfferGoneReason::TimedOut]);
}
