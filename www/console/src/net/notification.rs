//! Desktop notifications: only where the person has allowed them, and only while nobody sees the page. Asked for by a
//! press of a button, never by themselves.

use std::cell::LazyCell;

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

use super::wake::is_visible;

thread_local! {
    /// Brings the page to the front. Made once and never freed: a notification may be clicked twice, or never.
    static TO_FRONT: LazyCell<Closure<dyn Fn()>> = LazyCell::new(|| {
        Closure::new(|| {
            if let Some(window) = web_sys::window() {
                let _ = window.focus();
            }
        })
    });
}

/// Whether the browser can show notifications and has not been asked yet.
pub(crate) fn can_be_asked() -> bool {
    is_supported() && Notification::permission() == NotificationPermission::Default
}

/// Asks for permission. Only from a press of a button.
pub(crate) fn ask(then: impl FnOnce(bool) + 'static) {
    if !is_supported() {
        return;
    }
    wasm_bindgen_futures::spawn_local(async move {
        if let Ok(answer) = Notification::request_permission() {
            let granted = wasm_bindgen_futures::JsFuture::from(answer).await;
            then(granted.is_ok_and(|answer| answer.as_string().as_deref() == Some("granted")));
        }
    });
}

/// Shows a notification if that is allowed and the page is not seen. A click on it brings the page to the front.
pub(crate) fn show(title: &str, body: &str) {
    if is_visible() || !is_supported() || Notification::permission() != NotificationPermission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag("throughline.offer");
    if let Ok(notification) = Notification::new_with_options(title, &options) {
        TO_FRONT.with(|to_front| notification.set_onclick(Some(to_front.as_ref().unchecked_ref())));
    }
}

fn is_supported() -> bool {
    let name = wasm_bindgen::JsValue::from_str("Notification");
    web_sys::window().is_some_and(|window| js_sys::Reflect::has(&window, &name).unwrap_or(false))
}
