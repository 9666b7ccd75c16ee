//! The desk: everything that somebody who has signed in sees.

use std::time::Duration;

use leptos::prelude::*;
use shared::authority::{Action, permits};
use shared::protocol::http::Me;

use super::asking::AskingDialog;
use super::bar::{Banners, Bar};
use super::conversation::ConversationPanel;
use super::home::Home;
use super::mail::MailPage;
use super::notices::{LiveRegions, Notices};
use super::offers::Offers;
use super::overview::Overview;
use super::rail::Rail;
use super::trial::TrialPage;
use crate::app::App;
use crate::model::words::PRODUCT;
use crate::net::files::has_files;
use crate::net::renewal::Renewal;
use crate::session::Session;

/// The desk of `me`.
#[component]
pub(crate) fn DeskScreen(me: Me) -> impl IntoView {
    let may_watch = permits(me.role, Action::WatchWork);
    let looks_after_mail = permits(me.role, Action::LookAfterMail);
    let session = Session::begin(expect_context::<App>(), me);
    provide_context(session);
    keep_time(session);
    // Held until the desk is left.
    StoredValue::new_local(Renewal::begin());
    keep_title(session);
    keep_page();
    keep_unsent(session);
    view! {
        <div class="desk">
            <a class="skip" href="#main">"Skip to the content"</a>
            <Bar/>
            <Banners/>
            <div class="desk-body">
                <Rail/>
                <main id="main" tabindex="-1">
                    <Home/>
                    {may_watch.then(|| view! { <Overview/><TrialPage/> })}
                    {looks_after_mail.then(|| view! { <MailPage/> })}
                    // A panel stays while its tab does: what is being written, and where one has read to, stay with it.
                    <For
                        each=move || session.tabs.with(|tabs| tabs.list().to_vec())
                        key=|tab| tab.conversation
                        let:tab
                    >
                        <ConversationPanel tab/>
                    </For>
                </main>
            </div>
            <AskingDialog/>
            <Offers/>
            <Notices/>
            <LiveRegions/>
        </div>
    }
}

fn keep_time(session: Session) {
    // The browser always grants a timer; without it only ages and countdowns would stand still.
    if let Ok(timer) = set_interval_with_handle(move || session.tick(), Duration::from_secs(1)) {
        on_cleanup(move || timer.clear());
    }
}

/// A file that is let go beside a conversation does not take the console's place.
fn keep_page() {
    let keep = |event: leptos::ev::DragEvent| {
        if !event.default_prevented() && has_files(event.data_transfer().as_ref()) {
            event.prevent_default();
            if let Some(data) = event.data_transfer() {
                data.set_drop_effect("none");
            }
        }
    };
    for listener in
        [window_event_listener(leptos::ev::dragover, keep), window_event_listener(leptos::ev::drop, keep)]
    {
        on_cleanup(move || listener.remove());
    }
}

/// Whoever leaves while something is on its way is asked whether they mean it.
fn keep_unsent(session: Session) {
    let listener = window_event_listener(leptos::ev::beforeunload, move |event| {
        if session.unsent() > 0 {
            event.prevent_default();
            // Not every browser asks for the first alone.
            event.set_return_value("unsent");
        }
    });
    on_cleanup(move || listener.remove());
}

/// The title says how much waits: offers and unread messages.
fn keep_title(session: Session) {
    let waiting = Memo::new(move |_| {
        let offers = session.desk.with(|desk| desk.open_offers().count());
        let unread: u32 = session.unread.with(|unread| unread.values().sum());
        offers + usize::try_from(unread).unwrap_or(usize::MAX)
    });
    Effect::new(move || {
        let title = match waiting.get() {
            0 => PRODUCT.to_owned(),
            waiting => format!("({waiting}) {PRODUCT}"),
        };
        document().set_title(&title);
    });
}
