//! Accounts, sessions and settings of the staff.

use core::time::Duration;

use anyhow::{Context as _, Result};
use integration::{Console, House, assert_refused, problem_of, refusal};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use rusqlite::Connection;
use serde_json::json;
use shared::authority::Role;
use shared::id::RepresentativeId;
use shared::limit::SETTINGS_BYTES_MAX;
use shared::protocol::ErrorCode;
use shared::protocol::http::{AuditLine, CreateAccount, CreatedAccount, Me, SettingsDocument};
use shared::settings::{Presence, Representative, SettingsVersion};
use xtask::demo::{ADMINISTRATOR, ANA, PASSWORD, SUPERVISOR};
use xtask::desk::Desk;

const LIMIT: Duration = Duration::from_secs(30);

async fn administrator(house: &House) -> Result<Desk> {
    let mut desk = Desk::new(house.ports())?;
    assert!(desk.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await?);
    Ok(desk)
}

#[tokio::test]
async fn the_first_administrators_link_works_once() -> Result<()> {
    let mut house = House::empty().await?;
    let secret = house.server()?.setup_secret(LIMIT).await.context("no link was printed")?;
    let mut desk = Desk::new(house.ports())?;
    // A password that will not do does not use the link up.
    assert_refused(desk.set_up(&secret, "short").await, ErrorCode::PasswordRefused);
    assert_refused(desk.set_up(&secret, &"x".repeat(201)).await, ErrorCode::PasswordRefused);
    assert_refused(desk.set_up("not the secret", PASSWORD).await, ErrorCode::SetupRefused);
    desk.set_up(&secret, PASSWORD).await?;
    let me: Me = desk.ask(Method::GET, "/v1/staff/me", None::<&()>).await?;
    assert_eq!((me.name.as_str(), me.role), ("admin", Role::Administrator));
    assert_refused(
        Desk::new(house.ports())?.set_up(&secret, "another password").await,
        ErrorCode::SetupRefused,
    );
    assert!(Desk::new(house.ports())?.sign_in("admin", PASSWORD).await?);

    // With an administrator, no start prints another one.
    house.kill().await?;
    house.restart().await?;
    assert!(Desk::new(house.ports())?.sign_in("admin", PASSWORD).await?);
    assert!(!house.server()?.output().contains("/setup#"), "{}", house.server()?.output());
    Ok(())
}

