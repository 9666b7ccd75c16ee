//! How an organisation orders work and chooses people by rules of its own (reference sections 16.4 and 16.5).

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::condition::{Condition, Field};
use crate::text::Line;

/// A bucket of a queue's work. A bucket is served before those after it; what fits none is served last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: Line,
    /// What belongs into it, of what the buckets before it have left.
    #[serde(default)]
    pub when: Condition,
    /// By what it is sorted before age counts.
    #[serde(default)]
    pub order_by: Option<BucketOrder>,
}

/// By what a bucket is sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketOrder {
    /// A number, a moment or a length of time. Items without a value come last.
    pub field: Field,
    /// Whether the highest value comes first.
    #[serde(default)]
    pub descending: bool,
}

/// How representatives are chosen for some of a queue's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentRuleset {
    /// Its name.
    pub name: Line,
    /// For which items. The first ruleset that fits an item counts for it; if none fits, the item waits.
    #[serde(default)]
    pub when: Condition,
    /// The rules, the strictest first. Somebody whom an earlier rule finds is preferred to everybody whom a later one finds.
    pub rules: Vec<AssignmentRule>,
}

/// A rule that finds representatives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentRule {
    /// Its name.
    pub name: Line,
    /// Whom it finds: their attributes against fixed values, or against those of the item.
    #[serde(default)]
    pub when: Condition,
    /// Whether it finds also those whose presence the workstream does not allow. Capacity always counts.
    #[serde(default)]
    pub any_presence: bool,
    /// Whether it finds also those whose skills do not fit.
    #[serde(default)]
    pub any_skills: bool,
    /// The skill that the item names and whoever is found must have, besides those that classification asks for.
    #[serde(default)]
    pub custom_skill: Option<CustomSkill>,
    /// In which order they are chosen, at most three; then whoever had their last assignment the longest ago.
    #[serde(default)]
    pub order_by: Vec<AssignmentOrder>,
}

/// Custom skill match (reference section 16.5): a field of the item says, when it is routed, which skill is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomSkill {
    /// A text or one of several names: the name of a skill to the letter, or its id. While it names none, nobody is found.
    pub field: Field,
    /// The lowest rating that will do, in the rating model of whichever skill is named; none if any will.
    #[serde(default)]
    pub at_least: Option<u16>,
}

/// By what representatives are ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentOrder {
    /// Whoever had their last assignment in this queue the longest ago; first those who never had one.
    RoundRobin,
    /// Whoever has the most units of capacity left.
    FreeCapacity,
    /// Whoever has the most places left in the capacity profiles that the item takes a place of: of several the fullest.
    FreePlaces,
    /// Whoever released capacity the longest ago.
    LeastActive,
    /// Whose skills are nearest to what the item asks.
    Proficiency,
    /// Whoever has the fewest skills, so that those who know much stay free for what needs it.
    FewestSkills,
    /// Whoever has the lowest number in this attribute of theirs.
    Lowest(Field),
    /// Whoever has the highest.
    Highest(Field),
}
