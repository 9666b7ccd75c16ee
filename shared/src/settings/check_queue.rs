//! Whether queues hold together: members, hours, overflow, rules of their own.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::check::Faults;
use super::{
    AssignmentOrder, AssignmentRule, AssignmentRuleset, CustomSkill, Method, OverflowAction, OverflowCause,
    Queue, QueueKind, Schemas, Settings, Skill,
};
use crate::condition::{
    Comparison, Condition, Field, FieldType, Literal, Operand, Predicate, QueueField, Schema,
};
use crate::hours::WallClock;
use crate::id::{OperatingHoursId, QueueId};
use crate::limit::{ITEMS_WAITING_MAX, RULES_MAX};
use crate::time::Span;

/// What is said of a time zone that does not exist.
pub(super) const NO_SUCH_ZONE: &str = "There is no such time zone. Write a name such as Europe/Berlin.";

impl Settings {
    /// What several parts of the settings share: hours, the clock, attributes, default queues, chains of overflow.
    pub(super) fn check_shared(&self, faults: &mut Faults) {
        faults.unique("hours", self.hours.iter().map(|hours| hours.id));
        for (index, hours) in self.hours.iter().enumerate() {
            faults.extend(hours.check(&format!("hours[{index}]")));
        }
        let zone = self.time_zone.as_deref().is_none_or(|zone| WallClock::of_zone(zone).is_some());
        faults.require(zone, || String::from("time_zone"), NO_SUCH_ZONE);
        let mut schema = Schema::of_items();
        for (index, attribute) in self.attributes.iter().enumerate() {
            let declared = schema.declare(attribute.field.clone(), attribute.kind.field_type());
            let fits = declared.is_ok() && matches!(attribute.field, Field::Attribute(_));
            faults.require(
                fits,
                || format!("attributes[{index}].field"),
                "Write a new name on contact, account, case or representative, such as contact.tier.",
            );
        }
        let defaults = self.queues.iter().filter(|queue| queue.default);
        faults.unique("queues.default", defaults.map(|queue| queue.kind));
        for (index, representative) in self.representatives.iter().enumerate() {
            self.check_hours(faults, &format!("representatives[{index}].hours"), representative.hours);
        }
        self.check_cycles(faults);
    }

    pub(super) fn check_queue(&self, faults: &mut Faults, path: &str, queue: &Queue, schemas: Schemas<'_>) {
        // The reference product lets chats die in a queue without people (reference section 13, design note).
        faults.require(
            !queue.members.is_empty() || queue.default,
            || format!("{path}.members"),
            "Add at least one representative.",
        );
        faults.unique(&format!("{path}.members"), queue.members.iter().copied());
        for (index, member) in queue.members.iter().enumerate() {
            let known = schemas.items.knows((*member).into());
            faults.require(known, || format!("{path}.members[{index}]"), "There is no such representative.");
        }
        self.check_hours(faults, &format!("{path}.hours"), queue.hours);
        faults.unique(&format!("{path}.supervisors"), queue.supervisors.iter().copied());
        faults.require(
            queue.service_level >= Span::from_secs(1) && queue.service_level <= Span::from_secs(24 * 3_600),
            || format!("{path}.service_level"),
            "The longest wait that is still in time is 1 second to 24 hours.",
        );
        faults.require(
            queue.short_abandon <= Span::from_secs(3_600),
            || format!("{path}.short_abandon"),
            "Whoever leaves within 60 minutes at most can count as not having given up.",
        );
        self.check_overflow(faults, path, queue, schemas.overflow);
        check_buckets(faults, &format!("{path}.buckets"), queue, schemas.items);
        if let Method::Custom(rulesets) = &queue.method {
            self.check_custom(faults, &format!("{path}.method.custom"), rulesets, schemas);
        }
    }

    pub(super) fn check_hours(&self, faults: &mut Faults, path: &str, hours: Option<OperatingHoursId>) {
        let known = hours.is_none_or(|id| self.hours.iter().any(|hours| hours.id == id));
        faults.require(known, || String::from(path), "There are no such operating hours.");
    }

