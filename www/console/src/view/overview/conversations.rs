//! The conversations that are not closed, each with what a supervisor can do about it.

use leptos::prelude::*;
use shared::id::ConversationId;
use shared::protocol::desk::{DeskCommand, Part, Purpose, WorkState};
use shared::protocol::insight::OngoingView;

use super::super::ask::Ask;
use super::Listing;
use super::choosing::Choosing;
use crate::model::bulk::Chosen;
use crate::model::overview::Shown;
use crate::model::tabs::Kind;
use crate::model::words;
use crate::session::{Asking, Session, Subject};

/// The conversations.
#[component]
pub(super) fn Conversations(shown: RwSignal<Shown>, state: RwSignal<Option<WorkState>>) -> impl IntoView {
    let session = expect_context::<Session>();
    let me = session.me.with_value(|me| me.representative);
    let there = Memo::new(move |_| session.overview.with(|overview| overview.ongoing.is_some()));
    let more = Memo::new(move |_| {
        session.overview.with(|overview| overview.ongoing.as_ref().is_some_and(|ongoing| ongoing.more))
    });
    let items =
        Memo::new(move |_| session.overview.with(|overview| overview.items(shown.get(), state.get(), me)));
    let count = Memo::new(move |_| items.with(Vec::len));
    let chosen = RwSignal::new(Chosen::default());
    view! {
        <Listing id="overview-conversations" heading="Conversations" count counted=true there
            empty="No conversation is like that now.">
            <Choosing chosen items/>
            <table class="grid">
                <thead><tr>
                    <th scope="col">"Customer"</th>
                    <th scope="col">"Queue"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Representative"</th>
                    <th scope="col" class="number">"Waited"</th>
                    <th scope="col" class="number">"Priority"</th>
                    <th scope="col"><span class="unseen">"Actions"</span></th>
                </tr></thead>
                <tbody>
                    <For each=move || items.get() key=|one| one.item.conversation let:one>
                        <ConversationRow first=one items chosen/>
                    </For>
                </tbody>
            </table>
            {move || more.get().then(|| view! {
                <p class="list-empty">"There are more. Choose a queue or a state."</p>
            })}
        </Listing>
    }
}

#[component]
fn ConversationRow(
    first: OngoingView,
    items: Memo<Vec<OngoingView>>,
    chosen: RwSignal<Chosen>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let conversation = first.item.conversation;
    // The row stays while what is in it changes, and so does the focus on its buttons.
    let one = Memo::new(move |before: Option<&OngoingView>| {
        let found =
            items.with(|items| items.iter().find(|one| one.item.conversation == conversation).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let customer = move || one.with(|one| words::customer(one.item.customer.as_deref()).to_owned());
    let state = Memo::new(move |_| one.with(|one| one.item.state));
    let waits = move || matches!(state.get(), WorkState::Open | WorkState::AwaitingAcceptance);
    let waited = move || {
        let (waited, created) = one.with(|one| (one.waited, one.item.created));
        // Between two answers the wait goes on.
        if waits() { session.wall.get().since(created).max(waited) } else { waited }
    };
    view! {
        <tr>
            <th scope="row">
                <div class="with-choice">
                    <label class="choice">
                        <input type="checkbox"
                            aria-label=move || format!("Choose the conversation with {}", customer())
                            prop:checked=move || chosen.with(|chosen| chosen.holds(conversation))
                            on:change=move |event| {
                                let checked = event_target_checked(&event);
                                chosen.update(|chosen| chosen.choose(conversation, checked));
                            }/>
                    </label>
                    <div>
                        <span class="customer" dir="auto">{customer}</span>
                        {move || one.with(|one| one.item.topic.clone()).map(|topic| view! {
                            <span class="topic" dir="auto">{topic}</span>
                        })}
                    </div>
                </div>
            </th>
            <td data-label="Queue" dir="auto">{move || one.with(|one| one.item.queue_name.clone())}</td>
            <td data-label="State">{move || {
                let class = format!("chip {}", words::work_state_class(state.get()));
                view! { <span class=class>{words::work_state(state.get())}</span> }
            }}</td>
            <td data-label="Representative" dir="auto">
                {move || one.with(|one| one.representative_name.clone()).unwrap_or_else(|| "Nobody".to_owned())}
            </td>
            <td class="number" data-label="Waited">{move || words::clock(waited())}</td>
            <td class="number" data-label="Priority">{move || one.with(|one| one.priority)}</td>
            <td class="cell-actions"><Actions conversation one state/></td>
        </tr>
    }
}

#[component]
fn Actions(conversation: ConversationId, one: Memo<OngoingView>, state: Memo<WorkState>) -> impl IntoView {
    let session = expect_context::<Session>();
    let customer = move || one.with(|one| words::customer(one.item.customer.as_deref()).to_owned());
    let subject = move || Subject { conversation, customer: untrack(customer) };
    let part = Memo::new(move |_| {
        // What this desk knows is newer than the last answer.
        let here = session.desk.with(|desk| desk.work.get(&conversation).and_then(|item| item.part));
        here.or_else(|| one.with(|one| one.item.part).filter(|part| *part == Part::Primary))
    });
    let dialog = move |words: &'static str, verb: &'static str, asking: fn(Subject) -> Asking| {
        view! {
            <button type="button" class="button small" aria-haspopup="dialog"
                aria-label=move || format!("{verb} the conversation with {}", customer())
                on:click=move |_| session.open_dialog(asking(subject()))>{words}</button>
        }
    };
    let waits = move || matches!(state.get(), WorkState::Open | WorkState::AwaitingAcceptance);
    let can_be_given = move || matches!(state.get(), WorkState::Active | WorkState::Waiting);
    view! {
        <div class="actions">
            <Show when=waits>
                {dialog("Assign", "Assign", |subject| Asking::Choose(subject, Purpose::Assign))}
            </Show>
            <Show when=move || !waits()>
                {move || if part.get().is_some() {
                    view! {
                        <button type="button" class="button small"
                            aria-label=move || format!("Open the conversation with {}", customer())
                            on:click=move |_| session.open(conversation, &untrack(customer), Kind::Work)>"Open"</button>
                    }.into_any()
                } else {
                    view! {
                        <Ask command=DeskCommand::Monitor { conversation } words="Monitor"
                            label=format!("Monitor the conversation with {}", untrack(customer))/>
                    }.into_any()
                }}
            </Show>
            <Show when=can_be_given>
                {dialog("Transfer", "Transfer", |subject| Asking::Choose(subject, Purpose::Redirect))}
            </Show>
            {dialog("Why?", "Why?", Asking::Why)}
            {dialog("Close", "Close", Asking::ForceClose)}
        </div>
    }
}
