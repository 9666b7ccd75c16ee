//! What a seed decides before anything happens: how many people there are, how bad the network is, and what goes wrong.

use std::fmt::Debug;

use clap::ValueEnum as _;
use shared::id::{QueueId, RepresentativeId, WorkstreamId};
use shared::settings::{Presence, Queue, Representative, Route, Settings, Units, Workstream, WrapUp};
use shared::text::Line;
use shared::time::Span;

use crate::random::Random;

/// Something that can go wrong. Each can be had alone by its name: `--fault one-way-cut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Fault {
    /// A socket closes on both sides.
    Close,
    /// A socket goes silent in one direction, and nobody is told.
    OneWayCut,
    /// A socket goes silent in both directions, and nobody is told.
    BothWaysCut,
    /// Frames of conversations are lost within a socket.
    Drop,
    /// Frames of conversations arrive twice.
    Duplicate,
    /// Frames of conversations overtake each other.
    Reorder,
    /// Now and then something takes seconds.
    Delay,
    /// A tab or a console is loaded anew.
    Reload,
    /// A tab ends without a word, and now and then its socket does not even close.
    TabCrash,
    /// The tab that has the socket of all is closed.
    LeaderClosed,
    /// The same tab ends without a word.
    LeaderCrash,
    /// The same tab does nothing for a while.
    LeaderHangs,
    /// A device does nothing for minutes, then everything at once.
    Sleep,
    /// A device sleeps for longer than the session of its user lasts.
    SessionExpiry,
    /// A device has no network for a while.
    Offline,
    /// Clocks of devices are wrong, and are put right or wrong again.
    ClockSkew,
    /// A process dies at any moment.
    Crash,
    /// A process dies before the commit of a turn.
    DeathBeforeCommit,
    /// A process dies after the commit of a turn, before anybody is told.
    DeathAfterCommit,
    /// A turn cannot be written.
    WriteFault,
    /// A delivery between objects is lost, or its answer is.
    DeliveryLost,
    /// A delivery between objects arrives twice.
    DeliveryTwice,
    /// A request is lost, or comes too late, or its answer is lost.
    RequestLost,
    /// An object is put to sleep with its sockets open.
    Hibernate,
    /// There is no room for a message, which has to come again.
    NoRoom,
}

/// The plan of a run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) visitors: u64,
    pub(crate) representatives: u64,
    pub(crate) shards: u16,
    pub(crate) rows_max: usize,
    /// How long things go wrong.
    pub(crate) trouble: Span,
    /// How long a frame takes.
    pub(crate) delay: (u64, u64),
    /// How long a person does nothing, at most.
    pub(crate) pause: u64,
    pub(crate) faults: Vec<Fault>,
    /// How long a session lasts that is not used; for ever if there is nothing.
    pub(crate) lifetime: Option<Span>,
}

impl Plan {
    /// The plan of a seed, with these faults only if there are any. Otherwise of fifty seeds in a row the first have one
    /// fault each, and all others have several.
    pub(crate) fn of(seed: u64, only: &[Fault], random: &mut Random) -> Self {
        let all = Fault::value_variants();
        let alone = usize::try_from(seed % 50).ok().and_then(|place| all.get(place));
        let faults = match alone {
            _ if !only.is_empty() => only.to_vec(),
            Some(fault) => vec![*fault],
            None if random.chance(200) => all.to_vec(),
            None => all.iter().copied().filter(|_| random.chance(500)).collect(),
        };
        Self {
            visitors: random.between(1, 4),
            representatives: random.between(1, 3),
            shards: if random.chance(500) { 1 } else { 2 },
            rows_max: usize::try_from(random.between(1, 40)).unwrap_or(1),
            trouble: random.millis(120_000, 600_000),
            delay: (1, random.between(2, 400)),
            pause: random.between(2_000, 30_000),
            lifetime: faults.contains(&Fault::SessionExpiry).then(|| random.millis(70_000, 240_000)),
            faults,
        }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }
}

/// The one kind of work.
pub(crate) const WORKSTREAM: WorkstreamId = WorkstreamId::from_u128(0xc1);
/// The queues.
const QUEUES: [QueueId; 2] = [QueueId::from_u128(0xb1), QueueId::from_u128(0xb2)];
/// What customers may say that it is about.
pub(crate) const TOPICS: [&str; 2] = ["order", "other"];

/// A representative by number.
pub(crate) fn representative(number: usize) -> RepresentativeId {
    RepresentativeId::from_u128(0xa0 + number as u128)
}

/// A text of ours that is never blank or long.
fn line(text: &str) -> Line {
    Line::new(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

/// The settings: the usual ones, or some that an administrator has changed.
pub(crate) fn settings(random: &mut Random, representatives: usize, usual: bool) -> Settings {
    let mut chance = |odds: u64| !usual && random.chance(odds);
    let mut staff = Vec::new();
    for number in 0..representatives {
        if number > 0 && chance(150) {
            continue;
        }
        let capacity = if chance(300) { Units(1) } else { Units(3) };
        let default_presence = if chance(100) { Presence::Away } else { Presence::Available };
        let (full_name, public_name) = (line(&format!("Full {number}")), line(&format!("Public {number}")));
        let usual = Representative::new(representative(number), full_name, public_name, capacity);
        staff.push(Representative { default_presence, ..usual });
    }
    let mut queues = Vec::new();
    for (id, priority) in QUEUES.into_iter().zip([10, 20]) {
        let everybody: Vec<_> = staff.iter().map(|representative| representative.id).collect();
        let some: Vec<_> = everybody.iter().copied().filter(|_| !chance(300)).collect();
        let members = if some.is_empty() { everybody } else { some };
        queues.push(Queue::new(id, line("Queue"), priority, members));
    }
    let wrap_up = match (chance(300), chance(300)) {
        (false, _) => WrapUp::AlwaysBlocks,
        (true, true) => WrapUp::NeverBlocks,
        (true, false) => WrapUp::BlocksFor(Span::from_secs(60)),
    };
    let cost = if chance(200) { Units(2) } else { Units(1) };
    let workstream = Workstream {
        routes: Route::by_variable("topic", "order", line("Orders"), QUEUES[0]).into_iter().collect(),
        offer_timeout: if chance(300) { Span::from_secs(10) } else { Span::from_secs(40) },
        offers_per_representative: if chance(300) { 1 } else { 5 },
        wrap_up,
        tells_position: true,
        ..Workstream::new(WORKSTREAM, line("Chat"), cost, QUEUES[1])
    };
    Settings {
        organisation: "Simulated".into(),
        representatives: staff,
        queues,
        workstreams: vec![workstream],
        ..Settings::default()
    }
}
