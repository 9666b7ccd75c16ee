//! A dry run: what the settings say can be filled in, and the question that is made of it.
//!
//! The settings are read as they are written. Of most of them the console knows nothing, and need not.

use serde_json::{Value, json};
use shared::form::Answer;

/// A way by which a conversation comes: a widget with its form, or a workstream without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// What it is called.
    pub(crate) name: String,
    /// The id of its workstream.
    pub(crate) workstream: String,
    /// What is asked before the conversation.
    pub(crate) questions: Vec<Question>,
}

/// A question whose answer rules may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// By which name rules know the answer.
    pub(crate) name: String,
    /// What the customer reads.
    pub(crate) label: String,
    /// Values and labels of the answers, if there are only some.
    pub(crate) choices: Vec<(String, String)>,
}

/// What was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The form.
    pub(crate) form: Form,
    /// Answers by the names of their questions.
    pub(crate) answers: Vec<(String, String)>,
    /// Other variables, one in a line.
    pub(crate) context: String,
    /// A draft of the settings; blank for those in force.
    pub(crate) draft: String,
}

/// The ways by which a conversation can come, of a settings document.
pub(crate) fn forms(document: &Value) -> Vec<Form> {
    let settings = &document["settings"];
    let widgets = list(&settings["widgets"]).map(|widget| Form {
        name: format!("Widget: {}", text(&widget["title"])),
        workstream: text(&widget["workstream"]),
        questions: list(&widget["form"]["questions"]).filter_map(question).collect(),
    });
    let workstreams = list(&settings["workstreams"]).map(|workstream| Form {
        name: format!("Workstream: {}", text(&workstream["name"])),
        workstream: text(&workstream["id"]),
        questions: Vec::new(),
    });
    widgets.chain(workstreams).collect()
}

/// Lines and choices; rules do not look at consent, and seldom at long texts.
fn question(question: &Value) -> Option<Question> {
    let kind = &question["kind"];
    let choices = list(&kind["choice"]).map(|choice| (text(&choice["value"]), text(&choice["label"])));
    let choices: Vec<_> = choices.collect();
    (kind == "line" || !choices.is_empty()).then(|| Question {
        name: text(&question["name"]),
        label: text(&question["label"]),
        choices,
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The question to the gateway, or what is wrong with what was filled in.
pub(crate) fn body(asked: &Asked) -> Result<Value, String> {
    let answers = asked.answers.iter().filter(|(_, value)| !value.trim().is_empty());
    let answers: Vec<_> =
        answers.map(|(name, value)| json!({ "name": name, "value": value.trim() })).collect();
    let mut body = json!({
        "workstream": asked.form.workstream,
        "answers": answers,
        "context": variables(&asked.context)?,
    });
    if !asked.draft.trim().is_empty() {
        let draft: Value = serde_json::from_str(&asked.draft)
            .map_err(|error| format!("The draft is not JSON: {error}. Correct it, or empty the field."))?;
        // The document as it is read has the settings inside.
        body["settings"] = if draft["settings"].is_object() { draft["settings"].clone() } else { draft };
    }
    Ok(body)
}

/// Variables as they are written: one in a line, the name before an equals sign. Or what is wrong with them.
pub(crate) fn variables(lines: &str) -> Result<Vec<Answer>, String> {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let variable = |line: &str| match line.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok(Answer { name: name.trim().to_owned(), value: value.trim().to_owned() })
        }
        _ => Err(format!("Write “{line}” as a name and a value, such as “plan = premium”.")),
    };
    lines.map(variable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({ "version": 3, "settings": {
            "workstreams": [{ "id": "w1", "name": "Website chat" }],
            "widgets": [{ "title": "Shop", "workstream": "w1", "form": { "questions": [
                { "name": "name", "label": "Your name", "kind": "line" },
                { "name": "topic", "label": "Topic", "kind": { "choice": [{ "value": "order", "label": "An order" }] } },
                { "name": "consent", "label": "I agree", "kind": { "consent": { "link": null } } },
            ] } }],
        } })
    }

    #[test]
    fn widgets_bring_their_questions_and_workstreams_come_without() {
        let forms = forms(&document());
        let names: Vec<_> = forms.iter().map(|form| form.name.as_str()).collect();
        assert_eq!(names, ["Widget: Shop", "Workstream: Website chat"]);
        let asked: Vec<_> = forms[0].questions.iter().map(|question| question.name.as_str()).collect();
        assert_eq!(asked, ["name", "topic"]);
        assert_eq!(forms[0].questions[1].choices, [("order".to_owned(), "An order".to_owned())]);
        assert!(super::forms(&json!("nothing of the kind")).is_empty());
    }

    #[test]
    fn only_what_was_filled_in_is_asked() {
        let form = forms(&document()).remove(0);
        let answers = vec![("topic".into(), "order".into()), ("name".into(), " ".into())];
        let context = "plan = premium\n\n vip=yes".into();
        let asked = Asked { form, answers, context, draft: " ".into() };
        let expected = json!({
            "workstream": "w1",
            "answers": [{ "name": "topic", "value": "order" }],
            "context": [{ "name": "plan", "value": "premium" }, { "name": "vip", "value": "yes" }],
        });
        assert_eq!(body(&asked), Ok(expected));
    }

    #[test]
    fn a_draft_may_be_the_settings_or_the_whole_document() {
        let with = |draft: &Value| body(&Asked { draft: draft.to_string(), ..Asked::default() }).unwrap();
        let settings = document()["settings"].clone();
        assert_eq!(with(&document())["settings"], settings);
        assert_eq!(with(&settings)["settings"], settings);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let wrong = |context: &str, draft: &str| {
            body(&Asked { context: context.into(), draft: draft.into(), ..Asked::default() }).unwrap_err()
        };
        assert!(wrong("plan", "").contains("“plan”"));
        assert!(wrong("= x", "").contains("“= x”"));
        assert!(wrong("", "{").contains("not JSON"));
    }
}
