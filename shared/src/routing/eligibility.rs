//! Who can be offered what: the tests, in the order in which they are explained (reference section 16.2).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::capacity::{Charge, Load};
use super::representative::Representative;
use crate::id::{QueueId, RepresentativeId, WorkstreamId};
use crate::settings::{Distribution, Method, Presence, Queue, Workstream};

/// What is given while items change: the settings and the people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'book> {
    pub(super) queues: &'book BTreeMap<QueueId, Queue>,
    pub(super) workstreams: &'book BTreeMap<WorkstreamId, Workstream>,
    pub(super) representatives: &'book BTreeMap<RepresentativeId, Representative>,
}

/// On which terms items of one workstream are offered in one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    allowed_presences: Vec<Presence>,
    charge: Charge,
    /// Whether the system offers them at all (reference section 13).
    pushed: bool,
    /// How one is chosen among the eligible.
    pub(super) method: Method,
    /// How often one item is offered to one representative.
    pub(super) offers_per_representative: u8,
}

/// Why somebody is not offered an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Their presence is not one that the workstream allows.
    Presence(Presence),
    /// They have not enough capacity left, in units or in profiles.
    Capacity {
        /// Units that they have left.
        remaining: i64,
    },
    /// Representatives take such work by hand.
    Pick,
}

impl Terms {
    /// The terms of this workstream in this queue.
    pub(super) fn of(queue: &Queue, workstream: &Workstream) -> Self {
        Self {
            allowed_presences: workstream.allowed_presences.clone(),
            charge: Charge::of(workstream),
            pushed: workstream.sessions.distribution == Distribution::Push,
            method: queue.method,
            offers_per_representative: workstream.offers_per_representative,
        }
    }

    /// What keeps somebody whose skills fit, with this load, from being offered an item now.
    pub(super) fn obstacle(&self, representative: &Representative, load: &Load) -> Option<Obstacle> {
        if !self.pushed {
            return Some(Obstacle::Pick);
        }
        let presence = representative.shown(load).presence;
        if !self.allowed_presences.contains(&presence) {
            return Some(Obstacle::Presence(presence));
        }
        let remaining = representative.remaining(load);
        (!representative.room_for(&self.charge, load)).then_some(Obstacle::Capacity { remaining })
    }
}
