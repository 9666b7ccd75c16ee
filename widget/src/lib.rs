//! The customer's chat window: a pure model, a thin view, and a shell that joins them to the browser. It runs in a frame
//! on the gateway's own origin and talks with the page through one message port.
//!
//! How it is built (every byte is paid for by every visitor):
//!
//! 1. `cargo build -p widget --target wasm32-unknown-unknown --profile widget`
//! 2. `wasm-bindgen --target web --no-typescript --remove-name-section --remove-producers-section --out-name widget
//!    --out-dir OUT target/wasm32-unknown-unknown/widget/widget.wasm`: gives `OUT/widget.js` and `OUT/widget_bg.wasm`
//! 3. `wasm-opt -Oz --converge --enable-bulk-memory --enable-bulk-memory-opt --enable-call-indirect-overlong
//!    --enable-multivalue --enable-mutable-globals --enable-nontrapping-float-to-int --enable-reference-types
//!    --enable-sign-ext OUT/widget_bg.wasm -o widget.wasm`
//! 4. `esbuild www/embed/frame.js --bundle --minify --format=esm --target=es2022 --legal-comments=none
//!    --alias:glue=OUT/widget.js`, `esbuild www/embed/frame.css --bundle --minify`,
//!    `esbuild www/embed/embed.js --minify --target=es2020`
//! 5. The names in `www/embed/frame.html` (`/assets/frame.js`, `/assets/frame.css`, `/assets/widget.wasm`) are replaced
//!    by hashed ones. They stand nowhere else.
//!
//! Written without formatting, maps, regular expressions and `unwrap` on a `JsValue`.

#![no_std]
// On the machine of a developer only the tests use the pure modules.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod colour;
mod links;
mod model;
mod words;

#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod lock;
#[cfg(target_arch = "wasm32")]
mod start;
#[cfg(target_arch = "wasm32")]
mod store;
#[cfg(target_arch = "wasm32")]
mod tag;
#[cfg(target_arch = "wasm32")]
mod transport;
#[cfg(target_arch = "wasm32")]
mod view;

#[cfg(target_arch = "wasm32")]
pub use app::run;

/// A panic ends the widget. Without std and with this handler no panic brings along the machinery that writes its words,
/// which weighs more than everything else together.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
