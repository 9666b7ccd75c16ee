//! Edits and removals.

use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::conversation::Matter;
use crate::limit::EDITS_PER_MESSAGE_MAX;
use crate::protocol::codec::to_binary;
use crate::protocol::desk::Part;
use crate::protocol::live::{Author, Content};
use crate::routing::{Activity, SupervisorAct};

const CUSTOMER: Sender = Sender::Customer;
const STAFF: Sender = Sender::Staff(ANA);
/// Where the first message stands, and the first one after [`with_ana`].
const HELLO: u32 = 2;
const NEXT: u32 = 4;

fn edit(sender: Sender, number: u8, target: u32, text: &str) -> Command {
    let text = MessageText::new(text).unwrap();
    Command::Edit { sender, message: message(number), target: Sequence(target), text }
}

fn redact(sender: Sender, number: u8, target: u32, any: bool) -> Command {
    Command::Redact { sender, message: message(number), target: Sequence(target), any }
}

fn accepted(number: u8, sequence: u32) -> Effect {
    Effect::Reply { frame: ServerFrame::Accepted { message: message(number), sequence: Sequence(sequence) } }
}

/// What everybody on this side is told, as contents with their numbers.
fn contents(effects: &[Effect], side: Side) -> Vec<(u32, Content)> {
    let frames = told(effects, side).into_iter();
    let entries = frames.filter_map(|frame| match frame {
        ServerFrame::Entries { entries, .. } => Some(entries),
        _ => None,
    });
    entries.flatten().map(|entry| (entry.sequence.0, entry.content)).collect()
}

/// Whether any byte of what is stored says this.
fn is_stored(conversation: &Conversation, text: &str) -> bool {
    let head = to_binary(conversation.head());
    let records = to_binary(conversation.records_after(Sequence::START));
    let says = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    says(&head) || says(&records)
}

#[test]
fn an_edit_is_an_entry_that_everybody_hears_of_who_sees_the_message() {
    let mut conversation = with_ana();
    let effects = conversation.handle(at(1), edit(CUSTOMER, 1, HELLO, " Hello Ana ")).unwrap();
    assert_eq!(effects[0], accepted(1, 4));
    let edited = Content::Edited { target: Sequence(HELLO), text: "Hello Ana".into() };
    for side in [Side::Customer, Side::Staff] {
        assert_eq!(contents(&effects, side), [(4, edited.clone())]);
    }
    conversation.handle(at(1), say(STAFF, 2, "Good morning")).unwrap();
    conversation.handle(at(1), edit(STAFF, 3, 5, "Good evening")).unwrap();
}

#[test]
fn nothing_about_an_internal_message_reaches_the_customer() {
    let mut conversation = with_ana();
    conversation.handle(at(1), send(STAFF, 1, Visibility::Internal, "Owes us money")).unwrap();
    let effects = conversation.handle(at(1), edit(STAFF, 2, NEXT, "Owes us a lot of money")).unwrap();
    assert_eq!((told(&effects, Side::Customer), contents(&effects, Side::Staff).len()), (vec![], 1));
    let effects = conversation.handle(at(1), redact(STAFF, 3, NEXT, false)).unwrap();
    assert_eq!((told(&effects, Side::Customer), contents(&effects, Side::Staff).len()), (vec![], 1));
    assert_eq!(seen_by(Side::Customer, &conversation).entries.len(), 3);
    // Nor is a customer told that there is something that is not theirs.
    for target in [NEXT, NEXT + 1] {
        let command = edit(CUSTOMER, 9, target, "What is here?");
        assert_eq!(refused(&mut conversation, command), Rejection::NotEditable);
    }
}

#[test]
fn everybody_edits_and_removes_their_own_messages_only() {
    let mut conversation = with_ana();
    conversation.handle(at(1), say(STAFF, 1, "Good morning")).unwrap();
    for command in [edit(STAFF, 2, HELLO, "No"), redact(STAFF, 2, HELLO, false)] {
        assert_eq!(refused(&mut conversation, command), Rejection::NotOwn);
    }
    for command in [edit(CUSTOMER, 2, NEXT, "No"), redact(CUSTOMER, 2, NEXT, false)] {
        assert_eq!(refused(&mut conversation, command), Rejection::NotOwn);
    }
    // What a rule said in the name of Ana is not hers to edit.
    let text = MessageText::new("Still there?").unwrap();
    conversation.handle(at(1), Command::Notice(Notice::Say { representative: ANA, text })).unwrap();
    assert_eq!(refused(&mut conversation, edit(STAFF, 2, 5, "No")), Rejection::NotOwn);
}

