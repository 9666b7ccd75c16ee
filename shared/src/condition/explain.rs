//! Why a condition did not hold, for diagnostics: the first node that decided, with its path and what it saw.
//!
//! In an `all` that is its first child that failed. Where every child of an `any` failed there is no first: each is told.
//! Under a `not` it is the other way round.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::field::Field;
use super::predicate::{Facts, Leaf, Node, Predicate, Source};
use super::value::{Value, ValueRef};

/// Why a node did not do what was wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The node, as faults name it: `all[1].not.matches`; empty for the condition itself.
    pub path: String,
    /// Why.
    pub cause: Cause,
}

/// What was seen there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A comparison came out the wrong way.
    Compared {
        /// The field that was compared.
        field: Field,
        /// Its value; none if it is not set.
        saw: Option<Value>,
        /// The fields that it was compared with, and their values.
        against: Vec<(Field, Option<Value>)>,
    },
    /// Operating hours that are fixed in the condition.
    Hours {
        /// Whether they are open now.
        open: bool,
    },
    /// One of these had to come out otherwise. It is empty only for a group without children.
    NoneOf(Vec<Explanation>),
}

impl Predicate {
    /// Why the condition does not hold; none if it does.
    pub fn explain<F: Facts + ?Sized>(&self, facts: &F) -> Option<Explanation> {
        self.root.explain(facts, true, &mut String::new())
    }
}

impl Node {
    /// Why this node is not `wanted`; none if it is.
    fn explain<F: Facts + ?Sized>(&self, facts: &F, wanted: bool, path: &mut String) -> Option<Explanation> {
        match (self, wanted) {
            (Self::Not(child), _) => below(path, "not", |path| child.explain(facts, !wanted, path)),
            (Self::All(children), true) => first(children, facts, wanted, path, "all"),
            (Self::Any(children), false) => first(children, facts, wanted, path, "any"),
            (Self::All(children), false) => every(children, facts, wanted, path, "all"),
            (Self::Any(children), true) => every(children, facts, wanted, path, "any"),
            (Self::Leaf(leaf), _) if leaf.holds(facts) == wanted => None,
            (Self::Leaf(leaf), _) => below(path, leaf.key, |path| {
                Some(Explanation { path: path.clone(), cause: leaf.cause(facts) })
            }),
        }
    }
}

/// One child is enough to fail: the first that does.
fn first<F: Facts + ?Sized>(
    children: &[Node],
    facts: &F,
    wanted: bool,
    path: &mut String,
    key: &str,
) -> Option<Explanation> {
    children.iter().enumerate().find_map(|(index, child)| {
        below(path, &format!("{key}[{index}]"), |path| child.explain(facts, wanted, path))
    })
}

/// One child would be enough to succeed: if none did, each is told.
fn every<F: Facts + ?Sized>(
    children: &[Node],
    facts: &F,
    wanted: bool,
    path: &mut String,
    key: &str,
) -> Option<Explanation> {
    let mut causes = Vec::new();
    for (index, child) in children.iter().enumerate() {
        // The first child that succeeds decides, and there is nothing to explain.
        causes.push(below(path, &format!("{key}[{index}]"), |path| child.explain(facts, wanted, path))?);
    }
    if causes.len() == 1 {
        return causes.pop();
    }
    let path = below(path, key, |path| path.clone());
    Some(Explanation { path, cause: Cause::NoneOf(causes) })
}

fn below<T>(path: &mut String, part: &str, work: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(part);
    let result = work(path);
    path.truncate(length);
    result
}

impl Leaf {
    fn cause<F: Facts + ?Sized>(&self, facts: &F) -> Cause {
        let Some(subject) = self.test.subject() else {
            return Cause::Hours { open: self.holds(facts) };
        };
        let seen = |source: &Source| source.value(facts).map(ValueRef::to_value);
        let mut against = Vec::new();
        self.test.objects(&mut |source| against.push((source.field.clone(), seen(source))));
        Cause::Compared { field: subject.field.clone(), saw: seen(subject), against }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "not set".into(), Value::to_string);
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        match &self.cause {
            Cause::Hours { open } => {
                let state = if *open { "open" } else { "closed" };
                write!(f, "these operating hours are {state} now")
            }
            Cause::Compared { field, saw, against } => {
                write!(f, "{field} is {}", shown(saw))?;
                against.iter().try_for_each(|(other, value)| write!(f, ", {other} is {}", shown(value)))
            }
            Cause::NoneOf(causes) if causes.is_empty() => f.write_str("the group is empty"),
            Cause::NoneOf(causes) => causes.iter().enumerate().try_for_each(|(index, cause)| {
                let separator = if index == 0 { "" } else { "; " };
                write!(f, "{separator}{cause}")
            }),
        }
    }
}
