//! What somebody on one side of a conversation may see of it.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::log::{Matter, Record, Writer};
use super::machine::{Conversation, Stage};
use super::{Rejection, Sender};
use crate::id::RepresentativeId;
use crate::limit::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX};
use crate::protocol::live::{Author, Content, Entry, Sequence, ServerFrame, Side, Standing};

impl Sender {
    /// On which side of a conversation they are.
    pub const fn side(self) -> Side {
        match self {
            Self::Customer => Side::Customer,
            Self::Staff(_) => Side::Staff,
        }
    }
}

impl Conversation {
    /// The answer to hello from a client that holds this much: the welcome, what the client lacks, how far the other side
    /// has come and whether it is not connected, and for a customer who waits their place in the line. That they have none
    /// is said too: the client may believe in one of earlier.
    pub fn greeting(&self, holds: Option<Sequence>, side: Side) -> Result<Vec<ServerFrame>, Rejection> {
        let mut frames = vec![self.welcome(side), self.entries_for(holds, side)?];
        let other = self.cursor_of_other(side);
        if other.received > other.read {
            frames.push(ServerFrame::ReceivedByOther { upto: other.received });
        }
        if let Some(absence) = self.absence(side) {
            frames.push(ServerFrame::Gone { until: absence.until });
        }
        if side == Side::Customer && self.waits() {
            frames.push(ServerFrame::Place { place: self.head.place });
        }
        Ok(frames)
    }

    /// The first frame of the answer to hello.
    pub fn welcome(&self, side: Side) -> ServerFrame {
        ServerFrame::Welcome {
            conversation: self.head.conversation,
            side,
            standing: self.standing(side),
            last: self.last(),
            read_by_other: self.cursor_of_other(side).read,
        }
    }

    /// How it stands, by the names that this side may see.
    pub fn standing(&self, side: Side) -> Standing {
        match self.head.stage {
            Stage::Waiting { anyone_available } => Standing::Waiting { anyone_available },
            Stage::InConversation { primary } => Standing::InConversation { with: self.name(primary, side) },
            Stage::Ended { by } => Standing::Ended { by },
        }
    }

    /// The stretch of the log that follows what a client holds; the newest page for a client that holds nothing. A long
    /// stretch comes page by page: the client asks again until it holds the last number. Whoever holds more than there is
    /// holds another log, one from before a backup was restored: they are told so, and read this one anew.
    pub fn entries_for(&self, holds: Option<Sequence>, side: Side) -> Result<ServerFrame, Rejection> {
        let (after, upto) = if let Some(after) = holds {
            self.check_exists(after)?;
            (after, self.page_end(after))
        } else {
            (self.page_start(self.last()), self.last())
        };
        Ok(ServerFrame::Entries { after, upto, entries: self.entries(after, upto, side) })
    }

    /// The page of history before a number: one that exists, or the next that will.
    pub fn history_before(&self, before: Sequence, side: Side) -> Result<ServerFrame, Rejection> {
        let upto = Sequence(before.0.saturating_sub(1));
        self.check_exists(upto)?;
        let after = self.page_start(upto);
        Ok(ServerFrame::History { after, before, entries: self.entries(after, upto, side) })
    }

    /// Refuses a number that the log has not reached.
    pub fn check_exists(&self, sequence: Sequence) -> Result<(), Rejection> {
        if sequence > self.last() { Err(Rejection::SequenceAhead) } else { Ok(()) }
    }

    /// The frame that tells a side about one entry as it happens; none if it is not for this side. The stretch reaches
    /// back to the entry that this side saw before, so that what it may not see leaves no gap.
    pub(super) fn live_frame(&self, sequence: Sequence, side: Side) -> Option<ServerFrame> {
        let record = self.record(sequence)?;
        if !record.is_for(side) {
            return None;
        }
        let earlier = self.log.get(..sequence.0.saturating_sub(1) as usize).unwrap_or_default();
        let hidden = earlier.iter().rev().take_while(|record| !record.is_for(side)).count();
        let after = Sequence(u32::try_from(earlier.len() - hidden).unwrap_or(u32::MAX));
        Some(ServerFrame::Entries {
            after,
            upto: sequence,
            entries: vec![self.entry(sequence, record, side)],
        })
    }

    pub(super) fn record(&self, sequence: Sequence) -> Option<&Record> {
        self.log.get((sequence.0 as usize).checked_sub(1)?)
    }

