//! What goes on, for supervisors: counters of the queues, the conversations that are not closed, and the representatives,
//! each with what can be done about it (reference section 26). It is fetched anew every few seconds while it is in front.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use shared::id::{ConversationId, QueueId};
use shared::protocol::desk::{DeskCommand, Part, Purpose, WorkState};
use shared::protocol::insight::{OngoingView, QueueCounters, RepresentativeCounters, Tally};

use super::ask::Ask;
use super::icon::{Icon, TRAY, WARNING};
use crate::model::overview::Shown;
use crate::model::tabs::{Kind, Page};
use crate::model::words;
use crate::net::{clock, wake};
use crate::session::{Asking, Session, Subject};

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
    keep_fetching(session, here);
    Effect::new(move |before: Option<bool>| {
        if before == Some(false)
            && here.get()
            && let Some(heading) = heading.get_untracked()
        {
            let _ = heading.focus();
        }
        here.get()
    });
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

/// Fetches while the page is in front and the window is seen.
fn keep_fetching(session: Session, here: Memo<bool>) {
    Effect::new(move || {
        if here.get() {
            session.fetch_overview();
        }
    });
    let again = move || {
        if here.get_untracked() && wake::is_visible() {
            session.fetch_overview();
        }
    };
    // The browser always grants a timer; without it the page would only be fetched when it is opened.
    if let Ok(timer) = set_interval_with_handle(again, EVERY) {
        on_cleanup(move || timer.clear());
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

#[component]
fn Queues(shown: RwSignal<Shown>) -> impl IntoView {
    let session = expect_context::<Session>();
    let me = session.me.with_value(|me| me.representative);
    let there = Memo::new(move |_| session.overview.with(|overview| overview.counters.is_some()));
    let queues = Memo::new(move |_| session.overview.with(|overview| overview.queues(shown.get(), me)));
    let any = Memo::new(move |_| queues.with(|queues| !queues.is_empty()));
    view! {
        <section class="list" aria-labelledby="overview-queues">
            <h2 id="overview-queues">"Queues"</h2>
            {move || (!any.get()).then(|| instead(there.get(), "You serve in no queue."))}
            <Show when=move || any.get()>
                <table class="grid">
                    <thead><tr>
                        <th scope="col">"Queue"</th>
                        <th scope="col" class="number">"Waiting"</th>
                        <th scope="col" class="number">"Offered"</th>
                        <th scope="col" class="number">"Active"</th>
                        <th scope="col" class="number">"Set aside"</th>
                        <th scope="col" class="number">"Wrap-up"</th>
                        <th scope="col" class="number">"Longest wait"</th>
                        <th scope="col" class="number">"At work"</th>
                    </tr></thead>
                    <tbody>
                        <For each=move || queues.get() key=|queue| queue.queue let:queue>
                            <QueueRow first=queue queues/>
                        </For>
                    </tbody>
                </table>
            </Show>
        </section>
    }
}

#[component]
fn QueueRow(first: QueueCounters, queues: Memo<Vec<QueueCounters>>) -> impl IntoView {
    let which = first.queue;
    let queue = Memo::new(move |before: Option<&QueueCounters>| {
        let found = queues.with(|queues| queues.iter().find(|queue| queue.queue == which).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let cell = move |label: &'static str, count: fn(&Tally) -> usize| {
        let count = Memo::new(move |_| queue.with(|queue| count(&queue.work)));
        view! { <td class="number" class:none=move || count.get() == 0 data-label=label>{move || count.get()}</td> }
    };
    let longest = move || queue.with(|queue| queue.longest_wait.map_or_else(|| "–".to_owned(), words::clock));
    view! {
        <tr>
            <th scope="row" dir="auto">{move || queue.with(|queue| queue.name.clone())}</th>
            {cell("Waiting", |work| work.open)}
            {cell("Offered", |work| work.offered)}
            {cell("Active", |work| work.active)}
            {cell("Set aside", |work| work.waiting)}
            {cell("Wrap-up", |work| work.wrap_up)}
            <td class="number" data-label="Longest wait">{longest}</td>
            <td class="number" class:short=move || queue.with(|queue| queue.at_work == 0) data-label="At work">
                {move || queue.with(|queue| format!("{} of {}", queue.at_work, queue.members.len()))}
            </td>
        </tr>
    }
}

#[component]
fn Conversations(shown: RwSignal<Shown>, state: RwSignal<Option<WorkState>>) -> impl IntoView {
    let session = expect_context::<Session>();
    let me = session.me.with_value(|me| me.representative);
    let there = Memo::new(move |_| session.overview.with(|overview| overview.ongoing.is_some()));
    let more = Memo::new(move |_| {
        session.overview.with(|overview| overview.ongoing.as_ref().is_some_and(|ongoing| ongoing.more))
    });
    let items =
        Memo::new(move |_| session.overview.with(|overview| overview.items(shown.get(), state.get(), me)));
    let count = Memo::new(move |_| items.with(Vec::len));
    let some = Memo::new(move |_| count.get() > 0);
    view! {
        <section class="list" aria-labelledby="overview-conversations">
            <h2 id="overview-conversations">
                "Conversations"<span class="count">{move || count.get()}</span>
            </h2>
            {move || (count.get() == 0).then(|| instead(there.get(), "No conversation is like that now."))}
            <Show when=move || some.get()>
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
                            <ConversationRow first=one items/>
                        </For>
                    </tbody>
                </table>
                {move || more.get().then(|| view! {
                    <p class="list-empty">"There are more. Choose a queue or a state."</p>
                })}
            </Show>
        </section>
    }
}

#[component]
fn ConversationRow(first: OngoingView, items: Memo<Vec<OngoingView>>) -> impl IntoView {
    let session = expect_context::<Session>();
    let conversation = first.item.conversation;
    // The row stays while what is in it changes, and so does the focus on its buttons.
    let one = Memo::new(move |before: Option<&OngoingView>| {
        let found =
            items.with(|items| items.iter().find(|one| one.item.conversation == conversation).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
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
                <span class="customer" dir="auto">
                    {move || one.with(|one| words::customer(one.item.customer.as_deref()).to_owned())}
                </span>
                {move || one.with(|one| one.item.topic.clone()).map(|topic| view! {
                    <span class="topic" dir="auto">{topic}</span>
                })}
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

#[component]
fn Representatives(shown: RwSignal<Shown>) -> impl IntoView {
    let session = expect_context::<Session>();
    let me = session.me.with_value(|me| me.representative);
    let there = Memo::new(move |_| session.overview.with(|overview| overview.counters.is_some()));
    let people = Memo::new(move |_| {
        session.overview.with(|overview| {
            let queues = overview.queues(shown.get(), me);
            let serves = |one: &RepresentativeCounters| {
                queues.iter().any(|queue| queue.members.contains(&one.representative))
            };
            let people = overview.counters.iter().flat_map(|counters| &counters.representatives);
            people.filter(|one| shown.get() == Shown::All || serves(one)).cloned().collect::<Vec<_>>()
        })
    });
    let any = Memo::new(move |_| people.with(|people| !people.is_empty()));
    view! {
        <section class="list" aria-labelledby="overview-people">
            <h2 id="overview-people">"Representatives"</h2>
            {move || (!any.get()).then(|| instead(there.get(), "Nobody serves here."))}
            <Show when=move || any.get()>
                <table class="grid">
                    <thead><tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Presence"</th>
                        <th scope="col" class="number">"Conversations"</th>
                        <th scope="col" class="number">"Units in use"</th>
                        <th scope="col"><span class="unseen">"Actions"</span></th>
                    </tr></thead>
                    <tbody>
                        <For each=move || people.get() key=|one| one.representative let:one>
                            <RepresentativeRow first=one people/>
                        </For>
                    </tbody>
                </table>
            </Show>
        </section>
    }
}

#[component]
fn RepresentativeRow(
    first: RepresentativeCounters,
    people: Memo<Vec<RepresentativeCounters>>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let who = first.representative;
    let one = Memo::new(move |before: Option<&RepresentativeCounters>| {
        let found = people.with(|people| people.iter().find(|one| one.representative == who).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let presence = move || {
        one.with(|one| {
            let name = one.presence_text.clone().unwrap_or_else(|| words::presence(one.presence).to_owned());
            (words::presence_class(one.presence), name)
        })
    };
    let name = move || one.with(|one| one.full_name.clone());
    view! {
        <tr>
            <th scope="row" dir="auto">{name}</th>
            <td data-label="Presence">{move || {
                let (class, name) = presence();
                view! { <span class="presence-cell"><span class=format!("dot {class}")></span>{name}</span> }
            }}</td>
            <td class="number" data-label="Conversations">{move || one.with(|one| one.work)}</td>
            <td class="number" data-label="Units in use">
                {move || one.with(|one| format!("{} of {}", one.used, one.capacity))}
            </td>
            <td class="cell-actions">
                {move || if one.with(|one| one.connected) {
                    view! {
                        <button type="button" class="button small" aria-haspopup="dialog"
                            aria-label=format!("Set presence of {}", untrack(name))
                            on:click=move |_| session.open_dialog(Asking::Presence(one.get_untracked()))>
                            "Set presence"
                        </button>
                    }.into_any()
                } else {
                    view! { <span class="not-there">"Not signed in"</span> }.into_any()
                }}
            </td>
        </tr>
    }
}
