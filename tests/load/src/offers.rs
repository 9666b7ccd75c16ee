//! How long a new chat takes from the visitor's request to the offer on a representative's socket, and one that waits from the
//! save of settings by which somebody can have it.

use std::time::Duration;

use anyhow::{Result, ensure};
use integration::{Console, House, answers};
use shared::id::{ConversationId, OfferId, RepresentativeId};
use shared::limit::FRAME_RATE;
use shared::protocol::desk::{DeskCommand, WorkState};
use shared::protocol::http::SettingsDocument;
use tokio::time::Instant;
use xtask::demo::{ADMINISTRATOR, ANA, QUEUE_ORDERS};
use xtask::desk::Desk;

use crate::run::Run;

/// Chats, one after the other: their commands stay below what one representative may send at once.
const CHATS: usize = 75;
const COMMANDS_PER_CHAT: usize = 3;
const _: () =
    assert!(CHATS * COMMANDS_PER_CHAT < FRAME_RATE.burst as usize, "the benchmark would measure the limit");

/// Starts chats and waits for their offers; each is taken, ended and closed before the next.
pub(crate) async fn measure() -> Result<Run> {
    let house = House::open().await?;
    let start = Instant::now();
    let mut latencies = Vec::with_capacity(CHATS);
    let mut ana = house.console(ANA).await?;
    for _ in 0..CHATS {
        latencies.push(offer_one(&house, &mut ana).await?);
    }
    Ok(Run::new(latencies, start.elapsed(), Duration::ZERO))
}

/// How often settings are saved.
const SAVES: usize = 20;

/// Saves settings by which a representative serves the queue in which a chat waits, and waits for the offer.
pub(crate) async fn measure_saves() -> Result<Run> {
    let house = House::open().await?;
    let start = Instant::now();
    let mut latencies = Vec::with_capacity(SAVES);
    let mut ana = house.console(ANA).await?;
    let who = ana.me.representative;
    let mut administrator = Desk::new(house.ports())?;
    ensure!(administrator.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await?, "they may sign in");
    let mut document = administrator.settings().await?;
    for _ in 0..SAVES {
        serve(&mut document, who, false);
        document.version = administrator.change_settings(&document).await?.version;
        let conversation = house.visitor().await?.start(answers("Ada", "order", "Where is it?")).await?;
        serve(&mut document, who, true);
        let saved = Instant::now();
        document.version = administrator.change_settings(&document).await?.version;
        let offer = ana.offered(conversation).await?.offer;
        latencies.push(saved.elapsed());
        take_and_close(&mut ana, conversation, offer).await?;
    }
    Ok(Run::new(latencies, start.elapsed(), Duration::ZERO))
}

/// From now on somebody serves the queue for orders, or does not.
fn serve(document: &mut SettingsDocument, who: RepresentativeId, serves: bool) {
    for queue in document.settings.queues.iter_mut().filter(|queue| queue.id == QUEUE_ORDERS) {
        queue.members.retain(|member| *member != who);
        queue.members.extend(serves.then_some(who));
    }
}

async fn offer_one(house: &House, ana: &mut Console) -> Result<Duration> {
    let visitor = house.visitor().await?;
    let sent = Instant::now();
    let conversation = visitor.start(answers("Ada", "order", "Where is my order?")).await?;
    let offer = ana.offered(conversation).await?.offer;
    let took = sent.elapsed();
    take_and_close(ana, conversation, offer).await?;
    Ok(took)
}

async fn take_and_close(ana: &mut Console, conversation: ConversationId, offer: OfferId) -> Result<()> {
    ana.command(DeskCommand::Accept { offer }).await?;
    ana.work_is(conversation, WorkState::Active).await?;
    ana.command(DeskCommand::End { conversation }).await?;
    ana.work_is(conversation, WorkState::WrapUp).await?;
    ana.command(DeskCommand::Close { conversation }).await?;
    Ok(())
}
