//! What objects tell each other and cannot be carried out lies where an administrator finds it, and holds nothing up.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use integration::{Console, House, answers, assert_refused};
use reqwest::Method;
use rusqlite::Connection;
use shared::protocol::ErrorCode;
use shared::protocol::codec::to_binary;
use shared::protocol::desk::WorkState;
use shared::protocol::mail::{LetterChoice, Mail, ObjectMail};
use shared::routing::{Command, Departure};
use xtask::demo::{ADMINISTRATOR, ANA, SUPERVISOR};
use xtask::desk::Desk;

async fn administrator(house: &House) -> Result<Desk> {
    let mut desk = Desk::new(house.ports())?;
    ensure!(desk.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await?, "the administrator signs in");
    Ok(desk)
}

async fn mail(desk: &Desk) -> Result<Mail> {
    desk.ask(Method::GET, "/v1/mail", None::<&()>).await
}

/// A server whose settings object has told the router something that nobody understands.
async fn with_a_dead_letter() -> Result<House> {
    let mut house = House::open().await?;
    house.kill().await?;
    let database = Connection::open(house.database("settings")?)?;
    database.execute("INSERT INTO outbox (target, effect) VALUES ('demo/router', ?)", [vec![0xff_u8; 40]])?;
    drop(database);
    house.restart().await?;
    Ok(house)
}

/// Waits until something lies dead, which a change of the settings brings about: it wakes the object.
async fn dead(house: &House, desk: &Desk) -> Result<ObjectMail> {
    house.change_settings(|settings| settings.organisation.push('.')).await?;
    for _ in 0..100 {
        if let Some(found) = mail(desk).await?.objects.into_iter().find(|mail| !mail.dead.is_empty()) {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("nothing lies dead")
}

#[tokio::test]
async fn what_cannot_be_read_lies_dead_and_holds_nothing_up() -> Result<()> {
    let house = with_a_dead_letter().await?;
    let desk = administrator(&house).await?;
    let found = dead(&house, &desk).await?;
    assert_eq!(found.object, "router");
    let [letter] = found.dead.as_slice() else { anyhow::bail!("one letter: {found:?}") };
    assert_eq!((letter.bytes, letter.from.as_str()), (40, "demo/settings"));
    // What was told after it has arrived: the settings reach the router, and work is offered.
    let mut ana = house.console(ANA).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;

    let choice = LetterChoice { object: found.object.clone(), number: letter.number };
    let again: Result<ObjectMail> = desk.ask(Method::POST, "/v1/mail/again", Some(&choice)).await;
    assert_refused(again, ErrorCode::Malformed);
    assert_eq!(mail(&desk).await?.objects, std::slice::from_ref(&found), "it stays where it is");
    let left: ObjectMail = desk.ask(Method::POST, "/v1/mail/discard", Some(&choice)).await?;
    assert!(left.dead.is_empty());
    assert_eq!(mail(&desk).await?, Mail::default());
    let twice: Result<ObjectMail> = desk.ask(Method::POST, "/v1/mail/discard", Some(&choice)).await;
    assert_refused(twice, ErrorCode::NotFound);
    Ok(())
}

/// A command to the router, as an object of this version or of an earlier one tells it.
fn told_to_router(command: &Command) -> Result<Vec<u8>> {
    let kept = include_str!("../../../gateway/fixtures/told_to_router.v1.txt");
    // Of a sample that is a command: the version, and which kind it is.
    let is_hex = |line: &&str| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    let sample = kept.lines().map(str::trim).find(is_hex);
    let head = sample.and_then(|digits| digits.get(..4)).context("a sample")?;
    let mut bytes = vec![u8::from_str_radix(&head[..2], 16)?, u8::from_str_radix(&head[2..], 16)?];
    bytes.extend(to_binary(command));
    Ok(bytes)
}

#[tokio::test]
async fn what_can_be_carried_out_now_is_tried_again_done_once_and_gone() -> Result<()> {
    let mut house = House::open().await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let mut ana = house.console(ANA).await?;
    ana.accept(conversation).await?;

    // A fault that is mended since kept the router from hearing that the customer has left.
    house.kill().await?;
    let left = Command::CustomerLeft { conversation, how: Departure::Ended };
    let database = Connection::open(house.database("router")?)?;
    database.execute(
        "INSERT INTO dead_letters (at, source, effect_number, reason, effect) VALUES (?, ?, 7, ?, ?)",
        (1_790_000_000_000_i64, "demo/conversations/0", "A fault of ours.", told_to_router(&left)?),
    )?;
    drop(database);
    house.restart().await?;

    let desk = administrator(&house).await?;
    let [found] = &mail(&desk).await?.objects[..] else { anyhow::bail!("one object has mail") };
    let [letter] = found.dead.as_slice() else { anyhow::bail!("one letter: {found:?}") };
    assert_eq!((letter.from.as_str(), letter.reason.as_str()), ("demo/conversations/0", "A fault of ours."));
    let choice = LetterChoice { object: found.object.clone(), number: letter.number };
    let left: ObjectMail = desk.ask(Method::POST, "/v1/mail/again", Some(&choice)).await?;
    assert!(left.dead.is_empty(), "{left:?}");
    assert_eq!(mail(&desk).await?, Mail::default());
    let twice: Result<ObjectMail> = desk.ask(Method::POST, "/v1/mail/again", Some(&choice)).await;
    assert_refused(twice, ErrorCode::NotFound);
    let mut ana = house.console(ANA).await?;
    ana.work_is(conversation, WorkState::WrapUp).await?;
    Ok(())
}

#[tokio::test]
async fn mail_is_for_administrators_and_of_objects_that_exist() -> Result<()> {
    let house = House::open().await?;
    for account in [ANA, SUPERVISOR] {
        let Console { desk, .. } = house.console(account).await?;
        assert_refused(mail(&desk).await, ErrorCode::NotPermitted);
    }
    let desk = administrator(&house).await?;
    assert_eq!(mail(&desk).await?, Mail::default(), "a sound server has none");
    for object in ["", "other", "conversations/4095", "conversations/x", "../router", "router/1"] {
        let choice = LetterChoice { object: object.to_owned(), number: 1 };
        let asked: Result<ObjectMail> = desk.ask(Method::POST, "/v1/mail/discard", Some(&choice)).await;
        assert_refused(asked, ErrorCode::NotFound);
    }
    Ok(())
}
