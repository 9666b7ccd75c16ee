//! Which id a name means. A thing keeps the id that it has in the gateway; a new one gets an id that follows from its kind
//! and its name, so that the same file gives the same ids on any day and on any machine.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use shared::id::QueueId;

use super::fault::Fault;
use super::reader;

/// The kind of a thing, by the type of its id: `QueueId`.
type Kind = &'static str;

/// Names and their ids.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Those of the gateway: what is named there keeps its id.
    existing: BTreeMap<(Kind, String), String>,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Those of the file.
    defined: BTreeMap<(Kind, String), String>,
    /// Whether all definitions were read, so that references can be followed.
    complete: bool,
    faults: Vec<Fault>,
    /// Each field and each possibility of the types that were read, and whether the file has it somewhere.
    #[cfg(test)]
    met: BTreeMap<(&'static str, &'static str), bool>,
}

impl Names {
    /// No names but those of things that the gateway has.
    pub(super) fn existing<T: DeserializeOwned>(settings: &Value) -> Self {
        let read = Self::default();
        // What the gateway gave us can be read, and every thing in it has its id. If a name is there twice, the first has it.
        let _ = reader::read::<T>(settings, &read);
        Self { existing: read.state.into_inner().defined, state: RefCell::default() }
    }

    /// From now on references are followed.
    pub(super) fn complete(&self) {
        self.state.borrow_mut().complete = true;
    }

    /// What was found wrong so far.
    pub(super) fn take_faults(&self) -> Vec<Fault> {
        std::mem::take(&mut self.state.borrow_mut().faults)
    }

    pub(super) fn fault(&self, fault: Fault) {
        self.state.borrow_mut().faults.push(fault);
    }

    /// Notes that a type can have this, and whether it does here.
    #[cfg(test)]
    pub(super) fn meet(&self, of: &'static str, what: &'static str, is_here: bool) {
        *self.state.borrow_mut().met.entry((of, what)).or_default() |= is_here;
    }

    /// What the types that were read could have and never did.
    #[cfg(test)]
    pub(super) fn never_met(&self) -> Vec<(&'static str, &'static str)> {
        self.state.borrow().met.iter().filter(|(_, met)| !**met).map(|(what, _)| *what).collect()
    }

    /// The id of a thing with this name in the gateway.
    pub(super) fn known(&self, kind: Kind, name: &str) -> Option<&str> {
        self.existing.get(&(kind, name.to_owned())).map(String::as_str)
    }

    /// A further name for something that has an id.
    pub(super) fn alias(&self, kind: Kind, name: &str, id: &str) {
        self.state.borrow_mut().defined.insert((kind, name.to_owned()), id.to_owned());
    }

    /// The id of a thing that the file defines, under its name if it has one.
    pub(super) fn define(&self, kind: Kind, name: Option<&str>, written: Option<&str>, path: &str) -> String {
        let Some(name) = name else {
            if written.is_none() {
                self.fault(Fault::new(path, "Give this a name or an id."));
            }
            return written.map_or_else(|| derived(kind, path), str::to_owned);
        };
        let id =
            written.or_else(|| self.known(kind, name)).map_or_else(|| derived(kind, name), str::to_owned);
        let mut state = self.state.borrow_mut();
        if !state.complete
            && state
                .defined
                .insert((kind, name.to_owned()), id.clone())
                .is_some_and(|other| other != id || written.is_none())
        {
            let message = format!("There is another {} named {name}. Names are unique.", words(kind));
            state.faults.push(Fault::new(path, message));
        }
        id
    }

    /// The id that a reference means: a name, or the id itself.
    pub(super) fn refer(&self, kind: Kind, text: &str, path: &str) -> String {
        // All ids are written alike.
        if text.parse::<QueueId>().is_ok() {
            return text.to_owned();
        }
        let mut state = self.state.borrow_mut();
        if let Some(id) = state.defined.get(&(kind, text.trim().to_owned())) {
            return id.clone();
        }
        if state.complete {
            let names: Vec<_> = state
                .defined
                .keys()
                .filter(|(other, _)| *other == kind)
                .map(|(_, name)| name.as_str())
                .collect();
            let known = if names.is_empty() {
                "There is none".to_owned()
            } else {
                format!("There are: {}", names.join(", "))
            };
            let message = format!("There is no {} named {text}. {known}.", words(kind));
            state.faults.push(Fault::new(path, message));
        }
        derived(kind, text)
    }
}

/// The id of a new thing.
pub(super) fn derived(kind: Kind, name: &str) -> String {
    let hash = Sha256::new()
        .chain_update("throughline seed\0")
        .chain_update(kind)
        .chain_update("\0")
        .chain_update(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    // A UUID of version 8: whoever makes it says what it means (RFC 9562 section 5.8).
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    QueueId::from_bytes(bytes).to_string()
}

/// What people call a kind: `OperatingHoursId` is `operating hours`.
fn words(kind: Kind) -> String {
    let mut words = String::new();
    for letter in kind.strip_suffix("Id").unwrap_or(kind).chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
