//! The world: a clock, a queue of what will happen, the objects, the people's devices, and what connects them.
//!
//! Everything happens in one order that the seed decides. After each step the checks of [`crate::check`] run on whatever
//! it touched; the first rule that does not hold ends the run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use shared::conversation::{Matter, Opening};
use shared::id::{ConversationId, MessageId, RequestId, Shard, VisitorId};
use shared::protocol::live::Visibility;
use shared::time::{Span, Timestamp};

use crate::browser::Device;
use crate::check::Witness;
use crate::console::Console;
use crate::network::{Endpoint, Wire, WireId};
use crate::object::{Answer, Down, Name, Object, Up};
use crate::outbox::Delivery;
use crate::plan::{Fault, Plan};
use crate::random::Random;
use crate::records::{RecordsShell, RecordsTables};
use crate::router::RouterShell;
use crate::settings::{SettingsRequest, SettingsShell, SettingsTables};
use crate::shard::ShardShell;
use crate::store::{ShardTables, StoredVisitor};
use crate::tabs::{LockWord, Word};
use crate::visitor::Visitor;

/// Something that will happen.
#[derive(Debug)]
pub(crate) enum Event {
    // At an object.
    Open(WireId),
    Up(WireId, Up),
    UpClosed(WireId),
    Turn(Name, u64),
    Alarm(Name, Timestamp),
    Deliver(u64, Name, Delivery),
    Delivered(u64, bool),
    Call(u64, Call),
    Answered(u64, Option<Answer>),
    Restart(Name),
    // At a device.
    Opened(WireId),
    Down(WireId, Down),
    DownClosed(WireId),
    Tick(Endpoint),
    Wake(Endpoint),
    /// Another tab no longer keeps this draft.
    DraftGone(Endpoint, MessageId),
    /// Another tab has kept a draft a while ago.
    Drafted(Endpoint),
    /// A page, by its number, hears a word of another one.
    Overheard(Endpoint, u64, Word),
    /// A page of this visitor is told about the lock.
    Lock(usize, u64, LockWord),
    /// A console looks after its desk's connection.
    Beat(usize, WireId),
    Connect(usize),
    // People, and what goes wrong.
    Visitor(usize),
    Representative(usize),
    Administrator,
    Trouble,
}

/// A request to an object with an answer.
#[derive(Debug)]
pub(crate) enum Call {
    Start { visitor: VisitorId, request: RequestId, opening: Box<Opening> },
    Settings(SettingsRequest),
}

/// Who waits for the answer of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller {
    Tab(usize, usize, VisitorId, RequestId),
    SignIn(usize, u64),
    Renewing(usize, u64),
    Administrator,
    Nobody,
}

/// A delivery that was not answered yet.
#[derive(Debug)]
pub(crate) struct UnderWay {
    pub(crate) source: Name,
    pub(crate) life: u64,
    pub(crate) target: Name,
    pub(crate) last: u64,
}

/// A message that somebody wrote.
#[derive(Debug)]
pub(crate) struct Written {
    /// In which; none while the writer of a first message has not been told.
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) visibility: Visibility,
    /// Whether it was written into the form. Whoever submits that again when the conversation which it began has ended, and
    /// nobody told them, has it in the next one as well.
    pub(crate) is_first: bool,
    /// What it is to stand in the log as.
    pub(crate) matter: Matter,
    /// The how many-th message of all, and in which window: its messages are to stand in the order of writing.
    pub(crate) number: u64,
    pub(crate) window: u64,
    /// It was refused at least once; what is tried again has lost its place.
    pub(crate) was_refused: bool,
    /// The writer knows that it was not sent: they gave it up, or closed the conversation over it.
    pub(crate) given_up: bool,
}

/// What came to pass, to see that a run was not idle.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Counts {
    /// Events that happened.
    pub steps: u64,
    /// Messages that people wrote.
    pub written: u64,
    /// Messages that are in the log.
    pub stored: u64,
    /// Messages that are marked as failed at their writer.
    pub failed: u64,
    /// Messages that their writer gave up.
    pub given_up: u64,
    /// Conversations that were started.
    pub conversations: u64,
    /// Offers that were made.
    pub offers: u64,
    /// Offers that were accepted and work that was picked.
    pub taken: u64,
    /// Sockets that were opened.
    pub sockets: u64,
    /// Processes that died.
    pub deaths: u64,
    /// Sessions that ran out.
    pub expired: u64,
    /// Turns that were lost or not told to anybody.
    pub lost_turns: u64,
    /// Milliseconds of virtual time.
    pub virtual_ms: u64,
}

