//! One history: the router and the model do the same, and what consoles show is followed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use super::sessions::Sessions;
use super::settings::variant;
use super::steps::{
    CONVERSATIONS, Hand, REPRESENTATIVES, Reply, Step, Supervise, To, WithCompany, flavoured_skills,
    flavoured_wishes, open_by, team, topic,
};
use crate::authority::Role;
use crate::conversation::Notice;
use crate::id::{ConversationId, OfferId, RepresentativeId};
use crate::protocol::desk::{BulkAct, DeskFrame, Destination, OfferKind, OfferView, WorkItemView};
use crate::protocol::insight::{Tried, Verdict};
use crate::routing::tests::house::{arrival, console, conversation, line, queue, representative};
use crate::routing::tests::model::Model;
use crate::routing::{Arrival, Audience, Command, Departure, Effect, Router};
use crate::settings::{Presence, SettingsVersion};
use crate::time::{Span, Timestamp};

/// The router, the model, and the clock of one history.
pub(super) struct History {
    pub(super) router: Router,
    model: Model,
    pub(super) now: Timestamp,
    version: u64,
    /// Every offer that consoles were shown.
    shown: Vec<(u64, ConversationId, RepresentativeId)>,
    /// What the consoles show, kept up to date by frames alone.
    lists: BTreeMap<RepresentativeId, BTreeMap<ConversationId, WorkItemView>>,
    sessions: Sessions,
}

impl History {
    pub(super) fn new() -> Self {
        let (router, model, now) = (Router::default(), Model::default(), Timestamp::from_millis(1_000_000));
        let (shown, lists, sessions) = (Vec::new(), BTreeMap::new(), Sessions::default());
        let mut history = Self { router, model, now, version: 0, shown, lists, sessions };
        let command = history.command(&Step::Configure(0)).unwrap();
        history.take(command);
        history
    }

    pub(super) fn command(&mut self, step: &Step) -> Option<Command> {
        let offer = |who, n: usize| {
            let DeskFrame::Welcome { offers, .. } = self.welcome(who) else { return None };
            offers.get(n.checked_rem(offers.len())?).map(|view| view.offer)
        };
        let own = |who, n: usize| {
            let DeskFrame::Welcome { work, .. } = self.welcome(who) else { return None };
            let mine: Vec<_> = work.iter().filter(|view| view.mine).collect();
            mine.get(n.checked_rem(mine.len())?).map(|view| view.conversation)
        };
        let id = |who: u8| representative(who);
        Some(match *step {
            Step::Wait(millis) => {
                self.now = self.now.after(Span::from_millis(millis));
                return None;
            }
            Step::Tick => Command::Tick,
            Step::Configure(number) => {
                self.version += 1;
                Command::Configure {
                    version: SettingsVersion(self.version),
                    settings: variant(number).into(),
                }
            }
            Step::Reclassify(n, flavour) => Command::Reclassify {
                conversation: conversation(n),
                context: if flavour % 2 == 0 { team(flavour) } else { vec![topic("order")] },
                skills: flavoured_skills(flavour),
            },
            Step::Arrive(n, kind, order, flavour) => Command::Arrive(Arrival {
                skills: flavoured_skills(flavour),
                preferred: flavoured_wishes(flavour),
                answers: [vec![topic(if order { "order" } else { "other" })], team(flavour)].concat(),
                ..arrival(n, kind, "")
            }),
            Step::CustomerLeft(n) => {
                Command::CustomerLeft { conversation: conversation(n), how: Departure::Ended }
            }
            Step::Connect(who, tab) => {
                Command::Connect { representative: id(who), connection: console(who, tab) }
            }
            Step::Disconnect(who, tab) => {
                Command::Disconnect { representative: id(who), connection: console(who, tab) }
            }
            Step::SignOut(who) => Command::SignOut { representative: id(who) },
            Step::ConnectionsAre(bits) => Command::ConnectionsAre { open: open_by(bits) },
            Step::SetPresence(who, presence) => Command::SetPresence { representative: id(who), presence },
            Step::Accept(who, n) => Command::Accept { representative: id(who), offer: offer(who, n)? },
            Step::Reject(who, n) => Command::Reject { representative: id(who), offer: offer(who, n)? },
            Step::AcceptNumber(who, n) => {
                Command::Accept { representative: id(who), offer: OfferId::from_number(n) }
            }
            Step::Pick(who, n) => Command::Pick { representative: id(who), conversation: conversation(n) },
            Step::End(who, n) => Command::End { representative: id(who), conversation: own(who, n)? },
            Step::Close(who, n) => Command::Close { representative: id(who), conversation: own(who, n)? },
            Step::EndAnything(who, n) => {
                Command::End { representative: id(who), conversation: conversation(n) }
            }
            Step::CloseAnything(who, n) => {
                Command::Close { representative: id(who), conversation: conversation(n) }
            }
            Step::Wrote(n, side) => Command::Wrote { conversation: conversation(n), side },
            Step::Hand(who, n, hand) => by_hand(id(who), own(who, n)?, hand),
            _ => return self.together(step),
        })
    }

