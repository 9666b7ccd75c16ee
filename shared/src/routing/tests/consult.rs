//! Consulting (reference section 25, S20 to S22).

use alloc::vec;

use super::desk::*;
use super::house::{House, arrival, conversation, line, rated, rating_model, representative, skill};
use crate::conversation::Notice;
use crate::limit::PRESENCE_GRACE;
use crate::protocol::desk::{OfferGoneReason, OfferKind, Part, Purpose, WorkState};
use crate::routing::{Arrival, Command, Rejection, SessionEnd};
use crate::settings::{Consultable, Presence, RatingLevel, RatingModel, Skill, Units};
use crate::time::Span;

fn joined(number: u8, full_name: &str, public_name: &str, part: Part) -> Notice {
    let (full_name, public_name) = (full_name.into(), public_name.into());
    Notice::Joined { representative: representative(number), full_name, public_name, part }
}

fn left(number: u8) -> Notice {
    Notice::Left { representative: representative(number) }
}

/// The first representative has conversation 1 and the second advises.
fn consulting() -> House {
    let mut house = House::busy(&[2]);
    house.does(consult(1, 1, to(2))).accept(2, 1);
    house
}

#[test]
fn any_representative_consults_any_available_one_of_the_conversations_queue() {
    let house = House::busy(&[2, 3]);
    let (who, queues) = house.candidates(1, 1, Purpose::Consult).unwrap();
    assert_eq!((who, queues), (vec![representative(2), representative(3)], 2));
}

#[test]
fn who_cannot_take_more_is_not_there_or_is_in_another_queue_is_no_candidate() {
    let mut house = House::with(|settings| {
        settings.representatives[1].capacity = Units(0);
        settings.queues[1].members.retain(|id| *id != representative(3));
    })
    .with_somebody_busy(&[2, 3]);
    assert_eq!(house.candidates(1, 1, Purpose::Consult).unwrap().0, []);
    for other in [1, 2, 3, 4] {
        house.refuses(consult(1, 1, to(other)), Rejection::NotAvailable);
    }
    house.configure(|settings| settings.representatives[1].capacity = Units(1));
    assert_eq!(house.candidates(1, 1, Purpose::Consult).unwrap().0, [representative(2)]);
    house.choose(2, Presence::DoNotDisturb).refuses(consult(1, 1, to(2)), Rejection::NotAvailable);
}

#[test]
fn a_setting_widens_the_list_to_everybody_who_is_there_and_has_room() {
    let mut house = House::with(|settings| {
        settings.queues[1].members.retain(|id| *id != representative(3));
        settings.workstreams[0].sessions.consult.whom = Consultable::Anybody;
    })
    .with_somebody_busy(&[2, 3]);
    assert_eq!(house.candidates(1, 1, Purpose::Consult).unwrap().0, [representative(2), representative(3)]);
    house.choose(3, Presence::Away).refuses(consult(1, 1, to(3)), Rejection::NotAvailable);
}

#[test]
fn only_the_primary_representative_consults_transfers_and_asks_who_could() {
    let mut house = consulting();
    house.connect(3);
    for command in [consult(2, 1, to(3)), transfer(2, 1, to(3)), transfer(2, 1, to_queue(1))] {
        house.refuses(command, Rejection::NotYours);
    }
    for purpose in [Purpose::Consult, Purpose::Transfer] {
        assert_eq!(house.candidates(2, 1, purpose), Err(Rejection::NotYours));
    }
}

#[test]
fn who_is_asked_gets_a_notification_that_says_who_asks_and_can_be_rejected() {
    let mut house = House::busy(&[2]);
    house.does(consult(1, 1, to(2)));
    let offer = house.offer_view(2);
    assert_eq!(
        (offer.kind, offer.asked_by.as_deref(), offer.can_reject),
        (OfferKind::Consult, Some("Ada Fox"), true)
    );
    assert!(house.takes_part(2, 1), "they may look before they answer");
    assert_eq!(house.part(2, 1), None);
    assert_eq!(house.item(1, 1).unwrap().people.len(), 1);
}

#[test]
fn whoever_accepts_a_consult_advises_privately() {
    let house = consulting();
    assert_eq!(house.notices(1), [joined(2, "Ben Gray", "Ben", Part::PrivateConsultant)]);
    assert_eq!((house.part(1, 1), house.part(2, 1)), (Some(Part::Primary), Some(Part::PrivateConsultant)));
    let accepted = (OfferKind::Consult, Some(representative(2)), OfferGoneReason::Accepted);
    assert_eq!(house.answers(1), [accepted]);
    assert_eq!((house.owner(1), house.state(1)), (Some(1), Some(WorkState::Active)));
}

