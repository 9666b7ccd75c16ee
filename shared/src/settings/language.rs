//! Texts for customers in several languages.

use alloc::collections::BTreeMap;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// Characters of a language tag: enough for any that is in use (RFC 5646 section 4.4.1).
const CHARS_MAX: usize = 35;

/// A language, perhaps with a region, as customers' browsers name it: `de`, `de-ch`. Kept in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// A text that names no language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a language; write one such as de or de-CH")]
pub struct InvalidLanguage;

impl Language {
    /// The language with this tag.
    pub fn new(tag: &str) -> Result<Self, InvalidLanguage> {
        let part = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let first = tag.split('-').next().unwrap_or_default();
        let named = first.len() >= 2 && first.bytes().all(|byte| byte.is_ascii_alphabetic());
        if named && tag.len() <= CHARS_MAX && tag.split('-').all(part) {
            Ok(Self(tag.to_ascii_lowercase()))
        } else {
            Err(InvalidLanguage)
        }
    }

    /// Its tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidLanguage;
    fn try_from(tag: String) -> Result<Self, InvalidLanguage> {
        Self::new(&tag)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

// A map of texts can be asked with a plain tag.
impl core::borrow::Borrow<str> for Language {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The language that a browser would rather have than all others, from its `Accept-Language` (RFC 9110 section 12.5.4);
/// of several with the same weight the first. What is not written by the rules is passed over.
pub fn preferred(accept_language: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for range in accept_language.split(',').take(RANGES_MAX) {
        let mut parts = range.split(';').map(str::trim);
        let Ok(language) = Language::new(parts.next().unwrap_or_default()) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths);
        let Some(weight @ 1..) = weight else { continue };
        if best.as_ref().is_none_or(|(known, _)| weight > *known) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// Languages that are looked at; nobody reads more.
const RANGES_MAX: usize = 20;

/// A weight between `0` and `1` with at most three digits after the point, in thousandths.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, digits) = weight.split_once('.').unwrap_or((weight, ""));
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) || digits.len() > 3 {
        return None;
    }
    let mut padded = 0;
    for place in 0..3 {
        padded = padded * 10 + digits.as_bytes().get(place).map_or(0, |digit| u16::from(digit - b'0'));
    }
    match whole {
        "0" => Some(padded),
        "1" if padded == 0 => Some(1000),
        _ => None,
    }
}

/// Of these texts the one that is nearest to a customer's locale: its parts are left out from the end until one fits
/// (RFC 4647 section 3.4).
pub(crate) fn nearest<'a, T>(texts: &'a BTreeMap<Language, T>, locale: &str) -> Option<&'a T> {
    // Some systems write de_CH.
    let tag = locale.trim().to_ascii_lowercase().replace('_', "-");
    let mut wanted = tag.as_str();
    loop {
        if let Some(text) = texts.get(wanted) {
            return Some(text);
        }
        wanted = wanted.rsplit_once('-')?.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_language_is_taken_from_the_end() {
        let languages = ["de", "de-CH", "fr"].map(|tag| (Language::new(tag).unwrap(), tag));
        let texts = BTreeMap::from(languages);
        for (locale, found) in [
            ("de", Some("de")),
            ("de-CH", Some("de-CH")),
            ("DE_ch", Some("de-CH")),
            ("de-AT", Some("de")),
            ("fr-Latn-CA", Some("fr")),
            ("en-GB", None),
            ("", None),
        ] {
            assert_eq!(nearest(&texts, locale).copied(), found, "{locale}");
        }
    }

    #[test]
    fn what_names_no_language_is_refused() {
        for tag in
            ["", "d", "de-", "-de", "german language", "1a", "de--ch", "aa-123456789", &"de-".repeat(20)]
        {
            assert_eq!(Language::new(tag), Err(InvalidLanguage), "{tag}");
        }
    }

    #[test]
    fn the_language_that_a_browser_prefers_is_found_by_its_weight() {
        for (header, expected) in [
            ("de-CH, de;q=0.9, en;q=0.8", Some("de-ch")),
            ("en;q=0.2, fr;q=0.75, *;q=0.1", Some("fr")),
            ("en ; q=0.5, ja;q=0.5", Some("en")),
            ("en;q=0, fr;q=0.001", Some("fr")),
            ("*", None),
            ("", None),
            ("en;q=2, fr;q=x, it;q=0.1234, nl;q=1.1", None),
            ("\u{0}, de", Some("de")),
        ] {
            assert_eq!(preferred(header).as_ref().map(Language::as_str), expected, "{header:?}");
        }
    }
}
