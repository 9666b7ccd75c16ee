//! The shell around the records: what the router tells them, each fact once.

use std::collections::BTreeSet;

use shared::id::{ConversationId, SessionId};
use shared::protocol::Problem;
use shared::routing::Activity;

use crate::object::{Answer, Shell, Turn};

/// The shell. All they have stands in their rows.
pub(crate) struct RecordsShell;

/// What is on record.
#[derive(Clone, Default)]
pub(crate) struct RecordsTables {
    pub(crate) sessions: BTreeSet<SessionId>,
    pub(crate) closed: BTreeSet<ConversationId>,
    pub(crate) overflowed: BTreeSet<ConversationId>,
    pub(crate) explained: BTreeSet<ConversationId>,
    /// The first fact that came twice.
    pub(crate) doubled: Option<String>,
}

impl Shell for RecordsShell {
    type Request = Activity;
    type Step = ();
    type Effect = ();
    type Seat = ();
    type Tables = RecordsTables;

    fn load(_: &RecordsTables) -> Self {
        Self
    }

    fn serve(&mut self, turn: &mut Turn<'_, Self>, activity: Activity) -> Result<Answer, Problem> {
        let records = &mut *turn.tables;
        let is_new = match &activity {
            Activity::SessionEnded { session, .. } => records.sessions.insert(*session),
            Activity::ConversationClosed { conversation, .. } => records.closed.insert(*conversation),
            Activity::Overflowed { conversation, .. } => records.overflowed.insert(*conversation),
            Activity::Explained { conversation, .. } => records.explained.insert(*conversation),
            // They have no number of their own; nothing here supervises.
            Activity::Supervised { .. } => true,
        };
        if !is_new {
            records.doubled.get_or_insert(format!("twice on record: {activity:?}"));
        }
        Ok(Answer::Done)
    }

    fn receive(effect: &[u8]) -> Option<Activity> {
        postcard::from_bytes(effect).ok()
    }
}
