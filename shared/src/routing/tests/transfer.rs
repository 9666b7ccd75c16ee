//! Transfers (reference section 25, S22 and S23).

use alloc::vec;

use super::desk::*;
use super::house::{House, arrival, conversation, queue, rated, representative};
use super::intake::{MIDNIGHT, hours};
use crate::conversation::Notice;
use crate::protocol::desk::{OfferGoneReason, OfferKind, Part, Purpose, WorkState};
use crate::routing::{Arrival, Command, Rejection, SessionEnd};
use crate::settings::{Method, Presence, SkillMatching, Units};
use crate::time::Span;

fn assigned_to_ben() -> Notice {
    let (full_name, public_name) = ("Ben Gray".into(), "Ben".into());
    Notice::Assigned { representative: representative(2), full_name, public_name }
}

#[test]
fn a_transfer_to_a_representative_is_asked_and_the_sender_keeps_it_until_they_accept() {
    let mut house = House::busy(&[2]);
    house.does(transfer(1, 1, to(2)));
    let offer = house.offer_view(2);
    assert_eq!((offer.kind, offer.asked_by.as_deref()), (OfferKind::Transfer, Some("Ada Fox")));
    assert_eq!((house.owner(1), house.used(1), house.used(2)), (Some(1), 1, 1));
    house.refuses(transfer(1, 1, to(2)), Rejection::NotPossibleNow);
}

#[test]
fn whoever_accepts_a_transfer_is_the_primary_and_the_sender_is_out() {
    let mut house = House::busy(&[2]);
    house.does(transfer(1, 1, to(2))).accept(2, 1);
    assert_eq!(house.notices(1), [assigned_to_ben(), Notice::Left { representative: representative(1) }]);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::Transferred)]);
    assert_eq!((house.owner(1), house.state(1)), (Some(2), Some(WorkState::Active)));
    assert_eq!((house.used(1), house.presence(1)), (0, Presence::Available), "capacity is free at once");
    assert!(!house.takes_part(1, 1));
    assert_eq!(house.item(2, 1).unwrap().transfers, 1);
    let accepted = (OfferKind::Transfer, Some(representative(2)), OfferGoneReason::Accepted);
    assert_eq!(house.answers(1), [accepted]);
}

#[test]
fn the_receiver_may_transfer_and_consult_further_and_the_sender_may_not() {
    let mut house = House::busy(&[2, 3]);
    house.does(transfer(1, 1, to(2))).accept(2, 1);
    house.refuses(transfer(1, 1, to(3)), Rejection::NotYours);
    house.refuses(consult(1, 1, to(3)), Rejection::NotYours);
    house.does(consult(2, 1, to(1))).accept(1, 1).does(transfer(2, 1, to(3))).accept(3, 1);
    assert_eq!((house.owner(1), house.item(3, 1).unwrap().transfers), (Some(3), 2));
}

#[test]
fn a_rejected_or_unanswered_transfer_leaves_the_sender_primary_and_told() {
    for reason in [OfferGoneReason::Rejected, OfferGoneReason::TimedOut] {
        let mut house = House::busy(&[2]);
        house.does(transfer(1, 1, to(2)));
        if reason == OfferGoneReason::Rejected {
            house.reject(2, 1);
        } else {
            house.after(Span::from_secs(60));
        }
        assert_eq!(house.answers(1), [(OfferKind::Transfer, Some(representative(2)), reason)]);
        assert_eq!(house.notices(1), [Notice::OfferLapsed { representative: representative(2) }]);
        assert_eq!((house.owner(1), house.state(1)), (Some(1), Some(WorkState::Active)));
        assert_eq!((house.used(1), house.used(2), house.item(1, 1).unwrap().transfers), (1, 0, 0));
        house.does(transfer(1, 1, to(2))).accept(2, 1);
    }
}

#[test]
fn the_sender_takes_a_transfer_back_while_it_waits() {
    let mut house = House::busy(&[2]);
    let withdraw =
        Command::WithdrawTransfer { representative: representative(1), conversation: conversation(1) };
    house.refuses(withdraw.clone(), Rejection::NotPossibleNow).does(transfer(1, 1, to(2)));
    let offer = house.offer_id(2, 1);
    house.does(withdraw);
    assert_eq!(house.offers_gone(2), [OfferGoneReason::Withdrawn]);
    house.refuses(Command::Accept { representative: representative(2), offer }, Rejection::OfferGone);
}

