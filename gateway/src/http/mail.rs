//! The mail between objects: what lies dead and what is held up, for administrators.

use futures_util::future::try_join_all;
use shared::authority::Action;
use shared::protocol::mail::{LetterChoice, Mail, ObjectMail};
use shared::protocol::{ErrorCode, Problem};

use super::{Answered, Visit, body};
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::object::{MailRequest, mail};
use crate::settings::{Answer, Request};

/// Every object with mail that needs somebody.
pub(super) async fn list(visit: &Visit) -> Answered {
    visit.permitted(Action::LookAfterMail).await?;
    let organisation = &visit.deployment.organisation;
    let Answer::Shards(count) = visit.settings(&Request::Shards).await? else {
        return Err(Fault::Answer.into());
    };
    let shards = ObjectName::shards(organisation, count);
    let names =
        [ObjectName::settings, ObjectName::router, ObjectName::records].map(|name| name(organisation));
    let asked = names.into_iter().chain(shards).map(|name| async move {
        let mail = mail(&name.stub(&visit.env)?, &MailRequest::List).await?;
        Ok::<_, Problem>(ObjectMail { object: name.within(), ..mail })
    });
    let mut objects = try_join_all(asked).await?;
    objects.retain(|mail| !mail.dead.is_empty() || !mail.held_up.is_empty());
    body::answer(body::wanted(&visit.request), &Mail { objects })
}

/// A letter is tried again.
pub(super) async fn again(visit: Visit) -> Answered {
    choose(visit, MailRequest::Again).await
}

/// A letter is thrown away.
pub(super) async fn discard(visit: Visit) -> Answered {
    choose(visit, MailRequest::Discard).await
}

async fn choose(mut visit: Visit, what: fn(u64) -> MailRequest) -> Answered {
    visit.permitted(Action::LookAfterMail).await?;
    let LetterChoice { object, number } = body::read(&mut visit.request).await?;
    let unknown =
        || Problem::from(ErrorCode::NotFound).saying("There is no such object. Load the list again.");
    let name = ObjectName::of(&visit.deployment.organisation, &object).ok_or_else(unknown)?;
    if let Some(shard) = name.as_shard() {
        visit.shard(shard, ErrorCode::NotFound).await?;
    }
    let mail = mail(&name.stub(&visit.env)?, &what(number)).await?;
    body::answer(body::wanted(&visit.request), &ObjectMail { object, ..mail })
}
