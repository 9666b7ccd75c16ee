//! Staff who sit at a desk without being representatives: supervisors and administrators. They have no presence and no
//! work, but they can look on, and somebody who looks on and goes is waited for as long as a representative is, and then
//! takes part no longer (reference section 26).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::deadlines::Due;
use super::effect::SessionEnd;
use super::rejection::Rejection;
use super::representative::Absence;
use super::turn::Turn;
use crate::id::{ConnectionId, RepresentativeId};
use crate::time::{Span, Timestamp};

/// Somebody at a desk who is not in the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Guest {
    /// Their open consoles. Several count as one.
    pub(super) connections: BTreeSet<ConnectionId>,
    /// Until when they are waited for, once none is open; its last millisecond counts as in time.
    pub(super) waited_for: Option<Timestamp>,
}

impl Guest {
    /// When it is too late to come back.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.waited_for.map(|until| until.after(Span::from_millis(1)))
    }
}

impl Turn<'_> {
    /// A console of theirs is open.
    pub(super) fn guest_came(&mut self, guest: RepresentativeId, connection: ConnectionId) {
        self.change_guest(guest, |guest| {
            guest.connections.insert(connection);
        });
    }

    /// A console of theirs is gone.
    pub(super) fn guest_lost(
        &mut self,
        guest: RepresentativeId,
        connection: ConnectionId,
    ) -> Result<(), Rejection> {
        let known = self.book.guests.get(&guest);
        if !known.is_some_and(|known| known.connections.contains(&connection)) {
            return Err(Rejection::UnknownRepresentative);
        }
        self.change_guest(guest, |guest| {
            guest.connections.remove(&connection);
        });
        Ok(())
    }

    /// They signed out: nobody waits for them.
    pub(super) fn guest_signed_out(&mut self, guest: RepresentativeId) -> Result<(), Rejection> {
        let was_there = self.book.guests.contains_key(&guest);
        if !was_there && self.company_of(guest).is_empty() {
            return Err(Rejection::UnknownRepresentative);
        }
        self.guest_gone(guest);
        Ok(())
    }

    /// They take part in nothing any more, and are forgotten.
    pub(super) fn guest_gone(&mut self, guest: RepresentativeId) {
        self.forget_guest(guest);
        self.take_part_no_longer(guest, SessionEnd::RepresentativeDisconnected);
    }

    /// These are the consoles that are really open. Whoever looks on and has none is waited for from now on.
    pub(super) fn guests_are(&mut self, open: &[(RepresentativeId, ConnectionId)]) {
        let look_on = self.index.company.keys().filter(|id| self.known(**id).is_err());
        let mut all: BTreeSet<_> = look_on.chain(self.book.guests.keys()).copied().collect();
        all.extend(open.iter().map(|(id, _)| *id).filter(|id| self.known(*id).is_err()));
        for id in all {
            self.change_guest(id, |guest| {
                let theirs = open.iter().filter(|(owner, _)| *owner == id);
                guest.connections = theirs.map(|(_, connection)| *connection).collect();
            });
        }
    }

    /// New settings: whoever is a representative from now on is a guest no longer, and the other way round. Their consoles
    /// count as they did, and whoever is waited for is waited for as long.
    pub(super) fn guests_under(
        &mut self,
        no_longer_representatives: Vec<(RepresentativeId, BTreeSet<ConnectionId>)>,
    ) {
        let now = self.now;
        let known: Vec<_> =
            self.book.guests.keys().copied().filter(|guest| self.known(*guest).is_ok()).collect();
        for id in known {
            let Some(guest) = self.forget_guest(id) else { continue };
            self.change_representative(id, |representative| {
                guest.connections.iter().for_each(|connection| representative.connect(*connection));
                let absent = |until| Absence { since: now, until, signed_out: false };
                representative.absence = guest.waited_for.map(absent);
            });
        }
        for (id, connections) in no_longer_representatives {
            self.change_guest(id, |guest| guest.connections = connections);
        }
    }

    fn forget_guest(&mut self, id: RepresentativeId) -> Option<Guest> {
        let guest = self.book.guests.remove(&id)?;
        self.index.remove_deadline(guest.due(), Due::Guest(id));
        Some(guest)
    }

    /// Changes a guest, and sees to it that they are waited for if they have no console and look on, and known if they have
    /// one.
    fn change_guest(&mut self, id: RepresentativeId, change: impl FnOnce(&mut Guest)) {
        let looks_on = self.index.company.contains_key(&id);
        let until = self.now.after(self.book.desk.presence_grace);
        let mut guest = self.forget_guest(id).unwrap_or_default();
        change(&mut guest);
        if !guest.connections.is_empty() {
            guest.waited_for = None;
        } else if looks_on {
            guest.waited_for.get_or_insert(until);
        } else {
            return;
        }
        self.index.add_deadline(guest.due(), Due::Guest(id));
        self.book.guests.insert(id, guest);
    }
}
