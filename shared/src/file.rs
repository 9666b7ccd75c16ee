//! Files that people send: names that deceive nobody, and types that are what the bytes are.
//!
//! A name is cleaned, not refused: people do not choose the names of their files with us in mind. A type is believed only
//! where the bytes do not say another.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::limit::FILE_NAME_CHARS_MAX;
use crate::text::count_chars;

/// A file's name: one to a hundred characters, no folders, nothing that controls, hides or turns text around.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct FileName(String);

/// Characters of the ending that survive when a name is cut.
const ENDING_CHARS_MAX: usize = 12;

impl FileName {
    /// What is left of a name. A name of which nothing is left becomes `file`.
    pub fn clean(name: &str) -> Self {
        // Of a path the last part, by the separators of every system.
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let plain: String = last.chars().filter(|c| !is_hidden(*c)).map(replace).collect();
        // Dots at the start hide a file, dots and spaces at the end are dropped by one system and kept by another.
        let plain = plain.trim_matches(is_edge);
        if plain.is_empty() { Self("file".to_owned()) } else { Self(cut(plain)) }
    }

    /// The name for a file of this settled type. By its ending a system decides what it does with a file that is opened: so
    /// one that does not belong to the type gets one that does behind it, and `invoice.html` that is plain text becomes
    /// `invoice.html.txt`.
    pub fn for_type(self, media_type: &str) -> Self {
        let Some((_, endings)) = ENDINGS.iter().find(|(known, _)| *known == media_type) else { return self };
        let ending = self.0.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match endings.first() {
            Some(usual) if !ending.is_some_and(|ending| endings.contains(&ending.as_str())) => {
                Self(cut(&format!("{}.{usual}", self.0)))
            }
            _ => self,
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is shown as nothing, or makes other characters stand elsewhere: controls, directional marks (Unicode Standard
/// Annex 9), the separators of lines and paragraphs, and the byte order mark.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// What hides a file at the start of its name, and is dropped by one system and kept by another at its end.
fn is_edge(c: char) -> bool {
    c == '.' || c.is_whitespace()
}

/// What one system or another does not take in a name, or takes for something else.
fn replace(c: char) -> char {
    if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c }
}

/// The first characters of a name that is too long, with its ending.
fn cut(name: &str) -> String {
    let length = count_chars(name);
    if length <= FILE_NAME_CHARS_MAX {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.filter(|ending| (1..=ENDING_CHARS_MAX).contains(&count_chars(ending)));
    let room = FILE_NAME_CHARS_MAX - ending.map_or(0, |ending| count_chars(ending) + 1);
    let mut kept: String = name.chars().take(room).collect();
    if let Some(ending) = ending {
        kept.push('.');
        kept.push_str(ending);
    }
    // Where it was cut, an edge may have come to stand.
    kept.truncate(kept.trim_end_matches(is_edge).len());
    kept
}

impl From<String> for FileName {
    fn from(name: String) -> Self {
        Self::clean(&name)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

/// How large a file is, as people say it: `812 bytes`, `3.4 KB`, `25 MB`. Rounded up, so that what is too large by a little
/// never reads as if it were not.
pub fn size_in_words(bytes: u32) -> String {
    let (unit, name) = match bytes {
        1 => return "1 byte".to_owned(),
        0..1_000 => return format!("{bytes} bytes"),
        1_000..1_000_000 => (1_000, "KB"),
        _ => (1_000_000, "MB"),
    };
    let tenths = bytes.div_ceil(unit / 10);
    match (tenths / 10, tenths % 10) {
        (1_000, 0) if unit == 1_000 => "1 MB".to_owned(),
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenth) if whole < 100 => format!("{whole}.{tenth} {name}"),
        (whole, _) => format!("{} {name}", whole + 1),
    }
}

/// Kinds of files, as settings name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Pictures of which a browser can show nothing but the picture: PNG, JPEG, GIF, WebP and their like.
    Image,
    /// PDF and what office programs write.
    Document,
    /// Plain text, tables and Markdown.
    Text,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Packed folders.
    Archive,
    /// Everything else, with programs and pages among it.
    Other,
}

/// Types of office programs that are packed folders, and whose bytes may look like no more than that.
const PACKED: &[&str] = &[
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
];

/// Older ones, which share a container.
const CONTAINED: &[&str] =
    &["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"];

/// Types that are text to the eye of a program.
const TEXTS: &[&str] = &["text/plain", "text/csv", "text/markdown", "text/tab-separated-values"];

/// Endings with which files of a type do nothing but be shown or unpacked, the usual one first.
const ENDINGS: &[(&str, &[&str])] = &[
    (
        "text/plain",
        &["txt", "log", "md", "csv", "tsv", "json", "yaml", "yml", "toml", "ini", "srt", "vtt", "eml", "ics"],
    ),
    ("text/csv", &["csv", "txt", "tsv"]),
    ("text/markdown", &["md", "markdown", "txt"]),
    ("text/tab-separated-values", &["tsv", "tab", "txt", "csv"]),
    ("image/png", &["png", "apng"]),
    ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("image/bmp", &["bmp", "dib"]),
    ("image/avif", &["avif"]),
    ("image/heif", &["heic", "heif"]),
    ("image/tiff", &["tif", "tiff"]),
    ("application/pdf", &["pdf"]),
    ("application/rtf", &["rtf"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    ("application/vnd.oasis.opendocument.text", &["odt"]),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    ("application/vnd.oasis.opendocument.presentation", &["odp"]),
    ("application/msword", &["doc"]),
    ("application/vnd.ms-excel", &["xls"]),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    ("audio/mpeg", &["mp3", "mp2", "mpga"]),
    ("audio/m4a", &["m4a", "mp4"]),
    ("audio/ogg", &["ogg", "oga", "opus"]),
    ("audio/x-wav", &["wav"]),
    ("audio/x-flac", &["flac"]),
    ("audio/aac", &["aac"]),
    ("video/mp4", &["mp4", "m4v"]),
    ("video/webm", &["webm"]),
    ("video/quicktime", &["mov", "qt"]),
    ("video/x-matroska", &["mkv"]),
    ("application/zip", &["zip"]),
    ("application/gzip", &["gz", "tgz"]),
    ("application/x-tar", &["tar"]),
    ("application/x-7z-compressed", &["7z"]),
    ("application/x-rar-compressed", &["rar"]),
    ("application/x-bzip2", &["bz2"]),
    ("application/x-xz", &["xz"]),
    ("application/zstd", &["zst"]),
];

/// Pictures that a browser shows as nothing but pictures.
const RASTERS: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/avif",
    "image/heif",
    "image/tiff",
];

/// One type by several names.
const SYNONYMS: &[(&str, &str)] = &[
    ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"),
    ("image/heic", "image/heif"),
    ("image/x-ms-bmp", "image/bmp"),
    ("application/x-pdf", "application/pdf"),
    ("application/x-zip-compressed", "application/zip"),
    ("application/x-gzip", "application/gzip"),
    ("audio/mp3", "audio/mpeg"),
    ("audio/wav", "audio/x-wav"),
    ("audio/wave", "audio/x-wav"),
    ("audio/x-m4a", "audio/m4a"),
    ("audio/mp4", "audio/m4a"),
    ("application/vnd.rar", "application/x-rar-compressed"),
    ("application/xml", "text/xml"),
    ("text/comma-separated-values", "text/csv"),
    ("text/x-markdown", "text/markdown"),
];

/// A type that says nothing: then the bytes alone count.
const UNKNOWN: &str = "application/octet-stream";

/// What the bytes are, given what the sender said and what was recognised in them; none if the two contradict each other.
/// `head` are the first bytes, `recognised` is the type that stands for their signature, if they have one.
pub fn settle_type(declared: &str, recognised: Option<&str>, head: &[u8]) -> Option<String> {
    let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let declared = common_name(if declared.is_empty() { UNKNOWN } else { &declared });
    let found = match recognised {
        Some(found) => common_name(found),
        None if is_text(head) => "text/plain",
        None => UNKNOWN,
    };
    let fits = declared == found
        || (TEXTS.contains(&found) && TEXTS.contains(&declared))
        || (found == "application/zip" && PACKED.contains(&declared))
        || (CONTAINED.contains(&found) || found == "application/x-ole-storage")
            && CONTAINED.contains(&declared);
    if fits {
        Some(declared.to_owned())
    } else if declared == UNKNOWN {
        Some(found.to_owned())
    } else {
        None
    }
}

fn common_name(name: &str) -> &str {
    SYNONYMS.iter().find(|(other, _)| *other == name).map_or(name, |(_, common)| common)
}

/// Whether these bytes are the beginning of a text. The last character may be cut.
fn is_text(head: &[u8]) -> bool {
    let text = match core::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => head
            .get(..error.valid_up_to())
            .and_then(|valid| core::str::from_utf8(valid).ok())
            .unwrap_or_default(),
        Err(_) => return false,
    };
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

impl FileKind {
    /// The kind to which a settled type belongs.
    pub fn of(media_type: &str) -> Self {
        let one_of = |types: &[&str]| types.contains(&media_type);
        if one_of(RASTERS) {
            Self::Image
        } else if one_of(TEXTS) {
            Self::Text
        } else if one_of(PACKED)
            || one_of(CONTAINED)
            || one_of(&["application/pdf", "application/rtf", "application/x-ole-storage"])
        {
            Self::Document
        } else if media_type.starts_with("audio/") {
            Self::Audio
        } else if media_type.starts_with("video/") {
            Self::Video
        } else if one_of(&[
            "application/zip",
            "application/gzip",
            "application/x-tar",
            "application/x-7z-compressed",
            "application/x-rar-compressed",
            "application/x-bzip2",
            "application/x-xz",
            "application/zstd",
        ]) {
            Self::Archive
        } else {
            Self::Other
        }
    }
}

/// Whether a browser may show this instead of storing it.
pub fn is_raster(media_type: &str) -> bool {
    FileKind::of(media_type) == FileKind::Image
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;

    fn clean(name: &str) -> String {
        FileName::clean(name).as_str().to_string()
    }

    #[test]
    fn sizes_are_rounded_up_and_read_well() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 KB"),
            (3_350, "3.4 KB"),
            (100_001, "101 KB"),
            (999_901, "1 MB"),
            (1_400_000, "1.4 MB"),
            (25_000_000, "25 MB"),
            (25_000_001, "25.1 MB"),
            (u32::MAX, "4295 MB"),
        ] {
            assert_eq!(size_in_words(bytes), words);
        }
    }

    #[test]
    fn a_name_has_no_folders_and_nothing_that_deceives() {
        for (hostile, plain) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\system.ini", "system.ini"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
            ("\u{2066}\u{feff}photo\0.png ", "photo.png"),
            ("...", "file"),
            ("", "file"),
            ("folder/", "file"),
            (".htaccess", "htaccess"),
            ("what?<b>\"*|.txt", "what__b____.txt"),
            ("Zo\u{eb} \u{1f469}\u{200d}\u{1f4bb}.pdf", "Zo\u{eb} \u{1f469}\u{200d}\u{1f4bb}.pdf"),
        ] {
            assert_eq!(clean(hostile), plain, "{hostile:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_keeps_its_ending() {
        let long = "\u{e9}".repeat(300) + ".tar.gz";
        let cut = clean(&long);
        assert_eq!(count_chars(&cut), FILE_NAME_CHARS_MAX);
        assert!(cut.ends_with("\u{e9}.gz"));
        assert_eq!(clean(&cut), cut, "cleaning twice changes nothing");
        assert_eq!(count_chars(&clean(&"x".repeat(300))), FILE_NAME_CHARS_MAX);
        assert_eq!(count_chars(&clean(&("x.".to_string() + &"y".repeat(300)))), FILE_NAME_CHARS_MAX);
    }

    #[test]
    fn cleaning_twice_changes_nothing_whatever_stands_at_the_edges() {
        for (name, plain) in [
            ("\u{a0}.htaccess", "htaccess".to_string()),
            (".\u{2003}. a .\u{a0}", "a".to_string()),
            (&("x".repeat(FILE_NAME_CHARS_MAX - 1) + " yyy"), "x".repeat(FILE_NAME_CHARS_MAX - 1)),
        ] {
            assert_eq!(clean(name), plain, "{name:?}");
            assert_eq!(clean(&plain), plain, "{name:?}");
        }
    }

    #[test]
    fn a_name_ends_as_files_of_its_type_do() {
        for (name, media_type, named) in [
            ("invoice.html", "text/plain", "invoice.html.txt"),
            ("setup.bat", "text/plain", "setup.bat.txt"),
            ("a.svg", "text/plain", "a.svg.txt"),
            ("notes", "text/plain", "notes.txt"),
            ("server.LOG", "text/plain", "server.LOG"),
            ("tool.jar", "application/vnd.oasis.opendocument.text", "tool.jar.odt"),
            ("photo.JPEG", "image/jpeg", "photo.JPEG"),
            ("photo.png.exe", "image/png", "photo.png.exe.png"),
            ("backup.tar.gz", "application/gzip", "backup.tar.gz"),
            ("page.html", "text/html", "page.html"),
        ] {
            assert_eq!(FileName::clean(name).for_type(media_type).as_str(), named, "{name}");
        }
        let long = FileName::clean(&("x".repeat(99) + "y")).for_type("text/plain");
        assert_eq!(
            (count_chars(long.as_str()), long.as_str().rsplit_once('.').map(|(_, ending)| ending)),
            (FILE_NAME_CHARS_MAX, Some("txt"))
        );
    }

    #[test]
    fn a_type_is_what_the_bytes_are_and_a_contradiction_is_none() {
        let png = Some("image/png");
        let settled = |declared, found, head| settle_type(declared, found, head);
        assert_eq!(settled("image/png", png, b"").as_deref(), Some("image/png"));
        assert_eq!(settled("image/jpeg", png, b""), None);
        assert_eq!(settled("text/plain", png, b""), None);
        assert_eq!(settled("", png, b"").as_deref(), Some("image/png"));
        assert_eq!(settled("IMAGE/JPG; q=1", Some("image/jpeg"), b"").as_deref(), Some("image/jpeg"));
        assert_eq!(settled("text/csv", None, b"a,b\n1,2").as_deref(), Some("text/csv"));
        assert_eq!(settled("text/plain", None, b"a\0b"), None);
        assert_eq!(
            settled("text/plain", None, "Zo\u{eb}".as_bytes().get(..3).unwrap()).as_deref(),
            Some("text/plain")
        );
        assert_eq!(settled("image/png", None, b"hello"), None, "text under the name of a picture");
        assert_eq!(settled("", None, b"\0\x01").as_deref(), Some(UNKNOWN));
        assert_eq!(settled(PACKED[0], Some("application/zip"), b"").as_deref(), Some(PACKED[0]));
        assert_eq!(settled("application/pdf", Some("application/zip"), b""), None);
        assert_eq!(settled("text/plain", Some("text/html"), b""), None, "a page is no text");
        assert_eq!(
            settled("image/svg+xml", None, b"<svg/>"),
            None,
            "what is drawn by a program is not sniffed"
        );
    }

    #[test]
    fn only_pictures_without_programs_are_shown() {
        for (media_type, kind) in [
            ("image/png", FileKind::Image),
            ("image/svg+xml", FileKind::Other),
            ("text/html", FileKind::Other),
            ("text/csv", FileKind::Text),
            ("application/pdf", FileKind::Document),
            ("video/mp4", FileKind::Video),
            ("application/zip", FileKind::Archive),
            ("application/x-executable", FileKind::Other),
        ] {
            assert_eq!(FileKind::of(media_type), kind, "{media_type}");
            assert_eq!(is_raster(media_type), kind == FileKind::Image);
        }
    }
}
