//! The core of Throughline: its vocabulary, its wire protocol and its three state machines.
//!
//! Here is every rule of the business, and nothing else. This crate does no I/O, reads no clock, draws no random
//! number, starts no task, and no input makes it panic. Time and ids come with the command. What iterates, iterates in
//! a fixed order. So the same commands give the same effects, which is what makes replay, simulation and audit possible.
//!
//! The three machines have one shape:
//!
//! - `handle(&mut self, now, command) -> Result<Vec<Effect>, Rejection>`: a rejection leaves the state as it was, to
//!   the byte; the effects are orders to the shell, in the order in which they are to be carried out.
//! - `next_deadline(&self) -> Option<Timestamp>`: when `handle(now, Command::Tick)` must be called next. Too early, too
//!   late and twice are all harmless.
//!
//! - [`routing::Router`] decides who handles what.
//! - [`conversation::Conversation`] decides what was said and who may see it.
//! - [`client::ChatClient`] decides what a browser must do to stay in step with a conversation.
//!
//! What the widget links ([`client`], [`protocol`], [`form`]) is written without formatting, maps and regular
//! expressions: there every byte counts.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod authority;
pub mod client;
pub mod condition;
pub mod conversation;
pub mod file;
pub mod form;
pub mod hours;
pub mod id;
pub mod limit;
pub mod links;
pub mod owed;
pub mod protocol;
pub mod rate;
pub mod routing;
pub mod settings;
pub mod text;
pub mod time;
