//! The browser of the browser tests: found, or installed from the system's packages where that is permitted.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{Note, run, step};

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const OTHER_PLACES: [&str; 3] = [
    "/usr/lib/chromium/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The path of Chromium. `CHROMIUM_BIN` wins; without any browser, the system's package is installed if that needs no
/// password.
pub fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROMIUM_BIN").map(PathBuf::from) {
        if !chosen.is_file() {
            bail!(
                "CHROMIUM_BIN names {}, where there is no program. Correct it or unset it.",
                chosen.display()
            );
        }
        return Ok(chosen);
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    install()?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("Chromium was installed but is not on the PATH. Set CHROMIUM_BIN to its path."),
    }
}

fn find() -> Option<PathBuf> {
    let on_path = PROGRAMS.iter().find_map(|name| on_path(name));
    on_path.or_else(|| OTHER_PLACES.iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// Where the shell would find a program.
fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn install() -> Result<()> {
    let missing = "Chromium is missing. Install it (on Debian: apt-get install chromium) or set CHROMIUM_BIN to its path.";
    if !Path::new("/usr/bin/apt-get").is_file() {
        bail!(missing);
    }
    let root = rustix::process::geteuid().is_root();
    let sudo = !root
        && Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    if !root && !sudo {
        bail!(missing);
    }
    let apt = |arguments: &[&str]| {
        let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
        if sudo {
            command.args(["-n", "apt-get"]);
        }
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    step("chromium", || {
        apt(&["update", "-qq"])?;
        apt(&["install", "-y", "-qq", "--no-install-recommends", "chromium"])?;
        Ok(((), Note::saying("installed from the system's packages")))
    })
}
