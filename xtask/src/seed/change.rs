//! What a configuration changes in another, in words.

use serde_json::{Map, Value};

/// One line for each part that differs.
pub(super) fn describe(before: &Value, after: &Value) -> Vec<String> {
    let empty = Map::new();
    let (before, after) = (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
    let changed = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    changed.map(|(key, value)| format!("{key}: {}", part(before.get(key), value))).collect()
}

fn part(before: Option<&Value>, after: &Value) -> String {
    let (Some(before), Some(after)) = (before.and_then(things), things(after)) else {
        return match after {
            Value::String(text) => format!("now {text}"),
            _ => "changed".to_owned(),
        };
    };
    let same = |one: &Map<String, Value>, other: &Map<String, Value>| one.get("id") == other.get("id");
    let mut words = Vec::new();
    for thing in &after {
        match before.iter().find(|old| same(old, thing)) {
            None => words.push(format!("new {}", name(thing))),
            Some(old) if old != thing => {
                words.push(format!("changed {} ({})", name(thing), fields(old, thing)));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|old| !after.iter().any(|thing| same(old, thing)));
    words.extend(gone.map(|old| format!("gone {}", name(old))));
    if words.is_empty() { "in another order".to_owned() } else { words.join(", ") }
}

/// The things of a list, if all in it have an id.
fn things(value: &Value) -> Option<Vec<&Map<String, Value>>> {
    let things =
        value.as_array()?.iter().map(|thing| thing.as_object().filter(|thing| thing.contains_key("id")));
    things.collect()
}

fn name(thing: &Map<String, Value>) -> &str {
    ["name", "full_name", "id"].into_iter().find_map(|field| thing.get(field)?.as_str()).unwrap_or_default()
}

fn fields(before: &Map<String, Value>, after: &Map<String, Value>) -> String {
    let changed = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    changed.map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", ")
}
