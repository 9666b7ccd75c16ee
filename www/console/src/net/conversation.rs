//! A conversation's connection: carries out what [`ChatClient`] orders, on one socket to
//! `/v1/conversations/{id}/socket`, with this window's [`Outbox`] as its store.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use shared::client::{Change, ChatClient, Input, Output};
use shared::id::ConversationId;
use shared::protocol::codec::{PONG, from_json_lines};
use wasm_bindgen_futures::spawn_local;

use super::outbox::Outbox;
use super::socket::{Heard, Socket};
use super::store::{self, Of};
use super::{clock, wake};

/// The connection. Dropping it closes it; what the gateway has not acknowledged stays in the store.
pub(crate) struct ConversationConnection {
    inner: Rc<Inner>,
    _wake: Vec<EventListener>,
}

/// What is told of changes.
type Show = Box<dyn Fn(&ChatClient, Change)>;

struct Inner {
    conversation: ConversationId,
    outbox: Outbox,
    client: RefCell<ChatClient>,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
    show: Show,
    /// How often in a row a socket was asked for, the present one included, that has not opened.
    unopened: Cell<u32>,
    tell_unopened: Box<dyn Fn(u32)>,
}

impl ConversationConnection {
    /// Connects, and stays in step. `show` is told of everything that is shown and changed; `tell_unopened` how often in a
    /// row the socket could not be opened, because a browser does not say why it could not.
    pub(crate) fn open(
        conversation: ConversationId,
        outbox: Outbox,
        show: impl Fn(&ChatClient, Change) + 'static,
        tell_unopened: impl Fn(u32) + 'static,
    ) -> Self {
        let inner = Rc::new(Inner {
            conversation,
            outbox,
            client: RefCell::default(),
            socket: RefCell::default(),
            timer: RefCell::default(),
            show: Box::new(show),
            unopened: Cell::new(0),
            tell_unopened: Box::new(tell_unopened),
        });
        let woken = Rc::downgrade(&inner);
        let listeners = wake::on_wake(move || {
            with(&woken, |inner| {
                inner.take_up();
                inner.handle(Input::Wake);
            });
        });
        if let Some(upto) = store::kept(&Of::Seen.key(conversation)) {
            inner.handle(Input::Seen { upto });
        }
        inner.restore();
        inner.take_up();
        inner.handle(Input::Wake);
        Self { inner, _wake: listeners }
    }

    /// Tells the machine what the person did.
    pub(crate) fn handle(&self, input: Input) {
        if let Input::Seen { upto } = &input {
            store::keep(&Of::Seen.key(self.inner.conversation), upto);
        }
        self.inner.handle(input);
    }

    /// Reads the machine.
    pub(crate) fn read<T>(&self, reader: impl FnOnce(&ChatClient) -> T) -> T {
        reader(&self.inner.client.borrow())
    }
}

fn with(inner: &Weak<Inner>, act: impl FnOnce(&Rc<Inner>)) {
    if let Some(inner) = inner.upgrade() {
        act(&inner);
    }
}

impl Inner {
    fn handle(self: &Rc<Self>, input: Input) {
        let orders = self.client.borrow_mut().handle(clock::monotonic(), input);
        let mut gave_up = false;
        for order in orders {
            match order {
                Output::Connect => self.connect(),
                Output::Disconnect => {
                    self.socket.take();
                    gave_up = true;
                }
                Output::Send(frame) => self.on_socket(|socket| socket.send(&frame)),
                Output::Ping => self.on_socket(Socket::ping),
                Output::Keep(draft) => self.outbox.keep(self.conversation, &draft),
                Output::Forget(message) => self.outbox.forget(self.conversation, message),
                Output::Show(change) => (self.show)(&self.client.borrow(), change),
            }
        }
        if gave_up {
            self.handle(Input::Closed { random: clock::random() });
        } else {
            self.schedule();
        }
    }

    fn on_socket(&self, act: impl FnOnce(&Socket)) {
        if let Some(socket) = self.socket.borrow().as_ref() {
            act(socket);
        }
    }

    fn connect(self: &Rc<Self>) {
        let inner = Rc::downgrade(self);
        let path = format!("/v1/conversations/{}/socket", self.conversation);
        self.count_unopened(self.unopened.get().saturating_add(1));
        let socket = Socket::open(&path, move |heard| with(&inner, |inner| inner.heard(heard)));
        self.socket.replace(socket);
    }

    fn heard(self: &Rc<Self>, heard: Heard) {
        match heard {
            Heard::Opened => {
                self.count_unopened(0);
                self.handle(Input::Opened);
            }
            Heard::Text(text) if text == PONG => self.handle(Input::Pong),
            // A frame that cannot be read is one of a later version: what it says is caught up by sequence.
            Heard::Text(text) => {
                for frame in from_json_lines(&text) {
                    self.handle(Input::Frame(frame));
                }
            }
            Heard::Closed => {
                self.socket.take();
                self.handle(Input::Closed { random: clock::random() });
            }
        }
    }

    fn count_unopened(&self, count: u32) {
        if self.unopened.replace(count) != count {
            (self.tell_unopened)(count);
        }
    }

    fn schedule(self: &Rc<Self>) {
        let due = self.client.borrow().next_deadline();
        let timer = due.map(|due| {
            let inner = Rc::downgrade(self);
            Timeout::new(clock::millis_until(due), move || with(&inner, |inner| inner.handle(Input::Tick)))
        });
        self.timer.replace(timer);
    }

    fn restore(self: &Rc<Self>) {
        let drafts = self.outbox.kept(self.conversation);
        if !drafts.is_empty() {
            self.handle(Input::Restore(drafts));
        }
    }

    /// Sends what a window has left that is gone.
    fn take_up(self: &Rc<Self>) {
        let inner = Rc::downgrade(self);
        let outbox = self.outbox;
        spawn_local(async move {
            outbox.take_over().await;
            with(&inner, Self::restore);
        });
    }
}
