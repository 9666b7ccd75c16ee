//! How things are stored: one byte that says in which version of its format a thing is written, then the thing in postcard.
//!
//! Journal rows, checkpoints, records and effects on their way all go through here, so that no bytes are ever read as
//! something that they are not. A version from the future is refused in words, and nothing is touched. An older version is
//! read by [`Stored::take_older`]; `fixtures/` keeps bytes of each version, and the tests here hold that they are read.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::{Fault, Result};

#[cfg(test)]
pub(crate) mod tests;

/// Something that is stored.
pub(crate) trait Stored: Serialize + DeserializeOwned {
    /// What it is called in sentences.
    const WHAT: &'static str;

    /// The version in which it is written. It grows when bytes of before would be read as something else: a field anywhere
    /// in it, a kind that is not at the end of its enum. A new kind at the end needs no new version.
    const VERSION: u8 = 1;

    /// Takes one that an older version has written off the front of `bytes`; none if no such version ever was, or if the
    /// bytes are something else.
    fn take_older(version: u8, bytes: &[u8]) -> Option<(Self, &[u8])> {
        let _ = (version, bytes);
        None
    }
}

/// For objects that journal nothing.
impl Stored for () {
    const WHAT: &'static str = "nothing";
}

/// One thing, to be stored.
pub(crate) fn write<T: Stored>(value: &T) -> Result<Vec<u8>> {
    extend(begin::<T>(), value)
}

/// Several things of one kind, to be stored together.
pub(crate) fn write_all<T: Stored>(values: &[T]) -> Result<Vec<u8>> {
    values.iter().try_fold(begin::<T>(), extend)
}

/// The beginning of what is stored, before the first thing.
pub(crate) fn begin<T: Stored>() -> Vec<u8> {
    vec![T::VERSION]
}

/// Writes one more thing behind what was begun.
pub(crate) fn extend<T: Stored>(bytes: Vec<u8>, value: &T) -> Result<Vec<u8>> {
    postcard::to_extend(value, bytes).map_err(|_| Fault::Stored(T::WHAT))
}

/// Whether nothing stands behind the beginning.
pub(crate) fn is_empty(bytes: &[u8]) -> bool {
    bytes.len() <= 1
}

/// The one thing that was stored.
pub(crate) fn read<T: Stored>(bytes: &[u8]) -> Result<T> {
    let mut all = read_all(bytes)?;
    match (all.pop(), all.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => Err(Fault::Stored(T::WHAT)),
    }
}

/// The things that were stored together, in order.
pub(crate) fn read_all<T: Stored>(bytes: &[u8]) -> Result<Vec<T>> {
    let (version, mut rest) = bytes.split_first().ok_or(Fault::Stored(T::WHAT))?;
    if *version > T::VERSION {
        return Err(Fault::Newer { what: T::WHAT, version: *version, known: T::VERSION });
    }
    let mut all = Vec::new();
    while !rest.is_empty() {
        let taken = if *version == T::VERSION {
            postcard::take_from_bytes(rest).ok()
        } else {
            T::take_older(*version, rest)
        };
        let (value, after) = taken.ok_or(Fault::Stored(T::WHAT))?;
        // What takes no bytes would be taken for ever.
        if after.len() == rest.len() {
            return Err(Fault::Stored(T::WHAT));
        }
        all.push(value);
        rest = after;
    }
    Ok(all)
}
