//! What the gateway says, and what follows from it.
//!
//! Any frame may come twice, late or out of turn: numbers only grow, the end is final, and pieces of the log join by
//! their place.

use alloc::vec::Vec;

use super::log::Joined;
use super::machine::{ANSWER, RECEIPT_REPEATED};
use super::{Change, ChatClient, Delivery, Output};
use crate::id::MessageId;
use crate::limit::TYPING_SHOWN;
use crate::protocol::live::{ClientFrame, Entry, Sequence, ServerFrame, Standing};
use crate::protocol::{ErrorCode, Problem};
use crate::time::{Span, Timestamp};

/// How long to wait with what the gateway has no room for, if it does not say itself.
const BUSY: Span = Span::from_secs(1);

/// Whether the gateway wants nothing but time.
fn is_busy(problem: &Problem) -> bool {
    matches!(problem.code, ErrorCode::TooManyRequests | ErrorCode::Overloaded)
}

impl ChatClient {
    pub(super) fn frame(&mut self, now: Timestamp, frame: ServerFrame, out: &mut Vec<Output>) {
        match frame {
            ServerFrame::Welcome { conversation, side, standing, last, read_by_other } => {
                self.conversation = Some(conversation);
                self.side = Some(side);
                self.last = self.last.max(last);
                self.stands(standing, out);
                self.reached_by_other(read_by_other, read_by_other, out);
                // Said again after the welcome, if it is still so.
                if self.absent_until.take().is_some() {
                    out.push(Output::Show(Change::Standing));
                }
                self.welcomed(now, out);
            }
            ServerFrame::Entries { after, upto, entries } => self.join(now, after, upto, entries, out),
            ServerFrame::History { after, before, entries } => {
                self.earlier_until = None;
                self.join(now, after, Sequence(before.0.saturating_sub(1)), entries, out);
            }
            ServerFrame::Accepted { message, sequence } => self.accepted(now, message, sequence, out),
            ServerFrame::Refused { message: Some(message), problem } if is_busy(&problem) => {
                if self.outbox.hold_back(message) {
                    self.send_again = self.send_again.max(now.after(problem.retry_after.unwrap_or(BUSY)));
                    out.push(Output::Show(Change::Outbox));
                }
            }
            ServerFrame::Refused { message: Some(message), problem }
                if problem.code != ErrorCode::HelloExpected =>
            {
                if let Some(draft) = self.outbox.failed(message, problem.code) {
                    out.push(Output::Keep(draft));
                    out.push(Output::Show(Change::Outbox));
                }
            }
            ServerFrame::Refused { problem, .. } => self.refused(now, problem, out),
            ServerFrame::Typing { author, .. } => {
                self.typing = Some((author, now.after(TYPING_SHOWN)));
                out.push(Output::Show(Change::Typing));
            }
            ServerFrame::Standing { standing } => self.stands(standing, out),
            ServerFrame::ReadByOther { upto } => self.reached_by_other(upto, upto, out),
            ServerFrame::ReceivedByOther { upto } => self.reached_by_other(upto, Sequence::START, out),
            ServerFrame::Gone { until } => self.other_is_gone(Some(until), out),
            ServerFrame::Returned => self.other_is_gone(None, out),
            ServerFrame::Place { place } => {
                if self.waits() && self.place != place {
                    self.place = place;
                    out.push(Output::Show(Change::Place));
                }
            }
        }
    }

    fn welcomed(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        self.link.welcomed(now);
        if !self.link.is_live() {
            return;
        }
        self.problem = None;
        // Whatever was sent before the comparison would have been acknowledged before its answer.
        self.comparing = false;
        if let Some(last) = self.doubted.take() {
            self.outbox.unsure_upto(last);
        }
        // The gateway sends what follows by itself; only if that stays out it is asked for.
        self.ask_at = (!self.in_step()).then(|| now.after(ANSWER));
        self.send_waiting(now, out);
        if self.ending {
            out.push(Output::Send(ClientFrame::End));
        }
        self.told = Sequence::START;
        self.tell_at = now;
    }

    fn stands(&mut self, standing: Standing, out: &mut Vec<Output>) {
        // The end is final: a frame that was overtaken does not undo it.
        if self.has_ended() || self.standing.as_ref() == Some(&standing) {
            return;
        }
        self.standing = Some(standing);
        if self.has_ended() {
            self.ending = false;
            self.absent_until = None;
        }
        if !self.waits() {
            self.place = None;
        }
        out.push(Output::Show(Change::Standing));
    }

    fn other_is_gone(&mut self, until: Option<Timestamp>, out: &mut Vec<Output>) {
        if !self.has_ended() {
            self.absent_until = until;
            out.push(Output::Show(Change::Standing));
        }
    }

    fn reached_by_other(&mut self, received: Sequence, read: Sequence, out: &mut Vec<Output>) {
        if received > self.received_by_other || read > self.read_by_other {
            self.received_by_other = self.received_by_other.max(received);
            self.read_by_other = self.read_by_other.max(read);
            out.push(Output::Show(Change::ReadByOther));
        }
    }