#[test]
fn only_messages_are_changed_and_only_those_that_exist() {
    let mut conversation = with_ana();
    for target in [0, 1, 3] {
        assert_eq!(refused(&mut conversation, edit(CUSTOMER, 1, target, "No")), Rejection::NotEditable);
        assert_eq!(refused(&mut conversation, redact(STAFF, 1, target, true)), Rejection::NotEditable);
    }
    for target in [4, u32::MAX] {
        assert_eq!(refused(&mut conversation, edit(CUSTOMER, 1, target, "No")), Rejection::SequenceAhead);
        assert_eq!(refused(&mut conversation, redact(STAFF, 1, target, true)), Rejection::SequenceAhead);
    }
    conversation.handle(at(1), edit(CUSTOMER, 1, HELLO, "Hello!")).unwrap();
    assert_eq!(refused(&mut conversation, edit(CUSTOMER, 2, 4, "No")), Rejection::NotEditable, "an edit");
    conversation.handle(at(1), redact(CUSTOMER, 3, HELLO, false)).unwrap();
    assert_eq!(refused(&mut conversation, edit(CUSTOMER, 4, HELLO, "No")), Rejection::NotEditable);
    assert_eq!(refused(&mut conversation, redact(CUSTOMER, 4, HELLO, false)), Rejection::NotEditable);
}

#[test]
fn one_message_is_edited_so_often_and_no_more() {
    let mut conversation = with_ana();
    conversation.handle(at(1), say(CUSTOMER, 200, "Another")).unwrap();
    for number in 0..u8::try_from(EDITS_PER_MESSAGE_MAX).unwrap() {
        conversation.handle(at(1), edit(CUSTOMER, number, HELLO, "Hello!")).unwrap();
    }
    assert_eq!(refused(&mut conversation, edit(CUSTOMER, 100, HELLO, "Again")), Rejection::NotEditable);
    conversation.handle(at(1), edit(CUSTOMER, 101, NEXT, "The other one")).unwrap();
    conversation.handle(at(1), redact(CUSTOMER, 102, HELLO, false)).unwrap();
}

#[test]
fn a_removed_message_is_gone_from_what_is_stored_and_from_every_page_and_keeps_its_number() {
    let mut conversation = with_ana();
    conversation.handle(at(1), say(CUSTOMER, 1, "My card is 4111")).unwrap();
    conversation.handle(at(1), edit(CUSTOMER, 2, NEXT, "My card is 4222")).unwrap();
    conversation.handle(at(1), say(STAFF, 3, "Thank you")).unwrap();
    let effects = conversation.handle(at(2), redact(CUSTOMER, 4, NEXT, false)).unwrap();
    let gone = Content::Redacted { target: Sequence(NEXT) };
    assert_eq!(effects[0], accepted(4, 7));
    assert_eq!(contents(&effects, Side::Staff), [(7, gone.clone())]);
    assert_eq!(effects.last(), Some(&Effect::Wiped { records: vec![Sequence(NEXT), Sequence(5)] }));
    assert!(!is_stored(&conversation, "4111") && !is_stored(&conversation, "4222"));
    for side in [Side::Customer, Side::Staff] {
        let seen = seen_by(side, &conversation);
        let said: Vec<_> = seen.entries.iter().map(|entry| (entry.sequence.0, &entry.content)).collect();
        assert_eq!((said[3], said[4], said[6]), ((4, &gone), (5, &gone), (7, &gone)));
        assert_eq!(seen.entries[3].message, Some(message(1)), "who wrote it, when, and under which id stays");
        assert_eq!(seen.texts(), ["Hello", "Thank you"]);
    }
}

