//! Tokens and codes as they travel: who they are for, and a secret.

use shared::id::{Shard, VisitorId};

use crate::mint::{self, SECRET_BYTES};

/// A visitor's session token: the visitor, whose id says in which shard to look, and 256 random bits.
pub(crate) struct VisitorToken {
    pub(crate) visitor: VisitorId,
    secret: [u8; SECRET_BYTES],
}

const VISITOR_BYTES: usize = 16;

impl VisitorToken {
    /// A new token.
    pub(crate) fn mint(visitor: VisitorId) -> Self {
        Self { visitor, secret: mint::random() }
    }

    /// The token that a client sent, if it has the form of one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes: [u8; VISITOR_BYTES + SECRET_BYTES] = mint::read(text)?;
        let (visitor, secret) = bytes.split_at(VISITOR_BYTES);
        Some(Self {
            visitor: VisitorId::from_bytes(visitor.try_into().ok()?),
            secret: secret.try_into().ok()?,
        })
    }

    /// The token as it is given to the client, once.
    pub(crate) fn write(&self) -> String {
        let mut bytes = self.visitor.as_bytes().to_vec();
        bytes.extend(self.secret);
        mint::write(&bytes)
    }

    /// The hash under which the session is stored.
    pub(crate) fn hash(&self) -> [u8; 32] {
        mint::hash(&self.secret)
    }
}

/// A hand-over code: the shard in which it is stored, and 128 random bits.
pub(crate) struct HandoverCode {
    pub(crate) shard: Shard,
    secret: [u8; CODE_SECRET_BYTES],
}

const CODE_SECRET_BYTES: usize = 16;

impl HandoverCode {
    /// A new code for a visitor of this shard.
    pub(crate) fn mint(shard: Shard) -> Self {
        Self { shard, secret: mint::random() }
    }

    /// The code that a client sent, if it has the form of one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes: [u8; 2 + CODE_SECRET_BYTES] = mint::read(text)?;
        let (shard, secret) = bytes.split_at(2);
        let shard = Shard::new(u16::from_be_bytes(shard.try_into().ok()?))?;
        Some(Self { shard, secret: secret.try_into().ok()? })
    }

    /// The code as it is given to the client, once.
    pub(crate) fn write(&self) -> String {
        let mut bytes = self.shard.number().to_be_bytes().to_vec();
        bytes.extend(self.secret);
        mint::write(&bytes)
    }

    /// The hash under which it is stored.
    pub(crate) fn hash(&self) -> [u8; 32] {
        mint::hash(&self.secret)
    }
}

/// The secret part of a file's address: the shard in which it is stored, and 128 random bits.
pub(crate) struct FileCapability {
    pub(crate) shard: Shard,
    secret: [u8; CODE_SECRET_BYTES],
}

impl FileCapability {
    /// A new one for a file of this shard.
    pub(crate) fn mint(shard: Shard) -> Self {
        Self { shard, secret: mint::random() }
    }

    /// The one that stands in an address, if it has the form of one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let HandoverCode { shard, secret } = HandoverCode::read(text)?;
        Some(Self { shard, secret })
    }

    /// As it stands in an address.
    pub(crate) fn write(&self) -> String {
        let mut bytes = self.shard.number().to_be_bytes().to_vec();
        bytes.extend(self.secret);
        mint::write(&bytes)
    }

    /// The hash under which it is stored.
    pub(crate) fn hash(&self) -> [u8; 32] {
        mint::hash(&self.secret)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts that could be tokens, and others.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[A-Za-z0-9_-]{64}",
            "[A-Za-z0-9_-]{24}",
            "AA[A-Za-z0-9_-]{22}",
            "[A-Za-z0-9_=+/-]{0,130}",
            ".*"
        ]
    }

    proptest! {
        #[test]
        fn a_token_is_written_in_one_way_alone(text in any_text()) {
            // Whatever else is read as the same token could pass by a limit that counts by the text.
            if let Some(token) = VisitorToken::read(&text) {
                prop_assert_eq!(token.write(), text.as_str());
            }
            if let Some(code) = HandoverCode::read(&text) {
                prop_assert_eq!(code.write(), text.as_str());
            }
            if let Some(capability) = FileCapability::read(&text) {
                prop_assert_eq!(capability.write(), text.as_str());
            }
        }

        #[test]
        fn what_was_written_is_read_again(visitor: u128, shard in 0..Shard::MAX_COUNT, secret: [u8; 32], code: [u8; 16]) {
            let token = VisitorToken { visitor: VisitorId::from_u128(visitor), secret };
            let read = VisitorToken::read(&token.write()).unwrap();
            prop_assert_eq!((read.visitor, read.secret), (token.visitor, secret));
            let shard = Shard::new(shard).unwrap();
            let read = HandoverCode::read(&HandoverCode { shard, secret: code }.write()).unwrap();
            prop_assert_eq!((read.shard, read.secret), (shard, code));
            let read = FileCapability::read(&FileCapability { shard, secret: code }.write()).unwrap();
            prop_assert_eq!((read.shard, read.secret), (shard, code));
        }
    }
}
