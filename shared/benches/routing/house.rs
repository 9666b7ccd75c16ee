//! A house of any size: ten people for each queue, each in three queues, three items at once.

use std::collections::VecDeque;

use shared::id::{
    ConnectionId, ConversationId, OfferId, QueueId, RatingModelId, RepresentativeId, SkillId, WorkstreamId,
};
use shared::protocol::desk::DeskFrame;
use shared::routing::{Arrival, Audience, Command, Departure, Effect, Router};
use shared::settings::{
    Limit, Presence, Queue, RatedSkill, RatingLevel, RatingModel, Representative, Settings, SettingsVersion,
    Skill, Units, Workstream,
};
use shared::text::Line;
use shared::time::{Span, Timestamp};

/// How large a house is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Size {
    pub(crate) representatives: u32,
    pub(crate) waiting: u32,
    pub(crate) skills: bool,
}

const CAPACITY: u32 = 3;
const SKILLS: u32 = 20;

/// How many queues a house with so many people has.
pub(crate) fn queues_of(representatives: u32) -> u32 {
    (representatives / 10).max(1)
}

/// A router under load.
pub(crate) struct House {
    router: Router,
    size: Size,
    now: Timestamp,
    arrived: u32,
    /// The offers that each has, by their number.
    held: Vec<Vec<(OfferId, ConversationId)>>,
    /// To whom offers were made, in order; some are gone.
    made: VecDeque<(OfferId, u32)>,
}

fn line(text: &str) -> Line {
    Line::new(text).unwrap()
}

const PEOPLE: u128 = 0xa000_0000;

fn person(number: u32) -> RepresentativeId {
    RepresentativeId::from_u128(PEOPLE + u128::from(number))
}

fn queue(number: u32) -> QueueId {
    QueueId::from_u128(0xb000_0000 + u128::from(number))
}

fn workstream(number: u32) -> WorkstreamId {
    WorkstreamId::from_u128(0xc000_0000 + u128::from(number))
}

fn skill(number: u32) -> SkillId {
    SkillId::from_u128(0xd000_0000 + u128::from(number))
}

fn rated(number: u32, rating: u16) -> RatedSkill {
    RatedSkill { skill: skill(number % SKILLS), rating, model: None }
}

/// One of the lowest `levels` levels.
fn level(number: u32, levels: u32) -> u16 {
    u16::try_from(1 + number % levels).unwrap()
}

const MODEL: RatingModelId = RatingModelId::from_u128(1);

fn settings(size: Size) -> Settings {
    let queues = queues_of(size.representatives);
    let mut members = vec![Vec::new(); queues as usize];
    let mut representatives = Vec::new();
    for number in 0..size.representatives {
        let id = person(number);
        let mut own = vec![number % queues, (number + 1) % queues, number.wrapping_mul(7) % queues];
        own.sort_unstable();
        own.dedup();
        for queue in own {
            members[queue as usize].push(id);
        }
        let mut usual =
            Representative::new(id, line("Full name"), line("Name"), Units(CAPACITY.cast_signed()));
        if size.skills {
            // Five of twenty, at several levels.
            usual.skills = (0..5).map(|step| rated(number / 3 + step * 4, level(number + step, 5))).collect();
        }
        representatives.push(usual);
    }
    let workstreams = (0..queues).map(|number| {
        let mut usual = Workstream::new(workstream(number), line("Chat"), Units(1), queue(number));
        usual.offer_timeout = Span::from_secs(3_600);
        usual.sessions.auto_close.open = Limit::Never;
        usual
    });
    let members = members.into_iter().zip(0..);
    Settings {
        queues: members
            .map(|(members, number)| Queue::new(queue(number), line("Queue"), 10, members))
            .collect(),
        workstreams: workstreams.collect(),
        representatives,
        skills: (0..SKILLS)
            .map(|number| Skill { id: skill(number), name: line("Skill"), sort: None, model: MODEL })
            .collect(),
        rating_models: vec![RatingModel {
            id: MODEL,
            name: line("Five levels"),
            levels: (1..=5).map(|value| RatingLevel { name: line("Level"), value }).collect(),
        }],
        ..Settings::default()
    }
}

impl House {
    /// Everybody is there and has nothing to do.
    pub(crate) fn new(size: Size) -> Self {
        let settings = settings(size);
        assert_eq!(settings.check(), Ok(()));
        let now = Timestamp::from_millis(1_790_000_000_000);
        let mut house = Self {
            router: Router::default(),
            size,
            now,
            arrived: 0,
            held: vec![Vec::new(); size.representatives as usize],
            made: VecDeque::new(),
        };
        house.does(Command::Configure { version: SettingsVersion(1), settings: Box::new(settings) });
        for number in 0..size.representatives {
            let connection = ConnectionId::from_u128(number.into());
            house.does(Command::Connect { representative: person(number), connection });
        }
        house
    }

