//! Who of the staff takes part, and what that lets them do (reference sections 25 and 26).

use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::protocol::desk::Part;
use crate::protocol::live::{Author, Content, EndedBy};
use crate::routing;

const PUBLIC: [(Visibility, bool); 2] = [(Visibility::Public, true), (Visibility::Internal, true)];
const INTERNAL: [(Visibility, bool); 2] = [(Visibility::Public, false), (Visibility::Internal, true)];
const NOTHING: [(Visibility, bool); 2] = [(Visibility::Public, false), (Visibility::Internal, false)];

fn joined(representative: RepresentativeId, part: Part) -> Command {
    let (full_name, public_name) = ("Ben Castillo".into(), "Ben".into());
    Command::Notice(Notice::Joined { representative, full_name, public_name, part })
}

fn left(representative: RepresentativeId) -> Command {
    Command::Notice(Notice::Left { representative })
}

fn dismissed(representative: RepresentativeId) -> Effect {
    Effect::Dismiss { representative }
}

/// What somebody may write.
fn writes(conversation: &Conversation, who: RepresentativeId) -> [(Visibility, bool); 2] {
    [Visibility::Public, Visibility::Internal].map(|visibility| {
        let may = conversation.typing(Sender::Staff(who), visibility).is_ok();
        let message = send(Sender::Staff(who), 200, visibility, "Hello");
        assert_eq!(
            conversation.clone().handle(at(9), message).is_ok(),
            may,
            "typing and writing go together"
        );
        (visibility, may)
    })
}

/// The last entries that a side sees: who came and who went.
fn comings(conversation: &Conversation, side: Side) -> Vec<(Author, Content)> {
    let entries = seen_by(side, conversation).entries.into_iter();
    let comings = entries.filter(|entry| matches!(entry.content, Content::Joined | Content::Left));
    comings.map(|entry| (entry.author, entry.content)).collect()
}

#[test]
fn the_primary_and_public_consultants_write_publicly_private_ones_internally_and_monitors_not_at_all() {
    for (part, expected) in [
        (Part::PublicConsultant, PUBLIC),
        (Part::Supervisor, PUBLIC),
        (Part::PrivateConsultant, INTERNAL),
        (Part::Monitor, NOTHING),
    ] {
        let mut conversation = with_ana();
        assert_eq!(writes(&conversation, BEN), NOTHING);
        conversation.handle(at(1), joined(BEN, part)).unwrap();
        assert_eq!(writes(&conversation, BEN), expected, "{part:?}");
        assert_eq!(writes(&conversation, ANA), PUBLIC);
        assert_eq!(conversation.handle(at(2), left(BEN)).unwrap().last(), Some(&dismissed(BEN)));
        assert_eq!(writes(&conversation, BEN), NOTHING);
    }
}

#[test]
fn the_customer_sees_those_who_write_to_them_come_and_go_and_nobody_else() {
    for (part, customer, staff) in [
        (Part::PublicConsultant, 2, 2),
        (Part::Supervisor, 2, 2),
        (Part::PrivateConsultant, 0, 2),
        (Part::Monitor, 0, 0),
    ] {
        let mut conversation = with_ana();
        conversation.handle(at(1), joined(BEN, part)).unwrap();
        conversation.handle(at(2), left(BEN)).unwrap();
        let seen = |side| comings(&conversation, side).len() - 1;
        assert_eq!((seen(Side::Customer), seen(Side::Staff)), (customer, staff), "{part:?}");
    }
}

#[test]
fn a_consultant_who_is_added_to_the_chat_joins_for_the_customer_and_leaves_when_removed() {
    let mut conversation = with_ana();
    conversation.handle(at(1), joined(BEN, Part::PrivateConsultant)).unwrap();
    assert_eq!(comings(&conversation, Side::Customer).len(), 1);
    conversation.handle(at(2), joined(BEN, Part::PublicConsultant)).unwrap();
    let ben = Author::Representative { representative: BEN, name: "Ben".into() };
    assert_eq!(comings(&conversation, Side::Customer).last(), Some(&(ben.clone(), Content::Joined)));
    conversation.handle(at(3), joined(BEN, Part::PrivateConsultant)).unwrap();
    assert_eq!(comings(&conversation, Side::Customer).last(), Some(&(ben, Content::Left)));
    assert_eq!(writes(&conversation, BEN), INTERNAL);
    let effects = conversation.handle(at(4), joined(BEN, Part::PrivateConsultant)).unwrap();
    assert_eq!(effects, [], "told twice is once");
}

#[test]
fn a_transfer_makes_the_receiver_primary_and_shows_the_sender_out() {
    let mut conversation = with_ana();
    conversation.handle(at(1), assigned(BEN)).unwrap();
    let effects = conversation.handle(at(1), left(ANA)).unwrap();
    assert_eq!(effects.last(), Some(&dismissed(ANA)));
    assert_eq!((writes(&conversation, BEN), writes(&conversation, ANA)), (PUBLIC, NOTHING));
    let contents: Vec<_> =
        comings(&conversation, Side::Customer).into_iter().map(|(_, content)| content).collect();
    assert_eq!(contents, [Content::Joined, Content::Joined, Content::Left]);
}

