//! The shell around the router, as the gateway has it.

use serde::{Deserialize, Serialize};
use shared::authority::Role;
use shared::id::{ConnectionId, RepresentativeId};
use shared::limit::DESK_SILENCE_MAX;
use shared::protocol::desk::{DeskFrame, DeskRequest, OfferKind};
use shared::protocol::{ErrorCode, Problem};
use shared::routing::{Audience, Command, Effect as Effected, Router};
use shared::time::{Span, Timestamp};

use crate::object::{Answer, Down, Name, Order, Shell, Sockets, Turn, Up, bytes_of};

/// What other objects tell the router.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    Command(Command),
    SessionEnded { representative: RepresentativeId, session: u64, was_last: bool },
}

/// A request.
#[derive(Debug)]
pub(crate) enum Request {
    Told(Told),
    Seated { representative: RepresentativeId, connection: ConnectionId },
    Frame { representative: RepresentativeId, request: DeskRequest },
    Gone { representative: RepresentativeId, connection: ConnectionId },
    ConnectionsAre { open: Vec<(RepresentativeId, ConnectionId)> },
    Tick,
}

/// What is done after the commit.
pub(crate) enum Effect {
    Show(RepresentativeId, DeskFrame),
    Reply(DeskFrame),
    CloseSession(u64),
    /// Close every desk of a representative: they connect again and are counted anew.
    CloseDesks(RepresentativeId),
}

/// Who sits at a desk's socket.
#[derive(Debug, Clone)]
pub(crate) struct DeskSeat {
    /// When the session ends by itself.
    pub(crate) until: Option<Timestamp>,
    pub(crate) representative: RepresentativeId,
    pub(crate) session: u64,
}

/// The shell.
pub(crate) struct RouterShell {
    pub(crate) machine: Router,
    /// The first rule that a single command broke.
    pub(crate) broken: Option<String>,
}

impl RouterShell {
    fn command(&mut self, turn: &mut Turn<'_, Self>, command: Command) -> Result<(), Problem> {
        let noted = turn.note(&command);
        match self.machine.handle(turn.now, command.clone()) {
            Ok(effects) => {
                self.check(turn.now, &command, &effects);
                for effect in effects {
                    self.follow(turn, effect);
                }
                Ok(())
            }
            Err(rejection) => {
                turn.take_back(noted);
                Err(rejection.into())
            }
        }
    }

    fn follow(&self, turn: &mut Turn<'_, Self>, effect: Effected) {
        match effect {
            Effected::Notify { conversation, notice } => {
                turn.post(Name::Shard(conversation.shard().number()), &(conversation, notice, turn.now));
            }
            Effected::Record(activity) => turn.post(Name::Records, &activity),
            Effected::Show { to, frame } => {
                for representative in self.machine.viewers(&to) {
                    turn.then(Effect::Show(representative, frame.clone()));
                }
            }
            // No queue is assigned to supervisors here.
            Effected::Moved { .. } => {}
        }
    }

    /// The router's own invariants, and that the system never assigns beyond capacity.
    fn check(&mut self, now: Timestamp, command: &Command, effects: &[Effected]) {
        let mut broken = self.machine.check_invariants().err().map(String::from);
        for effect in effects {
            let Effected::Show {
                to: Audience::Representative(representative),
                frame: DeskFrame::Offered { offer },
            } = effect
            else {
                continue;
            };
            // What a colleague asks of somebody may go beyond it.
            if offer.kind != OfferKind::Work {
                continue;
            }
            let welcome = self.machine.welcome(now, *representative, Role::Representative);
            let DeskFrame::Welcome { presence, .. } = welcome else { continue };
            if presence.used > presence.capacity {
                broken =
                    Some(format!("{representative} was offered work beyond their capacity: {presence:?}"));
            }
        }
        if let Some(rule) = broken {
            self.broken.get_or_insert(format!("the router after {command:?}: {rule}"));
        }
    }

    /// The desks of those who were no representatives so far were not counted as connected.
    fn close_desks_of_newcomers(&self, turn: &mut Turn<'_, Self>, command: &Command) {
        let Command::Configure { settings, .. } = command else { return };
        for newcomer in &settings.representatives {
            if self.machine.full_name(newcomer.id).is_none() {
                turn.then(Effect::CloseDesks(newcomer.id));
            }
        }
    }

    /// Gives a command of somebody who need not be a representative.
    fn command_of_staff(&mut self, turn: &mut Turn<'_, Self>, command: Command) -> Result<(), Problem> {
        match self.command(turn, command) {
            Err(problem) if problem.code != ErrorCode::NotPermitted => Err(problem),
            _ => Ok(()),
        }
    }
}

impl Shell for RouterShell {
    type Request = Request;
    type Step = Command;
    type Effect = Effect;
    type Seat = DeskSeat;
    /// The machine as it was stored at the last checkpoint.
    type Tables = Option<Vec<u8>>;

