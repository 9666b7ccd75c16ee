//! People for the tests that drive the real server.
//!
//! A [`House`] is one server with its own ports and its own folder, started as `cargo xtask dev` starts it. A
//! [`Visitor`] speaks the binary coding, as the widget does; a [`Console`] speaks JSON, as the console does. Nothing here
//! sleeps: whoever waits, waits for a condition, with a limit.

mod answer;
mod console;
mod house;
mod live;
mod socket;
mod visitor;

pub use answer::{Refusal, assert_refused, problem_of, refusal};
pub use console::Console;
pub use house::{House, answers, fresh_message, fresh_request};
pub use live::Live;
pub use socket::{Ended, Socket};
pub use visitor::{Visitor, bearer};
