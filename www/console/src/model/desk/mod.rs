//! What is true at this representative's desk: presence, offers and work, as the gateway last said.
//!
//! The gateway's word replaces what was held; nothing here is guessed ahead. What was asked and not answered yet is kept
//! beside it, so that a button can show that it is at work and an answer finds the place where it is shown.

mod names;

use std::collections::BTreeMap;

use shared::id::{ConversationId, OfferId, QueueId, RepresentativeId};
use shared::protocol::Problem;
use shared::protocol::desk::{
    BulkResult, CandidateView, DeskCommand, DeskFrame, DeskRequest, OfferGoneReason, OfferKind, OfferView,
    Part, PresenceChoice, PresenceView, Purpose, QueueChoice, WorkItemView, WorkState,
};
use shared::protocol::insight::Ongoing;
use shared::settings::{BasePresence, Presence};
use shared::time::Timestamp;

use self::names::Names;
use super::bulk::Outcome;
use super::words;

/// How long the reason stays in sight after an offer is gone, in milliseconds.
const GONE_SHOWN_MILLIS: u64 = 8_000;

/// An offer, and how it stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// What is offered.
    pub(crate) view: OfferView,
    /// When the time to answer is over, on this machine's monotonic clock.
    pub(crate) expires: Timestamp,
    /// Why it is no longer open, and until when that is shown.
    pub(crate) gone: Option<(OfferGoneReason, Timestamp)>,
}

/// Something that others need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// The state of the desk was told from the start; these offers were not known before.
    Welcomed(Vec<OfferView>),
    /// A conversation is offered.
    Offered(OfferView),
    /// An offer is gone.
    OfferGone(OfferView, OfferGoneReason),
    /// A work item is new or changed.
    Work(WorkItemView),
    /// A work item is on no list any more; how it stood last.
    WorkGone(ConversationId, Option<WorkItemView>),
    /// What became of a transfer or consult that was asked for.
    Answered(Answered),
    /// What became of many conversations.
    Bulk(Outcome),
    /// What this window asked for was done.
    Done(Asked),
    /// What this window asked for was not done, and there is no place on the desk where that is shown.
    Refused(Option<Asked>, Problem),
}

/// What became of a transfer or consult that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    /// What was asked.
    pub(crate) asked: OfferKind,
    /// The name of whoever was asked; none if the system found nobody.
    pub(crate) name: Option<String>,
    /// What became of it.
    pub(crate) answer: OfferGoneReason,
    /// The customer's name.
    pub(crate) title: String,
}

/// Who can be asked about a conversation, as the gateway last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidates {
    /// About which.
    pub(crate) conversation: ConversationId,
    /// For what.
    pub(crate) purpose: Purpose,
    /// People, those with the most room first.
    pub(crate) representatives: Vec<CandidateView>,
    /// Queues.
    pub(crate) queues: Vec<QueueChoice>,
}

/// A command that was sent, with what it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The command.
    pub(crate) command: DeskCommand,
    /// The conversation that it is about, if it is about one.
    pub(crate) conversation: Option<ConversationId>,
    /// By which name that conversation is known here.
    pub(crate) title: String,
}

/// The desk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Desk {
    /// Presence and capacity; none before the first welcome.
    pub(crate) presence: Option<PresenceView>,
    /// Offers in the order in which they came, and those that have just gone.
    pub(crate) offers: Vec<Offer>,
    /// All work items that this representative may see in lists.
    pub(crate) work: BTreeMap<ConversationId, WorkItemView>,
    /// The presences that the organisation made up.
    pub(crate) presences: Vec<PresenceChoice>,
    /// Who can be asked, as it was last asked.
    pub(crate) candidates: Option<Candidates>,
    /// By which names people, queues and customers were called, also after they are gone from the lists.
    names: Names,
    asked: BTreeMap<u32, Asked>,
    refused: Vec<(DeskCommand, Problem)>,
    last_number: u32,
}

