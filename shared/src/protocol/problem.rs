//! The one error of the wire: a stable code for programs, an HTTP status, and a sentence that says what to do.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::form::FieldError;
use crate::text::TextError;
use crate::time::Span;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident, $status:literal, $sentence:literal;)*) => {
        /// What went wrong. Codes are stable and only ever added at the end.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the binary coding.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The HTTP status of an answer with this code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What it means and what to do, in English. Clients show their own words by code.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

error_codes! {
    /// A frame or body that cannot be read.
    Malformed, 400, "The frame could not be read. Send frames of protocol version 1.";
    /// A frame kind that this version does not know.
    UnknownFrame, 400, "This kind of frame is not known here. Update the client or the gateway.";
    /// A frame or body over the limit.
    FrameTooLarge, 413, "The frame is larger than 64 KB. Send less at once.";
    /// A message over the limit.
    MessageTooLong, 422, "The message has more than 4,000 characters. Shorten it or send it in parts.";
    /// A message of white space.
    MessageEmpty, 422, "The message is empty. Write something first.";
    /// Answers that the form does not take; `fields` says which.
    AnswersRefused, 422, "Some answers are missing or not accepted. Correct the fields that are named.";
    /// No such widget.
    UnknownWidget, 404, "There is no widget with this id. Check the data-widget attribute of the script tag.";
    /// The site may not use this widget.
    OriginNotAllowed, 403, "This site is not on the widget's list. An administrator can add it.";
    /// No token, or one that does not hold.
    NotSignedIn, 401, "Sign in again: the session is missing, wrong or expired.";
    /// Name or password are wrong.
    WrongPassword, 401, "Name or password are not right. Try again.";
    /// The role does not permit this.
    NotPermitted, 403, "Your role does not permit this. Ask an administrator.";
    /// No such path, or nothing there.
    NotFound, 404, "There is nothing at this address.";
    /// The path exists, the method does not.
    MethodNotAllowed, 405, "This address does not answer to this method.";
    /// No such conversation, or none that this client may see.
    UnknownConversation, 404, "There is no conversation here that you can open.";
    /// The conversation has ended.
    ConversationEnded, 409, "The conversation has ended. Start a new one to go on.";
    /// The representative is not part of the conversation.
    NotYourConversation, 403, "You do not take part in this conversation.";
    /// The offer was taken, withdrawn or ran out.
    OfferGone, 409, "The offer is no longer open: it was taken, withdrawn or ran out.";
    /// The work item is not in a state in which this is possible.
    NotPossibleNow, 409, "This is not possible in the present state. The list shows what is true now.";
    /// The same id was used for another content.
    IdReused, 409, "This id was used before with another content. Use a new id.";
    /// A hand-over code that is unknown, used, late, or meant for another site.
    HandoverRefused, 403, "The hand-over code does not hold. The visitor can start a new conversation.";
    /// A setup link that is unknown, used or late.
    SetupRefused, 403, "The setup link does not hold. Ask an administrator for a new one.";
    /// Too much at once.
    TooManyRequests, 429, "Too many requests. Wait for the time that is given and try again.";
    /// The settings are not valid; the message says where.
    SettingsRefused, 422, "The settings are not valid.";
    /// Somebody else changed the settings in between.
    SettingsChanged, 409, "Somebody changed the settings in between. Load them again, then change them.";
    /// A socket's first frame must say who is there.
    HelloExpected, 401, "Say hello first: the first frame of a socket names the session.";
    /// A fault of ours.
    Internal, 500, "Something went wrong on our side. Try again; what was acknowledged is safe.";
    /// The gateway is at its limit.
    Overloaded, 503, "The gateway is busy. Try again in a moment.";
    /// A password that is too short or too long.
    PasswordRefused, 422, "Choose a password of 10 to 200 characters.";
    /// A request from a page of another origin.
    CrossOrigin, 403, "Requests from other origins are not answered here.";
    /// A name that another account has.
    NameTaken, 409, "Another account has this name. Choose another.";
    /// A sequence number that does not exist yet.
    SequenceAhead, 422, "This sequence number does not exist yet. Say hello again.";
    /// A conversation that holds as much as one may.
    ConversationFull, 409, "The conversation is as long as one can be. End it and start a new one to go on.";
    /// A trial of what does not exist; the message says which field.
    TrialRefused, 422, "No conversation could arrive like that. Correct what is named.";
    /// A change of a message that cannot be changed.
    NotEditable, 409, "This message cannot be changed: it was removed, was changed too often, or is not a message.";
    /// No such file, or none that this client may see.
    UnknownFile, 404, "There is no file here that you can open.";
    /// The settings allow this side no files here.
    FilesNotAllowed, 403, "Files cannot be sent here. Describe what you wanted to show.";
    /// A file over the limit, or an empty one.
    FileSizeRefused, 413, "The file is empty or too large. Send a smaller one.";
    /// A kind of file that the settings do not allow.
    FileKindRefused, 415, "Files of this kind cannot be sent here. Send another kind.";
    /// A file whose bytes are not what its sender said.
    FileTypeMismatch, 422, "The file is not what its name says: its content is of another type. Save it under its real type and send it again.";
    /// A chunk that leaves a gap, overlaps, has not the right length, or goes beyond the end.
    FileOutOfStep, 409, "This part of the file does not fit. Ask how much has arrived and go on from there.";
    /// The conversation, or its shard, holds as many files, or as much, as it may; the message says which.
    FilesFull, 409, "The conversation holds as many files as it may. Start a new one to go on.";
    /// The scanner found something bad in the file.
    FileInfected, 422, "The scanner found something harmful in the file. It was deleted.";
    /// A file's address that is unknown or late.
    FileLinkRefused, 404, "This address of a file does not hold any more. Open the file from the conversation again.";
}

/// An error as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What went wrong.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
    /// When to try again, if waiting helps.
    pub retry_after: Option<Span>,
    /// Which fields are wrong.
    pub fields: Vec<FieldError>,
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: code.sentence().to_owned(), retry_after: None, fields: Vec::new() }
    }
}

impl From<TextError> for ErrorCode {
    /// What is wrong with the text of a message.
    fn from(error: TextError) -> Self {
        match error {
            TextError::Empty => Self::MessageEmpty,
            TextError::TooLong { .. } => Self::MessageTooLong,
            TextError::NotOneLine => Self::Malformed,
        }
    }
}

impl Problem {
    /// This problem, with a sentence that knows more than its code.
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// This problem, with a time after which to try again.
    pub fn retry_after(mut self, span: Span) -> Self {
        self.retry_after = Some(span);
        self
    }

    /// Too much at once: try again after this span.
    pub fn wait(span: Span) -> Self {
        Self::from(ErrorCode::TooManyRequests).retry_after(span)
    }

    /// The answers that were refused.
    pub fn answers(fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::from(ErrorCode::AnswersRefused) }
    }
}
