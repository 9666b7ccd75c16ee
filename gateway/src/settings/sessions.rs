//! Sessions of the staff: who is signed in, until when, and in which objects a session has opened sockets.
//!
//! A session's token is stored as its hash. The doors through which a session went are kept, so that every object of them
//! can be told when it ends.

use shared::authority::Role;
use shared::id::RepresentativeId;
use shared::limit::{STAFF_SESSION_LIFETIME, STAFF_SESSION_LONGEST};
use shared::time::Timestamp;

use super::accounts::read_role;
use crate::fault::Result;
use crate::object::{Row, Sql, Staff, Value, blob, number};

/// A session that is over.
pub(super) struct Ended {
    pub(super) representative: RepresentativeId,
    pub(super) session: [u8; 32],
    /// The conversation objects in which it opened sockets.
    pub(super) doors: Vec<String>,
    /// Whether its owner has no other session left.
    pub(super) was_last: bool,
}

pub(super) fn create(sql: &Sql) -> Result<()> {
    for statement in [
        // `expires`: when it ends if it is not used until then. `ends`: when it ends however much it is used.
        "CREATE TABLE IF NOT EXISTS staff_sessions (
            session BLOB PRIMARY KEY, representative BLOB NOT NULL, expires INTEGER NOT NULL, ends INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE INDEX IF NOT EXISTS staff_sessions_representative ON staff_sessions (representative)",
        // What was called so had no end. Whoever was signed in by it signs in again.
        "DROP TABLE IF EXISTS sessions",
        "CREATE TABLE IF NOT EXISTS session_doors (
            session BLOB NOT NULL, object TEXT NOT NULL, PRIMARY KEY (session, object)
        ) WITHOUT ROWID",
    ] {
        sql.run(statement, vec![])?;
    }
    Ok(())
}

/// Begins a session, and throws away those that have run out: their sockets know themselves when to close.
pub(super) fn begin(sql: &Sql, now: Timestamp, owner: RepresentativeId, session: &[u8; 32]) -> Result<()> {
    let run_out = || vec![number(now.as_millis())];
    sql.run(
        "DELETE FROM session_doors WHERE session IN (SELECT session FROM staff_sessions WHERE expires < ?)",
        run_out(),
    )?;
    sql.run("DELETE FROM staff_sessions WHERE expires < ?", run_out())?;
    let [expires, ends] =
        [STAFF_SESSION_LIFETIME, STAFF_SESSION_LONGEST].map(|span| number(now.after(span).as_millis()));
    sql.run(
        "INSERT INTO staff_sessions (session, representative, expires, ends) VALUES (?, ?, ?, ?)",
        vec![blob(session), blob(owner.as_bytes()), expires, ends],
    )
}

/// A session that still holds lasts from now on as long as a new one, but not beyond its end.
pub(super) fn renew(sql: &Sql, now: Timestamp, session: &[u8; 32]) -> Result<()> {
    sql.run(
        "UPDATE staff_sessions SET expires = min(?, ends) WHERE session = ? AND expires >= ?",
        vec![number(now.after(STAFF_SESSION_LIFETIME).as_millis()), blob(session), number(now.as_millis())],
    )
}

/// Who has this session, with the name of their account.
pub(super) fn who(sql: &Sql, now: Timestamp, session: &[u8; 32]) -> Result<Option<(String, Staff)>> {
    sql.first(
        "SELECT representative, name, full_name, role, expires FROM staff_sessions JOIN accounts USING (representative)
         WHERE session = ? AND expires >= ? AND representative NOT IN (SELECT representative FROM disabled_accounts)",
        vec![blob(session), number(now.as_millis())],
        |row| {
            let representative = RepresentativeId::from_bytes(row.bytes()?);
            let name = row.text()?;
            let full_name = row.text()?;
            let role: Role = read_role(&row.text()?)?;
            let expires = Timestamp::from_millis(row.number()?);
            Ok((name, Staff { representative, full_name, role, session: *session, expires }))
        },
    )
}

/// Notes that a session opens a socket in this object.
pub(super) fn note_door(sql: &Sql, session: &[u8; 32], object: &str) -> Result<()> {
    let values = || vec![blob(session), text(object)];
    let known = "SELECT 1 FROM session_doors WHERE session = ? AND object = ?";
    if sql.first(known, values(), Row::number)?.is_some() {
        return Ok(());
    }
    sql.run("INSERT INTO session_doors (session, object) VALUES (?, ?)", values())
}

/// Ends a session, if there is one with this hash.
pub(super) fn end(sql: &Sql, session: &[u8; 32]) -> Result<Option<Ended>> {
    let owner = sql.first(
        "SELECT representative FROM staff_sessions WHERE session = ?",
        vec![blob(session)],
        Row::bytes,
    )?;
    let Some(representative) = owner.map(RepresentativeId::from_bytes) else { return Ok(None) };
    let doors =
        sql.rows("SELECT object FROM session_doors WHERE session = ?", vec![blob(session)], Row::text)?;
    sql.run("DELETE FROM session_doors WHERE session = ?", vec![blob(session)])?;
    sql.run("DELETE FROM staff_sessions WHERE session = ?", vec![blob(session)])?;
    let was_last = of(sql, representative)?.is_empty();
    Ok(Some(Ended { representative, session: *session, doors, was_last }))
}

/// Ends every session of somebody.
pub(super) fn end_all(sql: &Sql, owner: RepresentativeId) -> Result<Vec<Ended>> {
    let mut ended = Vec::new();
    for session in of(sql, owner)? {
        ended.extend(end(sql, &session)?);
    }
    Ok(ended)
}

fn of(sql: &Sql, owner: RepresentativeId) -> Result<Vec<[u8; 32]>> {
    sql.rows(
        "SELECT session FROM staff_sessions WHERE representative = ?",
        vec![blob(owner.as_bytes())],
        Row::bytes,
    )
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}