    fn check_overflow(&self, faults: &mut Faults, path: &str, queue: &Queue, schema: &Schema) {
        let mut predicates = Vec::new();
        for (index, rule) in queue.overflow.iter().enumerate() {
            let path = format!("{path}.overflow[{index}]");
            predicates.push(predicate_of(&rule.when, schema));
            match &rule.when {
                OverflowCause::OutOfHours => faults.warn(
                    queue.hours.is_some(),
                    || format!("{path}.when"),
                    "The queue has no operating hours, so it is never closed.",
                ),
                // Reference section 19.1. Of calls and records it says nothing.
                OverflowCause::ItemsWaiting(limit) if queue.kind == QueueKind::Messaging => faults.require(
                    (1..=ITEMS_WAITING_MAX).contains(limit),
                    || format!("{path}.when"),
                    "The limit is 1 to 100 items that wait. A condition on queue.waiting_items can ask for more.",
                ),
                OverflowCause::ItemsWaiting(limit) => faults.require(
                    *limit > 0,
                    || format!("{path}.when"),
                    "At least one item must be allowed to wait.",
                ),
                OverflowCause::Condition(condition) => {
                    faults.condition(&format!("{path}.when.condition"), condition, schema);
                }
            }
            let path = format!("{path}.action");
            self.check_overflow_action(faults, &path, &rule.action, queue.kind, Some(queue.id));
        }
        // Closed hours are looked at before everything else, and only once.
        let is_closed = |place: usize| {
            queue.overflow.get(place).is_some_and(|rule| rule.when == OverflowCause::OutOfHours)
        };
        faults.warn_of_unreachable(
            &predicates,
            |earlier, later| is_closed(earlier) == is_closed(later),
            |index| format!("{path}.overflow[{index}]"),
        );
        if let Some(wait) = &queue.long_wait {
            // Reference section 19.2.
            let (least, most, limits) = match queue.kind {
                QueueKind::Messaging => (60, 2 * 24 * 3_600, "Messages may wait 1 minute to 2 days."),
                QueueKind::Voice => (60, 3_600, "Calls may wait 1 to 60 minutes."),
                QueueKind::Record => (3 * 60, 2 * 24 * 3_600, "Records may wait 3 minutes to 2 days."),
            };
            faults.require(
                wait.longer_than >= Span::from_secs(least) && wait.longer_than <= Span::from_secs(most),
                || format!("{path}.long_wait.longer_than"),
                limits,
            );
            let path = format!("{path}.long_wait.action");
            self.check_overflow_action(faults, &path, &wait.action, queue.kind, Some(queue.id));
        }
    }

    pub(super) fn check_overflow_action(
        &self,
        faults: &mut Faults,
        path: &str,
        action: &OverflowAction,
        kind: QueueKind,
        from: Option<QueueId>,
    ) {
        match action {
            OverflowAction::AssignAnyway | OverflowAction::End => {}
            OverflowAction::Voicemail | OverflowAction::Callback | OverflowAction::ExternalNumber(_) => {
                faults.require(
                    kind == QueueKind::Voice,
                    || String::from(path),
                    "This is possible for calls alone.",
                );
            }
            OverflowAction::Transfer(targets) => {
                faults.require(
                    !targets.is_empty(),
                    || format!("{path}.transfer"),
                    "Name at least one queue.",
                );
                for (index, target) in targets.iter().enumerate() {
                    let queue = self.queue(*target);
                    let path = format!("{path}.transfer[{index}]");
                    faults.require(queue.is_some(), || path.clone(), "There is no such queue.");
                    faults.require(
                        queue.is_none_or(|queue| queue.kind == kind),
                        || path.clone(),
                        "This queue is for another kind of work.",
                    );
                    faults.require(Some(*target) != from, || path, "This is the queue that overflows.");
                }
            }
        }
    }

