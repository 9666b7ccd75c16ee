//! Random histories: whatever happens in whatever order, the router does what the plain [`Model`](super::model::Model) does,
//! its invariants hold after every step, a refused command leaves no trace, and a snapshot anywhere leads to the same end.

mod history;
mod settings;
mod steps;

use alloc::vec::Vec;

use proptest::collection::vec as vec_of;
use proptest::prelude::*;

use self::history::History;
use self::settings::{VARIANTS, variant};
use self::steps::{CONVERSATIONS, REPRESENTATIVES, Step, step};
use crate::authority::Role;
use crate::routing::tests::house::{conversation, representative};
use crate::routing::{Command, Router};

pub(super) use self::settings::with_skills;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

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

    #[test]
    fn a_snapshot_anywhere_and_the_rest_of_the_journal_give_the_same_state(
        steps in vec_of(step(), 1..80),
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

#[test]
fn every_variant_of_settings_here_is_one_that_could_be_stored() {
    for number in 0..VARIANTS {
        assert_eq!(variant(number).check(), Ok(()), "{number}");
    }
}
