//! One sign-in: what the gateway says becomes model, what the person does becomes commands.
//!
//! A [`Session`] is a handful of signals; it costs nothing to copy and ends with the desk's screen. Commands are never
//! guessed ahead: a button shows that it is at work, and the lists change when the gateway says so.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::id::ConversationId;
use shared::protocol::Problem;
use shared::protocol::desk::{
    DeskCommand, DeskFrame, Destination, OfferGoneReason, OfferKind, OfferView, Purpose, WorkItemView,
    WorkState,
};
use shared::protocol::http::Me;
use shared::protocol::insight::RepresentativeCounters;
use shared::settings::Presence;
use shared::time::Timestamp;

use crate::app::App;
use crate::model::desk::{Answered, Asked, Desk, News, is_being_transferred};
use crate::model::link::LinkState;
use crate::model::notices::{Notices, Tone};
use crate::model::overview::Overview;
use crate::model::tabs::{Kind, Page, Tab, Tabs};
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
    /// Which presence somebody is to have.
    Presence(RepresentativeCounters),
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
            Some(News::Answered(answered)) => self.answered(&answered),
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
        let (kind, queue) = (words::offer_kind(offer), &offer.queue);
        let declines = if offer.can_reject { ", Alt R declines" } else { "" };
        announce(
            self.urgent,
            format!(
                "{kind}. {customer}{topic}, queue {queue}. {seconds} seconds to answer. Alt A accepts{declines}."
            ),
        );
        let title = match offer.kind {
            OfferKind::Work | OfferKind::Assignment => format!("{customer} is waiting"),
            OfferKind::Transfer | OfferKind::Consult => kind,
        };
        notification::show(&title, &format!("{}{topic}", offer.queue));
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
                let sentence = words::offer_gone(offer.kind, reason);
                announce(self.polite, format!("Offer from {customer}: {sentence}"));
            }
            OfferGoneReason::Accepted | OfferGoneReason::Rejected => {}
        }
    }

    fn work_changed(self, item: &WorkItemView) {
        let given_away = self.desk.with_untracked(|desk| desk.is_being_given_away(item.conversation));
        let gone = self.tabs.try_update(|tabs| tabs.changed(item, clock::wall())).flatten();
        if item.state == WorkState::Closed {
            store::forget_conversation(item.conversation);
            self.closed_one(gone.as_ref());
        } else if let Some(tab) = gone.filter(|_| !given_away) {
            self.news(no_longer_yours(&tab));
        }
    }

    /// What was written and not sent stays with this window: the conversation may come back. It is forgotten when the
    /// conversation is over.
    fn work_gone(self, conversation: ConversationId, last: Option<&WorkItemView>) {
        // Whoever gives it away, or waits for the answer to a transfer, is told in other words.
        let expected = self.desk.with_untracked(|desk| desk.is_being_given_away(conversation))
            || last.is_some_and(is_being_transferred);
        let gone = self.tabs.try_update(|tabs| tabs.gone(conversation)).flatten();
        match last {
            Some(last) if last.mine && last.state == WorkState::WrapUp => {
                store::forget_conversation(conversation);
                self.closed_one(gone.as_ref());
            }
            _ => {
                if let Some(tab) = gone.filter(|_| !expected) {
                    self.news(match last {
                        Some(last) if !last.mine => {
                            format!("You no longer take part in the conversation with {}.", tab.title)
                        }
                        _ => no_longer_yours(&tab),
                    });
                }
                if last.is_some_and(|last| last.mine) {
                    self.fetch_closed();
                }
            }
        }
    }

    fn answered(self, answered: &Answered) {
        let Answered { asked, name, answer, title } = answered;
        self.news(words::answered(*asked, name.as_deref(), *answer, title));
    }

    fn closed_one(self, tab: Option<&Tab>) {
        if let Some(tab) = tab {
            self.news(format!("The conversation with {} is closed.", tab.title));
        }
        self.fetch_closed();
    }

    fn done(self, asked: Asked) {
        let customer = &asked.title;
        match asked.command {
            DeskCommand::Accept { .. }
            | DeskCommand::Pick { .. }
            | DeskCommand::Monitor { .. }
            | DeskCommand::Resume { .. } => {
                if let Some(conversation) = asked.conversation {
                    self.open(conversation, &asked.title, Kind::Work);
                }
            }
            DeskCommand::Reject { .. } => announce(self.polite, "Offer declined.".to_owned()),
            DeskCommand::End { .. } => {
                let ended = "The conversation has ended. Finish your notes, then close it.";
                announce(self.polite, ended.to_owned());
            }
            DeskCommand::Release { .. } => {
                self.news(format!("The conversation with {customer} is back in its queue."));
            }
            // Who was asked stands above the transcript, where whoever asks is looking.
            DeskCommand::Transfer { to: to @ Destination::Representative(_), .. } => {
                announce(self.polite, self.given(customer, to, "transferred"));
            }
            DeskCommand::Consult { with: Destination::Representative(id), .. } => {
                announce(self.polite, format!("{} is asked to advise on {customer}.", self.name_of(id)));
            }
            DeskCommand::Consult { with: Destination::Queue(queue), .. } => {
                let queue = self.queue_name(queue);
                announce(self.polite, format!("Somebody of {queue} is looked for to advise on {customer}."));
            }
            DeskCommand::Transfer { to, .. } | DeskCommand::Redirect { to, .. } => {
                self.news(self.given(customer, to, "transferred"));
            }
            DeskCommand::Assign { to, .. } => self.news(self.given(customer, to, "assigned")),
            DeskCommand::ForceClose { .. } => {
                self.news(format!("The conversation with {customer} is closed."));
            }
            DeskCommand::Join { .. } => {
                announce(self.polite, "You have joined. The customer sees what you write.".to_owned());
            }
            DeskCommand::OverridePresence { representative, .. } => {
                self.news(format!("The presence of {} is set.", self.name_of(representative)));
            }
            _ => {}
        }
        if self.tabs.with_untracked(|tabs| tabs.is_front(Page::Overview)) {
            self.fetch_overview();
        }
    }

    /// What is said of work that was given to somebody or to a queue.
    fn given(self, customer: &str, to: Destination, done: &str) -> String {
        match to {
            Destination::Representative(id) => {
                format!("{} is asked to take the conversation with {customer}.", self.name_of(id))
            }
            Destination::Queue(queue) => {
                format!("The conversation with {customer} was {done} to {}.", self.queue_name(queue))
            }
        }
    }

    fn name_of(self, id: shared::id::RepresentativeId) -> String {
        let known = self.overview.with_untracked(|overview| overview.name_of(id));
        known.unwrap_or_else(|| self.desk.with_untracked(|desk| desk.name_of(id)))
    }

    fn queue_name(self, id: shared::id::QueueId) -> String {
        self.desk.with_untracked(|desk| desk.queue_name(id))
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
