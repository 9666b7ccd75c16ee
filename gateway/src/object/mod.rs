//! The mechanism under every Durable Object, written once.
//!
//! An object is a thin shell around state. It does five things and nothing else: load (checkpoint and journal),
//! authenticate, handle, write the journal and the outgoing effects in one transaction, then deliver. What is particular to
//! an object it says by implementing [`Shell`].
//!
//! **Turns share commits.** Requests that reach an object in the same turn of the event loop are collected, handled in
//! order, written in one transaction, and only then answered and shown. A single one waits for nothing; a hundred at once
//! share one commit.
//!
//! **Nothing is said before it is on disk.** All writes of a turn happen without an await, which makes them one
//! transaction, and the runtime holds back what is sent until the transaction is durable.
//!
//! **After a fault the memory is not believed.** If a turn cannot be written, its requests are told so, the object forgets
//! its state and loads what is on disk.

mod brake;
mod call;
mod crowds;
mod departed;
mod gather;
mod journal;
mod letters;
mod outbox;
mod outgoing;
mod room;
mod silence;
mod sockets;
mod sql;
mod turn;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;

use futures_channel::oneshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::id::ConnectionId;
use shared::owed::Stage;
use shared::protocol::mail::ObjectMail;
use shared::protocol::{ErrorCode, Problem};
use shared::time::{Span, Timestamp};
use worker::{Env, Request, Response, State, WebSocket, WebSocketIncomingMessage};

pub(crate) use call::{Identity, Staff, call, deliver, mail};
pub(crate) use departed::{Departed, is_withdrawn};
pub(crate) use journal::{load_state, store_state};
pub(crate) use letters::MailRequest;
pub(crate) use outbox::Delivery;
pub(crate) use room::{Guest, admit as admit_to_room};
use sockets::Admission;
pub(crate) use sockets::{POLICY_VIOLATION, Seat, Socket, Sockets, send_all};
pub(crate) use sql::{Row, Sql, Value, blob, number};
pub(crate) use turn::Turn;

use crate::environment::Deployment;
use crate::fault::{Fault, Result};
use crate::stored::Stored;
use crate::{clock, environment};
use call::{CALL_PATH, DELIVER_PATH, MAIL_PATH, SOCKET_PATH};
use journal::Journal;
use outbox::{Inbox, Outbox};

/// How long after an alarm that failed the next one rings; each further one doubles it.
const ALARM_AGAIN_FIRST: Span = Span::from_secs(1);

/// The longest wait after an alarm that failed.
const ALARM_AGAIN_LONGEST: Span = Span::from_secs(60);

