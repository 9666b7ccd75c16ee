//! A conversation from the form to the records, as both sides live it.

use anyhow::Result;
use integration::{House, Live, answers, assert_refused, fresh_message};
use reqwest::Method;
use shared::form::Answer;
use shared::protocol::ErrorCode;
use shared::protocol::desk::{DeskCommand, WorkItemView, WorkState};
use shared::protocol::live::{Author, ClientFrame, Content, EndedBy, Sequence, Standing, Visibility};
use shared::settings::{Presence, Units};
use shared::time::Span;
use xtask::demo::{ANA, SUPERVISOR};

#[tokio::test]
async fn a_conversation_goes_from_the_form_to_the_records() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Where is my order?")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    customer.stands(&Standing::Waiting { anyone_available: false }).await?;

    // Somebody comes: the presence follows from free capacity, and what waits is offered at once.
    let mut ana = house.console(ANA).await?;
    assert_eq!(ana.me.full_name, "Ana Lindqvist");
    let offer = ana.offered(conversation).await?;
    assert_eq!(offer.customer.as_deref(), Some("Ada"));
    assert_eq!(offer.topic.as_deref(), Some("An order"));
    assert_eq!(offer.queue, "Orders");
    assert_eq!(offer.timeout, Span::from_secs(60));
    assert!(offer.remaining <= offer.timeout && offer.remaining > Span::ZERO);
    ana.work_is(conversation, WorkState::AwaitingAcceptance).await?;
    ana.command(DeskCommand::Accept { offer: offer.offer }).await?;
    let item = ana.work_is(conversation, WorkState::Active).await?;
    assert!(item.mine);
    ana.is(Presence::Busy).await?;
    assert_eq!((ana.presence.used, ana.presence.capacity), (Units(50), Units(100)));

    // The customer sees who it is by the public name, the staff by the full one.
    customer.stands(&Standing::InConversation { with: "Ana".to_owned() }).await?;
    let mut staff = ana.open(conversation, None).await?;
    assert_eq!(staff.standing, Standing::InConversation { with: "Ana Lindqvist".to_owned() });
    let started = staff.log.first().map(|entry| entry.content.clone());
    let read = |name: &str, value: &str| Answer { name: name.to_owned(), value: value.to_owned() };
    let form = vec![read("Your name", "Ada"), read("What is it about?", "An order")];
    assert_eq!(started, Some(Content::Started { answers: form }));

    staff.write("Let me look.").await?;
    customer.sees("Let me look.").await?;
    customer.write("Thank you.").await?;
    staff.sees("Thank you.").await?;

    // The end: wrap-up holds the capacity, closing frees it.
    ana.command(DeskCommand::End { conversation }).await?;
    let ended = Standing::Ended { by: EndedBy::Representative };
    customer.stands(&ended).await?;
    staff.stands(&ended).await?;
    ana.work_is(conversation, WorkState::WrapUp).await?;
    assert_eq!(ana.presence.used, Units(50));
    ana.command(DeskCommand::Close { conversation }).await?;
    ana.is(Presence::Available).await?;
    assert_eq!(ana.presence.used, Units(0));

    let closed = closed_by(&ana).await?;
    assert_eq!(closed.len(), 1);
    let item = &closed[0];
    assert_eq!((item.conversation, item.state), (conversation, WorkState::Closed));
    assert_eq!(item.customer.as_deref(), Some("Ada"));
    assert_eq!(item.queue_name, "Orders");

    // The visitor's next form starts another conversation.
    assert_eq!(visitor.current().await?, None);
    let next = visitor.start(answers("Ada", "return", "Another thing.")).await?;
    assert_ne!(next, conversation);
    ana.offered(next).await?;
    Ok(())
}

/// The records arrive by the outbox: asked until they are there.
async fn closed_by(console: &integration::Console) -> Result<Vec<WorkItemView>> {
    let asked = tokio::time::timeout(core::time::Duration::from_secs(30), async {
        loop {
            let path = "/v1/records/conversations";
            let closed: Vec<WorkItemView> = console.desk.ask(Method::GET, path, None::<&()>).await?;
            if !closed.is_empty() {
                return Ok(closed);
            }
        }
    });
    asked.await?
}

