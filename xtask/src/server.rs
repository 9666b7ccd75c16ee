//! The gateway on this machine: workerd as a child process, with its data in a folder.
//!
//! A server is ended with SIGKILL, always: what the gateway has acknowledged is on disk, and what is not was never
//! promised. So every end of a server is a small test of that promise.

use std::collections::VecDeque;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::project::Project;

/// How long a server may take to answer for the first time.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How often it is asked whether it is there.
const START_POLL: Duration = Duration::from_millis(20);
/// How much of what workerd said is kept for an error message.
const LINES_KEPT: usize = 40;
/// What stands before the link with which the first administrator chooses a password.
const SETUP_LINE: &str = "First administrator: ";

/// Where everything of one server is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The gateway's port: chat and desk are told apart by the name of the host.
    pub gateway: u16,
    /// The port of the demonstration sites.
    pub sites: u16,
}

impl Ports {
    /// The ports of `cargo xtask dev`.
    pub const DEFAULT: Self = Self { gateway: 8787, sites: 8788 };

    /// Two ports that nobody uses now.
    pub fn free() -> Result<Self> {
        // Both are held until both are known, so that they differ.
        let gateway = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let sites = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self { gateway: gateway.local_addr()?.port(), sites: sites.local_addr()?.port() })
    }

    /// Refuses a gateway's port that somebody uses.
    pub fn check_gateway(self) -> Result<()> {
        check_free(self.gateway, "--port")
    }

    /// Refuses a port of the sites that somebody uses.
    pub fn check_sites(self) -> Result<()> {
        check_free(self.sites, "--sites-port")
    }

    /// The origin of the widget and of the visitors' API.
    pub fn chat(self) -> String {
        format!("http://chat.localhost:{}", self.gateway)
    }

    /// The origin of the console and of the staff API.
    pub fn desk(self) -> String {
        format!("http://desk.localhost:{}", self.gateway)
    }

    /// The origin of the demonstration shop.
    pub fn shop(self) -> String {
        format!("http://shop.localhost:{}", self.sites)
    }

    /// The origin of the demonstration help centre.
    pub fn help(self) -> String {
        format!("http://help.localhost:{}", self.sites)
    }

    /// An HTTP client that finds these hosts on machines whose resolver does not know `*.localhost`.
    pub fn client(self) -> Result<reqwest::Client> {
        let gateway = SocketAddr::from((Ipv4Addr::LOCALHOST, self.gateway));
        let sites = SocketAddr::from((Ipv4Addr::LOCALHOST, self.sites));
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .resolve("chat.localhost", gateway)
            .resolve("desk.localhost", gateway)
            .resolve("shop.localhost", sites)
            .resolve("help.localhost", sites)
            .build()?;
        Ok(client)
    }
}

/// Refuses a port that somebody uses, with the flag that chooses another.
fn check_free(port: u16, flag: &str) -> Result<()> {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
        bail!("Port {port} is busy. End the program that uses it, or choose another port with {flag}.");
    }
    Ok(())
}

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is found.
    pub ports: Ports,
    /// The folder that holds its data; made if it is not there.
    pub data: PathBuf,
    /// How many shards new conversations are spread over. On one machine few share commits best.
    pub shards: u16,
    /// How many files it may open; as many as the system allows if nothing is said. An awake object takes three, a socket
    /// two.
    pub open_files: Option<u64>,
    /// How many seconds a socket may be silent before whoever sits there counts as gone; as many as usual if nothing is said.
    pub silence: Option<u64>,
    /// In which header a visitor's address is said, as by a proxy in front.
    pub address_header: Option<String>,
    /// Whether what workerd says is shown.
    pub shown: bool,
}

impl Options {
    /// The usual server, with its data in this folder.
    pub fn new(ports: Ports, data: impl Into<PathBuf>) -> Self {
        let data = data.into();
        Self { ports, data, shards: 1, open_files: None, silence: None, address_header: None, shown: false }
    }
}

/// A running server. It ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    ports: Ports,
    said: Said,
}

