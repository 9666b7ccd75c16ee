//! Why a conversation is where it is, why nobody has it, and what would have to change (reference section 28).
//!
//! By which rules it came and who was asked stands with the item. Everything else is a function of what is true now and is
//! worked out when somebody asks: nothing is kept for it, and the answer is never old. When a conversation closes, its
//! explanation is worked out for the last time, and goes to the records. Why somebody is not asked is in `hindrance`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::assignment::best_of;
use super::book::Book;
use super::class::Class;
use super::decision::SentBy;
use super::effect::SessionEnd;
use super::index::Index;
use super::position::position_of;
use super::trace;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::limit::{RULES_KEPT_MAX, UNASKED_KEPT_MAX};
use crate::protocol::desk::WorkState;
use crate::protocol::insight::{Classified, Explanation, PersonExplained};
use crate::text::Line;
use crate::time::Timestamp;

/// A conversation as it is explained: one that is there, or one that is tried.
pub(super) struct Case<'a> {
    pub(super) book: &'a Book,
    pub(super) index: &'a Index,
    pub(super) conversation: ConversationId,
    pub(super) item: &'a WorkItem,
    /// The class in which it waits, or would.
    pub(super) class: Option<&'a Class>,
    /// Who would be found to have too many sessions open when it is tried.
    pub(super) passed: &'a [RepresentativeId],
}

/// Explains a conversation; none if there is no such conversation.
pub(super) fn explain(book: &Book, index: &Index, conversation: ConversationId) -> Option<Explanation> {
    let item = book.items.get(&conversation)?;
    let class = index.class_as_if(&book.given(), item).filter(|_| item.stage == Stage::Open);
    Some(Case { book, index, conversation, item, class: class.as_deref(), passed: &[] }.explain())
}

impl Case<'_> {
    /// Explains it.
    pub(super) fn explain(&self) -> Explanation {
        let Self { book, index, conversation, item, class, passed } = *self;
        let would_be = || best_of(book, index, item, class, passed);
        let representative = item.representative().or_else(would_be);
        Explanation {
            state: item.state(),
            position: class.and_then(|class| position_of(book, index, conversation, item, class)),
            representative,
            representative_name: representative.map(|id| full_name(book, id)),
            people: self.people().collect(),
            ..past(book, item)
        }
    }
}

/// Explains for the last time a conversation that has just been closed.
pub(super) fn explain_closed(
    book: &Book,
    index: &Index,
    item: &WorkItem,
    unasked: Unasked,
    reason: SessionEnd,
    now: Timestamp,
) -> Explanation {
    let rules = trace::rules_of(book, index, item, RULES_KEPT_MAX);
    Explanation {
        closed: Some(now),
        why_closed: Some(reason.in_words().into()),
        rules,
        people: unasked.people,
        people_left_out: unasked.left_out,
        ..past(book, item)
    }
}

/// Who could have been asked about a conversation that ends while it waits, as far as it is kept.
#[derive(Default)]
pub(super) struct Unasked {
    people: Vec<PersonExplained>,
    left_out: usize,
}

/// Who could have been asked about this conversation, if it waits.
pub(super) fn unasked(book: &Book, index: &Index, conversation: ConversationId) -> Unasked {
    let Some(item) = book.items.get(&conversation).filter(|item| item.stage == Stage::Open) else {
        return Unasked::default();
    };
    let case = Case { book, index, conversation, item, class: index.class_of(item), passed: &[] };
    let people = case.people().take(UNASKED_KEPT_MAX).collect();
    Unasked { people, left_out: case.candidates().count().saturating_sub(UNASKED_KEPT_MAX) }
}

/// What can be told of a conversation without looking at what else is there; as one that is closed.
fn past(book: &Book, item: &WorkItem) -> Explanation {
    let (attempts, attempts_forgotten) = item.attempts(book);
    let representative = item.last_representative;
    Explanation {
        state: WorkState::Closed,
        classified: classified(book, item),
        skills: skills(book, item),
        priority: item.priority,
        queue: item.queue,
        queue_name: item.queue.map(|queue| queue_name(book, queue)),
        sent_by: sent_by(book, item),
        overflowing: overflowing(book, item),
        position: None,
        representative,
        representative_name: representative.map(|id| full_name(book, id)),
        people: Vec::new(),
        people_left_out: 0,
        attempts,
        attempts_forgotten,
        closed: None,
        why_closed: None,
        rules: Vec::new(),
    }
}

/// The name of a queue, also of one that is gone.
pub(super) fn queue_name(book: &Book, queue: QueueId) -> String {
    book.queues.get(&queue).map_or("a queue that is gone", |queue| queue.name.as_str()).into()
}

/// The name of somebody, also of one who is gone.
pub(super) fn full_name(book: &Book, id: RepresentativeId) -> String {
    book.representatives
        .get(&id)
        .map_or("somebody who is gone", |known| known.profile.full_name.as_str())
        .into()
}

fn skills(book: &Book, item: &WorkItem) -> Vec<String> {
    let known = item.requires.skills.iter().filter_map(|(skill, _)| book.skills.get(skill));
    known.map(|skill| skill.name.as_str().into()).collect()
}

/// What classification did with an item.
pub(super) fn classified(book: &Book, item: &WorkItem) -> Vec<Classified> {
    if let Some(kept) = item.past.as_ref().and_then(|past| past.classified.as_ref()) {
        return kept.clone();
    }
    let rulesets = book.workstreams.get(&item.workstream).map(|workstream| &workstream.classification);
    let name = |line: &Line| String::from(line.as_str());
    let steps = rulesets.into_iter().flatten().zip(&item.path.classified);
    let step = steps.map(|(ruleset, rule)| {
        let rule = rule.and_then(|place| ruleset.rules.get(usize::from(place)));
        Classified { ruleset: name(&ruleset.name), rule: rule.map(|rule| name(&rule.name)) }
    });
    step.collect()
}

/// Routes that matched an item, but whose queues overflowed.
pub(super) fn overflowing(book: &Book, item: &WorkItem) -> Vec<String> {
    if let Some(kept) = item.past.as_ref().and_then(|past| past.overflowing.as_ref()) {
        return kept.clone();
    }
    item.path.overflowing.iter().map(|number| route_name(book, item, *number)).collect()
}

fn route_name(book: &Book, item: &WorkItem, number: u16) -> String {
    let workstream = book.workstreams.get(&item.workstream);
    let route = workstream.and_then(|workstream| workstream.routes.get(usize::from(number)));
    route.map_or_else(|| format!("route {}", number + 1), |route| String::from(route.name.as_str()))
}

/// What sent an item where it is, in a sentence.
pub(super) fn sent_by(book: &Book, item: &WorkItem) -> String {
    if let Some(kept) = item.past.as_ref().and_then(|past| past.sent_by.as_ref()) {
        return kept.clone();
    }
    match item.path.by {
        _ if item.queue.is_none() => {
            "The settings do not know its workstream, so nobody is offered it. Bring the workstream back, or close the \
             conversation."
                .into()
        }
        SentBy::Fallback => "No route of its workstream matched: it is in the fallback queue.".into(),
        SentBy::Route(number) => {
            format!("The route \u{201c}{}\u{201d} sent it there.", route_name(book, item, number))
        }
        SentBy::Overflow(from) => {
            format!("It was meant for \u{201c}{}\u{201d}, which overflowed.", queue_name(book, from))
        }
        SentBy::Hand => "Somebody moved it there.".into(),
    }
}