impl Desk {
    /// Takes a frame that arrived at `now` (monotonic) and says what is new.
    pub(crate) fn apply(&mut self, now: Timestamp, frame: DeskFrame) -> Option<News> {
        match frame {
            DeskFrame::Welcome { me: _, presence, offers, work, presences } => {
                self.presence = Some(presence);
                self.presences = presences;
                let known: Vec<_> = self.open_offers().map(|held| held.view.offer).collect();
                let new = offers.iter().filter(|view| !known.contains(&view.offer)).cloned().collect();
                self.offers = offers.into_iter().map(|view| Offer::new(now, view)).collect();
                self.work = work.into_iter().map(|item| (item.conversation, item)).collect();
                for item in self.work.values() {
                    self.names.learn(item);
                }
                Some(News::Welcomed(new))
            }
            DeskFrame::Done { number } => self.asked.remove(&number).map(News::Done),
            DeskFrame::Refused { number, problem } => self.refuse(number, problem),
            DeskFrame::Presence { presence } => {
                self.presence = Some(presence);
                None
            }
            DeskFrame::Offered { offer } => {
                // A new offer of the same conversation says more than why the one before is gone.
                self.offers.retain(|held| held.view.conversation != offer.conversation);
                self.offers.push(Offer::new(now, offer.clone()));
                Some(News::Offered(offer))
            }
            DeskFrame::OfferGone { offer, reason } => self.offer_gone(now, offer, reason),
            DeskFrame::Work { item } => {
                self.names.learn(&item);
                self.work.insert(item.conversation, item.clone());
                Some(News::Work(item))
            }
            DeskFrame::WorkGone { conversation } => {
                Some(News::WorkGone(conversation, self.work.remove(&conversation)))
            }
            DeskFrame::Answered { conversation, asked, representative, answer } => {
                let name = representative.map(|id| self.name_of(id));
                let title = self.title_of(Some(conversation));
                Some(News::Answered(Answered { asked, name, answer, title }))
            }
            DeskFrame::Candidates { conversation, purpose, representatives, queues } => {
                self.names.learn_candidates(&representatives, &queues);
                self.candidates = Some(Candidates { conversation, purpose, representatives, queues });
                None
            }
            DeskFrame::Presences { presences } => {
                self.presences = presences;
                None
            }
            DeskFrame::Bulk { results } => self.bulk(results),
        }
    }

    /// What became of many conversations. All windows hear it, and the one that asked for it says it.
    fn bulk(&self, results: Vec<BulkResult>) -> Option<News> {
        let is_of = |conversations: &[ConversationId]| {
            conversations.iter().eq(results.iter().map(|result| &result.conversation))
        };
        let act = self.asked.values().find_map(|asked| match &asked.command {
            DeskCommand::Bulk { conversations, act } if is_of(conversations) => Some(*act),
            _ => None,
        })?;
        let results = results.into_iter();
        let named = results.map(|result| (self.title_of(Some(result.conversation)), result.problem));
        Some(News::Bulk(Outcome::new(act, named.collect())))
    }

    /// How a presence is called here and what it stands for. One that is not there any more stands for Away.
    pub(crate) fn known_presence(&self, presence: Presence) -> (String, BasePresence) {
        let custom = self.presences.iter().find(|one| Presence::Custom(one.presence) == presence);
        let name = custom.map_or_else(|| words::presence(presence).to_owned(), |one| one.text.clone());
        (name, custom.map_or_else(|| presence.base(core::iter::empty()), |one| one.base))
    }

    /// Remembers how the customers of what goes on are called.
    pub(crate) fn know_customers(&mut self, ongoing: &Ongoing) {
        ongoing.items.iter().for_each(|one| self.names.learn(&one.item));
    }

    /// By which name somebody is known here.
    pub(crate) fn name_of(&self, id: RepresentativeId) -> String {
        self.names.person(id)
    }

    /// By which name a queue is known here.
    pub(crate) fn queue_name(&self, id: QueueId) -> String {
        self.names.queue(id)
    }

    /// Keeps a refusal where it is shown beside what it is about, or passes it on.
    fn refuse(&mut self, number: Option<u32>, problem: Problem) -> Option<News> {
        let asked = number.and_then(|number| self.asked.remove(&number));
        let has_place = asked.as_ref().is_some_and(|asked| match asked.command {
            // The picker, and the list of those who can be asked.
            DeskCommand::SetPresence { .. } | DeskCommand::Candidates { .. } => true,
            DeskCommand::Accept { offer } | DeskCommand::Reject { offer } => {
                self.open_offers().any(|held| held.view.offer == offer)
            }
            DeskCommand::End { conversation } | DeskCommand::Close { conversation } => {
                self.work.contains_key(&conversation)
            }
            // The row of an item that could not be picked is about to go. Everything else has no place yet.
            _ => false,
        });
        match asked {
            Some(asked) if has_place => {
                self.refused.push((asked.command, problem));
                None
            }
            asked => Some(News::Refused(asked, problem)),
        }
    }

    /// Why the last command of this kind was refused, until the like is asked again.
    pub(crate) fn refusal(&self, of: impl Fn(&DeskCommand) -> bool) -> Option<&Problem> {
        self.refused.iter().rev().find(|(command, _)| of(command)).map(|(_, problem)| problem)
    }

    fn offer_gone(&mut self, now: Timestamp, offer: OfferId, reason: OfferGoneReason) -> Option<News> {
        let held = self.offers.iter_mut().find(|held| held.view.offer == offer)?;
        let view = held.view.clone();
        match reason {
            // What this representative did needs no explanation.
            OfferGoneReason::Accepted | OfferGoneReason::Rejected => {
                self.offers.retain(|held| held.view.offer != offer);
            }
            OfferGoneReason::TimedOut | OfferGoneReason::Withdrawn => {
                let until = now.after(shared::time::Span::from_millis(GONE_SHOWN_MILLIS));
                held.gone = Some((reason, until));
            }
        }
        Some(News::OfferGone(view, reason))
    }

