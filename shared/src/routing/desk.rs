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
            DeskCommand::SetPresence { presence } => Command::SetPresence { representative, presence },
            DeskCommand::ResetPresence => Command::ResetPresence { representative },
            DeskCommand::Accept { offer } => Command::Accept { representative, offer },
            DeskCommand::Reject { offer } => Command::Reject { representative, offer },
            DeskCommand::Pick { conversation } => Command::Pick { representative, conversation },
            DeskCommand::End { conversation } => Command::End { representative, conversation },
            DeskCommand::Close { conversation } => Command::Close { representative, conversation },
            DeskCommand::Release { conversation } => Command::Release { representative, conversation },
            DeskCommand::Wait { conversation } => Command::Wait { representative, conversation },
            DeskCommand::Resume { conversation } => Command::Resume { representative, conversation },
            DeskCommand::Leave { conversation } => Command::Leave { representative, conversation },
            DeskCommand::Transfer { conversation, to } => {
                Command::Transfer { representative, conversation, to }
            }
            DeskCommand::WithdrawTransfer { conversation } => {
                Command::WithdrawTransfer { representative, conversation }
            }
            DeskCommand::Consult { conversation, with } => {
                Command::Consult { representative, conversation, with }
            }
            DeskCommand::EndConsult { conversation, with } => {
                Command::EndConsult { representative, conversation, with }
            }
            DeskCommand::AddToChat { conversation, consultant } => {
                Command::AddToChat { representative, conversation, consultant }
            }
            DeskCommand::RemoveFromChat { conversation, consultant } => {
                Command::RemoveFromChat { representative, conversation, consultant }
            }
            DeskCommand::Candidates { .. } => return None,
            DeskCommand::Assign { conversation, to } => Command::Assign { supervisor, conversation, to },
            DeskCommand::Redirect { conversation, to } => Command::Redirect { supervisor, conversation, to },
            DeskCommand::ForceClose { conversation } => Command::ForceClose { supervisor, conversation },
            DeskCommand::Monitor { conversation } => {
                Command::Monitor { supervisor, name: name.to_owned(), conversation }
            }
            DeskCommand::Join { conversation } => Command::Join { supervisor, conversation },
            DeskCommand::OverridePresence { representative, presence, reason } => {
                Command::OverridePresence { supervisor, representative, presence, reason }
            }
        })
    }
}
