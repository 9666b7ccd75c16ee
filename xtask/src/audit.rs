//! Known faults and unwanted licences in what we depend on. Apart from the ordinary tests, because it needs data from
//! the network that changes from day to day.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::process::answers;
use crate::project::Project;

/// Runs cargo-deny and npm audit, and says clearly what could not be looked at.
pub fn audit(project: &Project) -> Result<()> {
    let mut trouble = Vec::new();
    if answers("cargo-deny", "--version") {
        if !shown(project, "cargo", &["deny", "check"])? {
            trouble.push("cargo-deny found something, or could not load its data (see above)");
        }
    } else {
        trouble.push("cargo-deny is not installed; run `cargo install --locked cargo-deny`");
    }
    if !shown(project, "npm", &["audit"])? {
        trouble.push("npm audit found something, or could not reach its data (see above)");
    }
    if !trouble.is_empty() {
        bail!("The audit is not clean, or not complete: {}.", trouble.join("; "));
    }
    eprintln!("The audit is clean.");
    Ok(())
}

fn shown(project: &Project, program: &str, arguments: &[&str]) -> Result<bool> {
    eprintln!("{program} {}", arguments.join(" "));
    let status =
        Command::new(program).args(arguments).current_dir(project.root()).stdin(Stdio::null()).status()?;
    Ok(status.success())
}
