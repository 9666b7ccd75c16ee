//! Where broken builds are made and tried: a copy of what the simulation is made of, beside what cargo builds, so that
//! nothing that a person edits is ever touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::Mutant;
use crate::clock::Stopwatch;
use crate::process::run;
use crate::project::Project;

/// What the copy holds.
const PARTS: [&str; 5] =
    ["Cargo.lock", "rust-toolchain.toml", "shared", "tests/simulation", "widget/src/transport.rs"];
/// How long the seeds of one broken build may take: a broken rule may also be that nothing ends.
const PATIENCE: Duration = Duration::from_mins(5);

/// What became of one broken build.
#[derive(Debug, Serialize)]
struct Verdict {
    mutant: String,
    breaks: String,
    file: String,
    caught: bool,
    /// The seed that found it, or how it showed.
    by: String,
    /// The rule that did not hold.
    rule: String,
    seconds: u64,
}

/// What the simulation says with `--json`.
#[derive(Debug, Deserialize)]
struct Said {
    held: u64,
    broken: Vec<Broken>,
}

#[derive(Debug, Deserialize)]
struct Broken {
    seed: u64,
    rule: String,
}

/// How a run ended.
enum Ending {
    Said(Said),
    Panicked(String),
    OutOfTime,
}

/// Tries every one of these and prints the table. An error if one of them is not noticed.
pub(super) fn try_all(project: &Project, mutants: &[Mutant], seeds: u64, as_json: bool) -> Result<()> {
    let workshop = Workshop::open(project)?;
    let Ending::Said(sound) = workshop.run(seeds)? else { bail!("The unbroken code does not get through.") };
    if let Some(broken) = sound.broken.first() {
        bail!("The unbroken code breaks a rule at seed {}: {}", broken.seed, broken.rule);
    }
    if !as_json {
        println!("unbroken: {} seeds hold. Now {} broken builds.\n", sound.held, mutants.len());
    }
    let mut verdicts = Vec::new();
    for mutant in mutants {
        let verdict = workshop.try_one(project, mutant, seeds)?;
        if !as_json {
            print(&verdict);
        }
        verdicts.push(verdict);
    }
    let missed: Vec<_> =
        verdicts.iter().filter(|verdict| !verdict.caught).map(|verdict| verdict.mutant.as_str()).collect();
    if as_json {
        println!("{}", serde_json::to_string_pretty(&verdicts)?);
    } else {
        println!("\n{} of {} noticed", verdicts.len() - missed.len(), verdicts.len());
    }
    if missed.is_empty() { Ok(()) } else { bail!("Not noticed: {}.", missed.join(", ")) }
}

fn print(verdict: &Verdict) {
    let Verdict { mutant, breaks, by, rule, seconds, .. } = verdict;
    let rule = rule.lines().next().unwrap_or_default();
    let rule: String = rule.chars().take(100).collect();
    println!("{mutant:<34} {by:<12} {seconds:>4} s  {breaks}\n{:>54}{rule}", "");
}

/// The copy.
struct Workshop {
    folder: PathBuf,
    target: PathBuf,
}

