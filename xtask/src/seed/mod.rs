//! `cargo xtask seed`: brings a running gateway to the configuration that a file describes, through the staff API and
//! nothing else. Seeding twice changes nothing.
//!
//! The file is the whole configuration: what is not in it is not in the gateway afterwards. Accounts are different: those
//! that are missing are made, and none is changed or removed.

mod change;
mod conditions;
mod fault;
mod names;
mod password;
mod plan;
mod reader;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use shared::protocol::http::{AccountView, CreateAccount, SettingsDocument};
use shared::settings::SettingsVersion;

use crate::desk::Desk;

pub use password::password;
pub use plan::Organisation;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file, TOML or JSON.
    pub file: PathBuf,
    /// Whether the file is only checked, without a gateway.
    pub check: bool,
    /// The origin of the desk.
    pub desk: String,
    /// Where the gateway really listens, if it is not to be found by its origin.
    pub connect: Option<SocketAddr>,
    /// Which administrator signs in.
    pub name: String,
}

/// Seeds a gateway, or checks a file. Gives what is to be said about it. The password is asked for only if it is needed.
pub async fn seed(request: &Request, password: impl FnOnce(&str) -> Result<String>) -> Result<Vec<String>> {
    let file = request.file.display().to_string();
    let text = fs::read_to_string(&request.file).with_context(|| format!("{file} cannot be read."))?;
    let organisation = Organisation::parse(&file, text)?;
    let settings = organisation.check()?;
    if request.check {
        let mut lines = vec![format!("{file} is in order. It describes {}.", settings.organisation)];
        lines.extend(organisation.warnings(&settings).iter().map(|warning| format!("warning: {warning}")));
        return Ok(lines);
    }
    let mut desk = Desk::at(&request.desk, request.connect)?;
    if !desk.sign_in(&request.name, &password(&request.name)?).await? {
        bail!("{} could not sign in at {}. Check name and password.", request.name, desk.origin());
    }
    Ok(organisation.seed(&desk).await?.lines(desk.origin()))
}

/// What was done.
#[derive(Debug)]
pub struct Seeded {
    /// The accounts that were made.
    pub created: Vec<Created>,
    /// The version of the settings now.
    pub version: SettingsVersion,
    /// What changed in the settings, a line for each part; empty if nothing did.
    pub changes: Vec<String>,
    /// What somebody should look at.
    pub warnings: Vec<String>,
}

/// An account that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The name to sign in with.
    pub name: String,
    /// The secret of the link with which its owner chooses a password.
    pub setup_secret: String,
}

impl Seeded {
    /// What was done, for people.
    pub fn lines(&self, desk: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for Created { name, setup_secret } in &self.created {
            lines.push(format!(
                "Made the account {name}. Its owner chooses a password here, once, within 7 days:"
            ));
            lines.push(format!("  {desk}/setup#{setup_secret}"));
        }
        if self.changes.is_empty() {
            lines.push(format!("The settings are as the file says already (version {}).", self.version.0));
        } else {
            lines.push(format!("Changed the settings to version {}:", self.version.0));
            lines.extend(self.changes.iter().map(|change| format!("  {change}")));
        }
        lines.extend(self.warnings.iter().map(|warning| format!("warning: {warning}")));
        lines
    }
}

impl Organisation {
    /// Brings the gateway to what this describes. `desk` is that of an administrator who has signed in.
    pub async fn seed(&self, desk: &Desk) -> Result<Seeded> {
        let before = desk.settings().await?;
        let mut accounts = desk.accounts().await?;
        // Nothing is made for a file that is not in order.
        self.resolve(&ids(&accounts), &before.settings)?;
        let mut warnings = self.differences(&accounts);
        let created = self.create_missing(desk, &mut accounts).await?;
        let settings = self.resolve(&ids(&accounts), &before.settings)?;
        let from_the_file = self.warnings(&settings);
        if settings == before.settings {
            warnings.extend(from_the_file);
            return Ok(Seeded { created, version: before.version, changes: Vec::new(), warnings });
        }
        let changes =
            change::describe(&serde_json::to_value(&before.settings)?, &serde_json::to_value(&settings)?);
        let after = desk.change_settings(&SettingsDocument { version: before.version, settings }).await?;
        // The gateway knows the accounts as well, so it finds all that the file shows and more.
        warnings.extend(after.warnings.into_iter().map(|warning| self.place(warning)));
        Ok(Seeded { created, version: after.version, changes, warnings })
    }

    async fn create_missing(&self, desk: &Desk, accounts: &mut Vec<AccountView>) -> Result<Vec<Created>> {
        let mut present: BTreeSet<_> = accounts.iter().map(|account| account.name.to_lowercase()).collect();
        let mut created = Vec::new();
        for wanted in self.accounts() {
            if !present.insert(wanted.name.to_lowercase()) {
                continue;
            }
            let account = CreateAccount {
                name: wanted.name.clone(),
                full_name: wanted.full_name.clone(),
                role: wanted.role,
            };
            let made = desk.create(&account).await?;
            let CreateAccount { name, full_name, role } = account;
            created.push(Created { name: name.clone(), setup_secret: made.setup_secret });
            let representative = made.representative;
            let (has_password, disabled) = (false, false);
            accounts.push(AccountView { representative, name, full_name, role, has_password, disabled });
        }
        Ok(created)
    }

    /// Accounts that are not as the file says. They are left alone: a file must not make an administrator of somebody.
    fn differences(&self, accounts: &[AccountView]) -> Vec<String> {
        let pairs = self.accounts().iter().filter_map(|wanted| {
            let account = accounts.iter().find(|account| account.name.eq_ignore_ascii_case(&wanted.name))?;
            Some((wanted, account))
        });
        pairs
            .filter(|(wanted, account)| wanted.role != account.role)
            .map(|(wanted, account)| {
                let (name, is, should) = (&account.name, words(account.role), words(wanted.role));
                format!("the account {name} is {is}, not {should}. Accounts that are there are left alone.")
            })
            .collect()
    }
}

fn words(role: shared::authority::Role) -> &'static str {
    use shared::authority::Role;
    match role {
        Role::Representative => "a representative",
        Role::Supervisor => "a supervisor",
        Role::Administrator => "an administrator",
    }
}

fn ids(accounts: &[AccountView]) -> plan::AccountIds {
    accounts.iter().map(|account| (account.name.to_lowercase(), account.representative.to_string())).collect()
}
