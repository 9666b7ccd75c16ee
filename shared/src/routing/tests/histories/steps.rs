//! What can happen in a history, and how it is written as commands.

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::settings::{BREAK, TRAINING, VARIANTS};
use crate::form::Answer;
use crate::id::{ConnectionId, RepresentativeId};
use crate::protocol::live::Side;
use crate::routing::tests::house::{console, rated, rating_model, representative};
use crate::settings::{Presence, RatedSkill};

pub(super) const REPRESENTATIVES: u8 = 4;
pub(super) const CONVERSATIONS: u8 = 12;
pub(super) const TABS: u8 = 2;

/// One step of a history. Numbers that name nothing are welcome.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Wait(u64),
    Tick,
    Configure(u8),
    Arrive(u8, u8, bool, u8),
    Reclassify(u8, u8),
    CustomerLeft(u8),
    Connect(u8, u8),
    Disconnect(u8, u8),
    SignOut(u8),
    ConnectionsAre(u8),
    SetPresence(u8, Presence),
    Accept(u8, usize),
    Reject(u8, usize),
    AcceptNumber(u8, u64),
    Pick(u8, u8),
    End(u8, usize),
    Close(u8, usize),
    EndAnything(u8, u8),
    CloseAnything(u8, u8),
    Wrote(u8, Side),
    Hand(u8, usize, Hand),
    HandAnything(u8, u8, Hand),
    /// Whoever has something does this with it.
    HandBySomebody(usize, Hand),
    /// The same with somebody who takes part or is asked to, or with the search for somebody.
    WithCompany(usize, usize, WithCompany),
    /// Whoever was asked something answers, or lets it lapse.
    Answer(usize, Reply),
    Supervise(u8, u8, Supervise),
    Bulk(u8, Vec<u8>, Supervise),
    ResetPresence(u8),
    OverridePresence(u8, Option<Presence>),
    /// A supervisor looks on, and writes.
    Monitor(u8, u8),
    Join(u8, u8),
}

/// What the primary representative does with what they have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hand {
    Release,
    SetAside,
    Resume,
    Leave,
    Transfer(To),
    WithdrawTransfer,
    Consult(To),
    EndConsult(To),
    AddToChat(u8),
    RemoveFromChat(u8),
}

/// What the primary representative does about those who take part.
#[derive(Debug, Clone, Copy)]
pub(super) enum WithCompany {
    End,
    Withdraw,
    Publish,
    Retire,
    /// The consultant lets themselves write to the customer, which is refused.
    PublishThemselves,
    /// The consultant gives it up.
    RetireThemselves,
    /// Whoever it is takes part no longer.
    Leave,
}

/// What becomes of an offer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reply {
    Yes,
    No,
    Silence,
}

/// A queue or somebody.
#[derive(Debug, Clone, Copy)]
pub(super) enum To {
    Queue(u8),
    Somebody(u8),
}

/// What a supervisor does with what anybody has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Supervise {
    Assign(To),
    Redirect(To),
    ForceClose,
}

fn to() -> impl Strategy<Value = To> {
    prop_oneof![1 => (1..=3_u8).prop_map(To::Queue), 2 => (0..=REPRESENTATIVES).prop_map(To::Somebody)]
}

fn hand() -> impl Strategy<Value = Hand> {
    let who = 0..=REPRESENTATIVES;
    prop_oneof![
        1 => Just(Hand::Release),
        4 => Just(Hand::SetAside),
        8 => Just(Hand::Resume),
        1 => Just(Hand::Leave),
        4 => to().prop_map(Hand::Transfer),
        3 => Just(Hand::WithdrawTransfer),
        6 => to().prop_map(Hand::Consult),
        6 => to().prop_map(Hand::EndConsult),
        5 => who.clone().prop_map(Hand::AddToChat),
        5 => who.prop_map(Hand::RemoveFromChat),
    ]
}

fn with_company() -> impl Strategy<Value = WithCompany> {
    prop::sample::select(vec![
        WithCompany::End,
        WithCompany::Withdraw,
        WithCompany::Publish,
        WithCompany::Publish,
        WithCompany::Retire,
        WithCompany::PublishThemselves,
        WithCompany::RetireThemselves,
        WithCompany::Leave,
    ])
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![5 => Just(Reply::Yes), 2 => Just(Reply::No), 1 => Just(Reply::Silence)]
}

fn supervise() -> impl Strategy<Value = Supervise> {
    prop_oneof![
        3 => to().prop_map(Supervise::Assign),
        3 => to().prop_map(Supervise::Redirect),
        1 => Just(Supervise::ForceClose),
    ]
}

/// Any presence, the one too that cannot be chosen.
fn presence() -> impl Strategy<Value = Presence> {
    prop::sample::select(vec![
        Presence::Available,
        Presence::Busy,
        Presence::DoNotDisturb,
        Presence::Away,
        Presence::Offline,
        Presence::Inactive,
        Presence::Custom(TRAINING),
        Presence::Custom(BREAK),
    ])
}

/// What happens on any day.
pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![4 => everyday(), 1 => together()]
}

/// The same where people mostly work together.
pub(super) fn step_together() -> impl Strategy<Value = Step> {
    prop_oneof![1 => everyday(), 2 => together()]
}

