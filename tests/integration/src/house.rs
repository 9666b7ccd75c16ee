//! A server of one test.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, RequestBuilder};
use shared::form::Answer;
use shared::id::{MessageId, RequestId};
use shared::protocol::http::ChangedSettings;
use shared::settings::Settings;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use xtask::demo::{self, ADMINISTRATOR, Account, Organisation};
use xtask::desk::Desk;
use xtask::project::Project;
use xtask::server::{Options, Ports, Server};

use super::console::Console;
use super::socket::LIMIT;
use super::visitor::Visitor;

/// A server with its own ports and its own folder. It ends, and its folder goes, with this value.
#[derive(Debug)]
pub struct House {
    project: Project,
    options: Options,
    // Before the folder: the server is gone when its data goes.
    server: Option<Server>,
    folder: TempDir,
    client: reqwest::Client,
}

/// How often a server is started anew because somebody else took its port in between.
const ATTEMPTS: usize = 5;

impl House {
    /// A server with the demonstration organisation.
    pub async fn open() -> Result<Self> {
        Self::open_with(|_| {}).await
    }

    /// The same, started in another way than usual.
    pub async fn open_with(change: impl Fn(&mut Options)) -> Result<Self> {
        let house = Self::empty_with(change).await?;
        let organisation = demo::ensure(house.server()?).await?;
        if organisation != Organisation::Created {
            bail!("a new server had an organisation: {organisation:?}");
        }
        Ok(house)
    }

    /// A server that nobody has set up.
    pub async fn empty() -> Result<Self> {
        Self::empty_with(|_| {}).await
    }

    async fn empty_with(change: impl Fn(&mut Options)) -> Result<Self> {
        let project = Project::here()?;
        let folder = tempfile::tempdir()?;
        for _ in 1..ATTEMPTS {
            if let Ok(house) = Self::start(&project, &folder, &change).await {
                return Ok(house.in_folder(project, folder));
            }
        }
        let house = Self::start(&project, &folder, &change).await?;
        Ok(house.in_folder(project, folder))
    }

    async fn start(project: &Project, folder: &TempDir, change: &impl Fn(&mut Options)) -> Result<Started> {
        let mut options = Options::new(Ports::free()?, folder.path());
        change(&mut options);
        let server = Server::start(project, &options).await?;
        let client = options.ports.client()?;
        Ok(Started { options, server, client })
    }

    /// The running server.
    pub fn server(&self) -> Result<&Server> {
        self.server.as_ref().context("the server was killed")
    }

    /// Where it is found.
    pub fn ports(&self) -> Ports {
        self.options.ports
    }

    /// Where its data is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The database of the only object of this kind, such as `conversations`, for while nobody has it open.
    pub fn database(&self, kind: &str) -> Result<std::path::PathBuf> {
        let files = std::fs::read_dir(self.folder().join(kind))?;
        let mut paths = files.filter_map(|file| Some(file.ok()?.path()));
        let is_one = |path: &std::path::PathBuf| {
            let is_database = path.extension().is_some_and(|extension| extension == "sqlite");
            is_database && path.file_name().is_some_and(|name| name != "metadata.sqlite")
        };
        paths.find(is_one).with_context(|| format!("there is no database of {kind}"))
    }

    /// Where the built files are.
    pub fn assets(&self) -> std::path::PathBuf {
        self.project.assets()
    }

    /// Ends the server with SIGKILL, whatever it is doing.
    pub async fn kill(&mut self) -> Result<()> {
        self.server.take().context("the server was killed before")?.kill().await
    }

    /// Starts a server again on the same data and the same port.
    pub async fn restart(&mut self) -> Result<()> {
        for _ in 1..ATTEMPTS {
            // While nobody listens, somebody's outgoing connection may hold the port for a moment.
            if let Ok(server) = Server::start(&self.project, &self.options).await {
                self.server = Some(server);
                return Ok(());
            }
        }
        self.server = Some(Server::start(&self.project, &self.options).await?);
        Ok(())
    }

    /// A request to the widget's host.
    pub fn chat(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.ports().chat()))
    }

    /// A request to the desk's host.
    pub fn desk(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.ports().desk()))
    }

    /// Sends these bytes, which no client library would, and gives everything that comes back.
    pub async fn send_bytes(&self, request: &str) -> Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports().gateway)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        timeout(LIMIT, stream.read_to_end(&mut answer)).await.context("the gateway did not answer")??;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Somebody who has just opened the widget on the shop's site.
    pub async fn visitor(&self) -> Result<Visitor> {
        Visitor::open(self.ports(), &self.ports().shop()).await
    }

    /// Somebody of the staff who signs in and sits down at the desk.
    pub async fn console(&self, account: Account) -> Result<Console> {
        Console::sign_in(self.ports(), account).await
    }

    /// Changes the settings, as the administrator does.
    pub async fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Result<ChangedSettings> {
        let mut desk = Desk::new(self.ports())?;
        if !desk.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await? {
            bail!("the administrator could not sign in");
        }
        let mut document = desk.settings().await?;
        change(&mut document.settings);
        desk.change_settings(&document).await
    }
}

struct Started {
    options: Options,
    server: Server,
    client: reqwest::Client,
}

impl Started {
    fn in_folder(self, project: Project, folder: TempDir) -> House {
        let Self { options, server, client } = self;
        House { project, options, server: Some(server), folder, client }
    }
}

fn fresh() -> u128 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An id that no other message of this test has.
pub fn fresh_message() -> MessageId {
    MessageId::from_u128(fresh())
}

/// An id that no other request of this test has.
pub fn fresh_request() -> RequestId {
    RequestId::from_u128(fresh())
}

/// Answers to the form of the demonstration.
pub fn answers(name: &str, topic: &str, message: &str) -> Vec<Answer> {
    [("name", name), ("topic", topic), ("message", message), ("consent", "true")]
        .map(|(name, value)| Answer { name: name.to_owned(), value: value.to_owned() })
        .into()
}
