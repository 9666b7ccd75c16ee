//! The object that keeps what is over: sessions and conversations, for reports and lists (reference section 2).
//!
//! No machine: rows. What the router tells arrives at least once; each row has a key, so that a repeat changes nothing.

use serde::{Deserialize, Serialize};
use shared::id::{ConversationId, QueueId, RepresentativeId};
use shared::protocol::desk::Part;
use shared::protocol::insight::Explanation;
use shared::protocol::{ErrorCode, Problem};
use shared::routing::{Activity, SupervisorAct};
use shared::settings::OverflowAction;
use shared::time::Timestamp;
use worker::{
    DurableObject, Env, Request as HttpRequest, Response, Result as WorkerResult, State, durable_object,
};

use crate::fault::Result;
use crate::object::{Object, Row, Shell, Sql, Turn, Value, blob, number};
use crate::stored::{self, Stored};

/// The Durable Object.
#[durable_object]
pub struct Records(Object<RecordsShell>);

impl DurableObject for Records {
    fn new(state: State, env: Env) -> Self {
        Self(Object::new(state, env))
    }

    async fn fetch(&self, request: HttpRequest) -> WorkerResult<Response> {
        self.0.fetch(request).await
    }

    async fn alarm(&self) -> WorkerResult<Response> {
        self.0.alarm()
    }
}

impl Stored for Activity {
    const WHAT: &'static str = "what the records are told";
}

impl Stored for Part {
    const WHAT: &'static str = "as what somebody took part";
}

impl Stored for SupervisorAct {
    const WHAT: &'static str = "what a supervisor did";
}

impl Stored for Explanation {
    const WHAT: &'static str = "what explains a conversation";
}

impl Stored for OverflowAction {
    const WHAT: &'static str = "what became of an overflow";
}

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Keep this.
    Keep(Activity),
    /// The conversations that somebody had last and that were closed since a moment, the newest first. Answered by
    /// [`Answer::Closed`].
    Closed { representative: RepresentativeId, since: Timestamp },
    /// What supervisors did last, the newest first. Answered by [`Answer::Acts`].
    Acts,
    /// What explains a conversation that is closed; to somebody who must have had it or taken part in it, or to anybody.
    /// Answered by [`Answer::Explained`].
    Explain { conversation: ConversationId, reader: Option<RepresentativeId> },
    /// Whether a conversation was in one of these queues when it closed. Answered by [`Answer::WasIn`].
    WasIn { conversation: ConversationId, queues: Vec<QueueId> },
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Done,
    Closed(Vec<ClosedConversation>),
    Acts(Vec<Act>),
    Explained(Box<Explanation>),
    WasIn(bool),
}

/// Something that a supervisor did.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Act {
    pub(crate) at: Timestamp,
    pub(crate) supervisor: RepresentativeId,
    pub(crate) what: SupervisorAct,
}

/// A conversation that is over.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClosedConversation {
    pub(crate) conversation: ConversationId,
    pub(crate) queue: Option<QueueId>,
    pub(crate) customer: Option<String>,
    pub(crate) topic: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) closed: Timestamp,
    pub(crate) transfers: u16,
}

/// Conversations in one answer.
const CLOSED_MAX: u64 = 200;

/// Acts in one answer.
const ACTS_MAX: u64 = 500;

/// The shell around the tables.
pub(crate) struct RecordsShell;

