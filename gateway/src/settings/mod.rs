//! The object that keeps an organisation's configuration, its accounts, and the audit log.
//!
//! No machine: a document with a version, and rows. A change of the configuration is pushed to the router in the same
//! transaction, and so takes effect at once.

mod accounts;
mod attempts;
mod audit;
mod change_account;
mod document;
mod doubts;
mod request;
mod sessions;
mod shards;
mod shell;

pub(crate) use doubts::left_behind;
pub(crate) use request::{Answer, FoundWidget, Knocker, NewAccount, Request};
pub(crate) use shell::SettingsShell;

use worker::{DurableObject, Env, Request as HttpRequest, Response, Result, State, durable_object};

use crate::object::Object;

/// The Durable Object.
#[durable_object]
pub struct Settings(Object<SettingsShell>);

impl DurableObject for Settings {
    fn new(state: State, env: Env) -> Self {
        Self(Object::new(state, env))
    }

    async fn fetch(&self, request: HttpRequest) -> Result<Response> {
        self.0.fetch(request).await
    }

    async fn alarm(&self) -> Result<Response> {
        self.0.alarm()
    }
}
