//! Messages that have no place in the log yet, in the order in which they were written.
//!
//! A draft leaves when its entry is shown from the log, and not a moment earlier or later: so a message is never seen
//! twice and never missing. From the store it is forgotten as soon as the gateway has it on disk.
//!
//! Few are on their way at the same time, so that a cut costs few repeats and a full outbox does not use up what the gateway
//! takes at once. Where it has no room for one, it takes none that follows on the same socket before that one came again; and
//! from then on they go one by one. So they arrive in the order of writing.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::MessageId;
use crate::limit::OUTBOX_MESSAGES_MAX;
use crate::protocol::ErrorCode;
use crate::protocol::live::{ClientFrame, Sequence, Visibility};

/// A message that is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id, by which a repeat is recognised. Version 7: ids sort in the order of writing.
    pub message: MessageId,
    /// What becomes of it: a message, or a change of one.
    #[serde(default)]
    pub kind: DraftKind,
    /// Who may see it.
    pub visibility: Visibility,
    /// What it says. Nothing if it removes something.
    pub text: String,
    /// How far it is.
    pub delivery: Delivery,
}

/// What a draft is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DraftKind {
    /// A message.
    #[default]
    Message,
    /// What the message with this number says instead.
    #[cfg(feature = "amend")]
    Edit(Sequence),
    /// The removal of the message with this number.
    #[cfg(feature = "amend")]
    Redaction(Sequence),
}

#[cfg(feature = "amend")]
impl DraftKind {
    /// Which message it changes, if it changes one.
    pub const fn target(self) -> Option<Sequence> {
        match self {
            Self::Message => None,
            Self::Edit(target) | Self::Redaction(target) => Some(target),
        }
    }
}

/// How far a draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// It waits for a connection.
    Waiting,
    /// It was sent and not acknowledged yet.
    Sent,
    /// The gateway refused it; the person may try again or give it up.
    Failed(ErrorCode),
    /// It is on disk and has this place in the log; the entry itself is on its way.
    Delivered(Sequence),
}

impl Draft {
    fn frame(&self) -> ClientFrame {
        let (message, text) = (self.message, self.text.clone());
        match self.kind {
            DraftKind::Message => ClientFrame::Send { message, visibility: self.visibility, text },
            #[cfg(feature = "amend")]
            DraftKind::Edit(target) => ClientFrame::Edit { message, target, text },
            #[cfg(feature = "amend")]
            DraftKind::Redaction(target) => ClientFrame::Redact { message, target },
        }
    }
}

/// Messages that may be on their way at the same time: what a person writes within the time of an answer, and some more.
const UNDER_WAY_MAX: i32 = 16;

/// The drafts.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    drafts: Vec<Draft>,
    /// The gateway had no room for one of them.
    one_by_one: bool,
}

impl Outbox {
    pub(super) fn drafts(&self) -> &[Draft] {
        &self.drafts
    }

    pub(super) fn is_full(&self) -> bool {
        self.drafts.len() >= OUTBOX_MESSAGES_MAX
    }

    pub(super) fn holds(&self, message: MessageId) -> bool {
        self.drafts.iter().any(|draft| draft.message == message)
    }

    fn find(&mut self, message: MessageId) -> Option<&mut Draft> {
        self.drafts.iter_mut().find(|draft| draft.message == message)
    }

