//! Random numbers, and what is made of them: ids, secrets and their hashes. The only place in the gateway that draws them.
//!
//! A secret is given away once and stored as its SHA-256. To find one, its hash is compared: that takes the same time
//! for every wrong guess that matters, because nobody can choose the bytes of a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use shared::id::{ConnectionId, ConversationId, RepresentativeId, Shard, VisitorId};
use shared::time::Timestamp;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(buffer: &mut [u8]);
}

/// Bytes of a secret: 256 bits.
pub(crate) const SECRET_BYTES: usize = 32;

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    get_random_values(&mut bytes);
    bytes
}

/// The hash under which a secret is stored.
pub(crate) fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Bytes as they are written in tokens and addresses: base64url without padding.
pub(crate) fn write(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that were written so, if they are `N` of them.
pub(crate) fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    // A stranger's text: do not decode what cannot fit.
    if text.len() > N * 2 {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// A visitor in one of `count` shards.
pub(crate) fn visitor(now: Timestamp, count: u16) -> VisitorId {
    let number = u16::from_be_bytes(random()) % count.clamp(1, Shard::MAX_COUNT);
    // The remainder is below 4,096, so that there is such a shard.
    let shard = Shard::new(number).unwrap_or(Shard::FIRST);
    VisitorId::born_in(shard, now, random())
}

/// A conversation in the shard of its visitor.
pub(crate) fn conversation(now: Timestamp, visitor: VisitorId) -> ConversationId {
    ConversationId::born_in(visitor.shard(), now, random())
}

/// A socket.
pub(crate) fn connection(now: Timestamp) -> ConnectionId {
    ConnectionId::born(now, random())
}

/// Somebody of the staff.
pub(crate) fn representative() -> RepresentativeId {
    RepresentativeId::from_random(random())
}
