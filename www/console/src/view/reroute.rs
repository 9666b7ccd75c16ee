//! More is known about a conversation: a supervisor says what, and the rules decide about it again.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use shared::protocol::desk::DeskCommand;
use shared::routing::check_context;

use crate::model::trial::variables;
use crate::session::{Session, Subject};

/// The form.
#[component]
pub(super) fn Reroute(subject: Subject, close: Callback<()>) -> impl IntoView {
    let session = expect_context::<Session>();
    let Subject { conversation, customer } = subject;
    let known = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let context = variables(&known.get_untracked()).and_then(|context| {
            let checked = check_context(&context);
            checked.map(|()| context).map_err(|fault| format!("{fault}. Correct it and try again."))
        });
        match context {
            Ok(context) => {
                close.run(());
                session.ask(DeskCommand::Reroute { conversation, context, skills: Vec::new() });
            }
            Err(message) => wrong.set(Some(message)),
        }
    };
    // The dialog is open already, so nothing else brings the focus here.
    let field = NodeRef::<html::Textarea>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let described = move || if wrong.get().is_some() { "reroute-error" } else { "reroute-hint" };
    view! {
        <h2 id="sheet-heading">"Route the conversation with " <span dir="auto">{customer}</span> " again"</h2>
        <p>
            "All rules are looked at again, with what you say here. If it waits, it goes where they send it now, and keeps \
             its age; if somebody has it, they keep it, and it counts when they give it back. It is recorded."
        </p>
        <form class="dialog-form" on:submit=submit novalidate>
            <div class="field">
                <label for="reroute-known">"What is known now"</label>
                <textarea
                    id="reroute-known"
                    rows="3"
                    node_ref=field
                    aria-invalid=move || wrong.get().map(|_| "true")
                    aria-describedby=described
                    prop:value=known
                    on:input=move |event| { known.set(event_target_value(&event)); wrong.set(None); }
                ></textarea>
                {move || match wrong.get() {
                    Some(text) => view! { <p id="reroute-error" class="field-error" role="alert">{text}</p> }.into_any(),
                    None => view! {
                        <p id="reroute-hint" class="field-hint">
                            "One in a line, such as “plan = premium”. Empty: nothing new, only the rules again."
                        </p>
                    }.into_any(),
                }}
            </div>
            <div class="dialog-answers">
                <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                <button type="submit" class="button primary">"Route again"</button>
            </div>
        </form>
    }
}
