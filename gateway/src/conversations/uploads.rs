//! Files as they are stored: what is known of each, and its bytes in chunks.
//!
//! A file's row stays when the file is in the log; its bytes are in rows of their own, because a row holds at most 2 MB and
//! a download reads one after the other. Addresses at which files can be opened are kept as hashes.

use serde::{Deserialize, Serialize};
use shared::conversation::Sender;
use shared::file::{FileKind, FileName};
use shared::id::{ConversationId, FileId};
use shared::limit::{
    FILE_BYTES_COUNTED_MIN, FILE_CHUNK_BYTES, FILE_LINK_LIFETIME, FILES_KEPT_UNANSWERED,
    SHARD_FILE_BYTES_MAX, STAFF_FILE_BYTES_KEPT,
};
use shared::protocol::ErrorCode;
use shared::protocol::http::{FileStage, FileStatus};
use shared::protocol::live::{Side, Visibility};
use shared::time::{Span, Timestamp};

use crate::fault::{Fault, Result};
use crate::object::{Row, Sql, Value, blob, number};

/// The number of an offer. No two offers of a shard have the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OfferNumber(u64);

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upload {
    pub(super) file: FileId,
    /// Which of all offers of the shard it is: an id whose file was given up can be offered again, with other bytes.
    pub(super) offer: OfferNumber,
    pub(super) conversation: ConversationId,
    pub(super) sender: Sender,
    pub(super) visibility: Visibility,
    pub(super) name: FileName,
    /// What its sender took it for.
    pub(super) declared: String,
    /// What its bytes are; empty until the first of them are there.
    pub(super) media_type: String,
    /// Which kinds the settings allowed when it was offered.
    pub(super) kinds: Vec<FileKind>,
    /// How long it is kept when the conversation has ended.
    pub(super) kept_for: Span,
    pub(super) bytes: u32,
    pub(super) received: u32,
    pub(super) stage: FileStage,
    /// How often it was looked at in vain.
    pub(super) attempts: u64,
    /// When something is to be done about it.
    pub(super) due: Option<Timestamp>,
}

pub(super) fn create(sql: &Sql) -> Result<()> {
    for statement in [
        "CREATE TABLE IF NOT EXISTS files (
            file BLOB PRIMARY KEY, conversation BLOB NOT NULL, sender BLOB NOT NULL, visibility BLOB NOT NULL,
            name TEXT NOT NULL, declared TEXT NOT NULL, media_type TEXT NOT NULL, kinds BLOB NOT NULL,
            bytes INTEGER NOT NULL, received INTEGER NOT NULL, stage BLOB NOT NULL,
            attempts INTEGER NOT NULL, due INTEGER, offer INTEGER NOT NULL, kept_for INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS file_counts (
            only INTEGER PRIMARY KEY CHECK (only = 1), offers INTEGER NOT NULL, held INTEGER NOT NULL
        )",
        "INSERT OR IGNORE INTO file_counts (only, offers, held) VALUES (1, 0, 0)",
        "CREATE INDEX IF NOT EXISTS files_conversation ON files (conversation)",
        "CREATE INDEX IF NOT EXISTS files_due ON files (due) WHERE due IS NOT NULL",
        "CREATE TABLE IF NOT EXISTS file_chunks (
            file BLOB NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (file, start)
        )",
        "CREATE TABLE IF NOT EXISTS file_links (
            secret BLOB PRIMARY KEY, file BLOB NOT NULL, expires INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE INDEX IF NOT EXISTS file_links_expires ON file_links (expires)",
        "CREATE INDEX IF NOT EXISTS file_links_file ON file_links (file)",
    ] {
        sql.run(statement, vec![])?;
    }
    Ok(())
}

impl Upload {
    pub(super) fn status(&self) -> FileStatus {
        let why = match &self.stage {
            FileStage::Refused { code } => Some(code.sentence().to_owned()),
            FileStage::Arriving | FileStage::Checking | FileStage::Sent => None,
        };
        FileStatus { received: self.received, chunk: FILE_CHUNK_BYTES, stage: self.stage.clone(), why }
    }

    /// Whether another offer of the same id means this file.
    pub(super) fn is_same_offer(&self, other: &Self) -> bool {
        self.conversation == other.conversation
            && self.sender == other.sender
            && self.visibility == other.visibility
            && self.name == other.name
            && self.declared == other.declared
            && self.bytes == other.bytes
    }

