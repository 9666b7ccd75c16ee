//! The demonstration sites: plain files, one folder per host name, served as an ordinary company's server would.
//!
//! The pages are written for the ports of `cargo xtask dev`; when a test uses others, the addresses in them are
//! replaced on the way out. One page of the shop has a strict Content-Security-Policy, because some customers do.

use std::net::Ipv4Addr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::project::Project;
use crate::server::Ports;

/// The page that sends a strict policy.
const STRICT_PAGE: &str = "gift-cards.html";
/// Addresses below this folder are all answered by one page, which navigates by itself.
const SINGLE_PAGE: &str = "lookbook";

/// The running sites. They end with this value.
#[derive(Debug)]
pub struct Sites(JoinHandle<()>);

#[derive(Debug)]
struct Site {
    folder: PathBuf,
    ports: Ports,
}

impl Sites {
    /// Serves both sites.
    pub async fn start(project: &Project, ports: Ports) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, ports.sites))
            .await
            .with_context(|| format!("The demonstration sites cannot listen on port {}.", ports.sites))?;
        let site = Arc::new(Site { folder: project.path("www/demo"), ports });
        let router = Router::new().fallback(answer).with_state(site);
        Ok(Self(tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("The demonstration sites ended: {error}");
            }
        })))
    }
}

impl Drop for Sites {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn answer(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let folder = match host.split(':').next().unwrap_or_default() {
        "shop.localhost" => "shop",
        "help.localhost" => "help",
        _ => {
            return (StatusCode::NOT_FOUND, "There are two sites here: shop.localhost and help.localhost.")
                .into_response();
        }
    };
    let Some(file) = file_of(uri.path()) else {
        return (StatusCode::BAD_REQUEST, "This is not the address of a page.").into_response();
    };
    match tokio::fs::read(site.folder.join(folder).join(&file)).await {
        Ok(content) => respond(&site, &file, content),
        Err(_) => (StatusCode::NOT_FOUND, "There is no page at this address.").into_response(),
    }
}

/// The file that answers a path; none if the path would leave the folder.
fn file_of(path: &str) -> Option<PathBuf> {
    let path = path.trim_start_matches('/');
    let file = if path.is_empty() {
        PathBuf::from("index.html")
    } else if path == SINGLE_PAGE || path.strip_prefix(SINGLE_PAGE).is_some_and(|rest| rest.starts_with('/'))
    {
        PathBuf::from(SINGLE_PAGE).with_extension("html")
    } else {
        PathBuf::from(path)
    };
    file.components().all(|part| matches!(part, Component::Normal(_))).then_some(file)
}

fn respond(site: &Site, file: &Path, content: Vec<u8>) -> Response {
    let kind = content_type(file);
    let body = match String::from_utf8(content) {
        Ok(text) => Body::from(with_addresses(&text, site.ports)),
        Err(binary) => Body::from(binary.into_bytes()),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if file == Path::new(STRICT_PAGE)
        && let Ok(policy) = HeaderValue::from_str(&strict_policy(site.ports))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A policy that lets the page load its own styles and pictures, and from elsewhere only what the script tag needs.
fn strict_policy(ports: Ports) -> String {
    let chat = ports.chat();
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src {chat}; frame-src {chat}; connect-src {chat}; \
         base-uri 'none'; form-action 'self'"
    )
}

/// `text` with the addresses of these ports in place of the usual ones.
fn with_addresses(text: &str, ports: Ports) -> String {
    let usual = Ports::DEFAULT;
    text.replace(&usual.chat(), &ports.chat())
        .replace(&usual.shop(), &ports.shop())
        .replace(&usual.help(), &ports.help())
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_the_folder() {
        assert_eq!(file_of("/"), Some(PathBuf::from("index.html")));
        assert_eq!(file_of("/styles/shop.css"), Some(PathBuf::from("styles/shop.css")));
        assert_eq!(file_of("/../help/index.html"), None);
        assert_eq!(file_of("//etc/passwd"), Some(PathBuf::from("etc/passwd")));
    }

    #[test]
    fn one_page_answers_everything_below_it() {
        let page = Some(PathBuf::from("lookbook.html"));
        assert_eq!(file_of("/lookbook"), page);
        assert_eq!(file_of("/lookbook/autumn"), page);
        assert_eq!(file_of("/lookbooks"), Some(PathBuf::from("lookbooks")));
    }

    #[test]
    fn the_pages_find_a_gateway_on_another_port() {
        let ports = Ports { gateway: 4000, sites: 4001 };
        let page =
            "<script src=\"http://chat.localhost:8787/embed.js\"><a href=\"http://help.localhost:8788/\">";
        assert_eq!(
            with_addresses(page, ports),
            "<script src=\"http://chat.localhost:4000/embed.js\"><a href=\"http://help.localhost:4001/\">"
        );
    }
}
