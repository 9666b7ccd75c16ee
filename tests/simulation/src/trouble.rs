//! What goes wrong, from time to time, as the plan says; and how everything becomes well again.

use crate::network::{Endpoint, WireId};
use crate::plan::Fault;
use crate::world::{Event, World, on, trace};
use shared::time::{Span, Timestamp};

impl World {
    /// Something goes wrong, and again later.
    pub(crate) fn trouble(&mut self) {
        if !self.troubled {
            return;
        }
        self.later(500, 25_000, Event::Trouble);
        self.check_who_is_there();
        let Some(fault) = self.random.pick(self.plan.faults.clone().into_iter()) else { return };
        trace!(self, "  {fault:?}");
        match fault {
            Fault::Close => self.cut(),
            Fault::OneWayCut => {
                if let Some(wire) = self.any_wire() {
                    let up = self.random.chance(500);
                    self.silence(wire, up, !up);
                }
            }
            Fault::BothWaysCut => {
                if let Some(wire) = self.any_wire() {
                    self.silence(wire, true, true);
                }
            }
            Fault::Reload => self.reload(),
            Fault::TabCrash | Fault::LeaderClosed | Fault::LeaderCrash | Fault::LeaderHangs => {
                self.end_tab(fault);
            }
            Fault::Sleep => self.sleep(1_000, 400_000),
            Fault::SessionExpiry => self.oversleep(),
            Fault::Offline => self.offline(),
            Fault::ClockSkew => {
                let device = self.any_device();
                let mut random = self.random.clone();
                match device {
                    Endpoint::Tab(visitor, _) => self.visitors[visitor].device.skew(&mut random),
                    Endpoint::Desk(place) | Endpoint::Chat(place, _) => {
                        self.consoles[place].device.skew(&mut random);
                    }
                }
                self.random = random;
            }
            Fault::Crash => {
                let names = self.names();
                let all = self.random.chance(200);
                let one = self.random.pick(names.clone().into_iter());
                for name in names.into_iter().filter(|name| all || Some(*name) == one) {
                    if self.is_up(name) {
                        self.die(name);
                    }
                }
            }
            Fault::Hibernate => {
                for name in self.names() {
                    on!(self, name, object => object.hibernate());
                }
            }
            // These happen by themselves, on the way.
            Fault::Drop
            | Fault::Duplicate
            | Fault::Reorder
            | Fault::Delay
            | Fault::DeathBeforeCommit
            | Fault::DeathAfterCommit
            | Fault::WriteFault
            | Fault::NoRoom
            | Fault::DeliveryLost
            | Fault::DeliveryTwice
            | Fault::RequestLost => {}
        }
    }

    /// A tab, or the one that leads, ends or hangs.
    fn end_tab(&mut self, fault: Fault) {
        let tab = if fault == Fault::TabCrash { self.any_tab() } else { self.any_leader() };
        let Some((visitor, tab)) = tab else { return };
        match fault {
            Fault::LeaderClosed => self.close_tab(visitor, tab),
            Fault::LeaderHangs => self.hang_tab(visitor, tab),
            _ => self.crash_tab(visitor, tab),
        }
    }

    fn any_wire(&mut self) -> Option<WireId> {
        let alive = self.wires.iter().filter(|(_, wire)| wire.up.alive || wire.down.alive);
        self.random.pick(alive.map(|(id, _)| *id).collect::<Vec<_>>().into_iter())
    }

    fn any_tab(&mut self) -> Option<(usize, usize)> {
        let tabs = self
            .visitors
            .iter()
            .enumerate()
            .flat_map(|(visitor, of)| (0..of.tabs.len()).map(move |tab| (visitor, tab)));
        let open: Vec<_> =
            tabs.filter(|(visitor, tab)| self.visitors[*visitor].tabs[*tab].is_open()).collect();
        self.random.pick(open.into_iter())
    }

    fn any_device(&mut self) -> Endpoint {
        let visitors = (0..self.visitors.len()).map(|visitor| Endpoint::Tab(visitor, 0));
        let devices: Vec<_> = visitors.chain((0..self.consoles.len()).map(Endpoint::Desk)).collect();
        self.random.pick(devices.into_iter()).unwrap_or(Endpoint::Desk(0))
    }

