//! Time and chance as the browser gives them. The only place that reads either.

use std::cell::LazyCell;

use js_sys::{Array, Date, Intl, Object, Reflect};
use shared::id::{FileId, MessageId};
use shared::time::Timestamp;
use wasm_bindgen::{JsCast as _, JsValue};

/// The wall clock, for comparing with what the gateway says.
pub(crate) fn wall() -> Timestamp {
    Timestamp::from_millis(whole(Date::now()))
}

/// A clock that never jumps, for measuring.
pub(crate) fn monotonic() -> Timestamp {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or_else(wall, |performance| Timestamp::from_millis(whole(performance.now())))
}

/// Milliseconds until `due` on the clock of [`monotonic`], for a timer.
pub(crate) fn millis_until(due: Timestamp) -> u32 {
    let millis = due.since(monotonic()).as_millis();
    // A timer may fire a fraction of a millisecond early; one more is cheaper than a second round.
    u32::try_from(millis.saturating_add(1)).unwrap_or(u32::MAX >> 1)
}

/// A random number, uniform over its whole range.
pub(crate) fn random() -> u32 {
    u32::from_ne_bytes(random_bytes())
}

/// A new message's id.
pub(crate) fn new_message() -> MessageId {
    MessageId::born(wall(), random_bytes())
}

/// A new file's id.
pub(crate) fn new_file() -> FileId {
    FileId::born(wall(), random_bytes())
}

fn random_bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    // WebCrypto is in every browser that runs this; without it ids would still differ by their time of birth.
    if let Some(crypto) = web_sys::window().and_then(|window| window.crypto().ok()) {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

/// The number of the day at the reader's place. It grows with time; nothing else is said about it.
pub(crate) fn day_of(at: Timestamp) -> i64 {
    let date = date(at);
    let number = i64::from(date.get_full_year()) * 372 + i64::from(date.get_month()) * 31;
    number + i64::from(date.get_date())
}

/// The time of day as the reader's language writes it: `14:05`.
pub(crate) fn time_of_day(at: Timestamp) -> String {
    thread_local! {
        static FORMAT: LazyCell<Intl::DateTimeFormat> =
            LazyCell::new(|| format(&[("hour", "numeric"), ("minute", "2-digit")]));
    }
    FORMAT.with(|format| written(format, at))
}

/// The day as the reader's language writes it: `Sunday, 22 November`.
pub(crate) fn day(at: Timestamp) -> String {
    thread_local! {
        static FORMAT: LazyCell<Intl::DateTimeFormat> =
            LazyCell::new(|| format(&[("weekday", "long"), ("day", "numeric"), ("month", "long")]));
    }
    match day_of(wall()) - day_of(at) {
        0 => "Today".to_owned(),
        _ => FORMAT.with(|format| written(format, at)),
    }
}

/// Date and time, for a title.
pub(crate) fn date_and_time(at: Timestamp) -> String {
    thread_local! {
        static FORMAT: LazyCell<Intl::DateTimeFormat> =
            LazyCell::new(|| format(&[("dateStyle", "medium"), ("timeStyle", "short")]));
    }
    FORMAT.with(|format| written(format, at))
}

/// The moment for machines, for a `datetime` attribute.
pub(crate) fn machine_readable(at: Timestamp) -> String {
    date(at).to_iso_string().into()
}

fn format(options: &[(&str, &str)]) -> Intl::DateTimeFormat {
    let object = Object::new();
    for (name, value) in options {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&Array::new(), &object)
}

fn written(format: &Intl::DateTimeFormat, at: Timestamp) -> String {
    let text = format.format().call1(&JsValue::UNDEFINED, &date(at));
    text.ok().and_then(|text| text.unchecked_into::<js_sys::JsString>().as_string()).unwrap_or_default()
}

fn date(at: Timestamp) -> Date {
    // Milliseconds since 1970 are exact in a double for the next 280,000 years.
    #[allow(clippy::cast_precision_loss)]
    Date::new(&JsValue::from_f64(at.as_millis() as f64))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(millis: f64) -> u64 {
    // `as` saturates: a clock before 1970 reads as 1970.
    millis as u64
}
