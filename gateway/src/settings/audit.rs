//! The audit log: who did what that only few may do.

use shared::id::RepresentativeId;
use shared::protocol::http::AuditLine;
use shared::time::Timestamp;

use crate::fault::Result;
use crate::object::{Row, Sql, Value, blob, number};

/// Lines in one answer.
const LINES_MAX: u64 = 500;

pub(super) fn create(sql: &Sql) -> Result<()> {
    sql.run(
        "CREATE TABLE IF NOT EXISTS audit (
            number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, by BLOB, what TEXT NOT NULL
        )",
        vec![],
    )
}

/// Notes what was done, in the transaction that does it.
pub(super) fn note(sql: &Sql, at: Timestamp, by: Option<RepresentativeId>, what: String) -> Result<()> {
    sql.run(
        "INSERT INTO audit (at, by, what) VALUES (?, ?, ?)",
        vec![number(at.as_millis()), by.map_or(Value::Null, |by| blob(by.as_bytes())), Value::String(what)],
    )
}

/// The newest lines, the newest first.
pub(super) fn newest(sql: &Sql) -> Result<Vec<AuditLine>> {
    sql.rows("SELECT at, by, what FROM audit ORDER BY number DESC LIMIT ?", vec![number(LINES_MAX)], |row| {
        Ok(AuditLine {
            at: Timestamp::from_millis(row.number()?),
            by: row.optional(Row::bytes)?.map(RepresentativeId::from_bytes),
            what: row.text()?,
        })
    })
}
