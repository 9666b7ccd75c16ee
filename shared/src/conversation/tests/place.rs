//! A customer's place in the line: who hears of it, and when it is gone.

use super::*;
use crate::protocol::live::Place;

fn place(ahead: u32) -> Place {
    Place { ahead, estimated_wait: Some(Span::from_secs(60)) }
}

fn position(ahead: u32) -> Command {
    let Place { ahead, estimated_wait } = place(ahead);
    Command::Notice(Notice::Position { ahead, estimated_wait })
}

/// What a customer who comes back is told of their place: nothing at all, or where they stand, if that is known.
fn told_place(conversation: &Conversation) -> Vec<Option<Place>> {
    let place = |frame| match frame {
        ServerFrame::Place { place } => Some(place),
        _ => None,
    };
    conversation.greeting(None, Side::Customer).unwrap().into_iter().filter_map(place).collect()
}

#[test]
fn a_customer_who_waits_hears_of_their_place_when_it_changes_and_the_staff_do_not() {
    let mut conversation = waiting();
    let told =
        Effect::Broadcast { side: Side::Customer, frame: ServerFrame::Place { place: Some(place(2)) } };
    let (last, effects) = (conversation.last(), conversation.handle(at(1), position(2)).unwrap());
    assert_eq!(effects, [told]);
    assert_eq!(conversation.handle(at(2), position(2)).unwrap(), []);
    assert_eq!(conversation.last(), last, "the log does not grow");
}

#[test]
fn a_customer_who_comes_back_hears_their_place_and_it_survives_a_restart() {
    let mut conversation = waiting();
    assert_eq!(told_place(&conversation), [None]);
    conversation.handle(at(1), position(2)).unwrap();
    let log = conversation.records_after(Sequence::START).to_vec();
    let stored = Conversation::restore(conversation.head().clone(), log);
    assert_eq!(told_place(&stored), [Some(place(2))]);
    let to_staff = stored.greeting(None, Side::Staff).unwrap();
    assert!(!to_staff.iter().any(|frame| matches!(frame, ServerFrame::Place { .. })));
}

#[test]
fn who_no_longer_waits_has_no_place() {
    let mut conversation = waiting();
    conversation.handle(at(1), position(2)).unwrap();
    conversation.handle(at(2), assigned(ANA)).unwrap();
    assert_eq!(told_place(&conversation), []);
    assert_eq!(conversation.handle(at(3), position(1)).unwrap(), [], "too late");
    conversation.handle(at(4), Command::Notice(Notice::Unassigned { representative: ANA })).unwrap();
    assert_eq!(told_place(&conversation), [None], "the place of before does not come back");
    conversation.handle(at(5), position(0)).unwrap();
    conversation.handle(at(6), Command::End).unwrap();
    assert_eq!(told_place(&conversation), []);
}

#[test]
fn a_place_that_is_told_no_more_is_gone_at_once() {
    let mut conversation = waiting();
    conversation.handle(at(1), position(2)).unwrap();
    let gone = Effect::Broadcast { side: Side::Customer, frame: ServerFrame::Place { place: None } };
    assert_eq!(conversation.handle(at(2), Command::Notice(Notice::NoPosition)).unwrap(), [gone]);
    assert_eq!(told_place(&conversation), [None]);
    assert_eq!(conversation.handle(at(3), Command::Notice(Notice::NoPosition)).unwrap(), []);
}
