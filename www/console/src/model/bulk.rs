//! One thing done with many conversations: which ones were chosen, what is asked about them, and what became of them.

use std::collections::BTreeSet;

use shared::id::ConversationId;
use shared::protocol::Problem;
use shared::protocol::desk::{BulkAct, Destination};
use shared::protocol::insight::OngoingView;

use super::words;

/// Conversations that a supervisor has chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chosen(BTreeSet<ConversationId>);

impl Chosen {
    /// Whether this one is.
    pub(crate) fn holds(&self, conversation: ConversationId) -> bool {
        self.0.contains(&conversation)
    }

    /// Chooses one, or no longer.
    pub(crate) fn choose(&mut self, conversation: ConversationId, chosen: bool) {
        if chosen {
            self.0.insert(conversation);
        } else {
            self.0.remove(&conversation);
        }
    }

    /// Chooses all of these, or none.
    pub(crate) fn choose_all(&mut self, shown: &[OngoingView], chosen: bool) {
        self.0 = shown.iter().filter(|_| chosen).map(|one| one.item.conversation).collect();
    }

    /// Those that are chosen, as they are listed. What is not in sight is not chosen: nobody does anything with what they
    /// do not see.
    pub(crate) fn of(&self, shown: &[OngoingView]) -> Many {
        let chosen = shown.iter().filter(|one| self.holds(one.item.conversation));
        let named = |one: &OngoingView| {
            (one.item.conversation, words::customer(one.item.customer.as_deref()).to_owned())
        };
        Many(chosen.map(named).collect())
    }
}

/// Many conversations, each with its customer's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Many(pub(crate) Vec<(ConversationId, String)>);

/// How many names are said before the rest is counted.
const NAMED: usize = 3;

impl Many {
    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Which.
    pub(crate) fn conversations(&self) -> Vec<ConversationId> {
        self.0.iter().map(|(conversation, _)| *conversation).collect()
    }

    /// Whose they are: `Ada, Bea and 4 more`.
    pub(crate) fn names(&self) -> String {
        let named: Vec<_> = self.0.iter().take(NAMED).map(|(_, customer)| customer.as_str()).collect();
        match (named.as_slice(), self.0.len().saturating_sub(NAMED)) {
            ([before @ .., last], 0) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
            (named, 0) => named.join(", "),
            (named, more) => format!("{} and {more} more", named.join(", ")),
        }
    }
}

/// `1 conversation`, `3 conversations`.
pub(crate) fn conversations(count: usize) -> String {
    if count == 1 { "1 conversation".to_owned() } else { format!("{count} conversations") }
}

/// What became of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What was asked for.
    pub(crate) act: BulkAct,
    /// With how many it was done.
    pub(crate) done: usize,
    /// With which it was not: whose, and why.
    pub(crate) refused: Vec<(String, String)>,
}

impl Outcome {
    /// From the gateway's answer.
    pub(crate) fn new(act: BulkAct, results: Vec<(String, Option<Problem>)>) -> Self {
        let all = results.len();
        let refused: Vec<_> = results
            .into_iter()
            .filter_map(|(customer, problem)| Some((customer, problem?.message)))
            .collect();
        Self { act, done: all - refused.len(), refused }
    }

    /// What was done, with the name of whom it was given to.
    pub(crate) fn done_in_words(&self, to: &str) -> String {
        let what = conversations(self.done);
        let be = if self.done == 1 { "was" } else { "were" };
        match self.act {
            _ if self.done == 0 => "Nothing was done.".to_owned(),
            BulkAct::ForceClose => format!("{what} {be} closed."),
            BulkAct::Assign { to: Destination::Queue(_) } => format!("{what} {be} assigned to {to}."),
            BulkAct::Redirect { to: Destination::Queue(_) } => format!("{what} {be} transferred to {to}."),
            BulkAct::Assign { .. } | BulkAct::Redirect { .. } => format!("{to} is asked to take {what}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::id::{QueueId, RepresentativeId};
    use shared::protocol::ErrorCode;
    use shared::protocol::desk::WorkState;
    use shared::time::Span;

    use super::super::desk::tests::item;
    use super::*;

    fn shown(numbers: &[u128]) -> Vec<OngoingView> {
        let one = |number: &u128| OngoingView {
            item: item(*number, WorkState::Open, false),
            representative: None,
            representative_name: None,
            priority: 100,
            waited: Span::ZERO,
        };
        numbers.iter().map(one).collect()
    }

    #[test]
    fn what_is_not_in_sight_is_not_chosen() {
        let mut chosen = Chosen::default();
        chosen.choose_all(&shown(&[1, 2, 3]), true);
        chosen.choose(ConversationId::from_u128(2), false);
        assert_eq!(chosen.of(&shown(&[1, 2, 3])).names(), "Customer 1 and Customer 3");
        assert_eq!(chosen.of(&shown(&[2, 3])).names(), "Customer 3");
        chosen.choose_all(&shown(&[1]), false);
        assert_eq!(chosen.of(&shown(&[1, 2, 3])).count(), 0);
    }

    #[test]
    fn many_names_are_counted() {
        let mut chosen = Chosen::default();
        let all = shown(&[1, 2, 3, 4, 5]);
        chosen.choose_all(&all, true);
        assert_eq!(chosen.of(&all).names(), "Customer 1, Customer 2, Customer 3 and 2 more");
        assert_eq!(chosen.of(&all[..1]).names(), "Customer 1");
    }

    #[test]
    fn an_outcome_says_what_was_done_and_why_not() {
        let refusal = Problem::from(ErrorCode::NotPossibleNow);
        let results = || vec![("Ada".to_owned(), None), ("Bea".to_owned(), Some(refusal.clone()))];
        let closed = Outcome::new(BulkAct::ForceClose, results());
        assert_eq!(closed.done_in_words(""), "1 conversation was closed.");
        assert_eq!(closed.refused, [("Bea".to_owned(), refusal.message.clone())]);
        let queue = Destination::Queue(QueueId::from_u128(1));
        let given = Outcome::new(BulkAct::Redirect { to: queue }, vec![("Ada".to_owned(), None); 2]);
        assert_eq!(given.done_in_words("Returns"), "2 conversations were transferred to Returns.");
        let ana = Destination::Representative(RepresentativeId::from_u128(1));
        let asked = Outcome::new(BulkAct::Assign { to: ana }, results());
        assert_eq!(asked.done_in_words("Ana"), "Ana is asked to take 1 conversation.");
        assert_eq!(
            Outcome::new(BulkAct::ForceClose, results()[1..].to_vec()).done_in_words(""),
            "Nothing was done."
        );
    }
}
