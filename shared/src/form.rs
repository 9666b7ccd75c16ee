//! The pre-chat form: what is asked, and whether the answers will do. The widget checks before it sends, the gateway
//! checks again because it believes nobody; both call [`check`].

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::limit::{ANSWER_CHARS_MAX, FORM_QUESTIONS_MAX};
use crate::text::{Line, QuestionText, longer_than};

/// What is asked before a conversation begins. Questions are shown in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Form {
    /// The questions; none means that the visitor starts to write at once.
    pub questions: Vec<Question>,
}

/// One question. Its answer becomes a context variable under [`Question::name`] (reference section 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The variable's name, unique in the form.
    pub name: Line,
    /// What the visitor reads.
    pub label: QuestionText,
    /// What kind of answer is asked.
    pub kind: QuestionKind,
    /// Whether the conversation cannot start without an answer. A required consent must be given.
    pub required: bool,
    /// What the answer means beyond being a variable.
    pub meaning: Option<Meaning>,
}

/// The kind of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// One line of text.
    Line,
    /// Several lines of text.
    Paragraph,
    /// One of these choices (an option set).
    Choice(Vec<Choice>),
    /// Yes or no, with an optional link to the policy that is consented to.
    Consent {
        /// An `https:` address that explains what is consented to.
        link: Option<String>,
    },
}

/// One choice of an option set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The value that rules compare with.
    pub value: Line,
    /// What the visitor reads.
    pub label: Line,
}

/// What an answer is used for beyond routing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// It names the customer in the console.
    CustomerName,
    /// It is the subject of the conversation in the console.
    Topic,
    /// It is posted as the customer's first message.
    FirstMessage,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which question it answers.
    pub name: String,
    /// The answer: text, the value of a choice, or `"true"` for a consent that was given.
    pub value: String,
}

/// The value of a consent that was given.
pub const CONSENT_GIVEN: &str = "true";

/// What is wrong with one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerError {
    /// An answer is required.
    Required,
    /// It is longer than allowed.
    TooLong,
    /// It is not one of the choices.
    NotAChoice,
    /// The form has no such question, or it was answered twice.
    Unexpected,
}

/// What is wrong, and with which question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The question's name.
    pub name: String,
    /// What is wrong with its answer.
    pub error: AnswerError,
}

/// Everything that is wrong with `answers`, in the order of the form; nothing if they will do.
pub fn check(form: &Form, answers: &[Answer]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    // More answers than any form has questions are no answers; and to compare each with each would take for ever.
    if answers.len() > FORM_QUESTIONS_MAX {
        errors.push(FieldError { name: String::new(), error: AnswerError::Unexpected });
        return errors;
    }
    for question in &form.questions {
        if let Some(error) = check_one(question, answer_to(answers, question.name.as_str())) {
            errors.push(FieldError { name: question.name.clone().into(), error });
        }
    }
    for (index, answer) in answers.iter().enumerate() {
        let asked = form.questions.iter().any(|question| question.name.as_str() == answer.name);
        let again = answers.iter().take(index).any(|earlier| earlier.name == answer.name);
        if !asked || again {
            errors.push(FieldError { name: answer.name.clone(), error: AnswerError::Unexpected });
        }
    }
    errors
}

fn check_one(question: &Question, value: &str) -> Option<AnswerError> {
    let value = value.trim();
    let given = match question.kind {
        QuestionKind::Consent { .. } => value == CONSENT_GIVEN,
        _ => !value.is_empty(),
    };
    if !given {
        return question.required.then_some(AnswerError::Required);
    }
    if longer_than(value, ANSWER_CHARS_MAX) {
        return Some(AnswerError::TooLong);
    }
    match &question.kind {
        QuestionKind::Choice(choices) if !choices.iter().any(|choice| choice.value.as_str() == value) => {
            Some(AnswerError::NotAChoice)
        }
        _ => None,
    }
}

/// The answer to the question `name`; empty if there is none.
pub fn answer_to<'answers>(answers: &'answers [Answer], name: &str) -> &'answers str {
    answers.iter().find(|answer| answer.name == name).map_or("", |answer| answer.value.as_str())
}

impl Form {
    /// The answer to the question with this meaning, trimmed; for a choice its label, because a person will read it.
    pub fn meant<'a>(&'a self, answers: &'a [Answer], meaning: Meaning) -> Option<&'a str> {
        let question = self.questions.iter().find(|question| question.meaning == Some(meaning))?;
        let value = answer_to(answers, question.name.as_str()).trim();
        if value.is_empty() {
            return None;
        }
        match &question.kind {
            QuestionKind::Choice(choices) => choices
                .iter()
                .find(|choice| choice.value.as_str() == value)
                .map(|choice| choice.label.as_str()),
            _ => Some(value),
        }
    }
}

