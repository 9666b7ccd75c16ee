//! The demonstration organisation, set up as an administrator would: through the staff API and nothing else.

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::authority::Role;
use shared::id::RepresentativeId;
use shared::protocol::http::{CreateAccount, CreatedAccount, SetUp, SettingsDocument, SignIn};
use shared::protocol::{ErrorCode, Problem};

use crate::server::{Ports, Server};

mod settings;

pub use settings::{QUEUE_HELP, QUEUE_ORDERS, QUEUE_RETURNS, WIDGET, settings};

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
    let document: SettingsDocument = desk.ask(Method::GET, "/v1/settings", None::<&()>).await?;
    if !document.settings.organisation.is_empty() {
        return Ok(Organisation::Present);
    }
    let ana = desk.create(&ANA).await?;
    let ben = desk.create(&BEN).await?;
    let sam = desk.create(&SUPERVISOR).await?;
    let change =
        SettingsDocument { version: document.version, settings: settings(server.ports(), ana, ben, sam)? };
    let _: SettingsDocument = desk.ask(Method::PUT, "/v1/settings", Some(&change)).await?;
    Ok(Organisation::Created)
}

/// The staff API, as a browser on the desk's origin uses it.
#[derive(Debug)]
pub struct Desk {
    client: reqwest::Client,
    origin: String,
    cookie: Option<String>,
}

impl Desk {
    /// Nobody has signed in yet.
    pub fn new(ports: Ports) -> Result<Self> {
        Ok(Self { client: ports.client()?, origin: ports.desk(), cookie: None })
    }

    /// The cookie of the session, for sockets.
    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Signs in. Says whether name and password were right.
    pub async fn sign_in(&mut self, name: &str, password: &str) -> Result<bool> {
        let body = SignIn { name: name.to_owned(), password: password.to_owned() };
        let answer = self.send(Method::POST, "/v1/staff/sign-in", Some(&body)).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            return Ok(false);
        }
        self.keep_cookie(accepted(answer).await?)?;
        Ok(true)
    }

    /// Chooses the first password of an account, and is signed in by that.
    pub async fn set_up(&mut self, secret: &str, password: &str) -> Result<()> {
        let body = SetUp { secret: secret.to_owned(), password: password.to_owned() };
        let answer = self.send(Method::POST, "/v1/staff/setup", Some(&body)).await?;
        self.keep_cookie(accepted(answer).await?)
    }

    /// Makes an account and chooses its password.
    pub async fn create(&self, account: &Account) -> Result<RepresentativeId> {
        let body = CreateAccount {
            name: account.name.to_owned(),
            full_name: account.full_name.to_owned(),
            role: account.role,
        };
        let created: CreatedAccount = self
            .ask(Method::POST, "/v1/staff/accounts", Some(&body))
            .await
            .with_context(|| format!("The account {} was not made.", account.name))?;
        let mut owner = Self { client: self.client.clone(), origin: self.origin.clone(), cookie: None };
        owner.set_up(&created.setup_secret, account.password).await?;
        Ok(created.representative)
    }

    /// Sends a request and reads the answer.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T> {
        let answer = accepted(self.send(method, path, body).await?).await?;
        answer
            .json()
            .await
            .with_context(|| format!("The gateway answered {path} with something else than expected."))
    }

    /// Sends a request. The answer may be a refusal.
    pub async fn send(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<Response> {
        let mut request =
            self.client.request(method, format!("{}{path}", self.origin)).header(ORIGIN, &self.origin);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        Ok(request.send().await?)
    }

    fn keep_cookie(&mut self, answer: Response) -> Result<()> {
        let headers = answer.headers().get_all(SET_COOKIE).iter();
        let pairs: Vec<&str> = headers.filter_map(|header| header.to_str().ok()?.split(';').next()).collect();
        anyhow::ensure!(!pairs.is_empty(), "The gateway gave no session cookie.");
        self.cookie = Some(pairs.join("; "));
        Ok(())
    }
}

/// The answer, unless it is a refusal.
async fn accepted(answer: Response) -> Result<Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let path = answer.url().path().to_owned();
    match answer.json::<Problem>().await {
        Ok(problem) => Err(Refused { path, code: problem.code, message: problem.message }.into()),
        Err(_) => bail!("The gateway answered {path} with status {status}."),
    }
}

/// The gateway refused a request.
#[derive(Debug)]
pub struct Refused {
    /// Which request.
    pub path: String,
    /// Why, for programs.
    pub code: ErrorCode,
    /// Why, for people.
    pub message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The gateway refused {}: {}", self.path, self.message)
    }
}

impl std::error::Error for Refused {}
