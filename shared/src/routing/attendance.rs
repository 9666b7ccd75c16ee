//! Who is there: consoles that come and go, the grace time, presence chosen by hand (reference section 20.4).
//!
//! Whether somebody is back in time is decided by the clock, not by which of alarm and socket is quicker: what is due
//! is done before a connection counts.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::effect::{Audience, Effect, SessionEnd};
use super::index::Due;
use super::presence::Standing;
use super::rejection::Rejection;
use super::representative::Representative;
use super::turn::Turn;
use super::work::Stage;
use crate::id::{ConnectionId, ConversationId, RepresentativeId};
use crate::protocol::desk::DeskFrame;
use crate::settings::Presence;

impl Turn<'_> {
    /// A console is open.
    pub(super) fn connect(
        &mut self,
        representative: RepresentativeId,
        connection: ConnectionId,
    ) -> Result<(), Rejection> {
        self.known(representative)?;
        self.elapse();
        self.change_representative(representative, |representative| representative.connect(connection));
        Ok(())
    }

    /// A console is gone.
    pub(super) fn disconnect(
        &mut self,
        representative: RepresentativeId,
        connection: ConnectionId,
    ) -> Result<(), Rejection> {
        self.known(representative)?;
        self.lose(representative, |gone| gone == connection);
        Ok(())
    }

    /// The representative signed out.
    pub(super) fn sign_out(&mut self, representative: RepresentativeId) -> Result<(), Rejection> {
        self.known(representative)?;
        let now = self.now;
        self.change_representative(representative, |representative| representative.sign_out(now));
        self.withdraw_offers(representative);
        Ok(())
    }

    /// These are the connections that are really open. Somebody unknown among them is passed over: their console is
    /// refused when it says what it wants.
    pub(super) fn connections_are(&mut self, open: Vec<(RepresentativeId, ConnectionId)>) {
        let mut by_representative: BTreeMap<RepresentativeId, BTreeSet<ConnectionId>> = BTreeMap::new();
        for (representative, connection) in open {
            by_representative.entry(representative).or_default().insert(connection);
        }
        let nothing = BTreeSet::new();
        let everybody: Vec<_> = self.book.representatives.keys().copied().collect();
        for &id in &everybody {
            let open = by_representative.get(&id).unwrap_or(&nothing);
            // New before old: somebody whose console has a new socket was not away.
            if self.book.is_connected(id) {
                self.connect_all(id, open);
            }
            self.lose(id, |connection| !open.contains(&connection));
        }
        self.elapse();
        for (id, connections) in &by_representative {
            self.connect_all(*id, connections);
        }
    }

    fn connect_all(&mut self, representative: RepresentativeId, open: &BTreeSet<ConnectionId>) {
        self.change_representative(representative, |representative| {
            for &connection in open {
                representative.connect(connection);
            }
        });
    }

    /// The representative chose a presence. It is always acknowledged, changed or not.
    pub(super) fn set_presence(
        &mut self,
        representative: RepresentativeId,
        presence: Presence,
    ) -> Result<(), Rejection> {
        self.known(representative)?;
        if presence == Presence::Inactive {
            return Err(Rejection::PresenceNotForChoice);
        }
        if !self.book.is_connected(representative) {
            return Err(Rejection::NotPossibleNow);
        }
        let chosen = Some(Standing::chosen(presence));
        self.change_representative(representative, |representative| representative.standing = chosen);
        let Some(known) = self.book.representatives.get(&representative) else { return Ok(()) };
        let presence = self.index.presence_of(representative, known);
        if let Some(entry) = self.index.representatives.get_mut(&representative) {
            entry.told = presence.clone();
        }
        self.effects.push(Effect::Show {
            to: Audience::Representative(representative),
            frame: DeskFrame::Presence { presence },
        });
        Ok(())
    }

    /// Does everything that is due, in the order in which it fell due.
    pub(super) fn elapse(&mut self) {
        while let Some(&(at, due)) = self.index.deadlines.first()
            && at <= self.now
        {
            match due {
                Due::Item(conversation) => self.item_due(conversation),
                Due::Representative(representative) => self.grace_over(representative),
            }
        }
    }

    /// Somebody did not come back in time: their customers wait for somebody else. What is in wrap-up stays with them.
    fn grace_over(&mut self, representative: RepresentativeId) {
        self.change_representative(representative, Representative::give_up);
        for conversation in self.work_in(representative, |stage| matches!(stage, Stage::Active(_))) {
            self.put_back(conversation, SessionEnd::RepresentativeDisconnected);
        }
    }

    fn lose(&mut self, representative: RepresentativeId, gone: impl FnMut(ConnectionId) -> bool) {
        let now = self.now;
        let left =
            self.change_representative(representative, |representative| representative.lose(gone, now));
        if left == Some(true) {
            self.withdraw_offers(representative);
        }
    }

    /// Somebody is no longer there to answer: what they were offered is offered to others at once.
    fn withdraw_offers(&mut self, representative: RepresentativeId) {
        for conversation in self.work_in(representative, |stage| matches!(stage, Stage::Offered(_))) {
            self.put_back(conversation, SessionEnd::Rerouted);
        }
    }

    /// What this representative has in certain stages.
    pub(super) fn work_in(
        &self,
        representative: RepresentativeId,
        stage: impl Fn(&Stage) -> bool,
    ) -> Vec<ConversationId> {
        let work = self.index.representatives.get(&representative).map(|entry| &entry.work);
        let item_stage = |id: &ConversationId| self.book.items.get(id).map(|item| &item.stage);
        work.into_iter().flatten().copied().filter(|id| item_stage(id).is_some_and(&stage)).collect()
    }

    fn known(&self, representative: RepresentativeId) -> Result<(), Rejection> {
        let known = self.book.representatives.contains_key(&representative);
        if known { Ok(()) } else { Err(Rejection::UnknownRepresentative) }
    }
}
