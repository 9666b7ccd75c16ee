//! A condition that was checked and prepared, and its evaluation: nothing is looked up by name, nothing is copied, nothing
//! can fail.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::ControlFlow;

use super::field::Field;
use super::pattern::Pattern;
use super::schema::Kind;
use super::text::{Needle, begins_with, ends_with, equal};
use super::value::{Elements, Value, ValueRef};
use crate::id::OperatingHoursId;

/// What is known about the item, the customer, the clock and, for assignment, one representative.
pub trait Facts {
    /// The value of a field, or none if it has none.
    fn value(&self, field: &Field) -> Option<ValueRef<'_>>;

    /// Whether these operating hours are open now.
    fn is_working_now(&self, hours: OperatingHoursId) -> bool;
}

/// A condition that can be evaluated. Made by [`Condition::compile`](super::Condition::compile).
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    pub(super) root: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Leaf(Leaf),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    /// The word by which it was written; it stands in paths.
    pub(super) key: &'static str,
    /// Whether the written form is the negation of the test.
    pub(super) negated: bool,
    pub(super) test: Test,
}

/// A field that exists, with the kind of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) field: Field,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Right {
    Constant(Value),
    Field(Source),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Many {
    Constants(Vec<Value>),
    Field(Source),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What is asked of a field. False whenever a field that it reads is not set.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    IsSet(Source),
    Working(Right),
    Equals(Source, Right),
    Order(Source, Order, Right),
    Between(Source, Right, Right),
    In(Source, Many),
    /// A set has an element, or all of another set.
    Has(Source, Right),
    /// A text has this text in it; the text stands beside what was prepared from it.
    Finds(Source, Needle, String),
    /// A text has another field's text in it.
    Contains(Source, Right),
    BeginsWith(Source, Right),
    EndsWith(Source, Right),
    Matches(Source, Pattern),
}

impl Predicate {
    /// Whether the condition holds.
    pub fn holds<F: Facts + ?Sized>(&self, facts: &F) -> bool {
        self.root.holds(facts)
    }

    /// Every field that is read, each as often as it is written. What no field of a predicate can have changed, the
    /// predicate has not; see [`Field::is_of_representative`] and [`Field::follows_the_clock`].
    pub fn fields(&self) -> Vec<&Field> {
        let mut fields = Vec::new();
        self.root.visit(&mut |leaf| leaf.test.sources(&mut |source| fields.push(&source.field)));
        fields
    }

    /// Whether it asks for operating hours, so that its answer can change by time passing alone.
    pub fn asks_for_hours(&self) -> bool {
        let mut asks = false;
        self.root.visit(&mut |leaf| asks |= matches!(leaf.test, Test::Working(_)));
        asks
    }
}

impl Node {
    pub(super) fn holds<F: Facts + ?Sized>(&self, facts: &F) -> bool {
        match self {
            Self::All(children) => children.iter().all(|child| child.holds(facts)),
            Self::Any(children) => children.iter().any(|child| child.holds(facts)),
            Self::Not(child) => !child.holds(facts),
            Self::Leaf(leaf) => leaf.holds(facts),
        }
    }

    fn visit<'a>(&'a self, look: &mut impl FnMut(&'a Leaf)) {
        match self {
            Self::All(children) | Self::Any(children) => children.iter().for_each(|child| child.visit(look)),
            Self::Not(child) => child.visit(look),
            Self::Leaf(leaf) => look(leaf),
        }
    }
}

impl Leaf {
    pub(super) fn holds<F: Facts + ?Sized>(&self, facts: &F) -> bool {
        self.test.holds(facts).unwrap_or(false) != self.negated
    }
}

impl Source {
    pub(super) fn value<'a, F: Facts + ?Sized>(&self, facts: &'a F) -> Option<ValueRef<'a>> {
        facts.value(&self.field).and_then(|value| self.kind.admit(value))
    }

    fn text<'a, F: Facts + ?Sized>(&self, facts: &'a F) -> Option<&'a str> {
        match self.value(facts)? {
            ValueRef::Text(text) => Some(text),
            _ => None,
        }
    }

    fn set<'a, F: Facts + ?Sized>(&self, facts: &'a F) -> Option<&'a dyn Elements> {
        match self.value(facts)? {
            ValueRef::Set(elements) => Some(elements),
            _ => None,
        }
    }
}

impl Right {
    pub(super) fn value<'a, F: Facts + ?Sized>(&'a self, facts: &'a F) -> Option<ValueRef<'a>> {
        match self {
            Self::Constant(value) => Some(value.as_ref()),
            Self::Field(source) => source.value(facts),
        }
    }

