//! What supervisors do (reference section 26), and who looks on at no cost.

use alloc::string::String;
use alloc::vec;

use super::desk::*;
use super::house::{House, a_queue, console, conversation, queue, representative};
use crate::conversation::Notice;
use crate::form::Answer;
use crate::limit::PRESENCE_GRACE;
use crate::protocol::desk::{DeskFrame, OfferGoneReason, OfferKind, Part, Purpose, WorkState};
use crate::protocol::live::EndedBy;
use crate::routing::{Activity, Command, Effect, Rejection, SessionEnd, SupervisorAct};
use crate::settings::{Presence, QueueKind};
use crate::time::Span;

fn acts(house: &House) -> usize {
    let act = |effect: &&Effect| {
        matches!(effect, Effect::Record(Activity::Supervised { supervisor, .. })
            if *supervisor == representative(SUPERVISOR))
    };
    house.last.iter().filter(act).count()
}

fn joined(part: Part) -> Notice {
    let (full_name, public_name) = ("Sam Stone".into(), "Sam Stone".into());
    Notice::Joined { representative: representative(SUPERVISOR), full_name, public_name, part }
}

#[test]
fn a_supervisor_monitors_what_runs_is_set_aside_or_in_wrap_up() {
    let mut house = House::busy(&[]);
    house.does(monitor(SUPERVISOR, 1));
    assert_eq!((house.notices(1), acts(&house)), (vec![joined(Part::Monitor)], 1));
    assert_eq!(house.part(SUPERVISOR, 1), Some(Part::Monitor));
    assert_eq!(house.item(1, 1).unwrap().people, [], "in silence");
    let mut house = House::busy(&[]);
    house.end(1, 1).does(monitor(SUPERVISOR, 1));
    let mut house = House::asynchronous().with_somebody_busy(&[]);
    house.does(wait(1, 1)).does(monitor(SUPERVISOR, 1));
}

#[test]
fn nobody_monitors_what_waits_what_is_offered_or_what_is_their_own() {
    let mut house = House::new();
    house.arrive(1).refuses(monitor(SUPERVISOR, 1), Rejection::NotPossibleNow);
    house.connect(1).refuses(monitor(SUPERVISOR, 1), Rejection::NotPossibleNow);
    house.accept(1, 1).refuses(monitor(1, 1), Rejection::NotPossibleNow);
    house.does(monitor(SUPERVISOR, 1)).refuses(monitor(SUPERVISOR, 1), Rejection::NotPossibleNow);
    house.refuses(monitor(SUPERVISOR, 5), Rejection::UnknownConversation);
}

#[test]
fn monitoring_holds_no_capacity_and_changes_no_presence() {
    let mut house = House::busy(&[2]);
    house.does(monitor(2, 1));
    assert_eq!((house.used(2), house.presence(2)), (0, Presence::Available));
}

#[test]
fn a_supervisor_joins_only_while_monitoring_and_is_seen_from_then_on() {
    let mut house = House::busy(&[]);
    house.refuses(join(SUPERVISOR, 1), Rejection::NotYours);
    house.does(monitor(SUPERVISOR, 1)).does(join(SUPERVISOR, 1));
    assert_eq!((house.notices(1), acts(&house)), (vec![joined(Part::Supervisor)], 1));
    assert_eq!(house.item(1, 1).unwrap().people[0].full_name, "Sam Stone");
    house.refuses(join(SUPERVISOR, 1), Rejection::NotPossibleNow);
}

#[test]
fn monitoring_ends_when_the_supervisor_leaves_signs_out_or_the_conversation_is_closed() {
    let mut house = House::busy(&[]);
    house.does(monitor(SUPERVISOR, 1)).does(leave(SUPERVISOR, 1));
    let left = Notice::Left { representative: representative(SUPERVISOR) };
    assert_eq!(house.notices(1), core::slice::from_ref(&left));
    house.does(monitor(SUPERVISOR, 1)).sign_out(SUPERVISOR);
    assert_eq!(house.notices(1), [left]);
    house.does(monitor(SUPERVISOR, 1)).end(1, 1).close(1, 1);
    assert_eq!(house.notices(1), [Notice::Closed]);
    assert!(!house.takes_part(SUPERVISOR, 1));
    assert!(house.sessions_ended().contains(&(0, SessionEnd::ConversationClosed)));
}

