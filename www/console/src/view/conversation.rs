//! The panel of one conversation; it lives as long as its tab.

use leptos::html;
use leptos::prelude::*;
use shared::client::Connection;
use shared::protocol::desk::{WorkItemView, WorkState};

use super::company::{Company, Tools};
use super::composer::Composer;
use super::details::Details;
use super::ending::{EndButton, Over, SetAsideBar, WrapUpBar};
use super::files::{DropPlace, Files};
use super::icon::{CLOCK, Icon, WARNING};
use super::panel::{Panel, Phase};
use super::transcript::Transcript;
use crate::model::link::LinkState;
use crate::model::tabs::Tab;
use crate::model::words;
use crate::net::clock;
use crate::session::Session;

/// After this many sockets that did not open, while the desk is connected, something is wrong with this conversation.
const TRIES: u32 = 3;

/// The panel.
#[component]
pub(super) fn ConversationPanel(tab: Tab) -> impl IntoView {
    let session = expect_context::<Session>();
    let panel = Panel::open(session, &tab);
    provide_context(panel);
    panel.keep_looking();
    let files = Files::of(&panel);
    provide_context(files);
    let heading = NodeRef::<html::H1>::new();
    let section = NodeRef::<html::Section>::new();
    panel.bring_focus(section, heading);
    on_cleanup(move || session.set_unread(panel.conversation, 0));

    let details = RwSignal::new(false);
    let title = tab.title.clone();
    let label = format!("Conversation with {title}");
    view! {
        <section
            class="conversation"
            node_ref=section
            hidden=move || !panel.front.get()
            aria-label=label
            on:dragenter=move |event| files.drag(&event)
            on:dragover=move |event| files.drag(&event)
            on:dragleave=move |event| files.leave(&event)
            on:drop=move |event| files.dropped(&event)
        >
            <DropPlace/>
            <div class="talk">
                <header class="talk-head">
                    <div class="talk-who">
                        <h1 tabindex="-1" node_ref=heading dir="auto">{title}</h1>
                        <p class="talk-facts"><Status/></p>
                    </div>
                    <Timer opened=tab.opened/>
                    <button
                        type="button"
                        class="button small quiet details-toggle"
                        aria-expanded=move || details.get().to_string()
                        on:click=move |_| details.update(|open| *open = !*open)
                    >
                        "Details"
                    </button>
                    <Tools/>
                    <EndButton/>
                </header>
                <Company/>
                <Refused/>
                <Away/>
                <Transcript/>
                {move || match panel.phase.get() {
                    Phase::Talking => view! { <Composer/> }.into_any(),
                    Phase::Watching => ().into_any(),
                    Phase::SetAside => view! { <SetAsideBar/> }.into_any(),
                    Phase::WrapUp => view! { <WrapUpBar/> }.into_any(),
                    Phase::Over => view! { <Over/> }.into_any(),
                }}
            </div>
            <Details open=details/>
        </section>
    }
}

/// How the conversation and its connection stand.
#[component]
fn Status() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let state = move || match panel.phase.get() {
        Phase::WrapUp => ("wrap-up", "Wrap-up"),
        Phase::SetAside => ("waiting", "Set aside"),
        Phase::Watching => ("active", "Monitoring"),
        Phase::Over => ("closed", "Closed"),
        Phase::Talking => ("active", "Active"),
    };
    // What is set aside waits for the customer, not for a representative.
    let standing = move || match panel.phase.get() {
        Phase::SetAside => "",
        _ => panel.standing.with(|standing| {
            standing.as_ref().map_or("", |standing| words::standing(standing, panel.part.get()))
        }),
    };
    view! {
        {move || { let (class, name) = state(); view! { <span class=format!("chip {class}")>{name}</span> } }}
        <span class="standing">{standing}</span>
        {move || (panel.connection.get() == Connection::Reconnecting).then(|| view! {
            <span class="reconnecting">"Reconnecting…"</span>
        })}
    }
}

/// How long the tab has been open; in wrap-up, how long that lasts (reference S29 to S31).
#[component]
fn Timer(opened: shared::time::Timestamp) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let wrap_up_since = move || {
        let wrap_up = |item: &WorkItemView| (item.state == WorkState::WrapUp).then_some(item.changed);
        panel.item.with(|item| item.as_ref().and_then(wrap_up))
    };
    let time = move || words::clock(panel.session.wall.get().since(wrap_up_since().unwrap_or(opened)));
    let title = move || {
        if wrap_up_since().is_some() { "Time in wrap-up" } else { "Time since this tab was opened" }
    };
    view! {
        <p class="timer" title=title class:wrap-up=move || wrap_up_since().is_some()>
            <Icon path=CLOCK/>
            <span class="unseen">{title}": "</span>
            <span>{time}</span>
        </p>
    }
}

/// The customer has lost the connection (reference section 8.1).
#[component]
fn Away() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let goes_on = move || matches!(panel.phase.get(), Phase::Talking | Phase::Watching | Phase::SetAside);
    let until = Memo::new(move |_| panel.absent_until.get().filter(|_| goes_on()));
    view! {
        <div role="status">
            {move || until.get().map(|until| view! {
                <p class="banner warn away">
                    <Icon path=CLOCK/>
                    {words::customer_away(&clock::time_of_day(until))}
                </p>
            })}
        </div>
    }
}

/// The conversation cannot be opened, for good or so far.
#[component]
fn Refused() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let does_not_open = move || {
        let alone = panel.session.link.get() == LinkState::Live && panel.unopened.get() > TRIES;
        alone.then(|| {
            "This conversation does not open. It is tried again; if it is no longer yours, close its tab."
                .to_owned()
        })
    };
    let sentence = Memo::new(move |_| match panel.connection.get() {
        Connection::Refused => panel.problem.get(),
        _ => does_not_open(),
    });
    view! {
        <div role="alert">
            {move || sentence.get().map(|sentence| view! {
                <p class="banner bad"><Icon path=WARNING/>{sentence}</p>
            })}
        </div>
    }
}
