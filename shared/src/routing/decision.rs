//! What is found out about an item, and where it goes: classification, route to queue, overflow (reference sections 14 and
//! 19). A function of the settings, the item, the clock and how full the queues are; it changes nothing.

use alloc::boxed::Box;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::book::Book;
use super::capacity::profiles_of;
use super::facts::{FactList, ItemView, QueueView};
use super::index::Index;
use super::requirements::{Level, Requirements, Skills};
use super::rulebook::{QueueRules, Rulebook, WorkstreamRules};
use super::work::{PRIORITY_USUAL, Precedence, WorkItem};
use crate::condition::{Facts as _, Field, Predicate, Value, ValueRef};
use crate::id::{ConversationId, QueueId, SkillId};
use crate::settings::{Outcome, OverflowAction, OverflowCause, Queue, Route, Workstream};
use crate::time::{Span, Timestamp};

/// Everything that is decided about an item before somebody is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// What it is.
    pub(super) findings: Findings,
    /// Where it goes.
    pub(super) verdict: Verdict,
    /// Routes that matched but whose queues overflowed.
    pub(super) overflowing: Vec<u16>,
    /// What sent it there.
    pub(super) by: SentBy,
}

/// What classification finds out about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Findings {
    /// Variables that it set.
    pub(super) set: FactList,
    pub(super) requires: Requirements,
    pub(super) priority: u16,
    /// Of each ruleset the rule that was applied, if one matched.
    pub(super) classified: Vec<Option<u16>>,
}

/// Where an item goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Into this queue.
    Queue(QueueId),
    /// Nowhere yet: no settings have a place for it.
    Parked,
    /// Into no queue, because this one overflows.
    Refused(QueueId, OverflowAction),
}

/// By which rules an item came where it is; rules are numbered from 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Path {
    /// Of each ruleset of classification the rule that was applied, if one matched.
    pub(super) classified: Vec<Option<u16>>,
    /// Routes that matched but whose queues overflowed.
    pub(super) overflowing: Vec<u16>,
    /// What sent it there.
    pub(super) by: SentBy,
    /// The route that was applied, whatever has moved it since.
    pub(super) route: Option<u16>,
    /// When the rules of classification were looked at.
    pub(super) classified_at: Timestamp,
    /// When the routes were.
    pub(super) routed_at: Timestamp,
}

/// What sent an item to its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum SentBy {
    /// No rule of its workstream matched, or evaluation failed.
    #[default]
    Fallback,
    /// This route.
    Route(u16),
    /// Overflow of the queue for which it was meant.
    Overflow(QueueId),
    /// Somebody moved it.
    Hand,
}

/// How the custom rules of a queue see an item; items that they see alike are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Selection {
    /// Which of the queue's rulesets counts; none if none fits.
    pub(super) choice: Option<u16>,
    /// What the rules ask of it.
    pub(super) asked: FactList,
}

/// Decides about an item from the beginning.
pub(super) fn decide(
    book: &Book,
    index: &Index,
    now: Timestamp,
    conversation: ConversationId,
    item: &WorkItem,
) -> Decision {
    let findings = classify(book, &index.rules, now, item);
    let (verdict, overflowing, by) = (Verdict::Parked, Vec::new(), SentBy::Fallback);
    let mut decision = Decision { findings, verdict, overflowing, by };
    let Some(workstream) = book.workstreams.get(&item.workstream) else { return decision };
    let none = WorkstreamRules::default();
    let rules = index.rules.workstream(item.workstream).unwrap_or(&none);
    let scene =
        Scene { book, index, now, conversation, item, workstream, rules, findings: &decision.findings };
    let way = scene.route();
    (decision.verdict, decision.overflowing, decision.by) = (way.verdict, way.overflowing, way.by);
    decision
}

/// Finds out what an item is: of each ruleset the first rule that matches is applied, before the next ruleset is looked at.
/// It costs as much as there are rules, wherever else work waits.
pub(super) fn classify(book: &Book, rules: &Rulebook, now: Timestamp, item: &WorkItem) -> Findings {
    let mut findings = Findings::to_begin_with(book, item);
    let Some(workstream) = book.workstreams.get(&item.workstream) else { return findings };
    let rulesets = rules.workstream(item.workstream).map(|rules| rules.rulesets.as_slice());
    for (ruleset, predicates) in workstream.classification.iter().zip(rulesets.unwrap_or_default()) {
        let holds = |predicate: &Option<Predicate>| {
            let view = || findings.view(rules, now, item, workstream, None);
            predicate.as_ref().is_some_and(|predicate| predicate.holds(&view()))
        };
        let first = predicates.iter().position(holds);
        findings.classified.push(first.and_then(|place| u16::try_from(place).ok()));
        let rule = first.and_then(|place| ruleset.rules.get(place));
        for outcome in rule.into_iter().flat_map(|rule| &rule.then) {
            findings.apply(book, outcome);
        }
    }
    findings
}