#[test]
fn a_supervisor_who_takes_a_conversation_monitors_it_no_longer() {
    let mut house = House::busy(&[2]);
    house.does(monitor(2, 1)).does(transfer(1, 1, to(2))).accept(2, 1);
    assert_eq!(house.part(2, 1), Some(Part::Primary));
    assert!(!house.notices(1).contains(&Notice::Left { representative: representative(2) }));
}

#[test]
fn a_supervisor_assigns_open_work_whatever_the_capacity_of_the_representative() {
    let mut house = House::with(|settings| {
        settings.workstreams[0].allowed_presences.push(Presence::DoNotDisturb);
        settings.representatives[0].capacity.0 = 1;
    });
    house.connect(1).arrive(1).accept(1, 1).arrive(2);
    assert_eq!(house.offered_to(2), None);
    assert_eq!(house.candidates(SUPERVISOR, 2, Purpose::Assign).unwrap().0, [representative(1)]);
    house.does(assign(2, to(1)));
    assert_eq!((house.asked(1), acts(&house)), (vec![OfferKind::Assignment], 1));
    house.accept(1, 2);
    assert_eq!((house.used(1), house.owner(2)), (2, Some(1)));
}

#[test]
fn work_is_assigned_only_to_those_with_an_allowed_presence_and_only_while_nobody_has_it() {
    let mut house = House::new();
    house.connect(1).choose(1, Presence::Away).arrive(1);
    for nobody in [1, 2, 4] {
        house.refuses(assign(1, to(nobody)), Rejection::NotAvailable);
    }
    house.pick(1, 1).connect(2).refuses(assign(1, to(2)), Rejection::NotPossibleNow);
}

#[test]
fn an_assignment_takes_the_place_of_an_offer_to_somebody_else_and_can_be_rejected() {
    let mut house = House::new();
    house.connect(1).arrive(1).connect(2).does(assign(1, to(2)));
    assert_eq!(house.offers_gone(1), [OfferGoneReason::Withdrawn]);
    assert_eq!(house.offered_to(1), Some(2));
    assert_eq!(house.reject(2, 1).offered_to(1), Some(1));
}

#[test]
fn a_supervisor_assigns_open_work_to_another_queue() {
    let mut house = House::with(|settings| settings.queues[0].members.truncate(1));
    house.connect(2).arrive(1);
    assert_eq!(house.offered_to(1), Some(2));
    house.does(assign(1, to_queue(1)));
    assert_eq!(house.sessions_ended(), [(2, SessionEnd::AssignedToQueue)]);
    assert_eq!((house.offered_to(1), house.connect(1).offered_to(1)), (None, Some(1)));
    house.accept(1, 1);
    assert_eq!(house.item(1, 1).unwrap().transfers, 0);
}

#[test]
fn a_supervisor_transfers_and_whoever_had_it_stays_as_a_consultant() {
    let mut house = House::busy(&[2]);
    house.does(redirect(1, to(2)));
    assert_eq!((house.owner(1), house.asked(2), acts(&house)), (Some(1), vec![OfferKind::Transfer], 1));
    house.accept(2, 1);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::TransferredBySupervisor)]);
    assert_eq!((house.part(2, 1), house.part(1, 1)), (Some(Part::Primary), Some(Part::PrivateConsultant)));
    assert_eq!((house.used(1), house.used(2)), (0, 1));
    house.does(leave(1, 1));
    assert!(!house.takes_part(1, 1));
}

#[test]
fn a_supervisors_transfer_that_is_rejected_leaves_everything_as_it_was() {
    let mut house = House::busy(&[2]);
    house.does(redirect(1, to(2))).reject(2, 1);
    assert_eq!((house.part(1, 1), house.part(2, 1)), (Some(Part::Primary), None));
}

