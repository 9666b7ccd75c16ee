//! Conditions: the one typed tree by which classification, route to queue, prioritisation, assignment and overflow decide
//! (reference sections 11, 14, 16.4, 16.5 and 19).
//!
//! # How to use it
//!
//! 1. Settings hold [`Condition`]s, as people write them.
//! 2. On save, [`Condition::check`] holds each against a [`Schema`] and gives a [`ConditionFault`] with a path for
//!    everything that is wrong.
//! 3. Where rules are carried out, [`Condition::compile`] makes a [`Predicate`] of each, once for each version of the
//!    settings, and [`Predicate::holds`] asks the [`Facts`] for what it needs. It copies nothing and cannot fail.
//! 4. [`Predicate::explain`] says why one did not hold, [`unreachable`] which rules of a list can never be reached, and
//!    [`Predicate::fields`] what a decision depends on: the clock, a representative, or neither.
//!
//! A condition in JSON is one of these; an operand is a value or `{"field": "…"}`:
//!
//! ```json
//! {"all": [
//!   {"field": "conversation.channel", "in": ["chat", "sms"]},
//!   {"any": [
//!     {"field": "context.topic", "equals": "billing"},
//!     {"field": "contact.city", "matches": "^(basel|bern)$"}
//!   ]},
//!   {"not": {"is_set": "case.number"}},
//!   {"working_now": "7c9e6679-7425-40de-944b-e07fc1f90ae7"},
//!   {"field": "representative.free_capacity", "at_least": {"field": "conversation.cost"}}
//! ]}
//! ```
//!
//! # What it means
//!
//! - **Groups.** `all` of nothing is true, `any` of nothing is false. Groups are tried in order and left at the first
//!   that decides; order changes nothing but cost.
//! - **Missing values.** Logic has two values. A field without a value is not set, and so is one whose text is blank,
//!   whose set is empty, or whose value is of another type than its schema says (an item that came before a variable was
//!   declared). A comparison with something that is not set is false. The three negative forms are the exact negation of
//!   the positive ones and therefore true: `not_equals` is `not` `equals`, `not_in` is `not` `in`, `is_not_set` is `not`
//!   `is_set`. So a topic that nobody gave does not equal `billing`, and a `not` in front of anything means what it says.
//! - **Text** is compared without white space at its ends and without regard to case, since people type it; accents
//!   count. It has no order. Names of options are compared to the letter, since programs write them, and so are the
//!   names of context variables (reference section 11). How case is folded stands in `text.rs`.
//! - **Numbers** are finite and exact up to 2^53 ([`Number`]). A length of time is written `90s`, `10m`, `2h`, `3d`; a
//!   moment with its offset from UTC; a time of day `09:30`.
//! - **`between`** includes both ends. The lower one comes first, except that a time of day may pass midnight:
//!   `["22:00", "06:00"]` is the night. Where a bound is a field and turns out upside down, nothing lies between.
//! - **`contains`** looks for a text in a text, or for an element in a set; a set in a set means all of it. **`in`** takes
//!   a list of values or a field that is a set.
//! - **`matches`** is a regular expression in linear time that looks anywhere in a text (`pattern.rs`).
//! - **`working_now`** takes operating hours by id, or a field that refers to some, such as `representative.hours`; the
//!   facts answer. If the field is not set, it is false: nothing says that they work.
//!
//! # Invariants
//!
//! - `check` finds no fault exactly if `compile` gives a predicate. Both are one pass.
//! - A predicate never panics, whatever the facts answer, and evaluates in time linear in its size and the texts' length.
//! - [`Predicate::implies`] says yes only if no facts can contradict it.

mod built_in;
mod coding;
mod compile;
mod explain;
mod field;
mod implication;
mod literal;
mod number;
mod pattern;
mod predicate;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod value;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

pub use built_in::{
    AccountField, CaseField, ChannelField, ContactField, ConversationField, QueueField, RepresentativeField,
    TimeField,
};
pub use compile::{ConditionFault, DEPTH_MAX, NODES_MAX, VALUES_MAX};
pub use explain::{Cause, Explanation};
pub use field::{Attribute, Field, InvalidField, NAME_CHARS_MAX, Name, Owner, UnknownPath};
pub use implication::{Unreachable, unreachable};
pub use literal::Literal;
pub use number::{InvalidNumber, Number};
pub use pattern::{PATTERN_BYTES_MAX, PATTERN_CHARS_MAX};
pub use predicate::{Facts, Predicate};
pub use schema::{AlreadyThere, FieldType, Schema, SetOf};
pub use value::{Choice, Element, Elements, InvalidTimeOfDay, Reference, Thing, TimeOfDay, Value, ValueRef};

/// A condition as people write it. The default holds always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Every one holds; true if there is none.
    All(Vec<Self>),
    /// At least one holds; false if there is none.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// The field has a value.
    IsSet(Field),
    /// The field has no value.
    IsNotSet(Field),
    /// These operating hours are open now.
    WorkingNow(Operand),
    /// The field's value compares so.
    Compare(Field, Comparison),
}

/// How a field's value is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// It is this.
    Equals(Operand),
    /// It is not this, or not set.
    NotEquals(Operand),
    /// It is less.
    LessThan(Operand),
    /// It is this or less.
    AtMost(Operand),
    /// It is more.
    MoreThan(Operand),
    /// It is this or more.
    AtLeast(Operand),
    /// It lies between the two, ends included.
    Between(Operand, Operand),
    /// It is one of these.
    In(Choices),
    /// It is none of these, or not set.
    NotIn(Choices),
    /// The text has this in it, or the set has this element or all of this set.
    Contains(Operand),
    /// The text begins with this.
    BeginsWith(Operand),
    /// The text ends with this.
    EndsWith(Operand),
    /// The text matches this regular expression somewhere.
    Matches(String),
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A value.
    Literal(Literal),
    /// The value of another field: for assignment, one of the item against one of the representative.
    Field(Field),
}

/// What a field is looked for in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choices {
    /// These values.
    Literals(Vec<Literal>),
    /// A field that is a set.
    Field(Field),
}

impl Default for Condition {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl<T: Into<Literal>> From<T> for Operand {
    fn from(literal: T) -> Self {
        Self::Literal(literal.into())
    }
}

impl Comparison {
    /// The word by which it is written, and which stands in paths.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Equals(_) => "equals",
            Self::NotEquals(_) => "not_equals",
            Self::LessThan(_) => "less_than",
            Self::AtMost(_) => "at_most",
            Self::MoreThan(_) => "more_than",
            Self::AtLeast(_) => "at_least",
            Self::Between(..) => "between",
            Self::In(_) => "in",
            Self::NotIn(_) => "not_in",
            Self::Contains(_) => "contains",
            Self::BeginsWith(_) => "begins_with",
            Self::EndsWith(_) => "ends_with",
            Self::Matches(_) => "matches",
        }
    }
}
