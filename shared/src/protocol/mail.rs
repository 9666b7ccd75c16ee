//! The mail between the gateway's objects, as administrators see it: what could not be carried out, and what is held up.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Something that one object told another, and that could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Its number, by which it is tried again or thrown away.
    pub number: u64,
    /// When it came.
    pub at: Timestamp,
    /// The object that told it.
    pub from: String,
    /// Why it could not be carried out.
    pub reason: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What an object has told another in vain so far. It is repeated until it is heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldUp {
    /// The object that does not answer.
    pub to: String,
    /// How many effects wait for it.
    pub waiting: u64,
    /// How often it was tried in a row.
    pub failures: u32,
    /// When it is tried again; none while it is being tried.
    pub next_try: Option<Timestamp>,
}

/// The mail of one object that needs somebody to look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectMail {
    /// The object: `settings`, `router`, `records`, or `conversations/` and the number of a shard.
    pub object: String,
    /// What lies dead, the newest first; 200 at most.
    pub dead: Vec<DeadLetter>,
    /// What is held up.
    pub held_up: Vec<HeldUp>,
}

/// The answer to `GET /v1/mail`: every object with mail that needs somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mail {
    /// None of them is empty.
    pub objects: Vec<ObjectMail>,
}

/// The body of `POST /v1/mail/again` and `POST /v1/mail/discard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterChoice {
    /// The object that has the letter, as it is listed.
    pub object: String,
    /// The letter's number.
    pub number: u64,
}
