//! Who may sit at which socket, and for how long: what was allowed once is not allowed for ever.

use core::time::Duration;

use anyhow::Result;
use integration::{Chat, House, Live, Socket, Way, answers, assert_refused, fresh_message, problem_of};
use reqwest::Method;
use shared::id::{ConversationId, Shard};
use shared::limit::{
    FRAME_RATE, HELLO_AWAITED, MESSAGE_CHARS_MAX, PAGE_RATE, REFUSAL_RATE, SIGN_IN_RATE, STRANGERS_MAX,
    TEXT_RATE, TURNED_AWAY_RATE,
};
use shared::protocol::ErrorCode;
use shared::protocol::codec::Codec;
use shared::protocol::desk::DeskCommand;
use shared::protocol::live::{ClientFrame, ServerFrame, Visibility};
use shared::text::Line;
use shared::time::{Span, Timestamp};
use xtask::demo::{ADMINISTRATOR, ANA, BEN, SUPERVISOR};
use xtask::desk::Desk;

#[tokio::test]
async fn who_declines_an_offer_or_lets_it_run_out_no_longer_reads_the_conversation() -> Result<()> {
    let house = House::open().await?;
    house.change_settings(|settings| settings.workstreams[0].offer_timeout = Span::from_secs(5)).await?;
    let mut ana = house.console(ANA).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let first = ana.offered(conversation).await?;
    let mut looking = ana.open(conversation, None).await?;
    ana.command(DeskCommand::Reject { offer: first.offer }).await?;
    let (frames, ended) = looking.socket.until_ended().await?;
    assert_eq!(ended.code, Some(1008));
    let Some(ServerFrame::Refused { problem, .. }) = frames.last() else { panic!("{frames:?}") };
    assert_eq!(problem.code, ErrorCode::NotYourConversation);
    // The same when time has passed over the next offer of it.
    let second = ana.until("another offer", |desk| desk.offers.keys().find(|id| **id > first.offer).copied());
    let second = second.await?;
    let mut looking = ana.open(conversation, None).await?;
    ana.offer_gone(second).await?;
    customer.write("Not for her").await?;
    let (frames, ended) = looking.socket.until_ended().await?;
    assert_eq!(ended.code, Some(1008));
    assert!(!frames.iter().any(|frame| format!("{frame:?}").contains("Not for her")), "{frames:?}");
    Ok(())
}

#[tokio::test]
async fn a_supervisor_who_declines_an_offer_may_read_on() -> Result<()> {
    let house = House::open().await?;
    let mut desk = Desk::new(house.ports())?;
    assert!(desk.sign_in(SUPERVISOR.name, SUPERVISOR.password).await?);
    let sam = integration::Console::sit_down(house.ports(), desk).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut looking = sam.open(conversation, None).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let mut ana = house.console(ANA).await?;
    ana.reject(conversation).await?;
    customer.write("Anybody there?").await?;
    looking.sees("Anybody there?").await?;
    Ok(())
}

#[tokio::test]
async fn signing_out_closes_the_conversations_of_the_session_too() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;
    let supervisor = house.console(SUPERVISOR).await?;
    let mut looking = supervisor.open(conversation, None).await?;
    for console in [&ana, &supervisor] {
        console.desk.send(Method::POST, "/v1/staff/sign-out", None::<&()>).await?.error_for_status()?;
    }
    for live in [&mut staff, &mut looking] {
        let (_, ended) = live.socket.until_ended().await?;
        assert_eq!((ended.code, ended.reason.as_str()), (Some(1008), "signed out"));
    }
    Ok(())
}

#[tokio::test]
async fn who_says_no_hello_is_shown_out_and_who_does_stays() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let mut silent = visitor.socket(conversation).await?;
    let begun = tokio::time::Instant::now();
    let (frames, ended) = silent.until_ended().await?;
    assert!(frames.is_empty(), "{frames:?}");
    assert_eq!(ended.code, Some(1008));
    assert!(begun.elapsed() >= Duration::from_millis(HELLO_AWAITED.as_millis() - 1_000), "it had its time");
    customer.write("Still here").await?;
    Ok(())
}