    fn cut(&mut self) {
        let Some(wire) = self.any_wire() else { return };
        self.close_down(wire);
        self.close_up(wire);
        self.silence(wire, true, true);
    }

    fn reload(&mut self) {
        if self.random.chance(300) {
            let consoles = self.consoles.len() as u64;
            let place = usize::try_from(self.random.below(consoles)).unwrap_or(0);
            self.reload_console(place);
        } else if let Some((visitor, tab)) = self.any_tab() {
            self.close_tab(visitor, tab);
            self.open_tab(visitor, tab);
        }
    }

    /// A device does nothing for so many milliseconds.
    pub(crate) fn sleep(&mut self, least: u64, most: u64) {
        let device = self.any_device();
        // What waits for a window keeps its order, so one pause does not lengthen another.
        if self.endpoints(device).into_iter().any(|endpoint| self.now < self.asleep_until(endpoint)) {
            return;
        }
        let until = self.now.after(self.random.millis(least, most));
        self.change_device(device, |device| device.asleep_until = until);
        for endpoint in self.endpoints(device) {
            if self.random.chance(500) {
                self.silence_endpoint(endpoint);
            }
            if self.random.chance(700) {
                self.at(until, Event::Wake(endpoint));
            }
        }
    }

    fn offline(&mut self) {
        let device = self.any_device();
        let until = self.now.after(self.random.millis(500, 300_000));
        self.change_device(device, |device| device.offline_until = until);
        for endpoint in self.endpoints(device) {
            self.silence_endpoint(endpoint);
            if self.random.chance(700) {
                self.at(until, Event::Wake(endpoint));
            }
        }
    }

    pub(crate) fn silence_endpoint(&mut self, endpoint: Endpoint) {
        let wires: Vec<_> =
            self.wires.iter().filter(|(_, wire)| wire.endpoint == endpoint).map(|(id, _)| *id).collect();
        for wire in wires {
            self.silence(wire, true, true);
        }
    }

    fn change_device(&mut self, endpoint: Endpoint, change: impl FnOnce(&mut crate::browser::Device)) {
        match endpoint {
            Endpoint::Tab(visitor, _) => change(&mut self.visitors[visitor].device),
            Endpoint::Desk(place) | Endpoint::Chat(place, _) => change(&mut self.consoles[place].device),
        }
    }

    /// From now on nothing goes wrong any more. What went wrong before is left to be found out: an unruly socket only
    /// behaves from now on, and what it swallowed is missing until both sides compare what they hold.
    pub(crate) fn heal(&mut self) {
        trace!(self, "HEALING");
        self.troubled = false;
        self.prolong_sessions();
        let online = Timestamp::from_millis(0);
        for place in 0..self.visitors.len() {
            self.visitors[place].device.offline_until = online;
            for tab in 0..self.visitors[place].tabs.len() {
                self.open_tab(place, tab);
            }
        }
        for place in 0..self.consoles.len() {
            self.consoles[place].device.offline_until = online;
        }
        self.change_settings(true);
    }

    /// Time passes until everything is settled; if that takes too long, a rule is broken.
    pub(crate) fn settle(&mut self) {
        const LIMIT: Span = Span::from_secs(40 * 60);
        let end = self.now.after(LIMIT);
        while self.broken.is_none() {
            self.run_until(self.now.after(Span::from_secs(15)));
            self.read_all_history();
            self.check_catching_up();
            self.check_who_is_there();
            match self.check_settled() {
                Ok(()) => return,
                Err(reason) if self.now > end => self.violate(format!("it does not settle: {reason}")),
                Err(_) => {}
            }
        }
    }

    /// Every window asks for what it has not loaded yet.
    fn read_all_history(&mut self) {
        let devices = (0..self.visitors.len()).map(|visitor| Endpoint::Tab(visitor, 0));
        let devices: Vec<_> = devices.chain((0..self.consoles.len()).map(Endpoint::Desk)).collect();
        let endpoints: Vec<_> = devices.into_iter().flat_map(|device| self.endpoints(device)).collect();
        for endpoint in endpoints {
            self.drive(endpoint, shared::client::Input::LoadEarlier);
        }
    }
}
