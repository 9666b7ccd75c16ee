//! The shell around a shard's conversations.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use shared::conversation::{Command, Conversation, Effect as Order, Notice, Opening, Sender};
use shared::id::{ConnectionId, ConversationId, RepresentativeId, VisitorId};
use shared::limit::{PAGE_RATE, VISITOR_REQUEST_RATE};
use shared::owed::Stage;
use shared::protocol::live::{Sequence, ServerFrame, Visibility};
use shared::protocol::{ErrorCode, Problem};
use shared::rate::Buckets;
use shared::time::{Span, Timestamp};
use worker::Env;

use super::awake::{AllAwake, Awake};
use super::deadlines::Deadlines;
use super::files::Files;
use super::request::Crossing;
use super::sites::{self, Spot};
use super::sockets::{self, Seat};
use super::texts::Texts;
use super::{Answer, Request, Session, Told, scanner, store, visitors};
use crate::environment::{Deployment, ObjectName};
use crate::fault::Result;
use crate::object::{
    Departed, Errand, Identity, Read, Shell, Socket, Sockets, Sql, Turn, is_withdrawn, send_all,
};
use crate::router;
use crate::stored::{self, Stored};

/// Whoever no longer takes part does not call again before this: their desk tells them at the same time that the
/// conversation is gone, and a call that is refused, or given up on its way, is an error on their page.
const DISMISSED_FOR: Span = Span::from_secs(3);

/// What is said to whoever no longer takes part. Not for good: the word of it may be old, and they may have been let in again
/// meanwhile, which is found out when they call again.
pub(super) fn dismissed() -> Problem {
    Problem::from(ErrorCode::NotYourConversation).retry_after(DISMISSED_FOR)
}

/// A shard of conversations.
pub(crate) struct ConversationsShell {
    router: String,
    records: String,
    /// The conversations in memory: those that something happens in.
    awake: AllAwake,
    /// What is due, of all conversations of the shard, awake or not.
    deadlines: Deadlines<ConversationId>,
    /// What visitors asked for lately. In memory: a restart forgives.
    asked: Buckets<VisitorId>,
    /// Which pages of the log participants asked for lately.
    pub(super) pages: Buckets<(ConversationId, Sender)>,
    /// How much they wrote lately.
    pub(super) texts: Texts,
    /// Files that are on their way.
    pub(super) files: Files,
    /// Who was shown the door while they may have been under way: sessions of the staff, and who no longer takes part.
    ended: Departed<[u8; 32]>,
    pub(super) dismissed: Departed<(ConversationId, RepresentativeId)>,
    /// Conversations over which others may watch, or none for all, while somebody may have been under way.
    pub(super) watched: Departed<Option<ConversationId>>,
    /// The sockets with a message in this turn for which there was no room: what they bring behind it has to wait for it.
    pub(super) held_back: BTreeSet<ConnectionId>,
}

/// What is journaled.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Step {
    Open(Box<Opening>),
    Command(ConversationId, Command),
}

impl Stored for Step {
    const WHAT: &'static str = "the journal of a shard";
}

/// What is done after the commit.
pub(crate) enum Effect {
    /// An order of a conversation.
    Order(ConversationId, Order),
    /// The caller said hello: from now on it is known who sits there.
    Seat(Seat),
    /// Close the sockets at which a representative sits who takes part no more, by what the router decided then. Whoever was
    /// let in later takes part again, of which the conversation has yet to hear.
    Dismiss { conversation: ConversationId, representative: RepresentativeId, at: Timestamp },
    /// Close this socket: newer ones of the same participant need its place.
    Evict(ConnectionId),
    /// Close the sockets of a session that is over.
    CloseSession([u8; 32]),
    /// Close the sockets of these sites.
    CloseSites(Vec<Spot>),
    /// Close the sockets of those who read a conversation, or any, because they watched over it before: they ask for leave
    /// again.
    AskWatchers { conversation: Option<ConversationId>, at: Timestamp },
}

