//! What browsers do around [`ChatClient`]: a socket, a timer and a store. The same for a visitor's tab and for a
//! conversation in a console.

use shared::client::{ChatClient, Delivery, Draft, Input, Output};
use shared::id::{ConversationId, MessageId};
use shared::protocol::live::{Sequence, ServerFrame};
use shared::time::{Span, Timestamp};

use crate::network::{Endpoint, WireId};
use crate::object::{Down, Up};
use crate::random::Random;
// The widget's transport calls its browser by this name.
pub(crate) use crate::page::{connect, disconnect, lead, ping, post, send, tune};
use crate::world::{Event, World, trace};

/// A machine that runs browsers.
#[derive(Debug, Default)]
pub(crate) struct Device {
    /// By how much its wall clock is ahead, or behind. Timers run by a clock that is never put right.
    ahead: u64,
    behind: u64,
    /// Where its steady clock began.
    origin: Span,
    /// It does nothing until then.
    pub(crate) asleep_until: Timestamp,
    /// It has no network until then.
    pub(crate) offline_until: Timestamp,
}

/// A conversation in a browser.
#[derive(Debug)]
pub(crate) struct Window {
    /// No other window ever has this number.
    pub(crate) number: u64,
    pub(crate) client: ChatClient,
    pub(crate) conversation: ConversationId,
    pub(crate) wire: Option<WireId>,
    /// For when its timer is set.
    tick_at: Option<Timestamp>,
    /// How much was shown when the checks last looked.
    pub(crate) checked: (usize, Sequence),
    /// On which socket it has known that something is missing, and how many times in a row the checks have seen it so.
    pub(crate) lacks: (Option<WireId>, u32),
}

impl Device {
    /// A device that was switched on at some time.
    pub(crate) fn new(random: &mut Random) -> Self {
        Self { origin: random.millis(0, 1_000_000), ..Self::default() }
    }

    /// Puts the wall clock wrong, or right.
    pub(crate) fn skew(&mut self, random: &mut Random) {
        (self.ahead, self.behind) = match random.below(4) {
            0 => (0, 0),
            1 => (random.below(5_000), 0),
            2 => (random.below(86_400_000), 0),
            _ => (0, random.below(86_400_000)),
        };
    }

    pub(crate) fn is_asleep(&self, now: Timestamp) -> bool {
        now < self.asleep_until
    }

    pub(crate) fn is_offline(&self, now: Timestamp) -> bool {
        now < self.offline_until
    }

    /// What its wall clock says.
    pub(crate) fn clock(&self, now: Timestamp) -> Timestamp {
        let ahead = now.after(Span::from_millis(self.ahead));
        Timestamp::from_millis(ahead.as_millis() - self.behind)
    }

    /// What its steady clock says: the time since it was switched on, which no other device knows.
    fn steady(&self, now: Timestamp) -> Timestamp {
        now.after(self.origin)
    }

    /// When its steady clock will say this.
    fn when(&self, steady: Timestamp) -> Timestamp {
        Timestamp::from_millis(steady.as_millis().saturating_sub(self.origin.as_millis()))
    }
}

impl Window {
    pub(crate) fn new(conversation: ConversationId, number: u64) -> Self {
        Self {
            number,
            client: ChatClient::new(),
            conversation,
            wire: None,
            tick_at: None,
            checked: Default::default(),
            lacks: (None, 0),
        }
    }
}

impl World {
    pub(crate) fn device(&self, endpoint: Endpoint) -> &Device {
        match endpoint {
            Endpoint::Tab(visitor, _) => &self.visitors[visitor].device,
            Endpoint::Desk(place) | Endpoint::Chat(place, _) => &self.consoles[place].device,
        }
    }

    /// The window at this place, if it is open.
    pub(crate) fn window(&mut self, endpoint: Endpoint) -> Option<&mut Window> {
        match endpoint {
            Endpoint::Tab(visitor, tab) => self.visitors[visitor].tabs[tab].window.as_mut(),
            Endpoint::Chat(place, conversation) => self.consoles[place].chats.get_mut(&conversation),
            Endpoint::Desk(_) => None,
        }
    }

    /// Tells the machine what happened, and does what it orders.
    pub(crate) fn drive(&mut self, endpoint: Endpoint, input: Input) {
        let clock = self.device(endpoint).steady(self.now);
        let Some(window) = self.window(endpoint) else { return };
        let welcomed = matches!(input, Input::Frame(ServerFrame::Welcome { .. }));
        let outputs = window.client.handle(clock, input);
        let mut gave_up = false;
        for output in outputs {
            gave_up |= output == Output::Disconnect;
            self.carry_out(endpoint, output);
        }
        if gave_up {
            let random = self.random.half();
            self.drive(endpoint, Input::Closed { random });
        }
        // A visitor's tab also sends what other tabs have left in the store.
        if welcomed && matches!(endpoint, Endpoint::Tab(..)) {
            self.restore_drafts(endpoint);
        }
        self.check_window(endpoint);
        self.set_timer(endpoint);
        if let Endpoint::Tab(visitor, tab) = endpoint {
            self.leave_if_refused(visitor, tab);
        }
    }

