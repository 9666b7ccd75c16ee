//! The whole machine, and its face to the shell.
//!
//! - What is shown is a function of the log and the outbox: each message stands in exactly one of the two.
//! - One question about the log is open at a time. It is repeated until it is answered, and the next follows at once
//!   while something is lacking.

use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;

use super::link::{Link, Order};
use super::log::Log;
use super::outbox::Outbox;
use super::{Change, Connection, Delivery, Draft, DraftKind, Input, Output};
use crate::id::{ConversationId, MessageId};
use crate::limit::TYPING_REPEATED;
use crate::protocol::live::{Author, ClientFrame, Place, Sequence, ServerFrame, Side, Standing, Visibility};
use crate::protocol::{ErrorCode, Problem};
use crate::time::{Span, Timestamp};

/// How long the answer to a question about the log may take before it is asked again.
pub(super) const ANSWER: Span = Span::from_secs(5);
/// How often the gateway is told how far the person has read, at most.
const READ_REPEATED: Span = Span::from_secs(1);
/// How long after it has arrived something is confirmed, so that whoever reads at once says both with one frame; and so how
/// often at most.
pub(super) const RECEIPT_REPEATED: Span = Span::from_secs(1);

/// The machine.
#[derive(Debug)]
pub struct ChatClient {
    pub(super) link: Link,
    pub(super) log: Log,
    pub(super) outbox: Outbox,
    pub(super) conversation: Option<ConversationId>,
    pub(super) side: Option<Side>,
    pub(super) standing: Option<Standing>,
    /// Where the customer stands in the line. None unless they wait.
    pub(super) place: Option<Place>,
    /// The last number of the log that is known to exist.
    pub(super) last: Sequence,
    pub(super) read_by_other: Sequence,
    pub(super) received_by_other: Sequence,
    /// That whoever the person talks to is not connected, and until when they are waited for.
    pub(super) absent_until: Option<Timestamp>,
    pub(super) typing: Option<(Author, Timestamp)>,
    pub(super) problem: Option<Problem>,
    pub(super) shown_connection: Connection,
    pub(super) was_live: bool,
    /// What is held was said again on a live connection, and the answer is awaited.
    pub(super) comparing: bool,
    /// The last message that was sent before that and not acknowledged.
    pub(super) doubted: Option<MessageId>,
    /// Hello is said again at this time: the gateway had no room for its answer.
    pub(super) hello_at: Option<Timestamp>,
    /// Messages are not sent before this time: the gateway had no room for them.
    pub(super) send_again: Timestamp,
    /// What lacks is asked for again at this time.
    pub(super) ask_at: Option<Timestamp>,
    /// The page before is asked for, until this time.
    pub(super) earlier_until: Option<Timestamp>,
    /// Typing is not said again before this time.
    pub(super) typing_again: Timestamp,
    /// How far the person has read, and how far the gateway was told.
    pub(super) seen: Sequence,
    pub(super) told: Sequence,
    pub(super) tell_at: Timestamp,
    /// What the gateway knows to be held, and when it is told of more.
    pub(super) confirmed: Sequence,
    pub(super) confirm_at: Option<Timestamp>,
    /// The customer ended the conversation and the gateway does not know yet.
    pub(super) ending: bool,
}

impl Default for ChatClient {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether after this the two sides may differ, if a frame is lost.
fn is_worth_comparing(output: &Output) -> bool {
    use Change::{Appended, Outbox, ReadByOther, Replaced, Standing};
    match output {
        Output::Send(ClientFrame::End) => true,
        Output::Show(change) => {
            matches!(change, Appended { .. } | Replaced | Outbox | Standing | ReadByOther | Change::Place)
        }
        _ => false,
    }
}

/// What happens.
impl ChatClient {
    /// A client that holds nothing and waits for [`Input::Wake`].
    pub fn new() -> Self {
        Self {
            link: Link::new(),
            log: Log::default(),
            outbox: Outbox::default(),
            conversation: None,
            side: None,
            standing: None,
            place: None,
            last: Sequence::START,
            read_by_other: Sequence::START,
            received_by_other: Sequence::START,
            absent_until: None,
            typing: None,
            problem: None,
            shown_connection: Connection::Idle,
            was_live: false,
            comparing: false,
            doubted: None,
            hello_at: None,
            send_again: Timestamp::from_millis(0),
            ask_at: None,
            earlier_until: None,
            typing_again: Timestamp::from_millis(0),
            seen: Sequence::START,
            told: Sequence::START,
            tell_at: Timestamp::from_millis(0),
            confirmed: Sequence::START,
            confirm_at: None,
            ending: false,
        }
    }

