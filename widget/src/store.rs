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

use shared::client::{Delivery, Draft};
use shared::id::{ConversationId, MessageId, WidgetId};
use shared::protocol::ErrorCode;
use shared::protocol::live::{Sequence, Visibility};
use web_sys::Storage;

use crate::dom::window;
use crate::model::Session;
use crate::words::digits;

/// What changed in another tab.
pub(crate) enum Changed {
    /// The session.
    Session(Option<Session>),
    /// How far the visitor has read.
    Seen(Sequence),
    /// A draft is gone.
    DraftGone(MessageId),
}

/// The store of one widget.
pub(crate) struct Store {
    storage: Option<Storage>,
    prefix: String,
}

impl Store {
    pub(crate) fn new(widget: WidgetId) -> Self {
        let prefix = ["throughline:", widget.encode(&mut [0; 36]), ":"].concat();
        Self { storage: window().local_storage().ok().flatten(), prefix }
    }

    fn key(&self, name: &str) -> String {
        [self.prefix.as_str(), name].concat()
    }

    fn read(&self, name: &str) -> Option<String> {
        self.storage.as_ref()?.get_item(&self.key(name)).ok().flatten()
    }

    /// Writes a value, or takes it away. A full or forbidden store is no error.
    fn write(&self, name: &str, value: Option<&str>) {
        let Some(storage) = &self.storage else { return };
        let key = self.key(name);
        let _ = match value {
            Some(value) => storage.set_item(&key, value),
            None => storage.remove_item(&key),
        };
    }

    pub(crate) fn session(&self) -> Option<Session> {
        session_of(&self.read("session")?)
    }

    pub(crate) fn keep_session(&self, session: Option<&Session>) {
        self.write("session", session.map(session_text).as_deref());
    }

    pub(crate) fn seen(&self) -> Sequence {
        self.read("seen").as_deref().and_then(sequence_of).unwrap_or_default()
    }

    pub(crate) fn keep_seen(&self, seen: Sequence) {
        self.write("seen", Some(&digits(seen.0 as usize)));
    }

    /// Keeps a draft: its conversation, whether it failed, and its text.
    pub(crate) fn keep_draft(&self, conversation: ConversationId, draft: &Draft) {
        let failed = if matches!(draft.delivery, Delivery::Failed(_)) { "!" } else { "." };
        let value = [conversation.encode(&mut [0; 36]), failed, draft.text.as_str()].concat();
        self.write(&draft_name(draft.message), Some(&value));
    }

    pub(crate) fn forget_draft(&self, message: MessageId) {
        self.write(&draft_name(message), None);
    }

    /// The drafts of this conversation, of every tab.
    pub(crate) fn drafts(&self, conversation: ConversationId) -> Vec<Draft> {
        let of_conversation = |message: MessageId| {
            let value = self.read(&draft_name(message))?;
            let (id, rest) = value.split_at_checked(36)?;
            let text = rest.get(1..)?.to_owned();
            let failed = rest.starts_with('!');
            let delivery = if failed { Delivery::Failed(ErrorCode::Internal) } else { Delivery::Waiting };
            let ours = id.parse() == Ok(conversation);
            ours.then_some(Draft { message, visibility: Visibility::Public, text, delivery })
        };
        self.messages().into_iter().filter_map(of_conversation).collect()
    }

    /// Forgets what belongs to the conversation before.
    pub(crate) fn forget_traces(&self) {
        self.write("seen", None);
        for message in self.messages() {
            self.forget_draft(message);
        }
    }

    fn messages(&self) -> Vec<MessageId> {
        let Some(storage) = &self.storage else { return Vec::new() };
        let count = storage.length().unwrap_or(0);
        let key = |index| storage.key(index).ok().flatten();
        (0..count).filter_map(|index| self.draft_of(&key(index)?)).collect()
    }

    /// The message whose draft stands under this key.
    fn draft_of(&self, key: &str) -> Option<MessageId> {
        key.strip_prefix(self.prefix.as_str())?.strip_prefix("draft:")?.parse().ok()
    }

    /// What a change that another tab made means, if it is one of ours.
    pub(crate) fn changed(&self, key: &str, value: Option<&str>) -> Option<Changed> {
        match (key.strip_prefix(self.prefix.as_str())?, value) {
            ("session", value) => Some(Changed::Session(value.and_then(session_of))),
            ("seen", Some(value)) => sequence_of(value).map(Changed::Seen),
            (_, None) => self.draft_of(key).map(Changed::DraftGone),
            _ => None,
        }
    }
}

fn draft_name(message: MessageId) -> String {
    ["draft:", message.encode(&mut [0; 36])].concat()
}

fn sequence_of(text: &str) -> Option<Sequence> {
    text.parse().ok().map(Sequence)
}

/// The session as one line of text: the token, and the conversation if there is one. Also what the page keeps a copy of.
pub(crate) fn session_text(session: &Session) -> String {
    match &session.conversation {
        Some(conversation) => [session.token.as_str(), " ", conversation.encode(&mut [0; 36])].concat(),
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
