//! What conditions may name, given the rest of the settings.

use super::{AttributeDeclaration, Settings, Variable, Workstream};
use crate::condition::{Field, Reference, Schema};

/// The schema of conditions about items with these variables. Of two declarations of one field the first counts: the
/// check of the settings reports the second.
pub(crate) fn schema<'a>(
    things: impl IntoIterator<Item = Reference>,
    attributes: &[AttributeDeclaration],
    variables: impl IntoIterator<Item = &'a Variable>,
) -> Schema {
    let mut schema = Schema::of_items();
    things.into_iter().for_each(|thing| schema.know(thing));
    for attribute in attributes {
        let _ = schema.declare(attribute.field.clone(), attribute.kind.field_type());
    }
    for variable in variables {
        let _ = schema.declare(Field::Context(variable.name.clone()), variable.kind.field_type());
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
        workstreams.chain(queues).chain(representatives).chain(skills).chain(hours)
    }

    /// The schema of the rules of a workstream.
    pub(super) fn schema_of(&self, workstream: &Workstream) -> Schema {
        schema(self.things(), &self.attributes, &workstream.variables)
    }

    /// The schema of the rules of a queue, in which work of any workstream can wait.
    pub(super) fn schema_of_queues(&self) -> Schema {
        schema(self.things(), &self.attributes, self.workstreams.iter().flat_map(|known| &known.variables))
    }
}
