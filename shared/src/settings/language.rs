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
}
