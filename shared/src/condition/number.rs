//! The numbers that conditions compare.

use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A finite number. There is no NaN, no infinity and no negative zero, so numbers have one order and one equality.
///
/// It is the number of JSON and of JavaScript, from where context variables come: 19.99 in a condition and 19.99 in a
/// page are the same bits. Nothing is ever computed with it. Whole numbers are exact up to 2^53; what is longer is a name
/// made of digits (a customer number), and is refused: it belongs into a text.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Number(f64);

/// A number that cannot be kept exactly, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a number up to 9,007,199,254,740,992; write what is longer as text")]
pub struct InvalidNumber;

/// The largest whole number up to which every whole number is exact: 2^53.
const EXACT_MAX: u64 = 1 << 53;

impl Number {
    /// The number, if it is one and not beyond what can be kept exactly.
    pub fn new(number: f64) -> Result<Self, InvalidNumber> {
        #[allow(clippy::cast_precision_loss)] // a power of two is exact
        let within = number.abs() <= EXACT_MAX as f64;
        // Adding zero turns negative zero into zero. NaN is not within.
        if within { Ok(Self(number + 0.0)) } else { Err(InvalidNumber) }
    }

    /// The number as floating point.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The whole number that this is, if it is one.
    pub fn as_whole(self) -> Option<i64> {
        #[allow(clippy::cast_possible_truncation)] // at most 2^53 in size; the fraction is looked at below
        let whole = self.0 as i64;
        #[allow(clippy::cast_precision_loss, clippy::float_cmp)] // exact up to 2^53
        (whole as f64 == self.0).then_some(whole)
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl From<i32> for Number {
    fn from(whole: i32) -> Self {
        Self(f64::from(whole))
    }
}

impl From<u32> for Number {
    fn from(whole: u32) -> Self {
        Self(f64::from(whole))
    }
}

impl TryFrom<i64> for Number {
    type Error = InvalidNumber;
    fn try_from(whole: i64) -> Result<Self, InvalidNumber> {
        if whole.unsigned_abs() > EXACT_MAX {
            return Err(InvalidNumber);
        }
        #[allow(clippy::cast_precision_loss)] // exact up to 2^53
        Ok(Self(whole as f64))
    }
}

impl TryFrom<u64> for Number {
    type Error = InvalidNumber;
    fn try_from(whole: u64) -> Result<Self, InvalidNumber> {
        i64::try_from(whole).map_err(|_| InvalidNumber)?.try_into()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_whole() {
            // People read 3, not 3.0.
            Some(whole) if serializer.is_human_readable() => serializer.serialize_i64(whole),
            _ => serializer.serialize_f64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(NumberVisitor)
    }
}

struct NumberVisitor;

impl serde::de::Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Number, E> {
        Number::new(number).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, whole: i64) -> Result<Number, E> {
        whole.try_into().map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, whole: u64) -> Result<Number, E> {
        whole.try_into().map_err(E::custom)
    }
}
