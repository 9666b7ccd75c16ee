//! Items that matching cannot tell apart, and the representatives who can take them.
//!
//! Items of one kind in one queue ask the same of a representative: the oldest of them stands for all, and whoever can
//! take one can take each. So a class is one waiting line and one ordered set of representatives, and an assignment is
//! the head of the one to the head of the other. What concerns one item and one person alone (declines, wishes) is kept
//! beside it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::{Equivalent, HashMap};

use super::decision::Selection;
use super::eligibility::{Given, Terms};
use super::line::Line;
use super::order::{Order, Rank};
use super::requirements::{Closeness, Requirements};
use super::rulebook::Rulebook;
use super::work::WorkItem;
use crate::id::{QueueId, RepresentativeId, WorkstreamId};

/// What makes items of a queue alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) workstream: WorkstreamId,
    pub(super) requires: Requirements,
    /// How the queue's own rules see it, if it has any.
    pub(super) selection: Option<Box<Selection>>,
}

/// The classes of a queue, by kind.
pub(super) type Kinds = HashMap<Kind, ClassNumber, FixedState>;

/// A kind that is borrowed from an item, to look its class up.
#[derive(Clone, Copy)]
pub(super) struct KindOf<'item>(pub(super) &'item WorkItem);

impl KindOf<'_> {
    /// The kind itself.
    pub(super) fn cloned(self) -> Kind {
        let Self(WorkItem { workstream, requires, selection, .. }) = self;
        Kind { workstream: *workstream, requires: requires.clone(), selection: selection.clone() }
    }
}

impl Equivalent<Kind> for KindOf<'_> {
    fn equivalent(&self, kind: &Kind) -> bool {
        let Self(WorkItem { workstream, requires, selection, .. }) = self;
        (workstream, requires, selection) == (&kind.workstream, &kind.requires, &kind.selection)
    }
}

impl Hash for KindOf<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_kind(self.0.workstream, &self.0.requires, self.0.selection.as_deref(), state);
    }
}

impl Hash for Kind {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_kind(self.workstream, &self.requires, self.selection.as_deref(), state);
    }
}

/// Of what the rules of a queue see of an item, if they see anything, texts are hashed: customers write some of them, and
/// a kind for each text must be found among thousands. The rest has few values, and tells kinds apart without a hash.
fn hash_kind(
    workstream: WorkstreamId,
    requires: &Requirements,
    selection: Option<&Selection>,
    state: &mut impl Hasher,
) {
    workstream.hash(state);
    for (skill, level) in &requires.skills {
        skill.hash(state);
        level.0.hash(state);
    }
    if let Some(selection) = selection {
        selection.asked.texts().for_each(|text| text.hash(state));
    }
}

/// The number of a class while it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClassNumber(u32);

impl ClassNumber {
    /// Of a class that is not kept.
    pub(super) const NONE: Self = Self(u32::MAX);
}

/// Items of one kind in one queue.
#[derive(Debug, Clone)]
pub(super) struct Class {
    /// In which queue.
    pub(super) queue: QueueId,
    /// Of which kind.
    pub(super) kind: Kind,
    /// On which terms.
    pub(super) terms: Terms,
    /// The open items.
    pub(super) waiting: Line<Order>,
    /// Who can take one now, in the order in which they are chosen; one set for each rule of the queue's method, the
    /// strictest first.
    pub(super) able: Vec<Line<Rank>>,
    /// Members whose skills fit, or whom a rule can find although they do not; in their order.
    pub(super) fit: Vec<RepresentativeId>,
}

/// The place of a representative in one set of [`Class::able`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// In which class.
    pub(super) class: ClassNumber,
    /// In which of its sets.
    pub(super) level: usize,
    /// Their place on the list of the queue's members.
    pub(super) member: usize,
    /// How well their skills fit; none if they do not.
    pub(super) closeness: Option<Closeness>,
    /// Where they stand; none while they cannot take such an item.
    pub(super) rank: Option<Rank>,
}

impl Class {
    /// The class of this kind in this queue, with everybody in it who could ever take such an item, but nobody ranked;
    /// none if the settings have no such queue or workstream.
    pub(super) fn new(given: &Given<'_>, rules: &Rulebook, queue: QueueId, kind: Kind) -> Option<Self> {
        let terms = {
            let workstream = given.workstreams.get(&kind.workstream)?;
            Terms::of(given.queues.get(&queue)?, workstream, rules, &kind)
        };
        let able = terms.levels.iter().map(|_| Line::default()).collect();
        Some(Self { queue, kind, terms, waiting: Line::default(), able, fit: Vec::new() })
    }

    /// Moves somebody from one rank to another.
    pub(super) fn move_rank(&mut self, level: usize, from: Option<Rank>, to: Option<Rank>) {
        let Some(able) = self.able.get_mut(level) else { return };
        match (from, to) {
            (Some(from), Some(to)) => able.exchange(&from, to),
            (Some(from), None) => {
                able.remove(&from);
            }
            (None, Some(to)) => {
                able.insert(to);
            }
            (None, None) => {}
        }
    }
}

/// Every class, by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Classes {
    slots: Vec<Option<Class>>,
    free: Vec<ClassNumber>,
}

impl Classes {
    pub(super) fn get(&self, number: ClassNumber) -> Option<&Class> {
        self.slots.get(number.0 as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, number: ClassNumber) -> Option<&mut Class> {
        self.slots.get_mut(number.0 as usize)?.as_mut()
    }

    /// Keeps a class and numbers it.
    pub(super) fn add(&mut self, class: Class) -> Option<ClassNumber> {
        if let Some(number) = self.free.pop() {
            *self.slots.get_mut(number.0 as usize)? = Some(class);
            return Some(number);
        }
        let number = ClassNumber(u32::try_from(self.slots.len()).ok()?);
        self.slots.push(Some(class));
        Some(number)
    }

    /// Forgets a class; its number can be given again.
    pub(super) fn take(&mut self, number: ClassNumber) -> Option<Class> {
        let class = self.slots.get_mut(number.0 as usize)?.take()?;
        self.free.push(number);
        Some(class)
    }
}
