//! Whatever text comes where a name, a type, a language or a message is expected: what is made of it deceives nobody.

use std::panic::RefUnwindSafe;

use bolero::check;
use fuzz::TIME;
use shared::file::{FileKind, FileName, settle_type};
use shared::limit::FILE_NAME_CHARS_MAX;
use shared::links::{Part, parts};
use shared::settings::{Language, preferred};

/// Gives texts to a target in which these pieces stand more often than by chance.
fn attack_with(pieces: &'static [&'static str], target: impl Fn(&str) + RefUnwindSafe) {
    check!().with_type::<Vec<(u8, u8, char)>>().with_test_time(TIME).for_each(|parts| {
        let mut text = String::new();
        for (which, times, other) in parts {
            match pieces.get(usize::from(*which) % (pieces.len() + pieces.len() / 4)) {
                // Most pieces stand there once, some often enough to reach a limit.
                Some(piece) => (0..=times.saturating_sub(192)).for_each(|_| text.push_str(piece)),
                None => text.push(*other),
            }
        }
        target(&text);
    });
}

/// Whether nothing in it ends a line of a header, or is no text at all.
fn is_safe_in_a_header(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

#[test]
fn names_of_files() {
    const PIECES: &[&str] = &[
        ".",
        "..",
        " ",
        "/",
        "\\",
        "\u{a0}",
        "\u{2003}",
        "\u{202e}",
        "\u{feff}",
        "\0",
        "\r\n",
        ":",
        "\"",
        "%",
        ";",
        "x",
        "\u{e9}",
        "txt",
        ".html",
        ".tar.gz",
        "PDF",
        "\u{1f469}\u{200d}\u{1f4bb}",
    ];
    let assert_harmless = |name: &FileName| {
        let text = name.as_str();
        assert!((1..=FILE_NAME_CHARS_MAX).contains(&text.chars().count()), "{text:?}");
        assert!(!text.starts_with('.') && !text.contains(['/', '\\']), "{text:?}");
        assert!(is_safe_in_a_header(text), "{text:?}");
        assert_eq!(FileName::clean(text).as_str(), text, "cleaning twice changes nothing");
    };
    attack_with(PIECES, |name| {
        let cleaned = FileName::clean(name);
        assert_harmless(&cleaned);
        for media_type in ["text/plain", "application/gzip", "image/png", "text/html", name] {
            let named = cleaned.clone().for_type(media_type);
            assert_harmless(&named);
            assert_eq!(named.clone().for_type(media_type), named, "{media_type} of {name:?}");
        }
    });
}

#[test]
fn types_of_files() {
    const DECLARED: &[&str] =
        &["text/plain", "TEXT/CSV; charset=utf-8", "image/jpg", "application/zip", "application/msword", ""];
    const RECOGNISED: [Option<&str>; 4] =
        [None, Some("image/png"), Some("application/zip"), Some("application/x-ole-storage")];
    check!().with_type::<(u8, String, Vec<u8>)>().with_test_time(TIME).for_each(|(which, text, head)| {
        let declared = DECLARED.get(usize::from(*which) % 12).map_or(text.as_str(), |declared| declared);
        for recognised in RECOGNISED {
            let Some(settled) = settle_type(declared, recognised, head) else { continue };
            assert!(settled.is_ascii() && is_safe_in_a_header(&settled), "{settled:?}");
            assert_eq!(settle_type(&settled, recognised, head).as_ref(), Some(&settled));
            // What could act is never what somebody merely said.
            let harmless = FileKind::of(&settled) != FileKind::Other || settled == "application/octet-stream";
            assert!(harmless, "{declared:?} became {settled:?}");
        }
    });
}

#[test]
fn web_addresses_in_what_strangers_write() {
    const PIECES: &[&str] = &[
        "http://",
        "https://",
        "h",
        "(",
        ")",
        ".",
        "<",
        "\"",
        " ",
        "\u{a0}",
        "javascript:",
        "[::1]",
        "\u{202e}",
        "a",
    ];
    attack_with(PIECES, |text| {
        let mut joined = String::new();
        for part in parts(text) {
            let (Part::Text(words) | Part::Link(words)) = part;
            assert!(!words.is_empty());
            joined.push_str(words);
            if let Part::Link(address) = part {
                assert!(address.starts_with("http://") || address.starts_with("https://"), "{address:?}");
                let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"');
                assert!(!address.contains(ends), "{address:?}");
            }
        }
        assert_eq!(joined, text, "the parts are the text");
    });
}

#[test]
fn languages_that_browsers_ask_for() {
    const PIECES: &[&str] = &["de", "de-CH", "en", ",", ";", "q=", "0.", "1", "999", "*", "-", " "];
    attack_with(PIECES, |header| {
        if let Some(language) = preferred(header) {
            assert!(header.to_ascii_lowercase().contains(language.as_str()), "{language:?} of {header:?}");
            assert_eq!(Language::new(language.as_str()), Ok(language));
        }
    });
}