    /// Stores what is known of it.
    pub(super) fn store(&self, sql: &Sql) -> Result<()> {
        let coded = |bytes: core::result::Result<Vec<u8>, _>| {
            bytes.map(Value::Blob).map_err(|_: postcard::Error| Fault::Stored("a file that can be written"))
        };
        sql.run(
            "INSERT OR REPLACE INTO files (file, conversation, sender, visibility, name, declared, media_type, kinds,
                bytes, received, stage, attempts, due, offer, kept_for)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                blob(self.file.as_bytes()),
                blob(self.conversation.as_bytes()),
                coded(postcard::to_allocvec(&self.sender))?,
                coded(postcard::to_allocvec(&self.visibility))?,
                Value::String(self.name.as_str().to_owned()),
                Value::String(self.declared.clone()),
                Value::String(self.media_type.clone()),
                coded(postcard::to_allocvec(&self.kinds))?,
                number(self.bytes.into()),
                number(self.received.into()),
                coded(postcard::to_allocvec(&self.stage))?,
                number(self.attempts),
                self.due.map_or(Value::Null, |at| number(at.as_millis())),
                number(self.offer.0),
                number(self.kept_for.as_millis()),
            ],
        )
    }

    /// Stores the chunk that follows what has arrived.
    pub(super) fn store_chunk(&mut self, sql: &Sql, bytes: Vec<u8>) -> Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| Fault::Stored("a chunk"))?;
        sql.run(
            "INSERT OR REPLACE INTO file_chunks (file, start, bytes) VALUES (?, ?, ?)",
            vec![blob(self.file.as_bytes()), number(self.received.into()), Value::Blob(bytes)],
        )?;
        self.received += length;
        Ok(())
    }

    /// Whether it holds room for its bytes. A refused one has none.
    fn holds_room(&self) -> bool {
        !matches!(self.stage, FileStage::Refused { .. })
    }

    /// Whether it is a file of this conversation that whoever sees its entry may open: the same id may stand for other bytes
    /// in a later conversation, when the first are gone.
    pub(super) fn is_open_in(&self, conversation: ConversationId) -> bool {
        self.conversation == conversation && self.stage == FileStage::Sent
    }

    /// How long it is kept when its conversation has ended. What nobody of the staff has seen is not kept for long.
    pub(super) fn kept_for(&self, was_answered: bool) -> Span {
        if was_answered { self.kept_for } else { self.kept_for.min(FILES_KEPT_UNANSWERED) }
    }

    /// As how many bytes it counts in its shard.
    pub(super) fn counted(&self) -> u64 {
        u64::from(self.bytes.max(FILE_BYTES_COUNTED_MIN))
    }

    /// Stores a file that was just offered, and holds room for its bytes.
    pub(super) fn take_in(&self, sql: &Sql) -> Result<()> {
        sql.run("UPDATE file_counts SET held = held + ?", vec![number(self.counted())])?;
        self.store(sql)
    }

    /// The room that it held is free again.
    fn release(&self, sql: &Sql) -> Result<()> {
        if !self.holds_room() {
            return Ok(());
        }
        sql.run("UPDATE file_counts SET held = max(0, held - ?)", vec![number(self.counted())])
    }

    /// The same file, refused: its bytes go, and its sender can hear why until it is forgotten.
    pub(super) fn refuse(&mut self, sql: &Sql, code: ErrorCode, until: Timestamp) -> Result<()> {
        self.release(sql)?;
        erase_bytes(sql, self.file)?;
        self.stage = FileStage::Refused { code };
        self.due = Some(until);
        self.store(sql)
    }
}

const COLUMNS: &str = "file, conversation, sender, visibility, name, declared, media_type, kinds, bytes, received, stage, \
                       attempts, due, offer, kept_for";

fn take(row: &mut Row) -> Result<Upload> {
    let coded = Fault::Stored("a file");
    let short = |value: u64| u32::try_from(value).map_err(|_| Fault::Stored("a length"));
    let (file, conversation) = (FileId::from_bytes(row.bytes()?), ConversationId::from_bytes(row.bytes()?));
    let (sender, visibility) = (row.blob()?, row.blob()?);
    let (name, declared, media_type) = (row.text()?, row.text()?, row.text()?);
    let (kinds, bytes, received, stage) =
        (row.blob()?, short(row.number()?)?, short(row.number()?)?, row.blob()?);
    let (attempts, due) = (row.number()?, row.optional(Row::number)?.map(Timestamp::from_millis));
    let (offer, kept_for) = (OfferNumber(row.number()?), Span::from_millis(row.number()?));
    let parts = (|| {
        let sender = postcard::from_bytes(&sender).ok()?;
        let visibility = postcard::from_bytes(&visibility).ok()?;
        Some((sender, visibility, postcard::from_bytes(&kinds).ok()?, postcard::from_bytes(&stage).ok()?))
    })();
    let (sender, visibility, kinds, stage) = parts.ok_or(coded)?;
    let name = FileName::clean(&name);
    Ok(Upload {
        file,
        offer,
        conversation,
        sender,
        visibility,
        name,
        declared,
        media_type,
        kinds,
        kept_for,
        bytes,
        received,
        stage,
        attempts,
        due,
    })
}

