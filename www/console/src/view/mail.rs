//! What parts of the system could not tell each other, for administrators: each with what can be done about it. It is
//! fetched anew every few seconds while it is in front, and once when the desk is opened, for the number on its tab.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::protocol::mail::LetterChoice;

use super::dialog::{Choice, Sheet};
use super::focus::{focus_on_arrival, rescue};
use super::icon::{Icon, WARNING};
use super::overview::Listing;
use super::refresh::keep_fetching;
use crate::model::mail::{Held, Letter, LetterKey, Undelivered};
use crate::model::tabs::Page;
use crate::net::{clock, http};
use crate::session::Session;

/// How often it is fetched. Every object is asked, so not as often as the overview.
const EVERY: Duration = Duration::from_secs(5);

/// What can be done with a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Again,
    Discard,
}

/// What is being done on the page.
#[derive(Clone, Copy)]
struct Doing {
    session: Session,
    /// The letter about which the gateway has been asked and has not answered.
    busy: RwSignal<Option<LetterKey>>,
    /// The letter that may be thrown away, while it is asked whether it shall.
    discarding: RwSignal<Option<Letter>>,
}

impl Doing {
    fn choose(self, what: What, key: LetterKey) {
        if self.busy.with_untracked(Option::is_some) {
            return;
        }
        self.busy.set(Some(key.clone()));
        spawn_local(async move {
            let choice = LetterChoice { object: key.object, number: key.number };
            let answer = match what {
                What::Again => http::try_letter_again(&choice).await,
                What::Discard => http::discard_letter(&choice).await,
            };
            let _ = self.busy.try_set(None);
            match (answer, what) {
                (Ok(_), What::Again) => self.session.news("It was carried out and is off the list."),
                (Ok(_), What::Discard) => self.session.news("It was thrown away."),
                (Err(problem), _) if problem.code.status() == 401 => return self.session.session_lost(),
                (Err(problem), _) => self.session.error(problem.message),
            }
            self.session.fetch_undelivered();
        });
    }
}

/// The page.
#[component]
pub(crate) fn MailPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let here = Memo::new(move |_| session.tabs.with(|tabs| tabs.is_front(Page::Mail)));
    let heading = NodeRef::<html::H1>::new();
    let doing = Doing { session, busy: RwSignal::new(None), discarding: RwSignal::new(None) };
    session.fetch_undelivered();
    keep_fetching(here, EVERY, move || session.fetch_undelivered());
    focus_on_arrival(here, heading);
    let failed = Memo::new(move |_| session.undelivered.with(|mail| mail.failed.clone()));
    let at = move || {
        session
            .undelivered
            .with(|mail| mail.is_there().then(|| format!("As of {}", clock::time_of_day(mail.at))))
    };
    view! {
        <section class="home overview mail" hidden=move || !here.get() aria-label="Undelivered">
            <div class="home-head">
                <h1 tabindex="-1" node_ref=heading>"Undelivered"</h1>
                <p class="home-state">{at}</p>
                <p class="home-words">
                    "Parts of this system tell each other what has happened. What one of them could not carry out is kept \
                     here and holds nothing else up."
                </p>
            </div>
            <div role="alert">
                {move || failed.get().map(|text| view! {
                    <p class="banner warn"><Icon path=WARNING/>"What you see may be out of date. "{text}</p>
                })}
            </div>
            <Letters doing/>
            <HeldUp/>
            <Discard doing/>
        </section>
    }
}

#[component]
fn Letters(doing: Doing) -> impl IntoView {
    let session = doing.session;
    let there = Memo::new(move |_| session.undelivered.with(Undelivered::is_there));
    let letters = Memo::new(move |_| session.undelivered.with(Undelivered::letters));
    let count = Memo::new(move |_| letters.with(Vec::len));
    Effect::new(move |before: Option<usize>| {
        let count = count.get();
        if before.is_some_and(|before| count < before) {
            request_animation_frame(|| rescue(&[".mail h1"]));
        }
        count
    });
    view! {
        <Listing id="mail-letters" heading="Not carried out" count counted=true there
            empty="Everything that was told was carried out.">
            <table class="grid letters">
                <thead><tr>
                    <th scope="col">"Who told whom"</th>
                    <th scope="col">"When"</th>
                    <th scope="col">"Why it was not carried out"</th>
                    <th scope="col"><span class="unseen">"Actions"</span></th>
                </tr></thead>
                <tbody>
                    <For each=move || letters.get() key=|letter| letter.key.clone() let:letter>
                        <LetterRow letter doing/>
                    </For>
                </tbody>
            </table>
        </Listing>
    }
}

