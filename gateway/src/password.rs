//! Keys from passwords: PBKDF2 with SHA-256, by the runtime's own cryptography.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::fault::{Fault, Result};
use crate::mint;

/// Rounds. The most that the runtime allows.
const ITERATIONS: u32 = 100_000;

/// Bits of a key.
const KEY_BITS: u32 = 256;

/// Random bytes that make the same password a different key in each account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Salt(pub(crate) [u8; 16]);

impl Salt {
    /// A new one.
    pub(crate) fn mint() -> Self {
        Self(mint::random())
    }

    /// The salt of an account that does not exist. It is always the same, as a real one would be.
    pub(crate) fn of_nobody(name: &str) -> Self {
        let [salt, _] = halves(mint::hash(name.as_bytes()));
        Self(salt)
    }
}

fn halves(bytes: [u8; 32]) -> [[u8; 16]; 2] {
    let mut halves = [[0; 16]; 2];
    for (half, chunk) in halves.iter_mut().zip(bytes.chunks_exact(16)) {
        half.copy_from_slice(chunk);
    }
    halves
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    async fn import_key(
        format: &str,
        key: &js_sys::Uint8Array,
        algorithm: &str,
        extractable: bool,
        usages: &js_sys::Array,
    ) -> core::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = deriveBits, catch)]
    async fn derive_bits(
        algorithm: &js_sys::Object,
        key: &JsValue,
        bits: u32,
    ) -> core::result::Result<JsValue, JsValue>;
}

/// The key of a password. Takes some tens of milliseconds on purpose: do it in the stateless part, not in an object.
pub(crate) async fn key(password: &str, salt: Salt) -> Result<[u8; 32]> {
    let secret = js_sys::Uint8Array::from(password.as_bytes());
    let usages = js_sys::Array::of1(&"deriveBits".into());
    let imported = import_key("raw", &secret, "PBKDF2", false, &usages).await.map_err(worker::Error::from)?;
    let algorithm = js_sys::Object::new();
    for (name, value) in [
        ("name", JsValue::from("PBKDF2")),
        ("hash", JsValue::from("SHA-256")),
        ("iterations", JsValue::from(ITERATIONS)),
        ("salt", js_sys::Uint8Array::from(salt.0.as_slice()).into()),
    ] {
        js_sys::Reflect::set(&algorithm, &name.into(), &value).map_err(worker::Error::from)?;
    }
    let bits = derive_bits(&algorithm, &imported, KEY_BITS).await.map_err(worker::Error::from)?;
    js_sys::Uint8Array::new(&bits).to_vec().try_into().map_err(|_| Fault::Stored("a key of 256 bits"))
}
