//! What this window remembers over a reload, in the browser's session storage: it ends with the window, and at sign-out.
//!
//! Keys: `throughline.of` (whose it is), `throughline.tabs` (which conversations are open, and which in front), `throughline.text.{conversation}` (what is
//! being written), `throughline.seen.{conversation}` (how far was read) and `throughline.files.{conversation}` (which files
//! are on their way). A browser that refuses storage costs the comfort, nothing else. What was sent and not acknowledged
//! outlives the window: see [`outbox`](super::outbox).

use serde::{Serialize, de::DeserializeOwned};
use shared::id::{ConversationId, RepresentativeId};
use web_sys::Storage;

/// The key of the tabs.
pub(crate) const TABS: &str = "throughline.tabs";

const OWNER: &str = "throughline.of";

/// What is kept of one conversation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    /// What is being written.
    Text,
    /// How far was read.
    Seen,
    /// Which files are on their way.
    Files,
}

impl Of {
    /// The key for `conversation`.
    pub(crate) fn key(self, conversation: ConversationId) -> String {
        let kind = match self {
            Self::Text => "text",
            Self::Seen => "seen",
            Self::Files => "files",
        };
        format!("throughline.{kind}.{conversation}")
    }
}

/// Keeps `value`.
pub(crate) fn keep<T: Serialize + ?Sized>(key: &str, value: &T) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(value)) {
        // A full or forbidden store: see above.
        let _ = storage.set_item(key, &text);
    }
}

/// What was kept; nothing if there is nothing or it cannot be read.
pub(crate) fn kept<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_str(&storage()?.get_item(key).ok()??).ok()
}

/// Forgets one value.
pub(crate) fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// Forgets what was kept of a conversation that is over.
pub(crate) fn forget_conversation(conversation: ConversationId) {
    for of in [Of::Text, Of::Seen, Of::Files] {
        forget(&of.key(conversation));
    }
}

/// What is kept belongs to this representative. What somebody else left is forgotten.
pub(crate) fn belong_to(representative: RepresentativeId) {
    if kept(OWNER).is_some_and(|owner: RepresentativeId| owner != representative) {
        forget_everything();
    }
    keep(OWNER, &representative);
}

/// Forgets everything: somebody else may sit here next.
pub(crate) fn forget_everything() {
    if let Some(storage) = storage() {
        let _ = storage.clear();
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}
