//! One turn: everything that arrived since the last one, handled in order and written in one transaction.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use futures_channel::oneshot;
use shared::id::ConnectionId;
use shared::owed::Stage;
use shared::protocol::{ErrorCode, Problem};
use shared::time::Timestamp;

use super::gather::Rung;
use super::journal::{Place, Steps};
use super::letters::{self, Letter};
use super::outbox::{Delivery, Outbox};
use super::sockets::close_after_fault;
use super::sql::transaction;
use super::{Inner, Loaded, Shell, Socket, Sql};
use crate::clock;
use crate::fault::{Fault, Result};
use crate::stored::{self, Stored};

/// What waits for the next turn.
pub(super) struct Waiting<S: Shell> {
    entries: Vec<Entry<S>>,
    deliveries: Vec<(Delivery, oneshot::Sender<bool>)>,
}

impl<S: Shell> Default for Waiting<S> {
    fn default() -> Self {
        Self { entries: Vec::new(), deliveries: Vec::new() }
    }
}

impl<S: Shell> Waiting<S> {
    fn size(&self) -> usize {
        self.entries.len() + self.deliveries.len()
    }
}

/// A request, and where it came from.
pub(super) struct Entry<S: Shell> {
    pub(super) request: S::Request,
    pub(super) asker: Asker<S>,
}

/// Where a request came from, and so who is told what became of it.
pub(super) enum Asker<S: Shell> {
    /// From the gateway, which waits for an answer.
    Call(oneshot::Sender<core::result::Result<S::Answer, Problem>>),
    /// From a frame of a socket; the frame is kept for the refusal.
    Frame(ConnectionId, Vec<u8>),
    /// It follows from a socket that was accepted.
    Socket(ConnectionId),
    /// It follows from the passing of time, or from a socket that is gone.
    Itself,
    /// From another object; kept in case that it cannot be carried out.
    Delivered(Letter),
}

impl<S: Shell> Asker<S> {
    fn socket(&self) -> Option<ConnectionId> {
        match self {
            Self::Frame(connection, _) | Self::Socket(connection) => Some(*connection),
            Self::Call(_) | Self::Itself | Self::Delivered(_) => None,
        }
    }
}

/// What a shell works with while it serves a request: time, its tables, and the places for what follows.
pub(crate) struct Turn<'turn, S: Shell> {
    pub(crate) now: Timestamp,
    pub(crate) sql: &'turn Sql,
    steps: &'turn mut Steps,
    /// Whether the state is to be stored with this turn, so that the journal keeps nothing of what is no longer in it.
    checkpoint: &'turn mut bool,
    posts: Vec<(String, Vec<u8>)>,
    effects: Vec<S::Effect>,
}

/// A step that was noted and may yet be taken back.
pub(crate) struct Noted(Place);

impl<S: Shell> Turn<'_, S> {
    /// Notes a step for the journal. It must be noted before it is done, and taken back if it is refused.
    pub(crate) fn note(&mut self, step: &S::Step) -> core::result::Result<Noted, Problem> {
        Ok(Noted(self.steps.note(step)?))
    }

    /// Takes back a step that was refused.
    pub(crate) fn take_back(&mut self, noted: Noted) {
        self.steps.take_back(&noted.0);
    }

    /// The state is stored and the journal emptied with this turn, not some time later: what was taken out of the state
    /// shall not stay in the journal.
    pub(crate) fn checkpoint(&mut self) {
        *self.checkpoint = true;
    }

    /// Tells another object, at least once and in order.
    pub(crate) fn post<E: Stored>(
        &mut self,
        target: String,
        effect: &E,
    ) -> core::result::Result<(), Problem> {
        self.posts.push((target, stored::write(effect)?));
        Ok(())
    }

    /// Does this after the commit.
    pub(crate) fn then(&mut self, effect: S::Effect) {
        self.effects.push(effect);
    }
}

/// What is to be done when the turn is on disk.
struct Outcome<S: Shell> {
    asker: Asker<S>,
    result: core::result::Result<S::Answer, Problem>,
    effects: Vec<S::Effect>,
}

impl<S: Shell> Inner<S> {
    /// Puts a request into the next turn. If something comes back, this event must stay until it is ready.
    pub(super) fn enqueue(self: &Rc<Self>, entry: Entry<S>) -> Option<Rung> {
        let party = entry.asker.socket();
        self.put(entry);
        self.schedule(party)
    }

    /// The same, for whoever takes the turn themselves.
    pub(super) fn put(&self, entry: Entry<S>) {
        self.waiting.borrow_mut().entries.push(entry);
    }

    /// Puts the effects of another object into the next turn. `done` learns whether they are on disk; the event must stay
    /// until then.
    pub(super) fn enqueue_delivery(self: &Rc<Self>, delivery: Delivery, done: oneshot::Sender<bool>) {
        self.waiting.borrow_mut().deliveries.push((delivery, done));
        // Who waits for `done` stays for longer.
        drop(self.schedule(None));
    }

