//! Who has lost the connection, and what follows from it. The customer is waited for as long as the workstream says; then
//! the conversation ends (reference section 8.1). The representative is waited for by the router, which sees their
//! consoles (section 20.4); here it is only told. Whoever talks to them hears of it at once, and why it came to an end.

use alloc::vec;
use alloc::vec::Vec;

use super::log::Matter;
use super::machine::Conversation;
use super::{Effect, Sender};
use crate::id::{ConnectionId, RepresentativeId};
use crate::protocol::live::{Absence, ServerFrame, Side};
use crate::time::Timestamp;

impl Conversation {
    pub(super) fn connect(&mut self, sender: Sender, connection: ConnectionId) -> Vec<Effect> {
        self.head.connections.insert((sender, connection));
        if sender == Sender::Customer { self.customer_returned() } else { Vec::new() }
    }

    pub(super) fn disconnect(
        &mut self,
        now: Timestamp,
        sender: Sender,
        connection: ConnectionId,
    ) -> Vec<Effect> {
        self.head.connections.remove(&(sender, connection));
        self.note_absence(now)
    }

    pub(super) fn reconcile(&mut self, now: Timestamp, open: Vec<(Sender, ConnectionId)>) -> Vec<Effect> {
        self.head.connections = open.into_iter().collect();
        if self.customer_is_connected() { self.customer_returned() } else { self.note_absence(now) }
    }

    fn customer_is_connected(&self) -> bool {
        self.head.connections.iter().any(|(sender, _)| *sender == Sender::Customer)
    }

    fn note_absence(&mut self, now: Timestamp) -> Vec<Effect> {
        if self.customer_is_connected() || self.head.customer_gone_since.is_some() {
            return Vec::new();
        }
        self.head.customer_gone_since = Some(now);
        self.tell_absence(Side::Staff)
    }

    fn customer_returned(&mut self) -> Vec<Effect> {
        match self.head.customer_gone_since.take() {
            Some(_) => self.tell_absence(Side::Staff),
            None => Vec::new(),
        }
    }

    /// The router says that the last console of a representative is gone, or that they are back.
    pub(super) fn representative_is(
        &mut self,
        representative: RepresentativeId,
        absence: Option<Absence>,
    ) -> Vec<Effect> {
        if !self.is_primary(representative) || self.head.representative_gone == absence {
            return Vec::new();
        }
        self.head.representative_gone = absence;
        self.tell_absence(Side::Customer)
    }

    /// Whether whoever this side talks to is not connected. Of no interest when the conversation is over.
    pub fn absence(&self, side: Side) -> Option<Absence> {
        if self.has_ended() {
            return None;
        }
        match side {
            Side::Customer => self.head.representative_gone,
            Side::Staff => self
                .head
                .customer_gone_since
                .map(|since| Absence { since, until: since.after(self.head.customer_grace) }),
        }
    }

    /// How the log says that a representative is gone: why stays visible.
    pub(super) fn how_gone(&self, representative: RepresentativeId) -> Matter {
        if self.is_primary(representative) && self.head.representative_gone.is_some() {
            Matter::Lost
        } else {
            Matter::Left
        }
    }

    fn tell_absence(&self, side: Side) -> Vec<Effect> {
        if self.has_ended() {
            return Vec::new();
        }
        let frame = match self.absence(side) {
            Some(absence) => ServerFrame::Gone { until: absence.until },
            None => ServerFrame::Returned,
        };
        vec![Effect::Broadcast { side, frame }]
    }

    /// Somebody else is looked for: nobody waits for the one who was there before.
    pub(super) fn forget_absence(&mut self) -> Vec<Effect> {
        match self.head.representative_gone.take() {
            Some(_) => self.tell_absence(Side::Customer),
            None => Vec::new(),
        }
    }
}
