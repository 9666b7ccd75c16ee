//! What browsers load: types, caching, compression, and the policies that protect the pages.

use std::fs;

use anyhow::{Context as _, Result};
use integration::{House, assert_refused, problem_of};
use reqwest::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, VARY,
};
use reqwest::{Method, RequestBuilder};
use shared::protocol::ErrorCode;
use xtask::demo::WIDGET;

/// The answer to a browser that takes brotli: headers and bytes as they travel.
async fn load(request: RequestBuilder) -> Result<(HeaderMap, Vec<u8>)> {
    let answer =
        request.header(ACCEPT_ENCODING, "gzip, deflate, br, zstd").send().await?.error_for_status()?;
    Ok((answer.headers().clone(), answer.bytes().await?.to_vec()))
}

fn text<'headers>(headers: &'headers HeaderMap, name: &str) -> &'headers str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The directive of a policy with this name.
fn directive<'policy>(policy: &'policy str, name: &str) -> Vec<&'policy str> {
    let directives = policy.split(';').map(|directive| directive.split_whitespace().collect::<Vec<_>>());
    let mut found = directives.filter(|words| words.first() == Some(&name));
    found.next().map(|words| words[1..].to_vec()).unwrap_or_default()
}

#[tokio::test]
async fn files_with_a_hash_never_change_and_have_their_type() -> Result<()> {
    let house = House::empty().await?;
    let mut kinds = 0;
    for host in ["chat", "desk"] {
        let folder = house.assets().join(host).join("assets");
        for file in fs::read_dir(&folder).context("Run `cargo xtask build` first.")? {
            let file = file?;
            let name =
                file.file_name().into_string().map_err(|name| anyhow::anyhow!("{}", name.display()))?;
            let expected = match name.rsplit_once('.') {
                Some((_, "js")) => "text/javascript; charset=utf-8",
                Some((_, "css")) => "text/css; charset=utf-8",
                Some((_, "wasm")) => "application/wasm",
                _ => continue,
            };
            kinds += 1;
            let path = format!("/assets/{name}");
            let request = |path: &str| match host {
                "chat" => house.chat(Method::GET, path),
                _ => house.desk(Method::GET, path),
            };
            let (headers, bytes) = load(request(&path)).await?;
            assert_eq!(headers[CONTENT_TYPE], expected, "{path}");
            assert_eq!(headers[CACHE_CONTROL], "public, max-age=31536000, immutable", "{path}");
            assert_eq!(text(&headers, "x-content-type-options"), "nosniff", "{path}");
            assert_eq!(headers[CONTENT_ENCODING], "br", "{path}");
            assert_eq!(headers[VARY], "accept-encoding", "{path}");
            assert_eq!(bytes, fs::read(folder.join(format!("{name}.br")))?, "{path}");

            // A client that takes no compression gets the same file plain.
            let plain = request(&path).header(ACCEPT_ENCODING, "identity").send().await?;
            assert!(plain.headers().get(CONTENT_ENCODING).is_none());
            assert_eq!(plain.bytes().await?, fs::read(file.path())?, "{path}");
        }
    }
    assert!(kinds >= 6, "both hosts have scripts, styles and wasm: {kinds}");
    let missing = house.chat(Method::GET, "/assets/nothing.0123abcd.js").send().await?;
    assert_refused::<()>(Err(problem_of(missing).await?.into()), ErrorCode::NotFound);
    Ok(())
}

#[tokio::test]
async fn the_script_tag_is_cached_for_minutes_and_loaded_by_any_page() -> Result<()> {
    let house = House::empty().await?;
    let (headers, bytes) = load(house.chat(Method::GET, "/embed.js")).await?;
    assert_eq!(headers[CACHE_CONTROL], "public, max-age=300, stale-while-revalidate=86400");
    assert_eq!(headers[CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert_eq!(headers[CONTENT_ENCODING], "br");
    assert_eq!(text(&headers, "cross-origin-resource-policy"), "cross-origin");
    assert_eq!(bytes, fs::read(house.assets().join("chat/embed.js.br"))?);
    Ok(())
}

#[tokio::test]
async fn the_frame_is_shown_by_the_sites_of_its_widget_alone() -> Result<()> {
    let house = House::open().await?;
    let path = format!("/frame/{WIDGET}");
    let (headers, _) = load(house.chat(Method::GET, &path)).await?;
    assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(headers[CACHE_CONTROL], "no-cache");
    let policy = text(&headers, CONTENT_SECURITY_POLICY.as_str()).to_owned();
    assert_eq!(directive(&policy, "frame-ancestors"), [house.ports().shop(), house.ports().help()]);
    assert_eq!(directive(&policy, "default-src"), ["'none'"]);
    assert_eq!(directive(&policy, "script-src"), ["'self'", "'wasm-unsafe-eval'"]);
    assert_eq!(directive(&policy, "style-src"), ["'self'"]);
    let socket = house.ports().chat().replacen("http", "ws", 1);
    assert_eq!(directive(&policy, "connect-src"), ["'self'", &socket]);
    assert!(headers.get("x-frame-options").is_none(), "it would forbid what the policy allows");

    // Taken off the list, a site is out at once; a widget without sites is shown nowhere.
    house
        .change_settings(|settings| {
            settings.widgets[0].sites.pop();
        })
        .await?;
    let (headers, _) = load(house.chat(Method::GET, &path)).await?;
    let policy = text(&headers, CONTENT_SECURITY_POLICY.as_str()).to_owned();
    assert_eq!(directive(&policy, "frame-ancestors"), [house.ports().shop()]);
    house.change_settings(|settings| settings.widgets[0].sites.clear()).await?;
    let (headers, _) = load(house.chat(Method::GET, &path)).await?;
    let policy = text(&headers, CONTENT_SECURITY_POLICY.as_str()).to_owned();
    assert_eq!(directive(&policy, "frame-ancestors"), ["'none'"]);
    Ok(())
}

#[tokio::test]
async fn the_console_answers_every_path_and_is_framed_by_nobody() -> Result<()> {
    let house = House::empty().await?;
    for path in ["/", "/setup", "/conversations/1", "/sign-in"] {
        let (headers, _) = load(house.desk(Method::GET, path)).await?;
        assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        assert_eq!(headers[CACHE_CONTROL], "no-cache", "{path}");
        assert_eq!(text(&headers, "x-frame-options"), "DENY", "{path}");
        assert_eq!(text(&headers, "cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(text(&headers, "referrer-policy"), "no-referrer", "{path}");
        let policy = text(&headers, CONTENT_SECURITY_POLICY.as_str());
        assert_eq!(directive(policy, "frame-ancestors"), ["'none'"], "{path}");
        assert_eq!(directive(policy, "default-src"), ["'none'"], "{path}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    }
    Ok(())
}

#[tokio::test]
async fn answers_of_the_api_are_not_kept_by_caches() -> Result<()> {
    let house = House::open().await?;
    let (headers, _) = load(house.chat(Method::GET, &format!("/v1/widgets/{WIDGET}"))).await?;
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert_eq!(text(&headers, "x-content-type-options"), "nosniff");
    assert_eq!(headers[VARY], "accept, origin");
    Ok(())
}