#[test]
fn a_supervisor_transfers_only_to_the_same_queue_and_an_allowed_presence() {
    let mut house =
        House::with(|settings| settings.queues[1].members.truncate(2)).with_somebody_busy(&[2, 3]);
    assert_eq!(house.candidates(SUPERVISOR, 1, Purpose::Redirect).unwrap().0, [representative(2)]);
    house.refuses(redirect(1, to(3)), Rejection::NotAvailable);
    house.refuses(redirect(1, to(1)), Rejection::NotAvailable);
    house.choose(2, Presence::Away).refuses(redirect(1, to(2)), Rejection::NotAvailable);
}

#[test]
fn what_is_set_aside_can_be_transferred_by_a_supervisor_to_somebody_or_to_a_queue() {
    let mut house = House::asynchronous().with_somebody_busy(&[2]);
    house.does(wait(1, 1)).does(redirect(1, to(2)));
    assert_eq!(house.state(1), Some(WorkState::Waiting));
    house.accept(2, 1);
    assert_eq!((house.owner(1), house.state(1)), (Some(2), Some(WorkState::Active)));
    house.does(wait(2, 1)).does(redirect(1, to_queue(1)));
    assert!(house.offered_to(1).is_some());
}

#[test]
fn a_supervisor_transfers_nothing_that_waits_or_has_ended() {
    let mut house = House::new();
    house.arrive(1).refuses(redirect(1, to_queue(1)), Rejection::NotPossibleNow);
    house.connect(1).accept(1, 1).end(1, 1).refuses(redirect(1, to_queue(1)), Rejection::NotPossibleNow);
}

#[test]
fn a_supervisor_closes_a_conversation_in_any_state_and_everybody_is_told() {
    let ended = Notice::Ended { by: EndedBy::System };
    let mut house = House::new();
    house.arrive(1).does(force_close(1));
    assert_eq!((house.notices(1), house.closed(1), acts(&house)), (vec![ended.clone()], true, 1));

    let mut house = House::new();
    house.connect(1).arrive(1).does(force_close(1));
    assert_eq!((house.offers_gone(1), house.closed(1)), (vec![OfferGoneReason::Withdrawn], true));

    let mut house = House::busy(&[2]);
    house.does(consult(1, 1, to(2))).accept(2, 1).does(force_close(1));
    let left = Notice::Left { representative: representative(2) };
    assert_eq!(house.notices(1), [ended.clone(), left, Notice::Closed]);
    assert_eq!(house.sessions_ended(), [(2, SessionEnd::ForceClosed), (1, SessionEnd::ForceClosed)]);
    assert_eq!((house.used(1), house.closed(1)), (0, true));

    let mut house = House::busy(&[]);
    house.end(1, 1).does(force_close(1));
    assert_eq!((house.notices(1), house.closed(1)), (vec![Notice::Closed], true), "it had ended before");

    let mut house = House::asynchronous().with_somebody_busy(&[]);
    house.does(wait(1, 1)).does(force_close(1));
    assert_eq!((house.notices(1), house.closed(1)), (vec![ended, Notice::Closed], true));
    house.refuses(force_close(1), Rejection::UnknownConversation);
}

#[test]
fn each_right_of_supervisors_can_be_switched_off() {
    let mut house = House::with(|settings| settings.desk.supervisors_may.clear());
    house.arrive(1);
    for command in [
        monitor(SUPERVISOR, 1),
        join(SUPERVISOR, 1),
        assign(1, to_queue(1)),
        redirect(1, to_queue(1)),
        force_close(1),
    ] {
        house.refuses(command, Rejection::NotAllowed);
    }
}

#[test]
fn a_supervisor_sets_a_presence_and_the_reason_is_recorded() {
    let mut house = House::new();
    house.connect(1).arrive(1).does(override_presence(1, Some(Presence::Away)));
    assert_eq!((house.presence(1), house.presence_view(1).manual), (Presence::Away, true));
    let act = SupervisorAct::OverrodePresence {
        representative: representative(1),
        presence: Some(Presence::Away),
        reason: super::house::line("Fire drill"),
    };
    let (supervisor, at) = (representative(SUPERVISOR), house.now);
    assert!(house.last.contains(&Effect::Record(Activity::Supervised { supervisor, at, act })));
    house.does(override_presence(1, None));
    assert_eq!((house.presence(1), house.presence_view(1).manual), (Presence::Busy, false));
    house.refuses(override_presence(1, Some(Presence::Inactive)), Rejection::PresenceNotForChoice);
    house.refuses(override_presence(2, Some(Presence::Away)), Rejection::NotPossibleNow);
    house.refuses(override_presence(4, None), Rejection::UnknownRepresentative);
}

