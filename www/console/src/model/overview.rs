//! What a supervisor sees of what goes on: fetched again and again while it is in front, filtered and sorted here.

use std::cmp::Reverse;

use shared::id::{QueueId, RepresentativeId};
use shared::protocol::Problem;
use shared::protocol::desk::WorkState;
use shared::protocol::insight::{Counters, Ongoing, OngoingView, QueueCounters};
use shared::time::Timestamp;

use super::fetching::Fetching;

/// What goes on, as the gateway last said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Overview {
    /// Conversations; none before the first answer.
    pub(crate) ongoing: Option<Ongoing>,
    /// Counters; none before the first answer.
    pub(crate) counters: Option<Counters>,
    /// Why the last question was not answered, if it was not.
    pub(crate) failed: Option<String>,
    /// When it was last answered, by the wall clock.
    pub(crate) at: Timestamp,
    fetching: Fetching,
}

/// Which queues are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Shown {
    /// All of them.
    #[default]
    All,
    /// Those in which the supervisor serves.
    Mine,
    /// One.
    Queue(QueueId),
}

impl Overview {
    /// A question is to be asked. False if one is under way; then it is asked again after it.
    pub(crate) fn begin(&mut self) -> bool {
        self.fetching.begin()
    }

    /// Takes the answers. Says whether to ask again.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        ongoing: Result<Ongoing, Problem>,
        counters: Result<Counters, Problem>,
    ) -> bool {
        match (ongoing, counters) {
            (Ok(ongoing), Ok(counters)) => {
                self.ongoing = Some(ongoing);
                self.counters = Some(counters);
                self.failed = None;
                self.at = now;
            }
            (Err(problem), _) | (_, Err(problem)) => self.failed = Some(problem.message),
        }
        self.fetching.end()
    }

    /// The name of a representative.
    pub(crate) fn name_of(&self, id: RepresentativeId) -> Option<String> {
        let people = &self.counters.as_ref()?.representatives;
        people.iter().find(|one| one.representative == id).map(|one| one.full_name.clone())
    }

    /// The name of a queue.
    pub(crate) fn queue_name_of(&self, id: QueueId) -> Option<String> {
        let queues = &self.counters.as_ref()?.queues;
        queues.iter().find(|queue| queue.queue == id).map(|queue| queue.name.clone())
    }

    /// The counters of the queues that are shown to this supervisor.
    pub(crate) fn queues(&self, shown: Shown, me: RepresentativeId) -> Vec<QueueCounters> {
        let queues = self.counters.iter().flat_map(|counters| &counters.queues);
        queues.filter(|queue| is_shown(queue, shown, me)).cloned().collect()
    }

    /// The conversations of the queues that are shown, in this state or in any: who waits first, the longest wait first.
    pub(crate) fn items(
        &self,
        shown: Shown,
        state: Option<WorkState>,
        me: RepresentativeId,
    ) -> Vec<OngoingView> {
        let queues: Vec<_> = self.queues(shown, me).into_iter().map(|queue| queue.queue).collect();
        let items = self.ongoing.iter().flat_map(|ongoing| &ongoing.items);
        let wanted = |one: &&OngoingView| {
            (shown == Shown::All || queues.contains(&one.item.queue))
                && state.is_none_or(|state| one.item.state == state)
        };
        let mut items: Vec<_> = items.filter(wanted).cloned().collect();
        items.sort_by_key(|one| {
            let waits = matches!(one.item.state, WorkState::Open | WorkState::AwaitingAcceptance);
            (Reverse(waits), one.item.created, one.item.conversation)
        });
        items
    }
}

fn is_shown(queue: &QueueCounters, shown: Shown, me: RepresentativeId) -> bool {
    match shown {
        Shown::All => true,
        Shown::Mine => queue.members.contains(&me),
        Shown::Queue(id) => queue.queue == id,
    }
}

#[cfg(test)]
mod tests {
    use super::super::desk::tests::item;
    use shared::protocol::insight::QueueToday;

    use super::*;
    use shared::protocol::ErrorCode;
    use shared::protocol::insight::Tally;
    use shared::time::Span;

    const ME: RepresentativeId = RepresentativeId::from_u128(1);

    fn queue(number: u128, members: &[RepresentativeId]) -> QueueCounters {
        QueueCounters {
            queue: QueueId::from_u128(number),
            name: format!("Queue {number}"),
            work: Tally::default(),
            longest_wait: None,
            at_work: 0,
            members: members.to_vec(),
            today: QueueToday::default(),
        }
    }

    fn ongoing(number: u128, state: WorkState, queue: u128, created: u64) -> OngoingView {
        let mut item = item(number, state, false);
        item.queue = QueueId::from_u128(queue);
        item.created = Timestamp::from_millis(created);
        OngoingView {
            item,
            representative: None,
            representative_name: None,
            priority: 100,
            waited: Span::ZERO,
        }
    }

    fn filled() -> Overview {
        let mut overview = Overview::default();
        assert!(overview.begin());
        let items = vec![
            ongoing(1, WorkState::Active, 1, 10),
            ongoing(2, WorkState::Open, 2, 30),
            ongoing(3, WorkState::Open, 1, 20),
        ];
        let counters = Counters { queues: vec![queue(1, &[ME]), queue(2, &[])], ..Counters::default() };
        let now = Timestamp::from_millis(100);
        assert!(!overview.take(now, Ok(Ongoing { items, more: false }), Ok(counters)));
        overview
    }

    fn numbers(items: &[OngoingView]) -> Vec<&str> {
        items.iter().filter_map(|one| one.item.customer.as_deref()).collect()
    }

    #[test]
    fn who_waits_stands_first_and_who_has_waited_longest_on_top() {
        let overview = filled();
        let all = overview.items(Shown::All, None, ME);
        assert_eq!(numbers(&all), ["Customer 3", "Customer 2", "Customer 1"]);
    }

    #[test]
    fn the_list_is_filtered_by_queue_and_by_state() {
        let overview = filled();
        let mine = overview.items(Shown::Mine, None, ME);
        assert_eq!(numbers(&mine), ["Customer 3", "Customer 1"]);
        let second = overview.items(Shown::Queue(QueueId::from_u128(2)), None, ME);
        assert_eq!(numbers(&second), ["Customer 2"]);
        let active = overview.items(Shown::All, Some(WorkState::Active), ME);
        assert_eq!(numbers(&active), ["Customer 1"]);
    }

    #[test]
    fn a_question_that_comes_while_one_is_under_way_is_asked_after_it() {
        let mut overview = filled();
        assert!(overview.begin());
        assert!(!overview.begin());
        let problem = Problem::from(ErrorCode::Overloaded);
        let now = Timestamp::from_millis(200);
        assert!(overview.take(now, Err(problem.clone()), Err(problem.clone())));
        assert_eq!(overview.failed, Some(problem.message));
        assert!(overview.ongoing.is_some(), "what was there stays in sight");
        assert!(overview.begin());
    }
}
