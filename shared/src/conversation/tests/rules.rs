//! One test for one rule.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::limit::MESSAGE_CHARS_MAX;
use crate::protocol::live::{Author, Content, EndedBy, Standing};
use crate::routing;

const CUSTOMER: Sender = Sender::Customer;
const STAFF: Sender = Sender::Staff(ANA);

fn accepted(number: u8, sequence: u32) -> Effect {
    Effect::Reply { frame: ServerFrame::Accepted { message: message(number), sequence: Sequence(sequence) } }
}

fn customer_left(how: routing::Departure) -> Effect {
    Effect::Route(Box::new(routing::Command::CustomerLeft { conversation: CONVERSATION, how }))
}

fn standing(standing: Standing) -> ServerFrame {
    ServerFrame::Standing { standing }
}

#[test]
fn it_begins_with_the_answers_and_the_first_message_and_asks_for_somebody() {
    let (conversation, effects) = Conversation::open(at(0), opening(Some("Hello")));
    assert_eq!(effects, [Effect::Route(Box::new(routing::Command::Arrive(arrival())))]);
    let reader = seen_by(Side::Customer, &conversation);
    let contents: Vec<_> = reader.entries.iter().map(|entry| entry.content.clone()).collect();
    let text = Content::Text { text: "Hello".into() };
    assert_eq!(contents, [Content::Started { answers: answers() }, text]);
    assert_eq!(reader.entries[1].message, Some(message(FIRST)));
    // A form need not ask for a message.
    let (conversation, _) = Conversation::open(at(0), opening(None));
    assert_eq!(conversation.last(), Sequence(1));
}

#[test]
fn a_message_is_acknowledged_and_shown_to_both_sides_with_the_next_number() {
    let mut conversation = with_ana();
    let effects = conversation.handle(at(5), say(CUSTOMER, 1, " Where is it? ")).unwrap();
    assert_eq!(effects[0], accepted(1, 4));
    for side in [Side::Customer, Side::Staff] {
        let [ServerFrame::Entries { after, upto, entries }] = &told(&effects, side)[..] else {
            panic!("{effects:?}")
        };
        assert_eq!((*after, *upto), (Sequence(3), Sequence(4)));
        let [Entry { sequence: Sequence(4), at: time, author: Author::Customer, message: id, content, .. }] =
            &entries[..]
        else {
            panic!("{entries:?}")
        };
        assert_eq!((*time, *id), (at(5), Some(message(1))));
        assert_eq!(*content, Content::Text { text: "Where is it?".into() });
    }
}