    /// Who wrote a record, as this side sees it. A text that no client sent was said by a rule: the customer sees it as
    /// from the representative, the staff see what it is.
    fn author_of(&self, sequence: Sequence, record: &Record, side: Side) -> Author {
        let is_text = matches!(record.matter, Matter::Text(_) | Matter::Redacted { .. });
        let by_rule = is_text && record.message.is_none();
        // Whoever removes something may have looked on without a word until then: the customer has not met them.
        let is_removed = matches!(record.matter, Matter::Redacted { .. });
        let unknown = is_removed && side == Side::Customer && !self.was_met(record.writer, sequence);
        let system = unknown || by_rule && side == Side::Staff;
        self.author(if system { Writer::System } else { record.writer }, side)
    }

    /// Whether the customer knew of somebody before this entry: by what they wrote, or by their coming.
    fn was_met(&self, writer: Writer, before: Sequence) -> bool {
        let earlier = self.log.get(..before.0.saturating_sub(1) as usize).unwrap_or_default();
        let shown =
            |record: &&Record| record.writer == writer && !matches!(record.matter, Matter::Redacted { .. });
        writer == Writer::Customer || earlier.iter().filter(shown).any(|record| record.is_for(Side::Customer))
    }

    pub(super) fn author(&self, writer: Writer, side: Side) -> Author {
        match writer {
            Writer::Customer => Author::Customer,
            Writer::System => Author::System,
            // Somebody who never took part, a supervisor who removes something, has no name for the customer.
            Writer::Staff(representative)
                if side == Side::Customer && !self.head.names.contains_key(&representative) =>
            {
                Author::System
            }
            Writer::Staff(representative) => {
                Author::Representative { representative, name: self.name(representative, side) }
            }
        }
    }

    fn name(&self, representative: RepresentativeId, side: Side) -> String {
        let Some(names) = self.head.names.get(&representative) else { return String::new() };
        match side {
            Side::Customer => names.public.clone(),
            Side::Staff => names.full.clone(),
        }
    }

    fn entries(&self, after: Sequence, upto: Sequence, side: Side) -> Vec<Entry> {
        let records = self.log.get(after.0 as usize..upto.0 as usize).unwrap_or_default();
        let numbered = (after.0 + 1..).map(Sequence).zip(records);
        numbered
            .filter(|(_, record)| record.is_for(side))
            .map(|(sequence, record)| self.entry(sequence, record, side))
            .collect()
    }

    fn entry(&self, sequence: Sequence, record: &Record, side: Side) -> Entry {
        Entry {
            sequence,
            at: record.at,
            author: self.author_of(sequence, record, side),
            visibility: record.visibility,
            message: record.message,
            content: match &record.matter {
                Matter::Text(text) => Content::Text { text: text.clone() },
                Matter::Started(answers) => Content::Started { answers: answers.clone() },
                Matter::Joined => Content::Joined,
                Matter::Left => Content::Left,
                Matter::Ended(by) => Content::Ended { by: *by },
                Matter::Edited { target, text } => Content::Edited { target: *target, text: text.clone() },
                Matter::Redacted { target } => Content::Redacted { target: *target },
                Matter::Lost => Content::Lost,
                Matter::File(attachment) => Content::File {
                    file: attachment.file,
                    name: attachment.name.as_str().to_owned(),
                    media_type: attachment.media_type.clone(),
                    bytes: attachment.bytes,
                },
            },
        }
    }

    /// Where a page that begins after `after` ends.
    fn page_end(&self, after: Sequence) -> Sequence {
        let length = page_length(self.records_after(after).iter());
        Sequence(after.0 + length)
    }

    /// After which number a page that ends with `upto` begins.
    fn page_start(&self, upto: Sequence) -> Sequence {
        let records = self.log.get(..upto.0 as usize).unwrap_or_default();
        Sequence(upto.0.saturating_sub(page_length(records.iter().rev())))
    }
}

/// How many of these records make one page: as many as the limits allow, and one at least.
fn page_length<'log>(records: impl Iterator<Item = &'log Record>) -> u32 {
    let mut bytes = 0;
    let mut length = 0;
    for record in records.take(PAGE_ENTRIES_MAX) {
        bytes += record.weight();
        if length > 0 && bytes > PAGE_BYTES_MAX {
            break;
        }
        length += 1;
    }
    length
}
