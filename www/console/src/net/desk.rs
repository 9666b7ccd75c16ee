//! The desk's connection: carries out what [`Link`] orders, on one socket to `/v1/desk`.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use shared::protocol::codec::{PONG, from_json_lines};
use shared::protocol::desk::{DeskFrame, DeskRequest};
use wasm_bindgen_futures::spawn_local;

use super::socket::{Heard, Socket};
use super::{clock, http, wake};
use crate::model::link::{Input, Link, LinkState, Order};

/// What the desk's connection tells.
#[derive(Debug)]
pub(crate) enum Event {
    /// It stands differently.
    State(LinkState),
    /// The gateway said something.
    Frame(Box<DeskFrame>),
    /// The socket broke; answers to what was asked on it will not come.
    Broken,
    /// The session does not hold any more.
    SignedOut,
}

/// The connection. Dropping it closes it.
pub(crate) struct DeskConnection {
    inner: Rc<Inner>,
    _wake: Vec<EventListener>,
}

struct Inner {
    link: RefCell<Link>,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
    told: Cell<LinkState>,
    tell: Box<dyn Fn(Event)>,
}

impl DeskConnection {
    /// Connects, and stays connected. Everything is told to `tell`.
    pub(crate) fn open(tell: impl Fn(Event) + 'static) -> Self {
        let inner = Rc::new(Inner {
            link: RefCell::default(),
            socket: RefCell::default(),
            timer: RefCell::default(),
            told: Cell::default(),
            tell: Box::new(tell),
        });
        let woken = Rc::downgrade(&inner);
        let listeners = wake::on_wake(move || with(&woken, |inner| inner.handle(Input::Wake)));
        inner.handle(Input::Wake);
        Self { inner, _wake: listeners }
    }

    /// Sends a request. False if there is no connection now.
    pub(crate) fn send(&self, request: &DeskRequest) -> bool {
        let live = self.inner.link.borrow().state() == LinkState::Live;
        match self.inner.socket.borrow().as_ref().filter(|_| live) {
            Some(socket) => {
                socket.send(request);
                true
            }
            None => false,
        }
    }
}

fn with(inner: &Weak<Inner>, act: impl FnOnce(&Rc<Inner>)) {
    if let Some(inner) = inner.upgrade() {
        act(&inner);
    }
}

impl Inner {
    fn handle(self: &Rc<Self>, input: Input) {
        let order = self.link.borrow_mut().handle(clock::monotonic(), input);
        match order {
            Some(Order::Connect) => self.connect(),
            Some(Order::Ping) => {
                if let Some(socket) = self.socket.borrow().as_ref() {
                    socket.ping();
                }
            }
            Some(Order::Disconnect) => {
                self.socket.take();
                (self.tell)(Event::Broken);
            }
            None => {}
        }
        self.schedule();
        let state = self.link.borrow().state();
        if self.told.replace(state) != state {
            (self.tell)(Event::State(state));
        }
    }

    fn connect(self: &Rc<Self>) {
        let inner = Rc::downgrade(self);
        let opened = Rc::new(Cell::new(false));
        let heard = move |heard| with(&inner, |inner| inner.heard(&opened, heard));
        let socket = Socket::open("/v1/desk", heard);
        // A browser that refuses to open a socket will do so again: the link's time-out spaces the tries.
        self.socket.replace(socket);
    }

    fn heard(self: &Rc<Self>, opened: &Cell<bool>, heard: Heard) {
        match heard {
            Heard::Opened => {
                opened.set(true);
                self.handle(Input::Opened);
            }
            // The answer to a heartbeat is no frame.
            Heard::Text(text) if text == PONG => self.handle(Input::Pong),
            Heard::Text(text) => {
                self.handle(Input::Heard);
                for frame in from_json_lines(&text) {
                    (self.tell)(Event::Frame(Box::new(frame)));
                }
            }
            Heard::Closed => {
                self.socket.take();
                (self.tell)(Event::Broken);
                self.handle(Input::Closed { random: clock::random() });
                if !opened.get() {
                    self.ask_whether_signed_in();
                }
            }
        }
    }

    /// A browser does not say why a socket could not be opened; an ordinary request does.
    fn ask_whether_signed_in(self: &Rc<Self>) {
        let inner = Rc::downgrade(self);
        spawn_local(async move {
            let signed_out = http::me().await.is_err_and(|problem| problem.code.status() == 401);
            if signed_out {
                with(&inner, |inner| (inner.tell)(Event::SignedOut));
            }
        });
    }

    fn schedule(self: &Rc<Self>) {
        let due = self.link.borrow().next_deadline();
        let timer = due.map(|due| {
            let inner = Rc::downgrade(self);
            Timeout::new(clock::millis_until(due), move || {
                with(&inner, |inner| inner.handle(Input::Tick { random: clock::random() }));
            })
        });
        self.timer.replace(timer);
    }
}
