//! The transcript as rows: what is drawn is a function of the log, the outbox and how far the customer has read.
//!
//! Rows have keys that last. A message keeps its key on the way from draft to entry, so that it never jumps or is read
//! out twice.

use std::ops::Range;

use shared::client::{Delivery, Draft, DraftKind};
use shared::form::Answer;
use shared::id::{FileId, MessageId, RepresentativeId};
use shared::protocol::ErrorCode;
use shared::protocol::live::{Author, Content, EndedBy, Entry, Sequence, Visibility};
use shared::time::{Span, Timestamp};

/// Messages of one author within this time stand together under one name.
const TOGETHER: Span = Span::from_secs(180);

/// What makes a row the same row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// The line of a day.
    Day(i64),
    /// An entry that no client named.
    Entry(u32),
    /// A message, as draft and as entry.
    Message(MessageId),
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    /// A day begins.
    Day(Timestamp),
    /// The conversation began, with these answers.
    Started(Timestamp, Vec<Answer>),
    /// Something happened; whether only the staff see that it did.
    Event(Timestamp, String, bool),
    /// Somebody wrote.
    Message(Message),
}

/// Whose message it is, as the reader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The customer's.
    Customer,
    /// The reader's own.
    Mine,
    /// A colleague's.
    Colleague,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Whose it is.
    pub(crate) whose: Whose,
    /// The author's name.
    pub(crate) name: String,
    /// When it was written.
    pub(crate) at: Timestamp,
    /// What it says now, the reader's own change of it included that is still on its way.
    pub(crate) text: String,
    /// The file that was sent instead of words.
    pub(crate) file: Option<SentFile>,
    /// Whether that is what was written first.
    pub(crate) wording: Wording,
    /// Its number in the log, once it has one.
    pub(crate) place: Option<Sequence>,
    /// Whether only the staff may see it.
    pub(crate) internal: bool,
    /// Whether it is the first of those that stand together.
    pub(crate) first: bool,
    /// Whether it is the last of those.
    pub(crate) last: bool,
    /// What is said about its way, if anything is.
    pub(crate) mark: Option<Mark>,
}

/// A file that somebody sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentFile {
    /// Which.
    pub(crate) file: FileId,
    /// Its name.
    pub(crate) name: String,
    /// What its bytes are.
    pub(crate) media_type: String,
    /// How many there are.
    pub(crate) bytes: u32,
}

/// What became of what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wording {
    /// It stands as it was written.
    First,
    /// It was edited.
    Edited,
    /// It was removed.
    Removed,
}

/// How far a message of the reader's own is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It waits for a connection.
    Waiting,
    /// It is on its way.
    Sending,
    /// It was refused.
    Failed(MessageId, ErrorCode),
    /// The change of a message was refused.
    Unchanged(MessageId, ErrorCode),
    /// It is on disk.
    Sent,
    /// A device of the customer has it.
    Delivered,
    /// The customer has seen it.
    Seen,
}

/// What a transcript is made of.
pub(crate) struct Source<'held> {
    /// The log.
    pub(crate) entries: &'held [Entry],
    /// Which of them are shown.
    pub(crate) shown: Range<usize>,
    /// The outbox.
    pub(crate) drafts: &'held [Draft],
    /// How far the customer's devices have come, and how far the customer has read.
    pub(crate) received_by_customer: Sequence,
    pub(crate) read_by_customer: Sequence,
    /// Who is reading.
    pub(crate) me: RepresentativeId,
    /// The reader's name.
    pub(crate) my_name: &'held str,
    /// The customer's name.
    pub(crate) customer: &'held str,
}

