//! Reads the binary coding: the format is postcard's, which also writes it; the reader is ours, for the bytes that the
//! widget weighs.
//!
//! A frame that cannot be read is refused without a word on what is wrong in it: nobody would read that. Serde's own
//! sentences ("invalid length 2, expected struct Entry with 5 elements") and what prints them weigh 2 KB for every
//! visitor, because a reader of postcard may always say that a struct has too few fields, although the format does not
//! even have a number of fields. This one cannot say it, so the compiler leaves all of that out. A property test holds
//! that it reads what the crate reads, and refuses what the crate refuses.

use super::codec::Malformed;
use core::fmt::Display;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};

impl de::Error for Malformed {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// What is still to be read.
pub(super) struct Reader<'de>(pub(super) &'de [u8]);

impl<'de> Reader<'de> {
    fn byte(&mut self) -> Result<u8, Malformed> {
        let (byte, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*byte)
    }

    /// A number of at most `bits` bits, seven in each byte, the lowest first.
    #[inline(never)]
    fn number(&mut self, bits: u32) -> Result<u64, Malformed> {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7F);
            // In the last byte that there can be, what lies beyond `bits` is noise, and so is a sign that more follows.
            let left = bits.saturating_sub(shift);
            if left < 7 && u64::from(byte) >> left != 0 {
                return Err(Malformed);
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            shift += 7;
        }
    }

    fn signed(&mut self, bits: u32) -> Result<i64, Malformed> {
        let number = self.number(bits)?;
        // Zigzag: 0, -1, 1, -2 and so on. The casts keep every bit.
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// How many entries follow. Each takes a byte at least, or a few bytes could ask for any number of entries.
    #[inline(never)]
    fn count(&mut self) -> Result<u64, Malformed> {
        let count = self.number(usize::BITS)?;
        if count > self.0.len() as u64 { Err(Malformed) } else { Ok(count) }
    }

    #[inline(never)]
    fn bytes(&mut self) -> Result<&'de [u8], Malformed> {
        let length = usize::try_from(self.number(usize::BITS)?).map_err(|_| Malformed)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    #[inline(never)]
    fn text(&mut self) -> Result<&'de str, Malformed> {
        core::str::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*array)
    }
}

/// The fields of a struct or a tuple: as many as are asked for.
struct Fields<'a, 'de>(&'a mut Reader<'de>);

impl<'de> de::SeqAccess<'de> for Fields<'_, 'de> {
    type Error = Malformed;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Malformed> {
        seed.deserialize(&mut *self.0).map(Some)
    }
}

/// The entries of a list or a map, whose number was read.
struct Entries<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: u64,
}

impl<'de> de::SeqAccess<'de> for Entries<'_, 'de> {
    type Error = Malformed;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Malformed> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for Entries<'_, 'de> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Malformed> {
        de::SeqAccess::next_element_seed(self, seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Malformed> {
        seed.deserialize(&mut *self.reader)
    }
}

/// Reads a number of a type and gives it to the visitor's method for that type.
macro_rules! numbers {
    ($($deserialize:ident $visit:ident $type:ident $read:ident;)*) => {
        $(
            #[inline]
            fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
                visitor.$visit(self.$read($type::BITS)?.try_into().map_err(|_| Malformed)?)
            }
        )*
    };
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Malformed;

    fn is_human_readable(&self) -> bool {
        false
    }

    numbers! {
        deserialize_u16 visit_u16 u16 number;
        deserialize_u32 visit_u32 u32 number;
        deserialize_u64 visit_u64 u64 number;
        deserialize_i16 visit_i16 i16 signed;
        deserialize_i32 visit_i32 i32 signed;
        deserialize_i64 visit_i64 i64 signed;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.byte()? {
            byte @ (0 | 1) => visitor.visit_bool(byte == 1),
            _ => Err(Malformed),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_u8(self.byte()?)
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_i8(self.byte()?.cast_signed())
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_f32(f32::from_le_bytes(self.array()?))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_f64(f64::from_le_bytes(self.array()?))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        let mut characters = self.text()?.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => visitor.visit_char(character),
            _ => Err(Malformed),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_borrowed_bytes(self.bytes()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.byte()? {
            0 => visitor.visit_none(),
            1 => visitor.visit_some(self),
            _ => Err(Malformed),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        let left = self.count()?;
        visitor.visit_seq(Entries { reader: self, left })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        let left = self.count()?;
        visitor.visit_map(Entries { reader: self, left })
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_seq(Fields(self))
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_seq(Fields(self))
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_seq(Fields(self))
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_enum(self)
    }

    // The format says nowhere what comes next, so nothing can be read that does not say what it expects.

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Malformed> {
        Err(Malformed)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Malformed> {
        Err(Malformed)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Malformed> {
        Err(Malformed)
    }
}

impl<'de> de::EnumAccess<'de> for &mut Reader<'de> {
    type Error = Malformed;
    type Variant = Self;

    #[inline]
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Malformed> {
        let variant = u32::try_from(self.number(u32::BITS)?).map_err(|_| Malformed)?;
        Ok((seed.deserialize(variant.into_deserializer())?, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Reader<'de> {
    type Error = Malformed;

    fn unit_variant(self) -> Result<(), Malformed> {
        Ok(())
    }

    #[inline]
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Malformed> {
        seed.deserialize(self)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_seq(Fields(self))
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_seq(Fields(self))
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec::{Malformed, from_binary, to_binary};
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
}
