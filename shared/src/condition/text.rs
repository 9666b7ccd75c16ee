//! How texts are compared: without regard to case, character by character, without copying them.
//!
//! A character is folded by making it upper case and the result lower case, by the tables of Unicode that the standard
//! library has. So `STRASSE` equals `straße`, and the three sigmas are one letter. Languages with rules of their own are
//! not asked for (the dotted and the dotless i of Turkish fold to different texts, as everywhere); accents count.

use alloc::vec::Vec;

fn fold(text: &str) -> impl DoubleEndedIterator<Item = char> + '_ {
    text.chars().flat_map(|letter| letter.to_uppercase().flat_map(char::to_lowercase))
}

/// Whether two texts are equal but for case.
pub(super) fn equal(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    fold(one).eq(fold(other))
}

/// Whether a text begins with another, but for case.
pub(super) fn begins_with(text: &str, start: &str) -> bool {
    let mut letters = fold(text);
    fold(start).all(|letter| letters.next() == Some(letter))
}

/// Whether a text ends with another, but for case.
pub(super) fn ends_with(text: &str, end: &str) -> bool {
    let mut letters = fold(text).rev();
    fold(end).rev().all(|letter| letters.next() == Some(letter))
}

/// A text that is looked for in others, prepared so that each search reads the other once (Knuth, Morris and Pratt): the
/// texts come from strangers, who could make a plain search quadratic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needle {
    letters: Vec<char>,
    /// For each prefix, the length of its longest proper prefix that is also its end.
    borders: Vec<usize>,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        let letters: Vec<char> = fold(text).collect();
        let mut needle = Self { borders: Vec::with_capacity(letters.len()), letters };
        let mut matched = 0;
        for place in 0..needle.letters.len() {
            if place > 0 {
                matched = needle.step(matched, needle.letters.get(place).copied());
            }
            needle.borders.push(matched);
        }
        needle
    }

    /// How many letters are matched after one more, if `matched` were before.
    fn step(&self, mut matched: usize, letter: Option<char>) -> usize {
        loop {
            if self.letters.get(matched).copied() == letter {
                return matched + 1;
            }
            match matched.checked_sub(1).and_then(|last| self.borders.get(last)) {
                Some(border) => matched = *border,
                None => return 0,
            }
        }
    }

    /// Whether a text contains this one, but for case.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let mut matched = 0;
        self.letters.is_empty()
            || fold(text).any(|letter| {
                matched = self.step(matched, Some(letter));
                matched == self.letters.len()
            })
    }
}
