//! Heads as earlier versions stored them, read as what they mean now.

use alloc::collections::{BTreeMap, BTreeSet};
use serde::Deserialize;

use super::machine::{Names, Stage};
use super::{Cursor, Head, Sender};
use crate::id::{ConnectionId, ConversationId, RepresentativeId, VisitorId, WidgetId};
use crate::protocol::desk::Part;
use crate::protocol::live::{Place, Sequence};
use crate::time::{Span, Timestamp};

/// Version 1: each side had read up to a number, and nobody had a cursor of their own.
#[derive(Deserialize)]
struct Version1 {
    conversation: ConversationId,
    visitor: VisitorId,
    widget: WidgetId,
    stage: Stage,
    names: BTreeMap<RepresentativeId, Names>,
    read_by_customer: Sequence,
    read_by_staff: Sequence,
    connections: BTreeSet<(Sender, ConnectionId)>,
    customer_gone_since: Option<Timestamp>,
    customer_grace: Span,
    company: BTreeMap<RepresentativeId, Part>,
    followed: bool,
    place: Option<Place>,
}

impl Head {
    /// Takes a head that was stored in version 1 off the front of `bytes`; none if they are something else.
    pub fn take_version_1(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (old, rest): (Version1, _) = postcard::take_from_bytes(bytes).ok()?;
        Some((old.into(), rest))
    }
}

impl From<Version1> for Head {
    fn from(old: Version1) -> Self {
        // What was read had been received; more is not known.
        let cursor = |upto| Cursor { received: upto, read: upto };
        let (customer_cursor, staff_cursor) = (cursor(old.read_by_customer), cursor(old.read_by_staff));
        let mut cursors = BTreeMap::new();
        if customer_cursor != Cursor::default() {
            cursors.insert(Sender::Customer, customer_cursor);
        }
        if let Stage::InConversation { primary } = old.stage
            && staff_cursor != Cursor::default()
        {
            cursors.insert(Sender::Staff(primary), staff_cursor);
        }
        Self {
            conversation: old.conversation,
            visitor: old.visitor,
            widget: old.widget,
            stage: old.stage,
            names: old.names,
            cursors,
            customer_cursor,
            staff_cursor,
            connections: old.connections,
            customer_gone_since: old.customer_gone_since,
            customer_grace: old.customer_grace,
            representative_gone: None,
            company: old.company,
            followed: old.followed,
            place: old.place,
        }
    }
}
