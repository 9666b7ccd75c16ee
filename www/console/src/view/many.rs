//! What is asked about many conversations at once, and what became of them.

use leptos::prelude::*;
use shared::protocol::desk::{
    BulkAct, CandidateView, DeskCommand, Destination, Purpose, QueueChoice, SkillFit,
};
use shared::protocol::insight::RepresentativeCounters;
use shared::settings::Units;

use super::choose::{Filter, Lists};
use crate::model::bulk::{Many, Outcome, conversations};
use crate::model::words;
use crate::session::Session;

/// To whom many conversations go. Who can be asked differs from one to the other, so everybody who is there is listed, and
/// the gateway says of each conversation whether it was done.
#[component]
pub(super) fn ChooseForMany(many: Many, purpose: Purpose, close: Callback<()>) -> impl IntoView {
    let session = expect_context::<Session>();
    let filter = RwSignal::new(String::new());
    // It is fetched again and again behind the dialog: who comes meanwhile can be asked.
    let listed = Memo::new(move |_| {
        session.overview.with(|overview| {
            let counters = overview.counters.iter();
            let people = counters.clone().flat_map(|counters| &counters.representatives);
            let people = people.filter(|one| one.connected).map(candidate);
            let queues = counters.flat_map(|counters| &counters.queues);
            let queues = queues.map(|queue| QueueChoice { queue: queue.queue, name: queue.name.clone() });
            (people.collect::<Vec<_>>(), queues.collect::<Vec<_>>())
        })
    });
    let (heading, names) = (words::choose(purpose, &conversations(many.count())), many.names());
    let choose = Callback::new(move |to: Destination| {
        close.run(());
        let act = match purpose {
            Purpose::Redirect | Purpose::Transfer => BulkAct::Redirect { to },
            Purpose::Assign | Purpose::Consult => BulkAct::Assign { to },
        };
        session.ask(DeskCommand::Bulk { conversations: many.conversations(), act });
    });
    view! {
        <h2 id="sheet-heading">{heading}</h2>
        <p dir="auto">{names}</p>
        <p>{words::choice_for_many_does(purpose)}</p>
        <Filter filter/>
        {move || {
            let (representatives, queues) = listed.get();
            view! { <Lists representatives queues filter choose/> }
        }}
        <div class="dialog-answers">
            <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
        </div>
    }
}

fn candidate(one: &RepresentativeCounters) -> CandidateView {
    let room = i64::from(one.capacity).saturating_sub(one.used);
    CandidateView {
        representative: one.representative,
        full_name: one.full_name.clone(),
        presence: one.presence,
        remaining: Units(i32::try_from(room).unwrap_or(i32::MIN)),
        skills: SkillFit::default(),
    }
}

/// What became of many conversations, where it was not done with all.
#[component]
pub(super) fn OutcomeOfMany(outcome: Outcome, close: Callback<()>) -> impl IntoView {
    let session = expect_context::<Session>();
    let done = session.outcome_in_words(&outcome);
    let Outcome { refused, .. } = outcome;
    let not_done = format!("Not done with {}", conversations(refused.len()));
    view! {
        <h2 id="sheet-heading">{done}</h2>
        <section>
            <h3>{not_done}</h3>
            <ul class="why-people">
                {refused.into_iter().map(|(customer, why)| view! {
                    <li><span class="why-name" dir="auto">{customer}</span><span>{why}</span></li>
                }).collect_view()}
            </ul>
        </section>
        <div class="dialog-answers">
            <button type="button" class="button primary" autofocus on:click=move |_| close.run(())>"Done"</button>
        </div>
    }
}