/// What customers do, what somebody does alone, and what time does.
fn everyday() -> impl Strategy<Value = Step> {
    let who = 0..=REPRESENTATIVES;
    let what = 0..CONVERSATIONS;
    let wait = prop::sample::select(vec![0, 1, 999, 30_000, 60_000, 149_999, 150_000, 150_001, 900_000]);
    let tab = 0..TABS;
    let side = prop::sample::select(vec![Side::Customer, Side::Customer, Side::Staff]);
    prop_oneof![
        8 => wait.prop_map(Step::Wait),
        6 => Just(Step::Tick),
        1 => (0..VARIANTS).prop_map(Step::Configure),
        16 => (what.clone(), 1..=3_u8, any::<bool>(), 0..FLAVOURS)
            .prop_map(|(n, kind, order, flavour)| Step::Arrive(n, kind, order, flavour)),
        3 => what.clone().prop_map(Step::CustomerLeft),
        3 => (what.clone(), 0..FLAVOURS).prop_map(|(n, flavour)| Step::Reclassify(n, flavour)),
        12 => (who.clone(), tab.clone()).prop_map(|(who, tab)| Step::Connect(who, tab)),
        4 => (who.clone(), tab).prop_map(|(who, tab)| Step::Disconnect(who, tab)),
        1 => who.clone().prop_map(Step::SignOut),
        1 => any::<u8>().prop_map(Step::ConnectionsAre),
        4 => (who.clone(), presence()).prop_map(|(who, presence)| Step::SetPresence(who, presence)),
        12 => (who.clone(), any::<usize>()).prop_map(|(who, n)| Step::Accept(who, n)),
        6 => (who.clone(), any::<usize>()).prop_map(|(who, n)| Step::Reject(who, n)),
        1 => (who.clone(), 0..20_u64).prop_map(|(who, n)| Step::AcceptNumber(who, n)),
        5 => (who.clone(), what.clone()).prop_map(|(who, n)| Step::Pick(who, n)),
        5 => (who.clone(), any::<usize>()).prop_map(|(who, n)| Step::End(who, n)),
        5 => (who.clone(), any::<usize>()).prop_map(|(who, n)| Step::Close(who, n)),
        1 => (who.clone(), what.clone()).prop_map(|(who, n)| Step::EndAnything(who, n)),
        1 => (who.clone(), what.clone()).prop_map(|(who, n)| Step::CloseAnything(who, n)),
        5 => (what.clone(), side).prop_map(|(n, side)| Step::Wrote(n, side)),
    ]
}

/// What people do with others, and with the work of others.
fn together() -> impl Strategy<Value = Step> {
    let (who, what) = (0..=REPRESENTATIVES, 0..CONVERSATIONS);
    let chosen = prop::option::of(presence());
    prop_oneof![
        4 => (who.clone(), any::<usize>(), hand()).prop_map(|(who, n, hand)| Step::Hand(who, n, hand)),
        14 => (any::<usize>(), hand()).prop_map(|(n, hand)| Step::HandBySomebody(n, hand)),
        9 => (any::<usize>(), any::<usize>(), with_company())
            .prop_map(|(n, m, what)| Step::WithCompany(n, m, what)),
        8 => (any::<usize>(), reply()).prop_map(|(n, reply)| Step::Answer(n, reply)),
        6 => who.clone().prop_map(|who| Step::OverridePresence(who, Some(Presence::Available))),
        3 => (who.clone(), what.clone(), hand()).prop_map(|(who, n, hand)| Step::HandAnything(who, n, hand)),
        8 => (who.clone(), what.clone(), supervise()).prop_map(|(who, n, act)| Step::Supervise(who, n, act)),
        1 => (who.clone(), prop::collection::vec(what, 0..6), supervise())
            .prop_map(|(who, items, act)| Step::Bulk(who, items, act)),
        1 => who.clone().prop_map(Step::ResetPresence),
        6 => (who.clone(), 0..CONVERSATIONS).prop_map(|(who, n)| Step::Monitor(who, n)),
        4 => (who.clone(), 0..CONVERSATIONS).prop_map(|(who, n)| Step::Join(who, n)),
        1 => (who, chosen).prop_map(|(who, presence)| Step::OverridePresence(who, presence)),
    ]
}

pub(super) const FLAVOURS: u8 = 12;

/// Every other item asks for skills.
pub(super) fn flavoured_skills(flavour: u8) -> Vec<RatedSkill> {
    match flavour {
        1 => vec![rated(1, 3)],
        3 => vec![rated(1, 5), rated(2, 1)],
        5 => vec![rated(2, 4)],
        7 => vec![RatedSkill { model: Some(rating_model(2)), ..rated(2, 60) }],
        9 => vec![rated(3, 1)],
        _ => vec![],
    }
}

pub(super) fn topic(value: &str) -> Answer {
    Answer { name: "topic".into(), value: value.into() }
}

/// Some ask for a team.
pub(super) fn team(flavour: u8) -> Vec<Answer> {
    let team = match flavour {
        2 => "red",
        4 | 7 => "blue",
        6 => "green",
        _ => return vec![],
    };
    vec![Answer { name: "team".into(), value: team.into() }]
}

/// Some ask for people.
pub(super) fn flavoured_wishes(flavour: u8) -> Vec<RepresentativeId> {
    match flavour {
        9 => vec![representative(2)],
        10 => vec![representative(3), representative(1)],
        11 => vec![representative(4), representative(2), representative(3), representative(1)],
        _ => vec![],
    }
}

/// Which consoles are open, one bit each.
pub(super) fn open_by(bits: u8) -> Vec<(RepresentativeId, ConnectionId)> {
    let consoles = (1..=REPRESENTATIVES).flat_map(|who| (0..TABS).map(move |tab| (who, tab)));
    let open = consoles.enumerate().filter(|(bit, _)| bits & (1 << bit) != 0);
    open.map(|(_, (who, tab))| (representative(who), console(who, tab))).collect()
}