#[tokio::test]
async fn a_session_is_a_cookie_that_no_script_and_no_other_site_can_use() -> Result<()> {
    let house = House::open().await?;
    let sign_in = |password: &str| {
        let body = json!({ "name": "ANA", "password": password });
        house.desk(Method::POST, "/v1/staff/sign-in").json(&body)
    };
    for wrong in ["", "demo-passwor", &"x".repeat(5_000)] {
        let answer = sign_in(wrong).send().await?;
        assert!(answer.headers().get(SET_COOKIE).is_none());
        assert_refused::<()>(Err(problem_of(answer).await?.into()), ErrorCode::WrongPassword);
    }
    let answer = sign_in(PASSWORD).send().await?.error_for_status()?;
    let cookie = answer.headers()[SET_COOKIE].to_str()?.to_owned();
    let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
    assert_eq!(attributes, ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict"]);
    let body = answer.text().await?;
    let (_, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).context("a cookie")?;
    assert!(value.len() >= 43 && !body.contains(value), "256 bits, and nowhere else");
    Ok(())
}

/// When a session ends if it is not used until then, and however much it is.
const EXPIRES: &str = "expires";
const ENDS: &str = "ends";
const HOUR_MS: i64 = 3_600_000;

/// When the last of Ana's sessions ends if it is not used, as the database has it, and another moment in place of all
/// their ends: the demonstration has left one of hers behind. In the same way for the end that nothing puts off.
fn set(house: &House, end: &str, then: impl FnOnce(i64) -> i64) -> Result<i64> {
    let database = accounts(house)?;
    let ana = "representative = (SELECT representative FROM accounts WHERE name = 'ana')";
    let last = format!("SELECT max({end}) FROM staff_sessions WHERE {ana}");
    let before = database.query_row(&last, [], |row| row.get(0))?;
    database.execute(&format!("UPDATE staff_sessions SET {end} = ? WHERE {ana}"), [then(before)])?;
    Ok(before)
}

/// The database of the settings object, in which the accounts are.
fn accounts(house: &House) -> Result<Connection> {
    Ok(Connection::open(house.database("settings")?)?)
}

#[tokio::test]
async fn a_session_lasts_while_somebody_works_and_is_not_brought_back_when_it_has_ended() -> Result<()> {
    let mut house = House::open().await?;
    let desk = house.console(ANA).await?.desk;
    let cookie = desk.cookie().context("a session")?.to_owned();
    let me = |house: &House| house.desk(Method::GET, "/v1/staff/me").header("cookie", cookie.as_str());

    house.kill().await?;
    let signed_in = set(&house, EXPIRES, |ends| ends - 11 * HOUR_MS)?;
    house.restart().await?;
    let answer = me(&house).send().await?.error_for_status()?;
    let renewed = answer.headers()[SET_COOKIE].to_str()?;
    assert!(
        cookie.split("; ").any(|pair| renewed.starts_with(pair)) && renewed.contains("; Max-Age=43200;"),
        "the same for longer: {renewed}"
    );
    house.kill().await?;
    assert!(
        set(&house, EXPIRES, |_| signed_in - 12 * HOUR_MS - 1)? >= signed_in,
        "as long as one that begins now"
    );
    house.restart().await?;
    let late = me(&house).send().await?;
    assert!(late.headers().get(SET_COOKIE).is_none());
    assert_refused::<()>(Err(problem_of(late).await?.into()), ErrorCode::NotSignedIn);
    Ok(())
}

#[tokio::test]
async fn a_session_ends_after_a_week_however_much_it_is_used() -> Result<()> {
    let mut house = House::open().await?;
    let cookie = house.console(ANA).await?.desk.cookie().context("a session")?.to_owned();
    house.kill().await?;
    let expires = set(&house, EXPIRES, |ends| ends)?;
    let ends = set(&house, ENDS, |_| expires + 1)?;
    assert_eq!(ends - expires, (7 * 24 - 12) * HOUR_MS);
    house.restart().await?;
    house.desk(Method::GET, "/v1/staff/me").header("cookie", cookie).send().await?.error_for_status()?;
    house.kill().await?;
    assert_eq!(set(&house, EXPIRES, |ends| ends)?, expires + 1, "renewed up to its end and no further");
    Ok(())
}

#[tokio::test]
async fn signing_out_closes_the_consoles_of_the_session_and_no_other() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let mut elsewhere = house.console(ANA).await?;
    let cookie = ana.desk.cookie().unwrap_or_default().to_owned();
    ana.desk.send(Method::POST, "/v1/staff/sign-out", None::<&()>).await?.error_for_status()?;
    let (_, ended) = ana.socket.until_ended().await?;
    assert_eq!((ended.code, ended.reason.as_str()), (Some(1008), "signed out"));
    let me = house.desk(Method::GET, "/v1/staff/me").header("cookie", cookie).send().await?;
    assert_refused::<()>(Err(problem_of(me).await?.into()), ErrorCode::NotSignedIn);
    // The other session goes on.
    let away = shared::protocol::desk::DeskCommand::SetPresence { presence: Presence::Away };
    elsewhere.command(away).await?;
    elsewhere.is(Presence::Away).await
}

#[tokio::test]
async fn an_account_has_a_name_of_its_own_and_a_role() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let account = |name: &str| CreateAccount {
        name: name.to_owned(),
        full_name: "Zo\u{eb} \u{5c71}\u{7530}".to_owned(),
        role: Role::Supervisor,
    };
    for taken in ["ana", "Ana", "admin"] {
        let made: Result<CreatedAccount> =
            desk.ask(Method::POST, "/v1/staff/accounts", Some(&account(taken))).await;
        assert_refused(made, ErrorCode::NameTaken);
    }
    let blank: Result<CreatedAccount> =
        desk.ask(Method::POST, "/v1/staff/accounts", Some(&account("  "))).await;
    assert_eq!(refusal(blank)?.problem.code, ErrorCode::Malformed);
    let made: CreatedAccount = desk.ask(Method::POST, "/v1/staff/accounts", Some(&account("zoe"))).await?;

    // Without a password there is no way in but the link.
    assert!(!Desk::new(house.ports())?.sign_in("zoe", "").await?);
    let mut zoe = Desk::new(house.ports())?;
    zoe.set_up(&made.setup_secret, PASSWORD).await?;
    // Somebody who is in no queue has an empty desk that works, under a name in any script.
    let console = Console::sit_down(house.ports(), zoe).await?;
    assert_eq!(console.me.full_name, "Zo\u{eb} \u{5c71}\u{7530}");
    assert_eq!((console.me.representative, console.me.role), (made.representative, Role::Supervisor));
    assert!(console.work.is_empty() && console.offers.is_empty());
    Ok(())
}

