//! The tabs of a visitor: one lock, a channel for each conversation, and one socket, which the tab has that holds the lock.
//! What each tab makes of that is decided by the widget's own transport; here is what browsers do around it, and how a
//! tab ends or hangs.

use shared::client::{Connection, Input};
use shared::id::ConversationId;
use shared::protocol::codec::{from_binary, to_binary};
use shared::protocol::live::{ClientFrame, ServerFrame};
use shared::time::{Span, Timestamp};

use crate::network::Endpoint;
use crate::object::Up;
use crate::page::{Ask, asked};
use crate::plan::Fault;
use crate::transport::{Heard, Transport};
use crate::visitor::Tab;
use crate::world::{Event, World, trace};

/// What a tab is until it is closed or loaded anew.
#[derive(Debug)]
pub(crate) struct Page {
    /// No other page ever has this number.
    number: u64,
    transport: Transport,
    /// On which channel it listens.
    tuned: Option<ConversationId>,
    /// It does nothing until then; the rest of the device goes on.
    hangs_until: Timestamp,
    /// When it hears the last word that was said to it: words do not overtake each other.
    last_word: Timestamp,
    /// The same of what it is told about the lock.
    last_lock: Timestamp,
}

/// The lock of a visitor's tabs, which are named by the numbers of their pages.
#[derive(Debug, Default)]
pub(crate) struct Lock {
    held: Option<u64>,
    waiting: Vec<u64>,
}

/// What a page says to the others.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// On the channel of this conversation.
    tuned: Option<ConversationId>,
    /// Which word it is, as the transport numbers them.
    number: u32,
    frame: Vec<u8>,
}

/// What a page is told about the lock.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LockWord {
    Granted,
    Taken,
    Lost,
}

/// How a page asks for the lock, as the transport numbers it; the third way is to take it from whoever has it.
const IF_FREE: u32 = 0;
const WHEN_FREE: u32 = 1;

impl World {
    /// Until when a window does nothing.
    pub(crate) fn asleep_until(&self, endpoint: Endpoint) -> Timestamp {
        let device = self.device(endpoint).asleep_until;
        let Endpoint::Tab(visitor, tab) = endpoint else { return device };
        let page = self.visitors[visitor].tabs[tab].page.as_ref();
        page.map_or(device, |page| device.max(page.hangs_until))
    }

    /// Whether something that was to happen now in a window happens later, because the window does nothing yet.
    pub(crate) fn put_off(&mut self, endpoint: Endpoint, event: impl FnOnce() -> Event) -> bool {
        let until = self.asleep_until(endpoint);
        let asleep = self.now < until;
        if asleep {
            self.at(until, event());
        }
        asleep
    }

    /// A tab is opened, or opened again: it has what the store has.
    pub(crate) fn open_tab(&mut self, place: usize, tab: usize) {
        if self.visitors[place].tabs[tab].is_open() {
            return;
        }
        let number = self.ticket();
        let never = Timestamp::from_millis(0);
        let transport = Transport::new();
        let (tuned, hangs_until, last_word, last_lock) = (None, never, never, never);
        let page = Page { number, transport, tuned, hangs_until, last_word, last_lock };
        self.visitors[place].tabs[tab].page = Some(page);
        self.do_as_asked(Endpoint::Tab(place, tab));
        self.take_up_unsent(place);
        self.attend(place, tab);
    }

    /// A tab is closed; no last word is said, and whoever waits for its lock has it.
    pub(crate) fn close_tab(&mut self, place: usize, tab: usize) {
        self.drop_wire(Endpoint::Tab(place, tab));
        let closed = std::mem::take(&mut self.visitors[place].tabs[tab]);
        let Some(page) = closed.page else { return };
        let lock = &mut self.visitors[place].lock;
        lock.waiting.retain(|waiting| *waiting != page.number);
        lock.held.take_if(|held| *held == page.number);
        self.grant(place);
    }

    /// A tab is closed, and its socket is not.
    pub(crate) fn crash_tab(&mut self, place: usize, tab: usize) {
        if self.random.chance(500) {
            self.silence_endpoint(Endpoint::Tab(place, tab));
        }
        self.close_tab(place, tab);
    }

    /// A tab does nothing for a while. What waits for it keeps its order, so one pause does not lengthen another.
    pub(crate) fn hang_tab(&mut self, place: usize, tab: usize) {
        if self.now < self.asleep_until(Endpoint::Tab(place, tab)) {
            return;
        }
        let until = self.now.after(self.random.millis(1_000, 120_000));
        if let Some(page) = &mut self.visitors[place].tabs[tab].page {
            page.hangs_until = until;
        }
    }

