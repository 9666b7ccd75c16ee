//! What is seen. Everything is drawn from the model; what people do comes back as an [`Act`].

mod composer;
mod form;
mod transcript;

use alloc::vec::Vec;

use shared::client::{Change, Connection, Input};
use shared::form::Answer;
use shared::protocol::live::{EndedBy, Standing};
use web_sys::{HtmlDialogElement, HtmlElement, KeyboardEvent};

use crate::colour::ink_on;
use crate::dom::{self, below, on, part, set, show};
use crate::model::{Failure, Model, Part, Screen};
use crate::words::{WORDS, refusal};
use wasm_bindgen::JsCast as _;

/// What the visitor does.
pub(crate) enum Act {
    /// Submits the form.
    Submit(Vec<Answer>),
    /// Does something to the conversation.
    Chat(Input),
    /// Wants a new conversation.
    Again,
    /// Tries to load the widget again.
    Retry,
    /// Closes the panel.
    Close,
}

/// Who is told what the visitor does.
pub(crate) type Tell = &'static dyn Fn(Act);

/// The view.
pub(crate) struct View {
    form: form::FormView,
    transcript: transcript::Transcript,
    /// The title was written.
    titled: bool,
}

impl View {
    pub(crate) fn new(tell: Tell) -> Self {
        let root = dom::document().document_element();
        if let Some(root) = root {
            set(&root, "lang", WORDS.lang);
            set(&root, "dir", WORDS.dir);
        }
        label("close", WORDS.minimise);
        label("scroll", WORDS.conversation);
        label("log", WORDS.conversation);
        write("end", WORDS.end);
        write("again", WORDS.again);
        write("retry", WORDS.retry);
        write("confirm-title", WORDS.end_question);
        write("stay", WORDS.end_cancel);
        write("leave", WORDS.end_confirm);
        let confirm: HtmlDialogElement = part("confirm");
        if let Some(explained) = below::<HtmlElement>(&confirm, "p") {
            explained.set_text_content(Some(WORDS.end_explained));
        }
        on(&part::<HtmlElement>("close"), "click", move |_| tell(Act::Close));
        on(&part::<HtmlElement>("again"), "click", move |_| tell(Act::Again));
        on(&part::<HtmlElement>("retry"), "click", move |_| tell(Act::Retry));
        let asking = confirm.clone();
        on(&part::<HtmlElement>("end"), "click", move |_| {
            asking.set_return_value("");
            let _ = asking.show_modal();
        });
        let asked = confirm.clone();
        on(&confirm, "close", move |_| {
            if asked.return_value() == "end" {
                tell(Act::Chat(Input::End));
            }
        });
        on(&dom::document(), "keydown", move |event| {
            let key: KeyboardEvent = event.unchecked_into();
            // In a question Escape answers the question.
            if key.key() == "Escape" && !confirm.open() {
                tell(Act::Close);
            }
            if key.key() == "/" && key.ctrl_key() {
                let _ = part::<HtmlElement>("text").focus();
            }
        });
        composer::wire(tell);
        Self { form: form::FormView::new(tell), transcript: transcript::Transcript::new(tell), titled: false }
    }

    /// Nothing of the conversation before is shown any more.
    pub(crate) fn clear(&mut self) {
        self.transcript.clear();
    }

    /// Draws a part again.
    pub(crate) fn draw(&mut self, model: &Model, part: Part) {
        match part {
            Part::Screen => self.screen(model),
            Part::Form => self.form.draw(model),
            Part::Chat(change) => self.chat(model, change),
        }
    }

    fn chat(&mut self, model: &Model, change: Change) {
        let chat = &model.chat;
        match change {
            Change::Appended { from } => self.transcript.append(chat, from),
            Change::Prepended { count } => self.transcript.prepend(chat, count),
            Change::Replaced => self.transcript.replace(chat),
            Change::Outbox => self.transcript.draw_drafts(chat),
            Change::ReadByOther => self.transcript.mark_read(chat.read_by_other()),
            Change::Typing => transcript::draw_typing(chat),
            Change::Standing | Change::Connection => draw_around(model),
            Change::Problem => {}
        }
    }

