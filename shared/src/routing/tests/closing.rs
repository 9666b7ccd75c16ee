//! Why sessions end: each reason of reference section 2.1 that can occur here, what ends with it, and the two ways in which
//! the system gives up on somebody or on a conversation (sections 16.2 and 16.6).

use alloc::vec;
use alloc::vec::Vec;

use super::desk::*;
use super::house::{House, a_representative, comes_by, conversation, representative};
use crate::protocol::desk::Part;
use crate::protocol::live::Side;
use crate::routing::{Activity, Command, Departure, Effect, SessionEnd};
use crate::settings::{
    ChannelClass, Limit, LongWait, Overflow, OverflowAction, OverflowCause, Presence, Settings, Silent,
    TimeOutAction, TimeOutRule, Units,
};
use crate::time::Span;

/// Every reason. What is missing here does not compile below.
const EVERY: [SessionEnd; 24] = [
    SessionEnd::Rejected,
    SessionEnd::TimedOut,
    SessionEnd::RepresentativeLeft,
    SessionEnd::ConversationClosed,
    SessionEnd::Transferred,
    SessionEnd::RepresentativeDisconnected,
    SessionEnd::Rerouted,
    SessionEnd::Released,
    SessionEnd::AssignedToQueue,
    SessionEnd::TransferredBySupervisor,
    SessionEnd::ForceClosed,
    SessionEnd::TurnedAway,
    SessionEnd::AutoClosed,
    SessionEnd::CustomerDisconnected,
    SessionEnd::RepresentativeEnded,
    SessionEnd::CustomerEnded,
    SessionEnd::TransferredToQueue,
    SessionEnd::WaitedTooLong,
    SessionEnd::EndedByHand,
    SessionEnd::TooManySessions,
    SessionEnd::CallTimedOut,
    SessionEnd::CustomerSilent,
    SessionEnd::RepresentativeSilent,
    SessionEnd::MovedToWaiting,
];

fn silent(of: Silent) -> House {
    let mut house = House::with(|settings| {
        comes_by(settings, ChannelClass::Asynchronous);
        settings.workstreams[0].sessions.time_outs =
            vec![TimeOutRule::new(of, Span::from_secs(60), TimeOutAction::Close)];
    })
    .with_somebody_busy(&[]);
    let side = if of == Silent::Customer { Side::Staff } else { Side::Customer };
    house.does(wrote(1, side)).after(Span::from_secs(61));
    house
}

