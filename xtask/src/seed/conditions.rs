//! Names within conditions. A condition compares with plain text; only the field beside it says that a queue is meant. So names
//! become ids here, before the file is read, with the help of the types of the fields.

use serde_json::{Map, Value};
use shared::condition::{Field, FieldType, Reference, Schema, SetOf, Thing};

use super::names::Names;

/// Fields whose last part is the id of a thing, and the kind of that.
const FAMILIES: [(&str, &str); 2] =
    [("representative.rating.", "SkillId"), ("representative.free_slots.", "CapacityProfileId")];

/// The keys under which a field stands.
const FIELD_KEYS: [&str; 5] = ["field", "is_set", "is_not_set", "lowest", "highest"];

/// Puts ids for the names in all conditions below `value`.
pub(super) fn resolve(value: &mut Value, names: &Names) {
    let schema = Schema::of_items().with_representative().with_queue();
    walk(value, String::new(), &schema, names);
}

fn walk(value: &mut Value, path: String, schema: &Schema, names: &Names) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, format!("{path}[{index}]"), schema, names);
            }
        }
        Value::Object(thing) => {
            resolve_here(thing, &path, schema, names);
            for (key, value) in thing {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(value, path, schema, names);
            }
        }
        _ => {}
    }
}

fn resolve_here(thing: &mut Map<String, Value>, path: &str, schema: &Schema, names: &Names) {
    if let Some(hours) = thing.get_mut("working_now") {
        refer("OperatingHoursId", hours, &format!("{path}.working_now"), names);
    }
    for key in FIELD_KEYS {
        let Some(Value::String(field)) = thing.get_mut(key) else { continue };
        for (family, kind) in FAMILIES {
            if let Some(name) = field.strip_prefix(family) {
                *field = format!("{family}{}", names.refer(kind, name, &format!("{path}.{key}")));
            }
        }
    }
    let field = thing.get("field").and_then(|field| serde_json::from_value::<Field>(field.clone()).ok());
    let Some(kind) = field.and_then(|field| schema.field_type(&field)).and_then(kind) else { return };
    for (key, value) in thing.iter_mut().filter(|(key, _)| *key != "field") {
        refer(kind, value, &format!("{path}.{key}"), names);
    }
}

/// The type of the ids to which values of a field refer.
fn kind(field_type: FieldType) -> Option<&'static str> {
    let (FieldType::Reference(thing) | FieldType::Set(SetOf::References(thing))) = field_type else {
        return None;
    };
    Some(match thing {
        Thing::Workstream => "WorkstreamId",
        Thing::Queue => "QueueId",
        Thing::Presence => "PresenceId",
        Thing::Skill => "SkillId",
        Thing::CapacityProfile => "CapacityProfileId",
        Thing::Representative => "RepresentativeId",
        Thing::OperatingHours => "OperatingHoursId",
    })
}

fn refer(kind: &'static str, value: &mut Value, path: &str, names: &Names) {
    match value {
        // The presences that every organisation has are called by their names.
        Value::String(text) if kind == "PresenceId" && Reference::built_in_presence(text).is_some() => {}
        Value::String(text) => *text = names.refer(kind, text, path),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                refer(kind, item, &format!("{path}[{index}]"), names);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "0197a000-0000-7000-8000-000000000001";

    /// What becomes of a condition where these things are named, and what is said about it.
    fn resolved(mut condition: Value) -> (Value, Vec<String>) {
        let names = Names::default();
        for (kind, name) in [
            ("QueueId", "Orders"),
            ("SkillId", "French"),
            ("CapacityProfileId", "Chats"),
            ("OperatingHoursId", "Berlin"),
            ("RepresentativeId", "ana"),
            ("PresenceId", "Training"),
        ] {
            names.alias(kind, name, ID);
        }
        names.complete();
        resolve(&mut condition, &names);
        (condition, names.take_faults().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_a_field_refers_to_is_called_by_its_name() {
        let (condition, faults) = resolved(json!({ "all": [
            { "field": "queue.id", "equals": "Orders" },
            { "field": "representative.queues", "contains": "Orders" },
            { "field": "representative.id", "in": ["ana", ID] },
            { "field": "representative.presence", "in": ["available", "Training"] },
            { "any": [{ "working_now": "Berlin" }, { "not": { "field": "representative.skills", "contains": "French" } }] },
        ]}));
        let expected = json!({ "all": [
            { "field": "queue.id", "equals": ID },
            { "field": "representative.queues", "contains": ID },
            { "field": "representative.id", "in": [ID, ID] },
            { "field": "representative.presence", "in": ["available", ID] },
            { "any": [{ "working_now": ID }, { "not": { "field": "representative.skills", "contains": ID } }] },
        ]});
        assert_eq!((condition, faults), (expected, vec![]));
    }

    #[test]
    fn fields_of_a_skill_or_a_profile_bear_its_name() {
        let (condition, faults) = resolved(json!([
            { "field": "representative.rating.French", "at_least": 0.5 },
            { "is_set": "representative.free_slots.Chats" },
            { "order_by": [{ "highest": "representative.rating.French" }] },
        ]));
        let expected = json!([
            { "field": format!("representative.rating.{ID}"), "at_least": 0.5 },
            { "is_set": format!("representative.free_slots.{ID}") },
            { "order_by": [{ "highest": format!("representative.rating.{ID}") }] },
        ]);
        assert_eq!((condition, faults), (expected, vec![]));
    }

    #[test]
    fn texts_and_other_fields_stay_as_they_are() {
        let condition = json!({ "all": [
            { "field": "context.topic", "equals": "Orders" },
            { "field": "queue.hours", "equals": { "field": "representative.hours" } },
            { "working_now": { "field": "representative.hours" } },
            { "field": "nothing.of.ours", "equals": "Orders" },
        ]});
        assert_eq!(resolved(condition.clone()), (condition, vec![]));
    }

    #[test]
    fn a_name_that_nothing_bears_is_told_with_its_path() {
        let (_, faults) = resolved(json!({ "all": [{ "field": "queue.id", "in": ["Orders", "Odrers"] }] }));
        assert_eq!(faults, ["all[0].in[1]: There is no queue named Odrers. There are: Orders."]);
    }
}
