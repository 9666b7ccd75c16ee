//! What is asked about files of a conversation, from the offer to the entry in the log.
//!
//! A file arrives in chunks of one length, in order, each in a turn of its own: what was acknowledged is on disk, and after
//! a cut its sender asks how much that is. Its type is looked at in its first chunk. When it is whole it waits for the
//! scanner's word, which comes back as a request; with a good one the conversation gets one command, in the same
//! transaction in which the file becomes a sent one. Whatever dies in between, the alarm goes on with it.

use serde::{Deserialize, Serialize};
use shared::conversation::{Attachment, Command, Sender};
use shared::file::{FileKind, FileName, settle_type, size_in_words};
use shared::id::{ConversationId, FileId, RepresentativeId, VisitorId};
use shared::limit::{
    CONVERSATION_FILE_BYTES_MAX, CONVERSATION_FILES_MAX, FILE_BEGUN_WITHIN, FILE_BYTES_MAX, FILE_CHUNK_BYTES,
    FILE_RATE, FILE_READ_RATE, FILE_REQUEST_RATE, FILE_SCAN_AWAITED, FILE_UPLOAD_LIFETIME, LINE_CHARS_MAX,
};
use shared::protocol::http::{FileStage, FileStatus, OfferFile};
use shared::protocol::live::Side;
use shared::protocol::{ErrorCode, Problem};
use shared::rate::Buckets;
use shared::settings::FileRules;
use shared::time::{Span, Timestamp};

use super::deadlines::Deadlines;
use super::scanner::Verdict;
use super::shell::ConversationsShell;
use super::sites::{self, Spot};
use super::uploads::{self, OfferNumber, Upload};
use super::{Answer, visitors};
use crate::fault::Result;
use crate::object::{Sql, Turn};

/// What is asked about a file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FileRequest {
    pub(crate) asker: FileAsker,
    pub(crate) conversation: ConversationId,
    pub(crate) file: FileId,
    pub(crate) ask: FileAsk,
}

/// Who asks. The gateway has established the staff and that they take part, or may read every conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum FileAsker {
    Visitor { visitor: VisitorId, secret: [u8; 32] },
    Staff(RepresentativeId),
}

/// What they ask.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FileAsk {
    /// Takes a file in. Answered by [`Answer::FileStatus`], as the next three are.
    Offer { offer: OfferFile, rules: FileRules },
    /// The chunk that begins at `offset`.
    Put { offset: u32, bytes: Vec<u8> },
    /// How far it is.
    Status,
    /// Its sender gives it up.
    Abort,
    /// Keeps the hash of an address at which it can be opened.
    Link { secret: [u8; 32] },
}

/// A file that somebody opens.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OpenedFile {
    pub(crate) conversation: ConversationId,
    pub(crate) file: FileId,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: u32,
}

/// The first wait after a scanner that gave no answer, and the longest.
const SCAN_RETRY_FIRST: Span = Span::from_secs(1);
const SCAN_RETRY_LONGEST: Span = Span::from_secs(300);

/// What somebody hears who opens a file that stands in the log and is not there any more.
const KEPT_NO_LONGER: &str = "The file is gone: files are kept for some time after the end of their conversation, and this \
                              one was deleted then. Ask for it again in a new conversation.";

/// What the shard keeps in memory about files.
pub(super) struct Files {
    /// About which files something is to be done, and when: those on their way, those that were refused, and those of
    /// conversations that have ended.
    due: Deadlines<FileId>,
    /// Files that the scanner is to look at when this turn is on disk.
    to_scan: Vec<(FileId, OfferNumber)>,
    offered: Buckets<(ConversationId, Sender)>,
    asked: Buckets<(ConversationId, Sender)>,
    /// Chunks that were read lately, by whomever.
    read: Buckets<ConversationId>,
}

