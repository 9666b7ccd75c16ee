//! The shell around the settings, which are pushed to the router, and around the sessions of the staff.

use std::collections::BTreeMap;

use shared::id::RepresentativeId;
use shared::protocol::{ErrorCode, Problem};
use shared::routing::Command;
use shared::settings::{Settings, SettingsVersion};
use shared::time::{Span, Timestamp};

use crate::object::{Answer, Name, Shell, Turn};
use crate::router::Told;

/// The shell. All it has stands in its rows.
pub(crate) struct SettingsShell;

/// The rows.
#[derive(Clone, Default)]
pub(crate) struct SettingsTables {
    pub(crate) version: SettingsVersion,
    /// The sessions of the staff, and when each ends by itself.
    pub(crate) sessions: BTreeMap<u64, (RepresentativeId, Option<Timestamp>)>,
    /// How long one lasts that is not renewed.
    pub(crate) lifetime: Option<Span>,
}

/// A request.
#[derive(Debug)]
pub(crate) enum SettingsRequest {
    /// Somebody who has read this version wants these settings instead.
    Change {
        read: SettingsVersion,
        settings: Box<Settings>,
    },
    SignIn {
        representative: RepresentativeId,
        session: u64,
    },
    Renew {
        session: u64,
    },
    SignOut {
        session: u64,
    },
}

impl Shell for SettingsShell {
    type Request = SettingsRequest;
    type Step = ();
    type Effect = ();
    type Seat = ();
    type Tables = SettingsTables;

    fn load(_: &SettingsTables) -> Self {
        Self
    }

    fn serve(&mut self, turn: &mut Turn<'_, Self>, request: SettingsRequest) -> Result<Answer, Problem> {
        match request {
            SettingsRequest::Change { read, settings } => {
                // A change that was overtaken by another is refused: whoever made it has to look again.
                if read != turn.tables.version {
                    return Err(ErrorCode::SettingsChanged.into());
                }
                let version = SettingsVersion(read.0 + 1);
                turn.tables.version = version;
                turn.post(Name::Router, &Told::Command(Command::Configure { version, settings }));
            }
            SettingsRequest::SignIn { representative, session } => {
                let ends = turn.tables.lifetime.map(|lifetime| turn.now.after(lifetime));
                turn.tables.sessions.insert(session, (representative, ends));
            }
            SettingsRequest::Renew { session } => {
                let (now, lifetime) = (turn.now, turn.tables.lifetime);
                match turn.tables.sessions.get_mut(&session) {
                    Some((_, ends)) if ends.is_none_or(|ends| now < ends) => {
                        *ends = lifetime.map(|lifetime| now.after(lifetime));
                    }
                    _ => return Ok(Answer::SignedOut),
                }
            }
            SettingsRequest::SignOut { session } => {
                if let Some((representative, _)) = turn.tables.sessions.remove(&session) {
                    let was_last = !turn.tables.sessions.values().any(|(other, _)| *other == representative);
                    turn.post(Name::Router, &Told::SessionEnded { representative, session, was_last });
                }
            }
        }
        Ok(Answer::Done)
    }

    fn receive(_: &[u8]) -> Option<SettingsRequest> {
        None
    }
}
