//! What an item asks of whoever takes it, and how well somebody's skills fit it (reference section 17).

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{CapacityProfileId, SkillId};
use crate::protocol::desk::SkillFit;
use crate::settings::SkillMatching;

/// How good somebody is at a skill, or must be: 0 is the lowest level of its rating model, [`Level::TOP`] the highest.
/// Levels of different models are comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Level(pub(super) u16);

impl Level {
    /// The highest.
    pub(super) const TOP: u16 = 1_000;
}

/// Skills with levels, sorted by skill, each once.
pub(super) type Skills = Vec<(SkillId, Level)>;

/// What an item asks. Items that ask the same in the same queue are one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Requirements {
    /// Skills, at least at these levels.
    pub(super) skills: Skills,
    /// How strictly.
    pub(super) matching: SkillMatching,
    /// Capacity profiles of which it takes a place besides that of its workstream; sorted, each once.
    pub(super) profiles: Vec<CapacityProfileId>,
}

/// How far somebody's skills are from what is asked. Lower is better: exactly right, then more than asked, then less
/// (reference section 17, closest); within each the smaller distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Closeness {
    /// Levels that are missing, over all skills. A skill that somebody does not have at all counts as one more than all
    /// levels of it.
    pub(super) missing: u32,
    /// Levels beyond what is asked.
    pub(super) spare: u32,
}

impl Closeness {
    /// One number in the same order.
    pub(super) fn key(self) -> i64 {
        i64::from(self.missing) << 32 | i64::from(self.spare)
    }
}

impl Requirements {
    /// How well these skills fit; none if their holder must not have the item.
    pub(super) fn closeness(&self, held: &Skills) -> Option<Closeness> {
        match self.matching {
            SkillMatching::Off => Some(Closeness::default()),
            SkillMatching::Exact => (self.distance(held).missing == 0).then(Closeness::default),
            SkillMatching::Closest => Some(self.distance(held)),
        }
    }

    /// How many of the skills that are asked for somebody has, at the level that is asked for or above, and how many are
    /// asked for.
    pub(super) fn fit(&self, held: &Skills) -> SkillFit {
        let count = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let has =
            |(skill, asked): &&(SkillId, Level)| level_of(held, *skill).is_some_and(|level| level >= *asked);
        SkillFit { asked: count(self.skills.len()), held: count(self.skills.iter().filter(has).count()) }
    }

    /// How far these skills are from what is asked, whatever that means for who can have the item.
    pub(super) fn distance(&self, held: &Skills) -> Closeness {
        closeness(&self.skills, held)
    }
}

fn closeness(asked: &Skills, held: &Skills) -> Closeness {
    let mut closeness = Closeness::default();
    for (skill, asked) in asked {
        match level_of(held, *skill) {
            Some(held) => {
                closeness.missing += u32::from(asked.0.saturating_sub(held.0));
                closeness.spare += u32::from(held.0.saturating_sub(asked.0));
            }
            None => closeness.missing += u32::from(asked.0) + 1,
        }
    }
    closeness
}

/// The level of a skill, if it is there at all.
pub(super) fn level_of(skills: &Skills, skill: SkillId) -> Option<Level> {
    let place = skills.binary_search_by_key(&skill, |(skill, _)| *skill).ok()?;
    skills.get(place).map(|(_, level)| *level)
}
