//! Who handles what: the routing machine of one organisation.
//!
//! [`Router::handle`] takes a [`Command`] and gives [`Effect`]s. Every change of work, presence, capacity or settings
//! makes at once exactly the offers that it makes possible; there is no periodic sweep.

mod command;
mod effect;
mod rejection;
mod router;

pub use command::{Arrival, Command};
pub use effect::{Activity, Effect, SessionEnd};
pub use rejection::Rejection;
pub use router::Router;
