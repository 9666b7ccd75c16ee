//! What goes on, for supervisors: counters of the queues, the conversations that are not closed, and the representatives,
//! each with what can be done about it (reference section 26). It is fetched anew every few seconds while it is in front.

mod choosing;
mod conversations;
mod people;
mod queues;

use std::time::Duration;

use leptos::children::ChildrenFn;
use leptos::html;
use leptos::prelude::*;
use shared::id::QueueId;
use shared::protocol::desk::WorkState;

use self::conversations::Conversations;
use self::people::Representatives;
use self::queues::Queues;
use super::focus::focus_on_arrival;
use super::icon::{Icon, TRAY, WARNING};
use super::refresh::keep_fetching;
use crate::model::overview::Shown;
use crate::model::tabs::Page;
use crate::model::words;
use crate::net::clock;
use crate::session::Session;

/// How often it is fetched.
const EVERY: Duration = Duration::from_secs(3);

/// The states by which the list can be filtered.
const STATES: [WorkState; 5] = [
    WorkState::Open,
    WorkState::AwaitingAcceptance,
    WorkState::Active,
    WorkState::Waiting,
    WorkState::WrapUp,
];

/// The page.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let session = expect_context::<Session>();
    let here = Memo::new(move |_| session.tabs.with(|tabs| tabs.is_front(Page::Overview)));
    let heading = NodeRef::<html::H1>::new();
    let (shown, state) = (RwSignal::new(Shown::All), RwSignal::new(None));
    keep_fetching(here, EVERY, move || session.fetch_overview());
    focus_on_arrival(here, heading);
    let failed = Memo::new(move |_| session.overview.with(|overview| overview.failed.clone()));
    let at = move || {
        session.overview.with(|overview| {
            overview.counters.is_some().then(|| format!("As of {}", clock::time_of_day(overview.at)))
        })
    };
    view! {
        <section class="home overview" hidden=move || !here.get() aria-label="Overview">
            <div class="home-head">
                <h1 tabindex="-1" node_ref=heading>"Overview"</h1>
                <p class="home-state">{at}</p>
                <Filters shown state/>
            </div>
            <div role="alert">
                {move || failed.get().map(|text| view! {
                    <p class="banner warn"><Icon path=WARNING/>"What you see may be out of date. "{text}</p>
                })}
            </div>
            <Queues shown/>
            <Conversations shown state/>
            <Representatives shown/>
        </section>
    }
}

#[component]
fn Filters(shown: RwSignal<Shown>, state: RwSignal<Option<WorkState>>) -> impl IntoView {
    let session = expect_context::<Session>();
    let queues = Memo::new(move |_| {
        session.overview.with(|overview| {
            let queues = overview.counters.iter().flat_map(|counters| &counters.queues);
            queues.map(|queue| (queue.queue, queue.name.clone())).collect::<Vec<_>>()
        })
    });
    let choose_queues = move |event| {
        let value = event_target_value(&event);
        shown.set(match value.as_str() {
            "mine" => Shown::Mine,
            id => id.parse::<QueueId>().map_or(Shown::All, Shown::Queue),
        });
    };
    let choose_state = move |event| {
        let value = event_target_value(&event);
        state.set(STATES.into_iter().find(|one| words::work_state_class(*one) == value));
    };
    view! {
        <div class="filters">
            <label for="shown-queues">"Queues"</label>
            <select id="shown-queues" on:change=choose_queues>
                <option value="all">"All queues"</option>
                <option value="mine">"My queues"</option>
                <For each=move || queues.get() key=|(queue, name)| (*queue, name.clone()) let((queue, name))>
                    <option value=queue.to_string()>{name}</option>
                </For>
            </select>
            <label for="shown-state">"State"</label>
            <select id="shown-state" on:change=choose_state>
                <option value="any">"Any state"</option>
                {STATES.into_iter().map(|one| view! {
                    <option value=words::work_state_class(one)>{words::work_state(one)}</option>
                }).collect_view()}
            </select>
        </div>
    }
}

/// One of the lists: its heading, and its table or why there is none.
#[component]
pub(super) fn Listing(
    /// The id of the heading.
    id: &'static str,
    heading: &'static str,
    /// How many rows there are.
    #[prop(into)]
    count: Signal<usize>,
    /// Whether the count stands beside the heading.
    #[prop(optional)]
    counted: bool,
    /// Whether the gateway has answered.
    there: Memo<bool>,
    /// What is said when there are no rows.
    empty: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let any = Memo::new(move |_| count.get() > 0);
    view! {
        <section class="list" aria-labelledby=id>
            <h2 id=id>
                {heading}
                {counted.then(|| view! { <span class="count">{move || count.get()}</span> })}
            </h2>
            {move || (!any.get()).then(|| instead(there.get(), empty))}
            <Show when=move || any.get()>{children()}</Show>
        </section>
    }
}

/// A list that is not there yet, or has nothing in it.
fn instead(there: bool, empty: &'static str) -> AnyView {
    if there {
        view! { <p class="list-empty"><Icon path=TRAY/>{empty}</p> }.into_any()
    } else {
        view! {
            <div class="skeleton" role="status"><span class="unseen">"Loading"</span>
                <span class="skeleton-row"></span><span class="skeleton-row"></span>
            </div>
        }
        .into_any()
    }
}
