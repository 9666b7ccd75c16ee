//! Frames that a socket must refuse: each with its code, nothing stored, and the socket alive where that is safe.

use anyhow::Result;
use integration::{House, Live, Refusal, Visitor, answers, assert_refused, fresh_message};
use shared::id::ConversationId;
use shared::limit::{FRAME_BYTES_MAX, FRAME_RATE, MESSAGE_CHARS_MAX, SOCKETS_PER_PARTICIPANT_MAX};
use shared::protocol::ErrorCode;
use shared::protocol::desk::{DeskCommand, WorkState};
use shared::protocol::live::{ClientFrame, EndedBy, Sequence, ServerFrame, Standing, Visibility};
use tokio_tungstenite::tungstenite::Message;
use xtask::demo::{ANA, BEN};

fn send(text: &str) -> ClientFrame {
    ClientFrame::Send { message: fresh_message(), visibility: Visibility::Public, text: text.to_owned() }
}

/// A visitor in a conversation that nobody has taken.
async fn waiting(house: &House) -> Result<(Visitor, ConversationId, Live)> {
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let customer = visitor.connect(conversation, None).await?;
    Ok((visitor, conversation, customer))
}

/// Sends noise and gives what the gateway says to it.
async fn noise(live: &mut Live, message: Message) -> Result<()> {
    let refusals = live.refused.len();
    live.socket.send_raw(message).await?;
    live.refusal_after(refusals).await
}

/// The log has not changed, and the socket works.
async fn is_untouched(live: &mut Live, last: Sequence) -> Result<()> {
    assert_eq!(live.held, last, "nothing was stored");
    assert_eq!(live.write("The socket lives on").await?, last.next(), "nothing was stored");
    Ok(())
}

#[tokio::test]
async fn noise_is_malformed_and_the_socket_lives_on() -> Result<()> {
    let house = House::open().await?;
    let (_, conversation, mut customer) = waiting(&house).await?;
    let last = customer.held;
    let whole = shared::protocol::codec::to_binary(&send("cut short"));
    let cut = whole[..whole.len() - 3].to_vec();
    let mut longer = whole;
    longer.push(0);
    for bytes in [vec![], vec![1], cut, longer, vec![1; 40]] {
        assert_refused(noise(&mut customer, Message::Binary(bytes.into())).await, ErrorCode::Malformed);
    }
    // Text on a binary socket is read as bytes, and is noise.
    let text = noise(&mut customer, Message::Text("\u{1}hello".into())).await;
    assert_refused(text, ErrorCode::Malformed);
    is_untouched(&mut customer, last).await?;

    let mut ana = house.console(ANA).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;
    let last = staff.held;
    let deep = "[".repeat(10_000);
    for text in ["", "null", "{", "{\"send\":{}}", "\"send\"", "[1,2]", "{\"read\":{\"upto\":-1}}", &deep] {
        assert_refused(noise(&mut staff, Message::Text(text.into())).await, ErrorCode::Malformed);
    }
    let invalid = noise(&mut staff, Message::Binary(vec![0xff, 0xfe, 0x00].into())).await;
    assert_refused(invalid, ErrorCode::Malformed);
    is_untouched(&mut staff, last).await
}

#[tokio::test]
async fn a_kind_of_frame_from_another_version_is_told_apart_from_noise() -> Result<()> {
    let house = House::open().await?;
    let (_, conversation, mut customer) = waiting(&house).await?;
    let last = customer.held;
    for kind in [10_u8, 127] {
        let unknown = noise(&mut customer, Message::Binary(vec![kind, 1, 2, 3].into())).await;
        assert_refused(unknown, ErrorCode::UnknownFrame);
    }
    is_untouched(&mut customer, last).await?;

    let mut ana = house.console(ANA).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;
    let last = staff.held;
    for text in ["{\"dance\":{}}", "\"dance\""] {
        assert_refused(noise(&mut staff, Message::Text(text.into())).await, ErrorCode::UnknownFrame);
    }
    is_untouched(&mut staff, last).await?;

    // The console's own socket.
    for (text, code) in [
        ("{\"number\":7,\"command\":{\"dance\":{}}}", ErrorCode::UnknownFrame),
        ("{\"number\":7}", ErrorCode::Malformed),
        ("nonsense", ErrorCode::Malformed),
    ] {
        let before = ana.unread.len();
        ana.socket.send_raw(Message::Text(text.into())).await?;
        let problem = ana.until("a refusal", |console| console.unread.get(before).cloned()).await?;
        assert_eq!(problem.code, code, "{text}");
    }
    ana.command(DeskCommand::End { conversation }).await
}

