//! The reader and the writer beside the crate whose format this is.

use crate::protocol::codec::{Malformed, from_binary, to_binary};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Nothing;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Meters(u16);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Unit,
    Newtype(Meters),
    Tuple(u8, String),
    Struct { flag: bool, list: Vec<Self> },
}

/// Every shape of data that a frame can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sample {
    small: (u8, i8),
    middle: (u16, i16),
    large: (u32, i32),
    huge: (u64, i64),
    fraction: Option<f64>,
    id: [u8; 16],
    nothing: Nothing,
    kinds: Vec<Kind>,
    by_name: BTreeMap<String, Option<u32>>,
}

fn kinds() -> impl Strategy<Value = Kind> {
    let leaf = prop_oneof![
        Just(Kind::Unit),
        any::<u16>().prop_map(|meters| Kind::Newtype(Meters(meters))),
        (any::<u8>(), ".{0,5}").prop_map(|(number, text)| Kind::Tuple(number, text)),
    ];
    leaf.prop_recursive(3, 12, 3, |kind| {
        (any::<bool>(), vec(kind, 0..3)).prop_map(|(flag, list)| Kind::Struct { flag, list })
    })
}

prop_compose! {
    fn samples()(
        small in any::<(u8, i8)>(),
        middle in any::<(u16, i16)>(),
        large in any::<(u32, i32)>(),
        huge in any::<(u64, i64)>(),
        fraction in proptest::option::of(-1e9..1e9),
        id in any::<[u8; 16]>(),
        kinds in vec(kinds(), 0..4),
        by_name in btree_map(".{0,4}", any::<Option<u32>>(), 0..3),
    ) -> Sample {
        Sample { small, middle, large, huge, fraction, id, nothing: Nothing, kinds, by_name }
    }
}

fn by_the_crate<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(Malformed),
    }
}

/// Both read the same, to the bit: a fraction that is no number equals nothing, but is written alike.
fn expect_alike<T: DeserializeOwned + Serialize>(bytes: &[u8]) {
    let [ours, theirs] =
        [from_binary::<T>(bytes), by_the_crate(bytes)].map(|read| read.map(|value| to_binary(&value)));
    assert_eq!(ours, theirs, "{bytes:?}");
}

proptest! {
    #[test]
    fn what_is_written_is_what_the_crate_writes(sample in samples()) {
        prop_assert_eq!(to_binary(&sample), postcard::to_allocvec(&sample).unwrap());
    }

    #[test]
    fn numbers_are_written_as_the_crate_writes_them(numbers: (u16, i16, u32, i32, u64, i64), bits in 0..64_u32) {
        // Of every length alike: most numbers of 64 bits are long.
        let (_, _, _, _, unsigned, signed) = numbers;
        for numbers in [numbers, (0, 0, 0, 0, unsigned >> bits, signed >> bits)] {
            prop_assert_eq!(to_binary(&numbers), postcard::to_allocvec(&numbers).unwrap());
        }
    }

    #[test]
    fn what_was_written_is_read(sample in samples()) {
        prop_assert_eq!(from_binary::<Sample>(&to_binary(&sample)), Ok(sample));
    }

    #[test]
    fn what_was_cut_off_or_has_more_is_refused(sample in samples(), cut in any::<prop::sample::Index>(), more: u8) {
        let mut bytes = to_binary(&sample);
        prop_assert_eq!(from_binary::<Sample>(&bytes[..cut.index(bytes.len())]), Err(Malformed));
        bytes.push(more);
        prop_assert_eq!(from_binary::<Sample>(&bytes), Err(Malformed));
    }

    #[test]
    fn a_wounded_frame_is_read_as_the_crate_reads_it(
        sample in samples(),
        wounds in vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(0xFF), Just(0x80)]), 1..4),
    ) {
        let mut bytes = to_binary(&sample);
        for (at, byte) in wounds {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        expect_alike::<Sample>(&bytes);
    }

    #[test]
    fn numbers_are_read_as_the_crate_reads_them(
        bytes in vec(prop_oneof![any::<u8>(), 0..4_u8, Just(0x80), Just(0xFF)], 0..12),
    ) {
        expect_alike::<u16>(&bytes);
        expect_alike::<u32>(&bytes);
        expect_alike::<u64>(&bytes);
        expect_alike::<i16>(&bytes);
        expect_alike::<i64>(&bytes);
        expect_alike::<String>(&bytes);
        expect_alike::<Vec<bool>>(&bytes);
    }
}

#[test]
fn a_list_that_claims_to_be_endless_ends_with_its_bytes() {
    for claimed in [u32::MAX.into(), u64::MAX] {
        let bytes = to_binary(&claimed);
        assert_eq!(from_binary::<Vec<u64>>(&bytes), Err(Malformed));
        assert_eq!(from_binary::<String>(&bytes), Err(Malformed));
        assert_eq!(from_binary::<Vec<()>>(&bytes), Err(Malformed));
    }
}