#[test]
fn a_monitor_who_is_a_representative_and_gone_for_too_long_monitors_no_longer() {
    let mut house = House::busy(&[2]);
    house.does(monitor(2, 1)).disconnect(2).after(Span::from_secs(151));
    assert_eq!(house.sessions_ended(), [(2, SessionEnd::RepresentativeDisconnected)]);
    let command = Command::Join { supervisor: representative(2), conversation: conversation(1) };
    house.refuses(command, Rejection::NotYours);
}

#[test]
fn what_comes_from_a_queue_that_is_gone_goes_to_queues_for_its_channel_alone() {
    let mut house = House::busy(&[]);
    house.configure(|settings| {
        let mut calls = a_queue(3, 30, &[1]);
        calls.kind = QueueKind::Voice;
        settings.queues.push(calls);
        settings.queues.remove(1);
        settings.workstreams[0].fallback = queue(1);
    });
    assert_eq!(house.owner(1), Some(1), "its queue is gone, and it is still theirs");
    house.refuses(redirect(1, to_queue(3)), Rejection::NotAvailable);
    assert_eq!(house.candidates(SUPERVISOR, 1, Purpose::Redirect).unwrap().1, 1);
    house.does(redirect(1, to_queue(1)));
}

#[test]
fn a_supervisor_who_goes_does_not_prolong_what_nobody_touches() {
    let mut house = House::busy(&[2]);
    house.does(monitor(2, 1)).sign_out(2).end(1, 1).after(Span::from_secs(15 * 60));
    assert!(house.closed(1), "as if nobody had looked on");
}

#[test]
fn whoever_looks_on_at_work_that_is_parked_sees_it_no_more() {
    let mut house = House::busy(&[2]);
    house.does(monitor(2, 1)).configure(|settings| {
        settings.queues.remove(1);
        settings.workstreams.clear();
    });
    house.disconnect(1).after(Span::from_secs(151));
    assert!(house.shown(2).contains(&DeskFrame::WorkGone { conversation: conversation(1) }));
    assert_eq!(house.item(2, 1), None);
}

/// Somebody looks on who is no representative, from one console or two.
fn looked_on() -> House {
    let mut house = House::busy(&[]);
    house.connect(SUPERVISOR).connect_tab(SUPERVISOR, 1).does(monitor(SUPERVISOR, 1));
    house
}

#[test]
fn a_supervisor_who_is_no_representative_and_gone_for_too_long_looks_on_no_longer() {
    let mut house = looked_on();
    house.disconnect(SUPERVISOR).after(PRESENCE_GRACE).after(PRESENCE_GRACE);
    assert!(house.takes_part(SUPERVISOR, 1), "another console of theirs is open");
    house.disconnect_tab(SUPERVISOR, 1).after(PRESENCE_GRACE);
    assert!(house.takes_part(SUPERVISOR, 1), "they may come back");
    house.connect(SUPERVISOR).after(PRESENCE_GRACE);
    assert!(house.takes_part(SUPERVISOR, 1), "they came back");
    house.disconnect(SUPERVISOR).after(PRESENCE_GRACE).after(Span::from_millis(1));
    assert!(!house.takes_part(SUPERVISOR, 1));
    assert_eq!(house.notices(1), [Notice::Left { representative: representative(SUPERVISOR) }]);
    assert_eq!(house.sessions_ended(), [(0, SessionEnd::RepresentativeDisconnected)]);
}

#[test]
fn whoever_looks_on_and_is_not_there_after_a_restart_is_waited_for() {
    let mut house = looked_on();
    let representative = representative(SUPERVISOR);
    let mut open = vec![(super::house::representative(1), console(1, 0))];
    house.does(Command::ConnectionsAre { open: open.clone() }).after(PRESENCE_GRACE);
    open.push((representative, console(SUPERVISOR, 7)));
    house.does(Command::ConnectionsAre { open: open.clone() }).after(PRESENCE_GRACE);
    assert!(house.takes_part(SUPERVISOR, 1), "they came back");
    open.pop();
    house.does(Command::ConnectionsAre { open }).after(PRESENCE_GRACE).after(Span::from_millis(1));
    assert!(!house.takes_part(SUPERVISOR, 1));
}