impl Counts {
    /// Adds what came to pass elsewhere.
    pub(crate) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.written += other.written;
        self.stored += other.stored;
        self.failed += other.failed;
        self.given_up += other.given_up;
        self.conversations += other.conversations;
        self.offers += other.offers;
        self.taken += other.taken;
        self.sockets += other.sockets;
        self.deaths += other.deaths;
        self.expired += other.expired;
        self.lost_turns += other.lost_turns;
        self.virtual_ms += other.virtual_ms;
    }
}

/// The world.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    queue: BTreeMap<(Timestamp, u64), Event>,
    order: u64,
    pub(crate) random: Random,
    pub(crate) plan: Plan,
    /// Whether things still go wrong.
    pub(crate) troubled: bool,
    pub(crate) shards: Vec<Object<ShardShell>>,
    pub(crate) router: Object<RouterShell>,
    pub(crate) settings: Object<SettingsShell>,
    pub(crate) records: Object<RecordsShell>,
    pub(crate) wires: BTreeMap<WireId, Wire>,
    pub(crate) calls: BTreeMap<u64, (Name, Caller)>,
    pub(crate) under_way: BTreeMap<u64, UnderWay>,
    last_ticket: u64,
    pub(crate) visitors: Vec<Visitor>,
    pub(crate) consoles: Vec<Console>,
    pub(crate) written: BTreeMap<MessageId, Written>,
    pub(crate) witness: Witness,
    pub(crate) counts: Counts,
    pub(crate) trace: Option<String>,
    pub(crate) broken: Option<String>,
}

/// Writes a line of the trace, if there is one.
macro_rules! trace {
    ($world:expr, $($line:tt)*) => {
        if $world.trace.is_some() {
            $world.trace_line(format_args!($($line)*));
        }
    };
}
pub(crate) use trace;

/// Does something with the object of this name, whatever its kind.
macro_rules! on {
    ($world:expr, $name:expr, $object:ident => $body:expr) => {
        match $name {
            $crate::object::Name::Shard(number) => {
                let $object = &mut $world.shards[usize::from(number)];
                $body
            }
            $crate::object::Name::Router => {
                let $object = &mut $world.router;
                $body
            }
            $crate::object::Name::Settings => {
                let $object = &mut $world.settings;
                $body
            }
            $crate::object::Name::Records => {
                let $object = &mut $world.records;
                $body
            }
        }
    };
}
pub(crate) use on;

impl World {
    /// The world of a seed, before anything has happened; with these faults only, if there are any.
    pub(crate) fn new(seed: u64, only: &[Fault], traced: bool) -> Self {
        let mut random = Random::new(seed);
        let plan = Plan::of(seed, only, &mut random);
        let now = Timestamp::from_millis(1_790_000_000_000);
        let lifetime = plan.lifetime;
        let mut tables = vec![ShardTables::new(lifetime); usize::from(plan.shards)];
        let settings = SettingsTables { lifetime, ..SettingsTables::default() };
        let mut visitors = Vec::new();
        for number in 0..plan.visitors {
            let place = random.below(u64::from(plan.shards));
            let shard = u16::try_from(place).ok().and_then(Shard::new).unwrap_or(Shard::FIRST);
            let id = VisitorId::born_in(shard, now, number.to_be_bytes());
            tables[usize::from(shard.number())].visitors.insert(id, StoredVisitor::born(now));
            visitors.push(Visitor::new(id, &mut random));
        }
        let shards = (0_u16..).zip(tables);
        let shards = shards.map(|(number, tables)| Object::new(Name::Shard(number), tables, plan.rows_max));
        let consoles = (0..plan.representatives).map(|_| Console::new(Device::new(&mut random))).collect();
        let mut world = Self {
            now,
            queue: BTreeMap::new(),
            order: 0,
            troubled: true,
            shards: shards.collect(),
            router: Object::new(Name::Router, None, plan.rows_max),
            settings: Object::new(Name::Settings, settings, 1),
            records: Object::new(Name::Records, RecordsTables::default(), 1),
            wires: BTreeMap::new(),
            calls: BTreeMap::new(),
            under_way: BTreeMap::new(),
            last_ticket: 0,
            visitors,
            consoles,
            written: BTreeMap::new(),
            witness: Witness::default(),
            counts: Counts::default(),
            trace: traced.then(String::new),
            broken: None,
            random,
            plan,
        };
        let plan = format!("{:?}", world.plan);
        trace!(world, "{plan}");
        world.begin();
        world
    }

