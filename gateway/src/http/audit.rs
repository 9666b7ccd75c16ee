//! The audit log as it is read: what administrators did, from the settings, and what supervisors did, from the records.

use shared::authority::Action;
use shared::id::{QueueId, RepresentativeId};
use shared::protocol::Problem;
use shared::protocol::desk::Destination;
use shared::protocol::http::AuditLine;
use shared::routing::SupervisorAct;
use shared::settings::{Presence, Settings};

use super::{Answered, Visit, body, staff};
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::records::{self, Act, RecordsShell};
use crate::settings::{Answer, Request};

/// Lines in one answer.
const LINES_MAX: usize = 500;

/// The newest lines, the newest first.
pub(super) async fn lines(visit: &Visit) -> Answered {
    visit.permitted(Action::ReadAudit).await?;
    let Answer::Audit(mut lines) = visit.settings(&Request::Audit).await? else {
        return Err(Fault::Answer.into());
    };
    let acts = acts(visit).await?;
    if !acts.is_empty() {
        let settings = staff::document(visit).await?.settings;
        lines.extend(acts.iter().map(|act| line(&settings, act)));
        lines.sort_by_key(|line| core::cmp::Reverse(line.at));
        lines.truncate(LINES_MAX);
    }
    body::answer(body::wanted(&visit.request), &lines)
}

async fn acts(visit: &Visit) -> Result<Vec<Act>, Problem> {
    let records = ObjectName::records(&visit.deployment.organisation);
    match records.ask::<RecordsShell>(&visit.env, &records::Request::Acts).await? {
        records::Answer::Acts(acts) => Ok(acts),
        _ => Err(Fault::Answer.into()),
    }
}

fn line(settings: &Settings, act: &Act) -> AuditLine {
    AuditLine { at: act.at, by: Some(act.supervisor), what: sentence(settings, &act.what) }
}

fn sentence(settings: &Settings, act: &SupervisorAct) -> String {
    match act {
        SupervisorAct::Assigned { conversation, to } => {
            format!("Assigned the conversation {conversation} to {}.", destination(settings, *to))
        }
        SupervisorAct::Redirected { conversation, to } => {
            format!("Transferred the conversation {conversation} to {}.", destination(settings, *to))
        }
        SupervisorAct::ForceClosed { conversation } => format!("Closed the conversation {conversation}."),
        SupervisorAct::Monitored { conversation } => format!("Monitored the conversation {conversation}."),
        SupervisorAct::Rerouted { conversation } => {
            format!("Had the conversation {conversation} routed again.")
        }
        SupervisorAct::Joined { conversation } => format!("Joined the conversation {conversation}."),
        SupervisorAct::OverrodePresence { representative, presence, reason } => {
            let who = full_name(settings, *representative);
            let reason = reason.as_str();
            match presence {
                Some(presence) => {
                    format!("Set the presence of {who} to {}: {reason}.", presence_name(settings, *presence))
                }
                None => format!("Let the presence of {who} be computed: {reason}."),
            }
        }
        SupervisorAct::Removed { conversation, target, of, file } => {
            let what = if *file { "a file" } else { "a message" };
            let whose = of.map_or_else(|| "the customer".to_owned(), |id| full_name(settings, id));
            format!("Removed {what} of {whose} (number {}) from the conversation {conversation}.", target.0)
        }
    }
}

fn destination(settings: &Settings, to: Destination) -> String {
    match to {
        Destination::Representative(representative) => full_name(settings, representative),
        Destination::Queue(queue) => format!("the queue {}", queue_name(settings, queue)),
    }
}

/// Whoever is gone from the settings is named by their id.
fn full_name(settings: &Settings, id: RepresentativeId) -> String {
    settings.representative(id).map_or_else(|| id.to_string(), |known| known.full_name.as_str().to_owned())
}

fn queue_name(settings: &Settings, id: QueueId) -> String {
    settings.queue(id).map_or_else(|| id.to_string(), |queue| queue.name.as_str().to_owned())
}

fn presence_name(settings: &Settings, presence: Presence) -> String {
    let name = match presence {
        Presence::Available => "available",
        Presence::Busy => "busy",
        Presence::DoNotDisturb => "do not disturb",
        Presence::Away => "away",
        Presence::Offline => "offline",
        Presence::Inactive => "inactive",
        Presence::Custom(id) => {
            let known = settings.presences.iter().find(|custom| custom.id == id);
            return known.map_or_else(|| id.to_string(), |custom| custom.text.as_str().to_owned());
        }
    };
    name.to_owned()
}
