//! Visitors: one to three tabs with one store, and what people do in them.

use std::collections::BTreeMap;

use shared::client::{Delivery, Draft, Input};
use shared::conversation::{Matter, Opening};
use shared::form::Answer;
use shared::id::{ConversationId, MessageId, RequestId, VisitorId, WidgetId};
use shared::protocol::live::{Author, Entry, Standing, Visibility};
use shared::routing::Arrival;
use shared::text::MessageText;
use shared::time::Span;

use crate::browser::{Device, Window};
use crate::network::Endpoint;
use crate::object::Name;
use crate::plan::{TOPICS, WORKSTREAM};
use crate::random::Random;
use crate::tabs::{Lock, Page};
use crate::world::{Call, Caller, Event, World, Written};

/// One visitor with one browser.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) id: VisitorId,
    /// Whom a session was opened for in which no conversation was started yet.
    pub(crate) opened: Option<VisitorId>,
    pub(crate) device: Device,
    pub(crate) tabs: Vec<Tab>,
    /// Whether the browser has locks. If not, each tab has a socket of its own.
    pub(crate) has_locks: bool,
    pub(crate) lock: Lock,
    /// The store: the conversation that is shown, and drafts of it.
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) drafts: BTreeMap<MessageId, (ConversationId, Draft)>,
}

/// One tab.
#[derive(Debug, Default)]
pub(crate) struct Tab {
    /// None while it is closed.
    pub(crate) page: Option<Page>,
    /// As whom it speaks.
    pub(crate) session: Option<VisitorId>,
    pub(crate) window: Option<Window>,
    /// What was submitted to start a conversation and not answered yet.
    pub(crate) submitted: Option<Submitted>,
}

/// A form as it was submitted. The same answers again are the same request; whoever changes them makes another one.
#[derive(Debug, Clone)]
pub(crate) struct Submitted {
    request: RequestId,
    topic: &'static str,
    first_message: Option<String>,
}

impl Submitted {
    /// The first message stands in the log under the id of the request.
    fn message(&self) -> MessageId {
        MessageId::from_bytes(*self.request.as_bytes())
    }
}

impl Visitor {
    pub(crate) fn new(id: VisitorId, random: &mut Random) -> Self {
        let tabs = (0..random.between(1, 3)).map(|_| Tab::default()).collect();
        let (has_locks, lock) = (random.chance(800), Lock::default());
        let device = Device::new(random);
        Self { id, opened: None, device, tabs, has_locks, lock, conversation: None, drafts: BTreeMap::new() }
    }
}

impl Visitor {
    /// As whom a conversation is asked for.
    pub(crate) fn asks_as(&self) -> VisitorId {
        self.opened.unwrap_or(self.id)
    }
}

impl Tab {
    pub(crate) fn is_open(&self) -> bool {
        self.page.is_some()
    }

    /// What it says at hello.
    pub(crate) fn token(&self) -> String {
        self.session.map(|session| session.to_string()).unwrap_or_default()
    }
}

impl World {
    /// A visitor does something.
    pub(crate) fn visitor_acts(&mut self, place: usize) {
        if !self.troubled {
            return;
        }
        let pause = self.plan.pause;
        self.later(200, pause, Event::Visitor(place));
        if self.visitors[place].device.is_asleep(self.now) {
            return;
        }
        let tab = usize::try_from(self.random.below(self.visitors[place].tabs.len() as u64)).unwrap_or(0);
        if !self.visitors[place].tabs[tab].is_open() {
            if self.random.chance(300) {
                self.open_tab(place, tab);
            }
            return;
        }
        let endpoint = Endpoint::Tab(place, tab);
        if self.now < self.asleep_until(endpoint) {
            return;
        }
        let standing = self.window(endpoint).map(|window| window.client.standing().cloned());
        match standing {
            None => self.start_in_all_tabs_or(place, tab),
            Some(Some(Standing::Ended { .. })) if self.random.chance(300) => {
                self.start_in_all_tabs_or(place, tab);
            }
            Some(_) => self.visitor_talks(endpoint),
        }
    }

