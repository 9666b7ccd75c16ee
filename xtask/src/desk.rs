//! The staff API of a running gateway, as a browser on the desk's origin uses it.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::protocol::http::{
    AccountView, ChangedSettings, CreateAccount, CreatedAccount, SetUp, SettingsDocument, SignIn,
};
use shared::protocol::{ErrorCode, Problem};

use crate::server::Ports;

/// The port of each scheme that an address need not say.
const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// How long the gateway may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The staff API of one gateway.
#[derive(Debug)]
pub struct Desk {
    client: reqwest::Client,
    /// What a browser would have as its origin. The gateway answers to this host only.
    origin: String,
    /// Where requests really go, without a path.
    address: String,
    cookie: Option<String>,
}

impl Desk {
    /// The gateway on this machine with these ports. Nobody has signed in yet.
    pub fn new(ports: Ports) -> Result<Self> {
        let origin = ports.desk();
        Ok(Self { client: ports.client()?, address: origin.clone(), origin, cookie: None })
    }

    /// The gateway whose desk has this origin; its requests go straight to `connect`, if that is given. Nobody has signed
    /// in yet.
    pub fn at(origin: &str, connect: Option<SocketAddr>) -> Result<Self> {
        let origin = shared::settings::Origin::new(origin).with_context(|| {
            format!("{origin} is not the origin of a desk, such as http://desk.localhost:8787.")
        })?;
        let origin = origin.as_str().to_owned();
        let (scheme, authority) = origin.split_once("://").unwrap_or(("http", &origin));
        let (host, port) = match authority.rsplit_once(':').map(|(host, port)| (host, port.parse())) {
            Some((host, Ok(port))) => (host, port),
            _ => (authority, if scheme == "https" { HTTPS } else { HTTP }),
        };
        let address = match connect {
            Some(connect) => format!("http://{connect}"),
            None if scheme == "https" => bail!(
                "This speaks plain http. Say with --connect at which address the gateway itself listens, behind what \
                 speaks https for {host}."
            ),
            // Not every resolver knows these names.
            None if host.ends_with(".localhost") => format!("http://127.0.0.1:{port}"),
            None => format!("http://{authority}"),
        };
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_LIMIT)
            .build()?;
        Ok(Self { client, origin, address, cookie: None })
    }

    /// The origin of the desk.
    pub fn origin(&self) -> &str {
        &self.origin
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

    /// The accounts of the staff.
    pub async fn accounts(&self) -> Result<Vec<AccountView>> {
        self.ask(Method::GET, "/v1/staff/accounts", None::<&()>).await
    }

    /// Makes an account, and gives the secret of the link with which its owner chooses a password.
    pub async fn create(&self, account: &CreateAccount) -> Result<CreatedAccount> {
        self.ask(Method::POST, "/v1/staff/accounts", Some(account))
            .await
            .with_context(|| format!("The account {} was not made.", account.name))
    }

    /// The configuration.
    pub async fn settings(&self) -> Result<SettingsDocument> {
        self.ask(Method::GET, "/v1/settings", None::<&()>).await
    }

    /// Changes the configuration from the version that the document names. Gives what the gateway has now, with what is
    /// doubtful about it.
    pub async fn change_settings(&self, document: &SettingsDocument) -> Result<ChangedSettings> {
        self.ask(Method::PUT, "/v1/settings", Some(document)).await
    }

    /// Somebody else at the same gateway, who has not signed in.
    pub fn stranger(&self) -> Self {
        let Self { client, origin, address, cookie: _ } = self;
        Self { client: client.clone(), origin: origin.clone(), address: address.clone(), cookie: None }
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
        let host = self.origin.split_once("://").map_or(self.origin.as_str(), |(_, authority)| authority);
        let address = format!("{}{path}", self.address);
        let mut request =
            self.client.request(method, address).header(HOST, host).header(ORIGIN, &self.origin);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.with_context(|| format!("The gateway at {} does not answer.", self.address))
    }

    fn keep_cookie(&mut self, answer: Response) -> Result<()> {
        let headers = answer.headers().get_all(SET_COOKIE).iter();
        let pairs: Vec<&str> = headers.filter_map(|header| header.to_str().ok()?.split(';').next()).collect();
        ensure!(!pairs.is_empty(), "The gateway gave no session cookie.");
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

#[cfg(test)]
mod tests {
    use super::*;

    fn address(origin: &str, connect: Option<&str>) -> Result<String> {
        let connect = connect.map(|connect| connect.parse().unwrap());
        Desk::at(origin, connect).map(|desk| desk.address)
    }

    #[test]
    fn a_gateway_is_found_by_its_origin_or_where_it_is_said_to_listen() {
        assert_eq!(address("http://desk.localhost:8787", None).unwrap(), "http://127.0.0.1:8787");
        assert_eq!(address("http://desk.localhost", None).unwrap(), "http://127.0.0.1:80");
        assert_eq!(address("http://desk.example.com:81", None).unwrap(), "http://desk.example.com:81");
        let behind_a_proxy = address("https://desk.example.com", Some("127.0.0.1:8787")).unwrap();
        assert_eq!(behind_a_proxy, "http://127.0.0.1:8787");
    }

    #[test]
    fn what_cannot_be_reached_is_refused_with_what_to_do() {
        let said = address("https://desk.example.com", None).unwrap_err().to_string();
        assert!(said.contains("--connect"), "{said}");
        let said = address("desk.example.com", None).unwrap_err().to_string();
        assert!(said.contains("such as http://desk.localhost:8787"), "{said}");
    }
}
