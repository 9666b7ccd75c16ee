//! The object that decides who handles what in an organisation, and to which the consoles are connected.
//!
//! One machine of `shared`, stored as a whole at a checkpoint.

use serde::{Deserialize, Serialize};
use shared::authority::permits;
use shared::id::{ConnectionId, ConversationId, QueueId, RepresentativeId};
use shared::limit::DESK_SILENCE_MAX;
use shared::owed::Stage;
use shared::protocol::desk::{DeskCommand, DeskFrame, DeskRequest};
use shared::protocol::insight::{Counters, Explanation, Ongoing, RuleExplained, Tried};
use shared::protocol::{ErrorCode, Problem};
use shared::routing::{Arrival, Command, Effect as Order, Router as Machine, Sight};
use shared::settings::Settings;
use shared::time::{Span, Timestamp};
use worker::{
    DurableObject, Env, Error, Request as HttpRequest, Response, Result as WorkerResult, State, WebSocket,
    WebSocketIncomingMessage, durable_object,
};

use crate::conversations;
use crate::environment::{Deployment, ObjectName};
use crate::fault::Result;
use crate::object::{
    Departed, Identity, Object, Shell, Socket, Sockets, Sql, Staff, Turn, load_state, send_all, store_state,
};
use crate::stored::{self, Stored};

/// The Durable Object.
#[durable_object]
pub struct Router(Object<RouterShell>);

impl DurableObject for Router {
    fn new(state: State, env: Env) -> Self {
        Self(Object::new(state, env))
    }

    async fn fetch(&self, request: HttpRequest) -> WorkerResult<Response> {
        self.0.fetch(request).await
    }

    async fn alarm(&self) -> WorkerResult<Response> {
        self.0.alarm()
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> WorkerResult<()> {
        self.0.message(&socket, message).await
    }

    async fn websocket_close(&self, socket: WebSocket, _: usize, _: String, _: bool) -> WorkerResult<()> {
        self.0.close(&socket).await
    }

    async fn websocket_error(&self, socket: WebSocket, _: Error) -> WorkerResult<()> {
        self.0.close(&socket).await
    }
}

/// What other objects tell the router.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    /// A command, as it is.
    Command(Command),
    /// A session of somebody of the staff is over.
    SessionEnded {
        representative: RepresentativeId,
        session: [u8; 32],
        /// Whether they have no other session left.
        was_last: bool,
    },
    /// Queues are assigned to other supervisors, by settings that were told before. Of so many shards each is to hear of it.
    WatchersMoved { shards: u16 },
}

impl Stored for Told {
    const WHAT: &'static str = "what the router is told";
}

impl Stored for Command {
    const WHAT: &'static str = "the journal of the router";
}

impl Stored for Machine {
    const WHAT: &'static str = "the state of the router";
}

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    Told(Told),
    /// Whether somebody may read a conversation: whoever has it or an open offer of it; and who supervises, what is in
    /// their queues. Answered by [`Answer::Sight`].
    Sight {
        reader: RepresentativeId,
        supervises: bool,
        conversation: ConversationId,
    },
    /// Why a conversation is where it is; for somebody who must have it on their lists, or for anybody. Answered by
    /// [`Answer::Explained`].
    Explain {
        conversation: ConversationId,
        reader: Option<RepresentativeId>,
    },
    /// What became of the rules that could have decided where a conversation goes; for whom it is explained to. Answered by
    /// [`Answer::Rules`].
    Rules {
        conversation: ConversationId,
        reader: Option<RepresentativeId>,
    },
    /// What would become of a conversation. Answered by [`Answer::Decided`].
    Decide {
        settings: Option<Box<Settings>>,
        arrival: Box<Arrival>,
    },
    /// What goes on, in a queue or in all. Answered by [`Answer::Ongoing`].
    Ongoing {
        reader: RepresentativeId,
        queue: Option<QueueId>,
    },
    /// What is counted, for a supervisor. Answered by [`Answer::Counters`].
    Counters {
        reader: RepresentativeId,
    },
    /// A console is connected.
    Seated {
        staff: Staff,
        connection: ConnectionId,
    },
    /// A console asks for something.
    Frame {
        staff: Staff,
        request: DeskRequest,
    },
    /// A console is gone.
    Gone {
        representative: RepresentativeId,
        connection: ConnectionId,
    },
    /// These consoles are connected, after the object was loaded.
    ConnectionsAre {
        open: Vec<(RepresentativeId, ConnectionId)>,
    },
    /// Something is due.
    Tick,
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Done,
    /// With when it was so, by the router's clock.
    Sight(Sight, Timestamp),
    Explained(Box<Explanation>),
    Rules(Vec<RuleExplained>),
    Decided(Box<Tried>),
    Ongoing(Ongoing),
    Counters(Counters),
}

