//! Sockets between devices and objects: two ways, each of them in order, that can be slow, closed, or silent without a
//! word. An unruly socket also drops, repeats and reorders frames, which no real one does.

use shared::id::{ConnectionId, ConversationId};
use shared::time::Timestamp;

use crate::object::{Down, Name, Order, Up};
use crate::plan::{Fault, representative};
use crate::router::DeskSeat;
use crate::shard::Seat;
use crate::world::{Event, World, on};

/// A socket. Its number is its connection id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WireId(pub(crate) u64);

/// What has a socket on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Of a visitor.
    Tab(usize, usize),
    /// Of a console.
    Desk(usize),
    /// A conversation in a console.
    Chat(usize, ConversationId),
}

/// One socket.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) endpoint: Endpoint,
    target: Name,
    conversation: Option<ConversationId>,
    pub(crate) up: Way,
    pub(crate) down: Way,
    /// Whether it may drop, repeat and reorder frames.
    unruly: bool,
    /// Whether the device knows that it is open.
    pub(crate) opened: bool,
    /// Since when it is dead one way or both, if it is.
    pub(crate) dead_since: Option<Timestamp>,
}

/// One direction of a socket.
#[derive(Debug)]
pub(crate) struct Way {
    /// False: whatever is sent is lost, and nobody is told.
    pub(crate) alive: bool,
    /// When the last frame arrives.
    last: Timestamp,
}

impl WireId {
    pub(crate) fn connection(self) -> ConnectionId {
        ConnectionId::from_u128(self.0.into())
    }

    fn of(connection: ConnectionId) -> Self {
        let bytes = connection.as_bytes();
        Self(bytes[8..].iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }
}

impl World {
    /// Begins to open a socket.
    pub(crate) fn connect(&mut self, endpoint: Endpoint, conversation: Option<ConversationId>) -> WireId {
        let target = conversation.map_or(Name::Router, |id| Name::Shard(id.shard().number()));
        let wire = WireId(self.ticket());
        let unruly = conversation.is_some() && self.troubled && self.random.chance(500);
        let way = || Way { alive: true, last: Timestamp::from_millis(0) };
        let (up, down, opened, dead_since) = (way(), way(), false, None);
        self.wires
            .insert(wire, Wire { endpoint, target, conversation, up, down, unruly, opened, dead_since });
        self.counts.sockets += 1;
        if self.device(endpoint).is_offline(self.now) {
            self.silence(wire, true, true);
            if self.random.chance(500) {
                self.later(1, 200, Event::DownClosed(wire));
            }
        } else {
            let delay = self.delay();
            self.at(self.now.after(delay), Event::Open(wire));
        }
        wire
    }

    /// From now on nothing gets through in these directions.
    pub(crate) fn silence(&mut self, wire: WireId, up: bool, down: bool) {
        let now = self.now;
        if let Some(wire) = self.wires.get_mut(&wire) {
            wire.dead_since.get_or_insert(now);
            wire.up.alive &= !up;
            wire.down.alive &= !down;
        }
    }

    /// An upgrade request arrives.
    pub(crate) fn open(&mut self, id: WireId) {
        let Some(wire) = self.wires.get(&id) else { return };
        let (target, endpoint, conversation) = (wire.target, wire.endpoint, wire.conversation);
        if !self.is_up(target) || !self.seat(id, endpoint, target, conversation) {
            self.close_down(id);
            return;
        }
        self.send_on(id, false, Event::Opened(id));
    }

    /// Establishes who opens a socket, and seats them. Tells whether there is a seat.
    fn seat(
        &mut self,
        id: WireId,
        endpoint: Endpoint,
        target: Name,
        conversation: Option<ConversationId>,
    ) -> bool {
        let (now, mut orders) = (self.now, Vec::new());
        let seated = match (endpoint, conversation, target) {
            (Endpoint::Desk(place), None, _) => self.session_of(place).map(|(session, until)| {
                let seat = DeskSeat { representative: representative(place), session, until };
                self.router.accept(now, id.connection(), seat, &mut orders);
            }),
            (Endpoint::Chat(place, _), Some(conversation), Name::Shard(shard)) => {
                let session = self.session_of(place).filter(|_| self.takes_part(place, conversation));
                session.map(|(_, until)| {
                    let staff = Some(representative(place));
                    let seat = Seat { conversation, sender: None, staff, admitted: now, until };
                    self.shards[usize::from(shard)].accept(now, id.connection(), seat, &mut orders);
                })
            }
            (Endpoint::Tab(..), Some(conversation), Name::Shard(shard)) => {
                let seat = Seat { conversation, sender: None, staff: None, admitted: now, until: None };
                self.shards[usize::from(shard)].accept(now, id.connection(), seat, &mut orders);
                Some(())
            }
            _ => None,
        };
        self.obey(target, orders);
        seated.is_some()
    }

