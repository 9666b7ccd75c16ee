//! By which channels work comes, and which variables come with it.

use alloc::collections::BTreeSet;
use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::{ChannelClass, QueueKind};
use crate::condition::{FieldType, Name};

/// By which kind of channel work comes (reference section 3). Which provider carries it stands in its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A chat on a page.
    #[default]
    Chat,
    /// Text messages.
    Sms,
    /// A social channel or messenger.
    Social,
    /// A call.
    Voice,
    /// A record, such as a case.
    Record,
}

impl Channel {
    /// Whether sessions of this class can be had over it (reference section 3).
    pub const fn fits(self, class: ChannelClass) -> bool {
        match self {
            Self::Chat => matches!(class, ChannelClass::LiveChat | ChannelClass::PersistentChat),
            Self::Sms | Self::Social => matches!(class, ChannelClass::Asynchronous),
            Self::Voice => matches!(class, ChannelClass::Voice),
            Self::Record => matches!(class, ChannelClass::Record),
        }
    }

    /// In which queues such work waits.
    pub const fn queue_kind(self) -> QueueKind {
        match self {
            Self::Chat | Self::Sms | Self::Social => QueueKind::Messaging,
            Self::Voice => QueueKind::Voice,
            Self::Record => QueueKind::Record,
        }
    }

    /// Its name in conditions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Sms => "sms",
            Self::Social => "social",
            Self::Voice => "voice",
            Self::Record => "record",
        }
    }
}

/// A declared context variable (reference section 11). One that is not declared is a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name, as pages, forms and bots write it.
    pub name: Name,
    /// What it holds.
    pub kind: VariableKind,
    /// Whether representatives read it where the conversation is offered; if not, it is for rules alone.
    #[serde(default)]
    pub displayable: bool,
}

/// What a context variable holds. What arrives and cannot be read so is not set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariableKind {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of these names.
    Options(BTreeSet<String>),
}

impl VariableKind {
    /// Its type in conditions.
    pub fn field_type(&self) -> FieldType {
        match self {
            Self::Text => FieldType::Text,
            Self::Number => FieldType::Number,
            Self::Boolean => FieldType::Boolean,
            Self::Options(names) => FieldType::Choice(names.clone()),
        }
    }
}
