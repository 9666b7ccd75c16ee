//! Requests to the gateway, in JSON. Whatever goes wrong becomes a [`Problem`] with a sentence for people.

use serde::{Serialize, de::DeserializeOwned};
use shared::id::ConversationId;
use shared::protocol::codec::{CONTENT_TYPE_JSON, from_json, to_json};
use shared::protocol::desk::WorkItemView;
use shared::protocol::http::{Me, SetUp, SignIn};
use shared::protocol::insight::{Counters, Explanation, Ongoing, RuleExplained, Tried};
use shared::protocol::mail::{LetterChoice, Mail, ObjectMail};
use shared::protocol::{ErrorCode, Problem};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Request, RequestInit, Response};

/// Who has signed in.
pub(crate) async fn me() -> Result<Me, Problem> {
    get("/v1/staff/me").await
}

/// Signs in.
pub(crate) async fn sign_in(body: &SignIn) -> Result<Me, Problem> {
    post("/v1/staff/sign-in", body).await
}

/// Sets a password by a one-time link, and signs in.
pub(crate) async fn set_up(body: &SetUp) -> Result<Me, Problem> {
    post("/v1/staff/setup", body).await
}

/// Signs out.
pub(crate) async fn sign_out() -> Result<(), Problem> {
    send("POST", "/v1/staff/sign-out", Body::None, None).await.map(|_| ())
}

/// The reader's conversations that were closed today.
pub(crate) async fn closed_today() -> Result<Vec<WorkItemView>, Problem> {
    get("/v1/records/conversations").await
}

/// Why a conversation is where it is.
pub(crate) async fn explanation(conversation: ConversationId) -> Result<Explanation, Problem> {
    get(&format!("/v1/conversations/{conversation}/explanation")).await
}

/// What became of the rules that could have decided where a conversation goes; nothing once it is closed.
pub(crate) async fn rules(conversation: ConversationId) -> Result<Vec<RuleExplained>, Problem> {
    match get(&format!("/v1/conversations/{conversation}/rules")).await {
        Err(problem) if problem.code == ErrorCode::UnknownConversation => Ok(Vec::new()),
        answer => answer,
    }
}

/// What goes on in all queues.
pub(crate) async fn ongoing() -> Result<Ongoing, Problem> {
    get("/v1/work").await
}

/// The live counters.
pub(crate) async fn counters() -> Result<Counters, Problem> {
    get("/v1/counters").await
}

/// What would become of a conversation.
pub(crate) async fn trial(body: &serde_json::Value) -> Result<Tried, Problem> {
    post("/v1/trial", body).await
}

/// What parts of the system could not tell each other.
pub(crate) async fn mail() -> Result<Mail, Problem> {
    get("/v1/mail").await
}

/// Has a letter tried again. Answered by what its object still has.
pub(crate) async fn try_letter_again(letter: &LetterChoice) -> Result<ObjectMail, Problem> {
    post("/v1/mail/again", letter).await
}

/// Throws a letter away. Answered by what its object still has.
pub(crate) async fn discard_letter(letter: &LetterChoice) -> Result<ObjectMail, Problem> {
    post("/v1/mail/discard", letter).await
}

/// The configuration, as it is written: of most of it this console knows nothing.
pub(crate) async fn settings() -> Result<serde_json::Value, Problem> {
    get("/v1/settings").await
}

/// What a failed request to reach the gateway means.
pub(crate) fn unreachable() -> Problem {
    Problem::from(ErrorCode::Overloaded)
        .saying("The gateway cannot be reached. Check your connection and try again.")
}

async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Problem> {
    read(&send("GET", path, Body::None, None).await?)
}

async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Problem> {
    read(&send("POST", path, Body::Json(&to_json(body)), None).await?)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    from_json(text.as_bytes()).map_err(|_| unreadable())
}

/// What an answer means that is none of ours.
pub(super) fn unreadable() -> Problem {
    Problem::from(ErrorCode::Internal)
        .saying("The gateway's answer could not be read. Reload the page; it may have been updated.")
}

/// What a request carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body<'a> {
    /// Nothing.
    None,
    /// A document.
    Json(&'a str),
    /// A piece of a file.
    Bytes(&'a JsValue),
}

/// Sends a request, which `signal` can break off. The answer's text.
pub(super) async fn send(
    method: &str,
    path: &str,
    body: Body<'_>,
    signal: Option<&AbortSignal>,
) -> Result<String, Problem> {
    let Some(window) = web_sys::window() else { return Err(unreachable()) };
    let request = request(method, path, body, signal).map_err(|_| unreachable())?;
    let response = JsFuture::from(window.fetch_with_request(&request)).await.map_err(|_| unreachable())?;
    let response: Response = response.unchecked_into();
    let text = match response.text() {
        Ok(text) => JsFuture::from(text).await.map_err(|_| unreachable())?.as_string().unwrap_or_default(),
        Err(_) => return Err(unreachable()),
    };
    if response.ok() { Ok(text) } else { Err(refusal(response.status(), &text)) }
}

fn request(
    method: &str,
    path: &str,
    body: Body<'_>,
    signal: Option<&AbortSignal>,
) -> Result<Request, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_signal(signal);
    let content_type = match body {
        Body::None => None,
        Body::Json(text) => {
            init.set_body(&JsValue::from_str(text));
            Some(CONTENT_TYPE_JSON)
        }
        Body::Bytes(bytes) => {
            init.set_body(bytes);
            Some("application/octet-stream")
        }
    };
    let request = Request::new_with_str_and_init(path, &init)?;
    request.headers().set("Accept", CONTENT_TYPE_JSON)?;
    if let Some(content_type) = content_type {
        request.headers().set("Content-Type", content_type)?;
    }
    Ok(request)
}

/// The problem in an answer. Something between us and the gateway may answer in its own words; the status says enough.
fn refusal(status: u16, text: &str) -> Problem {
    from_json(text.as_bytes()).unwrap_or_else(|_| {
        Problem::from(match status {
            401 => ErrorCode::NotSignedIn,
            403 => ErrorCode::NotPermitted,
            404 => ErrorCode::NotFound,
            429 => ErrorCode::TooManyRequests,
            502..=504 => ErrorCode::Overloaded,
            _ => ErrorCode::Internal,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_problem_gets_one_by_its_status() {
        assert_eq!(refusal(502, "<html>").code, ErrorCode::Overloaded);
        assert_eq!(refusal(401, "").code, ErrorCode::NotSignedIn);
        let sent = Problem::from(ErrorCode::WrongPassword);
        assert_eq!(refusal(401, &to_json(&sent)), sent);
    }
}
