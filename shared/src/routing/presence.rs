//! Presence as a function of what was chosen, of the connection and of capacity (reference section 20).
//!
//! A choice and a connection are two inputs; nothing ever overwrites the one because of the other. So coming back
//! within the grace time restores what was there before by doing nothing at all.

use serde::{Deserialize, Serialize};

use crate::settings::{Presence, Units};

/// A presence that stands, whatever capacity says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// Which.
    pub(super) presence: Presence,
    /// Whether the representative chose it; if not, it is their default.
    pub(super) by_hand: bool,
}

impl Standing {
    /// What stands after sign-in: a default of Away or Offline; anything else is computed.
    pub(super) fn at_sign_in(default: Presence) -> Option<Self> {
        matches!(default, Presence::Away | Presence::Offline)
            .then_some(Self { presence: default, by_hand: false })
    }

    /// What stands after the representative chose `presence`.
    pub(super) const fn chosen(presence: Presence) -> Self {
        Self { presence, by_hand: true }
    }

    /// Whether it stays when the representative accepts an item or closes one. A manual Available or Busy does not.
    pub(super) fn outlasts_work(self) -> bool {
        !matches!(self.presence, Presence::Available | Presence::Busy)
    }
}

/// The presence that capacity alone gives.
pub(super) fn computed(capacity: Units, used: i64) -> Presence {
    if used >= i64::from(capacity.0) {
        Presence::DoNotDisturb
    } else if used > 0 {
        Presence::Busy
    } else {
        Presence::Available
    }
}

/// Whether customers may hope for somebody with this presence: they are at the desk, and finish work sooner or later.
pub(super) fn gives_hope(presence: Presence) -> bool {
    matches!(presence, Presence::Available | Presence::Busy | Presence::DoNotDisturb)
}

/// Whether somebody with this presence can be offered work at all, if a workstream allows the presence.
pub(super) fn can_be_offered(presence: Presence) -> bool {
    !matches!(presence, Presence::Offline | Presence::Inactive)
}