impl ConversationsShell {
    /// The conversation with this id, from memory or disk.
    fn wake(&mut self, sql: &Sql, id: ConversationId) -> Result<Option<&mut Awake>> {
        if !self.awake.contains(id) {
            let Some(conversation) = store::load(sql, id)? else { return Ok(None) };
            let stored = conversation.last();
            self.awake.insert(id, Awake::new(conversation, stored, false));
        }
        Ok(self.awake.get_mut(id))
    }

    /// The conversation with this id, to be looked at.
    pub(super) fn look(
        &mut self,
        sql: &Sql,
        id: ConversationId,
    ) -> core::result::Result<&Conversation, Problem> {
        let awake = self.wake(sql, id)?.ok_or(ErrorCode::UnknownConversation)?;
        Ok(&awake.conversation)
    }

    fn open(&mut self, now: Timestamp, opening: Opening) -> (ConversationId, Vec<Order>) {
        let id = opening.conversation;
        let (conversation, orders) = Conversation::open(now, opening);
        self.deadlines.set(id, conversation.next_deadline());
        self.awake.insert(id, Awake::new(conversation, Sequence::START, true));
        (id, orders)
    }

    /// Gives a command to a conversation, journals it, and follows the orders.
    pub(super) fn command(
        &mut self,
        turn: &mut Turn<'_, Self>,
        id: ConversationId,
        command: Command,
    ) -> core::result::Result<(), Problem> {
        let orders = self.handle(turn, id, command)?;
        self.follow(turn, id, orders)
    }

    /// Gives a command to a conversation and journals it. What it orders is to be followed.
    fn handle(
        &mut self,
        turn: &mut Turn<'_, Self>,
        id: ConversationId,
        command: Command,
    ) -> core::result::Result<Vec<Order>, Problem> {
        let awake = self.wake(turn.sql, id)?.ok_or(ErrorCode::UnknownConversation)?;
        let may_be_a_repeat = command.may_be_a_repeat();
        let had_ended = awake.conversation.has_ended();
        let step = Step::Command(id, command);
        let noted = turn.note(&step)?;
        let Step::Command(_, command) = step else { return Err(ErrorCode::Internal.into()) };
        match awake.conversation.handle(turn.now, command) {
            Ok(orders) => {
                if may_be_a_repeat && orders.iter().all(Order::is_reply) {
                    // It was done before: the answer is repeated, the journal is not.
                    turn.take_back(noted);
                } else {
                    awake.changed = true;
                }
                if awake.note_wiped(&orders) {
                    turn.checkpoint();
                }
                let deadline = awake.conversation.next_deadline();
                let ends = awake.conversation.has_ended() && !had_ended;
                let was_answered = awake.conversation.was_answered();
                for order in &orders {
                    if let Order::EraseFile { file } = order {
                        self.files.erase_of(turn.sql, id, *file)?;
                    }
                }
                if ends {
                    self.files.conversation_ends(turn.sql, turn.now, id, was_answered)?;
                }
                self.deadlines.set(id, deadline);
                Ok(orders)
            }
            Err(rejection) => {
                turn.take_back(noted);
                Err(rejection.into())
            }
        }
    }

    /// The router says what became of a conversation. Whoever must go by it may be under way, or sit there without having
    /// said who they are.
    fn notice(
        &mut self,
        turn: &mut Turn<'_, Self>,
        id: ConversationId,
        notice: Notice,
        at: Timestamp,
    ) -> core::result::Result<(), Problem> {
        let mut dismissed = Vec::new();
        let mut orders = self.handle(turn, id, Command::Notice(notice))?;
        orders.retain(|order| {
            let Order::Dismiss { representative } = *order else { return true };
            dismissed.push(representative);
            false
        });
        self.follow(turn, id, orders)?;
        for representative in dismissed {
            self.dismissed.note(turn.now, (id, representative), at);
            turn.then(Effect::Dismiss { conversation: id, representative, at });
        }
        Ok(())
    }

