//! The shell around a shard's conversations, as the gateway has it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use shared::conversation::{Command, Conversation, Effect as Effected, Notice, Opening, Sender};
use shared::id::{ConnectionId, ConversationId, RepresentativeId, RequestId, VisitorId};
use shared::owed::OWED_AGAIN;
use shared::protocol::live::{ClientFrame, Sequence, ServerFrame, Side, Visibility};
use shared::protocol::{ErrorCode, Problem};
use shared::text::MessageText;
use shared::time::{Span, Timestamp};

use crate::object::{Answer, Down, Name, Order, Shell, Sockets, Turn, Up, message_in};
use crate::router::Told;
use crate::store::ShardTables;

/// How long whoever was shown out waits before they call again.
const DISMISSED_FOR: Span = Span::from_secs(3);

/// The shell.
pub(crate) struct ShardShell {
    awake: BTreeMap<ConversationId, Awake>,
    deadlines: BTreeMap<ConversationId, Timestamp>,
    /// Who was shown out, and by what the router decided when.
    dismissed: BTreeMap<(ConversationId, RepresentativeId), Timestamp>,
    /// The sockets with a message in this turn for which there was no room.
    held_back: BTreeSet<ConnectionId>,
    /// Conversations in which something has happened since the checks last looked.
    pub(crate) touched: BTreeSet<ConversationId>,
}

struct Awake {
    conversation: Conversation,
    stored: Sequence,
    changed: bool,
    /// Records that say nothing any more and may be stored with what they said.
    wiped: BTreeSet<Sequence>,
}

impl Awake {
    fn new(conversation: Conversation, stored: Sequence, changed: bool) -> Self {
        Self { conversation, stored, changed, wiped: BTreeSet::new() }
    }

    /// Notes which records are to be stored anew. Whether there are any.
    fn note_wiped(&mut self, effects: &[Effected]) -> bool {
        let before = self.wiped.len();
        for effect in effects {
            if let Effected::Wiped { records } = effect {
                self.wiped.extend(records);
            }
        }
        self.wiped.len() > before
    }
}

/// What is journaled.
#[derive(Serialize, Deserialize)]
pub(crate) enum Step {
    Open(Box<Opening>),
    Command(ConversationId, Command),
}

/// A request.
#[derive(Debug)]
pub(crate) enum Request {
    Start { visitor: VisitorId, request: RequestId, opening: Box<Opening> },
    Notice { conversation: ConversationId, notice: Notice, at: Timestamp },
    Frame { connection: ConnectionId, seat: Seat, frame: ClientFrame },
    Gone { connection: ConnectionId, conversation: ConversationId, sender: Sender },
    ConnectionsAre { conversation: ConversationId, open: Vec<(Sender, ConnectionId)> },
    Tick { conversation: ConversationId },
}

/// What is done after the commit.
pub(crate) enum Effect {
    Conversation(ConversationId, Box<Effected>),
    /// Somebody takes part no more, by what the router decided then.
    Dismiss(ConversationId, RepresentativeId, Timestamp),
    Evict(ConnectionId),
    Seat(Seat),
}

/// Who sits at a socket.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) conversation: ConversationId,
    /// Who they are, once they have said hello.
    pub(crate) sender: Option<Sender>,
    pub(crate) staff: Option<RepresentativeId>,
    /// When the router said that they may sit here.
    pub(crate) admitted: Timestamp,
    /// When the session of the staff ends by itself.
    pub(crate) until: Option<Timestamp>,
}

type Done<T = ()> = Result<T, Problem>;

impl ShardShell {
    fn wake(&mut self, tables: &ShardTables, id: ConversationId) -> Option<&mut Awake> {
        if let Entry::Vacant(place) = self.awake.entry(id) {
            let conversation = tables.load(id)?;
            let stored = conversation.last();
            place.insert(Awake::new(conversation, stored, false));
            self.touched.insert(id);
        }
        self.awake.get_mut(&id)
    }

    /// The conversation with this id, to be looked at.
    pub(crate) fn look(&mut self, tables: &ShardTables, id: ConversationId) -> Option<&Conversation> {
        self.wake(tables, id).map(|awake| &awake.conversation)
    }

