//! One sign-in: what the gateway says becomes model, what the person does becomes commands.
//!
//! A [`Session`] is a handful of signals; it costs nothing to copy and ends with the desk's screen. Commands are never
//! guessed ahead: a button shows that it is at work, and the lists change when the gateway says so.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::id::ConversationId;
use shared::protocol::Problem;
use shared::protocol::desk::{DeskCommand, DeskFrame, OfferGoneReason, OfferView, WorkItemView, WorkState};
use shared::protocol::http::Me;
use shared::settings::Presence;
use shared::time::Timestamp;

use crate::app::App;
use crate::model::desk::{Asked, Desk, News};
use crate::model::link::LinkState;
use crate::model::notices::{Notices, Tone};
use crate::model::tabs::{Kind, Tab, Tabs};
use crate::model::words;
use crate::net::desk::{DeskConnection, Event};
use crate::net::{clock, http, notification, store};

/// The list of what was closed today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It is on its way.
    Loading,
    /// It is here.
    Here(Vec<WorkItemView>),
    /// It could not be fetched.
    Failed(String),
}

/// One sign-in.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    app: App,
    /// Who works here.
    pub(crate) me: StoredValue<Me>,
    /// Presence, offers and work.
    pub(crate) desk: RwSignal<Desk>,
    /// The session tabs.
    pub(crate) tabs: RwSignal<Tabs>,
    /// How the desk's connection stands.
    pub(crate) link: RwSignal<LinkState>,
    /// Unread messages by conversation, for those that have any.
    pub(crate) unread: RwSignal<BTreeMap<ConversationId, u32>>,
    /// Sentences in the corner.
    pub(crate) notices: RwSignal<Notices>,
    /// What was closed today.
    pub(crate) closed: RwSignal<Closed>,
    /// The wall clock, by the second.
    pub(crate) wall: RwSignal<Timestamp>,
    /// The monotonic clock, by the second.
    pub(crate) monotonic: RwSignal<Timestamp>,
    /// What a screen reader says next when there is a pause.
    pub(crate) polite: RwSignal<String>,
    /// What a screen reader says at once.
    pub(crate) urgent: RwSignal<String>,
    connection: StoredValue<Option<DeskConnection>, LocalStorage>,
}

impl Session {
    /// Starts to work: connects the desk and keeps it connected while the present screen lasts.
    pub(crate) fn begin(app: App, me: Me) -> Self {
        store::belong_to(me.representative);
        let session = Self {
            app,
            me: StoredValue::new(me),
            desk: RwSignal::default(),
            tabs: RwSignal::new(store::kept(store::TABS).unwrap_or_default()),
            link: RwSignal::default(),
            unread: RwSignal::default(),
            notices: RwSignal::default(),
            closed: RwSignal::new(Closed::Loading),
            wall: RwSignal::new(clock::wall()),
            monotonic: RwSignal::new(clock::monotonic()),
            polite: RwSignal::default(),
            urgent: RwSignal::default(),
            connection: StoredValue::new_local(None),
        };
        session.connection.set_value(Some(DeskConnection::open(move |event| session.hear(event))));
        Effect::new(move || session.tabs.with(|tabs| store::keep(store::TABS, tabs)));
        session
    }

    /// A second has passed.
    pub(crate) fn tick(self) {
        let now = clock::monotonic();
        self.wall.set(clock::wall());
        self.monotonic.set(now);
        if self.notices.with_untracked(|notices| notices.is_due(now)) {
            self.notices.update(|notices| notices.sweep(now));
        }
        self.desk.maybe_update(|desk| desk.sweep(now));
    }

    /// Asks the gateway for something. What cannot be sent is said, never kept for later: by then it may be wrong.
    pub(crate) fn ask(self, command: DeskCommand) {
        let Some(request) = self.desk.try_update(|desk| desk.ask(command)).flatten() else { return };
        let sent = self
            .connection
            .with_value(|connection| connection.as_ref().is_some_and(|connection| connection.send(&request)));
        if !sent {
            self.desk.update(|desk| {
                desk.connection_lost();
            });
            self.error("You are not connected, so nothing was done. Try again when the connection is back.");
        }
    }

