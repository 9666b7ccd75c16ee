//! Finds web addresses in a message, so that they can be followed. Only `http:` and `https:`: nothing else that somebody
//! writes ever becomes a link.

use alloc::vec::Vec;

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'text> {
    /// Text.
    Text(&'text str),
    /// An address.
    Link(&'text str),
}

/// The text in parts; put together they are the text again.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    // Up to here the text is in parts; a word begins where the character before is none of a word.
    let mut done = 0;
    let mut begins_word = true;
    for (at, c) in text.char_indices() {
        if at < done {
            continue;
        }
        let length = if begins_word && c == 'h' { text.get(at..).map_or(0, address_length) } else { 0 };
        begins_word = !is_of_word(c);
        if let Some(address) = text.get(at..at + length).filter(|address| !address.is_empty()) {
            push_text(&mut parts, text.get(done..at));
            parts.push(Part::Link(address));
            done = at + length;
            begins_word = true;
        }
    }
    push_text(&mut parts, text.get(done..));
    parts
}

fn push_text<'text>(parts: &mut Vec<Part<'text>>, text: Option<&'text str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        parts.push(Part::Text(text));
    }
}

/// How many bytes at the beginning are an address; 0 if none is there.
fn address_length(text: &str) -> usize {
    let Some(host) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return 0 };
    let scheme = text.len() - host.len();
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"');
    // What ends a sentence or closes a bracket that stands before the address does not belong to it.
    let (mut length, mut opened, mut count) = (0, false, 0);
    for c in host.chars().take_while(|c| !ends(*c)) {
        count += c.len_utf8();
        opened |= c == '(';
        if !(matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*') || (c == ')' && !opened)) {
            length = count;
        }
    }
    if length > 0 && host.chars().next().is_some_and(|c| is_of_word(c) || c == '[') {
        scheme + length
    } else {
        0
    }
}

/// Letters, digits, and whatever is not ASCII: the tables of all alphabets are not worth their weight here.
fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn addresses_are_found_and_sentences_are_not() {
        assert_eq!(
            parts("See https://shop.example/a?b=1#c, or (http://x.example)."),
            [
                Part::Text("See "),
                Part::Link("https://shop.example/a?b=1#c"),
                Part::Text(", or ("),
                Part::Link("http://x.example"),
                Part::Text(")."),
            ]
        );
        assert_eq!(parts("https://x.example/a_(b)"), [Part::Link("https://x.example/a_(b)")]);
    }

    #[test]
    fn nothing_but_the_web_becomes_a_link() {
        for text in [
            "javascript:alert(1)",
            "http",
            "https://",
            "xhttps://a.example",
            "data:text/html,http",
            "http:// a",
        ] {
            assert_eq!(parts(text), [Part::Text(text)], "{text}");
        }
    }

    #[test]
    fn the_parts_are_the_text() {
        for text in ["", "äöü https://ä.example/ü é", "http http://a http", "https://a\u{a0}b\nhttps://c"]
        {
            let joined: String = parts(text)
                .into_iter()
                .map(|part| match part {
                    Part::Text(t) | Part::Link(t) => t,
                })
                .collect();
            assert_eq!(joined, text);
        }
    }
}