    /// The conversations in memory.
    pub(crate) fn in_memory(&self) -> impl Iterator<Item = (ConversationId, &Conversation)> {
        self.awake.iter().map(|(id, awake)| (*id, &awake.conversation))
    }

    fn set_deadline(&mut self, id: ConversationId, deadline: Option<Timestamp>) {
        match deadline {
            Some(at) => drop(self.deadlines.insert(id, at)),
            None => drop(self.deadlines.remove(&id)),
        }
        self.touched.insert(id);
    }

    fn open(&mut self, now: Timestamp, opening: Opening) -> (ConversationId, Vec<Effected>) {
        let id = opening.conversation;
        let (conversation, effects) = Conversation::open(now, opening);
        self.set_deadline(id, conversation.next_deadline());
        self.awake.insert(id, Awake::new(conversation, Sequence::START, true));
        (id, effects)
    }

    fn command(&mut self, turn: &mut Turn<'_, Self>, id: ConversationId, command: Command) -> Done {
        let effects = self.handle(turn, id, command)?;
        follow(turn, id, effects);
        Ok(())
    }

    fn handle(
        &mut self,
        turn: &mut Turn<'_, Self>,
        id: ConversationId,
        command: Command,
    ) -> Done<Vec<Effected>> {
        let noted = turn.note(&Step::Command(id, command.clone()));
        let Some(awake) = self.wake(turn.tables, id) else {
            turn.take_back(noted);
            return Err(ErrorCode::UnknownConversation.into());
        };
        let may_be_a_repeat = command.may_be_a_repeat();
        match awake.conversation.handle(turn.now, command) {
            Ok(effects) => {
                if may_be_a_repeat && effects.iter().all(Effected::is_reply) {
                    turn.take_back(noted);
                } else {
                    awake.changed = true;
                }
                if awake.note_wiped(&effects) {
                    turn.checkpoint();
                }
                let deadline = awake.conversation.next_deadline();
                self.set_deadline(id, deadline);
                Ok(effects)
            }
            Err(rejection) => {
                turn.take_back(noted);
                Err(rejection.into())
            }
        }
    }

    fn start(
        &mut self,
        turn: &mut Turn<'_, Self>,
        visitor: VisitorId,
        request: RequestId,
        opening: Opening,
    ) -> Done<Answer> {
        if !turn.tables.use_session(turn.now, visitor) {
            return Ok(Answer::SignedOut);
        }
        let known = turn.tables.visitors.get(&visitor).cloned().ok_or(ErrorCode::NotSignedIn)?;
        let repeated = known.starts.get(&request).copied();
        let open =
            known.newest.filter(|id| self.look(turn.tables, *id).is_some_and(|found| !found.has_ended()));
        let answer = repeated.or(open).unwrap_or(opening.conversation);
        if let Some(known) = turn.tables.visitors.get_mut(&visitor) {
            known.starts.insert(request, answer);
        }
        if let Some(conversation) = repeated.or(open) {
            if let Some((message, text)) = opening.first_message {
                let (sender, visibility) = (Sender::Customer, Visibility::Public);
                self.command(turn, conversation, Command::Send { sender, message, visibility, text })?;
            }
            return Ok(Answer::Conversation(conversation));
        }
        if let Some(known) = turn.tables.visitors.get_mut(&visitor) {
            known.newest = Some(opening.conversation);
        }
        turn.note(&Step::Open(Box::new(opening.clone())));
        let (id, effects) = self.open(turn.now, opening);
        follow(turn, id, effects);
        Ok(Answer::Conversation(id))
    }

    /// Messages of a socket keep their order, also where there is no room for one of them in the middle of a turn.
    fn take_frame(
        &mut self,
        turn: &mut Turn<'_, Self>,
        connection: ConnectionId,
        seat: Seat,
        frame: ClientFrame,
    ) -> Done {
        let is_message = message_in(&frame).is_some();
        if is_message && self.held_back.contains(&connection) {
            return Err(Problem::wait(OWED_AGAIN));
        }
        let room = if is_message { turn.room() } else { Ok(()) };
        let taken = room.and_then(|()| self.frame(turn, connection, seat, frame));
        if is_message && taken.as_ref().is_err_and(|problem| problem.retry_after.is_some()) {
            self.held_back.insert(connection);
        }
        taken
    }

