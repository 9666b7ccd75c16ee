//! Offers: cards in the corner above everything, newest last. They never take the focus: somebody may be writing. They are
//! announced with their keys, and Alt+A and Alt+R answer the oldest from anywhere.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use shared::id::OfferId;
use shared::protocol::desk::{DeskCommand, Detail, OfferKind, OfferView};
use shared::time::Span;

use super::focus::rescue;
use super::icon::{CROSS, Icon};
use crate::model::desk::Offer;
use crate::model::words;
use crate::session::Session;

/// All offers.
#[component]
pub(crate) fn Offers() -> impl IntoView {
    let session = expect_context::<Session>();
    let offers = Memo::new(move |_| session.desk.with(|desk| desk.offers.clone()));
    let any = Memo::new(move |_| offers.with(|offers| !offers.is_empty()));
    let answer = move |event: KeyboardEvent| {
        if !event.alt_key() || event.ctrl_key() || event.meta_key() || event.repeat() {
            return;
        }
        let first =
            session.desk.with_untracked(|desk| desk.open_offers().next().map(|offer| offer.view.clone()));
        let Some(OfferView { offer, can_reject, .. }) = first else { return };
        // By the place of the key: with Alt some layouts type other letters.
        match event.code().as_str() {
            "KeyA" => session.ask(DeskCommand::Accept { offer }),
            "KeyR" if can_reject => session.ask(DeskCommand::Reject { offer }),
            _ => return,
        }
        event.prevent_default();
    };
    let keys = window_event_listener(leptos::ev::keydown, answer);
    on_cleanup(move || keys.remove());
    let is_first = move |offer: OfferId| {
        offers.with(|offers| {
            offers.iter().find(|held| held.gone.is_none()).is_some_and(|held| held.view.offer == offer)
        })
    };
    let focused = RwSignal::new(false);
    Effect::new(move || {
        offers.track();
        if focused.get_untracked() {
            request_animation_frame(move || keep_focus(focused));
        }
    });
    view! {
        <Show when=move || any.get()>
            <aside
                class="offers"
                aria-label="Offers"
                on:focusin=move |_| focused.set(true)
                // A card that goes takes the focus nowhere: that is not leaving.
                on:focusout=move |event| if event.related_target().is_some() { focused.set(false) }
            >
                <For each=move || offers.get() key=|offer| (offer.view.offer, offer.gone.is_some()) let:offer>
                    {
                        let number = offer.view.offer;
                        view! { <Card offer first=Signal::derive(move || is_first(number))/> }
                    }
                </For>
            </aside>
        </Show>
    }
}

/// A card that had the focus has gone: the next one gets it, or the page.
fn keep_focus(focused: RwSignal<bool>) {
    rescue(&[".offers button", "#main"]);
    let _ = focused.try_set(document().query_selector(".offers :focus").is_ok_and(|found| found.is_some()));
}

#[component]
fn Card(offer: Offer, first: Signal<bool>) -> impl IntoView {
    let heading = format!("offer-{}", offer.view.offer.number());
    let labelled_by = heading.clone();
    let customer = words::customer(offer.view.customer.as_deref()).to_owned();
    let topic = offer.view.topic.clone();
    let kind = offer.view.title.clone().unwrap_or_else(|| words::offer_kind(&offer.view));
    let details = offer.view.details.clone();
    let asked = matches!(offer.view.kind, OfferKind::Transfer | OfferKind::Consult);
    let body = match offer.gone {
        None => view! { <Open offer first/> }.into_any(),
        Some((reason, _)) => {
            view! { <Gone offer=offer.view.offer sentence=words::offer_gone(offer.view.kind, reason)/> }
                .into_any()
        }
    };
    view! {
        <div class="offer" class:asked=asked role="group" aria-labelledby=labelled_by>
            <p class="offer-kind" dir="auto">{kind}</p>
            <h2 id=heading dir="auto">{customer}</h2>
            {topic.map(|topic| view! { <p class="offer-topic" dir="auto">{topic}</p> })}
            {(!details.is_empty()).then(|| view! { <Details details/> })}
            {body}
        </div>
    }
}

