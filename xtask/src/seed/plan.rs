//! From a file to the settings that it means, and the accounts that these need.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use shared::authority::Role;
use shared::protocol::http::SettingsWarning;
use shared::settings::Settings;

use super::conditions;
use super::fault::Fault;
use super::names::{Names, derived};
use super::reader;
use super::source::Source;

const REPRESENTATIVES: &str = "representatives";
const REPRESENTATIVE: &str = "RepresentativeId";

/// An organisation as a file describes it: the settings in their own words, except that
///
/// - ids may be left out, and things are called by their names wherever an id is wanted;
/// - a representative has `account`, the name to sign in with, and may have `role`;
/// - `accounts` lists staff who handle no work, with `name`, `full_name` and `role`;
/// - a length of time may be written as `90 s`.
#[derive(Debug)]
pub struct Organisation {
    source: Source,
    /// The settings, without what is said about accounts.
    settings: Value,
    accounts: Vec<Wanted>,
}

/// An account that somebody of the file needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) full_name: String,
    pub(super) role: Role,
    /// The place of the representative that it belongs to.
    representative: Option<usize>,
}

/// An account for somebody who handles no work.
#[derive(Deserialize)]
struct Listed {
    name: String,
    full_name: String,
    role: Role,
}

/// Ids of accounts, by their names in small letters.
pub(super) type AccountIds = BTreeMap<String, String>;

impl Organisation {
    /// Reads a description. The ending of `name` says how it is written.
    pub fn parse(name: &str, text: String) -> Result<Self> {
        let (source, mut settings) = Source::parse(name, text)?;
        let accounts = match take_accounts(&mut settings) {
            Ok(accounts) => accounts,
            Err(faults) => bail!(source.describe(&faults)),
        };
        Ok(Self { source, settings, accounts })
    }

    /// The accounts that it needs.
    pub(super) fn accounts(&self) -> &[Wanted] {
        &self.accounts
    }

    /// The settings, if nothing is wrong with them. Without a gateway new ids stand for everything that has none.
    pub fn check(&self) -> Result<Settings> {
        self.resolve(&AccountIds::new(), &Settings::default())
    }

    /// What the gateway says of a field, with the line in which the file says it.
    pub(super) fn place(&self, warning: SettingsWarning) -> String {
        self.source.describe(&[Fault::new(warning.path, warning.message)])
    }

    /// What works, but hardly as it was meant.
    pub fn warnings(&self, settings: &Settings) -> Vec<String> {
        settings.warnings().into_iter().map(|warning| self.source.describe(&[warning.into()])).collect()
    }

    /// The settings with the ids of these accounts and of what is in the gateway. An account that is not there yet gets an
    /// id that stands for the one to be.
    pub(super) fn resolve(&self, accounts: &AccountIds, existing: &Settings) -> Result<Settings> {
        let existing =
            serde_json::to_value(existing).context("The settings of the gateway cannot be read.")?;
        match self.resolved(accounts, &existing) {
            Ok(settings) => Ok(settings),
            Err(faults) => bail!(self.source.describe(&faults)),
        }
    }

    fn resolved(&self, accounts: &AccountIds, existing: &Value) -> Result<Settings, Vec<Fault>> {
        self.resolved_by(&Names::existing::<Settings>(existing), accounts)
    }

    pub(super) fn resolved_by(&self, names: &Names, accounts: &AccountIds) -> Result<Settings, Vec<Fault>> {
        let mut settings = self.settings.clone();
        for account in &self.accounts {
            let known = accounts.get(&account.name.to_lowercase()).cloned();
            let id = known.unwrap_or_else(|| derived(REPRESENTATIVE, &account.name));
            if let Some(place) = account.representative {
                names.alias(REPRESENTATIVE, &account.name, &id);
                settings[REPRESENTATIVES][place]["id"] = id.into();
            }
        }
        // Those who were there before need not say which account is theirs.
        for (place, representative) in settings[REPRESENTATIVES].as_array().into_iter().flatten().enumerate()
        {
            let name = representative["full_name"].as_str().unwrap_or_default();
            if representative.get("id").is_none() && names.known(REPRESENTATIVE, name).is_none() {
                let path = format!("{REPRESENTATIVES}[{place}]");
                names.fault(Fault::new(path, "Give an `account`: the name to sign in with."));
            }
        }
        // Once to learn all names, once to follow them.
        let learned = reader::read::<Settings>(&settings, names);
        let mut faults = names.take_faults();
        faults.extend(learned.err());
        if !faults.is_empty() {
            return Err(faults);
        }
        names.complete();
        conditions::resolve(&mut settings, names);
        let settings = reader::read::<Settings>(&settings, names).map_err(|fault| vec![fault])?;
        let unknown_names = names.take_faults();
        if !unknown_names.is_empty() {
            return Err(unknown_names);
        }
        settings.check().map_err(|error| error.faults.into_iter().map(Fault::from).collect::<Vec<_>>())?;
        Ok(settings)
    }
}

/// Takes what is said about accounts out of the settings.
fn take_accounts(settings: &mut Value) -> Result<Vec<Wanted>, Vec<Fault>> {
    let Some(top) = settings.as_object_mut() else {
        return Err(vec![Fault::new("", "This is not a description of an organisation.")]);
    };
    let names = Names::default();
    let listed = top.remove("accounts").unwrap_or_else(|| Value::Array(Vec::new()));
    let below = |fault: Fault| vec![Fault::new(format!("accounts{}", fault.path), fault.message)];
    let listed: Vec<Listed> = reader::read(&listed, &names).map_err(below)?;
    let mut wanted = Vec::new();
    let representatives = top.get_mut(REPRESENTATIVES).and_then(Value::as_array_mut);
    for (place, representative) in representatives.into_iter().flatten().enumerate() {
        let Some(fields) = representative.as_object_mut() else { continue };
        let path = |field: &str| format!("{REPRESENTATIVES}[{place}].{field}");
        let (account, role) = (fields.remove("account"), fields.remove("role"));
        let role = match role.as_ref().map(|role| reader::read(role, &names)) {
            None => Role::Representative,
            Some(Ok(role)) => role,
            Some(Err(fault)) => return Err(vec![Fault::new(path("role"), fault.message)]),
        };
        match (account, fields.get("id")) {
            (Some(Value::String(name)), None) => {
                let full_name =
                    fields.get("full_name").and_then(Value::as_str).unwrap_or_default().to_owned();
                let name = name.trim().to_owned();
                wanted.push(Wanted { name, full_name, role, representative: Some(place) });
            }
            (Some(_), None) => {
                return Err(vec![Fault::new(path("account"), "Write the name to sign in with.")]);
            }
            (Some(_), Some(_)) => {
                return Err(vec![Fault::new(path("id"), "The account has an id already. Leave this out.")]);
            }
            (None, _) => {}
        }
    }
    let others = listed.into_iter();
    wanted.extend(others.map(|Listed { name, full_name, role }| Wanted {
        name,
        full_name,
        role,
        representative: None,
    }));
    let faults = names.take_faults();
    if faults.is_empty() { Ok(wanted) } else { Err(faults.into_iter().flat_map(below).collect()) }
}