impl Source<'_> {
    /// The rows. `day_of` numbers the days of the place where the reader is.
    pub(crate) fn rows(&self, day_of: impl Fn(Timestamp) -> i64) -> Vec<(Key, Row)> {
        let marked = self.marked();
        let mut rows: Vec<(Key, Row)> = Vec::with_capacity(self.shown.len() + self.drafts.len() + 2);
        let shown = self.entries.get(self.shown.clone()).unwrap_or_default();
        // What changes a message is shown there.
        for entry in shown.iter().filter(|entry| entry.changes().is_none()) {
            let key = entry.message.map_or(Key::Entry(entry.sequence.0), Key::Message);
            let mark = marked.iter().find(|(sequence, _)| *sequence == entry.sequence).map(|(_, mark)| *mark);
            push(&mut rows, key, self.entry(entry, mark), &day_of);
        }
        // What is written comes after the newest entry.
        let at_end = self.shown.end == self.entries.len();
        for draft in self.drafts.iter().filter(|draft| at_end && draft.kind == DraftKind::Message) {
            push(&mut rows, Key::Message(draft.message), self.draft(draft), &day_of);
        }
        rows
    }

    /// The entries of the reader's own that bear a mark: the last one that was seen, the last one that has arrived, and the
    /// last one of all.
    fn marked(&self) -> Vec<(Sequence, Mark)> {
        let mine = || self.entries.iter().rev().filter(|entry| self.is_my_message(entry));
        let public = |entry: &&Entry| entry.visibility == Visibility::Public;
        let seen = mine().filter(public).find(|entry| entry.sequence <= self.read_by_customer);
        let arrived = mine().filter(public).find(|entry| entry.sequence <= self.received_by_customer);
        let written = |draft: &Draft| draft.kind == DraftKind::Message;
        let last = mine().find(public).filter(|_| !self.drafts.iter().any(written));
        let seen = seen.map(|entry| (entry.sequence, Mark::Seen));
        let arrived = arrived.map(|entry| (entry.sequence, Mark::Delivered));
        let sent = last.map(|entry| (entry.sequence, Mark::Sent));
        seen.into_iter().chain(arrived).chain(sent).collect()
    }

    fn is_my_message(&self, entry: &Entry) -> bool {
        entry.is_message() && self.whose(&entry.author) == Some(Whose::Mine)
    }

    fn whose(&self, author: &Author) -> Option<Whose> {
        match author {
            Author::Customer => Some(Whose::Customer),
            Author::Representative { representative, .. } if *representative == self.me => Some(Whose::Mine),
            Author::Representative { .. } => Some(Whose::Colleague),
            Author::System => None,
        }
    }

    fn name(&self, author: &Author) -> String {
        match author {
            Author::Customer => self.customer.to_owned(),
            Author::Representative { name, .. } => name.clone(),
            Author::System => super::words::PRODUCT.to_owned(),
        }
    }

    fn entry(&self, entry: &Entry, mark: Option<Mark>) -> Row {
        let whose = self.whose(&entry.author);
        let who = || if whose == Some(Whose::Mine) { "You".to_owned() } else { self.name(&entry.author) };
        let internal = entry.visibility == Visibility::Internal;
        let event = match (&entry.content, whose) {
            (
                Content::Text { .. }
                | Content::Edited { .. }
                | Content::Redacted { .. }
                | Content::File { .. },
                Some(whose),
            ) => {
                return Row::Message(self.message(entry, whose, mark));
            }
            (Content::Redacted { .. }, None) => super::words::REMOVED.to_owned(),
            // Files are sent by people.
            (Content::File { name, .. }, None) => format!("{} sent the file {name}", who()),
            (Content::Started { answers }, _) => return Row::Started(entry.at, answers.clone()),
            (Content::Text { text } | Content::Edited { text, .. }, None) => text.clone(),
            (Content::Joined, _) if internal => who() + " joined to advise",
            (Content::Left, _) if internal => who() + " left the consultation",
            (Content::Lost, _) => who() + " lost the connection and did not come back in time",
            (Content::Joined, _) => who() + " joined the conversation",
            (Content::Left, _) => who() + " left the conversation",
            (Content::Ended { by: EndedBy::Customer }, _) => {
                self.customer.to_owned() + " ended the conversation"
            }
            (Content::Ended { by: EndedBy::Representative }, _) => "The conversation was ended".to_owned(),
            (Content::Ended { by: EndedBy::System }, _) => "The conversation was closed".to_owned(),
            (Content::Ended { by: EndedBy::Absence }, _) => {
                "The conversation ended: ".to_owned()
                    + self.customer
                    + " lost the connection and did not come back in time"
            }
        };
        Row::Event(entry.at, event, internal)
    }

    /// A message of the log, as it reads now: with the reader's own changes that are still on their way.
    fn message(&self, entry: &Entry, whose: Whose, mark: Option<Mark>) -> Message {
        let said = entry.text().unwrap_or_default();
        let wording = match entry.content {
            Content::Edited { .. } => Wording::Edited,
            Content::Redacted { .. } => Wording::Removed,
            _ => Wording::First,
        };
        let change = self.drafts.iter().rfind(|draft| draft.kind.target() == Some(entry.sequence));
        let (text, wording, mark) = match change {
            Some(draft) => {
                let mark = Some(mark_of(draft));
                match draft.kind {
                    // What was refused is not what stands there.
                    _ if matches!(draft.delivery, Delivery::Failed(_)) => (said, wording, mark),
                    DraftKind::Redaction(_) => ("", Wording::Removed, mark),
                    _ => (draft.text.as_str(), Wording::Edited, mark),
                }
            }
            None => (said, wording, mark),
        };
        Message {
            whose,
            name: self.name(&entry.author),
            at: entry.at,
            text: text.to_owned(),
            file: file_of(entry).filter(|_| wording != Wording::Removed),
            wording,
            place: Some(entry.sequence),
            internal: entry.visibility == Visibility::Internal,
            first: true,
            last: true,
            mark,
        }
    }

    fn draft(&self, draft: &Draft) -> Row {
        Row::Message(Message {
            whose: Whose::Mine,
            name: self.my_name.to_owned(),
            at: born(draft.message),
            text: draft.text.clone(),
            file: None,
            wording: Wording::First,
            place: None,
            internal: draft.visibility == Visibility::Internal,
            first: true,
            last: true,
            mark: Some(mark_of(draft)),
        })
    }
}