impl Files {
    pub(super) fn load(sql: &Sql) -> Result<Self> {
        uploads::create(sql)?;
        let mut due = Deadlines::default();
        for (file, at) in uploads::all_due(sql)? {
            due.set(file, Some(at));
        }
        Ok(Self {
            due,
            to_scan: Vec::new(),
            offered: Buckets::new(FILE_RATE),
            asked: Buckets::new(FILE_REQUEST_RATE),
            read: Buckets::new(FILE_READ_RATE),
        })
    }

    /// When something is to be done.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.due.first()
    }

    /// The files about which something is to be done now.
    pub(super) fn due(&self, now: Timestamp) -> impl Iterator<Item = FileId> {
        self.due.due(now)
    }

    /// The files that the scanner is to look at now.
    pub(super) fn take_to_scan(&mut self) -> Vec<(FileId, OfferNumber)> {
        core::mem::take(&mut self.to_scan)
    }

    /// Stores a file and keeps in mind when something is to be done about it.
    fn store(&mut self, sql: &Sql, upload: &Upload) -> Result<()> {
        upload.store(sql)?;
        self.due.set(upload.file, upload.due);
        Ok(())
    }

    /// The entry of a file was removed from this conversation: its bytes go. The same id may stand for a file of another
    /// conversation by now, which is nobody's business here.
    pub(super) fn erase_of(&mut self, sql: &Sql, conversation: ConversationId, file: FileId) -> Result<()> {
        match uploads::find(sql, file)? {
            Some(upload) if upload.conversation == conversation => self.erase(sql, file),
            _ => Ok(()),
        }
    }

    /// Forgets a file and deletes its bytes.
    fn erase(&mut self, sql: &Sql, file: FileId) -> Result<()> {
        self.due.set(file, None);
        uploads::erase(sql, file)
    }

    fn refuse(&mut self, sql: &Sql, now: Timestamp, upload: &mut Upload, code: ErrorCode) -> Result<()> {
        upload.refuse(sql, code, now.after(FILE_UPLOAD_LIFETIME))?;
        self.due.set(upload.file, upload.due);
        Ok(())
    }

    /// The conversation ends: what is not in its log by now never will be, and what is in it is kept for some time.
    pub(super) fn conversation_ends(
        &mut self,
        sql: &Sql,
        now: Timestamp,
        conversation: ConversationId,
        was_answered: bool,
    ) -> Result<()> {
        for mut upload in uploads::of_conversation(sql, conversation)? {
            match upload.stage {
                FileStage::Arriving | FileStage::Checking => {
                    self.refuse(sql, now, &mut upload, ErrorCode::ConversationEnded)?;
                }
                FileStage::Sent => {
                    upload.due = Some(now.after(upload.kept_for(was_answered)));
                    self.store(sql, &upload)?;
                }
                FileStage::Refused { .. } => {}
            }
        }
        Ok(())
    }
}

