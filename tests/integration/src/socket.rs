//! One socket, as a client holds it.

use core::fmt::Debug;
use core::time::Duration;
use std::collections::VecDeque;
use std::net::Ipv4Addr;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::protocol::codec::{Codec, Encoded, PING, PONG};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// How long a client waits for what must come. Far longer than anything takes: a test that reaches it has failed.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// An open socket on which frames of type `F` arrive.
#[derive(Debug)]
pub struct Socket<F> {
    stream: WebSocketStream<TcpStream>,
    codec: Codec,
    /// When it says next that it is there, and how often it does; none if it only speaks when it is told to.
    beat: Option<(Instant, Duration)>,
    received: Vec<u8>,
    /// What came in one message with a frame that was taken.
    frames: VecDeque<F>,
}

/// What arrives on a socket.
#[derive(Debug)]
pub enum Heard<F> {
    /// A frame.
    Frame(F),
    /// The answer to a heartbeat.
    Pong,
}

/// The other side ended the socket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the other side ended the socket: {reason}")]
pub struct Ended {
    /// The code with which it was closed (RFC 6455 section 7.4); none if it was cut.
    pub code: Option<u16>,
    /// What was said about it.
    pub reason: String,
}

impl<F: DeserializeOwned + Debug> Socket<F> {
    /// Opens `path` on the server at `origin`, with these headers.
    pub async fn open(origin: &str, path: &str, codec: Codec, headers: &[(&str, &str)]) -> Result<Self> {
        Self::open_via(None, origin, path, codec, headers).await
    }

