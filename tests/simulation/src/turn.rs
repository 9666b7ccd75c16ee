//! One turn of an object: everything that arrived since the last one, handled in order, written in one transaction, and
//! only then told to anybody.

use serde::Serialize;
use shared::id::ConnectionId;
use shared::owed::Stage;
use shared::protocol::{ErrorCode, Problem};
use shared::time::{Span, Timestamp};

use crate::object::{Answer, Name, Object, Order, Shell, Socket, Up, message_of};

/// What becomes of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Committed,
    /// The process dies and nothing was written.
    DiesBefore,
    /// Everything was written, the process dies, and nobody was told.
    DiesAfter,
    /// The turn cannot be written; the object forgets its memory, closes its sockets and goes on.
    Fault,
}

/// Where a request came from, and so who is told what became of it.
#[derive(Debug)]
pub(crate) enum Asker {
    Call(u64),
    Frame(ConnectionId, Up),
    Socket(ConnectionId),
    Itself,
    Delivered,
}

/// How long a message waits for which there was no room.
const NO_ROOM_FOR: Span = Span::from_secs(1);

/// A request that waits for a turn.
pub(crate) struct Entry<S: Shell> {
    pub(crate) request: S::Request,
    pub(crate) asker: Asker,
}

/// What a shell works with while it serves a request.
pub(crate) struct Turn<'turn, S: Shell> {
    pub(crate) now: Timestamp,
    pub(crate) tables: &'turn mut S::Tables,
    steps: &'turn mut Vec<u8>,
    /// After how many others of this turn comes a message for which there is no room.
    no_room_for: &'turn mut Option<u64>,
    /// Whether the state is stored with this turn.
    checkpoint: &'turn mut bool,
    posts: Vec<(Name, Vec<u8>)>,
    effects: Vec<S::Effect>,
}

/// A step that was noted and may yet be taken back.
pub(crate) struct Noted(usize);

impl<S: Shell> Turn<'_, S> {
    pub(crate) fn note(&mut self, step: &S::Step) -> Noted {
        let start = self.steps.len();
        self.steps.extend(bytes_of(step));
        Noted(start)
    }

    pub(crate) fn take_back(&mut self, noted: Noted) {
        self.steps.truncate(noted.0);
    }

    /// Whether there is room for a message; if not, when to come again. There may be for those behind it: they may be shorter.
    pub(crate) fn room(&mut self) -> Result<(), Problem> {
        if self.no_room_for.take_if(|others| *others == 0).is_some() {
            return Err(Problem::wait(NO_ROOM_FOR));
        }
        if let Some(others) = self.no_room_for {
            *others -= 1;
        }
        Ok(())
    }

    pub(crate) fn checkpoint(&mut self) {
        *self.checkpoint = true;
    }

    pub(crate) fn post<E: Serialize>(&mut self, target: Name, effect: &E) {
        self.posts.push((target, bytes_of(effect)));
    }

    pub(crate) fn then(&mut self, effect: S::Effect) {
        self.effects.push(effect);
    }
}

/// What is stored, as bytes: what cannot be read back is found out.
pub(crate) fn bytes_of<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).unwrap_or_default()
}

/// What is to be done when the turn is on disk.
struct Outcome<S: Shell> {
    asker: Asker,
    result: Result<Answer, Problem>,
    effects: Vec<S::Effect>,
}

/// Effects of another object in this turn.
struct Source {
    name: Name,
    last: u64,
    ticket: u64,
}

impl<S: Shell> Object<S> {
    /// Handles everything that waits. After [`Fate::DiesBefore`] and [`Fate::DiesAfter`] the world ends the process.
    pub(crate) fn take_turn(
        &mut self,
        now: Timestamp,
        fate: Fate,
        mut no_room_for: Option<u64>,
        orders: &mut Vec<Order>,
    ) {
        self.load(orders);
        self.scheduled = false;
        let before = (!fate.is_written()).then(|| self.disk.tables.clone());
        let (entries, sources) = self.unpack();
        let mut steps = Vec::new();
        let mut posts = Vec::new();
        let mut outcomes = Vec::new();
        let mut checkpoint = false;
        for Entry { request, asker } in entries {
            let Some(loaded) = &mut self.loaded else { return };
            let tables = &mut self.disk.tables;
            let (steps, checkpoint, no_room_for) = (&mut steps, &mut checkpoint, &mut no_room_for);
            let (of_it, effects) = (Vec::new(), Vec::new());
            let mut turn = Turn { now, tables, steps, no_room_for, checkpoint, posts: of_it, effects };
            let result = loaded.shell.serve(&mut turn, request);
            posts.extend(turn.posts);
            outcomes.push(Outcome::<S> { asker, result, effects: turn.effects });
        }
        if let Some(before) = before {
            self.disk.tables = before;
            self.lose_turn(outcomes, &sources, orders);
            return;
        }
        self.write(now, steps, posts, &sources, checkpoint);
        if let Some(loaded) = &mut self.loaded {
            loaded.shell.end_turn();
        }
        if fate == Fate::DiesAfter {
            // The runtime writes the alarm in the same transaction.
            self.set_alarm(now, orders);
            return;
        }
        for outcome in outcomes {
            self.finish(now, outcome, orders);
        }
        orders.extend(sources.iter().map(|source| Order::Acknowledge(source.ticket, true)));
        self.deliver(now, orders);
        self.set_alarm(now, orders);
    }

