//! The conversation itself. Rows are drawn once and stay; the log only grows at its ends. Text is text: what people write
//! is never read as markup.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{Date, Object, Reflect};
use shared::client::{ChatClient, Delivery, Draft, Input};
use shared::protocol::live::{Author, Content, Entry, Sequence};
use shared::time::{Span, Timestamp};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::{Act, Tell, ended_by};
use crate::browser::now;
use crate::dom::{append, button, link, make, on, part, set, show, text};
use crate::links::{self, Part};
use crate::words::{WORDS, fill, refusal};

/// Messages of one author that follow each other within this time stand together.
const TOGETHER: Span = Span::from_secs(5 * 60);
/// What is older bears its day.
const TODAY: Span = Span::from_secs(18 * 3600);
/// So near to an edge counts as being there, in pixels.
const NEAR: i32 = 48;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Date)]
    type LocalDate;
    #[wasm_bindgen(method, js_name = toLocaleString)]
    fn in_words(this: &LocalDate, locales: &JsValue, options: &Object) -> String;
}

/// A row of the log.
struct Row {
    element: HtmlElement,
    /// Where "Sent" or "Read" stands, and of which entry.
    state: Option<(HtmlElement, Sequence)>,
}

/// The transcript.
pub(super) struct Transcript {
    tell: Tell,
    rows: Vec<Row>,
}

