//! Who is measured beside whom, each in a process of its own, one at a time: an idle one would still take its share of a small
//! machine.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use integration::{House, Socket};
use shared::protocol::codec::Codec;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use xtask::project::Project;
use xtask::server::Ports;

use crate::line::Line;
use crate::process::Process;
use crate::staff::Staff;

const START_LIMIT: Duration = Duration::from_secs(10);

/// Who answers messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contestant {
    /// The gateway, as it is.
    Throughline,
    /// A bare object for each conversation, in JavaScript, that inserts a row and echoes: the floor.
    RawInsert,
    /// The same without the row.
    RawEcho,
    /// A Node server with an embedded database.
    Node,
}

impl Contestant {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Throughline, Self::RawInsert, Self::RawEcho, Self::Node];

    /// What it is called in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Throughline => "Throughline",
            Self::RawInsert => "bare object, inserts and echoes",
            Self::RawEcho => "bare object, echoes",
            Self::Node => "Node, ws, SQLite",
        }
    }

    /// What it is called in keys.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Throughline => "throughline",
            Self::RawInsert => "raw",
            Self::RawEcho => "raw_echo",
            Self::Node => "node",
        }
    }

    /// Starts it, on fresh data.
    pub(crate) async fn start(self, project: &Project) -> Result<Running> {
        Ok(match self {
            Self::Throughline => Running::Throughline(Box::new(Staff::open(1).await?)),
            Self::RawInsert => Running::Echo(Box::new(Echo::raw(project, true).await?)),
            Self::RawEcho => Running::Echo(Box::new(Echo::raw(project, false).await?)),
            Self::Node => Running::Echo(Box::new(Echo::node(project).await?)),
        })
    }
}

/// A running contestant. It ends, and its data goes, with this value.
pub(crate) enum Running {
    Throughline(Box<Staff>),
    Echo(Box<Echo>),
}

impl Running {
    /// Its process.
    pub(crate) fn process(&self) -> Result<Process> {
        match self {
            Self::Throughline(staff) => process_of(staff.house()),
            Self::Echo(echo) => echo.process(),
        }
    }

    /// Both clients of each of so many new conversations.
    pub(crate) async fn lines(&mut self, conversations: usize) -> Result<Vec<Line>> {
        match self {
            Self::Throughline(staff) => staff.conversations(conversations).await,
            Self::Echo(echo) => echo.lines(conversations, 2).await,
        }
    }
}

/// The process of a house's server.
pub(crate) fn process_of(house: &House) -> Result<Process> {
    Ok(Process(house.server()?.pid().context("the server runs")?))
}

/// A server that sends back what it is sent.
pub(crate) struct Echo {
    port: u16,
    conversations: u32,
    child: Child,
    _folder: TempDir,
}

impl Echo {
    /// A bare object for each conversation.
    pub(crate) async fn raw(project: &Project, inserts: bool) -> Result<Self> {
        let (folder, port) = (tempfile::tempdir()?, Ports::free()?.gateway);
        let mut command = Command::new(project.workerd()?);
        command
            .arg("serve")
            .arg(project.path("tests/load/raw/config.capnp"))
            .arg(format!("--socket-addr=http=127.0.0.1:{port}"))
            .arg(format!("--directory-path=data={}", folder.path().display()))
            .env("RAW_INSERTS", inserts.to_string());
        Self::start(command, port, folder).await
    }

    /// A Node server.
    async fn node(project: &Project) -> Result<Self> {
        let (folder, port) = (tempfile::tempdir()?, Ports::free()?.gateway);
        let mut command = Command::new("node");
        command
            .arg(project.path("tests/load/node/server.mjs"))
            .arg(port.to_string())
            .arg(folder.path().join("messages.sqlite"));
        Self::start(command, port, folder).await
    }

    /// Asks it by HTTP. Gives the answer with its head.
    pub(crate) async fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    async fn start(mut command: Command, port: u16, folder: TempDir) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{command:?} could not be started."))?;
        let mut echo = Self { port, conversations: 0, child, _folder: folder };
        let listening = async {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
                if let Some(status) = echo.child.try_wait()? {
                    bail!("{command:?} ended while it was starting ({status}).");
                }
                sleep(Duration::from_millis(10)).await;
            }
            Ok(())
        };
        timeout(START_LIMIT, listening).await.with_context(|| format!("{command:?} did not start."))??;
        Ok(echo)
    }

    pub(crate) fn process(&self) -> Result<Process> {
        Ok(Process(self.child.id().context("the server runs")?))
    }

    /// So many sockets to each of so many new conversations.
    pub(crate) async fn lines(&mut self, conversations: usize, clients: usize) -> Result<Vec<Line>> {
        let origin = format!("http://localhost:{}", self.port);
        let mut lines = Vec::with_capacity(conversations * clients);
        for _ in 0..conversations {
            self.conversations += 1;
            for _ in 0..clients {
                let path = format!("/{}", self.conversations);
                lines.push(Line::Echo(Socket::open(&origin, &path, Codec::Json, &[]).await?));
            }
        }
        Ok(lines)
    }
}