    /// Carries out what a conversation orders: what is for the router now, in the transaction; the rest after it.
    pub(super) fn follow(
        &self,
        turn: &mut Turn<'_, Self>,
        id: ConversationId,
        orders: Vec<Order>,
    ) -> core::result::Result<(), Problem> {
        for order in orders {
            match order {
                Order::Route(command) => turn.post(self.router.clone(), &router::Told::Command(*command))?,
                Order::Record(activity) => {
                    turn.post(self.records.clone(), &*activity)?;
                }
                order => turn.then(Effect::Order(id, order)),
            }
        }
        Ok(())
    }

    fn session(
        &self,
        turn: &Turn<'_, Self>,
        visitor: VisitorId,
        secret: &[u8; 32],
    ) -> core::result::Result<(visitors::StoredSession, Option<ConversationId>), Problem> {
        let session =
            visitors::session(turn.sql, turn.now, visitor, secret)?.ok_or(ErrorCode::NotSignedIn)?;
        let open = self.open_one(turn.sql, session.newest)?;
        Ok((session, open))
    }

    /// The conversation, if it has not ended. Everybody who has a session asks, with each of their pages: of one that sleeps
    /// the head is read, and not the log.
    fn open_one(&self, sql: &Sql, newest: Option<ConversationId>) -> Result<Option<ConversationId>> {
        let Some(id) = newest else { return Ok(None) };
        let ended = match self.awake.get(id) {
            Some(awake) => awake.conversation.has_ended(),
            None => store::head(sql, id)?.is_none_or(|head| head.has_ended()),
        };
        Ok((!ended).then_some(id))
    }

    fn start(
        &mut self,
        turn: &mut Turn<'_, Self>,
        open: Option<ConversationId>,
        request: shared::id::RequestId,
        opening: Opening,
    ) -> core::result::Result<Answer, Problem> {
        // One conversation for one visitor: two tabs that submit at once, or one request sent twice, get the same.
        let visitor = opening.visitor;
        let repeated = visitors::answered(turn.sql, visitor, request)?;
        if let Some(conversation) = repeated.or(open) {
            self.append_first_message(turn, conversation, opening)?;
            if repeated.is_none() {
                visitors::note_answered(turn.sql, visitor, request, conversation)?;
            }
            return Ok(Answer::Conversation(conversation));
        }
        turn.note(&Step::Open(Box::new(opening.clone())))?;
        visitors::note_newest(turn.sql, visitor, opening.conversation)?;
        visitors::note_answered(turn.sql, visitor, request, opening.conversation)?;
        let (id, orders) = self.open(turn.now, opening);
        self.follow(turn, id, orders)?;
        Ok(Answer::Conversation(id))
    }

    /// What was written into the form where a conversation goes on already is a message in it. A repeat is there already.
    fn append_first_message(
        &mut self,
        turn: &mut Turn<'_, Self>,
        conversation: ConversationId,
        opening: Opening,
    ) -> core::result::Result<(), Problem> {
        let Some((message, text)) = opening.first_message else { return Ok(()) };
        let send = Command::Send { sender: Sender::Customer, message, visibility: Visibility::Public, text };
        self.command(turn, conversation, send)
    }
}

impl Shell for ConversationsShell {
    type Request = Request;
    type Answer = Answer;
    type Step = Step;
    type Effect = Effect;
    type Seat = Seat;

    fn load(sql: &Sql, env: &Env) -> Result<Self> {
        store::create(sql)?;
        visitors::create(sql)?;
        sites::create(sql)?;
        let mut deadlines = Deadlines::default();
        for (conversation, at) in store::deadlines(sql)? {
            deadlines.set(conversation, Some(at));
        }
        let organisation = Deployment::read(env)?.organisation;
        Ok(Self {
            router: ObjectName::router(&organisation).to_string(),
            records: ObjectName::records(&organisation).to_string(),
            awake: AllAwake::default(),
            deadlines,
            asked: Buckets::new(VISITOR_REQUEST_RATE),
            pages: Buckets::new(PAGE_RATE),
            texts: Texts::default(),
            files: Files::load(sql)?,
            ended: Departed::default(),
            dismissed: Departed::default(),
            watched: Departed::default(),
            held_back: BTreeSet::new(),
        })
    }

