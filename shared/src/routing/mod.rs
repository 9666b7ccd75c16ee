//! Who handles what: the routing machine of one organisation.
//!
//! [`Router::handle`] takes a [`Command`] and gives [`Effect`]s. Every change of work, presence, capacity or settings
//! makes at once exactly the offers that it makes possible; there is no periodic sweep.
//!
//! The state is one `Book` of facts; an `Index` follows from it and is kept in step. A command is one `Turn`: it changes
//! facts (`configuration`, `attendance`, `handling`, `offers`), then makes the assignments that have become possible
//! (`assignment`), then tells everybody what is true now (`turn`, `views`).

mod agreement;
mod assignment;
mod attendance;
mod availability;
mod book;
mod by_id;
mod candidates;
mod capacity;
mod class;
mod clock;
mod closing;
mod command;
mod company;
mod configuration;
mod consult;
mod counters;
mod deadlines;
mod decision;
mod desk;
mod details;
mod diagnostics;
mod dry_run;
mod effect;
mod eligibility;
mod facts;
mod flow;
mod guests;
mod handling;
mod hindrance;
mod index;
mod intake;
mod invariants;
mod line;
mod lists;
mod offers;
mod ongoing;
mod order;
mod past;
mod position;
mod presence;
mod queue_index;
mod rejection;
mod representative;
mod representative_index;
mod requirements;
mod router;
mod rulebook;
mod standing_in_line;
mod supervise;
mod today;
mod trace;
mod transfer;
mod trial;
mod turn;
mod views;
mod watch;
mod work;

#[cfg(test)]
mod tests;

pub use command::{Arrival, Command, Departure};
pub use effect::{Activity, Audience, Effect, SessionEnd, SupervisorAct};
pub use facts::{InvalidContext, check_context};
pub use rejection::Rejection;
pub use router::Router;
pub use trial::TrialFault;
pub use watch::Sight;
