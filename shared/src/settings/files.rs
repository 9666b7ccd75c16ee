//! Which files people may send each other.

use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::file::FileKind;
use crate::limit::FILE_BYTES_USUAL;
use crate::text::Line;

/// Which files the conversations of a widget take.
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
}

impl Default for FileRules {
    fn default() -> Self {
        use FileKind::{Archive, Audio, Document, Image, Text, Video};
        let kinds = vec![Image, Document, Text, Audio, Video, Archive];
        Self { customers: true, staff: true, max_bytes: FILE_BYTES_USUAL, kinds }
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
