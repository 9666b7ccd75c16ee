//! What has become of a conversation, as far as it does not follow from what is true now: who had it or was asked and what
//! came of it, and by which rules it came where it is, once these have other names or places (reference section 28).
//!
//! Most work that waits has no past, and takes no room for one.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::book::Book;
use super::diagnostics;
use super::effect::SessionEnd;
use super::turn::Turn;
use super::work::{Session, WorkItem};
use crate::id::{ConversationId, RepresentativeId, WorkstreamId};
use crate::limit::ATTEMPTS_MAX;
use crate::protocol::desk::Part;
use crate::protocol::insight::{AttemptExplained, Classified, Outcome};
use crate::settings::{Settings, Workstream};
use crate::time::Timestamp;

/// The past of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Past {
    /// Who had it or was asked, the latest last.
    attempts: VecDeque<Attempt>,
    /// How many before these are forgotten.
    forgotten: u32,
    /// What classification did, in the words of settings that no longer hold.
    pub(super) classified: Option<Vec<Classified>>,
    /// Which routes overflowed, in such words.
    pub(super) overflowing: Option<Vec<String>>,
    /// What sent it there, in such words.
    pub(super) sent_by: Option<String>,
}

/// Somebody had it, or was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Attempt {
    representative: RepresentativeId,
    part: Part,
    asked: Timestamp,
    accepted: Option<Timestamp>,
    ended: Timestamp,
    reason: SessionEnd,
}

impl Past {
    fn add(&mut self, attempt: Attempt) {
        if self.attempts.len() >= ATTEMPTS_MAX {
            self.attempts.pop_front();
            self.forgotten = self.forgotten.saturating_add(1);
        }
        self.attempts.push_back(attempt);
    }
}

impl WorkItem {
    /// A session on it is over.
    pub(super) fn remember(&mut self, session: &Session, part: Part, reason: SessionEnd, now: Timestamp) {
        let attempt = Attempt {
            representative: session.representative,
            part,
            asked: session.assigned,
            accepted: session.accepted,
            ended: now,
            reason,
        };
        self.past.get_or_insert_default().add(attempt);
    }

    /// It closes, and with it what others do in it and what its representative does.
    pub(super) fn close(&mut self, others: SessionEnd, reason: SessionEnd, now: Timestamp) {
        let monitors =
            self.monitors.values().map(|monitor| (monitor.session.clone(), monitor.part(), others));
        let own = self.session().map(|session| (session.clone(), Part::Primary, reason));
        for (session, part, reason) in own.into_iter().chain(monitors).collect::<Vec<_>>() {
            self.remember(&session, part, reason, now);
        }
    }

    /// It is routed anew: what sent it to where it was does not count any more.
    pub(super) fn forget_the_way(&mut self) {
        if let Some(past) = &mut self.past {
            (past.classified, past.overflowing, past.sent_by) = (None, None, None);
        }
    }

    /// Who had it or was asked, with names, and how many before are forgotten.
    pub(super) fn attempts(&self, book: &Book) -> (Vec<AttemptExplained>, u32) {
        let Some(past) = &self.past else { return (Vec::new(), 0) };
        let explained = |attempt: &Attempt| AttemptExplained {
            representative: attempt.representative,
            full_name: diagnostics::full_name(book, attempt.representative),
            part: attempt.part,
            asked: attempt.asked,
            accepted: attempt.accepted,
            ended: attempt.ended,
            outcome: attempt.outcome(),
            why: attempt.reason.in_words().into(),
        };
        (past.attempts.iter().map(explained).collect(), past.forgotten)
    }
}

impl Attempt {
    fn outcome(&self) -> Outcome {
        match self.reason {
            _ if self.accepted.is_some() => Outcome::Accepted,
            SessionEnd::Rejected => Outcome::Declined,
            SessionEnd::TimedOut => Outcome::TimedOut,
            SessionEnd::TooManySessions => Outcome::TooManySessions,
            _ => Outcome::Withdrawn,
        }
    }
}

impl Turn<'_> {
    /// Notes in a conversation that goes on that a session on it is over.
    pub(super) fn remember(
        &mut self,
        conversation: ConversationId,
        session: &Session,
        part: Part,
        reason: SessionEnd,
    ) {
        // Nothing is looked up by it: the index stays as it is.
        if let Some(item) = self.book.items.get_mut(&conversation) {
            item.remember(session, part, reason, self.now);
        }
    }

    /// The rules of some workstreams are about to get other names or places: what came by them keeps the names of now.
    pub(super) fn keep_names(&mut self, settings: &Settings) {
        let changes = |workstream: &Workstream| {
            settings.workstream(workstream.id).is_none_or(|new| !is_worded_alike(workstream, new))
        };
        let changing = self.book.workstreams.values().filter(|workstream| changes(workstream));
        let changing: Vec<WorkstreamId> = changing.map(|workstream| workstream.id).collect();
        if changing.is_empty() {
            return;
        }
        let of_these = self.book.items.iter().filter(|(_, item)| changing.contains(&item.workstream));
        let worded: Vec<_> = of_these.map(|(&id, item)| (id, worded(self.book, item))).collect();
        for (id, past) in worded {
            if let Some(item) = self.book.items.get_mut(&id) {
                item.past = Some(Box::new(past));
            }
        }
    }
}

/// The past of an item that says by names how it came where it is.
fn worded(book: &Book, item: &WorkItem) -> Past {
    let (classified, overflowing, sent_by) = (
        diagnostics::classified(book, item),
        diagnostics::overflowing(book, item),
        diagnostics::sent_by(book, item),
    );
    let mut past = item.past.as_deref().cloned().unwrap_or_default();
    (past.classified, past.overflowing, past.sent_by) = (Some(classified), Some(overflowing), Some(sent_by));
    past
}

/// Whether rules and routes have the same names at the same places.
fn is_worded_alike(old: &Workstream, new: &Workstream) -> bool {
    let routes = old.routes.iter().map(|route| &route.name).eq(new.routes.iter().map(|route| &route.name));
    let rulesets = old.classification.len() == new.classification.len()
        && old.classification.iter().zip(&new.classification).all(|(old, new)| {
            let rules = old.rules.iter().map(|rule| &rule.name).eq(new.rules.iter().map(|rule| &rule.name));
            old.name == new.name && rules
        });
    routes && rulesets
}
