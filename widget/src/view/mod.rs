//! What is seen: drawn from the model, part by part.

pub(crate) mod composer;
pub(crate) mod form;
mod place;
pub(crate) mod transcript;

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use shared::client::{Change, ChatClient, Connection};
use shared::protocol::live::{EndedBy, Standing};

use crate::browser::{put, show, style, take, title, write};
use crate::colour::ink_on;
use crate::model::{Failure, Model, Part, Screen};
use crate::words::{WORDS, fill, refusal};

/// What has been drawn and stays.
#[derive(Debug)]
pub(crate) struct View {
    form_is_built: bool,
    is_titled: bool,
    /// How many were ahead of the visitor in the line when it was last read out.
    told_ahead: Option<u32>,
}

impl View {
    pub(crate) fn new() -> Self {
        for (id, words) in
            [("close", WORDS.minimise), ("scroll", WORDS.conversation), ("log", WORDS.conversation)]
        {
            put(id, "aria-label", words);
        }
        for (id, words) in [
            ("end", WORDS.end),
            ("again", WORDS.again),
            ("retry", WORDS.retry),
            ("earlier", WORDS.earlier),
            ("confirm-title", WORDS.end_question),
            ("confirm-words", WORDS.end_explained),
            ("stay", WORDS.end_cancel),
            ("leave", WORDS.end_confirm),
            ("note", WORDS.expired),
            ("trouble-title", WORDS.trouble),
        ] {
            write(id, words);
        }
        composer::prepare();
        Self { form_is_built: false, is_titled: false, told_ahead: None }
    }

    /// Draws a part again.
    pub(crate) fn draw(&mut self, model: &Model, part: Part) {
        match part {
            Part::Screen => self.screen(model),
            Part::Form => form::draw(model),
        }
    }

    fn screen(&mut self, model: &Model) {
        if let Some(view) = model.view.as_ref().filter(|_| !self.is_titled) {
            self.is_titled = true;
            write("title", &view.title);
            write("subtitle", &view.subtitle);
            title(&view.title);
            // The accent, and the ink that can be read on it.
            if let Some(ink) = ink_on(&view.accent) {
                style("--accent", &view.accent);
                style("--on-accent", ink);
            }
        }
        for (screen, id) in [
            (Screen::Loading, "loading"),
            (Screen::Form, "form"),
            (Screen::Conversation, "conversation"),
            (Screen::Trouble, "trouble"),
        ] {
            show(id, model.screen == screen);
        }
        match (model.screen, &model.view) {
            (Screen::Form, Some(view)) => {
                if !self.form_is_built {
                    self.form_is_built = true;
                    form::build(&view.form);
                }
                form::draw(model);
            }
            (Screen::Conversation, Some(view)) if self.form_is_built => form::take_away_sent(&view.form),
            (Screen::Trouble, _) => {
                write("trouble-words", model.failure.as_ref().map_or(WORDS.wrong, failure_words));
            }
            _ => {}
        }
        self.draw_around(model);
    }

    /// Draws what changed in the conversation.
    pub(crate) fn draw_chat(&mut self, model: &Model, change: Change) {
        let chat = &model.chat;
        match change {
            Change::Appended { from } => transcript::append(chat, from),
            Change::Revised { index } => transcript::revise(chat, index),
            Change::Prepended { count } => transcript::prepend(chat, count),
            Change::Replaced => transcript::replace(chat),
            Change::Outbox => transcript::draw_drafts(chat),
            Change::ReadByOther => transcript::mark_read(chat),
            Change::Typing => transcript::draw_typing(chat),
            Change::Standing | Change::Place | Change::Connection => self.draw_around(model),
            Change::Problem => {}
        }
    }

    /// What stands around the conversation: the state of things, the button that ends it, the composer.
    fn draw_around(&mut self, model: &Model) {
        let here = model.screen == Screen::Conversation;
        let ended = model.has_ended();
        let (words, kind) = status_of(&model.chat);
        show("status", here && !words.is_empty());
        write("status", &words);
        put("status", "class", kind);
        self.told_ahead = place::draw(&model.chat, here, self.told_ahead);
        show("end", here && model.chat.standing().is_some() && !ended);
        show("composer", here && !ended);
        show("ended", here && ended);
    }
}

/// Puts the focus where the visitor goes on, if they are in this frame and nowhere else on the page.
pub(crate) fn take_focus(model: &Model) {
    take(match model.screen {
        Screen::Form if model.has_questions() => "q0",
        Screen::Form => "start",
        Screen::Conversation if model.has_ended() => "again",
        Screen::Conversation => "text",
        Screen::Trouble => "retry",
        Screen::Loading => "close",
    });
}

/// The line that says how things are, and how it looks.
fn status_of(chat: &ChatClient) -> (String, &'static str) {
    let (words, kind) = match (chat.connection(), chat.standing()) {
        (_, Some(Standing::Ended { .. })) => ("", ""),
        (Connection::Reconnecting, _) => (WORDS.reconnecting, "warn"),
        (Connection::Connecting, None) => (WORDS.connecting, ""),
        (_, Some(Standing::Waiting { anyone_available: true })) => (WORDS.waiting, "wait"),
        (_, Some(Standing::Waiting { anyone_available: false })) => (WORDS.nobody, "wait"),
        (_, Some(Standing::InConversation { with })) if chat.absent_until().is_some() => {
            return (fill(WORDS.lost, with), "warn");
        }
        _ => ("", ""),
    };
    (words.to_owned(), kind)
}

fn ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Customer => WORDS.ended_by_customer,
        EndedBy::Representative | EndedBy::System => WORDS.ended_by_representative,
        EndedBy::Absence => WORDS.ended_by_absence,
    }
}

/// Why something failed, in words for a visitor.
fn failure_words(failure: &Failure) -> &'static str {
    match failure {
        Failure::Unreachable => WORDS.offline,
        Failure::Refused(problem) => refusal(problem.code),
    }
}
