//! What the widget does, without a browser: which screen is shown, when a conversation starts and ends, what the page is
//! told. The shell turns what happens into [`Event`]s and carries out the [`Effect`]s in order.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use shared::client::{Change, ChatClient, Connection, Input, Output};
use shared::form::{self, Answer, FieldError, Meaning};
use shared::id::{ConversationId, MessageId, RequestId};
use shared::protocol::http::{VisitorSession, WidgetView};
use shared::protocol::live::{Sequence, Standing, Visibility};
use shared::protocol::{ErrorCode, Problem};
use shared::time::Timestamp;

/// A visitor's session, as the browser keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// The secret that proves it.
    pub(crate) token: String,
    /// The conversation that is shown, open or ended.
    pub(crate) conversation: Option<ConversationId>,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No answer.
    Unreachable,
    /// A refusal.
    Refused(Problem),
}

impl Failure {
    pub(crate) fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Refused(problem) if problem.code == code)
    }
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// The skeleton.
    Loading,
    /// The questions before a conversation.
    Form,
    /// The conversation, open or ended.
    Conversation,
    /// The widget could not be loaded.
    Trouble,
}

/// A session in which a conversation was started, or found because another tab had started it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Started {
    /// The session.
    pub(crate) session: Session,
    /// Another tab was faster, with its own answers.
    pub(crate) elsewhere: bool,
}

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// The page handed over its port. With the session that was kept, and the hand-over code the visitor arrived with.
    Begin { session: Option<Session>, code: Option<String>, visible: bool },
    /// The widget's settings arrived, or did not.
    Loaded(Result<WidgetView, Failure>),
    /// The hand-over code was redeemed, or refused.
    Redeemed(Result<VisitorSession, Failure>),
    /// The visitor submits the form. The ids are new.
    Submit { answers: Vec<Answer>, request: RequestId, message: MessageId },
    /// The conversation was started, or not.
    Started(Result<Started, Failure>),
    /// Another tab keeps this session now.
    Elsewhere(Option<Session>),
    /// The panel is shown or hidden, or the page is.
    Shown(bool),
    /// Something happened to the conversation.
    Chat(Input),
    /// The visitor wants a new conversation after one that ended.
    Again,
    /// The visitor tries again after trouble.
    Retry,
}

/// An order to the shell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Load the widget's settings.
    Load,
    /// Redeem this code.
    Redeem(String),
    /// Start a conversation with these answers.
    Start { answers: Vec<Answer>, request: RequestId },
    /// Keep the session as it is now in the store.
    Remember,
    /// Keep in the store how far the visitor has read.
    RememberSeen(Sequence),
    /// Forget the drafts and the reading mark of the conversation before.
    ForgetTraces,
    /// Another conversation, or none, is the one to be in step with: bring its drafts and marks from the store.
    Attend(Option<ConversationId>),
    /// An order of the conversation's own machine.
    Chat(Output),
    /// Draw this again.
    Draw(Part),
    /// Put the focus where the visitor goes on.
    Focus,
    /// Tell the page.
    Tell(Tell),
}

/// A part of what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Which screen, and everything around it.
    Screen,
    /// The form's errors and its button.
    Form,
    /// Something of the conversation.
    Chat(Change),
}

/// What the page is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tell {
    /// Messages that the visitor has not seen.
    Unread(usize),
    /// Whether a conversation is open. The page then keeps a copy of the session.
    Open(bool),
}