/// What an item asks for before any rule is looked at.
fn skills_to_begin_with(book: &Book, item: &WorkItem) -> Skills {
    let mut skills = book.levels_of(&item.skills);
    for (skill, level) in item.kept.iter().filter(|(skill, _)| book.skills.contains_key(skill)) {
        ask_for(&mut skills, *skill, *level);
    }
    skills
}

/// A skill is asked for at this level at least.
fn ask_for(skills: &mut Skills, skill: SkillId, level: Level) {
    match skills.binary_search_by_key(&skill, |(skill, _)| *skill) {
        Ok(place) => {
            if let Some((_, known)) = skills.get_mut(place) {
                *known = level.max(*known);
            }
        }
        Err(place) => skills.insert(place, (skill, level)),
    }
}

impl Findings {
    /// What is known of an item before any rule is looked at.
    pub(super) fn to_begin_with(book: &Book, item: &WorkItem) -> Self {
        let workstream = book.workstreams.get(&item.workstream);
        let matching = workstream.map_or(item.requires.matching, |workstream| workstream.skill_matching);
        let skills = skills_to_begin_with(book, item);
        Self {
            set: FactList::default(),
            requires: Requirements { skills, matching, profiles: Vec::new() },
            priority: PRIORITY_USUAL,
            classified: Vec::new(),
        }
    }

    /// The item, as it is seen with these.
    pub(super) fn view<'v>(
        &'v self,
        rules: &'v Rulebook,
        now: Timestamp,
        item: &'v WorkItem,
        workstream: &'v Workstream,
        queue: Option<QueueView<'v>>,
    ) -> ItemView<'v> {
        ItemView {
            now,
            rules,
            item,
            workstream,
            set: &self.set,
            skills: &self.requires.skills,
            profiles: profiles_of(workstream, &self.requires),
            priority: self.priority,
            queue,
            person: None,
        }
    }

    /// A rule says this.
    pub(super) fn apply(&mut self, book: &Book, outcome: &Outcome) {
        match outcome {
            Outcome::Variable { name, value } => {
                self.set.set(Field::Context(name.clone()), Value::Text(value.clone()));
            }
            Outcome::Skill(rated) => {
                for (skill, level) in book.levels_of(core::slice::from_ref(rated)) {
                    ask_for(&mut self.requires.skills, skill, level);
                }
            }
            Outcome::SkillMatching(matching) => self.requires.matching = *matching,
            Outcome::Priority(priority) => self.priority = *priority,
            Outcome::Profile(profile) => {
                let profiles = &mut self.requires.profiles;
                if let Err(place) = profiles.binary_search(profile) {
                    profiles.insert(place, *profile);
                }
            }
        }
    }
}

struct Scene<'a> {
    book: &'a Book,
    index: &'a Index,
    now: Timestamp,
    conversation: ConversationId,
    item: &'a WorkItem,
    workstream: &'a Workstream,
    rules: &'a WorkstreamRules,
    findings: &'a Findings,
}

/// Where an item goes, and what sent it there.
struct Way {
    verdict: Verdict,
    overflowing: Vec<u16>,
    by: SentBy,
}

impl<'a> Scene<'a> {
    pub(super) fn view<'v>(&'v self, queue: Option<QueueView<'v>>) -> ItemView<'v> {
        self.findings.view(&self.index.rules, self.now, self.item, self.workstream, queue)
    }

    fn holds(&self, predicate: Option<&Predicate>) -> bool {
        predicate.is_some_and(|predicate| predicate.holds(&self.view(None)))
    }

