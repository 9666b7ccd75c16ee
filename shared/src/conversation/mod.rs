//! What was said and who may see it: the machine of one conversation.

mod command;
mod machine;
mod rejection;
mod view;

pub use command::{Command, Effect, Notice, Opening, Sender};
pub use machine::Conversation;
pub use rejection::Rejection;
pub use view::Page;
