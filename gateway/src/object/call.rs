//! How the gateway and the objects speak with each other: typed requests on internal paths, which no outside request can
//! reach because objects are only reachable through their stubs.

use core::fmt::Write as _;

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::authority::Role;
use shared::id::{ConversationId, RepresentativeId};
use shared::protocol::Problem;
use shared::protocol::codec::Codec;
use shared::protocol::mail::ObjectMail;
use shared::time::Timestamp;
use worker::{Method, Request, RequestInit, Response, ResponseBuilder, Stub};

use super::{MailRequest, Shell};
use crate::fault::{Fault, Result};

/// A request with an answer.
pub(crate) const CALL_PATH: &str = "/call";
/// Effects of another object.
pub(crate) const DELIVER_PATH: &str = "/deliver";
/// What lies dead and what is held up.
pub(crate) const MAIL_PATH: &str = "/mail";
/// A socket's upgrade.
pub(crate) const SOCKET_PATH: &str = "/socket";

/// The header in which the gateway tells an object who opens a socket.
const IDENTITY_HEADER: &str = "x-throughline-identity";

/// Who opens a socket, as the gateway has established it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Identity {
    /// The coding that the client chose.
    pub(crate) codec: Codec,
    /// The conversation whose socket it is; none for a desk.
    pub(crate) conversation: Option<ConversationId>,
    /// Somebody of the staff; none for a customer, who says hello with a token.
    pub(crate) staff: Option<Staff>,
    /// From where they come, if that is known.
    pub(crate) address: Option<String>,
    /// Since when it holds that they may sit there: by the clock of whoever was asked, if anybody was.
    pub(crate) admitted: Timestamp,
    /// Whether somebody of the staff may sit there whatever part they take.
    pub(crate) watches: bool,
}

/// Somebody of the staff, as the gateway has established it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Staff {
    pub(crate) representative: RepresentativeId,
    pub(crate) full_name: String,
    pub(crate) role: Role,
    /// The hash of the session's token: by it the sockets of a session that ends are found.
    pub(crate) session: [u8; 32],
    /// When that session ends by itself.
    pub(crate) expires: Timestamp,
}

impl Identity {
    /// The identity that the gateway wrote into an upgrade request.
    pub(super) fn read(request: &Request) -> Result<Self> {
        let text = request.headers().get(IDENTITY_HEADER)?.ok_or(Fault::Answer)?;
        serde_json::from_str(&text).map_err(|_| Fault::Answer)
    }

    /// An upgrade request to an object.
    pub(crate) fn upgrade(&self) -> Result<Request> {
        let mut init = RequestInit::new();
        init.with_method(Method::Get);
        init.headers.set("Upgrade", "websocket")?;
        // Header values are bytes: names in other scripts must be escaped.
        init.headers.set(IDENTITY_HEADER, &ascii_json(self)?)?;
        Ok(Request::new_with_init(&address(SOCKET_PATH), &init)?)
    }
}

/// JSON in which every character beyond ASCII is escaped.
fn ascii_json<T: Serialize>(value: &T) -> Result<String> {
    let json = serde_json::to_string(value).map_err(|_| Fault::Answer)?;
    let mut ascii = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => ascii.push(char::from(byte)),
            // Writing into a string does not fail.
            _ => write!(ascii, "\\u{unit:04x}").unwrap_or_default(),
        }
    }
    Ok(ascii)
}

/// Asks an object something and waits for the answer.
pub(crate) async fn call<S: Shell>(
    stub: &Stub,
    request: &S::Request,
) -> core::result::Result<S::Answer, Problem> {
    let bytes = postcard::to_allocvec(request).map_err(|_| Fault::Answer)?;
    let mut response = send(stub, CALL_PATH, bytes).await?;
    let bytes = response.bytes().await.map_err(Fault::from)?;
    decode(&bytes)?
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    postcard::from_bytes(bytes).map_err(|_| Fault::Answer)
}

/// Sends bytes to an object on one of the internal paths.
async fn send(stub: &Stub, path: &str, bytes: Vec<u8>) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_body(Some(js_sys::Uint8Array::from(bytes.as_slice()).into()));
    let response = stub.fetch_with_request(Request::new_with_init(&address(path), &init)?).await?;
    if response.status_code() == 200 { Ok(response) } else { Err(Fault::Answer) }
}

/// The answer to an upgrade that is refused.
pub(super) fn refuse_upgrade(problem: &Problem) -> Result<Response> {
    let mut response = ResponseBuilder::new().with_status(problem.code.status());
    if let Some(span) = problem.retry_after {
        response = response.with_header("retry-after", &span.as_secs_up().to_string())?;
    }
    Ok(response.from_json(problem)?)
}

fn address(path: &str) -> String {
    // The host means nothing: the stub knows its object.
    format!("https://object{path}")
}

/// Looks after an object's mail. The name in the answer is left to whoever knows it.
pub(crate) async fn mail(stub: &Stub, request: &MailRequest) -> core::result::Result<ObjectMail, Problem> {
    let bytes = postcard::to_allocvec(request).map_err(|_| Fault::Answer)?;
    let mut response = send(stub, MAIL_PATH, bytes).await?;
    let bytes = response.bytes().await.map_err(Fault::from)?;
    decode(&bytes)?
}

/// Delivers effects to an object. It has them on disk when this returns.
pub(crate) async fn deliver(stub: &Stub, delivery: &super::Delivery) -> Result<()> {
    let bytes = postcard::to_allocvec(delivery).map_err(|_| Fault::Answer)?;
    send(stub, DELIVER_PATH, bytes).await.map(drop)
}
