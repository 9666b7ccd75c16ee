//! The one table of permissions. The gateway asks it before every command; the console asks it to know what to show.

use serde::{Deserialize, Serialize};

/// What somebody of the staff may be. Nobody has more than one: each role holds the rights of the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Talks to customers.
    Representative,
    /// Looks after representatives.
    Supervisor,
    /// Configures the organisation.
    Administrator,
}

/// What can be asked of the gateway by somebody of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Be offered work, take it, end and close it, set one's own presence.
    HandleWork,
    /// Open a conversation that one does not take part in.
    ReadAnyConversation,
    /// Read the records of ended conversations of everybody.
    ReadRecords,
    /// Read the configuration.
    ReadSettings,
    /// Change the configuration.
    ChangeSettings,
    /// Make accounts and setup links, change roles, disable accounts.
    ManageAccounts,
    /// Read the audit log.
    ReadAudit,
    /// Monitor conversations and join them.
    MonitorWork,
    /// Assign and transfer what others have or wait for.
    DirectWork,
    /// Close a conversation, whatever its state.
    ForceClose,
    /// Set the presence of others.
    OverridePresence,
    /// See what goes on in every queue, and the live counters.
    WatchWork,
    /// Ask what would become of a conversation.
    TryRouting,
    /// See what objects could not tell each other, and have it tried again or thrown away.
    LookAfterMail,
    /// Remove what others wrote in a conversation.
    RedactMessages,
}

/// Whether somebody with `role` may do `action`.
pub const fn permits(role: Role, action: Action) -> bool {
    let least = match action {
        Action::HandleWork => Role::Representative,
        Action::ReadAnyConversation
        | Action::ReadRecords
        | Action::ReadSettings
        | Action::MonitorWork
        | Action::DirectWork
        | Action::ForceClose
        | Action::OverridePresence
        | Action::WatchWork
        | Action::TryRouting
        | Action::RedactMessages => Role::Supervisor,
        Action::ChangeSettings | Action::ManageAccounts | Action::ReadAudit | Action::LookAfterMail => {
            Role::Administrator
        }
    };
    role as u8 >= least as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_holds_the_rights_of_the_ones_before() {
        use Action::*;
        let actions = [
            HandleWork,
            ReadAnyConversation,
            ReadRecords,
            ReadSettings,
            ChangeSettings,
            ManageAccounts,
            ReadAudit,
            LookAfterMail,
        ];
        let held = |role| actions.map(|action| permits(role, action));
        assert_eq!(held(Role::Representative), [true, false, false, false, false, false, false, false]);
        assert_eq!(held(Role::Supervisor), [true, true, true, true, false, false, false, false]);
        assert_eq!(held(Role::Administrator), [true; 8]);
        let directing =
            [MonitorWork, DirectWork, ForceClose, OverridePresence, WatchWork, TryRouting, RedactMessages];
        let held = |role| directing.map(|action| permits(role, action));
        assert_eq!(held(Role::Representative), [false; 7]);
        assert_eq!(held(Role::Supervisor), [true; 7]);
        assert_eq!(held(Role::Administrator), [true; 7]);
    }
}
