//! Whatever happens in whatever order, the promises of a conversation hold.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

use super::*;
use crate::conversation::{Head, Matter, Record};
use crate::protocol::codec::{from_binary, to_binary};
use crate::protocol::desk::Part;
use crate::protocol::live::{Absence, EndedBy};

fn sender() -> impl Strategy<Value = Sender> {
    prop_oneof![3 => Just(Sender::Customer), 3 => Just(Sender::Staff(ANA)), 1 => Just(Sender::Staff(BEN))]
}

fn visibility() -> impl Strategy<Value = Visibility> {
    prop_oneof![2 => Just(Visibility::Public), 1 => Just(Visibility::Internal)]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![6 => "[a-c]", 1 => Just("y".repeat(4_000))]
}

fn notice() -> impl Strategy<Value = Command> {
    let representative = prop_oneof![3 => Just(ANA), 1 => Just(BEN)];
    prop_oneof![
        6 => representative.clone().prop_map(assigned),
        1 => (representative.clone(), any::<bool>()).prop_map(|(representative, gone)| {
            let absence = gone.then(|| Absence { since: at(0), until: at(1) });
            Command::Notice(Notice::RepresentativeIs { representative, absence })
        }),
        2 => any::<bool>().prop_map(|anyone_available| Command::Notice(Notice::Queued { anyone_available })),
        1 => representative.clone().prop_map(|representative| Command::Notice(Notice::OfferLapsed { representative })),
        2 => representative.prop_map(|representative| Command::Notice(Notice::Unassigned { representative })),
        1 => Just(Command::Notice(Notice::Ended { by: EndedBy::Representative })),
        4 => beside().prop_map(Command::Notice),
    ]
}

