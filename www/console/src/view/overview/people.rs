//! The representatives: who is there, with how much work.

use leptos::prelude::*;
use shared::protocol::insight::RepresentativeCounters;

use super::Listing;
use crate::model::overview::Shown;
use crate::model::words;
use crate::session::{Asking, Session};

/// The representatives.
#[component]
pub(super) fn Representatives(shown: RwSignal<Shown>) -> impl IntoView {
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
    let count = Memo::new(move |_| people.with(Vec::len));
    view! {
        <Listing id="overview-people" heading="Representatives" count there empty="Nobody serves here.">
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
        </Listing>
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
            let (name, base) = session.desk.with(|desk| desk.known_presence(one.presence));
            (words::base_class(base), one.presence_text.clone().unwrap_or(name))
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
