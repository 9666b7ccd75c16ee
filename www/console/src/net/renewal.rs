//! The session lasts while somebody works here, and ends some time after they have left.
//!
//! A console that renewed by itself would leave whoever sits down at it next week signed in. So it only does when a key
//! was pressed or something was clicked since the last time. What the gateway answers is left to the sockets: whoever is
//! no longer signed in is told when one of them cannot be opened again.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use leptos::task::spawn_local;
use shared::limit::STAFF_SESSION_RENEWED_EVERY;

use super::http;

/// Renews the session until it is dropped.
#[derive(Debug)]
pub(crate) struct Renewal {
    _listeners: Vec<EventListener>,
    _interval: Interval,
}

impl Renewal {
    pub(crate) fn begin() -> Self {
        let somebody_works = Rc::new(Cell::new(false));
        let window = web_sys::window();
        let listeners = window.iter().flat_map(|window| {
            ["keydown", "pointerdown"].map(|event| {
                let somebody_works = Rc::clone(&somebody_works);
                EventListener::new(window, event, move |_| somebody_works.set(true))
            })
        });
        let listeners = listeners.collect();
        let every = u32::try_from(STAFF_SESSION_RENEWED_EVERY.as_millis()).unwrap_or(u32::MAX);
        let interval = Interval::new(every, move || {
            if somebody_works.take() {
                spawn_local(async {
                    let _ = http::me().await;
                });
            }
        });
        Self { _listeners: listeners, _interval: interval }
    }
}
