//! The clock. The only place in the gateway that reads it.

use shared::time::Timestamp;

/// The moment that it is now. On this runtime it stands still while code runs, and goes on with the next event.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(worker::Date::now().as_millis())
}

/// A moment as the runtime wants it.
pub(crate) fn date(at: Timestamp) -> js_sys::Date {
    // JavaScript counts milliseconds in doubles, which are exact for the next 280,000 years.
    #[allow(clippy::cast_precision_loss)]
    let millis = at.as_millis() as f64;
    js_sys::Date::new(&millis.into())
}
