//! What the frames of a socket ask of a conversation.

use shared::conversation::{Command, Effect as Order, Sender};
use shared::id::{ConnectionId, ConversationId};
use shared::limit::SOCKETS_PER_PARTICIPANT_MAX;
use shared::owed::OWED_AGAIN;
use shared::protocol::live::{ClientFrame, Sequence, Side};
use shared::protocol::{ErrorCode, Problem};
use shared::text::MessageText;
use shared::time::Timestamp;

use super::shell::{ConversationsShell, Effect, dismissed};
use super::sites::{self, Spot};
use super::sockets::{Seat, message_of};
use super::{awake, texts, visitors};
use crate::object::Turn;
use crate::tokens::VisitorToken;

impl ConversationsShell {
    /// Serves a frame of a socket. Messages keep their order, also where there is no room for one of them: the socket sees to
    /// it from the end of the turn on, and here it is seen to until then.
    pub(super) fn frame(
        &mut self,
        turn: &mut Turn<'_, Self>,
        connection: ConnectionId,
        seat: Seat,
        frame: ClientFrame,
    ) -> Result<(), Problem> {
        let is_message = message_of(&frame).is_some();
        if is_message && self.held_back.contains(&connection) {
            return Err(Problem::wait(OWED_AGAIN));
        }
        let served = self.serve_frame(turn, connection, seat, frame);
        if is_message && served.as_ref().is_err_and(|problem| problem.retry_after.is_some()) {
            self.held_back.insert(connection);
        }
        served
    }

    fn serve_frame(
        &mut self,
        turn: &mut Turn<'_, Self>,
        connection: ConnectionId,
        seat: Seat,
        frame: ClientFrame,
    ) -> Result<(), Problem> {
        let id = seat.conversation;
        let frame = match frame {
            ClientFrame::Hello { token, holds } => return self.hello(turn, connection, seat, token, holds),
            frame => frame,
        };
        // Asked of the conversation, not of the seat: a hello in this very turn counts.
        let conversation = self.look(turn.sql, id)?;
        let said_hello = conversation.connections().find(|(_, other)| *other == connection);
        let (sender, _) = said_hello.ok_or(ErrorCode::HelloExpected)?;
        let side = sender.side();
        let may_look_on = seat.staff.as_ref().is_some_and(|staff| staff.looks_on);
        let looks_on = may_look_on && !conversation.has_taken_part(sender);
        match frame {
            // Served above.
            ClientFrame::Hello { .. } => Ok(()),
            ClientFrame::Send { message, visibility, text } => {
                // Before it is journaled: white space around it is nobody's message.
                let text = MessageText::new(&text).map_err(ErrorCode::from)?;
                self.admit_text(turn.now, &seat, sender, &text)?;
                self.command(turn, id, Command::Send { sender, message, visibility, text })
            }
            // Somebody who looks on and takes no part leaves no mark.
            ClientFrame::Read { .. } | ClientFrame::Received { .. } if looks_on => Ok(()),
            ClientFrame::Read { upto } => self.command(turn, id, Command::Read { sender, upto }),
            ClientFrame::Received { upto } => self.command(turn, id, Command::Received { sender, upto }),
            ClientFrame::Edit { message, target, text } => {
                let text = MessageText::new(&text).map_err(ErrorCode::from)?;
                self.admit_text(turn.now, &seat, sender, &text)?;
                self.command(turn, id, Command::Edit { sender, message, target, text })
            }
            ClientFrame::Redact { message, target } => {
                let any = seat.staff.as_ref().is_some_and(|staff| staff.may_redact);
                self.command(turn, id, Command::Redact { sender, message, target, any })
            }
            ClientFrame::End if side == Side::Customer => self.command(turn, id, Command::End),
            // The staff end conversations at the desk, where capacity is.
            ClientFrame::End => Err(ErrorCode::NotPossibleNow.into()),
            ClientFrame::Typing { visibility } => {
                let orders = self.look(turn.sql, id)?.typing(sender, visibility)?;
                self.follow(turn, id, orders)
            }
            ClientFrame::FetchAfter { after } => {
                self.pages.take(turn.now, (id, sender)).map_err(Problem::wait)?;
                let frame = self.look(turn.sql, id)?.entries_for(Some(after), side)?;
                self.follow(turn, id, vec![Order::Reply { frame }])
            }
            ClientFrame::FetchBefore { before } => {
                self.pages.take(turn.now, (id, sender)).map_err(Problem::wait)?;
                let frame = self.look(turn.sql, id)?.history_before(before, side)?;
                self.follow(turn, id, vec![Order::Reply { frame }])
            }
        }
    }

