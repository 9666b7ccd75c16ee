//! A small organisation to try rules on: three representatives of two units each, two queues, one workstream.
//!
//! Orders (queue 1) and the rest (queue 2, the fallback). Everybody is in both. Items cost one unit.

use alloc::vec;
use alloc::vec::Vec;

use crate::authority::Role;
use crate::conversation::Notice;
use crate::form::Answer;
use crate::id::{
    ConnectionId, ConversationId, OfferId, QueueId, RatingModelId, RepresentativeId, SkillId, WorkstreamId,
};
use crate::protocol::desk::{DeskFrame, OfferGoneReason, OfferView, PresenceView, WorkItemView, WorkState};
use crate::routing::{Activity, Arrival, Command, Departure, Effect, Rejection, Router, SessionEnd};
use crate::settings::{
    Channel, ChannelClass, Presence, Queue, RatedSkill, Representative, Route, Settings, SettingsVersion,
    Units, Workstream,
};
use crate::text::Line;
use crate::time::{Span, Timestamp};

pub(super) fn representative(number: u8) -> RepresentativeId {
    RepresentativeId::from_u128(0xa0 + u128::from(number))
}

pub(super) fn queue(number: u8) -> QueueId {
    QueueId::from_u128(0xb0 + u128::from(number))
}

pub(super) fn workstream(number: u8) -> WorkstreamId {
    WorkstreamId::from_u128(0xc0 + u128::from(number))
}

pub(super) fn conversation(number: u8) -> ConversationId {
    ConversationId::from_u128(0xd00 + u128::from(number))
}

pub(super) fn skill(number: u8) -> SkillId {
    SkillId::from_u128(0xf0 + u128::from(number))
}

pub(super) fn rating_model(number: u8) -> RatingModelId {
    RatingModelId::from_u128(0xf80 + u128::from(number))
}

pub(super) fn rated(number: u8, rating: u16) -> RatedSkill {
    RatedSkill { skill: skill(number), rating, model: None }
}

/// The console `tab` of a representative.
pub(super) fn console(number: u8, tab: u8) -> ConnectionId {
    ConnectionId::from_u128(0xe000 + 16 * u128::from(number) + u128::from(tab))
}

pub(super) fn line(text: &str) -> Line {
    Line::new(text).unwrap()
}

pub(super) fn a_representative(number: u8, capacity: i32) -> Representative {
    let full_name = ["Nobody", "Ada Fox", "Ben Gray", "Cleo Hart", "Dan Ivy"][usize::from(number)];
    let public_name = ["Nobody", "Ada", "Ben", "Cleo", "Dan"][usize::from(number)];
    Representative::new(representative(number), line(full_name), line(public_name), Units(capacity))
}

/// A rule by the topic of a conversation.
pub(super) fn route(topic: &str, to: u8) -> Route {
    Route::by_variable("topic", topic, line("By topic"), queue(to)).unwrap()
}

pub(super) fn a_queue(number: u8, priority: u16, members: &[u8]) -> Queue {
    let name = line(["None", "Orders", "Everything else", "Third"][usize::from(number)]);
    Queue::new(queue(number), name, priority, members.iter().map(|&member| representative(member)).collect())
}

pub(super) fn a_workstream(number: u8, fallback: u8) -> Workstream {
    Workstream {
        routes: vec![route("order", 1)],
        ..Workstream::new(workstream(number), line("Chat"), Units(1), queue(fallback))
    }
}

/// The first kind of work comes by such a channel, and all queues are for it.
pub(super) fn comes_by(settings: &mut Settings, class: ChannelClass) {
    let channel = match class {
        ChannelClass::LiveChat | ChannelClass::PersistentChat => Channel::Chat,
        ChannelClass::Asynchronous => Channel::Sms,
        ChannelClass::Voice => Channel::Voice,
        ChannelClass::Record => Channel::Record,
    };
    (settings.workstreams[0].channel, settings.workstreams[0].sessions.channel) = (channel, class);
    settings.queues.iter_mut().for_each(|queue| queue.kind = channel.queue_kind());
}

pub(super) fn usual() -> Settings {
    Settings {
        organisation: "Test".into(),
        representatives: (1..=3).map(|number| a_representative(number, 2)).collect(),
        queues: vec![a_queue(1, 10, &[1, 2, 3]), a_queue(2, 20, &[1, 2, 3])],
        workstreams: vec![a_workstream(1, 2)],
        ..Settings::default()
    }
}