    fn frame(
        &mut self,
        turn: &mut Turn<'_, Self>,
        connection: ConnectionId,
        seat: Seat,
        frame: ClientFrame,
    ) -> Done {
        let id = seat.conversation;
        let frame = match frame {
            ClientFrame::Hello { token, holds } => {
                return self.hello(turn, connection, seat, token.as_deref(), holds);
            }
            frame => frame,
        };
        let sender = seat.sender.ok_or(ErrorCode::HelloExpected)?;
        let side = sender.side();
        let conversation = self.look(turn.tables, id).ok_or(ErrorCode::UnknownConversation)?;
        let effects = match frame {
            ClientFrame::Send { message, visibility, text } => {
                let text = MessageText::new(&text).map_err(ErrorCode::from)?;
                return self.command(turn, id, Command::Send { sender, message, visibility, text });
            }
            ClientFrame::Received { upto } => {
                return self.command(turn, id, Command::Received { sender, upto });
            }
            ClientFrame::Edit { message, target, text } => {
                let text = MessageText::new(&text).map_err(ErrorCode::from)?;
                return self.command(turn, id, Command::Edit { sender, message, target, text });
            }
            ClientFrame::Redact { message, target } => {
                return self.command(turn, id, Command::Redact { sender, message, target, any: false });
            }
            ClientFrame::Read { upto } => return self.command(turn, id, Command::Read { sender, upto }),
            ClientFrame::End if side == Side::Customer => return self.command(turn, id, Command::End),
            ClientFrame::End => return Err(ErrorCode::NotPossibleNow.into()),
            ClientFrame::Typing { visibility } => conversation.typing(sender, visibility)?,
            ClientFrame::FetchAfter { after } => {
                vec![Effected::Reply { frame: conversation.entries_for(Some(after), side)? }]
            }
            ClientFrame::FetchBefore { before } => {
                vec![Effected::Reply { frame: conversation.history_before(before, side)? }]
            }
            ClientFrame::Hello { .. } => Vec::new(),
        };
        follow(turn, id, effects);
        Ok(())
    }

    fn hello(
        &mut self,
        turn: &mut Turn<'_, Self>,
        connection: ConnectionId,
        seat: Seat,
        token: Option<&str>,
        holds: Option<Sequence>,
    ) -> Done {
        let id = seat.conversation;
        let sender = if let Some(representative) = seat.staff {
            if self.dismissed.get(&(id, representative)).is_some_and(|at| *at >= seat.admitted) {
                return Err(dismissed());
            }
            Sender::Staff(representative)
        } else {
            let visitor: Option<VisitorId> = token.and_then(|token| token.parse().ok());
            let visitor = visitor.filter(|visitor| turn.tables.use_session(turn.now, *visitor));
            let visitor = visitor.ok_or(ErrorCode::NotSignedIn)?;
            if self.look(turn.tables, id).is_none_or(|conversation| conversation.visitor() != visitor) {
                return Err(ErrorCode::UnknownConversation.into());
            }
            Sender::Customer
        };
        let conversation = self.look(turn.tables, id).ok_or(ErrorCode::UnknownConversation)?;
        conversation.check_exists(holds.unwrap_or_default())?;
        if seat.sender.is_none() {
            let theirs = conversation.connections().filter(|(other, _)| *other == sender);
            let mut theirs: Vec<ConnectionId> = theirs.map(|(_, connection)| connection).collect();
            theirs.sort_unstable();
            let too_many = (theirs.len() + 1).saturating_sub(shared::limit::SOCKETS_PER_PARTICIPANT_MAX);
            for connection in theirs.into_iter().take(too_many) {
                self.command(turn, id, Command::Disconnect { sender, connection })?;
                turn.then(Effect::Evict(connection));
            }
            self.command(turn, id, Command::Connect { sender, connection })?;
            turn.then(Effect::Seat(Seat { sender: Some(sender), ..seat }));
        }
        let conversation = self.look(turn.tables, id).ok_or(ErrorCode::UnknownConversation)?;
        let frames = conversation.greeting(holds, sender.side())?;
        follow(turn, id, frames.into_iter().map(|frame| Effected::Reply { frame }).collect());
        Ok(())
    }

