//! SIGKILL in the middle of traffic: what was acknowledged is there once, and everybody goes on by themselves.

use core::time::Duration;
use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use integration::{Console, House, Live, Visitor, answers, fresh_message};
use reqwest::Method;
use rusqlite::Connection;
use shared::id::{ConversationId, MessageId};
use shared::protocol::desk::{DeskCommand, WorkState};
use shared::protocol::http::{Me, SettingsDocument};
use shared::protocol::live::{ClientFrame, EndedBy, Entry, Sequence, Standing, Visibility};
use shared::settings::{Presence, Units};
use shared::text::Line;
use shared::time::Span;
use tokio::sync::watch;
use tokio::time::timeout;
use xtask::demo::{ADMINISTRATOR, ANA, BEN};
use xtask::desk::Desk;

/// Messages of each side, and how many of both are accepted between two deaths of the server.
const MESSAGES: usize = 120;
const DEATHS: usize = 5;
const BETWEEN: usize = 37;
/// Messages on their way at once, so that a death finds some unacknowledged.
const WINDOW: usize = 4;
/// How long somebody waits for what must come.
const LIMIT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn what_was_acknowledged_survives_every_death_of_the_server() -> Result<()> {
    let mut house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let standing = Standing::InConversation { with: "Ana Lindqvist".to_owned() };
    ana.open(conversation, None).await?.stands(&standing).await?;

    let (accepted, mut so_far) = watch::channel(0_usize);
    // Which life of the server it is; clients that lost theirs wait for the next one.
    let (life, lives) = watch::channel(0_usize);
    let customer = Talker::new("customer", &accepted, lives.clone());
    let staff = Talker::new("staff", &accepted, lives);
    let deaths = async {
        for death in 1..=DEATHS {
            let enough = timeout(LIMIT, so_far.wait_for(|accepted| *accepted >= death * BETWEEN));
            drop(enough.await.context("the traffic stopped")??);
            house.kill().await?;
            house.restart().await?;
            life.send(death)?;
        }
        // The last life outlasts the traffic.
        anyhow::Ok(life)
    };
    let talk = async {
        tokio::try_join!(
            customer.talk(|held| visitor.connect(conversation, held)),
            staff.talk(|held| ana.open(conversation, held)),
        )
    };
    let (life, (customer, staff)) = tokio::try_join!(deaths, talk)?;
    drop(life);

    let log = visitor.connect(conversation, Some(Sequence::START)).await?.log;
    let numbers: Vec<u32> = log.iter().map(|entry| entry.sequence.0).collect();
    let all = u32::try_from(3 + 2 * MESSAGES)?;
    assert_eq!(numbers, (1..=all).collect::<Vec<_>>(), "contiguous, and nothing twice");
    for told in [&customer, &staff] {
        for (message, sequence) in &told.accepted {
            let at: Vec<&Entry> = log.iter().filter(|entry| entry.message == Some(*message)).collect();
            assert_eq!(at.len(), 1, "{message} is there once");
            assert_eq!(at[0].sequence, *sequence, "and where the acknowledgement said");
        }
        assert_eq!(told.accepted.len(), MESSAGES);
        assert!(told.lives > 1, "no death was noticed");
    }
    // What each of them put together from many sockets is the log.
    assert_eq!(customer.seen, log);
    let places =
        |entries: &[Entry]| entries.iter().map(|entry| (entry.sequence, entry.message)).collect::<Vec<_>>();
    assert_eq!(places(&staff.seen), places(&log));
    Ok(())
}

/// A client that writes its messages whatever happens to the server.
struct Talker<'test> {
    waiting: Vec<(MessageId, String)>,
    accepted: &'test watch::Sender<usize>,
    lives: watch::Receiver<usize>,
}

/// What a client was told, and what it saw.
struct Told {
    accepted: BTreeMap<MessageId, Sequence>,
    seen: Vec<Entry>,
    /// In how many lives of the server it had a socket.
    lives: usize,
}

impl<'test> Talker<'test> {
    fn new(name: &str, accepted: &'test watch::Sender<usize>, lives: watch::Receiver<usize>) -> Self {
        let message = |number| (fresh_message(), format!("{name} {number}"));
        Self { waiting: (0..MESSAGES).map(message).collect(), accepted, lives }
    }

    async fn talk(mut self, connect: impl AsyncFn(Option<Sequence>) -> Result<Live>) -> Result<Told> {
        let mut told = Told { accepted: BTreeMap::new(), seen: Vec::new(), lives: 0 };
        loop {
            let life = *self.lives.borrow_and_update();
            let held = told.seen.last().map_or(Sequence::START, |entry| entry.sequence);
            // A death can come at any moment: also while the socket opens.
            if let Ok(mut live) = connect(Some(held)).await {
                told.lives += 1;
                let ended = self.write(&mut live, &mut told).await;
                told.seen.append(&mut live.log);
                if ended.is_ok() {
                    return Ok(told);
                }
            }
            let next = timeout(LIMIT, self.lives.wait_for(|now| *now > life));
            drop(next.await.context("the server did not come back")??);
        }
    }