/// Conversations in one list of what goes on.
const ONGOING_MAX: usize = 500;

/// Who sits at a console.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seat {
    staff: Staff,
    /// Whether the console has been told what is true now. Before that a change would mean nothing to it.
    welcomed: bool,
}

impl crate::object::Seat for Seat {
    type Payer = RepresentativeId;

    const SILENCE_MAX: Span = DESK_SILENCE_MAX;

    fn payer(&self, _: ConnectionId) -> RepresentativeId {
        self.staff.representative
    }

    fn until(&self) -> Option<Timestamp> {
        Some(self.staff.expires)
    }

    fn is_stranger(&self) -> bool {
        false
    }

    fn address(&self) -> Option<&str> {
        None
    }
}

/// What is done after the commit.
pub(crate) enum Effect {
    /// Show this on the consoles of these.
    Show(Vec<RepresentativeId>, DeskFrame),
    /// Tell the calling console.
    Reply(DeskFrame),
    /// Tell the calling console everything that is true now, and from then on what changes.
    Welcome(DeskFrame),
    /// Close the sockets of a session that is over.
    CloseSession([u8; 32]),
    /// Close the consoles of these, which come back at once: what they were connected as is no longer true.
    CloseDesks(Vec<RepresentativeId>),
}

/// The shell around the routing machine.
pub(crate) struct RouterShell {
    organisation: String,
    machine: Machine,
    /// Sessions that ended while somebody may have been under way with them.
    ended: Departed<[u8; 32]>,
}

impl RouterShell {
    /// Gives a command to the machine, and journals it.
    fn command(&mut self, turn: &mut Turn<'_, Self>, command: Command) -> core::result::Result<(), Problem> {
        let noted = turn.note(&command)?;
        match self.machine.handle(turn.now, command) {
            Ok(orders) => orders.into_iter().try_for_each(|order| self.follow(turn, order)),
            Err(rejection) => {
                turn.take_back(noted);
                Err(rejection.into())
            }
        }
    }

    fn follow(&self, turn: &mut Turn<'_, Self>, order: Order) -> core::result::Result<(), Problem> {
        match order {
            Order::Notify { conversation, notice } => {
                let shard = ObjectName::conversation(&self.organisation, conversation).to_string();
                turn.post(shard, &conversations::Told::Notice { conversation, notice, at: turn.now })
            }
            Order::Record(activity) => {
                turn.post(ObjectName::records(&self.organisation).to_string(), &activity)
            }
            Order::Show { to, frame } => {
                turn.then(Effect::Show(self.machine.viewers(&to), frame));
                Ok(())
            }
            Order::Moved { conversation } => {
                let shard = ObjectName::conversation(&self.organisation, conversation).to_string();
                let (conversation, at) = (Some(conversation), turn.now);
                turn.post(shard, &conversations::Told::WatchersMoved { conversation, at })
            }
        }
    }

    fn seated(
        &mut self,
        turn: &mut Turn<'_, Self>,
        staff: &Staff,
        connection: ConnectionId,
    ) -> core::result::Result<(), Problem> {
        let representative = staff.representative;
        match self.command(turn, Command::Connect { representative, connection }) {
            // Administrators and supervisors need not be representatives: their desk is empty, and works.
            Ok(()) => {}
            Err(problem) if problem.code == ErrorCode::NotPermitted => {}
            Err(problem) => return Err(problem),
        }
        let mut welcome = self.machine.welcome(turn.now, representative, staff.role);
        if let DeskFrame::Welcome { me, .. } = &mut welcome {
            // The account's name, which the routing settings need not know.
            me.full_name.clone_from(&staff.full_name);
        }
        turn.then(Effect::Welcome(welcome));
        Ok(())
    }

