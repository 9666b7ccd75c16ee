//! What a browser must do to stay in step with a conversation. The widget and the console both drive this machine, so
//! that both have one tested answer to a bad network.
//!
//! The shell owns a socket, a timer and a store. It turns what happens into [`Input`]s and carries out the
//! [`Output`]s in order. Linked into the widget: no formatting, no maps.
//!
//! - [`machine`]: the whole, and what the person and the clock do; [`gateway`]: what the gateway says; [`shown`]: what the
//!   views read.
//! - [`link`]: the connection: when to connect, to ping, to give a socket up.
//! - [`log`]: the stretch of the log that is held, and how pieces join it.
//! - [`outbox`]: messages that have no place in the log yet.

#[cfg(feature = "amend")]
mod amend;
mod gateway;
mod input;
mod link;
mod log;
mod machine;
mod outbox;
mod shown;
#[cfg(test)]
mod tests;

pub use input::{Change, Connection, Input, Output};
pub use machine::ChatClient;
pub use outbox::{Delivery, Draft, DraftKind};