#[test]
fn a_rejected_or_unanswered_consult_comes_to_nothing_and_can_be_asked_again() {
    for (reason, end) in
        [(OfferGoneReason::Rejected, SessionEnd::Rejected), (OfferGoneReason::TimedOut, SessionEnd::TimedOut)]
    {
        let mut house = House::busy(&[2]);
        house.does(consult(1, 1, to(2)));
        if end == SessionEnd::Rejected {
            house.reject(2, 1);
        } else {
            house.after(Span::from_secs(60));
        }
        assert_eq!(house.answers(1), [(OfferKind::Consult, Some(representative(2)), reason)]);
        assert_eq!(house.notices(1), [Notice::OfferLapsed { representative: representative(2) }]);
        assert_eq!(house.sessions_ended(), [(2, end)]);
        assert!(!house.takes_part(2, 1));
        assert_eq!(house.presence(2), Presence::Available);
        house.does(consult(1, 1, to(2))).accept(2, 1);
        assert_eq!(house.part(2, 1), Some(Part::PrivateConsultant));
    }
}

#[test]
fn consulting_touches_neither_capacity_nor_presence_of_the_consultant() {
    let mut house = House::busy(&[2]);
    house.choose(2, Presence::Available).does(consult(1, 1, to(2)));
    assert_eq!((house.used(2), house.presence(2)), (0, Presence::Available));
    house.accept(2, 1);
    assert_eq!((house.used(2), house.presence(2)), (0, Presence::Available));
    assert!(house.presence_view(2).manual, "advising is not work that clears a choice");
}

#[test]
fn a_setting_lets_consulting_hold_capacity_until_it_is_over() {
    let mut house = House::with(|settings| settings.workstreams[0].sessions.consult.holds_capacity = true)
        .with_somebody_busy(&[2]);
    house.does(consult(1, 1, to(2))).accept(2, 1);
    assert_eq!((house.used(2), house.presence(2)), (1, Presence::Busy));
    house.does(end_consult(1, 1, to(2)));
    assert_eq!((house.used(2), house.presence(2)), (0, Presence::Available));
}

#[test]
fn only_the_primary_adds_a_consultant_to_the_chat() {
    let mut house = consulting();
    house.refuses(add_to_chat(2, 1, 2), Rejection::NotYours);
    house.does(add_to_chat(1, 1, 2));
    assert_eq!(house.notices(1), [joined(2, "Ben Gray", "Ben", Part::PublicConsultant)]);
    assert_eq!(house.part(2, 1), Some(Part::PublicConsultant));
    house.refuses(add_to_chat(1, 1, 2), Rejection::NotPossibleNow);
    house.connect(3).refuses(add_to_chat(1, 1, 3), Rejection::NotPossibleNow);
}

#[test]
fn a_consultant_can_leave_the_chat_and_stay_in_the_consult() {
    for by in [1, 2] {
        let mut house = consulting();
        house.does(add_to_chat(1, 1, 2)).does(remove_from_chat(by, 1, 2));
        assert_eq!(house.notices(1), [joined(2, "Ben Gray", "Ben", Part::PrivateConsultant)]);
        assert_eq!(house.part(2, 1), Some(Part::PrivateConsultant));
        house.refuses(remove_from_chat(by, 1, 2), Rejection::NotPossibleNow);
    }
    let mut house = consulting();
    house.does(add_to_chat(1, 1, 2)).connect(3).refuses(remove_from_chat(3, 1, 2), Rejection::NotYours);
}

#[test]
fn either_side_ends_the_consult_and_afterwards_the_consultant_sees_nothing_more() {
    for command in [end_consult(1, 1, to(2)), leave(2, 1)] {
        let mut house = consulting();
        house.does(command);
        assert_eq!(house.notices(1), [left(2)]);
        assert_eq!(house.sessions_ended(), [(2, SessionEnd::EndedByHand)]);
        assert!(!house.takes_part(2, 1));
        assert_eq!((house.item(2, 1), house.owner(1)), (None, Some(1)));
    }
}