impl ConversationsShell {
    /// Serves what is asked about a file.
    pub(super) fn file(
        &mut self,
        turn: &mut Turn<'_, Self>,
        request: FileRequest,
    ) -> core::result::Result<Answer, Problem> {
        let FileRequest { asker, conversation, file, ask } = request;
        let sender = self.file_sender(turn, &asker, conversation)?;
        self.files.asked.take(turn.now, (conversation, sender)).map_err(Problem::wait)?;
        match ask {
            FileAsk::Offer { offer, rules } => {
                let upload = Upload {
                    file,
                    offer: uploads::next_offer(turn.sql)?,
                    conversation,
                    sender,
                    visibility: offer.visibility,
                    name: FileName::clean(&offer.name),
                    declared: offer.media_type,
                    media_type: String::new(),
                    kinds: rules.kinds,
                    kept_for: rules.kept_for,
                    bytes: offer.bytes,
                    received: 0,
                    stage: FileStage::Arriving,
                    attempts: 0,
                    due: Some(turn.now.after(FILE_BEGUN_WITHIN)),
                };
                let allowed = if sender.side() == Side::Customer { rules.customers } else { rules.staff };
                self.offer(turn, &upload, allowed, rules.max_bytes).map(Answer::FileStatus)
            }
            FileAsk::Put { offset, bytes } => {
                let upload = own(turn.sql, sender, conversation, file)?;
                self.put(turn, upload, offset, bytes).map(Answer::FileStatus)
            }
            FileAsk::Status => Ok(Answer::FileStatus(own(turn.sql, sender, conversation, file)?.status())),
            FileAsk::Abort => {
                let upload = own(turn.sql, sender, conversation, file)?;
                if upload.stage == FileStage::Sent {
                    return Err(ErrorCode::NotPossibleNow.into());
                }
                self.files.erase(turn.sql, file)?;
                Ok(Answer::Done)
            }
            FileAsk::Link { secret } => {
                let seen = self.look(turn.sql, conversation)?.file(file, sender.side()).is_some();
                if !seen {
                    return Err(ErrorCode::UnknownFile.into());
                }
                let kept = uploads::find(turn.sql, file)?.filter(|upload| upload.is_open_in(conversation));
                if kept.is_none() {
                    return Err(Problem::from(ErrorCode::UnknownFile).saying(KEPT_NO_LONGER));
                }
                uploads::add_link(turn.sql, turn.now, file, &secret)?;
                Ok(Answer::Done)
            }
        }
    }

    /// On which widget a conversation began. Nothing is loaded for somebody of whom nothing is known.
    pub(super) fn widget_of(
        &mut self,
        turn: &Turn<'_, Self>,
        asker: &FileAsker,
        conversation: ConversationId,
    ) -> core::result::Result<Answer, Problem> {
        let sender = self.file_sender(turn, asker, conversation)?;
        self.files.asked.take(turn.now, (conversation, sender)).map_err(Problem::wait)?;
        Ok(Answer::Widget(self.look(turn.sql, conversation)?.widget()))
    }

    /// As whom somebody asks, if this is a conversation of theirs.
    fn file_sender(
        &mut self,
        turn: &Turn<'_, Self>,
        asker: &FileAsker,
        conversation: ConversationId,
    ) -> core::result::Result<Sender, Problem> {
        match asker {
            FileAsker::Staff(representative) => {
                self.look(turn.sql, conversation)?;
                Ok(Sender::Staff(*representative))
            }
            FileAsker::Visitor { visitor, secret } => {
                let session = visitors::session(turn.sql, turn.now, *visitor, secret)?;
                let session = session.ok_or(ErrorCode::NotSignedIn)?;
                if sites::is_taken(turn.sql, &Spot { widget: session.widget, site: session.site })? {
                    return Err(ErrorCode::OriginNotAllowed.into());
                }
                // That a conversation of somebody else exists is nobody's business.
                if self.look(turn.sql, conversation)?.visitor() != *visitor {
                    return Err(ErrorCode::UnknownConversation.into());
                }
                Ok(Sender::Customer)
            }
        }
    }

    fn offer(
        &mut self,
        turn: &Turn<'_, Self>,
        upload: &Upload,
        allowed: bool,
        max_bytes: u32,
    ) -> core::result::Result<FileStatus, Problem> {
        let Upload { file, conversation, sender, visibility, .. } = *upload;
        if let Some(known) = uploads::find(turn.sql, file)? {
            let same = known.is_same_offer(upload);
            return if same { Ok(known.status()) } else { Err(ErrorCode::IdReused.into()) };
        }
        self.look(turn.sql, conversation)?.may_attach(sender, visibility, file)?;
        if !allowed {
            return Err(ErrorCode::FilesNotAllowed.into());
        }
        if upload.declared.len() > LINE_CHARS_MAX {
            return Err(ErrorCode::FileTypeMismatch.into());
        }
        let most = max_bytes.min(FILE_BYTES_MAX);
        if upload.bytes == 0 || upload.bytes > most {
            let problem = Problem::from(ErrorCode::FileSizeRefused);
            return Err(problem.saying(match upload.bytes {
                0 => "The file is empty. Send one with something in it.".to_owned(),
                bytes => format!(
                    "The file has {}, and files here have at most {}. Send a smaller one.",
                    size_in_words(bytes),
                    size_in_words(most)
                ),
            }));
        }
        let (count, bytes) = uploads::held_by(turn.sql, conversation)?;
        if count >= CONVERSATION_FILES_MAX || bytes + u64::from(upload.bytes) > CONVERSATION_FILE_BYTES_MAX {
            return Err(ErrorCode::FilesFull.into());
        }
        if uploads::held(turn.sql)?.saturating_add(upload.counted()) > uploads::room(sender.side()) {
            return Err(Problem::from(ErrorCode::FilesFull).saying(
                "There is no room for more files here at the moment. Write what it says, or send it in another way.",
            ));
        }
        self.files.offered.take(turn.now, (conversation, sender)).map_err(Problem::wait)?;
        upload.take_in(turn.sql)?;
        self.files.due.set(upload.file, upload.due);
        Ok(upload.status())
    }

