//! Which files people may send each other.

use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

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
    /// What it is told in the header `X-Throughline-Scanner`, so that it knows who asks.
    pub secret: Line,
}

#[cfg(test)]
mod tests {
    use super::*;

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
