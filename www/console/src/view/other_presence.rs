//! The presence that a supervisor gives somebody, with the reason that is recorded.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::limit::LINE_CHARS_MAX;
use shared::protocol::desk::DeskCommand;
use shared::protocol::insight::RepresentativeCounters;
use shared::text::{Line, TextError};

use crate::model::presences::{Choice, choices};
use crate::session::Session;

/// The value of the choice that lets the presence be computed.
const COMPUTED: &str = "computed";

/// The form.
#[component]
pub(super) fn OtherPresence(of: RepresentativeCounters, close: Callback<()>) -> impl IntoView {
    let session = expect_context::<Session>();
    let representative = of.representative;
    let all = session.desk.with_untracked(|desk| choices(&desk.presences));
    let chosen = RwSignal::new(all.first().map(Choice::key).unwrap_or_default());
    let reason = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let known = all.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match Line::new(&reason.get_untracked()) {
            Ok(reason) => {
                let chosen = chosen.get_untracked();
                let presence = known.iter().find(|one| one.key() == chosen).map(|one| one.presence);
                close.run(());
                session.ask(DeskCommand::OverridePresence { representative, presence, reason });
            }
            Err(TextError::Empty) => wrong.set(Some("Write a reason. It is recorded.".to_owned())),
            Err(error) => wrong.set(Some(format!("Write another reason: {error}."))),
        }
    };
    let option = |one: Choice| {
        let key = one.key();
        view! { <option value=key>{one.name}</option> }
    };
    let now = of.presence_text.clone();
    let now = now.unwrap_or_else(|| session.desk.with_untracked(|desk| desk.known_presence(of.presence).0));
    view! {
        <h2 id="sheet-heading">"Set the presence of " <span dir="auto">{of.full_name}</span></h2>
        <p>"It is “"{now}"” now. They see the change at once; it is recorded with your reason."</p>
        <form class="dialog-form" on:submit=submit novalidate>
            <div class="field">
                <label for="other-presence">"Presence"</label>
                <select id="other-presence" autofocus on:change=move |event| chosen.set(event_target_value(&event))>
                    {all.into_iter().map(option).collect_view()}
                    <option value=COMPUTED>"Computed from their work"</option>
                </select>
            </div>
            <div class="field">
                <label for="other-reason">"Reason"</label>
                <input
                    id="other-reason"
                    type="text"
                    autocomplete="off"
                    maxlength=LINE_CHARS_MAX.to_string()
                    aria-invalid=move || wrong.get().map(|_| "true")
                    aria-describedby=move || wrong.get().map(|_| "other-reason-error")
                    prop:value=reason
                    on:input=move |event| { reason.set(event_target_value(&event)); wrong.set(None); }
                />
                {move || wrong.get().map(|text| view! {
                    <p id="other-reason-error" class="field-error" role="alert">{text}</p>
                })}
            </div>
            <div class="dialog-answers">
                <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                <button type="submit" class="button primary">"Set presence"</button>
            </div>
        </form>
    }
}
