//! Running other programs. A program that fails is named with what it was asked to do and what it said.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::clock::{Stopwatch, describe};

/// Runs `work` and shows one line with its name and time. What it says in return is added in brackets.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<(T, Note)>) -> Result<T> {
    let watch = Stopwatch::start();
    let mut screen = io::stderr();
    let start = if screen.is_terminal() {
        // The name stands there while the work is done.
        write!(screen, "  {name} …")?;
        screen.flush()?;
        "\r"
    } else {
        ""
    };
    match work() {
        Ok((value, note)) => {
            let note = note.0.map_or_else(String::new, |note| format!("  ({note})"));
            eprintln!("{start}  {name:<32} {:>9}{note}", describe(watch.elapsed()));
            Ok(value)
        }
        Err(error) => {
            eprintln!("{start}  {name:<32} failed after {}", describe(watch.elapsed()));
            Err(error)
        }
    }
}

/// What a step says when it is done.
#[derive(Debug)]
pub struct Note(Option<String>);

impl Note {
    /// Nothing.
    pub const NONE: Self = Self(None);

    /// There was nothing to do.
    pub fn unchanged() -> Self {
        Self(Some("unchanged".to_owned()))
    }

    /// These words.
    pub fn saying(words: impl Into<String>) -> Self {
        Self(Some(words.into()))
    }
}

/// Runs a command quietly. What it wrote is shown only if it fails.
pub fn run(command: &mut Command) -> Result<Output> {
    let output = command.stdin(Stdio::null()).output().with_context(|| not_started(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let also = String::from_utf8_lossy(&output.stdout);
        bail!("`{}` failed ({}):\n{}{}", display(command), output.status, also.trim_end(), said.trim_end());
    }
    Ok(output)
}

/// Runs a command and lets it write to the terminal.
pub fn run_shown(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| not_started(command))?;
    if !status.success() {
        bail!("`{}` failed ({status}).", display(command));
    }
    Ok(())
}

/// Whether a program answers when it is asked for its version.
pub fn answers(program: impl AsRef<Path>, argument: &str) -> bool {
    version_line(program, argument).is_some()
}

/// The first line of what a program says about its version, if it is there at all.
pub fn version_line(program: impl AsRef<Path>, argument: &str) -> Option<String> {
    let mut command = Command::new(program.as_ref());
    let output = command.arg(argument).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// A command as it would be typed.
pub fn display(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

fn not_started(command: &Command) -> String {
    format!("`{}` could not be started.", command.get_program().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_named_with_what_it_said() {
        let error =
            run(Command::new("sh").args(["-c", "echo no bread >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c") && error.contains("no bread") && error.contains('3'), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_does_not_answer() {
        assert!(!answers("throughline-no-such-program", "--version"));
    }
}
