//! People for the tests that drive the real server.
//!
//! A [`House`] is one server with its own ports and its own folder, started as `cargo xtask dev` starts it. A
//! [`Visitor`] speaks the binary coding, as the widget does; a [`Console`] speaks JSON, as the console does. A [`Chat`] is the
//! client's machine itself, and a [`Proxy`] a bad network. Nothing here
//! sleeps: whoever waits, waits for a condition, with a limit.

mod answer;
mod chat;
mod console;
mod house;
mod live;
mod proxy;
mod socket;
mod visitor;

pub use answer::{Refusal, assert_refused, problem_of, refusal};
pub use chat::{Chat, Way, Written};
pub use console::Console;
pub use house::{House, answers, fresh_message, fresh_request};
pub use live::Live;
pub use proxy::Proxy;
pub use socket::{Ended, Heard, Socket};
pub use visitor::{ADDRESS_HEADER, Visitor, bearer};