fn file_of(entry: &Entry) -> Option<SentFile> {
    match &entry.content {
        Content::File { file, name, media_type, bytes } => {
            Some(SentFile { file: *file, name: name.clone(), media_type: media_type.clone(), bytes: *bytes })
        }
        _ => None,
    }
}

/// How far a draft is.
fn mark_of(draft: &Draft) -> Mark {
    match draft.delivery {
        Delivery::Waiting => Mark::Waiting,
        Delivery::Sent => Mark::Sending,
        Delivery::Failed(code) if draft.kind == DraftKind::Message => Mark::Failed(draft.message, code),
        Delivery::Failed(code) => Mark::Unchanged(draft.message, code),
        Delivery::Delivered(_) => Mark::Sent,
    }
}

/// Appends a row, with the line of its day before it if that is new, and joins it to the row before.
fn push(rows: &mut Vec<(Key, Row)>, key: Key, mut row: Row, day_of: &impl Fn(Timestamp) -> i64) {
    let day = day_of(row.at());
    let day_before = rows.last().map(|(_, before)| day_of(before.at()));
    if day_before.is_none_or(|before| before < day) {
        rows.push((Key::Day(day), Row::Day(row.at())));
    }
    if let (Row::Message(message), Some((_, Row::Message(before)))) = (&mut row, rows.last_mut())
        && before.stands_with(message)
    {
        before.last = false;
        message.first = false;
    }
    rows.push((key, row));
}

/// When a message was written, by its id (version 7: 48 bits of milliseconds first).
fn born(message: MessageId) -> Timestamp {
    let millis = message.as_bytes().iter().take(6).fold(0, |millis, byte| millis << 8 | u64::from(*byte));
    Timestamp::from_millis(millis)
}

impl Row {
    /// When it happened.
    pub(crate) fn at(&self) -> Timestamp {
        match self {
            Self::Day(at) | Self::Started(at, _) | Self::Event(at, ..) => *at,
            Self::Message(message) => message.at,
        }
    }
}

