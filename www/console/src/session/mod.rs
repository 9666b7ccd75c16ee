//! One sign-in: what the gateway says becomes model, what the person does becomes commands.
//!
//! A [`Session`] is a handful of signals; it costs nothing to copy and ends with the desk's screen. Commands are never
//! guessed ahead: a button shows that it is at work, and the lists change when the gateway says so.

mod hearing;

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::id::ConversationId;
use shared::protocol::desk::{DeskCommand, Purpose, WorkItemView};
use shared::protocol::http::Me;
use shared::protocol::insight::RepresentativeCounters;
use shared::time::Timestamp;

use crate::app::App;
use crate::model::bulk::{Many, Outcome};
use crate::model::desk::Desk;
use crate::model::link::LinkState;
use crate::model::mail::Undelivered;
use crate::model::notices::{Notices, Tone};
use crate::model::overview::Overview;
use crate::model::tabs::{Kind, Page, Tabs};
use crate::net::desk::DeskConnection;
use crate::net::outbox::Outbox;
use crate::net::{clock, http, store};

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

/// A conversation that a dialog is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Which.
    pub(crate) conversation: ConversationId,
    /// The customer's name.
    pub(crate) customer: String,
}

/// What is asked of the person in a dialog above everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Whom to ask, or which queue.
    Choose(Subject, Purpose),
    /// Nothing: it is explained why a conversation is where it is.
    Why(Subject),
    /// Whether a conversation is to be closed, whatever its state.
    ForceClose(Subject),
    /// Whether a conversation is to go back to its queue.
    Release(Subject),
    /// What more is known about a conversation, which is to be routed again.
    Reroute(Subject),
    /// Which presence somebody is to have.
    Presence(RepresentativeCounters),
    /// To whom many conversations are to go.
    ChooseForMany(Many, Purpose),
    /// Whether many conversations are to be closed.
    CloseMany(Many),
    /// Nothing: it is said what became of many conversations.
    Outcome(Outcome),
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
    /// What a dialog asks, if one is open.
    pub(crate) asking: RwSignal<Option<Asking>>,
    /// What goes on, for supervisors.
    pub(crate) overview: RwSignal<Overview>,
    /// What parts of the system could not tell each other, for administrators.
    pub(crate) undelivered: RwSignal<Undelivered>,
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
            asking: RwSignal::new(None),
            overview: RwSignal::default(),
            undelivered: RwSignal::default(),
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

    /// Brings a page to the front.
    pub(crate) fn show_page(self, page: Page) {
        self.tabs.update(|tabs| tabs.show_page(page));
    }

    /// Opens a dialog. The list of those who can be asked is fetched with it.
    pub(crate) fn open_dialog(self, asking: Asking) {
        if let Asking::Choose(Subject { conversation, .. }, purpose) = asking {
            self.desk.update(|desk| desk.candidates = None);
            self.ask(DeskCommand::Candidates { conversation, purpose });
        }
        self.asking.set(Some(asking));
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

    /// What the gateway has not acknowledged, of this window.
    pub(crate) fn outbox(self) -> Outbox {
        Outbox::of(self.me.with_value(|me| me.representative))
    }

    /// How many messages of the conversations that are open here the gateway has not taken yet.
    pub(crate) fn unsent(self) -> usize {
        self.outbox().unsent(|conversation| self.tabs.with_untracked(|tabs| tabs.tab(conversation).is_some()))
    }

    /// Signs out.
    pub(crate) fn sign_out(self) {
        // The desk may be gone before the answer comes.
        let outbox = self.outbox();
        spawn_local(async move {
            match http::sign_out().await {
                Err(problem) if problem.code.status() != 401 => {
                    self.error(format!("You are still signed in. {}", problem.message));
                }
                Ok(()) | Err(_) => {
                    outbox.forget_everything();
                    self.app.signed_out();
                }
            }
        });
    }

    /// A request somewhere was refused because the session does not hold.
    pub(crate) fn session_lost(self) {
        self.app.session_lost();
    }

    /// Fetches what goes on. The last answer stays until the next has come.
    pub(crate) fn fetch_overview(self) {
        if !self.overview.try_update(Overview::begin).unwrap_or(false) {
            return;
        }
        spawn_local(async move {
            let answers = (http::ongoing().await, http::counters().await);
            if matches!(&answers, (Err(problem), _) | (_, Err(problem)) if problem.code.status() == 401) {
                return self.session_lost();
            }
            let now = clock::wall();
            if let Ok(ongoing) = &answers.0 {
                // Nothing that is seen changes by it: only how things are called.
                let _ = self.desk.try_update_untracked(|desk| desk.know_customers(ongoing));
            }
            let again = self.overview.try_update(|overview| overview.take(now, answers.0, answers.1));
            if again == Some(true) {
                self.fetch_overview();
            }
        });
    }

    /// Fetches what could not be delivered. The last answer stays until the next has come.
    pub(crate) fn fetch_undelivered(self) {
        if !self.undelivered.try_update(Undelivered::begin).unwrap_or(false) {
            return;
        }
        spawn_local(async move {
            let mail = http::mail().await;
            if mail.as_ref().is_err_and(|problem| problem.code.status() == 401) {
                return self.session_lost();
            }
            let now = clock::wall();
            let again = self.undelivered.try_update(|undelivered| undelivered.take(now, mail));
            if again == Some(true) {
                self.fetch_undelivered();
            }
        });
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
}
