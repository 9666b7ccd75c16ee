//! The order of writing, where the gateway has room for little: whatever is refused for now, repeated after a cut or slow on
//! its way, messages are taken in the order in which they were written.

use alloc::collections::VecDeque;

use proptest::prelude::*;

use super::*;
use crate::protocol::Problem;
use crate::rate::{Rate, TokenBucket};
use crate::time::Span;

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
        2 => (0_u64..2_000).prop_map(Step::Pass),
        1 => Just(Step::Cut),
    ]
}

/// A client, and a gateway that takes what it has room for: a message that follows one that it refused waits for that one.
struct World {
    now: u64,
    client: ChatClient,
    composed: u32,
    open: bool,
    up: VecDeque<ClientFrame>,
    down: VecDeque<ServerFrame>,
    bucket: TokenBucket,
    owed: Option<MessageId>,
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
            owed: None,
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
        (self.open, self.owed) = (true, None);
        self.up.clear();
        self.down.clear();
        self.input(Input::Opened);
    }

    fn take(&mut self, frame: ClientFrame) {
        let last = |log: &Vec<MessageId>| u32::try_from(log.len()).unwrap();
        match frame {
            ClientFrame::Hello { .. } => self.down.push_back(welcome(last(&self.log))),
            ClientFrame::Send { message, .. } => {
                let room = self.bucket.take(at(self.now));
                let wait = match room {
                    Err(wait) => Some(wait),
                    Ok(()) if self.owed.is_some_and(|owed| owed != message) => Some(Span::from_millis(50)),
                    Ok(()) => None,
                };
                if let Some(wait) = wait {
                    self.owed.get_or_insert(message);
                    let problem = Problem::wait(wait);
                    self.down.push_back(ServerFrame::Refused { message: Some(message), problem });
                    return;
                }
                self.owed = None;
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
