//! Offers: accepted, rejected, run out, withdrawn (reference sections 16.6 and 22).

use alloc::vec;

use super::house::{House, conversation, representative};
use crate::conversation::Notice;
use crate::id::OfferId;
use crate::protocol::desk::{DeskFrame, OfferGoneReason, WorkState};
use crate::routing::{Command, Rejection, SessionEnd};
use crate::settings::Presence;
use crate::time::Span;

#[test]
fn an_offer_shows_customer_topic_queue_and_how_much_time_is_left() {
    let mut house = House::new();
    house.arrive_about(1, "order").later(Span::from_secs(9)).connect(1);
    let shown = house.shown(1);
    let offer = shown
        .iter()
        .find_map(|frame| match frame {
            DeskFrame::Offered { offer } => Some(offer.clone()),
            _ => None,
        })
        .unwrap();
    assert_eq!(offer.conversation, conversation(1));
    assert_eq!((offer.customer.as_deref(), offer.topic.as_deref()), (Some("Grace"), Some("order")));
    assert_eq!(offer.queue, "Orders");
    assert_eq!((offer.remaining, offer.timeout), (Span::from_secs(60), Span::from_secs(60)));
    assert_eq!(offer.waited, Span::from_secs(9));
    house.later(Span::from_secs(20));
    assert_eq!(
        house.offers(1)[0].remaining,
        Span::from_secs(40),
        "a console that comes later sees what is left"
    );
}

#[test]
fn whoever_accepts_has_the_conversation_and_the_conversation_hears_who_it_is() {
    let mut house = House::new();
    house.connect(1).connect_tab(1, 1).arrive(1).accept(1, 1);
    assert_eq!((house.owner(1), house.state(1)), (Some(1), Some(WorkState::Active)));
    assert_eq!(
        house.notices(1),
        [Notice::Assigned {
            representative: representative(1),
            full_name: "Ada Fox".into(),
            public_name: "Ada".into()
        }]
    );
    assert_eq!(house.offers_gone(1), [OfferGoneReason::Accepted]);
}

#[test]
fn a_second_accept_of_one_offer_is_refused() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    let offer = house.offer_id(1, 1);
    let accept = Command::Accept { representative: representative(1), offer };
    house.does(accept.clone()).refuses(accept, Rejection::OfferGone);
    house.refuses(Command::Reject { representative: representative(1), offer }, Rejection::OfferGone);
}

#[test]
fn nobody_answers_the_offer_of_somebody_else() {
    let mut house = House::new();
    house.connect(1).arrive(1).connect(2);
    let offer = house.offer_id(1, 1);
    house
        .refuses(Command::Accept { representative: representative(2), offer }, Rejection::OfferGone)
        .refuses(Command::Reject { representative: representative(2), offer }, Rejection::OfferGone)
        .refuses(
            Command::Accept { representative: representative(4), offer },
            Rejection::UnknownRepresentative,
        );
}

#[test]
fn an_offer_that_never_was_is_gone() {
    let mut house = House::new();
    let offer = OfferId::from_number(7);
    house.refuses(Command::Accept { representative: representative(1), offer }, Rejection::OfferGone);
}

#[test]
fn an_offer_can_be_accepted_until_the_alarm_has_rung() {
    let mut house = House::new();
    house.connect(1).arrive(1).later(Span::from_secs(61)).accept(1, 1);
    assert_eq!(house.owner(1), Some(1));
}

#[test]
fn a_rejected_offer_goes_to_the_next_eligible() {
    let mut house = House::new();
    house.connect(1).arrive(1).connect(2).reject(1, 1);
    assert_eq!(house.offered_to(1), Some(2));
    assert_eq!(house.offers_gone(1), [OfferGoneReason::Rejected]);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::Rejected)]);
    let lapsed = Notice::OfferLapsed { representative: representative(1) };
    assert_eq!(house.notices(1), [lapsed], "the customer waits as before");
}

#[test]
fn an_offer_that_nobody_answers_in_time_goes_to_the_next_eligible() {
    let mut house = House::new();
    house.connect(1).arrive(1).connect(2).after(Span::from_millis(59_999));
    assert_eq!(house.offered_to(1), Some(1));
    house.after(Span::from_millis(1));
    assert_eq!(house.offered_to(1), Some(2));
    assert_eq!(house.offers_gone(1), [OfferGoneReason::TimedOut]);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::TimedOut)]);
    assert_eq!(house.presence(1), Presence::Available);
}

