//! Signs that a connection should be looked at now rather than later: the network changed, or somebody looks at the page.

use gloo::events::EventListener;
use web_sys::VisibilityState;

/// Calls `wake` whenever there is such a sign, until the listeners are dropped.
pub(crate) fn on_wake(wake: impl Fn() + Clone + 'static) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let mut listeners: Vec<_> = ["online", "offline", "pageshow"]
        .into_iter()
        .map(|event| {
            let wake = wake.clone();
            EventListener::new(&window, event, move |_| wake())
        })
        .collect();
    if let Some(document) = window.document() {
        listeners.push(EventListener::new(&document, "visibilitychange", move |_| {
            if is_visible() {
                wake();
            }
        }));
    }
    listeners
}

/// Whether somebody can see the page.
pub(crate) fn is_visible() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}
