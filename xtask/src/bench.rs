//! `cargo xtask bench`: how fast things are, always beside something to compare with, in the same run.

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
}

/// Builds what is measured, and measures it with an optimized client.
pub fn bench(project: &Project, subject: Subject, as_json: bool) -> Result<()> {
    let package = match subject {
        Subject::Gateway => "load",
    };
    build::build(project, None)?;
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--release", "--package", package, "--"]).current_dir(project.root());
    if as_json {
        command.arg("--json");
    }
    run_shown(&mut command)
}
