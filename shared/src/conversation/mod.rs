//! What was said and who may see it: the machine of one conversation.
//!
//! The log is the conversation: entries are numbered 1, 2, 3 … without gaps and never change, but that a removal takes
//! the text out of what it removes. What somebody sees is a function of the log and of the side they are on.

mod absence;
mod amend;
mod command;
mod cursors;
mod files;
mod log;
mod machine;
mod older;
mod participants;
mod rejection;
mod view;

#[cfg(test)]
mod tests;

pub use command::{Command, Effect, Notice, Opening, Sender};
pub use cursors::Cursor;
pub use log::{Attachment, Matter, Record, Writer};
pub use machine::{Conversation, Head};
pub use rejection::Rejection;