    /// Does what somebody asks at their desk, if their role permits it.
    fn asked(
        &mut self,
        turn: &mut Turn<'_, Self>,
        staff: &Staff,
        request: DeskRequest,
    ) -> core::result::Result<(), Problem> {
        let DeskRequest { number, command } = request;
        if !permits(staff.role, command.action()) {
            return Err(ErrorCode::NotPermitted.into());
        }
        if let DeskCommand::Candidates { conversation, purpose } = command {
            let answer = self.machine.candidates(turn.now, staff.representative, conversation, purpose)?;
            turn.then(Effect::Reply(answer));
        } else if let Some(command) = Command::from_desk(staff.representative, &staff.full_name, command) {
            self.command(turn, command)?;
        }
        turn.then(Effect::Reply(DeskFrame::Done { number }));
        Ok(())
    }

    /// Explains a conversation to somebody who must have it on their lists, or to anybody.
    fn explain(
        &self,
        conversation: ConversationId,
        reader: Option<RepresentativeId>,
    ) -> core::result::Result<Answer, Problem> {
        let may = reader.is_none_or(|reader| self.machine.sees(reader, conversation));
        // Whoever may not see it is not told whether it exists.
        let explanation = self.machine.explain(conversation).filter(|_| may);
        let explanation = explanation.ok_or(ErrorCode::UnknownConversation)?;
        Ok(Answer::Explained(Box::new(explanation.told_to(reader))))
    }

    /// The same for the rules that were looked at.
    fn rules(
        &self,
        conversation: ConversationId,
        reader: Option<RepresentativeId>,
    ) -> core::result::Result<Answer, Problem> {
        let may = reader.is_none_or(|reader| self.machine.sees(reader, conversation));
        let rules = self.machine.rules(conversation).filter(|_| may);
        Ok(Answer::Rules(rules.ok_or(ErrorCode::UnknownConversation)?))
    }

