//! Which shards are real: whoever invents an id brings no object to life.

use std::cell::Cell;

use shared::id::{ConversationId, Shard, VisitorId};
use shared::protocol::{ErrorCode, Problem};

use super::Visit;
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::settings::{Answer, Request};

thread_local! {
    /// The highest count of shards that the settings object has told this process.
    static COUNT: Cell<u16> = const { Cell::new(0) };
}

impl Visit {
    /// The object of a visitor; `otherwise` if nobody can have been born there.
    pub(super) async fn shard_of_visitor(
        &self,
        visitor: VisitorId,
        otherwise: ErrorCode,
    ) -> Result<ObjectName, Problem> {
        self.shard(visitor.shard(), otherwise).await
    }

    /// The object of a conversation.
    pub(super) async fn shard_of_conversation(
        &self,
        conversation: ConversationId,
    ) -> Result<ObjectName, Problem> {
        self.shard(conversation.shard(), ErrorCode::UnknownConversation).await
    }

    /// The object of a shard; `otherwise` if there is none.
    pub(super) async fn shard(&self, shard: Shard, otherwise: ErrorCode) -> Result<ObjectName, Problem> {
        let number = shard.number();
        // What the deployment says may be lower than what it once said; the settings remember.
        if number >= self.deployment.shards && number >= COUNT.get() {
            let Answer::Shards(count) = self.settings(&Request::Shards).await? else {
                return Err(Fault::Answer.into());
            };
            COUNT.set(count);
            if number >= count {
                return Err(otherwise.into());
            }
        }
        Ok(ObjectName::shard(&self.deployment.organisation, shard))
    }
}
