//! Hashes of content, for names and for finding out what changed.

use sha2::{Digest as _, Sha256};

/// The SHA-256 of `content`, in hexadecimal digits.
pub fn content_hash(content: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The part of a hash that stands in a file's name: 40 bits tell every version of a file apart.
pub fn short_hash(content: &[u8]) -> String {
    let mut hash = content_hash(content);
    hash.truncate(10);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-4, the example "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(content_hash(b"abc"), expected);
        assert_eq!(short_hash(b"abc"), expected[..10]);
    }
}
