//! What was given to somebody can be taken back: accounts are disabled and enabled, get other roles and new setup links.

use anyhow::{Context as _, Result};
use integration::{Console, House, answers, assert_refused};
use reqwest::Method;
use shared::authority::Role;
use shared::id::RepresentativeId;
use shared::protocol::ErrorCode;
use shared::protocol::desk::{DeskCommand, WorkState};
use shared::protocol::http::{AuditLine, ChangeAccount, CreateAccount, CreatedAccount, Me};
use shared::protocol::live::Standing;
use shared::time::Span;
use xtask::demo::{ADMINISTRATOR, ANA, BEN, SUPERVISOR};
use xtask::desk::Desk;

async fn administrator(house: &House) -> Result<Desk> {
    let mut desk = Desk::new(house.ports())?;
    anyhow::ensure!(desk.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await?);
    Ok(desk)
}

async fn change(desk: &Desk, who: RepresentativeId, change: ChangeAccount) -> Result<()> {
    desk.ask(Method::PATCH, &format!("/v1/staff/accounts/{who}"), Some(&change)).await
}

fn disabled(disabled: bool) -> ChangeAccount {
    ChangeAccount { disabled: Some(disabled), ..ChangeAccount::default() }
}

fn role(role: Role) -> ChangeAccount {
    ChangeAccount { role: Some(role), ..ChangeAccount::default() }
}

async fn id_of(desk: &Desk, name: &str) -> Result<RepresentativeId> {
    let accounts = desk.accounts().await?;
    let account = accounts.iter().find(|account| account.name == name).context("the account")?;
    Ok(account.representative)
}

async fn signed_in(console: &Console) -> Result<Me> {
    console.desk.ask(Method::GET, "/v1/staff/me", None::<&()>).await
}

#[tokio::test]
async fn a_disabled_account_is_signed_out_everywhere_at_once_and_its_work_goes_to_others() -> Result<()> {
    let house = House::open().await?;
    house.change_settings(|settings| settings.desk.presence_grace = Span::from_secs(1)).await?;
    let desk = administrator(&house).await?;
    let mut ana = house.console(ANA).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let mut reading = ana.open(conversation, None).await?;
    reading.stands(&Standing::InConversation { with: ANA.full_name.to_owned() }).await?;
    let mut ben = house.console(BEN).await?;
    change(&desk, ana.me.representative, disabled(true)).await?;
    for ended in [ana.socket.until_ended().await?.1, reading.socket.until_ended().await?.1] {
        assert_eq!(ended.code, Some(1008));
    }
    assert_refused(signed_in(&ana).await, ErrorCode::NotSignedIn);
    assert!(ana.open(conversation, None).await.is_err());
    assert!(!Desk::new(house.ports())?.sign_in(ANA.name, ANA.password).await?);
    ben.accept(conversation).await?;
    ben.work_is(conversation, WorkState::Active).await?;
    let account = desk.accounts().await?.into_iter().find(|account| account.name == ANA.name);
    assert!(account.is_some_and(|account| account.disabled && account.has_password));
    // Enabled again it is what it was.
    change(&desk, ana.me.representative, disabled(false)).await?;
    signed_in(&house.console(ANA).await?).await?;
    let lines: Vec<AuditLine> = desk.ask(Method::GET, "/v1/audit", None::<&()>).await?;
    let said: Vec<&str> = lines.iter().map(|line| line.what.as_str()).collect();
    assert!(
        said.starts_with(&[
            "Enabled the account ana (Ana Lindqvist).",
            "Disabled the account ana (Ana Lindqvist)."
        ]),
        "{said:?}"
    );
    Ok(())
}

#[tokio::test]
async fn another_role_holds_at_once_also_for_whoever_sits_there() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let sam = house.console(SUPERVISOR).await?;
    let mut looking = sam.open(conversation, None).await?;
    change(&desk, sam.me.representative, role(Role::Representative)).await?;
    assert_eq!(looking.socket.until_ended().await?.1.code, Some(1008));
    let mut sam = house.console(SUPERVISOR).await?;
    assert_eq!(signed_in(&sam).await?.role, Role::Representative);
    assert!(sam.open(conversation, None).await.is_err());
    assert_refused(sam.command(DeskCommand::Monitor { conversation }).await, ErrorCode::NotPermitted);
    // What they have already is no change, and takes nobody out.
    change(&desk, sam.me.representative, role(Role::Representative)).await?;
    signed_in(&sam).await?;
    Ok(())
}

#[tokio::test]
async fn only_administrators_change_accounts_and_one_of_them_is_always_left() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let (admin, sam) = (id_of(&desk, ADMINISTRATOR.name).await?, id_of(&desk, SUPERVISOR.name).await?);
    let supervisor = house.console(SUPERVISOR).await?;
    assert_refused(change(&supervisor.desk, admin, disabled(true)).await, ErrorCode::NotPermitted);
    let nobody = RepresentativeId::from_u128(7);
    assert_refused(change(&desk, nobody, disabled(true)).await, ErrorCode::NotFound);
    for change_of_last in [disabled(true), role(Role::Supervisor)] {
        assert_refused(change(&desk, admin, change_of_last).await, ErrorCode::NotPossibleNow);
    }
    // One who has not chosen a password yet can let nobody in.
    let account = CreateAccount {
        name: "zoe".to_owned(),
        full_name: "Zoe Marin".to_owned(),
        role: Role::Administrator,
    };
    let made = desk.create(&account).await?;
    assert_refused(change(&desk, admin, disabled(true)).await, ErrorCode::NotPossibleNow);
    let mut zoe = Desk::new(house.ports())?;
    zoe.set_up(&made.setup_secret, "a good password").await?;
    change(&zoe, admin, disabled(true)).await?;
    assert_refused(desk.accounts().await, ErrorCode::NotSignedIn);
    assert_refused(
        change(&zoe, made.representative, role(Role::Representative)).await,
        ErrorCode::NotPossibleNow,
    );
    change(&zoe, sam, role(Role::Administrator)).await?;
    change(&zoe, made.representative, role(Role::Representative)).await?;
    Ok(())
}

#[tokio::test]
async fn a_new_setup_link_replaces_a_password_that_was_lost_and_is_worth_nothing_when_disabled() -> Result<()>
{
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let ana = house.console(ANA).await?;
    let who = ana.me.representative;
    let address = format!("/v1/staff/accounts/{who}/link");
    let link = || desk.ask::<CreatedAccount>(Method::POST, &address, None::<&()>);
    let made = link().await?;
    assert_eq!(made.representative, who);
    signed_in(&ana).await?;
    let mut again = Desk::new(house.ports())?;
    again.set_up(&made.setup_secret, "another password").await?;
    assert_refused(signed_in(&ana).await, ErrorCode::NotSignedIn);
    assert!(!Desk::new(house.ports())?.sign_in(ANA.name, ANA.password).await?);
    let unused = link().await?;
    change(&desk, who, disabled(true)).await?;
    assert_refused(link().await, ErrorCode::NotPossibleNow);
    for _ in 0..2 {
        let used = Desk::new(house.ports())?.set_up(&unused.setup_secret, "one more password").await;
        assert_refused(used, ErrorCode::SetupRefused);
        change(&desk, who, disabled(false)).await?;
    }
    Ok(())
}