    fn join(
        &mut self,
        now: Timestamp,
        after: Sequence,
        upto: Sequence,
        piece: Vec<Entry>,
        out: &mut Vec<Output>,
    ) {
        self.last = self.last.max(upto);
        let joined = self.log.join(after, upto, piece, out);
        match joined {
            Joined::Nothing => {}
            // What lacks may be on its way: after a welcome, or because it was asked for.
            Joined::Gap if self.ask_at.is_some() => {}
            Joined::Gap => self.ask(now, out),
            Joined::Replaced => {
                out.push(Output::Show(Change::Replaced));
                self.entries_are_new(now, 0, out);
            }
            Joined::Longer { before, from } => {
                if let Some(count) = before {
                    self.earlier_until = None;
                    out.push(Output::Show(Change::Prepended { count }));
                }
                if let Some(from) = from.filter(|from| *from < self.log.entries().len()) {
                    out.push(Output::Show(Change::Appended { from }));
                }
                self.entries_are_new(now, if before.is_some() { 0 } else { from.unwrap_or(0) }, out);
            }
        }
        if self.in_step() {
            self.ask_at = None;
        } else if matches!(joined, Joined::Replaced | Joined::Longer { from: Some(_), .. }) {
            self.ask(now, out);
        }
    }

    /// The entries from this index on were not shown before: their drafts go, and who has written no longer types.
    fn entries_are_new(&mut self, now: Timestamp, from: usize, out: &mut Vec<Output>) {
        let mut settled = false;
        for entry in self.log.entries().get(from..).unwrap_or_default() {
            if self.confirm_at.is_none() && self.is_theirs(entry) {
                self.confirm_at = Some(now.after(RECEIPT_REPEATED));
            }
            if let Some(draft) = entry.message.and_then(|message| self.outbox.shown(message)) {
                settled = true;
                if !matches!(draft.delivery, Delivery::Delivered(_)) {
                    out.push(Output::Forget(draft.message));
                }
            }
            if self.typing.as_ref().is_some_and(|(author, _)| *author == entry.author) {
                self.typing = None;
                out.push(Output::Show(Change::Typing));
            }
        }
        settled |= self.outbox.settle(self.log.held().unwrap_or_default());
        if settled {
            out.push(Output::Show(Change::Outbox));
        }
    }

    /// Asks for what lacks, if anything does, and again if the answer stays out.
    pub(super) fn ask(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        self.ask_at = None;
        if !self.link.is_live() || self.in_step() {
            return;
        }
        self.ask_at = Some(now.after(ANSWER));
        out.push(Output::Send(match self.log.held() {
            Some(after) => ClientFrame::FetchAfter { after },
            None => ClientFrame::FetchBefore { before: self.last.next() },
        }));
    }

    fn accepted(&mut self, now: Timestamp, message: MessageId, sequence: Sequence, out: &mut Vec<Output>) {
        self.last = self.last.max(sequence);
        if self.outbox.delivered(message, sequence) {
            out.push(Output::Forget(message));
            self.outbox.settle(self.log.held().unwrap_or_default());
            out.push(Output::Show(Change::Outbox));
        }
        // The entry itself follows by itself; only if it stays out it is asked for.
        if !self.in_step() && self.ask_at.is_none() {
            self.ask_at = Some(now.after(ANSWER));
        }
    }

    fn refused(&mut self, now: Timestamp, problem: Problem, out: &mut Vec<Output>) {
        let greeting = self.link.is_greeting();
        // Nobody asked for the comparison, so nobody is to be told that it has to wait for its next turn.
        if !greeting && is_busy(&problem) && core::mem::take(&mut self.comparing) {
            return;
        }
        if let Some(span) = problem.retry_after {
            self.link.spare_until(now.after(span));
        }
        match problem.code {
            ErrorCode::NotSignedIn => self.refuse(out),
            // With a time at which to come again it is not for good.
            ErrorCode::UnknownConversation
            | ErrorCode::NotYourConversation
            | ErrorCode::NotPermitted
            | ErrorCode::OriginNotAllowed
                if greeting && problem.retry_after.is_none() =>
            {
                self.refuse(out);
            }
            // The log is not the one that was held: begin anew.
            ErrorCode::SequenceAhead => {
                self.log.forget();
                self.last = Sequence::START;
                self.give_up(now, out);
            }
            ErrorCode::HelloExpected => self.give_up(now, out),
            // The socket is well: there is only no room for the first page yet.
            ErrorCode::TooManyRequests if greeting && problem.retry_after.is_some() => {
                let at = now.after(problem.retry_after.unwrap_or(BUSY));
                self.link.greet_again(at);
                self.hello_at = Some(at);
            }
            _ if greeting => self.give_up(now, out),
            ErrorCode::ConversationEnded if self.ending => self.ending = false,
            _ => {}
        }
        self.problem = Some(problem);
        out.push(Output::Show(Change::Problem));
    }

    fn refuse(&mut self, out: &mut Vec<Output>) {
        self.link.refused();
        out.push(Output::Disconnect);
        self.lost(out);
    }
}
