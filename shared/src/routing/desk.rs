//! What is asked at a desk, as commands.

use alloc::borrow::ToOwned as _;

use super::Command;
use crate::id::RepresentativeId;
use crate::protocol::desk::DeskCommand;

impl Command {
    /// The command for what somebody asks at their desk; none for a question, which changes nothing. Whether their role
    /// permits it ([`DeskCommand::action`]) must have been checked. `name` is the one of their account.
    pub fn from_desk(representative: RepresentativeId, name: &str, command: DeskCommand) -> Option<Self> {
        let supervisor = representative;
        Some(match command {
            DeskCommand::SetPresence { presence } => Self::SetPresence { representative, presence },
            DeskCommand::ResetPresence => Self::ResetPresence { representative },
            DeskCommand::Accept { offer } => Self::Accept { representative, offer },
            DeskCommand::Reject { offer } => Self::Reject { representative, offer },
            DeskCommand::Pick { conversation } => Self::Pick { representative, conversation },
            DeskCommand::End { conversation } => Self::End { representative, conversation },
            DeskCommand::Close { conversation } => Self::Close { representative, conversation },
            DeskCommand::Release { conversation } => Self::Release { representative, conversation },
            DeskCommand::Wait { conversation } => Self::Wait { representative, conversation },
            DeskCommand::Resume { conversation } => Self::Resume { representative, conversation },
            DeskCommand::Leave { conversation } => Self::Leave { representative, conversation },
            DeskCommand::Transfer { conversation, to } => Self::Transfer { representative, conversation, to },
            DeskCommand::WithdrawTransfer { conversation } => {
                Self::WithdrawTransfer { representative, conversation }
            }
            DeskCommand::Consult { conversation, with } => {
                Self::Consult { representative, conversation, with }
            }
            DeskCommand::EndConsult { conversation, with } => {
                Self::EndConsult { representative, conversation, with }
            }
            DeskCommand::AddToChat { conversation, consultant } => {
                Self::AddToChat { representative, conversation, consultant }
            }
            DeskCommand::RemoveFromChat { conversation, consultant } => {
                Self::RemoveFromChat { representative, conversation, consultant }
            }
            DeskCommand::Candidates { .. } => return None,
            DeskCommand::Assign { conversation, to } => Self::Assign { supervisor, conversation, to },
            DeskCommand::Redirect { conversation, to } => Self::Redirect { supervisor, conversation, to },
            DeskCommand::ForceClose { conversation } => Self::ForceClose { supervisor, conversation },
            DeskCommand::Monitor { conversation } => {
                Self::Monitor { supervisor, name: name.to_owned(), conversation }
            }
            DeskCommand::Join { conversation } => Self::Join { supervisor, conversation },
            DeskCommand::OverridePresence { representative, presence, reason } => {
                Self::OverridePresence { supervisor, representative, presence, reason }
            }
            DeskCommand::Reroute { conversation, context, skills } => {
                Self::Reroute { supervisor, conversation, context, skills }
            }
            DeskCommand::Bulk { conversations, act } => Self::Bulk { supervisor, conversations, act },
        })
    }
}
