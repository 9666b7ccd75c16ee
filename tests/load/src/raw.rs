//! The floor: workerd with a bare object per conversation.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use integration::Socket;
use shared::protocol::codec::Codec;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use xtask::project::Project;
use xtask::server::Ports;

use crate::line::Line;

const START_LIMIT: Duration = Duration::from_secs(10);

/// A running floor. It ends, and its folder goes, with this value.
#[derive(Debug)]
pub(crate) struct Raw {
    port: u16,
    objects: u32,
    _child: Child,
    _folder: TempDir,
}

impl Raw {
    pub(crate) async fn start(project: &Project) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = Ports::free()?.gateway;
        let child = Command::new(project.workerd()?)
            .arg("serve")
            .arg(project.path("tests/load/raw/config.capnp"))
            .arg(format!("--socket-addr=http=127.0.0.1:{port}"))
            .arg(format!("--directory-path=data={}", folder.path().display()))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("workerd could not be started.")?;
        let listening = async {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(START_LIMIT, listening).await.context("The bare object did not start.")?;
        Ok(Self { port, objects: 0, _child: child, _folder: folder })
    }

    /// A socket to each of `count` new objects.
    pub(crate) async fn lines(&mut self, count: usize) -> Result<Vec<Line>> {
        let origin = format!("http://localhost:{}", self.port);
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            self.objects += 1;
            let socket = Socket::open(&origin, &format!("/{}", self.objects), Codec::Json, &[]).await?;
            lines.push(Line::Raw(socket));
        }
        Ok(lines)
    }
}