pub(super) fn arrival(number: u8, kind: u8, topic: &str) -> Arrival {
    Arrival {
        customer: Some("Grace".into()),
        topic: Some(topic.into()),
        answers: vec![Answer { name: "topic".into(), value: topic.into() }],
        ..Arrival::new(conversation(number), workstream(kind))
    }
}

/// A router, a clock, and the effects of the last step.
#[derive(Clone)]
pub(super) struct House {
    pub(super) router: Router,
    pub(super) now: Timestamp,
    pub(super) settings: Settings,
    version: u64,
    pub(super) last: Vec<Effect>,
}

impl House {
    /// The usual settings, and nobody there.
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    /// The usual settings with changes.
    pub(super) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut house = Self {
            router: Router::default(),
            now: Timestamp::from_millis(1_000_000),
            settings: usual(),
            version: 0,
            last: Vec::new(),
        };
        house.configure(change);
        house
    }

    /// Does a step that must be possible.
    pub(super) fn does(&mut self, command: Command) -> &mut Self {
        self.last =
            self.router.handle(self.now, command.clone()).unwrap_or_else(|e| panic!("{command:?}: {e}"));
        assert_eq!(self.router.check_invariants(), Ok(()), "after {command:?}");
        let snapshot = postcard::to_allocvec(&self.router).unwrap();
        assert_eq!(postcard::from_bytes::<Router>(&snapshot).unwrap(), self.router, "after {command:?}");
        self
    }

    /// Tries a step that must be refused and leave everything as it was.
    pub(super) fn refuses(&mut self, command: Command, rejection: Rejection) -> &mut Self {
        let before = (self.router.clone(), postcard::to_allocvec(&self.router).unwrap());
        assert_eq!(self.router.handle(self.now, command), Err(rejection));
        let after = (self.router.clone(), postcard::to_allocvec(&self.router).unwrap());
        assert_eq!(after, before);
        self
    }

    pub(super) fn configure(&mut self, change: impl FnOnce(&mut Settings)) -> &mut Self {
        change(&mut self.settings);
        assert_eq!(self.settings.check(), Ok(()));
        self.version += 1;
        let version = SettingsVersion(self.version);
        let settings = self.settings.clone().into();
        self.does(Command::Configure { version, settings })
    }

    /// Time passes, and the alarm rings at its end.
    pub(super) fn after(&mut self, span: Span) -> &mut Self {
        self.later(span).does(Command::Tick)
    }

    /// Time passes, and no alarm rings.
    pub(super) fn later(&mut self, span: Span) -> &mut Self {
        self.now = self.now.after(span);
        self
    }

    pub(super) fn connect(&mut self, number: u8) -> &mut Self {
        self.connect_tab(number, 0)
    }

    pub(super) fn connect_tab(&mut self, number: u8, tab: u8) -> &mut Self {
        let (representative, connection) = (representative(number), console(number, tab));
        self.does(Command::Connect { representative, connection })
    }

    pub(super) fn disconnect(&mut self, number: u8) -> &mut Self {
        self.disconnect_tab(number, 0)
    }

    pub(super) fn disconnect_tab(&mut self, number: u8, tab: u8) -> &mut Self {
        let (representative, connection) = (representative(number), console(number, tab));
        self.does(Command::Disconnect { representative, connection })
    }

    pub(super) fn sign_out(&mut self, number: u8) -> &mut Self {
        self.does(Command::SignOut { representative: representative(number) })
    }

    pub(super) fn choose(&mut self, number: u8, presence: Presence) -> &mut Self {
        self.does(Command::SetPresence { representative: representative(number), presence })
    }

    /// A conversation of the first workstream arrives for the fallback queue, a millisecond after what was before.
    pub(super) fn arrive(&mut self, number: u8) -> &mut Self {
        self.arrive_about(number, "other")
    }

    pub(super) fn arrive_about(&mut self, number: u8, topic: &str) -> &mut Self {
        self.later(Span::from_millis(1)).does(Command::Arrive(arrival(number, 1, topic)))
    }

    /// The representative takes the offer of this conversation.
    pub(super) fn accept(&mut self, number: u8, item: u8) -> &mut Self {
        let offer = self.offer_of(number, item).expect("the conversation is offered to them").offer;
        self.does(Command::Accept { representative: representative(number), offer })
    }

    pub(super) fn reject(&mut self, number: u8, item: u8) -> &mut Self {
        let offer = self.offer_of(number, item).expect("the conversation is offered to them").offer;
        self.does(Command::Reject { representative: representative(number), offer })
    }

    pub(super) fn pick(&mut self, number: u8, item: u8) -> &mut Self {
        self.does(Command::Pick { representative: representative(number), conversation: conversation(item) })
    }

    pub(super) fn end(&mut self, number: u8, item: u8) -> &mut Self {
        self.does(Command::End { representative: representative(number), conversation: conversation(item) })
    }

    pub(super) fn close(&mut self, number: u8, item: u8) -> &mut Self {
        self.does(Command::Close { representative: representative(number), conversation: conversation(item) })
    }

    pub(super) fn customer_leaves(&mut self, item: u8) -> &mut Self {
        let how = Departure::Ended;
        self.does(Command::CustomerLeft { conversation: conversation(item), how })
    }

    pub(super) fn welcome(&self, number: u8) -> (PresenceView, Vec<OfferView>, Vec<WorkItemView>) {
        match self.router.welcome(self.now, representative(number), Role::Representative) {
            DeskFrame::Welcome { presence, offers, work, .. } => (presence, offers, work),
            other => panic!("not a welcome: {other:?}"),
        }
    }

    pub(super) fn presence_view(&self, number: u8) -> PresenceView {
        self.welcome(number).0
    }

    pub(super) fn presence(&self, number: u8) -> Presence {
        self.presence_view(number).presence
    }

    pub(super) fn used(&self, number: u8) -> i32 {
        self.presence_view(number).used.0
    }

    pub(super) fn offers(&self, number: u8) -> Vec<OfferView> {
        self.welcome(number).1
    }

    pub(super) fn work(&self, number: u8) -> Vec<WorkItemView> {
        self.welcome(number).2
    }

    fn offer_of(&self, number: u8, item: u8) -> Option<OfferView> {
        self.offers(number).into_iter().find(|offer| offer.conversation == conversation(item))
    }

    pub(super) fn offer_id(&self, number: u8, item: u8) -> OfferId {
        self.offer_of(number, item).expect("the conversation is offered to them").offer
    }

    /// To whom the conversation is offered.
    pub(super) fn offered_to(&self, item: u8) -> Option<u8> {
        (1..=4).find(|&number| self.offer_of(number, item).is_some())
    }

    /// How the conversation stands, as whoever can see it sees it; none if nobody can.
    pub(super) fn state(&self, item: u8) -> Option<WorkState> {
        let everywhere = (1..=4).flat_map(|number| self.work(number));
        everywhere.filter(|view| view.conversation == conversation(item)).map(|view| view.state).next()
    }

    /// Whose the conversation is.
    pub(super) fn owner(&self, item: u8) -> Option<u8> {
        let owns = |view: &WorkItemView| view.mine && view.conversation == conversation(item);
        (1..=4).find(|&number| self.work(number).iter().any(owns))
    }

    /// What the conversation was told in the last step.
    pub(super) fn notices(&self, item: u8) -> Vec<Notice> {
        let mine = self.last.iter().filter_map(|effect| match effect {
            Effect::Notify { conversation: id, notice } if *id == conversation(item) => Some(notice.clone()),
            _ => None,
        });
        mine.collect()
    }

    /// What the representative's consoles were shown in the last step.
    pub(super) fn shown(&self, number: u8) -> Vec<DeskFrame> {
        let mine = self.last.iter().filter_map(|effect| match effect {
            Effect::Show { to, frame } if self.router.viewers(to).contains(&representative(number)) => {
                Some(frame.clone())
            }
            _ => None,
        });
        mine.collect()
    }

    /// Why offers of this representative went in the last step.
    pub(super) fn offers_gone(&self, number: u8) -> Vec<OfferGoneReason> {
        let gone = self.shown(number).into_iter().filter_map(|frame| match frame {
            DeskFrame::OfferGone { reason, .. } => Some(reason),
            _ => None,
        });
        gone.collect()
    }

    /// What the last step recorded about sessions.
    pub(super) fn sessions_ended(&self) -> Vec<(u8, SessionEnd)> {
        let ended = self.last.iter().filter_map(|effect| match effect {
            Effect::Record(Activity::SessionEnded { representative: id, reason, .. }) => {
                Some(((1..=4).find(|&number| representative(number) == *id).unwrap_or(0), *reason))
            }
            _ => None,
        });
        ended.collect()
    }

    /// Whether the last step closed the conversation, by its record.
    pub(super) fn closed(&self, item: u8) -> bool {
        self.last.iter().any(|effect| {
            matches!(effect, Effect::Record(Activity::ConversationClosed { conversation: id, .. }) if *id == conversation(item))
        })
    }
}
