//! How conversations are stored: a head, which changes, and records, which only grow and are written again when what one
//! of them said was removed.

use shared::conversation::{Conversation, Head, Record};
use shared::id::ConversationId;
use shared::protocol::live::Sequence;
use shared::time::Timestamp;

use crate::fault::{Fault, Result};
use crate::object::{Row, Sql, Value, blob, number};
use crate::stored::{self, Stored};

impl Stored for Head {
    const WHAT: &'static str = "the head of a conversation";
    const VERSION: u8 = 2;

    fn take_older(version: u8, bytes: &[u8]) -> Option<(Self, &[u8])> {
        (version == 1).then(|| Self::take_version_1(bytes)).flatten()
    }
}

impl Stored for Record {
    const WHAT: &'static str = "the log of a conversation";
}

/// Records in one row: with the longest messages a row stays below the limit of 2 MB.
const RECORDS_PER_ROW: usize = 100;

pub(super) fn create(sql: &Sql) -> Result<()> {
    sql.run(
        "CREATE TABLE IF NOT EXISTS heads (
            conversation BLOB PRIMARY KEY, head BLOB NOT NULL,
            deadline INTEGER, connections INTEGER NOT NULL
        ) WITHOUT ROWID",
        vec![],
    )?;
    sql.run(
        "CREATE INDEX IF NOT EXISTS heads_deadline ON heads (deadline) WHERE deadline IS NOT NULL",
        vec![],
    )?;
    sql.run(
        "CREATE INDEX IF NOT EXISTS heads_connected ON heads (connections) WHERE connections > 0",
        vec![],
    )?;
    sql.run(
        "CREATE TABLE IF NOT EXISTS records (
            conversation BLOB NOT NULL, after INTEGER NOT NULL, records BLOB NOT NULL,
            PRIMARY KEY (conversation, after)
        ) WITHOUT ROWID",
        vec![],
    )
}

/// Stores a conversation whose records up to `stored` are stored already.
pub(super) fn store(
    sql: &Sql,
    id: ConversationId,
    conversation: &Conversation,
    stored: Sequence,
) -> Result<()> {
    let head = stored::write(conversation.head())?;
    let deadline = conversation.next_deadline().map_or(Value::Null, |at| number(at.as_millis()));
    sql.run(
        "INSERT INTO heads (conversation, head, deadline, connections) VALUES (?, ?, ?, ?)
         ON CONFLICT (conversation) DO UPDATE SET head = excluded.head, deadline = excluded.deadline,
             connections = excluded.connections",
        vec![
            blob(id.as_bytes()),
            Value::Blob(head),
            deadline,
            number(conversation.connections().len() as u64),
        ],
    )?;
    let mut after = stored;
    for records in conversation.records_after(stored).chunks(RECORDS_PER_ROW) {
        let bytes = stored::write_all(records)?;
        sql.run(
            "INSERT INTO records (conversation, after, records) VALUES (?, ?, ?)",
            vec![blob(id.as_bytes()), number(u64::from(after.0)), Value::Blob(bytes)],
        )?;
        after = Sequence(after.0 + u32::try_from(records.len()).unwrap_or(u32::MAX));
    }
    Ok(())
}

/// The log that is stored is not where it should be.
fn misplaced() -> Fault {
    Fault::Stored(<Record as Stored>::WHAT)
}

/// Stores the record with this number, which was stored before, as it is now.
pub(super) fn store_again(
    sql: &Sql,
    id: ConversationId,
    conversation: &Conversation,
    record: Sequence,
) -> Result<()> {
    let row = sql.first(
        "SELECT after, records FROM records WHERE conversation = ? AND after < ? ORDER BY after DESC LIMIT 1",
        vec![blob(id.as_bytes()), number(u64::from(record.0))],
        |row| {
            let after = u32::try_from(row.number()?).map_err(|_| misplaced())?;
            Ok((Sequence(after), stored::read_all::<Record>(&row.blob()?)?.len()))
        },
    )?;
    let (after, length) = row.ok_or_else(misplaced)?;
    let records = conversation.records_after(after).get(..length).ok_or_else(misplaced)?;
    let bytes = stored::write_all(records)?;
    sql.run(
        "UPDATE records SET records = ? WHERE conversation = ? AND after = ?",
        vec![Value::Blob(bytes), blob(id.as_bytes()), number(u64::from(after.0))],
    )
}

/// What changes of the conversation with this id, if there is one.
pub(super) fn head(sql: &Sql, id: ConversationId) -> Result<Option<Head>> {
    sql.first("SELECT head FROM heads WHERE conversation = ?", vec![blob(id.as_bytes())], |row| {
        stored::read::<Head>(&row.blob()?)
    })
}

/// The conversation with this id, if there is one.
pub(super) fn load(sql: &Sql, id: ConversationId) -> Result<Option<Conversation>> {
    let Some(head) = head(sql, id)? else { return Ok(None) };
    let rows = sql.rows(
        "SELECT records FROM records WHERE conversation = ? ORDER BY after",
        vec![blob(id.as_bytes())],
        |row| stored::read_all::<Record>(&row.blob()?),
    )?;
    Ok(Some(Conversation::restore(head, rows.concat())))
}

/// The stored conversations for which something will be due, with the moment.
pub(super) fn deadlines(sql: &Sql) -> Result<Vec<(ConversationId, Timestamp)>> {
    sql.rows("SELECT conversation, deadline FROM heads WHERE deadline IS NOT NULL", vec![], |row| {
        Ok((ConversationId::from_bytes(row.bytes()?), Timestamp::from_millis(row.number()?)))
    })
}

/// The stored conversations that had open sockets, with their number. One that cannot be read is passed over: it must not take
/// the others with it.
pub(super) fn connected(sql: &Sql) -> Result<Vec<(ConversationId, u64)>> {
    let read = |row: &mut Row| Ok((ConversationId::from_bytes(row.bytes()?), row.number()?));
    let query = "SELECT conversation, connections FROM heads WHERE connections > 0";
    let rows = sql.rows(query, vec![], |row| Ok(read(row)))?;
    let known = rows.into_iter().filter_map(|row: Result<_>| {
        row.inspect_err(|fault| worker::console_error!("a conversation cannot be read: {fault}")).ok()
    });
    Ok(known.collect())
}
