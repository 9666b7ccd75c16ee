//! The document, in few kinds of calls: each kind adds glue that every visitor pays for.

use alloc::boxed::Box;

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Window};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = window)]
    static WINDOW: Window;
    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Document;
}

/// The frame's window.
pub(crate) fn window() -> Window {
    WINDOW.with(Clone::clone)
}

/// The frame's document.
pub(crate) fn document() -> Document {
    DOCUMENT.with(Clone::clone)
}

/// The part of `frame.html` with this id. The page and this code are built together, so it is there; were it not, the
/// element would be one that nobody sees.
pub(crate) fn part<T: JsCast>(id: &str) -> T {
    let found = document().get_element_by_id(id);
    found.unwrap_or_else(|| make("div", "").into()).unchecked_into()
}

/// A new element with this class.
pub(crate) fn make(tag: &str, class: &str) -> HtmlElement {
    // Fails only for names that are no names of elements; ours are literals.
    let element: HtmlElement = match document().create_element(tag) {
        Ok(element) => element.unchecked_into(),
        Err(error) => error.unchecked_into(),
    };
    if !class.is_empty() {
        element.set_class_name(class);
    }
    element
}

/// A new element with this class and text. Text is text: it is never read as markup.
pub(crate) fn text(tag: &str, class: &str, words: &str) -> HtmlElement {
    let element = make(tag, class);
    element.set_text_content(Some(words));
    element
}

/// A new button that does this.
pub(crate) fn button(class: &str, words: &str, action: impl FnMut(Event) + 'static) -> HtmlElement {
    let button = text("button", class, words);
    set(&button, "type", "button");
    on(&button, "click", action);
    button
}

/// Sets an attribute. The names are ours, so that this does not fail.
pub(crate) fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// Appends a child. It fails only if the child holds the parent.
pub(crate) fn append(parent: &Element, child: &Element) {
    let _ = parent.append_child(child);
}

/// Shows or hides an element.
pub(crate) fn show(element: &HtmlElement, shown: bool) {
    element.set_hidden(!shown);
}

/// The first element below `parent` that this selector, one of ours, finds.
pub(crate) fn below<T: JsCast>(parent: &Element, selector: &str) -> Option<T> {
    parent.query_selector(selector).ok().flatten().map(JsCast::unchecked_into)
}

/// Listens. The element lives as long as the listener.
pub(crate) fn on(target: &EventTarget, kind: &str, action: impl FnMut(Event) + 'static) {
    listen(target, kind, Box::new(action));
}

fn listen(target: &EventTarget, kind: &str, action: Box<dyn FnMut(Event)>) {
    let action = Closure::wrap(action).into_js_value();
    let _ = target.add_event_listener_with_callback(kind, action.unchecked_ref());
}

/// A link that opens beside the chat and tells the other side nothing about this one.
pub(crate) fn link(address: &str, words: &str) -> HtmlElement {
    let link = text("a", "", words);
    set(&link, "href", address);
    set(&link, "target", "_blank");
    set(&link, "rel", "noopener noreferrer");
    link
}