impl Transcript {
    pub(super) fn new(tell: Tell) -> Self {
        let scroll = scroll();
        on(&scroll.clone(), "scroll", move |_| {
            if scroll.scroll_top() < NEAR && !part::<HtmlElement>("earlier").hidden() {
                tell(Act::Chat(Input::LoadEarlier));
            }
        });
        let earlier = part::<HtmlElement>("earlier");
        earlier.set_text_content(Some(WORDS.earlier));
        on(&earlier, "click", move |_| tell(Act::Chat(Input::LoadEarlier)));
        Self { tell, rows: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        for id in ["log", "drafts", "typing"] {
            part::<HtmlElement>(id).set_text_content(None);
        }
        show(&part("earlier"), false);
    }

    /// Draws everything again. A screen reader is not told what it has read before.
    pub(super) fn replace(&mut self, chat: &ChatClient) {
        self.clear();
        self.quietly(|transcript| transcript.add(chat, 0));
        self.after_change(chat);
        to_end();
    }

    pub(super) fn append(&mut self, chat: &ChatClient, from: usize) {
        let follow = is_at_end();
        self.add(chat, from);
        self.after_change(chat);
        if follow {
            to_end();
        }
    }

    fn add(&mut self, chat: &ChatClient, from: usize) {
        let log = part::<HtmlElement>("log");
        let entries = chat.entries();
        for (index, entry) in entries.iter().enumerate().skip(from) {
            let before = index.checked_sub(1).and_then(|before| entries.get(before));
            let row = draw(entry, before);
            append(&log, &row.element);
            self.rows.push(row);
        }
    }

    /// Puts a page of history before the first row, which stays where it is on the screen.
    pub(super) fn prepend(&mut self, chat: &ChatClient, count: usize) {
        let scroll = scroll();
        let below = scroll.scroll_height() - scroll.scroll_top();
        self.quietly(|transcript| {
            let log = part::<HtmlElement>("log");
            let first = log.first_child();
            let entries = chat.entries();
            let mut earlier = Vec::with_capacity(count + transcript.rows.len());
            for (index, entry) in entries.iter().enumerate().take(count) {
                let before = index.checked_sub(1).and_then(|before| entries.get(before));
                let row = draw(entry, before);
                let _ = log.insert_before(&row.element, first.as_ref());
                earlier.push(row);
            }
            earlier.append(&mut transcript.rows);
            transcript.rows = earlier;
        });
        self.after_change(chat);
        scroll.set_scroll_top(scroll.scroll_height() - below);
    }

    fn after_change(&self, chat: &ChatClient) {
        show(&part("earlier"), chat.has_earlier());
        self.mark_read(chat.read_by_other());
    }

    /// Changes the log without a screen reader saying so.
    fn quietly(&mut self, change: impl FnOnce(&mut Self)) {
        let log = part::<HtmlElement>("log");
        set(&log, "aria-live", "off");
        change(self);
        let loud = Closure::once_into_js(move || set(&log, "aria-live", "polite"));
        let window = crate::dom::window();
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(loud.unchecked_ref(), 500);
    }

    /// Says under the visitor's own messages how far they came.
    pub(super) fn mark_read(&self, read: Sequence) {
        for (state, sequence) in self.rows.iter().filter_map(|row| row.state.as_ref()) {
            let words = if *sequence <= read { WORDS.read } else { WORDS.sent };
            if state.text_content().as_deref() != Some(words) {
                state.set_text_content(Some(words));
            }
        }
    }

    /// Draws what has no place in the log yet.
    pub(super) fn draw_drafts(&self, chat: &ChatClient) {
        let drafts = part::<HtmlElement>("drafts");
        let grown = chat.drafts().len() > drafts.child_element_count() as usize;
        drafts.set_text_content(None);
        for draft in chat.drafts() {
            append(&drafts, &self.draw_draft(draft));
        }
        // Who writes sees what they have written.
        if grown {
            to_end();
        }
    }

    fn draw_draft(&self, draft: &Draft) -> HtmlElement {
        let (tell, message) = (self.tell, draft.message);
        let row = make("div", "row own same");
        append(&row, &bubble(&draft.text));
        let meta = make("p", "meta");
        match draft.delivery {
            Delivery::Waiting | Delivery::Sent => meta.set_text_content(Some(WORDS.sending)),
            Delivery::Delivered(_) => meta.set_text_content(Some(WORDS.sent)),
            Delivery::Failed(code) => {
                row.set_class_name("row own same failed");
                append(&meta, &text("span", "", refusal(code)));
                let retry = move |_| tell(Act::Chat(Input::Retry { message }));
                append(&meta, &button("quiet", WORDS.retry, retry));
                let discard = move |_| tell(Act::Chat(Input::Discard { message }));
                append(&meta, &button("quiet", WORDS.discard, discard));
            }
        }
        append(&row, &meta);
        row
    }
}

/// Says who is writing.
pub(super) fn draw_typing(chat: &ChatClient) {
    let typing = part::<HtmlElement>("typing");
    let follow = is_at_end();
    let words = chat.typing().map(|author| fill(WORDS.typing, name_of(author)));
    typing.set_text_content(words.as_deref());
    if follow {
        to_end();
    }
}

fn draw(entry: &Entry, before: Option<&Entry>) -> Row {
    match &entry.content {
        Content::Text { text } => draw_text(entry, before, text),
        Content::Started { .. } => draw_note(WORDS.started.to_owned()),
        Content::Joined => draw_note(fill(WORDS.joined, name_of(&entry.author))),
        Content::Left => draw_note(fill(WORDS.left, name_of(&entry.author))),
        Content::Ended { by } => draw_note(ended_by(*by).to_owned()),
    }
}

fn draw_note(words: String) -> Row {
    Row { element: text("p", "event", &words), state: None }
}

fn draw_text(entry: &Entry, before: Option<&Entry>, words: &str) -> Row {
    let own = entry.author == Author::Customer;
    let same = before.is_some_and(|before| continues(before, entry));
    let element = make("div", match (own, same) {
        (true, false) => "row own",
        (true, true) => "row own same",
        (false, false) => "row",
        (false, true) => "row same",
    });
    let author = if own { WORDS.you } else { name_of(&entry.author) };
    append(&element, &text("p", "author", author));
    append(&element, &bubble(words));
    let meta = make("p", "meta");
    append(&meta, &text("time", "", &time_of(entry.at)));
    let mut state = None;
    if own {
        let line = make("span", "");
        append(&meta, &line);
        state = Some((line, entry.sequence));
    }
    append(&element, &meta);
    Row { element, state }
}

/// Whether an entry goes on where the one before stopped.
fn continues(before: &Entry, entry: &Entry) -> bool {
    matches!(before.content, Content::Text { .. })
        && before.author == entry.author
        && entry.at.since(before.at) <= TOGETHER
}

fn bubble(words: &str) -> HtmlElement {
    let bubble = make("div", "bubble");
    // The writer's own direction, whatever the language of the widget.
    set(&bubble, "dir", "auto");
    for piece in links::parts(words) {
        match piece {
            Part::Text(words) => {
                let _ = bubble.append_with_str_1(words);
            }
            Part::Link(address) => append(&bubble, &link(address, address)),
        }
    }
    bubble
}

fn name_of(author: &Author) -> &str {
    match author {
        Author::Representative { name, .. } if !name.is_empty() => name,
        _ => WORDS.somebody,
    }
}

/// The time of day, with the day if it is not today's, as people write it here.
fn time_of(at: Timestamp) -> String {
    let options = Object::new();
    let option = |name: &str, value: &str| {
        let _ = Reflect::set(&options, &name.into(), &value.into());
    };
    option("hour", "numeric");
    option("minute", "2-digit");
    if now().since(at) > TODAY {
        option("day", "numeric");
        option("month", "short");
    }
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double")]
    let date = Date::new(&JsValue::from_f64(at.as_millis() as f64));
    date.unchecked_into::<LocalDate>().in_words(&JsValue::UNDEFINED, &options)
}

fn scroll() -> HtmlElement {
    part("scroll")
}

fn is_at_end() -> bool {
    let scroll = scroll();
    scroll.scroll_height() - scroll.scroll_top() - scroll.client_height() < NEAR
}

fn to_end() {
    let scroll = scroll();
    scroll.set_scroll_top(scroll.scroll_height());
}