#[component]
fn LetterRow(letter: Letter, doing: Doing) -> impl IntoView {
    let kept = letter.clone();
    let Letter { key, at, from, to, why } = letter;
    let about = format!("what {from} told {to} at {}", clock::date_and_time(at));
    let busy = {
        let key = key.clone();
        Memo::new(move |_| doing.busy.with(|busy| busy.as_ref() == Some(&key)))
    };
    view! {
        <tr>
            <th scope="row">{from}" to "{to}</th>
            <td data-label="When"><time datetime=clock::machine_readable(at)>{clock::date_and_time(at)}</time></td>
            <td class="letter-why" data-label="Why it was not carried out">{why}</td>
            <td class="cell-actions"><div class="actions">
                <button type="button" class="button small" aria-label=format!("Try again {about}")
                    aria-disabled=move || busy.get().then_some("true")
                    on:click=move |_| doing.choose(What::Again, key.clone())>
                    {move || if busy.get() { "Trying…" } else { "Try again" }}
                </button>
                <button type="button" class="button small" aria-haspopup="dialog"
                    aria-label=format!("Throw away {about}")
                    on:click=move |_| doing.discarding.set(Some(kept.clone()))>"Throw away"</button>
            </div></td>
        </tr>
    }
}

#[component]
fn HeldUp() -> impl IntoView {
    let session = expect_context::<Session>();
    let there = Memo::new(move |_| session.undelivered.with(Undelivered::is_there));
    let held = Memo::new(move |_| session.undelivered.with(Undelivered::held_up));
    let count = Memo::new(move |_| held.with(Vec::len));
    view! {
        <Listing id="mail-held" heading="Waiting for a part that does not answer" count counted=true there
            empty="Every part answers.">
            <table class="grid letters">
                <thead><tr>
                    <th scope="col">"Who told whom"</th>
                    <th scope="col">"Next try"</th>
                    <th scope="col">"How much, and how often it was tried"</th>
                </tr></thead>
                <tbody>
                    <For each=move || held.get() key=|held| (held.from.clone(), held.to.clone(), held.how.clone(), held.next_try)
                        let:held>
                        {held_row(held)}
                    </For>
                </tbody>
            </table>
        </Listing>
    }
}

fn held_row(held: Held) -> impl IntoView {
    let Held { from, to, how, next_try } = held;
    let next = next_try.map_or_else(|| "Now".to_owned(), clock::date_and_time);
    view! {
        <tr>
            <th scope="row">{from}" to "{to}</th>
            <td data-label="Next try">{next}</td>
            <td data-label="How much, and how often it was tried">{how}" It goes on by itself when the part answers."</td>
        </tr>
    }
}

/// Whether a letter is to be thrown away.
#[component]
fn Discard(doing: Doing) -> impl IntoView {
    let open = Signal::derive(move || doing.discarding.with(Option::is_some));
    let close = Callback::new(move |()| doing.discarding.set(None));
    view! {
        <Sheet open on_close=close labelled_by="question-heading">
            {move || doing.discarding.get().map(|Letter { key, from, to, .. }| {
                let heading = format!("Throw away what {from} told {to}?");
                let text = "It will never be carried out, and what it said is gone. This cannot be taken back.".to_owned();
                let on_yes = Callback::new(move |()| doing.choose(What::Discard, key.clone()));
                view! { <Choice heading text yes="Throw away" no="Keep it" on_yes on_either=close/> }
            })}
        </Sheet>
    }
}