    /// The first route that matches and whose queue does not overflow; if all that match overflow, what overflow says of
    /// the first that is open, or else of the one that opens first (reference section 19.1); if none matches, the fallback,
    /// which never overflows.
    fn route(&self) -> Way {
        let mut overflowing: Vec<(u16, &'a Queue, Overflowing)> = Vec::new();
        for (number, route) in self.workstream.routes.iter().enumerate() {
            let predicate = self.rules.routes.get(number).and_then(Option::as_ref);
            let Some(queue) = self.chosen(route).filter(|_| self.holds(predicate)) else { continue };
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            match self.overflow_of(queue, route.overflow.as_ref()) {
                None => {
                    let overflowing = overflowing.iter().map(|(number, ..)| *number).collect();
                    return Way { verdict: Verdict::Queue(queue.id), overflowing, by: SentBy::Route(number) };
                }
                Some(cause) => overflowing.push((number, queue, cause)),
            }
        }
        let opens = |(_, queue, _): &&(u16, &Queue, Overflowing)| self.opens_next(queue);
        let is_open = |(.., cause): &&(u16, &Queue, Overflowing)| cause.is_open;
        let first = overflowing.iter().find(is_open).or_else(|| overflowing.iter().min_by_key(opens));
        let (by, verdict) = match first {
            Some((number, queue, cause)) => self.overflow(*number, queue, &cause.action),
            None => (SentBy::Fallback, self.fall_back()),
        };
        Way { verdict, overflowing: overflowing.iter().map(|(number, ..)| *number).collect(), by }
    }

    fn fall_back(&self) -> Verdict {
        let fallback = self.book.queues.get(&self.workstream.fallback);
        let kind = self.workstream.channel.queue_kind();
        // A fallback that is gone is replaced by the default queue of the kind.
        let default = || self.book.queues.values().find(|queue| queue.default && queue.kind == kind);
        fallback.or_else(default).map_or(Verdict::Parked, |queue| Verdict::Queue(queue.id))
    }

    fn overflow(&self, route: u16, queue: &Queue, action: &OverflowAction) -> (SentBy, Verdict) {
        match action {
            OverflowAction::AssignAnyway => (SentBy::Route(route), Verdict::Queue(queue.id)),
            OverflowAction::Transfer(targets) => {
                let free = targets.iter().filter_map(|target| self.book.queues.get(target));
                let free = free.filter(|target| self.overflow_of(target, None).is_none());
                match free.map(|target| target.id).min_by_key(|target| self.others_waiting(*target)) {
                    Some(target) => (SentBy::Overflow(queue.id), Verdict::Queue(target)),
                    None => (SentBy::Route(route), Verdict::Queue(queue.id)),
                }
            }
            other => (SentBy::Route(route), Verdict::Refused(queue.id, other.clone())),
        }
    }

    /// The queue that this route means for this item: shares are dealt by its id, so that the same item always gets the
    /// same.
    fn chosen(&self, route: &Route) -> Option<&'a Queue> {
        let mut place = deal(self.conversation);
        let share = route.queues.iter().find(|share| {
            let within = place < share.percent;
            place = place.saturating_sub(share.percent);
            within
        });
        self.book.queues.get(&share?.queue)
    }

    /// Why work cannot enter this queue now, if it cannot.
    fn overflow_of(&self, queue: &Queue, instead: Option<&OverflowAction>) -> Option<Overflowing> {
        if queue.overflow.is_empty() {
            return None;
        }
        let none = QueueRules::default();
        let rules = self.index.rules.queue(queue.id).unwrap_or(&none);
        let mut view = self.index.queue_view(self.book, queue, self.now);
        view.waiting = self.others_waiting(queue.id);
        view.estimate = self.estimate(queue.id, view.waiting);
        let is_open = queue.hours.is_none_or(|hours| self.index.rules.is_open(hours, self.now));
        let closed = queue.overflow.iter().find(|rule| rule.when == OverflowCause::OutOfHours && !is_open);
        let full = || {
            queue.overflow.iter().zip(&rules.overflow).find(|(rule, predicate)| match &rule.when {
                OverflowCause::OutOfHours => false,
                OverflowCause::ItemsWaiting(limit) => {
                    view.waiting >= usize::try_from(*limit).unwrap_or(usize::MAX)
                }
                OverflowCause::Condition(_) => {
                    predicate.as_ref().is_some_and(|predicate| predicate.holds(&self.view(Some(view))))
                }
            })
        };
        let rule = closed.or_else(|| full().map(|(rule, _)| rule))?;
        let action = instead.unwrap_or(&rule.action).clone();
        Some(Overflowing { is_open, action })
    }

    /// How many wait in a queue beside the item itself, which may be there already.
    fn others_waiting(&self, queue: QueueId) -> usize {
        let all = self.index.queues.get(&queue).map_or(0, |queue| queue.tally.unanswered());
        let there = self.book.items.get(&self.conversation);
        let itself = there.is_some_and(|item| item.queue == Some(queue) && item.waits());
        all.saturating_sub(usize::from(itself))
    }