/// The model.
#[derive(Debug)]
pub(crate) struct Model {
    /// The widget's settings.
    pub(crate) view: Option<WidgetView>,
    /// The session.
    pub(crate) session: Option<Session>,
    /// The conversation.
    pub(crate) chat: ChatClient,
    /// What is shown.
    pub(crate) screen: Screen,
    /// A conversation is being started.
    pub(crate) starting: bool,
    /// What is wrong with the answers.
    pub(crate) faults: Vec<FieldError>,
    /// Why loading or starting failed.
    pub(crate) failure: Option<Failure>,
    /// The form is shown because the conversation before is no longer there.
    pub(crate) expired: bool,
    /// Somebody can see the conversation.
    visible: bool,
    /// The session is being found out.
    redeeming: bool,
    /// The text that was submitted as the first message, and an id for it.
    first_message: Option<(MessageId, String)>,
    told_unread: usize,
    told_open: Option<bool>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self {
            view: None,
            session: None,
            chat: ChatClient::new(),
            screen: Screen::Loading,
            starting: false,
            faults: Vec::new(),
            failure: None,
            expired: false,
            visible: false,
            redeeming: false,
            first_message: None,
            told_unread: 0,
            told_open: None,
        }
    }

    /// The conversation that is shown.
    pub(crate) fn conversation(&self) -> Option<ConversationId> {
        self.session.as_ref().and_then(|session| session.conversation)
    }

    /// Whether the conversation that is shown has ended.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.chat.standing(), Some(Standing::Ended { .. }))
    }

    /// Whether a conversation goes on, as far as is known.
    pub(crate) fn is_open(&self) -> bool {
        self.conversation().is_some() && !self.has_ended()
    }

    /// Takes in what happened; gives what is to be done, in order.
    pub(crate) fn handle(&mut self, now: Timestamp, event: Event) -> Vec<Effect> {
        let mut out = Vec::new();
        match event {
            Event::Begin { session, code, visible } => {
                self.session = session;
                self.visible = visible;
                out.push(Effect::Load);
                if let Some(code) = code {
                    self.redeeming = true;
                    out.push(Effect::Redeem(code));
                } else {
                    self.attend(&mut out);
                }
            }
            Event::Loaded(result) => self.loaded(result, &mut out),
            Event::Redeemed(result) => self.redeemed(result, &mut out),
            Event::Submit { answers, request, message } => self.submit(answers, request, message, &mut out),
            Event::Started(result) => self.started(now, result, &mut out),
            Event::Elsewhere(session) => self.elsewhere(session, &mut out),
            Event::Shown(visible) => {
                self.visible = visible;
                if visible {
                    self.chat(now, Input::Wake, &mut out);
                    out.push(Effect::Focus);
                }
            }
            Event::Chat(input) => self.chat(now, input, &mut out),
            Event::Again => {
                self.forget_conversation(&mut out);
                out.push(Effect::Focus);
            }
            Event::Retry => {
                self.failure = None;
                self.show(Screen::Loading, &mut out);
                out.push(Effect::Load);
            }
        }
        self.seen(now, &mut out);
        self.tell(&mut out);
        out
    }

    fn show(&mut self, screen: Screen, out: &mut Vec<Effect>) {
        self.screen = screen;
        out.push(Effect::Draw(Part::Screen));
    }

    /// The screen that fits what is known.
    fn settle(&mut self, out: &mut Vec<Effect>) {
        let screen = match (&self.view, self.conversation()) {
            (_, Some(_)) => Screen::Conversation,
            _ if self.redeeming => Screen::Loading,
            (Some(_), None) => Screen::Form,
            (None, None) if self.failure.is_some() => Screen::Trouble,
            (None, None) => Screen::Loading,
        };
        self.show(screen, out);
    }

    fn loaded(&mut self, result: Result<WidgetView, Failure>, out: &mut Vec<Effect>) {
        match result {
            Ok(view) => self.view = Some(view),
            Err(failure) => self.failure = Some(failure),
        }
        let before = self.screen;
        self.settle(out);
        if self.screen != before && self.visible {
            out.push(Effect::Focus);
        }
    }

    fn redeemed(&mut self, result: Result<VisitorSession, Failure>, out: &mut Vec<Effect>) {
        self.redeeming = false;
        // A code that does not hold starts nothing: what was there before goes on.
        if let Ok(VisitorSession { token, conversation, .. }) = result {
            self.session = Some(Session { token, conversation });
            out.push(Effect::ForgetTraces);
            out.push(Effect::Remember);
        }
        self.attend(out);
    }

    /// Begins to be in step with the session's conversation, if it has one.
    fn attend(&mut self, out: &mut Vec<Effect>) {
        self.chat = ChatClient::new();
        out.push(Effect::Attend(self.conversation()));
        self.settle(out);
    }

    fn submit(&mut self, answers: Vec<Answer>, request: RequestId, message: MessageId, out: &mut Vec<Effect>) {
        let Some(view) = self.view.as_ref().filter(|_| !self.starting) else { return };
        self.failure = None;
        self.faults = form::check(&view.form, &answers);
        if self.faults.is_empty() {
            self.starting = true;
            let first = view.form.meant(&answers, Meaning::FirstMessage);
            self.first_message = first.map(|text| (message, text.to_owned()));
            out.push(Effect::Start { answers, request });
        }
        out.push(Effect::Draw(Part::Form));
    }

    fn started(&mut self, now: Timestamp, result: Result<Started, Failure>, out: &mut Vec<Effect>) {
        self.starting = false;
        let first_message = self.first_message.take();
        match result {
            Ok(Started { session, elsewhere }) => {
                self.expired = false;
                if self.session.as_ref() != Some(&session) {
                    self.session = Some(session);
                    out.push(Effect::Remember);
                    self.attend(out);
                }
                // The other tab's answers began the conversation; what was written here must not be lost.
                if let Some((message, text)) = first_message.filter(|_| elsewhere) {
                    self.chat(now, Input::Compose { message, visibility: Visibility::Public, text }, out);
                }
                out.push(Effect::Focus);
            }
            Err(failure) => {
                if let Failure::Refused(problem) = &failure {
                    self.faults.clone_from(&problem.fields);
                }
                self.failure = Some(failure);
                out.push(Effect::Draw(Part::Form));
            }
        }
    }

    fn elsewhere(&mut self, session: Option<Session>, out: &mut Vec<Effect>) {
        // A conversation that another tab has left behind is left when the visitor wants it, not under their eyes.
        let Some(session) = session.filter(|session| session.conversation.is_some()) else { return };
        if session.conversation != self.conversation() {
            self.expired = false;
            self.session = Some(session);
            self.attend(out);
        }
    }

    fn chat(&mut self, now: Timestamp, input: Input, out: &mut Vec<Effect>) {
        if self.conversation().is_none() {
            return;
        }
        for output in self.chat.handle(now, input) {
            match output {
                Output::Show(change) => out.push(Effect::Draw(Part::Chat(change))),
                order => out.push(Effect::Chat(order)),
            }
        }
        if self.chat.connection() == Connection::Refused {
            self.expired = true;
            let signed_out = self.chat.problem().is_some_and(|problem| problem.code == ErrorCode::NotSignedIn);
            if signed_out {
                self.session = None;
            }
            self.forget_conversation(out);
        }
    }

    fn forget_conversation(&mut self, out: &mut Vec<Effect>) {
        if let Some(session) = &mut self.session {
            session.conversation = None;
        }
        out.push(Effect::ForgetTraces);
        out.push(Effect::Remember);
        self.attend(out);
    }

    /// What is held and can be seen is read.
    fn seen(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let held = self.chat.held();
        if self.visible && self.screen == Screen::Conversation && held > self.chat.seen() {
            out.push(Effect::RememberSeen(held));
            self.chat(now, Input::Seen { upto: held }, out);
        }
    }

    fn tell(&mut self, out: &mut Vec<Effect>) {
        let unread = self.chat.unread();
        if unread != self.told_unread {
            self.told_unread = unread;
            out.push(Effect::Tell(Tell::Unread(unread)));
        }
        let open = self.is_open();
        if !self.redeeming && self.told_open != Some(open) {
            self.told_open = Some(open);
            out.push(Effect::Tell(Tell::Open(open)));
        }
    }
}
