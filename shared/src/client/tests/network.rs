//! A client and a simple gateway over a network that drops, repeats, reorders and cuts, with reloads in between: when
//! the network is well again, the client shows the log as its side may see it, and each message is there exactly once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;

use proptest::prelude::*;

use super::*;
use crate::client::{Connection, Delivery, Draft};
use crate::protocol::{ErrorCode, Problem};

/// What happens. Numbers pick a frame of those on their way.
#[derive(Debug, Clone)]
enum Step {
    Compose,
    StaffWrites { internal: bool },
    ToGateway { pick: usize, fate: Fate },
    ToClient { pick: usize, fate: Fate },
    Cut { random: u32 },
    Pass { millis: u64 },
    Wake,
    Reload,
    LoadEarlier,
    RefuseNext(ErrorCode),
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrive,
    ArriveTwice,
    Vanish,
}

fn step() -> impl Strategy<Value = Step> {
    let fate = || prop_oneof![6 => Just(Fate::Arrive), 1 => Just(Fate::ArriveTwice), 1 => Just(Fate::Vanish)];
    // Mostly in order, as sockets do it.
    let pick = || prop_oneof![4 => Just(0_usize), 1 => 0_usize..6];
    prop_oneof![
        4 => Just(Step::Compose),
        4 => any::<bool>().prop_map(|internal| Step::StaffWrites { internal }),
        12 => (pick(), fate()).prop_map(|(pick, fate)| Step::ToGateway { pick, fate }),
        12 => (pick(), fate()).prop_map(|(pick, fate)| Step::ToClient { pick, fate }),
        1 => any::<u32>().prop_map(|random| Step::Cut { random }),
        4 => (0_u64..12_000).prop_map(|millis| Step::Pass { millis }),
        1 => Just(Step::Wake),
        1 => Just(Step::Reload),
        1 => Just(Step::LoadEarlier),
        1 => Just(Step::RefuseNext(ErrorCode::MessageTooLong)),
        1 => Just(Step::RefuseNext(ErrorCode::TooManyRequests)),
    ]
}

/// Entries of a page, few, so that there are many pages.
const PAGE: u32 = 3;

/// A gateway of the simplest kind.
#[derive(Default)]
struct Gateway {
    log: Vec<Entry>,
    refuse_next: Option<ErrorCode>,
}

impl Gateway {
    fn last(&self) -> u32 {
        u32::try_from(self.log.len()).unwrap()
    }

    fn visible(&self, after: u32, upto: u32) -> Vec<Entry> {
        let public = |entry: &&Entry| entry.visibility == Visibility::Public;
        self.log
            .iter()
            .filter(|e| e.sequence.0 > after && e.sequence.0 <= upto)
            .filter(public)
            .cloned()
            .collect()
    }

    fn stretch(&self, after: u32) -> ServerFrame {
        let upto = self.last().min(after + PAGE);
        ServerFrame::Entries {
            after: Sequence(after),
            upto: Sequence(upto),
            entries: self.visible(after, upto),
        }
    }

    /// Appends an entry; gives its broadcast.
    fn write(&mut self, mut entry: Entry) -> ServerFrame {
        let after = self.last();
        entry.sequence = Sequence(after + 1);
        self.log.push(entry);
        self.stretch(after)
    }

    fn take(&mut self, frame: ClientFrame) -> Vec<ServerFrame> {
        match frame {
            ClientFrame::Hello { holds, .. } => {
                let newest = self.last().saturating_sub(PAGE);
                vec![welcome(self.last()), self.stretch(holds.map_or(newest, |held| held.0))]
            }
            ClientFrame::Send { message, .. } => {
                if let Some(entry) = self.log.iter().find(|entry| entry.message == Some(message)) {
                    return vec![ServerFrame::Accepted { message, sequence: entry.sequence }];
                }
                if let Some(code) = self.refuse_next.take() {
                    let problem = Problem::from(code);
                    return vec![ServerFrame::Refused { message: Some(message), problem }];
                }
                let broadcast = self.write(entry(0, Some(message)));
                vec![ServerFrame::Accepted { message, sequence: Sequence(self.last()) }, broadcast]
            }
            ClientFrame::FetchAfter { after } => vec![self.stretch(after.0)],
            ClientFrame::FetchBefore { before } => {
                let after = before.0.saturating_sub(PAGE + 1);
                let entries = self.visible(after, before.0.saturating_sub(1));
                vec![ServerFrame::History { after: Sequence(after), before, entries }]
            }
            _ => vec![],
        }
    }
}