    /// A tab that leads others, if there is any.
    pub(crate) fn any_leader(&mut self) -> Option<(usize, usize)> {
        let leads = |place: usize, tab: &Tab| {
            let number = tab.page.as_ref().map(|page| page.number);
            number.is_some() && number == self.visitors[place].lock.held
        };
        let visitors = self.visitors.iter().enumerate();
        let leaders = visitors
            .filter_map(|(place, of)| Some((place, of.tabs.iter().position(|tab| leads(place, tab))?)));
        let leaders: Vec<_> = leaders.collect();
        self.random.pick(leaders.into_iter())
    }

    /// Has the transport of a tab do something, and does what it asks for.
    pub(crate) fn transport(&mut self, endpoint: Endpoint, act: impl FnOnce(&mut Transport, &str)) {
        let Endpoint::Tab(visitor, tab) = endpoint else { return };
        let visitor = &mut self.visitors[visitor];
        let token = visitor.tabs[tab].token();
        if let Some(page) = &mut visitor.tabs[tab].page {
            act(&mut page.transport, &token);
            self.do_as_asked(endpoint);
        }
    }

    /// The link of a tab is gone, or is another one now.
    pub(crate) fn link_closed(&mut self, endpoint: Endpoint, random: u32) {
        self.transport(endpoint, |transport, _| transport.disconnect());
        self.drive(endpoint, Input::Closed { random });
    }

    /// The machine of a tab gives its link up. A leader that does not answer is replaced.
    pub(crate) fn give_link_up(&mut self, endpoint: Endpoint) {
        let refused =
            self.window(endpoint).is_none_or(|window| window.client.connection() == Connection::Refused);
        self.transport(endpoint, |transport, _| {
            if !refused {
                transport.replace_leader();
            }
            transport.disconnect();
        });
    }

    /// The gateway says something to the tab that has the socket.
    pub(crate) fn relay(&mut self, endpoint: Endpoint, frame: &ServerFrame) {
        self.transport(endpoint, |transport, _| transport.relay(frame, &to_binary(frame)));
    }

    fn do_as_asked(&mut self, endpoint: Endpoint) {
        for ask in asked() {
            self.do_one(endpoint, ask);
        }
    }

    fn do_one(&mut self, endpoint: Endpoint, ask: Ask) {
        let Endpoint::Tab(visitor, tab) = endpoint else { return };
        let Some(page) = &mut self.visitors[visitor].tabs[tab].page else { return };
        let (number, tuned) = (page.number, page.tuned);
        match ask {
            Ask::Lead(how) => self.lead(visitor, number, how),
            Ask::Tune(conversation) => page.tuned = conversation,
            Ask::Connect => {
                self.drop_wire(endpoint);
                let wire = self.connect(endpoint, tuned);
                if let Some(window) = self.window(endpoint) {
                    window.wire = Some(wire);
                }
            }
            Ask::Disconnect => self.drop_wire(endpoint),
            Ask::Send(bytes) => match from_binary::<ClientFrame>(&bytes) {
                Ok(frame) => self.send_if_open(endpoint, Up::Live(frame)),
                Err(fault) => self.violate(format!("{endpoint:?} sends what cannot be read: {fault:?}")),
            },
            Ask::Ping => self.send_if_open(endpoint, Up::Ping),
            Ask::Post(word, frame) => {
                let word = Word { tuned, number: word, frame };
                for other in 0..self.visitors[visitor].tabs.len() {
                    self.say(visitor, other, number, word.clone());
                }
            }
        }
    }

    /// A browser sends nothing on a socket that is not open yet, or no longer.
    fn send_if_open(&mut self, endpoint: Endpoint, frame: Up) {
        let wire = self.window(endpoint).and_then(|window| window.wire);
        if let Some(wire) = wire.filter(|wire| self.wires.get(wire).is_some_and(|wire| wire.opened)) {
            self.send_up(wire, frame);
        }
    }

    /// A tab hears a word of another one, if it listens to the same channel.
    fn say(&mut self, visitor: usize, tab: usize, from: u64, word: Word) {
        let late = if self.goes_wrong(Fault::Delay, 30) { 2_000 } else { 20 };
        let at = self.now.after(self.random.millis(0, late));
        let Some(page) = &mut self.visitors[visitor].tabs[tab].page else { return };
        if page.number == from || page.tuned != word.tuned {
            return;
        }
        page.last_word = at.max(page.last_word);
        let (at, number) = (page.last_word, page.number);
        self.at(at, Event::Overheard(Endpoint::Tab(visitor, tab), number, word));
    }

