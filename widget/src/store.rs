//! What the browser keeps for the frame. Browsers keep it apart for every site that embeds the frame.
//!
//! - `throughline:{widget}:session`: the visitor's token and the conversation
//! - `throughline:{widget}:seen`: how far the visitor has read
//! - `throughline:{widget}:draft:{message}`: one message that the gateway has not acknowledged
//!
//! Nothing is written before the visitor starts a conversation or arrives with one. A browser that keeps nothing is no
//! error: the page's own copy of the session then carries the conversation on.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use shared::client::{Delivery, Draft, DraftKind};
use shared::id::{ConversationId, MessageId};
use shared::protocol::ErrorCode;
use shared::protocol::live::{Sequence, Visibility};

use crate::browser;
use crate::model::Session;
use crate::words::{add_line, concat, digits};

const SESSION: &str = ":session";
const SEEN: &str = ":seen";
const DRAFT: &str = ":draft:";

pub(crate) fn session() -> Option<Session> {
    session_of(&browser::load(SESSION)?)
}

pub(crate) fn keep_session(session: Option<&Session>) {
    match session {
        Some(session) => browser::keep(SESSION, &session_text(session)),
        None => browser::forget(SESSION),
    }
}

pub(crate) fn seen() -> Sequence {
    let kept = browser::load(SEEN).and_then(|text| text.parse().ok());
    Sequence(kept.unwrap_or(0))
}

pub(crate) fn keep_seen(seen: Sequence) {
    browser::keep(SEEN, &digits(seen.0 as usize));
}

/// Keeps a draft: its conversation, whether it failed, and its text.
pub(crate) fn keep_draft(conversation: ConversationId, draft: &Draft) {
    browser::keep(&draft_name(draft.message), &draft_value(conversation, draft));
}

fn draft_value(conversation: ConversationId, draft: &Draft) -> String {
    let failed = if matches!(draft.delivery, Delivery::Failed(_)) { "!" } else { "." };
    concat(&[conversation.encode(&mut [0; 36]), failed, draft.text.as_str()])
}

pub(crate) fn forget_draft(message: MessageId) {
    browser::forget(&draft_name(message));
}

/// The drafts of this conversation, of every tab.
pub(crate) fn drafts(conversation: ConversationId) -> Vec<Draft> {
    let mut drafts = Vec::new();
    each_kept(|line| drafts.extend(draft_of(line, conversation)));
    drafts
}

/// The texts of all drafts, in the order of writing.
pub(crate) fn unsent() -> String {
    let mut texts = String::new();
    each_kept(|line| add_line(&mut texts, line.get(73..).unwrap_or_default()));
    texts
}

/// Forgets what belongs to other conversations than this one.
pub(crate) fn forget_traces(conversation: Option<ConversationId>) {
    browser::forget(SEEN);
    each_kept(|line| {
        if conversation.is_none_or(|conversation| draft_of(line, conversation).is_none()) {
            browser::forget(&concat(&[DRAFT, line.get(..36).unwrap_or_default()]));
        }
    });
}

/// Visits every draft that is kept, as a line, in the order of writing.
fn each_kept(mut visit: impl FnMut(&str)) {
    let kept = browser::kept(DRAFT);
    let mut rest = kept.as_str();
    while let Some(end) = rest.bytes().position(|byte| byte == 0) {
        visit(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + 1..).unwrap_or_default();
    }
}

/// The draft that is kept as a line: message, conversation, mark, text. None if it is another conversation's.
fn draft_of(line: &str, conversation: ConversationId) -> Option<Draft> {
    let message = line.get(..36)?.parse().ok()?;
    let ours = line.get(36..72)?.parse() == Ok(conversation);
    let failed = line.get(72..73)? == "!";
    let text = line.get(73..)?.to_owned();
    let delivery = if failed { Delivery::Failed(ErrorCode::Internal) } else { Delivery::Waiting };
    ours.then_some(Draft {
        message,
        kind: DraftKind::Message,
        visibility: Visibility::Public,
        text,
        delivery,
    })
}

fn draft_name(message: MessageId) -> String {
    concat(&[DRAFT, message.encode(&mut [0; 36])])
}

/// The session as one line of text: the token, and the conversation if there is one. Also what the page keeps a copy of.
pub(crate) fn session_text(session: &Session) -> String {
    match &session.conversation {
        Some(conversation) => concat(&[session.token.as_str(), " ", conversation.encode(&mut [0; 36])]),
        None => session.token.clone(),
    }
}

/// The session that the text says.
pub(crate) fn session_of(text: &str) -> Option<Session> {
    let (token, conversation) = match text.bytes().position(|byte| byte == b' ') {
        Some(end) => (text.get(..end)?, Some(text.get(end + 1..)?.parse().ok()?)),
        None => (text, None),
    };
    (!token.is_empty()).then(|| Session { token: token.to_owned(), conversation })
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_browser_kept_as_a_session_is_read_as_what_it_says_or_not_at_all(
            text in prop_oneof!["[a-z0-9_-]{0,9} [0-9a-f-]{30,40}", "[^ ]{0,20}( .*)?", ".*"],
        ) {
            if let Some(session) = session_of(&text) {
                // Ids can be written in several ways.
                prop_assert!(session_text(&session).eq_ignore_ascii_case(&text));
            }
        }

        #[test]
        fn a_draft_is_read_as_it_was_kept(message: u128, conversation: u128, failed: bool, text in "(?s).*") {
            let delivery =
                if failed { Delivery::Failed(ErrorCode::Internal) } else { Delivery::Waiting };
            let other = ConversationId::from_u128(!conversation);
            let (message, conversation) =
                (MessageId::from_u128(message), ConversationId::from_u128(conversation));
            let (kind, visibility) = (DraftKind::Message, Visibility::Public);
            let draft = Draft { message, kind, visibility, text, delivery };
            let line = format!("{message}{}", draft_value(conversation, &draft));
            prop_assert_eq!(draft_of(&line, other), None);
            prop_assert_eq!(draft_of(&line, conversation), Some(draft));
        }

        #[test]
        fn whatever_a_browser_kept_as_a_draft_is_of_this_conversation_or_none(
            line in prop_oneof!["[0-9a-f-]{36}[0-9a-f-]{36}.{0,9}", "[0-9a-f-]{70,75}\\PC{0,9}", ".*"],
        ) {
            // It may end, or be cut in two, within a character.
            if let Some(draft) = draft_of(&line, ConversationId::from_u128(7)) {
                prop_assert!(line.ends_with(&draft.text));
            }
        }
    }

    #[test]
    fn a_session_is_read_as_it_was_written() {
        for conversation in [None, Some(ConversationId::from_u128(7))] {
            let session = Session { token: "t0ken".to_owned(), conversation };
            assert_eq!(session_of(&session_text(&session)), Some(session));
        }
    }

    #[test]
    fn what_is_no_session_is_none() {
        for text in ["", " ", "token ", "token no-id", " 00000000-0000-0000-0000-000000000007"] {
            assert_eq!(session_of(text), None, "{text}");
        }
    }
}