impl Server {
    /// Starts workerd on the built gateway and waits until it answers.
    pub async fn start(project: &Project, options: &Options) -> Result<Self> {
        for built in ["gateway/build/index.js", ".throughline/assets/chat/embed.js"] {
            if !project.path(built).is_file() {
                bail!("{built} is missing. Run `cargo xtask build`.");
            }
        }
        fs::create_dir_all(&options.data)
            .with_context(|| format!("The data folder {} cannot be made.", options.data.display()))?;
        let mut child = Self::command(project, options)?.spawn().context("workerd could not be started.")?;
        let said = Said::default();
        if let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) {
            said.listen(output, options.shown);
            said.listen(errors, options.shown);
        }
        let mut server = Self { child, ports: options.ports, said };
        server.wait_until_healthy().await?;
        Ok(server)
    }

    fn command(project: &Project, options: &Options) -> Result<Command> {
        let data = fs::canonicalize(&options.data)?;
        let ports = options.ports;
        let allowed = raise_open_files_limit();
        let open_files = options.open_files.or(allowed);
        let text = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
        let mut command = match options.open_files {
            None => Command::new(project.workerd()?),
            Some(files) => {
                let mut shell = Command::new("sh");
                shell
                    .args(["-c", "ulimit -n \"$0\" && exec \"$@\""])
                    .arg(files.to_string())
                    .arg(project.workerd()?);
                shell
            }
        };
        command
            .arg("serve")
            .arg(project.path("gateway/workerd.capnp"))
            .arg(format!("--socket-addr=http=127.0.0.1:{}", ports.gateway))
            .arg(format!("--directory-path=data={}", data.display()))
            .arg(format!("--directory-path=assets={}", project.assets().display()))
            .env("THROUGHLINE_CHAT_ORIGIN", ports.chat())
            .env("THROUGHLINE_DESK_ORIGIN", ports.desk())
            .env("THROUGHLINE_ORGANISATION", "demo")
            .env("THROUGHLINE_CONVERSATION_SHARDS", options.shards.to_string())
            .env("THROUGHLINE_OPEN_FILES", text(open_files))
            .env("THROUGHLINE_SILENCE_SECONDS", text(options.silence))
            // Nothing stands in front of the server that could say it, unless a test does.
            .env_remove("THROUGHLINE_CLIENT_ADDRESS_HEADER")
            .envs(options.address_header.as_ref().map(|header| ("THROUGHLINE_CLIENT_ADDRESS_HEADER", header)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Ok(command)
    }

    async fn wait_until_healthy(&mut self) -> Result<()> {
        let client = self.ports.client()?;
        let address = format!("{}/v1/health", self.ports.chat());
        let healthy = async {
            loop {
                if let Some(status) = self.child.try_wait()? {
                    bail!("workerd ended while it was starting ({status}):\n{}", self.said.text());
                }
                if let Ok(answer) = client.get(&address).send().await
                    && answer.status().is_success()
                {
                    return Ok(());
                }
                sleep(START_POLL).await;
            }
        };
        match timeout(START_LIMIT, healthy).await {
            Ok(result) => result,
            Err(_) => bail!(
                "The gateway did not answer {address} within {} seconds. workerd said:\n{}",
                START_LIMIT.as_secs(),
                self.said.text()
            ),
        }
    }

    /// Where it is found.
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// The number of the process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The secret with which the first administrator chooses a password, if the gateway prints one within `limit`. It
    /// prints one whenever there is no administrator.
    pub async fn setup_secret(&self, limit: Duration) -> Option<String> {
        let printed = async {
            loop {
                if let Some(secret) = self.said.setup_secret() {
                    return secret;
                }
                sleep(START_POLL).await;
            }
        };
        timeout(limit, printed).await.ok()
    }

    /// What workerd said lately.
    pub fn output(&self) -> String {
        self.said.text()
    }

    /// Ends it at once, as a power cut would.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Waits until it ends by itself, which it never should.
    pub async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => format!("workerd ended ({status}). It said:\n{}", self.said.text()),
            Err(error) => format!("workerd cannot be waited for: {error}"),
        }
    }
}

/// The last lines that workerd wrote.
#[derive(Debug, Clone, Default)]
struct Said(Arc<Mutex<VecDeque<String>>>);

impl Said {
    fn listen(&self, stream: impl AsyncRead + Unpin + Send + 'static, shown: bool) {
        let said = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if shown && !line.starts_with(SETUP_LINE) {
                    eprintln!("workerd: {line}");
                }
                said.keep(line);
            }
        });
    }

    fn keep(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What repeats itself must not push out what came before it.
        if lines.back() == Some(&line) {
            return;
        }
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    fn setup_secret(&self) -> Option<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().rev().find_map(|line| setup_secret(line).map(str::to_owned))
    }
}

/// The secret in the line that the gateway prints when there is no administrator.
fn setup_secret(line: &str) -> Option<&str> {
    let (_, secret) = line.split_once(SETUP_LINE)?.1.split_once("/setup#")?;
    Some(secret.trim())
}

/// Lets this process and its children open as many files as the system allows, and says how many that is; none if there is
/// no limit.
pub fn raise_open_files_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    // If it cannot be raised the gateway still works, for fewer conversations at once.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    getrlimit(Resource::Nofile).current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setup_secret_is_read_from_the_line_of_the_gateway() {
        let line = "First administrator: http://desk.localhost:8787/setup#abc-123";
        assert_eq!(setup_secret(line), Some("abc-123"));
        assert_eq!(setup_secret("listening"), None);
    }

    #[test]
    fn a_busy_port_is_named_with_its_flag() {
        let busy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = busy.local_addr().unwrap().port();
        let ports = Ports { gateway: Ports::free().unwrap().gateway, sites: port };
        assert!(ports.check_gateway().is_ok());
        let error = ports.check_sites().unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--sites-port"), "{error}");
    }
}