    /// Opens a conversation in front, in the tab that it has or in a new one.
    pub(crate) fn open(self, conversation: ConversationId, title: &str, kind: Kind) {
        self.tabs.update(|tabs| tabs.open(conversation, title, kind, clock::wall()));
    }

    /// Brings a tab, or Home, to the front.
    pub(crate) fn show(self, conversation: Option<ConversationId>) {
        self.tabs.update(|tabs| tabs.show(conversation));
    }

    /// Puts a tab away. The conversation goes on.
    pub(crate) fn put_away(self, conversation: ConversationId) {
        let title = self.tabs.with_untracked(|tabs| {
            tabs.tab(conversation).filter(|tab| tab.kind == Kind::Work).map(|tab| tab.title.clone())
        });
        self.tabs.update(|tabs| tabs.put_away(conversation));
        if let Some(title) = title {
            self.news(format!("Tab closed. The conversation with {title} goes on in “My work items”."));
        }
    }

    /// Says how many messages of a conversation are unread.
    pub(crate) fn set_unread(self, conversation: ConversationId, count: u32) {
        self.unread.maybe_update(|unread| {
            let before =
                if count == 0 { unread.remove(&conversation) } else { unread.insert(conversation, count) };
            before.unwrap_or(0) != count
        });
    }

    /// Shows a sentence for a while.
    pub(crate) fn news(self, text: impl Into<String>) {
        self.notices.update(|notices| notices.add(clock::monotonic(), Tone::News, text.into()));
    }

    /// Shows a sentence until it is dismissed.
    pub(crate) fn error(self, text: impl Into<String>) {
        self.notices.update(|notices| notices.add(clock::monotonic(), Tone::Error, text.into()));
    }

    /// Signs out.
    pub(crate) fn sign_out(self) {
        spawn_local(async move {
            match http::sign_out().await {
                Ok(()) => self.app.signed_out(),
                Err(problem) if problem.code.status() == 401 => self.app.signed_out(),
                Err(problem) => self.error(format!("You are still signed in. {}", problem.message)),
            }
        });
    }

    /// A request somewhere was refused because the session does not hold.
    pub(crate) fn session_lost(self) {
        self.app.session_lost();
    }

    /// Fetches what was closed today.
    pub(crate) fn fetch_closed(self) {
        spawn_local(async move {
            let answer = http::closed_today().await;
            // The screen may have gone while the answer was on its way.
            let _ = self.closed.try_set(match answer {
                Ok(items) => Closed::Here(items),
                Err(problem) if problem.code.status() == 401 => return self.session_lost(),
                Err(problem) => Closed::Failed(problem.message),
            });
        });
    }

    fn hear(self, event: Event) {
        match event {
            Event::State(state) => self.link.set(state),
            Event::Frame(frame) => self.frame(frame),
            Event::Broken => {
                let lost = self.desk.try_update(Desk::connection_lost).unwrap_or(false);
                if lost {
                    self.error(
                        "The connection broke before the gateway answered. The lists show what is true once it is back.",
                    );
                }
            }
            Event::SignedOut => self.session_lost(),
        }
    }

    fn frame(self, frame: DeskFrame) {
        // Countdowns are measured from now, not from the last full second.
        self.monotonic.set(clock::monotonic());
        let presence_before =
            self.desk.with_untracked(|desk| desk.presence.as_ref().map(|held| held.presence));
        let news = self.desk.try_update(|desk| desk.apply(clock::monotonic(), frame)).flatten();
        match news {
            Some(News::Welcomed(offers)) => self.welcomed(&offers),
            Some(News::Offered(offer)) => self.offered(&offer),
            Some(News::OfferGone(offer, reason)) => self.offer_gone(&offer, reason),
            Some(News::Work(item)) => self.work_changed(&item),
            Some(News::WorkGone(conversation, last)) => self.work_gone(conversation, last.as_ref()),
            Some(News::Done(asked)) => self.done(asked),
            Some(News::Refused(asked, problem)) => self.refused(asked.as_ref(), &problem),
            None => self.presence_changed(presence_before),
        }
    }

    fn welcomed(self, offers: &[OfferView]) {
        let work = self.desk.with_untracked(|desk| desk.work.clone());
        let gone = self.tabs.try_update(|tabs| tabs.welcome(work.values(), clock::wall()));
        for tab in gone.unwrap_or_default() {
            self.news(no_longer_yours(&tab));
        }
        for offer in offers {
            self.offered(offer);
        }
        self.fetch_closed();
    }