    fn put(
        &mut self,
        turn: &Turn<'_, Self>,
        mut upload: Upload,
        offset: u32,
        bytes: Vec<u8>,
    ) -> core::result::Result<FileStatus, Problem> {
        if let FileStage::Refused { .. } = upload.stage {
            return Ok(upload.status());
        }
        if offset < upload.received {
            // A repeat gets the answer of now; another content in its place is a mistake of its sender.
            let same = uploads::chunk(turn.sql, upload.file, offset)?.is_some_and(|stored| stored == bytes);
            return if same { Ok(upload.status()) } else { Err(ErrorCode::FileOutOfStep.into()) };
        }
        let expected = (upload.bytes - upload.received).min(FILE_CHUNK_BYTES);
        if offset > upload.received || bytes.len() != expected as usize || expected == 0 {
            return Err(ErrorCode::FileOutOfStep.into());
        }
        if offset == 0 {
            match settle(&upload, &bytes) {
                Ok(media_type) => upload.media_type = media_type,
                Err(code) => {
                    self.files.refuse(turn.sql, turn.now, &mut upload, code)?;
                    return Ok(upload.status());
                }
            }
        }
        upload.store_chunk(turn.sql, bytes)?;
        upload.due = Some(turn.now.after(FILE_UPLOAD_LIFETIME));
        if upload.received == upload.bytes {
            self.scan(turn.now, &mut upload);
        }
        self.files.store(turn.sql, &upload)?;
        Ok(upload.status())
    }

    /// The file is whole: the scanner is to look at it. If its word does not come, the alarm asks again.
    fn scan(&mut self, now: Timestamp, upload: &mut Upload) {
        upload.stage = FileStage::Checking;
        upload.due = Some(now.after(FILE_SCAN_AWAITED).after(SCAN_RETRY_FIRST));
        self.files.to_scan.push((upload.file, upload.offer));
    }

    /// Something is to be done about a file: it never became whole, its sender has had time to hear that it was refused,
    /// the scanner is to look at it again, or it was kept for long enough after its conversation had ended.
    pub(super) fn file_due(&mut self, turn: &Turn<'_, Self>, file: FileId) -> Result<()> {
        let Some(mut upload) = uploads::find(turn.sql, file)? else { return Ok(()) };
        match upload.stage {
            FileStage::Checking => {
                self.scan(turn.now, &mut upload);
                self.files.store(turn.sql, &upload)
            }
            FileStage::Arriving | FileStage::Refused { .. } | FileStage::Sent => {
                self.files.erase(turn.sql, file)
            }
        }
    }

