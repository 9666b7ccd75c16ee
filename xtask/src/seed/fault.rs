//! What is wrong with a file, and where.

use std::fmt::{self, Display};

use serde::de;
use shared::settings::SettingsFault;

/// One fault of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The field, such as `queues[1].members[0]`; empty for the whole file.
    pub(super) path: String,
    /// What is wrong with it.
    pub(super) message: String,
    /// Whether the path is known; what a type itself finds wrong does not say where it stood.
    placed: bool,
}

impl Fault {
    pub(super) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), placed: true }
    }

    /// This fault, at this path if it has none yet.
    pub(super) fn at(self, path: &str) -> Self {
        if self.placed { self } else { Self::new(path, self.message) }
    }
}

impl From<SettingsFault> for Fault {
    fn from(fault: SettingsFault) -> Self {
        Self::new(fault.path, fault.message)
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self { path: String::new(), message: message.to_string(), placed: false }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("`{field}` is missing."))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("`{variant}` is not possible here. Write one of: {}.", expected.join(", ")))
    }
}
