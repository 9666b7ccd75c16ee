//! Why the router refused a command. The state is then as it was, to the byte.

use super::facts::InvalidContext;
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
    /// Inactive cannot be chosen, nor a presence that does not exist.
    #[error("this presence cannot be chosen")]
    PresenceNotForChoice,
    /// The settings of the organisation or the workstream do not allow it.
    #[error("the settings do not allow this")]
    NotAllowed,
    /// Whoever is to be asked cannot be: they are not there, have no room, take part already, or there is nobody.
    #[error("this representative or queue cannot be asked now")]
    NotAvailable,
    /// The queue's operating hours are over, or have not begun.
    #[error("this queue is closed now")]
    QueueClosed,
    /// As many as the workstream allows are being consulted.
    #[error("no more can be consulted about this conversation")]
    TooManyConsultants,
    /// None, or more than can be done at once.
    #[error("one command is about 1 to 1,000 conversations")]
    TooMany,
    /// Context variables are not as they must be.
    #[error("{0}")]
    Context(InvalidContext),
    /// There is no such skill, or it has no such level. With the how many-th it is.
    #[error("skills[{0}]: there is no such skill, or it cannot be rated so")]
    UnknownSkill(usize),
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let code = match rejection {
            Rejection::UnknownRepresentative | Rejection::NotAllowed => ErrorCode::NotPermitted,
            Rejection::UnknownConversation => ErrorCode::UnknownConversation,
            Rejection::OfferGone => ErrorCode::OfferGone,
            Rejection::NotYours => ErrorCode::NotYourConversation,
            Rejection::NotPossibleNow
            | Rejection::PresenceNotForChoice
            | Rejection::NotAvailable
            | Rejection::QueueClosed
            | Rejection::TooManyConsultants
            | Rejection::TooMany
            | Rejection::UnknownSkill(_) => ErrorCode::NotPossibleNow,
            Rejection::Context(_) => ErrorCode::AnswersRefused,
        };
        let problem = Self::from(code);
        match rejection {
            Rejection::NotAllowed => {
                problem.saying("The settings do not allow this here. An administrator can change them.")
            }
            Rejection::NotAvailable => {
                problem.saying("They cannot be asked now. Choose somebody else from the list.")
            }
            Rejection::QueueClosed => {
                problem.saying("This queue is closed now. Choose one that is open from the list.")
            }
            Rejection::TooManyConsultants => {
                problem.saying("No more can be consulted at once. End another consultation first.")
            }
            Rejection::PresenceNotForChoice => {
                problem.saying("This presence cannot be chosen. Choose one from the list.")
            }
            Rejection::TooMany => problem.saying("Choose 1 to 1,000 conversations."),
            Rejection::Context(_) | Rejection::UnknownSkill(_) => {
                problem.saying(alloc::format!("{rejection}. Correct it and try again."))
            }
            _ => problem,
        }
    }
}