    /// Puts a new draft at the end.
    pub(super) fn push(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Puts a draft from the store among those that are there, by the time of writing. What had been sent waits again:
    /// whether it arrived is not known.
    pub(super) fn restore(&mut self, mut draft: Draft) {
        if !matches!(draft.delivery, Delivery::Failed(_)) {
            draft.delivery = Delivery::Waiting;
        }
        let place =
            self.drafts.iter().position(|other| other.message > draft.message).unwrap_or(self.drafts.len());
        let later = self.drafts.split_off(place);
        self.drafts.push(draft);
        self.drafts.extend(later);
    }

    /// How many more may be on their way, and how many wait.
    fn room(&self) -> (i32, i32) {
        let (mut room, mut waiting) = (if self.one_by_one { 1 } else { UNDER_WAY_MAX }, 0);
        for draft in &self.drafts {
            match draft.delivery {
                Delivery::Sent => room -= 1,
                Delivery::Waiting => waiting += 1,
                _ => {}
            }
        }
        (room, waiting)
    }

    /// Whether something waits that may be sent now.
    pub(super) fn may_send(&self) -> bool {
        let (room, waiting) = self.room();
        room > 0 && waiting > 0
    }

    /// What waits, in order, as far as it is to be sent now.
    pub(super) fn send(&mut self) -> Vec<ClientFrame> {
        let (mut room, waiting) = self.room();
        self.one_by_one &= waiting > room;
        let mut frames = Vec::new();
        for draft in &mut self.drafts {
            if room > 0 && draft.delivery == Delivery::Waiting {
                room -= 1;
                draft.delivery = Delivery::Sent;
                frames.push(draft.frame());
            }
        }
        frames
    }

    /// The connection is gone: what was sent may or may not have arrived, and is sent again after the next welcome.
    pub(super) fn unsure(&mut self) {
        for draft in &mut self.drafts {
            if draft.delivery == Delivery::Sent {
                draft.delivery = Delivery::Waiting;
            }
        }
    }

    /// The last message that was sent and is not acknowledged.
    pub(super) fn last_sent(&self) -> Option<MessageId> {
        let sent = self.drafts.iter().rev().find(|draft| draft.delivery == Delivery::Sent);
        sent.map(|draft| draft.message)
    }

    /// What was sent up to this message did not arrive, or its acknowledgement did not: it is sent again.
    pub(super) fn unsure_upto(&mut self, last: MessageId) {
        let count = self.drafts.iter().position(|draft| draft.message == last).map_or(0, |place| place + 1);
        for draft in self.drafts.iter_mut().take(count).filter(|draft| draft.delivery == Delivery::Sent) {
            draft.delivery = Delivery::Waiting;
        }
    }

    /// The gateway has the message. Whether there was a draft of it.
    pub(super) fn delivered(&mut self, message: MessageId, sequence: Sequence) -> bool {
        let draft = self.find(message);
        let known = draft.is_some();
        if let Some(draft) = draft {
            draft.delivery = Delivery::Delivered(sequence);
        }
        known
    }

    /// The gateway has no room for the message yet. It waits again, and so does what was sent after it: whatever of that
    /// arrived is recognised by its id, and the rest keeps its place behind. Whether there was something to hold back.
    pub(super) fn hold_back(&mut self, message: MessageId) -> bool {
        let from = self.drafts.iter().position(|draft| draft.message == message).unwrap_or(self.drafts.len());
        let mut held = false;
        for draft in self.drafts.iter_mut().skip(from).filter(|draft| draft.delivery == Delivery::Sent) {
            draft.delivery = Delivery::Waiting;
            held = true;
        }
        self.one_by_one |= held;
        held
    }

    /// The gateway refused the message. The draft as it is to be kept, if there was one that could still be refused.
    pub(super) fn failed(&mut self, message: MessageId, code: ErrorCode) -> Option<Draft> {
        let draft = self.find(message)?;
        if matches!(draft.delivery, Delivery::Delivered(_)) {
            return None;
        }
        draft.delivery = Delivery::Failed(code);
        Some(draft.clone())
    }

    /// The person tries again. The draft as it is to be kept.
    pub(super) fn retry(&mut self, message: MessageId) -> Option<Draft> {
        let draft = self.find(message)?;
        if !matches!(draft.delivery, Delivery::Failed(_)) {
            return None;
        }
        draft.delivery = Delivery::Waiting;
        Some(draft.clone())
    }

    /// The person gives a refused message up. Whether there was one.
    pub(super) fn discard(&mut self, message: MessageId) -> bool {
        let count = self.drafts.len();
        self.drafts
            .retain(|draft| draft.message != message || !matches!(draft.delivery, Delivery::Failed(_)));
        self.drafts.len() != count
    }

    /// The log shows the message: its draft goes, if there was one.
    pub(super) fn shown(&mut self, message: MessageId) -> Option<Draft> {
        let place = self.drafts.iter().position(|draft| draft.message == message)?;
        // What stands behind it moves up by one. `Vec::remove` does the same, but can panic, with a sentence that weighs.
        let mut moving = self.drafts.pop()?;
        for draft in self.drafts.iter_mut().skip(place).rev() {
            core::mem::swap(draft, &mut moving);
        }
        Some(moving)
    }

    /// The log is shown up to here: what has its place there goes. Whether anything did.
    pub(super) fn settle(&mut self, held: Sequence) -> bool {
        let count = self.drafts.len();
        self.drafts
            .retain(|draft| !matches!(draft.delivery, Delivery::Delivered(sequence) if sequence <= held));
        self.drafts.len() != count
    }
}