    /// Takes in what happened; gives what is to be done, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Wake => {
                let order = self.link.wake(now);
                self.carry_out(now, order, &mut out);
            }
            Input::Opened => {
                if self.link.opened(now) {
                    self.hello(&mut out);
                }
            }
            Input::Closed { random } => {
                self.link.closed(now, random);
                self.lost(&mut out);
            }
            Input::Frame(frame) => {
                use ServerFrame::{Accepted, Refused, Welcome};
                if matches!(frame, Welcome { .. } | Accepted { .. } | Refused { .. }) {
                    self.link.answered();
                }
                self.frame(now, frame, &mut out);
            }
            Input::Pong => self.link.answered(),
            Input::Compose { message, visibility, text } => {
                let (kind, delivery) = (DraftKind::Message, Delivery::Waiting);
                self.compose(now, Draft { message, kind, visibility, text, delivery }, &mut out);
            }
            #[cfg(feature = "amend")]
            Input::Amend { message, target, text } => self.amend(now, message, target, text, &mut out),
            Input::Retry { message } => {
                if let Some(draft) = self.outbox.retry(message) {
                    out.push(Output::Keep(draft));
                    self.outbox_changed(now, &mut out);
                }
            }
            Input::Discard { message } => {
                if self.outbox.discard(message) {
                    out.push(Output::Forget(message));
                    self.outbox_changed(now, &mut out);
                }
            }
            Input::Restore(drafts) => self.restore(now, drafts, &mut out),
            Input::Typing { visibility } => self.say_typing(now, visibility, &mut out),
            Input::Seen { upto } => {
                self.seen = self.seen.max(upto);
                self.tell(now, &mut out);
            }
            Input::LoadEarlier => {
                if self.link.is_live() && self.has_earlier() && self.earlier_until.is_none() {
                    self.earlier_until = Some(now.after(ANSWER));
                    out.push(Output::Send(ClientFrame::FetchBefore { before: self.log.first().next() }));
                }
            }
            Input::End => {
                self.ending = !self.has_ended();
                if self.ending && self.link.is_live() {
                    out.push(Output::Send(ClientFrame::End));
                }
            }
            Input::Tick => {}
        }
        self.due(now, &mut out);
        if out.iter().any(is_worth_comparing) {
            self.link.stir();
        }
        self.show_connection(&mut out);
        out
    }

    /// When [`Input::Tick`] must be handled next.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let tell_at = self.to_tell().map(|_| self.tell_at);
        let typing_until = self.typing.as_ref().map(|(_, until)| *until);
        let ask_at = self.ask_at.filter(|_| self.link.is_live());
        let send_at = (self.link.is_live() && self.outbox.may_send()).then_some(self.send_again);
        let confirm_at = self.confirm_at.filter(|_| self.link.is_live());
        let link = self.link.deadline();
        [link, self.hello_at, send_at, tell_at, typing_until, ask_at, self.earlier_until, confirm_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due by now.
    fn due(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        let order = self.link.tick(now);
        self.carry_out(now, order, out);
        if self.typing.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.typing = None;
            out.push(Output::Show(Change::Typing));
        }
        if self.earlier_until.is_some_and(|until| until <= now) {
            self.earlier_until = None;
        }
        if self.ask_at.is_some_and(|at| at <= now) {
            self.ask(now, out);
        }
        if self.hello_at.is_some_and(|at| at <= now) {
            self.hello_at = None;
            self.hello(out);
        }
        self.send_waiting(now, out);
        self.tell(now, out);
        self.confirm(now, out);
    }

    fn carry_out(&mut self, now: Timestamp, order: Order, out: &mut Vec<Output>) {
        match order {
            Order::Nothing => {}
            Order::Connect => out.push(Output::Connect),
            Order::Ping => out.push(Output::Ping),
            Order::Compare => {
                self.comparing = true;
                self.doubted = self.outbox.last_sent();
                self.hello(out);
            }
            Order::Disconnect => self.give_up(now, out),
        }
    }

    /// Gives the socket up and tries again later. The shell's own word about the close draws the time by chance.
    pub(super) fn give_up(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        self.link.closed(now, u32::MAX);
        out.push(Output::Disconnect);
        self.lost(out);
    }

    /// The socket is gone: nothing that hung on it is awaited any longer.
    pub(super) fn lost(&mut self, out: &mut Vec<Output>) {
        self.confirmed = Sequence::START;
        self.confirm_at = Some(Timestamp::from_millis(0));
        self.outbox.unsure();
        self.comparing = false;
        self.doubted = None;
        self.hello_at = None;
        self.ask_at = None;
        self.earlier_until = None;
        if self.typing.take().is_some() {
            out.push(Output::Show(Change::Typing));
        }
        if !self.outbox.drafts().is_empty() {
            out.push(Output::Show(Change::Outbox));
        }
    }

    fn hello(&self, out: &mut Vec<Output>) {
        out.push(Output::Send(ClientFrame::Hello { token: None, holds: self.log.held() }));
    }

    fn show_connection(&mut self, out: &mut Vec<Output>) {
        let connection = self.connection();
        if connection != self.shown_connection {
            self.shown_connection = connection;
            self.was_live |= connection == Connection::Live;
            out.push(Output::Show(Change::Connection));
        }
    }
}

