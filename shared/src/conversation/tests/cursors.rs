//! How far everybody has come.

use alloc::vec;

use super::*;
use crate::conversation::Cursor;
use crate::protocol::desk::Part;

const CUSTOMER: Sender = Sender::Customer;
const STAFF: Sender = Sender::Staff(ANA);

fn read(sender: Sender, upto: u32) -> Command {
    Command::Read { sender, upto: Sequence(upto) }
}

fn received(sender: Sender, upto: u32) -> Command {
    Command::Received { sender, upto: Sequence(upto) }
}

fn with_ben_as(part: Part) -> Conversation {
    let mut conversation = with_ana();
    let (full_name, public_name) = ("Ben Castillo".into(), "Ben".into());
    let joined = Notice::Joined { representative: BEN, full_name, public_name, part };
    conversation.handle(at(1), Command::Notice(joined)).unwrap();
    conversation
}

#[test]
fn what_a_client_holds_is_told_to_the_other_side_once() {
    let mut conversation = with_ana();
    let mark =
        |side, upto| Effect::Broadcast { side, frame: ServerFrame::ReceivedByOther { upto: Sequence(upto) } };
    assert_eq!(conversation.handle(at(1), received(CUSTOMER, 3)), Ok(vec![mark(Side::Staff, 3)]));
    assert_eq!(conversation.handle(at(1), received(CUSTOMER, 2)), Ok(vec![]));
    assert_eq!(conversation.handle(at(1), received(STAFF, 2)), Ok(vec![mark(Side::Customer, 2)]));
    assert_eq!(refused(&mut conversation, received(CUSTOMER, 4)), Rejection::SequenceAhead);
    let greeting = conversation.greeting(None, Side::Customer).unwrap();
    assert!(
        greeting.contains(&ServerFrame::ReceivedByOther { upto: Sequence(2) }),
        "who comes later hears it"
    );
}

#[test]
fn what_was_read_was_received() {
    let mut conversation = with_ana();
    conversation.handle(at(1), read(CUSTOMER, 3)).unwrap();
    assert_eq!(conversation.cursor(CUSTOMER), Cursor { received: Sequence(3), read: Sequence(3) });
    assert_eq!(conversation.handle(at(1), received(CUSTOMER, 3)), Ok(vec![]));
    let greeting = conversation.greeting(None, Side::Staff).unwrap();
    assert!(!greeting.iter().any(|frame| matches!(frame, ServerFrame::ReceivedByOther { .. })));
}

#[test]
fn whoever_is_not_the_primary_has_read_for_themselves_alone() {
    let mut conversation = with_ben_as(Part::PublicConsultant);
    assert_eq!(conversation.handle(at(2), read(Sender::Staff(BEN), 3)), Ok(vec![Effect::Kept]));
    assert_eq!(conversation.cursor(Sender::Staff(BEN)).read, Sequence(3));
    assert_eq!(conversation.cursor(STAFF), Cursor::default());
    let ServerFrame::Welcome { read_by_other, .. } = conversation.welcome(Side::Customer) else { panic!() };
    assert_eq!(read_by_other, Sequence::START);
    // Ben takes over: what the customer is shown goes on from where Ana was, never back.
    conversation.handle(at(3), read(STAFF, 3)).unwrap();
    conversation.handle(at(4), assigned(BEN)).unwrap();
    assert_eq!(conversation.handle(at(5), received(Sender::Staff(BEN), 3)), Ok(vec![]));
    let told = Effect::Broadcast {
        side: Side::Customer,
        frame: ServerFrame::ReadByOther { upto: conversation.last() },
    };
    let last = conversation.last().0;
    assert_eq!(conversation.handle(at(6), read(Sender::Staff(BEN), last)), Ok(vec![told]));
}

#[test]
fn whoever_takes_no_part_has_no_cursor() {
    let mut conversation = with_ana();
    for command in [read(Sender::Staff(BEN), 1), received(Sender::Staff(BEN), 1)] {
        assert_eq!(refused(&mut conversation, command), Rejection::NotYours);
    }
}