/// What the workstream tells of the conversation.
#[component]
fn Details(details: Vec<Detail>) -> impl IntoView {
    let row = |detail: Detail| {
        view! {
            <dt dir="auto">{detail.label}</dt>
            <dd dir="auto">{detail.value}</dd>
        }
    };
    view! { <dl class="offer-details">{details.into_iter().map(row).collect_view()}</dl> }
}

#[component]
fn Open(offer: Offer, first: Signal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let number = offer.view.offer;
    let (accept, reject) = (DeskCommand::Accept { offer: number }, DeskCommand::Reject { offer: number });
    let is_asked = |command: &DeskCommand| {
        let command = command.clone();
        Memo::new(move |_| session.desk.with(|desk| desk.is_asked(&command)))
    };
    let (accepting, rejecting) = (is_asked(&accept), is_asked(&reject));
    let busy = move || (accepting.get() || rejecting.get()).then_some("true");
    // The clock that is shown moves by the second and may lag behind the offer.
    let left = move || offer.expires.since(session.monotonic.get()).min(offer.view.timeout);
    let refusal = move || {
        session.desk.with(|desk| {
            let problem = desk.refusal(|command| {
                matches!(command,
                    DeskCommand::Accept { offer } | DeskCommand::Reject { offer } if *offer == number)
            });
            problem.map(|problem| problem.message.clone())
        })
    };
    let keys = move |key: &'static str| first.get().then_some(key);
    view! {
        <dl class="offer-facts">
            <div><dt>"Queue"</dt><dd>{offer.view.queue.clone()}</dd></div>
            <div><dt>"Waited"</dt><dd>{words::length(offer.view.waited)}</dd></div>
        </dl>
        <Countdown left=Signal::derive(left) all=offer.view.timeout/>
        {move || refusal().map(|text| view! { <p class="form-error" role="alert">{text}</p> })}
        <div class="offer-answers">
            <button type="button" class="button primary" aria-disabled=busy
                aria-keyshortcuts=move || keys("Alt+A")
                on:click=move |_| session.ask(accept.clone())>
                {move || if accepting.get() { "Accepting…" } else { "Accept" }}
                {move || keys("Alt A").map(|keys| view! { <kbd aria-hidden="true">{keys}</kbd> })}
            </button>
            {offer.view.can_reject.then(|| view! {
                <button type="button" class="button" aria-disabled=busy
                    aria-keyshortcuts=move || keys("Alt+R")
                    on:click=move |_| session.ask(reject.clone())>
                    {move || if rejecting.get() { "Declining…" } else { "Reject" }}
                    {move || keys("Alt R").map(|keys| view! { <kbd aria-hidden="true">{keys}</kbd> })}
                </button>
            })}
        </div>
    }
}

/// A ring that empties. The time is also there as text, which is not read out by the second.
#[component]
fn Countdown(left: Signal<Span>, all: Span) -> impl IntoView {
    let part = move || {
        let all = all.as_millis().max(1);
        (left.get().as_millis().min(all) * 100 / all).to_string() + " 100"
    };
    let late = move || left.get() <= Span::from_secs(10);
    view! {
        <div class="countdown" class:late=late>
            <svg viewBox="0 0 40 40" aria-hidden="true" focusable="false">
                <circle class="ring-ground" cx="20" cy="20" r="17"/>
                <circle class="ring" cx="20" cy="20" r="17" pathLength="100" stroke-dasharray=part/>
            </svg>
            <span class="countdown-time" role="timer">{move || words::countdown(left.get())}</span>
        </div>
    }
}

#[component]
fn Gone(offer: OfferId, sentence: &'static str) -> impl IntoView {
    let session = expect_context::<Session>();
    view! {
        <p class="offer-gone">{sentence}</p>
        <button type="button" class="icon-button offer-dismiss" aria-label="Dismiss"
            on:click=move |_| session.desk.update(|desk| desk.dismiss(offer))>
            <Icon path=CROSS/>
        </button>
    }
}
