//! The edge gateway of Throughline: a Cloudflare worker and its Durable Objects, the same build on plain workerd.
//!
//! - [`http`]: which request is answered how. Stateless; it authenticates, asks objects, and translates.
//! - [`object`]: the mechanism under every object: turns that share commits, journal, outbox, alarm, sockets.
//! - [`stored`]: how things are written to disk, with the version of their format.
//! - [`conversations`], [`router`], [`settings`], [`records`]: the objects.
//!
//! No rule of the business is here: those are in `shared`. A panic would take the memory of every object in the process,
//! so nothing that comes from outside may reach one.

mod clock;
mod conversations;
mod environment;
mod fault;
mod http;
mod mint;
mod object;
mod password;
mod records;
mod router;
mod settings;
mod stored;
mod tokens;

use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    http::answer(request, env).await
}