#[tokio::test]
async fn administrative_acts_are_in_the_audit_log() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let me: Me = desk.ask(Method::GET, "/v1/staff/me", None::<&()>).await?;
    let lines: Vec<AuditLine> = desk.ask(Method::GET, "/v1/audit", None::<&()>).await?;
    let by_me: Vec<&str> = lines
        .iter()
        .filter(|line| line.by == Some(me.representative))
        .map(|line| line.what.as_str())
        .collect();
    assert_eq!(me.organisation, "Halden & Moss");
    // The newest first: what the set-up of the demonstration did.
    assert_eq!(
        by_me,
        [
            "Changed the settings to version 1.",
            "Made the account sam (Sam Okafor).",
            "Made the account ben (Ben Castillo).",
            "Made the account ana (Ana Lindqvist).",
            "Set a password by a setup link.",
        ]
    );
    assert!(lines.is_sorted_by(|newer, older| newer.at >= older.at));
    assert!(!lines.iter().any(|line| line.what.contains(PASSWORD)));
    // What was refused is not there.
    let account =
        CreateAccount { name: "ana".to_owned(), full_name: "Ana".to_owned(), role: Role::Administrator };
    let made: Result<CreatedAccount> = desk.ask(Method::POST, "/v1/staff/accounts", Some(&account)).await;
    assert_refused(made, ErrorCode::NameTaken);
    let after: Vec<AuditLine> = desk.ask(Method::GET, "/v1/audit", None::<&()>).await?;
    assert_eq!(after, lines);
    Ok(())
}

#[tokio::test]
async fn settings_change_from_the_version_that_was_read_and_as_a_whole() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let read: SettingsDocument = desk.ask(Method::GET, "/v1/settings", None::<&()>).await?;
    assert_eq!(read.version, SettingsVersion(1));
    let put = async |document: &SettingsDocument| -> Result<SettingsDocument> {
        desk.ask(Method::PUT, "/v1/settings", Some(document)).await
    };
    let mut broken = read.clone();
    broken.settings.queues[1].members.clear();
    let refused = refusal(put(&broken).await)?;
    assert_eq!(refused.problem.code, ErrorCode::SettingsRefused);
    assert!(refused.problem.message.contains("queues[1].members"), "{refused}");
    let mut stale = read.clone();
    stale.version = SettingsVersion(0);
    assert_refused(put(&stale).await, ErrorCode::SettingsChanged);

    // Two administrators at once: one of them reads again.
    let (one, two) = tokio::join!(put(&read), put(&read));
    let late = if one.is_ok() { two } else { one };
    assert_refused(late, ErrorCode::SettingsChanged);
    let now: SettingsDocument = desk.ask(Method::GET, "/v1/settings", None::<&()>).await?;
    assert_eq!((now.version, &now.settings), (SettingsVersion(2), &read.settings));
    Ok(())
}

#[tokio::test]
async fn settings_of_a_thousand_representatives_are_taken_and_more_than_a_megabyte_is_not() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let mut document = desk.settings().await?;
    let somebody = document.settings.representatives[0].clone();
    let crowd = (1..=1_000)
        .map(|number| Representative { id: RepresentativeId::from_u128(number), ..somebody.clone() });
    document.settings.representatives.extend(crowd);
    let stored = desk.change_settings(&document).await?;
    assert_eq!(stored.settings.representatives.len(), 1_003);
    // Work still finds its way.
    let mut sam = house.console(SUPERVISOR).await?;
    let conversation = house.visitor().await?.start(integration::answers("Ada", "other", "Hello")).await?;
    sam.accept(conversation).await?;

    let stored = desk.settings().await?;
    let mut large = stored.clone();
    large.settings.organisation = "x".repeat(SETTINGS_BYTES_MAX);
    let refused = refusal(desk.change_settings(&large).await)?;
    assert_eq!(refused.problem.code, ErrorCode::FrameTooLarge);
    assert!(refused.problem.message.contains("1 MB"), "{refused}");
    assert_eq!(desk.settings().await?, stored);
    Ok(())
}

#[tokio::test]
async fn a_supervisor_in_a_queue_is_offered_work() -> Result<()> {
    let house = House::open().await?;
    let mut sam = house.console(SUPERVISOR).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(integration::answers("Ada", "other", "Hello")).await?;
    sam.accept(conversation).await
}
