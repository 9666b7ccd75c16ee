//! Whatever people do with each other's work, in whatever order: the router and the conversations agree on who takes part
//! and who may write, nobody is let in who was not let out again, a refusal leaves no trace, and the journal replays.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use proptest::collection::vec as vec_of;
use proptest::prelude::*;

use super::desk::*;
use super::house::{a_workstream, arrival, console, conversation, representative, usual};
use crate::conversation::{self, Conversation, Notice, Opening, Sender};
use crate::id::{CapacityProfileId, ConversationId, OfferId, RepresentativeId, VisitorId, WidgetId};
use crate::protocol::desk::{Part, Purpose};
use crate::protocol::live::{Side, Visibility};
use crate::routing::{Activity, Command, Departure, Effect, Router};
use crate::settings::{
    Acceptance, CapacityProfile, Channel, ChannelClass, Consultable, HeldProfile, Presence, ProfileReset,
    Settings, SettingsVersion, Silent, TimeOutAction, TimeOutRule, Units, WrapUp,
};
use crate::text::MessageText;
use crate::time::{Span, Timestamp};

const PEOPLE: [u8; 5] = [1, 2, 3, 4, SUPERVISOR];
const CONVERSATIONS: u8 = 4;
const PROFILE: CapacityProfileId = CapacityProfileId::from_u128(0xca);

/// A live chat, an asynchronous channel with rules, and one that is counted in a profile.
fn settings(number: u8) -> Settings {
    let mut settings = usual();
    let mut asynchronous = a_workstream(2, 1);
    (asynchronous.channel, asynchronous.sessions.channel) = (Channel::Sms, ChannelClass::Asynchronous);
    asynchronous.sessions.consult.holds_capacity = true;
    let rule = |silent, secs, action| TimeOutRule::new(silent, Span::from_secs(secs), action);
    asynchronous.sessions.time_outs = vec![
        rule(Silent::Customer, 30, TimeOutAction::Say(MessageText::new("Hello?").unwrap())),
        rule(Silent::Customer, 90, TimeOutAction::Wait),
        rule(Silent::Representative, 200, TimeOutAction::Release),
        rule(Silent::Representative, 1_000, TimeOutAction::Close),
    ];
    settings.workstreams.push(asynchronous);
    let mut counted = a_workstream(3, 2);
    (counted.cost, counted.profile) = (Units(0), Some(PROFILE));
    counted.wrap_up = WrapUp::NeverBlocks;
    counted.sessions.acceptance = Acceptance::AcceptOnly;
    settings.workstreams.push(counted);
    settings.profiles = vec![CapacityProfile {
        id: PROFILE,
        name: super::house::line("Cases"),
        limit: 1,
        reset: ProfileReset::EndOfDay,
        blocks_assignment: false,
    }];
    for known in &mut settings.representatives {
        known.profiles = vec![HeldProfile { profile: PROFILE, limit: None }];
    }
    match number {
        0 => {}
        1 => {
            settings.representatives.remove(1);
            settings.queues.iter_mut().for_each(|queue| queue.members.retain(|id| *id != representative(2)));
            settings.desk.inactive_after_missed_offer = true;
        }
        _ => {
            settings.workstreams[0].sessions.acceptance = Acceptance::Automatic;
            settings.workstreams[1].sessions.consult.whom = Consultable::Anybody;
            settings.desk.do_not_disturb_after_reject = true;
            settings.workstreams.truncate(2);
        }
    }
    settings
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Later(u64),
    Do(Box<Command>),
    /// Somebody answers one of their offers.
    Answer(u8, usize, bool),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let who = || prop::sample::select(&PEOPLE[..]);
    let what = || 0..CONVERSATIONS;
    let destination = || {
        prop_oneof![
            3 => (1..=4_u8).prop_map(to),
            1 => (1..=3_u8).prop_map(to_queue),
        ]
    };
    let presence = prop::sample::select(vec![Presence::Available, Presence::Busy, Presence::Away]);
    let later = prop::sample::select(vec![1, 31_000, 61_000, 121_000, 151_000, 1_201_000, 90_000_000]);
    let side = prop::sample::select(vec![Side::Customer, Side::Staff]);
    let how = prop::sample::select(vec![Departure::Ended, Departure::Disconnected]);
    let command = prop_oneof![
        10 => (what(), 1..=3_u8).prop_map(|(n, kind)| Command::Arrive(arrival(n, kind, "other"))),
        8 => who().prop_map(|who| Command::Connect { representative: representative(who), connection: console(who, 0) }),
        2 => who().prop_map(|who| Command::Disconnect { representative: representative(who), connection: console(who, 0) }),
        1 => who().prop_map(|who| Command::SignOut { representative: representative(who) }),
        3 => Just(Command::Tick),
        2 => (who(), presence).prop_map(|(who, presence)| Command::SetPresence { representative: representative(who), presence }),
        1 => who().prop_map(|who| Command::ResetPresence { representative: representative(who) }),
        2 => (what(), how).prop_map(|(n, how)| Command::CustomerLeft { conversation: conversation(n), how }),
        5 => (what(), side).prop_map(|(n, side)| wrote(n, side)),
        4 => (who(), what()).prop_map(|(who, n)| Command::Pick { representative: representative(who), conversation: conversation(n) }),
        2 => (who(), what()).prop_map(|(who, n)| Command::End { representative: representative(who), conversation: conversation(n) }),
        2 => (who(), what()).prop_map(|(who, n)| Command::Close { representative: representative(who), conversation: conversation(n) }),
        1 => (who(), what()).prop_map(|(who, n)| release(who, n)),
        3 => (who(), what()).prop_map(|(who, n)| wait(who, n)),
        3 => (who(), what()).prop_map(|(who, n)| resume(who, n)),
        3 => (who(), what()).prop_map(|(who, n)| leave(who, n)),
        8 => (who(), what(), destination()).prop_map(|(who, n, to)| transfer(who, n, to)),
        1 => (who(), what()).prop_map(|(who, n)| Command::WithdrawTransfer { representative: representative(who), conversation: conversation(n) }),
        10 => (who(), what(), destination()).prop_map(|(who, n, with)| consult(who, n, with)),
        2 => (who(), what(), destination()).prop_map(|(who, n, with)| end_consult(who, n, with)),
        4 => (who(), what(), who()).prop_map(|(who, n, other)| add_to_chat(who, n, other)),
        2 => (who(), what(), who()).prop_map(|(who, n, other)| remove_from_chat(who, n, other)),
        3 => (what(), destination()).prop_map(|(n, to)| assign(n, to)),
        5 => (what(), destination()).prop_map(|(n, to)| redirect(n, to)),
        1 => what().prop_map(force_close),
        4 => (who(), what()).prop_map(|(who, n)| monitor(who, n)),
        3 => (who(), what()).prop_map(|(who, n)| join(who, n)),
        1 => who().prop_map(|who| override_presence(who, None)),
        1 => (0..3_u8).prop_map(|number| Command::Configure { version: SettingsVersion(u64::MAX), settings: settings(number).into() }),
    ];
    prop_oneof![
        3 => later.prop_map(Step::Later),
        20 => command.prop_map(|command| Step::Do(Box::new(command))),
        10 => (who(), any::<usize>(), prop::bool::weighted(0.8)).prop_map(|(who, n, yes)| Step::Answer(who, n, yes)),
    ]
}