#[test]
fn an_internal_message_is_for_the_staff_alone_and_leaves_no_gap() {
    let mut conversation = with_ana();
    let note = send(STAFF, 1, Visibility::Internal, "Known customer");
    let effects = conversation.handle(at(1), note).unwrap();
    assert_eq!(effects[0], accepted(1, 4));
    assert_eq!(told(&effects, Side::Customer), []);
    assert_eq!(told(&effects, Side::Staff).len(), 1);
    conversation.handle(at(1), send(STAFF, 2, Visibility::Internal, "Again")).unwrap();
    let effects = conversation.handle(at(2), say(STAFF, 3, "Hello")).unwrap();
    let stretch = |side| match &told(&effects, side)[..] {
        [ServerFrame::Entries { after, upto, entries }] => (after.0, upto.0, entries.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(stretch(Side::Staff), (5, 6, 1));
    assert_eq!(stretch(Side::Customer), (3, 6, 1), "the stretch reaches back over what is hidden");
    assert_eq!(seen_by(Side::Customer, &conversation).texts(), ["Hello", "Hello"]);
    assert_eq!(seen_by(Side::Staff, &conversation).texts(), ["Hello", "Known customer", "Again", "Hello"]);
}

#[test]
fn customers_write_nothing_internal() {
    let mut conversation = with_ana();
    let command = send(CUSTOMER, 1, Visibility::Internal, "Psst");
    assert_eq!(refused(&mut conversation, command), Rejection::InternalFromCustomer);
    assert_eq!(conversation.typing(CUSTOMER, Visibility::Internal), Err(Rejection::InternalFromCustomer));
}

#[test]
fn a_repeat_gets_the_first_answer_and_is_not_shown_again() {
    let mut conversation = with_ana();
    conversation.handle(at(1), say(CUSTOMER, 1, "Once")).unwrap();
    conversation.handle(at(1), say(CUSTOMER, 2, "Twice")).unwrap();
    let before = conversation.clone();
    assert_eq!(conversation.handle(at(9), say(CUSTOMER, 1, "Once")), Ok(vec![accepted(1, 4)]));
    assert_eq!(conversation, before);
    // The text counts as it is stored.
    assert_eq!(conversation.handle(at(9), say(CUSTOMER, 1, " Once\n")), Ok(vec![accepted(1, 4)]));
    // Also after the end: the message is in the log.
    conversation.handle(at(9), Command::End).unwrap();
    assert_eq!(conversation.handle(at(9), say(CUSTOMER, 2, "Twice")), Ok(vec![accepted(2, 5)]));
}

#[test]
fn an_id_stands_for_one_message_of_one_writer() {
    let mut conversation = with_ana();
    conversation.handle(at(1), say(STAFF, 1, "This")).unwrap();
    for other in [
        say(STAFF, 1, "That"),
        say(CUSTOMER, 1, "This"),
        send(STAFF, 1, Visibility::Internal, "This"),
        say(CUSTOMER, FIRST, "Not the first message"),
    ] {
        assert_eq!(refused(&mut conversation, other), Rejection::IdReused);
    }
}

#[test]
fn only_whoever_has_the_conversation_writes_for_the_staff() {
    let mut conversation = waiting();
    assert_eq!(refused(&mut conversation, say(STAFF, 1, "Hello")), Rejection::NotYours);
    let mut conversation = with_ana();
    for visibility in [Visibility::Public, Visibility::Internal] {
        let command = send(Sender::Staff(BEN), 1, visibility, "Hello");
        assert_eq!(refused(&mut conversation, command), Rejection::NotYours);
        assert_eq!(conversation.typing(Sender::Staff(BEN), visibility), Err(Rejection::NotYours));
    }
    conversation.handle(at(1), say(STAFF, 1, "Hello")).unwrap();
}

/// Fills a conversation with the longest messages of this sender until one is refused. Gives how many there were, and why.
fn fill(conversation: &mut Conversation, sender: Sender, first: u128) -> (u128, Rejection) {
    let longest = "\u{1f642}".repeat(MESSAGE_CHARS_MAX);
    let mut number = 0;
    loop {
        let message = MessageId::from_u128(first + number);
        let text = MessageText::new(&longest).unwrap();
        let send = Command::Send { sender, message, visibility: Visibility::Public, text };
        match conversation.handle(at(1), send) {
            Ok(_) => number += 1,
            Err(rejection) => return (number, rejection),
        }
        assert!(number < 2_000, "there is no bound");
    }
}

#[test]
fn a_customer_fills_a_part_of_a_conversation_and_the_staff_can_still_answer() {
    let mut conversation = with_ana();
    let (theirs, why) = fill(&mut conversation, CUSTOMER, 0x1_0000);
    assert_eq!(why, Rejection::Full);
    let log = conversation.records_after(Sequence::START).to_vec();
    assert_eq!(Conversation::restore(conversation.head().clone(), log), conversation);
    let (staffs, why) = fill(&mut conversation, STAFF, 0x2_0000);
    assert_eq!(why, Rejection::Full);
    assert!(staffs > 2 * theirs, "{theirs} {staffs}");
    // What they take out gives them room again.
    let removed = Command::Redact { sender: CUSTOMER, message: message(7), target: Sequence(4), any: false };
    conversation.handle(at(2), removed).unwrap();
    conversation.handle(at(3), say(CUSTOMER, 8, "Room")).unwrap();
}

#[test]
fn a_conversation_that_is_full_takes_no_more_and_can_still_be_ended() {
    let mut conversation = with_ana();
    let (_, rejection) = fill(&mut conversation, STAFF, 0x1_0000);
    assert_eq!(rejection, Rejection::Full);
    // What was stored counts again when the conversation is loaded.
    let log = conversation.records_after(Sequence::START).to_vec();
    let mut loaded = Conversation::restore(conversation.head().clone(), log);
    assert_eq!(loaded, conversation);
    assert_eq!(refused(&mut loaded, say(CUSTOMER, 1, "One more")), Rejection::Full);
    loaded.handle(at(2), Command::End).unwrap();
    assert!(loaded.has_ended());
}

#[test]
fn who_let_an_offer_lapse_no_longer_takes_part_and_who_has_the_conversation_does() {
    let lapsed = |representative| Command::Notice(Notice::OfferLapsed { representative });
    let mut conversation = waiting();
    let dismissed = conversation.handle(at(1), lapsed(ANA)).unwrap();
    assert_eq!(dismissed, vec![Effect::Dismiss { representative: ANA }]);
    let mut conversation = with_ana();
    assert_eq!(conversation.handle(at(1), lapsed(ANA)).unwrap(), vec![]);
    assert_eq!(
        conversation.handle(at(1), lapsed(BEN)).unwrap(),
        vec![Effect::Dismiss { representative: BEN }]
    );
}

#[test]
fn nothing_is_written_after_the_end_and_ending_twice_does_no_harm() {
    let mut conversation = with_ana();
    let effects = conversation.handle(at(1), Command::End).unwrap();
    assert_eq!(effects.last(), Some(&customer_left(routing::Departure::Ended)));
    assert!(told(&effects, Side::Staff).contains(&standing(Standing::Ended { by: EndedBy::Customer })));
    assert!(conversation.has_ended() && conversation.head().has_ended());
    for sender in [CUSTOMER, STAFF] {
        assert_eq!(refused(&mut conversation, say(sender, 1, "Wait")), Rejection::Ended);
        assert_eq!(conversation.typing(sender, Visibility::Public), Err(Rejection::Ended));
    }
    let before = conversation.clone();
    assert_eq!(conversation.handle(at(2), Command::End), Ok(vec![]));
    assert_eq!(conversation, before);
}

#[test]
fn notices_that_come_after_the_end_are_too_late_to_matter() {
    let mut conversation = waiting();
    conversation.handle(at(1), Command::End).unwrap();
    let before = conversation.clone();
    for late in [
        assigned(ANA),
        Command::Notice(Notice::Queued { anyone_available: false }),
        Command::Notice(Notice::Unassigned { representative: ANA }),
        Command::Notice(Notice::Ended { by: EndedBy::Representative }),
    ] {
        assert_eq!(conversation.handle(at(2), late), Ok(vec![]));
    }
    assert_eq!(conversation, before);
}

#[test]
fn an_end_by_the_representative_is_not_told_back_to_the_router() {
    let mut conversation = with_ana();
    let by = EndedBy::Representative;
    let effects = conversation.handle(at(1), Command::Notice(Notice::Ended { by })).unwrap();
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Route(_))));
    let reader = seen_by(Side::Customer, &conversation);
    assert_eq!(reader.entries.last().map(|entry| entry.content.clone()), Some(Content::Ended { by }));
}

