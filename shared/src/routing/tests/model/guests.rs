//! Staff at a desk who are no representatives: they are there, or waited for while they look on.

use alloc::vec::Vec;

use super::elapse::GRACE;
use super::{Item, Model};
use crate::id::{ConnectionId, RepresentativeId};

#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub(super) id: RepresentativeId,
    connections: Vec<ConnectionId>,
    pub(super) gone_since: Option<u64>,
}

impl Model {
    pub(super) fn is_guest(&self, who: RepresentativeId) -> bool {
        self.people.iter().all(|person| person.id != who)
    }

    /// These consoles of somebody are open.
    pub(super) fn guest_has(&mut self, id: RepresentativeId, connections: Vec<ConnectionId>) {
        let before = self.guests.iter().position(|guest| guest.id == id).map(|at| self.guests.remove(at));
        let gone_since = before.and_then(|guest| guest.gone_since).unwrap_or(self.now);
        let looks_on = self.items.iter().any(|item: &Item| item.monitors.contains_key(&id));
        if !connections.is_empty() {
            self.guests.push(Guest { id, connections, gone_since: None });
        } else if looks_on {
            self.guests.push(Guest { id, connections, gone_since: Some(gone_since) });
        }
    }

    pub(super) fn guest_connections(&self, id: RepresentativeId) -> Vec<ConnectionId> {
        let guest = self.guests.iter().find(|guest| guest.id == id);
        guest.map(|guest| guest.connections.clone()).unwrap_or_default()
    }

    pub(super) fn guests_are(&mut self, open: &[(RepresentativeId, ConnectionId)]) {
        let mut all: Vec<_> = open.iter().map(|(id, _)| *id).collect();
        all.extend(self.guests.iter().map(|guest| guest.id));
        all.extend(self.items.iter().flat_map(|item| item.monitors.keys().copied()));
        all.sort_unstable();
        all.dedup();
        for id in all.into_iter().filter(|id| self.is_guest(*id)).collect::<Vec<_>>() {
            let theirs = open.iter().filter(|(owner, _)| *owner == id);
            self.guest_has(id, theirs.map(|(_, connection)| *connection).collect());
        }
    }

    pub(super) fn guest_gone(&mut self, id: RepresentativeId) {
        self.guests.retain(|guest| guest.id != id);
        self.take_part_no_longer(id);
    }

    /// These are representatives from now on, and there or gone as they were.
    pub(super) fn come_as_representatives(&mut self, guests: Vec<Guest>) {
        for Guest { id, connections, gone_since } in guests {
            for connection in connections {
                self.connect(id, connection);
            }
            self.person(id).gone_since = gone_since;
        }
    }

    /// When it is too late for each to come back.
    pub(super) fn guests_due(&self) -> impl Iterator<Item = (u64, RepresentativeId)> {
        self.guests.iter().filter_map(|guest| Some((guest.gone_since? + GRACE + 1, guest.id)))
    }
}