    /// The command of a step in which people work together.
    fn together(&mut self, step: &Step) -> Option<Command> {
        let id = |who: u8| representative(who);
        Some(match *step {
            Step::HandBySomebody(n, hand) => {
                let (who, view) = nth(n, &self.everything_owned())?;
                by_hand(who, view.conversation, hand)
            }
            Step::WithCompany(n, m, what) => {
                let mut owned = self.everything_owned();
                owned.retain(|(_, view)| !view.people.is_empty() || view.searching.is_some());
                let (representative, WorkItemView { conversation, people, searching, .. }) = nth(n, &owned)?;
                let somebody = nth(m, &people).map(|person| person.representative);
                let consultant = somebody.unwrap_or(representative);
                let with = searching.map_or(Destination::Representative(consultant), Destination::Queue);
                match what {
                    WithCompany::End => Command::EndConsult { representative, conversation, with },
                    WithCompany::Withdraw => Command::WithdrawTransfer { representative, conversation },
                    WithCompany::Leave => Command::Leave { representative: consultant, conversation },
                    WithCompany::Publish => Command::AddToChat { representative, conversation, consultant },
                    WithCompany::Retire => {
                        Command::RemoveFromChat { representative, conversation, consultant }
                    }
                    WithCompany::PublishThemselves => {
                        Command::AddToChat { representative: consultant, conversation, consultant }
                    }
                    WithCompany::RetireThemselves => {
                        Command::RemoveFromChat { representative: consultant, conversation, consultant }
                    }
                }
            }
            Step::Answer(n, reply) => {
                let (representative, OfferView { offer, remaining, .. }) = nth(n, &self.everything_asked())?;
                match reply {
                    Reply::Yes => Command::Accept { representative, offer },
                    Reply::No => Command::Reject { representative, offer },
                    Reply::Silence => {
                        self.now = self.now.after(remaining);
                        Command::Tick
                    }
                }
            }
            Step::HandAnything(who, n, hand) => by_hand(id(who), conversation(n), hand),
            Step::Supervise(who, n, act) => supervised(id(who), conversation(n), act),
            Step::Bulk(who, ref items, act) => Command::Bulk {
                supervisor: id(who),
                conversations: items.iter().map(|n| conversation(*n)).collect(),
                act: as_bulk(act),
            },
            Step::Monitor(who, n) => Command::Monitor {
                supervisor: id(who),
                name: "Sam Stone".into(),
                conversation: conversation(n),
            },
            Step::Join(who, n) => Command::Join { supervisor: id(who), conversation: conversation(n) },
            Step::ResetPresence(who) => Command::ResetPresence { representative: id(who) },
            Step::OverridePresence(who, presence) => Command::OverridePresence {
                supervisor: id(1),
                representative: id(who),
                presence,
                reason: line("Rota"),
            },
            _ => return None,
        })
    }

    fn welcome(&self, who: u8) -> DeskFrame {
        self.router.welcome(self.now, representative(who), Role::Representative)
    }

    /// What somebody has, and who.
    fn everything_owned(&self) -> Vec<(RepresentativeId, WorkItemView)> {
        let own = (1..=REPRESENTATIVES).flat_map(|who| {
            match self.welcome(who) {
                DeskFrame::Welcome { work, .. } => work.into_iter().filter(|view| view.mine).collect(),
                _ => Vec::new(),
            }
            .into_iter()
            .map(move |view| (representative(who), view))
        });
        own.collect()
    }

    /// What somebody is asked, and who.
    fn everything_asked(&self) -> Vec<(RepresentativeId, OfferView)> {
        let asked = (1..=REPRESENTATIVES).flat_map(|who| {
            match self.welcome(who) {
                DeskFrame::Welcome { offers, .. } => offers,
                _ => Vec::new(),
            }
            .into_iter()
            .map(move |view| (representative(who), view))
        });
        asked.collect()
    }