/// The first has conversation 1 and the second nothing; what the first does there ends a session for this reason.
fn ended_by(reason: SessionEnd) -> House {
    let mut house = House::busy(&[2]);
    match reason {
        SessionEnd::Rejected => house.arrive(2).reject(2, 2),
        SessionEnd::TimedOut => house.arrive(2).after(Span::from_secs(60)),
        SessionEnd::RepresentativeLeft => house.does(leave(1, 1)),
        SessionEnd::ConversationClosed => house.does(consult(1, 1, to(2))).accept(2, 1).end(1, 1),
        SessionEnd::Transferred => house.does(transfer(1, 1, to(2))).accept(2, 1),
        SessionEnd::RepresentativeDisconnected => house.disconnect(1).after(Span::from_millis(150_001)),
        SessionEnd::Rerouted => house.arrive(2).disconnect(2),
        SessionEnd::Released => house.does(release(1, 1)),
        SessionEnd::AssignedToQueue => house.does(redirect(1, to_queue(1))),
        SessionEnd::TransferredBySupervisor => house.does(redirect(1, to(2))).accept(2, 1),
        SessionEnd::ForceClosed => house.does(force_close(1)),
        SessionEnd::TurnedAway => {
            let when = OverflowCause::ItemsWaiting(1);
            house.configure(|settings| {
                settings.queues[0].overflow = vec![Overflow { when, action: OverflowAction::End }];
            });
            house.choose(1, Presence::Away).choose(2, Presence::Away);
            house.arrive_about(2, "order").arrive_about(3, "order")
        }
        SessionEnd::WaitedTooLong => {
            let longer_than = Span::from_secs(60);
            house.configure(|settings| {
                settings.queues[1].long_wait = Some(LongWait { longer_than, action: OverflowAction::End });
            });
            house.choose(2, Presence::Away).choose(1, Presence::Away).arrive(2).after(Span::from_secs(61))
        }
        SessionEnd::AutoClosed => {
            house.configure(|settings| {
                settings.workstreams[0].sessions.auto_close.active = Limit::After(Span::from_secs(60));
            });
            house.after(Span::from_secs(60))
        }
        SessionEnd::CustomerDisconnected => {
            let how = Departure::Disconnected;
            house.does(Command::CustomerLeft { conversation: conversation(1), how }).close(1, 1)
        }
        SessionEnd::RepresentativeEnded => house.end(1, 1).close(1, 1),
        SessionEnd::CustomerEnded => house.customer_leaves(1).close(1, 1),
        SessionEnd::TransferredToQueue => house.does(transfer(1, 1, to_queue(1))),
        SessionEnd::EndedByHand => {
            house.does(consult(1, 1, to(2))).accept(2, 1).does(end_consult(1, 1, to(2)))
        }
        SessionEnd::TooManySessions => {
            house.configure(|settings| settings.desk.most_sessions = 1).sign_out(2).arrive(2)
        }
        SessionEnd::CallTimedOut => {
            house.configure(|settings| comes_by(settings, ChannelClass::Voice));
            house.after(Span::from_secs(7_200)).close(1, 1)
        }
        SessionEnd::CustomerSilent => return silent(Silent::Customer),
        SessionEnd::RepresentativeSilent => return silent(Silent::Representative),
        SessionEnd::MovedToWaiting => {
            let mut house = House::asynchronous().with_somebody_busy(&[]);
            house.does(wait(1, 1));
            return house;
        }
    };
    house
}

#[test]
fn every_reason_is_given() {
    for reason in EVERY {
        let house = ended_by(reason);
        let of_a_session = house.sessions_ended().iter().any(|(_, other)| *other == reason);
        // What nobody has had ends without a session.
        let of_the_conversation = house.last.iter().any(|effect| {
            matches!(effect, Effect::Record(Activity::ConversationClosed { reason: why, .. }) if *why == reason)
        });
        assert!(of_a_session || of_the_conversation, "{reason:?}: {:?}", house.last);
    }
    let numbers: Vec<u8> = EVERY.iter().map(|reason| reason.number()).collect();
    assert!(numbers.is_sorted_by(|one, other| one < other), "the numbers of the published list: {numbers:?}");
}

/// A desk holds two sessions; everybody could have nine units.
fn small_desk(settings: &mut Settings) {
    settings.desk.most_sessions = 2;
    settings.representatives.iter_mut().for_each(|representative| representative.capacity = Units(9));
}

#[test]
fn an_offer_to_somebody_with_too_many_sessions_fails_and_they_are_shown_as_do_not_disturb() {
    let mut house = House::with(small_desk);
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2);
    assert_eq!(house.presence(1), Presence::Busy, "not before another item comes");
    house.arrive(3);
    assert_eq!((house.offered_to(3), house.presence(1)), (None, Presence::DoNotDisturb));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::TooManySessions)]);
    assert_eq!(house.arrive(4).sessions_ended(), [], "once is enough");
    assert_eq!(house.end(1, 1).offered_to(3), None, "wrap-up is open too");
    assert_eq!((house.close(1, 1).offered_to(3), house.offered_to(4)), (Some(1), Some(1)));
    assert_eq!(house.presence(1), Presence::Busy);
}

#[test]
fn what_one_desk_has_no_room_for_goes_to_the_next() {
    let mut house = House::with(small_desk);
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2);
    house.configure(|settings| settings.representatives[1].capacity = Units(3)).connect(2).arrive(3);
    assert_eq!(
        (house.sessions_ended(), house.offered_to(3)),
        (vec![(1, SessionEnd::TooManySessions)], Some(2))
    );
    assert_eq!(house.arrive(4).pick(1, 4).owner(4), Some(1), "by hand it may be more");
}

