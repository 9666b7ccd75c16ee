//! The order of writing, where the gateway has room for little: whatever is refused for now, repeated after a cut or slow on
//! its way, messages are taken in the order in which they were written.

use alloc::collections::VecDeque;

use proptest::prelude::*;

use super::*;
use crate::client::Draft;
use crate::owed::{Owed, Stage};
use crate::protocol::Problem;
use crate::rate::{Rate, TokenBucket};

/// What a gateway takes that has little room: bursts of three, and then one in 50 ms.
const RATE: Rate = Rate { burst: 3, per_minute: 1_200 };

#[derive(Debug, Clone)]
enum Step {
    Compose(u32),
    /// So many frames arrive, each after so long.
    Up(u32, u64),
    Down(u32, u64),
    Pass(u64),
    Cut,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1_u32..12).prop_map(Step::Compose),
        6 => (1_u32..20, 0_u64..40).prop_map(|(count, each)| Step::Up(count, each)),
        6 => (1_u32..20, 0_u64..40).prop_map(|(count, each)| Step::Down(count, each)),
        2 => (0_u64..500).prop_map(Step::Pass),
        1 => Just(Step::Cut),
    ]
}

/// A client, and a gateway that takes what it has room for: a message that follows one that it refused waits for that one.
/// Nothing is on its way for as long as the gateway waits.
struct World {
    now: u64,
    client: ChatClient,
    composed: u32,
    open: bool,
    up: VecDeque<ClientFrame>,
    down: VecDeque<ServerFrame>,
    bucket: TokenBucket,
    owed: Owed,
    log: Vec<MessageId>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            now: 0,
            client: ChatClient::new(),
            composed: 0,
            open: false,
            up: VecDeque::new(),
            down: VecDeque::new(),
            bucket: TokenBucket::full(RATE, at(0)),
            owed: Owed::default(),
            log: Vec::new(),
        };
        world.input(Input::Wake);
        world
    }

    fn input(&mut self, input: Input) {
        for output in self.client.handle(at(self.now), input) {
            match output {
                Output::Connect => self.connect(),
                Output::Disconnect => self.open = false,
                Output::Send(frame) if self.open => self.up.push_back(frame),
                // The runtime answers.
                Output::Ping if self.open => self.input(Input::Pong),
                _ => {}
            }
        }
    }

    fn connect(&mut self) {
        (self.open, self.owed) = (true, Owed::default());
        self.up.clear();
        self.down.clear();
        self.input(Input::Opened);
    }

    fn take(&mut self, frame: ClientFrame) {
        let last = |log: &Vec<MessageId>| u32::try_from(log.len()).unwrap();
        match frame {
            ClientFrame::Hello { .. } => self.down.push_back(welcome(last(&self.log))),
            ClientFrame::Send { message, .. } => {
                let now = at(self.now);
                let room = self.bucket.take(now).and_then(|()| self.owed.admit(now, message));
                if let Err(wait) = room {
                    self.owed.refused(now, message, Stage::Door);
                    let problem = Problem::wait(wait);
                    self.down.push_back(ServerFrame::Refused { message: Some(message), problem });
                    return;
                }
                let place = self.log.iter().position(|one| *one == message).unwrap_or(self.log.len());
                if place == self.log.len() {
                    self.log.push(message);
                }
                let sequence = Sequence(u32::try_from(place).unwrap() + 1);
                self.down.push_back(ServerFrame::Accepted { message, sequence });
            }
            _ => {}
        }
    }

    fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        while let Some(due) = self.client.next_deadline().filter(|due| due.as_millis() <= end) {
            self.now = self.now.max(due.as_millis());
            self.input(Input::Tick);
            assert!(self.client.next_deadline() > Some(at(self.now)), "a deadline is met by one tick");
        }
        self.now = end;
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Compose(count) => {
                for _ in 0..count {
                    self.composed += 1;
                    self.input(compose(self.composed));
                }
            }
            Step::Up(count, each) => {
                for _ in 0..count {
                    self.pass(each);
                    if let Some(frame) = self.up.pop_front() {
                        self.take(frame);
                    }
                }
            }
            Step::Down(count, each) => {
                for _ in 0..count {
                    self.pass(each);
                    if let Some(frame) = self.down.pop_front() {
                        self.input(Input::Frame(frame));
                    }
                }
            }
            Step::Pass(millis) => self.pass(millis),
            Step::Cut => {
                self.open = false;
                self.input(Input::Closed { random: 1 << 30 });
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn messages_are_taken_in_the_order_of_writing_however_little_room_there_is(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
            prop_assert!(world.log.is_sorted(), "{:?}", world.log);
        }
        let waits = |world: &World| world.log.len() < world.composed as usize;
        for _ in 0..2_000 {
            if waits(&world) {
                world.step(Step::Up(20, 1));
                world.step(Step::Down(20, 1));
            }
        }
        let all: Vec<_> = (1..=world.composed).map(message).collect();
        prop_assert_eq!(world.log, all);
    }
}

