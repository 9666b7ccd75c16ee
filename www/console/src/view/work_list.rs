//! One list of work items, as a table that can be sorted.

use leptos::prelude::*;
use shared::authority::{self, permits};
use shared::protocol::desk::{DeskCommand, WorkItemView, WorkState};
use shared::time::Timestamp;

use super::ask::Ask;
use super::icon::{Icon, TRAY};
use crate::model::desk::is_in_hand;
use crate::model::tabs::Kind;
use crate::model::words;
use crate::model::worklist::{Column, Sorting};
use crate::net::clock;
use crate::session::{Asking, Session, Subject};

/// Which list it is: what can be done with its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListKind {
    /// Can be opened.
    Mine,
    /// Can be picked.
    Open,
    /// Can be read.
    Closed,
}

/// A list.
#[component]
pub(crate) fn WorkList(
    kind: ListKind,
    heading: &'static str,
    /// What is said when there is nothing.
    empty: &'static str,
    /// The items; none while they are on their way.
    items: Signal<Option<Vec<WorkItemView>>>,
    /// Why they could not be fetched.
    #[prop(optional)]
    failed: Signal<Option<String>>,
    /// How they are sorted at first.
    sorting: Sorting,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let sorting = RwSignal::new(sorting);
    let id = heading.to_lowercase().replace(' ', "-");
    let labelled_by = id.clone();
    let items = Memo::new(move |_| items.get());
    let count = move || items.with(|items| items.as_ref().map(Vec::len));
    let some = Memo::new(move |_| count().is_some_and(|count| count > 0));
    let sorted = move || {
        let mut items = items.get().unwrap_or_default();
        sorting.get().sort(&mut items);
        items
    };
    view! {
        <section class="list" aria-labelledby=labelled_by>
            <h2 id=id>
                {heading}
                {move || count().map(|count| view! { <span class="count">{count}</span> })}
            </h2>
            {move || match (failed.get(), count()) {
                (Some(message), _) => view! {
                    <div class="list-failed" role="alert">
                        <p>{message}</p>
                        <button type="button" class="button small" on:click=move |_| session.fetch_closed()>
                            "Try again"
                        </button>
                    </div>
                }.into_any(),
                (None, None) => view! { <Skeleton/> }.into_any(),
                (None, Some(0)) => view! {
                    <p class="list-empty"><Icon path=TRAY/>{empty}</p>
                }.into_any(),
                (None, Some(_)) => ().into_any(),
            }}
            <Show when=move || some.get() && failed.with(Option::is_none)>
                <table>
                    <thead>
                        <tr>
                            <Head column=Column::Customer label="Customer" sorting/>
                            <Head column=Column::Queue label="Queue" sorting/>
                            <Head column=Column::State label="State" sorting/>
                            <Head column=Column::Age label="Age" sorting/>
                            <th scope="col"><span class="unseen">"Action"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=sorted key=|item| item.conversation let:item>
                            <Row kind first=item items/>
                        </For>
                    </tbody>
                </table>
            </Show>
        </section>
    }
}

#[component]
fn Head(column: Column, label: &'static str, sorting: RwSignal<Sorting>) -> impl IntoView {
    view! {
        <th scope="col" aria-sort=move || sorting.get().aria(column)>
            <button type="button" class="sort" on:click=move |_| sorting.update(|held| *held = held.pressed(column))>
                {label}<span class="sort-mark" aria-hidden="true"></span>
            </button>
        </th>
    }
}

