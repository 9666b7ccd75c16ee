//! A button that asks the gateway for one thing, and shows that it is at work until the answer has come.

use leptos::prelude::*;
use shared::protocol::desk::DeskCommand;

use crate::session::Session;

/// The button.
#[component]
pub(super) fn Ask(
    /// What it asks for.
    command: DeskCommand,
    /// What stands on it.
    words: &'static str,
    /// By which name it is known, where the words alone do not say it.
    #[prop(into)]
    label: String,
    /// Whether it is one among many.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let asked = {
        let command = command.clone();
        Memo::new(move |_| session.desk.with(|desk| desk.is_asked(&command)))
    };
    view! {
        <button
            type="button"
            class="button small"
            class:quiet=quiet
            aria-label=label
            aria-disabled=move || asked.get().then_some("true")
            on:click=move |_| session.ask(command.clone())
        >
            {words}
        </button>
    }
}