fn create(sql: &Sql) -> Result<()> {
    for statement in [
        "CREATE TABLE IF NOT EXISTS sessions (
            session INTEGER PRIMARY KEY, conversation BLOB NOT NULL, representative BLOB NOT NULL,
            assigned INTEGER NOT NULL, accepted INTEGER, ended INTEGER NOT NULL, reason INTEGER NOT NULL,
            part BLOB NOT NULL
        )",
        "CREATE INDEX IF NOT EXISTS sessions_conversation ON sessions (conversation)",
        "CREATE TABLE IF NOT EXISTS conversations (
            conversation BLOB PRIMARY KEY, workstream BLOB NOT NULL, queue BLOB, customer TEXT, topic TEXT,
            representative BLOB, created INTEGER NOT NULL, first_accepted INTEGER, closed INTEGER NOT NULL,
            transfers INTEGER NOT NULL, reason INTEGER
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS acts (
            at INTEGER NOT NULL, supervisor BLOB NOT NULL, act BLOB NOT NULL, PRIMARY KEY (at, supervisor, act)
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS overflows (
            conversation BLOB PRIMARY KEY, at INTEGER NOT NULL, queue BLOB NOT NULL, action BLOB NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS explanations (
            conversation BLOB PRIMARY KEY, explanation BLOB NOT NULL
        ) WITHOUT ROWID",
        "CREATE INDEX IF NOT EXISTS conversations_closed ON conversations (representative, closed)",
    ] {
        sql.run(statement, vec![])?;
    }
    // What was closed before reasons were kept has none.
    if sql.run("SELECT reason FROM conversations LIMIT 0", vec![]).is_err() {
        sql.run("ALTER TABLE conversations ADD COLUMN reason INTEGER", vec![])?;
    }
    Ok(())
}

fn keep(sql: &Sql, activity: Activity) -> Result<()> {
    match activity {
        Activity::SessionEnded {
            conversation,
            session,
            representative,
            assigned,
            accepted,
            ended,
            reason,
            part,
        } => sql.run(
            "INSERT OR IGNORE INTO sessions
                 (session, conversation, representative, assigned, accepted, ended, reason, part)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                number(session.number()),
                blob(conversation.as_bytes()),
                blob(representative.as_bytes()),
                time(assigned),
                accepted.map_or(Value::Null, time),
                time(ended),
                number(reason.number().into()),
                Value::Blob(stored::write(&part)?),
            ],
        ),
        Activity::Supervised { supervisor, at, act } => keep_act(sql, supervisor, at, &act),
        Activity::Explained { conversation, explanation: why } => keep_explanation(sql, conversation, &why),
        Activity::Overflowed { conversation, queue, action, at } => sql.run(
            "INSERT OR IGNORE INTO overflows (conversation, at, queue, action) VALUES (?, ?, ?, ?)",
            vec![
                blob(conversation.as_bytes()),
                time(at),
                blob(queue.as_bytes()),
                Value::Blob(stored::write(&action)?),
            ],
        ),
        Activity::ConversationClosed {
            conversation,
            workstream,
            queue,
            customer,
            topic,
            representative,
            created,
            first_accepted,
            closed,
            transfers,
            reason,
        } => sql.run(
            "INSERT OR IGNORE INTO conversations
                 (conversation, workstream, queue, customer, topic, representative, created, first_accepted, closed,
                  transfers, reason)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                blob(conversation.as_bytes()),
                blob(workstream.as_bytes()),
                queue.map_or(Value::Null, |queue| blob(queue.as_bytes())),
                customer.into(),
                topic.into(),
                representative.map_or(Value::Null, |representative| blob(representative.as_bytes())),
                time(created),
                first_accepted.map_or(Value::Null, time),
                time(closed),
                number(transfers.into()),
                number(reason.number().into()),
            ],
        ),
    }
}

fn keep_act(sql: &Sql, supervisor: RepresentativeId, at: Timestamp, act: &SupervisorAct) -> Result<()> {
    sql.run(
        "INSERT OR IGNORE INTO acts (at, supervisor, act) VALUES (?, ?, ?)",
        vec![time(at), blob(supervisor.as_bytes()), Value::Blob(stored::write(act)?)],
    )
}

fn keep_explanation(sql: &Sql, conversation: ConversationId, explanation: &Explanation) -> Result<()> {
    sql.run(
        "INSERT OR IGNORE INTO explanations (conversation, explanation) VALUES (?, ?)",
        vec![blob(conversation.as_bytes()), Value::Blob(stored::write(explanation)?)],
    )
}

