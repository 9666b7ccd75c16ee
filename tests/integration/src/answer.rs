//! Answers of the gateway that are not what was asked for.

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use shared::protocol::codec::{CONTENT_TYPE_BINARY, Codec};
use shared::protocol::{ErrorCode, Problem};
use xtask::desk::Refused;

/// The gateway refused something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused with status {status}: {problem:?}")]
pub struct Refusal {
    /// The HTTP status; that of the code for what came over a socket.
    pub status: u16,
    /// Why.
    pub problem: Problem,
}

impl Refusal {
    /// A refusal that came over a socket.
    pub fn over_socket(problem: Problem) -> Self {
        Self { status: problem.code.status(), problem }
    }
}

/// Reads an answer in the coding that it names. A refusal becomes a [`Refusal`].
pub(crate) async fn read<T: DeserializeOwned>(response: Response) -> Result<T> {
    let status = response.status();
    if !status.is_success() {
        return Err(problem_of(response).await?.into());
    }
    let codec = codec_of(&response);
    let bytes = response.bytes().await?;
    codec
        .decode(&bytes)
        .with_context(|| format!("the answer is something else: {}", String::from_utf8_lossy(&bytes)))
}

/// The refusal that an answer is.
pub async fn problem_of(response: Response) -> Result<Refusal> {
    let status = response.status();
    ensure!(!status.is_success(), "this should have been refused: {response:?}");
    let (codec, address) = (codec_of(&response), response.url().clone());
    let bytes = response.bytes().await?;
    let problem = codec.decode(&bytes).with_context(|| {
        format!("{status} of {address} is no problem: {}", String::from_utf8_lossy(&bytes))
    })?;
    Ok(Refusal { status: status.as_u16(), problem })
}

fn codec_of(response: &Response) -> Codec {
    let kind = response.headers().get(CONTENT_TYPE).map(reqwest::header::HeaderValue::as_bytes);
    if kind == Some(CONTENT_TYPE_BINARY.as_bytes()) { Codec::Binary } else { Codec::Json }
}

/// The refusal in a result that should be one.
pub fn refusal<T>(result: Result<T>) -> Result<Refusal> {
    match result {
        Ok(_) => bail!("this should have been refused"),
        Err(error) => match error.downcast::<Refused>() {
            // xtask's own desk keeps the code alone.
            Ok(Refused { code, message, .. }) => {
                Ok(Refusal::over_socket(Problem::from(code).saying(message)))
            }
            Err(error) => error.downcast::<Refusal>(),
        },
    }
}

/// Checks that this was refused with this code, its status, and a sentence.
///
/// # Panics
///
/// If it was not.
#[track_caller]
pub fn assert_refused<T>(result: Result<T>, code: ErrorCode) {
    let refusal = match refusal(result) {
        Ok(refusal) => refusal,
        Err(error) => panic!("expected {code:?}: {error:#}"),
    };
    assert_eq!(refusal.problem.code, code, "{refusal}");
    assert_eq!(refusal.status, code.status(), "{refusal}");
    assert!(refusal.problem.message.ends_with('.'), "a sentence: {refusal}");
}
