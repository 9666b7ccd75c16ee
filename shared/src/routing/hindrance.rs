//! Why somebody is not offered what waits, and what would have to change (reference sections 16.2, 16.6, 16.7 and 28).
//!
//! The tests are those by which offers are made, asked again one after the other: an explanation cannot say anything else
//! than what happens.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use super::assignment::{Unfulfilled, unfulfilled};
use super::class::{ClassNumber, Place};
use super::diagnostics::{Case, full_name};
use super::eligibility::{Meeting, Obstacle, Person};
use super::representative::Representative;
use super::representative_index::RepresentativeIndex;
use super::work::Stage;
use crate::id::RepresentativeId;
use crate::protocol::insight::{Hindrance, PersonExplained};

impl Hindrance {
    fn new(why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { why: why.into(), remedy: remedy.into() }
    }
}

impl<'a> Case<'a> {
    /// Who could be asked about an item that waits: those for whom it asks although they are not in its queue, and everybody
    /// in the queue with their place there.
    pub(super) fn candidates(&self) -> impl Iterator<Item = (Option<usize>, RepresentativeId)> + 'a {
        let Self { book, item, .. } = *self;
        let queue = item.queue.filter(|_| item.stage == Stage::Open);
        let queue = queue.and_then(|queue| book.queues.get(&queue));
        let wished = queue.into_iter().flat_map(|queue| {
            let others = item.wishes().iter().filter(|who| !queue.members.contains(who));
            others.map(|who| (None, *who))
        });
        let members = queue.into_iter().flat_map(|queue| queue.members.iter().enumerate());
        wished.chain(members.map(|(place, who)| (Some(place), *who)))
    }

    /// The same, and what keeps each of them from it.
    pub(super) fn people(&self) -> impl Iterator<Item = PersonExplained> + '_ {
        self.candidates().map(|(place, who)| PersonExplained {
            representative: who,
            full_name: full_name(self.book, who),
            hindrance: self.hindrance(place, who),
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

    /// The first test that somebody fails, in the order in which people think of them. Whoever stands on no list of the
    /// queue is there because the customer asks for them.
    fn hindrance(&self, member: Option<usize>, who: RepresentativeId) -> Option<Hindrance> {
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
        if item.wishes().contains(&who) {
            let wish = unfulfilled(book, item, &representative, entry)?;
            if member.is_none() || item.waits_for_certain_people_alone() {
                return Some(say_of_wish(wish, &representative, entry));
            }
        } else if item.waits_for_certain_people_alone() {
            return Some(Hindrance::new(
                "The customer prefers others, and the workstream waits for them.",
                "Let the workstream go on to the next best.",
            ));
        }
        self.hindrance_of_method(member?, who, &representative)
    }

    /// The first test of the queue's method that a member fails.
    fn hindrance_of_method(
        &self,
        member: usize,
        who: RepresentativeId,
        representative: &Representative,
    ) -> Option<Hindrance> {
        let Self { book, index, item, .. } = *self;
        let entry = index.representatives.get(&who)?;
        let Some(class) = self.class else {
            return Some(Hindrance::new(
                "The settings do not know its workstream.",
                "A supervisor closes it, or the workstream comes back.",
            ));
        };
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
            let person = Person::new(representative, entry, &class.kind.requires);
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

/// Why somebody whom the item asks for by name is not asked.
fn say_of_wish(wish: Unfulfilled, representative: &Representative, entry: &RepresentativeIndex) -> Hindrance {
    match wish {
        Unfulfilled::Pick => by_hand(),
        Unfulfilled::Presence => not_allowed(representative, entry),
        Unfulfilled::Crowded => crowded(),
        Unfulfilled::Declined => Hindrance::new(
            "They declined it, or let it run out, and whoever a customer asks for is asked once.",
            "A supervisor assigns it to them, or the workstream goes on to the next best.",
        ),
    }
}

/// What keeps a member from it.
fn say(obstacle: &Obstacle<'_>, meeting: &Meeting<'_>) -> Hindrance {
    let Person { representative, entry, .. } = meeting.person;
    match obstacle {
        Obstacle::Presence | Obstacle::Capacity if representative.crowded => crowded(),
        // A presence that nobody chose follows from capacity: where that is gone, it is the cause.
        Obstacle::Presence if representative.standing.is_none() && !meeting.has_room() => no_room(meeting),
        Obstacle::Presence if representative.standing.is_none() => Hindrance::new(
            format!(
                "Their work makes their presence {}, which is not one that the workstream allows.",
                presence(representative, entry)
            ),
            "They close something, or the workstream allows this presence.",
        ),
        Obstacle::Presence => not_allowed(representative, entry),
        Obstacle::Capacity => no_room(meeting),
        Obstacle::Pick => by_hand(),
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

fn by_hand() -> Hindrance {
    Hindrance::new(
        "The workstream lets representatives take work by hand.",
        "Somebody picks it, or the workstream pushes work.",
    )
}

fn crowded() -> Hindrance {
    Hindrance::new(
        "They have as many sessions open as a desk holds.",
        "They close something, or the organisation allows more sessions.",
    )
}

/// Units are named where they are what is missing.
fn no_room(meeting: &Meeting<'_>) -> Hindrance {
    let Person { representative, entry, .. } = meeting.person;
    let (remaining, cost) = (representative.remaining(&entry.load), meeting.class.terms.cost());
    let why = if cost > 0 && remaining < cost {
        format!("They have not enough capacity left for it: {remaining} of the {cost} units that it takes.")
    } else {
        "They have no free place in a capacity profile.".into()
    };
    Hindrance::new(why, "They close something, or get more capacity.")
}

fn not_allowed(representative: &Representative, entry: &RepresentativeIndex) -> Hindrance {
    let presence = presence(representative, entry);
    if !representative.shown(&entry.load).can_be_offered() {
        return Hindrance::new(
            format!("Their presence ({presence}) is one in which nobody is offered work."),
            "They change their presence.",
        );
    }
    Hindrance::new(
        format!("Their presence ({presence}) is not one that the workstream allows."),
        "They change their presence, or the workstream allows it.",
    )
}

/// What somebody's presence is called: as the organisation calls it, if it made it up.
fn presence(representative: &Representative, entry: &RepresentativeIndex) -> String {
    let shown = representative.shown(&entry.load);
    let standing = representative.standing.as_ref().filter(|standing| standing.presence == shown.presence);
    let made_up = standing.and_then(|standing| standing.text.as_ref());
    made_up.map_or_else(|| shown.base.name().replace('_', " "), |text| text.as_str().into())
}