/// What the person does.
impl ChatClient {
    pub(super) fn compose(&mut self, now: Timestamp, draft: Draft, out: &mut Vec<Output>) {
        if self.outbox.holds(draft.message) {
            return;
        }
        if self.outbox.is_full() {
            // With words of its own: a sentence by code would link those of all codes, a kilobyte, into the widget.
            let message = "Too much waits to be sent. Go on when it has arrived.".to_owned();
            let code = ErrorCode::TooManyRequests;
            self.problem = Some(Problem { code, message, retry_after: None, fields: Vec::new() });
            out.push(Output::Show(Change::Problem));
            return;
        }
        out.push(Output::Keep(draft.clone()));
        self.outbox.push(draft);
        self.typing_again = Timestamp::from_millis(0);
        self.outbox_changed(now, out);
    }

    fn restore(&mut self, now: Timestamp, drafts: Vec<Draft>, out: &mut Vec<Output>) {
        for draft in drafts {
            let shown = self.entries().iter().any(|entry| entry.message == Some(draft.message));
            if shown {
                out.push(Output::Forget(draft.message));
            } else if !self.outbox.holds(draft.message) {
                self.outbox.restore(draft);
            }
        }
        self.outbox_changed(now, out);
    }

    /// Sends what waits, if there is a connection, and shows it.
    fn outbox_changed(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        if !self.send_waiting(now, out) {
            out.push(Output::Show(Change::Outbox));
        }
    }

    /// Sends what waits, as much of it as may be on its way, if there is a connection and the gateway has room, and shows it.
    /// Whether there was anything.
    pub(super) fn send_waiting(&mut self, now: Timestamp, out: &mut Vec<Output>) -> bool {
        let sends = self.link.is_live() && now >= self.send_again && self.outbox.may_send();
        if sends {
            out.extend(self.outbox.send().into_iter().map(Output::Send));
            out.push(Output::Show(Change::Outbox));
        }
        sends
    }

    fn say_typing(&mut self, now: Timestamp, visibility: Visibility, out: &mut Vec<Output>) {
        if self.link.is_live() && !self.has_ended() && now >= self.typing_again {
            self.typing_again = now.after(TYPING_REPEATED);
            out.push(Output::Send(ClientFrame::Typing { visibility }));
        }
    }

    /// Tells the gateway how far the person has read: only forwards, and not too often.
    fn tell(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        if let Some(upto) = self.to_tell().filter(|_| now >= self.tell_at) {
            self.told = upto;
            self.tell_at = now.after(READ_REPEATED);
            self.confirmed = self.confirmed.max(upto);
            out.push(Output::Send(ClientFrame::Read { upto }));
        }
    }

    /// Tells the gateway what has arrived.
    fn confirm(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        if self.link.is_live() && self.confirm_at.is_some_and(|at| at <= now) {
            self.confirm_at = None;
            let upto = self.held();
            if upto > self.confirmed {
                self.confirmed = upto;
                out.push(Output::Send(ClientFrame::Received { upto }));
            }
        }
    }

    /// How far the person has read, if the gateway does not know and can be told.
    fn to_tell(&self) -> Option<Sequence> {
        let upto = self.seen.min(self.held());
        (self.link.is_live() && upto > self.told).then_some(upto)
    }
}
