//! The home tab: my work, open work, what was closed today.

use leptos::html;
use leptos::prelude::*;
use shared::protocol::desk::{WorkItemView, WorkState};
use shared::settings::Presence;

use super::focus::focus_on_arrival;
use super::icon::{BELL, Icon};
use super::work_list::{ListKind, WorkList};
use crate::model::tabs::Page;
use crate::model::worklist::Sorting;
use crate::net::notification;
use crate::session::{Closed, Session};

/// The home tab.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let session = expect_context::<Session>();
    let here = Memo::new(move |_| session.tabs.with(|tabs| tabs.is_front(Page::Home)));
    let heading = NodeRef::<html::H1>::new();
    focus_on_arrival(here, heading);

    let listed = move |wanted: fn(&WorkItemView) -> bool| {
        Signal::derive(move || {
            session.desk.with(|desk| {
                desk.presence.as_ref()?;
                Some(desk.work.values().filter(|item| wanted(item)).cloned().collect::<Vec<_>>())
            })
        })
    };
    let mine = listed(|item| item.part.is_some() && item.state != WorkState::Closed);
    let open = listed(|item| item.part.is_none() && !item.mine && item.state != WorkState::Closed);
    let closed = Signal::derive(move || match session.closed.get() {
        Closed::Here(items) => Some(items),
        Closed::Loading | Closed::Failed(_) => None,
    });
    let failed = Signal::derive(move || match session.closed.get() {
        Closed::Failed(message) => Some(message),
        Closed::Here(_) | Closed::Loading => None,
    });

    view! {
        <section class="home" hidden=move || !here.get()>
            <div class="home-head">
                <h1 tabindex="-1" node_ref=heading>{move || greeting(session)}</h1>
                <p class="home-state">{move || state_sentence(session)}</p>
                <NotificationOffer/>
            </div>
            <WorkList
                kind=ListKind::Mine
                heading="My work items"
                empty="Nothing in hand. What you accept or pick stands here until you close it."
                items=mine
                sorting=Sorting::OLDEST_FIRST
            />
            <WorkList
                kind=ListKind::Open
                heading="Open work items"
                empty="Nobody is waiting in your queues."
                items=open
                sorting=Sorting::OLDEST_FIRST
            />
            <WorkList
                kind=ListKind::Closed
                heading="Closed today"
                empty="You have not closed a conversation today."
                items=closed
                failed=failed
                sorting=Sorting::NEWEST_FIRST
            />
        </section>
    }
}

fn greeting(session: Session) -> String {
    let name = session.me.with_value(|me| me.full_name.clone());
    let first = name.split_whitespace().next().unwrap_or(&name).to_owned();
    format!("Hello, {first}")
}

/// Whether work comes, and if not, why: nobody should have to guess.
fn state_sentence(session: Session) -> String {
    session.desk.with(|desk| {
        let Some(held) = &desk.presence else { return "Finding out what there is to do…".to_owned() };
        if held.capacity.0 <= 0 {
            return "No conversations are routed to you: you have no capacity. An administrator can change that.".to_owned();
        }
        let room = held.capacity.0.saturating_sub(held.used.0);
        match held.presence {
            Presence::Available => "You are available. New conversations are offered to you.",
            Presence::Busy if room > 0 => "You are at work and have room for more.",
            Presence::Busy | Presence::DoNotDisturb if room <= 0 => {
                "Your capacity is used up. Conversations that you end and close make room for more."
            }
            Presence::Busy => "You are busy.",
            Presence::DoNotDisturb => "You asked not to be disturbed: no new conversations are offered to you.",
            Presence::Away => "You are away: no new conversations are offered to you.",
            Presence::Offline => "You are offline: no new conversations are offered to you.",
            Presence::Custom(_) => "The presence that you chose decides which conversations are offered to you.",
            Presence::Inactive => "You did not answer an offer: no new conversations are offered to you.",
        }
        .to_owned()
    })
}

/// Offers desktop notifications where the browser could show them and was never asked.
#[component]
fn NotificationOffer() -> impl IntoView {
    let session = expect_context::<Session>();
    let shown = RwSignal::new(notification::can_be_asked());
    let ask = move |_| {
        notification::ask(move |granted| {
            let _ = shown.try_set(false);
            session.news(if granted {
                "You will be notified of offers while this page is out of sight."
            } else {
                "No notifications then. You can change that in the settings of your browser."
            });
        });
    };
    move || {
        shown.get().then(|| {
            view! {
                <button type="button" class="button small quiet" on:click=ask>
                    <Icon path=BELL/>"Notify me of offers"
                </button>
            }
        })
    }
}
