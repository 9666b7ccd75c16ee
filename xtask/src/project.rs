//! Where things are: the folders of the repository, of what is built, and of the tools.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// A clone of the repository.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// The clone that this program was built from.
    pub fn here() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().context("xtask stands in the folder of the repository")?.to_path_buf();
        if !root.join("Cargo.toml").is_file() {
            bail!("The repository is no longer at {}. Run `cargo xtask` from the clone.", root.display());
        }
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The folder of the repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path in the repository.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo puts what it builds.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// What browsers load, as it is served: two trees, `chat` and `desk`.
    pub fn assets(&self) -> PathBuf {
        self.root.join(".throughline/assets")
    }

    /// What lies between the sources and the assets.
    pub fn intermediate(&self, name: &str) -> PathBuf {
        self.root.join(".throughline/build").join(name)
    }

    /// Where `cargo xtask dev` keeps conversations.
    pub fn data(&self) -> PathBuf {
        self.root.join(".throughline/data")
    }

    /// A program that came with an npm package.
    pub fn npm_program(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }

    /// workerd itself, not the script that starts it: a signal must reach the server.
    pub fn workerd(&self) -> Result<PathBuf> {
        let package = match (env::consts::OS, env::consts::ARCH) {
            ("linux", "x86_64") => "workerd-linux-64",
            ("linux", "aarch64") => "workerd-linux-arm64",
            ("macos", "x86_64") => "workerd-darwin-64",
            ("macos", "aarch64") => "workerd-darwin-arm64",
            (system, processor) => {
                bail!("workerd is not made for {system} on {processor}. Use Linux or macOS.")
            }
        };
        let program = self.root.join("node_modules/@cloudflare").join(package).join("bin/workerd");
        if !program.is_file() {
            bail!("workerd is not installed. Run `cargo xtask build`, which installs it.");
        }
        Ok(program)
    }

    /// The version of a crate in Cargo.lock.
    pub fn locked_version(&self, name: &str) -> Result<String> {
        let lock = fs::read_to_string(self.path("Cargo.lock")).context("Cargo.lock cannot be read.")?;
        version_in_lock(&lock, name)
            .map(str::to_owned)
            .with_context(|| format!("Cargo.lock names no {name}. Run `cargo update --package {name}`."))
    }
}

/// The first version of `name` that a lock file holds.
fn version_in_lock<'lock>(lock: &'lock str, name: &str) -> Option<&'lock str> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == wanted)?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

/// The folder for what may be kept between clones: build tools and, in CI, what cargo built.
pub fn cache() -> Result<PathBuf> {
    let folder =
        |name: &str| env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from);
    let base = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    let base = base.context("There is no home folder. Set HOME or XDG_CACHE_HOME.")?;
    Ok(base.join("throughline"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\nsource = \"x\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen"), Some("0.2.129"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }
}