    fn replay(&mut self, sql: &Sql, now: Timestamp, step: Step) -> Result<()> {
        match step {
            Step::Open(opening) => drop(self.open(now, *opening)),
            Step::Command(id, command) => {
                if let Some(awake) = self.wake(sql, id)? {
                    awake.changed = true;
                    // It was accepted before and is again: the machine is pure.
                    let orders = awake.conversation.handle(now, command).unwrap_or_default();
                    awake.note_wiped(&orders);
                    let deadline = awake.conversation.next_deadline();
                    self.deadlines.set(id, deadline);
                }
            }
        }
        Ok(())
    }

    fn serve(
        &mut self,
        turn: &mut Turn<'_, Self>,
        request: Request,
    ) -> core::result::Result<Answer, Problem> {
        match request {
            Request::OpenVisitor { visitor, widget, site, secret } => {
                visitors::add(turn.sql, visitor, widget)?;
                visitors::add_session(turn.sql, turn.now, visitor, &site, &secret)?;
            }
            Request::Session { visitor, secret } => {
                let (session, conversation) = self.session(turn, visitor, &secret)?;
                return Ok(Answer::Session(Session {
                    widget: session.widget,
                    site: session.site,
                    conversation,
                }));
            }
            Request::Start { visitor, secret, request, opening } => {
                let (_, open) = self.session(turn, visitor, &secret)?;
                self.asked.take(turn.now, visitor).map_err(Problem::wait)?;
                return self.start(turn, open, request, *opening);
            }
            Request::MintHandover { visitor, secret, target, code } => {
                let (session, _) = self.session(turn, visitor, &secret)?;
                self.asked.take(turn.now, visitor).map_err(Problem::wait)?;
                let crossing = Crossing { from: session.site, to: target };
                visitors::add_handover(turn.sql, turn.now, visitor, session.widget, &crossing, &code)?;
            }
            Request::Redeem { code, widget, arrival, secret, busy_as } => {
                let visitor = visitors::redeem(turn.sql, turn.now, widget, &arrival, &code)??;
                // A stranger's link may have brought them here.
                if busy_as.is_some_and(|busy| busy != visitor) {
                    return Err(ErrorCode::HandoverRefused.into());
                }
                visitors::add_session(turn.sql, turn.now, visitor, &arrival.to, &secret)?;
                let newest = visitors::newest(turn.sql, visitor)?;
                let conversation = self.open_one(turn.sql, newest)?;
                return Ok(Answer::Visitor { visitor, conversation });
            }
            Request::Notice { conversation, notice, at } => self.notice(turn, conversation, notice, at)?,
            Request::SessionEnded(session) => {
                self.ended.note(turn.now, session, turn.now);
                turn.then(Effect::CloseSession(session));
            }
            Request::SitesMoved(moved) => {
                sites::note(turn.sql, &moved)?;
                turn.then(Effect::CloseSites(moved.taken));
            }
            Request::WatchersMoved { conversation, at } => {
                self.watched.note(turn.now, conversation, at);
                turn.then(Effect::AskWatchers { conversation, at });
            }
            Request::Frame { connection, seat, frame } => self.frame(turn, connection, seat, frame)?,
            Request::Gone { connection, conversation, sender } => {
                self.command(turn, conversation, Command::Disconnect { sender, connection })?;
            }
            Request::ConnectionsAre { conversation, open } => {
                self.command(turn, conversation, Command::ConnectionsAre { open })?;
            }
            Request::Tick { conversation } => self.command(turn, conversation, Command::Tick)?,
            Request::WidgetOf { asker, conversation } => return self.widget_of(turn, &asker, conversation),
            Request::File(request) => return self.file(turn, *request),
            Request::OpenFile { secret } => return self.open_file(turn.sql, turn.now, &secret),
            Request::FileChunk { conversation, file, start } => {
                return self.files.chunk(turn.sql, turn.now, conversation, file, start);
            }
            Request::FileDue { file } => self.file_due(turn, file)?,
            Request::FileScanned { file, offer, verdict } => {
                self.file_scanned(turn, file, offer, verdict)?;
            }
        }
        Ok(Answer::Done)
    }

