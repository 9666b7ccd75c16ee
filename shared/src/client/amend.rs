//! Changing what was written: a change goes the way of a message, through the outbox and its store, and whoever may see
//! the message may see the change.

use alloc::string::String;
use alloc::vec::Vec;

use super::{ChatClient, Delivery, Draft, DraftKind, Output};
use crate::id::MessageId;
use crate::protocol::live::Sequence;
use crate::time::Timestamp;

impl ChatClient {
    /// The message with this number is to say something else, or nothing. One that is not held cannot be meant.
    pub(super) fn amend(
        &mut self,
        now: Timestamp,
        message: MessageId,
        target: Sequence,
        text: Option<String>,
        out: &mut Vec<Output>,
    ) {
        let Some(entry) = self.entries().iter().find(|entry| entry.sequence == target) else { return };
        let visibility = entry.visibility;
        let kind = if text.is_some() { DraftKind::Edit(target) } else { DraftKind::Redaction(target) };
        let (text, delivery) = (text.unwrap_or_default(), Delivery::Waiting);
        self.compose(now, Draft { message, kind, visibility, text, delivery }, out);
    }
}
