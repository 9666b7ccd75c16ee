//! Where work waits.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{QueueId, RepresentativeId};
use crate::text::Line;

/// A queue (reference section 15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Which.
    pub id: QueueId,
    /// Its name.
    pub name: Line,
    /// Lower is served earlier by somebody who sits in several queues.
    pub priority: u16,
    /// Who is offered its work.
    pub members: Vec<RepresentativeId>,
}