/// What is particular to an object.
pub(crate) trait Shell: Sized + 'static {
    /// What others ask of it: the gateway, other objects' effects, its own sockets, its own alarm.
    type Request: Serialize + DeserializeOwned + 'static;
    /// What it answers.
    type Answer: Serialize + DeserializeOwned + 'static;
    /// What is journaled: a command to a machine, with the name of the machine if there are several.
    type Step: Stored;
    /// What is done after the commit: frames to sockets.
    type Effect;
    /// Who sits at a socket.
    type Seat: Seat;

    /// Creates the tables and loads what the last checkpoint stored.
    fn load(sql: &Sql, env: &Env) -> Result<Self>;

    /// Serves a request. A problem means that nothing was changed.
    fn serve(
        &mut self,
        turn: &mut Turn<'_, Self>,
        request: Self::Request,
    ) -> core::result::Result<Self::Answer, Problem>;

    /// Answers a request that only reads what is on disk, at once: it writes nothing, so it needs no turn and keeps nobody's
    /// waiting. Every other comes back.
    fn read(&mut self, sql: &Sql, now: Timestamp, request: Self::Request) -> Read<Self> {
        let _ = (sql, now);
        Read::TakesTurn(request)
    }

    /// The request that an effect of another object means; none if it cannot be read.
    fn receive(effect: &[u8]) -> Option<Self::Request> {
        let _ = effect;
        None
    }

    // For objects with machines.

    /// Applies a step that was journaled. Its effects were carried out or wait in the outbox.
    fn replay(&mut self, sql: &Sql, now: Timestamp, step: Self::Step) -> Result<()> {
        let _ = (sql, now, step);
        Ok(())
    }

    /// Stores everything that the journal holds, so that it can be emptied.
    fn checkpoint(&mut self, sql: &Sql) -> Result<()> {
        let _ = sql;
        Ok(())
    }

    /// A turn ends: lets go of what need not be in memory. Whether the state is to be stored now, because it takes too much
    /// memory.
    fn end_turn(&mut self) -> bool {
        false
    }

    /// When something is due that [`Shell::due`] will name.
    fn next_deadline(&self) -> Option<Timestamp> {
        None
    }

    /// Requests for what is due now.
    fn due(&self, now: Timestamp) -> Vec<Self::Request> {
        let _ = now;
        Vec::new()
    }

    /// What is to be done outside of this object now that a turn is on disk. Each becomes a request when it is done. What a
    /// crash cuts off must come up again by itself, as something that is due.
    fn errands(&mut self, env: &Env, sql: &Sql) -> Vec<Errand<Self::Request>> {
        let _ = (env, sql);
        Vec::new()
    }

    /// Carries out an effect. `caller` is the socket from which the request came, if it came from one.
    fn carry_out(
        &mut self,
        sockets: &mut Sockets<Self::Seat>,
        caller: Option<ConnectionId>,
        effect: Self::Effect,
    ) {
        let _ = (sockets, caller, effect);
    }

    // For objects with sockets.

    /// Requests that follow from the sockets that are really open, after the object was loaded.
    fn reconcile(&mut self, sql: &Sql, sockets: &Sockets<Self::Seat>) -> Result<Vec<Self::Request>> {
        let _ = (sql, sockets);
        Ok(Vec::new())
    }

    /// The seat for a new socket, or why there is none.
    fn seat(&self, identity: Identity) -> core::result::Result<Self::Seat, Problem> {
        let _ = identity;
        Err(ErrorCode::NotFound.into())
    }

    /// The request that follows when the socket was accepted, if any.
    fn seated(connection: ConnectionId, seat: &Self::Seat) -> Option<Self::Request> {
        let _ = (connection, seat);
        None
    }

    /// The request that a frame from this socket means, or why it is not taken.
    fn frame(socket: &Socket<Self::Seat>, bytes: &[u8]) -> core::result::Result<Self::Request, Problem> {
        let _ = (socket, bytes);
        Err(ErrorCode::Malformed.into())
    }

    /// Tells a socket that its frame was refused, at the door or in the turn for which it was let in.
    fn refuse(socket: &Socket<Self::Seat>, bytes: &[u8], problem: Problem, stage: Stage) {
        let _ = (socket, bytes, problem, stage);
    }

    /// The request that follows when a socket is gone, if any.
    fn gone(connection: ConnectionId, seat: Self::Seat) -> Option<Self::Request> {
        let _ = (connection, seat);
        None
    }
}

/// What became of a request that may need no turn.
pub(crate) enum Read<S: Shell> {
    /// It was answered.
    Answered(core::result::Result<S::Answer, Problem>),
    /// It must have a turn.
    TakesTurn(S::Request),
}

/// Something that is done outside of an object, and the request that follows.
pub(crate) type Errand<R> = Pin<Box<dyn Future<Output = R>>>;

/// A Durable Object: the runtime's handles and everything in memory.
pub(crate) struct Object<S: Shell>(Rc<Inner<S>>);

struct Inner<S: Shell> {
    state: State,
    env: Env,
    name: String,
    /// None after a fault: the next event loads it again.
    loaded: RefCell<Option<Loaded<S>>>,
    waiting: RefCell<turn::Waiting<S>>,
    /// The letters that tore a turn: by source and number. When they come again they are laid aside.
    torn: RefCell<BTreeSet<(String, u64)>>,
    gathering: RefCell<gather::Gathering>,
    bell: gather::Bell,
    brake: brake::Brake,
    /// Alarms in a row that have failed.
    failed_alarms: Cell<u32>,
}

/// What became of a frame.
enum Fate<S: Shell> {
    /// It takes part in the next turn.
    Taken(turn::Entry<S>),
    /// Its client was told why it is not taken.
    Refused,
    /// It was not looked at.
    Ignored,
}

struct Loaded<S: Shell> {
    shell: S,
    sql: Sql,
    journal: Journal,
    outbox: Outbox,
    inbox: Inbox,
    sockets: Sockets<S::Seat>,
    alarm: Option<Timestamp>,
}

impl<S: Shell> Object<S> {
    pub(crate) fn new(state: State, env: Env) -> Self {
        // Objects are only ever reached by name.
        let name = state.id().name().unwrap_or_default();
        let state = state._inner();
        let brake = brake::Brake::of(&state);
        Self(Rc::new_cyclic(|inner| Inner {
            state: state.into(),
            env,
            name,
            loaded: RefCell::new(None),
            waiting: RefCell::new(turn::Waiting::default()),
            torn: RefCell::default(),
            gathering: RefCell::default(),
            bell: gather::Bell::of(inner),
            brake,
            failed_alarms: Cell::new(0),
        }))
    }

