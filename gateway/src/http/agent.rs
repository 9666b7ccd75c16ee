//! What a browser says of itself in the User-Agent header: enough for rules, and no more than a claim.
//!
//! Browsers name those that they descend from, so the youngest names are looked for first.

use shared::condition::{ChannelField, Choice, Field, Value};

/// Names in the header, and what people call them.
type Names = &'static [(&'static str, &'static str)];

const BROWSERS: Names = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: Names = &[
    ("Windows", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// What is known of the browser with this header. What is not recognised is left out.
pub(super) fn facts(agent: &str) -> impl Iterator<Item = (Field, Value)> {
    let text = |name: &str| Value::Text(name.to_owned());
    let system = find(SYSTEMS, agent);
    [
        find(BROWSERS, agent).map(|name| (ChannelField::Browser, text(name))),
        system.map(|name| (ChannelField::System, text(name))),
        system.map(|_| (ChannelField::Device, Value::Choice(Choice(device(agent).to_owned())))),
    ]
    .into_iter()
    .flatten()
    .map(|(field, value)| (Field::Channel(field), value))
}

fn find(names: Names, agent: &str) -> Option<&'static str> {
    names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
}

/// Android says `Mobile` on phones alone; Safari on the tablets of today says that it is a desktop, and is believed.
fn device(agent: &str) -> &'static str {
    let android = agent.contains("Android");
    if agent.contains("iPad") || agent.contains("Tablet") || android && !agent.contains("Mobile") {
        "tablet"
    } else if android || agent.contains("iPhone") || agent.contains("Mobile") {
        "phone"
    } else {
        "desktop"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_system_and_device_are_those_that_people_would_name() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                 Safari/537.36 Edg/140.0.0.0",
                "Edge, Windows, desktop",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome, Linux, desktop",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.6; rv:142.0) Gecko/20100101 Firefox/142.0",
                "Firefox, macOS, desktop",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.6 Mobile/15E148 Safari/604.1",
                "Safari, iOS, phone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 \
                 Mobile/15E148 Safari/604.1",
                "Chrome, iOS, tablet",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 \
                 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Samsung Internet, Android, phone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome, Android, tablet",
            ),
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0",
                "Firefox, Android, phone",
            ),
            ("curl/8.14.1", ""),
            ("", ""),
        ] {
            let named = facts(agent).map(|(_, value)| match value {
                Value::Text(name) | Value::Choice(Choice(name)) => name,
                other => panic!("{other:?}"),
            });
            assert_eq!(named.collect::<Vec<_>>().join(", "), expected, "{agent}");
        }
    }
}
