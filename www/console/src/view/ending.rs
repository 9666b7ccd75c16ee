//! The end of a conversation: End, then wrap-up, then Close (reference section 21.2).

use leptos::prelude::*;
use shared::protocol::desk::{DeskCommand, Part};

use super::ask::Ask;
use super::dialog::Question;
use super::panel::{Panel, Phase};

/// What was said to the last End or Close of this conversation, if it was refused.
#[component]
fn Refusal() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let refusal = move || {
        panel.session.desk.with(|desk| {
            let problem = desk.refusal(|command| match command {
                DeskCommand::End { conversation } | DeskCommand::Close { conversation } => {
                    *conversation == panel.conversation
                }
                _ => false,
            });
            problem.map(|problem| problem.message.clone())
        })
    };
    view! { <div role="alert">{move || refusal().map(|text| view! { <p class="form-error">{text}</p> })}</div> }
}

/// Ends the conversation, after a question.
#[component]
pub(super) fn EndButton() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let command = DeskCommand::End { conversation: panel.conversation };
    let asked = panel.is_asked(command.clone());
    let asking = RwSignal::new(false);
    let end = Callback::new(move |()| panel.session.ask(command.clone()));
    let heading = format!("End the conversation with {}?", panel.customer.get_value());
    view! {
        <Show when=move || panel.phase.get() == Phase::Talking && panel.part.get() == Some(Part::Primary)>
            <button
                type="button"
                class="button small end"
                aria-disabled=move || asked.get().then_some("true")
                on:click=move |_| if !asked.get_untracked() { asking.set(true) }
            >
                {move || if asked.get() { "Ending…" } else { "End" }}
                <span class="unseen">" conversation"</span>
            </button>
        </Show>
        <Question
            open=asking
            heading=heading
            text="The customer can no longer write after that. You can finish your notes before you close it."
            yes="End conversation"
            no="Go on"
            on_yes=end
        />
        <Refusal/>
    }
}

/// In wrap-up: what that means, and the way on.
#[component]
pub(super) fn WrapUpBar() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let command = DeskCommand::Close { conversation: panel.conversation };
    let asked = panel.is_asked(command.clone());
    view! {
        <div class="wrap-up-bar">
            <div>
                <p class="wrap-up-title">{move || panel.ended()}</p>
                <p>"Finish what belongs to it. It counts towards your capacity until you close it."</p>
            </div>
            <button
                type="button"
                class="button primary"
                aria-disabled=move || asked.get().then_some("true")
                on:click=move |_| panel.session.ask(command.clone())
            >
                {move || if asked.get() { "Closing…" } else { "Close conversation" }}
            </button>
        </div>
    }
}

/// The reader has stepped out: what that means, and the way back.
#[component]
pub(super) fn SetAsideBar() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let conversation = panel.conversation;
    view! {
        <div class="wrap-up-bar">
            <div>
                <p class="wrap-up-title">"Set aside until the customer writes"</p>
                <p>"It does not count towards your capacity. Take it up again to write."</p>
            </div>
            <Ask command=DeskCommand::Resume { conversation } words="Take up again" label="Take up again"/>
        </div>
    }
}

/// It is over and can only be read.
#[component]
pub(super) fn Over() -> impl IntoView {
    let panel = expect_context::<Panel>();
    view! {
        <div class="wrap-up-bar over">
            <p>{move || panel.ended()}". It can be read here, and not be changed any more."</p>
            <button type="button" class="button" on:click=move |_| panel.session.put_away(panel.conversation)>
                "Close tab"
            </button>
        </div>
    }
}