#[tokio::test]
async fn a_frame_over_the_limit_is_refused_and_one_at_the_limit_is_read() -> Result<()> {
    let house = House::open().await?;
    let (_, _, mut customer) = waiting(&house).await?;
    let last = customer.held;
    let over = Message::Binary(vec![0; FRAME_BYTES_MAX + 1].into());
    assert_refused(noise(&mut customer, over).await, ErrorCode::FrameTooLarge);
    let far_over = Message::Binary(vec![0; 20 * FRAME_BYTES_MAX].into());
    assert_refused(noise(&mut customer, far_over).await, ErrorCode::FrameTooLarge);
    let at = Message::Binary(vec![1; FRAME_BYTES_MAX].into());
    assert_refused(noise(&mut customer, at).await, ErrorCode::Malformed);
    is_untouched(&mut customer, last).await
}

#[tokio::test]
async fn a_message_has_one_to_four_thousand_characters() -> Result<()> {
    let house = House::open().await?;
    let (_, _, mut customer) = waiting(&house).await?;
    let last = customer.held;
    let long = "\u{e9}".repeat(MESSAGE_CHARS_MAX + 1);
    assert_refused(customer.write(&long).await, ErrorCode::MessageTooLong);
    for empty in ["", " \n\t ", "\u{3000}"] {
        assert_refused(customer.write(empty).await, ErrorCode::MessageEmpty);
    }
    let longest = "\u{1f642}".repeat(MESSAGE_CHARS_MAX);
    assert_eq!(customer.write(&longest).await?, last.next());
    customer.holds(last.next()).await?;
    is_untouched(&mut customer, last.next()).await
}

#[tokio::test]
async fn what_comes_after_the_end_is_refused() -> Result<()> {
    let house = House::open().await?;
    let (visitor, conversation, mut customer) = waiting(&house).await?;
    let mut ana = house.console(ANA).await?;
    let offer = ana.offered(conversation).await?.offer;
    ana.command(DeskCommand::Accept { offer }).await?;
    let mut staff = ana.open(conversation, None).await?;
    assert_refused(ana.command(DeskCommand::Close { conversation }).await, ErrorCode::NotPossibleNow);
    ana.command(DeskCommand::End { conversation }).await?;
    let ended = Standing::Ended { by: EndedBy::Representative };
    customer.stands(&ended).await?;
    staff.stands(&ended).await?;
    let last = customer.held;

    assert_refused(customer.write("One more thing").await, ErrorCode::ConversationEnded);
    assert_refused(staff.write("One more thing").await, ErrorCode::ConversationEnded);
    let typing = ClientFrame::Typing { visibility: Visibility::Public };
    assert_refused(customer.provoke(&typing).await, ErrorCode::ConversationEnded);
    // Ending what has ended is done already, for the customer; at the desk the list shows what is true.
    customer.socket.send(&ClientFrame::End).await?;
    assert_refused(ana.command(DeskCommand::End { conversation }).await, ErrorCode::NotPossibleNow);
    ana.command(DeskCommand::Close { conversation }).await?;
    for (command, code) in [
        (DeskCommand::Accept { offer }, ErrorCode::OfferGone),
        (DeskCommand::Reject { offer }, ErrorCode::OfferGone),
        (DeskCommand::Pick { conversation }, ErrorCode::UnknownConversation),
        (DeskCommand::End { conversation }, ErrorCode::UnknownConversation),
        (DeskCommand::Close { conversation }, ErrorCode::UnknownConversation),
    ] {
        assert_refused(ana.command(command).await, code);
    }
    // Reading it is still possible, and nothing was added.
    let again = visitor.connect(conversation, None).await?;
    assert_eq!((again.held, again.standing), (last, ended));
    Ok(())
}

#[tokio::test]
async fn nobody_works_on_what_somebody_else_has() -> Result<()> {
    let house = House::open().await?;
    let (_, conversation, mut customer) = waiting(&house).await?;
    let mut ana = house.console(ANA).await?;
    ana.accept(conversation).await?;
    let mut ben = house.console(BEN).await?;
    assert_refused(ben.command(DeskCommand::End { conversation }).await, ErrorCode::NotYourConversation);
    assert_refused(ben.command(DeskCommand::Close { conversation }).await, ErrorCode::NotYourConversation);
    assert_refused(ben.command(DeskCommand::Pick { conversation }).await, ErrorCode::NotPossibleNow);
    let nowhere = ConversationId::from_u128(1);
    let ended = ben.command(DeskCommand::End { conversation: nowhere }).await;
    assert_refused(ended, ErrorCode::UnknownConversation);
    customer.stands(&Standing::InConversation { with: "Ana".to_owned() }).await?;
    ana.work_is(conversation, WorkState::Active).await?;
    // The staff end conversations at the desk, where capacity is.
    let mut staff = ana.open(conversation, None).await?;
    assert_refused(staff.provoke(&ClientFrame::End).await, ErrorCode::NotPossibleNow);
    Ok(())
}

