//! What is doubtful about a configuration that was saved: what it says of itself, and where it does not fit the accounts,
//! which only the gateway knows. Doubts refuse nothing.

use shared::authority::{Action, permits};
use shared::protocol::http::{AccountView, SettingsWarning};
use shared::protocol::insight::Counters;
use shared::settings::{Settings, SettingsFault};

/// All that is doubtful, with the path of each field.
pub(super) fn about(settings: &Settings, accounts: &[AccountView]) -> Vec<SettingsWarning> {
    let warning = |SettingsFault { path, message }| SettingsWarning { path, message: message.into() };
    let mut doubts: Vec<_> = settings.warnings().into_iter().map(warning).collect();
    doubts.extend(supervisors(settings, accounts));
    doubts.extend(representatives(settings, accounts));
    doubts
}

/// What is gone from the settings, or will be, while work that is not closed still belongs to it; `live` was counted before.
pub(crate) fn left_behind(settings: &Settings, live: &Counters) -> Vec<SettingsWarning> {
    let many = |count: usize| match count {
        1 => "1 conversation that is not closed".to_owned(),
        count => format!("{count} conversations that are not closed"),
    };
    let doubt = |path: &str, message: String| SettingsWarning { path: path.to_owned(), message };
    let workstreams = live.workstreams.iter().filter_map(|of| {
        let work = of.work.all();
        let gone = work > 0 && settings.workstream(of.workstream).is_none();
        gone.then(|| {
            let (name, many) = (&of.name, many(work));
            let message = format!(
                "{name} is gone, and with it the rules of {many}. Nobody is offered what waits: it stands in the overview \
                 without a queue. Bring the workstream back, or close it there."
            );
            doubt("workstreams", message)
        })
    });
    let queues = live.queues.iter().filter_map(|of| {
        let work = of.work.all();
        let gone = work > 0 && settings.queue(of.queue).is_none();
        gone.then(|| {
            let message = format!(
                "{} is gone, with {} in it. What waits is sent on as if it had just come.",
                of.name,
                many(work)
            );
            doubt("queues", message)
        })
    });
    let representatives = live.representatives.iter().filter_map(|of| {
        let gone = of.work > 0 && settings.representative(of.representative).is_none();
        gone.then(|| {
            let message = format!("{} is gone, and had {}: these wait again.", of.full_name, many(of.work));
            doubt("representatives", message)
        })
    });
    workstreams.chain(queues).chain(representatives).collect()
}

/// Whoever has no account cannot sign in.
fn representatives(settings: &Settings, accounts: &[AccountView]) -> Vec<SettingsWarning> {
    let mut doubts = Vec::new();
    for (representative, index) in settings.representatives.iter().zip(0..) {
        if !accounts.iter().any(|account| account.representative == representative.id) {
            let message = format!(
                "No account has this id, so nobody can sign in as {}. Take the id from the list of accounts, or make an \
                 account.",
                representative.full_name.as_str()
            );
            doubts.push(SettingsWarning { path: format!("representatives[{index}].id"), message });
        }
    }
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
    use shared::id::{QueueId, RepresentativeId, WorkstreamId};
    use shared::protocol::insight::{
        QueueCounters, QueueToday, RepresentativeCounters, Tally, WorkstreamCounters,
    };
    use shared::settings::{Presence, Queue, Representative, Units, Workstream};
    use shared::text::Line;

    use super::*;

    fn account(number: u128, name: &str, role: Role) -> AccountView {
        AccountView {
            representative: RepresentativeId::from_u128(number),
            name: name.to_owned(),
            full_name: name.to_owned(),
            role,
            has_password: true,
            disabled: false,
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
    fn line(text: &str) -> Line {
        Line::new(text).expect("a line")
    }

    fn somebody(number: u128) -> Representative {
        let id = RepresentativeId::from_u128(number);
        Representative::new(id, line("Ana Lindqvist"), line("Ana"), Units(1))
    }

    #[test]
    fn whoever_handles_work_has_an_account() {
        let settings = Settings { representatives: vec![somebody(1), somebody(2)], ..Settings::default() };
        let doubts = representatives(&settings, &[account(1, "ana", Role::Representative)]);
        let [one] = doubts.as_slice() else { panic!("{doubts:?}") };
        assert_eq!(one.path, "representatives[1].id");
    }

    #[test]
    fn what_goes_with_work_that_is_not_closed_is_told() {
        let tally = |open, active| Tally { open, active, ..Tally::default() };
        let queue = |number, work| QueueCounters {
            queue: QueueId::from_u128(number),
            name: format!("Queue {number}"),
            work,
            longest_wait: None,
            at_work: 0,
            members: Vec::new(),
            today: QueueToday::default(),
        };
        let workstream = |number, work| WorkstreamCounters {
            workstream: WorkstreamId::from_u128(number),
            name: format!("Kind {number}"),
            work,
        };
        let person = |number, work| RepresentativeCounters {
            representative: RepresentativeId::from_u128(number),
            full_name: format!("Person {number}"),
            presence: Presence::Available,
            presence_text: None,
            connected: true,
            work,
            used: 0,
            capacity: 1,
        };
        let live = Counters {
            queues: vec![queue(1, tally(1, 0)), queue(2, tally(0, 1)), queue(3, tally(0, 0))],
            workstreams: vec![
                workstream(1, tally(1, 0)),
                workstream(2, tally(2, 3)),
                workstream(3, tally(0, 0)),
            ],
            representatives: vec![person(1, 1), person(2, 4), person(3, 0)],
        };
        let kept = Settings {
            queues: vec![Queue::new(QueueId::from_u128(1), line("Orders"), 1, Vec::new())],
            workstreams: vec![Workstream::new(
                WorkstreamId::from_u128(1),
                line("Chat"),
                Units(1),
                QueueId::from_u128(1),
            )],
            representatives: vec![somebody(1)],
            ..Settings::default()
        };
        let doubts = left_behind(&kept, &live);
        let [workstream, queue, person] = doubts.as_slice() else { panic!("{doubts:?}") };
        assert_eq!(workstream.path, "workstreams");
        assert!(
            workstream.message.contains("Kind 2") && workstream.message.contains("5 conv"),
            "{workstream:?}"
        );
        assert_eq!(queue.path, "queues");
        assert!(queue.message.contains("Queue 2") && queue.message.contains("1 conversation "), "{queue:?}");
        assert_eq!(person.path, "representatives");
        assert!(person.message.contains("Person 2") && person.message.contains("4 conv"), "{person:?}");
    }
}