    /// If somebody has as many sockets as they may, the oldest goes for a new one: clients that went without a word leave
    /// theirs behind, and shall not keep those who come back out.
    fn make_room(
        &mut self,
        turn: &mut Turn<'_, Self>,
        id: ConversationId,
        sender: Sender,
    ) -> Result<(), Problem> {
        let theirs = self.look(turn.sql, id)?.connections().filter(|(other, _)| *other == sender);
        let mut theirs: Vec<ConnectionId> = theirs.map(|(_, connection)| connection).collect();
        // Their ids are in the order in which they were opened.
        theirs.sort_unstable();
        let too_many = (theirs.len() + 1).saturating_sub(SOCKETS_PER_PARTICIPANT_MAX);
        for connection in theirs.into_iter().take(too_many) {
            self.command(turn, id, Command::Disconnect { sender, connection })?;
            turn.then(Effect::Evict(connection));
        }
        Ok(())
    }

    /// Admits what somebody writes, or says when to send it again.
    fn admit_text(
        &mut self,
        now: Timestamp,
        seat: &Seat,
        sender: Sender,
        text: &MessageText,
    ) -> Result<(), Problem> {
        texts::room(awake::bytes(), seat.staff.is_some())?;
        self.texts.take(now, (seat.conversation, sender), seat.address.as_deref(), text.as_str().len())
    }

    fn hello(
        &mut self,
        turn: &mut Turn<'_, Self>,
        connection: ConnectionId,
        seat: Seat,
        token: Option<String>,
        holds: Option<Sequence>,
    ) -> Result<(), Problem> {
        let id = seat.conversation;
        if seat.sender.is_none() {
            // Whoever sits there keeps the conversation in memory.
            texts::room(awake::bytes(), seat.staff.is_some())?;
        }
        let mut spot = None;
        let sender = match (&seat.staff, token) {
            (Some(staff), _) => {
                let who = (id, staff.representative);
                let moved = |what| self.watched.since(&what, seat.admitted);
                let withdrawn = if staff.watches {
                    moved(Some(id)) || moved(None)
                } else {
                    self.dismissed.since(&who, seat.admitted)
                };
                if withdrawn {
                    return Err(dismissed());
                }
                Sender::Staff(staff.representative)
            }
            (None, token) => {
                let token = token.as_deref().and_then(VisitorToken::read).ok_or(ErrorCode::NotSignedIn)?;
                let session = visitors::session(turn.sql, turn.now, token.visitor, &token.hash())?;
                let session = session.ok_or(ErrorCode::NotSignedIn)?;
                let here = Spot { widget: session.widget, site: session.site };
                if sites::is_taken(turn.sql, &here)? {
                    return Err(ErrorCode::OriginNotAllowed.into());
                }
                spot = Some(here);
                // That a conversation of somebody else exists is nobody's business.
                if self.look(turn.sql, id)?.visitor() != token.visitor {
                    return Err(ErrorCode::UnknownConversation.into());
                }
                Sender::Customer
            }
        };
        self.pages.take(turn.now, (id, sender)).map_err(Problem::wait)?;
        // Who holds another log is not seated: they come again without it.
        self.look(turn.sql, id)?.check_exists(holds.unwrap_or_default())?;
        if seat.sender.is_none() {
            self.make_room(turn, id, sender)?;
            self.command(turn, id, Command::Connect { sender, connection })?;
            turn.then(Effect::Seat(Seat { sender: Some(sender), spot, ..seat }));
        }
        let frames = self.look(turn.sql, id)?.greeting(holds, sender.side())?;
        self.follow(turn, id, frames.into_iter().map(|frame| Order::Reply { frame }).collect())
    }
}
