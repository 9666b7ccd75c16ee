//! Which conversations somebody of the staff may read: whoever takes part, those; supervisors, what they watch over; of
//! what is over, what was in their queues.

use shared::authority::{Action, permits};
use shared::id::ConversationId;
use shared::protocol::{ErrorCode, Problem};
use shared::routing::Sight;
use shared::time::Timestamp;

use super::Visit;
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::object::Staff;
use crate::records::{self, RecordsShell};
use crate::router::{self, RouterShell};

/// The leave to read a conversation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leave {
    /// Since when it holds, by the router's clock: what the router decided before, it knew.
    pub(super) at: Timestamp,
    /// Whether it holds also when they take part no more.
    pub(super) watches: bool,
}

/// Their leave; none if they may not.
pub(super) async fn may_read(
    visit: &Visit,
    staff: &Staff,
    conversation: ConversationId,
) -> Result<Option<Leave>, Problem> {
    let organisation = &visit.deployment.organisation;
    let supervises = permits(staff.role, Action::ReadAnyConversation);
    let ask = router::Request::Sight { reader: staff.representative, supervises, conversation };
    let answer = ObjectName::router(organisation).ask::<RouterShell>(&visit.env, &ask).await?;
    let router::Answer::Sight(sight, at) = answer else { return Err(Fault::Answer.into()) };
    let queues = match sight {
        Sight::Yes => return Ok(Some(Leave { at, watches: true })),
        Sight::AsTheyTakePart => return Ok(Some(Leave { at, watches: false })),
        Sight::No => return Ok(None),
        Sight::IfItWasIn(queues) => queues,
    };
    let ask = records::Request::WasIn { conversation, queues };
    match ObjectName::records(organisation).ask::<RecordsShell>(&visit.env, &ask).await? {
        records::Answer::WasIn(was) => Ok(was.then_some(Leave { at, watches: true })),
        _ => Err(Fault::Answer.into()),
    }
}

/// Refuses whoever may not. Gives what [`may_read`] gives.
pub(super) async fn require(
    visit: &Visit,
    staff: &Staff,
    conversation: ConversationId,
) -> Result<Leave, Problem> {
    may_read(visit, staff, conversation).await?.ok_or_else(|| ErrorCode::NotYourConversation.into())
}