    /// The scanner's word about the file of an offer. If another stands under its id by now, the word says nothing of that.
    pub(super) fn file_scanned(
        &mut self,
        turn: &mut Turn<'_, Self>,
        file: FileId,
        offer: OfferNumber,
        verdict: Verdict,
    ) -> core::result::Result<(), Problem> {
        let Some(mut upload) = uploads::find_offer(turn.sql, file, offer)? else { return Ok(()) };
        if upload.stage != FileStage::Checking {
            return Ok(());
        }
        match verdict {
            Verdict::Infected => {
                self.files.refuse(turn.sql, turn.now, &mut upload, ErrorCode::FileInfected)?;
            }
            Verdict::Later => {
                let doubled = SCAN_RETRY_FIRST.as_millis().saturating_mul(1 << upload.attempts.min(10));
                let wait = Span::from_millis(doubled.min(SCAN_RETRY_LONGEST.as_millis()));
                upload.attempts += 1;
                upload.due = Some(turn.now.after(wait));
                self.files.store(turn.sql, &upload)?;
            }
            Verdict::Clean => {
                let attachment = Attachment {
                    file,
                    name: upload.name.clone().for_type(&upload.media_type),
                    media_type: upload.media_type.clone(),
                    bytes: upload.bytes,
                };
                let (sender, visibility) = (upload.sender, upload.visibility);
                let command = Command::Attach { sender, visibility, attachment };
                match self.command(turn, upload.conversation, command) {
                    Ok(()) => {
                        upload.stage = FileStage::Sent;
                        upload.due = None;
                        self.files.store(turn.sql, &upload)?;
                    }
                    // It has ended meanwhile, or its sender does not take part any more.
                    Err(problem) => self.files.refuse(turn.sql, turn.now, &mut upload, problem.code)?,
                }
            }
        }
        Ok(())
    }

    /// The file to which an address leads.
    pub(super) fn open_file(
        &mut self,
        sql: &Sql,
        now: Timestamp,
        secret: &[u8; 32],
    ) -> core::result::Result<Answer, Problem> {
        let upload = uploads::linked(sql, now, secret)?.ok_or(ErrorCode::FileLinkRefused)?;
        self.files.read.take(now, upload.conversation).map_err(Problem::wait)?;
        Ok(Answer::File(OpenedFile {
            conversation: upload.conversation,
            file: upload.file,
            name: upload.name.for_type(&upload.media_type).into(),
            media_type: upload.media_type,
            bytes: upload.bytes,
        }))
    }
}

impl Files {
    /// A chunk of a file that the gateway has opened.
    pub(super) fn chunk(
        &mut self,
        sql: &Sql,
        now: Timestamp,
        conversation: ConversationId,
        file: FileId,
        start: u32,
    ) -> core::result::Result<Answer, Problem> {
        self.read.take(now, conversation).map_err(Problem::wait)?;
        let open = uploads::find(sql, file)?.is_some_and(|upload| upload.is_open_in(conversation));
        let chunk = if open { uploads::chunk(sql, file, start)? } else { None };
        Ok(Answer::Chunk(chunk.ok_or(ErrorCode::UnknownFile)?))
    }
}

/// The file, if this sender offered it in this conversation.
fn own(
    sql: &Sql,
    sender: Sender,
    conversation: ConversationId,
    file: FileId,
) -> core::result::Result<Upload, Problem> {
    let found = uploads::find(sql, file)?;
    let own = found.filter(|upload| upload.sender == sender && upload.conversation == conversation);
    own.ok_or_else(|| ErrorCode::UnknownFile.into())
}