#[test]
fn somebody_who_takes_it_is_introduced_by_the_name_for_each_side() {
    let mut conversation = waiting();
    let effects = conversation.handle(at(1), assigned(ANA)).unwrap();
    for (side, name) in [(Side::Customer, "Ana"), (Side::Staff, "Ana Lindqvist")] {
        let frames = told(&effects, side);
        assert_eq!(frames[0], standing(Standing::InConversation { with: name.into() }));
        let ServerFrame::Entries { entries, .. } = &frames[1] else { panic!("{frames:?}") };
        let author = Author::Representative { representative: ANA, name: name.into() };
        assert_eq!((&entries[0].author, &entries[0].content), (&author, &Content::Joined));
    }
}

#[test]
fn somebody_who_is_gone_is_dismissed_and_the_customer_waits_again() {
    let mut conversation = with_ana();
    let gone = Command::Notice(Notice::Unassigned { representative: ANA });
    let effects = conversation.handle(at(1), gone).unwrap();
    assert_eq!(effects.last(), Some(&Effect::Dismiss { representative: ANA }));
    assert_eq!(conversation.standing(Side::Customer), Standing::Waiting { anyone_available: true });
    assert_eq!(refused(&mut conversation, say(STAFF, 1, "Hello")), Rejection::NotYours);
    // What they wrote keeps their name when somebody else has it.
    conversation.handle(at(2), assigned(BEN)).unwrap();
    let authors: Vec<_> =
        seen_by(Side::Customer, &conversation).entries.into_iter().map(|entry| entry.author).collect();
    let named = |representative, name: &str| Author::Representative { representative, name: name.into() };
    assert_eq!(authors[2..], [named(ANA, "Ana"), named(ANA, "Ana"), named(BEN, "Ben")]);
}