    fn notice(
        &mut self,
        turn: &mut Turn<'_, Self>,
        id: ConversationId,
        notice: Notice,
        at: Timestamp,
    ) -> Done {
        let effects = self.handle(turn, id, Command::Notice(notice))?;
        for effect in &effects {
            if let Effected::Dismiss { representative } = effect {
                self.dismissed.insert((id, *representative), at);
                turn.then(Effect::Dismiss(id, *representative, at));
            }
        }
        follow(turn, id, effects);
        Ok(())
    }

    fn sockets_of(&self, id: ConversationId, meant: impl Fn(Sender) -> bool) -> Vec<ConnectionId> {
        let Some(awake) = self.awake.get(&id) else { return Vec::new() };
        let connections = awake.conversation.connections().filter(|(sender, _)| meant(*sender));
        connections.map(|(_, connection)| connection).collect()
    }
}

/// What is said to whoever takes part no more: not for good, as in the gateway.
fn dismissed() -> Problem {
    Problem::from(ErrorCode::NotYourConversation).retry_after(DISMISSED_FOR)
}

fn follow(turn: &mut Turn<'_, ShardShell>, id: ConversationId, effects: Vec<Effected>) {
    for effect in effects {
        match effect {
            Effected::Route(command) => turn.post(Name::Router, &Told::Command(*command)),
            effect => turn.then(Effect::Conversation(id, Box::new(effect))),
        }
    }
}

impl Shell for ShardShell {
    type Request = Request;
    type Step = Step;
    type Effect = Effect;
    type Seat = Seat;
    type Tables = ShardTables;

    fn load(tables: &ShardTables) -> Self {
        let deadlines = tables.heads.iter().filter_map(|(id, head)| Some((*id, head.deadline?))).collect();
        let (awake, dismissed, held_back) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { awake, deadlines, dismissed, held_back, touched: tables.stored().collect() }
    }

    fn replay(&mut self, tables: &ShardTables, now: Timestamp, step: Step) {
        match step {
            Step::Open(opening) => drop(self.open(now, *opening)),
            Step::Command(id, command) => {
                if let Some(awake) = self.wake(tables, id) {
                    awake.changed = true;
                    let effects = awake.conversation.handle(now, command).unwrap_or_default();
                    awake.note_wiped(&effects);
                    let deadline = awake.conversation.next_deadline();
                    self.set_deadline(id, deadline);
                }
            }
        }
    }

    fn serve(&mut self, turn: &mut Turn<'_, Self>, request: Request) -> Done<Answer> {
        match request {
            Request::Start { visitor, request, opening } => {
                return self.start(turn, visitor, request, *opening);
            }
            Request::Notice { conversation, notice, at } => self.notice(turn, conversation, notice, at)?,
            Request::Frame { connection, seat, frame } => self.take_frame(turn, connection, seat, frame)?,
            Request::Gone { connection, conversation, sender } => {
                self.command(turn, conversation, Command::Disconnect { sender, connection })?;
            }
            Request::ConnectionsAre { conversation, open } => {
                self.command(turn, conversation, Command::ConnectionsAre { open })?;
            }
            Request::Tick { conversation } => self.command(turn, conversation, Command::Tick)?,
        }
        Ok(Answer::Done)
    }

    fn checkpoint(&mut self, tables: &mut ShardTables) {
        for (id, awake) in &mut self.awake {
            if awake.changed {
                tables.store(*id, &awake.conversation, awake.stored);
                for record in std::mem::take(&mut awake.wiped).range(..=awake.stored) {
                    tables.store_again(*id, &awake.conversation, *record);
                }
                awake.stored = awake.conversation.last();
                awake.changed = false;
            }
        }
        self.awake.retain(|_, awake| awake.conversation.connections().len() > 0);
    }

    fn end_turn(&mut self) {
        self.held_back.clear();
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.values().copied().min()
    }

    fn due(&self, now: Timestamp) -> Vec<Request> {
        let due = self.deadlines.iter().filter(|(_, at)| **at <= now);
        due.map(|(conversation, _)| Request::Tick { conversation: *conversation }).collect()
    }

