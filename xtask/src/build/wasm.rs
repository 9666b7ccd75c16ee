//! A crate as wasm with its JavaScript side, made small.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::glue;
use crate::assets::hash::content_hash;
use crate::process::{Note, run};
use crate::project::Project;
use crate::setup::Tools;

/// A crate that becomes a wasm module of a page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) package: &'static str,
    pub(crate) profile: &'static str,
    /// What wasm-opt is to do.
    pub(crate) optimise: &'static [&'static str],
    /// Whether its JavaScript side is to be as small as it gets.
    pub(crate) short_glue: bool,
}

/// The visitor's chat window. Inlining makes it larger when it is compressed, measured, 1 KB; all but that of functions that
/// are hardly longer than their call. To take the code apart first and to optimise it twice makes it smaller by 400 bytes.
pub(crate) const WIDGET: Page = Page {
    package: "widget",
    profile: "widget",
    optimise: &[
        "--flatten",
        "--rereloop",
        "-Os",
        "-Oz",
        "--converge",
        "--gufa-optimizing",
        "--low-memory-unused",
        "--always-inline-max-function-size=6",
        "--flexible-inline-max-function-size=0",
        "--one-caller-inline-max-function-size=0",
    ],
    short_glue: true,
};
/// The console of the staff.
pub(crate) const CONSOLE: Page = Page {
    package: "console",
    profile: "console",
    optimise: &["-Oz", "--converge", "--low-memory-unused"],
    short_glue: false,
};

/// A built module.
#[derive(Debug)]
pub(crate) struct Module {
    /// The plain name of the wasm file: the page refers to it by `/assets/<name>`.
    pub(crate) name: String,
    /// The JavaScript side, which must be told that address.
    pub(crate) glue: PathBuf,
    /// The wasm file.
    pub(crate) wasm: PathBuf,
}

/// What rustc's wasm target uses and every browser since 2022 has; wasm-opt must use no more.
const FEATURES: [&str; 6] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
];

/// Builds `page`; binds and shrinks it only if cargo made another module than last time.
pub(crate) fn build(project: &Project, tools: &Tools, page: &Page) -> Result<(Module, Note)> {
    let Page { package, profile, optimise, short_glue } = *page;
    let file = package.replace('-', "_");
    run(Command::new("cargo")
        .args(["build", "--quiet", "--target", "wasm32-unknown-unknown"])
        .args(["--package", package, "--profile", profile])
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags(project))
        .current_dir(project.root()))?;
    let compiled = project.target().join("wasm32-unknown-unknown").join(profile).join(format!("{file}.wasm"));
    let input = fs::read(&compiled).with_context(|| format!("{} was not built.", compiled.display()))?;

    let folder = project.intermediate(package);
    let module = Module {
        name: format!("{package}.wasm"),
        glue: folder.join(format!("{file}.js")),
        wasm: folder.join(format!("{file}_bg.wasm")),
    };
    let stamp = folder.join("stamp");
    let made_from =
        format!("{} {} {optimise:?} {short_glue}", content_hash(&input), tools.wasm_bindgen.display());
    if module.glue.is_file() && fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == made_from) {
        return Ok((module, Note::unchanged()));
    }

    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let kind = if short_glue { "module" } else { "web" };
    run(Command::new(&tools.wasm_bindgen)
        .args(["--target", kind, "--encode-into", "always"])
        .args(["--no-typescript", "--omit-default-module-path"])
        .args(["--remove-name-section", "--remove-producers-section"])
        .arg("--out-dir")
        .arg(&folder)
        .arg(&compiled))?;
    let bound = fs::metadata(&module.wasm)?.len();
    run(Command::new(&tools.wasm_opt)
        .args(optimise)
        .args(["--strip-producers", "--strip-target-features"])
        .args(FEATURES)
        .arg(&module.wasm)
        .arg("--output")
        .arg(&module.wasm))?;
    if short_glue {
        let imported = format!("./{file}_bg.js");
        let (script, short) =
            glue::shorten(&fs::read_to_string(&module.glue)?, &imported, &fs::read(&module.wasm)?)?;
        fs::write(&module.glue, script)?;
        fs::write(&module.wasm, short)?;
    }
    fs::write(&stamp, made_from)?;
    let size = fs::metadata(&module.wasm)?.len();
    Ok((module, Note::saying(format!("{} KB of wasm, {} before wasm-opt", size / 1000, bound / 1000))))
}

/// The flags of the compiler: those of `.cargo/config.toml`, and short names for the folders of this machine. The places of
/// possible panics stand in the module; whose machine it was built on is nobody's business, and costs bytes.
fn rust_flags(project: &Project) -> OsString {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let mut flags = OsString::from("--cfg\u{1f}getrandom_backend=\"wasm_js\"");
    for (folder, name) in [(cargo.join("registry").join("src"), "crates"), (project.root().to_owned(), ".")] {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    flags
}