#[test]
fn a_sender_who_stays_as_a_consultant_is_not_shown_out_and_writes_to_the_staff() {
    let mut conversation = with_ana();
    conversation.handle(at(1), assigned(BEN)).unwrap();
    let effects = conversation.handle(at(1), joined(ANA, Part::PrivateConsultant)).unwrap();
    assert!(!effects.contains(&dismissed(ANA)));
    assert_eq!(writes(&conversation, ANA), INTERNAL);
}

#[test]
fn a_public_consultant_who_takes_over_does_not_join_twice() {
    let mut conversation = with_ana();
    conversation.handle(at(1), joined(BEN, Part::PublicConsultant)).unwrap();
    let before = comings(&conversation, Side::Customer).len();
    conversation.handle(at(2), assigned(BEN)).unwrap();
    assert_eq!(comings(&conversation, Side::Customer).len(), before);
    assert_eq!(writes(&conversation, BEN), PUBLIC);
}

#[test]
fn the_lapsed_offer_of_somebody_who_takes_part_all_the_same_changes_nothing() {
    let lapsed = Command::Notice(Notice::OfferLapsed { representative: BEN });
    let mut conversation = with_ana();
    conversation.handle(at(1), joined(BEN, Part::PrivateConsultant)).unwrap();
    assert_eq!(conversation.handle(at(2), lapsed).unwrap(), []);
    assert_eq!(writes(&conversation, BEN), INTERNAL);
}

#[test]
fn after_the_end_who_looks_on_is_known_and_shown_out_and_nothing_is_written() {
    let mut conversation = with_ana();
    conversation.handle(at(1), joined(BEN, Part::PublicConsultant)).unwrap();
    conversation.handle(at(2), Command::Notice(Notice::Ended { by: EndedBy::Representative })).unwrap();
    let last = conversation.last();
    assert_eq!(conversation.handle(at(3), left(BEN)).unwrap(), [dismissed(BEN)]);
    conversation.handle(at(4), joined(BEN, Part::Monitor)).unwrap();
    assert_eq!(writes(&conversation, BEN), NOTHING);
    let closed = conversation.handle(at(5), Command::Notice(Notice::Closed)).unwrap();
    assert_eq!(closed, [dismissed(ANA), dismissed(BEN)]);
    assert_eq!(conversation.last(), last);
}

#[test]
fn a_representative_who_steps_out_may_look_in_and_not_write_until_they_are_back() {
    let mut conversation = with_ana();
    let paused = Command::Notice(Notice::Paused { representative: ANA });
    let effects = conversation.handle(at(1), paused).unwrap();
    assert!(!effects.contains(&dismissed(ANA)));
    assert_eq!(writes(&conversation, ANA), NOTHING);
    conversation.handle(at(2), say(Sender::Customer, 1, "Hello?")).unwrap();
    conversation.handle(at(3), assigned(ANA)).unwrap();
    assert_eq!(writes(&conversation, ANA), PUBLIC);
}

#[test]
fn the_router_hears_of_each_public_message_once_it_has_asked() {
    let mut conversation = with_ana();
    let wrote = |effects: &[Effect]| {
        let wrote = effects.iter().filter_map(|effect| match effect {
            Effect::Route(command) => match **command {
                routing::Command::Wrote { side, .. } => Some(side),
                _ => None,
            },
            _ => None,
        });
        wrote.collect::<Vec<_>>()
    };
    let effects = conversation.handle(at(1), say(Sender::Customer, 1, "One")).unwrap();
    assert_eq!(wrote(&effects), []);
    conversation.handle(at(2), Command::Notice(Notice::Follow)).unwrap();
    let effects = conversation.handle(at(3), say(Sender::Customer, 2, "Two")).unwrap();
    assert_eq!(wrote(&effects), [Side::Customer]);
    let effects = conversation.handle(at(3), say(Sender::Customer, 2, "Two")).unwrap();
    assert_eq!(wrote(&effects), [], "a repeat is no message");
    let effects = conversation.handle(at(4), say(Sender::Staff(ANA), 3, "Three")).unwrap();
    assert_eq!(wrote(&effects), [Side::Staff]);
    let note = send(Sender::Staff(ANA), 4, Visibility::Internal, "Four");
    assert_eq!(wrote(&conversation.handle(at(5), note).unwrap()), [], "the customer does not see it");
}

#[test]
fn what_a_rule_says_comes_from_the_representative_for_the_customer_and_from_the_system_for_the_staff() {
    let mut conversation = with_ana();
    let text = MessageText::new("Are you still there?").unwrap();
    conversation.handle(at(1), Command::Notice(Notice::Say { representative: ANA, text })).unwrap();
    let last = |side| seen_by(side, &conversation).entries.pop().map(|entry| entry.author);
    let ana = Author::Representative { representative: ANA, name: "Ana".into() };
    assert_eq!((last(Side::Customer), last(Side::Staff)), (Some(ana), Some(Author::System)));
    assert_eq!(seen_by(Side::Customer, &conversation).texts(), vec!["Hello", "Are you still there?"]);
}