#[tokio::test]
async fn a_crowd_that_says_nothing_keeps_nobody_out() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let mut crowd = Vec::new();
    for _ in 0..STRANGERS_MAX + 50 {
        crowd.push(visitor.socket(conversation).await?);
    }
    // Whoever has been silent for longest made room.
    let (frames, ended) = crowd[0].until_ended().await?;
    assert!(frames.is_empty() && ended.code == Some(1008), "{frames:?} {ended:?}");
    visitor.connect(conversation, None).await?.write("And here").await?;
    ana.accept(conversation).await?;
    ana.open(conversation, None).await?.write("Here as well").await?;
    customer.sees("Here as well").await?;
    Ok(())
}

#[tokio::test]
async fn a_flood_is_answered_for_a_while_and_then_not_looked_at() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let flood = vec![ClientFrame::Read { upto: customer.held }; 20_000];
    customer.socket.send_at_once(&flood).await?;
    // Another socket of the same visitor would be told to wait; another visitor is served as ever.
    let other = house.visitor().await?;
    let theirs = other.start(answers("Bob", "order", "Hello")).await?;
    other.connect(theirs, None).await?.write("Nobody disturbs me").await?;
    let told = REFUSAL_RATE.burst as usize;
    customer.until("the refusals", |live| (live.refused.len() >= told).then_some(())).await?;
    assert!(customer.refused.iter().all(|(_, problem)| problem.code == ErrorCode::TooManyRequests));
    // Far fewer than the frames that were too many.
    let more = tokio::time::timeout(
        Duration::from_secs(2),
        customer.until("no end", |live| (live.refused.len() > 2 * told).then_some(())),
    );
    assert!(more.await.is_err(), "every frame of a flood is answered");
    Ok(())
}

#[tokio::test]
async fn a_conversation_in_a_shard_that_never_was_is_told_so_on_its_socket() -> Result<()> {
    let house = House::open().await?;
    let shard = Shard::new(4_000).expect("an id can carry it");
    let invented = ConversationId::born_in(shard, Timestamp::from_millis(1_790_000_000_000), [7; 8]);
    let path = format!("/v1/conversations/{invented}/socket");
    let mut socket: Socket<ServerFrame> =
        Socket::open(&house.ports().chat(), &path, Codec::Json, &[]).await?;
    let (frames, ended) = socket.until_ended().await?;
    let [ServerFrame::Refused { problem, .. }] = frames.as_slice() else { panic!("{frames:?}") };
    assert_eq!((problem.code, ended.code), (ErrorCode::UnknownConversation, Some(1008)));
    let objects = std::fs::read_dir(house.folder())?.count();
    // A token of such a shard is no token, and nothing is left on the disk.
    let token = format!("AAAAAAAAf6CA{}", "A".repeat(52));
    let answer = house.chat(Method::GET, "/v1/conversations/current").bearer_auth(token).send().await?;
    assert_refused::<()>(Err(problem_of(answer).await?.into()), ErrorCode::NotSignedIn);
    assert_eq!(std::fs::read_dir(house.folder())?.count(), objects);
    Ok(())
}

#[tokio::test]
async fn who_calls_at_shards_that_never_were_without_end_gets_no_socket_for_it_any_more() -> Result<()> {
    let house = House::open().await?;
    let shard = Shard::new(4_000).expect("an id can carry it");
    let mut told = Vec::new();
    let refused = loop {
        let number = u8::try_from(told.len())?;
        let invented = ConversationId::born_in(shard, Timestamp::from_millis(1_790_000_000_000), [number; 8]);
        let path = format!("/v1/conversations/{invented}/socket");
        match Socket::<ServerFrame>::open(&house.ports().chat(), &path, Codec::Binary, &[]).await {
            Ok(socket) => told.push(socket),
            Err(error) => break error,
        }
    };
    assert!(told.len() >= TURNED_AWAY_RATE.burst as usize, "{}", told.len());
    assert!(refused.to_string().contains("429"), "{refused}");
    // Whoever has a conversation is let in.
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    visitor.connect(conversation, None).await?.write("Nobody disturbs me").await?;
    Ok(())
}

