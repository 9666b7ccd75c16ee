//! When one condition follows from another: for the warning about a rule that can never match because an earlier one always
//! does.
//!
//! The answer is sound and incomplete. Yes means that no facts at all make the first hold and the second not; no means only
//! that it was not seen. It looks at the shape of the trees and, at two comparisons of the same field with fixed values, at
//! the values. Nothing is concluded from how two fields are connected.

use alloc::vec::Vec;

use super::predicate::{Leaf, Many, Node, Order, Predicate, Right, Test, are_equal, compare, lies_between};
use super::schema::Kind;
use super::text::{begins_with, ends_with};
use super::value::{Value, ValueRef};

/// Pairs of nodes that are looked at before giving up: nested groups could take exponentially many.
const STEPS_MAX: u32 = 2_000;

/// A rule of a list that can never be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable {
    /// Its place in the list.
    pub rule: usize,
    /// The place of the earlier rule that holds whenever this one does; none if this one never holds.
    pub because_of: Option<usize>,
}

/// The rules of a list, of which the first that holds wins, that can never be reached.
pub fn unreachable(rules: &[Predicate]) -> Vec<Unreachable> {
    let mut found = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let earlier = rules.iter().take(index).position(|earlier| rule.implies(earlier));
        if rule.is_never_true() {
            found.push(Unreachable { rule: index, because_of: None });
        } else if earlier.is_some() {
            found.push(Unreachable { rule: index, because_of: earlier });
        }
    }
    found
}

impl Predicate {
    /// Whether it holds whatever the facts; no means that it was not seen.
    pub fn is_always_true(&self) -> bool {
        self.root.is_always(true)
    }

    /// Whether it holds for no facts at all; no means that it was not seen.
    pub fn is_never_true(&self) -> bool {
        self.root.is_always(false)
    }

    /// Whether the other holds whenever this one does; no means that it was not seen.
    pub fn implies(&self, other: &Self) -> bool {
        let mut steps = STEPS_MAX;
        implies(Claim { node: &self.root, holds: true }, Claim { node: &other.root, holds: true }, &mut steps)
    }
}

impl Node {
    fn is_always(&self, wanted: bool) -> bool {
        match self {
            Self::Not(child) => child.is_always(!wanted),
            Self::All(children) if wanted => children.iter().all(|child| child.is_always(true)),
            Self::Any(children) if !wanted => children.iter().all(|child| child.is_always(false)),
            Self::All(children) | Self::Any(children) => children.iter().any(|child| child.is_always(wanted)),
            // Every field can be set or not.
            Self::Leaf(_) => false,
        }
    }
}

/// That a node holds, or that it does not.
#[derive(Clone, Copy)]
struct Claim<'a> {
    node: &'a Node,
    holds: bool,
}

/// A claim with its negations carried inward.
enum Form<'a> {
    Every(&'a [Node], bool),
    Some(&'a [Node], bool),
    Leaf(&'a Test, bool),
}

impl<'a> Claim<'a> {
    fn form(self) -> Form<'a> {
        match (self.node, self.holds) {
            (Node::Not(child), holds) => Claim { node: child, holds: !holds }.form(),
            (Node::All(children), true) | (Node::Any(children), false) => Form::Every(children, self.holds),
            (Node::All(children), false) | (Node::Any(children), true) => Form::Some(children, self.holds),
            (Node::Leaf(Leaf { negated, test, .. }), holds) => Form::Leaf(test, holds != *negated),
        }
    }
}

/// Whether `then` follows from `given`.
fn implies(given: Claim<'_>, then: Claim<'_>, steps: &mut u32) -> bool {
    let Some(left) = steps.checked_sub(1) else { return false };
    *steps = left;
    if then.node.is_always(then.holds) || given.node.is_always(!given.holds) {
        return true;
    }
    let mut from = |node, holds| implies(Claim { node, holds }, then, steps);
    match given.form() {
        // The side whose parts must all agree is taken apart first: that loses nothing.
        Form::Some(children, holds) => return children.iter().all(|child| from(child, holds)),
        Form::Every(children, holds) if !matches!(then.form(), Form::Every(..)) => {
            if children.iter().any(|child| from(child, holds)) {
                return true;
            }
        }
        Form::Every(..) | Form::Leaf(..) => {}
    }
    let mut to = |node, holds| implies(given, Claim { node, holds }, steps);
    match (given.form(), then.form()) {
        (_, Form::Every(children, holds)) => children.iter().all(|child| to(child, holds)),
        (_, Form::Some(children, holds)) => children.iter().any(|child| to(child, holds)),
        (Form::Leaf(given, true), Form::Leaf(then, true)) => given == then || follows(given, then),
        (Form::Leaf(given, false), Form::Leaf(then, false)) => given == then || follows(then, given),
        (Form::Leaf(given, true), Form::Leaf(then, false)) => excludes(given, then) || excludes(then, given),
        // That something does not hold says nothing positive: the field may not be set.
        _ => false,
    }
}

/// Whether a field that passes `given` passes `then`.
fn follows(given: &Test, then: &Test) -> bool {
    if let Test::IsSet(source) = then {
        // A test is false whenever a field that it reads is not set.
        return given.reads(source);
    }
    if given.subject().is_none() || given.subject() != then.subject() {
        return false;
    }
    if let Some(values) = given.only_values() {
        return values.iter().all(|value| then.admits(value) == Some(true));
    }
    match (given, then) {
        (Test::BeginsWith(_, given), Test::BeginsWith(_, then)) => {
            both_texts(given, then).is_some_and(|(given, then)| begins_with(given, then))
        }
        (Test::EndsWith(_, given), Test::EndsWith(_, then)) => {
            both_texts(given, then).is_some_and(|(given, then)| ends_with(given, then))
        }
        (
            Test::BeginsWith(_, Right::Constant(Value::Text(given)))
            | Test::EndsWith(_, Right::Constant(Value::Text(given)))
            | Test::Finds(_, _, given),
            Test::Finds(_, needle, _),
        ) => needle.is_in(given),
        _ => match (given.range(), then.range()) {
            (Some(given), Some(then)) => given.lies_in(then),
            _ => false,
        },
    }
}

/// Whether no field passes both.
fn excludes(one: &Test, other: &Test) -> bool {
    let same_field = one.subject().is_some() && one.subject() == other.subject();
    let none_admitted = |values: &[Value]| values.iter().all(|value| other.admits(value) == Some(false));
    let apart = match (one.range(), other.range()) {
        (Some(one), Some(other)) => one.is_below(other) || other.is_below(one),
        _ => false,
    };
    same_field && (apart || one.only_values().is_some_and(none_admitted))
}

fn both_texts<'a>(one: &'a Right, other: &'a Right) -> Option<(&'a str, &'a str)> {
    match (one, other) {
        (Right::Constant(Value::Text(one)), Right::Constant(Value::Text(other))) => Some((one, other)),
        _ => None,
    }
}