/// The router, and the conversations that listen to it.
pub(super) struct Company {
    pub(super) router: Router,
    pub(super) now: Timestamp,
    version: u64,
    conversations: BTreeMap<ConversationId, Conversation>,
    /// Who was let in to what and has not been shown out.
    admitted: BTreeSet<(ConversationId, RepresentativeId)>,
    journal: Vec<(Timestamp, Command)>,
}

impl Company {
    pub(super) fn new() -> Self {
        let mut company = Self {
            router: Router::default(),
            now: Timestamp::from_millis(1_000_000),
            version: 0,
            conversations: BTreeMap::new(),
            admitted: BTreeSet::new(),
            journal: Vec::new(),
        };
        company.take(Command::Configure { version: SettingsVersion(0), settings: settings(0).into() });
        company
    }

    pub(super) fn go(&mut self, step: Step) {
        match step {
            Step::Later(millis) => self.now = self.now.after(Span::from_millis(millis)),
            Step::Do(command) => self.take(*command),
            Step::Answer(who, n, yes) => {
                let Some(offer) = self.offer_to(who, n) else { return };
                let representative = representative(who);
                self.take(if yes {
                    Command::Accept { representative, offer }
                } else {
                    Command::Reject { representative, offer }
                });
            }
        }
    }

    fn offer_to(&self, who: u8, n: usize) -> Option<OfferId> {
        let role = crate::authority::Role::Representative;
        let welcome = self.router.welcome(self.now, representative(who), role);
        let crate::protocol::desk::DeskFrame::Welcome { offers, .. } = welcome else { return None };
        offers.get(n.checked_rem(offers.len())?).map(|offer| offer.offer)
    }

    fn take(&mut self, mut command: Command) {
        if let Command::Configure { version, .. } = &mut command {
            self.version += 1;
            *version = SettingsVersion(self.version);
        }
        // What was closed is never heard of again.
        if let Command::Arrive(arrival) = &command
            && self.conversations.contains_key(&arrival.conversation)
            && !self.is_open(arrival.conversation)
        {
            return;
        }
        let before = postcard::to_allocvec(&self.router).unwrap();
        let Ok(effects) = self.router.handle(self.now, command.clone()) else {
            assert_eq!(postcard::to_allocvec(&self.router).unwrap(), before, "a refusal left a trace");
            return;
        };
        assert_eq!(self.router.check_invariants(), Ok(()), "after {command:?}");
        if let Command::Arrive(arrival) = &command {
            let now = self.now;
            self.conversations.entry(arrival.conversation).or_insert_with(|| opened(now, arrival.clone()));
        }
        if let Command::CustomerLeft { conversation, .. } = &command
            && let Some(known) = self.conversations.get_mut(conversation)
        {
            known.handle(self.now, conversation::Command::End).unwrap();
        }
        for effect in effects {
            self.follow(effect);
        }
        self.journal.push((self.now, command));
        self.compare();
    }

