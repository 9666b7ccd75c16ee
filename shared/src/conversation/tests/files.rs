//! Files: one entry for each, by whoever may write, for whoever may see it.

use super::*;
use crate::conversation::{Attachment, Matter};
use crate::file::FileName;
use crate::id::FileId;
use crate::protocol::live::{Content, EndedBy};

const FILE: FileId = FileId::from_u128(0xf1);

fn plan() -> Attachment {
    let media_type = "image/png".into();
    Attachment { file: FILE, name: FileName::clean("plan.png"), media_type, bytes: 300_000 }
}

fn attach(sender: Sender, visibility: Visibility) -> Command {
    Command::Attach { sender, visibility, attachment: plan() }
}

fn files_seen(conversation: &Conversation, side: Side) -> usize {
    let entries = seen_by(side, conversation).entries;
    entries.iter().filter(|entry| matches!(entry.content, Content::File { .. })).count()
}

#[test]
fn a_conversation_was_answered_when_somebody_of_the_staff_took_part() {
    let mut conversation = waiting();
    assert!(!conversation.was_answered());
    conversation.handle(at(1), Command::Notice(Notice::OfferLapsed { representative: ANA })).unwrap();
    assert!(!conversation.was_answered(), "whoever declined has not seen its files");
    assert!(with_ana().was_answered());
}

#[test]
fn a_file_is_one_entry_however_often_it_is_attached() {
    let mut conversation = with_ana();
    let effects = conversation.handle(at(1), attach(Sender::Customer, Visibility::Public)).unwrap();
    assert_eq!(told(&effects, Side::Customer).len(), 1);
    assert_eq!(told(&effects, Side::Staff).len(), 1);
    let after = conversation.clone();
    let repeat = conversation.handle(at(2), attach(Sender::Customer, Visibility::Public)).unwrap();
    assert_eq!(repeat, []);
    assert_eq!(conversation, after);
    assert_eq!(files_seen(&conversation, Side::Customer), 1);
    assert_eq!(conversation.file(FILE, Side::Customer), Some(&plan()));
    // Also when it has ended since.
    conversation.handle(at(3), Command::End).unwrap();
    assert_eq!(conversation.handle(at(4), attach(Sender::Customer, Visibility::Public)), Ok(Vec::new()));
}

#[test]
fn an_internal_file_is_for_the_staff_alone() {
    let mut conversation = with_ana();
    let effects = conversation.handle(at(1), attach(Sender::Staff(ANA), Visibility::Internal)).unwrap();
    assert_eq!(told(&effects, Side::Customer), []);
    assert_eq!(files_seen(&conversation, Side::Customer), 0);
    assert_eq!(files_seen(&conversation, Side::Staff), 1);
    assert_eq!(conversation.file(FILE, Side::Customer), None);
    assert_eq!(conversation.file(FILE, Side::Staff), Some(&plan()));
    let refusal = refused(&mut with_ana(), attach(Sender::Customer, Visibility::Internal));
    assert_eq!(refusal, Rejection::InternalFromCustomer);
}

#[test]
fn who_may_not_write_may_not_attach() {
    let mut conversation = with_ana();
    let of_ben = attach(Sender::Staff(BEN), Visibility::Public);
    assert_eq!(refused(&mut conversation, of_ben), Rejection::NotYours);
    conversation.handle(at(1), Command::Notice(Notice::Ended { by: EndedBy::Representative })).unwrap();
    let late = attach(Sender::Customer, Visibility::Public);
    assert_eq!(refused(&mut conversation, late), Rejection::Ended);
}

#[test]
fn the_id_of_a_message_is_no_id_of_a_file() {
    let mut conversation = with_ana();
    let message = MessageId::from_bytes(*FILE.as_bytes());
    let text = MessageText::new("Hello").unwrap();
    let visibility = Visibility::Public;
    conversation
        .handle(at(1), Command::Send { sender: Sender::Customer, message, visibility, text })
        .unwrap();
    let clash = attach(Sender::Customer, Visibility::Public);
    assert_eq!(refused(&mut conversation, clash), Rejection::IdReused);
    assert_eq!(conversation.file(FILE, Side::Customer), None);
    assert_eq!(conversation.may_attach(Sender::Customer, visibility, FILE), Err(Rejection::IdReused));
}

#[test]
fn a_file_comes_back_from_the_store_as_it_was() {
    let mut conversation = with_ana();
    conversation.handle(at(1), attach(Sender::Customer, Visibility::Public)).unwrap();
    let records = conversation.records_after(Sequence::START);
    let bytes = postcard::to_allocvec(records).unwrap();
    let again: Vec<crate::conversation::Record> = postcard::from_bytes(&bytes).unwrap();
    assert!(matches!(&again.last().unwrap().matter, Matter::File(file) if *file == plan()));
    let restored = Conversation::restore(conversation.head().clone(), again);
    assert_eq!(restored, conversation);
}

#[test]
fn a_file_can_be_removed_and_its_bytes_with_it_but_not_be_changed() {
    let mut conversation = with_ana();
    conversation.handle(at(1), attach(Sender::Customer, Visibility::Public)).unwrap();
    let (target, text) = (conversation.last(), MessageText::new("Hello").unwrap());
    let edit = Command::Edit { sender: Sender::Customer, message: message(9), target, text };
    assert_eq!(refused(&mut conversation, edit), Rejection::NotEditable);
    let by = |sender| Command::Redact { sender, message: message(10), target, any: false };
    assert_eq!(refused(&mut conversation, by(Sender::Staff(ANA))), Rejection::NotOwn);
    let effects = conversation.handle(at(2), by(Sender::Customer)).unwrap();
    assert!(effects.contains(&Effect::EraseFile { file: FILE }));
    assert_eq!(conversation.file(FILE, Side::Staff), None);
    assert_eq!(files_seen(&conversation, Side::Staff), 0);
    let again = attach(Sender::Customer, Visibility::Public);
    assert_eq!(refused(&mut conversation, again), Rejection::IdReused, "it does not come back");
}
