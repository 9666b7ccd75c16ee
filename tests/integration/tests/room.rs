//! At the limit of file descriptors the gateway turns newcomers away in time and says when to come back; whoever is there
//! stays, and who leaves makes room.

use anyhow::{Context as _, Result, ensure};
use integration::{ADDRESS_HEADER, House, Live, Socket, Visitor, answers};
use reqwest::{Method, StatusCode, header};
use shared::id::ConversationId;
use shared::limit::{SOCKETS_PER_ADDRESS_MAX, SOCKETS_PER_PARTICIPANT_MAX};
use shared::protocol::codec::Codec;
use shared::protocol::desk::DeskCommand;
use shared::settings::Presence;
use tokio::time::{Duration, sleep, timeout};
use xtask::demo::ANA;

/// Descriptors of the server: it needs some forty for itself.
const FILES: u64 = 256;
/// More sockets than there can be room for.
const CROWD: usize = 128;
/// How long the gateway may take to notice that sockets are gone.
const LIMIT: Duration = Duration::from_secs(30);

/// Opens sockets of one visitor after another until one is turned away. Gives those that are open.
async fn fill(house: &House) -> Result<Vec<Live>> {
    let mut open = Vec::new();
    for _ in 0..CROWD {
        let Ok(visitor) = house.visitor().await else { return Ok(open) };
        let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
        match visitor.connect(conversation, None).await {
            Ok(live) => open.push(live),
            Err(_) => return Ok(open),
        }
    }
    anyhow::bail!("{CROWD} sockets found room")
}

/// Waits until a new visitor finds room.
async fn room(house: &House) -> Result<(Visitor, Live)> {
    let found = timeout(LIMIT, async {
        loop {
            if let Ok(visitor) = house.visitor().await {
                let conversation = visitor.start(answers("Zoe", "order", "Hello")).await?;
                let live = visitor.connect(conversation, None).await?;
                return anyhow::Ok((visitor, live));
            }
            sleep(Duration::from_millis(100)).await;
        }
    });
    found.await?
}

#[tokio::test]
async fn at_the_limit_of_descriptors_newcomers_are_told_when_to_come_back_and_the_others_go_on() -> Result<()>
{
    let house = House::open_with(|options| options.open_files = Some(FILES)).await?;
    let early = house.visitor().await?;
    let mut open = fill(&house).await?;
    ensure!(open.len() > 60, "the limit leaves room for many: {}", open.len());

    // In words, with a status and a time, for each of the ways in.
    let session =
        house.chat(Method::POST, "/v1/visitors").header(header::ORIGIN, house.ports().chat()).send().await?;
    let upgrade = house
        .chat(Method::GET, "/v1/conversations/00000000-0000-7000-8000-000000000000/socket")
        .header(header::ORIGIN, house.ports().chat())
        .header(header::UPGRADE, "websocket")
        .header(header::CONNECTION, "upgrade")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", "throughline.v1.bin")
        .send()
        .await?;
    for refused in [session, upgrade] {
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
        let wait =
            refused.headers().get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        assert!(wait.is_some_and(|wait: u64| (1..=60).contains(&wait)), "{refused:?}");
        let body = refused.text().await?;
        assert!(body.contains("overloaded"), "{body}");
    }

    // Whoever is there goes on, and the staff still find room.
    for live in &mut open {
        live.write("I am still here").await?;
    }
    let mut ana = house.console(ANA).await?;
    ana.command(DeskCommand::SetPresence { presence: Presence::Available }).await?;
    // Who has a session is not refused a conversation, only a socket for now.
    let conversation = early.start(answers("Ada", "order", "Hello")).await?;
    ensure!(early.connect(conversation, None).await.is_err(), "there is no room for a socket");

    // Who leaves makes room.
    let left = open.split_off(open.len() / 2);
    for live in left {
        live.socket.close().await?;
    }
    let (_, mut late) = room(&house).await?;
    late.write("There was room after a while").await?;
    Ok(())
}

/// Somebody at this address opens a socket and says hello.
async fn connect_from(
    house: &House,
    visitor: &Visitor,
    conversation: ConversationId,
    address: &str,
) -> Result<Live> {
    let path = format!("/v1/conversations/{conversation}/socket");
    let socket =
        Socket::open(&house.ports().chat(), &path, Codec::Binary, &[(ADDRESS_HEADER, address)]).await?;
    Live::hello(socket, Some(&visitor.session.token), None).await
}

#[tokio::test]
async fn one_address_does_not_get_all_sockets_of_a_shard_also_when_they_all_say_who_they_are() -> Result<()> {
    let house = House::open_with(|options| options.address_header = Some(ADDRESS_HEADER.to_owned())).await?;
    let (crowd, elsewhere) = ("192.0.2.7", "192.0.2.8");
    let mut open = Vec::new();
    let mut last = None;
    while open.len() < SOCKETS_PER_ADDRESS_MAX {
        let visitor = house.visitor().await?;
        let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
        for _ in 0..SOCKETS_PER_PARTICIPANT_MAX.min(SOCKETS_PER_ADDRESS_MAX - open.len()) {
            open.push(connect_from(&house, &visitor, conversation, crowd).await?);
        }
        last = Some((visitor, conversation));
    }
    let (visitor, conversation) = last.context("a visitor")?;
    let refused = connect_from(&house, &visitor, conversation, crowd).await.unwrap_err();
    assert!(refused.to_string().contains("429"), "{refused}");
    // Whoever is there goes on, and others find room, from elsewhere or when somebody leaves.
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Zoe", "order", "Hello")).await?;
    connect_from(&house, &visitor, conversation, elsewhere).await?.write("From elsewhere").await?;
    let mut leaving = open.pop().context("a socket")?;
    leaving.write("I am still here").await?;
    leaving.socket.close().await?;
    timeout(LIMIT, async {
        while connect_from(&house, &visitor, conversation, crowd).await.is_err() {
            sleep(Duration::from_millis(100)).await;
        }
    })
    .await?;
    Ok(())
}