    /// Answers a request of the gateway or of another object.
    pub(crate) async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let answer = match request.path().as_str() {
            CALL_PATH => self.answer_call(&mut request).await,
            DELIVER_PATH => self.take_delivery(&mut request).await,
            MAIL_PATH => self.look_after_mail(&mut request).await,
            SOCKET_PATH => self.accept(&request).await,
            _ => Err(Fault::Answer),
        };
        Ok(answer?)
    }

    async fn answer_call(&self, request: &mut Request) -> Result<Response> {
        let bytes = request.bytes().await?;
        let asked = postcard::from_bytes(&bytes).map_err(|_| Fault::Answer)?;
        let answer = self.ask(asked).await;
        let bytes = postcard::to_allocvec(&answer).map_err(|_| Fault::Answer)?;
        Ok(Response::from_bytes(bytes)?)
    }

    async fn look_after_mail(&self, request: &mut Request) -> Result<Response> {
        let bytes = request.bytes().await?;
        let asked = postcard::from_bytes(&bytes).map_err(|_| Fault::Answer)?;
        let answer = self.mail(asked).await;
        let bytes = postcard::to_allocvec(&answer).map_err(|_| Fault::Answer)?;
        Ok(Response::from_bytes(bytes)?)
    }

    async fn mail(&self, request: MailRequest) -> core::result::Result<ObjectMail, Problem> {
        let gone =
            || Problem::from(ErrorCode::NotFound).saying("There is no such letter. Load the list again.");
        if let MailRequest::Again(letter) | MailRequest::Discard(letter) = request {
            let found = self.0.with_loaded(|loaded, _| letters::effect(&loaded.sql, letter))??;
            let effect = found.ok_or_else(gone)?;
            if let MailRequest::Again(_) = request {
                let unreadable = || Problem::from(ErrorCode::Malformed).saying(letters::UNREADABLE);
                // The letter goes after what it told is on disk: a death between the two leaves it to be tried again, and
                // what comes twice does no harm.
                self.ask(S::receive(&effect).ok_or_else(unreadable)?).await?;
            }
            self.0.with_loaded(|loaded, _| letters::discard(&loaded.sql, letter))??;
        }
        let list = self.0.with_loaded(|loaded, _| -> Result<_> {
            let (object, held_up) = (String::new(), loaded.outbox.held_up());
            Ok(ObjectMail { object, dead: letters::list(&loaded.sql)?, held_up })
        });
        Ok(list??)
    }

    async fn ask(&self, request: S::Request) -> core::result::Result<S::Answer, Problem> {
        // What cannot be loaded says why, to whoever asks.
        let read = self.0.with_loaded(|loaded, _| loaded.shell.read(&loaded.sql, clock::now(), request))?;
        let request = match read {
            Read::Answered(answer) => return answer,
            Read::TakesTurn(request) => request,
        };
        let (answer, answered) = oneshot::channel();
        // Who waits for the answer stays for longer than any bell.
        drop(self.0.enqueue(turn::Entry { request, asker: turn::Asker::Call(answer) }));
        // The sender is only dropped when the turn was lost with the memory of a faulty object.
        answered.await.unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
    }

    async fn take_delivery(&self, request: &mut Request) -> Result<Response> {
        let bytes = request.bytes().await?;
        let delivery: Delivery = postcard::from_bytes(&bytes).map_err(|_| Fault::Answer)?;
        let (done, committed) = oneshot::channel();
        self.0.enqueue_delivery(delivery, done);
        match committed.await {
            Ok(true) => Ok(Response::empty()?),
            _ => Err(Fault::Stored("what another object has told")),
        }
    }

    async fn accept(&self, request: &Request) -> Result<Response> {
        let identity = Identity::read(request)?;
        let codec = identity.codec;
        let accepted = self.0.with_loaded(|loaded, inner| {
            let seat = loaded.shell.seat(identity);
            let seat = match seat.and_then(|seat| loaded.sockets.admit_seat(&seat).map(|()| seat)) {
                Ok(seat) => seat,
                Err(problem) => return Ok((call::refuse_upgrade(&problem)?, None)),
            };
            if let Some(stranger) = loaded.sockets.make_room() {
                inner.forget_stranger(stranger);
            }
            let (connection, response) = loaded.sockets.accept(&inner.state, codec, seat.clone())?;
            let rung = S::seated(connection, &seat).and_then(|request| {
                inner.enqueue(turn::Entry { request, asker: turn::Asker::Socket(connection) })
            });
            inner.set_alarm(loaded)?;
            Ok((response, rung))
        });
        let (response, rung) = accepted.and_then(|inner: Result<_>| inner)?;
        gather::stay(rung).await;
        Ok(response)
    }

    /// A frame arrived on a socket.
    pub(crate) async fn message(
        &self,
        socket: &WebSocket,
        message: WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        let bytes = match message {
            WebSocketIncomingMessage::String(text) => text.into_bytes(),
            WebSocketIncomingMessage::Binary(bytes) => bytes,
        };
        let fate = self.0.with_loaded(|loaded, _| {
            let connection = Sockets::<S::Seat>::identify(socket)?;
            let admission = loaded.sockets.admit(connection);
            let Some(socket) = loaded.sockets.get(connection) else { return Ok(Fate::Ignored) };
            let request = match admission {
                Admission::Read => read_frame::<S>(socket, &bytes),
                Admission::Refused(wait) => Err(Problem::wait(wait)),
                Admission::Ignored => return Ok(Fate::Ignored),
            };
            Ok(match request {
                Ok(request) => {
                    Fate::Taken(turn::Entry { request, asker: turn::Asker::Frame(connection, bytes) })
                }
                Err(problem) => {
                    // What is too large, or too much, is not looked at again only to say which message it was.
                    let unread = matches!(problem.code, ErrorCode::FrameTooLarge);
                    S::refuse(socket, if unread { &[] } else { &bytes }, problem, Stage::Door);
                    loaded.sockets.flush();
                    Fate::Refused
                }
            })
        });
        match fate.and_then(|inner: Result<_>| inner)? {
            Fate::Taken(entry) => gather::stay(self.0.enqueue(entry)).await,
            Fate::Refused => {}
            Fate::Ignored => self.0.brake.press().await,
        }
        Ok(())
    }

    /// A socket is gone.
    pub(crate) async fn close(&self, socket: &WebSocket) -> worker::Result<()> {
        let request = self.0.with_loaded(|loaded, _| -> Result<_> {
            let connection = Sockets::<S::Seat>::identify(socket)?;
            let gone = loaded.sockets.forget(connection);
            Ok(gone.and_then(|socket| S::gone(connection, socket.seat)))
        });
        // A close must be answered, or the client waits until the object sleeps. One that was cut off hears nothing.
        drop(socket.close(Some(1000), Some("")));
        if let Some(request) = request.and_then(|inner| inner)? {
            let entry = turn::Entry { request, asker: turn::Asker::Itself };
            gather::stay(self.0.enqueue(entry)).await;
        }
        Ok(())
    }

    /// The alarm rang: do what is due and deliver what waits. What fails is tried again by an alarm of our own: the runtime
    /// repeats one that failed a few times only, and then nothing would wake the object any more.
    pub(crate) fn alarm(&self) -> worker::Result<Response> {
        let rung = self.answer_alarm();
        let failures = if rung.is_err() { self.0.failed_alarms.get().saturating_add(1) } else { 0 };
        self.0.failed_alarms.set(failures);
        if let Err(fault) = rung {
            let wait = ALARM_AGAIN_FIRST.as_millis().saturating_mul(1 << failures.saturating_sub(1).min(10));
            let wait = Span::from_millis(wait.min(ALARM_AGAIN_LONGEST.as_millis()));
            worker::console_error!("the alarm failed and rings again in {} ms: {fault}", wait.as_millis());
            self.0.ring_at(clock::now().after(wait))?;
        }
        Response::empty()
    }

    fn answer_alarm(&self) -> worker::Result<()> {
        let due = self.0.with_loaded(|loaded, inner| {
            loaded.alarm = None;
            let now = clock::now();
            let ended = loaded.sockets.show_out(now).into_iter();
            let shown_out = ended.chain(loaded.sockets.show_out_silent(&inner.state, now));
            let gone = shown_out.filter_map(|socket| S::gone(socket.connection, socket.seat));
            gone.chain(loaded.shell.due(now)).collect::<Vec<_>>()
        })?;
        for request in due {
            self.0.put(turn::Entry { request, asker: turn::Asker::Itself });
        }
        // Also with nothing due: the turn sets the next alarm and starts what waits in the outbox.
        if self.0.take_turn() {
            Ok(())
        } else {
            // The alarm of a turn that was lost would else be lost with it.
            Err(worker::Error::RustError("the turn of the alarm was lost".to_owned()))
        }
    }
}

