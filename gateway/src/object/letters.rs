//! Dead letters: what another object has told and could not be carried out, because it cannot be read or because of a fault
//! of ours. It does not hold up what comes after it, and it is not lost: it is kept until an administrator has it tried
//! again or throws it away.

use serde::{Deserialize, Serialize};
use shared::protocol::mail::DeadLetter;
use shared::time::Timestamp;

use super::sql::{Row, Sql, Value, blob, number};
use crate::fault::{Fault, Result};

/// Why a letter lies dead that means nothing to its reader.
pub(super) const UNREADABLE: &str =
    "It cannot be read by this version. Try it again after an update, or throw it away.";
/// Why a letter lies dead that tore a turn.
pub(super) const TORN: &str = "A fault on our side ended it half-way, and nothing of it was kept. Try it again after an update, \
                               or throw it away.";
/// How many are kept. Whoever lets so many lie will not read more of them; the oldest go.
const LETTERS_MAX: u64 = 10_000;
/// How many are listed at once.
const LISTED_MAX: u64 = 200;

/// An effect of another object, as it came.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    /// From whom.
    pub(super) source: String,
    /// Which of theirs.
    pub(super) number: u64,
    /// What they told.
    pub(super) effect: Vec<u8>,
}

/// What the gateway asks of an object's mail.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum MailRequest {
    /// What lies dead, and what is held up.
    List,
    /// This letter is tried again; it goes if that succeeds.
    Again(u64),
    /// This letter is thrown away.
    Discard(u64),
}

pub(super) fn create(sql: &Sql) -> Result<()> {
    sql.run(
        "CREATE TABLE IF NOT EXISTS dead_letters (
            number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, source TEXT NOT NULL,
            effect_number INTEGER NOT NULL, reason TEXT NOT NULL, effect BLOB NOT NULL
        )",
        vec![],
    )
}

/// Keeps a letter, in the transaction of the turn that could not carry it out.
pub(super) fn keep(sql: &Sql, now: Timestamp, letter: &Letter, reason: &str) -> Result<()> {
    sql.run(
        "INSERT INTO dead_letters (at, source, effect_number, reason, effect) VALUES (?, ?, ?, ?, ?)",
        vec![
            number(now.as_millis()),
            Value::String(letter.source.clone()),
            number(letter.number),
            Value::String(reason.to_owned()),
            blob(letter.effect.clone()),
        ],
    )?;
    sql.run(
        "DELETE FROM dead_letters WHERE number <= (SELECT max(number) FROM dead_letters) - ?",
        vec![number(LETTERS_MAX)],
    )
}

/// The newest letters, the newest first.
pub(super) fn list(sql: &Sql) -> Result<Vec<DeadLetter>> {
    sql.rows(
        "SELECT number, at, source, reason, length(effect) FROM dead_letters ORDER BY number DESC LIMIT ?",
        vec![number(LISTED_MAX)],
        |row| {
            Ok(DeadLetter {
                number: row.number()?,
                at: Timestamp::from_millis(row.number()?),
                from: row.text()?,
                reason: row.text()?,
                bytes: row.number()?,
            })
        },
    )
}

/// What this letter told.
pub(super) fn effect(sql: &Sql, letter: u64) -> Result<Option<Vec<u8>>> {
    sql.first("SELECT effect FROM dead_letters WHERE number = ?", vec![number(letter)], Row::blob)
}

/// Throws a letter away. An error if there is none.
pub(super) fn discard(sql: &Sql, letter: u64) -> Result<()> {
    effect(sql, letter)?.ok_or(Fault::Stored("a dead letter"))?;
    sql.run("DELETE FROM dead_letters WHERE number = ?", vec![number(letter)])
}
