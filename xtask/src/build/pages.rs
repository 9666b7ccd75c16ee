//! The scripts, styles and pages around the two wasm modules, bundled by esbuild and named by their content.
//!
//! A script reaches its module's glue by `import init from "glue"`; the styles import `www/tokens.css` by its path.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::wasm::Module;
use crate::assets::{Source, naming, write_tree};
use crate::process::{Note, run};
use crate::project::Project;
use crate::setup::Tools;

/// How a script is wrapped.
#[derive(Debug, Clone, Copy)]
enum Format {
    /// A module of our own page.
    Module,
    /// One expression that leaves nothing behind in somebody else's page.
    Expression,
}

/// The tree of the chat host: the script tag, the page in the frame, and what that page loads.
pub(super) fn build_chat(project: &Project, tools: &Tools, widget: &Module) -> Result<((), Note)> {
    let folder = project.path("www/embed");
    // The widget lives as long as its page: what the glue does about objects that are thrown away is never run.
    let absent = &["--define:FinalizationRegistry=undefined", "--define:Symbol.dispose=undefined"];
    let bundler = Bundler { project, tools, glue: &widget.glue, absent };
    let frame = read(&folder.join("frame.html"))?;
    let sources = vec![
        fixed("embed.js", bundler.bundle(&folder.join("embed.js"), Format::Expression)?),
        fixed("frame-without-files.html", without_files(&frame)?),
        fixed("frame.html", frame),
        hashed("frame.js", bundler.bundle(&folder.join("frame.js"), Format::Module)?),
        hashed("files.js", bundler.bundle(&folder.join("files.js"), Format::Module)?),
        hashed("files.css", bundler.bundle(&folder.join("files.css"), Format::Module)?),
        hashed("frame.css", bundler.bundle(&folder.join("frame.css"), Format::Module)?),
        hashed(&widget.name, read(&widget.wasm)?),
    ];
    write(project, "chat", sources)
}

/// The tree of the desk host: the console's one page and what it loads.
pub(super) fn build_desk(project: &Project, tools: &Tools, console: &Module) -> Result<((), Note)> {
    let folder = project.path("www/console");
    let bundler = Bundler { project, tools, glue: &console.glue, absent: &[] };
    let sources = vec![
        fixed("index.html", read(&folder.join("index.html"))?),
        hashed("console.js", bundler.bundle(&folder.join("console.js"), Format::Module)?),
        hashed("console.css", bundler.bundle(&folder.join("console.css"), Format::Module)?),
        hashed(&console.name, read(&console.wasm)?),
    ];
    write(project, "desk", sources)
}

/// The page for widgets whose visitors can send no files: its button for that is hidden.
fn without_files(frame: &[u8]) -> Result<Vec<u8>> {
    let button = "<button id=\"attach\"";
    let page = str::from_utf8(frame).context("frame.html is not text.")?;
    ensure!(page.matches(button).count() == 1, "frame.html has not one {button} in it.");
    Ok(page.replace(button, &format!("{button} hidden")).into_bytes())
}

struct Bundler<'a> {
    project: &'a Project,
    tools: &'a Tools,
    glue: &'a Path,
    /// What scripts are to believe that the browser does not have.
    absent: &'a [&'a str],
}

impl Bundler<'_> {
    /// A script or style with everything that it imports, as short as it gets.
    fn bundle(&self, entry: &Path, format: Format) -> Result<Vec<u8>> {
        let mut glue = OsString::from("--alias:glue=");
        glue.push(self.glue);
        let format = match format {
            Format::Module => "--format=esm",
            Format::Expression => "--format=iife",
        };
        let output = run(Command::new(&self.tools.esbuild)
            .arg(entry)
            .args(["--bundle", "--minify", "--target=es2022", "--legal-comments=none", "--charset=utf8"])
            .args(["--log-level=warning", "--external:/assets/*", format])
            .args(self.absent)
            .arg(glue)
            .current_dir(self.project.root()))?;
        Ok(output.stdout)
    }
}

fn fixed(name: &str, content: Vec<u8>) -> Source {
    Source { name: name.to_owned(), content, fixed: true }
}

fn hashed(name: &str, content: Vec<u8>) -> Source {
    Source { name: name.to_owned(), content, fixed: false }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read.", path.display()))
}

fn write(project: &Project, tree: &str, sources: Vec<Source>) -> Result<((), Note)> {
    let named = naming::name_all(sources)?;
    let written = write_tree(&project.assets().join(tree), &named, &project.intermediate("brotli"))?;
    let note =
        if written == 0 { Note::unchanged() } else { Note::saying(format!("{written} files written")) };
    Ok(((), note))
}