    pub(super) fn is_open(&self, id: ConversationId) -> bool {
        let anything = |purpose| self.router.candidates(self.now, representative(1), id, purpose);
        anything(Purpose::Assign) != Err(crate::routing::Rejection::UnknownConversation)
    }

    fn follow(&mut self, effect: Effect) {
        match effect {
            Effect::Notify { conversation, notice } => {
                let ends = matches!(notice, Notice::Closed);
                let known =
                    self.conversations.get_mut(&conversation).expect("notices are about what is there");
                for order in known.handle(self.now, conversation::Command::Notice(notice)).unwrap() {
                    if let conversation::Effect::Dismiss { representative } = order {
                        self.admitted.remove(&(conversation, representative));
                    }
                }
                assert!(!ends || known.has_ended(), "what is closed has ended");
            }
            Effect::Record(Activity::SessionEnded { accepted, assigned, ended, .. }) => {
                assert!(accepted.unwrap_or(assigned) >= assigned && ended >= accepted.unwrap_or(assigned));
            }
            Effect::Record(_) | Effect::Show { .. } | Effect::Moved { .. } => {}
        }
    }

    /// Whoever takes part by the router may write as their part says, and nobody else; whoever is let in takes part.
    fn compare(&mut self) {
        for (&id, conversation) in &self.conversations {
            let states = PEOPLE
                .iter()
                .filter(|who| self.router.part(representative(**who), id) == Some(Part::Primary));
            assert!(states.count() <= 1, "never two primaries");
            for who in PEOPLE {
                let who = representative(who);
                let part = self.router.part(who, id);
                let writes = |visibility| conversation.typing(Sender::Staff(who), visibility).is_ok();
                let (public, internal) = (writes(Visibility::Public), writes(Visibility::Internal));
                let expected = match part {
                    None | Some(Part::Monitor) => (false, false),
                    Some(Part::PrivateConsultant) => (false, true),
                    // Wrapped up or set aside, the primary representative does not write either.
                    Some(Part::Primary) => (public, public),
                    Some(Part::PublicConsultant | Part::Supervisor) => (true, true),
                };
                let expected = if conversation.has_ended() { (false, false) } else { expected };
                assert_eq!((public, internal), expected, "{who} as {part:?} in {id}");
                if self.router.takes_part(who, id) {
                    self.admitted.insert((id, who));
                } else {
                    assert!(
                        !self.admitted.contains(&(id, who)),
                        "{who} is out of {id} and was not shown out"
                    );
                }
            }
        }
    }
}

fn opened(now: Timestamp, arrival: crate::routing::Arrival) -> Conversation {
    let opening = Opening {
        conversation: arrival.conversation,
        visitor: VisitorId::from_u128(1),
        widget: WidgetId::from_u128(1),
        arrival,
        answers: Vec::new(),
        first_message: None,
        customer_grace: Span::from_secs(1),
    };
    Conversation::open(now, opening).0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn router_and_conversations_agree_on_who_takes_part(steps in vec_of(step(), 1..150)) {
        let mut company = Company::new();
        for step in steps {
            company.go(step);
        }
    }

    #[test]
    fn the_journal_replays_to_the_identical_state(
        steps in vec_of(step(), 1..100),
        at in any::<prop::sample::Index>(),
    ) {
        let mut company = Company::new();
        let mut snapshot = (Router::default(), 0);
        let cut = at.index(steps.len());
        for (number, step) in steps.into_iter().enumerate() {
            if number == cut {
                let bytes = postcard::to_allocvec(&company.router).unwrap();
                snapshot = (postcard::from_bytes(&bytes).unwrap(), company.journal.len());
            }
            company.go(step);
        }
        let (mut restored, from) = snapshot;
        for (now, command) in &company.journal[from..] {
            let bytes = postcard::to_allocvec(command).unwrap();
            restored.handle(*now, postcard::from_bytes(&bytes).unwrap()).unwrap();
        }
        prop_assert_eq!(
            postcard::to_allocvec(&restored).unwrap(),
            postcard::to_allocvec(&company.router).unwrap()
        );
    }
}

#[test]
fn every_variant_of_settings_here_is_one_that_could_be_stored() {
    for number in 0..3 {
        assert_eq!(settings(number).check(), Ok(()), "{number}");
    }
}