#[test]
fn the_transfer_to_somebody_who_is_gone_is_withdrawn_at_once() {
    let mut house = House::busy(&[2]);
    house.does(transfer(1, 1, to(2))).disconnect(2);
    let withdrawn = (OfferKind::Transfer, Some(representative(2)), OfferGoneReason::Withdrawn);
    assert_eq!((house.answers(1), house.owner(1)), (vec![withdrawn], Some(1)));
}

#[test]
fn a_transfer_that_waits_is_withdrawn_when_the_conversation_ends_or_its_primary_is_gone() {
    let mut house = House::busy(&[2]);
    house.does(transfer(1, 1, to(2))).end(1, 1);
    assert_eq!((house.asked(2), house.state(1)), (vec![], Some(WorkState::WrapUp)));
    let mut house = House::busy(&[2]);
    house.does(transfer(1, 1, to(2))).customer_leaves(1);
    assert_eq!(house.offers_gone(2), [OfferGoneReason::Withdrawn]);
}

#[test]
fn who_is_busy_away_or_offline_is_not_listed_and_capacity_and_skills_are_not_enforced() {
    let mut house = House::busy(&[2, 3]);
    assert_eq!(house.candidates(1, 1, Purpose::Transfer).unwrap().0, [representative(2), representative(3)]);
    for presence in [Presence::DoNotDisturb, Presence::Away, Presence::Offline] {
        house.choose(2, presence);
        assert_eq!(house.candidates(1, 1, Purpose::Transfer).unwrap().0, [representative(3)]);
        house.refuses(transfer(1, 1, to(2)), Rejection::NotAvailable);
    }
    house.configure(|settings| settings.representatives[2].capacity = Units(0));
    house.choose(3, Presence::Available).does(transfer(1, 1, to(3)));
    assert_eq!((house.asked(3), house.used(3)), (vec![OfferKind::Transfer], 1));
}

#[test]
fn nobody_transfers_to_themselves_or_to_a_stranger() {
    let mut house = House::busy(&[2]);
    for nobody in [1, 3, 4] {
        house.refuses(transfer(1, 1, to(nobody)), Rejection::NotAvailable);
    }
}

#[test]
fn a_setting_allows_transfers_only_to_those_who_are_consulted() {
    let mut house = House::with(|settings| settings.workstreams[0].sessions.transfer_to_anybody = false)
        .with_somebody_busy(&[2, 3]);
    house.refuses(transfer(1, 1, to(2)), Rejection::NotAvailable);
    house.does(consult(1, 1, to(2))).refuses(transfer(1, 1, to(2)), Rejection::NotAvailable);
    house.accept(2, 1).does(transfer(1, 1, to(2))).accept(2, 1);
    assert_eq!(house.owner(1), Some(2));
}

#[test]
fn a_consultant_who_takes_over_was_never_gone() {
    let mut house = House::busy(&[2, 3]);
    house.does(consult(1, 1, to(2))).accept(2, 1).does(consult(1, 1, to(3))).accept(3, 1);
    house.does(transfer(1, 1, to(2))).accept(2, 1);
    let left = |number| Notice::Left { representative: representative(number) };
    assert_eq!(
        house.notices(1),
        [left(3), assigned_to_ben(), left(1)],
        "other consulting ends with the sender"
    );
    assert_eq!(
        house.sessions_ended(),
        [(2, SessionEnd::Transferred), (3, SessionEnd::EndedByHand), (1, SessionEnd::Transferred)]
    );
    assert_eq!((house.part(2, 1), house.part(3, 1)), (Some(Part::Primary), None));
}

#[test]
fn a_consultant_who_rejects_a_transfer_goes_on_consulting() {
    let mut house = House::busy(&[2]);
    house.does(consult(1, 1, to(2))).accept(2, 1).does(transfer(1, 1, to(2))).reject(2, 1);
    assert_eq!(house.notices(1), [], "they still take part");
    assert_eq!(house.part(2, 1), Some(Part::PrivateConsultant));
}