    /// Handles a command and compares everything. Gives what followed, unless it was refused.
    pub(super) fn take(&mut self, command: Command) -> Option<Vec<Effect>> {
        let before = postcard::to_allocvec(&self.router).unwrap();
        let connects = match &command {
            Command::Connect { representative, .. } => vec![*representative],
            Command::ConnectionsAre { open } => open.iter().map(|(id, _)| *id).collect(),
            _ => vec![],
        };
        let tried = self.tried(&command);
        let permitted = self.model.permits(self.now, &command);
        let answer = self.router.handle(self.now, command.clone());
        if let Some(permitted) = permitted {
            assert_eq!(answer.is_ok(), permitted, "whether {command:?} is permitted: {answer:?}");
        }
        let Ok(effects) = answer else {
            assert_eq!(postcard::to_allocvec(&self.router).unwrap(), before, "a refusal left a trace");
            return None;
        };
        assert_eq!(self.router.check_invariants(), Ok(()), "after {command:?}");
        if let Some((conversation, verdict)) = tried {
            self.compare_trial(conversation, verdict);
        }
        self.model.handle(self.now, command);
        self.follow(&effects);
        self.sessions.follow(&effects, &self.router);
        assert_eq!(self.shown, self.model.made, "the same offers, in the same order");
        self.compare_work();
        self.compare_positions();
        self.compare_hindrances();
        self.compare_people(&effects);
        self.compare_lists(&connects);
        Some(effects)
    }

    fn follow(&mut self, effects: &[Effect]) {
        for effect in effects {
            let Effect::Show { to, frame } = effect else { continue };
            for representative in self.router.viewers(to) {
                let list = self.lists.entry(representative).or_default();
                match frame {
                    DeskFrame::Offered { offer } => {
                        self.shown.push((offer.offer.number(), offer.conversation, representative));
                    }
                    DeskFrame::Work { item } => {
                        list.insert(item.conversation, item.clone());
                    }
                    DeskFrame::WorkGone { conversation } => {
                        assert!(list.remove(conversation).is_some(), "what goes was there");
                    }
                    _ => {}
                }
            }
        }
    }

    /// What a dry run says of a conversation that arrives, which is none that is there already.
    fn tried(&self, command: &Command) -> Option<(ConversationId, Tried)> {
        let Command::Arrive(arrival) = command else { return None };
        let id = arrival.conversation;
        let tried = || self.router.decide(self.now, None, arrival.clone()).unwrap();
        self.router.explain(id).is_none().then(|| (id, tried()))
    }

    /// What was said would become of a conversation has become of it.
    fn compare_trial(&self, conversation: ConversationId, tried: Tried) {
        let really = self.router.explain(conversation);
        match tried.verdict {
            Verdict::TakenIn(shown) => {
                assert_eq!(really, Some(*shown), "as the dry run said");
                assert_eq!(self.router.rules(conversation), Some(tried.rules), "as the dry run said");
            }
            Verdict::TurnedAway { .. } => assert_eq!(really, None, "as the dry run said"),
        }
    }

    fn compare_work(&self) {
        let concerned = self.model.concerned();
        let places = self.model.places();
        for n in 0..CONVERSATIONS {
            let place = self.router.explain(conversation(n)).map(|explained| explained.queue);
            assert_eq!(place, places.get(&conversation(n)).copied(), "the queue of {n}");
            let here = concerned.get(&conversation(n)).cloned().unwrap_or_default();
            for who in 0..=REPRESENTATIVES {
                let takes_part = self.router.takes_part(representative(who), conversation(n));
                assert_eq!(takes_part, here.contains(&representative(who)), "{n} and {who}");
                let part = self.router.part(representative(who), conversation(n));
                assert_eq!(part, self.model.part(representative(who), conversation(n)), "{n} and {who}");
            }
        }
    }

    fn compare_positions(&self) {
        for n in 0..CONVERSATIONS {
            let id = conversation(n);
            assert_eq!(self.router.position(id), self.model.position(id), "the position of {n}");
        }
    }

    /// Nobody is found for what waits; so of everybody it is said what keeps them from it.
    fn compare_hindrances(&self) {
        for n in 0..CONVERSATIONS {
            let Some(explained) = self.router.explain(conversation(n)) else { continue };
            for person in explained.people {
                assert!(
                    person.hindrance.is_some(),
                    "{n} waits, and nothing keeps {} from it",
                    person.full_name
                );
            }
        }
    }

