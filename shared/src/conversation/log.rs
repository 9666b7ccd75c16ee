//! The log as it is stored: what happened, without the names and the eyes of any reader.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::file::FileName;
use crate::form::Answer;
use crate::id::{FileId, MessageId, RepresentativeId};
use crate::protocol::live::{EndedBy, Sequence, Side, Visibility};
use crate::time::Timestamp;

/// One entry. Its sequence number is its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When the gateway took it.
    pub at: Timestamp,
    /// Who wrote it.
    pub writer: Writer,
    /// Who may see it.
    pub visibility: Visibility,
    /// The id that the writer's client gave it.
    pub message: Option<MessageId>,
    /// What it says.
    pub matter: Matter,
}

/// Who wrote an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Writer {
    /// The customer.
    Customer,
    /// Somebody of the staff.
    Staff(RepresentativeId),
    /// Throughline.
    System,
}

/// What a stored entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matter {
    /// Text that somebody wrote.
    Text(String),
    /// The conversation began.
    Started(Vec<Answer>),
    /// The writer took the conversation.
    Joined,
    /// The writer is no longer there.
    Left,
    /// The conversation ended.
    Ended(EndedBy),
    /// A message of the writer's says something else now.
    Edited {
        /// Its number.
        target: Sequence,
        /// What it says now.
        text: String,
    },
    /// A message was removed. Stands in the place of the message, of each of its edits, and of the removal itself.
    Redacted {
        /// Its number.
        target: Sequence,
    },
    /// The writer lost the connection and did not come back in time.
    Lost,
    /// A file that its sender attached. The bytes are in the shell's store.
    File(Attachment),
}

/// What the log says about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Which.
    pub file: FileId,
    /// Its name.
    pub name: FileName,
    /// What its bytes are, as they were found to be.
    pub media_type: String,
    /// How many there are.
    pub bytes: u32,
}

impl Attachment {
    /// The id of its entry. The client that named the file thereby named the entry, so that a repeat is known.
    pub fn message(&self) -> MessageId {
        MessageId::from_bytes(*self.file.as_bytes())
    }
}

impl Record {
    /// Whether readers on this side may see the entry.
    pub fn is_for(&self, side: Side) -> bool {
        match self.visibility {
            Visibility::Public => true,
            Visibility::Internal => side == Side::Staff,
        }
    }

    /// About how many bytes the entry takes in a frame: the text, and room for names, ids and times.
    pub(super) fn weight(&self) -> usize {
        const OVERHEAD: usize = 300;
        let matter = match &self.matter {
            Matter::Text(text) | Matter::Edited { text, .. } => text.len(),
            Matter::Started(answers) => {
                answers.iter().map(|answer| answer.name.len() + answer.value.len()).sum()
            }
            Matter::File(attachment) => attachment.name.as_str().len() + attachment.media_type.len(),
            Matter::Joined | Matter::Left | Matter::Lost | Matter::Ended(_) | Matter::Redacted { .. } => 0,
        };
        OVERHEAD + matter
    }

    /// The same, if the customer wrote it.
    pub(super) fn weight_of_customer(&self) -> usize {
        if self.writer == Writer::Customer { self.weight() } else { 0 }
    }
}
