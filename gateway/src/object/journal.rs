//! The journal: what was done since the last checkpoint, one row for each turn.
//!
//! A row holds the steps of a turn one after the other and the moment of the turn. Replaying the rows over the state of the
//! checkpoint gives the state of now, because the machines are pure. A checkpoint stores the state and empties the
//! journal in the same transaction, so that the two can never both be there or both be missing.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::time::Timestamp;

use super::sql::{Sql, blob, number};
use crate::fault::{Fault, Result};

/// The version of what a row holds. A change of the steps' coding gets a new number, and the old ones stay readable.
const FORMAT: u64 = 1;

/// After this many rows a checkpoint is due: enough to make its cost small beside theirs, few enough that loading an object
/// replays them in milliseconds.
const ROWS_MAX: u64 = 256;

/// After this many bytes a checkpoint is due, however few the rows.
const BYTES_MAX: usize = 1024 * 1024;

/// The journal of one object.
pub(crate) struct Journal {
    next: u64,
    rows: u64,
    bytes: usize,
}

/// Bytes after which the steps of a turn go on in another row. A row holds at most 2 MB, and a step is far below that.
const ROW_BYTES: usize = 512 * 1024;

/// The steps of one turn, as they will be written: the bytes of each row.
#[derive(Default)]
pub(crate) struct Steps(Vec<Vec<u8>>);

/// Where a step begins.
pub(crate) struct Place {
    row: usize,
    byte: usize,
}

impl Steps {
    /// Notes a step. Returns where it begins, so that it can be taken back.
    pub(crate) fn note<S: Serialize>(&mut self, step: &S) -> Result<Place> {
        if self.0.last().is_none_or(|row| row.len() >= ROW_BYTES) {
            self.0.push(Vec::new());
        }
        let row = self.0.len() - 1;
        let bytes = self.0.pop().unwrap_or_default();
        let byte = bytes.len();
        let noted =
            postcard::to_extend(step, bytes).map_err(|_| Fault::Stored("a step that can be written"))?;
        self.0.push(noted);
        Ok(Place { row, byte })
    }

    /// Takes back the step that began there and everything after it: it was refused.
    pub(crate) fn take_back(&mut self, place: &Place) {
        self.0.truncate(place.row + 1);
        if let Some(row) = self.0.get_mut(place.row) {
            row.truncate(place.byte);
        }
    }
}

impl Journal {
    /// Opens the journal and gives every step since the last checkpoint to `replay`, in order.
    pub(crate) fn open<S: DeserializeOwned>(
        sql: &Sql,
        mut replay: impl FnMut(Timestamp, S) -> Result<()>,
    ) -> Result<Self> {
        sql.run(
            "CREATE TABLE IF NOT EXISTS journal (
                number INTEGER PRIMARY KEY, format INTEGER NOT NULL, at INTEGER NOT NULL, steps BLOB NOT NULL
            )",
            vec![],
        )?;
        let rows =
            sql.rows("SELECT number, format, at, steps FROM journal ORDER BY number", vec![], |row| {
                Ok((row.number()?, row.number()?, row.number()?, row.blob()?))
            })?;
        let mut journal = Self { next: 1, rows: 0, bytes: 0 };
        for (row, format, at, steps) in rows {
            if format != FORMAT {
                return Err(Fault::Stored("a journal of a version that this gateway can read"));
            }
            let mut rest = steps.as_slice();
            while !rest.is_empty() {
                let (step, after) =
                    postcard::take_from_bytes(rest).map_err(|_| Fault::Stored("a step of the journal"))?;
                rest = after;
                replay(Timestamp::from_millis(at), step)?;
            }
            journal.next = row + 1;
            journal.rows += 1;
            journal.bytes += steps.len();
        }
        Ok(journal)
    }

    /// Writes the steps of a turn.
    pub(crate) fn write(&mut self, sql: &Sql, now: Timestamp, steps: Steps) -> Result<()> {
        for row in steps.0.into_iter().filter(|row| !row.is_empty()) {
            let bytes = row.len();
            let values = vec![
                number(self.next),
                number(FORMAT),
                number(now.as_millis()),
                super::sql::Value::Blob(row),
            ];
            sql.run("INSERT INTO journal (number, format, at, steps) VALUES (?, ?, ?, ?)", values)?;
            self.next += 1;
            self.rows += 1;
            self.bytes += bytes;
        }
        Ok(())
    }

    /// Whether it is time for a checkpoint.
    pub(crate) fn wants_checkpoint(&self) -> bool {
        self.rows >= ROWS_MAX || self.bytes >= BYTES_MAX
    }

    /// Empties the journal, after the state was stored in the same transaction.
    pub(crate) fn empty(&mut self, sql: &Sql) -> Result<()> {
        sql.run("DELETE FROM journal", vec![])?;
        self.rows = 0;
        self.bytes = 0;
        Ok(())
    }
}

/// Bytes of one part of a stored state: a row holds at most 2 MB.
const PART_BYTES: usize = 1024 * 1024;

/// Stores a state as a whole, in parts that fit into rows.
pub(crate) fn store_state<S: Serialize>(sql: &Sql, state: &S) -> Result<()> {
    create_state(sql)?;
    let bytes = postcard::to_allocvec(state).map_err(|_| Fault::Stored("a state that can be written"))?;
    sql.run("DELETE FROM state", vec![])?;
    for (part, chunk) in (0..).zip(bytes.chunks(PART_BYTES)) {
        sql.run(
            "INSERT INTO state (part, format, bytes) VALUES (?, ?, ?)",
            vec![number(part), number(FORMAT), blob(chunk)],
        )?;
    }
    Ok(())
}

/// The state that was stored as a whole, if one was.
pub(crate) fn load_state<S: DeserializeOwned>(sql: &Sql) -> Result<Option<S>> {
    create_state(sql)?;
    let parts = sql.rows("SELECT format, bytes FROM state ORDER BY part", vec![], |row| {
        let format = row.number()?;
        if format == FORMAT {
            row.blob()
        } else {
            Err(Fault::Stored("a state of a version that this gateway can read"))
        }
    })?;
    if parts.is_empty() {
        return Ok(None);
    }
    postcard::from_bytes(&parts.concat()).map(Some).map_err(|_| Fault::Stored("a state"))
}

fn create_state(sql: &Sql) -> Result<()> {
    sql.run(
        "CREATE TABLE IF NOT EXISTS state (part INTEGER PRIMARY KEY, format INTEGER NOT NULL, bytes BLOB NOT NULL)",
        vec![],
    )
}