fn read_frame<S: Shell>(socket: &Socket<S::Seat>, bytes: &[u8]) -> core::result::Result<S::Request, Problem> {
    if bytes.len() > shared::limit::FRAME_BYTES_MAX {
        return Err(ErrorCode::FrameTooLarge.into());
    }
    S::frame(socket, bytes)
}

impl<S: Shell> Inner<S> {
    /// Does something with what is loaded, and loads it first if it is not.
    fn with_loaded<T>(self: &Rc<Self>, work: impl FnOnce(&mut Loaded<S>, &Rc<Self>) -> T) -> Result<T> {
        let mut slot = self.loaded.borrow_mut();
        let loaded = if let Some(loaded) = &mut *slot {
            loaded
        } else {
            let mut fresh = self.load()?;
            // What cannot be reconciled does not count as loaded: who is really there would never be found out.
            for request in fresh.shell.reconcile(&fresh.sql, &fresh.sockets)? {
                self.put(turn::Entry { request, asker: turn::Asker::Itself });
            }
            // Whatever has loaded the object may have nothing to ask of it.
            self.bell.ring_at_once();
            slot.insert(fresh)
        };
        Ok(work(loaded, self))
    }

    fn load(&self) -> Result<Loaded<S>> {
        let sql = Sql::new(&self.state.storage());
        let silence_max = Deployment::read(&self.env)?.silence_max;
        let mut shell = S::load(&sql, &self.env)?;
        letters::create(&sql)?;
        let journal = Journal::open(&sql, |now, step| shell.replay(&sql, now, step))?;
        Ok(Loaded {
            shell,
            journal,
            outbox: Outbox::open(&sql)?,
            inbox: Inbox::open(&sql)?,
            sockets: Sockets::restore(&self.state, &self.name, silence_max)?,
            sql,
            alarm: None,
        })
    }