impl Form {
    /// The answers that rules may look at. The first message is none of them: its writer may remove it, and then nothing
    /// shall know it any more.
    pub fn for_rules(&self, answers: Vec<Answer>) -> Vec<Answer> {
        let message = self.questions.iter().find(|question| question.meaning == Some(Meaning::FirstMessage));
        let is_message = |name: &str| message.is_some_and(|question| question.name.as_str() == name);
        answers.into_iter().filter(|answer| !is_message(&answer.name)).collect()
    }

    /// The answers as people read them: by the labels of their questions, choices by theirs, in the order of the form. A
    /// consent is left out: without it there would be no conversation, with it there is nothing to say.
    pub fn for_people(&self, answers: &[Answer]) -> Vec<Answer> {
        let shown = self.questions.iter().filter(|question| {
            !matches!(question.kind, QuestionKind::Consent { .. })
                && question.meaning != Some(Meaning::FirstMessage)
        });
        let read = shown.map(|question| {
            let value = answer_to(answers, question.name.as_str()).trim();
            let label = match &question.kind {
                QuestionKind::Choice(choices) => choices.iter().find(|choice| choice.value.as_str() == value),
                _ => None,
            };
            Answer {
                name: question.label.clone().into(),
                value: label.map_or(value, |choice| choice.label.as_str()).into(),
            }
        });
        read.filter(|answer| !answer.value.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;
    use alloc::vec;

    fn line(text: &str) -> Line {
        Line::new(text).unwrap()
    }

    fn question(name: &str, kind: QuestionKind, required: bool) -> Question {
        Question { name: line(name), label: QuestionText::new(name).unwrap(), kind, required, meaning: None }
    }

    fn form() -> Form {
        let choices = vec![Choice { value: line("order"), label: line("An order") }];
        Form {
            questions: vec![
                question("name", QuestionKind::Line, true),
                question("topic", QuestionKind::Choice(choices), true),
                question("consent", QuestionKind::Consent { link: None }, true),
                question("note", QuestionKind::Paragraph, false),
            ],
        }
    }

    fn answers(pairs: &[(&str, &str)]) -> Vec<Answer> {
        pairs
            .iter()
            .map(|(name, value)| Answer { name: name.to_string(), value: value.to_string() })
            .collect()
    }

    fn errors(pairs: &[(&str, &str)]) -> Vec<(String, AnswerError)> {
        check(&form(), &answers(pairs)).into_iter().map(|e| (e.name, e.error)).collect()
    }

    #[test]
    fn complete_answers_will_do() {
        assert_eq!(errors(&[("name", "Ada"), ("topic", "order"), ("consent", "true")]), []);
    }

    #[test]
    fn what_is_required_and_missing_is_named_in_the_order_of_the_form() {
        assert_eq!(
            errors(&[("name", "  "), ("consent", "false")]),
            [
                ("name", AnswerError::Required),
                ("topic", AnswerError::Required),
                ("consent", AnswerError::Required)
            ]
            .map(|(name, error)| (name.to_string(), error))
        );
    }

    #[test]
    fn a_choice_must_be_one_of_the_choices() {
        assert_eq!(
            errors(&[("name", "Ada"), ("topic", "refund"), ("consent", "true")]),
            [("topic".to_string(), AnswerError::NotAChoice)]
        );
    }

    #[test]
    fn a_question_nobody_asked_and_a_second_answer_are_refused() {
        assert_eq!(
            errors(&[
                ("name", "Ada"),
                ("name", "Bob"),
                ("topic", "order"),
                ("consent", "true"),
                ("admin", "1")
            ]),
            [("name".to_string(), AnswerError::Unexpected), ("admin".to_string(), AnswerError::Unexpected)]
        );
    }

    #[test]
    fn more_answers_than_any_form_has_questions_are_refused_at_once() {
        let many: Vec<Answer> = (0..=FORM_QUESTIONS_MAX)
            .map(|number| Answer { name: number.to_string(), value: String::new() })
            .collect();
        let errors = check(&form(), &many);
        assert_eq!(errors, [FieldError { name: String::new(), error: AnswerError::Unexpected }]);
    }

    #[test]
    fn an_answer_is_at_most_4000_characters() {
        let long = "x".repeat(ANSWER_CHARS_MAX + 1);
        assert_eq!(
            errors(&[("name", "Ada"), ("topic", "order"), ("consent", "true"), ("note", &long)]),
            [("note".to_string(), AnswerError::TooLong)]
        );
    }
}