    /// Forgets offers that are gone and were shown long enough. Says whether there were any.
    pub(crate) fn sweep(&mut self, now: Timestamp) -> bool {
        let before = self.offers.len();
        self.offers.retain(|offer| offer.gone.is_none_or(|(_, until)| now < until));
        self.offers.len() != before
    }

    /// Forgets one offer that is gone.
    pub(crate) fn dismiss(&mut self, offer: OfferId) {
        self.offers.retain(|held| held.view.offer != offer || held.gone.is_none());
    }

    /// The request that carries `command`; none if the same is being asked already.
    pub(crate) fn ask(&mut self, command: DeskCommand) -> Option<DeskRequest> {
        if self.is_asked(&command) {
            return None;
        }
        self.last_number = self.last_number.wrapping_add(1);
        self.refused.retain(|(refused, _)| !is_about_the_same(refused, &command));
        let conversation = self.conversation_of(&command);
        let asked = Asked { title: self.title_of(conversation), conversation, command: command.clone() };
        self.asked.insert(self.last_number, asked);
        Some(DeskRequest { number: self.last_number, command })
    }

    /// Whether `command` was sent and not answered yet.
    pub(crate) fn is_asked(&self, command: &DeskCommand) -> bool {
        self.asked.values().any(|asked| asked.command == *command)
    }

    /// Whether something was asked about many conversations and not answered yet.
    pub(crate) fn is_asked_of_many(&self) -> bool {
        self.asked.values().any(|asked| matches!(asked.command, DeskCommand::Bulk { .. }))
    }

    /// The presence that was asked for and not answered yet.
    pub(crate) fn presence_asked(&self) -> Option<Presence> {
        self.asked.values().find_map(|asked| match asked.command {
            DeskCommand::SetPresence { presence } => Some(presence),
            _ => None,
        })
    }

    /// The connection broke: answers that are missing will not come. Says whether there were any.
    pub(crate) fn connection_lost(&mut self) -> bool {
        let any = !self.asked.is_empty();
        self.asked.clear();
        any
    }

    /// Offers that can still be answered.
    pub(crate) fn open_offers(&self) -> impl Iterator<Item = &Offer> {
        self.offers.iter().filter(|offer| offer.gone.is_none())
    }

    fn conversation_of(&self, command: &DeskCommand) -> Option<ConversationId> {
        match command {
            DeskCommand::Accept { offer } | DeskCommand::Reject { offer } => {
                self.offers.iter().find(|held| held.view.offer == *offer).map(|held| held.view.conversation)
            }
            command => command.conversation(),
        }
    }

    /// Whether the gateway was asked to take this conversation away from here and has not answered yet.
    pub(crate) fn is_being_given_away(&self, conversation: ConversationId) -> bool {
        self.asked.values().any(|asked| {
            asked.conversation == Some(conversation)
                && matches!(
                    asked.command,
                    DeskCommand::Release { .. }
                        | DeskCommand::Transfer { .. }
                        | DeskCommand::Leave { .. }
                        | DeskCommand::ForceClose { .. }
                        | DeskCommand::Redirect { .. }
                )
        })
    }

    fn title_of(&self, conversation: Option<ConversationId>) -> String {
        let item = conversation.and_then(|conversation| self.work.get(&conversation));
        let offer = self.offers.iter().find(|held| Some(held.view.conversation) == conversation);
        let name = item
            .and_then(|item| item.customer.as_deref())
            .or_else(|| offer.and_then(|held| held.view.customer.as_deref()))
            .or_else(|| self.names.customer(conversation?));
        words::customer(name).to_owned()
    }
}

impl Offer {
    fn new(now: Timestamp, view: OfferView) -> Self {
        Self { expires: now.after(view.remaining), view, gone: None }
    }
}

/// Whether the answer to one command is shown where that to the other is.
fn is_about_the_same(one: &DeskCommand, other: &DeskCommand) -> bool {
    use DeskCommand::{Accept, Candidates, Close, End, Reject, SetPresence};
    match (one, other) {
        (SetPresence { .. }, SetPresence { .. }) | (Candidates { .. }, Candidates { .. }) => true,
        (Accept { offer: one } | Reject { offer: one }, Accept { offer } | Reject { offer }) => one == offer,
        (
            End { conversation: one } | Close { conversation: one },
            End { conversation } | Close { conversation },
        ) => one == conversation,
        _ => false,
    }
}

/// Whether this is work that one sits at, as whatever: it gets a tab of its own. Of one's own, what was set aside is not.
pub(crate) fn is_in_hand(item: &WorkItemView) -> bool {
    match item.part {
        None => false,
        Some(Part::Primary) => matches!(item.state, WorkState::Active | WorkState::WrapUp),
        Some(_) => matches!(item.state, WorkState::Active | WorkState::WrapUp | WorkState::Waiting),
    }
}

/// Whether somebody was asked to take this over and has not answered yet.
pub(crate) fn is_being_transferred(item: &WorkItemView) -> bool {
    item.people.iter().any(|person| person.part == Part::Primary && !person.joined)
}

#[cfg(test)]
pub(crate) mod tests;