    const SILENCE_MAX: Span = DESK_SILENCE_MAX;

    fn load(tables: &Option<Vec<u8>>) -> Self {
        let read = |bytes: &Vec<u8>| {
            postcard::from_bytes(bytes)
                .unwrap_or_else(|fault| panic!("the router's state is unreadable: {fault}"))
        };
        Self { machine: tables.as_ref().map(read).unwrap_or_default(), broken: None }
    }

    fn replay(&mut self, _: &Option<Vec<u8>>, now: Timestamp, step: Command) {
        drop(self.machine.handle(now, step));
    }

    fn serve(&mut self, turn: &mut Turn<'_, Self>, request: Request) -> Result<Answer, Problem> {
        match request {
            Request::Told(Told::Command(command)) => {
                self.close_desks_of_newcomers(turn, &command);
                self.command(turn, command)?;
            }
            Request::Told(Told::SessionEnded { representative, session, was_last }) => {
                turn.then(Effect::CloseSession(session));
                if was_last {
                    self.command_of_staff(turn, Command::SignOut { representative })?;
                    // They may have signed in again before the router heard of it.
                    turn.then(Effect::CloseDesks(representative));
                }
            }
            Request::Seated { representative, connection } => {
                self.command_of_staff(turn, Command::Connect { representative, connection })?;
                let welcome = self.machine.welcome(turn.now, representative, Role::Representative);
                turn.then(Effect::Reply(welcome));
            }
            Request::Frame { representative, request } => {
                if let Some(command) = Command::from_desk(representative, "", request.command) {
                    self.command(turn, command)?;
                }
                turn.then(Effect::Reply(DeskFrame::Done { number: request.number }));
            }
            Request::Gone { representative, connection } => {
                self.command(turn, Command::Disconnect { representative, connection })?;
            }
            Request::ConnectionsAre { open } => self.command(turn, Command::ConnectionsAre { open })?,
            Request::Tick => self.command(turn, Command::Tick)?,
        }
        Ok(Answer::Done)
    }

    fn checkpoint(&mut self, tables: &mut Option<Vec<u8>>) {
        *tables = Some(bytes_of(&self.machine));
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.machine.next_deadline()
    }

    fn due(&self, now: Timestamp) -> Vec<Request> {
        let due = self.machine.next_deadline().is_some_and(|at| at <= now);
        due.then_some(Request::Tick).into_iter().collect()
    }

    fn carry_out(
        &mut self,
        sockets: &mut Sockets<DeskSeat>,
        caller: Option<ConnectionId>,
        effect: Effect,
        orders: &mut Vec<Order>,
    ) {
        match effect {
            Effect::Reply(frame) => {
                orders.extend(caller.map(|connection| Order::Send(connection, Down::Desk(frame))));
            }
            Effect::Show(representative, frame) => {
                for (connection, _) in
                    sockets.iter().filter(|(_, socket)| socket.seat.representative == representative)
                {
                    orders.push(Order::Send(*connection, Down::Desk(frame.clone())));
                }
            }
            Effect::CloseDesks(representative) => {
                let of_them =
                    sockets.iter().filter(|(_, socket)| socket.seat.representative == representative);
                orders.extend(of_them.map(|(connection, _)| Order::Close(*connection)));
            }
            Effect::CloseSession(session) => {
                let of_session = sockets.iter().filter(|(_, socket)| socket.seat.session == session);
                orders.extend(of_session.map(|(connection, _)| Order::Close(*connection)));
            }
        }
    }

    fn reconcile(&self, _: &Option<Vec<u8>>, sockets: &Sockets<DeskSeat>) -> Vec<Request> {
        let open =
            sockets.iter().map(|(connection, socket)| (socket.seat.representative, *connection)).collect();
        vec![Request::ConnectionsAre { open }]
    }

    fn receive(effect: &[u8]) -> Option<Request> {
        postcard::from_bytes(effect).ok().map(Request::Told)
    }

    fn until(seat: &DeskSeat) -> Option<Timestamp> {
        seat.until
    }

    fn seated(connection: ConnectionId, seat: &DeskSeat) -> Option<Request> {
        Some(Request::Seated { representative: seat.representative, connection })
    }

    fn frame(_: ConnectionId, seat: &DeskSeat, frame: &Up) -> Option<Request> {
        let Up::Desk(request) = frame else { return None };
        Some(Request::Frame { representative: seat.representative, request: request.clone() })
    }

    fn refuse(_: &Self::Seat, frame: &Up, problem: Problem) -> Option<(Down, bool)> {
        let Up::Desk(request) = frame else { return None };
        Some((Down::Desk(DeskFrame::Refused { number: Some(request.number), problem }), false))
    }

    fn gone(connection: ConnectionId, seat: DeskSeat) -> Option<Request> {
        Some(Request::Gone { representative: seat.representative, connection })
    }
}
