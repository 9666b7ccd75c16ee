//! The demonstration organisation, set up as an administrator would: through the staff API and nothing else.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use shared::authority::Role;

use crate::desk::Desk;
use crate::server::Server;

mod settings;

pub use settings::{QUEUE_HELP, QUEUE_ORDERS, QUEUE_RETURNS, WIDGET, organisation, settings};

/// Somebody of the demonstration's staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The name to sign in with.
    pub name: &'static str,
    /// By which name colleagues know them.
    pub full_name: &'static str,
    /// What they may do.
    pub role: Role,
    /// The password, which everybody may know.
    pub password: &'static str,
}

/// The password of every demonstration account.
pub const PASSWORD: &str = "demo-password";

/// The first administrator.
pub const ADMINISTRATOR: Account =
    Account { name: "admin", full_name: "Robin Admin", role: Role::Administrator, password: PASSWORD };
/// A supervisor.
pub const SUPERVISOR: Account =
    Account { name: "sam", full_name: "Sam Okafor", role: Role::Supervisor, password: PASSWORD };
/// A representative.
pub const ANA: Account =
    Account { name: "ana", full_name: "Ana Lindqvist", role: Role::Representative, password: PASSWORD };
/// Another representative.
pub const BEN: Account =
    Account { name: "ben", full_name: "Ben Castillo", role: Role::Representative, password: PASSWORD };

/// Everybody, in the order in which they are shown.
pub const ACCOUNTS: [Account; 4] = [ANA, BEN, SUPERVISOR, ADMINISTRATOR];

/// How long the gateway may take to print the link for the first administrator.
const SETUP_LIMIT: Duration = Duration::from_secs(5);

/// What was found or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Organisation {
    /// There was none; the demonstration was set up.
    Created,
    /// The demonstration was there already.
    Present,
    /// There is one that is not the demonstration. It was left alone.
    Foreign,
}

/// Sets the demonstration up on a server without an organisation.
pub async fn ensure(server: &Server) -> Result<Organisation> {
    let mut desk = Desk::new(server.ports())?;
    if !desk.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await? {
        let Some(secret) = server.setup_secret(SETUP_LIMIT).await else {
            return Ok(Organisation::Foreign);
        };
        desk.set_up(&secret, ADMINISTRATOR.password).await?;
    }
    if !desk.settings().await?.settings.organisation.is_empty() {
        return Ok(Organisation::Present);
    }
    for account in organisation(server.ports())?.seed(&desk).await?.created {
        desk.stranger().set_up(&account.setup_secret, PASSWORD).await?;
    }
    Ok(Organisation::Created)
}
