//! Whom to ask, or which queue: for consulting, transferring and assigning. The gateway says who can be asked.

use leptos::prelude::*;
use shared::protocol::desk::{CandidateView, DeskCommand, Destination, Purpose, QueueChoice};

use crate::model::desk::Candidates;
use crate::model::words;
use crate::session::{Session, Subject};

/// The list.
#[component]
pub(super) fn Choose(subject: Subject, purpose: Purpose, close: Callback<()>) -> impl IntoView {
    let session = expect_context::<Session>();
    let Subject { conversation, customer } = subject;
    let filter = RwSignal::new(String::new());
    let candidates = Memo::new(move |_| {
        session.desk.with(|desk| {
            let fits = |held: &&Candidates| held.conversation == conversation && held.purpose == purpose;
            desk.candidates.as_ref().filter(fits).cloned()
        })
    });
    let refusal = move || {
        session.desk.with(|desk| {
            let problem = desk.refusal(|command| matches!(command, DeskCommand::Candidates { .. }));
            problem.map(|problem| problem.message.clone())
        })
    };
    let choose = Callback::new(move |to: Destination| {
        close.run(());
        session.ask(match purpose {
            Purpose::Consult => DeskCommand::Consult { conversation, with: to },
            Purpose::Transfer => DeskCommand::Transfer { conversation, to },
            Purpose::Assign => DeskCommand::Assign { conversation, to },
            Purpose::Redirect => DeskCommand::Redirect { conversation, to },
        });
    });
    view! {
        <h2 id="sheet-heading">{words::choose(purpose, &customer)}</h2>
        <p>{words::choice_does(purpose)}</p>
        <Filter filter/>
        {move || match (candidates.get(), refusal()) {
            (Some(Candidates { representatives, queues, .. }), _) => {
                view! { <Lists representatives queues filter choose/> }.into_any()
            }
            (None, Some(refusal)) => view! { <p class="form-error" role="alert">{refusal}</p> }.into_any(),
            (None, None) => view! {
                <div class="skeleton" role="status">
                    <span class="unseen">"Finding out who can be asked"</span>
                    <span class="skeleton-row"></span>
                    <span class="skeleton-row"></span>
                </div>
            }.into_any(),
        }}
        <div class="dialog-answers">
            <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
        </div>
    }
}

/// Where a part of a name is written, so that only those with it are listed.
#[component]
pub(super) fn Filter(filter: RwSignal<String>) -> impl IntoView {
    view! {
        <div class="field choose-filter">
            <label for="choose-filter">"Find by name"</label>
            <input
                id="choose-filter"
                type="search"
                autocomplete="off"
                autofocus
                prop:value=filter
                on:input=move |event| filter.set(event_target_value(&event))
            />
        </div>
    }
}

/// Those who can be asked.
#[component]
pub(super) fn Lists(
    representatives: Vec<CandidateView>,
    queues: Vec<QueueChoice>,
    filter: RwSignal<String>,
    choose: Callback<Destination>,
) -> impl IntoView {
    let fits = move |name: &str| name.to_lowercase().contains(filter.get().trim().to_lowercase().as_str());
    let people = move || {
        let fitting: Vec<_> = representatives.iter().filter(|one| fits(&one.full_name)).cloned().collect();
        if fitting.is_empty() {
            return view! { <p class="choose-none">"Nobody can be asked now."</p> }.into_any();
        }
        view! { <ul class="choose-list">{fitting.into_iter().map(|one| person(one, choose)).collect_view()}</ul> }
            .into_any()
    };
    let queues = move || {
        let fitting: Vec<_> = queues.iter().filter(|one| fits(&one.name)).cloned().collect();
        if fitting.is_empty() {
            return view! { <p class="choose-none">"No queue can be asked now."</p> }.into_any();
        }
        view! { <ul class="choose-list">{fitting.into_iter().map(|one| queue(one, choose)).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <div class="choose-lists">
            <section aria-labelledby="choose-people">
                <h3 id="choose-people">"People"</h3>
                {people}
            </section>
            <section aria-labelledby="choose-queues">
                <h3 id="choose-queues">"Queues"</h3>
                {queues}
            </section>
        </div>
    }
}

fn person(one: CandidateView, choose: Callback<Destination>) -> impl IntoView {
    let to = Destination::Representative(one.representative);
    let desk = expect_context::<Session>().desk;
    let (presence, base) = desk.with_untracked(|desk| desk.known_presence(one.presence));
    view! {
        <li>
            <button type="button" class="choose-one" on:click=move |_| choose.run(to)>
                <span class="avatar" aria-hidden="true">{words::initials(&one.full_name)}</span>
                <span class="choose-name" dir="auto">{one.full_name}</span>
                <span class="choose-facts">
                    <span class=format!("dot {}", words::base_class(base))></span>
                    {presence}", "{one.remaining.0}" units free"{words::skill_fit(one.skills)}
                </span>
            </button>
        </li>
    }
}

fn queue(one: QueueChoice, choose: Callback<Destination>) -> impl IntoView {
    let to = Destination::Queue(one.queue);
    view! {
        <li>
            <button type="button" class="choose-one" on:click=move |_| choose.run(to)>
                <span class="choose-name" dir="auto">{one.name}</span>
            </button>
        </li>
    }
}
