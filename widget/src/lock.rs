//! Locks that all tabs of a site share (Web Locks). They go with the tab that holds them, however it ends.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::dom::window;

#[wasm_bindgen]
extern "C" {
    type LockManager;
    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &Object, granted: &JsValue) -> Promise;
}

/// How a lock is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Wait for it.
    Wait,
    /// Have it only if nobody else has.
    IfFree,
    /// Take it from whoever has it.
    Steal,
}

/// Asks for a lock. `granted` is called with the function that gives it back, or without one if somebody else has it;
/// `lost` when it was taken away. Browsers without locks: `None`, and nothing is called.
pub(crate) fn ask(
    name: &str,
    asking: Asking,
    granted: impl FnOnce(Option<Function>) + 'static,
    lost: impl FnOnce() + 'static,
) -> Option<()> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)?;
    let options = Object::new();
    let option = match asking {
        Asking::Wait => None,
        Asking::IfFree => Some("ifAvailable"),
        Asking::Steal => Some("steal"),
    };
    if let Some(option) = option {
        let _ = Reflect::set(&options, &option.into(), &JsValue::TRUE);
    }
    let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        if lock.is_null() {
            granted(None);
            return JsValue::UNDEFINED;
        }
        // The lock is held until this promise is kept.
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        granted(release);
        held.into()
    });
    let lost = Closure::once_into_js(move |_: JsValue| lost());
    let ended = locks.unchecked_into::<LockManager>().request(name, &options, &granted);
    let _ = Reflect::get(&ended, &"catch".into()).and_then(|catch| {
        let catch: Function = catch.unchecked_into();
        catch.call1(&ended, &lost)
    });
    Some(())
}

/// A lock that is held until this is dropped.
pub(crate) struct Held(Option<Function>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Waits for a lock. Where there are none (old browsers, storage that is blocked) it is not waited for: the gateway's own
/// idempotency is left.
pub(crate) async fn hold(name: &str) -> Held {
    let granted = Promise::new(&mut |resolve, _| {
        let done = move |release: Option<Function>| {
            let _ = resolve.call1(&JsValue::UNDEFINED, &release.map_or(JsValue::UNDEFINED, Into::into));
        };
        let (granted, refused) = (done.clone(), done.clone());
        if ask(name, Asking::Wait, granted, move || refused(None)).is_none() {
            done(None);
        }
    });
    let release = JsFuture::from(granted).await.ok();
    Held(release.filter(JsValue::is_function).map(JsCast::unchecked_into))
}
