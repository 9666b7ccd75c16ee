//! A dry run: where would this conversation go? Asked of the gateway, which decides as it would and makes nothing of it.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::authority::{Action, permits};
use shared::protocol::insight::{Tried, Verdict};

use super::focus::focus_on_arrival;
use super::why::{Explained, Rules};
use crate::model::explain::{self, Mood};
use crate::model::tabs::Page;
use crate::model::trial::{Asked, Form, Question, body, forms};
use crate::net::http;
use crate::session::Session;

/// What came of the last try.
type Answer = Option<Result<Tried, String>>;

/// What is filled in.
#[derive(Clone, Copy)]
struct Filled {
    forms: RwSignal<Option<Result<Vec<Form>, String>>>,
    /// The place of the chosen form.
    chosen: RwSignal<usize>,
    answers: RwSignal<Vec<(String, String)>>,
    context: RwSignal<String>,
    draft: RwSignal<String>,
    answer: RwSignal<Answer>,
    busy: RwSignal<bool>,
}

impl Filled {
    fn fetch_forms(self, session: Session) {
        spawn_local(async move {
            let settings = http::settings().await;
            if settings.as_ref().is_err_and(|problem| problem.code.status() == 401) {
                return session.session_lost();
            }
            let _ = self
                .forms
                .try_set(Some(settings.map(|document| forms(&document)).map_err(|problem| problem.message)));
        });
    }

    fn form(self) -> Option<Form> {
        self.forms.with(|forms| forms.as_ref()?.as_ref().ok()?.get(self.chosen.get()).cloned())
    }

    fn fill(self, name: &str, value: String) {
        self.answers.update(|answers| {
            answers.retain(|(known, _)| known != name);
            answers.push((name.to_owned(), value));
        });
    }

    fn ask(self, session: Session) {
        let Some(form) = untrack(|| self.form()) else { return };
        let (answers, context) = (self.answers.get_untracked(), self.context.get_untracked());
        let asked = Asked { form, answers, context, draft: self.draft.get_untracked() };
        match body(&asked) {
            Err(wrong) => self.answer.set(Some(Err(wrong))),
            Ok(body) => {
                self.busy.set(true);
                spawn_local(async move {
                    let verdict = http::trial(&body).await;
                    if verdict.as_ref().is_err_and(|problem| problem.code.status() == 401) {
                        return session.session_lost();
                    }
                    let _ = self.busy.try_set(false);
                    let _ = self.answer.try_set(Some(verdict.map_err(|problem| problem.message)));
                });
            }
        }
    }
}

/// The page.
#[component]
pub(crate) fn TrialPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let here = Memo::new(move |_| session.tabs.with(|tabs| tabs.is_front(Page::Trial)));
    let heading = NodeRef::<html::H1>::new();
    let filled = Filled {
        forms: RwSignal::new(None),
        chosen: RwSignal::new(0),
        answers: RwSignal::default(),
        context: RwSignal::default(),
        draft: RwSignal::default(),
        answer: RwSignal::default(),
        busy: RwSignal::new(false),
    };
    focus_on_arrival(here, heading);
    Effect::new(move || {
        if here.get() {
            filled.fetch_forms(session);
        }
    });
    view! {
        <section class="home trial" hidden=move || !here.get() aria-label="Dry run">
            <div class="home-head">
                <h1 tabindex="-1" node_ref=heading>"Where would this conversation go?"</h1>
                <p class="home-state">"Nothing is changed and nobody is asked: the rules are only tried."</p>
            </div>
            <div class="trial-halves">
                <TrialForm filled/>
                <section class="list trial-answer" aria-labelledby="trial-decision" aria-live="polite">
                    <h2 id="trial-decision">"Decision"</h2>
                    {move || match filled.answer.get() {
                        None => view! { <p class="list-empty">"The decision is shown here."</p> }.into_any(),
                        Some(Err(message)) => view! { <p class="form-error">{message}</p> }.into_any(),
                        Some(Ok(tried)) => view! { <Decided tried/> }.into_any(),
                    }}
                </section>
            </div>
        </section>
    }
}

