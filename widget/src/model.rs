//! What the widget does, without a browser: which screen is shown, when a conversation starts and ends, what the page is
//! told. The shell turns what happens into [`Event`]s and carries out the [`Effect`]s in order.

use alloc::string::String;
use alloc::vec::Vec;

use shared::client::{ChatClient, Connection, Delivery, Input, Output};
use shared::form::{self, Answer, FieldError};
use shared::id::{ConversationId, RequestId};
use shared::protocol::http::{VisitorSession, WidgetView};
use shared::protocol::live::{Sequence, Standing};
use shared::protocol::{ErrorCode, Problem};
use shared::time::Timestamp;

use crate::words::add_line;

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

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// The page handed over its port. With the session that was kept, the texts that could not be sent in a conversation
    /// before, and the hand-over code the visitor arrived with.
    Begin { session: Option<Session>, unsent: String, code: Option<String>, visible: bool },
    /// The widget's settings arrived, or did not.
    Loaded(Result<WidgetView, Failure>),
    /// The hand-over code was redeemed, or refused.
    Redeemed(Result<VisitorSession, Failure>),
    /// The visitor submits the form. The id is new.
    Submit { answers: Vec<Answer>, request: RequestId },
    /// The conversation was started, or found because it went on already; or not.
    Started(Result<Session, Failure>),
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
    /// Forget the drafts of other conversations than the present one, and the reading mark of the one before.
    ForgetTraces,
    /// This was written and could not be sent: it is to stand where the visitor writes next.
    TakeUp(String),
    /// Another conversation, or none, is the one to be in step with: bring its drafts and marks from the store.
    Attend(Option<ConversationId>),
    /// The orders of the conversation's own machine, and what it shows.
    Chat(Vec<Output>),
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
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
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
    /// What was submitted and under which id. Until it is answered, the same answers are the same request: that may have
    /// been carried out, and only its answer been lost.
    submitted: Option<(RequestId, Vec<Answer>)>,
    /// What was written in a conversation that is no longer there. The form takes it up when it is shown.
    unsent: String,
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
            submitted: None,
            unsent: String::new(),
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

    /// Whether anything is asked before a conversation begins.
    pub(crate) fn has_questions(&self) -> bool {
        self.view.as_ref().is_some_and(|view| !view.form.questions.is_empty())
    }

    /// Whether a conversation goes on, as far as is known.
    pub(crate) fn is_open(&self) -> bool {
        self.conversation().is_some() && !self.has_ended()
    }

    /// Takes in what happened; gives what is to be done, in order.
    pub(crate) fn handle(&mut self, now: Timestamp, event: Event) -> Vec<Effect> {
        let mut out = Vec::new();
        match event {
            Event::Begin { session, unsent, code, visible } => {
                self.session = session;
                self.unsent = unsent;
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
            Event::Submit { answers, request } => self.submit(answers, request, &mut out),
            Event::Started(result) => self.started(result, &mut out),
            Event::Elsewhere(session) => self.elsewhere(session, &mut out),
            Event::Shown(visible) => {
                self.visible = visible;
                if visible {
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
        if screen == Screen::Form && !self.unsent.is_empty() {
            out.push(Effect::TakeUp(core::mem::take(&mut self.unsent)));
        }
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
            if conversation != self.conversation() {
                out.push(Effect::ForgetTraces);
            }
            self.session = Some(Session { token, conversation });
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

    fn submit(&mut self, answers: Vec<Answer>, request: RequestId, out: &mut Vec<Effect>) {
        let Some(view) = self.view.as_ref().filter(|_| !self.starting) else { return };
        self.failure = None;
        self.faults = form::check(&view.form, &answers);
        if self.faults.is_empty() {
            self.starting = true;
            let before = self.submitted.take().filter(|(_, before)| *before == answers);
            let request = before.map_or(request, |(request, _)| request);
            self.submitted = Some((request, answers.clone()));
            out.push(Effect::Start { answers, request });
        }
        out.push(Effect::Draw(Part::Form));
    }

    fn started(&mut self, result: Result<Session, Failure>, out: &mut Vec<Effect>) {
        self.starting = false;
        match result {
            Ok(session) => {
                // The gateway has what was written, in this conversation or in the one that the form began.
                self.submitted = None;
                self.expired = false;
                if self.session.as_ref() != Some(&session) {
                    self.session = Some(session);
                    out.push(Effect::ForgetTraces);
                    out.push(Effect::Remember);
                    self.attend(out);
                }
                out.push(Effect::Focus);
            }
            Err(mut failure) => {
                if let Failure::Refused(problem) = &mut failure {
                    self.faults = core::mem::take(&mut problem.fields);
                }
                self.failure = Some(failure);
                out.push(Effect::Draw(Part::Form));
            }
        }
    }

    fn elsewhere(&mut self, session: Option<Session>, out: &mut Vec<Effect>) {
        // A conversation that another tab has left behind is left when the visitor wants it, not under their eyes.
        let Some(session) = session.filter(|session| session.conversation.is_some()) else { return };
        // What was submitted here waits for its own answer, which leads to that conversation, or leaves the form.
        if session.conversation != self.conversation() && !self.starting {
            self.expired = false;
            // What was in vain before is not asked again under the same number.
            self.submitted = None;
            self.session = Some(session);
            self.attend(out);
        }
    }

    fn chat(&mut self, now: Timestamp, input: Input, out: &mut Vec<Effect>) {
        if self.conversation().is_none() {
            return;
        }
        out.push(Effect::Chat(self.chat.handle(now, input)));
        if self.chat.connection() == Connection::Refused {
            self.expired = true;
            let signed_out =
                self.chat.problem().is_some_and(|problem| problem.code == ErrorCode::NotSignedIn);
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
        // The store keeps it until another conversation begins.
        for draft in self.chat.drafts() {
            if !matches!(draft.delivery, Delivery::Delivered(_)) {
                add_line(&mut self.unsent, &draft.text);
            }
        }
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

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned as _;

    use super::*;
    use shared::form::{Form, Meaning, Question, QuestionKind};
    use shared::id::{MessageId, VisitorId};
    use shared::protocol::live::{EndedBy, ServerFrame, Side, Visibility};
    use shared::text::{Line, QuestionText};

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn conversation(number: u128) -> ConversationId {
        ConversationId::from_u128(number)
    }

    fn session(number: Option<u128>) -> Session {
        Session { token: "token".to_owned(), conversation: number.map(conversation) }
    }

    fn view() -> WidgetView {
        let question = Question {
            name: Line::new("message").unwrap(),
            label: QuestionText::new("How can we help?").unwrap(),
            kind: QuestionKind::Paragraph,
            required: true,
            meaning: Some(Meaning::FirstMessage),
        };
        let form = Form { questions: vec![question] };
        WidgetView { title: "Chat".to_owned(), subtitle: String::new(), accent: "#2457d6".to_owned(), form }
    }

    fn begin(session: Option<Session>, code: Option<&str>) -> (Model, Vec<Effect>) {
        let mut model = Model::new();
        let (code, unsent) = (code.map(str::to_owned), String::new());
        let event = Event::Begin { session, unsent, code, visible: true };
        let effects = model.handle(NOW, event);
        (model, effects)
    }

    fn submit(model: &mut Model, text: &str) -> Vec<Effect> {
        let answers = vec![Answer { name: "message".to_owned(), value: text.to_owned() }];
        submit_as(model, 1, answers)
    }

    fn submit_as(model: &mut Model, number: u128, answers: Vec<Answer>) -> Vec<Effect> {
        model.handle(NOW, Event::Submit { answers, request: RequestId::from_u128(number) })
    }

    /// Under which number what was submitted is asked for.
    fn asked_as(effects: &[Effect]) -> Option<RequestId> {
        effects.iter().find_map(|effect| match effect {
            Effect::Start { request, .. } => Some(*request),
            _ => None,
        })
    }

    fn welcome(standing: Standing) -> Event {
        let welcome = ServerFrame::Welcome {
            conversation: conversation(1),
            side: Side::Customer,
            standing,
            last: Sequence::START,
            read_by_other: Sequence::START,
        };
        Event::Chat(Input::Frame(welcome))
    }

    #[test]
    fn somebody_new_sees_the_skeleton_then_the_form_and_nothing_is_kept() {
        let (mut model, mut effects) = begin(None, None);
        assert_eq!(model.screen, Screen::Loading);
        effects.extend(model.handle(NOW, Event::Loaded(Ok(view()))));
        assert_eq!(model.screen, Screen::Form);
        assert!(!effects.contains(&Effect::Remember));
        assert!(effects.contains(&Effect::Tell(Tell::Open(false))));
    }

    #[test]
    fn a_widget_that_cannot_be_loaded_says_so_and_can_be_tried_again() {
        let (mut model, _) = begin(None, None);
        model.handle(NOW, Event::Loaded(Err(Failure::Unreachable)));
        assert_eq!(model.screen, Screen::Trouble);
        assert!(model.handle(NOW, Event::Retry).contains(&Effect::Load));
        model.handle(NOW, Event::Loaded(Ok(view())));
        assert_eq!(model.screen, Screen::Form);
    }

    #[test]
    fn answers_are_checked_before_anything_is_sent_and_one_submission_counts() {
        let (mut model, _) = begin(None, None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        assert!(!submit(&mut model, " ").iter().any(|effect| matches!(effect, Effect::Start { .. })));
        assert_eq!(model.faults.len(), 1);
        assert!(submit(&mut model, "Hello").iter().any(|effect| matches!(effect, Effect::Start { .. })));
        assert_eq!(submit(&mut model, "Hello"), []);
    }

    #[test]
    fn a_conversation_that_was_started_is_attended_and_kept() {
        let (mut model, _) = begin(None, None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        submit(&mut model, "Hello");
        let effects = model.handle(NOW, Event::Started(Ok(session(Some(1)))));
        assert!(effects.contains(&Effect::Remember));
        assert!(effects.contains(&Effect::Attend(Some(conversation(1)))));
        assert!(effects.contains(&Effect::Tell(Tell::Open(true))));
        assert_eq!((model.screen, model.chat.drafts().len()), (Screen::Conversation, 0));
    }

    #[test]
    fn what_was_submitted_while_another_tab_was_faster_stands_in_the_form_until_the_gateway_has_it() {
        let (mut model, _) = begin(None, None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        let first = asked_as(&submit(&mut model, "Hello"));
        model.handle(NOW, Event::Elsewhere(Some(session(Some(1)))));
        assert_eq!((model.screen, model.starting), (Screen::Form, true));
        model.handle(NOW, Event::Started(Err(Failure::Unreachable)));
        assert_eq!((model.screen, model.starting), (Screen::Form, false));
        let again =
            submit_as(&mut model, 2, vec![Answer { name: "message".to_owned(), value: "Hello".to_owned() }]);
        assert_eq!(asked_as(&again), first, "it may have been carried out");
        let effects = model.handle(NOW, Event::Started(Ok(session(Some(1)))));
        assert!(effects.contains(&Effect::Attend(Some(conversation(1)))));
        assert_eq!(
            (model.screen, model.chat.drafts().len()),
            (Screen::Conversation, 0),
            "it is not sent twice"
        );
    }

    #[test]
    fn a_failed_start_leaves_the_form_with_its_answers_and_a_reason() {
        let (mut model, _) = begin(None, None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        submit(&mut model, "Hello");
        model.handle(NOW, Event::Started(Err(Failure::Unreachable)));
        assert_eq!((model.screen, model.starting), (Screen::Form, false));
        assert_eq!(model.failure, Some(Failure::Unreachable));
    }

    #[test]
    fn the_same_answers_are_the_same_request_until_it_is_answered_and_others_are_another() {
        let (mut model, _) = begin(None, None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        let answers = |text: &str| vec![Answer { name: "message".to_owned(), value: text.to_owned() }];
        let mut asked = |number, text| {
            let effects = submit_as(&mut model, number, answers(text));
            model.handle(NOW, Event::Started(Err(Failure::Unreachable)));
            asked_as(&effects)
        };
        assert_eq!(asked(1, "Hello"), Some(RequestId::from_u128(1)));
        assert_eq!(asked(2, "Hello"), Some(RequestId::from_u128(1)), "the same");
        assert_eq!(asked(3, "Hello there"), Some(RequestId::from_u128(3)), "another");
        model.handle(NOW, Event::Started(Ok(session(Some(1)))));
        model.handle(NOW, Event::Again);
        let effects = submit_as(&mut model, 4, answers("Hello there"));
        assert_eq!(asked_as(&effects), Some(RequestId::from_u128(4)), "answered");
    }

    #[test]
    fn what_was_submitted_in_vain_is_another_request_after_a_conversation_of_another_tab() {
        let (mut model, _) = begin(None, None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        submit(&mut model, "Hello");
        model.handle(NOW, Event::Started(Err(Failure::Unreachable)));
        model.handle(NOW, Event::Elsewhere(Some(session(Some(2)))));
        model.handle(NOW, Event::Again);
        let answers = vec![Answer { name: "message".to_owned(), value: "Hello".to_owned() }];
        assert_eq!(asked_as(&submit_as(&mut model, 2, answers)), Some(RequestId::from_u128(2)));
    }

    #[test]
    fn a_code_is_redeemed_before_anything_else_and_one_that_does_not_hold_changes_nothing() {
        let redeemed = |result| {
            let (mut model, effects) = begin(Some(session(Some(1))), Some("code"));
            assert!(effects.contains(&Effect::Redeem("code".to_owned())));
            assert!(!effects.iter().any(|effect| matches!(effect, Effect::Attend(_))));
            let effects = model.handle(NOW, Event::Redeemed(result));
            (effects, model.conversation())
        };
        let visitor = VisitorId::from_u128(1);
        let token = "other".to_owned();
        let (effects, attended) =
            redeemed(Ok(VisitorSession { token, visitor, conversation: Some(conversation(2)) }));
        assert!(effects.contains(&Effect::Remember));
        assert_eq!(attended, Some(conversation(2)));
        let refused = Failure::Refused(Problem::from(ErrorCode::HandoverRefused));
        let (effects, attended) = redeemed(Err(refused));
        assert!(!effects.contains(&Effect::Remember));
        assert_eq!(attended, Some(conversation(1)));
    }

    #[test]
    fn a_session_that_no_longer_holds_leads_back_to_the_form_with_a_reason() {
        let (mut model, _) = begin(Some(session(Some(1))), None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        model.handle(NOW, Event::Chat(Input::Wake));
        model.handle(NOW, Event::Chat(Input::Opened));
        let effects = model.handle(NOW, refused());
        assert_eq!((model.screen, model.expired, model.session.clone()), (Screen::Form, true, None));
        assert!(effects.contains(&Effect::Tell(Tell::Open(false))));
    }

    fn refused() -> Event {
        let refused = ServerFrame::Refused { message: None, problem: Problem::from(ErrorCode::NotSignedIn) };
        Event::Chat(Input::Frame(refused))
    }

    fn compose(model: &mut Model, number: u128, text: &str) {
        let (message, text) = (MessageId::from_u128(number), text.to_owned());
        model.handle(NOW, Event::Chat(Input::Compose { message, visibility: Visibility::Public, text }));
    }

    #[test]
    fn what_could_not_be_sent_in_a_session_that_no_longer_holds_stands_in_the_form() {
        let (mut model, _) = begin(Some(session(Some(1))), None);
        compose(&mut model, 1, "Are you there?");
        compose(&mut model, 2, "Hello?");
        model.handle(NOW, Event::Chat(Input::Wake));
        model.handle(NOW, Event::Chat(Input::Opened));
        // The widget's settings come after the refusal: the form is not there yet.
        let effects = model.handle(NOW, refused());
        assert!(!effects.contains(&Effect::ForgetTraces));
        let effects = model.handle(NOW, Event::Loaded(Ok(view())));
        let taken_up = Effect::TakeUp("Are you there?\nHello?".to_owned());
        let place = effects.iter().position(|effect| *effect == taken_up).unwrap();
        let drawn = effects.iter().position(|effect| *effect == Effect::Draw(Part::Screen)).unwrap();
        assert!(drawn < place, "the form is there before");
        let again = model.handle(NOW, Event::Loaded(Ok(view())));
        assert!(!again.iter().any(|effect| matches!(effect, Effect::TakeUp(_))), "once");
    }

    #[test]
    fn what_a_tab_before_could_not_send_stands_in_the_form_until_a_conversation_begins() {
        let mut model = Model::new();
        let (unsent, code) = ("Hello?".to_owned(), None);
        model.handle(NOW, Event::Begin { session: Some(session(None)), unsent, code, visible: true });
        let effects = model.handle(NOW, Event::Loaded(Ok(view())));
        assert!(effects.contains(&Effect::TakeUp("Hello?".to_owned())));
        submit(&mut model, "Hello?");
        assert!(model.handle(NOW, Event::Started(Ok(session(Some(1))))).contains(&Effect::ForgetTraces));
    }

    #[test]
    fn a_code_that_leads_to_the_same_conversation_takes_no_draft_away() {
        let (mut model, _) = begin(Some(session(Some(1))), Some("code"));
        let (token, visitor) = ("other".to_owned(), VisitorId::from_u128(1));
        let redeemed = |conversation| VisitorSession { token: token.clone(), visitor, conversation };
        let same = redeemed(Some(conversation(1)));
        assert!(!model.handle(NOW, Event::Redeemed(Ok(same))).contains(&Effect::ForgetTraces));
        let other = redeemed(Some(conversation(2)));
        assert!(model.handle(NOW, Event::Redeemed(Ok(other))).contains(&Effect::ForgetTraces));
    }

    #[test]
    fn a_conversation_that_ended_stays_in_sight_until_the_visitor_wants_another() {
        let (mut model, _) = begin(Some(session(Some(1))), None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        model.handle(NOW, Event::Chat(Input::Wake));
        model.handle(NOW, Event::Chat(Input::Opened));
        let effects = model.handle(NOW, welcome(Standing::Ended { by: EndedBy::Representative }));
        assert!(effects.contains(&Effect::Tell(Tell::Open(false))));
        assert_eq!(model.screen, Screen::Conversation);
        model.handle(NOW, Event::Again);
        assert_eq!((model.screen, model.conversation(), model.expired), (Screen::Form, None, false));
    }

    #[test]
    fn another_tabs_conversation_is_joined_and_its_end_is_not_forced_on_this_one() {
        let (mut model, _) = begin(None, None);
        model.handle(NOW, Event::Loaded(Ok(view())));
        model.handle(NOW, Event::Elsewhere(Some(session(Some(1)))));
        assert_eq!((model.screen, model.conversation()), (Screen::Conversation, Some(conversation(1))));
        model.handle(NOW, Event::Elsewhere(Some(session(None))));
        assert_eq!(model.conversation(), Some(conversation(1)));
    }
}