    /// Work that has waited too long must not come back to where it was. Before it enters, it is sent on once at most, so
    /// there a circle is no fault, but hardly of use.
    fn check_cycles(&self, faults: &mut Faults) {
        for (index, queue) in self.queues.iter().enumerate() {
            let waited = queue.long_wait.iter().flat_map(|wait| targets(&wait.action));
            let later = |queue: &Queue| {
                queue.long_wait.iter().flat_map(|wait| targets(&wait.action)).collect::<Vec<_>>()
            };
            faults.require(
                !self.leads_to(waited, queue.id, later),
                || format!("queues[{index}].long_wait.action"),
                "Work that has waited too long comes back to this queue in the end. Break the circle.",
            );
            for (place, rule) in queue.overflow.iter().enumerate() {
                let before = |queue: &Queue| {
                    queue.overflow.iter().flat_map(|rule| targets(&rule.action)).collect::<Vec<_>>()
                };
                faults.warn(
                    !self.leads_to(targets(&rule.action), queue.id, before),
                    || format!("queues[{index}].overflow[{place}].action"),
                    "These queues overflow into each other: when all are full, work stays in the first.",
                );
            }
        }
    }

    /// Whether one comes to a queue from others by going on and on.
    fn leads_to(
        &self,
        from: impl Iterator<Item = QueueId>,
        to: QueueId,
        on: impl Fn(&Queue) -> Vec<QueueId>,
    ) -> bool {
        let mut seen = BTreeSet::new();
        let mut ahead: Vec<QueueId> = from.collect();
        while let Some(next) = ahead.pop() {
            if seen.insert(next) {
                ahead.extend(self.queue(next).into_iter().flat_map(&on));
            }
        }
        seen.contains(&to)
    }
}

/// When an overflow rule holds, to be compared with others; none if its condition is faulty. Closed hours always hold where
/// they are looked at.
fn predicate_of(when: &OverflowCause, schema: &Schema) -> Option<Predicate> {
    let condition = match when {
        OverflowCause::OutOfHours => Cow::Owned(Condition::default()),
        OverflowCause::ItemsWaiting(limit) => {
            let limit = Operand::Literal(Literal::Number((*limit).into()));
            let waiting = Field::Queue(QueueField::WaitingItems);
            Cow::Owned(Condition::Compare(waiting, Comparison::AtLeast(limit)))
        }
        OverflowCause::Condition(condition) => Cow::Borrowed(condition),
    };
    condition.compile(schema).ok()
}

/// Whether everybody whom a later rule finds is found by an earlier one, as far as that is not for their conditions to say.
fn finds_whom_it_finds(earlier: &AssignmentRule, later: &AssignmentRule) -> bool {
    earlier.any_presence >= later.any_presence
        && earlier.any_skills >= later.any_skills
        && (earlier.custom_skill.is_none() || earlier.custom_skill == later.custom_skill)
}

/// To which queues overflow sends work.
fn targets(action: &OverflowAction) -> impl Iterator<Item = QueueId> + '_ {
    let targets = match action {
        OverflowAction::Transfer(targets) => targets.as_slice(),
        _ => &[],
    };
    targets.iter().copied()
}

/// Whether a condition can begin or cease to hold by time alone.
fn asks_the_clock(predicate: &Predicate) -> bool {
    predicate.asks_for_hours() || predicate.fields().iter().any(|field| field.follows_the_clock())
}

fn check_buckets(faults: &mut Faults, path: &str, queue: &Queue, schema: &Schema) {
    faults.require(
        queue.buckets.len() <= RULES_MAX,
        || String::from(path),
        "A queue has at most 200 buckets.",
    );
    let mut predicates = Vec::new();
    for (index, bucket) in queue.buckets.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let predicate = faults.condition(&format!("{path}.when"), &bucket.when, schema);
        faults.require(
            !predicate.as_ref().is_some_and(asks_the_clock),
            || format!("{path}.when"),
            "The order of work is looked at when something happens to it, not when time passes. Leave the clock out.",
        );
        if let Some(order) = &bucket.order_by {
            let ordered = schema.field_type(&order.field).is_some_and(|known| known.is_ordered());
            faults.require(
                ordered && !order.field.follows_the_clock(),
                || format!("{path}.order_by.field"),
                "Choose a field that is a number, a moment or a length of time and does not follow the clock.",
            );
        }
        predicates.push(predicate);
    }
    faults.warn_of_unreachable(&predicates, |_, _| true, |index| format!("{path}[{index}]"));
}

