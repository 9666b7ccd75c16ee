//! Writes the binary coding.
//!
//! Writing fails only for what the format cannot say: a list that does not know its length, or a number of 128 bits. No
//! frame has either.

use crate::protocol::codec::Malformed;
use alloc::vec::Vec;
use core::fmt::Display;
use serde::ser::{self, Serialize};

impl ser::Error for Malformed {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// What was written so far.
#[derive(Default)]
pub(in crate::protocol) struct Writer(pub(in crate::protocol) Vec<u8>);

impl Writer {
    #[inline(never)]
    fn number(&mut self, mut number: u64) {
        // Seven bits in each byte, the lowest first; the eighth says that more follow.
        loop {
            let [low, ..] = number.to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.0.push(low);
            }
            self.0.push(low | 0x80);
        }
    }

    fn signed(&mut self, number: i64) {
        // Zigzag: 0, -1, 1, -2 and so on.
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn count(&mut self, count: Option<usize>) -> Result<&mut Self, Malformed> {
        self.number(count.ok_or(Malformed)? as u64);
        Ok(self)
    }

    fn variant(&mut self, variant: u32) -> &mut Self {
        self.number(variant.into());
        self
    }
}

/// Writes a number of a type.
macro_rules! numbers {
    ($($serialize:ident $type:ident $write:ident;)*) => {
        $(
            #[inline]
            fn $serialize(self, number: $type) -> Result<(), Malformed> {
                self.$write(number.into());
                Ok(())
            }
        )*
    };
}

impl ser::Serializer for &mut Writer {
    type Ok = ();
    type Error = Malformed;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn is_human_readable(&self) -> bool {
        false
    }

    numbers! {
        serialize_u16 u16 number;
        serialize_u32 u32 number;
        serialize_u64 u64 number;
        serialize_i16 i16 signed;
        serialize_i32 i32 signed;
        serialize_i64 i64 signed;
    }

    fn serialize_bool(self, value: bool) -> Result<(), Malformed> {
        self.serialize_u8(value.into())
    }

    fn serialize_u8(self, byte: u8) -> Result<(), Malformed> {
        self.0.push(byte);
        Ok(())
    }

    fn serialize_i8(self, byte: i8) -> Result<(), Malformed> {
        self.serialize_u8(byte.cast_unsigned())
    }

    fn serialize_f32(self, number: f32) -> Result<(), Malformed> {
        self.0.extend_from_slice(&number.to_le_bytes());
        Ok(())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Malformed> {
        self.0.extend_from_slice(&number.to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, character: char) -> Result<(), Malformed> {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Malformed> {
        self.serialize_bytes(text.as_bytes())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Malformed> {
        self.bytes(bytes);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Malformed> {
        self.serialize_u8(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Malformed> {
        self.0.push(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Malformed> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Malformed> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, variant: u32, _: &'static str) -> Result<(), Malformed> {
        self.variant(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Malformed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Malformed> {
        value.serialize(self.variant(variant))
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<Self, Malformed> {
        self.count(count)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Malformed> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Malformed> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Malformed> {
        Ok(self.variant(variant))
    }

    fn serialize_map(self, count: Option<usize>) -> Result<Self, Malformed> {
        self.count(count)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Malformed> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Malformed> {
        Ok(self.variant(variant))
    }
}

/// What has parts writes them one after the other, and nothing at its end.
macro_rules! parts {
    ($($part_of:ident $serialize:ident $(($key:ty))?;)*) => {
        $(
            impl ser::$part_of for &mut Writer {
                type Ok = ();
                type Error = Malformed;

                #[inline]
                fn $serialize<T: Serialize + ?Sized>(&mut self, $(_: $key,)? part: &T) -> Result<(), Malformed> {
                    part.serialize(&mut **self)
                }

                #[inline]
                fn end(self) -> Result<(), Malformed> {
                    Ok(())
                }
            }
        )*
    };
}

parts! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
    SerializeStruct serialize_field (&'static str);
    SerializeStructVariant serialize_field (&'static str);
}

impl ser::SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Malformed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Malformed> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Malformed> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Malformed> {
        Ok(())
    }
}
