//! Messages that the gateway has not acknowledged yet, in the order in which they were written.

use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::id::MessageId;
use crate::protocol::ErrorCode;
use crate::protocol::live::Visibility;

/// A message that is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id, by which a repeat is recognised. Version 7: ids sort in the order of writing.
    pub message: MessageId,
    /// Who may see it.
    pub visibility: Visibility,
    /// What it says.
    pub text: String,
    /// How far it is.
    pub delivery: Delivery,
}

/// How far a draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// It waits for a connection.
    Waiting,
    /// It was sent and not acknowledged yet.
    Sent,
    /// The gateway refused it; the person may try again or give it up.
    Failed(ErrorCode),
}
