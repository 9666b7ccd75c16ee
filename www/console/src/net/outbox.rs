//! What the gateway has not acknowledged, kept in the browser's local storage: it outlives the window in which it was
//! written. The next console of the same account on this machine takes it up, nobody else's does.
//!
//! Each window keeps what it has under an id of its own and holds a lock (Web Locks) with that id for as long as it lives.
//! Whoever gets the lock of another knows that it is gone. A message has its id from whoever wrote it, so that the gateway
//! takes it once, whoever sends it.
//!
//! Keys: `throughline.outbox.{account}.{window}.{conversation}.{message}`, each with one message.

use std::cell::LazyCell;

use js_sys::{Function, Object, Promise, Reflect};
use shared::client::{Delivery, Draft};
use shared::id::{ConversationId, MessageId, RepresentativeId};
use shared::time::{Span, Timestamp};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;

use super::clock;

const PREFIX: &str = "throughline.outbox";

/// How long a message is kept that nobody has taken up.
const KEPT: Span = Span::from_secs(7 * 24 * 3600);

/// The outbox of this window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outbox {
    account: RepresentativeId,
    /// An id like any other: it only has to be unlike those of other windows.
    window: MessageId,
}

/// Where one message is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    account: RepresentativeId,
    window: MessageId,
    conversation: ConversationId,
    message: MessageId,
}

impl Place {
    fn key(self) -> String {
        let Self { account, window, conversation, message } = self;
        format!("{PREFIX}.{account}.{window}.{conversation}.{message}")
    }

    fn read(key: &str) -> Option<Self> {
        let mut ids = key.strip_prefix(PREFIX)?.strip_prefix('.')?.split('.');
        let place = Self {
            account: ids.next()?.parse().ok()?,
            window: ids.next()?.parse().ok()?,
            conversation: ids.next()?.parse().ok()?,
            message: ids.next()?.parse().ok()?,
        };
        ids.next().is_none().then_some(place)
    }

    /// Whether it was written so long ago that its conversation is over.
    fn is_old(self, now: Timestamp) -> bool {
        // The id of a message begins with the moment in which it was written (RFC 9562 section 5.7).
        let written =
            self.message.as_bytes().iter().take(6).fold(0, |millis, byte| millis << 8 | u64::from(*byte));
        now.since(Timestamp::from_millis(written)) > KEPT
    }
}

thread_local! {
    /// This window's id, whoever signs in. Its lock is held until the window is gone: what keeps it never comes to an end.
    static WINDOW: LazyCell<MessageId> = LazyCell::new(|| {
        let window = clock::new_message();
        let _ = lock(&lock_name(window), false, |_| Promise::new(&mut |_, _| {}));
        window
    });
}

impl Outbox {
    /// That of this window, for an account.
    pub(crate) fn of(account: RepresentativeId) -> Self {
        Self { account, window: WINDOW.with(|window| **window) }
    }