#[test]
fn who_has_the_right_to_removes_what_others_wrote_also_when_the_conversation_is_over() {
    let mut conversation = with_ana();
    conversation.handle(at(1), Command::End).unwrap();
    assert_eq!(refused(&mut conversation, redact(CUSTOMER, 1, HELLO, false)), Rejection::Ended);
    assert_eq!(refused(&mut conversation, edit(CUSTOMER, 1, HELLO, "No")), Rejection::Ended);
    // A supervisor who never took part.
    let effects = conversation.handle(at(2), redact(Sender::Staff(BEN), 1, HELLO, true)).unwrap();
    assert_eq!(contents(&effects, Side::Customer), [(5, Content::Redacted { target: Sequence(HELLO) })]);
    let authors = |side| -> Vec<Author> {
        let frames = told(&effects, side).into_iter();
        let entries = frames.filter_map(|frame| match frame {
            ServerFrame::Entries { entries, .. } => Some(entries),
            _ => None,
        });
        entries.flatten().map(|entry| entry.author).collect()
    };
    assert_eq!(authors(Side::Customer), [Author::System], "somebody whom the customer has never met");
    assert!(matches!(authors(Side::Staff)[..], [Author::Representative { representative: BEN, .. }]));
    assert!(!is_stored(&conversation, "Hello"));
}

#[test]
fn whoever_removes_what_others_wrote_does_so_for_the_record() {
    let recorded = |effects: &[Effect]| -> Vec<Activity> {
        let record =
            |effect: &Effect| if let Effect::Record(what) = effect { Some((**what).clone()) } else { None };
        effects.iter().filter_map(record).collect()
    };
    let mut conversation = with_ana();
    let supervised = |at, act| vec![Activity::Supervised { supervisor: BEN, at, act }];
    let conversation_id = conversation.head().conversation;
    let removed = |target, of| SupervisorAct::Removed {
        conversation: conversation_id,
        target: Sequence(target),
        of,
        file: false,
    };
    conversation.handle(at(1), say(STAFF, 1, "Good morning")).unwrap();
    conversation.handle(at(1), say(STAFF, 2, "Oh dear")).unwrap();
    let supervisor = Sender::Staff(BEN);
    let effects = conversation.handle(at(2), redact(supervisor, 3, HELLO, true)).unwrap();
    assert_eq!(recorded(&effects), supervised(at(2), removed(HELLO, None)));
    let effects = conversation.handle(at(3), redact(supervisor, 4, NEXT, true)).unwrap();
    assert_eq!(recorded(&effects), supervised(at(3), removed(NEXT, Some(ANA))));
    // A repeat removes nothing, and what is one's own is nobody else's business.
    let effects = conversation.handle(at(4), redact(supervisor, 4, NEXT, true)).unwrap();
    assert_eq!(recorded(&effects), []);
    let effects = conversation.handle(at(4), redact(STAFF, 5, NEXT + 1, true)).unwrap();
    assert_eq!(recorded(&effects), []);
}

#[test]
fn whoever_looked_on_stays_unseen_by_the_customer_also_when_they_remove_something() {
    let author = |effects: &[Effect], side| {
        let frames = told(effects, side).into_iter();
        let entries = frames.filter_map(|frame| match frame {
            ServerFrame::Entries { entries, .. } => Some(entries),
            _ => None,
        });
        entries.flatten().map(|entry| entry.author).next().unwrap()
    };
    let named = |name: &str| Author::Representative { representative: BEN, name: name.into() };
    for part in [Part::Monitor, Part::PrivateConsultant] {
        let mut conversation = with_ana();
        let joined = |part| {
            let (full_name, public_name) = ("Ben Castillo".into(), "Ben".into());
            Command::Notice(Notice::Joined { representative: BEN, full_name, public_name, part })
        };
        conversation.handle(at(1), joined(part)).unwrap();
        let removed = conversation.handle(at(2), redact(Sender::Staff(BEN), 1, HELLO, true)).unwrap();
        assert_eq!(author(&removed, Side::Customer), Author::System, "{part:?}");
        assert_eq!(author(&removed, Side::Staff), named("Ben Castillo"));
        let read = to_binary(&conversation.entries_for(None, Side::Customer).unwrap());
        assert!(!read.windows(3).any(|bytes| bytes == b"Ben"), "{part:?}");
        // From when they are seen on, what they do bears their name; what they did before does not.
        conversation.handle(at(3), joined(Part::Supervisor)).unwrap();
        conversation.handle(at(4), say(Sender::Staff(BEN), 2, "This is Ben")).unwrap();
        let number = conversation.last().0;
        let removed = conversation.handle(at(5), redact(Sender::Staff(BEN), 3, number, false)).unwrap();
        assert_eq!(author(&removed, Side::Customer), named("Ben"));
        let read = conversation.entries_for(None, Side::Customer).unwrap();
        let ServerFrame::Entries { entries, .. } = read else { panic!("no entries") };
        let first = entries.iter().find(|entry| entry.message == Some(message(1))).unwrap();
        assert_eq!(first.author, Author::System, "{part:?}");
    }
}