#[test]
fn the_primary_takes_back_a_request_to_consult() {
    let mut house = House::busy(&[2]);
    house.does(consult(1, 1, to(2))).does(end_consult(1, 1, to(2)));
    assert_eq!(house.offers_gone(2), [OfferGoneReason::Withdrawn]);
    assert_eq!(house.notices(1), [Notice::OfferLapsed { representative: representative(2) }]);
    house.refuses(end_consult(1, 1, to(2)), Rejection::NotPossibleNow);
}

#[test]
fn several_consult_at_once_up_to_the_limit_and_nobody_twice() {
    let mut house =
        House::with(|settings| settings.workstreams[0].sessions.consult.most = 2).with_somebody_busy(&[2, 3]);
    house.does(consult(1, 1, to(2))).refuses(consult(1, 1, to(2)), Rejection::NotAvailable);
    house.does(consult(1, 1, to(3))).accept(2, 1).accept(3, 1);
    assert_eq!(house.item(1, 1).unwrap().people.len(), 2);
    house.refuses(consult(1, 1, to_queue(1)), Rejection::TooManyConsultants);
    house.does(end_consult(1, 1, to(2)));
    assert_eq!(house.part(3, 1), Some(Part::PrivateConsultant), "the other one goes on");
}

#[test]
fn a_consult_of_a_queue_finds_who_has_most_room_and_holds_their_capacity() {
    let mut house = House::busy(&[2, 3]);
    house.arrive(2).accept(2, 2).does(consult(1, 1, to_queue(1)));
    assert_eq!((house.asked(2), house.asked(3)), (vec![], vec![OfferKind::Consult]));
    assert_eq!(house.item(1, 1).unwrap().searching, Some(super::house::queue(1)));
    house.accept(3, 1);
    assert_eq!((house.used(3), house.part(3, 1)), (1, Some(Part::PrivateConsultant)));
    assert_eq!(house.item(1, 1).unwrap().searching, None);
    assert_eq!(house.end(1, 1).used(3), 0, "it is free when the primary ends the conversation");
}

#[test]
fn a_queue_that_is_consulted_goes_on_looking_when_somebody_rejects_and_when_somebody_comes() {
    let mut house = House::busy(&[2]);
    house.does(consult(1, 1, to_queue(1))).reject(2, 1);
    assert_eq!(house.asked(2), []);
    assert_eq!(house.connect(3).asked(3), [OfferKind::Consult]);
    assert_eq!(house.choose(2, Presence::Away).choose(2, Presence::Available).asked(2), []);
}

#[test]
fn a_queue_that_is_consulted_does_not_ask_whom_the_primary_has_just_sent_away() {
    let mut house = House::busy(&[2]);
    house.does(consult(1, 1, to(2))).does(consult(1, 1, to_queue(1))).does(end_consult(1, 1, to(2)));
    assert_eq!(house.asked(2), [], "the request was taken back");
    house.choose(2, Presence::Away).choose(2, Presence::Available);
    assert_eq!(house.asked(2), []);
    assert_eq!(house.connect(3).asked(3), [OfferKind::Consult]);
}

#[test]
fn a_queue_that_is_consulted_asks_whoever_no_longer_takes_part_in_another_way() {
    let mut house = House::busy(&[2, 3]);
    house.does(consult(1, 1, to(3))).does(monitor(2, 1)).does(consult(1, 1, to_queue(1)));
    assert_eq!(house.asked(2), [], "who looks on need not be asked in");
    house.does(leave(2, 1));
    assert_eq!(house.asked(2), [OfferKind::Consult]);
}

#[test]
fn a_queue_that_is_consulted_asks_whoever_would_not_take_the_conversation_over() {
    let mut house = House::busy(&[2]);
    house.does(transfer(1, 1, to(2))).does(consult(1, 1, to_queue(1)));
    assert_eq!(house.asked(2), [OfferKind::Transfer]);
    house.reject(2, 1);
    assert_eq!(house.asked(2), [OfferKind::Consult]);
}

#[test]
fn a_search_for_a_consultant_ends_after_its_time_or_when_the_primary_says_so() {
    let mut house = House::busy(&[]);
    house.does(consult(1, 1, to_queue(1))).after(Span::from_secs(120));
    assert_eq!(house.answers(1), [(OfferKind::Consult, None, OfferGoneReason::TimedOut)]);
    assert_eq!(house.connect(2).asked(2), []);
    house.does(consult(1, 1, to_queue(1)));
    assert_eq!(house.asked(2), [OfferKind::Consult]);
    house.refuses(end_consult(1, 1, to_queue(2)), Rejection::NotPossibleNow);
    house.does(end_consult(1, 1, to_queue(1)));
    assert_eq!((house.asked(2), house.offers_gone(2)), (vec![], vec![OfferGoneReason::Withdrawn]));
}