#[test]
fn how_it_stands_is_told_when_it_changes_and_only_then() {
    let mut conversation = waiting();
    let queued = |anyone_available| Command::Notice(Notice::Queued { anyone_available });
    assert_eq!(conversation.handle(at(1), queued(true)), Ok(vec![]));
    let effects = conversation.handle(at(1), queued(false)).unwrap();
    let changed = vec![standing(Standing::Waiting { anyone_available: false })];
    assert_eq!((told(&effects, Side::Customer), told(&effects, Side::Staff)), (changed.clone(), changed));
    assert_eq!(conversation.last(), Sequence(2), "waiting is no entry of the log");
}

#[test]
fn a_customer_who_is_gone_for_exactly_the_grace_time_has_left() {
    let mut conversation = with_ana();
    let (tab, other) = (connection(1), connection(2));
    // Between the form and the socket they count as gone, too.
    assert_eq!(conversation.next_deadline(), Some(at(0).after(GRACE)));
    for connection in [tab, other] {
        conversation.handle(at(1), Command::Connect { sender: CUSTOMER, connection }).unwrap();
    }
    assert_eq!(conversation.next_deadline(), None);
    conversation.handle(at(2), Command::Disconnect { sender: CUSTOMER, connection: tab }).unwrap();
    assert_eq!(conversation.next_deadline(), None, "another tab is open");
    conversation.handle(at(3), Command::Disconnect { sender: CUSTOMER, connection: other }).unwrap();
    let deadline = at(3).after(GRACE);
    assert_eq!(conversation.next_deadline(), Some(deadline));
    // A socket that is gone twice is gone since the first time.
    conversation.handle(at(9), Command::Disconnect { sender: CUSTOMER, connection: other }).unwrap();
    assert_eq!(conversation.next_deadline(), Some(deadline));

    let early = Timestamp::from_millis(deadline.as_millis() - 1);
    assert_eq!(conversation.handle(early, Command::Tick), Ok(vec![]));
    assert!(!conversation.has_ended());
    let effects = conversation.handle(deadline, Command::Tick).unwrap();
    assert_eq!(effects.last(), Some(&customer_left(routing::Departure::Disconnected)));
    assert_eq!(conversation.standing(Side::Staff), Standing::Ended { by: EndedBy::Absence });
    assert_eq!(conversation.next_deadline(), None);
    assert_eq!(conversation.handle(deadline.after(GRACE), Command::Tick), Ok(vec![]));
}

#[test]
fn a_customer_who_comes_back_in_time_has_never_left() {
    let mut conversation = waiting();
    let back = Command::Connect { sender: CUSTOMER, connection: connection(1) };
    conversation.handle(at(GRACE.as_millis() - 1), back).unwrap();
    assert_eq!(conversation.handle(at(GRACE.as_millis()), Command::Tick), Ok(vec![]));
    assert!(!conversation.has_ended());
}

