//! A file as it was written: TOML or JSON, and in which line of it a field stands.

use std::ops::Range;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;

/// A file that was read.
#[derive(Debug)]
pub(super) struct Source {
    /// How people know it.
    name: String,
    text: String,
    toml: bool,
}

impl Source {
    /// The file and what stands in it. Its name's ending says how it is written.
    pub(super) fn parse(name: &str, text: String) -> Result<(Self, Value)> {
        let toml = match name.rsplit_once('.') {
            Some((_, "toml")) => true,
            Some((_, "json")) => false,
            _ => bail!("{name} is neither TOML nor JSON: its name ends with neither .toml nor .json."),
        };
        let read = if toml {
            toml::from_str(&text).map(plain).map_err(anyhow::Error::from)
        } else {
            serde_json::from_str(&text).map_err(anyhow::Error::from)
        };
        let value = read.with_context(|| format!("{name} cannot be read."))?;
        Ok((Self { name: name.to_owned(), text, toml }, value))
    }

    /// Faults, one in each line, with the line of the file where that is known.
    pub(super) fn describe(&self, faults: &[Fault]) -> String {
        let lines = faults.iter().map(|fault| match self.line(&fault.path) {
            Some(line) => format!("{}:{line}: {fault}", self.name),
            None => format!("{}: {fault}", self.name),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The line in which a field stands, or that of what it is missing from. Only TOML tells.
    fn line(&self, path: &str) -> Option<usize> {
        if !self.toml || path.is_empty() {
            return None;
        }
        let table = DeTable::parse(&self.text).ok()?;
        let mut place: Option<Range<usize>> = None;
        let mut value = DeValue::Table(table.into_inner());
        // `queues[1].members[0]`: keys and places in lists, without the brackets.
        for part in path.split(['.', '[']).map(|part| part.trim_end_matches(']')) {
            let next = match value {
                DeValue::Table(table) => {
                    table.into_iter().find(|(key, _)| key.get_ref() == part).map(|(key, value)| {
                        (
                            if matches!(value.get_ref(), DeValue::Array(_)) {
                                value.span()
                            } else {
                                key.span()
                            },
                            value,
                        )
                    })
                }
                DeValue::Array(items) => part
                    .parse()
                    .ok()
                    .and_then(|index| items.into_iter().nth(index))
                    .map(|item| (item.span(), item)),
                _ => None,
            };
            let Some((span, below)) = next else { break };
            place = Some(span);
            value = below.into_inner();
        }
        Some(self.text.get(..place?.start)?.matches('\n').count() + 1)
    }
}

/// TOML as JSON. Dates become text, so that they can be written with and without quotes.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => items.into_iter().map(plain).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, plain(value))).collect(),
    }
}