    fn compare_people(&self, effects: &[Effect]) {
        let offers = || {
            effects.iter().filter_map(|effect| match effect {
                Effect::Show { to: Audience::Representative(id), frame: DeskFrame::Offered { offer } } => {
                    Some((
                        *id,
                        offer.kind != OfferKind::Work || self.model.may_exceed_units(offer.conversation),
                    ))
                }
                _ => None,
            })
        };
        let mut offered: BTreeSet<_> = offers().map(|(id, _)| id).collect();
        // What asks for people by name, or people for them, goes to them whatever their capacity, and what is counted in
        // profiles takes no units.
        offers().filter(|(_, may)| *may).for_each(|(id, _)| {
            offered.remove(&id);
        });
        // So does what is accepted as it is offered, of which no console is shown an offer.
        for effect in effects {
            if let Effect::Notify { notice: Notice::Assigned { representative, .. }, .. } = effect {
                offered.remove(representative);
            }
        }
        for who in 1..=REPRESENTATIVES {
            let id = representative(who);
            let DeskFrame::Welcome { presence, .. } = self.welcome(who) else { unreachable!() };
            let expected = self.model.standing_of(id).unwrap_or((Presence::Offline, 0, vec![]));
            let places = presence.profiles.iter().map(|profile| profile.used).collect();
            assert_eq!((presence.presence, presence.used.0, places), expected, "{who}");
            if offered.contains(&id) {
                assert!(
                    presence.used <= presence.capacity,
                    "the system assigned {who} beyond their capacity"
                );
            }
        }
    }

    /// A console that has followed the frames shows what a fresh one is welcomed with, which is what the model has.
    fn compare_lists(&mut self, connects: &[RepresentativeId]) {
        for who in 1..=REPRESENTATIVES {
            let id = representative(who);
            let DeskFrame::Welcome { presence, work, .. } = self.welcome(who) else { unreachable!() };
            let welcome: BTreeMap<_, _> = work.into_iter().map(|view| (view.conversation, view)).collect();
            for view in welcome.values() {
                let listed = Some((view.state, view.transfers, view.searching));
                assert_eq!(listed, self.model.listed(view.conversation), "{}", view.conversation);
            }
            let there = presence.presence != Presence::Offline;
            if connects.contains(&id) || !there {
                self.lists.insert(id, welcome);
            } else {
                assert_eq!(self.lists.entry(id).or_default(), &welcome, "the lists of {who}");
            }
        }
    }
}

/// One of these, whatever the number.
fn nth<T: Clone>(n: usize, all: &[T]) -> Option<T> {
    all.get(n.checked_rem(all.len())?).cloned()
}

fn by_hand(representative: RepresentativeId, conversation: ConversationId, hand: Hand) -> Command {
    match hand {
        Hand::Release => Command::Release { representative, conversation },
        Hand::SetAside => Command::Wait { representative, conversation },
        Hand::Resume => Command::Resume { representative, conversation },
        Hand::Leave => Command::Leave { representative, conversation },
        Hand::Transfer(to) => Command::Transfer { representative, conversation, to: destination(to) },
        Hand::WithdrawTransfer => Command::WithdrawTransfer { representative, conversation },
        Hand::Consult(to) => Command::Consult { representative, conversation, with: destination(to) },
        Hand::EndConsult(to) => Command::EndConsult { representative, conversation, with: destination(to) },
        Hand::AddToChat(who) => {
            Command::AddToChat { representative, conversation, consultant: self::representative(who) }
        }
        Hand::RemoveFromChat(who) => {
            Command::RemoveFromChat { representative, conversation, consultant: self::representative(who) }
        }
    }
}

fn supervised(supervisor: RepresentativeId, conversation: ConversationId, act: Supervise) -> Command {
    match as_bulk(act) {
        BulkAct::Assign { to } => Command::Assign { supervisor, conversation, to },
        BulkAct::Redirect { to } => Command::Redirect { supervisor, conversation, to },
        BulkAct::ForceClose => Command::ForceClose { supervisor, conversation },
    }
}

fn as_bulk(act: Supervise) -> BulkAct {
    match act {
        Supervise::Assign(to) => BulkAct::Assign { to: destination(to) },
        Supervise::Redirect(to) => BulkAct::Redirect { to: destination(to) },
        Supervise::ForceClose => BulkAct::ForceClose,
    }
}

fn destination(to: To) -> Destination {
    match to {
        To::Queue(number) => Destination::Queue(queue(number)),
        To::Somebody(number) => Destination::Representative(representative(number)),
    }
}
