//! Hostile bytes: frames of the protocol that were wounded, and plain noise.
//!
//! The tests in `tests/` give them to every decoder that a stranger can reach, for a few seconds each. They are bolero
//! targets: `cargo bolero test -p fuzz NAME` drives the same ones with a coverage-guided engine for as long as one likes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bolero::TypeGenerator;
use shared::protocol::body::{Body, EveryBody, every_body};
use shared::protocol::codec::{from_json, to_binary};

/// How long each target runs in an ordinary test.
pub const TIME: Duration = Duration::from_secs(2);

/// Where a wound is put, and what it is.
#[derive(Debug, Clone, TypeGenerator)]
pub enum Wound {
    /// One byte is another.
    Byte {
        /// Where, as a part of the whole.
        at: u16,
        /// What stands there.
        is: u8,
    },
    /// One bit is turned.
    Bit {
        /// Where.
        at: u16,
        /// Which.
        bit: u8,
    },
    /// The end is missing.
    CutOff {
        /// From where.
        at: u16,
    },
    /// Something stands in between.
    Inserted {
        /// Where.
        at: u16,
        /// What.
        bytes: Vec<u8>,
    },
    /// A stretch stands there many times.
    Repeated {
        /// Where it begins.
        at: u16,
        /// How long it is.
        length: u8,
        /// How often it is repeated.
        times: u8,
    },
    /// The largest number of a variable length stands there (postcard).
    HugeLength {
        /// Where.
        at: u16,
    },
}

/// Bytes that somebody sends who means no good.
#[derive(Debug, Clone, TypeGenerator)]
pub enum Hostile {
    /// A true frame with wounds.
    Wounded {
        /// Which frame.
        sample: u16,
        /// What was done to it.
        wounds: Vec<Wound>,
    },
    /// No frame at all.
    Noise(Vec<u8>),
}

/// True frames and bodies, in both codings: those of the golden snapshots, and bodies that stand in none.
#[derive(Debug)]
pub struct Samples(Vec<Vec<u8>>);

/// Bodies of the staff's API.
const BODIES: &[&str] = &[
    r#"{"name":"ana","password":"correct horse battery staple"}"#,
    r#"{"secret":"c2VjcmV0","password":"correct horse battery staple"}"#,
    r#"{"name":"ana","full_name":"Ana Lindqvist","role":"supervisor"}"#,
    r#"{"version":7,"settings":{"organisation":"Acme","representatives":[],"queues":[],"workstreams":[],"widgets":[],"time_zone":"Europe/Berlin"}}"#,
    r#"{"name":"Zo\u00eb.pdf","media_type":"application/pdf","bytes":300000,"visibility":"public"}"#,
    r#"{"workstream":"00000000-0000-0000-0000-0000000000a5","customer":"Ada","answers":[{"name":"topic","value":"order"}],"settings":null}"#,
    r#"{"object":"conversations/0","number":7}"#,
];

impl Samples {
    /// Reads them.
    ///
    /// # Panics
    ///
    /// If they are not there: a target without samples would find nothing.
    pub fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/src/protocol/snapshots");
        let mut files: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .filter_map(|file| Some(file.ok()?.path()))
            .collect();
        files.sort();
        let texts = files.into_iter().filter_map(|file| fs::read_to_string(file).ok());
        let mut samples: Vec<_> = texts.flat_map(|text| samples_in(&text)).collect();
        assert!(samples.len() > 100, "the golden snapshots are not where they were");
        samples.extend(BODIES.iter().map(|body| body.as_bytes().to_vec()));
        every_body(&mut InBinary(&mut samples));
        Self(samples)
    }

    /// The bytes as they arrive.
    pub fn bytes_of(&self, hostile: &Hostile) -> Vec<u8> {
        match hostile {
            Hostile::Noise(bytes) => bytes.clone(),
            Hostile::Wounded { sample, wounds } => {
                let mut bytes = self.0[usize::from(*sample) % self.0.len()].clone();
                for wound in wounds.iter().take(4) {
                    wound.apply(&mut bytes);
                }
                bytes
            }
        }
    }
}

/// Adds to the bodies in JSON the same in the binary coding.
struct InBinary<'samples>(&'samples mut Vec<Vec<u8>>);

impl EveryBody for InBinary<'_> {
    fn body<T: Body>(&mut self) {
        let bodies: Vec<T> = self.0.iter().filter_map(|sample| from_json(sample).ok()).collect();
        assert!(!bodies.is_empty(), "there is no sample of {}", std::any::type_name::<T>());
        self.0.extend(bodies.iter().map(to_binary));
    }
}

/// The samples of a snapshot: a line of JSON, and below it the same in the binary coding as hexadecimal digits.
fn samples_in(text: &str) -> Vec<Vec<u8>> {
    let body = text.splitn(3, "---").nth(2).unwrap_or_default();
    let lines = body.lines().filter(|line| !line.is_empty());
    lines.map(|line| line.strip_prefix("  ").map_or_else(|| line.as_bytes().to_vec(), from_hex)).collect()
}

fn from_hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

impl Wound {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: u16| usize::from(at) % (bytes.len() + 1);
        match self {
            Self::Byte { at, is } => {
                let at = place(*at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *is;
                }
            }
            Self::Bit { at, bit } => {
                let at = place(*at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::CutOff { at } => bytes.truncate(place(*at)),
            Self::Inserted { at, bytes: new } => {
                let at = place(*at);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Repeated { at, length, times } => {
                let start = place(*at);
                let end = (start + usize::from(*length)).min(bytes.len());
                let stretch = bytes[start..end].repeat(usize::from(*times));
                bytes.splice(end..end, stretch);
            }
            Self::HugeLength { at } => {
                let at = place(*at);
                bytes.splice(at..at, [0xff, 0xff, 0xff, 0xff, 0x0f]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_gives_each_frame_in_both_codings() {
        let text = "---\nsource: a\nexpression: b\n---\n{\"end\":1}\n  00ff\n";
        assert_eq!(samples_in(text), [b"{\"end\":1}".to_vec(), vec![0, 255]]);
    }

    #[test]
    fn wounds_hold_at_the_ends_and_in_nothing() {
        let wounds = [
            Wound::Byte { at: u16::MAX, is: 1 },
            Wound::Bit { at: 0, bit: 255 },
            Wound::CutOff { at: u16::MAX },
            Wound::Inserted { at: u16::MAX, bytes: vec![1] },
            Wound::Repeated { at: u16::MAX, length: 255, times: 255 },
            Wound::HugeLength { at: u16::MAX },
        ];
        for wound in wounds {
            for mut bytes in [Vec::new(), vec![7], vec![7; 300]] {
                wound.apply(&mut bytes);
            }
        }
    }
}
