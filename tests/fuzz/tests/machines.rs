//! Whatever frames come, in whatever order: the machines answer or refuse, and a refusal changes nothing.

use bolero::{TypeGenerator, check};
use fuzz::{Hostile, Samples, TIME};
use shared::client::{ChatClient, Input};
use shared::conversation::{Command, Conversation, Effect, Opening, Sender};
use shared::id::{ConnectionId, ConversationId, RepresentativeId, VisitorId, WidgetId, WorkstreamId};
use shared::protocol::codec::{Codec, to_binary};
use shared::protocol::live::{ClientFrame, Sequence, ServerFrame, Side, Visibility};
use shared::routing::Arrival;
use shared::text::MessageText;
use shared::time::{Span, Timestamp};

const ANA: RepresentativeId = RepresentativeId::from_u128(0xa1);
const BEN: RepresentativeId = RepresentativeId::from_u128(0xa2);

/// Somebody at a socket does something.
#[derive(Debug, TypeGenerator)]
struct Act {
    who: u8,
    later_ms: u16,
    what: What,
}

#[derive(Debug, TypeGenerator)]
enum What {
    Sends(Hostile),
    Comes,
    Goes,
    NothingButTime,
    Assigned,
    Unassigned,
}

fn conversation() -> Conversation {
    let id = ConversationId::from_u128(0xc0);
    let opening = Opening {
        conversation: id,
        visitor: VisitorId::from_u128(0x51),
        widget: WidgetId::from_u128(0x1d),
        arrival: Arrival::new(id, WorkstreamId::from_u128(0x77)),
        answers: Vec::new(),
        first_message: None,
        customer_grace: Span::from_secs(180),
    };
    Conversation::open(Timestamp::from_millis(1), opening).0
}

/// The command that a frame of this sender is, as the gateway makes it.
fn command(sender: Sender, frame: ClientFrame) -> Option<Command> {
    match frame {
        ClientFrame::Send { message, visibility, text } => {
            let text = MessageText::new(&text).ok()?;
            Some(Command::Send { sender, message, visibility, text })
        }
        ClientFrame::Read { upto } => Some(Command::Read { sender, upto }),
        ClientFrame::Received { upto } => Some(Command::Received { sender, upto }),
        ClientFrame::Edit { message, target, text } => {
            let text = MessageText::new(&text).ok()?;
            Some(Command::Edit { sender, message, target, text })
        }
        ClientFrame::Redact { message, target } => {
            let any = sender != Sender::Customer;
            Some(Command::Redact { sender, message, target, any })
        }
        ClientFrame::End if sender == Sender::Customer => Some(Command::End),
        _ => None,
    }
}

/// What is only asked, and changes nothing.
fn ask(conversation: &Conversation, sender: Sender, frame: &ClientFrame) {
    let answer = match frame {
        ClientFrame::Hello { holds, .. } => conversation.entries_for(*holds, sender.side()),
        ClientFrame::FetchAfter { after } => conversation.entries_for(Some(*after), sender.side()),
        ClientFrame::FetchBefore { before } => conversation.history_before(*before, sender.side()),
        ClientFrame::Typing { visibility } => {
            for effect in conversation.typing(sender, *visibility).unwrap_or_default() {
                assert_nothing_leaks(&effect);
            }
            return;
        }
        _ => return,
    };
    // A number that does not exist yet is refused.
    let Ok(answer) = answer else { return };
    if sender == Sender::Customer {
        assert!(!is_internal(&answer), "a customer was answered {answer:?}");
    }
}

fn is_internal(frame: &ServerFrame) -> bool {
    match frame {
        ServerFrame::Entries { entries, .. } | ServerFrame::History { entries, .. } => {
            entries.iter().any(|entry| entry.visibility == Visibility::Internal)
        }
        ServerFrame::Typing { visibility, .. } => *visibility == Visibility::Internal,
        _ => false,
    }
}

fn assert_nothing_leaks(effect: &Effect) {
    if let Effect::Broadcast { side: Side::Customer, frame }
    | Effect::TellOthers { side: Side::Customer, frame, .. } = effect
    {
        assert!(!is_internal(frame), "customers were sent {frame:?}");
    }
}

fn state(conversation: &Conversation) -> Vec<u8> {
    to_binary(&(conversation.head(), conversation.records_after(Sequence::START)))
}

#[test]
fn a_conversation_refuses_without_a_change_and_never_leaks() {
    let samples = Samples::read();
    check!().with_type::<Vec<Act>>().with_test_time(TIME).for_each(|acts| {
        let (mut conversation, mut now) = (conversation(), Timestamp::from_millis(1));
        for act in acts {
            now = now.after(Span::from_millis(u64::from(act.later_ms) * 10));
            let sender = [Sender::Customer, Sender::Staff(ANA), Sender::Staff(BEN)][usize::from(act.who % 3)];
            let connection = ConnectionId::from_u128(act.who.into());
            let command = match &act.what {
                What::Comes => Some(Command::Connect { sender, connection }),
                What::Goes => Some(Command::Disconnect { sender, connection }),
                What::NothingButTime => Some(Command::Tick),
                What::Assigned => {
                    let (full_name, public_name) = ("Ana Full".into(), "Ana".into());
                    let assigned = shared::conversation::Notice::Assigned {
                        representative: ANA,
                        full_name,
                        public_name,
                    };
                    Some(Command::Notice(assigned))
                }
                What::Unassigned => {
                    Some(Command::Notice(shared::conversation::Notice::Unassigned { representative: ANA }))
                }
                What::Sends(hostile) => {
                    let bytes = samples.bytes_of(hostile);
                    let frame = [Codec::Binary, Codec::Json]
                        .into_iter()
                        .find_map(|codec| codec.decode_frame::<ClientFrame>(&bytes).ok());
                    frame.and_then(|frame| {
                        ask(&conversation, sender, &frame);
                        command(sender, frame)
                    })
                }
            };
            let Some(command) = command else { continue };
            let before = state(&conversation);
            match conversation.handle(now, command) {
                Ok(effects) => effects.iter().for_each(assert_nothing_leaks),
                Err(_) => assert_eq!(before, state(&conversation), "a refusal changed something"),
            }
        }
        let mut numbers = 0;
        if let Ok(ServerFrame::Entries { entries, .. }) =
            conversation.entries_for(Some(Sequence::START), Side::Staff)
        {
            for entry in entries {
                numbers += 1;
                assert_eq!(entry.sequence, Sequence(numbers), "numbers are contiguous");
            }
        }
    });
}

#[test]
fn a_client_holds_one_stretch_whatever_it_is_sent() {
    let samples = Samples::read();
    check!().with_type::<Vec<(u16, Hostile)>>().with_test_time(TIME).for_each(|frames| {
        let (mut client, mut now) = (ChatClient::new(), Timestamp::from_millis(1));
        client.handle(now, Input::Wake);
        client.handle(now, Input::Opened);
        for (later, hostile) in frames {
            now = now.after(Span::from_millis(u64::from(*later)));
            let bytes = samples.bytes_of(hostile);
            let frame = [Codec::Binary, Codec::Json]
                .into_iter()
                .find_map(|codec| codec.decode::<ServerFrame>(&bytes).ok());
            match frame {
                Some(frame) => client.handle(now, Input::Frame(frame)),
                None => client.handle(now, Input::Tick),
            };
            let numbers: Vec<_> = client.entries().iter().map(|entry| entry.sequence).collect();
            assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?} is not in order");
            assert!(numbers.last().is_none_or(|last| *last <= client.held()), "it holds what it shows");
        }
    });
}