    /// The same over whatever listens at this port.
    pub async fn open_via(
        via: Option<u16>,
        origin: &str,
        path: &str,
        codec: Codec,
        headers: &[(&str, &str)],
    ) -> Result<Self> {
        let address = format!("{}{path}", origin.replacen("http", "ws", 1));
        let mut request = address.into_client_request()?;
        let port = request.uri().port_u16().context("the address names its port")?;
        let standard = [("sec-websocket-protocol", codec.subprotocol()), ("origin", origin)];
        for (name, value) in standard.iter().chain(headers) {
            request.headers_mut().insert(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
        }
        // `*.localhost` is not known to every resolver.
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, via.unwrap_or(port))).await?;
        tcp.set_nodelay(true)?;
        let config = WebSocketConfig::default();
        let opened = timeout(LIMIT, client_async_with_config(request, tcp, Some(config))).await;
        let (stream, response) = opened.context("the socket did not open")??;
        let chosen = response.headers().get("sec-websocket-protocol").map(HeaderValue::as_bytes);
        if chosen != Some(codec.subprotocol().as_bytes()) {
            bail!("the gateway chose another subprotocol: {chosen:?}");
        }
        Ok(Self { stream, codec, beat: None, received: Vec::new(), frames: VecDeque::new() })
    }

    /// From now on says so often that it is there, while somebody waits for its frames. The answers are not told.
    pub fn stay(&mut self, every: Duration) {
        self.beat = Some((Instant::now(), every));
    }

    /// Sends a frame.
    pub async fn send<T: Serialize>(&mut self, frame: &T) -> Result<()> {
        self.send_raw(match self.codec.encode(frame) {
            Encoded::Binary(bytes) => Message::Binary(bytes.into()),
            Encoded::Text(text) => Message::Text(text.into()),
        })
        .await
    }

    /// Sends whatever this is.
    pub async fn send_raw(&mut self, message: Message) -> Result<()> {
        Ok(timeout(LIMIT, self.stream.send(message)).await.context("the frame could not be sent")??)
    }

    /// Hands over whatever this is, to be sent with what follows.
    pub async fn feed_raw(&mut self, message: Message) -> Result<()> {
        Ok(timeout(LIMIT, self.stream.feed(message)).await.context("the frame could not be sent")??)
    }

    /// Sends many frames with one write, as a client in a hurry does.
    pub async fn send_at_once<T: Serialize>(&mut self, frames: &[T]) -> Result<()> {
        for frame in frames {
            let message = match self.codec.encode(frame) {
                Encoded::Binary(bytes) => Message::Binary(bytes.into()),
                Encoded::Text(text) => Message::Text(text.into()),
            };
            self.stream.feed(message).await?;
        }
        Ok(timeout(LIMIT, self.stream.flush()).await.context("the frames could not be sent")??)
    }

    /// The next frame. The end of the socket is an [`Ended`].
    pub async fn next(&mut self) -> Result<F> {
        match self.hear().await? {
            Heard::Frame(frame) => Ok(frame),
            Heard::Pong => bail!("the answer to a heartbeat that nobody sent"),
        }
    }

    /// The next frame or answer to a heartbeat. The end of the socket is an [`Ended`]. Nothing is lost if nobody waits for
    /// the end of this.
    pub async fn hear(&mut self) -> Result<Heard<F>> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Ok(Heard::Frame(frame));
            }
            let message = tokio::select! {
                message = timeout(LIMIT, self.stream.next()) => message.context("no frame came")?,
                () = due(self.beat) => {
                    self.beat = self.beat.map(|(next, every)| (next + every, every));
                    self.send_raw(Message::Text(Utf8Bytes::from_static(PING))).await?;
                    continue;
                }
            };
            let bytes = match message {
                Some(Ok(Message::Text(text))) if text.as_str() == PONG && self.beat.is_some() => continue,
                Some(Ok(Message::Text(text))) if text.as_str() == PONG => return Ok(Heard::Pong),
                Some(Ok(Message::Text(text))) if self.codec == Codec::Json => text.as_bytes().to_vec(),
                Some(Ok(Message::Binary(bytes))) if self.codec == Codec::Binary => bytes.to_vec(),
                Some(Ok(Message::Close(close))) => {
                    let close = close.map(|close| (u16::from(close.code), close.reason.to_string()));
                    let (code, reason) = close.unzip();
                    return Err(Ended { code, reason: reason.unwrap_or_default() }.into());
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(other)) => bail!("a frame in another coding: {other:?}"),
                Some(Err(error)) => return Err(Ended { code: None, reason: error.to_string() }.into()),
                None => return Err(Ended { code: None, reason: "cut".to_owned() }.into()),
            };
            self.received.extend_from_slice(&bytes);
            let frames = self.codec.decode_all(&bytes);
            self.frames.extend(frames.with_context(|| format!("{}", String::from_utf8_lossy(&bytes)))?);
        }
    }

    /// The frames that still come before the other side ends the socket, and how it ends it.
    pub async fn until_ended(&mut self) -> Result<(Vec<F>, Ended)> {
        let mut frames = Vec::new();
        loop {
            match self.next().await {
                Ok(frame) => frames.push(frame),
                Err(error) => return Ok((frames, error.downcast::<Ended>()?)),
            }
        }
    }

    /// Sends the heartbeat and waits for its answer, which comes before anything else that was not yet sent.
    pub async fn heartbeat(&mut self) -> Result<()> {
        self.send_raw(Message::Text(Utf8Bytes::from_static(PING))).await?;
        match timeout(LIMIT, self.stream.next()).await.context("no answer to the heartbeat")? {
            Some(Ok(Message::Text(text))) if text.as_str() == PONG => Ok(()),
            other => bail!("something else than the answer to the heartbeat: {other:?}"),
        }
    }

    /// Whether these bytes have ever arrived.
    pub fn has_received(&self, bytes: &[u8]) -> bool {
        self.received.windows(bytes.len()).any(|window| window == bytes)
    }

    /// Closes the socket and waits until the other side has, too.
    pub async fn close(mut self) -> Result<()> {
        self.stream.close(None).await?;
        timeout(LIMIT, async { while let Some(Ok(_)) = self.stream.next().await {} })
            .await
            .context("the other side did not close")
    }
}

/// Ends when a beat is due.
async fn due(beat: Option<(Instant, Duration)>) {
    match beat {
        Some((next, _)) => sleep_until(next).await,
        None => std::future::pending().await,
    }
}
