//! Who goes without a close: a phone in a tunnel, a laptop that is shut. The gateway finds it out by itself, and everybody
//! hears of it.

use core::time::Duration;

use anyhow::{Result, ensure};
use integration::{Console, House, Live, Proxy, answers};
use shared::protocol::live::{Content, EndedBy, Standing};
use shared::settings::Presence;
use shared::time::Span;
use xtask::demo::{ANA, BEN};
use xtask::desk::Desk;

/// How long a socket may be silent in these houses, in seconds.
const SILENCE: u64 = 5;
/// How often whoever is well says so.
const BEAT: Duration = Duration::from_secs(1);

async fn house() -> Result<House> {
    House::open_with(|options| options.silence = Some(SILENCE)).await
}

#[tokio::test]
async fn a_customer_who_goes_without_a_close_is_missed_and_the_conversation_ends() -> Result<()> {
    let house = house().await?;
    let grace = Span::from_secs(10);
    house.change_settings(|settings| settings.widgets[0].customer_grace = grace).await?;
    let proxy = Proxy::to(house.ports().gateway).await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let socket = visitor.socket_via(Some(proxy.port()), conversation).await?;
    let customer = Live::hello(socket, Some(&visitor.session.token), None).await?;
    let mut staff = ana.open(conversation, None).await?;
    staff.socket.stay(BEAT);
    ensure!(staff.absent_until.is_none(), "the customer is there");

    ensure!(proxy.silence(0, true, true), "the customer's socket goes through the proxy");
    staff.until("a word that the customer is gone", |staff| staff.absent_until).await?;
    staff.stands(&Standing::Ended { by: EndedBy::Absence }).await?;
    let why =
        |entry: &&shared::protocol::live::Entry| entry.content == Content::Ended { by: EndedBy::Absence };
    staff.until("the end in the log", |staff| staff.log.iter().find(why).map(|_| ())).await?;
    drop(customer);
    Ok(())
}

#[tokio::test]
async fn a_heartbeat_is_enough_to_stay() -> Result<()> {
    let house = house().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    customer.socket.stay(BEAT);
    let mut staff = ana.open(conversation, None).await?;
    // The one who says nothing goes, which the other hears; who only beats has been there for as long, and still is.
    customer.until("a word that Ana is gone", |customer| customer.absent_until).await?;
    let (_, ended) = staff.socket.until_ended().await?;
    ensure!(ended.reason == "nothing was heard", "{ended:?}");
    customer.write("I am still here").await?;
    Ok(())
}

#[tokio::test]
async fn the_work_of_a_desk_that_goes_without_a_close_is_offered_to_the_next() -> Result<()> {
    let house = house().await?;
    let proxy = Proxy::to(house.ports().gateway).await?;
    let mut desk = Desk::new(house.ports())?;
    ensure!(desk.sign_in(ANA.name, ANA.password).await?, "Ana could not sign in");
    let mut ana = Console::sit_down_via(Some(proxy.port()), house.ports(), desk).await?;
    ana.is(Presence::Available).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.offered(conversation).await?;

    let mut ben = house.console(BEN).await?;
    ben.socket.stay(BEAT);
    ensure!(proxy.silence(0, true, true), "Ana's desk goes through the proxy");
    // The offer would stand for a minute, longer than anything is waited for here.
    ben.accept(conversation).await?;
    // Whoever comes back finds that it is no longer theirs, and is as they were.
    let Console { desk, .. } = ana;
    let back = Console::sit_down(house.ports(), desk).await?;
    assert_eq!((back.presence.presence, back.offers.len()), (Presence::Available, 0));
    Ok(())
}
