//! How much a representative can have at once (reference section 18).

use serde::{Deserialize, Serialize};

use crate::id::CapacityProfileId;
use crate::text::Line;

/// Units of capacity. What is left can fall below zero when work is taken by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Units(pub i32);

/// A kind of work of which representatives can have so many items at once, or in a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityProfile {
    /// Which.
    pub id: CapacityProfileId,
    /// Its name.
    pub name: Line,
    /// How many items a representative can have, unless they have a limit of their own.
    pub limit: u16,
    /// When an item that is done makes room.
    #[serde(default)]
    pub reset: ProfileReset,
    /// Whether somebody who has reached the limit is offered no work at all, of other profiles neither.
    #[serde(default)]
    pub blocks_assignment: bool,
}

/// When an item that is done makes room in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileReset {
    /// At once.
    #[default]
    Immediate,
    /// At the end of the day.
    EndOfDay,
}

/// A profile that a representative has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldProfile {
    /// Which.
    pub profile: CapacityProfileId,
    /// Their own limit. It matters for new work only.
    #[serde(default)]
    pub limit: Option<u16>,
}
