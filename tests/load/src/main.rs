//! `cargo xtask bench gateway`: how fast the gateway is, beside what else answers messages, on the same machine and in the same
//! run. Timings are printed, never asserted.

mod contestant;
mod flood;
mod idle;
mod journal;
mod levels;
mod line;
mod offers;
mod plot;
mod process;
mod report;
mod run;
mod shards;
mod staff;
mod turn;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use xtask::project::Project;
use xtask::server::raise_open_files_limit;

use contestant::Contestant;
use levels::Level;
use report::Results;

#[derive(Parser)]
struct Arguments {
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
    /// Less of everything, in a minute; the picture stays as it is.
    #[arg(long)]
    quick: bool,
    /// Only this part; can be said several times.
    #[arg(long, value_enum)]
    part: Vec<Part>,
}

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Messages per second, latency and processor time over the number of conversations.
    Levels,
    /// The same over the number of shards.
    Shards,
    /// What a turn is made of.
    Turn,
    /// From a new chat, and from saved settings, to the offer on the representative's socket.
    Offers,
    /// Conversations in which nothing happens.
    Idle,
    /// The limit of file descriptors.
    Full,
    /// One socket that sends as fast as it can.
    Flood,
    /// Loading a shard with a long past.
    Journal,
}

/// How much is measured.
struct Extent {
    levels: Vec<Level>,
    rounds: usize,
    idle: usize,
    flood: usize,
    journal: usize,
}

impl Extent {
    fn of(quick: bool) -> Self {
        let levels = |busy: &[usize]| {
            let busy = busy.iter().copied().map(Level::Busy);
            core::iter::once(Level::Alone).chain(busy).collect()
        };
        if quick {
            Self { levels: levels(&[1, 100]), rounds: 1, idle: 500, flood: 50_000, journal: 20_000 }
        } else {
            let levels = levels(&[1, 10, 30, 100, 300, 1_000]);
            Self { levels, rounds: 2, idle: 10_000, flood: 1_000_000, journal: 1_000_000 }
        }
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match bench(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn bench(arguments: &Arguments) -> Result<()> {
    // Both clients of a thousand conversations.
    raise_open_files_limit();
    let project = Project::here()?;
    let results = measure(&project, arguments).await?;
    if arguments.json {
        println!("{}", results.to_json());
    } else {
        print!("{}", results.to_text());
    }
    if !arguments.quick && !results.levels.is_empty() {
        let path = project.path(plot::PATH);
        std::fs::write(&path, plot::draw(&results.levels)).with_context(|| path.display().to_string())?;
        eprintln!("  The picture is in {}.", plot::PATH);
    }
    Ok(())
}

async fn measure(project: &Project, arguments: &Arguments) -> Result<Results> {
    let wanted = |part| arguments.part.is_empty() || arguments.part.contains(&part);
    let extent = Extent::of(arguments.quick);
    let mut results = Results::default();
    if wanted(Part::Levels) {
        note("messages, over conversations");
        let installed = project.path("tests/load/node/node_modules/better-sqlite3").is_dir();
        let mut contestants = Contestant::ALL.to_vec();
        contestants.retain(|contestant| installed || *contestant != Contestant::Node);
        results.levels = levels::measure(project, &contestants, &extent.levels, extent.rounds).await?;
    }
    if wanted(Part::Shards) {
        note("messages, over shards");
        results.shards = shards::measure().await?;
    }
    if wanted(Part::Turn) {
        note("what a turn is made of");
        results.turn = turn::measure(project).await?;
    }
    if wanted(Part::Offers) {
        note("offers");
        results.offers = Some(offers::measure().await?);
        results.saves = Some(offers::measure_saves().await?);
    }
    if wanted(Part::Flood) {
        note("a flood");
        results.flood = Some(flood::measure(extent.flood).await?);
    }
    if wanted(Part::Full) {
        note("a server that is full");
        results.full = Some(idle::fill().await?);
    }
    if wanted(Part::Journal) {
        note("a long past");
        results.journal = Some(journal::measure(extent.journal).await?);
    }
    if wanted(Part::Idle) {
        note("idle conversations");
        results.idle_wanted = extent.idle;
        results.idle = Some(idle::measure(project, extent.idle).await?);
    }
    Ok(results)
}

fn note(part: &str) {
    eprintln!("  measuring: {part}");
}