    fn visitor_talks(&mut self, endpoint: Endpoint) {
        let Endpoint::Tab(place, tab) = endpoint else { return };
        match self.random.below(100) {
            0..36 => self.compose(endpoint, Visibility::Public),
            36..40 => self.amend(endpoint),
            40..60 => self.read_everything(endpoint),
            60..75 => self.drive(endpoint, Input::Typing { visibility: Visibility::Public }),
            75..80 => self.drive(endpoint, Input::LoadEarlier),
            80..83 => self.drive(endpoint, Input::End),
            83..90 => self.look_after_failed(endpoint),
            90..93 => self.close_tab(place, tab),
            // A flood, which the gateway slows down.
            93 => (0..130).for_each(|_| self.drive(endpoint, Input::LoadEarlier)),
            _ => self.drive(endpoint, Input::Wake),
        }
    }

    /// Somebody writes a message.
    pub(crate) fn compose(&mut self, endpoint: Endpoint, visibility: Visibility) {
        let Some(window) = self.window(endpoint) else { return };
        if !window.client.can_compose() {
            return;
        }
        let text = format!("message {}.", self.counts.written + 1);
        let message = self.write(endpoint, visibility, Matter::Text(text.clone()));
        self.drive(endpoint, Input::Compose { message, visibility, text });
    }

    /// Somebody changes or removes one of the messages that they see, now and then one that is not theirs.
    pub(crate) fn amend(&mut self, endpoint: Endpoint) {
        let mut random = self.random.clone();
        let Some(window) = self.window(endpoint) else { return };
        if !window.client.can_compose() {
            return;
        }
        let is_customer = matches!(endpoint, Endpoint::Tab(..));
        let is_theirs = |entry: &&Entry| (entry.author == Author::Customer) == is_customer;
        let messages = window.client.entries().iter().filter(|entry| entry.message.is_some());
        let any = random.chance(100);
        let messages: Vec<_> = messages.filter(|entry| any || is_theirs(entry)).collect();
        let found = random.pick(messages.into_iter());
        let found = found.map(|entry| (entry.sequence, entry.visibility));
        self.random = random;
        let Some((target, visibility)) = found else { return };
        let text = self.random.chance(600).then(|| format!("message {}.", self.counts.written + 1));
        let matter = match text.clone() {
            Some(text) => Matter::Edited { target, text },
            None => Matter::Redacted { target },
        };
        let message = self.write(endpoint, visibility, matter);
        self.drive(endpoint, Input::Amend { message, target, text });
    }