/// The values that pass a comparison with fixed ends.
#[derive(Clone, Copy)]
struct Range<'a> {
    low: Option<End<'a>>,
    high: Option<End<'a>>,
}

#[derive(Clone, Copy)]
struct End<'a> {
    value: ValueRef<'a>,
    included: bool,
}

impl Range<'_> {
    fn lies_in(self, outer: Self) -> bool {
        let low = outer.low.is_none_or(|outer| {
            self.low.is_some_and(|inner| match compare(outer.value, inner.value) {
                Some(order) => order.is_lt() || (order.is_eq() && (outer.included || !inner.included)),
                None => false,
            })
        });
        let high = outer.high.is_none_or(|outer| {
            self.high.is_some_and(|inner| match compare(inner.value, outer.value) {
                Some(order) => order.is_lt() || (order.is_eq() && (outer.included || !inner.included)),
                None => false,
            })
        });
        low && high
    }

    fn is_below(self, other: Self) -> bool {
        let (Some(high), Some(low)) = (self.high, other.low) else { return false };
        compare(high.value, low.value)
            .is_some_and(|order| order.is_lt() || (order.is_eq() && !(high.included && low.included)))
    }
}

impl Test {
    fn reads(&self, source: &super::predicate::Source) -> bool {
        let mut reads = false;
        self.sources(&mut |read| reads |= read == source);
        reads
    }

    /// The only values with which its field can pass, if they are known.
    fn only_values(&self) -> Option<&[Value]> {
        match self {
            Self::Equals(_, Right::Constant(value)) => Some(core::slice::from_ref(value)),
            Self::In(_, Many::Constants(values)) => Some(values),
            _ => None,
        }
    }

    /// Whether its field passes if it equals this value; none if that depends on more.
    fn admits(&self, value: &Value) -> Option<bool> {
        let seen = value.as_ref();
        let text = match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        };
        match self {
            Self::IsSet(_) => Some(true),
            Self::Equals(_, Right::Constant(right)) => Some(are_equal(seen, right.as_ref())),
            Self::In(_, Many::Constants(values)) => {
                Some(values.iter().any(|right| are_equal(seen, right.as_ref())))
            }
            Self::Order(_, order, Right::Constant(right)) => {
                compare(seen, right.as_ref()).map(|ordering| order.admits(ordering))
            }
            Self::Between(_, Right::Constant(low), Right::Constant(high)) => {
                lies_between(seen, low.as_ref(), high.as_ref())
            }
            Self::Finds(_, needle, _) => text.map(|text| needle.is_in(text)),
            Self::BeginsWith(_, Right::Constant(Value::Text(start))) => {
                text.map(|text| begins_with(text, start))
            }
            Self::EndsWith(_, Right::Constant(Value::Text(end))) => text.map(|text| ends_with(text, end)),
            // A pattern may tell apart what is equal but for case.
            _ => None,
        }
    }

    fn range(&self) -> Option<Range<'_>> {
        fn end(right: &Value, included: bool) -> End<'_> {
            End { value: right.as_ref(), included }
        }
        match self {
            Self::Order(_, order, Right::Constant(right)) => Some(match order {
                Order::Less => Range { low: None, high: Some(end(right, false)) },
                Order::AtMost => Range { low: None, high: Some(end(right, true)) },
                Order::More => Range { low: Some(end(right, false)), high: None },
                Order::AtLeast => Range { low: Some(end(right, true)), high: None },
            }),
            // A time of day may pass midnight, and is then no range.
            Self::Between(source, Right::Constant(low), Right::Constant(high))
                if source.kind != Kind::TimeOfDay || low <= high =>
            {
                Some(Range { low: Some(end(low, true)), high: Some(end(high, true)) })
            }
            _ => None,
        }
    }
}