    /// What the router says when the gateway asks it.
    fn takes_part(&mut self, place: usize, conversation: ConversationId) -> bool {
        if !self.router.up {
            return false;
        }
        let mut orders = Vec::new();
        let takes_part =
            self.router.awake(&mut orders).machine.takes_part(representative(place), conversation);
        self.obey(Name::Router, orders);
        takes_part
    }

    /// A device sends a frame.
    pub(crate) fn send_up(&mut self, wire: WireId, frame: Up) {
        self.send_frame(wire, true, || Event::Up(wire, frame.clone()));
    }

    /// An object sends a frame.
    pub(crate) fn send_down(&mut self, connection: ConnectionId, frame: Down) {
        let wire = WireId::of(connection);
        self.send_frame(wire, false, || Event::Down(wire, frame.clone()));
    }

    fn send_frame(&mut self, wire: WireId, up: bool, event: impl Fn() -> Event) {
        let unruly = self.wires.get(&wire).is_some_and(|wire| wire.unruly);
        if unruly && self.goes_wrong(Fault::Drop, 40) {
            return;
        }
        if unruly && self.goes_wrong(Fault::Duplicate, 40) {
            self.send_on(wire, up, event());
        }
        if unruly && self.goes_wrong(Fault::Reorder, 80) {
            // Overtakes, or is overtaken.
            if self.wires.get(&wire).is_some_and(|wire| if up { wire.up.alive } else { wire.down.alive }) {
                let late = self.random.millis(0, 3_000);
                self.at(self.now.after(late), event());
            }
            return;
        }
        self.send_on(wire, up, event());
    }

    /// Sends something on its way, behind everything that was sent before.
    fn send_on(&mut self, wire: WireId, up: bool, event: Event) {
        let delay = self.delay();
        let now = self.now;
        let Some(wire) = self.wires.get_mut(&wire) else { return };
        let way = if up { &mut wire.up } else { &mut wire.down };
        if way.alive {
            way.last = now.after(delay).max(way.last);
            let at = way.last;
            self.at(at, event);
        }
    }

    /// The object's end is closed, or there is none.
    pub(crate) fn close_down(&mut self, wire: WireId) {
        self.send_on(wire, false, Event::DownClosed(wire));
    }

    /// The same, by connection.
    pub(crate) fn close_connection(&mut self, connection: ConnectionId) {
        self.close_down(WireId::of(connection));
    }

    /// The device's end is closed. If the object cannot be told, it has to find out by itself.
    pub(crate) fn close_up(&mut self, wire: WireId) {
        self.send_on(wire, true, Event::UpClosed(wire));
        self.silence(wire, true, true);
    }

    /// A frame arrives at an object.
    pub(crate) fn arrive_up(&mut self, id: WireId, frame: Up) {
        let Some(wire) = self.wires.get(&id) else { return };
        let (target, now) = (wire.target, self.now);
        let mut orders: Vec<Order> = Vec::new();
        let is_open = self.is_up(target)
            && on!(self, target, object => object.message(now, id.connection(), frame, &mut orders));
        self.obey(target, orders);
        if !is_open {
            self.close_down(id);
        }
    }

    /// An object hears that a socket is gone.
    pub(crate) fn closed_up(&mut self, id: WireId) {
        let Some(target) = self.wires.remove(&id).map(|wire| wire.target) else { return };
        let mut orders = Vec::new();
        if self.is_up(target) {
            on!(self, target, object => object.close(id.connection(), &mut orders));
        }
        self.obey(target, orders);
    }
}
