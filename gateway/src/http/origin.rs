//! Which origins may ask what.

use shared::protocol::{ErrorCode, Problem};
use shared::settings::Origin;
use worker::{Request, Url};

/// The host and port of an address, as they stand in an origin.
pub(super) fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// The host and port of an origin.
pub(super) fn authority_of(origin: &Origin) -> &str {
    let text = origin.as_str();
    text.split_once("://").map_or(text, |(_, authority)| authority)
}

/// The origin of the page that makes the request, as its browser says. Browsers say it with every request that could do
/// harm; a client that is no browser has nobody's cookies and may leave it out.
pub(super) fn of(request: &Request) -> Option<String> {
    request.headers().get("origin").ok().flatten()
}

/// Refuses requests from pages of other origins.
pub(super) fn require(request: &Request, own: &Origin) -> Result<(), Problem> {
    match of(request) {
        Some(origin) if origin != own.as_str() => Err(ErrorCode::CrossOrigin.into()),
        _ => Ok(()),
    }
}
