//! Fifty conversations under traffic while the server is killed again and again and the network between is cut, one-sided
//! or gone: afterwards every client's log is the server's, each message stands there once and in the order of writing.
//!
//! `cargo test -p integration --test chaos -- --nocapture` prints the table.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context as _, Result, ensure};
use integration::{Chat, House, Proxy, Way, answers};
use shared::id::{ConversationId, MessageId};
use shared::protocol::codec::Codec;
use shared::protocol::live::{Entry, Sequence, Visibility};
use shared::settings::Units;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use xtask::demo::ANA;

const CONVERSATIONS: u32 = 50;
const DEATHS: usize = 20;
/// How long a client does nothing between two things that it does.
const PAUSE: Duration = Duration::from_millis(120);
/// How long the server lives between two deaths, from the shortest to the longest time.
const LIFE_MS: (u64, u64) = (300, 1_500);
/// How long clients may take to be in step again when all is well.
const LIMIT: Duration = Duration::from_secs(90);

/// What one client knows at the end.
struct Known {
    who: String,
    conversation: ConversationId,
    chat: Chat,
    crashes: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_out_of_order_whatever_dies_or_is_cut() -> Result<()> {
    let mut house = House::open().await?;
    let proxy = Proxy::to(house.ports().gateway).await?;
    let ways = begin(&house, &proxy).await?;
    let (trouble, troubled) = watch::channel(true);
    let clients: Vec<JoinHandle<Result<Known>>> = ways
        .into_iter()
        .zip(1..)
        .map(|((who, way), seed)| tokio::spawn(talk(who, way, seed, troubled.clone())))
        .collect();
    let mut dice = Dice(0x9e37_79b9);
    let mut table = Table::default();
    while table.deaths < DEATHS {
        let life = dice.between(LIFE_MS.0, LIFE_MS.1);
        let mut lived = 0;
        while lived < life {
            let nap = dice.between(10, 80);
            tokio::time::sleep(Duration::from_millis(nap)).await;
            lived += nap;
            let choice = usize::try_from(dice.next())?;
            match dice.below(6) {
                0 | 1 => table.cuts += usize::from(proxy.cut(choice)),
                2 => table.silenced += usize::from(proxy.silence(choice, true, false)),
                3 => table.silenced += usize::from(proxy.silence(choice, false, true)),
                4 => table.silenced += usize::from(proxy.silence(choice, true, true)),
                _ => {}
            }
        }
        house.kill().await?;
        house.restart().await?;
        table.deaths += 1;
    }
    proxy.cut_all();
    trouble.send_replace(false);
    let mut known = Vec::new();
    for client in clients {
        known.push(client.await??);
    }
    let mut logs = BTreeMap::new();
    for client in &mut known {
        settle(client).await?;
        logs.entry(client.conversation).or_insert_with(Vec::new).push(client.chat.held());
    }
    // Whoever was done first has not heard what others still had to say.
    for client in &mut known {
        let last = logs[&client.conversation].iter().copied().max().unwrap_or_default();
        let all = client.chat.settle(|chat| chat.held() >= last, LIMIT).await;
        all.with_context(|| client.who.clone())?;
    }
    house.kill().await?;
    house.restart().await?;
    compare(&known, &mut table).await?;
    println!("{table}");
    ensure!(table.lost == 0 && table.doubled == 0 && table.out_of_order == 0, "{table}");
    ensure!(table.stored == table.sent, "everything that was written is stored: {table}");
    ensure!(table.acknowledged > 0 && table.crashes > 0 && table.cuts > 0 && table.silenced > 0, "{table}");
    Ok(())
}

/// Every conversation is begun and accepted; gives the ways of both sides, over the bad network.
async fn begin(house: &House, proxy: &Proxy) -> Result<Vec<(String, Way)>> {
    house
        .change_settings(|settings| {
            for workstream in &mut settings.workstreams {
                workstream.cost = Units(1);
            }
            settings.desk.most_sessions = 100;
        })
        .await?;
    let mut ana = house.console(ANA).await?;
    let cookie = ana.desk.cookie().context("she has signed in")?.to_owned();
    let mut ways = Vec::new();
    for number in 0..CONVERSATIONS {
        let visitor = house.visitor().await?;
        let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
        ana.accept(conversation).await?;
        let via = Some(proxy.port());
        let (chat, desk) = (house.ports().chat(), house.ports().desk());
        let token = Some(visitor.session.token.clone());
        let (codec, cookie) = (Codec::Binary, Some(cookie.clone()));
        ways.push((
            format!("customer {number}"),
            Way { origin: chat, via, conversation, codec, cookie: None, token },
        ));
        let codec = Codec::Json;
        ways.push((
            format!("representative {number}"),
            Way { origin: desk, via, conversation, codec, cookie, token: None },
        ));
    }
    Ok(ways)
}

/// A client that writes, looks, and crashes now and then, as long as there is trouble.
async fn talk(who: String, way: Way, seed: u32, troubled: watch::Receiver<bool>) -> Result<Known> {
    let conversation = way.conversation;
    let mut dice = Dice(u64::from(seed).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut chat = Chat::open(way, seed).await?;
    let (mut crashes, mut number) = (0, 0);
    while *troubled.borrow() {
        let pause = PAUSE.saturating_mul(u32::try_from(dice.between(1, 4))?);
        chat.live_for(pause).await?;
        match dice.below(40) {
            0 => {
                chat.crash().await?;
                crashes += 1;
            }
            1..8 => chat.wake().await?,
            _ => {
                number += 1;
                chat.write(Visibility::Public, format!("{who}: {number}")).await?;
            }
        }
    }
    chat.wake().await?;
    Ok(Known { who, conversation, chat, crashes })
}

async fn settle(client: &mut Known) -> Result<()> {
    let settled = client.chat.settle(|_| true, LIMIT).await;
    settled.with_context(|| client.who.clone())
}

/// Compares what clients were told with the log of the server, as its last life has it.
async fn compare(known: &[Known], table: &mut Table) -> Result<()> {
    for client in known {
        let fresh = client.chat.again().await?;
        let log = fresh.entries();
        let numbers: Vec<_> = log.iter().map(|entry| entry.sequence).collect();
        let expected: Vec<_> = (1..=fresh.held().0).map(Sequence).collect();
        ensure!(numbers == expected, "the log of {} is not contiguous: {numbers:?}", client.who);
        ensure!(client.chat.entries() == log, "{} shows something else than the log", client.who);
        table.take(client, log);
    }
    Ok(())
}

/// What came of it.
#[derive(Debug, Default)]
struct Table {
    deaths: usize,
    cuts: usize,
    silenced: usize,
    crashes: usize,
    sockets: usize,
    sent: usize,
    acknowledged: usize,
    stored: usize,
    lost: usize,
    doubled: usize,
    out_of_order: usize,
}

impl Table {
    fn take(&mut self, client: &Known, log: &[Entry]) {
        let mine: BTreeSet<MessageId> = client.chat.written.iter().map(|written| written.message).collect();
        let places: Vec<(MessageId, Sequence)> = log
            .iter()
            .filter_map(|entry| Some((entry.message?, entry.sequence)))
            .filter(|(message, _)| mine.contains(message))
            .collect();
        let once: BTreeMap<_, _> = places.iter().copied().collect();
        let accepted = &client.chat.accepted;
        self.crashes += client.crashes;
        self.sockets += client.chat.sockets;
        self.sent += mine.len();
        self.acknowledged += accepted.len();
        self.stored += once.len();
        self.doubled += places.len() - once.len();
        self.lost += accepted.iter().filter(|(message, place)| once.get(message) != Some(place)).count();
        let in_order: Vec<_> =
            client.chat.written.iter().filter_map(|written| once.get(&written.message)).collect();
        self.out_of_order += in_order.windows(2).filter(|pair| pair[0] > pair[1]).count();
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { deaths, cuts, silenced, crashes, sockets, .. } = self;
        writeln!(
            f,
            "{CONVERSATIONS} conversations, {deaths} deaths of the server, {cuts} sockets cut, {silenced} silenced,"
        )?;
        writeln!(f, "{crashes} tabs crashed, {sockets} sockets opened\n")?;
        for (name, count) in [
            ("sent", self.sent),
            ("acknowledged", self.acknowledged),
            ("stored", self.stored),
            ("lost", self.lost),
            ("doubled", self.doubled),
            ("out of order", self.out_of_order),
        ] {
            writeln!(f, "{name:<14}{count:>8}")?;
        }
        Ok(())
    }
}

/// A small generator (splitmix), so that a run can be told from another by nothing but the machine's timing.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(u32::MAX)
    }

    fn below(&mut self, bound: u64) -> u64 {
        u64::from(self.next()) % bound
    }

    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }
}
