//! Icons: lines on a grid of 24, drawn in the colour of the text beside them. They carry no meaning of their own; the
//! words beside them, or the label of their button, do.

use leptos::prelude::*;

/// An icon by the path of its lines.
#[component]
pub(crate) fn Icon(
    /// One of the paths below.
    path: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=path/>
        </svg>
    }
}

/// The product's mark: two strokes that become one line.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect class="mark-ground" width="32" height="32" rx="9"/>
            <path class="mark-line" d="M7 11h6c4 0 4 10 8 10h4M7 21h5M20 11h5"/>
        </svg>
    }
}

/// A house.
pub(crate) const HOME: &str = "M4 11.5 12 5l8 6.5M6.5 10v9h11v-9M10 19v-5h4v5";
/// A cross.
pub(crate) const CROSS: &str = "M6.5 6.5l11 11M17.5 6.5l-11 11";
/// A tick.
pub(crate) const TICK: &str = "M5 12.5l4.5 4.5L19 7.5";
/// Two ticks.
pub(crate) const TICKS: &str = "M2.5 12.5 7 17l9.5-9.5M12 16.5l.5.5L22 7.5";
/// A clock.
pub(crate) const CLOCK: &str = "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2";
/// An arrow down.
pub(crate) const DOWN: &str = "M12 5v13M6.5 12.5 12 18l5.5-5.5";
/// A small arrow head down.
pub(crate) const CHEVRON: &str = "M7 10l5 5 5-5";
/// A paper plane.
pub(crate) const SEND: &str = "M4.5 12 20 4.5 15.5 20l-3.5-6.5zM12 13.5l8-9";
/// A padlock.
pub(crate) const LOCK: &str = "M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9h-13z";
/// A door with an arrow out of it.
pub(crate) const LEAVE: &str = "M14 5H6v14h8M10.5 12H20M16.5 8.5 20 12l-3.5 3.5";
/// A triangle with an exclamation mark.
pub(crate) const WARNING: &str = "M12 4.5 21 19.5H3zM12 10v4.5M12 17v.3";
/// Three dots.
pub(crate) const MORE: &str = "M5.5 12h.01M12 12h.01M18.5 12h.01";
/// A letter.
pub(crate) const LETTER: &str = "M3.5 6h17v12h-17zM4 6.5l8 6.5 8-6.5";
/// A bell.
pub(crate) const BELL: &str = "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4";
/// A tray.
pub(crate) const TRAY: &str = "M4 13l2.5-7.5h11L20 13v5.5H4zM4 13h5l1 2.5h4l1-2.5h5";
/// An eye.
pub(crate) const EYE: &str = "M2.5 12s3.5-6.5 9.5-6.5 9.5 6.5 9.5 6.5-3.5 6.5-9.5 6.5S2.5 12 2.5 12M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6";
/// Bars of a chart.
pub(crate) const BARS: &str = "M4.5 19.5h15M7 16v-4M12 16V6M17 16V9";
/// A path that forks.
pub(crate) const FORK: &str =
    "M5 12h5c3 0 3-6 7-6h2M10 12c3 0 3 6 7 6h2M16.5 3.5 19 6l-2.5 2.5M16.5 15.5 19 18l-2.5 2.5";
/// A paper clip.
pub(crate) const CLIP: &str = "m19.5 11.5-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l7.9-7.9a3.1 3.1 0 0 1 4.4 4.4l-7.7 7.7a1.5 1.5 0 0 1-2.2-2.2l7-7";
/// A sheet of paper.
pub(crate) const SHEET: &str = "M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4";
/// An arrow down onto a line.
pub(crate) const SAVE: &str = "M12 4v11M7 10.5l5 5 5-5M5 20h14";
/// An arrow out of a frame.
pub(crate) const OPEN: &str = "M10 5H5v14h14v-5M14 4.5h5.5V10M19 5l-8 8";
