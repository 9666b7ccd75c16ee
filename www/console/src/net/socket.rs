//! One WebSocket in the JSON coding. Dropping it closes it, and nothing is heard from it afterwards.

use gloo::events::EventListener;
use serde::Serialize;
use shared::protocol::codec::{PING, SUBPROTOCOL_JSON, to_json};
use wasm_bindgen::JsCast as _;
use web_sys::{MessageEvent, WebSocket};

/// What is heard from a socket.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It is open.
    Opened,
    /// A text frame.
    Text(String),
    /// It closed, or could not be opened.
    Closed,
}

/// An open socket, or one on its way.
pub(crate) struct Socket {
    socket: WebSocket,
    // Dropping a listener takes it off.
    _listeners: [EventListener; 3],
}

impl Socket {
    /// Opens a socket to `path` on this page's own host. None if the browser refuses at once.
    pub(crate) fn open(path: &str, heard: impl Fn(Heard) + Clone + 'static) -> Option<Self> {
        let location = web_sys::window()?.location();
        let scheme = if location.protocol().ok()? == "https:" { "wss://" } else { "ws://" };
        let address = [scheme, &location.host().ok()?, path].concat();
        let socket = WebSocket::new_with_str(&address, SUBPROTOCOL_JSON).ok()?;
        let (on_open, on_message, on_close) = (heard.clone(), heard.clone(), heard);
        let listeners = [
            EventListener::new(&socket, "open", move |_| on_open(Heard::Opened)),
            EventListener::new(&socket, "message", move |event| {
                let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                if let Some(text) = text {
                    on_message(Heard::Text(text));
                }
            }),
            // An error is always followed by a close.
            EventListener::new(&socket, "close", move |_| on_close(Heard::Closed)),
        ];
        Some(Self { socket, _listeners: listeners })
    }

    /// Sends a frame. What cannot be sent any more is noticed by the close that follows.
    pub(crate) fn send<T: Serialize>(&self, frame: &T) {
        let _ = self.socket.send_with_str(&to_json(frame));
    }

    /// Sends the heartbeat.
    pub(crate) fn ping(&self) {
        let _ = self.socket.send_with_str(PING);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.socket.close();
    }
}