#[tokio::test]
async fn who_asks_for_page_after_page_is_told_to_wait() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let last = customer.held;
    let fetch = ClientFrame::FetchBefore { before: last };
    customer.socket.send_at_once(&vec![fetch; PAGE_RATE.burst as usize + 5]).await?;
    customer.until("a refusal", |live| (!live.refused.is_empty()).then_some(())).await?;
    let (_, problem) = &customer.refused[0];
    assert_eq!(problem.code, ErrorCode::TooManyRequests);
    assert!(problem.retry_after.is_some());
    // Writing has an allowance of its own.
    customer.write("Still here").await?;
    Ok(())
}

#[tokio::test]
async fn the_sockets_of_one_participant_share_one_allowance() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut tabs = Vec::new();
    for _ in 0..4 {
        tabs.push(visitor.connect(conversation, None).await?);
    }
    let burst = FRAME_RATE.burst as usize;
    let send = || ClientFrame::Send {
        message: fresh_message(),
        visibility: Visibility::Public,
        text: "Hello".to_owned(),
    };
    for tab in &mut tabs {
        let frames: Vec<_> = (0..burst / 2).map(|_| send()).collect();
        tab.socket.send_at_once(&frames).await?;
    }
    let mut refused = 0;
    for tab in &mut tabs {
        let answered = |live: &Live| live.accepted.len() + live.refused.len() == burst / 2;
        tab.until("an answer to each", |live| answered(live).then_some(())).await?;
        refused += tab.refused.len();
    }
    assert!(refused > 0, "four tabs had four allowances");
    Ok(())
}

#[tokio::test]
async fn who_writes_more_than_anybody_types_is_told_to_wait_and_loses_nothing() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let way = Way {
        origin: house.ports().chat(),
        via: None,
        conversation,
        codec: Codec::Binary,
        cookie: None,
        token: Some(visitor.session.token.clone()),
    };
    // The longest messages, more than may be written at once.
    let longest = |number: usize| format!("{number}{}", "\u{1f642}".repeat(MESSAGE_CHARS_MAX - 1));
    let count = TEXT_RATE.burst as usize / longest(0).len() + 4;
    let send = |text| ClientFrame::Send { message: fresh_message(), visibility: Visibility::Public, text };
    let mut flooding = visitor.connect(conversation, None).await?;
    flooding.socket.send_at_once(&(0..count).map(|number| send(longest(number))).collect::<Vec<_>>()).await?;
    let answered = |live: &Live| live.accepted.len() + live.refused.len() == count;
    flooding.until("an answer to each", |live| answered(live).then_some(())).await?;
    assert!(!flooding.refused.is_empty(), "bytes are not counted");
    for (message, problem) in &flooding.refused {
        assert_eq!(problem.code, ErrorCode::TooManyRequests);
        assert!(message.is_some() && problem.retry_after.is_some());
    }
    // A client keeps what was refused and sends it again when there is room.
    let mut writer = Chat::open(way, 1).await?;
    for number in 0..4 {
        writer.write(Visibility::Public, longest(number)).await?;
    }
    writer.settle(|writer| writer.accepted.len() == 4, Duration::from_mins(1)).await?;
    let said: Vec<_> = writer.entries().iter().filter_map(|entry| entry.message).collect();
    let written: Vec<_> = writer.written.iter().map(|written| written.message).collect();
    assert!(said.ends_with(&written), "{said:?} {written:?}");
    Ok(())
}

