//! The questions before a conversation. Answers stay in their fields while the form is hidden, so that nobody is asked
//! again for what they have said; only the first message is taken away, because it was sent.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use shared::form::{Answer, CONSENT_GIVEN, Form, Meaning, Question, QuestionKind};

use super::failure_words;
use crate::browser::{
    build as build_in, checked, enter, fill, focus, leave, put, set, show, value, words, write,
};
use crate::model::Model;
use crate::words::{WORDS, answer_error, concat, digits};

/// The id of a question's field (`q`) or of its error (`e`).
fn id(kind: &str, index: usize) -> String {
    concat(&[kind, &digits(index)])
}

/// Draws the errors and the button, and takes the visitor to the first error.
pub(crate) fn draw(model: &Model) {
    let Some(view) = &model.view else { return };
    show("note", model.expired);
    write("start", if model.starting { WORDS.starting } else { WORDS.start });
    put("start", "aria-disabled", if model.starting { "true" } else { "false" });
    write("form-problem", model.failure.as_ref().map_or("", failure_words));
    let mut all_well = true;
    for (index, question) in view.form.questions.iter().enumerate() {
        let fault = model.faults.iter().find(|fault| fault.name == question.name.as_str());
        let field = id("q", index);
        write(&id("e", index), fault.map_or("", |fault| answer_error(fault.error)));
        put(&field, "aria-invalid", if fault.is_some() { "true" } else { "false" });
        if all_well && fault.is_some() {
            all_well = false;
            focus(&field);
        }
    }
}

/// The answers as they stand in the fields.
pub(crate) fn answers(form: &Form) -> Vec<Answer> {
    let answer = |(index, question): (usize, &Question)| {
        let field = id("q", index);
        let value = match question.kind {
            QuestionKind::Consent { .. } if checked(&field) => CONSENT_GIVEN.to_owned(),
            QuestionKind::Consent { .. } => String::new(),
            _ => value(&field),
        };
        Answer { name: question.name.as_str().to_owned(), value }
    };
    form.questions.iter().enumerate().map(answer).filter(|answer| !answer.value.is_empty()).collect()
}

/// The first message has been sent: its field is empty again.
pub(crate) fn take_away_sent(form: &Form) {
    for (index, question) in form.questions.iter().enumerate() {
        if question.meaning == Some(Meaning::FirstMessage) {
            fill(&id("q", index), "");
        }
    }
}

/// What was written before and could not be sent stands where the first message is written, or the next one if the form
/// has no place for it.
pub(crate) fn take_up(form: &Form, text: &str) {
    let question = form.questions.iter().position(|question| question.meaning == Some(Meaning::FirstMessage));
    fill(&question.map_or("text".to_owned(), |index| id("q", index)), text);
}

/// Builds the questions, once.
pub(crate) fn build(form: &Form) {
    build_in("questions", false);
    for (index, question) in form.questions.iter().enumerate() {
        let consent = matches!(question.kind, QuestionKind::Consent { .. });
        enter("div", if consent { "field consent" } else { "field" });
        if consent {
            build_control(index, question);
            build_label(index, question);
        } else {
            build_label(index, question);
            build_control(index, question);
        }
        if let QuestionKind::Consent { link: Some(address) } = &question.kind {
            super::transcript::link(address, WORDS.policy);
        }
        enter("p", "problem");
        set("id", &id("e", index));
        leave();
        leave();
    }
}

fn build_label(index: usize, question: &Question) {
    enter("label", "");
    set("for", &id("q", index));
    words(question.label.as_str());
    if question.required {
        enter("span", "mark");
        set("aria-hidden", "true");
        words("*");
    } else {
        enter("span", "optional");
        words(WORDS.optional);
    }
    leave();
    leave();
}

fn build_control(index: usize, question: &Question) {
    match &question.kind {
        QuestionKind::Line => enter("input", ""),
        QuestionKind::Paragraph => {
            enter("textarea", "");
            set("rows", "3");
        }
        QuestionKind::Choice(choices) => {
            enter("select", "");
            build_choice("", WORDS.choose);
            for choice in choices {
                build_choice(choice.value.as_str(), choice.label.as_str());
            }
        }
        QuestionKind::Consent { .. } => {
            enter("input", "");
            set("type", "checkbox");
        }
    }
    set("id", &id("q", index));
    set("aria-describedby", &id("e", index));
    if question.required {
        set("required", "");
    }
    if question.meaning == Some(Meaning::CustomerName) {
        set("autocomplete", "name");
    }
    leave();
}

fn build_choice(value: &str, label: &str) {
    enter("option", "");
    set("value", value);
    words(label);
    leave();
}
