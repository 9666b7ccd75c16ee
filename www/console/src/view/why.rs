//! Why a conversation is where it is, in plain sentences.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::authority::{Action, permits};
use shared::protocol::desk::WorkState;
use shared::protocol::insight::{Explanation, PersonExplained, RuleExplained};

use crate::model::explain::{self, Mood};
use crate::net::http;
use crate::session::{Asking, Session, Subject};

/// The explanation of one conversation.
#[component]
pub(super) fn Why(subject: Subject, close: Callback<()>) -> impl IntoView {
    let session = expect_context::<Session>();
    let Subject { conversation, customer } = subject.clone();
    let answer = RwSignal::new(None::<Result<(Explanation, Vec<RuleExplained>), String>>);
    let may_reroute = session.me.with_value(|me| permits(me.role, Action::DirectWork));
    let goes_on = move || {
        answer.with(|answer| {
            let runs = |said: &Explanation| !matches!(said.state, WorkState::WrapUp | WorkState::Closed);
            may_reroute && matches!(answer, Some(Ok((said, _))) if runs(said))
        })
    };
    let reroute = StoredValue::new(subject);
    let fetch = move || {
        spawn_local(async move {
            let said = http::explanation(conversation).await;
            let rules = http::rules(conversation).await;
            if said.as_ref().is_err_and(|problem| problem.code.status() == 401) {
                return session.session_lost();
            }
            // The dialog may have been closed while the answer was on its way.
            let both = said.and_then(|said| Ok((said, rules?)));
            let _ = answer.try_set(Some(both.map_err(|problem| problem.message)));
        });
    };
    fetch();
    view! {
        <h2 id="sheet-heading">"Where " <span dir="auto">{customer}</span> " is, and why"</h2>
        <div class="why" aria-live="polite">
            {move || match answer.get() {
                None => view! {
                    <div class="skeleton"><span class="unseen">"Finding out"</span>
                        <span class="skeleton-row"></span><span class="skeleton-row"></span>
                    </div>
                }.into_any(),
                Some(Err(message)) => view! { <p class="form-error">{message}</p> }.into_any(),
                Some(Ok((explanation, rules))) => view! {
                    <Explained explanation mood=Mood::Is/>
                    <Rules rules/>
                }.into_any(),
            }}
        </div>
        <div class="dialog-answers">
            <Show when=goes_on>
                <button type="button" class="button"
                    on:click=move |_| session.open_dialog(Asking::Reroute(reroute.get_value()))>"Route again"</button>
            </Show>
            <button type="button" class="button" on:click=move |_| fetch()>"Look again"</button>
            <button type="button" class="button primary" autofocus on:click=move |_| close.run(())>"Close"</button>
        </div>
    }
}

/// An explanation.
#[component]
pub(super) fn Explained(explanation: Explanation, mood: Mood) -> impl IntoView {
    let place = explain::place(&explanation, mood);
    let before = explain::before(&explanation);
    let steps = explain::steps(&explanation);
    let attempts = explain::attempts(&explanation);
    let left_out = explain::left_out(&explanation);
    let of_people = if explanation.closed.is_some() {
        "What kept others from it"
    } else {
        "Who could take it, and what keeps them"
    };
    let people = explanation.people;
    view! {
        <p class="why-place">{place}</p>
        {before.map(|before| view! { <p>{before}</p> })}
        <section>
            <h3>{if mood == Mood::Is { "How it came there" } else { "How it would come there" }}</h3>
            <ul class="why-steps">
                {steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view()}
            </ul>
        </section>
        {(!attempts.is_empty()).then(|| view! {
            <section>
                <h3>"Who had it or was asked before"</h3>
                {left_out.map(|left_out| view! { <p>{left_out}</p> })}
                <ul class="why-people">
                    {attempts.into_iter().map(|(name, said)| view! {
                        <li><span class="why-name" dir="auto">{name}</span><span>{said}</span></li>
                    }).collect_view()}
                </ul>
            </section>
        })}
        {(!people.is_empty()).then(|| view! {
            <section>
                <h3>{of_people}</h3>
                <ul class="why-people">{people.into_iter().map(person).collect_view()}</ul>
            </section>
        })}
    }
}

/// Every rule that could have decided where it goes.
#[component]
pub(super) fn Rules(rules: Vec<RuleExplained>) -> impl IntoView {
    let any = !rules.is_empty();
    let rule = |explained: RuleExplained| {
        let (name, became) = explain::rule(&explained);
        view! { <li><span class="why-name" dir="auto">{name}</span><span>{became}</span></li> }
    };
    any.then(|| {
        view! {
            <section>
                <h3>"What became of each rule"</h3>
                <ul class="why-people">{rules.into_iter().map(rule).collect_view()}</ul>
            </section>
        }
    })
}

fn person(one: PersonExplained) -> impl IntoView {
    let (why, remedy) = match one.hindrance {
        Some(hindrance) => (hindrance.why, Some(hindrance.remedy)),
        None => ("Nothing keeps them from it.".to_owned(), None),
    };
    view! {
        <li>
            <span class="why-name" dir="auto">{one.full_name}</span>
            <span>{why}</span>
            {remedy.map(|remedy| view! { <span class="why-remedy">"What would change it: "{remedy}</span> })}
        </li>
    }
}
