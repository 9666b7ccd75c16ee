//! `cargo xtask bench`: how fast things are, always beside something to compare with, in the same run.

mod routing;

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::build;
use crate::process::run_shown;
use crate::project::Project;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// Messages and offers on the real server, beside a bare object on the same runtime.
    Gateway,
    /// How fast work finds people, native and in wasm under workerd, beside an ordered map of the same size.
    Routing,
}

/// Builds what is measured, and measures it with an optimized client.
pub fn bench(project: &Project, subject: Subject, as_json: bool) -> Result<()> {
    let mut command = Command::new("cargo");
    match subject {
        Subject::Gateway => {
            build::build(project, None)?;
            command.args(["run", "--quiet", "--release", "--package", "load", "--"]);
        }
        Subject::Routing => {
            let in_wasm = routing::in_wasm(project)?;
            command.args(["bench", "--quiet", "--package", "shared", "--bench", "routing", "--"]);
            command.args(["--wasm", &in_wasm.to_string()]);
        }
    }
    command.current_dir(project.root());
    if as_json {
        command.arg("--json");
    }
    run_shown(&mut command)
}
