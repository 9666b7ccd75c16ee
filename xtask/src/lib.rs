//! How Throughline is built, started, tested and measured.
//!
//! `cargo xtask` is a thin face over this library. The tests use it too, so that a server of a test and one of
//! `cargo xtask dev` are started in the same way: [`server`] runs workerd, [`seed`] brings a
//! gateway to the configuration of a file through the public API, [`demo`] does so with the demonstration organisation,
//! [`sites`] serves the demonstration sites.

pub mod assets;
pub mod audit;
pub mod bench;
pub mod build;
pub mod clock;
pub mod demo;
pub mod desk;
pub mod dev;
pub mod process;
pub mod project;
pub mod seed;
pub mod server;
pub mod setup;
pub mod simulate;
pub mod sites;
pub mod size;
pub mod table;
pub mod test;
