//! What the frame and the script tag on the page say to each other, over the port that was handed over.
//!
//! Each message is an array whose first item names it. From the page: `init` (the page's copy of the session, the
//! hand-over code, whether the panel is shown), `shown` (whether the panel is), `handover` (a number, the target site).
//! To the page: `ready`, `unread` (how many), `open` (whether a conversation is, and the copy of the session to keep),
//! `code` (the number, the code), `close`.

use alloc::string::String;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use crate::dom;

/// What the page says.
pub(crate) enum Said {
    Init { mirror: Option<String>, code: Option<String>, shown: bool },
    Shown(bool),
    Handover { number: JsValue, target: String },
}

/// The page's end of the channel.
#[derive(Clone)]
pub(crate) struct Tag {
    port: MessagePort,
}

impl Tag {
    /// Listens to the page.
    pub(crate) fn new(port: MessagePort, mut heard: impl FnMut(Said) + 'static) -> Self {
        dom::on(&port, "message", move |event| {
            let event: MessageEvent = event.unchecked_into();
            if let Some(said) = parse(&Array::from(&event.data())) {
                heard(said);
            }
        });
        port.start();
        Self { port }
    }

    /// Says something to the page.
    pub(crate) fn say(&self, name: &str, values: [&JsValue; 2]) {
        let message = Array::of3(&name.into(), values[0], values[1]);
        // It fails only for what cannot be copied; these are texts and numbers.
        let _ = self.port.post_message(&message);
    }

    /// Says something that needs no more words.
    pub(crate) fn call(&self, name: &str) {
        self.say(name, [&JsValue::UNDEFINED, &JsValue::UNDEFINED]);
    }
}

fn parse(message: &Array) -> Option<Said> {
    match message.get(0).as_string()?.as_str() {
        "init" => Some(Said::Init {
            mirror: message.get(1).as_string(),
            code: message.get(2).as_string(),
            shown: message.get(3).is_truthy(),
        }),
        "shown" => Some(Said::Shown(message.get(1).is_truthy())),
        "handover" => Some(Said::Handover { number: message.get(1), target: message.get(2).as_string()? }),
        _ => None,
    }
}