    fn text<'a, F: Facts + ?Sized>(&'a self, facts: &'a F) -> Option<&'a str> {
        match self.value(facts)? {
            ValueRef::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Test {
    /// The answer; none if a field that it reads is not set.
    fn holds<F: Facts + ?Sized>(&self, facts: &F) -> Option<bool> {
        Some(match self {
            Self::IsSet(source) => source.value(facts).is_some(),
            Self::Working(hours) => match hours.value(facts)? {
                ValueRef::Reference(hours) => facts.is_working_now(OperatingHoursId::from_bytes(hours.id)),
                _ => false,
            },
            Self::Equals(left, right) => are_equal(left.value(facts)?, right.value(facts)?),
            Self::Order(left, order, right) => {
                order.admits(compare(left.value(facts)?, right.value(facts)?)?)
            }
            Self::Between(left, low, high) => {
                lies_between(left.value(facts)?, low.value(facts)?, high.value(facts)?)?
            }
            Self::In(left, Many::Constants(values)) => {
                let left = left.value(facts)?;
                values.iter().any(|value| are_equal(left, value.as_ref()))
            }
            Self::In(left, Many::Field(set)) => has(set.set(facts)?, left.value(facts)?),
            Self::Has(set, right) => match (set.set(facts)?, right.value(facts)?) {
                (set, ValueRef::Set(other)) => all_of(other, |element| has(set, element)),
                (set, element) => has(set, element),
            },
            Self::Finds(left, needle, _) => needle.is_in(left.text(facts)?),
            Self::Contains(left, right) => Needle::new(right.text(facts)?).is_in(left.text(facts)?),
            Self::BeginsWith(left, right) => begins_with(left.text(facts)?, right.text(facts)?),
            Self::EndsWith(left, right) => ends_with(left.text(facts)?, right.text(facts)?),
            Self::Matches(left, pattern) => pattern.is_match(left.text(facts)?),
        })
    }

    /// The field that is asked about.
    pub(super) fn subject(&self) -> Option<&Source> {
        match self {
            Self::Working(Right::Constant(_)) => None,
            Self::Working(Right::Field(source))
            | Self::IsSet(source)
            | Self::Equals(source, _)
            | Self::Order(source, ..)
            | Self::Between(source, ..)
            | Self::In(source, _)
            | Self::Has(source, _)
            | Self::Finds(source, ..)
            | Self::Contains(source, _)
            | Self::BeginsWith(source, _)
            | Self::EndsWith(source, _)
            | Self::Matches(source, _) => Some(source),
        }
    }

    /// What it is compared with, where that is one or two values.
    pub(super) fn rights(&self) -> [Option<&Right>; 2] {
        match self {
            Self::Equals(_, right)
            | Self::Order(_, _, right)
            | Self::Has(_, right)
            | Self::Contains(_, right)
            | Self::BeginsWith(_, right)
            | Self::EndsWith(_, right) => [Some(right), None],
            Self::Between(_, low, high) => [Some(low), Some(high)],
            Self::IsSet(_) | Self::Working(_) | Self::In(..) | Self::Finds(..) | Self::Matches(..) => {
                [None, None]
            }
        }
    }

    /// Every field that it reads.
    pub(super) fn sources<'a>(&'a self, look: &mut impl FnMut(&'a Source)) {
        self.subject().into_iter().for_each(&mut *look);
        self.objects(look);
    }

    /// The fields that its subject is compared with.
    pub(super) fn objects<'a>(&'a self, look: &mut impl FnMut(&'a Source)) {
        for right in self.rights().into_iter().flatten() {
            if let Right::Field(source) = right {
                look(source);
            }
        }
        if let Self::In(_, Many::Field(set)) = self {
            look(set);
        }
    }
}

impl Order {
    pub(super) const fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::More => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

/// Whether two values are the same; values of different types never are.
pub(super) fn are_equal(one: ValueRef<'_>, other: ValueRef<'_>) -> bool {
    match (one, other) {
        (ValueRef::Text(one), ValueRef::Text(other)) => equal(one.trim(), other.trim()),
        (ValueRef::Choice(one), ValueRef::Choice(other)) => one == other,
        (ValueRef::Boolean(one), ValueRef::Boolean(other)) => one == other,
        (ValueRef::Reference(one), ValueRef::Reference(other)) => one == other,
        _ => compare(one, other).is_some_and(Ordering::is_eq),
    }
}

/// The order of two values of the same ordered type.
pub(super) fn compare(one: ValueRef<'_>, other: ValueRef<'_>) -> Option<Ordering> {
    match (one, other) {
        (ValueRef::Number(one), ValueRef::Number(other)) => Some(one.cmp(&other)),
        (ValueRef::Moment(one), ValueRef::Moment(other)) => Some(one.cmp(&other)),
        (ValueRef::Span(one), ValueRef::Span(other)) => Some(one.cmp(&other)),
        (ValueRef::TimeOfDay(one), ValueRef::TimeOfDay(other)) => Some(one.cmp(&other)),
        _ => None,
    }
}

/// Whether a value lies between two, ends included. A time of day may pass midnight.
pub(super) fn lies_between(value: ValueRef<'_>, low: ValueRef<'_>, high: ValueRef<'_>) -> Option<bool> {
    let above = compare(low, value)?.is_le();
    let below = compare(value, high)?.is_le();
    let over_midnight = matches!(value, ValueRef::TimeOfDay(_)) && compare(low, high)?.is_gt();
    Some(if over_midnight { above || below } else { above && below })
}

fn has(set: &dyn Elements, value: ValueRef<'_>) -> bool {
    !all_of(set, |element| !are_equal(element, value))
}

fn all_of(set: &dyn Elements, mut test: impl FnMut(ValueRef<'_>) -> bool) -> bool {
    let mut all = true;
    set.each(&mut |element| {
        all = test(element);
        if all { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    all
}
