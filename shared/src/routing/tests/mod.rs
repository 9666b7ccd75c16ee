//! Tests of the routing machine: each named after the rule it holds, with the section of the reference it comes from.
//! Every step of every test also checks the invariants and that a snapshot gives the same state.

mod assignment;
mod attendance;
mod capacity;
mod closing;
mod company;
mod consult;
mod custom_skill;
mod deletion;
mod desk;
mod details;
mod fairness;
mod fields;
mod filters;
mod hindrance;
mod histories;
mod house;
mod intake;
mod line;
mod model;
mod offers;
mod ongoing;
mod past;
mod presence;
mod refusals;
mod settings;
mod supervise;
mod trace;
mod transfer;
mod transitions;
mod trial;
mod views;
mod waiting;
mod warnings;
mod watch;