    /// Puts the first events in.
    fn begin(&mut self) {
        let skewed = self.plan.has(Fault::ClockSkew);
        for place in 0..self.visitors.len() {
            if skewed {
                self.visitors[place].device.skew(&mut self.random);
            }
            for tab in 0..self.visitors[place].tabs.len() {
                self.open_tab(place, tab);
            }
            self.later(0, 20_000, Event::Visitor(place));
        }
        for place in 0..self.consoles.len() {
            if skewed {
                self.consoles[place].device.skew(&mut self.random);
            }
            self.later(0, 20_000, Event::Representative(place));
        }
        self.change_settings(true);
        self.later(30_000, 200_000, Event::Administrator);
        self.later(1_000, 20_000, Event::Trouble);
    }

    /// Lets things happen until `end`, or until a rule is broken.
    pub(crate) fn run_until(&mut self, end: Timestamp) {
        while self.broken.is_none()
            && let Some(next) = self.queue.first_entry()
            && next.key().0 <= end
        {
            let (at, _) = *next.key();
            let event = next.remove();
            self.now = self.now.max(at);
            self.counts.steps += 1;
            trace!(self, "{event:?}");
            self.happen(event);
        }
        self.now = self.now.max(end);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Open(wire) => self.open(wire),
            Event::Up(wire, frame) => self.arrive_up(wire, frame),
            Event::UpClosed(wire) => self.closed_up(wire),
            Event::Turn(name, life) => self.turn(name, life),
            Event::Alarm(name, at) => self.alarm(name, at),
            Event::Deliver(ticket, target, delivery) => self.deliver(ticket, target, delivery),
            Event::Delivered(ticket, done) => self.delivered(ticket, done),
            Event::Call(ticket, call) => self.call(ticket, call),
            Event::Answered(ticket, answer) => self.answered(ticket, answer),
            Event::Restart(name) => self.restart(name),
            Event::Opened(wire) => self.opened(wire),
            Event::Down(wire, frame) => self.arrive_down(wire, frame),
            Event::DownClosed(wire) => self.closed_down(wire),
            Event::Tick(endpoint) => self.tick(endpoint),
            Event::Wake(endpoint) => self.wake(endpoint),
            Event::DraftGone(endpoint, message) => self.draft_gone(endpoint, message),
            Event::Drafted(endpoint) => self.drafted(endpoint),
            Event::Overheard(endpoint, page, word) => self.overheard(endpoint, page, word),
            Event::Lock(visitor, page, word) => self.lock_decided(visitor, page, word),
            Event::Beat(console, wire) => self.beat(console, wire),
            Event::Connect(console) => self.connect_desk(console),
            Event::Visitor(place) => self.visitor_acts(place),
            Event::Representative(place) => self.representative_acts(place),
            Event::Administrator => self.administrator_acts(),
            Event::Trouble => self.trouble(),
        }
    }

    /// Something will happen at this time.
    pub(crate) fn at(&mut self, at: Timestamp, event: Event) {
        self.order += 1;
        self.queue.insert((at.max(self.now), self.order), event);
    }

    /// Something will happen after so many milliseconds.
    pub(crate) fn later(&mut self, least: u64, most: u64, event: Event) {
        let at = self.now.after(self.random.millis(least, most));
        self.at(at, event);
    }

    /// Something will happen at the next millisecond at the latest.
    pub(crate) fn soon(&mut self, event: Event) {
        self.later(0, 1, event);
    }

    pub(crate) fn ticket(&mut self) -> u64 {
        self.last_ticket += 1;
        self.last_ticket
    }

    /// How long something takes on its way.
    pub(crate) fn delay(&mut self) -> Span {
        let (least, most) = self.plan.delay;
        if self.troubled && self.plan.has(Fault::Delay) && self.random.chance(30) {
            return self.random.millis(most, 8_000);
        }
        self.random.millis(least, most)
    }

    /// Whether this fault happens now, so often in a thousand times.
    pub(crate) fn goes_wrong(&mut self, fault: Fault, in_a_thousand: u64) -> bool {
        self.troubled && self.plan.has(fault) && self.random.chance(in_a_thousand)
    }

    /// Notes that a rule is broken. The first one counts.
    pub(crate) fn violate(&mut self, rule: String) {
        trace!(self, "BROKEN: {rule}");
        self.broken.get_or_insert(rule);
    }

    pub(crate) fn trace_line(&mut self, line: std::fmt::Arguments<'_>) {
        let seconds = self.now.since(Timestamp::from_millis(1_790_000_000_000)).as_millis();
        if let Some(trace) = &mut self.trace {
            // Writing into a string does not fail.
            let _ = writeln!(trace, "{:>9}.{:03} {line}", seconds / 1000, seconds % 1000);
        }
    }
}
