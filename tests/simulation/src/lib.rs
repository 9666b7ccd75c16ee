//! Many people on the three pure machines, over a bad network, with a virtual clock.
//!
//! A run is a seed: the seed decides how many people there are, what they do, how bad the network is and what goes wrong.
//! Customers and representatives drive [`shared::client::ChatClient`]; objects that do what the gateway's objects do hold
//! [`shared::conversation::Conversation`] and [`shared::routing::Router`]. The rules of DESIGN section 5 are checked after
//! every step, and again when the network is well and everybody is back.
//!
//! - [`world`]: the clock and the order of things; [`plan`]: what the seed decides; [`trouble`]: what goes wrong.
//! - [`object`], [`turn`], [`outbox`]: the mechanism under the objects; [`shard`] with [`store`], [`router`], [`settings`],
//!   [`records`]: what is in them;
//!   [`server`]: their side of the world.
//! - [`network`]: sockets; [`browser`]: what browsers do; [`tabs`]: how tabs share a socket, with the widget's own
//!   [`transport`], and [`page`] and [`words`] for it; [`visitor`], [`console`]: people;
//!   [`session`]: what they do when their sessions run out.
//! - [`check`]: what holds at every moment; [`settled`]: what holds at the end.

#![forbid(unsafe_code)]

extern crate alloc;

mod browser;
mod check;
mod console;
mod network;
mod object;
mod outbox;
mod page;
mod plan;
mod random;
mod records;
mod router;
mod server;
mod session;
mod settings;
mod settled;
mod shard;
mod store;
mod summary;
mod tabs;
/// The widget's own, so that what is tried here is what runs in browsers.
#[path = "../../../widget/src/transport.rs"]
mod transport;
mod trouble;
mod turn;
mod visitor;
mod words;
mod world;

pub use plan::Fault;
pub use summary::{Broken, Summary};
pub use world::Counts;

use world::World;

/// Runs a seed, with these faults only if there are any. If a rule is broken, it is run again to write down what happens.
pub fn run(seed: u64, only: &[Fault]) -> Result<Counts, Broken> {
    let world = live_through(seed, only, false);
    let Some(rule) = world.broken else { return Ok(world.counts) };
    Err(Broken { seed, rule, trace: trace(seed, only) })
}

/// What happens in the run of a seed.
pub fn trace(seed: u64, only: &[Fault]) -> String {
    live_through(seed, only, true).trace.unwrap_or_default()
}

fn live_through(seed: u64, only: &[Fault], traced: bool) -> World {
    let mut world = World::new(seed, only, traced);
    let begin = world.now;
    world.run_until(begin.after(world.plan.trouble));
    world.heal();
    world.settle();
    world.counts.conversations = world.witness.logs.len() as u64;
    world.counts.virtual_ms = world.now.since(begin).as_millis();
    world
}