    fn session_ended(
        &mut self,
        turn: &mut Turn<'_, Self>,
        representative: RepresentativeId,
        session: [u8; 32],
        was_last: bool,
    ) -> core::result::Result<(), Problem> {
        self.ended.note(turn.now, session, turn.now);
        turn.then(Effect::CloseSession(session));
        if was_last {
            // This may come after they have signed in again.
            turn.then(Effect::CloseDesks(vec![representative]));
            match self.command(turn, Command::SignOut { representative }) {
                Err(problem) if problem.code != ErrorCode::NotPermitted => return Err(problem),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Who becomes a representative by this command.
fn newcomers(machine: &Machine, command: &Command) -> Vec<RepresentativeId> {
    let Command::Configure { settings, .. } = command else { return Vec::new() };
    let ids = settings.representatives.iter().map(|representative| representative.id);
    ids.filter(|id| machine.full_name(*id).is_none()).collect()
}

impl Shell for RouterShell {
    type Request = Request;
    type Answer = Answer;
    type Step = Command;
    type Effect = Effect;
    type Seat = Seat;

    fn load(sql: &Sql, env: &Env) -> Result<Self> {
        let machine = load_state(sql)?.unwrap_or_default();
        Ok(Self { organisation: Deployment::read(env)?.organisation, machine, ended: Departed::default() })
    }

    fn replay(&mut self, _: &Sql, now: Timestamp, step: Command) -> Result<()> {
        // It was accepted before and is again: the machine is pure.
        drop(self.machine.handle(now, step));
        Ok(())
    }

    fn serve(
        &mut self,
        turn: &mut Turn<'_, Self>,
        request: Request,
    ) -> core::result::Result<Answer, Problem> {
        match request {
            Request::Told(Told::Command(command)) => {
                let newcomers = newcomers(&self.machine, &command);
                self.command(turn, command)?;
                if !newcomers.is_empty() {
                    turn.then(Effect::CloseDesks(newcomers));
                }
            }
            Request::Told(Told::SessionEnded { representative, session, was_last }) => {
                self.session_ended(turn, representative, session, was_last)?;
            }
            Request::Told(Told::WatchersMoved { shards }) => {
                let told = conversations::Told::WatchersMoved { conversation: None, at: turn.now };
                for shard in ObjectName::shards(&self.organisation, shards) {
                    turn.post(shard.to_string(), &told)?;
                }
            }
            Request::Sight { reader, supervises, conversation } => {
                let sight = self.machine.sight(reader, supervises, conversation);
                return Ok(Answer::Sight(sight, turn.now));
            }
            Request::Explain { conversation, reader } => return self.explain(conversation, reader),
            Request::Rules { conversation, reader } => return self.rules(conversation, reader),
            Request::Decide { settings, arrival } => {
                let settings = settings.map(|settings| *settings);
                let tried = self.machine.decide(turn.now, settings, *arrival)?;
                return Ok(Answer::Decided(Box::new(tried)));
            }
            Request::Ongoing { reader, queue } => {
                return Ok(Answer::Ongoing(self.machine.ongoing(turn.now, reader, queue, ONGOING_MAX)));
            }
            Request::Counters { reader } => {
                return Ok(Answer::Counters(self.machine.counters(turn.now, reader)));
            }
            Request::Seated { staff, connection } => self.seated(turn, &staff, connection)?,
            Request::Frame { staff, request } => self.asked(turn, &staff, request)?,
            Request::Gone { representative, connection } => {
                self.command(turn, Command::Disconnect { representative, connection })?;
            }
            Request::ConnectionsAre { open } => self.command(turn, Command::ConnectionsAre { open })?,
            Request::Tick => self.command(turn, Command::Tick)?,
        }
        Ok(Answer::Done)
    }

    fn checkpoint(&mut self, sql: &Sql) -> Result<()> {
        store_state(sql, &self.machine)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.machine.next_deadline()
    }

    fn due(&self, now: Timestamp) -> Vec<Request> {
        if self.machine.next_deadline().is_some_and(|at| at <= now) {
            vec![Request::Tick]
        } else {
            Vec::new()
        }
    }

    fn carry_out(&mut self, sockets: &mut Sockets<Seat>, caller: Option<ConnectionId>, effect: Effect) {
        match effect {
            Effect::Reply(frame) => {
                if let Some(socket) = caller.and_then(|connection| sockets.get(connection)) {
                    socket.send(&frame);
                }
            }
            Effect::Welcome(frame) => {
                let Some((connection, socket)) = caller.and_then(|id| Some((id, sockets.get(id)?))) else {
                    return;
                };
                socket.send(&frame);
                let seat = Seat { welcomed: true, ..socket.seat.clone() };
                if let Err(fault) = sockets.reseat(connection, seat) {
                    worker::console_error!("a seat could not be kept: {fault}");
                }
            }
            Effect::Show(viewers, frame) => {
                let theirs = viewers.iter().flat_map(|viewer| sockets.of(viewer));
                send_all(theirs.filter(|socket| socket.seat.welcomed), &frame);
            }
            Effect::CloseSession(session) => {
                for socket in sockets.iter().filter(|socket| socket.seat.staff.session == session) {
                    socket.close("signed out");
                }
            }
            Effect::CloseDesks(representatives) => {
                let meant = |seat: &Seat| representatives.contains(&seat.staff.representative);
                for socket in sockets.iter().filter(|socket| meant(&socket.seat)) {
                    socket.close("please connect again");
                }
            }
        }
    }

    fn reconcile(&mut self, _: &Sql, sockets: &Sockets<Seat>) -> Result<Vec<Request>> {
        let open =
            sockets.iter().map(|socket| (socket.seat.staff.representative, socket.connection)).collect();
        Ok(vec![Request::ConnectionsAre { open }])
    }

    fn receive(effect: &[u8]) -> Option<Request> {
        stored::read(effect).ok().map(Request::Told)
    }

    fn seat(&self, identity: Identity) -> core::result::Result<Seat, Problem> {
        let staff = identity.staff.ok_or(ErrorCode::NotSignedIn)?;
        if self.ended.includes(&staff.session) {
            return Err(ErrorCode::NotSignedIn.into());
        }
        Ok(Seat { staff, welcomed: false })
    }

    fn seated(connection: ConnectionId, seat: &Seat) -> Option<Request> {
        Some(Request::Seated { staff: seat.staff.clone(), connection })
    }

    fn frame(socket: &Socket<Seat>, bytes: &[u8]) -> core::result::Result<Request, Problem> {
        let request = socket.codec().decode_frame(bytes)?;
        Ok(Request::Frame { staff: socket.seat.staff.clone(), request })
    }

    fn refuse(socket: &Socket<Seat>, bytes: &[u8], problem: Problem, _: Stage) {
        let number = socket.codec().decode::<DeskRequest>(bytes).ok().map(|request| request.number);
        socket.send(&DeskFrame::Refused { number, problem });
    }

    fn gone(connection: ConnectionId, seat: Seat) -> Option<Request> {
        Some(Request::Gone { representative: seat.staff.representative, connection })
    }
}