#[test]
fn a_tick_that_is_early_late_or_repeated_does_no_harm() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    assert_eq!(house.does(Command::Tick).last, []);
    house.after(Span::from_secs(3600));
    let offered = house.offer_id(1, 1);
    assert_eq!(house.does(Command::Tick).last, []);
    assert_eq!(house.offer_id(1, 1), offered);
}

#[test]
fn whoever_declined_is_asked_again_only_after_everybody_else() {
    let mut house = House::with(|settings| settings.representatives[0].capacity.0 = 9);
    house.connect(1).connect(2).connect(3).arrive(1);
    let mut asked = vec![];
    while let Some(who) = house.offered_to(1) {
        asked.push(who);
        house.reject(who, 1);
    }
    assert_eq!(asked, [1, 2, 3, 1, 2, 3, 1, 2, 3]);
}

#[test]
fn whoever_comes_and_has_not_declined_is_asked_before_those_who_have() {
    let mut house = House::with(|settings| settings.representatives[0].capacity.0 = 9);
    house.connect(1).arrive(1).reject(1, 1);
    assert_eq!(house.offered_to(1), Some(1), "nobody else is there");
    house.connect(2).reject(1, 1);
    assert_eq!(house.offered_to(1), Some(2));
}

#[test]
fn one_item_is_offered_at_most_three_times_to_one_representative_and_reject_and_time_out_both_count() {
    let mut house = House::new();
    house.connect(1).arrive(1).reject(1, 1).after(Span::from_secs(60));
    assert_eq!(house.offered_to(1), Some(1));
    assert_eq!(house.reject(1, 1).offered_to(1), None);
    assert_eq!(house.disconnect(1).connect(1).offered_to(1), None);
    assert_eq!(house.arrive(2).offered_to(2), Some(1), "other items still come");
    assert_eq!(house.connect(2).offered_to(1), Some(2), "others are still asked");
    assert_eq!(house.reject(2, 1).pick(1, 1).owner(1), Some(1), "picking by hand still works");
}

#[test]
fn a_lower_or_higher_limit_of_offers_is_kept() {
    for limit in [1, 5] {
        let mut house = House::with(|settings| settings.workstreams[0].offers_per_representative = limit);
        house.connect(1).arrive(1);
        for _ in 0..limit {
            house.reject(1, 1);
        }
        assert_eq!(house.offered_to(1), None);
    }
}

#[test]
fn the_offer_is_withdrawn_when_the_customer_leaves() {
    let mut house = House::new();
    house.connect(1).arrive(1).customer_leaves(1);
    assert_eq!(house.offers_gone(1), [OfferGoneReason::Withdrawn]);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::CustomerEnded)]);
    assert_eq!((house.used(1), house.presence(1)), (0, Presence::Available));
}

#[test]
fn an_offer_stays_when_its_representative_changes_their_presence() {
    let mut house = House::new();
    house.connect(1).arrive(1).choose(1, Presence::Away);
    assert_eq!(house.accept(1, 1).owner(1), Some(1));
}

#[test]
fn taking_part_is_having_the_conversation_or_being_offered_it() {
    let mut house = House::new();
    let takes_part = |house: &House, who| house.router.takes_part(representative(who), conversation(1));
    house.arrive(1);
    assert!(!takes_part(&house, 1));
    house.connect(1).connect(2);
    assert!(takes_part(&house, 1) && !takes_part(&house, 2));
    house.accept(1, 1);
    assert!(takes_part(&house, 1) && !takes_part(&house, 2));
    house.end(1, 1);
    assert!(takes_part(&house, 1), "in wrap-up too");
    house.close(1, 1);
    assert!(!takes_part(&house, 1));
}

#[test]
fn the_next_deadline_is_the_earliest() {
    let mut house = House::new();
    assert_eq!(house.router.next_deadline(), None);
    house.connect(1).arrive(1);
    let offered = house.now;
    assert_eq!(house.router.next_deadline(), Some(offered.after(Span::from_secs(60))));
    house.later(Span::from_secs(1)).connect(2).disconnect(2).accept(1, 1);
    let gone = house.now.after(Span::from_millis(150_001));
    assert_eq!(house.router.next_deadline(), Some(gone));
    house.later(Span::from_secs(1)).connect(2);
    assert_eq!(house.router.next_deadline(), None);
}
