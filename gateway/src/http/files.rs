//! What browsers load: the script tag, the frame, the console.
//!
//! Everything is compressed when it is built and sent as it is. Files whose name bears a hash of their content never
//! change; the others are asked for again.

use shared::protocol::{ErrorCode, Problem};
use shared::settings::Origin;
use worker::{EncodeBody, Headers, Response};

use super::{Answered, Visit};
use crate::fault::Fault;

/// For names with a hash.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For the script tag, whose name is written into pages: five minutes, and an old one while a new one is fetched.
const SHORT: &str = "public, max-age=300, stale-while-revalidate=86400";
/// For pages: always ask again.
const FRESH: &str = "no-cache";

/// A file of the widget's host.
pub(super) async fn chat(visit: &Visit, path: &str) -> Answered {
    let cache = if path == "/embed.js" { SHORT } else { IMMUTABLE };
    let response = load(visit, "chat", path).await?;
    dress(response, path, cache, |headers| {
        // Pages of other sites load the script tag.
        headers.set("cross-origin-resource-policy", "cross-origin")?;
        // The frame's own files are loaded with CORS by the preload of the wasm; they are public.
        headers.set("access-control-allow-origin", "*")
    })
}

/// The page of the widget's frame. Only the sites of the widget may show it. Where customers can send no files, it is the one
/// without a button for that, so that nobody has to load what says so.
pub(super) async fn frame(visit: &Visit, sites: &[Origin], takes_files: bool) -> Answered {
    let page = if takes_files { "/frame.html" } else { "/frame-without-files.html" };
    let response = load(visit, "chat", page).await?;
    let ancestors: Vec<&str> = sites.iter().map(Origin::as_str).collect();
    let ancestors = if ancestors.is_empty() { "'none'".to_owned() } else { ancestors.join(" ") };
    let policy = policy(&visit.deployment.chat, &ancestors, "");
    dress(response, "/frame.html", FRESH, |headers| headers.set("content-security-policy", &policy))
}

/// A file of the console's host. Every path that is no file is the console itself, which knows its own routes.
pub(super) async fn desk(visit: &Visit, path: &str) -> Answered {
    let is_asset = path.starts_with("/assets/");
    let (path, cache) = if is_asset { (path, IMMUTABLE) } else { ("/index.html", FRESH) };
    let response = load(visit, "desk", path).await?;
    // The bytes of files come from the host that has no cookies.
    let policy = policy(&visit.deployment.desk, "'none'", visit.deployment.chat.as_str());
    dress(response, path, cache, |headers| {
        headers.set("content-security-policy", &policy)?;
        headers.set("cross-origin-opener-policy", "same-origin")?;
        headers.set("cross-origin-resource-policy", "same-origin")?;
        headers.set("x-frame-options", "DENY")
    })
}

/// The policy of our own pages: nothing but our own files, sockets to our own host, pictures that the page itself made, and
/// bytes of files from where those are.
fn policy(own: &Origin, ancestors: &str, bytes: &str) -> String {
    let socket = own.as_str().replacen("http", "ws", 1);
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self' {socket} {bytes}; base-uri 'none'; form-action 'none'; \
         frame-ancestors {ancestors}"
    )
}

/// A file, compressed if the browser takes that.
async fn load(visit: &Visit, tree: &str, path: &str) -> Answered {
    // Names are ours: letters, digits, dots, dashes and underscores, in one folder. Anything else does not exist.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    // A folder is not a file: its listing is nobody's business.
    let is_file = path.rsplit('/').next().is_some_and(|name| !name.is_empty() && !name.starts_with('.'));
    if !is_file || path.contains("..") || !path.bytes().all(plain) {
        return Err(ErrorCode::NotFound.into());
    }
    let accepted = visit.request.headers().get("accept-encoding").ok().flatten().unwrap_or_default();
    let takes_brotli = accepted.split(',').any(|coding| coding.trim().split(';').next() == Some("br"));
    if takes_brotli && let Some(mut response) = fetch(visit, &format!("{tree}{path}.br")).await? {
        response.headers_mut().set("content-encoding", "br").map_err(Fault::from)?;
        return Ok(response.with_encode_body(EncodeBody::Manual));
    }
    fetch(visit, &format!("{tree}{path}")).await?.ok_or_else(|| ErrorCode::NotFound.into())
}

/// A file from the deployment's store of files, with no headers but ours.
async fn fetch(visit: &Visit, name: &str) -> Result<Option<Response>, Problem> {
    let files = visit.env.service("ASSETS").map_err(|_| Fault::Deployment("ASSETS"))?;
    let found = files.fetch(format!("https://files/{name}"), None).await.map_err(Fault::from)?;
    if found.status_code() != 200 {
        return Ok(None);
    }
    let (builder, body) = found.into_parts();
    Ok(Some(builder.with_headers(Headers::new()).body(body)))
}

fn dress(
    mut response: Response,
    path: &str,
    cache: &str,
    more: impl FnOnce(&mut Headers) -> worker::Result<()>,
) -> Answered {
    let headers = response.headers_mut();
    let dressed = (|| {
        headers.set("content-type", content_type(path))?;
        headers.set("cache-control", cache)?;
        headers.set("vary", "accept-encoding")?;
        headers.set("x-content-type-options", "nosniff")?;
        headers.set("referrer-policy", "no-referrer")?;
        headers.set("permissions-policy", "camera=(), microphone=(), geolocation=()")?;
        more(headers)
    })();
    dressed.map_err(Fault::from)?;
    Ok(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        // The exact type is what allows the browser to compile while it loads.
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