#[tokio::test]
async fn a_short_message_does_not_pass_a_long_one_before_it_for_which_there_was_no_room() -> Result<()> {
    let house = House::open().await?;
    let (ada, ben) = (house.visitor().await?, house.visitor().await?);
    let conversation = ada.start(answers("Ada", "order", "Hello")).await?;
    let elsewhere = ben.start(answers("Ben", "order", "Hello")).await?;
    let mut writer = ada.connect(conversation, None).await?;
    let mut other = ben.connect(elsewhere, None).await?;
    let send = |text: String| {
        let message = fresh_message();
        (message, ClientFrame::Send { message, visibility: Visibility::Public, text })
    };
    let longest = || "\u{1f642}".repeat(MESSAGE_CHARS_MAX);
    // What is left over after the longest is enough for the short ones.
    let count = TEXT_RATE.burst as usize / longest().len() + 3;
    let texts = (0..count).flat_map(|_| [longest(), "short".to_owned()]);
    let (written, frames): (Vec<_>, Vec<_>) = texts.map(send).unzip();
    // Two who write at the same time share turns.
    let (_, aside): (Vec<_>, Vec<_>) = (0..100).map(|number| send(number.to_string())).unzip();
    let (one, two) = tokio::join!(other.socket.send_at_once(&aside), writer.socket.send_at_once(&frames));
    one.and(two)?;
    let answered = |live: &Live| live.accepted.len() + live.refused.len() == written.len();
    writer.until("an answer to each", |live| answered(live).then_some(())).await?;
    let taken = written.iter().filter(|message| writer.accepted.contains_key(message)).count();
    assert!(taken > 0 && taken < written.len(), "{taken} of {}", written.len());
    let first_refused = written.iter().position(|message| !writer.accepted.contains_key(message));
    assert_eq!(first_refused, Some(taken), "some passed one that was refused");
    Ok(())
}

#[tokio::test]
async fn a_stranger_cannot_lock_anybody_out_of_a_browser_that_they_have_signed_in_with() -> Result<()> {
    let house = House::open().await?;
    let mut own = Desk::new(house.ports())?;
    assert!(own.sign_in(ANA.name, ANA.password).await?);
    let mut stranger = Desk::new(house.ports())?;
    let mut tried = 0;
    let locked = loop {
        match stranger.sign_in(ANA.name, "guess after guess").await {
            Ok(right) => assert!(!right),
            Err(error) => break error,
        }
        tried += 1;
        assert!(tried <= SIGN_IN_RATE.burst, "guessing is not limited");
    };
    assert_refused::<()>(Err(locked), ErrorCode::TooManyRequests);
    assert!(own.sign_in(ANA.name, ANA.password).await?, "their own browser is not a stranger's");
    // It is known for its own account only.
    for account in [BEN, ADMINISTRATOR] {
        let mut other = own.sign_in(account.name, "guess").await;
        for _ in 0..SIGN_IN_RATE.burst {
            other = own.sign_in(account.name, "guess").await;
        }
        assert_refused(other, ErrorCode::TooManyRequests);
    }
    Ok(())
}

#[tokio::test]
async fn a_site_that_is_taken_off_the_list_loses_its_sockets_until_it_is_back() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let title = Line::new("Talk to us")?;
    let sites = house.change_settings(|settings| settings.widgets[0].title = title).await?;
    customer.write("Another title takes nobody out").await?;
    let sites = sites.settings.widgets[0].sites.clone();
    house.change_settings(|settings| settings.widgets[0].sites.clear()).await?;
    let (frames, ended) = customer.socket.until_ended().await?;
    assert_eq!(ended.code, Some(1008));
    let Some(ServerFrame::Refused { problem, .. }) = frames.last() else { panic!("{frames:?}") };
    assert_eq!(problem.code, ErrorCode::OriginNotAllowed);
    assert_refused(visitor.connect(conversation, None).await, ErrorCode::OriginNotAllowed);
    house.change_settings(|settings| settings.widgets[0].sites = sites).await?;
    // The shard hears of it a moment after the settings are stored.
    let mut back = visitor.connect(conversation, None).await;
    for _ in 0..50 {
        if back.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        back = visitor.connect(conversation, None).await;
    }
    back?.write("Back again").await?;
    Ok(())
}

#[tokio::test]
async fn a_second_hello_that_must_wait_does_not_end_the_socket() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    // As from many tabs that speak through one socket.
    let hello = ClientFrame::Hello { token: Some(visitor.session.token.clone()), holds: Some(customer.held) };
    let fetch = ClientFrame::FetchBefore { before: customer.held };
    let mut frames = vec![fetch; PAGE_RATE.burst as usize + 5];
    frames.push(hello);
    customer.socket.send_at_once(&frames).await?;
    customer.until("a refusal", |live| (live.refused.len() >= 6).then_some(())).await?;
    customer.write("Still here").await?;
    Ok(())
}