/// What the bytes of a file are, if they are what its sender said and of a kind that is allowed.
fn settle(upload: &Upload, head: &[u8]) -> core::result::Result<String, ErrorCode> {
    let recognised = infer::get(head).map(|found| found.mime_type());
    let media_type = settle_type(&upload.declared, recognised, head).ok_or(ErrorCode::FileTypeMismatch)?;
    if upload.kinds.contains(&FileKind::of(&media_type)) {
        Ok(media_type)
    } else {
        Err(ErrorCode::FileKindRefused)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::limit::{FILES_KEPT_UNANSWERED, FILES_KEPT_USUAL};
    use shared::protocol::live::Visibility;

    use super::*;

    proptest! {
        #[test]
        fn whatever_bytes_come_a_file_is_of_a_kind_that_is_taken_and_its_type_is_one_word(
            declared in prop_oneof!["", "(image|text|application)/[a-z.-]{1,20}(; ?[a-z=]{0,9})?", ".*"],
            signature in prop::sample::select(SIGNATURES),
            rest: Vec<u8>,
        ) {
            let head = [signature, rest.as_slice()].concat();
            let kinds = [FileKind::Image, FileKind::Text, FileKind::Document, FileKind::Archive];
            if let Ok(media_type) = settle(&upload(&declared, &kinds), &head) {
                prop_assert!(kinds.contains(&FileKind::of(&media_type)));
                prop_assert!(media_type.bytes().all(|byte| byte.is_ascii_graphic()), "{media_type:?}");
            }
        }
    }

    /// How files of some types begin.
    const SIGNATURES: &[&[u8]] = &[
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"%PDF-",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\0\0\0\x18ftyp",
        b"<!DOCTYPE html>",
        b"MZ",
        b"{\\rtf",
    ];

    fn upload(declared: &str, kinds: &[FileKind]) -> Upload {
        Upload {
            file: FileId::from_u128(1),
            offer: OfferNumber::default(),
            conversation: ConversationId::from_u128(2),
            sender: Sender::Customer,
            visibility: Visibility::Public,
            name: FileName::clean("a"),
            declared: declared.to_owned(),
            media_type: String::new(),
            kinds: kinds.to_vec(),
            kept_for: Span::ZERO,
            bytes: 10,
            received: 0,
            stage: FileStage::Arriving,
            attempts: 0,
            due: None,
        }
    }

    #[test]
    fn a_file_is_opened_from_its_own_conversation_and_only_when_it_was_cleared() {
        let (own, other) = (ConversationId::from_u128(2), ConversationId::from_u128(3));
        let code = ErrorCode::FileInfected;
        for stage in [FileStage::Arriving, FileStage::Checking, FileStage::Refused { code }] {
            assert!(!Upload { stage, ..upload("", &[]) }.is_open_in(own));
        }
        let sent = Upload { stage: FileStage::Sent, ..upload("", &[]) };
        assert!(sent.is_open_in(own) && !sent.is_open_in(other));
    }

    #[test]
    fn files_that_nobody_of_the_staff_has_seen_go_after_a_day_and_the_staff_find_room_last() {
        let kept_for = FILES_KEPT_USUAL;
        let file = Upload { kept_for, ..upload("", &[]) };
        assert_eq!((file.kept_for(true), file.kept_for(false)), (kept_for, FILES_KEPT_UNANSWERED));
        assert_eq!(upload("", &[]).kept_for(false), Span::ZERO, "nothing is kept for longer than was said");
        assert!(uploads::room(Side::Customer) < uploads::room(Side::Staff));
    }

    #[test]
    fn the_bytes_decide_what_a_file_is_and_the_settings_whether_it_is_taken() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let images = [FileKind::Image];
        assert_eq!(settle(&upload("image/png", &images), png), Ok("image/png".to_owned()));
        assert_eq!(settle(&upload("", &images), png), Ok("image/png".to_owned()));
        assert_eq!(settle(&upload("application/pdf", &images), png), Err(ErrorCode::FileTypeMismatch));
        assert_eq!(settle(&upload("image/png", &[]), png), Err(ErrorCode::FileKindRefused));
        let page = b"<!DOCTYPE html><script>alert(1)</script>";
        assert_eq!(settle(&upload("image/png", &images), page), Err(ErrorCode::FileTypeMismatch));
        assert_eq!(settle(&upload("text/html", &images), page), Err(ErrorCode::FileKindRefused));
        assert_eq!(settle(&upload("text/plain", &[FileKind::Text]), page), Err(ErrorCode::FileTypeMismatch));
        let program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";
        assert_eq!(settle(&upload("", &images), program), Err(ErrorCode::FileKindRefused));
    }
}