    /// A stranger was shown out to make room. Nobody has heard of them, unless they have said who they are just now, which
    /// waits for the next turn: then that they are gone follows it.
    pub(super) fn forget_stranger(&self, socket: Socket<S::Seat>) {
        let connection = socket.connection;
        let is_theirs = |entry: &Entry<S>| entry.asker.socket() == Some(connection);
        let waits = self.waiting.borrow().entries.iter().any(is_theirs);
        if let Some(request) = S::gone(connection, socket.seat).filter(|_| waits) {
            self.put(Entry { request, asker: Asker::Itself });
        }
    }

    pub(super) fn somebody_waits(&self) -> bool {
        self.waiting.borrow().size() > 0
    }

    /// Handles everything that waits. Says whether it is on disk.
    pub(super) fn take_turn(self: &Rc<Self>) -> bool {
        let waiting = self.waiting.take();
        let (size, party) = (waiting.size(), waiting.entries.last().and_then(|entry| entry.asker.socket()));
        let taken = self.with_loaded(|loaded, inner| inner.run(loaded, waiting));
        self.gathering.borrow_mut().served(clock::now(), size, party);
        let lost = taken.and_then(|inner| inner).err();
        if let Some(fault) = &lost {
            // The memory may be ahead of the disk. Whoever waited for an answer is told by the dropped sender.
            worker::console_error!("a turn was lost, the object loads anew: {fault}");
            *self.loaded.borrow_mut() = None;
            // Clients come back, say what they hold, and send again what was not acknowledged.
            self.state.get_websockets().iter().for_each(close_after_fault);
        }
        lost.is_none()
    }

    fn run(self: &Rc<Self>, loaded: &mut Loaded<S>, waiting: Waiting<S>) -> Result<()> {
        let Unpacked { entries, sources, dead } = unpack(loaded, waiting, &mut self.torn.borrow_mut());
        let storage = self.state.storage();
        let outcomes = transaction(&storage, || {
            for (letter, reason) in &dead {
                letters::keep(&loaded.sql, clock::now(), letter, reason)?;
            }
            serve_and_write(loaded, entries, &sources, &self.torn)
        })?;
        for outcome in outcomes {
            finish(loaded, outcome);
        }
        loaded.sockets.flush();
        for source in sources {
            // Nobody listening any more means that the other object repeats the delivery, which does no harm.
            let _ = source.done.send(true);
        }
        self.deliver(loaded);
        self.run_errands(loaded);
        self.set_alarm(loaded)
    }
}

/// Serves the requests of a turn in order and writes what follows from them.
fn serve_and_write<S: Shell>(
    loaded: &mut Loaded<S>,
    entries: Vec<Entry<S>>,
    sources: &[Source],
    tearing: &RefCell<BTreeSet<(String, u64)>>,
) -> Result<Vec<Outcome<S>>> {
    let now = clock::now();
    let mut steps = Steps::default();
    let mut outcomes = Vec::new();
    let mut posts = Vec::new();
    let mut checkpoint = false;
    for entry in entries {
        let before = steps.bytes();
        let mut turn = Turn {
            now,
            sql: &loaded.sql,
            steps: &mut steps,
            checkpoint: &mut checkpoint,
            posts: Vec::new(),
            effects: Vec::new(),
        };
        let result = loaded.shell.serve(&mut turn, entry.request);
        let Turn { posts: mut posted, mut effects, .. } = turn;
        if is_torn(&result, before, steps.bytes()) {
            // The machine has taken a step of which nobody would hear: it is not believed.
            if let Asker::Delivered(letter) = entry.asker {
                tearing.borrow_mut().insert((letter.source, letter.number));
            }
            return Err(Fault::Torn);
        }
        if result.is_err() {
            // Refused: nothing follows from it.
            posted.clear();
            effects.clear();
        }
        if let (Asker::Delivered(letter), Err(problem)) = (&entry.asker, &result)
            && problem.code == ErrorCode::Internal
        {
            letters::keep(&loaded.sql, now, letter, &problem.message)?;
        }
        posts.extend(posted);
        outcomes.push(Outcome { asker: entry.asker, result, effects });
    }
    write(loaded, now, steps, posts, sources)?;
    let full = loaded.shell.end_turn();
    if checkpoint || full || loaded.journal.wants_checkpoint() {
        loaded.shell.checkpoint(&loaded.sql)?;
        loaded.journal.empty(&loaded.sql)?;
    }
    Ok(outcomes)
}

/// Whether a request met a fault of ours after it had noted a step, which was then not taken back.
fn is_torn<A>(result: &core::result::Result<A, Problem>, bytes_before: usize, bytes_after: usize) -> bool {
    let faulty = result.as_ref().is_err_and(|problem| problem.code == ErrorCode::Internal);
    faulty && bytes_after != bytes_before
}

