//! Where an administrator's password comes from.

use std::env;
use std::io::{IsTerminal as _, stdin};

use anyhow::{Context as _, Result, bail};

/// Where the password is looked for before somebody is asked for it.
const VARIABLE: &str = "THROUGHLINE_PASSWORD";

/// The password of an account: from the environment, from whoever sits there, or from a pipe. It never stands on the command
/// line, where every other user of the machine could read it.
pub fn password(name: &str) -> Result<String> {
    if let Ok(password) = env::var(VARIABLE) {
        return Ok(password);
    }
    if stdin().is_terminal() {
        return rpassword::prompt_password(format!("Password of {name}: ")).context("No password was given.");
    }
    let mut line = String::new();
    stdin().read_line(&mut line).context("No password was given.")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("Give the password in {VARIABLE} or on standard input.");
    }
    Ok(password.to_owned())
}