    /// The memory is ahead of the disk: it is forgotten, and whoever waited is told.
    fn lose_turn(&mut self, outcomes: Vec<Outcome<S>>, sources: &[Source], orders: &mut Vec<Order>) {
        for outcome in outcomes {
            if let Asker::Call(ticket) = outcome.asker {
                orders.push(Order::Answer(ticket, Err(ErrorCode::Internal.into())));
            }
        }
        orders.extend(sources.iter().map(|source| Order::Acknowledge(source.ticket, false)));
        for (connection, socket) in &mut self.sockets {
            socket.closing = true;
            orders.push(Order::Close(*connection));
        }
        self.forget();
    }

    /// All requests of a turn in order, and the objects whose effects are among them.
    fn unpack(&mut self) -> (Vec<Entry<S>>, Vec<Source>) {
        let mut entries = Vec::new();
        let mut sources: Vec<Source> = Vec::new();
        for (ticket, delivery) in std::mem::take(&mut self.deliveries) {
            let seen_now =
                sources.iter().filter(|source| source.name == delivery.source).map(|source| source.last);
            let seen = seen_now.max().max(self.disk.inbox.get(&delivery.source).copied());
            let mut last = 0;
            for (number, effect) in delivery.effects {
                last = last.max(number);
                if seen.is_none_or(|seen| number > seen)
                    && let Some(request) = S::receive(&effect)
                {
                    entries.push(Entry { request, asker: Asker::Delivered });
                }
            }
            sources.push(Source { name: delivery.source, last, ticket });
        }
        entries.append(&mut self.waiting);
        (entries, sources)
    }

    fn write(
        &mut self,
        now: Timestamp,
        steps: Vec<u8>,
        posts: Vec<(Name, Vec<u8>)>,
        sources: &[Source],
        checkpoint: bool,
    ) {
        let Some(loaded) = &mut self.loaded else { return };
        let disk = &mut self.disk;
        if !steps.is_empty() {
            disk.journal.push((now, steps));
        }
        for (target, effect) in posts {
            disk.outbox.push((disk.next, target, effect.clone()));
            loaded.outbox.post(target, disk.next, effect);
            disk.next += 1;
        }
        for source in sources {
            let seen = disk.inbox.entry(source.name).or_default();
            *seen = source.last.max(*seen);
        }
        if checkpoint || disk.journal.len() >= self.rows_max {
            loaded.shell.checkpoint(&mut disk.tables);
            disk.journal.clear();
        }
    }

    /// Tells everybody what became of a request, now that it is on disk.
    fn finish(&mut self, now: Timestamp, outcome: Outcome<S>, orders: &mut Vec<Order>) {
        let Some(loaded) = &mut self.loaded else { return };
        let caller = outcome.asker.socket();
        for effect in outcome.effects {
            loaded.shell.carry_out(&mut self.sockets, caller, effect, orders);
        }
        match (outcome.asker, outcome.result) {
            (Asker::Call(ticket), result) => orders.push(Order::Answer(ticket, result)),
            (Asker::Frame(connection, frame), Err(problem)) => {
                if let Some(socket) = self.sockets.get_mut(&connection) {
                    refuse::<S>((now, Stage::Turn), connection, socket, &frame, problem, orders);
                }
            }
            _ => {}
        }
    }

    /// Delivers what is due to other objects, each target by itself.
    pub(crate) fn deliver(&mut self, now: Timestamp, orders: &mut Vec<Order>) {
        let Some(loaded) = &mut self.loaded else { return };
        let due = loaded.outbox.due(now, self.name);
        orders.extend(due.into_iter().map(|(target, delivery)| Order::Deliver(target, delivery)));
    }

    /// Sets the alarm to whatever is due first.
    pub(crate) fn set_alarm(&mut self, now: Timestamp, orders: &mut Vec<Order>) {
        let look = self.next_look();
        let Some(loaded) = &mut self.loaded else { return };
        let deadlines = [loaded.shell.next_deadline(), loaded.outbox.next_attempt(now), look];
        let Some(first) = deadlines.into_iter().flatten().min() else { return };
        if loaded.alarm.is_some_and(|set| set <= first && set > now) {
            return;
        }
        let at = first.max(now.after(Span::from_millis(1)));
        self.disk.alarm = Some(at);
        loaded.alarm = Some(at);
        orders.push(Order::Alarm(at));
    }
}

/// Tells a socket that its frame was refused then, and where. If it was only early, it is waited for.
pub(crate) fn refuse<S: Shell>(
    (now, stage): (Timestamp, Stage),
    connection: ConnectionId,
    socket: &mut Socket<S::Seat>,
    frame: &Up,
    problem: Problem,
    orders: &mut Vec<Order>,
) {
    if let Some(message) = message_of(frame).filter(|_| problem.retry_after.is_some()) {
        socket.owed.refused(now, message, stage);
    }
    if let Some((answer, closes)) = S::refuse(&socket.seat, frame, problem) {
        orders.push(Order::Send(connection, answer));
        if closes {
            orders.push(Order::Close(connection));
        }
    }
}

impl Fate {
    const fn is_written(self) -> bool {
        matches!(self, Self::Committed | Self::DiesAfter)
    }
}

impl Asker {
    fn socket(&self) -> Option<ConnectionId> {
        match self {
            Self::Frame(connection, _) | Self::Socket(connection) => Some(*connection),
            Self::Call(_) | Self::Itself | Self::Delivered => None,
        }
    }
}
