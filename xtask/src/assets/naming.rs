//! Names that carry the hash of their content, and the references to them.
//!
//! Sources refer to each other by plain addresses, `/assets/frame.js`. Here each such address becomes
//! `/assets/frame.<hash>.js`, beginning with the files that refer to nothing: a file's own hash covers the names in it.

use std::collections::BTreeMap;
use std::str;

use anyhow::{Result, bail};

use super::hash::short_hash;

/// A file before it has its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its plain name, such as `frame.js`.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// Whether it keeps its name because others know it by heart.
    pub fixed: bool,
}

/// A file with its final name and content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The plain name.
    pub name: String,
    /// Its path in the tree: `embed.js`, or `assets/frame.<hash>.js`.
    pub path: String,
    /// What is in it, with final addresses.
    pub content: Vec<u8>,
}

/// Gives every file its final name. Refuses circles, and addresses under `/assets/` where there is no file.
pub fn name_all(sources: Vec<Source>) -> Result<Vec<Named>> {
    let mut waiting: BTreeMap<String, Source> = BTreeMap::new();
    for source in sources {
        waiting.insert(source.name.clone(), source);
    }
    let mut named: Vec<Named> = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting.values().find(|source| {
            let mut references = references(&source.content);
            references.all(|name| !waiting.contains_key(name) || name == source.name)
        });
        let Some(name) = ready.map(|source| source.name.clone()) else {
            let circle: Vec<_> = waiting.into_keys().collect();
            bail!(
                "These files refer to each other in a circle, so that none can be named first: {}.",
                circle.join(", ")
            );
        };
        if let Some(source) = waiting.remove(&name) {
            named.push(name_one(source, &named)?);
        }
    }
    Ok(named)
}

fn name_one(source: Source, named: &[Named]) -> Result<Named> {
    let content = match str::from_utf8(&source.content) {
        Ok(text) => rewrite(&source.name, text, named)?.into_bytes(),
        Err(_) => source.content,
    };
    let path = if source.fixed { source.name.clone() } else { hashed_path(&source.name, &content) };
    Ok(Named { name: source.name, path, content })
}

fn hashed_path(name: &str, content: &[u8]) -> String {
    let hash = short_hash(content);
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("assets/{stem}.{hash}.{extension}"),
        None => format!("assets/{name}.{hash}"),
    }
}

/// `text` with the final address wherever a plain one stood.
fn rewrite(of: &str, text: &str, named: &[Named]) -> Result<String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(PREFIX) {
        let name = name_at(&rest[at + PREFIX.len()..]);
        if name.is_empty() {
            // The folder itself, such as in a route: nothing to rewrite.
            result.push_str(&rest[..at + PREFIX.len()]);
        } else if let Some(target) = named.iter().find(|target| target.name == name) {
            result.push_str(&rest[..at]);
            result.push('/');
            result.push_str(&target.path);
        } else {
            bail!("{of} refers to {PREFIX}{name}, but the build makes no such file.");
        }
        rest = &rest[at + PREFIX.len() + name.len()..];
    }
    result.push_str(rest);
    Ok(result)
}

const PREFIX: &str = "/assets/";

/// The plain names that a file refers to. Binary files refer to nothing.
fn references(content: &[u8]) -> impl Iterator<Item = &str> {
    let text = str::from_utf8(content).unwrap_or_default();
    text.match_indices(PREFIX)
        .map(|(at, _)| name_at(&text[at + PREFIX.len()..]))
        .filter(|name| !name.is_empty())
}

/// The file name at the start of `text`.
fn name_at(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
        .unwrap_or(text.len());
    // A full stop at the end belongs to a sentence.
    text[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, content: &[u8], fixed: bool) -> Source {
        Source { name: name.to_owned(), content: content.to_vec(), fixed }
    }

    fn path_of<'a>(named: &'a [Named], name: &str) -> &'a str {
        &named.iter().find(|file| file.name == name).unwrap().path
    }

    fn page() -> Vec<Source> {
        vec![
            source(
                "frame.html",
                b"<script src=\"/assets/frame.js\"></script><link href=/assets/frame.css>",
                true,
            ),
            source("frame.js", b"init(\"/assets/widget.wasm\")", false),
            source("frame.css", b"a{}", false),
            source("widget.wasm", b"\0asm\xff", false),
        ]
    }

    #[test]
    fn every_address_gets_the_hash_of_what_it_points_to() {
        let named = name_all(page()).unwrap();
        let html = named.iter().find(|file| file.name == "frame.html").unwrap();
        let text = str::from_utf8(&html.content).unwrap();
        assert_eq!(html.path, "frame.html");
        let (script, style) = (path_of(&named, "frame.js"), path_of(&named, "frame.css"));
        assert_eq!(text, format!("<script src=\"/{script}\"></script><link href=/{style}>"));
        assert_eq!(script.len(), "assets/frame.0123456789.js".len(), "{script}");
    }

    #[test]
    fn a_change_deep_down_renames_everything_above_it() {
        let before = name_all(page()).unwrap();
        let mut changed = page();
        changed[3].content.push(1);
        let after = name_all(changed).unwrap();
        assert_ne!(path_of(&before, "widget.wasm"), path_of(&after, "widget.wasm"));
        assert_ne!(path_of(&before, "frame.js"), path_of(&after, "frame.js"));
        assert_eq!(path_of(&before, "frame.css"), path_of(&after, "frame.css"));
    }

    #[test]
    fn an_address_without_a_file_is_refused() {
        let error = name_all(vec![source("index.html", b"<script src=/assets/gone.js>", true)]).unwrap_err();
        assert!(error.to_string().contains("/assets/gone.js"), "{error}");
    }

    #[test]
    fn a_circle_is_refused() {
        let circle = vec![source("a.js", b"/assets/b.js", false), source("b.js", b"/assets/a.js", false)];
        assert!(name_all(circle).unwrap_err().to_string().contains("circle"));
    }

    #[test]
    fn the_bare_folder_stays() {
        let named = name_all(vec![source("a.js", b"path.startsWith(\"/assets/\")", true)]).unwrap();
        assert_eq!(named[0].content, b"path.startsWith(\"/assets/\")");
    }
}
