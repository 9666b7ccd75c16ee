//! `cargo xtask test`: everything that is checked before a change lands, part by part. A part that fails does not keep
//! the others from running. The last line of the output is the sum, alone on its line.

mod bindings;
mod counts;

use std::env;
use std::io::{BufRead as _, BufReader, Write as _, stdout};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::clock::{Stopwatch, describe};
use crate::process::display;
use crate::project::Project;
use crate::setup::chromium::chromium;
use crate::table::{Align, draw};
use crate::{build, setup, size};
use counts::{Counts, cargo_test, playwright};

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Formatting, clippy, unit and property tests.
    Unit,
    /// Many people on the pure machines, over a bad network.
    Simulation,
    /// The build, its sizes, and the real server.
    Integration,
    /// The real pages in a real browser.
    Browser,
}

/// One line of the summary.
#[derive(Debug)]
struct Outcome {
    name: &'static str,
    counts: Counts,
    time: Duration,
}

/// Runs everything, or one part. Shows the summary, and says whether all is well.
pub fn test(project: &Project, only: Option<Part>) -> Result<bool> {
    let wanted = |part| only.is_none_or(|only| only == part);
    let mut run = Run { project, outcomes: Vec::new() };
    run.check("prerequisites", || setup::prepare(project).map(|_| ()));
    if wanted(Part::Unit) {
        run.unit();
    }
    if wanted(Part::Simulation) {
        run.cargo_tests("simulation", &["--package", "simulation"]);
    }
    if wanted(Part::Integration) || wanted(Part::Browser) {
        let built = run.check("build", || build::build(project, None));
        if wanted(Part::Integration) {
            run.integration(built);
        }
        if wanted(Part::Browser) {
            run.browser(built);
        }
    }
    run.summary()
}

struct Run<'a> {
    project: &'a Project,
    outcomes: Vec<Outcome>,
}

impl Run<'_> {
    fn unit(&mut self) {
        let project = self.project;
        self.command("formatting", cargo(project, &["fmt", "--all", "--check"]));
        let host = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
        self.command("clippy", cargo(project, &host));
        let wasm = [
            "clippy",
            "--target",
            "wasm32-unknown-unknown",
            "--package",
            "gateway",
            "--package",
            "widget",
            "--package",
            "console",
            "--",
            "--deny",
            "warnings",
        ];
        self.command("clippy for wasm", cargo(project, &wasm));
        let unit = ["--workspace", "--exclude", "integration", "--exclude", "simulation"];
        self.cargo_tests("unit and property tests", &unit);
    }

    fn integration(&mut self, built: bool) {
        if !built {
            self.not_run(&["byte budgets", "deployment", "integration tests"]);
            return;
        }
        self.budgets();
        let project = self.project;
        self.check("deployment", || bindings::check(project));
        self.cargo_tests("integration tests", &["--package", "integration"]);
    }

    fn browser(&mut self, built: bool) {
        if !built {
            self.not_run(&["browser tests"]);
            return;
        }
        let mut found = None;
        self.check("chromium", || {
            found = Some(chromium()?);
            Ok(())
        });
        let Some(chromium) = found else {
            self.not_run(&["browser tests"]);
            return;
        };
        let mut command = Command::new(self.project.npm_program("playwright"));
        command.args(["test", "--reporter=list"]).current_dir(self.project.path("tests/browser"));
        command.env("CHROMIUM_BIN", chromium).env("FORCE_COLOR", "0");
        // The tests start servers with this very program, so that they wait for no lock of cargo's.
        if let Ok(this) = env::current_exe() {
            command.env("THROUGHLINE_XTASK", this);
        }
        self.tests("browser tests", command, playwright);
    }

    fn budgets(&mut self) {
        let watch = Stopwatch::start();
        eprintln!("\n── byte budgets");
        let counts = match size::measure(self.project) {
            Ok(measures) => {
                print!("{}", size::to_table(&measures));
                let passed = measures.iter().filter(|measure| measure.holds()).count() as u64;
                Counts { passed, failed: measures.len() as u64 - passed }
            }
            Err(error) => {
                eprintln!("{error:#}");
                Counts::FAILED
            }
        };
        self.outcomes.push(Outcome { name: "byte budgets", counts, time: watch.elapsed() });
    }

    /// Something that holds or does not.
    fn check(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> bool {
        let watch = Stopwatch::start();
        eprintln!("\n── {name}");
        let result = work();
        if let Err(error) = &result {
            eprintln!("{error:#}");
        }
        let counts = if result.is_ok() { Counts::PASSED } else { Counts::FAILED };
        self.outcomes.push(Outcome { name, counts, time: watch.elapsed() });
        result.is_ok()
    }

    /// A command that succeeds or does not.
    fn command(&mut self, name: &'static str, mut command: Command) {
        self.check(name, || crate::process::run_shown(&mut command));
    }

    /// The tests of some packages.
    fn cargo_tests(&mut self, name: &'static str, packages: &[&str]) {
        let mut command = cargo(self.project, &["test", "--no-fail-fast"]);
        command.args(packages);
        self.tests(name, command, cargo_test);
    }

    /// A command that runs tests and says how many.
    fn tests(&mut self, name: &'static str, mut command: Command, count: fn(&str) -> Counts) {
        let watch = Stopwatch::start();
        eprintln!("\n── {name}");
        let counts = match run_and_read(&mut command) {
            Ok((output, succeeded)) => count(&output).with_exit(succeeded),
            Err(error) => {
                eprintln!("{error:#}");
                Counts::FAILED
            }
        };
        self.outcomes.push(Outcome { name, counts, time: watch.elapsed() });
    }

    /// What could not be run has not passed.
    fn not_run(&mut self, names: &[&'static str]) {
        let outcomes =
            names.iter().map(|name| Outcome { name, counts: Counts::FAILED, time: Duration::ZERO });
        self.outcomes.extend(outcomes);
    }

    fn summary(&self) -> Result<bool> {
        let rows: Vec<_> = self
            .outcomes
            .iter()
            .map(|Outcome { name, counts, time }| {
                let verdict = if counts.failed == 0 { "" } else { "FAILED" };
                let name = (*name).to_owned();
                [
                    name,
                    counts.passed.to_string(),
                    counts.failed.to_string(),
                    describe(*time),
                    verdict.to_owned(),
                ]
            })
            .collect();
        let align = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Left];
        let all: Counts = self.outcomes.iter().map(|outcome| outcome.counts).sum();
        let mut output = stdout().lock();
        writeln!(output, "\n{}", draw(["part", "passed", "failed", "time", ""], align, &rows))?;
        writeln!(output, "{} passed, {} failed", all.passed, all.failed)?;
        Ok(all.failed == 0)
    }
}

fn cargo(project: &Project, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(project.root());
    command
}

/// Runs a command, shows what it writes and returns it, with whether it succeeded.
fn run_and_read(command: &mut Command) -> Result<(String, bool)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{}` could not be started.", display(command)))?;
    let mut text = String::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            text.push_str(&line);
            text.push('\n');
        }
    }
    Ok((text, child.wait()?.success()))
}
