//! A visitor: the widget's side of the protocol, in the binary coding.

use anyhow::Result;
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, ORIGIN, USER_AGENT};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::form::Answer;
use shared::id::{ConversationId, RequestId};
use shared::protocol::codec::{CONTENT_TYPE_BINARY, Codec, to_binary};
use shared::protocol::http::{
    CurrentConversation, Handover, OpenVisitor, RedeemHandover, RequestHandover, StartConversation,
    VisitorSession,
};
use shared::protocol::live::{Sequence, ServerFrame};
use shared::settings::Origin;
use xtask::demo::WIDGET;
use xtask::server::Ports;

use super::answer::read;
use super::house::fresh_request;
use super::live::Live;
use super::socket::Socket;

/// Somebody with the widget on a site.
#[derive(Debug, Clone)]
pub struct Visitor {
    ports: Ports,
    client: reqwest::Client,
    /// Their session on this site.
    pub session: VisitorSession,
    /// What their browser says of the languages that they read.
    pub languages: Option<String>,
    /// What their browser says of itself.
    pub browser: Option<String>,
    /// From which address a proxy says that they come, where the gateway was told that it does ([`ADDRESS_HEADER`]).
    pub address: Option<String>,
}

/// The header in which a proxy says from where somebody comes, in houses that are told so.
pub const ADDRESS_HEADER: &str = "x-client-address";

/// The value of the Authorization header for a token.
pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

impl Visitor {
    /// A new visitor on the site with this origin.
    pub async fn open(ports: Ports, site: &str) -> Result<Self> {
        let client = ports.client()?;
        let body = OpenVisitor { widget: WIDGET, site: Origin::new(site)? };
        let session = ask(ports, &client, Who::default(), Method::POST, "/v1/visitors", Some(&body)).await?;
        Ok(Self { ports, client, session, languages: None, browser: None, address: None })
    }

    /// The same person on a site to which a hand-over code has brought them.
    pub async fn arrive(ports: Ports, from: &str, site: &str, code: &str) -> Result<Self> {
        let client = ports.client()?;
        let (site, from) = (Origin::new(site)?, Some(Origin::new(from)?));
        let body = RedeemHandover { code: code.to_owned(), widget: WIDGET, site, from };
        let session =
            ask(ports, &client, Who::default(), Method::POST, "/v1/handovers/redeem", Some(&body)).await?;
        Ok(Self { ports, client, session, languages: None, browser: None, address: None })
    }

    /// Asks the visitors' API something, with the session's token.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T> {
        let who = Who {
            token: Some(&self.session.token),
            languages: self.languages.as_deref(),
            browser: self.browser.as_deref(),
            address: self.address.as_deref(),
        };
        ask(self.ports, &self.client, who, method, path, body).await
    }

    /// A code that carries the conversation to another site.
    pub async fn hand_over_to(&self, target: &str) -> Result<String> {
        let body = RequestHandover { target: Origin::new(target)? };
        let handover: Handover = self.ask(Method::POST, "/v1/handovers", Some(&body)).await?;
        Ok(handover.code)
    }

    /// The conversation that goes on.
    pub async fn current(&self) -> Result<Option<ConversationId>> {
        let current: CurrentConversation =
            self.ask(Method::GET, "/v1/conversations/current", None::<&()>).await?;
        Ok(current.conversation)
    }

    /// Submits the form.
    pub async fn start(&self, answers: Vec<Answer>) -> Result<ConversationId> {
        self.start_by(fresh_request(), answers).await
    }

    /// Submits the form with this request id.
    pub async fn start_by(&self, request: RequestId, answers: Vec<Answer>) -> Result<ConversationId> {
        let body = StartConversation { request, answers, context: Vec::new(), page: None };
        let current: CurrentConversation = self.ask(Method::POST, "/v1/conversations", Some(&body)).await?;
        current.conversation.ok_or_else(|| anyhow::anyhow!("no conversation was started"))
    }

    /// Opens the socket of a conversation without a word.
    pub async fn socket(&self, conversation: ConversationId) -> Result<Socket<ServerFrame>> {
        self.socket_via(None, conversation).await
    }

    /// The same over whatever listens at this port.
    pub async fn socket_via(
        &self,
        via: Option<u16>,
        conversation: ConversationId,
    ) -> Result<Socket<ServerFrame>> {
        let path = format!("/v1/conversations/{conversation}/socket");
        Socket::open_via(via, &self.ports.chat(), &path, Codec::Binary, &[]).await
    }

    /// Opens the socket of a conversation and says hello.
    pub async fn connect(&self, conversation: ConversationId, holds: Option<Sequence>) -> Result<Live> {
        Live::hello(self.socket(conversation).await?, Some(&self.session.token), holds).await
    }
}

/// What a request says of the visitor.
#[derive(Debug, Clone, Copy, Default)]
struct Who<'visitor> {
    token: Option<&'visitor str>,
    languages: Option<&'visitor str>,
    browser: Option<&'visitor str>,
    address: Option<&'visitor str>,
}

async fn ask<T: DeserializeOwned>(
    ports: Ports,
    client: &reqwest::Client,
    who: Who<'_>,
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<T> {
    let chat = ports.chat();
    let mut request = client.request(method, format!("{chat}{path}")).header(ORIGIN, chat);
    request = request.header(ACCEPT, CONTENT_TYPE_BINARY);
    if let Some(token) = who.token {
        request = request.header(AUTHORIZATION, bearer(token));
    }
    if let Some(languages) = who.languages {
        request = request.header(ACCEPT_LANGUAGE, languages);
    }
    if let Some(browser) = who.browser {
        request = request.header(USER_AGENT, browser);
    }
    if let Some(address) = who.address {
        request = request.header(ADDRESS_HEADER, address);
    }
    if let Some(body) = body {
        request = request.header(CONTENT_TYPE, CONTENT_TYPE_BINARY).body(to_binary(body));
    }
    read(request.send().await?).await
}
