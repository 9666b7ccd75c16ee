//! What conditions may name, given the rest of the settings.

use alloc::borrow::Cow;

use super::{AttributeDeclaration, Settings, Variable};
use crate::condition::{Field, Reference, Schema};

/// What the conditions of a queue may name.
#[derive(Clone, Copy)]
pub(crate) struct Schemas<'a> {
    /// Where it is about an item alone.
    pub(crate) items: &'a Schema,
    /// Where the queue overflows.
    pub(crate) overflow: &'a Schema,
    /// Where people are chosen.
    pub(crate) people: &'a Schema,
}

/// The schema of conditions about items, without context variables. Of two declarations of one field the first counts:
/// the check of the settings reports the second.
pub(crate) fn schema(
    things: impl IntoIterator<Item = Reference>,
    attributes: &[AttributeDeclaration],
) -> Schema {
    let mut schema = Schema::of_items();
    things.into_iter().for_each(|thing| schema.know(thing));
    for attribute in attributes {
        let _ = schema.declare(attribute.field.clone(), attribute.kind.field_type());
    }
    schema
}

/// The same with these variables. It is copied only if there are any: it is as large as the settings.
pub(crate) fn with_variables<'a>(
    base: &'a Schema,
    variables: impl IntoIterator<Item = &'a Variable>,
) -> Cow<'a, Schema> {
    let mut schema = Cow::Borrowed(base);
    for variable in variables {
        let field = Field::Context(variable.name.clone());
        let _ = schema.to_mut().declare(field, variable.kind.field_type());
    }
    schema
}

impl Settings {
    /// Everything that conditions can refer to.
    fn things(&self) -> impl Iterator<Item = Reference> + '_ {
        let workstreams = self.workstreams.iter().map(|workstream| workstream.id.into());
        let queues = self.queues.iter().map(|queue| queue.id.into());
        let representatives = self.representatives.iter().map(|representative| representative.id.into());
        let skills = self.skills.iter().map(|skill| skill.id.into());
        let hours = self.hours.iter().map(|hours| hours.id.into());
        let profiles = self.profiles.iter().map(|profile| profile.id.into());
        let presences = self.presences.iter().map(|presence| presence.id.into());
        let people = representatives.chain(skills).chain(hours).chain(profiles).chain(presences);
        workstreams.chain(queues).chain(people)
    }

    /// The schema of all rules, without context variables.
    pub(crate) fn schema(&self) -> Schema {
        schema(self.things(), &self.attributes)
    }
}