#[tokio::test]
async fn a_socket_says_hello_first() -> Result<()> {
    let house = House::open().await?;
    let (visitor, conversation, mut customer) = waiting(&house).await?;
    let last = customer.held;
    let mut socket = visitor.socket(conversation).await?;
    for frame in [send("Who am I?"), ClientFrame::End, ClientFrame::FetchAfter { after: Sequence::START }] {
        socket.send(&frame).await?;
        match socket.next().await? {
            ServerFrame::Refused { problem, .. } => assert_eq!(problem.code, ErrorCode::HelloExpected),
            other => panic!("{other:?}"),
        }
    }
    // It is not too late.
    let hello = Live::hello(socket, Some(&visitor.session.token), None).await?;
    assert_eq!(hello.held, last);
    is_untouched(&mut customer, last).await
}

#[tokio::test]
async fn a_hello_that_does_not_hold_ends_the_socket() -> Result<()> {
    let house = House::open().await?;
    let (visitor, conversation, mut customer) = waiting(&house).await?;
    let last = customer.held;
    let stranger = house.visitor().await?;
    let swapped = {
        // The visitor's id with a stranger's secret.
        let (own, other) = (&visitor.session.token, &stranger.session.token);
        format!("{}{}", &own[..24], &other[24..])
    };
    let cases = [
        (None, ErrorCode::NotSignedIn),
        (Some(String::new()), ErrorCode::NotSignedIn),
        (Some("no token".to_owned()), ErrorCode::NotSignedIn),
        (Some("A".repeat(64)), ErrorCode::NotSignedIn),
        (Some("A".repeat(60_000)), ErrorCode::NotSignedIn),
        (Some(swapped), ErrorCode::NotSignedIn),
        // That the conversation exists is nobody's business.
        (Some(stranger.session.token), ErrorCode::UnknownConversation),
    ];
    for (token, code) in cases {
        let mut socket = visitor.socket(conversation).await?;
        socket.send(&ClientFrame::Hello { token, holds: None }).await?;
        let (frames, ended) = socket.until_ended().await?;
        assert_eq!(ended.code, Some(1008));
        let [ServerFrame::Refused { problem, .. }] = frames.as_slice() else { panic!("{frames:?}") };
        assert_refused::<()>(Err(Refusal::over_socket(problem.clone()).into()), code);
    }
    // A conversation that does not exist is refused in the same words.
    let mut bytes = *conversation.as_bytes();
    bytes[15] ^= 1;
    let hello = visitor.connect(ConversationId::from_bytes(bytes), None).await;
    assert_refused(hello, ErrorCode::UnknownConversation);
    is_untouched(&mut customer, last).await
}

#[tokio::test]
async fn a_flood_is_told_to_wait_and_the_socket_lives_on() -> Result<()> {
    let house = House::open().await?;
    let (visitor, conversation, mut customer) = waiting(&house).await?;
    let last = customer.held;
    let flood: Vec<ClientFrame> = (0..2 * FRAME_RATE.burst).map(|number| send(&number.to_string())).collect();
    customer.socket.send_at_once(&flood).await?;
    let answered = |live: &Live| live.accepted.len() + live.refused.len();
    customer.until("an answer to each frame", |live| (answered(live) == flood.len()).then_some(())).await?;
    assert!(customer.accepted.len() >= FRAME_RATE.burst as usize - 1, "the burst is allowed");
    assert!(!customer.refused.is_empty());
    for (message, problem) in &customer.refused {
        assert!(message.is_some(), "the client knows which message to send again");
        assert_eq!(problem.code, ErrorCode::TooManyRequests);
        let wait = problem.retry_after.map(shared::time::Span::as_millis);
        assert!(wait.is_some_and(|wait| wait > 0 && wait < 1_000), "{wait:?}");
    }
    // Heartbeats are not counted, and what was refused was not stored.
    let stored = u32::try_from(customer.accepted.len())?;
    let other = visitor.connect(conversation, Some(last)).await?;
    assert_eq!(other.held, Sequence(last.0 + stored));
    customer.holds(other.held).await?;
    customer.socket.heartbeat().await
}

#[tokio::test]
async fn of_the_sockets_of_one_visitor_the_oldest_makes_room_for_the_newest() -> Result<()> {
    let house = House::open().await?;
    let (visitor, conversation, mut oldest) = waiting(&house).await?;
    let mut tabs = Vec::new();
    for _ in 1..SOCKETS_PER_PARTICIPANT_MAX {
        tabs.push(visitor.connect(conversation, None).await?);
    }
    oldest.write("All of us are here").await?;
    // The oldest may have gone without a word: whoever comes back is not kept out.
    let mut newest = visitor.connect(conversation, None).await?;
    let (_, ended) = oldest.socket.until_ended().await?;
    assert_eq!(ended.code, Some(1008));
    newest.write("The others live on").await?;
    for tab in &mut tabs {
        tab.sees("The others live on").await?;
    }
    // A tab that is closed makes room, and nobody has to go.
    if let Some(tab) = tabs.pop() {
        tab.socket.close().await?;
    }
    visitor.connect(conversation, None).await?.write("And I am here").await?;
    tabs[0].sees("And I am here").await?;
    Ok(())
}
