//! The journal: what was done since the last checkpoint, one row for each turn.
//!
//! A row holds the steps of a turn one after the other and the moment of the turn. Replaying the rows over the state of the
//! checkpoint gives the state of now, because the machines are pure. A checkpoint stores the state and empties the
//! journal in the same transaction, so that the two can never both be there or both be missing.
//!
//! What was before the last checkpoint is never read again: to load an object takes as long after a million steps as
//! after a thousand.

use shared::time::Timestamp;

use super::sql::{Row, Sql, blob, number};
use crate::fault::Result;
use crate::stored::{self, Stored};

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
    pub(crate) fn note<S: Stored>(&mut self, step: &S) -> Result<Place> {
        if self.0.last().is_none_or(|row| row.len() >= ROW_BYTES) {
            self.0.push(stored::begin::<S>());
        }
        let row = self.0.len() - 1;
        let bytes = self.0.pop().unwrap_or_default();
        let byte = bytes.len();
        self.0.push(stored::extend(bytes, step)?);
        Ok(Place { row, byte })
    }

    /// How many bytes of steps there are.
    pub(crate) fn bytes(&self) -> usize {
        let with_steps = self.0.iter().filter(|row| !stored::is_empty(row));
        with_steps.map(Vec::len).sum()
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
    pub(crate) fn open<S: Stored>(
        sql: &Sql,
        mut replay: impl FnMut(Timestamp, S) -> Result<()>,
    ) -> Result<Self> {
        sql.run(
            "CREATE TABLE IF NOT EXISTS journal (
                number INTEGER PRIMARY KEY, at INTEGER NOT NULL, steps BLOB NOT NULL
            )",
            vec![],
        )?;
        let rows = sql.rows("SELECT number, at, steps FROM journal ORDER BY number", vec![], |row| {
            Ok((row.number()?, row.number()?, row.blob()?))
        })?;
        let mut journal = Self { next: 1, rows: 0, bytes: 0 };
        for (row, at, steps) in rows {
            for step in stored::read_all(&steps)? {
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
        for row in steps.0.into_iter().filter(|row| !stored::is_empty(row)) {
            let bytes = row.len();
            let values = vec![number(self.next), number(now.as_millis()), super::sql::Value::Blob(row)];
            sql.run("INSERT INTO journal (number, at, steps) VALUES (?, ?, ?)", values)?;
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
pub(crate) fn store_state<S: Stored>(sql: &Sql, state: &S) -> Result<()> {
    create_state(sql)?;
    let bytes = stored::write(state)?;
    sql.run("DELETE FROM state", vec![])?;
    for (part, chunk) in (0..).zip(bytes.chunks(PART_BYTES)) {
        sql.run("INSERT INTO state (part, bytes) VALUES (?, ?)", vec![number(part), blob(chunk)])?;
    }
    Ok(())
}

/// The state that was stored as a whole, if one was.
pub(crate) fn load_state<S: Stored>(sql: &Sql) -> Result<Option<S>> {
    create_state(sql)?;
    let parts = sql.rows("SELECT bytes FROM state ORDER BY part", vec![], Row::blob)?;
    if parts.is_empty() {
        return Ok(None);
    }
    stored::read(&parts.concat()).map(Some)
}

fn create_state(sql: &Sql) -> Result<()> {
    sql.run("CREATE TABLE IF NOT EXISTS state (part INTEGER PRIMARY KEY, bytes BLOB NOT NULL)", vec![])
}