    fn carry_out(
        &mut self,
        sockets: &mut Sockets<Seat>,
        caller: Option<ConnectionId>,
        effect: Effect,
        orders: &mut Vec<Order>,
    ) {
        let (id, effect) = match effect {
            Effect::Conversation(id, effect) => (id, *effect),
            Effect::Dismiss(conversation, representative, at) => {
                let goes = |seat: &Seat| {
                    let theirs = seat.conversation == conversation && seat.staff == Some(representative);
                    theirs && at >= seat.admitted
                };
                for (connection, _) in sockets.iter().filter(|(_, socket)| goes(&socket.seat)) {
                    let frame = ServerFrame::Refused { message: None, problem: dismissed() };
                    orders.push(Order::Send(*connection, Down::Live(frame)));
                    orders.push(Order::Close(*connection));
                }
                return;
            }
            Effect::Evict(connection) => {
                orders.push(Order::Close(connection));
                return;
            }
            Effect::Seat(seat) => {
                if let Some(socket) = caller.and_then(|connection| sockets.get_mut(&connection)) {
                    socket.seat = seat;
                }
                return;
            }
        };
        match effect {
            Effected::Reply { frame } => {
                orders.extend(caller.map(|connection| Order::Send(connection, Down::Live(frame))));
            }
            Effected::Broadcast { side, frame } => {
                for connection in self.sockets_of(id, |sender| sender.side() == side) {
                    orders.push(Order::Send(connection, Down::Live(frame.clone())));
                }
            }
            Effected::TellOthers { than, side, frame } => {
                for connection in self.sockets_of(id, |sender| sender.side() == side && sender != than) {
                    orders.push(Order::Send(connection, Down::Live(frame.clone())));
                }
            }
            // Nobody here keeps an audit log. Who is shown out is an effect of its own.
            Effected::Dismiss { .. }
            | Effected::Route(_)
            | Effected::Record(_)
            | Effected::Kept
            | Effected::Wiped { .. }
            | Effected::EraseFile { .. } => {}
        }
    }

    fn reconcile(&self, tables: &ShardTables, sockets: &Sockets<Seat>) -> Vec<Request> {
        let mut open: BTreeMap<ConversationId, Vec<(Sender, ConnectionId)>> = BTreeMap::new();
        for (connection, socket) in sockets {
            if let Some(sender) = socket.seat.sender {
                open.entry(socket.seat.conversation).or_default().push((sender, *connection));
            }
        }
        let heads = tables.heads.iter().filter(|(_, head)| head.connections > 0);
        let mut believed: BTreeMap<ConversationId, usize> =
            heads.map(|(id, head)| (*id, head.connections)).collect();
        // The journal knows better than the checkpoint.
        for (id, awake) in &self.awake {
            believed.insert(*id, awake.conversation.connections().len());
        }
        let concerned: BTreeSet<ConversationId> = open.keys().chain(believed.keys()).copied().collect();
        let mut requests = Vec::new();
        for conversation in concerned {
            let open = open.remove(&conversation).unwrap_or_default();
            if believed.get(&conversation).copied().unwrap_or(0) != open.len() {
                requests.push(Request::ConnectionsAre { conversation, open });
            }
        }
        requests
    }

    fn receive(effect: &[u8]) -> Option<Request> {
        let (conversation, notice, at) = postcard::from_bytes(effect).ok()?;
        Some(Request::Notice { conversation, notice, at })
    }

    fn until(seat: &Seat) -> Option<Timestamp> {
        seat.until
    }

    fn frame(connection: ConnectionId, seat: &Seat, frame: &Up) -> Option<Request> {
        let Up::Live(frame) = frame else { return None };
        Some(Request::Frame { connection, seat: seat.clone(), frame: frame.clone() })
    }

    fn refuse(seat: &Seat, frame: &Up, problem: Problem) -> Option<(Down, bool)> {
        let Up::Live(frame) = frame else { return None };
        let message = message_in(frame);
        // Other tabs may speak through the same socket, and to wait costs less than to come again.
        let ends = matches!(frame, ClientFrame::Hello { .. })
            && seat.sender.is_none()
            && problem.retry_after.is_none();
        Some((Down::Live(ServerFrame::Refused { message, problem }), ends))
    }

    fn gone(connection: ConnectionId, seat: Seat) -> Option<Request> {
        // It may be gone before its hello was served, which waits for the same turn.
        let sender = seat.sender.unwrap_or_else(|| seat.staff.map_or(Sender::Customer, Sender::Staff));
        Some(Request::Gone { connection, conversation: seat.conversation, sender })
    }
}
