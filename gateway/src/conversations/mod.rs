//! The object that holds a shard of conversations, and the visitors whose conversations they are.
//!
//! The conversations are machines of `shared`; what they were told stands in the journal, and a checkpoint stores them
//! one by one. Visitors, their sessions and hand-over codes are rows that are written directly, in the transaction of the
//! turn.

mod awake;
mod deadlines;
mod files;
mod frames;
mod request;
mod scanner;
mod shell;
mod sites;
mod sockets;
mod store;
mod texts;
mod uploads;
mod visitors;

pub(crate) use files::{FileAsk, FileAsker, FileRequest, OpenedFile};
pub(crate) use request::{Answer, Crossing, Request, Session, Told};
pub(crate) use shell::ConversationsShell;
pub(crate) use sites::Moved;
#[cfg(test)]
pub(crate) use {shell::Step, sites::Spot};

use worker::{
    DurableObject, Env, Error, Request as HttpRequest, Response, Result, State, WebSocket,
    WebSocketIncomingMessage, durable_object,
};

use crate::object::Object;

/// The Durable Object.
#[durable_object]
pub struct Conversations(Object<ConversationsShell>);

impl DurableObject for Conversations {
    fn new(state: State, env: Env) -> Self {
        Self(Object::new(state, env))
    }

    async fn fetch(&self, request: HttpRequest) -> Result<Response> {
        self.0.fetch(request).await
    }

    async fn alarm(&self) -> Result<Response> {
        self.0.alarm()
    }

    async fn websocket_message(&self, socket: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        self.0.message(&socket, message).await
    }

    async fn websocket_close(&self, socket: WebSocket, _: usize, _: String, _: bool) -> Result<()> {
        self.0.close(&socket).await
    }

    async fn websocket_error(&self, socket: WebSocket, _: Error) -> Result<()> {
        self.0.close(&socket).await
    }
}
