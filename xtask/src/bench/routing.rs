//! The routing core as wasm in a real workerd: the house of the native bench, timed from outside.
//!
//! While a request is served the clock of workerd stands still, so each stretch of work is one request, long enough that
//! the way there and back hardly counts; that of an empty request is taken off all the same. The largest house takes more
//! memory than Cloudflare gives one object; workerd has no such limit.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::build::wasm::{self, Page};
use crate::clock::Stopwatch;
use crate::process::step;
use crate::project::Project;
use crate::server::Ports;
use crate::setup;

/// Representatives and waiting items.
const SIZES: [(u32, u32); 3] = [(10_000, 1_000_000), (10_000, 100_000), (1_000, 10_000)];
/// How often everybody leaves and comes back.
const TIMES: u32 = 4;
/// Rounds and cycles of one request.
const ROUNDS: u32 = 20_000;
/// Empty requests.
const EMPTY: u32 = 50;

const START_LIMIT: Duration = Duration::from_secs(10);

/// The house: optimised as the gateway is.
const HOUSE: Page =
    Page { package: "routing-bench", profile: "release", optimise: &["-O3"], short_glue: false };

/// Measures every house. Gives, for each, its size and nanoseconds.
pub(super) fn in_wasm(project: &Project) -> Result<Value> {
    let tools = setup::prepare(project)?;
    let module = step("routing core as wasm", || wasm::build(project, &tools, &HOUSE))?;
    let folder = module.wasm.parent().context("The module has no folder.")?.to_owned();
    for name in ["config.capnp", "worker.js"] {
        fs::copy(project.path("tests/load/routing").join(name), folder.join(name))?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(project, folder))
}

async fn measure(project: &Project, folder: PathBuf) -> Result<Value> {
    let mut measured = Vec::new();
    for (representatives, waiting) in SIZES {
        for skills in [false, true] {
            // A new process for each: memory of wasm never shrinks.
            let worker = Worker::start(project, &folder).await?;
            let empty = worker.empty().await?;
            let size = format!("/open?representatives={representatives}&waiting={waiting}&skills={skills}");
            worker.ask(&size).await?;
            let (mut decisions, mut spent) = (0.0, Duration::ZERO);
            for _ in 0..TIMES {
                worker.ask("/leave").await?;
                let (made, took) = worker.ask("/come").await?;
                decisions += made;
                spent += took.saturating_sub(empty);
            }
            let each = |took: Duration| nanos(took.saturating_sub(empty)) / f64::from(ROUNDS);
            let round = each(worker.ask(&format!("/replace?rounds={ROUNDS}")).await?.1);
            let cycle = each(worker.ask(&format!("/serve?rounds={ROUNDS}")).await?.1);
            let configure = worker.ask("/configure").await?.1.saturating_sub(empty);
            measured.push(json!({
                "representatives": representatives, "waiting": waiting, "skills": skills,
                "nanos": nanos(spent) / decisions, "round_nanos": round, "cycle_nanos": cycle,
                "configure_millis": configure.as_secs_f64() * 1e3,
            }));
        }
    }
    Ok(Value::Array(measured))
}

fn nanos(span: Duration) -> f64 {
    span.as_secs_f64() * 1e9
}

/// A running workerd. It ends with this value.
struct Worker {
    address: SocketAddr,
    client: reqwest::Client,
    _child: tokio::process::Child,
}

impl Worker {
    async fn start(project: &Project, folder: &std::path::Path) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, Ports::free()?.gateway));
        let mut command = Command::new(project.workerd()?);
        command.arg("serve").arg(folder.join("config.capnp")).arg(format!("--socket-addr=http={address}"));
        command.stdin(Stdio::null());
        let child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .context("workerd could not be started.")?;
        let listening = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(START_LIMIT, listening).await.context("The worker with the routing core did not start.")?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { address, client, _child: child })
    }

    /// What a request answers, and how long it took.
    async fn ask(&self, path: &str) -> Result<(f64, Duration)> {
        let watch = Stopwatch::start();
        let answer = self.client.get(format!("http://{}{path}", self.address)).send().await?;
        let text = answer.error_for_status()?.text().await?;
        let took = watch.elapsed();
        let number = text.parse().with_context(|| format!("{path} answered {text:?}."))?;
        Ok((number, took))
    }

    /// How long an empty request takes.
    async fn empty(&self) -> Result<Duration> {
        let mut sum = Duration::ZERO;
        for _ in 0..EMPTY {
            sum += self.ask("/").await?.1;
        }
        Ok(sum / EMPTY)
    }
}
