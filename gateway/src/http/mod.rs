//! HTTP: two hosts, and each answers only its own routes.
//!
//! The widget's frame and the visitors' API live on one host, the console and the staff's API on another, so that nothing a
//! stranger's page embeds ever shares an origin, a cookie or storage with the staff.

mod address;
mod admission;
mod agent;
mod attachments;
mod audit;
mod body;
mod files;
mod insight;
mod mail;
mod origin;
mod reads;
mod shards;
mod sight;
mod socket;
mod staff;
mod visitor;

use shared::protocol::{ErrorCode, Problem};
use worker::{Env, Method, Request, Response};

use crate::environment::{Deployment, ObjectName};
use crate::settings::{self, SettingsShell};

/// What the answer to a request needs to know.
pub(crate) struct Visit {
    env: Env,
    deployment: Deployment,
    request: Request,
    method: Method,
    path: String,
}

type Answered = Result<Response, Problem>;

/// Answers a request, whatever it is.
pub(crate) async fn answer(request: Request, env: Env) -> worker::Result<Response> {
    let codec = body::wanted(&request);
    let deployment = match Deployment::read(&env) {
        Ok(deployment) => deployment,
        Err(fault) => return body::refuse(codec, &fault.into()),
    };
    let (method, path) = (request.method(), request.path());
    let host = request.url().ok().and_then(|url| origin::authority(&url));
    let visit = Visit { env, deployment, request, method, path };
    let answered = match host {
        Some(host) if host == origin::authority_of(&visit.deployment.chat) => visitor_host(visit).await,
        Some(host) if host == origin::authority_of(&visit.deployment.desk) => staff_host(visit).await,
        _ => Err(Problem::from(ErrorCode::NotFound).saying("This host name is not served here.")),
    };
    match answered {
        Ok(response) => Ok(response),
        Err(problem) => body::refuse(codec, &problem),
    }
}

async fn visitor_host(mut visit: Visit) -> Answered {
    let path = core::mem::take(&mut visit.path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["embed.js"] | ["assets", _] => files::chat(&visit, &path).await,
        _ => {
            admission::knock(&visit)?;
            visitor_page(visit, &parts).await
        }
    }
}

async fn visitor_page(visit: Visit, parts: &[&str]) -> Answered {
    match parts {
        ["frame", widget] => visitor::frame(&visit, widget).await,
        ["v1", "health"] => health(&visit).await,
        ["files", capability] => attachments::open(&visit, capability).await,
        ["v1", "widgets", widget, "launcher"] => visitor::launcher(&visit, widget).await,
        ["v1", rest @ ..] => {
            origin::require(&visit.request, &visit.deployment.chat)?;
            visitor_api(visit, rest).await
        }
        _ => Err(ErrorCode::NotFound.into()),
    }
}

async fn visitor_api(visit: Visit, parts: &[&str]) -> Answered {
    match (&visit.method, parts) {
        (Method::Get, ["widgets", widget]) => visitor::widget(&visit, widget).await,
        (Method::Post, ["visitors"]) => visitor::open(visit).await,
        (Method::Get, ["visitors", "session"] | ["conversations", "current"]) => {
            visitor::current(&visit).await
        }
        (Method::Post, ["conversations"]) => visitor::start(visit).await,
        (Method::Get, ["conversations", conversation, "socket"]) => {
            socket::customer(&visit, conversation).await
        }
        (_, ["conversations", conversation, "files", file, rest @ ..]) => {
            attachments::for_visitor(visit, conversation, file, rest).await
        }
        (Method::Post, ["handovers"]) => visitor::mint_handover(visit).await,
        (Method::Post, ["handovers", "redeem"]) => visitor::redeem_handover(visit).await,
        (_, parts) => Err(no_route(VISITOR_ROUTES, parts)),
    }
}