#[test]
fn somebody_who_is_wished_for_and_has_too_many_sessions_is_passed_over_too() {
    let mut house = House::with(small_desk);
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2);
    let preferred = vec![representative(1)];
    let arrival = crate::routing::Arrival { preferred, ..super::house::arrival(3, 1, "other") };
    house.does(Command::Arrive(arrival));
    assert_eq!((house.offered_to(3), house.presence(1)), (None, Presence::DoNotDisturb));
    assert_eq!(
        house.choose(1, Presence::Available).presence(1),
        Presence::DoNotDisturb,
        "whatever they choose"
    );
    house.after(Span::from_secs(5));
    assert_eq!(house.end(1, 1).close(1, 1).offered_to(3), Some(1));
}

#[test]
fn a_larger_desk_brings_what_waits_at_once_and_what_is_set_aside_is_not_open() {
    let mut house = House::with(|settings| {
        small_desk(settings);
        comes_by(settings, ChannelClass::Asynchronous);
    });
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2).arrive(3);
    assert_eq!(house.does(wait(1, 1)).offered_to(3), Some(1));
    house.accept(1, 3).arrive(4);
    assert_eq!(house.offered_to(4), None);
    assert_eq!(house.configure(|settings| settings.desk.most_sessions = 3).offered_to(4), Some(1));
}

#[test]
fn a_hundred_who_declined_end_automatic_assignment_and_picking_and_assigning_go_on() {
    let everybody = 1..=101_u128;
    let id = |number: u128| crate::id::RepresentativeId::from_u128(0xa0 + number);
    let mut house = House::with(|settings| {
        settings.representatives = everybody
            .clone()
            .map(|number| crate::settings::Representative { id: id(number), ..a_representative(1, 2) })
            .collect();
        settings.queues.iter_mut().for_each(|queue| queue.members = everybody.clone().map(id).collect());
        settings.workstreams[0].offers_per_representative = 1;
        settings.workstreams[0].offer_timeout = Span::from_secs(5);
        settings.workstreams[0].sessions.auto_close.open = Limit::Never;
    });
    house.arrive(1);
    for number in everybody {
        let connection = crate::id::ConnectionId::from_u128(number);
        house.does(Command::Connect { representative: id(number), connection });
        let there = house.router.takes_part(id(number), conversation(1));
        assert_eq!(there, number <= 100, "{number}");
        if there {
            house.after(Span::from_secs(5));
        }
    }
    assert_eq!(house.router.position(conversation(1)), None);
    let explained = house.router.explain(conversation(1)).unwrap();
    assert!(explained.people.iter().all(|of| of.hindrance.as_ref().unwrap().why.contains("hundred")));
    assert_eq!(house.clone().pick(1, 1).owner(1), Some(1));
    house.does(assign(1, to(2)));
    assert_eq!(house.offered_to(1), Some(2));
}

#[test]
fn whoever_took_part_in_a_conversation_that_ends_is_recorded_with_it() {
    let mut house = House::busy(&[2]);
    house.does(monitor(SUPERVISOR, 1)).does(consult(1, 1, to(2))).accept(2, 1).does(force_close(1));
    let parts = house.last.iter().filter_map(|effect| match effect {
        Effect::Record(Activity::SessionEnded { representative, part, reason, .. }) => {
            Some((*representative, *part, *reason))
        }
        _ => None,
    });
    let expected = [(2, Part::PrivateConsultant), (1, Part::Primary), (SUPERVISOR, Part::Monitor)];
    let expected = expected.map(|(who, part)| (representative(who), part, SessionEnd::ForceClosed));
    assert_eq!(parts.collect::<Vec<_>>(), expected);
}

#[test]
fn whoever_looks_on_at_what_they_are_offered_has_one_session_of_it() {
    let mut house = House::with(|settings| {
        small_desk(settings);
        settings.desk.supervisors_may = [crate::settings::SupervisorRight::Monitor].into();
    });
    house.connect(1).arrive(1).accept(1, 1).connect(2).does(monitor(2, 1));
    house.choose(1, Presence::Away).does(release(1, 1));
    assert_eq!(house.offered_to(1), Some(2), "nobody else is there");
    assert_eq!(house.arrive(2).offered_to(2), Some(2), "their desk holds another");
}