fn closed(sql: &Sql, representative: RepresentativeId, since: Timestamp) -> Result<Vec<ClosedConversation>> {
    sql.rows(
        "SELECT conversation, queue, customer, topic, created, closed, transfers FROM conversations
         WHERE representative = ? AND closed >= ? ORDER BY closed DESC LIMIT ?",
        vec![blob(representative.as_bytes()), time(since), number(CLOSED_MAX)],
        |row| {
            Ok(ClosedConversation {
                conversation: ConversationId::from_bytes(row.bytes()?),
                queue: row.optional(Row::bytes)?.map(QueueId::from_bytes),
                customer: row.optional(Row::text)?,
                topic: row.optional(Row::text)?,
                created: Timestamp::from_millis(row.number()?),
                closed: Timestamp::from_millis(row.number()?),
                transfers: u16::try_from(row.number()?).unwrap_or(u16::MAX),
            })
        },
    )
}

fn acts(sql: &Sql) -> Result<Vec<Act>> {
    sql.rows("SELECT at, supervisor, act FROM acts ORDER BY at DESC LIMIT ?", vec![number(ACTS_MAX)], |row| {
        let at = Timestamp::from_millis(row.number()?);
        let supervisor = RepresentativeId::from_bytes(row.bytes()?);
        let what = stored::read(&row.blob()?)?;
        Ok(Act { at, supervisor, what })
    })
}

fn explanation(
    sql: &Sql,
    conversation: ConversationId,
    reader: Option<RepresentativeId>,
) -> Result<Option<Explanation>> {
    if let Some(reader) = reader {
        let took_part = sql.rows(
            "SELECT session FROM sessions
             WHERE conversation = ? AND representative = ? AND accepted IS NOT NULL LIMIT 1",
            vec![blob(conversation.as_bytes()), blob(reader.as_bytes())],
            Row::number,
        )?;
        if took_part.is_empty() {
            return Ok(None);
        }
    }
    let mut found = sql.rows(
        "SELECT explanation FROM explanations WHERE conversation = ?",
        vec![blob(conversation.as_bytes())],
        |row| stored::read(&row.blob()?),
    )?;
    Ok(found.pop())
}

fn was_in(sql: &Sql, conversation: ConversationId, queues: &[QueueId]) -> Result<bool> {
    let last = sql.rows(
        "SELECT queue FROM conversations WHERE conversation = ? AND queue IS NOT NULL",
        vec![blob(conversation.as_bytes())],
        |row| Ok(QueueId::from_bytes(row.bytes()?)),
    )?;
    Ok(last.iter().any(|queue| queues.contains(queue)))
}

fn time(at: Timestamp) -> Value {
    number(at.as_millis())
}

impl Shell for RecordsShell {
    type Request = Request;
    type Answer = Answer;
    type Step = ();
    type Effect = ();
    type Seat = ();

    fn load(sql: &Sql, _: &Env) -> Result<Self> {
        create(sql)?;
        Ok(Self)
    }

    fn serve(
        &mut self,
        turn: &mut Turn<'_, Self>,
        request: Request,
    ) -> core::result::Result<Answer, Problem> {
        match request {
            Request::Keep(activity) => keep(turn.sql, activity)?,
            Request::Closed { representative, since } => {
                return Ok(Answer::Closed(closed(turn.sql, representative, since)?));
            }
            Request::Acts => return Ok(Answer::Acts(acts(turn.sql)?)),
            Request::Explain { conversation, reader } => {
                // Whoever may not see it is not told whether it exists.
                let found = explanation(turn.sql, conversation, reader)?;
                let explanation = found.ok_or(ErrorCode::UnknownConversation)?;
                return Ok(Answer::Explained(Box::new(explanation.told_to(reader))));
            }
            Request::WasIn { conversation, queues } => {
                return Ok(Answer::WasIn(was_in(turn.sql, conversation, &queues)?));
            }
        }
        Ok(Answer::Done)
    }

    fn receive(effect: &[u8]) -> Option<Request> {
        stored::read(effect).ok().map(Request::Keep)
    }
}
