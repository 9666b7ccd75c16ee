//! Starts a conversation once, however many tabs ask for it at the same moment.

use alloc::string::String;
use alloc::vec::Vec;

use shared::form::Answer;
use shared::id::{RequestId, WidgetId};
use shared::protocol::ErrorCode;
use shared::protocol::http::{CurrentConversation, OpenVisitor, StartConversation, VisitorSession};
use shared::settings::Origin;

use crate::api::post;
use crate::lock;
use crate::model::{Failure, Session, Started};
use crate::store::Store;

/// The session in which a conversation goes on: a new one, or the one that another tab has just started. One tab at a
/// time comes through here, and the session is kept before the next one does.
pub(crate) async fn start(
    widget: WidgetId,
    site: Origin,
    known: Option<Session>,
    request: RequestId,
    answers: Vec<Answer>,
) -> Result<Started, Failure> {
    let name = ["throughline:", widget.encode(&mut [0; 36]), ":start"].concat();
    let _held = lock::hold(&name).await;
    let store = Store::new(widget);
    let kept = store.session();
    if let Some(session) = kept.clone().filter(|session| session.conversation.is_some()) {
        return Ok(Started { session, elsewhere: true });
    }
    let mut token = kept.or(known).map(|session| session.token);
    let body = StartConversation { request, answers };
    loop {
        let fresh = token.is_none();
        let bearer = match token.take() {
            Some(token) => token,
            None => open_visitor(widget, &site).await?,
        };
        match post("/v1/conversations", Some(&bearer), &body).await {
            Ok(CurrentConversation { conversation }) => {
                let session = Session { token: bearer, conversation };
                store.keep_session(Some(&session));
                return Ok(Started { session, elsewhere: false });
            }
            // A session of long ago: begin with a new one, once.
            Err(failure) if failure.is(ErrorCode::NotSignedIn) && !fresh => {}
            Err(failure) => return Err(failure),
        }
    }
}

async fn open_visitor(widget: WidgetId, site: &Origin) -> Result<String, Failure> {
    let body = OpenVisitor { widget, site: site.clone() };
    let session: VisitorSession = post("/v1/visitors", None, &body).await?;
    Ok(session.token)
}
