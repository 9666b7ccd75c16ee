//! Skills and how they are rated (reference section 17).

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{RatingModelId, SkillId};
use crate::text::Line;

/// Something that representatives know and work can need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// Which.
    pub id: SkillId,
    /// Its name.
    pub name: Line,
    /// Of which sort it is, such as language or product.
    #[serde(default)]
    pub sort: Option<Line>,
    /// By which model it is rated where nothing else is said.
    pub model: RatingModelId,
}

/// How skills are rated: from the lowest level to the highest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingModel {
    /// Which.
    pub id: RatingModelId,
    /// Its name.
    pub name: Line,
    /// The levels, ascending; at least two.
    pub levels: Vec<RatingLevel>,
}

/// A level of a rating model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingLevel {
    /// What people read.
    pub name: Line,
    /// Its value.
    pub value: u16,
}

/// A skill at a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatedSkill {
    /// Which skill.
    pub skill: SkillId,
    /// The value of a level.
    pub rating: u16,
    /// Of which model; none for the skill's own. Levels of different models are compared on one scale.
    #[serde(default)]
    pub model: Option<RatingModelId>,
}

/// How the skills that an item asks for decide who can have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkillMatching {
    /// Only those who have all of them, at least at the level that is asked for.
    #[default]
    Exact,
    /// Everybody, those whose skills are nearest to what is asked for first.
    Closest,
    /// They do not matter.
    Off,
}
