//! Why a conversation refused a command. The state is then as it was, to the byte.

use crate::protocol::{ErrorCode, Problem};

/// A refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It has ended.
    #[error("the conversation has ended")]
    Ended,
    /// The sender does not take part.
    #[error("the sender does not take part in the conversation")]
    NotYours,
    /// A customer's message is public.
    #[error("customers cannot write internal messages")]
    InternalFromCustomer,
    /// The id was used for another message.
    #[error("the message id was used before with another content")]
    IdReused,
    /// A number that the log has not reached.
    #[error("the sequence number does not exist yet")]
    SequenceAhead,
    /// It holds as much as one conversation may.
    #[error("the conversation is full")]
    Full,
    /// It was written by somebody else.
    #[error("the message is somebody else's")]
    NotOwn,
    /// It is no message, was removed, or was changed as often as can be.
    #[error("the entry cannot be changed")]
    NotEditable,
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let code = match rejection {
            Rejection::Ended => ErrorCode::ConversationEnded,
            Rejection::NotYours => ErrorCode::NotYourConversation,
            Rejection::InternalFromCustomer | Rejection::NotOwn => ErrorCode::NotPermitted,
            Rejection::IdReused => ErrorCode::IdReused,
            Rejection::SequenceAhead => ErrorCode::SequenceAhead,
            Rejection::Full => ErrorCode::ConversationFull,
            Rejection::NotEditable => ErrorCode::NotEditable,
        };
        Self::from(code)
    }
}
