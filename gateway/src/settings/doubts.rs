//! What is doubtful about a configuration that was saved: what it says of itself, and where it does not fit the accounts,
//! which only the gateway knows. Doubts refuse nothing.

use shared::authority::{Action, permits};
use shared::protocol::http::{AccountView, SettingsWarning};
use shared::settings::{Settings, SettingsFault};

/// All that is doubtful, with the path of each field.
pub(super) fn about(settings: &Settings, accounts: &[AccountView]) -> Vec<SettingsWarning> {
    let warning = |SettingsFault { path, message }| SettingsWarning { path, message: message.into() };
    let mut doubts: Vec<_> = settings.warnings().into_iter().map(warning).collect();
    doubts.extend(supervisors(settings, accounts));
    doubts
}

/// A queue is assigned to nobody by an id that no account has, or by the account of somebody who may not supervise.
fn supervisors(settings: &Settings, accounts: &[AccountView]) -> Vec<SettingsWarning> {
    let mut doubts = Vec::new();
    for (queue, place) in settings.queues.iter().zip(0..) {
        for (id, index) in queue.supervisors.iter().zip(0..) {
            let account = accounts.iter().find(|account| account.representative == *id);
            let message = match account {
                None => {
                    "No account has this id, so it assigns the queue to nobody. Take the id from the list of \
                         accounts, or remove it."
                        .to_owned()
                }
                Some(account) if !permits(account.role, Action::WatchWork) => format!(
                    "The account {} is a representative's, so it assigns the queue to nobody. Name a supervisor's \
                     account, or remove it.",
                    account.name
                ),
                Some(_) => continue,
            };
            doubts.push(SettingsWarning { path: format!("queues[{place}].supervisors[{index}]"), message });
        }
    }
    doubts
}

#[cfg(test)]
mod tests {
    use shared::authority::Role;
    use shared::id::{QueueId, RepresentativeId};
    use shared::settings::Queue;
    use shared::text::Line;

    use super::*;

    fn account(number: u128, name: &str, role: Role) -> AccountView {
        AccountView {
            representative: RepresentativeId::from_u128(number),
            name: name.to_owned(),
            full_name: name.to_owned(),
            role,
            has_password: true,
        }
    }

    #[test]
    fn whoever_is_named_as_supervisor_of_a_queue_has_an_account_that_may_supervise() {
        let accounts = [
            account(1, "sam", Role::Supervisor),
            account(2, "admin", Role::Administrator),
            account(3, "ana", Role::Representative),
        ];
        let assigned_to = |ids: &[u128]| {
            let name = Line::new("Orders").expect("a line");
            let mut queue = Queue::new(QueueId::from_u128(1), name, 1, Vec::new());
            queue.supervisors = ids.iter().copied().map(RepresentativeId::from_u128).collect();
            queue
        };
        let settings =
            Settings { queues: vec![assigned_to(&[1, 2]), assigned_to(&[1, 4, 3])], ..Settings::default() };
        let doubts = supervisors(&settings, &accounts);
        let [unknown, representative] = doubts.as_slice() else { panic!("{doubts:?}") };
        assert_eq!(unknown.path, "queues[1].supervisors[1]");
        assert!(unknown.message.starts_with("No account has this id"), "{unknown:?}");
        assert_eq!(representative.path, "queues[1].supervisors[2]");
        assert!(
            representative.message.starts_with("The account ana is a representative's"),
            "{representative:?}"
        );
    }
}
