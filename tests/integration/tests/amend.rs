//! Edits, removals, cursors and absences, on the real server.

use core::time::Duration;

use anyhow::{Context as _, Result};
use integration::{Console, House, Live, Visitor, answers, assert_refused, fresh_message};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use shared::id::{ConversationId, MessageId};
use shared::protocol::ErrorCode;
use shared::protocol::desk::DeskCommand;
use shared::protocol::live::{
    Author, ClientFrame, Content, EndedBy, Entry, Sequence, ServerFrame, Standing, Visibility,
};
use shared::time::Span;
use xtask::demo::{ANA, BEN, SUPERVISOR};

/// Ana talks to a customer.
struct Scene {
    house: House,
    visitor: Visitor,
    ana: Console,
    conversation: ConversationId,
    customer: Live,
    staff: Live,
}

async fn scene() -> Result<Scene> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    customer.stands(&Standing::InConversation { with: "Ana".to_owned() }).await?;
    let staff = ana.open(conversation, None).await?;
    Ok(Scene { house, visitor, ana, conversation, customer, staff })
}

fn edit(message: MessageId, target: Sequence, text: &str) -> ClientFrame {
    ClientFrame::Edit { message, target, text: text.to_owned() }
}

fn redact(message: MessageId, target: Sequence) -> ClientFrame {
    ClientFrame::Redact { message, target }
}

/// Waits until an entry with this content is there.
async fn sees(live: &mut Live, content: &Content) -> Result<Entry> {
    let found = |live: &Live| live.log.iter().find(|entry| entry.content == *content).cloned();
    live.until("an entry", found).await
}

/// The content at a place, for a client that comes now.
fn at(live: &Live, place: Sequence) -> Option<&Content> {
    live.log.iter().find(|entry| entry.sequence == place).map(|entry| &entry.content)
}

#[tokio::test]
async fn an_edit_reaches_both_sides_once_and_survives_a_death() -> Result<()> {
    let Scene { mut house, visitor, ana, conversation, mut customer, mut staff } = scene().await?;
    let place = customer.write("My number is 1").await?;
    staff.holds(place).await?;
    let (id, text) = (fresh_message(), "My number is 2".to_owned());
    customer.commit(id, &edit(id, place, &text)).await?;
    let edited = Content::Edited { target: place, text: text.clone() };
    for live in [&mut customer, &mut staff] {
        let entry = sees(live, &edited).await?;
        assert_eq!((entry.author, entry.message), (Author::Customer, Some(id)));
    }
    // Sent again it gets the first answer; with other words it is refused.
    let first = customer.accepted[&id];
    assert_eq!(customer.commit(id, &edit(id, place, &text)).await?, first);
    assert_refused(customer.commit(id, &edit(id, place, "3")).await, ErrorCode::IdReused);

    house.kill().await?;
    house.restart().await?;
    let ana = Console::sit_down(house.ports(), ana.desk).await?;
    let again = ana.open(conversation, None).await?;
    assert_eq!(at(&again, first), Some(&edited));
    assert_eq!(visitor.connect(conversation, None).await?.log, customer.log);
    Ok(())
}

#[tokio::test]
async fn what_is_removed_is_on_no_page_also_after_a_death() -> Result<()> {
    const SECRET: &str = "4111-1111-1111-1111";
    const SECOND: &str = "4222-2222-2222-2222";
    let Scene { mut house, visitor, ana, conversation, mut customer, mut staff } = scene().await?;
    let place = customer.write(&format!("My card is {SECRET}")).await?;
    let id = fresh_message();
    let edited = customer.commit(id, &edit(id, place, &format!("My card is {SECOND}"))).await?;
    let after = staff.write("Please never send us your card.").await?;
    // Enough for a checkpoint: what is removed stands among the records that are stored.
    for number in 0..150 {
        staff.write(&format!("message {number}")).await?;
        customer.write(&format!("answer {number}")).await?;
    }
    let id = fresh_message();
    let removed = customer.commit(id, &redact(id, place)).await?;
    let gone = Content::Redacted { target: place };
    sees(&mut staff, &gone).await?;

    for holds in [Sequence::START, after] {
        for live in
            [visitor.connect(conversation, Some(holds)).await?, ana.open(conversation, Some(holds)).await?]
        {
            assert!(
                !live.socket.has_received(SECRET.as_bytes()) && !live.socket.has_received(SECOND.as_bytes())
            );
            assert_eq!(at(&live, removed), Some(&gone));
            if holds == Sequence::START {
                assert_eq!((at(&live, place), at(&live, edited)), (Some(&gone), Some(&gone)));
                assert_eq!(live.held, removed, "the numbers stay");
            }
        }
    }
    // The process dies at once: what it loads does not say it either.
    house.kill().await?;
    house.restart().await?;
    let live = visitor.connect(conversation, Some(Sequence::START)).await?;
    assert!(!live.socket.has_received(SECRET.as_bytes()));
    assert_eq!((at(&live, place), at(&live, removed)), (Some(&gone), Some(&gone)));
    assert!(!live.socket.has_received(SECOND.as_bytes()));
    Ok(())
}

