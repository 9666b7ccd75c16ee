//! The customer's chat window: a pure model, a view, and a shell that joins them to the browser. It runs in a frame on the
//! gateway's own origin and talks with the page through one message port.
//!
//! - [`model`]: what the widget does, without a browser. [`view`]: what is seen. [`app`]: what happens, to the model and
//!   back. [`requests`], [`transport`], [`store`]: the gateway, the other tabs, what is kept.
//! - [`browser`] is the only way out: a narrow bridge to `www/embed/browser.js`.
//!
//! How it is built (every byte is paid for by every visitor):
//!
//! 1. `cargo build -p widget --target wasm32-unknown-unknown --profile widget`
//! 2. `wasm-bindgen --target module --encode-into always --no-typescript --remove-name-section
//!    --remove-producers-section --out-name widget --out-dir OUT target/wasm32-unknown-unknown/widget/widget.wasm`: gives
//!    `OUT/widget.js` and `OUT/widget_bg.wasm`, which step 3 shrinks; `xtask/src/build/glue.rs` then takes hashes and all
//!    that is never run out of both
//! 3. `wasm-opt` as `xtask/src/build/wasm.rs` says, with the target's features. What the optimizer would inline is
//!    shorter, but compresses worse by a kilobyte.
//! 4. `esbuild --bundle --minify` of `www/embed/frame.js` (with `--alias:glue=OUT/widget.js`), `frame.css`, `embed.js`
//! 5. The names in `www/embed/frame.html` (`/assets/frame.js`, `/assets/frame.css`, `/assets/widget.wasm`) are replaced
//!    by hashed ones. They stand nowhere else.
//!
//! Written without std, formatting, maps, regular expressions and bindings to the document.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;
// Lints run on this crate together with others that bring std along, which has a panic handler of its own.
#[cfg(all(target_arch = "wasm32", clippy))]
extern crate std;

mod app;
mod browser;
mod colour;
mod model;
mod requests;
mod store;
mod transport;
mod view;
mod words;

pub use app::Widget;

/// A panic ends the widget. Without std and with this handler no panic brings along the machinery that writes its words,
/// which weighs more than everything else together.
#[cfg(all(target_arch = "wasm32", not(clippy)))]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
