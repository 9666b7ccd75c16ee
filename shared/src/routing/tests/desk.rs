//! What people of the house do with each other's work.

use alloc::vec::Vec;

use super::house::{House, comes_by, conversation, line, queue, representative};
use crate::id::RepresentativeId;
use crate::protocol::desk::{
    DeskFrame, Destination, OfferGoneReason, OfferKind, OfferView, Part, Purpose, WorkItemView,
};
use crate::protocol::live::Side;
use crate::routing::{Command, Rejection};
use crate::settings::{ChannelClass, Presence};

/// A supervisor who is no representative.
pub(super) const SUPERVISOR: u8 = 9;

pub(super) fn to(number: u8) -> Destination {
    Destination::Representative(representative(number))
}

pub(super) fn to_queue(number: u8) -> Destination {
    Destination::Queue(queue(number))
}

pub(super) fn transfer(number: u8, item: u8, to: Destination) -> Command {
    Command::Transfer { representative: representative(number), conversation: conversation(item), to }
}

pub(super) fn consult(number: u8, item: u8, with: Destination) -> Command {
    Command::Consult { representative: representative(number), conversation: conversation(item), with }
}

pub(super) fn end_consult(number: u8, item: u8, with: Destination) -> Command {
    Command::EndConsult { representative: representative(number), conversation: conversation(item), with }
}

pub(super) fn add_to_chat(number: u8, item: u8, consultant: u8) -> Command {
    let (representative, consultant) = (representative(number), representative(consultant));
    Command::AddToChat { representative, conversation: conversation(item), consultant }
}

pub(super) fn remove_from_chat(number: u8, item: u8, consultant: u8) -> Command {
    let (representative, consultant) = (representative(number), representative(consultant));
    Command::RemoveFromChat { representative, conversation: conversation(item), consultant }
}

pub(super) fn leave(number: u8, item: u8) -> Command {
    Command::Leave { representative: representative(number), conversation: conversation(item) }
}

pub(super) fn release(number: u8, item: u8) -> Command {
    Command::Release { representative: representative(number), conversation: conversation(item) }
}

pub(super) fn wait(number: u8, item: u8) -> Command {
    Command::Wait { representative: representative(number), conversation: conversation(item) }
}

pub(super) fn resume(number: u8, item: u8) -> Command {
    Command::Resume { representative: representative(number), conversation: conversation(item) }
}

pub(super) fn monitor(number: u8, item: u8) -> Command {
    let (supervisor, name) = (representative(number), "Sam Stone".into());
    Command::Monitor { supervisor, name, conversation: conversation(item) }
}

pub(super) fn join(number: u8, item: u8) -> Command {
    Command::Join { supervisor: representative(number), conversation: conversation(item) }
}

pub(super) fn assign(item: u8, to: Destination) -> Command {
    Command::Assign { supervisor: representative(SUPERVISOR), conversation: conversation(item), to }
}

pub(super) fn redirect(item: u8, to: Destination) -> Command {
    Command::Redirect { supervisor: representative(SUPERVISOR), conversation: conversation(item), to }
}

pub(super) fn force_close(item: u8) -> Command {
    Command::ForceClose { supervisor: representative(SUPERVISOR), conversation: conversation(item) }
}

pub(super) fn override_presence(number: u8, presence: Option<Presence>) -> Command {
    let (supervisor, representative) = (representative(SUPERVISOR), representative(number));
    Command::OverridePresence { supervisor, representative, presence, reason: line("Fire drill") }
}

pub(super) fn wrote(item: u8, side: Side) -> Command {
    Command::Wrote { conversation: conversation(item), side }
}

impl House {
    /// A house of an asynchronous channel.
    pub(super) fn asynchronous() -> Self {
        Self::with(|settings| comes_by(settings, ChannelClass::Asynchronous))
    }

    /// Some representatives are there; the first has conversation 1, and whoever else is there has nothing.
    pub(super) fn busy(others: &[u8]) -> Self {
        Self::with(|_| {}).with_somebody_busy(others)
    }

    pub(super) fn with_somebody_busy(mut self, others: &[u8]) -> Self {
        self.connect(1).arrive(1).accept(1, 1);
        for &other in others {
            self.connect(other);
        }
        self
    }

    /// The item on a representative's list.
    pub(super) fn item(&self, number: u8, item: u8) -> Option<WorkItemView> {
        self.work(number).into_iter().find(|view| view.conversation == conversation(item))
    }

    /// As what a representative takes part in the conversation.
    pub(super) fn part(&self, number: u8, item: u8) -> Option<Part> {
        let part = self.router.part(representative(number), conversation(item));
        let listed = self.item(number, item).and_then(|view| view.part);
        assert_eq!(listed, part, "the list says what is true");
        part
    }

    pub(super) fn takes_part(&self, number: u8, item: u8) -> bool {
        self.router.takes_part(representative(number), conversation(item))
    }

    /// What a representative is asked.
    pub(super) fn asked(&self, number: u8) -> Vec<OfferKind> {
        self.offers(number).iter().map(|offer| offer.kind).collect()
    }

    pub(super) fn offer_view(&self, number: u8) -> OfferView {
        self.offers(number).into_iter().next().expect("somebody is asked")
    }

    /// What this representative was told of what they asked for, in the last step.
    pub(super) fn answers(&self, number: u8) -> Vec<(OfferKind, Option<RepresentativeId>, OfferGoneReason)> {
        let answers = self.shown(number).into_iter().filter_map(|frame| match frame {
            DeskFrame::Answered { asked, representative, answer, .. } => {
                Some((asked, representative, answer))
            }
            _ => None,
        });
        answers.collect()
    }

    /// Who can be asked, by number, and how many queues.
    pub(super) fn candidates(
        &self,
        asker: u8,
        item: u8,
        purpose: Purpose,
    ) -> Result<(Vec<RepresentativeId>, usize), Rejection> {
        let frame = self.router.candidates(self.now, representative(asker), conversation(item), purpose)?;
        let DeskFrame::Candidates { representatives, queues, .. } = frame else {
            panic!("not candidates: {frame:?}")
        };
        Ok((representatives.into_iter().map(|view| view.representative).collect(), queues.len()))
    }
}