impl Workshop {
    fn open(project: &Project) -> Result<Self> {
        let folder = project.target().join("mutants/source");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let workshop = Self { folder, target: project.target().join("mutants/build") };
        let listed = run(Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
            .args(PARTS)
            .current_dir(project.root()))?;
        for file in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|file| !file.is_empty()) {
            workshop.put_back(project, file)?;
        }
        let manifest = fs::read_to_string(project.path("Cargo.toml"))?;
        workshop.write("Cargo.toml", &only_these_members(&manifest)?)?;
        Ok(workshop)
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        fs::write(&path, text).with_context(|| format!("{} cannot be written.", path.display()))
    }

    /// Makes a file of the copy what it is in the repository.
    fn put_back(&self, project: &Project, file: &str) -> Result<()> {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        fs::copy(project.path(file), &path).with_context(|| format!("{file} cannot be copied."))?;
        Ok(())
    }

    fn try_one(&self, project: &Project, mutant: &Mutant, seeds: u64) -> Result<Verdict> {
        let stopwatch = Stopwatch::start();
        let sound = fs::read_to_string(project.path(&mutant.file))?;
        self.write(&mutant.file, &mutant.apply(&sound)?)?;
        let ending = self.run(seeds).with_context(|| format!("{} does not build", mutant.name));
        self.write(&mutant.file, &sound)?;
        let (caught, by, rule) = match ending? {
            Ending::Said(Said { held, broken }) => match broken.into_iter().next() {
                Some(Broken { seed, rule }) => (true, format!("seed {seed}"), rule),
                None => (false, "NOT NOTICED".into(), format!("{held} seeds hold")),
            },
            Ending::Panicked(said) => (true, "panic".into(), said),
            Ending::OutOfTime => (false, "NO END".into(), "it ran out of time".into()),
        };
        let Mutant { name, breaks, file, .. } = mutant.clone();
        Ok(Verdict { mutant: name, breaks, file, caught, by, rule, seconds: stopwatch.elapsed().as_secs() })
    }

    /// Builds the copy and runs seeds until a rule is broken. Little is optimized: most is found within a few seeds.
    fn run(&self, seeds: u64) -> Result<Ending> {
        run(Command::new("cargo")
            .args(["build", "--quiet", "--release", "--package", "simulation"])
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_INCREMENTAL", "true")
            .env("RUSTFLAGS", "--cap-lints=allow")
            .current_dir(&self.folder))?;
        watch(&self.target.join("release/simulation"), seeds)
    }
}

/// The manifest of the workspace, with only the members that were copied.
fn only_these_members(manifest: &str) -> Result<String> {
    let mut manifest: toml::Table = toml::from_str(manifest)?;
    let workspace = manifest.get_mut("workspace").and_then(toml::Value::as_table_mut);
    let workspace = workspace.context("Cargo.toml has no workspace.")?;
    workspace.insert("members".into(), vec!["shared", "tests/simulation"].into());
    workspace.remove("default-members");
    Ok(toml::to_string(&manifest)?)
}

/// Runs seeds, but not for ever.
fn watch(program: &Path, seeds: u64) -> Result<Ending> {
    let mut child = Command::new(program)
        .args(["--first", "--json", "--seeds", &seeds.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started.", program.display()))?;
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    // Both are read while it runs, lest it waits for a reader.
    let said = thread::spawn(move || read_all(stdout.as_mut()));
    let cried = thread::spawn(move || read_all(stderr.as_mut()));
    let begin = Stopwatch::start();
    let ended = loop {
        if child.try_wait()?.is_some() {
            break true;
        }
        if begin.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            break false;
        }
        thread::sleep(Duration::from_millis(20));
    };
    let (said, cried) = (said.join().unwrap_or_default(), cried.join().unwrap_or_default());
    if !ended {
        return Ok(Ending::OutOfTime);
    }
    Ok(serde_json::from_str(&said).map_or_else(|_| Ending::Panicked(cried.trim().to_owned()), Ending::Said))
}

/// Everything that comes; what was read so far if the other end breaks.
fn read_all(from: Option<&mut impl std::io::Read>) -> String {
    let mut text = String::new();
    if let Some(from) = from {
        let _ = from.by_ref().read_to_string(&mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_the_simulation_takes_from_elsewhere_is_in_the_copy() {
        let project = Project::here().unwrap();
        let source = fs::read_to_string(project.path("tests/simulation/src/lib.rs")).unwrap();
        let elsewhere = source.split("#[path = \"../../../").skip(1);
        let files: Vec<_> = elsewhere.map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(!files.is_empty());
        for file in files {
            assert!(PARTS.iter().any(|part| file.starts_with(part)), "{file}");
        }
    }
}
