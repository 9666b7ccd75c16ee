//! Where the visitor writes.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use shared::client::Input;
use shared::limit::MESSAGE_CHARS_MAX;
use shared::protocol::live::Visibility;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlTextAreaElement, KeyboardEvent};

use super::{Act, Tell, label};
use crate::browser::new_message;
use crate::dom::{on, part, set, show};
use crate::words::{WORDS, digits, fill};

/// The counter is shown when no more than this many characters are left.
const NEAR_THE_END: usize = 200;
/// The composer grows up to this many lines.
const LINES_MAX: usize = 6;

/// Joins the composer to the conversation.
pub(super) fn wire(tell: Tell) {
    label("send", WORDS.send);
    label("text", WORDS.write);
    let field: HtmlTextAreaElement = part("text");
    set(&field, "placeholder", WORDS.write);
    on(&field, "input", move |_| {
        measure();
        tell(Act::Chat(Input::Typing { visibility: Visibility::Public }));
    });
    on(&field, "keydown", move |event| {
        let key: &KeyboardEvent = event.unchecked_ref();
        // Enter that ends a composition (Japanese, Chinese, Korean) belongs to the composition.
        if key.key() == "Enter" && !key.shift_key() && !key.is_composing() {
            event.prevent_default();
            send(tell);
        }
    });
    on(&part::<HtmlElement>("composer"), "submit", move |event| {
        event.prevent_default();
        send(tell);
    });
    measure();
}

/// Sends what was written, unless it is nothing or too much.
fn send(tell: Tell) {
    let field: HtmlTextAreaElement = part("text");
    let text = field.value().trim().to_owned();
    if !text.is_empty() && text.chars().count() <= MESSAGE_CHARS_MAX {
        field.set_value("");
        measure();
        tell(Act::Chat(Input::Compose { message: new_message(), visibility: Visibility::Public, text }));
    }
    let _ = field.focus();
}

/// Fits height, counter and button to what is written.
fn measure() {
    let field: HtmlTextAreaElement = part("text");
    let text = field.value();
    let length = text.trim().chars().count();
    // For browsers that do not size fields by their content.
    let lines = (1 + text.bytes().filter(|byte| *byte == b'\n').count()).min(LINES_MAX);
    field.set_rows(u32::try_from(lines).unwrap_or(1));
    let counter = part::<HtmlElement>("counter");
    let words = match MESSAGE_CHARS_MAX.checked_sub(length) {
        None => fill(WORDS.too_long, &digits(length - MESSAGE_CHARS_MAX)),
        Some(left) if left <= NEAR_THE_END => fill(WORDS.left_over, &digits(left)),
        Some(_) => String::new(),
    };
    show(&counter, !words.is_empty());
    counter.set_text_content(Some(&words));
    counter.set_class_name(if length > MESSAGE_CHARS_MAX { "over" } else { "" });
    let sendable = length > 0 && length <= MESSAGE_CHARS_MAX;
    set(&part::<HtmlElement>("send"), "aria-disabled", if sendable { "false" } else { "true" });
    set(&field, "aria-invalid", if length > MESSAGE_CHARS_MAX { "true" } else { "false" });
}