    /// How long this item will wait in a queue where so many others do.
    fn estimate(&self, queue: QueueId, waiting: usize) -> Option<Span> {
        self.index.expected_wait(self.book, queue, &self.findings.requires, waiting, self.now)
    }

    fn opens_next(&self, queue: &Queue) -> Timestamp {
        let calendar = queue.hours.and_then(|hours| self.index.rules.calendars.get(&hours));
        let opens = calendar.map_or(Some(self.now), |calendar| calendar.opens_next(self.now));
        opens.unwrap_or(Timestamp::from_millis(u64::MAX))
    }
}

/// Why work cannot enter a queue, and what is done about it.
struct Overflowing {
    /// Whether the queue is within its hours all the same.
    is_open: bool,
    action: OverflowAction,
}

/// The queue in which the fewest wait; of several the first.
pub(super) fn emptiest(index: &Index, queues: impl Iterator<Item = QueueId>) -> Option<QueueId> {
    queues.min_by_key(|queue| index.queues.get(queue).map_or(0, |queue| queue.tally.unanswered()))
}

/// A number from 0 to 99 that follows from the id and is spread evenly.
pub(super) fn deal(conversation: ConversationId) -> u8 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in conversation.as_bytes() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    // The low bits of this hash follow the last byte alone: fold the high ones in.
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 32;
    u8::try_from(hash % 100).unwrap_or(0)
}

/// How an item stands in a queue: its bucket, and how the queue's rules about people see it.
pub(super) fn stand(
    book: &Book,
    rules: &Rulebook,
    now: Timestamp,
    item: &WorkItem,
    queue: QueueId,
) -> (Precedence, Option<Box<Selection>>) {
    let nowhere = (Precedence::default(), None);
    let Some(settings) = book.queues.get(&queue) else { return nowhere };
    let Some(of_queue) = rules.queue(queue) else { return nowhere };
    let Some(workstream) = book.workstreams.get(&item.workstream) else { return nowhere };
    let custom = of_queue.are_custom();
    if settings.buckets.is_empty() && !custom {
        return nowhere;
    }
    let view = ItemView::of(item, workstream, rules, now);
    let precedence = precedence(settings, of_queue, &view);
    let selection = custom.then(|| {
        let fits = |choice: &super::rulebook::Choice| {
            choice.when.as_ref().is_none_or(|predicate| predicate.holds(&view))
        };
        let choice = of_queue.choices.iter().position(fits).and_then(|place| u16::try_from(place).ok());
        let mut asked = FactList::default();
        for field in &of_queue.asked_of_items {
            if let Some(value) = view.value(field) {
                asked.set(field.clone(), value.to_value());
            }
        }
        Box::new(Selection { choice, asked })
    });
    (precedence, selection)
}

fn precedence(queue: &Queue, rules: &QueueRules, view: &ItemView<'_>) -> Precedence {
    let mut buckets = queue.buckets.iter().zip(&rules.buckets).enumerate();
    let found = buckets.find(|(_, (_, when))| when.as_ref().is_some_and(|predicate| predicate.holds(view)));
    let Some((place, (bucket, _))) = found else {
        let bucket = u16::try_from(queue.buckets.len()).unwrap_or(u16::MAX);
        return Precedence { bucket, sort: 0 };
    };
    let sort = bucket.order_by.as_ref().map_or(0, |order| {
        let key = view.value(&order.field).and_then(sort_key);
        key.map_or(i64::MAX, |key| if order.descending { key.saturating_neg() } else { key })
    });
    Precedence { bucket: u16::try_from(place).unwrap_or(u16::MAX), sort }
}

/// A whole number in the same order as the value; none if the value has no order.
pub(super) fn sort_key(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Number(number) => {
            // The bits of floating point numbers are in their order, the negative ones backwards.
            let bits = number.get().to_bits().cast_signed();
            Some(if bits < 0 { i64::MIN - bits } else { bits })
        }
        ValueRef::Moment(moment) => i64::try_from(moment.as_millis()).ok(),
        ValueRef::Span(span) => i64::try_from(span.as_millis()).ok(),
        ValueRef::TimeOfDay(time) => Some(time.minutes().into()),
        ValueRef::Boolean(boolean) => Some(boolean.into()),
        _ => None,
    }
}