    /// A word of another tab arrives.
    pub(crate) fn overheard(&mut self, endpoint: Endpoint, number: u64, word: Word) {
        let Endpoint::Tab(visitor, tab) = endpoint else { return };
        let page = self.visitors[visitor].tabs[tab].page.as_ref();
        let still_listens = page.is_some_and(|page| page.number == number && page.tuned == word.tuned);
        if !still_listens || self.put_off(endpoint, || Event::Overheard(endpoint, number, word.clone())) {
            return;
        }
        let of = &mut self.visitors[visitor];
        let token = of.tabs[tab].token();
        let Tab { page: Some(page), window: Some(window), .. } = &mut of.tabs[tab] else { return };
        let heard = page.transport.overhear(word.number, &word.frame, &window.client, &token);
        self.do_as_asked(endpoint);
        match heard {
            Heard::Nothing => {}
            Heard::Open => self.drive(endpoint, Input::Opened),
            Heard::Closed => {
                let random = self.random.half();
                self.link_closed(endpoint, random);
            }
            Heard::Pong => self.drive(endpoint, Input::Pong),
            Heard::Frame(frame) => {
                self.check_frame(endpoint, &frame);
                self.drive(endpoint, Input::Frame(frame));
            }
            Heard::Probe => self.drive(endpoint, Input::Wake),
        }
    }

    /// A page asks for the lock.
    fn lead(&mut self, visitor: usize, number: u64, how: u32) {
        let of = &mut self.visitors[visitor];
        if !of.has_locks {
            self.tell_of_lock(visitor, number, LockWord::Lost);
        } else if how == IF_FREE && of.lock.held.is_some() {
            self.tell_of_lock(visitor, number, LockWord::Taken);
        } else if how == IF_FREE || how == WHEN_FREE {
            of.lock.waiting.push(number);
            self.grant(visitor);
        } else {
            if let Some(before) = of.lock.held.replace(number) {
                self.tell_of_lock(visitor, before, LockWord::Lost);
            }
            self.tell_of_lock(visitor, number, LockWord::Granted);
        }
    }

    /// Whoever waits first has the lock, if nobody has.
    fn grant(&mut self, visitor: usize) {
        let lock = &mut self.visitors[visitor].lock;
        if lock.held.is_none() && !lock.waiting.is_empty() {
            let first = lock.waiting.remove(0);
            lock.held = Some(first);
            self.tell_of_lock(visitor, first, LockWord::Granted);
        }
    }

    fn tell_of_lock(&mut self, visitor: usize, number: u64, word: LockWord) {
        let at = self.now.after(self.random.millis(0, 20));
        let tabs = &mut self.visitors[visitor].tabs;
        let is_meant = |tab: &&mut Tab| tab.page.as_ref().is_some_and(|page| page.number == number);
        let Some(page) = tabs.iter_mut().find(is_meant).and_then(|tab| tab.page.as_mut()) else { return };
        page.last_lock = at.max(page.last_lock);
        let at = page.last_lock;
        self.at(at, Event::Lock(visitor, number, word));
    }

    /// A page hears what became of the lock.
    pub(crate) fn lock_decided(&mut self, visitor: usize, number: u64, word: LockWord) {
        let is_meant = |tab: &Tab| tab.page.as_ref().is_some_and(|page| page.number == number);
        let Some(tab) = self.visitors[visitor].tabs.iter().position(is_meant) else { return };
        let endpoint = Endpoint::Tab(visitor, tab);
        if self.put_off(endpoint, || Event::Lock(visitor, number, word)) {
            return;
        }
        trace!(self, "  {endpoint:?}: the lock is {word:?}");
        self.transport(endpoint, |transport, _| match word {
            LockWord::Granted => transport.set_leading(true),
            LockWord::Taken => transport.set_leading(false),
            LockWord::Lost => transport.lock_lost(),
        });
        // Nobody needs to be spared.
        self.link_closed(endpoint, 0);
    }

    /// Another tab has kept a draft. If that tab lives, it has sent it by now.
    pub(crate) fn drafted(&mut self, endpoint: Endpoint) {
        if !self.put_off(endpoint, || Event::Drafted(endpoint)) {
            self.restore_drafts(endpoint);
        }
    }

    /// How long after another tab has kept a draft a tab looks after it.
    pub(crate) const DRAFTED: Span = Span::from_secs(3);
}