#[test]
fn a_transfer_to_a_queue_opens_the_item_there_and_asks_the_sender_last() {
    let mut house = House::busy(&[]);
    house.does(transfer(1, 1, to_queue(1)));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::TransferredToQueue)]);
    assert!(house.notices(1).contains(&Notice::Unassigned { representative: representative(1) }));
    assert_eq!(house.offered_to(1), Some(1), "nobody else is there");
    let mut house = House::busy(&[2]);
    house.does(transfer(1, 1, to_queue(1)));
    assert_eq!((house.offered_to(1), house.offer_view(2).queue.as_str()), (Some(2), "Orders"));
    house.accept(2, 1);
    assert_eq!(house.item(2, 1).unwrap().transfers, 1);
}

#[test]
fn nobody_has_declined_a_conversation_in_the_queue_to_which_it_is_transferred() {
    let mut house = House::with(|settings| settings.workstreams[0].offers_per_representative = 1);
    house.connect(2).arrive(1).reject(2, 1).connect(1).accept(1, 1).does(transfer(1, 1, to_queue(1)));
    assert_eq!(house.offered_to(1), Some(2));
}

#[test]
fn nothing_is_transferred_to_a_queue_that_does_not_exist_or_is_of_another_kind() {
    let mut house = House::with(|settings| {
        settings.queues[0].kind = crate::settings::QueueKind::Voice;
        settings.workstreams[0].routes.clear();
    })
    .with_somebody_busy(&[2]);
    for nowhere in [1, 7] {
        house.refuses(transfer(1, 1, to_queue(nowhere)), Rejection::NotAvailable);
    }
    assert_eq!(house.candidates(1, 1, Purpose::Transfer).unwrap().1, 1);
}

/// The first queue is open from nine o'clock; it is now half past two hours before.
fn at_night() -> House {
    let mut house = House::with(|settings| settings.queues[0].hours = Some(hours(settings).id));
    house.now = MIDNIGHT.after(Span::from_secs(7 * 3_600));
    house.with_somebody_busy(&[2])
}

#[test]
fn only_queues_that_are_open_are_listed_transferred_to_and_consulted() {
    let mut house = at_night();
    let closed = Rejection::QueueClosed;
    house.does(monitor(SUPERVISOR, 1));
    for (purpose, queues) in
        [(Purpose::Transfer, 1), (Purpose::Consult, 1), (Purpose::Redirect, 1), (Purpose::Assign, 2)]
    {
        let asker = if matches!(purpose, Purpose::Transfer | Purpose::Consult) { 1 } else { SUPERVISOR };
        assert_eq!(house.candidates(asker, 1, purpose).unwrap().1, queues, "{purpose:?}");
    }
    house.refuses(transfer(1, 1, to_queue(1)), closed).refuses(consult(1, 1, to_queue(1)), closed);
    house.refuses(redirect(1, to_queue(1)), closed);
    let problem = crate::protocol::Problem::from(closed);
    assert!(problem.message.contains("closed"), "{problem:?}");
    house.later(Span::from_secs(3_600)).does(consult(1, 1, to_queue(1))).does(transfer(1, 1, to_queue(1)));
    assert_eq!(house.offered_to(1), Some(2));
}

#[test]
fn a_supervisor_assigns_to_a_closed_queue_too() {
    let mut house = at_night();
    house.choose(2, Presence::Away).arrive(2).choose(1, Presence::Away).reject(1, 2);
    house.does(assign(2, to_queue(1)));
    assert_eq!(house.router.explain(conversation(2)).unwrap().queue, Some(queue(1)));
}

#[test]
fn a_queue_that_overflows_is_transferred_to_all_the_same_and_its_longest_wait_begins() {
    let mut house = House::with(|settings| {
        settings.queues[0].overflow = vec![crate::settings::Overflow {
            when: crate::settings::OverflowCause::ItemsWaiting(1),
            action: crate::settings::OverflowAction::End,
        }];
        settings.queues[0].long_wait = Some(crate::settings::LongWait {
            longer_than: Span::from_secs(60),
            action: crate::settings::OverflowAction::Transfer(vec![queue(2)]),
        });
    });
    house.arrive_about(1, "order").connect(1).arrive(2).pick(1, 2).choose(1, Presence::Away);
    let place = |house: &House| house.router.explain(conversation(2)).unwrap().queue;
    house.does(transfer(1, 2, to_queue(1)));
    assert_eq!(place(&house), Some(queue(1)));
    house.after(Span::from_secs(60));
    assert_eq!(place(&house), Some(queue(2)));
}

