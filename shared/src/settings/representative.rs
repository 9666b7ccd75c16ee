//! Who handles work.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::RatedSkill;
use crate::id::RepresentativeId;
use crate::text::Line;

/// Units of capacity (reference section 18). What is left can fall below zero when work is taken by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Units(pub i32);

/// What a representative can take (reference section 20.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Free.
    Available,
    /// At work, with room.
    Busy,
    /// At work, without room.
    DoNotDisturb,
    /// Not at the desk.
    Away,
    /// Not there.
    Offline,
    /// Did not answer an offer. Only the system gives it.
    Inactive,
}

/// A representative, as routing sees them. Their account, with its password and role, is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representative {
    /// Who.
    pub id: RepresentativeId,
    /// By which name colleagues know them.
    pub full_name: Line,
    /// By which name customers know them.
    pub public_name: Line,
    /// How many units of work they can have at once.
    pub capacity: Units,
    /// Their presence after sign-in; Away and Offline stand, anything else is computed from capacity.
    pub default_presence: Presence,
    /// What they know, each skill once.
    #[serde(default)]
    pub skills: Vec<RatedSkill>,
}

impl Representative {
    /// A representative for whom everything that can be left out is as usual.
    pub const fn new(id: RepresentativeId, full_name: Line, public_name: Line, capacity: Units) -> Self {
        Self {
            id,
            full_name,
            public_name,
            capacity,
            default_presence: Presence::Available,
            skills: Vec::new(),
        }
    }
}
