//! What must be on the machine before anything can be built. What is missing and may be installed is installed, into
//! the clone or into the cache folder, never into the user's own programs; the rest is one sentence that says what to do.

pub mod chromium;
mod tools;

use std::fs;
use std::process::Command;

use anyhow::{Result, bail};

use crate::assets::hash::content_hash;
use crate::process::{Note, answers, run, step, version_line};
use crate::project::Project;

pub use tools::{Tools, tools};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const NODE_MAJOR_MIN: u32 = 20;

/// Checks what must be there and installs what may be. Returns the build tools.
pub fn prepare(project: &Project) -> Result<Tools> {
    check_programs()?;
    add_wasm_target()?;
    install_packages(project, ".")?;
    tools(project)
}

fn check_programs() -> Result<()> {
    let node = version_line("node", "--version");
    match node.as_deref().and_then(major) {
        None => {
            bail!("Node.js is missing. Install version {NODE_MAJOR_MIN} or newer with your package manager.")
        }
        Some(found) if found < NODE_MAJOR_MIN => {
            bail!("Node.js {found} is too old. Install version {NODE_MAJOR_MIN} or newer.")
        }
        Some(_) => {}
    }
    if !answers("npm", "--version") {
        bail!("npm is missing. Install it with your package manager (on Debian: apt-get install npm).");
    }
    if !answers("cc", "--version") {
        bail!("A C compiler is missing. Install one (on Debian: apt-get install build-essential).");
    }
    Ok(())
}

/// The major number of a version such as `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

fn add_wasm_target() -> Result<()> {
    let output = run(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]))?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if fs::metadata(&folder).is_ok_and(|folder| folder.is_dir()) {
        return Ok(());
    }
    if !answers("rustup", "--version") {
        bail!(
            "The Rust target {WASM_TARGET} is missing. Install Rust with rustup, or add the target by hand."
        );
    }
    step("rust target for wasm", || {
        run(Command::new("rustup").args(["target", "add", WASM_TARGET]))?;
        Ok(((), Note::NONE))
    })
}

/// Installs the npm packages of the lock file in this folder, unless exactly these are there already.
pub fn install_packages(project: &Project, folder: &str) -> Result<()> {
    let folder = project.path(folder);
    let wanted = content_hash(&fs::read(folder.join("package-lock.json"))?);
    let stamp = folder.join("node_modules/.throughline-lock");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    step("npm packages", || {
        run(Command::new("npm")
            .args(["ci", "--loglevel=error", "--no-audit", "--no-fund"])
            .current_dir(&folder))?;
        fs::write(&stamp, &wanted)?;
        Ok(((), Note::NONE))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("22.1"), Some(22));
        assert_eq!(major("unknown"), None);
    }
}