#[component]
fn Row(kind: ListKind, first: WorkItemView, items: Memo<Option<Vec<WorkItemView>>>) -> impl IntoView {
    let conversation = first.conversation;
    // The row stays while its item changes, and so does the focus on its button.
    let item = Memo::new(move |before: Option<&WorkItemView>| {
        let found = items
            .with(|items| items.as_ref()?.iter().find(|item| item.conversation == conversation).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let name = move || item.with(|item| words::customer(item.customer.as_deref()).to_owned());
    view! {
        <tr>
            <th scope="row" class="cell-customer">
                <span class="customer" dir="auto">{name}</span>
                {move || item.with(|item| item.topic.clone()).map(|topic| view! {
                    <span class="topic" dir="auto">{topic}</span>
                })}
            </th>
            <td class="cell-queue">{move || item.with(|item| item.queue_name.clone())}</td>
            <td class="cell-state">{move || {
                let (state, part) = item.with(|item| (item.state, item.part.and_then(words::my_part)));
                let class = format!("chip {}", words::work_state_class(state));
                view! { <span class=class>{part.unwrap_or_else(|| words::work_state(state))}</span> }
            }}</td>
            <td class="cell-age">{move || view! { <Age since=item.with(|item| item.created)/> }}</td>
            <td class="cell-action"><Action kind item/></td>
        </tr>
    }
}

/// How long ago something was, kept up to date; the moment itself is the title.
#[component]
fn Age(since: Timestamp) -> impl IntoView {
    let session = expect_context::<Session>();
    let age = Memo::new(move |_| words::length(session.wall.get().since(since)));
    view! {
        <time datetime=clock::machine_readable(since) title=clock::date_and_time(since)>{move || age.get()}</time>
    }
}

#[component]
fn Action(kind: ListKind, item: Memo<WorkItemView>) -> impl IntoView {
    let session = expect_context::<Session>();
    let conversation = item.with_untracked(|item| item.conversation);
    let pick = DeskCommand::Pick { conversation };
    let asked = {
        let pick = pick.clone();
        Memo::new(move |_| session.desk.with(|desk| desk.is_asked(&pick)))
    };
    let may_read = session.me.with_value(|me| permits(me.role, authority::Action::ReadAnyConversation));
    let open = move |tab| {
        let title = item.with_untracked(|item| words::customer(item.customer.as_deref()).to_owned());
        session.open(conversation, &title, tab);
    };
    let subject = move || {
        let customer = item.with_untracked(|item| words::customer(item.customer.as_deref()).to_owned());
        Subject { conversation, customer }
    };
    let label = move |verb: &str| {
        item.with(|item| {
            format!("{verb} the conversation with {}", words::customer(item.customer.as_deref()))
        })
    };
    move || match (kind, item.with(|item| (is_in_hand(item), item.state))) {
        (ListKind::Mine, (true, _)) => view! {
            <button type="button" class="button small" aria-label=move || label("Open")
                on:click=move |_| open(Kind::Work)>"Open"</button>
        }
        .into_any(),
        (ListKind::Mine, (_, WorkState::Waiting)) => view! {
            <Ask command=DeskCommand::Resume { conversation } words="Take up" label=label("Take up")/>
        }
        .into_any(),
        (ListKind::Open, (_, WorkState::Open)) => {
            let pick = pick.clone();
            view! {
                <button type="button" class="button small quiet" aria-haspopup="dialog"
                    aria-label=move || label("Why?")
                    on:click=move |_| session.open_dialog(Asking::Why(subject()))>"Why?"</button>
                <button type="button" class="button small"
                    aria-label=move || label("Assign to me")
                    aria-disabled=move || asked.get().then_some("true")
                    on:click=move |_| session.ask(pick.clone())>
                    {move || if asked.get() { "Assigning…" } else { "Assign to me" }}
                </button>
            }
            .into_any()
        }
        (ListKind::Closed, _) if may_read => view! {
            <button type="button" class="button small quiet" aria-label=move || label("Read")
                on:click=move |_| open(Kind::Record)>"Read"</button>
        }
        .into_any(),
        // It is being offered, and whoever has the offer answers it in the card; or it is over and not for this role.
        _ => ().into_any(),
    }
}

/// What is shown while the items are on their way.
#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="unseen">"Loading"</span>
            <span class="skeleton-row"></span>
            <span class="skeleton-row"></span>
        </div>
    }
}