struct World {
    now: u64,
    client: ChatClient,
    gateway: Gateway,
    /// What the browser keeps over a reload.
    store: BTreeMap<MessageId, Draft>,
    composed: u32,
    /// Frames on their way; none if there is no socket.
    socket: Option<(Vec<ClientFrame>, Vec<ServerFrame>)>,
    opening: bool,
    /// Nothing was lost from sight by a reload.
    sees_everything: bool,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            now: 0,
            client: ChatClient::new(),
            gateway: Gateway::default(),
            store: BTreeMap::new(),
            composed: 0,
            socket: None,
            opening: false,
            sees_everything: true,
        };
        world.input(Input::Wake);
        world
    }

    fn input(&mut self, input: Input) {
        let mut closed = false;
        for output in self.client.handle(at(self.now), input) {
            match output {
                Output::Connect => (self.opening, self.socket) = (true, None),
                Output::Disconnect => closed = true,
                Output::Send(frame) => {
                    let (send_up, _) = self.socket.as_mut().expect("frames are only sent on an open socket");
                    send_up.push(frame);
                }
                Output::Keep(draft) => drop(self.store.insert(draft.message, draft)),
                Output::Forget(message) => drop(self.store.remove(&message)),
                Output::Ping | Output::Show(_) => {}
            }
        }
        if closed {
            (self.opening, self.socket) = (false, None);
            self.input(Input::Closed { random: 1 << 30 });
        }
    }

    /// Time goes on to `time`, with every deadline on the way; sockets open at once.
    fn pass_to(&mut self, time: u64) {
        for _ in 0..1_000 {
            if core::mem::take(&mut self.opening) {
                self.socket = Some((vec![], vec![]));
                self.input(Input::Opened);
            }
            match self.client.next_deadline() {
                Some(deadline) if deadline.as_millis() <= time => {
                    self.now = self.now.max(deadline.as_millis());
                    self.input(Input::Tick);
                }
                _ if self.opening => {}
                _ => break,
            }
            let next = self.client.next_deadline();
            assert!(next.is_none_or(|next| next.as_millis() > self.now), "a deadline is met by one tick");
        }
        self.now = time;
    }

    fn send_up(&mut self, frame: ClientFrame) {
        let answers = self.gateway.take(frame);
        if let Some((_, to_client)) = &mut self.socket {
            to_client.extend(answers);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Compose => {
                self.composed += 1;
                self.input(compose(self.composed));
            }
            Step::StaffWrites { internal } => {
                let mut note = entry(0, None);
                if internal {
                    note.visibility = Visibility::Internal;
                }
                let broadcast = self.gateway.write(note);
                if let Some((_, to_client)) = &mut self.socket {
                    to_client.push(broadcast);
                }
            }
            Step::ToGateway { pick, fate } => {
                let Some((queue, _)) = self.socket.as_mut().filter(|(queue, _)| pick < queue.len()) else {
                    return;
                };
                let frame = queue.remove(pick);
                for _ in 0..times(fate) {
                    self.send_up(frame.clone());
                }
            }
            Step::ToClient { pick, fate } => {
                let Some((_, queue)) = self.socket.as_mut().filter(|(_, queue)| pick < queue.len()) else {
                    return;
                };
                let frame = queue.remove(pick);
                for _ in 0..times(fate) {
                    if self.socket.is_some() {
                        self.input(Input::Frame(frame.clone()));
                    }
                }
            }
            Step::Cut { random } => {
                (self.opening, self.socket) = (false, None);
                self.input(Input::Closed { random });
            }
            Step::Pass { millis } => self.pass_to(self.now + millis),
            Step::Wake => self.input(Input::Wake),
            Step::Reload => self.reload(),
            Step::LoadEarlier => self.input(Input::LoadEarlier),
            Step::RefuseNext(code) => self.gateway.refuse_next = Some(code),
        }
        self.pass_to(self.now);
    }

    fn reload(&mut self) {
        (self.client, self.socket, self.opening) = (ChatClient::new(), None, false);
        self.sees_everything = false;
        let drafts = self.store.values().cloned().collect();
        self.input(Input::Restore(drafts));
        self.input(Input::Wake);
    }

    /// The network is well, and stays so until nothing happens any more.
    fn heal(&mut self) {
        self.gateway.refuse_next = None;
        self.step(Step::Cut { random: 0 });
        for _ in 0..10_000 {
            let failed = |draft: &&Draft| matches!(draft.delivery, Delivery::Failed(_));
            let retry = self.client.drafts().iter().find(failed).map(|draft| draft.message);
            let (there, back) =
                self.socket.as_ref().map_or((0, 0), |(there, back)| (there.len(), back.len()));
            if there > 0 {
                self.step(Step::ToGateway { pick: 0, fate: Fate::Arrive });
            } else if back > 0 {
                self.step(Step::ToClient { pick: 0, fate: Fate::Arrive });
            } else if self.client.connection() != Connection::Live {
                self.pass_to(self.now + 1_000);
            } else if let Some(message) = retry {
                self.input(Input::Retry { message });
            } else if !self.client.drafts().is_empty() {
                // The gateway had no room for it yet.
                self.pass_to(self.now + 1_000);
            } else if self.client.has_earlier() {
                self.input(Input::LoadEarlier);
            } else {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Each message is seen exactly once, in the log or as a draft.
    fn check_sight(&self) -> Result<(), TestCaseError> {
        let shown = self.client.entries().iter().filter_map(|entry| entry.message);
        let mut seen = BTreeSet::new();
        for message in shown.chain(self.client.drafts().iter().map(|draft| draft.message)) {
            prop_assert!(seen.insert(message), "a message is seen twice");
        }
        // What lies before the first page is one scroll away.
        if self.sees_everything && !self.client.has_earlier() {
            prop_assert_eq!(seen.len(), usize::try_from(self.composed).unwrap(), "a message is missing");
        }
        Ok(())
    }
}

fn times(fate: Fate) -> usize {
    match fate {
        Fate::Arrive => 1,
        Fate::ArriveTwice => 2,
        Fate::Vanish => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn after_any_trouble_the_client_shows_the_log_and_each_message_is_there_once(
        steps in prop::collection::vec(step(), 1..150)
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
            world.check_sight()?;
        }
        world.heal();
        let last = world.gateway.last();
        prop_assert_eq!(world.client.entries(), &world.gateway.visible(0, last)[..]);
        prop_assert_eq!(world.client.drafts(), &[]);
        prop_assert!(world.store.is_empty(), "nothing is left in the store");
        let mut written: Vec<_> = world.gateway.log.iter().filter_map(|entry| entry.message).collect();
        written.sort();
        let composed: Vec<_> = (1..=world.composed).map(message).collect();
        prop_assert_eq!(written, composed);
    }
}