/// Effects of another object in this turn.
struct Source {
    name: String,
    last: u64,
    done: oneshot::Sender<bool>,
}

/// What came for a turn.
struct Unpacked<S: Shell> {
    /// All requests in order.
    entries: Vec<Entry<S>>,
    /// The objects whose effects are among them.
    sources: Vec<Source>,
    /// Effects that mean nothing to this object, or that tore a turn, and which of the two.
    dead: Vec<(Letter, &'static str)>,
}

fn unpack<S: Shell>(
    loaded: &Loaded<S>,
    waiting: Waiting<S>,
    tearing: &mut BTreeSet<(String, u64)>,
) -> Unpacked<S> {
    let (mut entries, mut dead) = (Vec::new(), Vec::new());
    let mut sources: Vec<Source> = Vec::new();
    for (delivery, done) in waiting.deliveries {
        let seen_now =
            sources.iter().filter(|source| source.name == delivery.source).map(|source| source.last).max();
        let mut last = 0;
        for (number, effect) in delivery.effects {
            last = last.max(number);
            if !loaded.inbox.is_new(&delivery.source, number) || seen_now.is_some_and(|seen| number <= seen) {
                continue;
            }
            let request = S::receive(&effect);
            let tears = tearing.remove(&(delivery.source.clone(), number));
            let letter = Letter { source: delivery.source.clone(), number, effect };
            if tears {
                worker::console_error!("an effect of {} has torn a turn and lies dead", letter.source);
                dead.push((letter, letters::TORN));
            } else if let Some(request) = request {
                entries.push(Entry { request, asker: Asker::Delivered(letter) });
            } else {
                worker::console_error!("an effect of {} cannot be read and lies dead", letter.source);
                dead.push((letter, letters::UNREADABLE));
            }
        }
        sources.push(Source { name: delivery.source, last, done });
    }
    entries.extend(waiting.entries);
    Unpacked { entries, sources, dead }
}

/// Writes a turn.
fn write<S: Shell>(
    loaded: &mut Loaded<S>,
    now: Timestamp,
    steps: Steps,
    posts: Vec<(String, Vec<u8>)>,
    sources: &[Source],
) -> Result<()> {
    loaded.journal.write(&loaded.sql, now, steps)?;
    post_all(&mut loaded.outbox, &loaded.sql, posts)?;
    for source in sources {
        if loaded.inbox.is_new(&source.name, source.last) {
            loaded.inbox.note(&loaded.sql, &source.name, source.last)?;
        }
    }
    Ok(())
}

fn post_all(outbox: &mut Outbox, sql: &Sql, posts: Vec<(String, Vec<u8>)>) -> Result<()> {
    for (target, effect) in posts {
        outbox.post(sql, target, effect)?;
    }
    Ok(())
}

/// Tells everybody what became of a request, now that it is on disk.
fn finish<S: Shell>(loaded: &mut Loaded<S>, outcome: Outcome<S>) {
    let caller = outcome.asker.socket();
    for effect in outcome.effects {
        loaded.shell.carry_out(&mut loaded.sockets, caller, effect);
    }
    match (outcome.asker, outcome.result) {
        // Whoever asked may have gone meanwhile.
        (Asker::Call(answer), result) => drop(answer.send(result)),
        (Asker::Frame(connection, bytes), Err(problem)) => {
            if let Some(socket) = loaded.sockets.get(connection) {
                S::refuse(socket, &bytes, problem, Stage::Turn);
            }
        }
        (Asker::Socket(_) | Asker::Itself | Asker::Delivered(_), Err(problem))
            if problem.code != ErrorCode::Internal =>
        {
            worker::console_warn!("something that should follow was refused: {}", problem.message);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use shared::routing::Command;

    use super::*;

    #[test]
    fn a_fault_after_a_step_that_stands_tears_the_turn_and_a_refusal_that_took_it_back_does_not() {
        let fault = || core::result::Result::<(), Problem>::Err(ErrorCode::Internal.into());
        let mut steps = Steps::default();
        let before = steps.bytes();
        let noted = steps.note(&Command::Tick).unwrap();
        assert!(is_torn(&fault(), before, steps.bytes()));
        assert!(!is_torn(&Ok(()), before, steps.bytes()));
        assert!(!is_torn::<()>(&Err(ErrorCode::NotYourConversation.into()), before, steps.bytes()));
        steps.take_back(&noted);
        assert!(!is_torn(&fault(), before, steps.bytes()));
        // The same behind the steps of others.
        steps.note(&Command::Tick).unwrap();
        let before = steps.bytes();
        assert!(!is_torn(&fault(), before, steps.bytes()));
        steps.note(&Command::Tick).unwrap();
        assert!(is_torn(&fault(), before, steps.bytes()));
    }
}
