//! The shell: turns what happens in the browser into the model's events, and carries out its effects.

use alloc::string::String;
use alloc::vec::Vec;

use shared::client::{Input, Output};
use shared::limit::MESSAGE_CHARS_MAX;
use shared::protocol::codec::take_binary;
use shared::protocol::live::{Sequence, ServerFrame, Visibility};
use shared::text::longer_than;
use wasm_bindgen::prelude::*;

use crate::browser::{self, What, new_message, new_request, passed, random_number};
use crate::model::{Effect, Event, Failure, Model, Tell};
use crate::requests::{self, Requests};
use crate::store::{self, session_of, session_text};
use crate::transport::{Heard, Transport};
use crate::view::{self, View, composer, form, transcript};

/// The widget.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Widget {
    model: Model,
    view: View,
    transport: Transport,
    requests: Option<Requests>,
    /// The panel is shown on the page.
    shown: bool,
    /// The hand-over code that the visitor arrived with, and from which site.
    code: Option<String>,
}

#[wasm_bindgen]
impl Widget {
    /// The widget with this id, on a page of this site.
    #[wasm_bindgen(constructor)]
    pub fn new(id: &str, site: String) -> Self {
        let requests = id.parse().ok().map(|widget| Requests::new(widget, site));
        let (model, view, transport) = (Model::new(), View::new(), Transport::new());
        Self { model, view, transport, requests, shown: false, code: None }
    }

    /// Says what happened, by its number, and the number, text and bytes that belong to it. Never called while the widget is doing something.
    pub fn tell(&mut self, what: usize, number: u32, text: Option<String>, bytes: Option<Vec<u8>>) {
        let Some(what) = What::ALL.get(what).copied() else { return };
        let text = text.unwrap_or_default();
        let bytes = bytes.unwrap_or_default();
        match what {
            What::Code => self.code = Some(text),
            What::Init => self.begin(number != 0, &text),
            What::Shown => {
                self.shown = number != 0;
                self.look();
            }
            What::Handover => self.hand_over(number, &text),
            What::Close => browser::say("close", 0, None),
            What::Again => self.handle(Event::Again),
            What::Retry => self.handle(Event::Retry),
            What::Submit => self.submit(),
            What::Send => self.send(),
            What::Look => self.look(),
            What::Drafted => self.restore_drafts(),
            What::SessionChanged => self.handle(Event::Elsewhere(session_of(&text))),
            What::Answered => self.answered(number, requests::body(!text.is_empty(), bytes)),
            What::Unanswered => self.answered(number, Err(Failure::Unreachable)),
            What::Held => {
                if let Some(requests) = &mut self.requests {
                    requests.held(&bytes);
                }
            }
            What::Closed => self.closed(random_number()),
            What::Frame => {
                let mut rest = bytes.as_slice();
                let mut from = rest;
                while let Some(frame) = take_binary(&mut rest) {
                    let (own, _) = from.split_at_checked(from.len() - rest.len()).unwrap_or_default();
                    self.transport.relay(&frame, own);
                    self.frame(frame);
                    from = rest;
                }
            }
            What::Overheard => self.overheard(number, &bytes),
            What::Lock => {
                self.transport.set_leading(number != 0);
                self.closed(0);
            }
            What::LockLost => {
                self.transport.lock_lost();
                self.closed(0);
            }
            _ => self.handle_some(input_of(what, number, &text).map(Event::Chat)),
        }
    }
}

/// What concerns the conversation alone.
fn input_of(what: What, number: u32, text: &str) -> Option<Input> {
    Some(match what {
        What::Earlier => Input::LoadEarlier,
        What::RetryDraft => Input::Retry { message: text.parse().ok()? },
        What::DiscardDraft => Input::Discard { message: text.parse().ok()? },
        What::End => Input::End,
        What::Input => {
            composer::measure();
            Input::Typing { visibility: Visibility::Public }
        }
        What::Wake => Input::Wake,
        What::SeenChanged => Input::Seen { upto: Sequence(number) },
        What::Tick => Input::Tick,
        What::Opened => Input::Opened,
        What::Pong => Input::Pong,
        _ => return None,
    })
}

impl Widget {
    fn handle(&mut self, event: Event) {
        for effect in self.model.handle(passed(), event) {
            self.perform(effect);
        }
        browser::ring_at(self.model.chat.next_deadline());
    }

    fn handle_some(&mut self, event: Option<Event>) {
        if let Some(event) = event {
            self.handle(event);
        }
    }

    fn begin(&mut self, shown: bool, mirror: &str) {
        self.shown = shown;
        let session = store::session().or_else(|| session_of(mirror));
        let talks = session.as_ref().is_some_and(|session| session.conversation.is_some());
        let unsent = if talks { String::new() } else { store::unsent() };
        let code = self.code.take();
        self.handle(Event::Begin { session, unsent, code, visible: self.is_visible() });
    }

    fn is_visible(&self) -> bool {
        self.shown && browser::visible()
    }

    /// Somebody looks at the page, or no longer. Who is back is to be in step also while the panel is closed: its badge says
    /// what is unread.
    fn look(&mut self) {
        if browser::visible() {
            self.handle(Event::Chat(Input::Wake));
        }
        self.handle(Event::Shown(self.is_visible()));
    }

