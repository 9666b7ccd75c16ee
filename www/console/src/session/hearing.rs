//! What becomes of the gateway's word: the model takes it, and people are told of what is new, each once and in the place
//! where they look.

use leptos::prelude::*;
use shared::id::{ConversationId, QueueId, RepresentativeId};
use shared::protocol::Problem;
use shared::protocol::desk::{
    BulkAct, DeskCommand, DeskFrame, Destination, OfferGoneReason, OfferKind, OfferView, WorkItemView,
    WorkState,
};
use shared::settings::Presence;

use super::{Asking, Session};
use crate::model::bulk::{Outcome, conversations};
use crate::model::desk::{Answered, Asked, Desk, News, is_being_transferred};
use crate::model::tabs::{Kind, Page, Tab};
use crate::model::words;
use crate::net::desk::Event;
use crate::net::{clock, notification, store};

impl Session {
    pub(super) fn hear(self, event: Event) {
        match event {
            Event::State(state) => self.link.set(state),
            Event::Frame(frame) => self.frame(*frame),
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
            Some(News::Bulk(outcome)) => self.done_with_many(outcome),
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
            self.forget_conversation(item.conversation);
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
                self.forget_conversation(conversation);
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

    fn forget_conversation(self, conversation: ConversationId) {
        store::forget_conversation(conversation);
        self.outbox().forget_conversation(conversation);
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
            DeskCommand::Wait { .. } => {
                let aside = format!("Set aside until {customer} writes. It stands in “My work items”.");
                announce(self.polite, aside);
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
            DeskCommand::Reroute { .. } => {
                self.news(format!("The conversation with {customer} is routed again."));
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

    /// Many conversations were dealt with. What was refused is listed, unless the person is being asked something else.
    fn done_with_many(self, outcome: Outcome) {
        let refused = outcome.refused.len();
        let done = self.outcome_in_words(&outcome);
        if refused == 0 {
            self.news(done);
        } else if self.asking.with_untracked(Option::is_none) {
            self.open_dialog(Asking::Outcome(outcome));
        } else {
            self.error(format!("{done} It was refused for {}.", conversations(refused)));
        }
    }

    /// What was done with many conversations.
    pub(crate) fn outcome_in_words(self, outcome: &Outcome) -> String {
        outcome.done_in_words(&match outcome.act {
            BulkAct::Assign { to } | BulkAct::Redirect { to } => match to {
                Destination::Representative(id) => self.name_of(id),
                Destination::Queue(queue) => self.queue_name(queue),
            },
            BulkAct::ForceClose => String::new(),
        })
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

    fn name_of(self, id: RepresentativeId) -> String {
        let known = self.overview.with_untracked(|overview| overview.name_of(id));
        known.unwrap_or_else(|| self.desk.with_untracked(|desk| desk.name_of(id)))
    }

    fn queue_name(self, id: QueueId) -> String {
        let known = self.overview.with_untracked(|overview| overview.queue_name_of(id));
        known.unwrap_or_else(|| self.desk.with_untracked(|desk| desk.queue_name(id)))
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
            announce(
                self.polite,
                format!(
                    "Your presence is {}.",
                    self.desk.with_untracked(|desk| desk.known_presence(presence).0)
                ),
            );
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