    /// Sends what was not accepted, a few at a time, until everything was accepted and seen.
    async fn write(&mut self, live: &mut Live, told: &mut Told) -> Result<()> {
        let mut sent = 0;
        loop {
            while sent < self.waiting.len().min(WINDOW) {
                let (message, text) = self.waiting[sent].clone();
                live.socket
                    .send(&ClientFrame::Send { message, visibility: Visibility::Public, text })
                    .await?;
                sent += 1;
            }
            if self.waiting.is_empty() {
                let all = Sequence(u32::try_from(3 + 2 * MESSAGES)?);
                return live.holds(all).await;
            }
            live.take().await?;
            while let Some((message, sequence)) = live.accepted.pop_first() {
                let before = self.waiting.len();
                self.waiting.retain(|(waiting, _)| *waiting != message);
                sent -= before - self.waiting.len();
                told.accepted.insert(message, sequence);
                self.accepted.send_modify(|accepted| *accepted += 1);
            }
            anyhow::ensure!(live.refused.is_empty(), "refused: {:?}", live.refused);
        }
    }
}

/// The visitor's and the representative's conversation, as they find it after a death.
async fn both(visitor: &Visitor, ana: &Console, conversation: ConversationId) -> Result<(Live, Live)> {
    tokio::try_join!(visitor.connect(conversation, None), ana.open(conversation, None))
}

#[tokio::test]
async fn work_offers_sessions_and_settings_survive_a_death() -> Result<()> {
    let mut house = House::open().await?;
    let title = Line::new("Changed before the death")?;
    house.change_settings(|settings| settings.widgets[0].title = title.clone()).await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let active = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(active).await?;
    ana.work_is(active, WorkState::Active).await?;
    // One in wrap-up, one that waits for somebody who is not there.
    let finishing = house.visitor().await?.start(answers("Bob", "order", "Hello")).await?;
    ana.accept(finishing).await?;
    ana.command(DeskCommand::End { conversation: finishing }).await?;
    ana.work_is(finishing, WorkState::WrapUp).await?;
    let waiting = house.visitor().await?.start(answers("Cem", "order", "Hello")).await?;
    ana.work_is(waiting, WorkState::Open).await?;

    house.kill().await?;
    house.restart().await?;

    // The session holds, the work stands, capacity is still in use.
    let Console { desk, .. } = ana;
    let mut ana = Console::sit_down(house.ports(), desk).await?;
    ana.work_is(active, WorkState::Active).await?;
    ana.work_is(finishing, WorkState::WrapUp).await?;
    ana.work_is(waiting, WorkState::Open).await?;
    assert_eq!(ana.presence.used, Units(100));
    ana.is(Presence::DoNotDisturb).await?;
    let (mut customer, mut staff) = both(&visitor, &ana, active).await?;
    staff.write("Still here").await?;
    customer.sees("Still here").await?;

    // What waited is offered, and an offer that a death interrupts is offered again.
    let mut ben = house.console(BEN).await?;
    ben.offered(waiting).await?;
    house.kill().await?;
    house.restart().await?;
    let mut ben = Console::sit_down(house.ports(), ben.desk).await?;
    ben.accept(waiting).await?;
    let mut ana = Console::sit_down(house.ports(), ana.desk).await?;
    ana.command(DeskCommand::Close { conversation: finishing }).await?;

    let me: Me = ana.desk.ask(Method::GET, "/v1/staff/me", None::<&()>).await?;
    assert_eq!(me.name, ANA.name);
    let mut desk = Desk::new(house.ports())?;
    assert!(desk.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await?, "accounts are there");
    let document: SettingsDocument = desk.ask(Method::GET, "/v1/settings", None::<&()>).await?;
    assert_eq!(document.settings.widgets[0].title, title);
    assert_eq!(house.visitor().await?.current().await?, None);
    assert_eq!(visitor.current().await?, Some(active));
    Ok(())
}

#[tokio::test]
async fn a_customer_who_stays_away_has_left_also_when_the_server_died_meanwhile() -> Result<()> {
    let mut house = House::open().await?;
    house.change_settings(|settings| settings.widgets[0].customer_grace = Span::from_secs(10)).await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    ana.work_is(conversation, WorkState::Active).await?;
    customer.socket.close().await?;
    // The same object answers this after it has written down that the socket is gone.
    visitor.current().await?;
    house.kill().await?;
    house.restart().await?;

    // Nobody touches the conversation: its own alarm, which is on disk, ends it.
    let mut ana = Console::sit_down(house.ports(), ana.desk).await?;
    ana.work_is(conversation, WorkState::WrapUp).await?;
    let staff = ana.open(conversation, None).await?;
    assert_eq!(staff.standing, Standing::Ended { by: EndedBy::Absence });
    Ok(())
}

#[tokio::test]
async fn a_row_that_cannot_be_read_takes_no_other_conversation_with_it() -> Result<()> {
    let mut house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    house.kill().await?;
    // Somebody is believed to be there of whom nothing can be read.
    let unreadable = "INSERT INTO heads (conversation, head, connections) VALUES (x'ff', x'ff', 1)";
    assert_eq!(Connection::open(house.database("conversations")?)?.execute(unreadable, [])?, 1);
    house.restart().await?;
    assert_eq!(visitor.current().await?, Some(conversation));
    visitor.connect(conversation, None).await?.write("Here again").await?;
    Ok(())
}