/// Two tabs of a browser at one socket: what the first writes is kept, and the second sends copies of it.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// The first tab writes something.
    Compose,
    /// The second tab takes what is kept.
    Copy,
    /// A frame of this tab reaches the gateway.
    Up(usize),
    /// Both tabs hear what the gateway said first.
    Down,
}

struct Tabs {
    gateway: World,
    clients: [ChatClient; 2],
    up: [VecDeque<ClientFrame>; 2],
    kept: Vec<Draft>,
}

impl Tabs {
    fn new() -> Self {
        let mut tabs = Self {
            gateway: World::new(),
            clients: [live(0), live(0)],
            up: [VecDeque::new(), VecDeque::new()],
            kept: Vec::new(),
        };
        tabs.gateway.open = true;
        tabs.gateway.down.clear();
        tabs
    }

    fn input(&mut self, tab: usize, input: Input) {
        for output in self.clients[tab].handle(at(self.gateway.now), input) {
            match output {
                Output::Send(frame) => self.up[tab].push_back(frame),
                Output::Keep(draft) => self.kept.push(draft),
                Output::Forget(message) => self.kept.retain(|draft| draft.message != message),
                // The runtime answers.
                Output::Ping => self.input(tab, Input::Pong),
                _ => {}
            }
        }
    }

    fn pass(&mut self, millis: u64) {
        for _ in 0..millis {
            self.gateway.now += 1;
            for tab in 0..2 {
                self.input(tab, Input::Tick);
            }
        }
    }

    fn step(&mut self, of: Of) {
        match of {
            Of::Compose => {
                self.gateway.composed += 1;
                self.input(0, compose(self.gateway.composed));
            }
            Of::Copy => self.input(1, Input::Restore(self.kept.clone())),
            Of::Up(tab) => {
                if let Some(frame) = self.up[tab].pop_front() {
                    self.gateway.take(frame);
                }
            }
            Of::Down => {
                if let Some(frame) = self.gateway.down.pop_front() {
                    self.input(0, Input::Frame(frame.clone()));
                    self.input(1, Input::Frame(frame));
                }
            }
        }
    }
}

fn of_tabs() -> impl Strategy<Value = (Of, u64)> {
    let of = prop_oneof![
        3 => Just(Of::Compose),
        1 => Just(Of::Copy),
        3 => Just(Of::Up(0)),
        3 => Just(Of::Up(1)),
        3 => Just(Of::Down),
    ];
    (of, 0_u64..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Within the time for which whoever comes late is waited for.
    #[test]
    fn messages_are_taken_in_the_order_of_writing_however_copies_of_two_tabs_cross(
        steps in prop::collection::vec(of_tabs(), 1..90)
    ) {
        let mut tabs = Tabs::new();
        for (of, millis) in steps.into_iter().take_while({
            let mut passed = 0;
            move |(_, millis)| { passed += millis; passed < 900 }
        }) {
            tabs.pass(millis);
            tabs.step(of);
            prop_assert!(tabs.gateway.log.is_sorted(), "{:?}", tabs.gateway.log);
        }
        for _ in 0..20_000 {
            if tabs.gateway.log.len() == tabs.gateway.composed as usize {
                break;
            }
            tabs.pass(1);
            for of in [Of::Up(0), Of::Up(1), Of::Down] {
                tabs.step(of);
            }
        }
        let all: Vec<_> = (1..=tabs.gateway.composed).map(message).collect();
        prop_assert_eq!(&tabs.gateway.log, &all);
    }
}