#[tokio::test]
async fn both_sides_see_everything_once_and_in_one_order() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let mut second_tab = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;

    // Both write at once, without waiting for each other.
    let burst = |side: &str| -> Vec<ClientFrame> {
        let frame = |number| ClientFrame::Send {
            message: fresh_message(),
            visibility: Visibility::Public,
            text: format!("{side} {number}"),
        };
        (0..20).map(frame).collect()
    };
    let (from_customer, from_staff) = (burst("customer"), burst("staff"));
    tokio::try_join!(customer.socket.send_at_once(&from_customer), staff.socket.send_at_once(&from_staff))?;

    // Started, the first message, Joined, and the forty.
    let last = Sequence(43);
    for side in [&mut customer, &mut second_tab, &mut staff] {
        side.holds(last).await?;
        let numbers: Vec<u32> = side.log.iter().map(|entry| entry.sequence.0).collect();
        assert_eq!(numbers, (1..=43).collect::<Vec<_>>());
    }
    assert_eq!(customer.texts(), staff.texts());
    assert_eq!(customer.texts(), second_tab.texts());
    for side in ["customer", "staff"] {
        let own: Vec<&str> = customer.texts().into_iter().filter(|text| text.starts_with(side)).collect();
        let sent: Vec<String> = (0..20).map(|number| format!("{side} {number}")).collect();
        assert_eq!(own, sent, "each side's messages keep their order");
    }
    // What was accepted stands where the acknowledgement said.
    customer.until("every acknowledgement", |live| (live.accepted.len() == 20).then_some(())).await?;
    for (message, sequence) in &customer.accepted {
        assert_eq!(customer.log[sequence.0 as usize - 1].message, Some(*message));
    }
    Ok(())
}

#[tokio::test]
async fn typing_and_read_marks_reach_the_other_side() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;
    customer.stands(&Standing::InConversation { with: "Ana".to_owned() }).await?;

    customer.socket.send(&ClientFrame::Typing { visibility: Visibility::Public }).await?;
    let seen = staff.until("typing", |live| live.typing.first().cloned()).await?;
    assert_eq!(seen, (Author::Customer, Visibility::Public));

    // That an internal note is being written is internal too: the customer sees only the second.
    staff.socket.send(&ClientFrame::Typing { visibility: Visibility::Internal }).await?;
    staff.socket.send(&ClientFrame::Typing { visibility: Visibility::Public }).await?;
    let author = Author::Representative { representative: ana.me.representative, name: "Ana".to_owned() };
    let seen = customer.until("typing", |live| live.typing.first().cloned()).await?;
    assert_eq!(seen, (author, Visibility::Public));

    let said = staff.write("Hello!").await?;
    customer.holds(said).await?;
    customer.socket.send(&ClientFrame::Read { upto: said }).await?;
    staff.until("the read mark", |live| (live.read_by_other == said).then_some(())).await?;
    staff.socket.send(&ClientFrame::Read { upto: said }).await?;
    customer.until("the read mark", |live| (live.read_by_other == said).then_some(())).await?;

    // Read marks are kept for those who come later; typing is not.
    let again = visitor.connect(conversation, None).await?;
    assert_eq!(again.read_by_other, said);
    assert_eq!(again.typing, []);
    Ok(())
}

#[tokio::test]
async fn nobody_is_told_in_any_window_that_they_are_typing_themselves() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let mut customers =
        [visitor.connect(conversation, None).await?, visitor.connect(conversation, None).await?];
    let mut staff = [ana.open(conversation, None).await?, ana.open(conversation, None).await?];

    let typing = ClientFrame::Typing { visibility: Visibility::Public };
    customers[0].socket.send(&typing).await?;
    staff[1].until("the customer typing", |live| live.typing.first().cloned()).await?;
    staff[0].socket.send(&typing).await?;
    customers[1].until("Ana typing", |live| live.typing.first().cloned()).await?;

    // What is said comes after the word that it is being typed: when it is there, that word would be too.
    let said = staff[0].write("Hello!").await?;
    for live in customers.iter_mut().chain(&mut staff) {
        live.holds(said).await?;
    }
    let seen = |live: &Live| live.typing.iter().map(|(author, _)| author.clone()).collect::<Vec<_>>();
    let from_ana = Author::Representative { representative: ana.me.representative, name: "Ana".to_owned() };
    for customer in &customers {
        assert_eq!(seen(customer), std::slice::from_ref(&from_ana));
    }
    for window in &staff {
        assert_eq!(seen(window), [Author::Customer]);
    }
    Ok(())
}