#[test]
fn whoever_is_no_representative_any_more_is_still_at_their_desk() {
    let mut house = House::busy(&[2]);
    house.configure(|settings| {
        settings.representatives.retain(|known| known.id != representative(2));
        settings.queues.iter_mut().for_each(|queue| queue.members.retain(|id| *id != representative(2)));
    });
    house.does(monitor(2, 1)).disconnect(2).after(PRESENCE_GRACE).after(Span::from_millis(1));
    assert!(!house.takes_part(2, 1));
}

#[test]
fn a_supervisor_has_what_waits_routed_again_with_more_known_about_it() {
    let mut house = House::with(|settings| {
        settings.workstreams[0].routes = vec![
            crate::settings::Route::by_variable("tier", "gold", super::house::line("Gold"), queue(1))
                .unwrap(),
        ];
        settings.queues[0].members.retain(|id| *id == representative(2));
    });
    house.connect(1).arrive(1).connect(2);
    let gold = Answer { name: "tier".into(), value: "gold".into() };
    let reroute = |context, skills| Command::Reroute {
        supervisor: representative(SUPERVISOR),
        conversation: conversation(1),
        context,
        skills,
    };
    let nameless = Answer { name: String::new(), ..gold.clone() };
    house.refuses(
        reroute(vec![nameless], vec![]),
        Rejection::Context(crate::routing::InvalidContext::Name(0)),
    );
    house.refuses(reroute(vec![], vec![super::house::rated(9, 1)]), Rejection::UnknownSkill(0));
    house.does(reroute(vec![gold.clone()], vec![]));
    assert_eq!((house.offered_to(1), acts(&house)), (Some(2), 1));
    house.configure(|settings| settings.queues[1].supervisors = vec![representative(SUPERVISOR)]);
    house.refuses(reroute(vec![gold.clone()], vec![]), Rejection::UnknownConversation);
    house.configure(|settings| {
        settings.queues[1].supervisors.clear();
        settings.desk.supervisors_may.clear();
    });
    house.refuses(reroute(vec![gold], vec![]), Rejection::NotAllowed);
}

#[test]
fn routing_again_by_hand_sends_nobody_away_who_waits() {
    let mut house = House::new();
    house.arrive(1);
    house.configure(|settings| {
        let when = crate::settings::OverflowCause::ItemsWaiting(1);
        let action = crate::settings::OverflowAction::End;
        settings.queues[0].overflow = vec![crate::settings::Overflow { when, action }];
    });
    house.arrive_about(2, "order");
    let order = Answer { name: "topic".into(), value: "order".into() };
    let (supervisor, conversation) = (representative(SUPERVISOR), conversation(1));
    let reroute = Command::Reroute { supervisor, conversation, context: vec![order], skills: vec![] };
    house.does(reroute.clone());
    assert!(!house.closed(1));
    assert_eq!(house.router.explain(conversation).unwrap().queue, Some(queue(1)));
    house.connect(1).accept(1, 1).end(1, 1).refuses(reroute, Rejection::NotPossibleNow);
}

#[test]
fn whoever_becomes_a_representative_is_waited_for_as_before() {
    for is_there in [true, false] {
        let mut house = looked_on();
        house.disconnect_tab(SUPERVISOR, 1);
        if !is_there {
            house.disconnect(SUPERVISOR);
        }
        house.configure(|settings| {
            let mut known = settings.representatives[2].clone();
            known.id = representative(SUPERVISOR);
            settings.representatives.push(known);
        });
        if is_there {
            house.disconnect(SUPERVISOR);
        }
        house.after(PRESENCE_GRACE);
        assert!(house.takes_part(SUPERVISOR, 1), "they may come back");
        assert!(!house.after(Span::from_millis(1)).takes_part(SUPERVISOR, 1));
    }
}
