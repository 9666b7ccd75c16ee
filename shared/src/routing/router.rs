//! placeholder

use alloc::vec::Vec;
use super::{Command, Effect, Rejection};
use crate::time::Timestamp;

/// The routing machine.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Router {}

impl Router {
    /// Handles a command.
    pub fn handle(&mut self, _now: Timestamp, _command: Command) -> Result<Vec<Effect>, Rejection> {
        Ok(Vec::new())
    }
    /// When to tick.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        None
    }
}