impl Settings {
    fn check_custom(
        &self,
        faults: &mut Faults,
        path: &str,
        rulesets: &[AssignmentRuleset],
        schemas: Schemas<'_>,
    ) {
        faults.require(!rulesets.is_empty(), || String::from(path), "Give at least one ruleset.");
        let of_people = schemas.people;
        let mut selections = Vec::new();
        for (place, ruleset) in rulesets.iter().enumerate() {
            let path = format!("{path}[{place}]");
            let selection = faults.condition(&format!("{path}.when"), &ruleset.when, schemas.items);
            faults.require(
                !selection.as_ref().is_some_and(asks_the_clock),
                || format!("{path}.when"),
                "A ruleset is chosen when something happens to an item, not when time passes. Ask working_now in its rules.",
            );
            selections.push(selection);
            faults.require(
                (1..=RULES_MAX).contains(&ruleset.rules.len()),
                || format!("{path}.rules"),
                "A ruleset has 1 to 200 rules.",
            );
            let mut predicates = Vec::new();
            for (index, rule) in ruleset.rules.iter().enumerate() {
                let path = format!("{path}.rules[{index}]");
                let predicate = faults.condition(&format!("{path}.when"), &rule.when, of_people);
                let by_clock = predicate.as_ref().is_some_and(|predicate| {
                    predicate.fields().iter().any(|field| field.follows_the_clock())
                });
                predicates.push(predicate);
                faults.require(
                !by_clock,
                || format!("{path}.when"),
                "Ask working_now for the clock: people are chosen when something happens, not when time passes.",
            );
                self.check_custom_skill(faults, &format!("{path}.custom_skill"), rule, schemas.items);
                faults.require(
                    rule.order_by.len() <= 3,
                    || format!("{path}.order_by"),
                    "Order by at most three things.",
                );
                for (index, order) in rule.order_by.iter().enumerate() {
                    let (AssignmentOrder::Lowest(field) | AssignmentOrder::Highest(field)) = order else {
                        continue;
                    };
                    let number = of_people.field_type(field) == Some(FieldType::Number);
                    faults.require(
                        number && field.is_of_representative(),
                        || format!("{path}.order_by[{index}]"),
                        "Choose a number of the representative.",
                    );
                }
            }
            // A later rule is for those whom an earlier one does not find.
            let looser = |earlier: usize, later: usize| {
                let rules = ruleset.rules.get(earlier).zip(ruleset.rules.get(later));
                rules.is_some_and(|(earlier, later)| finds_whom_it_finds(earlier, later))
            };
            faults.warn_of_unreachable(&predicates, looser, |index| format!("{path}.rules[{index}]"));
        }
        faults.warn_of_unreachable(&selections, |_, _| true, |index| format!("{path}[{index}]"));
    }

    fn check_custom_skill(&self, faults: &mut Faults, path: &str, rule: &AssignmentRule, schema: &Schema) {
        let Some(CustomSkill { field, at_least }) = &rule.custom_skill else { return };
        let names = matches!(schema.field_type(field), Some(FieldType::Text | FieldType::Choice(_)));
        faults.require(
            names && !field.follows_the_clock(),
            || format!("{path}.field"),
            "Choose a text or an option set of the conversation, its customer or its case.",
        );
        let Some(least) = at_least else { return };
        let model = |skill: &Skill| self.rating_model(skill.model);
        let mut models = self.skills.iter().filter_map(model);
        faults.require(
            models.any(|model| model.levels.iter().any(|level| level.value >= *least)),
            || format!("{path}.at_least"),
            "No skill can be rated as high as this. Write a lower rating.",
        );
    }
}
