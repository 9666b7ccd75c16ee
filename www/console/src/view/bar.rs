//! The bar at the top: the product, presence, who works here, the way out; and below it what everybody must know.

use leptos::prelude::*;
use shared::protocol::desk::{DeskCommand, PresenceSource};

use super::dialog::Question;
use super::icon::{Icon, LEAVE, Mark, WARNING};
use super::presence::PresencePicker;
use crate::model::desk::is_in_hand;
use crate::model::link::LinkState;
use crate::model::words::{self, PRODUCT};
use crate::session::Session;

/// The bar.
#[component]
pub(crate) fn Bar() -> impl IntoView {
    let session = expect_context::<Session>();
    let full_name = session.me.with_value(|me| me.full_name.clone());
    let organisation = session.me.with_value(|me| me.organisation.clone());
    let initials = words::initials(&full_name);
    let leaving = RwSignal::new(false);
    let in_hand = move || {
        session.desk.with(|desk| desk.work.values().filter(|item| item.mine && is_in_hand(item)).count())
    };
    let leave = move |_| {
        if untrack(in_hand) > 0 || session.unsent() > 0 {
            leaving.set(true);
        } else {
            session.sign_out();
        }
    };
    let still = Signal::derive(move || {
        let unsent = if leaving.get() { session.unsent() } else { 0 };
        words::before_leaving(in_hand(), unsent)
    });
    view! {
        <header class="bar">
            <p class="brand">
                <Mark/>
                <span class="brand-name">{PRODUCT}</span>
                {(!organisation.is_empty()).then(|| view! {
                    <span class="organisation" dir="auto">{organisation}</span>
                })}
            </p>
            <div class="bar-end">
                <PresencePicker/>
                <p class="me" title=full_name.clone()>
                    <span class="avatar" aria-hidden="true">{initials}</span>
                    <span class="me-name">{full_name.clone()}</span>
                </p>
                <button type="button" class="icon-button" aria-label="Sign out" title="Sign out" on:click=leave>
                    <Icon path=LEAVE/>
                </button>
            </div>
        </header>
        <Question
            open=leaving
            heading="Sign out?"
            text=still
            yes="Sign out"
            no="Stay"
            on_yes=Callback::new(move |()| session.sign_out())
        />
    }
}

/// What everybody must know: that the desk is not connected, or that an offer that was not taken changed their presence.
#[component]
pub(crate) fn Banners() -> impl IntoView {
    let session = expect_context::<Session>();
    let given = Memo::new(move |_| {
        let held = session.desk.with(|desk| desk.presence.clone());
        held.filter(|held| held.source == PresenceSource::System).map(|held| held.presence)
    });
    let reset = move |_| session.ask(DeskCommand::ResetPresence);
    view! {
        <div role="status" class="banners">
            {move || (session.link.get() == LinkState::Lost).then(|| view! {
                <p class="banner warn">
                    <Icon path=WARNING/>
                    "The connection is lost and is being restored. What you see may be out of date; \
                     messages that you write are sent as soon as it is back."
                </p>
            })}
            {move || given.get().map(|presence| view! {
                <div class="banner warn">
                    <Icon path=WARNING/>
                    <p>{words::given_presence(presence)}</p>
                    <button type="button" class="button small" on:click=reset>"Reset presence"</button>
                </div>
            })}
        </div>
    }
}
