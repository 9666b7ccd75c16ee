//! Presence as a function of what was chosen, of the connection and of capacity (reference section 20).
//!
//! A choice and a connection are two inputs; nothing ever overwrites the one because of the other. So coming back
//! within the grace time restores what was there before by doing nothing at all.

use serde::{Deserialize, Serialize};

use crate::protocol::desk::PresenceSource;
use crate::settings::{BasePresence, CustomPresence, Presence};
use crate::text::Line;

/// What routing sees of somebody. Sorts from the nearest to work to the farthest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shown {
    /// What the presence stands for.
    pub(super) base: BasePresence,
    /// The presence.
    pub(super) presence: Presence,
}

/// A presence that stands, whatever capacity says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// Which.
    pub(super) presence: Presence,
    /// What it stands for.
    pub(super) base: BasePresence,
    /// Its words, if the organisation made it up.
    pub(super) text: Option<Line>,
    /// Where it comes from.
    pub(super) source: Source,
}

/// Where a presence that stands comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Source {
    /// It is the representative's default.
    Default,
    /// The representative or a supervisor chose it.
    Chosen,
    /// The system gave it, because an offer was missed or rejected.
    System,
}

impl From<Source> for PresenceSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Default => Self::Default,
            Source::Chosen => Self::Chosen,
            Source::System => Self::System,
        }
    }
}

impl Shown {
    /// A presence that is not made up.
    pub(super) fn plain(base: BasePresence) -> Self {
        Self { base, presence: base.into() }
    }

    /// Whether customers may hope for somebody with this presence: they are at the desk, and finish work sooner or later.
    pub(super) fn gives_hope(self) -> bool {
        self.base <= BasePresence::DoNotDisturb
    }

    /// Whether somebody with this presence can be offered work at all, if a workstream allows the presence.
    pub(super) fn can_be_offered(self) -> bool {
        self.base <= BasePresence::Away
    }

    /// Whether colleagues can be asked to take over work by somebody with this presence (reference section 25).
    pub(super) fn can_be_asked(self) -> bool {
        self.base <= BasePresence::Busy
    }
}

impl Standing {
    /// This presence, as the settings describe it.
    pub(super) fn new(presence: Presence, source: Source, custom: &[CustomPresence]) -> Self {
        let base = presence.base(custom.iter());
        let made_up = custom.iter().find(|custom| Presence::Custom(custom.id) == presence);
        Self { presence, base, text: made_up.map(|custom| custom.text.clone()), source }
    }

    /// What the system gives.
    pub(super) fn by_system(base: BasePresence) -> Self {
        Self { presence: Shown::plain(base).presence, base, text: None, source: Source::System }
    }

    /// What stands after sign-in: a default that stands for Away or Offline; anything else is computed.
    pub(super) fn at_sign_in(default: &Self) -> Option<Self> {
        matches!(default.base, BasePresence::Away | BasePresence::Offline).then(|| default.clone())
    }

    /// Whether it stays when the representative accepts an item or closes one. A manual Available or Busy does not.
    pub(super) fn outlasts_work(&self) -> bool {
        self.base > BasePresence::Busy
    }

    /// What routing sees.
    pub(super) fn shown(&self) -> Shown {
        Shown { base: self.base, presence: self.presence }
    }
}
