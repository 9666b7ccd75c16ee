//! Who handles work.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{HeldProfile, Presence, RatedSkill, Units};
use crate::condition::{Literal, Name};
use crate::id::{OperatingHoursId, RepresentativeId};
use crate::text::Line;

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
    /// Which capacity profiles they have, each once.
    #[serde(default)]
    pub profiles: Vec<HeldProfile>,
    /// Their own working hours.
    #[serde(default)]
    pub hours: Option<OperatingHoursId>,
    /// What else rules can ask about them.
    #[serde(default)]
    pub attributes: BTreeMap<Name, Literal>,
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
            profiles: Vec::new(),
            hours: None,
            attributes: BTreeMap::new(),
        }
    }
}
