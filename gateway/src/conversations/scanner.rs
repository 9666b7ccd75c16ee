//! The scanner: a program outside that looks at files before anybody can open them.
//!
//! It gets the bytes by POST, with a secret in a header, and says what it thinks. Whatever is no clear answer means that it
//! will be asked again.

use futures_util::stream;
use serde::{Deserialize, Serialize};
use shared::id::FileId;
use shared::limit::{FILE_CHUNK_BYTES, FILE_SCAN_AWAITED};
use shared::settings::Scanner;
use worker::{
    AbortController, Delay, Env, Fetch, FixedLengthStream, Method, Request, RequestInit, RequestRedirect,
    worker_sys,
};

use super::uploads::{self, OfferNumber, Upload};
use crate::environment::{Deployment, ObjectName};
use crate::fault::{Fault, Result};
use crate::object::Sql;
use crate::settings::{Answer, Request as Ask, SettingsShell};

/// What is said of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Clean,
    Infected,
    /// Nothing yet.
    Later,
}

/// What the scanner answers.
#[derive(Deserialize)]
struct Said {
    verdict: Verdict,
}

/// The header in which the scanner is told the secret.
const SECRET_HEADER: &str = "x-throughline-scanner";

/// Has a file looked at. Without a scanner everything is clean.
pub(super) async fn look(env: Env, sql: Sql, file: FileId, offer: OfferNumber) -> Verdict {
    match ask(&env, &sql, file, offer).await {
        Ok(verdict) => verdict,
        Err(fault) => {
            worker::console_warn!("a file could not be looked at and waits: {fault}");
            Verdict::Later
        }
    }
}

async fn ask(env: &Env, sql: &Sql, file: FileId, offer: OfferNumber) -> Result<Verdict> {
    let settings = ObjectName::settings(&Deployment::read(env)?.organisation);
    let Ok(Answer::Scanner(scanner)) = settings.ask::<SettingsShell>(env, &Ask::Scanner).await else {
        return Err(Fault::Answer);
    };
    let Some(scanner) = scanner else { return Ok(Verdict::Clean) };
    let Some(upload) = uploads::find_offer(sql, file, offer)? else { return Ok(Verdict::Later) };
    let request = request(sql.clone(), &scanner, &upload)?;
    let abort = AbortController::default();
    let signal = abort.signal();
    let asked = async {
        let mut response = Fetch::Request(request).send_with_signal(&signal).await?;
        if response.status_code() == 200 { Ok(Some(response.json::<Said>().await?)) } else { Ok(None) }
    };
    let late = Delay::from(core::time::Duration::from_millis(FILE_SCAN_AWAITED.as_millis()));
    let said: worker::Result<Option<Said>> =
        match futures_util::future::select(core::pin::pin!(asked), late).await {
            futures_util::future::Either::Left((said, _)) => said,
            futures_util::future::Either::Right(_) => {
                abort.abort();
                Ok(None)
            }
        };
    Ok(said?.map_or(Verdict::Later, |said| said.verdict))
}

/// The request with the bytes, which are read one chunk after the other.
fn request(sql: Sql, scanner: &Scanner, upload: &Upload) -> Result<Request> {
    let (file, bytes) = (upload.file, upload.bytes);
    let chunks = stream::try_unfold(0, move |start| {
        let chunk = if start < bytes { uploads::chunk(&sql, file, start) } else { Ok(None) };
        core::future::ready(match chunk {
            Ok(Some(chunk)) => Ok(Some((chunk, start.saturating_add(FILE_CHUNK_BYTES)))),
            Ok(None) => Ok(None),
            Err(fault) => Err(worker::Error::from(fault)),
        })
    });
    let body: worker_sys::FixedLengthStream = FixedLengthStream::wrap(chunks, bytes.into()).into();
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_body(Some(body.readable().into()));
    init.headers.set("content-type", &upload.media_type)?;
    // A redirect would carry the secret to wherever it leads.
    init.with_redirect(RequestRedirect::Manual);
    if let Some(secret) = &scanner.secret {
        init.headers.set(SECRET_HEADER, secret.as_str())?;
    }
    Ok(Request::new_with_init(scanner.address.as_str(), &init)?)
}