#[test]
fn whoever_no_longer_takes_part_changes_nothing_any_more() {
    let mut conversation = with_ana();
    conversation.handle(at(1), say(STAFF, 1, "Good morning")).unwrap();
    conversation.handle(at(2), Command::Notice(Notice::Unassigned { representative: ANA })).unwrap();
    assert_eq!(refused(&mut conversation, edit(STAFF, 2, NEXT, "No")), Rejection::NotYours);
    assert_eq!(refused(&mut conversation, redact(STAFF, 2, NEXT, false)), Rejection::NotYours);
}

#[test]
fn a_change_that_is_sent_again_gets_the_first_answer_and_its_id_stands_for_it_alone() {
    let mut conversation = with_ana();
    conversation.handle(at(1), edit(CUSTOMER, 1, HELLO, "Hi")).unwrap();
    let before = conversation.clone();
    assert_eq!(conversation.handle(at(2), edit(CUSTOMER, 1, HELLO, "Hi")), Ok(vec![accepted(1, 4)]));
    assert_eq!(conversation, before);
    for other in [
        edit(CUSTOMER, 1, HELLO, "Ho"),
        edit(CUSTOMER, 1, 3, "Hi"),
        edit(STAFF, 1, HELLO, "Hi"),
        say(CUSTOMER, 1, "Hi"),
        redact(CUSTOMER, 1, HELLO, false),
        edit(CUSTOMER, FIRST, HELLO, "Hello"),
    ] {
        assert_eq!(refused(&mut conversation, other), Rejection::IdReused);
    }
    conversation.handle(at(2), redact(CUSTOMER, 2, HELLO, false)).unwrap();
    // What was said is gone and cannot be compared; that it was taken is still known.
    let before = conversation.clone();
    assert_eq!(conversation.handle(at(3), redact(CUSTOMER, 2, HELLO, false)), Ok(vec![accepted(2, 5)]));
    assert_eq!(conversation.handle(at(3), edit(CUSTOMER, 1, HELLO, "Hi")), Ok(vec![accepted(1, 4)]));
    assert_eq!(conversation.handle(at(3), say(CUSTOMER, FIRST, "Hello")), Ok(vec![accepted(FIRST, 2)]));
    assert_eq!(conversation, before);
    for other in
        [say(CUSTOMER, 2, "Hello"), edit(CUSTOMER, FIRST, HELLO, "Hello"), redact(CUSTOMER, 2, 3, false)]
    {
        assert_eq!(refused(&mut conversation, other), Rejection::IdReused);
    }
}

#[test]
fn what_is_removed_makes_room_and_can_be_removed_when_there_is_none() {
    let mut conversation = with_ana();
    let weigh = |conversation: &Conversation| conversation.bytes();
    conversation.handle(at(1), say(CUSTOMER, 1, &"x".repeat(4_000))).unwrap();
    let before = weigh(&conversation);
    conversation.handle(at(1), redact(CUSTOMER, 2, NEXT, false)).unwrap();
    assert!(weigh(&conversation) < before);
    let restored = Conversation::restore(
        conversation.head().clone(),
        conversation.records_after(Sequence::START).to_vec(),
    );
    assert_eq!(restored, conversation, "what was stored counts as before");
    assert_eq!(
        conversation.record(Sequence(NEXT)).map(|record| &record.matter),
        Some(&Matter::Redacted { target: Sequence(NEXT) })
    );
}
