//! A flood of frames that nobody looks at is slowed down, so that it does not keep others waiting.
//!
//! The runtime hands a socket's frames over one after another for as long as any have arrived, and looks at nothing else
//! meanwhile. While the object's gate is shut it looks at the other sockets too, and whatever they have brought stands in
//! line with the flood's next frame. So the gate is shut for a moment after every few frames that were not looked at; what
//! the flooder sends faster than that waits in the network.

use std::cell::Cell;

use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::DurableObjectState;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, ms: i32);
}

/// After so many frames that were not looked at the gate is shut.
const FRAMES: u32 = 16;

/// For how long, in milliseconds.
const PAUSE: i32 = 1;

/// The brake of an object.
pub(super) struct Brake {
    state: DurableObjectState,
    /// What the gate is shut for. Made once, for the reason that a bell is ([`super::gather::Bell`]).
    pause: Closure<dyn FnMut() -> Promise>,
    unread: Cell<u32>,
}

impl Brake {
    pub(super) fn of(state: &DurableObjectState) -> Self {
        let state = AsRef::<JsValue>::as_ref(state).clone().unchecked_into();
        let wait = || Promise::new(&mut |done, _| set_timeout(&done, PAUSE));
        Self { state, pause: Closure::new(wait), unread: Cell::new(0) }
    }

    /// A frame was not looked at. The event that brought it must stay until this is over: a timer is lost with its event.
    pub(super) async fn press(&self) {
        self.unread.set(self.unread.get() + 1);
        if self.unread.get() < FRAMES {
            return;
        }
        self.unread.set(0);
        let callback: &JsValue = self.pause.as_ref();
        let shut = self.state.block_concurrency_while(callback.unchecked_ref());
        let paused = match shut {
            Ok(promise) => JsFuture::from(promise).await,
            Err(refused) => Err(refused),
        };
        if paused.is_err() {
            worker::console_warn!("a flood could not be slowed down");
        }
    }
}