impl Message {
    fn stands_with(&self, next: &Self) -> bool {
        self.whose == next.whose
            && self.name == next.name
            && self.internal == next.internal
            && next.at.since(self.at) <= TOGETHER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: RepresentativeId = RepresentativeId::from_u128(1);
    const DAY: u64 = 86_400_000;

    fn entry(sequence: u32, at: u64, author: Author, text: &str) -> Entry {
        Entry {
            sequence: Sequence(sequence),
            at: Timestamp::from_millis(at),
            author,
            visibility: Visibility::Public,
            message: None,
            content: Content::Text { text: text.into() },
        }
    }

    fn mine() -> Author {
        Author::Representative { representative: ME, name: "Rita".into() }
    }

    fn draft(at: u64, delivery: Delivery) -> Draft {
        Draft {
            message: MessageId::born(Timestamp::from_millis(at), [7; 10]),
            kind: DraftKind::Message,
            visibility: Visibility::Public,
            text: "draft".into(),
            delivery,
        }
    }

    fn rows(entries: &[Entry], drafts: &[Draft], read: u32) -> Vec<(Key, Row)> {
        let source = Source {
            entries,
            shown: 0..entries.len(),
            drafts,
            received_by_customer: Sequence(read),
            read_by_customer: Sequence(read),
            me: ME,
            my_name: "Rita",
            customer: "Ada",
        };
        source.rows(|at| i64::try_from(at.as_millis() / DAY).unwrap())
    }

    fn messages(rows: &[(Key, Row)]) -> Vec<&Message> {
        rows.iter()
            .filter_map(|(_, row)| if let Row::Message(message) = row { Some(message) } else { None })
            .collect()
    }

    #[test]
    fn messages_of_one_author_stand_together_for_three_minutes() {
        let log = [
            entry(1, 0, Author::Customer, "a"),
            entry(2, 60_000, Author::Customer, "b"),
            entry(3, 300_000, Author::Customer, "c"),
            entry(4, 301_000, mine(), "d"),
        ];
        let rows = rows(&log, &[], 0);
        let edges: Vec<_> = messages(&rows).iter().map(|message| (message.first, message.last)).collect();
        assert_eq!(edges, [(true, false), (false, true), (true, true), (true, true)]);
    }

    #[test]
    fn a_file_is_a_message_that_is_marked_like_one_until_it_is_removed() {
        let mut file = entry(1, 0, mine(), "");
        let (id, name, media_type) =
            (FileId::from_u128(7), "plan.pdf".to_owned(), "application/pdf".to_owned());
        file.content =
            Content::File { file: id, name: name.clone(), media_type: media_type.clone(), bytes: 9 };
        let shown = rows(std::slice::from_ref(&file), &[], 1);
        let sent = SentFile { file: id, name, media_type, bytes: 9 };
        let of = |message: &&Message| (message.file.clone(), message.wording, message.mark);
        let is = |shown: &[(Key, Row)]| messages(shown).iter().map(of).collect::<Vec<_>>();
        assert_eq!(is(&shown), [(Some(sent.clone()), Wording::First, Some(Mark::Seen))]);

        let removal = Draft {
            kind: DraftKind::Redaction(Sequence(1)),
            text: String::new(),
            ..draft(5, Delivery::Sent)
        };
        let shown = rows(std::slice::from_ref(&file), &[removal], 1);
        assert_eq!(is(&shown), [(None, Wording::Removed, Some(Mark::Sending))]);
        file.content = Content::Redacted { target: Sequence(1) };
        let shown = rows(&[file], &[], 1);
        assert_eq!(is(&shown), [(None, Wording::Removed, None)]);
    }

    #[test]
    fn an_internal_note_never_stands_with_a_public_message() {
        let mut note = entry(2, 10, mine(), "note");
        note.visibility = Visibility::Internal;
        let rows = rows(&[entry(1, 0, mine(), "hello"), note], &[], 0);
        let internal: Vec<_> =
            messages(&rows).iter().map(|message| (message.internal, message.first)).collect();
        assert_eq!(internal, [(false, true), (true, true)]);
    }

    #[test]
    fn each_day_begins_with_its_line() {
        let rows =
            rows(&[entry(1, 0, mine(), "a"), entry(2, 1, mine(), "b"), entry(3, DAY, mine(), "c")], &[], 0);
        let keys: Vec<_> = rows.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, [Key::Day(0), Key::Entry(1), Key::Entry(2), Key::Day(1), Key::Entry(3)]);
    }

