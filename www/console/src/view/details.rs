//! What is known about the conversation: beside it where there is room, else behind a button.

use leptos::prelude::*;

use super::panel::Panel;
use super::transcript::Answers;
use crate::model::words;
use crate::net::clock;
use crate::session::{Asking, Subject};

/// The details.
#[component]
pub(super) fn Details(open: RwSignal<bool>) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let session = panel.session;
    let waiting_age = move || {
        panel.item.get().map(|item| {
            let age = words::length(session.wall.get().since(item.created));
            view! {
                <div><dt>"Queue"</dt><dd>{item.queue_name}</dd></div>
                <div><dt>"Topic"</dt><dd dir="auto">{item.topic.unwrap_or_else(|| "None".to_owned())}</dd></div>
                <div>
                    <dt>"Began"</dt>
                    <dd title=clock::date_and_time(item.created)>
                        {clock::time_of_day(item.created)}", "{age}" ago"
                    </dd>
                </div>
            }
        })
    };
    let answers = move || {
        panel.answers.with(|answers| (!answers.is_empty()).then(|| answers.clone())).map(|answers| {
            view! {
                <section>
                    <h2>"Before the chat"</h2>
                    <Answers answers/>
                </section>
            }
        })
    };
    view! {
        <aside class="details" class:open=move || open.get() aria-label="Details of the conversation">
            <section>
                <h2>"Conversation"</h2>
                <dl>
                    <div><dt>"Customer"</dt><dd dir="auto">{panel.customer.get_value()}</dd></div>
                    {waiting_age}
                </dl>
                {move || panel.item.with(Option::is_some).then(|| view! {
                    <button type="button" class="button small quiet why-button" aria-haspopup="dialog"
                        on:click=move |_| session.open_dialog(Asking::Why(Subject {
                            conversation: panel.conversation,
                            customer: panel.customer.get_value(),
                        }))>"Why is it here?"</button>
                })}
            </section>
            {answers}
        </aside>
    }
}