#[tokio::test]
async fn everybody_changes_their_own_and_a_supervisor_removes_any() -> Result<()> {
    let Scene { house, ana, conversation, mut customer, mut staff, .. } = scene().await?;
    let theirs = customer.write("You are an idiot").await?;
    let ours = staff.write("Good morning").await?;
    for (live, target) in [(&mut staff, theirs), (&mut customer, ours)] {
        let id = fresh_message();
        assert_refused(live.commit(id, &edit(id, target, "No")).await, ErrorCode::NotPermitted);
        assert_refused(live.commit(id, &redact(id, target)).await, ErrorCode::NotPermitted);
    }
    let id = fresh_message();
    for target in [Sequence::START, Sequence(1)] {
        assert_refused(customer.commit(id, &edit(id, target, "No")).await, ErrorCode::NotEditable);
    }
    let ahead = customer.held.next();
    assert_refused(customer.commit(id, &edit(id, ahead, "No")).await, ErrorCode::SequenceAhead);
    assert_refused(customer.commit(id, &edit(id, theirs, "  ")).await, ErrorCode::MessageEmpty);
    assert_refused(
        customer.commit(id, &edit(id, theirs, &"x".repeat(4_001))).await,
        ErrorCode::MessageTooLong,
    );

    // A supervisor who takes no part, also when it is over.
    customer.socket.send(&ClientFrame::End).await?;
    customer.stands(&Standing::Ended { by: EndedBy::Customer }).await?;
    assert_refused(staff.commit(id, &edit(id, ours, "No")).await, ErrorCode::ConversationEnded);
    let sam = house.console(SUPERVISOR).await?;
    let mut looking = sam.open(conversation, None).await?;
    looking.commit(id, &redact(id, theirs)).await?;
    sees(&mut customer, &Content::Redacted { target: theirs }).await?;
    let entry = sees(&mut staff, &Content::Redacted { target: theirs }).await?;
    let by = matches!(entry.author, Author::Representative { representative, .. } if representative == sam.me.representative);
    assert!(by, "{entry:?}");
    drop(ana);
    Ok(())
}

#[tokio::test]
async fn a_change_of_an_internal_note_reaches_the_customer_in_no_byte() -> Result<()> {
    let Scene { house, mut customer, mut staff, .. } = scene().await?;
    let note = staff.post(fresh_message(), Visibility::Internal, "Owes us money").await?;
    let id = fresh_message();
    staff.commit(id, &edit(id, note, "Owes us a lot")).await?;
    let id = fresh_message();
    let removed = staff.commit(id, &redact(id, note)).await?;
    let after = staff.write("One moment").await?;
    assert_eq!(after, removed.next());
    customer.holds(after).await?;
    for words in ["Owes us money", "Owes us a lot"] {
        assert!(!customer.socket.has_received(words.as_bytes()));
    }
    let seen: Vec<_> = customer.log.iter().map(|entry| entry.sequence).collect();
    assert!(!seen.contains(&note) && !seen.contains(&removed), "{seen:?}");
    drop(house);
    Ok(())
}

#[tokio::test]
async fn what_a_client_holds_and_has_read_is_told_to_the_other_side_and_kept() -> Result<()> {
    let Scene { house, visitor, ana, conversation, mut customer, mut staff } = scene().await?;
    let said = staff.write("Hello!").await?;
    customer.holds(said).await?;
    customer.socket.send(&ClientFrame::Received { upto: said }).await?;
    staff.until("the mark", |live| (live.received_by_other == said).then_some(())).await?;
    assert!(staff.read_by_other < said);
    let mut again = ana.open(conversation, None).await?;
    again.until("the mark", |live| (live.received_by_other == said).then_some(())).await?;

    staff.socket.send(&ClientFrame::Received { upto: said }).await?;
    customer.until("the mark", |live| (live.received_by_other == said).then_some(())).await?;
    // Nobody is ahead of the log.
    let refusals = customer.refused.len();
    customer.socket.send(&ClientFrame::Received { upto: said.next() }).await?;
    assert_refused(customer.refusal_after(refusals).await, ErrorCode::SequenceAhead);
    // Who only looks on reads for nobody.
    let sam = house.console(SUPERVISOR).await?;
    let mut looking = sam.open(conversation, None).await?;
    looking.until("the mark", |live| (live.received_by_other == said).then_some(())).await?;
    looking.socket.send(&ClientFrame::Read { upto: said }).await?;
    looking.socket.heartbeat().await?;
    let fresh = visitor.connect(conversation, None).await?;
    assert!(fresh.read_by_other < said && looking.refused.is_empty());
    Ok(())
}