/// What the router says of those beside the primary representative.
fn beside() -> impl Strategy<Value = Notice> {
    let who = || prop_oneof![Just(ANA), Just(BEN)];
    let parts = vec![Part::PublicConsultant, Part::PrivateConsultant, Part::Supervisor, Part::Monitor];
    let text = || MessageText::new("Still there?").unwrap();
    prop_oneof![
        4 => (who(), prop::sample::select(parts)).prop_map(|(representative, part)| {
            Notice::Joined { representative, full_name: "Full".into(), public_name: "Public".into(), part }
        }),
        2 => who().prop_map(|representative| Notice::Left { representative }),
        1 => who().prop_map(|representative| Notice::Paused { representative }),
        1 => who().prop_map(move |representative| Notice::Say { representative, text: text() }),
        1 => Just(Notice::Follow),
        1 => Just(Notice::Closed),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let socket = || (sender(), 0_u8..3);
    let sends = (sender(), 0_u8..12, visibility(), text());
    let target = || (0_u32..24).prop_map(Sequence);
    prop_oneof![
        12 => sends.prop_map(|(sender, number, visibility, text)| send(sender, number, visibility, &text)),
        4 => (sender(), 0_u8..12, target(), text()).prop_map(|(sender, number, target, text)| Command::Edit {
            sender, message: message(number), target, text: MessageText::new(&text).unwrap(),
        }),
        2 => (sender(), 0_u8..12, target(), any::<bool>()).prop_map(|(sender, number, target, any)| {
            Command::Redact { sender, message: message(number), target, any: any && sender != Sender::Customer }
        }),
        2 => (sender(), 0_u32..20).prop_map(|(sender, upto)| Command::Received { sender, upto: Sequence(upto) }),
        2 => socket().prop_map(|(sender, number)| Command::Connect { sender, connection: connection(number) }),
        2 => socket().prop_map(|(sender, number)| Command::Disconnect { sender, connection: connection(number) }),
        1 => prop::collection::vec(socket(), 0..3).prop_map(|open| Command::ConnectionsAre {
            open: open.into_iter().map(|(sender, number)| (sender, connection(number))).collect(),
        }),
        2 => (sender(), 0_u32..20).prop_map(|(sender, upto)| Command::Read { sender, upto: Sequence(upto) }),
        3 => notice(),
        1 => Just(Command::Tick),
        1 => (0_u8..4).prop_map(|chance| if chance == 0 { Command::End } else { Command::Tick }),
    ]
}

/// What somebody on this side should see, by going through all records.
fn filtered(records: &[Record], side: Side) -> Vec<(Sequence, Option<MessageId>)> {
    let numbered = (1..).map(Sequence).zip(records);
    let seen = numbered.filter(|(_, record)| record.visibility == Visibility::Public || side == Side::Staff);
    seen.map(|(sequence, record)| (sequence, record.message)).collect()
}

fn places(entries: &[Entry]) -> Vec<(Sequence, Option<MessageId>)> {
    entries.iter().map(|entry| (entry.sequence, entry.message)).collect()
}

fn restored(conversation: &Conversation) -> Conversation {
    let head: Head = from_binary(&to_binary(conversation.head())).unwrap();
    let records = conversation.records_after(Sequence::START);
    Conversation::restore(head, from_binary(&to_binary(records)).unwrap())
}

/// Checks one command: what came before stays, a rejection changes nothing, and an acknowledgement tells the truth.
fn step(conversation: &mut Conversation, now: Timestamp, command: Command) -> Vec<Effect> {
    let before = conversation.clone();
    let Ok(effects) = conversation.handle(now, command) else {
        assert_eq!(*conversation, before, "a rejection leaves the state as it was");
        return Vec::new();
    };
    let (old, new) = (before.records_after(Sequence::START), conversation.records_after(Sequence::START));
    let wiped: Vec<usize> = effects
        .iter()
        .filter_map(|effect| if let Effect::Wiped { records } = effect { Some(records) } else { None })
        .flatten()
        .map(|record| record.0 as usize - 1)
        .collect();
    for (place, (old, new)) in old.iter().zip(new).enumerate() {
        if wiped.contains(&place) {
            assert!(matches!(new.matter, Matter::Redacted { .. }), "what is removed says nothing");
            let who = |record: &Record| (record.at, record.writer, record.visibility, record.message);
            assert_eq!(who(new), who(old), "who wrote what is removed stays");
        } else {
            assert_eq!(new, old, "the log only grows, but for what is removed");
        }
    }
    assert!(
        !before.has_ended() || new.len() == old.len() || !wiped.is_empty(),
        "nothing is written after the end, but that something is removed"
    );
    let (cursors, after) = (before.head(), conversation.head());
    for (sender, cursor) in &cursors.cursors {
        let now = after.cursors[sender];
        assert!(now.received >= cursor.received && now.read >= cursor.read, "cursors go forwards");
        assert!(now.read <= now.received && now.received <= conversation.last(), "nobody is ahead");
    }
    for effect in &effects {
        if let Effect::Reply { frame: ServerFrame::Accepted { message, sequence } } = effect {
            let record = &new[sequence.0 as usize - 1];
            assert_eq!(record.message, Some(*message), "a message stands where its acknowledgement says");
        }
    }
    effects
}

proptest! {
    #[test]
    fn every_side_sees_exactly_its_part_of_one_log(commands in prop::collection::vec((command(), 0_u64..40_000), 0..60)) {
        let mut conversation = waiting();
        let mut live = [Side::Customer, Side::Staff].map(|side| seen_by(side, &conversation));
        let mut now = at(0);
        for (command, later) in commands {
            now = now.after(Span::from_millis(later));
            let effects = step(&mut conversation, now, command);
            prop_assert_eq!(&restored(&conversation), &conversation, "what is stored is all that there is");

            let records = conversation.records_after(Sequence::START);
            prop_assert_eq!(conversation.last().0 as usize, records.len());
            let mut messages: Vec<_> = records.iter().filter_map(|record| record.message).collect();
            messages.sort();
            prop_assert!(messages.windows(2).all(|pair| pair[0] != pair[1]), "a message is there once");
            for reader in &mut live {
                for frame in told(&effects, reader.side) {
                    prop_assert!(reader.take(&frame), "live frames leave no gap");
                }
                let expected = filtered(records, reader.side);
                prop_assert_eq!(places(&reader.entries), expected.clone(), "who listens has it all");
                prop_assert_eq!(places(&seen_by(reader.side, &conversation).entries), expected, "so has who comes later");
            }
        }
        // Time does not run out twice.
        if let Some(deadline) = conversation.next_deadline() {
            step(&mut conversation, deadline, Command::Tick);
            prop_assert!(conversation.has_ended());
        }
        prop_assert!(!conversation.has_ended() || conversation.next_deadline().is_none());
    }

    #[test]
    fn frames_that_are_lost_repeated_or_late_do_no_harm(
        commands in prop::collection::vec(command(), 0..40),
        fates in prop::collection::vec(0_u8..4, 120),
    ) {
        let mut conversation = with_ana();
        let mut reader = seen_by(Side::Customer, &conversation);
        let mut late: Vec<ServerFrame> = Vec::new();
        let mut fates = fates.into_iter().cycle();
        for command in commands {
            let effects = step(&mut conversation, at(1), command);
            for frame in told(&effects, Side::Customer) {
                let arriving: Vec<ServerFrame> = match fates.next() {
                    Some(0) => Vec::new(),
                    Some(1) => Vec::from([frame.clone(), frame]),
                    Some(2) => { late.push(frame); Vec::new() }
                    _ => core::iter::once(frame).chain(late.drain(..)).collect(),
                };
                for frame in arriving {
                    if !reader.take(&frame) {
                        reader.catch_up(&conversation);
                    }
                }
            }
        }
        reader.catch_up(&conversation);
        let records = conversation.records_after(Sequence::START);
        prop_assert_eq!(places(&reader.entries), filtered(records, Side::Customer));
    }
}
