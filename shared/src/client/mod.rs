//! What a browser must do to stay in step with a conversation. The widget and the console both drive this machine, so
//! that both have one tested answer to a bad network.
//!
//! The shell owns a socket, a timer and a store. It turns what happens into [`Input`]s and carries out the
//! [`Output`]s in order. Linked into the widget: no formatting, no maps.

mod input;
mod machine;
mod outbox;

pub use input::{Change, Connection, Input, Output};
pub use machine::ChatClient;
pub use outbox::{Delivery, Draft};
