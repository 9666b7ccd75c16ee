//! Presences: what a representative can take (reference section 20.1).

use serde::{Deserialize, Serialize};

use crate::condition::{Element, Reference, Thing, ValueRef};
use crate::id::PresenceId;
use crate::text::Line;

/// Makes the presences that every organisation has, with their names in conditions.
macro_rules! presences {
    ($($(#[$doc:meta])* $presence:ident = $name:literal,)*) => {
        /// What a representative can take.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Presence {
            $($(#[$doc])* $presence,)*
            /// One that the organisation made up. Workstreams allow it by itself, not by what it stands for.
            Custom(PresenceId),
        }

        /// What a custom presence stands for. In this order the list of presences goes from the nearest to work to the
        /// farthest.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum BasePresence {
            $($(#[$doc])* $presence,)*
        }

        impl BasePresence {
            /// Every name in conditions.
            pub const NAMES: &'static [&'static str] = &[$($name,)*];

            /// Its name in conditions.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$presence => $name,)* }
            }
        }

        impl From<BasePresence> for Presence {
            fn from(base: BasePresence) -> Self {
                match base { $(BasePresence::$presence => Self::$presence,)* }
            }
        }

        impl Presence {
            /// What this presence stands for, where `custom` are the made-up ones. One that is not there any more stands
            /// for Away: whoever chose it is not offered work until they choose again.
            pub fn base<'custom>(self, mut custom: impl Iterator<Item = &'custom CustomPresence>) -> BasePresence {
                match self {
                    $(Self::$presence => BasePresence::$presence,)*
                    Self::Custom(id) => {
                        custom.find(|custom| custom.id == id).map_or(BasePresence::Away, |custom| custom.base)
                    }
                }
            }
        }
    };
}

presences! {
    /// Free.
    Available = "available",
    /// At work, with room.
    Busy = "busy",
    /// At work, without room.
    DoNotDisturb = "do_not_disturb",
    /// Not at the desk.
    Away = "away",
    /// Not there.
    Offline = "offline",
    /// Did not answer an offer. Only the system gives it.
    Inactive = "inactive",
}

/// A presence that the organisation made up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomPresence {
    /// Which.
    pub id: PresenceId,
    /// Its name, for administrators.
    pub name: Line,
    /// What representatives read.
    pub text: Line,
    /// What it stands for. Not Inactive.
    pub base: BasePresence,
    /// What it is for.
    #[serde(default)]
    pub description: Option<Line>,
}

/// As conditions refer to it.
impl From<Presence> for Reference {
    fn from(presence: Presence) -> Self {
        let built_in = match presence {
            Presence::Custom(id) => return id.into(),
            _ => presence.base(core::iter::empty()).name(),
        };
        // Every base presence has a name that conditions know; a test goes through them.
        Self::built_in_presence(built_in).unwrap_or(Self { thing: Thing::Presence, id: [0; 16] })
    }
}

impl Element for Presence {
    fn as_value(&self) -> ValueRef<'_> {
        ValueRef::Reference((*self).into())
    }
}
