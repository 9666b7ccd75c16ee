//! The counters of the queues.

use leptos::prelude::*;
use shared::protocol::insight::{QueueCounters, Tally};

use super::Listing;
use crate::model::overview::Shown;
use crate::model::words;
use crate::session::Session;

/// What two of the columns count.
const IN_TIME: &str = ": of those answered today, how many waited no longer than the queue's service level.";
const GAVE_UP: &str =
    ": whose conversation ended today before anybody took it, but for those who left at once.";

/// The queues.
#[component]
pub(super) fn Queues(shown: RwSignal<Shown>) -> impl IntoView {
    let session = expect_context::<Session>();
    let me = session.me.with_value(|me| me.representative);
    let there = Memo::new(move |_| session.overview.with(|overview| overview.counters.is_some()));
    let queues = Memo::new(move |_| session.overview.with(|overview| overview.queues(shown.get(), me)));
    let count = Memo::new(move |_| queues.with(Vec::len));
    view! {
        <Listing id="overview-queues" heading="Queues" count there empty="You serve in no queue.">
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
                    <th scope="col" class="number" title=IN_TIME>"In time today"<span class="unseen">{IN_TIME}</span></th>
                    <th scope="col" class="number" title=GAVE_UP>"Gave up today"<span class="unseen">{GAVE_UP}</span></th>
                </tr></thead>
                <tbody>
                    <For each=move || queues.get() key=|queue| queue.queue let:queue>
                        <QueueRow first=queue queues/>
                    </For>
                </tbody>
            </table>
        </Listing>
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
    let in_time = move || queue.with(|queue| queue.today.service_level());
    let gave_up = move || queue.with(|queue| queue.today.gave_up());
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
            <td class="number" class:none=move || in_time().is_none() data-label="In time today">
                {move || in_time().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))}
            </td>
            <td class="number" class:none=move || gave_up() == 0 data-label="Gave up today">{gave_up}</td>
        </tr>
    }
}
