//! `cargo xtask seed` against the real server: the configuration of a file, brought there by the staff API.

use core::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result, bail};
use integration::{House, assert_refused};
use reqwest::Method;
use shared::authority::Role;
use shared::protocol::ErrorCode;
use shared::protocol::http::{AccountView, AuditLine};
use shared::settings::SettingsVersion;
use xtask::demo::{ADMINISTRATOR, ANA, PASSWORD};
use xtask::desk::Desk;
use xtask::project::Project;
use xtask::seed::{Organisation, Request, seed};

/// The example, from which people write their own.
fn example() -> Result<Organisation> {
    let file = Project::here()?.path(EXAMPLE);
    Organisation::parse(EXAMPLE, std::fs::read_to_string(file)?)
}

const EXAMPLE: &str = "xtask/examples/organisation.toml";

async fn administrator(house: &House) -> Result<Desk> {
    let mut desk = Desk::new(house.ports())?;
    assert!(desk.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await?);
    Ok(desk)
}

#[tokio::test]
async fn seeding_twice_changes_nothing() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let first = example()?.seed(&desk).await?;
    assert_eq!(first.version, SettingsVersion(2));
    assert!(!first.changes.is_empty() && !first.created.is_empty());
    let (settings, accounts) = (desk.settings().await?, desk.accounts().await?);
    let lines: Vec<AuditLine> = desk.ask(Method::GET, "/v1/audit", None::<&()>).await?;

    let second = example()?.seed(&desk).await?;
    assert_eq!((second.version, second.changes, second.created), (SettingsVersion(2), vec![], vec![]));
    assert_eq!((desk.settings().await?, desk.accounts().await?), (settings, accounts));
    assert_eq!(desk.ask::<Vec<AuditLine>>(Method::GET, "/v1/audit", None::<&()>).await?, lines);
    Ok(())
}

#[tokio::test]
async fn what_only_the_gateway_finds_doubtful_is_said_with_its_line() -> Result<()> {
    let house = House::open().await?;
    let text = std::fs::read_to_string(Project::here()?.path(EXAMPLE))?;
    let text = text.replace("supervisors = [\"kim\"]", "supervisors = [\"ben\"]");
    let line = text.lines().position(|line| line == "supervisors = [\"ben\"]").context("the line")? + 1;
    let organisation = Organisation::parse(EXAMPLE, text)?;
    let seeded = organisation.seed(&administrator(&house).await?).await?;
    let place = format!("{EXAMPLE}:{line}: queues[1].supervisors[0]: The account ben");
    assert!(seeded.warnings.iter().any(|warning| warning.starts_with(&place)), "{:?}", seeded.warnings);
    Ok(())
}

#[tokio::test]
async fn whoever_is_missing_gets_an_account_with_a_setup_link() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let before = desk.accounts().await?;
    let seeded = example()?.seed(&desk).await?;
    let after = desk.accounts().await?;
    let made: Vec<&AccountView> = after.iter().filter(|account| !before.contains(account)).collect();
    assert_eq!(made.len(), seeded.created.len());
    assert!(made.iter().all(|account| !account.has_password));
    for created in &seeded.created {
        let mut owner = desk.stranger();
        owner.set_up(&created.setup_secret, PASSWORD).await?;
        let me: shared::protocol::http::Me = owner.ask(Method::GET, "/v1/staff/me", None::<&()>).await?;
        assert_eq!(me.name, created.name);
        let account = made.iter().find(|account| account.name == created.name).context("it is listed")?;
        assert_eq!((me.representative, me.role), (account.representative, account.role));
    }
    // Those who handle work are in the settings under their accounts' ids.
    let settings = desk.settings().await?.settings;
    let known = |id| after.iter().any(|account| account.representative == id);
    assert!(settings.representatives.iter().all(|representative| known(representative.id)));
    // Whoever was there keeps their password and their role, whatever the file says.
    assert!(Desk::new(house.ports())?.sign_in(ANA.name, ANA.password).await?);
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_not_in_order_leaves_everything_as_it_was() -> Result<()> {
    let house = House::open().await?;
    let desk = administrator(&house).await?;
    let (settings, accounts) = (desk.settings().await?, desk.accounts().await?);
    let text = "organisation = 'New'\nqueues = [{ name = 'Q', priority = 1, members = [] }]\nworkstreams = []\n\
                widgets = []\nrepresentatives = [{ account = 'new', full_name = 'New', public_name = 'New', \
                capacity = 1, default_presence = 'available' }]\n";
    let error = Organisation::parse("new.toml", text.to_owned())?.seed(&desk).await.unwrap_err().to_string();
    assert_eq!(error, "new.toml:2: queues[0].members: Add at least one representative.");
    assert_eq!((desk.settings().await?, desk.accounts().await?), (settings, accounts));
    Ok(())
}

#[tokio::test]
async fn only_administrators_see_the_accounts() -> Result<()> {
    let house = House::open().await?;
    let accounts = administrator(&house).await?.accounts().await?;
    let seen: Vec<_> = accounts.iter().map(|account| (account.name.as_str(), account.role)).collect();
    let expected = [
        ("admin", Role::Administrator),
        ("ana", Role::Representative),
        ("ben", Role::Representative),
        ("sam", Role::Supervisor),
    ];
    assert_eq!(seen, expected);
    let mut ana = Desk::new(house.ports())?;
    assert_refused(ana.accounts().await, ErrorCode::NotSignedIn);
    assert!(ana.sign_in(ANA.name, ANA.password).await?);
    assert_refused(ana.accounts().await, ErrorCode::NotPermitted);
    Ok(())
}

#[tokio::test]
async fn the_command_signs_in_says_what_it_did_and_never_the_password() -> Result<()> {
    let house = House::open().await?;
    let request = Request {
        file: Project::here()?.path(EXAMPLE),
        check: false,
        desk: house.ports().desk(),
        connect: None,
        name: ADMINISTRATOR.name.to_owned(),
    };
    let wrong = seed(&request, |_| Ok("not the password".to_owned())).await.unwrap_err().to_string();
    assert!(wrong.contains("admin could not sign in"), "{wrong}");
    let said = seed(&request, |_| Ok(PASSWORD.to_owned())).await?.join("\n");
    assert!(said.contains("Changed the settings to version 2:"), "{said}");
    assert!(said.contains(&format!("{}/setup#", house.ports().desk())) && !said.contains(PASSWORD), "{said}");

    // Behind a proxy the gateway is not found by its origin.
    let gateway = SocketAddr::from((Ipv4Addr::LOCALHOST, house.ports().gateway));
    let again = Request { connect: Some(gateway), ..request.clone() };
    let said = seed(&again, |_| Ok(PASSWORD.to_owned())).await?;
    assert_eq!(what_was_done(&said), ["The settings are as the file says already (version 2)."]);

    // To check a file nobody needs to sign in.
    let check = Request { check: true, desk: "http://nowhere.invalid".to_owned(), ..request };
    let said = seed(&check, |_| bail!("nobody was to be asked")).await?;
    assert_eq!(what_was_done(&said).len(), 1);
    Ok(())
}

/// What the command said, but for what is doubtful about the example: it has rules for records, which nothing fills yet.
fn what_was_done(said: &[String]) -> Vec<&str> {
    said.iter().map(String::as_str).filter(|line| !line.starts_with("warning: ")).collect()
}
