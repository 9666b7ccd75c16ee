//! What objects tell each other and cannot be carried out lies where an administrator finds it, and holds nothing up.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use integration::{Console, House, answers, assert_refused};
use reqwest::Method;
use rusqlite::Connection;
use shared::protocol::ErrorCode;
use shared::protocol::mail::{LetterChoice, Mail, ObjectMail};
use xtask::demo::{ADMINISTRATOR, ANA, SUPERVISOR};
use xtask::desk::Desk;

/// The database of the settings object, while nobody has it open.
fn settings_of(house: &House) -> Result<PathBuf> {
    let folder = house.folder().join("settings");
    let files = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let mut databases = paths.filter(|path| {
        let name = path.file_name().unwrap_or_default();
        path.extension().is_some_and(|extension| extension == "sqlite") && name != "metadata.sqlite"
    });
    databases.next().context("the settings object has a database")
}

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
    let database = Connection::open(settings_of(&house)?)?;
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