    /// Everybody gets as much as they can take, and this much waits.
    pub(crate) fn fill(&mut self, waiting: u32) {
        let held = |house: &Self| u32::try_from(house.made.len()).unwrap();
        while self.arrived < waiting + held(self) {
            self.arrive();
        }
    }

    /// Other settings come, in which the first queue is served first. Everything that waits is looked at again. The house
    /// must [`follow`](Self::follow).
    pub(crate) fn configure(&mut self, settings: Settings) -> Vec<Effect> {
        let command = Command::Configure { version: SettingsVersion(2), settings: Box::new(settings) };
        self.router.handle(self.now, command).unwrap()
    }

    /// The settings for that.
    pub(crate) fn other_settings(&self) -> Settings {
        let mut settings = settings(self.size);
        settings.queues[0].priority = 1;
        settings
    }

    /// Everybody's number.
    pub(crate) fn everybody(&self) -> std::ops::Range<u32> {
        0..self.size.representatives
    }

    /// Somebody leaves their desk. Their customers leave, and as many new ones come.
    pub(crate) fn leave_desk(&mut self, number: u32) {
        let representative = person(number);
        self.does(Command::SetPresence { representative, presence: Presence::Away });
        for (_, conversation) in std::mem::take(&mut self.held[number as usize]) {
            self.does(Command::CustomerLeft { conversation, how: Departure::Ended });
            self.arrive();
        }
        self.now = self.now.after(Span::from_millis(1));
    }

    /// Somebody comes back to their desk and is offered as much as they can take. The house must [`follow`](Self::follow).
    #[inline(never)] // a profile tells it apart
    pub(crate) fn come_back(&mut self, number: u32) -> Vec<Effect> {
        let command = Command::SetPresence { representative: person(number), presence: Presence::Available };
        self.router.handle(self.now, command).unwrap()
    }

    /// A customer leaves before their offer was answered, somebody is offered the next item, and a new one arrives.
    pub(crate) fn replace(&mut self) {
        let (_, _, conversation) = self.oldest_offer();
        self.does(Command::CustomerLeft { conversation, how: Departure::Ended });
        self.arrive();
    }

    /// Somebody takes what they were offered, ends and closes it, and is offered the next item; a new one arrives.
    pub(crate) fn serve(&mut self) {
        let (offer, representative, conversation) = self.oldest_offer();
        self.does(Command::Accept { representative, offer });
        self.does(Command::End { representative, conversation });
        self.does(Command::Close { representative, conversation });
        self.arrive();
    }

    /// Takes the oldest offer that is still open off the list.
    fn oldest_offer(&mut self) -> (OfferId, RepresentativeId, ConversationId) {
        loop {
            let (offer, number) = self.made.pop_front().unwrap();
            let held = &mut self.held[number as usize];
            if let Some(place) = held.iter().position(|(id, _)| *id == offer) {
                return (offer, person(number), held.remove(place).1);
            }
        }
    }

    fn arrive(&mut self) {
        let number = self.arrived;
        self.arrived += 1;
        let conversation = ConversationId::born_in(
            shared::id::Shard::FIRST,
            self.now,
            u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes(),
        );
        let mut arrival =
            Arrival::new(conversation, workstream(number % queues_of(self.size.representatives)));
        arrival.customer = Some("Grace Hopper".to_owned());
        arrival.topic = Some("An order".to_owned());
        if self.size.skills {
            arrival.skills = vec![rated(number / 7, level(number, 2))];
        }
        self.does(Command::Arrive(arrival));
    }

    fn does(&mut self, command: Command) {
        self.now = self.now.after(Span::from_millis(1));
        let effects = self.router.handle(self.now, command).unwrap();
        self.follow(effects);
    }

    /// Notes which offers were made, and gives how many.
    pub(crate) fn follow(&mut self, effects: Vec<Effect>) -> u32 {
        let mut made = 0;
        for effect in effects {
            if let Effect::Show { to: Audience::Representative(who), frame: DeskFrame::Offered { offer } } =
                effect
            {
                let number = u32::try_from(u128::from_be_bytes(*who.as_bytes()) - PEOPLE).unwrap();
                self.held[number as usize].push((offer.offer, offer.conversation));
                self.made.push_back((offer.offer, number));
                made += 1;
            }
        }
        made
    }
}
