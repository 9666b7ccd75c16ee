//! What was written, changed and removed. Both are entries of their own, so that every reader hears of them in order; what
//! somebody may not see, they hear nothing of either: such an entry is for whom its target is for.
//!
//! - An edit leaves the record that it is about as it is: who comes later folds the two.
//! - A removal takes the text out of the log, from the message and from everything it was edited to, and leaves their
//!   numbers. It is the one thing that changes records; [`Effect::Wiped`] says which. Whoever removes what others wrote does
//!   so for the record ([`Effect::Record`]).

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::log::{Matter, Record, Writer};
use super::machine::Conversation;
use super::{Effect, Rejection, Sender};
use crate::id::{FileId, MessageId};
use crate::limit::EDITS_PER_MESSAGE_MAX;
use crate::protocol::live::{Sequence, ServerFrame, Visibility};
use crate::routing::{Activity, SupervisorAct};
use crate::text::MessageText;
use crate::time::Timestamp;

/// A message that somebody wants to change.
struct Target {
    visibility: Visibility,
    writer: Writer,
    /// Whether it is theirs.
    own: bool,
    /// Which file it is, if it is one. A file can be removed, and not be changed.
    file: Option<FileId>,
}

impl Conversation {
    /// Somebody lets a message of their own say something else.
    pub(super) fn edit(
        &mut self,
        now: Timestamp,
        sender: Sender,
        message: MessageId,
        target: Sequence,
        text: MessageText,
    ) -> Result<Vec<Effect>, Rejection> {
        if let Some(sequence) = self.place_of(message) {
            let same = |matter: &Matter| match matter {
                Matter::Edited { target: edited, text: first } => *edited == target && first == text.as_str(),
                // What it said is gone: it cannot be compared.
                Matter::Redacted { target: removed } => *removed == target && sequence != target,
                _ => false,
            };
            return self.repeat(sender, message, sequence, same);
        }
        let Target { visibility, own, file, .. } = self.target(sender, target)?;
        if file.is_some() {
            return Err(Rejection::NotEditable);
        }
        if !own {
            return Err(Rejection::NotOwn);
        }
        self.may_write(sender, visibility)?;
        if self.edits_of(target).count() >= EDITS_PER_MESSAGE_MAX {
            return Err(Rejection::NotEditable);
        }
        self.has_room_for(sender)?;
        let matter = Matter::Edited { target, text: text.into() };
        let record = Record { at: now, writer: sender.into(), visibility, message: Some(message), matter };
        Ok(self.accept(message, record))
    }

    /// Somebody removes a message: one of their own while they take part, or any if they have the right to, also when the
    /// conversation is over. There is always room for it.
    pub(super) fn redact(
        &mut self,
        now: Timestamp,
        sender: Sender,
        message: MessageId,
        target: Sequence,
        any: bool,
    ) -> Result<Vec<Effect>, Rejection> {
        if let Some(sequence) = self.place_of(message) {
            let same = |matter: &Matter| {
                matches!(matter, Matter::Redacted { target: removed } if *removed == target)
                    && sequence != target
            };
            return self.repeat(sender, message, sequence, same);
        }
        let Target { visibility, writer, own, file } = self.target(sender, target)?;
        if !any {
            if !own {
                return Err(Rejection::NotOwn);
            }
            self.may_write(sender, visibility)?;
        }
        let wiped: Vec<Sequence> = core::iter::once(target).chain(self.edits_of(target)).collect();
        for &sequence in &wiped {
            self.rewrite(sequence, Matter::Redacted { target });
        }
        let matter = Matter::Redacted { target };
        let record = Record { at: now, writer: sender.into(), visibility, message: Some(message), matter };
        let mut effects = self.accept(message, record);
        effects.push(Effect::Wiped { records: wiped });
        effects.extend(file.map(|file| Effect::EraseFile { file }));
        if let (false, Sender::Staff(supervisor)) = (own, sender) {
            let of = if let Writer::Staff(representative) = writer { Some(representative) } else { None };
            let act = SupervisorAct::Removed {
                conversation: self.head().conversation,
                target,
                of,
                file: file.is_some(),
            };
            effects.push(Effect::Record(Box::new(Activity::Supervised { supervisor, at: now, act })));
        }
        Ok(effects)
    }

    /// The message with this number, as somebody may want to change it. What they may not see is no message for them.
    fn target(&self, sender: Sender, target: Sequence) -> Result<Target, Rejection> {
        if target > self.last() {
            return Err(Rejection::SequenceAhead);
        }
        let record = self.record(target).filter(|record| record.is_for(sender.side()));
        let record = record.ok_or(Rejection::NotEditable)?;
        let file = match &record.matter {
            Matter::Text(_) => None,
            Matter::File(attachment) => Some(attachment.file),
            _ => return Err(Rejection::NotEditable),
        };
        // What no client sent was said by a rule, in somebody's name.
        let own = record.writer == sender.into() && record.message.is_some();
        Ok(Target { visibility: record.visibility, writer: record.writer, own, file })
    }

    /// The numbers of the edits of a message.
    fn edits_of(&self, target: Sequence) -> impl Iterator<Item = Sequence> {
        let numbered = (target.0.saturating_add(1)..).map(Sequence).zip(self.records_after(target));
        numbered
            .filter(move |(_, record)| {
                matches!(record.matter, Matter::Edited { target: edited, .. } if edited == target)
            })
            .map(|(sequence, _)| sequence)
    }

    /// Puts what a client has sent into the log, and tells everybody concerned.
    pub(super) fn accept(&mut self, message: MessageId, record: Record) -> Vec<Effect> {
        let sequence = self.append(record);
        let mut effects = vec![Effect::Reply { frame: ServerFrame::Accepted { message, sequence } }];
        self.announce(sequence, &mut effects);
        effects
    }

    /// The answer to what was sent before: the first one, if it is the same.
    pub(super) fn repeat(
        &self,
        sender: Sender,
        message: MessageId,
        sequence: Sequence,
        same: impl FnOnce(&Matter) -> bool,
    ) -> Result<Vec<Effect>, Rejection> {
        let known = self.record(sequence).filter(|record| record.writer == sender.into());
        if known.is_some_and(|record| same(&record.matter)) {
            Ok(vec![Effect::Reply { frame: ServerFrame::Accepted { message, sequence } }])
        } else {
            Err(Rejection::IdReused)
        }
    }
}