    fn offered(self, offer: &OfferView) {
        let customer = words::customer(offer.customer.as_deref());
        let topic = offer.topic.as_deref().map(|topic| format!(", {topic}")).unwrap_or_default();
        let seconds = offer.remaining.as_millis().div_ceil(1_000);
        let queue = &offer.queue;
        let offered = format!("New conversation offered: {customer}{topic}, queue {queue}.");
        announce(
            self.urgent,
            format!("{offered} {seconds} seconds to answer. Alt A accepts, Alt R declines."),
        );
        notification::show(&format!("{customer} is waiting"), &format!("{}{topic}", offer.queue));
    }

    fn offer_gone(self, offer: &OfferView, reason: OfferGoneReason) {
        let accepted_here =
            self.desk.with_untracked(|desk| desk.is_asked(&DeskCommand::Accept { offer: offer.offer }));
        let customer = words::customer(offer.customer.as_deref());
        match reason {
            OfferGoneReason::Accepted if !accepted_here => {
                self.news(format!("You accepted {customer} in another window."));
            }
            OfferGoneReason::TimedOut | OfferGoneReason::Withdrawn => {
                announce(self.polite, format!("Offer from {customer}: {}", words::offer_gone(reason)));
            }
            OfferGoneReason::Accepted | OfferGoneReason::Rejected => {}
        }
    }

    fn work_changed(self, item: &WorkItemView) {
        let gone = self.tabs.try_update(|tabs| tabs.changed(item, clock::wall())).flatten();
        if item.state == WorkState::Closed {
            self.closed_one(gone.as_ref());
        } else if let Some(tab) = gone {
            self.news(no_longer_yours(&tab));
        }
    }

    fn work_gone(self, conversation: ConversationId, last: Option<&WorkItemView>) {
        let gone = self.tabs.try_update(|tabs| tabs.gone(conversation)).flatten();
        store::forget_conversation(conversation);
        match last {
            Some(last) if last.mine && last.state == WorkState::WrapUp => self.closed_one(gone.as_ref()),
            _ => {
                if let Some(tab) = gone {
                    self.news(no_longer_yours(&tab));
                }
                if last.is_some_and(|last| last.mine) {
                    self.fetch_closed();
                }
            }
        }
    }

    fn closed_one(self, tab: Option<&Tab>) {
        if let Some(tab) = tab {
            self.news(format!("The conversation with {} is closed.", tab.title));
        }
        self.fetch_closed();
    }

    fn done(self, asked: Asked) {
        match asked.command {
            DeskCommand::Accept { .. } | DeskCommand::Pick { .. } => {
                if let Some(conversation) = asked.conversation {
                    self.open(conversation, &asked.title, Kind::Work);
                }
            }
            DeskCommand::Reject { .. } => announce(self.polite, "Offer declined.".to_owned()),
            DeskCommand::End { .. } => {
                let ended = "The conversation has ended. Finish your notes, then close it.";
                announce(self.polite, ended.to_owned());
            }
            _ => {}
        }
    }

    fn refused(self, asked: Option<&Asked>, problem: &Problem) {
        if problem.code.status() == 401 {
            return self.session_lost();
        }
        match asked {
            Some(asked) => self.error(format!("{}: {}", asked.title, problem.message)),
            None => self.error(problem.message.clone()),
        }
    }

    fn presence_changed(self, before: Option<Presence>) {
        let now = self.desk.with_untracked(|desk| desk.presence.as_ref().map(|held| held.presence));
        if let Some(presence) = now.filter(|_| now != before) {
            announce(self.polite, format!("Your presence is {}.", words::presence(presence)));
        }
    }
}

/// Puts a sentence into a live region. The same sentence twice must still be a change, or it is not read out again.
fn announce(region: RwSignal<String>, sentence: String) {
    region.update(|held| *held = if *held == sentence { sentence + "\u{a0}" } else { sentence });
}

fn no_longer_yours(tab: &Tab) -> String {
    format!(
        "The conversation with {} is no longer yours: it ended, or somebody else is being found for it.",
        tab.title
    )
}
