//! What is stored can be read for ever: bytes of every version of every stored thing are kept in `fixtures/`, one of each
//! kind, with what they were. Lines are only ever added (CONTRIBUTING says how).

mod samples;

pub(crate) use samples::opening;

use core::fmt::Debug;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Stored, begin, extend, is_empty, read, read_all, write, write_all};
use crate::fault::Fault;

/// Set to `add` to write down what is new.
const ADDING: &str = "THROUGHLINE_FIXTURES";

fn path(name: &str, version: u8) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.v{version}.txt"))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

/// The lines of a fixture: what it was, and its bytes.
fn kept(name: &str, version: u8) -> Vec<(String, String)> {
    let text = fs::read_to_string(path(name, version)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len().is_multiple_of(2), "{name}: a line with what it was, then one with its bytes");
    lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].trim().to_owned())).collect()
}

/// Every kept line is read as what it was, and `samples`, which must show every kind, are all kept.
fn is_kept<T: Stored>(name: &str, tell: impl Fn(&T) -> String, samples: &[T]) {
    for version in 1..=T::VERSION {
        let lines = kept(name, version);
        assert!(version == T::VERSION || !lines.is_empty(), "{name}: version {version} is kept for ever");
        for (told, hex) in &lines {
            match read::<T>(&from_hex(hex)) {
                Ok(value) => assert_eq!(tell(&value), *told, "{name}, version {version}"),
                Err(fault) => panic!(
                    "{name}, version {version}: what was stored as {told} cannot be read any more ({fault}). \
                     Give it a new version: CONTRIBUTING, \"What is stored\"."
                ),
            }
        }
    }
    let lines: BTreeSet<_> = kept(name, T::VERSION).into_iter().collect();
    let new: Vec<_> = samples
        .iter()
        .map(|sample| (tell(sample), to_hex(&write(sample).unwrap())))
        .filter(|line| !lines.contains(line))
        .collect();
    if env::var(ADDING).is_ok_and(|how| how == "add") {
        let mut text = fs::read_to_string(path(name, T::VERSION)).unwrap_or_default();
        for (told, hex) in &new {
            writeln!(text, "{told}\n  {hex}").unwrap();
        }
        fs::write(path(name, T::VERSION), text).unwrap();
    } else {
        assert!(
            new.is_empty(),
            "{name}: these are not kept yet. If they are new kinds, run the tests once with {ADDING}=add; if they were kept \
             with other bytes, they need a new version (CONTRIBUTING, \"What is stored\"):\n{new:#?}"
        );
    }
}

/// The same for what says by itself what it is, an enum of which every kind must be shown.
fn each_kind_is_kept<T: Stored + Debug>(name: &str, samples: &[T]) {
    shows_every_kind(samples);
    is_kept(name, |value| format!("{value:?}"), samples);
}

/// The names of all kinds of an enum: serde lists them when it is given another.
fn shows_every_kind<T: Serialize + DeserializeOwned>(samples: &[T]) {
    let Err(error) = serde_json::from_str::<T>("\"no such kind\"") else { panic!("this is no enum") };
    let error = error.to_string();
    let (_, expected) = error.split_once("expected ").unwrap();
    let all: BTreeSet<String> = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let shown = samples.iter().map(|sample| match serde_json::to_value(sample).unwrap() {
        serde_json::Value::String(kind) => kind,
        serde_json::Value::Object(fields) => fields.keys().next().unwrap().clone(),
        other => panic!("not an enum: {other}"),
    });
    assert_eq!(all, shown.collect(), "the samples show every kind");
}

#[test]
fn what_a_shard_has_stored_is_read_as_what_it_was() {
    shows_every_kind(&samples::conversation_commands());
    shows_every_kind(&samples::notices());
    shows_every_kind(&samples::records().into_iter().map(|record| record.matter).collect::<Vec<_>>());
    is_kept("shard_journal", |step| format!("{step:?}"), &samples::steps());
    is_kept("conversation_heads", |head| format!("{head:?}"), &samples::heads());
    is_kept("conversation_records", |record| format!("{record:?}"), &samples::records());
    each_kind_is_kept("told_to_shard", &samples::told_to_shard());
}

#[test]
fn what_the_router_has_stored_is_read_as_what_it_was() {
    each_kind_is_kept("router_journal", &samples::router_commands());
    each_kind_is_kept("told_to_router", &samples::told_to_router());
    is_kept("router_state", samples::describe_router, &samples::routers());
}

#[test]
fn what_the_records_have_stored_is_read_as_what_it_was() {
    each_kind_is_kept("told_to_records", &samples::activities());
    each_kind_is_kept("record_parts", &samples::parts());
    each_kind_is_kept("record_acts", &samples::acts());
    each_kind_is_kept("record_overflows", &samples::overflows());
    is_kept("record_explanations", |explained| format!("{explained:?}"), &samples::explanations());
}

/// Something that has had two versions: it got a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Parcel {
    weight: u32,
    fragile: bool,
}

impl Stored for Parcel {
    const WHAT: &'static str = "a parcel";
    const VERSION: u8 = 2;

    fn take_older(version: u8, bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (weight, rest) = (version == 1).then(|| postcard::take_from_bytes(bytes).ok())??;
        Some((Self { weight, fragile: false }, rest))
    }
}

#[test]
fn an_older_version_is_read_as_what_it_means_now() {
    assert_eq!(read::<Parcel>(&[1, 7]).unwrap(), Parcel { weight: 7, fragile: false });
    let both = read_all::<Parcel>(&[1, 7, 8]).unwrap();
    assert_eq!(both.iter().map(|parcel| parcel.weight).collect::<Vec<_>>(), [7, 8]);
    assert!(matches!(read::<Parcel>(&[0, 7]), Err(Fault::Stored("a parcel"))), "there never was a version 0");
}

#[test]
fn a_version_from_the_future_is_refused_in_words() {
    let refused = read::<Parcel>(&[3, 7, 1, 9]).unwrap_err();
    let said = refused.to_string();
    assert!(matches!(refused, Fault::Newer { version: 3, known: 2, .. }));
    assert!(said.contains("a parcel was stored in version 3") && said.contains("up to version 2"), "{said}");
    assert!(matches!(read_all::<()>(&[9]), Err(Fault::Newer { .. })));
}

#[test]
fn what_is_written_is_read_again_alone_or_together() {
    let parcels = [Parcel { weight: 1, fragile: true }, Parcel { weight: 300, fragile: false }];
    assert_eq!(read::<Parcel>(&write(&parcels[0]).unwrap()).unwrap(), parcels[0]);
    assert_eq!(read_all::<Parcel>(&write_all(&parcels).unwrap()).unwrap(), parcels);
    let begun = begin::<Parcel>();
    assert!(is_empty(&begun));
    assert!(!is_empty(&extend(begun, &parcels[1]).unwrap()));
    for noise in [&[][..], &[2], &[2, 1], &[2, 1, 7], &[2, 1, 1, 5]] {
        assert!(read::<Parcel>(noise).is_err(), "{noise:?}");
    }
}
