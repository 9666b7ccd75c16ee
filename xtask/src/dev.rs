//! `cargo xtask dev` and `cargo xtask serve`: the gateway, the demonstration and its sites, until somebody ends them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::json;
use shared::authority::Role;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};
use tokio::signal::unix::{SignalKind, signal};

use crate::demo::{self, ACCOUNTS, Organisation, PASSWORD, WIDGET};
use crate::project::Project;
use crate::server::{Options, Ports, Server};
use crate::sites::Sites;

/// What `dev` and `serve` are asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where everything is to be found.
    pub ports: Ports,
    /// The folder with the data.
    pub data: PathBuf,
    /// Whether the demonstration is set up and its sites are served.
    pub demo: bool,
}

impl Request {
    /// Refuses ports that somebody uses.
    pub fn check_ports(&self) -> Result<()> {
        self.ports.check_gateway()?;
        if self.demo { self.ports.check_sites() } else { Ok(()) }
    }
}

/// Runs everything for people: what workerd says is shown, and a box tells where to go.
pub async fn dev(project: &Project, request: &Request) -> Result<()> {
    let options = Options { shown: true, ..Options::new(request.ports, &request.data) };
    let mut server = Server::start(project, &options).await?;
    let _sites = if request.demo { Some(Sites::start(project, request.ports).await?) } else { None };
    let lines = if request.demo {
        demo_lines(request, demo::ensure(&server).await?)
    } else {
        bare_lines(request, server.setup_secret(Duration::from_secs(1)).await)
    };
    eprint!("{}", boxed(&lines));
    tokio::select! {
        // Ctrl-C reaches workerd too; that it ends then is no fault.
        biased;
        ended = until_asked_to_end() => ended,
        said = server.ended() => bail!(said),
    }
}

/// Runs everything for tests: one line of JSON on standard output says where things are. Lines on standard input order
/// `kill` (SIGKILL for the gateway) and `start` (again, answered by the same line); its end ends everything.
pub async fn serve(project: &Project, request: &Request) -> Result<()> {
    request.check_ports()?;
    let options = Options::new(request.ports, &request.data);
    let _sites = if request.demo { Some(Sites::start(project, request.ports).await?) } else { None };
    let mut server = Some(started(project, &options, request.demo).await?);
    let mut orders = BufReader::new(stdin()).lines();
    let mut ended = Box::pin(until_asked_to_end());
    loop {
        tokio::select! {
            ended = &mut ended => return ended,
            order = orders.next_line() => match order?.as_deref().map(str::trim) {
                None => return Ok(()),
                Some("kill") => {
                    if let Some(server) = server.take() {
                        server.kill().await?;
                    }
                    println!("{}", json!({ "killed": true }));
                }
                Some("start") => server = Some(started(project, &options, request.demo).await?),
                Some(other) => bail!("`{other}` is not an order. Say `kill` or `start`."),
            },
        }
    }
}

async fn started(project: &Project, options: &Options, demo: bool) -> Result<Server> {
    let server = Server::start(project, options).await?;
    if demo {
        demo::ensure(&server).await?;
    }
    let ports = server.ports();
    println!(
        "{}",
        json!({
            "chat": ports.chat(),
            "desk": ports.desk(),
            "shop": ports.shop(),
            "help": ports.help(),
            "widget": WIDGET.to_string(),
            "pid": server.pid(),
            "accounts": ACCOUNTS,
        })
    );
    Ok(server)
}

/// Waits for Ctrl-C or SIGTERM.
async fn until_asked_to_end() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

fn demo_lines(request: &Request, organisation: Organisation) -> Vec<String> {
    let ports = request.ports;
    let mut lines = vec![
        "Throughline is running.".to_owned(),
        String::new(),
        format!("Shop         {}/", ports.shop()),
        format!("Help centre  {}/", ports.help()),
        format!("Console      {}/", ports.desk()),
        format!("Widget       {}/", ports.chat()),
        String::new(),
    ];
    if organisation == Organisation::Foreign {
        lines.push(
            "There is an organisation already that is not the demonstration; it was left alone.".to_owned(),
        );
        lines.push("Choose another folder with --data for a new one.".to_owned());
    } else {
        lines.push(format!("Sign in to the console with the password {PASSWORD} as"));
        for account in ACCOUNTS {
            let role = match account.role {
                Role::Representative => "representative",
                Role::Supervisor => "supervisor",
                Role::Administrator => "administrator",
            };
            lines.push(format!("  {:<6} {}, {role}", account.name, account.full_name));
        }
    }
    lines.push(String::new());
    lines.push(format!("Data is in {}. Ctrl-C ends everything.", request.data.display()));
    lines
}

fn bare_lines(request: &Request, secret: Option<String>) -> Vec<String> {
    let ports = request.ports;
    let mut lines = vec![
        "Throughline is running.".to_owned(),
        String::new(),
        format!("Console      {}/", ports.desk()),
        format!("Widget       {}/", ports.chat()),
    ];
    if let Some(secret) = secret {
        lines.push(String::new());
        lines.push("The first administrator chooses a password here, once:".to_owned());
        lines.push(format!("{}/setup#{secret}", ports.desk()));
    }
    lines.push(String::new());
    lines.push(format!("Data is in {}. Ctrl-C ends everything.", request.data.display()));
    lines
}

/// Lines in a frame.
fn boxed(lines: &[String]) -> String {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let rule = "─".repeat(width);
    let rows: Vec<_> = lines.iter().map(|line| format!("│ {line:<width$} │\n")).collect();
    format!("\n╭─{rule}─╮\n{}╰─{rule}─╯\n", rows.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_box_is_as_wide_as_the_widest() {
        let text = boxed(&["ab".to_owned(), "çde".to_owned()]);
        let widths: Vec<_> = text.trim().lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths, [7, 7, 7, 7]);
    }
}