    /// Keeps a message.
    pub(super) fn keep(self, conversation: ConversationId, draft: &Draft) {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(draft)) {
            // A full or forbidden store costs what this file is for, nothing else.
            let _ = storage.set_item(&self.place(conversation, draft.message).key(), &text);
        }
    }

    /// Forgets a message.
    pub(super) fn forget(self, conversation: ConversationId, message: MessageId) {
        remove(self.place(conversation, message));
    }

    /// What this window keeps of a conversation.
    pub(super) fn kept(self, conversation: ConversationId) -> Vec<Draft> {
        let mine = |place: &Place| place.window == self.window && place.conversation == conversation;
        self.places().into_iter().filter(mine).filter_map(read).collect()
    }

    /// Takes up what windows of this account have left that are gone. What nobody has taken up for long, nobody will.
    pub(super) async fn take_over(self) {
        self.places().into_iter().filter(|place| place.is_old(clock::wall())).for_each(remove);
        let mut others: Vec<_> = self.places().into_iter().map(|place| place.window).collect();
        others.retain(|window| *window != self.window);
        others.sort_unstable();
        others.dedup();
        for window in others {
            let granted = move |held: JsValue| {
                // While this window holds the lock, no other takes up the same.
                if !held.is_null() {
                    self.inherit(window);
                }
                Promise::resolve(&JsValue::UNDEFINED)
            };
            match lock(&lock_name(window), true, granted) {
                // What is refused stays for whoever asks next.
                Some(answer) => drop(JsFuture::from(answer).await),
                // A browser without locks does not say who is gone. What is sent twice is taken once.
                None => self.inherit(window),
            }
        }
    }

    /// Makes this window's what another has left.
    fn inherit(self, window: MessageId) {
        let Some(storage) = storage() else { return };
        for place in self.places().into_iter().filter(|place| place.window == window) {
            if let Ok(Some(text)) = storage.get_item(&place.key()) {
                let _ = storage.set_item(&Place { window: self.window, ..place }.key(), &text);
                remove(place);
            }
        }
    }

    /// How many messages the gateway has not taken yet, and may, of the conversations that are `open` in this window. What
    /// was left of others waits for them to be opened again.
    pub(crate) fn unsent(self, open: impl Fn(ConversationId) -> bool) -> usize {
        let is_mine = |place: &Place| place.window == self.window && open(place.conversation);
        let drafts = self.places().into_iter().filter(is_mine).filter_map(read);
        drafts.filter(|draft| !matches!(draft.delivery, Delivery::Failed(_))).count()
    }

    /// Forgets what all windows of this account keep of a conversation that is over.
    pub(crate) fn forget_conversation(self, conversation: ConversationId) {
        self.places().into_iter().filter(|place| place.conversation == conversation).for_each(remove);
    }

    /// Forgets what all windows of this account keep: somebody else may sit here next.
    pub(crate) fn forget_everything(self) {
        self.places().into_iter().for_each(remove);
    }

    fn place(self, conversation: ConversationId, message: MessageId) -> Place {
        Place { account: self.account, window: self.window, conversation, message }
    }

    /// All places of this account, of every window.
    fn places(self) -> Vec<Place> {
        let Some(storage) = storage() else { return Vec::new() };
        let count = storage.length().unwrap_or(0);
        let keys = (0..count).filter_map(|at| storage.key(at).ok()?);
        keys.filter_map(|key| Place::read(&key)).filter(|place| place.account == self.account).collect()
    }
}

fn read(place: Place) -> Option<Draft> {
    // What cannot be read was written by another version of the console.
    serde_json::from_str(&storage()?.get_item(&place.key()).ok()??).ok()
}

fn remove(place: Place) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&place.key());
    }
}

fn lock_name(window: MessageId) -> String {
    format!("throughline.window.{window}")
}

/// Asks for a lock; `granted` gets it, or null if only one that is free was asked for and it is not. It is held until the
/// promise that comes back is kept. None where the browser has no locks.
fn lock(
    name: &str,
    only_if_free: bool,
    granted: impl FnOnce(JsValue) -> Promise + 'static,
) -> Option<Promise> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&options, &"ifAvailable".into(), &only_if_free.into());
    let granted = Closure::once_into_js(granted);
    request.call3(&locks, &name.into(), &options, &granted).ok()?.dyn_into().ok()
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_a_week_ago_is_not_taken_up_any_more() {
        let written = Timestamp::from_millis(1_790_000_000_000);
        let place = Place {
            account: RepresentativeId::from_u128(1),
            window: MessageId::from_u128(2),
            conversation: ConversationId::from_u128(3),
            message: MessageId::born(written, [7; 10]),
        };
        assert!(!place.is_old(written.after(KEPT)));
        assert!(place.is_old(written.after(KEPT).after(Span::from_millis(1))));
        assert!(!place.is_old(Timestamp::from_millis(0)), "somebody has set the clock back");
    }

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
        let place = Place {
            account: RepresentativeId::from_u128(1),
            window: MessageId::from_u128(2),
            conversation: ConversationId::from_u128(3),
            message: MessageId::from_u128(4),
        };
        assert_eq!(Place::read(&place.key()), Some(place));
        for key in
            ["throughline.outbox", "throughline.tabs", &place.key()[1..], &format!("{}.5", place.key())]
        {
            assert_eq!(Place::read(key), None, "{key}");
        }
    }
}