async fn staff_host(mut visit: Visit) -> Answered {
    let path = core::mem::take(&mut visit.path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    if parts.first() == Some(&"v1") {
        admission::knock(&visit)?;
    }
    match parts.as_slice() {
        ["v1", "health"] => health(&visit).await,
        ["v1", rest @ ..] => {
            origin::require(&visit.request, &visit.deployment.desk)?;
            staff_api(visit, rest).await
        }
        _ => files::desk(&visit, &path).await,
    }
}

async fn staff_api(visit: Visit, parts: &[&str]) -> Answered {
    match (&visit.method, parts) {
        (Method::Post, ["staff", "sign-in"]) => staff::sign_in(visit).await,
        (Method::Post, ["staff", "setup"]) => staff::set_up(visit).await,
        (Method::Post, ["staff", "sign-out"]) => staff::sign_out(&visit).await,
        (Method::Get, ["staff", "me"]) => staff::me(&visit).await,
        (Method::Get, ["staff", "accounts"]) => staff::accounts(&visit).await,
        (Method::Post, ["staff", "accounts"]) => staff::create_account(visit).await,
        (Method::Patch, ["staff", "accounts", account]) => staff::change_account(visit, account).await,
        (Method::Post, ["staff", "accounts", account, "link"]) => staff::add_link(&visit, account).await,
        (Method::Get, ["settings"]) => staff::settings(&visit).await,
        (Method::Put, ["settings"]) => staff::change_settings(visit).await,
        (Method::Get, ["audit"]) => audit::lines(&visit).await,
        (Method::Get, ["records", "conversations"]) => staff::closed_conversations(&visit).await,
        (Method::Get, ["desk"]) => socket::desk(&visit).await,
        (Method::Get, ["conversations", conversation, "socket"]) => socket::staff(&visit, conversation).await,
        (Method::Get, ["conversations", conversation, "explanation"]) => {
            insight::explanation(&visit, conversation).await
        }
        (Method::Get, ["conversations", conversation, "rules"]) => insight::rules(&visit, conversation).await,
        (Method::Get, ["conversations", conversation, "files"]) => {
            attachments::taken_of_staff(&visit, conversation).await
        }
        (_, ["conversations", conversation, "files", file, rest @ ..]) => {
            attachments::for_staff(visit, conversation, file, rest).await
        }
        (Method::Get, ["work"]) => insight::ongoing(&visit, None).await,
        (Method::Get, ["queues", queue, "work"]) => insight::ongoing(&visit, Some(queue)).await,
        (Method::Get, ["counters"]) => insight::counters(&visit).await,
        (Method::Post, ["trial"]) => insight::trial(visit).await,
        (Method::Get, ["mail"]) => mail::list(&visit).await,
        (Method::Post, ["mail", "again"]) => mail::again(visit).await,
        (Method::Post, ["mail", "discard"]) => mail::discard(visit).await,
        (_, parts) => Err(no_route(STAFF_ROUTES, parts)),
    }
}

/// The paths of the visitors' API; `*` stands for an id.
const VISITOR_ROUTES: &[&[&str]] = &[
    &["widgets", "*"],
    &["visitors"],
    &["visitors", "session"],
    &["conversations"],
    &["conversations", "current"],
    &["conversations", "*", "socket"],
    &["handovers"],
    &["handovers", "redeem"],
];

/// The paths of the staff's API.
const STAFF_ROUTES: &[&[&str]] = &[
    &["staff", "sign-in"],
    &["staff", "setup"],
    &["staff", "sign-out"],
    &["staff", "me"],
    &["staff", "accounts"],
    &["staff", "accounts", "*"],
    &["staff", "accounts", "*", "link"],
    &["settings"],
    &["audit"],
    &["records", "conversations"],
    &["desk"],
    &["conversations", "*", "socket"],
    &["conversations", "*", "explanation"],
    &["conversations", "*", "rules"],
    &["conversations", "*", "files"],
    &["work"],
    &["queues", "*", "work"],
    &["counters"],
    &["trial"],
    &["mail"],
    &["mail", "again"],
    &["mail", "discard"],
];

/// Why nothing answered: the path is unknown, or known with other methods.
fn no_route(routes: &[&[&str]], parts: &[&str]) -> Problem {
    let fits = |route: &&[&str]| {
        route.len() == parts.len() && route.iter().zip(parts).all(|(name, part)| *name == "*" || name == part)
    };
    if routes.iter().any(fits) { ErrorCode::MethodNotAllowed.into() } else { ErrorCode::NotFound.into() }
}

/// Whether requests are answered and the store works.
async fn health(visit: &Visit) -> Answered {
    visit.settings(&settings::Request::Health).await?;
    body::answer(body::wanted(&visit.request), &serde_json::json!({ "status": "ok" }))
}

impl Visit {
    /// Asks the settings object something.
    async fn settings(&self, request: &settings::Request) -> Result<settings::Answer, Problem> {
        ObjectName::settings(&self.deployment.organisation).ask::<SettingsShell>(&self.env, request).await
    }
}