    fn read(&mut self, sql: &Sql, now: Timestamp, request: Request) -> Read<Self> {
        match request {
            Request::OpenFile { secret } => Read::Answered(self.open_file(sql, now, &secret)),
            Request::FileChunk { conversation, file, start } => {
                Read::Answered(self.files.chunk(sql, now, conversation, file, start))
            }
            request => Read::TakesTurn(request),
        }
    }

    fn checkpoint(&mut self, sql: &Sql) -> Result<()> {
        for (id, awake) in self.awake.iter_mut() {
            if awake.changed {
                store::store(sql, id, &awake.conversation, awake.stored)?;
                for record in core::mem::take(&mut awake.wiped).range(..=awake.stored) {
                    store::store_again(sql, id, &awake.conversation, *record)?;
                }
                awake.stored = awake.conversation.last();
                awake.changed = false;
            }
        }
        // What is stored and nobody looks at need not be in memory.
        self.awake.stored();
        Ok(())
    }

    fn end_turn(&mut self) -> bool {
        self.held_back.clear();
        self.awake.end_turn()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().into_iter().chain(self.files.next_deadline()).min()
    }

    fn errands(&mut self, env: &Env, sql: &Sql) -> Vec<Errand<Request>> {
        let look = |(file, offer)| -> Errand<Request> {
            let looked_at = scanner::look(env.clone(), sql.clone(), file, offer);
            Box::pin(async move { Request::FileScanned { file, offer, verdict: looked_at.await } })
        };
        self.files.take_to_scan().into_iter().map(look).collect()
    }

    fn due(&self, now: Timestamp) -> Vec<Request> {
        let due = self.deadlines.due(now);
        let files = self.files.due(now).map(|file| Request::FileDue { file });
        due.map(|conversation| Request::Tick { conversation }).chain(files).collect()
    }

    fn carry_out(&mut self, sockets: &mut Sockets<Seat>, caller: Option<ConnectionId>, effect: Effect) {
        let (id, order) = match effect {
            Effect::Order(id, order) => (id, order),
            Effect::Seat(seat) => {
                let seated = caller.map(|connection| sockets.reseat(connection, seat));
                if let Some(Err(fault)) = seated {
                    worker::console_error!("a seat could not be kept: {fault}");
                }
                return;
            }
            Effect::Dismiss { conversation, representative, at } => {
                // Asked of the seats: whoever has said nothing yet must go too.
                let goes = |seat: &Seat| {
                    seat.ends_with(conversation, representative) && is_withdrawn(at, seat.admitted)
                };
                return show_out(sockets, goes, "no longer a participant");
            }
            Effect::AskWatchers { conversation, at } => {
                let asks = |seat: &Seat| seat.watches(conversation) && is_withdrawn(at, seat.admitted);
                return show_out(sockets, asks, "others may watch over it now");
            }
            Effect::Evict(connection) => {
                drop(sockets.evict(connection, "others of the same participant have come"));
                return;
            }
            Effect::CloseSession(session) => {
                let of_session =
                    |seat: &Seat| seat.staff.as_ref().is_some_and(|staff| staff.session == session);
                for socket in sockets.iter().filter(|socket| of_session(&socket.seat)) {
                    socket.close("signed out");
                }
                return;
            }
            Effect::CloseSites(taken) => {
                let there = |seat: &Seat| seat.spot.as_ref().is_some_and(|spot| taken.contains(spot));
                for socket in sockets.iter().filter(|socket| there(&socket.seat)) {
                    let problem = ErrorCode::OriginNotAllowed.into();
                    socket.send(&ServerFrame::Refused { message: None, problem });
                    socket.close("the site is no longer allowed");
                }
                return;
            }
        };
        match order {
            Order::Reply { frame } => {
                if let Some(socket) = caller.and_then(|connection| sockets.get(connection)) {
                    socket.send(&frame);
                }
            }
            Order::Broadcast { side, frame } => {
                send_all(self.sockets_of(sockets, id, |sender| sender.side() == side), &frame);
            }
            Order::TellOthers { than, side, frame } => {
                let meant = |sender: Sender| sender.side() == side && sender != than;
                for socket in self.sockets_of(sockets, id, meant) {
                    socket.send(&frame);
                }
            }
            // Posted, stored, or an effect of its own, in the transaction.
            Order::Dismiss { .. }
            | Order::Route(_)
            | Order::Record(_)
            | Order::Kept
            | Order::Wiped { .. }
            | Order::EraseFile { .. } => {}
        }
    }