#[tokio::test]
async fn an_internal_note_never_reaches_the_customer_in_any_byte() -> Result<()> {
    const NOTE: &str = "Known fraud case 4711";
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;

    let note = staff.post(fresh_message(), Visibility::Internal, NOTE).await?;
    staff.sees(NOTE).await?;
    let after = staff.write("One moment, please.").await?;
    assert_eq!(after, note.next(), "the note has a place in the one numbering");

    // Live, on reconnecting with and without a held number, by fetching and by history.
    customer.sees("One moment, please.").await?;
    customer.socket.send(&ClientFrame::FetchAfter { after: Sequence::START }).await?;
    customer.socket.send(&ClientFrame::FetchBefore { before: after.next() }).await?;
    customer.until("the history", |live| (!live.pages.is_empty()).then_some(())).await?;
    let fresh = visitor.connect(conversation, None).await?;
    let behind = visitor.connect(conversation, Some(Sequence(1))).await?;
    for live in [&customer, &fresh, &behind] {
        assert_eq!(live.held, after, "what is hidden leaves no gap");
        assert!(!live.socket.has_received(NOTE.as_bytes()));
        assert!(!live.log.iter().any(|entry| entry.sequence == note));
    }
    // The search itself finds what is there.
    assert!(staff.socket.has_received(NOTE.as_bytes()));
    assert!(fresh.socket.has_received(b"One moment, please."));

    // A customer cannot write one either.
    let frame = ClientFrame::Send {
        message: fresh_message(),
        visibility: Visibility::Internal,
        text: "Between us".to_owned(),
    };
    assert_refused(customer.provoke(&frame).await, ErrorCode::NotPermitted);
    Ok(())
}

#[tokio::test]
async fn a_customer_who_ends_sends_the_work_to_wrap_up() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;

    customer.socket.send(&ClientFrame::End).await?;
    let ended = Standing::Ended { by: EndedBy::Customer };
    customer.stands(&ended).await?;
    staff.stands(&ended).await?;
    ana.work_is(conversation, WorkState::WrapUp).await?;
    // Both tabs may press the button: the second changes nothing.
    let last = customer.held;
    customer.socket.send(&ClientFrame::End).await?;
    let again = visitor.connect(conversation, Some(last)).await?;
    assert_eq!((again.held, again.standing), (last, ended));
    Ok(())
}

#[tokio::test]
async fn the_representative_who_comes_back_finds_the_work_and_its_history() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    customer.stands(&Standing::InConversation { with: "Ana".to_owned() }).await?;
    customer.write("Are you there?").await?;

    let ana = ana.reload().await?;
    let item = ana.work.get(&conversation).cloned();
    assert_eq!(item.map(|item| (item.state, item.mine)), Some((WorkState::Active, true)));
    let mut staff = ana.open(conversation, None).await?;
    assert_eq!(staff.texts(), ["Hello", "Are you there?"]);
    staff.write("Yes.").await?;
    customer.sees("Yes.").await?;
    Ok(())
}

#[tokio::test]
async fn a_long_history_comes_page_by_page_and_whole() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    // A page holds 48 KB: messages of 4,000 letters of four bytes fill it quickly.
    let long = "\u{1f642}".repeat(4_000);
    for _ in 0..7 {
        customer.write(&long).await?;
    }

    // Whoever holds the beginning catches up page by page; each stays below the frame's limit.
    let whole = visitor.connect(conversation, Some(Sequence::START)).await?;
    assert_eq!(whole.log.len(), 9);

    // Whoever holds nothing gets the newest page, and the rest by asking backwards.
    let mut newest = visitor.connect(conversation, None).await?;
    let mut known = newest.log.clone();
    assert!(known.len() < 9, "one page would hold everything");
    while let Some(first) = known.first().map(|entry| entry.sequence).filter(|first| *first > Sequence(1)) {
        let pages = newest.pages.len();
        newest.socket.send(&ClientFrame::FetchBefore { before: first }).await?;
        let (_, before, page) =
            newest.until("a page of history", |live| live.pages.get(pages).cloned()).await?;
        assert_eq!(before, first);
        known.splice(0..0, page);
    }
    assert_eq!(known, whole.log);
    Ok(())
}

#[tokio::test]
async fn a_supervisor_may_read_and_not_write() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let sam = house.console(SUPERVISOR).await?;
    let mut looking_on = sam.open(conversation, None).await?;
    assert_eq!(looking_on.texts(), ["Hello"]);
    let written = looking_on.write("Hello from the supervisor").await;
    assert_refused(written, ErrorCode::NotYourConversation);
    customer.write("Anybody?").await?;
    looking_on.sees("Anybody?").await?;
    Ok(())
}

#[tokio::test]
async fn a_crowd_that_writes_thousands_of_messages_at_once_is_answered_to_the_last() -> Result<()> {
    const VISITORS: usize = 60;
    const MESSAGES: usize = 200;
    let house = House::open().await?;
    let mut crowd = Vec::new();
    for _ in 0..VISITORS {
        let visitor = house.visitor().await?;
        let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
        crowd.push(visitor.connect(conversation, None).await?);
    }
    let writing = crowd.into_iter().map(|mut customer| {
        tokio::spawn(async move {
            for number in 0..MESSAGES {
                customer.write(&number.to_string()).await?;
            }
            Ok::<_, anyhow::Error>(customer.accepted.len())
        })
    });
    for customer in writing.collect::<Vec<_>>() {
        assert_eq!(customer.await??, MESSAGES);
    }
    Ok(())
}
