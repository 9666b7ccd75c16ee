//! A dry run as people write it: read by the settings that it is tried with, and refused where it names what does not
//! exist (reference section 28).

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Arrival;
use crate::condition::{Field, Name, Value};
use crate::form::Answer;
use crate::id::ConversationId;
use crate::limit::{ANSWER_CHARS_MAX, VARIABLES_MAX};
use crate::protocol::insight::{Trial, TrialFact};
use crate::settings::{RatedSkill, Settings};
use crate::text::longer_than;

/// Why something cannot be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct TrialFault {
    /// The field, such as `facts[0].value`.
    pub path: String,
    /// What is wrong with it, in a sentence that says what to do.
    pub message: Cow<'static, str>,
}

impl TrialFault {
    fn new(path: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

impl Trial {
    /// What would arrive, under this id. `settings` are those that it is tried with; they have been checked.
    pub fn arrival(self, settings: &Settings, conversation: ConversationId) -> Result<Arrival, TrialFault> {
        if settings.workstream(self.workstream).is_none() {
            return Err(TrialFault::new(
                "workstream",
                "There is no such workstream. Choose one that exists.",
            ));
        }
        check_variables("answers", &self.answers)?;
        check_variables("context", &self.context)?;
        check_skills(&self.skills, settings)?;
        for (place, who) in self.preferred.iter().enumerate() {
            if settings.representative(*who).is_none() {
                let message = "There is no such representative. Choose one that exists.";
                return Err(TrialFault::new(format!("preferred[{place}]"), message));
            }
        }
        Ok(Arrival {
            customer: self.customer,
            topic: self.topic,
            answers: self.answers,
            context: self.context,
            facts: facts(self.facts, settings)?,
            skills: self.skills,
            preferred: self.preferred,
            ..Arrival::new(conversation, self.workstream)
        })
    }
}

fn check_variables(path: &str, variables: &[Answer]) -> Result<(), TrialFault> {
    if variables.len() > VARIABLES_MAX {
        return Err(TrialFault::new(path, "A conversation has at most 100 context variables. Remove some."));
    }
    for (place, Answer { name, value }) in variables.iter().enumerate() {
        if Name::new(name).is_err() {
            let message = "A name has 1 to 100 characters and no white space at its ends. Write another.";
            return Err(TrialFault::new(format!("{path}[{place}].name"), message));
        }
        if longer_than(value, ANSWER_CHARS_MAX) {
            let message = "A value has at most 4,000 characters. Write a shorter one.";
            return Err(TrialFault::new(format!("{path}[{place}].value"), message));
        }
    }
    Ok(())
}

fn check_skills(skills: &[RatedSkill], settings: &Settings) -> Result<(), TrialFault> {
    for (place, rated) in skills.iter().enumerate() {
        let Some(skill) = settings.skill(rated.skill) else {
            let message = "There is no such skill. Choose one that exists.";
            return Err(TrialFault::new(format!("skills[{place}].skill"), message));
        };
        let Some(model) = settings.rating_model(rated.model.unwrap_or(skill.model)) else {
            let message = "There is no such rating model. Choose one that exists.";
            return Err(TrialFault::new(format!("skills[{place}].model"), message));
        };
        if !model.levels.iter().any(|level| level.value == rated.rating) {
            let message = "The rating model has no level of this value. Choose one of its levels.";
            return Err(TrialFault::new(format!("skills[{place}].rating"), message));
        }
    }
    Ok(())
}

fn facts(facts: Vec<TrialFact>, settings: &Settings) -> Result<Vec<(Field, Value)>, TrialFault> {
    if facts.len() > VARIABLES_MAX {
        return Err(TrialFault::new("facts", "A trial takes at most 100 facts. Remove some."));
    }
    let schema = settings.schema();
    let read = |(place, TrialFact { field, value }): (usize, TrialFact)| {
        let Some(field_type) = schema.field_type(&field) else {
            let message = "There is no such field. Declare it in the settings, or write another.";
            return Err(TrialFault::new(format!("facts[{place}].field"), message));
        };
        let value = value
            .read(&field_type, &schema)
            .map_err(|message| TrialFault::new(format!("facts[{place}].value"), message))?;
        Ok((field, value))
    };
    facts.into_iter().enumerate().map(read).collect()
}