    /// Notes what somebody writes, under a new id.
    fn write(&mut self, endpoint: Endpoint, visibility: Visibility, matter: Matter) -> MessageId {
        let clock = self.device(endpoint).clock(self.now);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.random.next().to_be_bytes());
        let message = MessageId::born(clock, random);
        self.counts.written += 1;
        let number = self.counts.written;
        if let Some(window) = self.window(endpoint) {
            let (conversation, window) = (Some(window.conversation), window.number);
            let (was_refused, given_up) = (false, false);
            let is_first = false;
            let written =
                Written { conversation, visibility, is_first, matter, number, window, was_refused, given_up };
            self.written.insert(message, written);
        }
        message
    }

    pub(crate) fn read_everything(&mut self, endpoint: Endpoint) {
        if let Some(upto) = self.window(endpoint).map(|window| window.client.held()) {
            self.drive(endpoint, Input::Seen { upto });
        }
    }

    /// A message that was refused is tried again or given up.
    pub(crate) fn look_after_failed(&mut self, endpoint: Endpoint) {
        let Some(window) = self.window(endpoint) else { return };
        let failed = |draft: &&Draft| matches!(draft.delivery, Delivery::Failed(_));
        let Some(message) = window.client.drafts().iter().find(failed).map(|draft| draft.message) else {
            return;
        };
        if self.random.chance(500) {
            self.drive(endpoint, Input::Retry { message });
        } else {
            self.give_up(message);
            self.drive(endpoint, Input::Discard { message });
        }
    }

    pub(crate) fn give_up(&mut self, message: MessageId) {
        if let Some(written) = self.written.get_mut(&message) {
            written.given_up = true;
        }
    }

    /// This tab asks for a conversation; now and then all of them do, at the same instant.
    fn start_in_all_tabs_or(&mut self, place: usize, tab: usize) {
        let all = self.random.chance(300);
        let tabs = 0..self.visitors[place].tabs.len();
        for asking in tabs.filter(|other| *other == tab || all) {
            if self.visitors[place].tabs[asking].is_open() {
                self.start(place, asking);
            }
        }
    }

    /// Somebody answers the form, or changes what they have answered.
    fn answer_form(&mut self, place: usize) -> Submitted {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.random.next().to_be_bytes());
        let request = RequestId::born(self.now, random);
        let topic = self.random.pick(TOPICS.into_iter()).unwrap_or_default();
        let said = self.random.chance(500).then(|| format!("the first message of {request}"));
        let first_message = self.unsent(place, request).or(said);
        let submitted = Submitted { request, topic, first_message };
        if let Some(text) = submitted.first_message.clone() {
            self.counts.written += 1;
            let written = Written {
                conversation: None,
                visibility: Visibility::Public,
                is_first: true,
                matter: Matter::Text(text),
                number: self.counts.written,
                window: self.ticket(),
                was_refused: false,
                // Until it is answered it stands in the form, and nobody takes it for sent.
                given_up: true,
            };
            self.written.insert(submitted.message(), written);
        }
        submitted
    }

    /// A tab asks for a conversation. Whoever got no answer submits the same again, or changes it first.
    fn start(&mut self, place: usize, tab: usize) {
        let visitor = self.visitors[place].asks_as();
        let shard = visitor.shard();
        let before = self.visitors[place].tabs[tab].submitted.clone();
        let submitted = match before.filter(|_| self.random.chance(700)) {
            Some(before) => before,
            None => self.answer_form(place),
        };
        self.visitors[place].tabs[tab].submitted = Some(submitted.clone());
        let (request, topic, message) = (submitted.request, submitted.topic, submitted.message());
        let conversation = ConversationId::born_in(shard, self.now, self.random.next().to_be_bytes());
        let answers = vec![Answer { name: "topic".into(), value: topic.into() }];
        let first_message = submitted
            .first_message
            .map(|text| (message, MessageText::new(&text).unwrap_or_else(|fault| panic!("{fault}"))));
        let arrival = Arrival {
            topic: Some(topic.into()),
            answers: answers.clone(),
            ..Arrival::new(conversation, WORKSTREAM)
        };
        let opening = Opening {
            conversation,
            visitor,
            widget: WidgetId::from_u128(1),
            arrival,
            answers,
            first_message,
            customer_grace: Span::from_secs(180),
        };
        let call = Call::Start { visitor, request, opening: Box::new(opening) };
        self.ask(Name::Shard(shard.number()), Caller::Tab(place, tab, visitor, request), call);
    }

    /// A conversation was started or found, or the request failed and is made again when the visitor likes.
    pub(crate) fn started(
        &mut self,
        place: usize,
        tab: usize,
        asked: VisitorId,
        request: RequestId,
        conversation: Option<ConversationId>,
    ) {
        let Some(conversation) = conversation else { return };
        let submitted = &mut self.visitors[place].tabs[tab].submitted;
        let Some(answered) = submitted.take_if(|submitted| submitted.request == request) else { return };
        // From now on the writer takes it for sent.
        if let Some(written) = self.written.get_mut(&answered.message()) {
            (written.conversation, written.given_up) = (Some(conversation), false);
        }
        self.visitors[place].id = asked;
        self.visitors[place].opened.take_if(|opened| *opened == asked);
        if self.visitors[place].conversation == Some(conversation) {
            self.attend(place, tab);
            return;
        }
        self.visitors[place].conversation = Some(conversation);
        // What belongs to the conversation before is forgotten.
        for (message, _) in std::mem::take(&mut self.visitors[place].drafts) {
            self.give_up(message);
        }
        for tab in 0..self.visitors[place].tabs.len() {
            self.attend(place, tab);
        }
    }

    /// The tab shows the conversation that the store names.
    pub(crate) fn attend(&mut self, place: usize, tab: usize) {
        let wanted = self.visitors[place].conversation;
        let shown = self.visitors[place].tabs[tab].window.as_ref().map(|window| window.conversation);
        if !self.visitors[place].tabs[tab].is_open() || wanted == shown {
            return;
        }
        self.show(place, tab, wanted);
    }
}
