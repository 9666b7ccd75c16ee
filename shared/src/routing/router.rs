//! The routing machine as its shell sees it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::book::Book;
use super::candidates::Look;
use super::index::Index;
use super::representative::Representative;
use super::turn::Turn;
use super::{
    Arrival, Audience, Command, Effect, Rejection, Sight, counters, diagnostics, dry_run, invariants,
    ongoing, position, trace, views,
};
use crate::authority::Role;
#[cfg(test)]
use crate::id::SessionId;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::limit::TRIAL_WAITING_MAX;
use crate::protocol::desk::{DeskFrame, Part, Purpose};
use crate::protocol::insight::{Counters, Explanation, Ongoing, RuleExplained, Tried, Verdict};
use crate::settings::{Settings, SettingsVersion};
use crate::time::Timestamp;

/// The routing machine of one organisation. Serialized it is its state alone, without the indexes that follow from it.
#[derive(Debug, Clone, Default)]
pub struct Router {
    book: Book,
    index: Index,
}

/// Two are equal if they hold the same facts; the indexes follow from these.
impl PartialEq for Router {
    fn eq(&self, other: &Self) -> bool {
        self.book == other.book
    }
}

impl Eq for Router {}

impl Router {
    /// Handles a command. After a rejection the state is as it was.
    ///
    /// An offer can be accepted until [`Command::Tick`] has let it run out: whoever is first counts.
    pub fn handle(&mut self, now: Timestamp, command: Command) -> Result<Vec<Effect>, Rejection> {
        let mut turn = Turn::new(&mut self.book, &mut self.index, now);
        match command {
            Command::Configure { version, settings } => turn.configure(version, *settings),
            Command::Arrive(arrival) => turn.arrive(arrival),
            Command::Reclassify { conversation, context, skills } => {
                turn.reclassify(conversation, context, skills)?;
            }
            Command::CustomerLeft { conversation, how } => turn.customer_left(conversation, how)?,
            Command::Wrote { conversation, side } => turn.wrote(conversation, side)?,
            Command::Connect { representative, connection } => turn.connect(representative, connection),
            Command::Disconnect { representative, connection } => {
                turn.disconnect(representative, connection)?;
            }
            Command::SignOut { representative } => turn.sign_out(representative)?,
            Command::ConnectionsAre { open } => turn.connections_are(open),
            Command::SetPresence { representative, presence } => {
                turn.stand(representative, Some(presence))?;
            }
            Command::ResetPresence { representative } => turn.stand(representative, None)?,
            Command::Accept { representative, offer } => turn.accept(representative, offer)?,
            Command::Reject { representative, offer } => turn.reject(representative, offer)?,
            Command::Tick => turn.elapse(),
            command => turn.work(command)?,
        }
        Ok(turn.finish())
    }

