//! The rules by which work is classified and sent to queues (reference section 14).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{OverflowAction, RatedSkill, SkillMatching};
use crate::condition::{Comparison, Condition, Field, InvalidField, Name};
use crate::id::{CapacityProfileId, QueueId};
use crate::text::Line;

/// Rules of which the first that matches is applied. What a ruleset sets is seen by those after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruleset {
    /// Its name.
    pub name: Line,
    /// The rules, in order.
    pub rules: Vec<ClassificationRule>,
}

/// A rule of classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassificationRule {
    /// Its name.
    pub name: Line,
    /// When it matches; without it, always.
    #[serde(default)]
    pub when: Condition,
    /// What is set then.
    pub then: Vec<Outcome>,
}

/// What classification sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A context variable.
    Variable {
        /// Its name.
        name: Name,
        /// Its value, which is read by its type.
        value: String,
    },
    /// Whoever takes the item needs this skill. Said twice, the higher level counts.
    Skill(RatedSkill),
    /// How strictly skills count.
    SkillMatching(SkillMatching),
    /// Its own priority number: lower is served earlier in its queue. Without one it is 100.
    Priority(u16),
    /// It takes a place in this capacity profile too, besides that of its workstream.
    Profile(CapacityProfileId),
}

/// A rule that sends work to a queue. Rules are tried in order; the first that matches and whose queue does not overflow
/// counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Its name.
    pub name: Line,
    /// When it matches; without it, always.
    #[serde(default)]
    pub when: Condition,
    /// Where the work goes then: one queue, or up to five among which it is split.
    pub queues: Vec<Share>,
    /// What happens when the queue overflows, instead of what the queue says.
    #[serde(default)]
    pub overflow: Option<OverflowAction>,
}

/// How much of the work that a rule matches goes to a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which queue.
    pub queue: QueueId,
    /// Of a hundred items; the shares of a rule make a hundred.
    #[serde(default = "everything")]
    pub percent: u8,
}

const fn everything() -> u8 {
    100
}

impl Route {
    /// A rule that sends everything for which the condition holds to one queue.
    pub fn to(queue: QueueId, name: Line, when: Condition) -> Self {
        Self { name, when, queues: Vec::from([Share { queue, percent: everything() }]), overflow: None }
    }

    /// A rule that sends everything whose context variable has this value to one queue.
    pub fn by_variable(name: &str, equals: &str, label: Line, queue: QueueId) -> Result<Self, InvalidField> {
        let when = Condition::Compare(Field::context(name)?, Comparison::Equals(equals.into()));
        Ok(Self::to(queue, label, when))
    }
}
