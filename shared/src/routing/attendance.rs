//! Who is there: consoles that come and go, the grace time, presence chosen by hand (reference section 20.4).
//!
//! Whether somebody is back in time is decided by the clock, not by which of alarm and socket is quicker: what is due
//! is done before a connection counts.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::deadlines::Due;
use super::effect::SessionEnd;
use super::rejection::Rejection;
use super::turn::Turn;
use super::work::Stage;
use crate::conversation::Notice;
use crate::id::{ConnectionId, ConversationId, RepresentativeId};
use crate::protocol::desk::DeskFrame;
use crate::protocol::live::Absence;
use crate::settings::Silent;

/// How much can lapse of one item or person at one moment. What is done moves its own deadline; one that stayed would
/// keep everybody waiting for ever, and again after every start. It is let go instead.
const LAPSES_AT_ONCE_MAX: usize = 64;

impl Turn<'_> {
    /// A console is open.
    pub(super) fn connect(&mut self, representative: RepresentativeId, connection: ConnectionId) {
        self.elapse();
        if self.known(representative).is_ok() {
            self.connect_all(representative, &BTreeSet::from([connection]));
        } else {
            self.guest_came(representative, connection);
        }
    }

    /// A console is gone.
    pub(super) fn disconnect(
        &mut self,
        representative: RepresentativeId,
        connection: ConnectionId,
    ) -> Result<(), Rejection> {
        if self.known(representative).is_err() {
            return self.guest_lost(representative, connection);
        }
        self.lose(representative, |gone| gone == connection);
        Ok(())
    }

    /// The representative signed out.
    pub(super) fn sign_out(&mut self, representative: RepresentativeId) -> Result<(), Rejection> {
        if self.known(representative).is_err() {
            return self.guest_signed_out(representative);
        }
        let (now, grace) = (self.now, self.book.desk.presence_grace);
        self.change_representative(representative, |representative| representative.sign_out(now, grace));
        self.withdraw_offers(representative);
        self.tell_of_absence(representative);
        Ok(())
    }

    /// These are the connections that are really open.
    pub(super) fn connections_are(&mut self, open: Vec<(RepresentativeId, ConnectionId)>) {
        self.guests_are(&open);
        let mut by_representative: BTreeMap<RepresentativeId, BTreeSet<ConnectionId>> = BTreeMap::new();
        for (representative, connection) in open {
            by_representative.entry(representative).or_default().insert(connection);
        }
        let nothing = BTreeSet::new();
        let everybody: Vec<_> = self.book.representatives.keys().collect();
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
        let back = self.change_representative(representative, |representative| {
            let was_gone = !representative.is_connected();
            for &connection in open {
                representative.connect(connection);
            }
            was_gone && representative.is_connected()
        });
        if back == Some(true) {
            self.tell_of_absence(representative);
        }
    }

    /// Tells those who talk to this representative whether they are gone, and for how long they are waited for.
    fn tell_of_absence(&mut self, representative: RepresentativeId) {
        let absence = self.book.representatives.get(&representative).and_then(|known| known.absence);
        let absence = absence.map(|absence| Absence { since: absence.since, until: absence.until });
        for conversation in self.work_in(representative, |stage| matches!(stage, Stage::Active(_))) {
            self.notify(conversation, Notice::RepresentativeIs { representative, absence });
        }
    }

    /// Tells the consoles of a representative their presence, changed or not.
    pub(super) fn show_presence(&mut self, representative: RepresentativeId) {
        let Some(known) = self.book.representatives.get(&representative) else { return };
        let presence = self.index.presence_of(representative, known);
        if let Some(entry) = self.index.representatives.get_mut(&representative) {
            entry.told = presence.clone();
        }
        self.show_one(representative, DeskFrame::Presence { presence });
    }

    /// Does everything that is due, in the order in which it fell due.
    pub(super) fn elapse(&mut self) {
        let (mut last, mut times) = (None, 0);
        while let Some((at, due)) = self.index.deadlines.first()
            && at <= self.now
        {
            times = if last.replace((at, due)) == Some((at, due)) { times + 1 } else { 1 };
            if times > LAPSES_AT_ONCE_MAX {
                self.index.remove_deadline(Some(at), due);
                continue;
            }
            match due {
                Due::Lines => self.look_at_lines(),
                Due::Hours => self.hours_due(),
                Due::Item(conversation) => self.item_due(conversation),
                Due::Representative(representative) => self.representative_due(representative),
                Due::Guest(guest) => self.guest_gone(guest),
            }
        }
    }

    /// Time has passed for a representative: their grace time is over, or the day is.
    fn representative_due(&mut self, representative: RepresentativeId) {
        let now = self.now;
        let too_late = self.change_representative(representative, |representative| {
            representative.spent = representative.spent.take().filter(|spent| spent.until > now);
            let too_late = representative.absence.is_some_and(|absence| absence.until < now);
            if too_late {
                representative.give_up();
            }
            too_late
        });
        if too_late == Some(true) {
            self.grace_over(representative);
        }
    }

    /// Somebody did not come back in time: their customers wait for somebody else, or have no question that waits for an
    /// answer. What is in wrap-up stays with them.
    fn grace_over(&mut self, representative: RepresentativeId) {
        let reason = SessionEnd::RepresentativeDisconnected;
        for conversation in self.work_in(representative, |stage| matches!(stage, Stage::Active(_))) {
            let silence = self.book.items.get(&conversation).and_then(|item| item.silence);
            if silence.is_some_and(|silence| silence.of == Silent::Customer) {
                self.step_out(conversation, reason);
            } else {
                self.put_back(conversation, reason);
            }
        }
        self.take_part_no_longer(representative, reason);
    }

    fn lose(&mut self, representative: RepresentativeId, gone: impl FnMut(ConnectionId) -> bool) {
        let (now, grace) = (self.now, self.book.desk.presence_grace);
        let left = self
            .change_representative(representative, |representative| representative.lose(gone, now, grace));
        if left == Some(true) {
            self.withdraw_offers(representative);
            self.tell_of_absence(representative);
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
        work.into_iter().flatten().filter(|id| item_stage(id).is_some_and(&stage)).collect()
    }

    /// Whether the representative is in the settings.
    pub(super) fn known(&self, representative: RepresentativeId) -> Result<(), Rejection> {
        let known = self.book.representatives.contains_key(&representative);
        if known { Ok(()) } else { Err(Rejection::UnknownRepresentative) }
    }
}
