//! By which names people, queues and customers were called, so that what is said of them later can still call them so.

use std::collections::BTreeMap;

use shared::id::{ConversationId, QueueId, RepresentativeId};
use shared::protocol::desk::{CandidateView, QueueChoice, WorkItemView};

/// By which names things were called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    people: BTreeMap<RepresentativeId, String>,
    queues: BTreeMap<QueueId, String>,
    customers: BTreeMap<ConversationId, String>,
}

impl Names {
    /// From a work item.
    pub(super) fn learn(&mut self, item: &WorkItemView) {
        let people = item.people.iter().map(|person| (person.representative, person.full_name.clone()));
        self.people.extend(people);
        self.queues.insert(item.queue, item.queue_name.clone());
        if let Some(customer) = &item.customer {
            self.customers.insert(item.conversation, customer.clone());
        }
    }

    /// From a list of those who can be asked.
    pub(super) fn learn_candidates(&mut self, people: &[CandidateView], queues: &[QueueChoice]) {
        self.people.extend(people.iter().map(|one| (one.representative, one.full_name.clone())));
        self.queues.extend(queues.iter().map(|one| (one.queue, one.name.clone())));
    }

    /// Somebody's.
    pub(super) fn person(&self, id: RepresentativeId) -> String {
        self.people.get(&id).cloned().unwrap_or_else(|| "A colleague".to_owned())
    }

    /// A queue's.
    pub(super) fn queue(&self, id: QueueId) -> String {
        self.queues.get(&id).cloned().unwrap_or_else(|| "another queue".to_owned())
    }

    /// That of a conversation's customer, if they have said it.
    pub(super) fn customer(&self, conversation: ConversationId) -> Option<&str> {
        self.customers.get(&conversation).map(String::as_str)
    }
}