#[tokio::test]
async fn both_sides_hear_at_once_that_the_other_is_gone_and_back() -> Result<()> {
    let Scene { house, visitor, ana, conversation, customer, mut staff } = scene().await?;
    staff.until("that they are there", |live| live.absent_until.is_none().then_some(())).await?;
    customer.socket.close().await?;
    staff.until("that they are gone", |live| live.absent_until).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    staff.until("that they are back", |live| live.absent_until.is_none().then_some(())).await?;

    let Console { desk, socket, .. } = ana;
    socket.close().await?;
    customer.until("that Ana is gone", |live| live.absent_until).await?;
    // Who comes now hears it as well.
    let mut late = visitor.connect(conversation, None).await?;
    late.until("that Ana is gone", |live| live.absent_until).await?;
    let mut ana = Console::sit_down(house.ports(), desk).await?;
    customer.until("that Ana is back", |live| live.absent_until.is_none().then_some(())).await?;

    // Somebody else's console is no matter of this customer's, and an end says by whom it came.
    house.console(BEN).await?.socket.close().await?;
    ana.command(DeskCommand::End { conversation }).await?;
    customer.stands(&Standing::Ended { by: EndedBy::Representative }).await?;
    assert_eq!(customer.absent_until, None);
    Ok(())
}

#[tokio::test]
async fn an_end_because_nobody_came_back_is_told_to_both_sides_with_the_reason() -> Result<()> {
    let house = House::open().await?;
    house.change_settings(|settings| settings.widgets[0].customer_grace = Span::from_secs(10)).await?;
    let mut ana = house.console(ANA).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;
    customer.socket.close().await?;
    let ended = Standing::Ended { by: EndedBy::Absence };
    staff.stands(&ended).await?;
    let customer = visitor.connect(conversation, None).await?;
    assert_eq!(customer.standing, ended);
    let last = customer.log.last().map(|entry| entry.content.clone());
    assert_eq!(last, Some(Content::Ended { by: EndedBy::Absence }));
    assert!(!matches!(staff.log.last().map(|entry| &entry.content), None | Some(Content::Joined)));
    Ok(())
}

#[tokio::test]
async fn changes_and_cursors_before_hello_are_refused() -> Result<()> {
    let Scene { house, visitor, conversation, .. } = scene().await?;
    let id = fresh_message();
    for frame in
        [edit(id, Sequence(2), "No"), redact(id, Sequence(2)), ClientFrame::Received { upto: Sequence(1) }]
    {
        let mut socket = visitor.socket(conversation).await?;
        socket.send(&frame).await?;
        let ServerFrame::Refused { problem, .. } = socket.next().await? else { panic!("it was taken") };
        assert_eq!(problem.code, ErrorCode::HelloExpected);
    }
    drop(house);
    Ok(())
}

/// In which tables of which objects a text stands. Rows are searched, not what is free in the files: that is overwritten
/// when it is used again.
fn stored_in(house: &House, text: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for object in ["conversations", "router", "records", "settings"] {
        for file in std::fs::read_dir(house.folder().join(object))? {
            let path = file?.path();
            if path.extension().is_none_or(|extension| extension != "sqlite") {
                continue;
            }
            let database = Connection::open(&path)?;
            let mut tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
            let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for table in tables {
                let mut statement = database.prepare(&format!("SELECT * FROM \"{table}\""))?;
                let columns = statement.column_count();
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let holds = |column| {
                        let bytes = match row.get_ref(column) {
                            Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes,
                            _ => &[],
                        };
                        bytes.windows(text.len()).any(|window| window == text.as_bytes())
                    };
                    if (0..columns).any(holds) {
                        found.push(format!("{object}: {table}"));
                    }
                }
            }
        }
    }
    Ok(found)
}

#[tokio::test]
async fn a_removed_first_message_stands_in_no_row_of_any_object() -> Result<()> {
    const SECRET: &str = "my-card-is-4929-1111";
    let mut house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Mira", "order", SECRET)).await?;
    let mut live = visitor.connect(conversation, None).await?;
    let place = live.log.iter().find(|entry| entry.text() == Some(SECRET)).map(|entry| entry.sequence);
    let place = place.context("the first message is in the log")?;
    let id = fresh_message();
    live.commit(id, &redact(id, place)).await?;
    sees(&mut live, &Content::Redacted { target: place }).await?;
    // What one object tells another may still be on its way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    house.kill().await?;
    assert_eq!(stored_in(&house, SECRET)?, [""; 0]);
    assert!(!stored_in(&house, "Mira")?.is_empty(), "what was not removed is found");
    Ok(())
}
