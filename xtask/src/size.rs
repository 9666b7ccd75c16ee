//! How many bytes browsers load, against the budgets of the design and beside what other products load.
//!
//! Sizes are those of the compressed siblings, as they travel: brotli at quality 11, each file on its own. What is
//! loaded on the first open is found by following the addresses in the files, so that a new file cannot be forgotten.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use shared::protocol::http::LauncherView;

use crate::demo;
use crate::project::Project;
use crate::server::Ports;
use crate::table::{Align, draw, grouped};

/// Bytes of the first open. The aim is 30,000. It may only be lowered.
const FIRST_OPEN: u64 = 40_000;

/// One size with its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// The key of the design's table of budgets.
    pub key: &'static str,
    /// What is counted.
    pub what: &'static str,
    /// Bytes, compressed.
    pub value: u64,
    /// Bytes that are allowed.
    pub budget: u64,
    /// What is known about another product: bytes, and whose.
    pub peer: Option<(u64, &'static str)>,
}

impl Measure {
    /// Whether it keeps its budget.
    pub fn holds(&self) -> bool {
        self.value <= self.budget
    }
}

/// Shows the sizes; an error if one is over its budget.
pub fn size(project: &Project, as_json: bool) -> Result<()> {
    let measures = measure(project)?;
    if as_json {
        println!("{}", to_json(&measures));
    } else {
        print!("{}", to_table(&measures));
    }
    let over: Vec<_> =
        measures.iter().filter(|measure| !measure.holds()).map(|measure| measure.key).collect();
    if !over.is_empty() {
        bail!("Over budget: {}. Make them smaller, or argue for another budget.", over.join(", "));
    }
    Ok(())
}

/// Measures what was built.
pub fn measure(project: &Project) -> Result<Vec<Measure>> {
    let chat = project.assets().join("chat");
    let desk = project.assets().join("desk");
    let tag = compressed(&chat, "embed.js")?;
    let launcher = tag + launcher_settings()?;
    let first_open = tag + total(&chat, &reachable(&chat, "frame.html")?)?;
    let all = everything(&chat)?;
    let console = total(&desk, &reachable(&desk, "index.html")?)?;
    let measure = |key, what, value, budget, peer| Measure { key, what, value, budget, peer };
    Ok(vec![
        measure("size.tag_br", "script tag", tag, 3_000, Some((2_268, "LiveChat, which draws nothing"))),
        measure("size.launcher_br", "launcher shown", launcher, 4_000, Some((65_184, "Rocket.Chat"))),
        measure("size.first_open_br", "first open", first_open, FIRST_OPEN, Some((373_473, "Rocket.Chat"))),
        measure("size.all_br", "everything for visitors", all, 90_000, Some((1_317_763, "Microsoft"))),
        measure("console.first_load_br", "console, first page", console, 700_000, None),
    ])
}

/// Bytes of the launcher's settings, which the tag asks for: those of the demonstration, as JSON without compression.
fn launcher_settings() -> Result<u64> {
    let settings = demo::settings(Ports::DEFAULT)?;
    let widget = settings.widget(demo::WIDGET).context("The demonstration has no widget.")?;
    let view = LauncherView {
        title: widget.title.as_str().to_owned(),
        accent: widget.accent.as_str().to_owned(),
        corner: widget.corner,
        sites: widget.sites.clone(),
        hidden: false,
    };
    Ok(serde_json::to_string(&view)?.len() as u64)
}

/// The files that a page loads, itself included: everything whose address stands in it, and so on.
fn reachable(tree: &Path, page: &str) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![page.to_owned()];
    while let Some(name) = waiting.pop() {
        if !found.insert(name.clone()) {
            continue;
        }
        let content = fs::read(tree.join(&name)).with_context(|| missing(&name))?;
        waiting.extend(addresses(&content));
    }
    Ok(found)
}

/// The assets whose addresses stand in a text.
fn addresses(content: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(content) else {
        return Vec::new();
    };
    let named = |(at, _): (usize, &str)| {
        // What is imported in the midst of a script is fetched when it is needed, which is not on the first open. It counts
        // among everything.
        if text[..at].ends_with("import(\"") {
            return None;
        }
        let rest = &text[at + 1..];
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c))).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches('.');
        (name != "assets/").then(|| name.to_owned())
    };
    text.match_indices("/assets/").filter_map(named).collect()
}

fn total(tree: &Path, names: &BTreeSet<String>) -> Result<u64> {
    names.iter().map(|name| compressed(tree, name)).sum()
}

fn compressed(tree: &Path, name: &str) -> Result<u64> {
    Ok(fs::metadata(tree.join(format!("{name}.br"))).with_context(|| missing(name))?.len())
}

fn everything(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sum += everything(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "br") {
            sum += fs::metadata(&path)?.len();
        }
    }
    Ok(sum)
}

fn missing(name: &str) -> String {
    format!("{name} is not built. Run `cargo xtask build`.")
}

fn to_json(measures: &[Measure]) -> Value {
    let entries = measures.iter().map(|measure| {
        let baseline = measure.peer.map(|(bytes, _)| bytes);
        let value =
            json!({ "value": measure.value, "unit": "B", "target": measure.budget, "baseline": baseline });
        (measure.key.to_owned(), value)
    });
    Value::Object(entries.collect::<Map<_, _>>())
}

/// The sizes as a table.
pub fn to_table(measures: &[Measure]) -> String {
    let rows: Vec<_> = measures
        .iter()
        .map(|measure| {
            let peer = measure
                .peer
                .map_or_else(String::new, |(bytes, whose)| format!("{} B  {whose}", grouped(bytes)));
            [
                measure.what.to_owned(),
                grouped(measure.value),
                grouped(measure.budget),
                if measure.holds() { "holds" } else { "OVER" }.to_owned(),
                peer,
                measure.key.to_owned(),
            ]
        })
        .collect();
    let head = ["bytes, brotli 11", "ours", "budget", "", "compare with", "key"];
    draw(head, [Align::Left, Align::Right, Align::Right, Align::Left, Align::Left, Align::Left], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(value: u64) -> Measure {
        Measure {
            key: "size.tag_br",
            what: "script tag",
            value,
            budget: 3_000,
            peer: Some((2_268, "LiveChat")),
        }
    }

    #[test]
    fn a_budget_holds_up_to_its_last_byte() {
        assert!(measure(3_000).holds());
        assert!(!measure(3_001).holds());
    }

    #[test]
    fn json_has_the_keys_of_the_design() {
        let expected =
            json!({ "size.tag_br": { "value": 2_810, "unit": "B", "target": 3_000, "baseline": 2_268 } });
        assert_eq!(to_json(&[measure(2_810)]), expected);
    }

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        let text =
            b"<script src=\"/assets/frame.0a1b.js\"></script>fetch('/assets/widget_bg.2c.wasm'),'/assets/'";
        assert_eq!(addresses(text), ["assets/frame.0a1b.js", "assets/widget_bg.2c.wasm"]);
        assert!(addresses(b"\0asm\xff/assets/x").is_empty());
        assert!(addresses(b"await import(\"/assets/files.0b.js\")").is_empty(), "fetched on need");
        assert_eq!(addresses(b"import\"/assets/files.0b.js\""), ["assets/files.0b.js"]);
    }
}
