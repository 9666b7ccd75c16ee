//! Every transition of reference section 21.2 that exists here, wrap-up, and picking by hand.

use super::house::{House, arrival, comes_by, conversation, representative};
use crate::conversation::Notice;
use crate::protocol::desk::{DeskFrame, OfferGoneReason, WorkState};
use crate::protocol::live::EndedBy;
use crate::routing::{Activity, Command, Departure, Effect, Rejection, SessionEnd};
use crate::settings::{ChannelClass, Presence, Units, WrapUp};
use crate::time::Span;

#[test]
fn open_to_active_by_push() {
    let mut house = House::new();
    house.arrive(1);
    assert_eq!((house.state(1), house.notices(1)), (Some(WorkState::Open), [waits(false)].into()));
    assert_eq!(house.connect(1).state(1), Some(WorkState::AwaitingAcceptance));
    assert_eq!(house.accept(1, 1).state(1), Some(WorkState::Active));
}

#[test]
fn open_to_active_by_pick() {
    let mut house = House::new();
    house.connect(1).choose(1, Presence::Away).arrive(1).pick(1, 1);
    assert_eq!((house.owner(1), house.state(1)), (Some(1), Some(WorkState::Active)));
    assert!(matches!(&house.notices(1)[..], [Notice::Assigned { .. }]));
}

#[test]
fn open_to_closed_when_the_customer_leaves() {
    let mut house = House::new();
    house.arrive(1).customer_leaves(1);
    assert!(house.closed(1));
    assert_eq!((house.state(1), house.notices(1), house.sessions_ended()), (None, [].into(), [].into()));
}

#[test]
fn awaiting_acceptance_to_closed_when_the_customer_leaves() {
    let mut house = House::new();
    house.connect(1).arrive(1).customer_leaves(1);
    assert!(house.closed(1));
    assert_eq!((house.state(1), house.offered_to(1)), (None, None));
}

#[test]
fn awaiting_acceptance_to_open_when_nobody_else_can_take_it() {
    let mut house = House::with(|settings| settings.workstreams[0].offers_per_representative = 1);
    house.connect(1).arrive(1).reject(1, 1);
    assert_eq!(house.state(1), Some(WorkState::Open));
}

#[test]
fn active_to_wrap_up_when_the_representative_ends_it() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).end(1, 1);
    assert_eq!((house.owner(1), house.state(1)), (Some(1), Some(WorkState::WrapUp)));
    assert_eq!(house.notices(1), [Notice::Ended { by: EndedBy::Representative }]);
}

#[test]
fn active_to_wrap_up_when_the_customer_leaves() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).customer_leaves(1);
    assert_eq!((house.owner(1), house.state(1)), (Some(1), Some(WorkState::WrapUp)));
    assert_eq!(house.notices(1), [], "the conversation knows already");
    assert_eq!(house.customer_leaves(1).last, [], "twice is once");
}

#[test]
fn wrap_up_to_closed_when_the_representative_closes_it() {
    let mut house = House::new();
    house.connect(1).arrive_about(1, "order");
    let created = house.now;
    let accepted = house.later(Span::from_secs(5)).now;
    house.accept(1, 1).later(Span::from_secs(5)).end(1, 1).close(1, 1);
    let closed = house.now;
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::RepresentativeEnded)]);
    let record = Activity::ConversationClosed {
        conversation: conversation(1),
        workstream: super::house::workstream(1),
        queue: Some(super::house::queue(1)),
        customer: Some("Grace".into()),
        topic: Some("order".into()),
        representative: Some(representative(1)),
        created,
        first_accepted: Some(accepted),
        closed,
        transfers: 0,
        reason: SessionEnd::RepresentativeEnded,
    };
    assert!(house.last.contains(&Effect::Record(record)));
    assert_eq!((house.state(1), house.used(1)), (None, 0));
}

#[test]
fn wrap_up_to_closed_by_itself_after_fifteen_minutes() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).end(1, 1).after(Span::from_secs(899));
    assert_eq!((house.state(1), house.used(1)), (Some(WorkState::WrapUp), 1));
    assert!(house.after(Span::from_secs(1)).closed(1));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::AutoClosed)]);
    assert_eq!((house.used(1), house.router.next_deadline()), (0, None));
}

#[test]
fn wrap_up_that_always_blocks_holds_capacity_until_it_is_closed() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2).end(1, 2).arrive(3);
    assert_eq!((house.offered_to(3), house.used(1)), (None, 2));
    assert_eq!(house.close(1, 2).offered_to(3), Some(1), "closing makes the offer at once");
}

