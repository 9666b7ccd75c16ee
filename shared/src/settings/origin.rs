//! Web origins, as browsers write them.

use alloc::string::String;
use serde::{Deserialize, Serialize};

/// Scheme, host and port of a site, such as `https://shop.example`, in the form in which browsers send it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// Text that is not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is http:// or https://, a lower-case host and perhaps a port, without a path: https://shop.example"
)]
pub struct InvalidOrigin;

impl Origin {
    /// The origin that `text` writes. Default ports must be left out, as browsers do (RFC 6454 section 6.1).
    pub fn new(text: &str) -> Result<Self, InvalidOrigin> {
        let (secure, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err(InvalidOrigin);
        };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !rest.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        let in_brackets = |byte: u8| matches!(byte, b'a'..=b'f' | b'0'..=b'9' | b':' | b'[' | b']');
        let host_will_do = !host.is_empty()
            && host.len() <= 253
            && host.bytes().all(|byte| if bracketed { in_brackets(byte) } else { plain(byte) });
        let port_will_do = match port {
            None => true,
            Some(port) => {
                let canonical = !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit());
                canonical && port.parse::<u16>().is_ok_and(|port| port != if secure { 443 } else { 80 })
            }
        };
        if host_will_do && port_will_do { Ok(Self(text.into())) } else { Err(InvalidOrigin) }
    }

    /// The origin as browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Origin {
    type Error = InvalidOrigin;
    fn try_from(text: String) -> Result<Self, InvalidOrigin> {
        Self::new(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_would_send() {
        for good in [
            "https://shop.example",
            "http://shop.localhost:8788",
            "https://xn--bcher-kva.example",
            "http://127.0.0.1:3000",
            "http://[::1]:8080",
        ] {
            assert!(Origin::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "null",
            "shop.example",
            "https://",
            "https://Shop.example",
            "https://shop.example/",
            "https://shop.example:443",
            "http://shop.example:80",
            "https://shop.example:0443",
            "https://shop.example:99999",
            "https://user@shop.example",
            "https://shop.example https://evil.example",
            "https://*.example",
            "ftp://shop.example",
        ] {
            assert!(Origin::new(bad).is_err(), "{bad}");
        }
    }
}
