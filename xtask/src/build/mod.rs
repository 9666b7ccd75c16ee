//! From sources to what is served: the widget and the console as wasm, the scripts and styles around them, and the
//! gateway as a worker.
//!
//! Cargo and esbuild decide what they have to do again. What is slow after cargo (bindings, wasm-opt, brotli) is done
//! only for input that it has not seen, found by the hash of that input.

mod gateway;
mod glue;
mod pages;
pub(crate) mod wasm;

use anyhow::Result;
use clap::ValueEnum;

use crate::process::step;
use crate::project::Project;
use crate::setup::{self, Tools};

/// What can be built alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The script tag and the widget.
    Chat,
    /// The console.
    Desk,
    /// The worker.
    Gateway,
}

/// Builds everything, or one part, after installing what that needs.
pub fn build(project: &Project, only: Option<Part>) -> Result<()> {
    let tools = setup::prepare(project)?;
    let wanted = |part| only.is_none_or(|only| only == part);
    if wanted(Part::Chat) {
        build_chat(project, &tools)?;
    }
    if wanted(Part::Desk) {
        build_desk(project, &tools)?;
    }
    if wanted(Part::Gateway) {
        step("gateway", || gateway::build(project, &tools))?;
    }
    Ok(())
}

fn build_chat(project: &Project, tools: &Tools) -> Result<()> {
    let widget = step("widget", || wasm::build(project, tools, &wasm::WIDGET))?;
    step("script tag and frame", || pages::build_chat(project, tools, &widget))
}

fn build_desk(project: &Project, tools: &Tools) -> Result<()> {
    let console = step("console", || wasm::build(project, tools, &wasm::CONSOLE))?;
    step("console page", || pages::build_desk(project, tools, &console))
}
