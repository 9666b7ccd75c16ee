//! The two codings: binary (postcard) for the widget, JSON for the console, for people who look, and for clients that
//! others write. A socket chooses one by its subprotocol, a request by its content type.
//!
//! A client sends one frame in each message. The gateway may put several into one: in the binary coding they follow each
//! other, in JSON each has a line of its own.

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
    let mut writer = super::binary::Writer::default();
    // Writing our own frames cannot fail; half a frame would be refused by the other side.
    let _ = value.serialize(&mut writer);
    writer.0
}

/// The value that `bytes` hold, if they hold one and nothing else.
pub fn from_binary<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut reader = super::binary::Reader(bytes);
    let value = T::deserialize(&mut reader)?;
    if reader.0.is_empty() { Ok(value) } else { Err(Malformed) }
}

/// Takes the first of the values that `bytes` hold one after the other. None if nothing is left, or nothing that can be
/// read: how long that is cannot be known.
///
/// What the gateway says to a socket in one turn comes in one message.
pub fn take_binary<T: DeserializeOwned>(bytes: &mut &[u8]) -> Option<T> {
    let mut reader = super::binary::Reader(bytes);
    let value = T::deserialize(&mut reader).ok()?;
    *bytes = reader.0;
    Some(value)
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

/// The values that `text` holds, one in each line, without those that cannot be read: they are of a later version.
#[cfg(feature = "json")]
pub fn from_json_lines<T: DeserializeOwned>(text: &str) -> impl Iterator<Item = T> {
    text.lines().filter_map(|line| from_json(line.as_bytes()).ok())
}

/// One of the two codings.
#[cfg(feature = "json")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Codec {
    /// postcard.
    Binary,
    /// JSON.
    Json,
}

/// An encoded frame, as a socket sends it.
#[cfg(feature = "json")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encoded {
    /// For a binary message.
    Binary(Vec<u8>),
    /// For a text message.
    Text(alloc::string::String),
}

#[cfg(feature = "json")]
impl Encoded {
    /// Both in one message. Frames in different codings stay apart: what cannot be joined comes back.
    pub fn join(&mut self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Binary(bytes), Self::Binary(next)) => bytes.extend(next),
            (Self::Text(text), Self::Text(next)) => {
                text.push('\n');
                text.push_str(&next);
            }
            (_, next) => return Some(next),
        }
        None
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Binary(bytes) => bytes.len(),
            Self::Text(text) => text.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(feature = "json")]
impl Codec {
    /// The frames of one message of the gateway; none if something in it cannot be read.
    pub fn decode_all<T: DeserializeOwned>(self, message: &[u8]) -> Result<Vec<T>, Malformed> {
        match self {
            Self::Binary => {
                let (mut rest, mut frames) = (message, Vec::new());
                while !rest.is_empty() {
                    frames.push(take_binary(&mut rest).ok_or(Malformed)?);
                }
                Ok(frames)
            }
            Self::Json => message.split(|byte| *byte == b'\n').map(from_json).collect(),
        }
    }
}

/// A frame that clients send. Its kinds are known by name, so that a kind from another version is told apart from
/// noise.
#[cfg(feature = "json")]
pub trait ClientMade: DeserializeOwned {
    /// The names of all kinds, in the order of the binary coding.
    const KINDS: &'static [&'static str];

    /// The part of a JSON frame that bears the kind.
    fn kind_in(frame: &serde_json::Value) -> &serde_json::Value {
        frame
    }

    /// Where in a binary frame the kind stands, if at a fixed place.
    const KIND_AT: Option<usize> = Some(0);
}

/// What arrived is not a frame that this version takes.
#[cfg(feature = "json")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// Noise.
    #[error("this is not a frame of the protocol")]
    Malformed,
    /// A frame of another version.
    #[error("this kind of frame is not known")]
    UnknownKind,
}

#[cfg(feature = "json")]
impl From<Undecodable> for super::Problem {
    fn from(undecodable: Undecodable) -> Self {
        match undecodable {
            Undecodable::Malformed => super::ErrorCode::Malformed.into(),
            Undecodable::UnknownKind => super::ErrorCode::UnknownFrame.into(),
        }
    }
}

#[cfg(feature = "json")]
impl Codec {
    /// The coding of this WebSocket subprotocol.
    pub fn of_subprotocol(name: &str) -> Option<Self> {
        match name {
            SUBPROTOCOL_BINARY => Some(Self::Binary),
            SUBPROTOCOL_JSON => Some(Self::Json),
            _ => None,
        }
    }

    /// Its WebSocket subprotocol.
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::Binary => SUBPROTOCOL_BINARY,
            Self::Json => SUBPROTOCOL_JSON,
        }
    }

    /// Its content type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Binary => CONTENT_TYPE_BINARY,
            Self::Json => CONTENT_TYPE_JSON,
        }
    }

    /// `value` in this coding.
    pub fn encode<T: Serialize + ?Sized>(self, value: &T) -> Encoded {
        match self {
            Self::Binary => Encoded::Binary(to_binary(value)),
            Self::Json => Encoded::Text(to_json(value)),
        }
    }

    /// The value that `bytes` hold in this coding.
    pub fn decode<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, Malformed> {
        match self {
            Self::Binary => from_binary(bytes),
            Self::Json => from_json(bytes),
        }
    }

    /// The frame that a client sent.
    pub fn decode_frame<T: ClientMade>(self, bytes: &[u8]) -> Result<T, Undecodable> {
        self.decode(bytes).map_err(|Malformed| {
            let known = match self {
                Self::Binary => T::KIND_AT
                    .and_then(|at| bytes.get(at))
                    .is_none_or(|kind| usize::from(*kind) < T::KINDS.len()),
                Self::Json => json_kind_is_known::<T>(bytes),
            };
            if known { Undecodable::Malformed } else { Undecodable::UnknownKind }
        })
    }
}

#[cfg(feature = "json")]
fn json_kind_is_known<T: ClientMade>(bytes: &[u8]) -> bool {
    let Ok(frame) = serde_json::from_slice(bytes) else { return true };
    let kind = match T::kind_in(&frame) {
        serde_json::Value::String(kind) => Some(kind.as_str()),
        serde_json::Value::Object(fields) if fields.len() == 1 => {
            fields.keys().next().map(alloc::string::String::as_str)
        }
        _ => None,
    };
    kind.is_none_or(|kind| T::KINDS.contains(&kind))
}

#[cfg(feature = "json")]
impl ClientMade for super::live::ClientFrame {
    const KINDS: &'static [&'static str] = &[
        "hello",
        "send",
        "typing",
        "read",
        "fetch_after",
        "fetch_before",
        "end",
        "edit",
        "redact",
        "received",
    ];
}

#[cfg(feature = "json")]
impl ClientMade for super::desk::DeskRequest {
    const KINDS: &'static [&'static str] = &[
        "set_presence",
        "accept",
        "reject",
        "pick",
        "end",
        "close",
        "reset_presence",
        "release",
        "wait",
        "resume",
        "leave",
        "transfer",
        "withdraw_transfer",
        "consult",
        "end_consult",
        "add_to_chat",
        "remove_from_chat",
        "candidates",
        "assign",
        "redirect",
        "force_close",
        "monitor",
        "join",
        "override_presence",
        "bulk",
        "reroute",
    ];
    // The console's number comes first and is as long as it needs to be.
    const KIND_AT: Option<usize> = None;

    fn kind_in(frame: &serde_json::Value) -> &serde_json::Value {
        static NOTHING: serde_json::Value = serde_json::Value::Null;
        frame.get("command").unwrap_or(&NOTHING)
    }
}
