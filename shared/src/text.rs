//! Text from outside, checked once and for all: who holds one of these types need not look again.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::limit::{LINE_CHARS_MAX, MESSAGE_CHARS_MAX, QUESTION_CHARS_MAX};

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// More characters than the limit.
    #[error("the text has more than {max} characters")]
    TooLong {
        /// The limit, in characters.
        max: usize,
    },
    /// Line breaks or other control characters in what is one line.
    #[error("the text has line breaks or control characters; write it in one line")]
    NotOneLine,
}

/// How many characters (Unicode scalar values) a text has. Counted in the simplest way: the widget pays for it by the byte
/// of code, and the texts are short.
pub fn count_chars(text: &str) -> usize {
    // Every character has one byte that does not continue another.
    text.bytes().filter(|byte| byte & 0xc0 != 0x80).count()
}

/// Whether a text has more than `max` characters.
pub fn longer_than(text: &str, max: usize) -> bool {
    // Bytes bound characters from above, so that most texts are never counted.
    text.len() > max && count_chars(text) > max
}

macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $max:expr, $one_line:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text, if it is not blank and within the limit. White space around it is cut off.
            pub fn new(text: &str) -> Result<Self, TextError> {
                let text = text.trim();
                if text.is_empty() {
                    return Err(TextError::Empty);
                }
                if longer_than(text, $max) {
                    return Err(TextError::TooLong { max: $max });
                }
                if $one_line && text.chars().any(char::is_control) {
                    return Err(TextError::NotOneLine);
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;
            fn try_from(text: String) -> Result<Self, TextError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

bounded_text!(
    /// What somebody wrote in a conversation: 1 to 4,000 characters.
    MessageText,
    MESSAGE_CHARS_MAX,
    false
);
bounded_text!(
    /// A name, a label, a title: 1 to 200 characters, none of which breaks the line or controls anything.
    Line,
    LINE_CHARS_MAX,
    true
);
bounded_text!(
    /// What a form asks: 1 to 512 characters.
    QuestionText,
    QUESTION_CHARS_MAX,
    false
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_measured_in_characters_and_trimmed() {
        assert_eq!(MessageText::new(" hello \n").unwrap().as_str(), "hello");
        assert_eq!(MessageText::new(" \t\n"), Err(TextError::Empty));
        assert!(MessageText::new(&"é".repeat(MESSAGE_CHARS_MAX)).is_ok());
        assert_eq!(
            MessageText::new(&"é".repeat(MESSAGE_CHARS_MAX + 1)),
            Err(TextError::TooLong { max: MESSAGE_CHARS_MAX })
        );
    }

    #[test]
    fn a_line_is_one_line_and_a_message_may_have_many() {
        for text in ["two\nlines", "a\0b", "a\u{1b}[2J", "a\u{85}b"] {
            assert_eq!(Line::new(text), Err(TextError::NotOneLine), "{text:?}");
        }
        assert!(Line::new("Zoë’s café – “tea”").is_ok());
        assert!(MessageText::new("two\nlines").is_ok());
    }
}