/// A number for an offer. It stands on disk, so that also what began before a restart is known by it.
pub(super) fn next_offer(sql: &Sql) -> Result<OfferNumber> {
    let counted =
        sql.first("UPDATE file_counts SET offers = offers + 1 RETURNING offers", vec![], Row::number)?;
    counted.map(OfferNumber).ok_or(Fault::Stored("the number of offers"))
}

/// The file with this id, if it is still the one of this offer.
pub(super) fn find_offer(sql: &Sql, file: FileId, offer: OfferNumber) -> Result<Option<Upload>> {
    Ok(find(sql, file)?.filter(|upload| upload.offer == offer))
}

/// The file with this id.
pub(super) fn find(sql: &Sql, file: FileId) -> Result<Option<Upload>> {
    let query = format!("SELECT {COLUMNS} FROM files WHERE file = ?");
    sql.first(&query, vec![blob(file.as_bytes())], take)
}

/// When something is to be done about which file.
pub(super) fn all_due(sql: &Sql) -> Result<Vec<(FileId, Timestamp)>> {
    sql.rows("SELECT file, due FROM files WHERE due IS NOT NULL", vec![], |row| {
        Ok((FileId::from_bytes(row.bytes()?), Timestamp::from_millis(row.number()?)))
    })
}

/// All files of a conversation.
pub(super) fn of_conversation(sql: &Sql, conversation: ConversationId) -> Result<Vec<Upload>> {
    let query = format!("SELECT {COLUMNS} FROM files WHERE conversation = ?");
    sql.rows(&query, vec![blob(conversation.as_bytes())], take)
}

/// How many files a conversation has, and how many bytes they have or will have. Refused ones hold nothing.
pub(super) fn held_by(sql: &Sql, conversation: ConversationId) -> Result<(u64, u64)> {
    let files = of_conversation(sql, conversation)?;
    let held = files.iter().filter(|file| file.holds_room());
    Ok(held.fold((0, 0), |(count, bytes), file| (count + 1, bytes + u64::from(file.bytes))))
}

/// How many bytes the files of the shard have or will have.
pub(super) fn held(sql: &Sql) -> Result<u64> {
    let held = sql.first("SELECT held FROM file_counts", vec![], Row::number)?;
    held.ok_or(Fault::Stored("the bytes of all files"))
}

/// How many bytes the files of a shard may have when somebody on this side sends one more.
pub(super) fn room(side: Side) -> u64 {
    match side {
        Side::Staff => SHARD_FILE_BYTES_MAX,
        Side::Customer => SHARD_FILE_BYTES_MAX - STAFF_FILE_BYTES_KEPT,
    }
}

/// The chunk of a file that begins here.
pub(super) fn chunk(sql: &Sql, file: FileId, start: u32) -> Result<Option<Vec<u8>>> {
    let values = vec![blob(file.as_bytes()), number(start.into())];
    sql.first("SELECT bytes FROM file_chunks WHERE file = ? AND start = ?", values, Row::blob)
}

/// Forgets a file with its bytes and its addresses: one that was given up, that nobody may read any more, or that was kept
/// for long enough.
pub(super) fn erase(sql: &Sql, file: FileId) -> Result<()> {
    if let Some(upload) = find(sql, file)? {
        upload.release(sql)?;
    }
    erase_bytes(sql, file)?;
    sql.run("DELETE FROM files WHERE file = ?", vec![blob(file.as_bytes())])
}

fn erase_bytes(sql: &Sql, file: FileId) -> Result<()> {
    sql.run("DELETE FROM file_chunks WHERE file = ?", vec![blob(file.as_bytes())])?;
    sql.run("DELETE FROM file_links WHERE file = ?", vec![blob(file.as_bytes())])
}

/// Keeps the hash of an address of a file, and throws away those that have run out.
pub(super) fn add_link(sql: &Sql, now: Timestamp, file: FileId, secret: &[u8; 32]) -> Result<()> {
    sql.run("DELETE FROM file_links WHERE expires < ?", vec![number(now.as_millis())])?;
    sql.run(
        "INSERT INTO file_links (secret, file, expires) VALUES (?, ?, ?)",
        vec![blob(secret), blob(file.as_bytes()), number(now.after(FILE_LINK_LIFETIME).as_millis())],
    )
}

/// The file to which an address leads, if it holds.
pub(super) fn linked(sql: &Sql, now: Timestamp, secret: &[u8; 32]) -> Result<Option<Upload>> {
    let found =
        sql.first("SELECT file, expires FROM file_links WHERE secret = ?", vec![blob(secret)], |row| {
            Ok((FileId::from_bytes(row.bytes()?), Timestamp::from_millis(row.number()?)))
        })?;
    match found {
        Some((file, expires)) if now <= expires => {
            Ok(find(sql, file)?.filter(|upload| upload.stage == FileStage::Sent))
        }
        _ => Ok(None),
    }
}
