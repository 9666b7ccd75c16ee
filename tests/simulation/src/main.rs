//! Runs seeds of the simulation: `cargo run -p simulation --release -- --seeds 10000 --from 1`.
//!
//! Every broken rule is printed with its seed and the end of what happened; `--from SEED --seeds 1 --trace` prints all of
//! it. The exit status is 1 if any seed broke a rule.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use simulation::{Broken, Summary};

/// Runs seeds of the simulation.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
    /// Print everything that happens.
    #[arg(long)]
    trace: bool,
    /// Stop at the first broken rule.
    #[arg(long)]
    first: bool,
}

/// How much of a trace is printed without `--trace`.
const TAIL_LINES: usize = 60;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut summary = Summary::default();
    for seed in arguments.from..arguments.from.saturating_add(arguments.seeds) {
        if arguments.trace {
            say(&simulation::trace(seed));
        }
        match simulation::run(seed) {
            Ok(counts) => summary.add(&counts),
            Err(broken) => {
                summary.broken.push(seed);
                if !arguments.json {
                    report(&broken);
                }
                if arguments.first {
                    break;
                }
            }
        }
    }
    let done = summary.broken.is_empty();
    if arguments.json {
        say(&serde_json::to_string(&summary).unwrap_or_default());
    } else {
        say(&summary.to_string());
    }
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(broken: &Broken) {
    say(&broken.to_string());
    say(&broken.tail(TAIL_LINES));
}

/// Prints a line; whoever reads may have stopped to listen.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
