//! The questions before a conversation. Answers stay in their fields while the form is hidden, so that nobody is asked
//! again for what they have said; only the first message is taken away, because it was sent.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use shared::form::{Answer, CONSENT_GIVEN, Form, Meaning, Question, QuestionKind};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlButtonElement, HtmlElement, HtmlInputElement};

use super::{Act, Tell, failure_words};
use crate::dom::{self, append, below, make, on, part, set, show, text};
use crate::model::Model;
use crate::words::{WORDS, answer_error, digits};

/// The form.
pub(super) struct FormView {
    tell: Tell,
    built: bool,
    count: usize,
}

impl FormView {
    pub(super) fn new(tell: Tell) -> Self {
        Self { tell, built: false, count: 0 }
    }

    /// The first field.
    pub(super) fn first(&self) -> HtmlElement {
        if self.count > 0 { field(0) } else { part("start") }
    }

    /// Draws the form: the questions once, errors and the button each time.
    pub(super) fn draw(&mut self, model: &Model) {
        let Some(view) = &model.view else { return };
        if !self.built {
            self.built = true;
            self.count = view.form.questions.len();
            self.build(&view.form);
        }
        let note = part::<HtmlElement>("note");
        note.set_text_content(Some(WORDS.expired));
        show(&note, model.expired);
        let button: HtmlButtonElement = part("start");
        button.set_text_content(Some(if model.starting { WORDS.starting } else { WORDS.start }));
        button.set_disabled(model.starting);
        let words = model.failure.as_ref().map_or("", failure_words);
        part::<HtmlElement>("form-problem").set_text_content(Some(words));
        draw_faults(model, &view.form);
    }

    fn build(&self, form: &Form) {
        let questions = part::<HtmlElement>("questions");
        for (index, question) in form.questions.iter().enumerate() {
            append(&questions, &build_question(index, question));
        }
        let tell = self.tell;
        let asked = form.clone();
        if let Some(element) = below::<HtmlElement>(&part::<HtmlElement>("form"), "form") {
            on(&element, "submit", move |event| {
                event.prevent_default();
                tell(Act::Submit(answers(&asked)));
            });
        }
    }

    /// The first message has been sent: its field is empty again.
    pub(super) fn sent(&self, model: &Model) {
        let Some(view) = model.view.as_ref().filter(|_| self.built) else { return };
        for (index, question) in view.form.questions.iter().enumerate() {
            if question.meaning == Some(Meaning::FirstMessage) {
                field(index).unchecked_into::<HtmlInputElement>().set_value("");
            }
        }
    }
}

/// Says at the fields what is wrong, and takes the visitor to the first of them.
fn draw_faults(model: &Model, form: &Form) {
    let mut first = None;
    for (index, question) in form.questions.iter().enumerate() {
        let fault = model.faults.iter().find(|fault| fault.name == question.name.as_str());
        let field = field(index);
        let line = part::<HtmlElement>(&["e", &digits(index)].concat());
        line.set_text_content(fault.map(|fault| answer_error(fault.error)));
        show(&line, fault.is_some());
        set(&field, "aria-invalid", if fault.is_some() { "true" } else { "false" });
        first = first.or(fault.map(|_| field));
    }
    if let Some(first) = first {
        let _ = first.focus();
    }
}

/// The field of the question with this index. All kinds of fields have the value of an input.
fn field(index: usize) -> HtmlElement {
    part(&["q", &digits(index)].concat())
}

fn answers(form: &Form) -> Vec<Answer> {
    let answer = |(index, question): (usize, &Question)| {
        let field: HtmlInputElement = field(index).unchecked_into();
        let value = match question.kind {
            QuestionKind::Consent { .. } if field.checked() => CONSENT_GIVEN.to_owned(),
            QuestionKind::Consent { .. } => String::new(),
            _ => field.value(),
        };
        Answer { name: question.name.as_str().to_owned(), value }
    };
    form.questions.iter().enumerate().map(answer).filter(|answer| !answer.value.is_empty()).collect()
}

fn build_question(index: usize, question: &Question) -> HtmlElement {
    let number = digits(index);
    let id = ["q", &number].concat();
    let error_id = ["e", &number].concat();
    let (control, class) = match &question.kind {
        QuestionKind::Line => (make("input", ""), "field"),
        QuestionKind::Paragraph => (make("textarea", ""), "field"),
        QuestionKind::Choice(_) => (make("select", ""), "field"),
        QuestionKind::Consent { .. } => (make("input", ""), "field consent"),
    };
    set(&control, "id", &id);
    set(&control, "aria-describedby", &error_id);
    if question.required {
        set(&control, "required", "");
    }
    if question.meaning == Some(Meaning::CustomerName) {
        set(&control, "autocomplete", "name");
    }
    let label = text("label", "", question.label.as_str());
    set(&label, "for", &id);
    if question.required {
        let mark = text("span", "mark", "*");
        set(&mark, "aria-hidden", "true");
        append(&label, &mark);
    } else {
        append(&label, &text("span", "optional", WORDS.optional));
    }
    let block = make("div", class);
    let error = make("p", "problem");
    set(&error, "id", &error_id);
    error.set_hidden(true);
    match &question.kind {
        QuestionKind::Line => set(&control, "type", "text"),
        QuestionKind::Paragraph => set(&control, "rows", "3"),
        QuestionKind::Choice(choices) => {
            let none = text("option", "", WORDS.choose);
            set(&none, "value", "");
            append(&control, &none);
            for choice in choices {
                let option = text("option", "", choice.label.as_str());
                set(&option, "value", choice.value.as_str());
                append(&control, &option);
            }
        }
        QuestionKind::Consent { link } => {
            set(&control, "type", "checkbox");
            append(&block, &control);
            append(&block, &label);
            if let Some(address) = link {
                append(&block, &dom::link(address, WORDS.policy));
            }
            append(&block, &error);
            return block;
        }
    }
    append(&block, &label);
    append(&block, &control);
    append(&block, &error);
    block
}