    fn screen(&mut self, model: &Model) {
        if let Some(view) = model.view.as_ref().filter(|_| !self.titled) {
            self.titled = true;
            write("title", view.title.as_str());
            write("subtitle", view.subtitle.as_str());
            dom::document().set_title(&view.title);
            colour(&view.accent);
        }
        for (screen, id) in [
            (Screen::Loading, "loading"),
            (Screen::Form, "form"),
            (Screen::Conversation, "conversation"),
            (Screen::Trouble, "trouble"),
        ] {
            show(&part(id), model.screen == screen);
        }
        match model.screen {
            Screen::Form => self.form.draw(model),
            Screen::Trouble => draw_trouble(model.failure.as_ref()),
            Screen::Conversation => self.form.sent(model),
            Screen::Loading => {}
        }
        draw_around(model);
    }

    /// Puts the focus where the visitor goes on, if they are in this frame and nowhere else on the page.
    pub(crate) fn focus(&self, model: &Model) {
        if !dom::document().has_focus().unwrap_or(false) {
            return;
        }
        let goal = match model.screen {
            Screen::Form => self.form.first(),
            Screen::Conversation if model.has_ended() => part("again"),
            Screen::Conversation => part("text"),
            Screen::Trouble => part("retry"),
            Screen::Loading => part("close"),
        };
        let _ = goal.focus();
    }
}

/// What stands around the conversation: the state of things, the button that ends it, the composer.
fn draw_around(model: &Model) {
    let here = model.screen == Screen::Conversation;
    let ended = model.has_ended();
    let welcomed = model.chat.standing().is_some();
    let status = part::<HtmlElement>("status");
    let (words, kind) = status_of(model);
    show(&status, here && !words.is_empty());
    if status.text_content().as_deref() != Some(words) {
        status.set_text_content(Some(words));
    }
    status.set_class_name(kind);
    show(&part("end"), here && welcomed && !ended);
    show(&part("composer"), here && !ended);
    let over = part::<HtmlElement>("ended");
    show(&over, here && ended);
    if let (Some(Standing::Ended { by }), Some(words)) = (model.chat.standing(), below::<HtmlElement>(&over, "p")) {
        words.set_text_content(Some(ended_by(*by)));
    }
}

/// The line that says how things are, and how it looks.
fn status_of(model: &Model) -> (&'static str, &'static str) {
    match (model.chat.connection(), model.chat.standing()) {
        (_, Some(Standing::Ended { .. })) => ("", ""),
        (Connection::Reconnecting, _) => (WORDS.reconnecting, "warn"),
        (Connection::Connecting, None) => (WORDS.connecting, ""),
        (_, Some(Standing::Waiting { anyone_available: true })) => (WORDS.waiting, "wait"),
        (_, Some(Standing::Waiting { anyone_available: false })) => (WORDS.nobody, "wait"),
        _ => ("", ""),
    }
}

fn ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Customer => WORDS.ended_by_customer,
        EndedBy::Representative => WORDS.ended_by_representative,
        EndedBy::System => WORDS.ended_by_system,
    }
}

/// Why something failed, in words for a visitor.
fn failure_words(failure: &Failure) -> &'static str {
    match failure {
        Failure::Unreachable => WORDS.offline,
        Failure::Refused(problem) => refusal(problem.code),
    }
}

fn draw_trouble(failure: Option<&Failure>) {
    let trouble = part::<HtmlElement>("trouble");
    for (selector, words) in [("h2", WORDS.trouble), ("p", failure.map_or(WORDS.wrong, failure_words))] {
        if let Some(element) = below::<HtmlElement>(&trouble, selector) {
            element.set_text_content(Some(words));
        }
    }
}

/// The accent, and the ink that can be read on it. Set through the object model, which a strict policy permits.
fn colour(accent: &str) {
    let root = dom::document().document_element();
    if let (Some(root), Some(ink)) = (root, ink_on(accent)) {
        let style = root.unchecked_into::<HtmlElement>().style();
        let _ = style.set_property("--accent", accent);
        let _ = style.set_property("--on-accent", ink);
    }
}

fn write(id: &str, words: &str) {
    part::<HtmlElement>(id).set_text_content(Some(words));
}

fn label(id: &str, words: &str) {
    set(&part::<HtmlElement>(id), "aria-label", words);
}
