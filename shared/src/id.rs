//! Identifiers. Each kind of thing has its own type, so that a queue can never be passed where a representative is meant.
//!
//! All are 128 bits, written as a UUID in text and as sixteen bytes in binary. The core never makes one up: whoever
//! calls it brings ids along, made from the clock and the random source of the shell.
//!
//! A conversation and a visitor carry the number of their shard from birth ([`Shard`]). How many shards there are can
//! change any day: it only matters for what is born afterwards.

use core::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Text that is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a valid identifier")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name(Uuid);

        impl core::hash::Hash for $name {
            fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
                state.write_u128(self.0.as_u128());
            }
        }

        // As one number: maps by id are everywhere, and comparing sixteen bytes one after the other is several times slower.
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                self.0.as_u128().cmp(&other.0.as_u128())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl $name {
            /// The id with these 128 bits. Only for fixed ids: tests and demonstration data.
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// An id from sixteen random bytes (UUID version 4).
            pub fn from_random(random: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(random).into_uuid())
            }

            /// The sixteen bytes of this id.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id with these sixteen bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Writes the id as text into `buffer` without the formatting machinery, which the widget cannot afford.
            pub fn encode<'buffer>(&self, buffer: &'buffer mut [u8; 36]) -> &'buffer str {
                self.0.hyphenated().encode_lower(buffer)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.encode(&mut [0; 36]))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                sixteen_bytes(text).map(Self::from_bytes).ok_or(InvalidId)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(self.encode(&mut [0; 36]))
                } else {
                    self.as_bytes().serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    // By its name a reader can tell which kind of thing is meant, and take a name for it.
                    deserializer.deserialize_newtype_struct(stringify!($name), IdAsText(PhantomData))
                } else {
                    deserializer.deserialize_tuple(16, SixteenBytes).map(Self::from_bytes)
                }
            }
        }
    };
}

/// The bytes that a UUID in its usual form writes: 32 hexadecimal digits in five groups. No other form is an id, so that
/// one thing has one name.
fn sixteen_bytes(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let mut digits = 0;
    for (place, byte) in text.bytes().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return None,
        };
        let pair: &mut u8 = bytes.get_mut(digits / 2)?;
        *pair = *pair << 4 | digit;
        digits += 1;
    }
    (digits == 32).then_some(bytes)
}

/// Reads the sixteen bytes of any id in a loop. What serde has for arrays is unrolled for each type, which the widget
/// would pay for.
struct SixteenBytes;

impl<'de> serde::de::Visitor<'de> for SixteenBytes {
    type Value = [u8; 16];

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sixteen bytes")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut bytes: A) -> Result<[u8; 16], A::Error> {
        let mut id = [0; 16];
        for (index, byte) in id.iter_mut().enumerate() {
            *byte = bytes.next_element()?.ok_or_else(|| serde::de::Error::invalid_length(index, &self))?;
        }
        Ok(id)
    }
}

/// Reads any id that is written as text.
struct IdAsText<T>(PhantomData<T>);

impl<'de, T: core::str::FromStr> serde::de::Visitor<'de> for IdAsText<T> {
    type Value = T;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("an identifier")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("this is not a valid identifier"))
    }
}

/// Ids that are made at a moment: version 7, so that they sort by the time of their birth.
macro_rules! born_id {
    ($name:ident) => {
        impl $name {
            /// An id born at `now`, from ten random bytes (UUID version 7, RFC 9562 section 5.7).
            pub fn born(now: crate::time::Timestamp, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(now.as_millis(), &random).into_uuid())
            }

            /// When it was born, by the clock of whoever made it: the first six bytes.
            pub fn born_at(&self) -> crate::time::Timestamp {
                let millis = self.as_bytes().iter().take(6);
                let millis = millis.fold(0, |millis, byte| (millis << 8) | u64::from(*byte));
                crate::time::Timestamp::from_millis(millis)
            }
        }
    };
}

/// Ids whose thing lives in a shard. The shard stands in the twelve `rand_a` bits of a version 7 UUID.
macro_rules! sharded_id {
    ($name:ident) => {
        impl $name {
            /// An id born at `now` in `shard`, from eight random bytes.
            pub fn born_in(shard: Shard, now: crate::time::Timestamp, random: [u8; 8]) -> Self {
                let [high, low] = shard.0.to_be_bytes();
                let mut bytes = [high, low, 0, 0, 0, 0, 0, 0, 0, 0];
                bytes[2..].copy_from_slice(&random);
                Self(uuid::Builder::from_unix_timestamp_millis(now.as_millis(), &bytes).into_uuid())
            }

            /// The shard in which this was born, and in which it stays.
            pub fn shard(&self) -> Shard {
                let bytes = self.as_bytes();
                Shard(u16::from_be_bytes([bytes[6] & 0x0f, bytes[7]]))
            }
        }
    };
}

