//! The gateway as a worker: one module and one wasm file in `gateway/build`, the same for workerd and for Cloudflare.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::assets::hash::content_hash;
use crate::process::{Note, run};
use crate::project::Project;
use crate::setup::Tools;

/// Builds the worker, unless cargo made the same wasm as last time.
pub(super) fn build(project: &Project, tools: &Tools) -> Result<((), Note)> {
    run(Command::new("cargo")
        .args(["build", "--quiet", "--release", "--lib", "--package", "gateway"])
        .args(["--target", "wasm32-unknown-unknown"])
        .current_dir(project.root()))?;
    let compiled = project.target().join("wasm32-unknown-unknown/release/gateway.wasm");
    let input = fs::read(&compiled).with_context(|| format!("{} was not built.", compiled.display()))?;
    let made_from = format!("{} {}", content_hash(&input), tools.worker_build.display());
    let stamp = project.intermediate("gateway.stamp");
    let result = project.path("gateway/build/index_bg.wasm");
    if result.is_file() && fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == made_from) {
        return Ok(((), Note::unchanged()));
    }
    run(Command::new(&tools.worker_build)
        .arg("--release")
        .current_dir(project.path("gateway"))
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("WASM_OPT_BIN", &tools.wasm_opt)
        .env("ESBUILD_BIN", &tools.esbuild))?;
    let folder = project.intermediate("");
    fs::create_dir_all(folder)?;
    fs::write(&stamp, made_from)?;
    let size = fs::metadata(&result).context("worker-build made no gateway/build/index_bg.wasm.")?.len();
    Ok(((), Note::saying(format!("{} KB of wasm", size / 1000))))
}