#[test]
fn a_setting_forbids_to_consult_queues() {
    let mut house = House::with(|settings| settings.workstreams[0].sessions.consult.queues = false)
        .with_somebody_busy(&[2]);
    house.refuses(consult(1, 1, to_queue(1)), Rejection::NotAllowed);
}

#[test]
fn the_consult_ends_when_the_primary_ends_the_conversation_or_the_customer_does() {
    let mut house = consulting();
    house.end(1, 1);
    let ended = Notice::Ended { by: crate::protocol::live::EndedBy::Representative };
    assert_eq!(house.notices(1), [left(2), ended]);
    assert_eq!(house.sessions_ended(), [(2, SessionEnd::ConversationClosed)]);
    let mut house = consulting();
    house.customer_leaves(1);
    assert_eq!(house.notices(1), [left(2)]);
    assert_eq!(house.state(1), Some(WorkState::WrapUp));
}

#[test]
fn the_consult_outlasts_a_short_absence_of_the_primary_and_ends_with_a_long_one() {
    let mut house = consulting();
    house.disconnect(1).after(PRESENCE_GRACE);
    assert_eq!(house.part(2, 1), Some(Part::PrivateConsultant));
    house.after(Span::from_millis(1));
    assert_eq!(
        house.sessions_ended(),
        [(2, SessionEnd::EndedByHand), (1, SessionEnd::RepresentativeDisconnected)]
    );
    assert_eq!(house.offered_to(1), Some(2), "whoever is there is offered it like anybody");
}

#[test]
fn a_consultant_who_is_gone_for_too_long_is_out() {
    let mut house = consulting();
    house.disconnect(2).after(PRESENCE_GRACE);
    assert!(house.takes_part(2, 1));
    house.after(Span::from_millis(1));
    assert_eq!(house.notices(1), [left(2)]);
    assert_eq!(house.sessions_ended(), [(2, SessionEnd::RepresentativeDisconnected)]);
    assert_eq!(house.owner(1), Some(1));
}

#[test]
fn the_request_to_somebody_who_is_gone_is_withdrawn_at_once() {
    let mut house = House::busy(&[2]);
    house.does(consult(1, 1, to(2))).disconnect(2);
    let withdrawn = (OfferKind::Consult, Some(representative(2)), OfferGoneReason::Withdrawn);
    assert_eq!(house.answers(1), [withdrawn]);
    assert!(!house.takes_part(2, 1));
}

#[test]
fn a_consultant_who_is_gone_from_the_settings_is_out() {
    let mut house = consulting();
    house.configure(|settings| {
        settings.representatives.remove(1);
        settings.queues.iter_mut().for_each(|queue| queue.members.retain(|id| *id != representative(2)));
    });
    assert_eq!(house.notices(1), [left(2)]);
    assert!(!house.takes_part(2, 1));
}

#[test]
fn nobody_consults_about_what_waits_or_has_ended() {
    let mut house = House::busy(&[2]);
    house.end(1, 1).refuses(consult(1, 1, to(2)), Rejection::NotPossibleNow);
    let unknown =
        Command::Consult { representative: representative(1), conversation: conversation(7), with: to(2) };
    house.refuses(unknown, Rejection::UnknownConversation);
}

#[test]
fn a_queue_that_is_consulted_finds_only_those_with_the_skills_that_are_asked_for() {
    let mut house = House::with(|settings| {
        let levels = (1..=5).map(|value| RatingLevel { name: line("Level"), value }).collect();
        settings.rating_models = vec![RatingModel { id: rating_model(1), name: line("Five"), levels }];
        settings.skills =
            vec![Skill { id: skill(1), name: line("French"), sort: None, model: rating_model(1) }];
        settings.representatives[0].skills = vec![rated(1, 3)];
        settings.representatives[1].capacity = Units(9);
        settings.representatives[2].skills = vec![rated(1, 3)];
    });
    let arrival = Arrival { skills: vec![rated(1, 2)], ..arrival(1, 1, "other") };
    house.connect(1).does(Command::Arrive(arrival)).accept(1, 1).connect(2).connect(3);
    house.does(consult(1, 1, to_queue(2)));
    assert_eq!((house.asked(2), house.asked(3)), (vec![], vec![OfferKind::Consult]));
}
