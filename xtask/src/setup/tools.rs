//! The build tools that come from crates: each version in a folder of its own in the cache, so that clones share them
//! and nobody's own programs are touched.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process::{Note, run, step};
use crate::project::{Project, cache};

/// Paths of the programs that build what runs in wasm.
#[derive(Debug, Clone)]
pub struct Tools {
    /// Makes a worker of the gateway.
    pub worker_build: PathBuf,
    /// Makes the JavaScript side of a wasm module.
    pub wasm_bindgen: PathBuf,
    /// Makes wasm smaller.
    pub wasm_opt: PathBuf,
    /// Bundles and shortens scripts and styles.
    pub esbuild: PathBuf,
}

/// The build tools. What is missing is installed: about five minutes on two cores, once per version.
pub fn tools(project: &Project) -> Result<Tools> {
    let worker = project.locked_version("worker")?;
    // The binding tool must be the same version as the library, to the letter.
    let bindgen = project.locked_version("wasm-bindgen")?;
    Ok(Tools {
        worker_build: installed("worker-build", "worker-build", &worker)?,
        wasm_bindgen: installed("wasm-bindgen-cli", "wasm-bindgen", &bindgen)?,
        wasm_opt: project.npm_program("wasm-opt"),
        esbuild: project.npm_program("esbuild"),
    })
}

fn installed(package: &str, program: &str, version: &str) -> Result<PathBuf> {
    let root = cache()?.join("tools").join(format!("{package}-{version}"));
    let path = root.join("bin").join(program);
    if !path.is_file() {
        step(&format!("{package} {version}"), || {
            run(Command::new("cargo")
                .args(["install", "--quiet", "--locked", "--version", version, "--root"])
                .arg(&root)
                .arg(package))
            .with_context(|| {
                format!("{package} {version} could not be installed. Check the network, then try again.")
            })?;
            Ok(((), Note::saying("installed once, into the cache")))
        })?;
    }
    Ok(path)
}
