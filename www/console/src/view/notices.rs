//! Sentences in the corner, and the two live regions that say what is not to be seen as text.

use leptos::prelude::*;

use super::icon::{CROSS, Icon, TICK, WARNING};
use crate::model::notices::Tone;
use crate::session::Session;

/// The notices. The region is there before they are, so that each is read out once.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let session = expect_context::<Session>();
    view! {
        <div class="notices" role="status" aria-label="Notices" aria-atomic="false">
            <For
                each=move || session.notices.with(|notices| notices.shown().to_vec())
                key=|notice| notice.number
                let:notice
            >
                <div class="notice" class:error=notice.tone == Tone::Error>
                    <Icon path=if notice.tone == Tone::Error { WARNING } else { TICK }/>
                    <p>{notice.text}</p>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Dismiss"
                        on:click=move |_| session.notices.update(|notices| notices.dismiss(notice.number))
                    >
                        <Icon path=CROSS/>
                    </button>
                </div>
            </For>
        </div>
    }
}

/// What a screen reader is told beyond what is seen.
#[component]
pub(crate) fn LiveRegions() -> impl IntoView {
    let session = expect_context::<Session>();
    view! {
        <div class="unseen" role="status">{move || session.polite.get()}</div>
        <div class="unseen" role="alert">{move || session.urgent.get()}</div>
    }
}
