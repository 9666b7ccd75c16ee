//! Who takes part in a conversation beside its primary representative: whoever is asked to take it over, consultants,
//! and supervisors who look on (reference sections 25 and 26).

use alloc::collections::BTreeSet;
use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::capacity::Charge;
use super::work::{Offer, Session, Stage, WorkItem};
use crate::id::{QueueId, RepresentativeId};
use crate::protocol::desk::Part;
use crate::time::Timestamp;

/// A transfer to somebody who has not answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Transfer {
    /// What they are asked.
    pub(super) offer: Offer,
    /// Whether a supervisor asks. Then whoever has it stays on as a consultant.
    pub(super) supervised: bool,
}

/// Somebody who advises, or was asked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Consult {
    /// They have not answered yet.
    Asked {
        /// What they are asked.
        offer: Offer,
        /// Whether the system found them.
        found: bool,
    },
    /// They advise.
    Joined {
        /// Their session.
        session: Session,
        /// Whether they write to the customer.
        public: bool,
    },
}

/// The system looks for somebody to advise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Search {
    /// In which queue.
    pub(super) queue: QueueId,
    /// Until when.
    pub(super) until: Timestamp,
    /// Who has said no, or nothing.
    pub(super) declined: BTreeSet<RepresentativeId>,
}

/// A supervisor who looks on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Monitor {
    /// Their session.
    pub(super) session: Session,
    /// Whether they write to the customer.
    pub(super) joined: bool,
    /// Their name, for when they are not in the settings.
    pub(super) name: String,
}

impl Consult {
    fn session(&self) -> &Session {
        match self {
            Self::Asked { offer, .. } => &offer.session,
            Self::Joined { session, .. } => session,
        }
    }

    /// As what they take part, or would.
    pub(super) const fn part(&self) -> Part {
        match self {
            Self::Joined { public: true, .. } => Part::PublicConsultant,
            _ => Part::PrivateConsultant,
        }
    }
}

impl Monitor {
    /// As what they take part.
    pub(super) const fn part(&self) -> Part {
        if self.joined { Part::Supervisor } else { Part::Monitor }
    }
}

impl WorkItem {
    /// This item, if anybody takes part beside whoever has it, or was asked to. Of nearly all nobody does, and they are
    /// asked about it with every change.
    pub(super) fn accompanied(&self) -> Option<&Self> {
        let nobody = self.transfer.is_none() && self.consults.is_empty() && self.monitors.is_empty();
        (!nobody).then_some(self)
    }

    /// Every offer that waits for an answer.
    pub(super) fn offers<'item>(&'item self) -> impl Iterator<Item = &'item Offer> {
        let work = match &self.stage {
            Stage::Offered(offer) => Some(offer),
            _ => None,
        };
        let beside = |item: &'item Self| {
            let transfer = item.transfer.as_ref().map(|transfer| &transfer.offer);
            let consults = item.consults.values().filter_map(|consult| match consult {
                Consult::Asked { offer, .. } => Some(offer),
                Consult::Joined { .. } => None,
            });
            transfer.into_iter().chain(consults)
        };
        work.into_iter().chain(self.accompanied().into_iter().flat_map(beside))
    }

    /// Every session that is running or was offered.
    pub(super) fn sessions<'item>(&'item self) -> impl Iterator<Item = &'item Session> + Clone {
        let beside = |item: &'item Self| {
            let transfer = item.transfer.as_ref().map(|transfer| &transfer.offer.session);
            let consults = item.consults.values().map(Consult::session);
            let monitors = item.monitors.values().map(|monitor| &monitor.session);
            transfer.into_iter().chain(consults).chain(monitors)
        };
        self.session().into_iter().chain(self.accompanied().into_iter().flat_map(beside))
    }

    /// What it takes of whose capacity.
    pub(super) fn charges(&self) -> impl Iterator<Item = (RepresentativeId, &Charge)> + Clone {
        self.sessions().map(|session| (session.representative, &session.holds))
    }

    /// Everybody but the primary representative. Somebody may come twice.
    pub(super) fn company(&self) -> impl Iterator<Item = RepresentativeId> {
        self.accompanied().into_iter().flat_map(|item| {
            let receiver = item.transfer.as_ref().map(|transfer| transfer.offer.session.representative);
            receiver.into_iter().chain(item.consults.keys().copied()).chain(item.monitors.keys().copied())
        })
    }

    /// Whether somebody takes part, or is asked to.
    pub(super) fn concerns(&self, representative: RepresentativeId) -> bool {
        self.representative().into_iter().chain(self.company()).any(|other| other == representative)
    }

    /// As what somebody takes part; none if they do not, or have not accepted yet.
    pub(super) fn part_of(&self, representative: RepresentativeId) -> Option<Part> {
        if self.owner() == Some(representative) {
            return Some(Part::Primary);
        }
        match self.consults.get(&representative) {
            Some(consult @ Consult::Joined { .. }) => Some(consult.part()),
            _ => self.monitors.get(&representative).map(Monitor::part),
        }
    }
}
