//! A bad network between clients and the server: a proxy of TCP connections that can cut them, or let them go on without
//! a word in one direction or both.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a connection does with what it is given. It only ever gets worse: a connection that has swallowed something and
/// then carries on is none that TCP knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Weather {
    /// Bytes to the server are swallowed, and nobody is told.
    silent_up: bool,
    /// Bytes to the client are.
    silent_down: bool,
    cut: bool,
}

/// The proxy. It ends with this value.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    connections: Arc<Mutex<Vec<watch::Sender<Weather>>>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// A proxy to this port of the machine.
    pub async fn to(target: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let connections = Arc::<Mutex<Vec<watch::Sender<Weather>>>>::default();
        let open = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (weather, seen) = watch::channel(Weather::default());
                lock(&open).push(weather);
                tokio::spawn(carry(client, target, seen));
            }
        });
        Ok(Self { port, connections, accepting })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts one of the open connections, whichever `choice` falls on. Whether there was one.
    pub fn cut(&self, choice: usize) -> bool {
        self.change(choice, |weather| weather.cut = true)
    }

    /// From now on one of the open connections swallows what it is given, in one direction or both.
    pub fn silence(&self, choice: usize, up: bool, down: bool) -> bool {
        self.change(choice, |weather| {
            weather.silent_up |= up;
            weather.silent_down |= down;
        })
    }

    /// Cuts all connections.
    pub fn cut_all(&self) {
        for connection in lock(&self.connections).iter() {
            connection.send_modify(|weather| weather.cut = true);
        }
    }

    fn change(&self, choice: usize, worsen: impl FnOnce(&mut Weather)) -> bool {
        let mut connections = lock(&self.connections);
        connections.retain(|connection| !connection.is_closed());
        let Some(index) = choice.checked_rem(connections.len()) else { return false };
        connections[index].send_modify(worsen);
        true
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries bytes both ways until one end closes or the connection is cut.
async fn carry(client: TcpStream, target: u16, weather: watch::Receiver<Weather>) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let mut end = weather.clone();
    tokio::select! {
        () = pour(from_client, to_server, weather.clone(), |weather| weather.silent_up) => {}
        () = pour(from_server, to_client, weather, |weather| weather.silent_down) => {}
        _ = end.wait_for(|weather| weather.cut) => {}
    }
}

async fn pour(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    swallows: fn(Weather) -> bool,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if !swallows(*weather.borrow()) && to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