    #[test]
    fn the_seen_mark_stands_on_the_last_seen_message_and_the_sent_mark_on_the_last() {
        let log = [entry(1, 0, mine(), "a"), entry(2, 1, mine(), "b"), entry(3, 2, mine(), "c")];
        let marks =
            |read| messages(&rows(&log, &[], read)).iter().map(|message| message.mark).collect::<Vec<_>>();
        assert_eq!(marks(0), [None, None, Some(Mark::Sent)]);
        assert_eq!(marks(2), [None, Some(Mark::Seen), Some(Mark::Sent)]);
        assert_eq!(marks(3), [None, None, Some(Mark::Seen)]);
    }

    #[test]
    fn an_internal_note_is_never_called_seen_by_the_customer() {
        let mut note = entry(2, 1, mine(), "note");
        note.visibility = Visibility::Internal;
        let rows = rows(&[entry(1, 0, mine(), "a"), note], &[], 2);
        let marks: Vec<_> = messages(&rows).iter().map(|message| message.mark).collect();
        assert_eq!(marks, [Some(Mark::Seen), None]);
    }

    #[test]
    fn a_message_keeps_its_key_from_draft_to_entry() {
        let draft = draft(5_000, Delivery::Failed(ErrorCode::MessageTooLong));
        let before = rows(&[], std::slice::from_ref(&draft), 0);
        let mut sent = entry(1, 5_100, mine(), "draft");
        sent.message = Some(draft.message);
        let after = rows(&[sent], &[], 0);
        assert_eq!(before[1].0, after[1].0);
        let failed = Some(Mark::Failed(draft.message, ErrorCode::MessageTooLong));
        assert_eq!(messages(&before)[0].mark, failed);
        assert_eq!(messages(&before)[0].at, Timestamp::from_millis(5_000));
    }

    #[test]
    fn only_what_is_shown_becomes_rows_and_drafts_only_stand_behind_the_newest_entry() {
        let log = [entry(1, 0, mine(), "a"), entry(2, 1, mine(), "b"), entry(3, 2, mine(), "c")];
        let keys = |shown: Range<usize>| {
            let drafts = [draft(3, Delivery::Waiting)];
            let source = Source {
                entries: &log,
                shown,
                drafts: &drafts,
                received_by_customer: Sequence(0),
                read_by_customer: Sequence(0),
                me: ME,
                my_name: "Rita",
                customer: "Ada",
            };
            source.rows(|_| 0).into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(keys(0..2), [Key::Day(0), Key::Entry(1), Key::Entry(2)]);
        let last = Key::Message(draft(3, Delivery::Waiting).message);
        assert_eq!(keys(1..3), [Key::Day(0), Key::Entry(2), Key::Entry(3), last]);
    }

    #[test]
    fn what_happened_is_said_with_names() {
        let mut joined = entry(1, 0, mine(), "");
        joined.content = Content::Joined;
        let mut ended = entry(2, 0, Author::Customer, "");
        ended.content = Content::Ended { by: EndedBy::Customer };
        let rows = rows(&[joined, ended], &[], 0);
        let events: Vec<_> = rows
            .iter()
            .filter_map(|(_, row)| if let Row::Event(_, text, _) = row { Some(text.as_str()) } else { None })
            .collect();
        assert_eq!(events, ["You joined the conversation", "Ada ended the conversation"]);
    }
}
