//! Why a conversation is where it is, why nobody has it, and what would have to change (reference section 28).
//!
//! By which rules it came and who was asked stands with the item. Everything else is a function of what is true now and is
//! worked out when somebody asks: nothing is kept for it, and the answer is never old. When a conversation closes, its
//! explanation is worked out for the last time, and goes to the records.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::assignment::best_of;
use super::book::Book;
use super::class::{Class, ClassNumber, Place};
use super::decision::SentBy;
use super::eligibility::{Meeting, Obstacle, Person};
use super::index::Index;
use super::position::position_of;
use super::representative::Representative;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::limit::UNASKED_KEPT_MAX;
use crate::protocol::desk::WorkState;
use crate::protocol::insight::{Classified, Explanation, Hindrance, PersonExplained};
use crate::text::Line;
use crate::time::Timestamp;

impl Hindrance {
    fn new(why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { why: why.into(), remedy: remedy.into() }
    }
}

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
pub(super) fn explain_closed(book: &Book, item: &WorkItem, unasked: Unasked, now: Timestamp) -> Explanation {
    Explanation {
        closed: Some(now),
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
    let queue = item.queue.and_then(|queue| book.queues.get(&queue));
    let members = queue.map_or(0, |queue| queue.members.len());
    let case = Case { book, index, conversation, item, class: index.class_of(item), passed: &[] };
    let people = case.people().take(UNASKED_KEPT_MAX).collect();
    Unasked { people, left_out: members.saturating_sub(UNASKED_KEPT_MAX) }
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
        _ if item.queue.is_none() => "No settings have a place for it. Give its workstream a queue.".into(),
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

impl<'a> Case<'a> {
    /// Everybody in the queue of an item that waits.
    fn people(&self) -> impl Iterator<Item = PersonExplained> + '_ {
        let Self { book, item, .. } = *self;
        let queue = item.queue.filter(|_| item.stage == Stage::Open);
        let members = queue.and_then(|queue| book.queues.get(&queue)).map(|queue| &queue.members);
        members.into_iter().flatten().enumerate().map(move |(place, who)| PersonExplained {
            representative: *who,
            full_name: full_name(book, *who),
            hindrance: self.hindrance(place, *who),
        })
    }

    /// Somebody, as they would be when the item has come.
    fn person(&self, who: RepresentativeId) -> Option<Cow<'a, Representative>> {
        let known = self.book.representatives.get(&who)?;
        if !self.passed.contains(&who) {
            return Some(Cow::Borrowed(known));
        }
        let mut crowded = known.clone();
        crowded.crowded = true;
        Some(Cow::Owned(crowded))
    }

    /// The first test that somebody fails, in the order in which people think of them.
    fn hindrance(&self, member: usize, who: RepresentativeId) -> Option<Hindrance> {
        let Self { book, index, item, .. } = *self;
        let (Some(representative), Some(entry)) = (self.person(who), index.representatives.get(&who)) else {
            return Some(Hindrance::new("They are not in the settings.", "Add them."));
        };
        if !representative.is_connected() {
            return Some(Hindrance::new("They are not signed in.", "They open their console."));
        }
        if item.was_declined_by_all() {
            return Some(Hindrance::new(
                "A hundred have declined it, so it is offered to nobody any more.",
                "Somebody picks it, or a supervisor assigns it.",
            ));
        }
        if item.waits_for_certain_people_alone() && !item.wishes().contains(&who) {
            return Some(Hindrance::new(
                "The customer prefers others, and the workstream waits for them.",
                "Let the workstream go on to the next best.",
            ));
        }
        let class = self.class?;
        if item.declines_of(who) >= class.terms.offers_per_representative {
            return Some(Hindrance::new(
                "They declined it, or let it run out, as often as it is offered to one person.",
                "They can still pick it, or the workstream offers work more often.",
            ));
        }
        let closeness = class.kind.requires.closeness(&entry.skills);
        let mut first = None;
        for (level, rule) in class.terms.levels.iter().enumerate() {
            let place = Place { class: ClassNumber::NONE, level, member, closeness, rank: None };
            let given = book.given();
            let person = Person::new(&representative, entry, &class.kind.requires);
            let meeting = Meeting { given: &given, class, place: &place, person };
            match class.terms.obstacle(rule, &meeting) {
                None => return None,
                Some(obstacle) => {
                    let said = say(&obstacle, &meeting);
                    first.get_or_insert(said);
                }
            }
        }
        let nothing_fits = || {
            Hindrance::new("No ruleset of the queue fits it.", "Add a ruleset whose condition holds for it.")
        };
        Some(first.unwrap_or_else(nothing_fits))
    }
}

fn say(obstacle: &Obstacle<'_>, meeting: &Meeting<'_>) -> Hindrance {
    match obstacle {
        Obstacle::Presence(_) if meeting.person.representative.crowded => {
            say(&Obstacle::Capacity { remaining: 0 }, meeting)
        }
        Obstacle::Presence(_) if meeting.person.representative.standing.is_none() => {
            let remaining = meeting.person.representative.remaining(&meeting.person.entry.load);
            Hindrance::new(
                format!("They have no capacity left for it: {remaining} units."),
                "They close something, or get more capacity.",
            )
        }
        Obstacle::Presence(_) => {
            let base = meeting.person.shown.base.name();
            Hindrance::new(
                format!("Their presence ({base}) is not one that the workstream allows."),
                "They change their presence, or the workstream allows it.",
            )
        }
        Obstacle::Capacity { .. } if meeting.person.representative.crowded => Hindrance::new(
            "They have as many sessions open as a desk holds.",
            "They close something, or the organisation allows more sessions.",
        ),
        Obstacle::Capacity { remaining } => Hindrance::new(
            format!("They have not enough capacity left: {remaining} units, or no free place in a profile."),
            "They close something, or get more capacity.",
        ),
        Obstacle::Pick => Hindrance::new(
            "The workstream lets representatives take work by hand.",
            "Somebody picks it, or the workstream pushes work.",
        ),
        Obstacle::Skills => Hindrance::new(
            "They do not have every skill that it requires at the level that it requires.",
            "They get the skill, or the workstream matches the closest.",
        ),
        Obstacle::CustomSkill(field) => Hindrance::new(
            format!(
                "They do not have the skill that the conversation names in \u{201c}{field}\u{201d}, or it names none."
            ),
            "They get the skill, the conversation names one that they have, or a looser rule follows.",
        ),
        Obstacle::Rule(rule) => {
            let path = rule.explain(meeting).map(|why| why.path).unwrap_or_default();
            Hindrance::new(
                format!("The queue's own rule does not hold for them, at \u{201c}{path}\u{201d}."),
                "Change the rule or what it asks about them.",
            )
        }
    }
}