#[test]
fn only_what_runs_is_transferred() {
    let mut house = House::busy(&[2]);
    house.end(1, 1).refuses(transfer(1, 1, to(2)), Rejection::NotPossibleNow);
    house.refuses(transfer(1, 1, to_queue(1)), Rejection::NotPossibleNow);
    house.close(1, 1).refuses(transfer(1, 1, to(2)), Rejection::UnknownConversation);
}

#[test]
fn a_receiver_who_is_gone_from_the_settings_is_asked_no_more() {
    let mut house = House::busy(&[2]);
    house.does(transfer(1, 1, to(2))).configure(|settings| {
        settings.representatives.remove(1);
        settings.queues.iter_mut().for_each(|queue| queue.members.retain(|id| *id != representative(2)));
    });
    assert_eq!((house.owner(1), house.takes_part(2, 1)), (Some(1), false));
}

/// The first has a conversation that asks for a skill at 3 of 5, and is away; the second and the third are rated so.
fn asking_for_a_skill(second: Option<u16>, third: Option<u16>, matching: SkillMatching) -> House {
    let mut house = House::with(|settings| {
        super::histories::with_skills(settings);
        settings.workstreams[0].skill_matching = matching;
        for (representative, rating) in settings.representatives.iter_mut().zip([Some(3), second, third]) {
            representative.skills = rating.map(|rating| rated(1, rating)).into_iter().collect();
        }
    });
    house.connect(1).does(Command::Arrive(Arrival { skills: vec![rated(1, 3)], ..arrival(1, 1, "other") }));
    house.accept(1, 1).connect(2).connect(3).choose(1, Presence::Away);
    house
}

#[test]
fn a_transfer_to_a_queue_asks_for_the_skills_again_and_one_to_a_person_does_not() {
    use SkillMatching::{Closest, Exact, Off};
    for (second, third, matching, found) in [
        (None, Some(3), Exact, Some(3)),
        (Some(5), Some(2), Exact, Some(2)),
        (None, Some(2), Exact, None),
        (None, None, Exact, None),
        (Some(5), Some(3), Closest, Some(3)),
        (Some(5), Some(2), Closest, Some(2)),
        (None, Some(1), Closest, Some(3)),
        (None, None, Closest, Some(2)),
        (None, Some(5), Off, Some(2)),
    ] {
        let case = (second, third, matching);
        let mut house = asking_for_a_skill(second, third, matching);
        house.does(transfer(1, 1, to_queue(1)));
        assert_eq!(house.offered_to(1), found, "{case:?}");
        let mut house = asking_for_a_skill(second, third, matching);
        house.does(transfer(1, 1, to(2))).accept(2, 1);
        assert_eq!(house.owner(1), Some(2), "{case:?}");
    }
}

#[test]
fn skills_that_came_later_are_asked_for_in_the_queue_to_which_it_is_transferred() {
    let mut house = asking_for_a_skill(Some(3), Some(4), SkillMatching::Exact);
    let (conversation, context) = (conversation(1), vec![]);
    house.does(Command::Reclassify { conversation, context, skills: vec![rated(1, 4)] });
    house.does(transfer(1, 1, to_queue(1)));
    assert_eq!(house.offered_to(1), Some(3));
}

#[test]
fn whoever_takes_over_has_let_nothing_go_and_stands_where_they_stood() {
    let mut house = House::with(|settings| settings.queues[1].method = Method::LeastActive);
    house.connect(1).connect(2).arrive(1).accept(1, 1);
    house.later(Span::from_secs(1)).does(transfer(1, 1, to(2))).accept(2, 1);
    assert_eq!(house.arrive(2).offered_to(2), Some(2), "whose last work is longest ago: they never had any");
}
