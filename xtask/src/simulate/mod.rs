//! `cargo xtask simulate`: thousands of seeds of the simulation, and the proof that it finds faults.

mod mutants;
mod workshop;

use std::process::Command;

use anyhow::Result;

use crate::process::run_shown;
use crate::project::Project;

pub use mutants::{Mutant, Mutants};

/// What to run.
#[derive(Debug, Clone, clap::Args)]
#[allow(clippy::struct_excessive_bools)] // each is an option of the command line by itself
pub struct Request {
    /// How many seeds. With `--mutate`: how many at most for each broken build.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Print everything that happens; best with one seed.
    #[arg(long)]
    trace: bool,
    /// Stop at the first broken rule.
    #[arg(long)]
    first: bool,
    /// Let only this go wrong, by its name; said several times, only these.
    #[arg(long)]
    fault: Vec<String>,
    /// Break the code in each of the ways of `tests/simulation/mutants.toml` and see that the simulation notices.
    #[arg(long, conflicts_with_all = ["trace", "first", "fault"])]
    mutate: bool,
    /// With `--mutate`: only the ways whose name holds this.
    #[arg(long, requires = "mutate")]
    only: Option<String>,
    /// One JSON object instead of words.
    #[arg(long)]
    json: bool,
}

/// Runs the simulation.
pub fn simulate(project: &Project, request: &Request) -> Result<()> {
    if request.mutate {
        let mutants = Mutants::of(project)?;
        return workshop::try_all(
            project,
            &mutants.named(request.only.as_deref())?,
            request.seeds,
            request.json,
        );
    }
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--release", "--package", "simulation", "--"]);
    command.args(["--seeds", &request.seeds.to_string(), "--from", &request.from.to_string()]);
    for (asked, option) in [(request.trace, "--trace"), (request.first, "--first"), (request.json, "--json")]
    {
        if asked {
            command.arg(option);
        }
    }
    command.args(request.fault.iter().flat_map(|fault| ["--fault", fault]));
    run_shown(command.current_dir(project.root()))
}
