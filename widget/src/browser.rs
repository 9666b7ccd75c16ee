//! Clock, chance and timer.

use js_sys::{Date, Function};
use shared::id::{MessageId, RequestId};
use shared::time::{Span, Timestamp};
use wasm_bindgen::prelude::*;

use crate::dom::window;

/// Now.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970 fit, and are not negative")]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(Date::now() as u64)
}

/// Random bytes. Without a random source, which no browser lacks, they are zero.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
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

/// One timer that is set anew each time.
pub(crate) struct Timer {
    action: JsValue,
    running: Option<i32>,
}

impl Timer {
    pub(crate) fn new(action: impl FnMut() + 'static) -> Self {
        let action = Closure::<dyn FnMut()>::new(action).into_js_value();
        Self { action, running: None }
    }

    /// Rings at this time, and no longer at the one before.
    pub(crate) fn set(&mut self, time: Option<Timestamp>) {
        let window = window();
        if let Some(running) = self.running.take() {
            window.clear_timeout_with_handle(running);
        }
        let Some(time) = time else { return };
        // A millisecond more, because timers may ring a fraction early; and never longer than a timer can wait.
        let wait = time.since(now()).min(Span::from_secs(3600)).as_millis() + 1;
        let wait = i32::try_from(wait).unwrap_or(i32::MAX);
        let action: &Function = self.action.unchecked_ref();
        self.running = window.set_timeout_with_callback_and_timeout_and_arguments_0(action, wait).ok();
    }
}
