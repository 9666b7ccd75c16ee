//! What the staff ask about routing: why, what if, what goes on, how much. Nothing of it changes anything.

use shared::authority::{Action, permits};
use shared::id::{ConversationId, QueueId, RepresentativeId};
use shared::limit::{FRAME_BYTES_MAX, SETTINGS_BYTES_MAX};
use shared::protocol::insight::{Counters, Explanation, Trial};
use shared::protocol::{ErrorCode, Problem};
use shared::settings::Settings;

use super::{Answered, Visit, body, sight, staff};
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::records::{self, RecordsShell};
use crate::router::{Answer, Request, RouterShell};
use crate::{clock, mint};

/// Why a conversation is where it is, or was when it closed. Representatives may ask about what they have on their lists
/// and what they had, supervisors about what they watch over as well.
pub(super) async fn explanation(visit: &Visit, conversation: &str) -> Answered {
    let (conversation, reader) = asked_about(visit, conversation).await?;
    let explanation = match ask(visit, &Request::Explain { conversation, reader }).await {
        Ok(Answer::Explained(explanation)) => explanation,
        Ok(_) => return Err(Fault::Answer.into()),
        Err(problem) if problem.code == ErrorCode::UnknownConversation => {
            explained_when_closed(visit, conversation, reader).await?
        }
        Err(problem) => return Err(problem),
    };
    body::answer(body::wanted(&visit.request), &explanation)
}

/// About which conversation somebody asks, and as whom: only what they have or had may be told to this one; anything if it
/// is none, because they watch over it.
async fn asked_about(
    visit: &Visit,
    conversation: &str,
) -> Result<(ConversationId, Option<RepresentativeId>), Problem> {
    let staff = visit.permitted(Action::HandleWork).await?;
    let conversation = conversation.parse().map_err(|_| ErrorCode::UnknownConversation)?;
    let supervises = permits(staff.role, Action::ReadAnyConversation);
    let watches = supervises && sight::may_read(visit, &staff, conversation).await?.is_some();
    Ok((conversation, (!watches).then_some(staff.representative)))
}

/// What became of the rules that could have decided where a conversation goes. For whom it is explained to.
pub(super) async fn rules(visit: &Visit, conversation: &str) -> Answered {
    let (conversation, reader) = asked_about(visit, conversation).await?;
    let rules = match ask(visit, &Request::Rules { conversation, reader }).await {
        Ok(Answer::Rules(rules)) => rules,
        Ok(_) => return Err(Fault::Answer.into()),
        Err(problem) if problem.code == ErrorCode::UnknownConversation => {
            explained_when_closed(visit, conversation, reader).await?.rules
        }
        Err(problem) => return Err(problem),
    };
    body::answer(body::wanted(&visit.request), &rules)
}

/// What explains a conversation that is over, as it was when it closed.
async fn explained_when_closed(
    visit: &Visit,
    conversation: ConversationId,
    reader: Option<RepresentativeId>,
) -> Result<Box<Explanation>, Problem> {
    let request = records::Request::Explain { conversation, reader };
    let records = ObjectName::records(&visit.deployment.organisation);
    match records.ask::<RecordsShell>(&visit.env, &request).await? {
        records::Answer::Explained(explanation) => Ok(explanation),
        _ => Err(Fault::Answer.into()),
    }
}

/// What goes on, in a queue or in all.
pub(super) async fn ongoing(visit: &Visit, queue: Option<&str>) -> Answered {
    let staff = visit.permitted(Action::WatchWork).await?;
    let queue: Option<QueueId> = queue.map(read_queue).transpose()?;
    match ask(visit, &Request::Ongoing { reader: staff.representative, queue }).await? {
        Answer::Ongoing(ongoing) => body::answer(body::wanted(&visit.request), &ongoing),
        _ => Err(Fault::Answer.into()),
    }
}

fn read_queue(queue: &str) -> Result<QueueId, Problem> {
    queue.parse().map_err(|_| Problem::from(ErrorCode::NotFound).saying("There is no such queue."))
}

/// The live counters.
pub(super) async fn counters(visit: &Visit) -> Answered {
    let reader = visit.permitted(Action::WatchWork).await?.representative;
    match ask(visit, &Request::Counters { reader }).await? {
        Answer::Counters(counters) => body::answer(body::wanted(&visit.request), &counters),
        _ => Err(Fault::Answer.into()),
    }
}

/// What is counted now, in all queues, whoever asks; none if the router does not answer.
pub(super) async fn live(visit: &Visit) -> Option<Counters> {
    // Nobody has this id, so no queue is assigned to them and they see all.
    let reader = RepresentativeId::from_u128(0);
    match ask(visit, &Request::Counters { reader }).await {
        Ok(Answer::Counters(counters)) => Some(counters),
        _ => None,
    }
}

/// What would become of a conversation: under the settings in force, or under a draft, for those who may change them.
pub(super) async fn trial(mut visit: Visit) -> Answered {
    let staff = visit.permitted(Action::TryRouting).await?;
    let most = SETTINGS_BYTES_MAX + FRAME_BYTES_MAX;
    let read = body::read_within::<Trial>(&mut visit.request, most).await;
    let mut trial = read.map_err(staff::too_large)?;
    let draft = trial.settings.take();
    if let Some(draft) = &draft {
        staff::require(&staff, Action::ChangeSettings)?;
        let checked = draft.check();
        checked.map_err(|error| Problem::from(ErrorCode::SettingsRefused).saying(error.to_string()))?;
    }
    let in_force: Settings;
    let settings = if let Some(draft) = &draft {
        draft
    } else {
        in_force = staff::document(&visit).await?.settings;
        &in_force
    };
    let conversation = mint::conversation(clock::now(), mint::visitor(clock::now(), 1));
    let arrival = trial
        .arrival(settings, conversation)
        .map_err(|fault| Problem::from(ErrorCode::TrialRefused).saying(fault.to_string()))?;
    let request = Request::Decide { settings: draft.map(Box::new), arrival: Box::new(arrival) };
    match ask(&visit, &request).await? {
        Answer::Decided(tried) => body::answer(body::wanted(&visit.request), &tried),
        _ => Err(Fault::Answer.into()),
    }
}

async fn ask(visit: &Visit, request: &Request) -> Result<Answer, Problem> {
    ObjectName::router(&visit.deployment.organisation).ask::<RouterShell>(&visit.env, request).await
}
