//! Changes of accounts: what was given to somebody once can be taken back.
//!
//! Whoever is changed is signed out everywhere: their sockets know the role they were opened with.

use shared::authority::Role;
use shared::id::RepresentativeId;
use shared::protocol::http::{AccountView, ChangeAccount};
use shared::protocol::{ErrorCode, Problem};
use shared::routing::Command;

use super::shell::SettingsShell;
use super::{Answer, accounts, attempts, audit, sessions};
use crate::object::{Sql, Turn};
use crate::router::Told;

impl SettingsShell {
    /// Changes an account.
    pub(super) fn change_account(
        &self,
        turn: &mut Turn<'_, Self>,
        by: RepresentativeId,
        owner: RepresentativeId,
        change: &ChangeAccount,
    ) -> Result<Answer, Problem> {
        let account = known(turn.sql, owner)?;
        let role = change.role.unwrap_or(account.role);
        let disabled = change.disabled.unwrap_or(account.disabled);
        if (role, disabled) == (account.role, account.disabled) {
            return Ok(Answer::Done);
        }
        let stays_administrator = role == Role::Administrator && !disabled;
        if !stays_administrator && !accounts::administrator_is_set_up(turn.sql, Some(owner))? {
            return Err(Problem::from(ErrorCode::NotPossibleNow).saying(
                "Nobody else can administer this organisation. Let another administrator choose a password first.",
            ));
        }
        accounts::change(turn.sql, owner, role, disabled)?;
        for what in sentences(&account, role, disabled) {
            audit::note(turn.sql, turn.now, Some(by), what)?;
        }
        self.sign_out_everywhere(turn, owner, disabled)?;
        Ok(Answer::Done)
    }

    /// Ends all sessions of somebody. Whoever will not be back is signed out at the desk too, so that their work goes to others
    /// as it does when a representative stays away.
    fn sign_out_everywhere(
        &self,
        turn: &mut Turn<'_, Self>,
        owner: RepresentativeId,
        for_good: bool,
    ) -> Result<(), Problem> {
        let sessions = sessions::end_all(turn.sql, owner)?;
        if for_good {
            attempts::forget(turn.sql, owner)?;
        }
        if for_good && sessions.is_empty() && self.is_representative(owner) {
            // Their last session ran out before, and their work may still have its grace.
            let signed_out = Command::SignOut { representative: owner };
            turn.post(self.router().to_owned(), &Told::Command(signed_out))?;
        }
        for mut ended in sessions {
            ended.was_last &= for_good;
            self.tell_ended(turn, Some(ended))?;
        }
        Ok(())
    }

    /// Makes a further setup link for an account.
    pub(super) fn add_link(
        turn: &Turn<'_, Self>,
        by: RepresentativeId,
        owner: RepresentativeId,
        link: &[u8; 32],
    ) -> Result<Answer, Problem> {
        let account = known(turn.sql, owner)?;
        if account.disabled {
            return Err(Problem::from(ErrorCode::NotPossibleNow).saying("Enable the account first."));
        }
        accounts::add_link(turn.sql, turn.now, owner, link)?;
        let what = format!("Made a setup link for the account {}.", named(&account));
        audit::note(turn.sql, turn.now, Some(by), what)?;
        Ok(Answer::Done)
    }
}

fn known(sql: &Sql, owner: RepresentativeId) -> Result<AccountView, Problem> {
    let gone = || Problem::from(ErrorCode::NotFound).saying("There is no such account. Load the list again.");
    accounts::of(sql, owner)?.ok_or_else(gone)
}

fn named(account: &AccountView) -> String {
    format!("{} ({})", account.name, account.full_name)
}

/// What the audit log says of a change.
fn sentences(account: &AccountView, role: Role, disabled: bool) -> Vec<String> {
    let mut sentences = Vec::new();
    if role != account.role {
        let role = match role {
            Role::Representative => "a representative",
            Role::Supervisor => "a supervisor",
            Role::Administrator => "an administrator",
        };
        sentences.push(format!("Made the account {} that of {role}.", named(account)));
    }
    if disabled != account.disabled {
        let done = if disabled { "Disabled" } else { "Enabled" };
        sentences.push(format!("{done} the account {}.", named(account)));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_log_says_of_each_change_what_it_was() {
        let account = AccountView {
            representative: RepresentativeId::from_u128(1),
            name: "sam".to_owned(),
            full_name: "Sam Okafor".to_owned(),
            role: Role::Supervisor,
            has_password: true,
            disabled: false,
        };
        let said = sentences(&account, Role::Representative, true);
        assert_eq!(
            said,
            [
                "Made the account sam (Sam Okafor) that of a representative.",
                "Disabled the account sam (Sam Okafor).",
            ]
        );
        let disabled = AccountView { disabled: true, ..account };
        assert_eq!(sentences(&disabled, Role::Supervisor, false), ["Enabled the account sam (Sam Okafor)."]);
    }
}