    /// When [`Command::Tick`] must be handled next.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.index.deadlines.first().map(|(at, _)| at)
    }

    /// The first frame for a console that has just connected: everything that is true now. Staff who are not in the
    /// settings as representatives are shown as offline, without capacity, work or name.
    pub fn welcome(&self, now: Timestamp, representative: RepresentativeId, role: Role) -> DeskFrame {
        views::welcome(&self.book, &self.index, now, representative, role)
    }

    /// Whether somebody takes part in the conversation, in wrap-up too, or is asked to.
    pub fn takes_part(&self, representative: RepresentativeId, conversation: ConversationId) -> bool {
        self.book.items.get(&conversation).is_some_and(|item| item.concerns(representative))
    }

    /// Whether somebody may read a conversation, who may supervise or not.
    pub fn sight(&self, reader: RepresentativeId, supervises: bool, conversation: ConversationId) -> Sight {
        self.book.sight(reader, supervises, conversation)
    }

    /// As what somebody takes part in the conversation; none if they do not, or were only asked to.
    pub fn part(&self, representative: RepresentativeId, conversation: ConversationId) -> Option<Part> {
        self.book.items.get(&conversation)?.part_of(representative)
    }

    /// Who can be asked about a conversation, for the answer to [`DeskCommand::Candidates`](crate::protocol::desk::DeskCommand::Candidates). Only who takes part may know,
    /// and for what supervisors do, supervisors, which the caller has checked.
    pub fn candidates(
        &self,
        now: Timestamp,
        asker: RepresentativeId,
        conversation: ConversationId,
        purpose: Purpose,
    ) -> Result<DeskFrame, Rejection> {
        Look { book: &self.book, index: &self.index, now }.candidates(asker, conversation, purpose)
    }

    /// Why a conversation is where it is, why nobody has it, and what would have to change; none if there is no such
    /// conversation. It costs as much as its queue has members.
    pub fn explain(&self, conversation: ConversationId) -> Option<Explanation> {
        diagnostics::explain(&self.book, &self.index, conversation)
    }

    /// What became of each rule that could have decided where a conversation goes; none if there is no such conversation.
    pub fn rules(&self, conversation: ConversationId) -> Option<Vec<RuleExplained>> {
        trace::rules(&self.book, &self.index, conversation)
    }

    /// What would become of a conversation if it arrived now, under these settings or those that hold. The arrival must have
    /// an id that no conversation has. Nothing is changed. Under the settings that hold it costs as much as its queue has
    /// members; a draft is tried with a copy of everybody and of what waits, [`TRIAL_WAITING_MAX`](crate::limit::TRIAL_WAITING_MAX)
    /// conversations at most. Of more than these the first of each queue are tried, and the place in the line is not told.
    pub fn decide(
        &self,
        now: Timestamp,
        settings: Option<Settings>,
        arrival: Arrival,
    ) -> Result<Tried, Rejection> {
        match settings {
            None => dry_run::decide(Look { book: &self.book, index: &self.index, now }, arrival),
            Some(settings) => self.decide_by_draft(now, settings, arrival),
        }
    }

    fn decide_by_draft(
        &self,
        now: Timestamp,
        settings: Settings,
        arrival: Arrival,
    ) -> Result<Tried, Rejection> {
        let (mut copy, whole) = self.sampled(TRIAL_WAITING_MAX);
        let version = SettingsVersion(self.book.version.0.saturating_add(1));
        copy.handle(now, Command::Configure { version, settings: Box::new(settings) })?;
        let mut tried = copy.decide(now, None, arrival)?;
        if let Verdict::TakenIn(explanation) = &mut tried.verdict
            && !whole
        {
            explanation.position = None;
        }
        Ok(tried)
    }

    /// A copy with at most about so many conversations that wait, and whether it has all of them.
    pub(super) fn sampled(&self, most: usize) -> (Self, bool) {
        let (book, whole) = dry_run::sample(&self.book, &self.index, most);
        let index = Index::of(&book);
        (Self { book, index }, whole)
    }

    /// Whether somebody has this conversation on their lists: they take part, are asked to, or it waits in a queue of
    /// theirs.
    pub fn sees(&self, representative: RepresentativeId, conversation: ConversationId) -> bool {
        ongoing::sees(&self.book, representative, conversation)
    }

    /// What goes on in a queue, or in all, for this supervisor: at most so many, the oldest first.
    pub fn ongoing(
        &self,
        now: Timestamp,
        reader: RepresentativeId,
        queue: Option<QueueId>,
        most: usize,
    ) -> Ongoing {
        ongoing::ongoing(&self.book, &self.index, now, reader, queue, most)
    }

    /// What is counted, for this supervisor: in the queues that are assigned to them, or everywhere.
    pub fn counters(&self, now: Timestamp, reader: RepresentativeId) -> Counters {
        counters::counters(&self.book, &self.index, now, reader)
    }

    /// How many waiting conversations would be offered before this one to somebody who could take it; none if it does not
    /// wait in a line.
    pub fn position(&self, conversation: ConversationId) -> Option<usize> {
        position::position(&self.book, &self.index, conversation)
    }

    /// Who belongs to this audience, in the order of their ids; of a queue those who have a console open.
    pub fn viewers(&self, audience: &Audience) -> Vec<RepresentativeId> {
        let connected = |id: &RepresentativeId| self.book.is_connected(*id);
        match audience {
            Audience::Representative(id) => Vec::from([*id]),
            Audience::Queue { queue, but } => {
                let members = self.book.queues.get(queue).into_iter().flat_map(|queue| &queue.members);
                let others = members.copied().filter(|id| Some(*id) != *but);
                let mut viewers: Vec<_> = others.filter(connected).collect();
                viewers.sort_unstable();
                viewers
            }
        }
    }

    /// By which name colleagues know this representative, if they are in the settings.
    pub fn full_name(&self, representative: RepresentativeId) -> Option<&str> {
        self.profile(representative).map(|known| known.profile.full_name.as_str())
    }

    /// By which name customers know this representative, if they are in the settings.
    pub fn public_name(&self, representative: RepresentativeId) -> Option<&str> {
        self.profile(representative).map(|known| known.profile.public_name.as_str())
    }

    fn profile(&self, representative: RepresentativeId) -> Option<&Representative> {
        self.book.representatives.get(&representative)
    }

    /// The sessions that run or were offered, and how many were ever counted.
    #[cfg(test)]
    pub(super) fn sessions(&self) -> (Vec<SessionId>, u64) {
        let running = self.book.items.values().flat_map(|item| item.sessions()).map(|session| session.id);
        (running.collect(), self.book.last_session.number())
    }

    /// Checks what must be true between two commands; gives the first rule that does not hold. For tests and the
    /// simulation: it goes through everything.
    pub fn check_invariants(&self) -> Result<(), &'static str> {
        invariants::check(&self.book, &self.index)
    }
}

impl Serialize for Router {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.book.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Router {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let book = Book::deserialize(deserializer)?;
        let index = Index::of(&book);
        Ok(Self { book, index })
    }
}