#[test]
fn wrap_up_that_never_blocks_frees_capacity_at_the_end() {
    let mut house = House::with(|settings| {
        settings.workstreams[0].wrap_up = WrapUp::NeverBlocks;
        settings.representatives[0].capacity = Units(1);
    });
    house.connect(1).arrive(1).accept(1, 1).arrive(2).end(1, 1);
    assert_eq!((house.offered_to(2), house.state(1)), (Some(1), Some(WorkState::WrapUp)));
}

#[test]
fn wrap_up_that_blocks_for_a_time_frees_capacity_after_it_and_stays_until_closed() {
    let mut house = House::with(|settings| {
        settings.workstreams[0].wrap_up = WrapUp::BlocksFor(Span::from_secs(30));
        settings.representatives[0].capacity = Units(1);
    });
    house.connect(1).arrive(1).accept(1, 1).arrive(2).end(1, 1).after(Span::from_millis(29_999));
    assert_eq!((house.offered_to(2), house.presence(1)), (None, Presence::DoNotDisturb));
    house.after(Span::from_millis(1));
    assert_eq!((house.offered_to(2), house.state(1)), (Some(1), Some(WorkState::WrapUp)));
    let again =
        |frame: &DeskFrame| matches!(frame, DeskFrame::Work { item } if item.conversation == conversation(1));
    assert!(!house.shown(1).iter().any(again), "on its list nothing has changed");
    house.reject(1, 2).reject(1, 2).reject(1, 2);
    assert_eq!(house.presence(1), Presence::Available, "presence is computed anew");
    assert!(house.close(1, 1).closed(1));
}

#[test]
fn a_blocking_time_longer_than_fifteen_minutes_wins() {
    let blocks = Span::from_secs(1200);
    let mut house = House::with(|settings| settings.workstreams[0].wrap_up = WrapUp::BlocksFor(blocks));
    house.connect(1).arrive(1).accept(1, 1).end(1, 1).after(Span::from_secs(1199));
    assert_eq!((house.state(1), house.used(1)), (Some(WorkState::WrapUp), 1));
    assert!(house.after(Span::from_secs(1)).closed(1));
}

#[test]
fn what_a_running_item_holds_does_not_change_with_the_settings() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).configure(|settings| settings.workstreams[0].cost = Units(2));
    assert_eq!(house.used(1), 1);
    assert_eq!(house.end(1, 1).close(1, 1).arrive(2).used(1), 2);
}

#[test]
fn a_pick_withdraws_the_offer_to_somebody_else() {
    let mut house = House::new();
    house.connect(1).arrive(1).connect(2).pick(2, 1);
    assert_eq!((house.owner(1), house.offered_to(1)), (Some(2), None));
    assert_eq!(house.offers_gone(1), [OfferGoneReason::Withdrawn]);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::Rerouted)]);
    assert_eq!((house.used(1), house.used(2)), (0, 1));
}

#[test]
fn a_pick_of_what_one_is_offered_accepts_the_offer() {
    let mut house = House::new();
    house.connect(1).arrive(1).pick(1, 1);
    assert_eq!((house.owner(1), house.used(1)), (Some(1), 1));
    assert_eq!(house.offers_gone(1), [OfferGoneReason::Accepted]);
    assert_eq!(house.sessions_ended(), []);
}

#[test]
fn a_pick_may_go_beyond_capacity_and_nothing_is_offered_until_there_is_room() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2).arrive(3).arrive(4).pick(1, 3);
    assert_eq!((house.used(1), house.offered_to(4)), (3, None));
    assert_eq!(house.end(1, 1).close(1, 1).offered_to(4), None, "two of two are still in use");
    assert_eq!(house.end(1, 2).close(1, 2).offered_to(4), Some(1));
}

#[test]
fn a_pick_is_from_ones_own_queues_and_by_somebody_who_is_there() {
    let mut house = House::with(|settings| settings.queues[1].members.truncate(1));
    let pick = |who| Command::Pick { representative: representative(who), conversation: conversation(1) };
    house.arrive(1).connect(2).refuses(pick(2), Rejection::NotPossibleNow);
    house.refuses(pick(1), Rejection::NotPossibleNow);
}