    fn submit(&mut self) {
        let Some(view) = &self.model.view else { return };
        let answers = form::answers(&view.form);
        self.handle(Event::Submit { answers, request: new_request() });
    }

    /// Sends what was written, unless it is nothing or too much, or the outbox is full.
    fn send(&mut self) {
        let text = composer::written();
        if !text.is_empty() && !longer_than(&text, MESSAGE_CHARS_MAX) && self.model.chat.can_compose() {
            composer::clear();
            let message = new_message();
            self.handle(Event::Chat(Input::Compose { message, visibility: Visibility::Public, text }));
        }
        browser::focus("text");
    }

    fn answered(&mut self, number: u32, answer: Result<Vec<u8>, Failure>) {
        let event = self.requests.as_mut().and_then(|requests| requests.answered(number, answer));
        self.handle_some(event);
    }

    fn frame(&mut self, frame: ServerFrame) {
        let welcomed = matches!(frame, ServerFrame::Welcome { .. });
        self.handle(Event::Chat(Input::Frame(frame)));
        if welcomed {
            self.restore_drafts();
        }
    }

    /// The link is gone, or is another one now. With 0 nobody needs to be spared.
    fn closed(&mut self, random: u32) {
        self.transport.disconnect();
        self.handle(Event::Chat(Input::Closed { random }));
    }

    fn overheard(&mut self, word: u32, frame: &[u8]) {
        let token = self.model.session.as_ref().map_or("", |session| session.token.as_str());
        match self.transport.overhear(word, frame, &self.model.chat, token) {
            Heard::Nothing => {}
            Heard::Open => self.handle(Event::Chat(Input::Opened)),
            Heard::Closed => self.closed(random_number()),
            Heard::Pong => self.handle(Event::Chat(Input::Pong)),
            Heard::Frame(frame) => self.frame(frame),
            Heard::Probe => self.handle(Event::Chat(Input::Wake)),
        }
    }

    /// Drafts in the store are sent by whoever is connected: also those of tabs that crashed.
    fn restore_drafts(&mut self) {
        if let Some(conversation) = self.model.conversation() {
            let drafts = store::drafts(conversation);
            if !drafts.is_empty() {
                self.handle(Event::Chat(Input::Restore(drafts)));
            }
        }
    }

    /// Asks for a hand-over code; the page is told at once if there is none to be had.
    fn hand_over(&self, number: u32, target: &str) {
        let session = self.model.session.as_ref().filter(|_| self.model.is_open());
        match session {
            Some(session) => Requests::hand_over(number, &session.token, target),
            None => browser::say("code", number, None),
        }
    }

    /// Tells the page whether a conversation is open; while one is, the page keeps a copy of the session.
    fn tell_open(&self) {
        let open = self.model.is_open();
        let mirror = self.model.session.as_ref().filter(|_| open).map(session_text);
        browser::say("open", u32::from(open), mirror);
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Load => {
                if let Some(requests) = &self.requests {
                    requests.load();
                }
            }
            Effect::Redeem(code) => {
                if let Some(requests) = &self.requests {
                    requests.redeem(&code, self.model.session.as_ref());
                }
            }
            Effect::Start { answers, request } => {
                if let Some(requests) = &mut self.requests {
                    requests.start(self.model.session.as_ref(), request, answers);
                }
            }
            Effect::Remember => {
                store::keep_session(self.model.session.as_ref());
                self.tell_open();
            }
            Effect::RememberSeen(seen) => store::keep_seen(seen),
            Effect::ForgetTraces => store::forget_traces(self.model.conversation()),
            Effect::TakeUp(text) => {
                if let Some(view) = &self.model.view {
                    form::take_up(&view.form, &text);
                }
            }
            Effect::Attend(conversation) => {
                self.transport.attend(conversation);
                transcript::clear();
                if conversation.is_some() {
                    self.restore_drafts();
                    self.handle(Event::Chat(Input::Seen { upto: store::seen() }));
                    self.handle(Event::Chat(Input::Wake));
                }
            }
            Effect::Chat(outputs) => {
                for output in outputs {
                    self.carry_out(output);
                }
            }
            Effect::Draw(part) => self.view.draw(&self.model, part),
            Effect::Focus => view::take_focus(&self.model),
            Effect::Tell(Tell::Unread(count)) => {
                browser::say("unread", u32::try_from(count).unwrap_or(u32::MAX), None);
            }
            Effect::Tell(Tell::Open(_)) => self.tell_open(),
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Connect => self.transport.connect(),
            Output::Disconnect => {
                if self.model.conversation().is_some() {
                    self.transport.replace_leader();
                }
                self.closed(random_number());
            }
            Output::Send(frame) => {
                let token = self.model.session.as_ref().map_or("", |session| session.token.as_str());
                self.transport.send(frame, token);
            }
            Output::Ping => self.transport.ping(),
            Output::Keep(draft) => {
                if let Some(conversation) = self.model.conversation() {
                    store::keep_draft(conversation, &draft);
                }
            }
            Output::Forget(message) => store::forget_draft(message),
            Output::Show(change) => self.view.draw_chat(&self.model, change),
        }
    }
}
