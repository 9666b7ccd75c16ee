//! Seeds of the simulation, and what it must be to be believed. More seeds: `cargo xtask simulate`.

use clap::ValueEnum as _;
use simulation::{Counts, Fault, Summary};

/// The seeds that every test run goes through.
const SEEDS: u64 = 500;

#[test]
fn nothing_is_lost_doubled_or_shown_to_the_wrong_side_whatever_goes_wrong() {
    let mut summary = Summary::default();
    for seed in 0..SEEDS {
        match simulation::run(seed, &[]) {
            Ok(counts) => summary.add(&counts),
            Err(broken) => panic!("{broken}\n{}", broken.tail(80)),
        }
    }
    println!("{summary}");
    assert_eq!(summary.held, SEEDS);
    let Counts { written, stored, failed, given_up, offers, taken, deaths, lost_turns, .. } = summary.counts;
    assert_eq!(written, stored + failed + given_up);
    assert!(stored > written * 3 / 4, "most messages arrive: {stored} of {written}");
    assert!(offers > 1_000 && taken > 500, "there is work: {offers} offers, {taken} taken");
    assert!(deaths > 500 && lost_turns > 500, "there is trouble: {deaths} deaths, {lost_turns} lost turns");
}

#[test]
fn nothing_is_lost_or_doubled_whichever_one_thing_goes_wrong() {
    for fault in Fault::value_variants() {
        for seed in 1_000..1_020 {
            if let Err(broken) = simulation::run(seed, &[*fault]) {
                panic!("{fault:?} alone, {broken}\n{}", broken.tail(80));
            }
        }
    }
}

#[test]
fn nothing_is_lost_or_doubled_when_all_things_go_wrong_together() {
    for seed in 2_000..2_050 {
        if let Err(broken) = simulation::run(seed, Fault::value_variants()) {
            panic!("{broken}\n{}", broken.tail(80));
        }
    }
}

#[test]
fn a_message_that_never_comes_again_holds_up_other_tabs_for_a_while_only() {
    if let Err(broken) = simulation::run(20_079, &[Fault::Offline]) {
        panic!("{broken}\n{}", broken.tail(80));
    }
}

#[test]
fn a_seed_is_a_run() {
    for seed in [3, 21, 34, 77] {
        assert_eq!(simulation::trace(seed, &[]), simulation::trace(seed, &[]));
        assert_ne!(simulation::trace(seed, &[]), simulation::trace(seed + 1, &[]));
    }
}
