//! Where the visitor writes.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use shared::limit::MESSAGE_CHARS_MAX;
use shared::text::count_chars;

use crate::browser::{fill, put, show, value, write};
use crate::words::{WORDS, digits, fill as fill_in};

/// The counter is shown when no more than this many characters are left.
const NEAR_THE_END: usize = 200;
/// The composer grows up to this many lines.
const LINES_MAX: usize = 6;

/// Names the composer's parts.
pub(crate) fn prepare() {
    put("send", "aria-label", WORDS.send);
    put("text", "aria-label", WORDS.write);
    put("text", "placeholder", WORDS.write);
    measure();
}

/// What was written.
pub(crate) fn written() -> String {
    value("text").trim().to_owned()
}

/// What was written has been sent.
pub(crate) fn clear() {
    fill("text", "");
    measure();
}

/// Fits height, counter and button to what is written.
pub(crate) fn measure() {
    let text = value("text");
    let length = count_chars(text.trim());
    // For browsers that do not size fields by their content.
    let lines = 1 + text.bytes().filter(|byte| *byte == b'\n').count();
    put("text", "rows", &digits(lines.min(LINES_MAX)));
    let words = match MESSAGE_CHARS_MAX.checked_sub(length) {
        None => fill_in(WORDS.too_long, &digits(length - MESSAGE_CHARS_MAX)),
        Some(left) if left <= NEAR_THE_END => fill_in(WORDS.left_over, &digits(left)),
        Some(_) => String::new(),
    };
    let over = length > MESSAGE_CHARS_MAX;
    show("counter", !words.is_empty());
    write("counter", &words);
    put("counter", "class", if over { "over" } else { "" });
    put("send", "aria-disabled", if length == 0 || over { "true" } else { "false" });
    put("text", "aria-invalid", if over { "true" } else { "false" });
}
