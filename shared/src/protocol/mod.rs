//! What travels between browsers and the gateway.
//!
//! - [`live`]: frames of a conversation's socket, the same for the widget and the console.
//! - [`desk`]: frames of a console's socket.
//! - [`http`]: bodies of requests and answers for what is not live.
//! - [`body`]: the list of all that is read from bodies of requests.
//! - [`insight`]: why, what if, and how much: what can be asked about routing.
//! - [`problem`]: the one error of the wire.
//! - [`codec`]: the two codings of all of these.
//!
//! Variants and fields are only ever added, at the end: the binary coding counts them. Golden bytes of every frame are
//! kept beside these files, so that a change that breaks an old client fails a test.

mod binary;
pub mod body;
pub mod codec;
pub mod desk;
pub mod http;
pub mod insight;
pub mod live;
pub mod mail;
pub mod problem;

pub use problem::{ErrorCode, Problem};

#[cfg(test)]
mod golden;
