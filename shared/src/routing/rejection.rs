//! Why the router refused a command. The state is then as it was, to the byte.

use crate::protocol::{ErrorCode, Problem};

/// A refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such representative in the settings.
    #[error("there is no such representative")]
    UnknownRepresentative,
    /// No such work item, or a closed one.
    #[error("there is no such conversation")]
    UnknownConversation,
    /// The offer is not open, or was made to somebody else.
    #[error("the offer is no longer open")]
    OfferGone,
    /// Somebody else has the conversation, or nobody.
    #[error("the conversation is not this representative's")]
    NotYours,
    /// The item is not in a state in which this is possible, or is not in a queue of this representative.
    #[error("this is not possible in the present state")]
    NotPossibleNow,
    /// Inactive cannot be chosen.
    #[error("this presence is only given by the system")]
    PresenceNotForChoice,
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let code = match rejection {
            Rejection::UnknownRepresentative => ErrorCode::NotPermitted,
            Rejection::UnknownConversation => ErrorCode::UnknownConversation,
            Rejection::OfferGone => ErrorCode::OfferGone,
            Rejection::NotYours => ErrorCode::NotYourConversation,
            Rejection::NotPossibleNow | Rejection::PresenceNotForChoice => ErrorCode::NotPossibleNow,
        };
        Self::from(code)
    }
}
