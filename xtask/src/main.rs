//! `cargo xtask`: build, start, test and measure Throughline.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use xtask::dev::Request;
use xtask::project::Project;
use xtask::server::Ports;
use xtask::{audit, bench, build, clock, dev, seed, setup, simulate, size, test};

/// Build, start, test and measure Throughline.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what the other commands need (they do so themselves).
    Setup,
    /// Build the widget, the console and the gateway.
    Build {
        /// Only this part.
        #[arg(long, value_enum)]
        only: Option<build::Part>,
    },
    /// Build and run everything, with a demonstration organisation and two sites. Ctrl-C ends it.
    Dev {
        #[command(flatten)]
        place: Place,
        /// Neither set up the demonstration nor serve its sites.
        #[arg(long)]
        no_demo: bool,
    },
    /// Run what is built, for tests: says where in one line of JSON; `kill` and `start` on standard input.
    Serve {
        #[command(flatten)]
        place: Place,
        /// Do not set up the demonstration.
        #[arg(long)]
        no_demo: bool,
    },
    /// Bring a running gateway to the configuration that a TOML or JSON file describes.
    ///
    /// The password of the administrator is taken from `THROUGHLINE_PASSWORD`, asked for, or read from standard input.
    Seed {
        /// The file.
        file: PathBuf,
        /// Only check the file; no gateway is needed.
        #[arg(long)]
        check: bool,
        /// Origin of the console.
        #[arg(long, env = "THROUGHLINE_DESK_ORIGIN", default_value_t = Ports::DEFAULT.desk())]
        desk: String,
        /// Where the gateway itself listens, such as 127.0.0.1:8787, if it stands behind a proxy.
        #[arg(long)]
        connect: Option<SocketAddr>,
        /// Name of the administrator.
        #[arg(long, env = "THROUGHLINE_NAME", default_value = "admin")]
        name: String,
    },
    /// Check everything that is checked before a change lands.
    Test {
        /// Only this part.
        #[arg(long, value_enum)]
        only: Option<test::Part>,
    },
    /// Show how many bytes browsers load, beside the budgets and other products. Fails over budget.
    Size {
        /// One JSON object instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Measure how fast something is, beside something to compare with.
    Bench {
        /// What.
        #[arg(value_enum)]
        subject: bench::Subject,
        #[command(flatten)]
        request: bench::Request,
    },
    /// Run seeds of the simulation: many people on the pure machines, over a bad network.
    Simulate(simulate::Request),
    /// Look for known faults and unwanted licences in what we depend on. Needs the network.
    Audit,
}

#[derive(Args)]
struct Place {
    /// Port of the gateway; 0 takes a free one.
    #[arg(long, default_value_t = Ports::DEFAULT.gateway)]
    port: u16,
    /// Port of the demonstration sites; 0 takes a free one.
    #[arg(long, default_value_t = Ports::DEFAULT.sites)]
    sites_port: u16,
    /// Folder with the data.
    #[arg(long)]
    data: Option<PathBuf>,
}

impl Place {
    fn request(self, project: &Project, demo: bool) -> Result<Request> {
        let free = Ports::free()?;
        let or_free = |port, free| if port == 0 { free } else { port };
        let ports =
            Ports { gateway: or_free(self.port, free.gateway), sites: or_free(self.sites_port, free.sites) };
        Ok(Request { ports, data: self.data.unwrap_or_else(|| project.data()), demo })
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let project = Project::here()?;
    match command {
        Command::Setup => setup::prepare(&project).map(|_| ()),
        Command::Build { only } => timed(|| build::build(&project, only)),
        Command::Dev { place, no_demo } => {
            let request = place.request(&project, !no_demo)?;
            request.check_ports()?;
            build::build(&project, None)?;
            block_on(dev::dev(&project, &request))
        }
        Command::Serve { place, no_demo } => {
            let request = place.request(&project, !no_demo)?;
            block_on(dev::serve(&project, &request))
        }
        Command::Seed { file, check, desk, connect, name } => {
            let request = seed::Request { file, check, desk, connect, name };
            block_on(async {
                seed::seed(&request, seed::password).await.map(|lines| println!("{}", lines.join("\n")))
            })
        }
        // The summary is the last word: no error message follows it.
        Command::Test { only } if !test::test(&project, only)? => return Ok(ExitCode::FAILURE),
        Command::Test { .. } => Ok(()),
        Command::Size { json } => size::size(&project, json),
        Command::Bench { subject, request } => bench::bench(&project, subject, &request),
        Command::Simulate(request) => simulate::simulate(&project, &request),
        Command::Audit => audit::audit(&project),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<()> {
    let watch = clock::Stopwatch::start();
    work()?;
    eprintln!("  done in {}", clock::describe(watch.elapsed()));
    Ok(())
}

/// Runs `work` to its end, and does not wait for what else goes on: reading standard input cannot be interrupted.
fn block_on(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}