#[test]
fn the_staff_who_come_and_go_hold_nothing_up() {
    let mut conversation = with_ana();
    let deadline = conversation.next_deadline();
    conversation.handle(at(1), Command::Connect { sender: STAFF, connection: connection(1) }).unwrap();
    assert_eq!(conversation.next_deadline(), deadline);
    conversation.handle(at(2), Command::Disconnect { sender: STAFF, connection: connection(1) }).unwrap();
    assert_eq!(conversation.next_deadline(), deadline);
}

#[test]
fn after_a_crash_the_sockets_that_are_really_open_count() {
    let mut conversation = with_ana();
    conversation.handle(at(1), Command::Connect { sender: CUSTOMER, connection: connection(1) }).unwrap();
    // The customer's socket died with the server: gone since it was noticed.
    let open = vec![(STAFF, connection(2))];
    conversation.handle(at(50), Command::ConnectionsAre { open: open.clone() }).unwrap();
    assert_eq!(conversation.connections().collect::<Vec<_>>(), open);
    assert_eq!(conversation.next_deadline(), Some(at(50).after(GRACE)));
    // Said again, it is gone no later.
    conversation.handle(at(60), Command::ConnectionsAre { open }).unwrap();
    assert_eq!(conversation.next_deadline(), Some(at(50).after(GRACE)));
    // Back with another socket.
    let open = vec![(CUSTOMER, connection(3))];
    conversation.handle(at(70), Command::ConnectionsAre { open }).unwrap();
    assert_eq!(conversation.next_deadline(), None);
}

#[test]
fn reading_goes_forward_and_is_told_to_the_other_side() {
    let mut conversation = with_ana();
    let read = |sender, upto| Command::Read { sender, upto: Sequence(upto) };
    let effects = conversation.handle(at(1), read(CUSTOMER, 3)).unwrap();
    let mark =
        |side, upto| Effect::Broadcast { side, frame: ServerFrame::ReadByOther { upto: Sequence(upto) } };
    assert_eq!(effects, [mark(Side::Staff, 3)]);
    for not_further in [0, 2, 3] {
        assert_eq!(conversation.handle(at(1), read(CUSTOMER, not_further)), Ok(vec![]));
    }
    assert_eq!(refused(&mut conversation, read(CUSTOMER, 4)), Rejection::SequenceAhead);
    assert_eq!(conversation.handle(at(1), read(STAFF, 2)), Ok(vec![mark(Side::Customer, 2)]));
    let read_by_other = |side| match conversation.welcome(side) {
        ServerFrame::Welcome { read_by_other, last, .. } => (read_by_other.0, last.0),
        other => panic!("{other:?}"),
    };
    assert_eq!((read_by_other(Side::Customer), read_by_other(Side::Staff)), ((2, 3), (3, 3)));
}

#[test]
fn typing_is_shown_to_those_who_may_see_what_is_written() {
    let conversation = with_ana();
    let readers = |sender, visibility| {
        let effects = conversation.typing(sender, visibility).unwrap();
        let names = effects.into_iter().map(|effect| match effect {
            Effect::TellOthers { than, side, frame: ServerFrame::Typing { author, .. } } => {
                assert_eq!(than, sender, "nobody is told that they are typing themselves");
                (side, name_of(author))
            }
            other => panic!("{other:?}"),
        });
        names.collect::<Vec<_>>()
    };
    assert_eq!(readers(CUSTOMER, Visibility::Public), [(Side::Staff, "customer".into())]);
    let both = [(Side::Customer, "Ana".into()), (Side::Staff, "Ana Lindqvist".into())];
    assert_eq!(readers(STAFF, Visibility::Public), both);
    assert_eq!(readers(STAFF, Visibility::Internal), [(Side::Staff, "Ana Lindqvist".into())]);
}

fn name_of(author: Author) -> String {
    match author {
        Author::Customer => "customer".into(),
        Author::Representative { name, .. } => name,
        Author::System => "system".into(),
    }
}
