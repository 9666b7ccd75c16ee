//! placeholder

/// The machine.
#[derive(Debug, Default)]
pub struct ChatClient {}
