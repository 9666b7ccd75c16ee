//! `cargo xtask bench`: how fast things are, always beside something to compare with, in the same run.

mod routing;

use std::env;
use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::process::run_shown;
use crate::project::Project;
use crate::{build, setup};

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// Messages and offers on the real server, beside a bare object on the same runtime.
    Gateway,
    /// How fast work finds people, native and in wasm under workerd, beside an ordered map of the same size.
    Routing,
    /// What the script tag costs the page that it stands in, on a slow phone, beside the page without it.
    Widget,
}

/// How it is measured.
#[derive(Debug, clap::Args)]
pub struct Request {
    /// One JSON object instead of tables.
    #[arg(long)]
    pub json: bool,
    /// Less of everything; pictures stay as they are.
    #[arg(long)]
    pub quick: bool,
    /// What the benchmark itself takes, after `--`: for the gateway `--part shards` and others.
    #[arg(last = true)]
    pub more: Vec<String>,
}

/// Builds what is measured, and measures it with an optimized client.
pub fn bench(project: &Project, subject: Subject, request: &Request) -> Result<()> {
    let mut command = Command::new("cargo");
    match subject {
        Subject::Gateway => {
            build::build(project, None)?;
            other_server(project);
            command.args(["run", "--quiet", "--release", "--package", "load", "--"]);
        }
        Subject::Routing => {
            let in_wasm = routing::in_wasm(project)?;
            command.args(["bench", "--quiet", "--package", "shared", "--bench", "routing", "--"]);
            command.args(["--wasm", &in_wasm.to_string()]);
        }
        Subject::Widget => {
            build::build(project, None)?;
            command = Command::new("node");
            // It starts a server with this very program, so that it waits for no lock of cargo's.
            command.arg("tests/browser/measure.mjs").env("THROUGHLINE_XTASK", env::current_exe()?);
        }
    }
    command.current_dir(project.root());
    command.args(request.json.then_some("--json")).args(request.quick.then_some("--quick"));
    run_shown(command.args(&request.more))
}

/// Installs what the Node server that the gateway is measured beside needs. Without it the others are measured.
fn other_server(project: &Project) {
    if let Err(error) = setup::install_packages(project, "tests/load/node") {
        eprintln!("  The Node server is left out: its packages could not be installed ({error:#}).");
    }
}
