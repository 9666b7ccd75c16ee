//! Lists that are fetched anew every few seconds while they are in front and the window is seen.

use std::time::Duration;

use leptos::prelude::*;

use crate::net::wake;

/// Fetches while the page is in front and the window is seen.
pub(super) fn keep_fetching(here: Memo<bool>, every: Duration, fetch: impl Fn() + Copy + 'static) {
    Effect::new(move || {
        if here.get() {
            fetch();
        }
    });
    let again = move || {
        if here.get_untracked() && wake::is_visible() {
            fetch();
        }
    };
    // The browser always grants a timer; without it the page would only be fetched when it is opened.
    if let Ok(timer) = set_interval_with_handle(again, every) {
        on_cleanup(move || timer.clear());
    }
}
