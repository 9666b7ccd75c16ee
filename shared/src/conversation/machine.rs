//! placeholder

/// The machine.
#[derive(Debug, Clone)]
pub struct Conversation {}
