//! Random histories: whatever happens in whatever order, the router does what the plain [`Model`](super::model::Model) does,
//! its invariants hold after every step, a refused command leaves no trace, and a snapshot anywhere leads to the same end.

mod history;
mod sessions;
mod settings;
mod steps;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use proptest::collection::vec as vec_of;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use self::history::History;
use self::settings::{VARIANTS, variant};
use self::steps::{CONVERSATIONS, REPRESENTATIVES, Step, step, step_together};
use crate::authority::Role;
use crate::protocol::desk::{DeskFrame, Destination};
use crate::routing::tests::house::{conversation, representative};
use crate::routing::{Command, Effect, Router};

pub(super) use self::sessions::Sessions;
pub(super) use self::settings::with_skills;

// More than is usual are tried where `PROPTEST_CASES` says so.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(400)))]

    #[test]
    fn the_router_does_what_the_plain_model_does(steps in vec_of(step(), 1..120)) {
        let mut history = History::new();
        for step in &steps {
            if let Some(command) = history.command(step) {
                history.take(command);
            }
        }
    }

    /// The same, but all the time under settings in which this is tried: rules, overflow, hours, profiles, a small desk.
    #[test]
    fn the_router_does_what_the_plain_model_does_where_rules_decide(
        variant in 11..VARIANTS,
        steps in vec_of(step(), 1..120),
    ) {
        let mut history = History::new();
        for step in [Step::Configure(variant)].iter().chain(&steps) {
            // Now and then they change, but hardly ever to those in which nothing of this is tried.
            let step = match step {
                Step::Configure(other) => Step::Configure((*other).max(9)),
                step => step.clone(),
            };
            if let Some(command) = history.command(&step) {
                history.take(command);
            }
        }
    }

    /// The same where everybody is there from the beginning, and transfers, consults and supervises much.
    #[test]
    fn the_router_does_what_the_plain_model_does_where_people_work_together(
        variant in 0..VARIANTS,
        steps in vec_of(step_together(), 1..120),
    ) {
        let mut history = History::new();
        let everybody = (1..=REPRESENTATIVES).map(|who| Step::Connect(who, 0));
        let begin: Vec<Step> = core::iter::once(Step::Configure(variant)).chain(everybody).collect();
        for step in begin.iter().chain(&steps) {
            if let Some(command) = history.command(step) {
                history.take(command);
            }
        }
    }

    #[test]
    fn a_snapshot_anywhere_and_the_rest_of_the_journal_give_the_same_state(
        steps in vec_of(step_together(), 1..80),
        at in any::<prop::sample::Index>(),
    ) {
        let mut history = History::new();
        let mut journal = Vec::new();
        let cut = at.index(steps.len());
        let mut snapshot = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            if number == cut {
                snapshot = postcard::to_allocvec(&history.router).unwrap();
                journal.clear();
            }
            if let Some(command) = history.command(step) {
                let answer = history.router.handle(history.now, command.clone());
                journal.push((history.now, command, answer));
            }
        }
        let mut restored: Router = postcard::from_bytes(&snapshot).unwrap();
        for (now, command, answer) in journal {
            // What cannot be read back from a journal cannot be replayed from it.
            let bytes = postcard::to_allocvec(&command).unwrap();
            let command: Command = postcard::from_bytes(&bytes).unwrap();
            prop_assert_eq!(restored.handle(now, command), answer);
        }
        // What consoles are welcomed with follows from the indexes, which are made anew: it is the same, in the same order.
        for who in 0..=REPRESENTATIVES {
            let welcome =
                |router: &Router| router.welcome(history.now, representative(who), Role::Representative);
            prop_assert_eq!(welcome(&restored), welcome(&history.router));
            let ongoing = |router: &Router| router.ongoing(history.now, representative(who), None, 5);
            prop_assert_eq!(ongoing(&restored), ongoing(&history.router));
        }
        for n in 0..CONVERSATIONS {
            prop_assert_eq!(restored.explain(conversation(n)), history.router.explain(conversation(n)));
        }
        prop_assert_eq!(restored, history.router);
    }
}

/// What is done in no history is compared in none.
#[test]
fn histories_come_to_everything_that_people_do_together() {
    let mut runner = TestRunner::deterministic();
    let mut done: BTreeMap<String, u32> = BTreeMap::new();
    for variant in (0..VARIANTS).cycle().take(25 * usize::from(VARIANTS)) {
        let steps = vec_of(step_together(), 120).new_tree(&mut runner).unwrap().current();
        let everybody = (1..=REPRESENTATIVES).map(|who| Step::Connect(who, 0));
        let mut history = History::new();
        for step in [Step::Configure(variant)].into_iter().chain(everybody).chain(steps) {
            let Some(command) = history.command(&step) else { continue };
            let name = name_of(&command);
            let Some(effects) = history.take(command) else { continue };
            *done.entry(name).or_default() += 1;
            for effect in effects {
                if let Effect::Show { frame: DeskFrame::Answered { asked, answer, .. }, .. } = effect {
                    *done.entry(format!("{asked:?} {answer:?}")).or_default() += 1;
                }
            }
        }
    }
    for wanted in [
        "Release",
        "Wait",
        "Resume",
        "Leave",
        "Transfer to a queue",
        "Transfer to somebody",
        "WithdrawTransfer",
        "Consult to a queue",
        "Consult to somebody",
        "EndConsult to a queue",
        "EndConsult to somebody",
        "AddToChat",
        "RemoveFromChat",
        "Assign to a queue",
        "Assign to somebody",
        "Redirect to a queue",
        "Redirect to somebody",
        "ForceClose",
        "Bulk",
        "Monitor",
        "Join",
        "Transfer Accepted",
        "Transfer Rejected",
        "Transfer TimedOut",
        "Transfer Withdrawn",
        "Consult Accepted",
        "Consult Rejected",
        "Consult TimedOut",
        "Consult Withdrawn",
    ] {
        assert!(done.get(wanted).is_some_and(|times| *times >= 3), "{wanted}: {done:#?}");
    }
}

/// What a command is called, and to whom it goes.
fn name_of(command: &Command) -> String {
    let name = format!("{command:?}");
    let name = name.split([' ', '(']).next().unwrap_or_default();
    match command {
        Command::Transfer { to, .. }
        | Command::Consult { with: to, .. }
        | Command::EndConsult { with: to, .. }
        | Command::Assign { to, .. }
        | Command::Redirect { to, .. } => match to {
            Destination::Queue(_) => format!("{name} to a queue"),
            Destination::Representative(_) => format!("{name} to somebody"),
        },
        _ => name.into(),
    }
}

#[test]
fn every_variant_of_settings_here_is_one_that_could_be_stored() {
    for number in 0..VARIANTS {
        assert_eq!(variant(number).check(), Ok(()), "{number}");
    }
}
