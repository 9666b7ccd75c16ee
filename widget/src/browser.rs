//! What the widget needs of the browser; `www/embed/browser.js` has the other half, and says what each call does. One
//! narrow bridge instead of bindings to the whole document: no handle crosses it, so that nothing has to be held, cloned
//! and dropped, and a call costs a few bytes.

use alloc::string::String;

use shared::id::{MessageId, RequestId};
use shared::time::{Span, Timestamp};
use wasm_bindgen::prelude::*;

macro_rules! happenings {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What happened in the browser, numbered in this order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum What {
            $($(#[$doc])* $name,)*
        }

        impl What {
            /// All, by number.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];
            /// Their names, as `browser.js` lists them.
            #[cfg(test)]
            const NAMES: &[&str] = &[$(stringify!($name),)*];
        }
    };
}

happenings! {
    /// The page says the hand-over code that the visitor arrived with.
    Code,
    /// The page says whether the panel is shown, and its copy of the session.
    Init,
    /// The panel is shown or hidden.
    Shown,
    /// The page asks for a hand-over code, by a number, for a site.
    Handover,
    /// The visitor closes the panel.
    Close,
    /// The visitor wants a new conversation.
    Again,
    /// The visitor wants the widget to be loaded again.
    Retry,
    /// The visitor is where earlier messages would be.
    Earlier,
    /// The visitor sends a draft again.
    RetryDraft,
    /// The visitor, or another tab, gives a draft up.
    DiscardDraft,
    /// The visitor ends the conversation.
    End,
    /// The visitor sends what they wrote.
    Send,
    /// The visitor writes.
    Input,
    /// The visitor submits the form.
    Submit,
    /// The page became visible or hidden.
    Look,
    /// The network or the page is back.
    Wake,
    /// Another tab keeps another session.
    SessionChanged,
    /// Another tab has shown more of the conversation.
    SeenChanged,
    /// The timer rings.
    Tick,
    /// The gateway answered the request with this number, well or not.
    Answered,
    /// The request with this number got no answer.
    Unanswered,
    /// The socket is open.
    Opened,
    /// The socket is closed.
    Closed,
    /// The heartbeat was answered.
    Pong,
    /// A frame arrived.
    Frame,
    /// Another tab said a word, perhaps with a frame.
    Overheard,
    /// This tab leads the others, or somebody else does.
    Lock,
    /// This tab no longer leads, or there are no locks.
    LockLost,
    /// It is this tab's turn to start a conversation; with what the page knows, in the coding of the protocol.
    Held,
    /// Another tab kept a draft a while ago.
    Drafted,
}

#[wasm_bindgen]
extern "C" {
    /// Says whether other words stood there.
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn write(id: &str, words: &str) -> bool;
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn show(id: &str, shown: bool);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn put(id: &str, name: &str, value: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn style(name: &str, value: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn title(words: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn value(id: &str) -> String;
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn fill(id: &str, value: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn checked(id: &str) -> bool;
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn focus(id: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn take(id: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn visible() -> bool;

    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn build(id: &str, start: bool);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn enter(tag: &str, class: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn set(name: &str, value: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn words(words: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn leave();

    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn at_end() -> bool;
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn to_end();
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn mark_place();
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn find_place();
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn hush();

    #[wasm_bindgen(js_namespace = browser, js_name = passed)]
    fn milliseconds_passed() -> f64;
    #[wasm_bindgen(js_namespace = browser, js_name = now)]
    fn milliseconds() -> f64;
    #[wasm_bindgen(js_namespace = browser, js_name = ring)]
    fn ring_after(wait: f64);
    #[wasm_bindgen(js_namespace = browser, js_name = random)]
    fn fill_randomly(bytes: &mut [u8]);
    #[wasm_bindgen(js_namespace = browser, js_name = time)]
    fn time_in_words(at: f64, with_day: bool) -> String;

    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn load(name: &str) -> Option<String>;
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn keep(name: &str, value: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn forget(name: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn kept(name: &str) -> String;

    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn request(number: u32, method: &str, path: &str, token: &str, body: &[u8]);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn connect(path: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn disconnect();
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn send(bytes: &[u8]);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn ping();

    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn tune(conversation: &str);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn post(word: u32, frame: &[u8]);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn lead(how: u32);
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn hold();
    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn let_go();

    #[wasm_bindgen(js_namespace = browser)]
    pub(crate) fn say(name: &str, value: u32, more: Option<String>);
}

/// The time that has passed, for everything that waits: it runs on evenly, whatever becomes of the clock on the wall. Its
/// beginning means nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since a page was opened"
)]
pub(crate) fn passed() -> Timestamp {
    Timestamp::from_millis(milliseconds_passed() as u64)
}

/// The clock on the wall, for what people read and for ids.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since 1970 are whole, positive and exact in a double"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(milliseconds() as u64)
}

/// Rings once at this time, and no longer at the one before.
#[expect(clippy::cast_precision_loss, reason = "an hour is exact in a double")]
pub(crate) fn ring_at(time: Option<Timestamp>) {
    // A millisecond more, because timers may ring a fraction early; and never longer than a timer can wait.
    let wait = |time: Timestamp| time.since(passed()).min(Span::from_secs(3600)).as_millis() as f64 + 1.0;
    ring_after(time.map_or(-1.0, wait));
}

/// The time of day, with the day if `with_day`.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double")]
pub(crate) fn time(at: Timestamp, with_day: bool) -> String {
    time_in_words(at.as_millis() as f64, with_day)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill_randomly(&mut bytes);
    bytes
}

/// A random number for a back-off.
pub(crate) fn random_number() -> u32 {
    u32::from_le_bytes(random())
}

/// A new message's id.
pub(crate) fn new_message() -> MessageId {
    MessageId::born(now(), random())
}

/// A new request's id.
pub(crate) fn new_request() -> RequestId {
    RequestId::born(now(), random())
}

#[cfg(test)]
mod tests {
    use super::What;
    use alloc::string::String;

    /// A name as JavaScript writes constants: `RetryDraft` is `RETRY_DRAFT`.
    fn constant(name: &str) -> String {
        let mut constant = String::new();
        for c in name.chars() {
            if c.is_ascii_uppercase() && !constant.is_empty() {
                constant.push('_');
            }
            constant.push(c.to_ascii_uppercase());
        }
        constant
    }

    #[test]
    fn both_halves_of_the_bridge_number_what_happens_alike() {
        let script = include_str!("../../www/embed/browser.js");
        for (number, name) in What::NAMES.iter().enumerate() {
            let line = ["const ", &constant(name), " = ", &crate::words::digits(number), ";"].concat();
            assert!(script.contains(&line), "{line}");
        }
    }
}