    fn carry_out(&mut self, endpoint: Endpoint, output: Output) {
        let Some(window) = self.window(endpoint) else { return };
        let (conversation, wire) = (window.conversation, window.wire);
        let is_tab = matches!(endpoint, Endpoint::Tab(..));
        if !matches!(output, Output::Show(_)) {
            trace!(self, "  {endpoint:?}: {output:?}");
        }
        match output {
            Output::Connect if is_tab => self.transport(endpoint, |transport, _| transport.connect()),
            Output::Disconnect if is_tab => self.give_link_up(endpoint),
            Output::Send(frame) if is_tab => {
                self.transport(endpoint, |transport, token| transport.send(frame, token));
            }
            Output::Ping if is_tab => self.transport(endpoint, |transport, _| transport.ping()),
            Output::Connect => {
                self.drop_wire(endpoint);
                let wire = self.connect(endpoint, Some(conversation));
                if let Some(window) = self.window(endpoint) {
                    window.wire = Some(wire);
                }
            }
            Output::Disconnect => self.drop_wire(endpoint),
            Output::Send(frame) => match wire {
                Some(wire) => self.send_up(wire, Up::Live(frame)),
                None => self.violate(format!("{endpoint:?} sends without a socket: {frame:?}")),
            },
            Output::Ping => {
                if let Some(wire) = wire {
                    self.send_up(wire, Up::Ping);
                }
            }
            Output::Keep(draft) => self.keep(endpoint, conversation, draft),
            Output::Forget(message) => self.forget(endpoint, conversation, message),
            Output::Show(_) => {}
        }
    }

    fn keep(&mut self, endpoint: Endpoint, conversation: ConversationId, draft: Draft) {
        let drafts = match endpoint {
            Endpoint::Tab(visitor, _) => &mut self.visitors[visitor].drafts,
            Endpoint::Chat(place, _) => &mut self.consoles[place].drafts,
            Endpoint::Desk(_) => return,
        };
        if let Some(written) = self.written.get_mut(&draft.message) {
            written.was_refused |= matches!(draft.delivery, Delivery::Failed(_));
        }
        drafts.insert(draft.message, (conversation, draft));
        for other in self.other_tabs(endpoint, conversation) {
            self.at(self.now.after(Self::DRAFTED), Event::Drafted(other));
        }
    }

    /// The other tabs that show this conversation.
    fn other_tabs(&self, endpoint: Endpoint, conversation: ConversationId) -> Vec<Endpoint> {
        let Endpoint::Tab(visitor, tab) = endpoint else { return Vec::new() };
        let shows = |window: &Window| window.conversation == conversation;
        let tabs = self.visitors[visitor].tabs.iter().enumerate();
        let others = tabs.filter(|(other, of)| *other != tab && of.window.as_ref().is_some_and(shows));
        others.map(|(other, _)| Endpoint::Tab(visitor, other)).collect()
    }

    fn forget(&mut self, endpoint: Endpoint, conversation: ConversationId, message: MessageId) {
        match endpoint {
            Endpoint::Tab(visitor, _) => {
                self.visitors[visitor].drafts.remove(&message);
                for other in self.other_tabs(endpoint, conversation) {
                    self.later(0, 20, Event::DraftGone(other, message));
                }
            }
            Endpoint::Chat(place, _) => drop(self.consoles[place].drafts.remove(&message)),
            Endpoint::Desk(_) => {}
        }
    }

    /// Gives the machine the drafts of its conversation that the store has.
    pub(crate) fn restore_drafts(&mut self, endpoint: Endpoint) {
        let Some(conversation) = self.window(endpoint).map(|window| window.conversation) else { return };
        let drafts = match endpoint {
            Endpoint::Tab(visitor, _) => &self.visitors[visitor].drafts,
            Endpoint::Chat(place, _) => &self.consoles[place].drafts,
            Endpoint::Desk(_) => return,
        };
        let of_conversation = drafts.values().filter(|(of, _)| *of == conversation);
        let drafts: Vec<Draft> = of_conversation.map(|(_, draft)| draft.clone()).collect();
        if !drafts.is_empty() {
            self.drive(endpoint, Input::Restore(drafts));
        }
    }

    /// The device lets go of the socket that it has.
    pub(crate) fn drop_wire(&mut self, endpoint: Endpoint) {
        let wire = match endpoint {
            Endpoint::Desk(place) => self.consoles[place].wire.take(),
            _ => self.window(endpoint).and_then(|window| window.wire.take()),
        };
        if let Some(wire) = wire {
            self.close_up(wire);
        }
    }

