//! Which files people may send each other.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::file::FileKind;
use crate::limit::{FILE_BYTES_USUAL, FILES_KEPT_USUAL};
use crate::text::Line;
use crate::time::Span;

/// Which files may be sent: in the conversations of a widget, and in all of a workstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileRules {
    /// Whether customers may send files.
    pub customers: bool,
    /// Whether the staff may.
    pub staff: bool,
    /// Bytes of one file.
    pub max_bytes: u32,
    /// Kinds of files, by what their bytes are.
    pub kinds: Vec<FileKind>,
    /// How long files are kept when their conversation has ended. Those that were offered before this was changed are kept
    /// as it was said then.
    pub kept_for: Span,
}

impl FileRules {
    /// What is left of these rules where others hold as well: what both allow.
    #[must_use]
    pub fn within(mut self, others: &Self) -> Self {
        self.customers &= others.customers;
        self.staff &= others.staff;
        self.max_bytes = self.max_bytes.min(others.max_bytes);
        self.kept_for = self.kept_for.min(others.kept_for);
        self.kinds.retain(|kind| others.kinds.contains(kind));
        self
    }
}

impl Default for FileRules {
    fn default() -> Self {
        use FileKind::{Archive, Audio, Document, Image, Text, Video};
        let kinds = vec![Image, Document, Text, Audio, Video, Archive];
        Self { customers: true, staff: true, max_bytes: FILE_BYTES_USUAL, kinds, kept_for: FILES_KEPT_USUAL }
    }
}

/// A program that looks at files before anybody can open them. It gets the bytes by POST and answers with JSON:
/// `{"verdict": "clean"}`, `"infected"` or `"later"`. A file waits for as long as there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scanner {
    /// Where it listens.
    pub address: Line,
    /// What it is told in the header `X-Throughline-Scanner`, so that it knows who asks. Settings in force have one; it is
    /// left out for readers who may not change them, and may be left out by whoever changes something else.
    #[serde(default, deserialize_with = "blank_is_none")]
    pub secret: Option<Line>,
}

/// A secret that is empty was left out.
fn blank_is_none<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Line>, D::Error> {
    let text = Option::<String>::deserialize(reader)?;
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| Line::new(&text).map_err(D::Error::custom)).transpose()
}

impl Scanner {
    /// Where no secret was given, the one from before stays: but never for another address, or whoever names one would be
    /// told it.
    pub fn keep_secret_of(&mut self, before: &Self) {
        if self.secret.is_none() && self.address == before.address {
            self.secret.clone_from(&before.secret);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_was_left_out_stays_where_the_address_does() {
        let read = |text: &str| serde_json::from_str::<Scanner>(text).unwrap();
        let before = read(r#"{"address": "https://a.example", "secret": "s"}"#);
        for left_out in [
            r#"{"address": "https://a.example"}"#,
            r#"{"address": "https://a.example", "secret": null}"#,
            r#"{"address": "https://a.example", "secret": " "}"#,
        ] {
            let mut after = read(left_out);
            after.keep_secret_of(&before);
            assert_eq!(after, before, "{left_out}");
        }
        let mut elsewhere = read(r#"{"address": "https://b.example"}"#);
        elsewhere.keep_secret_of(&before);
        assert_eq!(elsewhere.secret, None);
        let mut other = read(r#"{"address": "https://a.example", "secret": "t"}"#);
        other.keep_secret_of(&before);
        assert_eq!(other.secret, Some(Line::new("t").unwrap()));
    }

    #[test]
    fn where_two_rules_hold_only_what_both_allow_is_allowed() {
        let widget = FileRules {
            customers: false,
            kinds: vec![FileKind::Image, FileKind::Text],
            kept_for: Span::from_secs(200),
            ..FileRules::default()
        };
        let workstream = FileRules {
            staff: false,
            max_bytes: 1_000,
            kinds: vec![FileKind::Text, FileKind::Other],
            kept_for: Span::from_secs(100),
            ..FileRules::default()
        };
        let both = FileRules {
            customers: false,
            staff: false,
            max_bytes: 1_000,
            kinds: vec![FileKind::Text],
            kept_for: Span::from_secs(100),
        };
        assert_eq!(widget.clone().within(&workstream), both);
        assert_eq!(workstream.within(&widget), both);
        assert_eq!(FileRules::default().within(&FileRules::default()), FileRules::default());
    }
}