#[test]
fn what_somebody_has_cannot_be_picked() {
    let mut house = House::new();
    let pick = |who| Command::Pick { representative: representative(who), conversation: conversation(1) };
    house.connect(1).connect(2).arrive(1).accept(1, 1);
    for who in [1, 2] {
        house.refuses(pick(who), Rejection::NotPossibleNow);
    }
    house.end(1, 1).refuses(pick(2), Rejection::NotPossibleNow);
}

#[test]
fn only_its_representative_ends_and_closes_a_conversation() {
    let mut house = House::new();
    let end = |who| Command::End { representative: representative(who), conversation: conversation(1) };
    let close = |who| Command::Close { representative: representative(who), conversation: conversation(1) };
    house.connect(1).connect(2).arrive(1);
    house.refuses(end(1), Rejection::NotYours).refuses(close(1), Rejection::NotYours);
    house.accept(1, 1).refuses(end(2), Rejection::NotYours);
    house.end(1, 1).refuses(close(2), Rejection::NotYours);
}

#[test]
fn what_runs_is_not_closed_and_what_has_ended_is_not_ended_again() {
    let mut house = House::new();
    let end = Command::End { representative: representative(1), conversation: conversation(1) };
    let close = Command::Close { representative: representative(1), conversation: conversation(1) };
    house.connect(1).arrive(1).accept(1, 1).refuses(close, Rejection::NotPossibleNow);
    house.end(1, 1).refuses(end, Rejection::NotPossibleNow);
}

#[test]
fn a_closed_conversation_is_unknown() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).end(1, 1).close(1, 1);
    let (representative, conversation) = (representative(1), conversation(1));
    for command in [
        Command::CustomerLeft { conversation, how: Departure::Ended },
        Command::Pick { representative, conversation },
        Command::End { representative, conversation },
        Command::Close { representative, conversation },
    ] {
        house.refuses(command, Rejection::UnknownConversation);
    }
}

#[test]
fn an_arrival_that_is_told_twice_is_one_conversation() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    assert_eq!(house.does(Command::Arrive(arrival(1, 1, "order"))).last, []);
    assert_eq!(house.accept(1, 1).does(Command::Arrive(arrival(1, 1, "order"))).last, []);
}

fn waits(anyone_available: bool) -> Notice {
    Notice::Queued { anyone_available }
}

/// A house of records, in which conversation 1 comes so far.
fn with_a_record(far: impl FnOnce(&mut House) -> &mut House) -> House {
    let mut house = House::with(|settings| {
        comes_by(settings, ChannelClass::Record);
        settings.workstreams[0].wrap_up = WrapUp::AlwaysBlocks;
    });
    house.connect(1).arrive(1);
    far(&mut house);
    house
}

fn resolved(item: u8) -> Command {
    Command::CustomerLeft { conversation: conversation(item), how: Departure::Resolved }
}

#[test]
fn a_record_that_is_resolved_is_closed_whatever_its_state() {
    let closed = |house: &mut House| {
        house.does(resolved(1));
        assert!(house.closed(1));
        assert_eq!((house.state(1), house.used(1)), (None, 0));
        house.sessions_ended()
    };
    let open = &mut with_a_record(|house| house.sign_out(1));
    assert_eq!((open.state(1), closed(open)), (Some(WorkState::Open), [].into()));
    let by_resolution = [(1, SessionEnd::ConversationClosed)];
    let offered = &mut with_a_record(|house| house);
    assert_eq!(
        (offered.state(1), closed(offered)),
        (Some(WorkState::AwaitingAcceptance), by_resolution.into())
    );
    assert_eq!(offered.offers_gone(1), [OfferGoneReason::Withdrawn]);
    let active = &mut with_a_record(|house| house.accept(1, 1));
    assert_eq!((active.state(1), closed(active)), (Some(WorkState::Active), by_resolution.into()));
    assert!(active.notices(1).contains(&Notice::Ended { by: EndedBy::System }));
    let wrap_up = &mut with_a_record(|house| house.accept(1, 1).end(1, 1));
    assert_eq!((wrap_up.state(1), closed(wrap_up)), (Some(WorkState::WrapUp), by_resolution.into()));
}

#[test]
fn only_records_are_resolved_and_what_is_left_of_a_workstream_that_is_gone() {
    let mut house = House::new();
    house.connect(1).arrive(1).refuses(resolved(1), Rejection::NotAllowed);
    house.refuses(resolved(2), Rejection::UnknownConversation);
    house.accept(1, 1).configure(|settings| settings.workstreams.clear());
    assert!(house.does(resolved(1)).closed(1));
}
