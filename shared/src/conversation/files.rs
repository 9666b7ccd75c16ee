//! Files of a conversation. Their bytes are in the shell's store; here is who may attach one, and the one entry that a file
//! becomes when it is whole and cleared. Until then nobody but its sender knows of it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::log::{Attachment, Matter, Record};
use super::machine::Conversation;
use super::{Effect, Rejection, Sender};
use crate::id::{FileId, MessageId, WidgetId};
use crate::protocol::live::{Side, Visibility};
use crate::routing;
use crate::time::Timestamp;

impl Conversation {
    /// On which widget it began: that says which files it takes.
    pub fn widget(&self) -> WidgetId {
        self.head.widget
    }

    /// Whether this sender may attach a file now that is not in the log.
    pub fn may_attach(&self, sender: Sender, visibility: Visibility, file: FileId) -> Result<(), Rejection> {
        self.may_write(sender, visibility)?;
        if self.messages.contains_key(&MessageId::from_bytes(*file.as_bytes())) {
            return Err(Rejection::IdReused);
        }
        self.has_room_for(sender)
    }

    /// Whether somebody of the staff has ever taken part in it.
    pub fn was_answered(&self) -> bool {
        !self.head.names.is_empty()
    }

    /// The file with this id, if its entry is in the log and this side may see it.
    pub fn file(&self, file: FileId, side: Side) -> Option<&Attachment> {
        let sequence = self.messages.get(&MessageId::from_bytes(*file.as_bytes()))?;
        let record = self.record(*sequence).filter(|record| record.is_for(side))?;
        match &record.matter {
            Matter::File(attachment) if attachment.file == file => Some(attachment),
            _ => None,
        }
    }

    pub(super) fn attach(
        &mut self,
        now: Timestamp,
        sender: Sender,
        visibility: Visibility,
        attachment: Attachment,
    ) -> Result<Vec<Effect>, Rejection> {
        let message = attachment.message();
        // A repeat changes nothing, also when the conversation has ended since: the file is in the log.
        if let Some(sequence) = self.messages.get(&message) {
            let same = self.record(*sequence).is_some_and(|record| {
                let same_file = matches!(&record.matter, Matter::File(first) if *first == attachment);
                same_file && record.writer == sender.into() && record.visibility == visibility
            });
            return if same { Ok(Vec::new()) } else { Err(Rejection::IdReused) };
        }
        self.may_attach(sender, visibility, attachment.file)?;
        let sequence = self.append(Record {
            at: now,
            writer: sender.into(),
            visibility,
            message: Some(message),
            matter: Matter::File(attachment),
        });
        let mut effects = Vec::new();
        self.announce(sequence, &mut effects);
        if self.head.followed && visibility == Visibility::Public {
            let conversation = self.head.conversation;
            let wrote = routing::Command::Wrote { conversation, side: sender.side() };
            effects.push(Effect::Route(Box::new(wrote)));
        }
        Ok(effects)
    }
}