#[component]
fn Decided(tried: Tried) -> impl IntoView {
    let Tried { verdict, rules } = tried;
    let away = explain::turned_away(&verdict);
    let decision = match verdict {
        Verdict::TakenIn(explanation) => {
            view! { <Explained explanation=*explanation mood=Mood::Would/> }.into_any()
        }
        Verdict::TurnedAway { .. } => view! { <p class="why-place">{away}</p> }.into_any(),
    };
    view! {
        {decision}
        <Rules rules/>
    }
}

#[component]
fn TrialForm(filled: Filled) -> impl IntoView {
    let session = expect_context::<Session>();
    let may_draft = session.me.with_value(|me| permits(me.role, Action::ChangeSettings));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !filled.busy.get_untracked() {
            filled.ask(session);
        }
    };
    let names = Memo::new(move |_| {
        filled.forms.with(|forms| match forms {
            Some(Ok(forms)) => forms.iter().map(|form| form.name.clone()).collect(),
            _ => Vec::new(),
        })
    });
    let failed = move || filled.forms.with(|forms| forms.as_ref().and_then(|forms| forms.clone().err()));
    let choose = move |event| {
        filled.chosen.set(event_target_value(&event).parse().unwrap_or(0));
        filled.answers.update(Vec::clear);
    };
    // Before the settings are there, there is nothing to try.
    let waits = move || filled.busy.get() || filled.form().is_none();
    let questions = move || filled.form().map(|form| form.questions).unwrap_or_default();
    view! {
        <form class="list trial-form" on:submit=submit>
            {move || failed().map(|text| view! { <p class="form-error" role="alert">{text}</p> })}
            <div class="field">
                <label for="trial-workstream">"How it comes"</label>
                <select id="trial-workstream" on:change=choose>
                    <For each=move || names.get().into_iter().enumerate() key=Clone::clone let((place, name))>
                        <option value=place.to_string()>{name}</option>
                    </For>
                </select>
            </div>
            {move || questions().into_iter().enumerate().map(|(place, question)| {
                view! { <Field filled place question/> }
            }).collect_view()}
            <div class="field">
                <label for="trial-context">"Other variables"</label>
                <textarea id="trial-context" rows="3" aria-describedby="trial-context-hint"
                    prop:value=filled.context
                    on:input=move |event| filled.context.set(event_target_value(&event))></textarea>
                <p class="field-hint" id="trial-context-hint">"One in a line, such as “plan = premium”."</p>
            </div>
            {may_draft.then(|| view! {
                <details class="trial-draft">
                    <summary>"With a draft of the settings"</summary>
                    <div class="field">
                        <label for="trial-draft">"Settings as JSON"</label>
                        <textarea id="trial-draft" rows="6" spellcheck="false" aria-describedby="trial-draft-hint"
                            prop:value=filled.draft
                            on:input=move |event| filled.draft.set(event_target_value(&event))></textarea>
                        <p class="field-hint" id="trial-draft-hint">
                            "What GET /v1/settings gives, with your changes. Empty: the settings in force."
                        </p>
                    </div>
                </details>
            })}
            <button type="submit" class="button primary" aria-disabled=move || waits().then_some("true")>
                {move || if filled.busy.get() { "Trying…" } else { "Show where it would go" }}
            </button>
        </form>
    }
}

#[component]
fn Field(filled: Filled, place: usize, question: Question) -> impl IntoView {
    let id = format!("trial-answer-{place}");
    let Question { name, label, choices } = question;
    let field = if choices.is_empty() {
        view! {
            <input id=id.clone() type="text" autocomplete="off"
                on:input=move |event| filled.fill(&name, event_target_value(&event))/>
        }
        .into_any()
    } else {
        let options =
            choices.into_iter().map(|(value, label)| view! { <option value=value>{label}</option> });
        view! {
            <select id=id.clone() on:change=move |event| filled.fill(&name, event_target_value(&event))>
                <option value="">"No answer"</option>
                {options.collect_view()}
            </select>
        }
        .into_any()
    };
    view! { <div class="field"><label for=id>{label}</label>{field}</div> }
}
