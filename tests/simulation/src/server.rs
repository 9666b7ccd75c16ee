//! The objects' side of the world: turns and what becomes of them, deliveries, calls, alarms, death and restart.

use shared::protocol::live::ServerFrame;
use shared::time::Timestamp;

use crate::object::{Answer, Down, Fate, Name, Order};
use crate::outbox::Delivery;
use crate::plan::Fault;
use crate::shard;
use crate::world::{Call, Caller, Event, UnderWay, World, on, trace};

impl World {
    pub(crate) fn is_up(&self, name: Name) -> bool {
        match name {
            Name::Shard(number) => self.shards[usize::from(number)].up,
            Name::Router => self.router.up,
            Name::Settings => self.settings.up,
            Name::Records => self.records.up,
        }
    }

    /// The names of all objects.
    pub(crate) fn names(&self) -> Vec<Name> {
        let shards = (0..self.plan.shards).map(Name::Shard);
        shards.chain([Name::Router, Name::Settings, Name::Records]).collect()
    }

    /// Does what an object has ordered.
    pub(crate) fn obey(&mut self, name: Name, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Send(connection, frame) => {
                    trace!(self, "  {name:?} sends to {connection}: {frame:?}");
                    if let Down::Live(ServerFrame::Refused { message: Some(message), problem }) = &frame
                        && problem.retry_after.is_none()
                        && let Some(written) = self.written.get_mut(message)
                    {
                        written.was_refused = true;
                    }
                    self.send_down(connection, frame);
                }
                Order::Close(connection) => self.close_connection(connection),
                Order::Answer(ticket, result) => {
                    trace!(self, "  {name:?} answers {ticket}: {result:?}");
                    let lost = self.goes_wrong(Fault::RequestLost, 200);
                    self.answer(ticket, result.ok().filter(|_| !lost));
                }
                Order::Deliver(target, delivery) => self.send_delivery(name, target, delivery),
                Order::Acknowledge(ticket, done) => {
                    let lost = self.goes_wrong(Fault::DeliveryLost, 150);
                    self.acknowledge(ticket, done && !lost);
                }
                Order::Turn => {
                    let life = on!(self, name, object => object.life);
                    self.soon(Event::Turn(name, life));
                }
                Order::Alarm(at) => self.at(at, Event::Alarm(name, at)),
            }
        }
    }

    pub(crate) fn turn(&mut self, name: Name, life: u64) {
        if self.is_up(name) && on!(self, name, object => object.life) == life {
            self.take_turn(name);
        }
    }

    fn take_turn(&mut self, name: Name) {
        let fate = self.fate();
        let no_room_for = self.goes_wrong(Fault::NoRoom, 100).then(|| self.random.below(3));
        if fate != Fate::Committed {
            self.counts.lost_turns += 1;
            trace!(self, "  {fate:?}");
        }
        let (now, mut orders) = (self.now, Vec::new());
        on!(self, name, object => object.take_turn(now, fate, no_room_for, &mut orders));
        self.check_object(name);
        match fate {
            Fate::Committed => {
                on!(self, name, object => object.ringing = None);
                self.obey(name, orders);
            }
            Fate::Fault => {
                let rang = on!(self, name, object => object.ringing.take());
                self.obey(name, orders);
                if let Some(at) = rang {
                    // The runtime rings again after a while.
                    on!(self, name, object => object.disk.alarm = Some(at));
                    self.later(1_000, 3_000, Event::Alarm(name, at));
                }
            }
            Fate::DiesBefore | Fate::DiesAfter => self.die(name),
        }
    }

    fn fate(&mut self) -> Fate {
        const FATES: [(Fault, Fate); 3] = [
            (Fault::DeathBeforeCommit, Fate::DiesBefore),
            (Fault::DeathAfterCommit, Fate::DiesAfter),
            (Fault::WriteFault, Fate::Fault),
        ];
        let fate = FATES.into_iter().find(|(fault, _)| self.goes_wrong(*fault, 9));
        fate.map_or(Fate::Committed, |(_, fate)| fate)
    }

    pub(crate) fn alarm(&mut self, name: Name, at: Timestamp) {
        let set = on!(self, name, object => object.disk.alarm);
        if !self.is_up(name) || set != Some(at) {
            return;
        }
        let (now, mut orders) = (self.now, Vec::new());
        on!(self, name, object => object.alarm(now, &mut orders));
        self.obey(name, orders);
        self.take_turn(name);
    }

    /// The process of an object dies.
    pub(crate) fn die(&mut self, name: Name) {
        self.counts.deaths += 1;
        trace!(self, "  {name:?} dies");
        let sockets = on!(self, name, object => object.die());
        for connection in sockets {
            // Some clients are told by their network; the others find out.
            if self.random.chance(700) {
                self.close_connection(connection);
            }
        }
        let lost = self.under_way.iter().filter(|(_, under_way)| under_way.target == name);
        for ticket in lost.map(|(ticket, _)| *ticket).collect::<Vec<_>>() {
            self.acknowledge(ticket, false);
        }
        let unanswered = self.calls.iter().filter(|(_, (target, _))| *target == name);
        for ticket in unanswered.map(|(ticket, _)| *ticket).collect::<Vec<_>>() {
            self.answer(ticket, None);
        }
        self.later(0, 8_000, Event::Restart(name));
    }

    /// The process runs again, and its alarm rings if it was set.
    pub(crate) fn restart(&mut self, name: Name) {
        on!(self, name, object => object.up = true);
        if let Some(at) = on!(self, name, object => object.disk.alarm) {
            self.at(at, Event::Alarm(name, at));
        }
    }

    fn send_delivery(&mut self, source: Name, target: Name, delivery: Delivery) {
        let ticket = self.ticket();
        let life = on!(self, source, object => object.life);
        self.under_way.insert(ticket, UnderWay { source, life, target, last: delivery.last() });
        if self.goes_wrong(Fault::DeliveryLost, 100) {
            self.later(100, 5_000, Event::Delivered(ticket, false));
            return;
        }
        if self.goes_wrong(Fault::DeliveryTwice, 150) {
            // Nobody waits for the answer to the second copy.
            let copy = self.ticket();
            self.later(1, 20_000, Event::Deliver(copy, target, delivery.clone()));
        }
        let delay = self.delay();
        self.at(self.now.after(delay), Event::Deliver(ticket, target, delivery));
    }

    /// A delivery arrives at its target.
    pub(crate) fn deliver(&mut self, ticket: u64, target: Name, delivery: Delivery) {
        if !self.is_up(target) {
            self.acknowledge(ticket, false);
            return;
        }
        let mut orders = Vec::new();
        on!(self, target, object => object.take_delivery(ticket, delivery, &mut orders));
        self.obey(target, orders);
    }

    fn acknowledge(&mut self, ticket: u64, done: bool) {
        let delay = self.delay();
        self.at(self.now.after(delay), Event::Delivered(ticket, done));
    }

    /// The source hears what became of its delivery, if it still lives.
    pub(crate) fn delivered(&mut self, ticket: u64, done: bool) {
        let Some(UnderWay { source, life, target, last }) = self.under_way.remove(&ticket) else { return };
        if !self.is_up(source) || on!(self, source, object => object.life) != life {
            return;
        }
        let (now, mut orders) = (self.now, Vec::new());
        on!(self, source, object => object.delivered(now, target, last, done, &mut orders));
        self.obey(source, orders);
    }

    /// Asks an object something.
    pub(crate) fn ask(&mut self, target: Name, caller: Caller, call: Call) {
        let ticket = self.ticket();
        self.calls.insert(ticket, (target, caller));
        if self.goes_wrong(Fault::RequestLost, 150) {
            self.later(1_000, 10_000, Event::Answered(ticket, None));
            if self.random.chance(300) {
                // It is only late: it arrives when nobody waits for an answer any more.
                let copy = self.ticket();
                self.calls.insert(copy, (target, Caller::Nobody));
                self.later(1_000, 30_000, Event::Call(copy, call));
            }
            return;
        }
        let delay = self.delay();
        self.at(self.now.after(delay), Event::Call(ticket, call));
    }

    /// A call arrives.
    pub(crate) fn call(&mut self, ticket: u64, call: Call) {
        let Some((target, _)) = self.calls.get(&ticket).copied() else { return };
        if !self.is_up(target) {
            self.answer(ticket, None);
            return;
        }
        let mut orders = Vec::new();
        match (call, target) {
            (Call::Start { visitor, request, opening }, Name::Shard(number)) => {
                let request = shard::Request::Start { visitor, request, opening };
                self.shards[usize::from(number)].call(ticket, request, &mut orders);
            }
            (Call::Settings(request), _) => self.settings.call(ticket, request, &mut orders),
            (Call::Start { .. }, _) => {}
        }
        self.obey(target, orders);
    }

    fn answer(&mut self, ticket: u64, answer: Option<Answer>) {
        let delay = self.delay();
        self.at(self.now.after(delay), Event::Answered(ticket, answer));
    }

    /// Whoever asked hears the answer, or that there is none.
    pub(crate) fn answered(&mut self, ticket: u64, answer: Option<Answer>) {
        let Some((_, caller)) = self.calls.remove(&ticket) else { return };
        match (caller, answer) {
            (Caller::Tab(visitor, tab, asked, request), answer) => {
                if matches!(answer, Some(Answer::SignedOut)) && self.visitors[visitor].asks_as() == asked {
                    self.open_session(visitor);
                }
                let conversation = match answer {
                    Some(Answer::Conversation(conversation)) => Some(conversation),
                    _ => None,
                };
                self.started(visitor, tab, asked, request, conversation);
            }
            (Caller::SignIn(place, session), Some(_)) => {
                self.consoles[place].session = Some(session);
                self.connect_desk(place);
            }
            (Caller::Renewing(place, session), answer) => self.renewed(place, session, answer),
            // The settings are to be the usual ones at the end, and from the start.
            (Caller::Administrator, None) => self.change_settings(true),
            (Caller::SignIn(..) | Caller::Administrator | Caller::Nobody, _) => {}
        }
    }
}
