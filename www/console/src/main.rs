//! The console of representatives: sign-in, presence, offers, work lists, and conversations in session tabs.
//!
//! - `model`: what is known and decided, without a browser; tested on any machine.
//! - `net`: requests, sockets, the clock and this window's store.
//! - [`session`]: one sign-in: turns what the gateway says into model, and what the person does into commands.
//! - `view`: what is seen. Thin: every rule is in `model` or in `shared`.
//!
//! How it is built (`cargo xtask build`):
//!
//! 1. `cargo build -p console --target wasm32-unknown-unknown --profile console`
//! 2. `wasm-bindgen --target web --no-typescript --out-name glue --out-dir <gen> <target>/…/console/console.wasm`
//!    gives `<gen>/glue.js` and `<gen>/glue_bg.wasm`.
//! 3. `wasm-opt -Oz` with `--enable-{reference-types,bulk-memory,multivalue,mutable-globals,sign-ext,nontrapping-float-to-int}`
//!    (not `--all-features`: browsers do not read compact imports yet) gives `console.<hash>.wasm`.
//! 4. `esbuild www/console/console.js --bundle --minify --format=esm --alias:glue=<gen>/glue.js` gives `console.<hash>.js`.
//! 5. `esbuild www/console/console.css --bundle --minify` gives `console.<hash>.css`; it imports `../tokens.css`.
//! 6. `www/console/index.html` goes to `desk/index.html` with the names `/assets/console.{js,css,wasm}` replaced by the
//!    hashed ones.

// The component macro makes public items of private modules.
#![allow(unreachable_pub)]

mod app;
mod model;
mod net;
mod session;
mod view;

fn main() {
    // A panic says where it was, in builds for developers. The words would weigh too much for everybody else.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    if let Some(boot) = leptos::prelude::document().get_element_by_id("boot") {
        boot.remove();
    }
    leptos::mount::mount_to_body(app::Root);
}
