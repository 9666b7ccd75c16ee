//! The two codings: binary (postcard) for the widget, JSON for the console, for people who look, and for clients that
//! others write. A socket chooses one by its subprotocol, a request by its content type.

use alloc::vec::Vec;
use serde::{Serialize, de::DeserializeOwned};

/// The WebSocket subprotocol of the binary coding.
pub const SUBPROTOCOL_BINARY: &str = "throughline.v1.bin";
/// The WebSocket subprotocol of the JSON coding.
pub const SUBPROTOCOL_JSON: &str = "throughline.v1.json";
/// The content type of a binary body.
pub const CONTENT_TYPE_BINARY: &str = "application/vnd.throughline.v1";
/// The content type of a JSON body.
pub const CONTENT_TYPE_JSON: &str = "application/json";

/// The text frame that asks whether the other side is there. The runtime answers it without waking anybody.
pub const PING: &str = "ping";
/// The answer to [`PING`].
pub const PONG: &str = "pong";

/// What arrived is not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a frame of the protocol")]
pub struct Malformed;

/// `value` in the binary coding.
pub fn to_binary<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    // Serializing our own frames into memory cannot fail; an empty frame would be refused by the other side.
    postcard::to_allocvec(value).unwrap_or_default()
}

/// The value that `bytes` hold, if they hold one and nothing else.
pub fn from_binary<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(Malformed),
    }
}

/// `value` in the JSON coding.
#[cfg(feature = "json")]
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> alloc::string::String {
    // As above: our own frames have text keys and no failing serializers.
    serde_json::to_string(value).unwrap_or_default()
}

/// The value that `bytes` hold in the JSON coding. Deep nesting is refused by the parser's own limit.
#[cfg(feature = "json")]
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    serde_json::from_slice(bytes).map_err(|_| Malformed)
}