id!(
    /// Somebody of the staff: representative, supervisor or administrator.
    RepresentativeId
);
id!(
    /// One visitor's browser, or the person behind several that were joined by hand-over.
    VisitorId
);
id!(
    /// One conversation: the work item from first message to closed.
    ConversationId
);
id!(
    /// One message, named by the client that wrote it.
    MessageId
);
id!(
    /// One file, named by the client that offers it.
    FileId
);
id!(
    /// A place where open conversations wait for people.
    QueueId
);
id!(
    /// Settings for one kind of work.
    WorkstreamId
);
id!(
    /// Something that representatives know and work can need.
    SkillId
);
id!(
    /// One way to rate skills.
    RatingModelId
);
id!(
    /// A presence that an organisation made up.
    PresenceId
);
id!(
    /// A kind of work of which representatives can have so many items at once.
    CapacityProfileId
);
id!(
    /// One chat widget, as it is configured for some sites.
    WidgetId
);
id!(
    /// Operating hours, which queues and widgets share.
    OperatingHoursId
);
id!(
    /// One open socket of a console or a widget.
    ConnectionId
);
id!(
    /// One request that may be sent again; its repeat gets the first answer.
    RequestId
);

born_id!(MessageId);
born_id!(FileId);
born_id!(ConnectionId);
born_id!(RequestId);
sharded_id!(VisitorId);
sharded_id!(ConversationId);

/// Ids that the router counts out itself, one organisation at a time. They are not secret: authority is checked by who asks.
macro_rules! counted_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The id with this number.
            pub const fn from_number(number: u64) -> Self {
                Self(number)
            }

            /// The number.
            pub const fn number(self) -> u64 {
                self.0
            }

            /// The id after this one.
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }
    };
}

counted_id!(
    /// One offer of one conversation to one representative.
    OfferId
);
counted_id!(
    /// One representative's stretch on one conversation.
    SessionId
);

/// The number of a shard of conversations, 0 to 4,095.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u16);

impl Shard {
    /// The first shard; on one machine the only one.
    pub const FIRST: Self = Self(0);

    /// How many shards an id can tell apart.
    pub const MAX_COUNT: u16 = 4096;

    /// The shard with this number, if an id can carry it.
    pub const fn new(number: u16) -> Option<Self> {
        if number < Self::MAX_COUNT { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use alloc::string::ToString as _;

    #[test]
    fn a_conversation_carries_its_shard_from_birth() {
        for number in [0, 1, 255, 256, 4095] {
            let shard = Shard::new(number).unwrap();
            let id = ConversationId::born_in(shard, Timestamp::from_millis(1_790_000_000_000), [0xff; 8]);
            assert_eq!(id.shard(), shard);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_eq!(Shard::new(4096), None);
    }

    #[test]
    fn an_id_is_written_in_one_form() {
        let text = "01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(text.parse(), Ok(QueueId::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef)));
        assert_eq!(text.to_uppercase().parse(), text.parse::<QueueId>());
        for other in
            ["", &text[1..], &text.replace('-', ""), &[text, "0"].concat(), &text.replace('f', "g"), "{}"]
        {
            assert_eq!(other.parse::<QueueId>(), Err(InvalidId), "{other}");
        }
    }

    #[test]
    fn messages_sort_by_birth() {
        let older = MessageId::born(Timestamp::from_millis(1_000), [0xff; 10]);
        let newer = MessageId::born(Timestamp::from_millis(1_001), [0; 10]);
        assert!(older < newer);
    }

    #[test]
    fn an_id_is_text_in_json_and_sixteen_bytes_in_binary() {
        let id = QueueId::from_u128(7);
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"00000000-0000-0000-0000-000000000007\"");
        assert_eq!(postcard::to_allocvec(&id).unwrap().len(), 16);
        let again: QueueId = serde_json::from_str("\"00000000-0000-0000-0000-000000000007\"").unwrap();
        assert_eq!(again, id);
    }
}