    fn reconcile(&mut self, sql: &Sql, sockets: &Sockets<Seat>) -> Result<Vec<Request>> {
        let mut open: BTreeMap<ConversationId, Vec<(Sender, ConnectionId)>> = BTreeMap::new();
        for socket in sockets.iter() {
            if let Some(sender) = socket.seat.sender {
                open.entry(socket.seat.conversation).or_default().push((sender, socket.connection));
            }
        }
        let mut believed: BTreeMap<ConversationId, u64> = store::connected(sql)?.into_iter().collect();
        // The journal knows better than the checkpoint.
        for (id, awake) in self.awake.iter() {
            believed.insert(id, awake.conversation.connections().len() as u64);
        }
        let concerned: BTreeSet<ConversationId> = open.keys().chain(believed.keys()).copied().collect();
        let mut requests = Vec::new();
        for conversation in concerned {
            let open = open.remove(&conversation).unwrap_or_default();
            // After a sleep the same sockets are there, after a crash none: to count them is enough.
            if believed.get(&conversation).copied().unwrap_or(0) != open.len() as u64 {
                requests.push(Request::ConnectionsAre { conversation, open });
            }
        }
        Ok(requests)
    }

    fn receive(effect: &[u8]) -> Option<Request> {
        Some(match stored::read(effect).ok()? {
            Told::Notice { conversation, notice, at } => Request::Notice { conversation, notice, at },
            Told::SessionEnded(session) => Request::SessionEnded(session),
            Told::SitesMoved(moved) => Request::SitesMoved(moved),
            Told::WatchersMoved { conversation, at } => Request::WatchersMoved { conversation, at },
        })
    }

    fn seat(&self, identity: Identity) -> core::result::Result<Seat, Problem> {
        let seat = sockets::seat(identity)?;
        if seat.staff.as_ref().is_some_and(|staff| self.ended.includes(&staff.session)) {
            return Err(ErrorCode::NotSignedIn.into());
        }
        Ok(seat)
    }

    fn frame(socket: &Socket<Seat>, bytes: &[u8]) -> core::result::Result<Request, Problem> {
        sockets::request(socket, bytes)
    }

    fn refuse(socket: &Socket<Seat>, bytes: &[u8], problem: Problem, stage: Stage) {
        sockets::refuse(socket, bytes, problem, stage);
    }

    fn gone(connection: ConnectionId, seat: Seat) -> Option<Request> {
        Some(sockets::gone(connection, seat))
    }
}

impl ConversationsShell {
    /// The open sockets of a conversation whose senders are meant.
    fn sockets_of<'sockets>(
        &self,
        sockets: &'sockets Sockets<Seat>,
        id: ConversationId,
        meant: impl Fn(Sender) -> bool,
    ) -> Vec<&'sockets Socket<Seat>> {
        let Some(awake) = self.awake.get(id) else { return Vec::new() };
        let connections = awake.conversation.connections().filter(|(sender, _)| meant(*sender));
        connections.filter_map(|(_, connection)| sockets.get(connection)).collect()
    }
}

/// Shows out whoever's leave was withdrawn. They may ask for it again.
fn show_out(sockets: &Sockets<Seat>, goes: impl Fn(&Seat) -> bool, reason: &str) {
    for socket in sockets.iter().filter(|socket| goes(&socket.seat)) {
        socket.send(&ServerFrame::Refused { message: None, problem: dismissed() });
        socket.close(reason);
    }
}