    fn wire_of(&mut self, endpoint: Endpoint) -> Option<WireId> {
        match endpoint {
            Endpoint::Desk(place) => self.consoles[place].wire,
            _ => self.window(endpoint).and_then(|window| window.wire),
        }
    }

    /// The endpoint of a wire, if the wire is the one that it has, and the device is awake. If it sleeps, the event comes
    /// again when it wakes.
    fn listener(&mut self, wire: WireId, event: impl FnOnce() -> Event) -> Option<Endpoint> {
        let endpoint = self.wires.get(&wire)?.endpoint;
        if self.wire_of(endpoint) != Some(wire) {
            return None;
        }
        (!self.put_off(endpoint, event)).then_some(endpoint)
    }

    pub(crate) fn opened(&mut self, wire: WireId) {
        let listener = self.listener(wire, || Event::Opened(wire));
        if let Some(wire) = self.wires.get_mut(&wire).filter(|_| listener.is_some()) {
            wire.opened = true;
        }
        match listener {
            Some(Endpoint::Desk(place)) => self.desk_opened(place, wire),
            Some(endpoint) => self.drive(endpoint, Input::Opened),
            None => {}
        }
    }

    pub(crate) fn arrive_down(&mut self, wire: WireId, frame: Down) {
        let Some(endpoint) = self.listener(wire, || Event::Down(wire, frame.clone())) else { return };
        match (endpoint, frame) {
            (Endpoint::Desk(place), frame) => self.desk_hears(place, frame),
            (endpoint, Down::Live(frame)) => {
                self.check_frame(endpoint, &frame);
                self.relay(endpoint, &frame);
                self.drive(endpoint, Input::Frame(frame));
            }
            (endpoint, Down::Pong) => self.drive(endpoint, Input::Pong),
            (_, Down::Desk(_)) => {}
        }
    }

    pub(crate) fn closed_down(&mut self, wire: WireId) {
        let Some(endpoint) = self.listener(wire, || Event::DownClosed(wire)) else { return };
        self.drop_wire(endpoint);
        match endpoint {
            Endpoint::Desk(place) => self.desk_lost(place),
            endpoint => {
                let random = self.random.half();
                self.link_closed(endpoint, random);
            }
        }
    }

    fn set_timer(&mut self, endpoint: Endpoint) {
        let Some(window) = self.window(endpoint) else { return };
        let (deadline, set) = (window.client.next_deadline(), window.tick_at);
        let device = self.device(endpoint);
        let Some(at) =
            deadline.map(|deadline| device.when(deadline).max(self.now.after(Span::from_millis(1))))
        else {
            return;
        };
        if set.is_some_and(|set| set <= at) {
            return;
        }
        if let Some(window) = self.window(endpoint) {
            window.tick_at = Some(at);
        }
        self.at(at, Event::Tick(endpoint));
    }

    /// A timer rings.
    pub(crate) fn tick(&mut self, endpoint: Endpoint) {
        let (at, now) = (self.asleep_until(endpoint), self.now);
        let Some(window) = self.window(endpoint) else { return };
        if window.tick_at.is_none_or(|set| now < set) {
            return;
        }
        if now < at {
            window.tick_at = Some(at);
            self.at(at, Event::Tick(endpoint));
            return;
        }
        window.tick_at = None;
        self.drive(endpoint, Input::Tick);
    }

    /// The network is back, or somebody looks at the page again.
    pub(crate) fn wake(&mut self, endpoint: Endpoint) {
        match endpoint {
            Endpoint::Desk(place) => self.connect_desk(place),
            endpoint if self.put_off(endpoint, || Event::Wake(endpoint)) => {}
            endpoint => self.drive(endpoint, Input::Wake),
        }
    }

    /// Another tab has sent a draft, or given it up.
    pub(crate) fn draft_gone(&mut self, endpoint: Endpoint, message: MessageId) {
        if !self.put_off(endpoint, || Event::DraftGone(endpoint, message)) {
            self.drive(endpoint, Input::Discard { message });
        }
    }

    /// All places at which this device has something.
    pub(crate) fn endpoints(&self, endpoint: Endpoint) -> Vec<Endpoint> {
        match endpoint {
            Endpoint::Tab(visitor, _) => {
                (0..self.visitors[visitor].tabs.len()).map(|tab| Endpoint::Tab(visitor, tab)).collect()
            }
            Endpoint::Desk(place) | Endpoint::Chat(place, _) => {
                let chats = self.consoles[place].chats.keys().map(|id| Endpoint::Chat(place, *id));
                chats.chain([Endpoint::Desk(place)]).collect()
            }
        }
    }
}