    /// Delivers what is due to other objects, each target by itself.
    fn deliver(self: &Rc<Self>, loaded: &mut Loaded<S>) {
        for (target, delivery) in loaded.outbox.due(clock::now(), &self.name) {
            let inner = Rc::clone(self);
            wasm_bindgen_futures::spawn_local(async move {
                let last = delivery.effects.last().map_or(0, |(number, _)| *number);
                let delivered = environment::deliver(&inner.env, &target, &delivery).await;
                if let Err(fault) = &delivered {
                    worker::console_warn!("delivery to {target} failed and will be repeated: {fault}");
                }
                let noted = inner.with_loaded(|loaded, inner| {
                    if delivered.is_ok() {
                        loaded.outbox.delivered(&loaded.sql, &target, last)?;
                    } else {
                        loaded.outbox.failed(clock::now(), &target);
                    }
                    inner.deliver(loaded);
                    inner.set_alarm(loaded)
                });
                if let Err(fault) = noted.and_then(|inner| inner) {
                    worker::console_error!("a delivery could not be noted: {fault}");
                }
            });
        }
    }

    /// Runs the shell's errands.
    fn run_errands(self: &Rc<Self>, loaded: &mut Loaded<S>) {
        for errand in loaded.shell.errands(&self.env, &loaded.sql) {
            let inner = Rc::clone(self);
            wasm_bindgen_futures::spawn_local(async move {
                let request = errand.await;
                inner.put(turn::Entry { request, asker: turn::Asker::Itself });
                // A turn that was lost has told everybody who can be told.
                let _ = inner.take_turn();
            });
        }
    }

    /// Sets the alarm to whatever is due first.
    fn set_alarm(&self, loaded: &mut Loaded<S>) -> Result<()> {
        let now = clock::now();
        let (end, look) = (loaded.sockets.next_end(), loaded.sockets.next_look());
        let deadlines = [loaded.shell.next_deadline(), loaded.outbox.next_attempt(now), end, look];
        let first = deadlines.into_iter().flatten().min();
        let Some(first) = first else { return Ok(()) };
        // An alarm that is set already and early enough stays; ringing too early is harmless.
        if loaded.alarm.is_some_and(|set| set <= first && set > now) {
            return Ok(());
        }
        // Not in the past: the runtime would ring at once again and again.
        let at = first.max(now.after(Span::from_millis(1)));
        self.ring_at(at)?;
        loaded.alarm = Some(at);
        Ok(())
    }

    /// Sets the alarm.
    fn ring_at(&self, at: Timestamp) -> Result<()> {
        let date = clock::date(at);
        let set = self.state.storage().as_raw().set_alarm(date, js_sys::Object::new());
        let promise = set.map_err(worker::Error::from)?;
        wasm_bindgen_futures::spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(promise).await.is_err() {
                worker::console_error!("the alarm could not be set; the next event tries again");
            }
        });
        Ok(())
    }
}
