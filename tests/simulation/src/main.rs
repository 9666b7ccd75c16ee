//! Runs seeds of the simulation, on every core: `cargo xtask simulate --seeds 10000 --from 1`.
//!
//! Every broken rule is printed with its seed and the end of what happened; `--from SEED --seeds 1 --trace` prints all of
//! it. The exit status is 1 if any seed broke a rule.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use clap::Parser;
use simulation::{Broken, Fault, Summary};

/// Runs seeds of the simulation.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many seeds run at the same time; as many as there are cores if it is not said.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
    /// Print everything that happens.
    #[arg(long)]
    trace: bool,
    /// Stop at the first broken rule.
    #[arg(long)]
    first: bool,
    /// Let only this go wrong; said several times, only these.
    #[arg(long, value_enum)]
    fault: Vec<Fault>,
}

/// How much of a trace is printed without `--trace`.
const TAIL_LINES: usize = 60;

#[expect(
    clippy::disallowed_methods,
    reason = "a program on the developer's machine, where this clock exists"
)]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let watch = Instant::now();
    let mut summary = run_all(&arguments);
    summary.broken.sort_unstable_by_key(|broken| broken.seed);
    summary.took(watch.elapsed());
    let done = summary.broken.is_empty();
    if arguments.json {
        say(&serde_json::to_string(&summary).unwrap_or_default());
    } else {
        say(&summary.to_string());
    }
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every thread takes the next seed until none is left: what comes out does not depend on how many there are.
fn run_all(arguments: &Arguments) -> Summary {
    let (next, stopped) = (AtomicU64::new(arguments.from), AtomicBool::new(false));
    let end = arguments.from.saturating_add(arguments.seeds);
    let work = || {
        let mut summary = Summary::default();
        while !stopped.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                break;
            }
            if arguments.trace {
                say(&simulation::trace(seed, &arguments.fault));
            }
            match simulation::run(seed, &arguments.fault) {
                Ok(counts) => summary.add(&counts),
                Err(broken) => {
                    if !arguments.json {
                        report(&broken);
                    }
                    stopped.fetch_or(arguments.first, Ordering::Relaxed);
                    summary.broken.push(broken.without_trace());
                }
            }
        }
        summary
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = if arguments.trace { 1 } else { arguments.threads.map_or(cores, NonZeroUsize::get) };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut all = Summary::default();
        for thread in running {
            match thread.join() {
                Ok(summary) => all.absorb(summary),
                // What a thread of the simulation panics with is printed already; no seed counts as held by it.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

fn report(broken: &Broken) {
    say(&broken.to_string());
    say(&broken.tail(TAIL_LINES));
}

/// Prints a line; whoever reads may have stopped to listen.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
