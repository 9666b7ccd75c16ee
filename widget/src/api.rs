//! Requests to the gateway, in the binary coding.

use alloc::vec::Vec;

use js_sys::Uint8Array;
use serde::{Serialize, de::DeserializeOwned};
use shared::protocol::codec::{CONTENT_TYPE_BINARY, from_binary, to_binary};
use shared::protocol::{ErrorCode, Problem};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::dom::window;
use crate::model::Failure;

/// How long an answer may take, in milliseconds.
const PATIENCE: u32 = 15_000;

/// Asks for what is at this path.
pub(crate) async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    decode(request("GET", path, None, None).await?)
}

/// Sends `body` to this path.
pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(
    path: &str,
    token: Option<&str>,
    body: &B,
) -> Result<T, Failure> {
    decode(request("POST", path, token, Some(to_binary(body))).await?)
}

fn decode<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<T, Failure> {
    from_binary(&bytes).map_err(|_| Failure::Refused(Problem::from(ErrorCode::Internal)))
}

/// The body of the answer. One function for all types, so that it is in the binary once.
async fn request(method: &str, path: &str, token: Option<&str>, body: Option<Vec<u8>>) -> Result<Vec<u8>, Failure> {
    let (status, bytes) = exchange(method, path, token, body).await.map_err(|_| Failure::Unreachable)?;
    match status {
        200..300 => Ok(bytes),
        // Something between us and the gateway answered.
        _ => Err(from_binary(&bytes).map_or(Failure::Unreachable, Failure::Refused)),
    }
}

async fn exchange(
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<Vec<u8>>,
) -> Result<(u16, Vec<u8>), JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", CONTENT_TYPE_BINARY)?;
    if let Some(token) = token {
        headers.set("authorization", &["Bearer ", token].concat())?;
    }
    let init = RequestInit::new();
    init.set_method(method);
    if let Some(body) = body {
        headers.set("content-type", CONTENT_TYPE_BINARY)?;
        init.set_body(&Uint8Array::from(&body[..]));
    }
    init.set_headers(&headers);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(path, &init)).await?.unchecked_into();
    let bytes = JsFuture::from(response.array_buffer()?).await?;
    Ok((response.status(), Uint8Array::new(&bytes).to_vec()))
}
