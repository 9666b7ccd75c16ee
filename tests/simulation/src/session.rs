//! Sessions that run out, and how people go on. A representative's socket is closed at that moment, and they sign in again;
//! a visitor is refused at the next hello, and goes on from the form, with what could not be sent.

use shared::client::{Connection, Delivery, Input};
use shared::id::{ConversationId, RequestId, VisitorId};
use shared::protocol::ErrorCode;
use shared::time::{Span, Timestamp};

use crate::network::Endpoint;
use crate::object::{Answer, Name};
use crate::plan::Fault;
use crate::settings::SettingsRequest;
use crate::store::StoredVisitor;
use crate::world::{Call, Caller, World, trace};

impl World {
    /// The session of a console and when it ends, if the settings object knows it and it has not run out.
    pub(crate) fn session_of(&self, place: usize) -> Option<(u64, Option<Timestamp>)> {
        let session = self.consoles[place].session?;
        let (_, ends) = self.settings.disk.tables.sessions.get(&session)?;
        ends.is_none_or(|ends| self.now < ends).then_some((session, *ends))
    }

    /// A console asks for more time, or finds out that there is none left.
    pub(crate) fn renew_session(&mut self, place: usize) {
        if self.troubled
            && self.plan.has(Fault::SessionExpiry)
            && let Some(session) = self.consoles[place].session
        {
            let request = SettingsRequest::Renew { session };
            self.ask(Name::Settings, Caller::Renewing(place, session), Call::Settings(request));
        }
    }

    /// A console hears what became of its session. Its store keeps what was written; whoever signs in again sends it.
    pub(crate) fn renewed(&mut self, place: usize, session: u64, answer: Option<Answer>) {
        let is_over = matches!(answer, Some(Answer::SignedOut));
        if is_over && self.consoles[place].session == Some(session) {
            trace!(self, "  the session of {place} has run out");
            self.counts.expired += 1;
            self.consoles[place].session = None;
            self.close_console(place);
        }
    }

    /// A device sleeps for longer than its session lasts.
    pub(crate) fn oversleep(&mut self) {
        let lifetime = self.plan.lifetime.unwrap_or_default().as_millis();
        self.sleep(lifetime, lifetime + 60_000);
    }

    /// From now on no session runs out.
    pub(crate) fn prolong_sessions(&mut self) {
        self.settings.disk.tables.lifetime = None;
        for (_, ends) in self.settings.disk.tables.sessions.values_mut() {
            *ends = None;
        }
        for shard in &mut self.shards {
            shard.disk.tables.lifetime = None;
        }
    }

    /// A tab whose machine was refused for good leaves the conversation. What could not be sent stands in the form from now
    /// on, so its writer knows that it was not.
    pub(crate) fn leave_if_refused(&mut self, place: usize, tab: usize) {
        let endpoint = Endpoint::Tab(place, tab);
        let Some(window) = self.window(endpoint) else { return };
        if window.client.connection() != Connection::Refused {
            return;
        }
        let conversation = window.conversation;
        let signed_out =
            window.client.problem().is_some_and(|problem| problem.code == ErrorCode::NotSignedIn);
        let unsent = window.client.drafts().iter();
        let unsent = unsent.filter(|draft| !matches!(draft.delivery, Delivery::Delivered(_)));
        for message in unsent.map(|draft| draft.message).collect::<Vec<_>>() {
            self.give_up(message);
        }
        if !signed_out {
            self.violate(format!("{endpoint:?} was refused, and not because its session has run out"));
        }
        let was_shown = self.visitors[place].conversation == Some(conversation);
        if was_shown {
            self.visitors[place].conversation = None;
            self.open_session(place);
        }
        self.show(place, tab, None);
    }

    /// A visitor whose session has run out gets another one, and nothing tells that it is the same person. It counts when a
    /// conversation was started in it.
    pub(crate) fn open_session(&mut self, place: usize) {
        let shard = self.visitors[place].id.shard();
        let id = VisitorId::born_in(shard, self.now, self.random.next().to_be_bytes());
        trace!(self, "  visitor {place} has a new session: {id}");
        self.counts.expired += 1;
        let stored = StoredVisitor::born(self.now);
        self.shards[usize::from(shard.number())].disk.tables.visitors.insert(id, stored);
        self.visitors[place].opened = Some(id);
    }

    /// A tab that opens with the form finds in it what the store still has of a conversation that is left.
    pub(crate) fn take_up_unsent(&mut self, place: usize) {
        if self.visitors[place].conversation.is_none() {
            for message in self.visitors[place].drafts.keys().copied().collect::<Vec<_>>() {
                self.give_up(message);
            }
        }
    }

    /// What stands in the form because it could not be sent where it was written, in other words than it was: the checks
    /// take each message by its text.
    pub(crate) fn unsent(&self, place: usize, request: RequestId) -> Option<String> {
        let visitor = &self.visitors[place];
        let left = visitor.drafts.values().filter(|(of, _)| Some(*of) != visitor.conversation);
        let texts: Vec<_> =
            left.map(|(_, draft)| draft.text.as_str()).filter(|text| !text.is_empty()).collect();
        (!texts.is_empty()).then(|| format!("again, with {request}: {}", texts.concat().replace('.', "!")))
    }

    /// A tab shows this conversation from now on, or the form.
    pub(crate) fn show(&mut self, place: usize, tab: usize, conversation: Option<ConversationId>) {
        let endpoint = Endpoint::Tab(place, tab);
        self.transport(endpoint, |transport, _| transport.attend(conversation));
        let number = self.ticket();
        let session = self.visitors[place].id;
        let shown = &mut self.visitors[place].tabs[tab];
        shown.session = Some(session);
        shown.window = conversation.map(|conversation| crate::browser::Window::new(conversation, number));
        // The form is gone, with what was in it.
        shown.submitted = None;
        self.restore_drafts(endpoint);
        self.drive(endpoint, Input::Wake);
    }
}

/// Whether a session that was used then last has run out by now.
pub(crate) fn has_run_out(used: Timestamp, now: Timestamp, lifetime: Option<Span>) -> bool {
    lifetime.is_some_and(|lifetime| now.since(used) > lifetime)
}
