//! What the gateway says becomes what is true here, and what is asked finds its answer.

use super::*;
use shared::authority::Role;
use shared::id::PresenceId;
use shared::protocol::ErrorCode;
use shared::protocol::desk::{BulkAct, PresenceSource, SkillFit, StaffView};
use shared::settings::Units;
use shared::time::Span;

pub(crate) fn item(number: u128, state: WorkState, mine: bool) -> WorkItemView {
    WorkItemView {
        conversation: ConversationId::from_u128(number),
        state,
        mine,
        customer: Some(format!("Customer {number}")),
        topic: None,
        queue: QueueId::from_u128(1),
        queue_name: "Orders".into(),
        created: Timestamp::from_millis(1_000),
        changed: Timestamp::from_millis(2_000),
        part: mine.then_some(Part::Primary),
        people: Vec::new(),
        searching: None,
        transfers: 0,
        can_wait: false,
    }
}

fn offer(number: u64) -> OfferView {
    OfferView {
        offer: OfferId::from_number(number),
        conversation: ConversationId::from_u128(number.into()),
        customer: Some("Ada".into()),
        topic: None,
        queue: "Orders".into(),
        remaining: Span::from_secs(20),
        timeout: Span::from_secs(30),
        waited: Span::ZERO,
        kind: OfferKind::Work,
        asked_by: None,
        can_reject: true,
        title: None,
        details: Vec::new(),
    }
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[test]
fn an_offer_expires_by_the_clock_of_this_machine() {
    let mut desk = Desk::default();
    desk.apply(at(5_000), DeskFrame::Offered { offer: offer(1) });
    assert_eq!(desk.offers[0].expires, at(25_000));
}

#[test]
fn the_reason_of_a_lost_offer_stays_in_sight_for_a_while() {
    let mut desk = Desk::default();
    desk.apply(at(0), DeskFrame::Offered { offer: offer(1) });
    let news = desk.apply(
        at(100),
        DeskFrame::OfferGone { offer: OfferId::from_number(1), reason: OfferGoneReason::Withdrawn },
    );
    assert_eq!(news, Some(News::OfferGone(offer(1), OfferGoneReason::Withdrawn)));
    assert_eq!(desk.open_offers().count(), 0);
    assert!(!desk.sweep(at(8_000)));
    assert!(desk.sweep(at(8_100)));
    assert!(desk.offers.is_empty());
}

#[test]
fn a_conversation_has_one_card_however_often_it_is_offered() {
    let mut desk = Desk::default();
    desk.apply(at(0), DeskFrame::Offered { offer: offer(1) });
    let gone = DeskFrame::OfferGone { offer: OfferId::from_number(1), reason: OfferGoneReason::TimedOut };
    desk.apply(at(1), gone);
    let again = OfferView { conversation: offer(1).conversation, ..offer(2) };
    desk.apply(at(2), DeskFrame::Offered { offer: again.clone() });
    assert_eq!(desk.offers.iter().map(|held| &held.view).collect::<Vec<_>>(), [&again]);
    assert_eq!(desk.open_offers().count(), 1);
}

#[test]
fn an_accepted_offer_goes_at_once_and_its_answer_still_knows_the_conversation() {
    let mut desk = Desk::default();
    desk.apply(at(0), DeskFrame::Offered { offer: offer(7) });
    let accept = DeskCommand::Accept { offer: OfferId::from_number(7) };
    let request = desk.ask(accept.clone()).unwrap();
    assert_eq!(desk.ask(accept.clone()), None, "a second press asks nothing");
    desk.apply(
        at(1),
        DeskFrame::OfferGone { offer: OfferId::from_number(7), reason: OfferGoneReason::Accepted },
    );
    assert!(desk.offers.is_empty());
    let done = desk.apply(at(2), DeskFrame::Done { number: request.number });
    let asked =
        Asked { command: accept, conversation: Some(ConversationId::from_u128(7)), title: "Ada".into() };
    assert_eq!(done, Some(News::Done(asked)));
}

#[test]
fn a_refusal_finds_what_was_asked() {
    let mut desk = Desk::default();
    let request = desk.ask(DeskCommand::SetPresence { presence: Presence::Away }).unwrap();
    assert_eq!(desk.presence_asked(), Some(Presence::Away));
    let problem = Problem::from(ErrorCode::NotPossibleNow);
    let news =
        desk.apply(at(0), DeskFrame::Refused { number: Some(request.number), problem: problem.clone() });
    assert_eq!(news, None, "it is shown beside the picker");
    assert_eq!(desk.presence_asked(), None);
    let presence = |command: &DeskCommand| matches!(command, DeskCommand::SetPresence { .. });
    assert_eq!(desk.refusal(presence), Some(&problem));
    desk.ask(DeskCommand::SetPresence { presence: Presence::Busy });
    assert_eq!(desk.refusal(presence), None, "a new try starts without the old error");
}

#[test]
fn a_welcome_replaces_everything_and_only_new_offers_are_news() {
    let mut desk = Desk::default();
    desk.apply(at(0), DeskFrame::Offered { offer: offer(1) });
    desk.apply(at(0), DeskFrame::Work { item: item(9, WorkState::Active, true) });
    let me = StaffView {
        representative: RepresentativeId::from_u128(1),
        full_name: "Rita".into(),
        role: Role::Representative,
    };
    let presence = PresenceView {
        presence: Presence::Busy,
        manual: false,
        used: Units(30),
        capacity: Units(100),
        base: BasePresence::Busy,
        text: None,
        profiles: Vec::new(),
        source: PresenceSource::Workload,
    };
    let welcome = DeskFrame::Welcome {
        me,
        presence: presence.clone(),
        offers: vec![offer(1), offer(2)],
        work: vec![item(3, WorkState::Open, false)],
        presences: Vec::new(),
    };
    assert_eq!(desk.apply(at(10), welcome), Some(News::Welcomed(vec![offer(2)])));
    assert_eq!(desk.presence, Some(presence));
    assert_eq!(desk.open_offers().count(), 2);
    assert_eq!(desk.work.keys().copied().collect::<Vec<_>>(), [ConversationId::from_u128(3)]);
}

#[test]
fn a_presence_that_the_organisation_made_up_is_known_by_its_words_and_what_it_stands_for() {
    let mut desk = Desk::default();
    let lunch = PresenceId::from_u128(7);
    let choice = PresenceChoice { presence: lunch, text: "At lunch".into(), base: BasePresence::Busy };
    desk.apply(at(0), DeskFrame::Presences { presences: vec![choice] });
    assert_eq!(desk.known_presence(Presence::Custom(lunch)), ("At lunch".into(), BasePresence::Busy));
    assert_eq!(desk.known_presence(Presence::Away), ("Away".into(), BasePresence::Away));
    desk.apply(at(1), DeskFrame::Presences { presences: Vec::new() });
    assert_eq!(desk.known_presence(Presence::Custom(lunch)).1, BasePresence::Away);
}

#[test]
fn a_refusal_without_a_place_is_passed_on() {
    let mut desk = Desk::default();
    let problem = Problem::from(ErrorCode::OfferGone);
    let request = desk.ask(DeskCommand::Accept { offer: OfferId::from_number(3) }).unwrap();
    let news =
        desk.apply(at(0), DeskFrame::Refused { number: Some(request.number), problem: problem.clone() });
    assert!(matches!(news, Some(News::Refused(Some(_), got)) if got == problem));
    let news = desk.apply(at(0), DeskFrame::Refused { number: None, problem: problem.clone() });
    assert_eq!(news, Some(News::Refused(None, problem)));
}

#[test]
fn a_lost_connection_leaves_no_button_waiting() {
    let mut desk = Desk::default();
    let pick = DeskCommand::Pick { conversation: ConversationId::from_u128(1) };
    desk.ask(pick.clone());
    assert!(desk.connection_lost());
    assert!(!desk.is_asked(&pick));
    assert!(!desk.connection_lost());
}

#[test]
fn whoever_takes_part_beside_the_primary_has_it_in_hand_too() {
    let beside = |part, state| is_in_hand(&WorkItemView { part: Some(part), ..item(1, state, false) });
    assert!(beside(Part::PrivateConsultant, WorkState::Active));
    assert!(beside(Part::Monitor, WorkState::Waiting));
    assert!(!is_in_hand(&item(1, WorkState::Waiting, true)), "one has set it aside");
}

#[test]
fn an_answer_says_who_gave_it_by_the_name_in_the_list() {
    let mut desk = Desk::default();
    let (ben, conversation) = (RepresentativeId::from_u128(2), ConversationId::from_u128(9));
    desk.apply(at(0), DeskFrame::Work { item: item(9, WorkState::Active, true) });
    let candidate = CandidateView {
        representative: ben,
        full_name: "Ben Castillo".into(),
        presence: Presence::Available,
        remaining: Units(100),
        skills: SkillFit::default(),
    };
    let queues = vec![QueueChoice { queue: QueueId::from_u128(7), name: "Returns".into() }];
    let candidates = DeskFrame::Candidates {
        conversation,
        purpose: Purpose::Transfer,
        representatives: vec![candidate],
        queues,
    };
    assert_eq!(desk.apply(at(0), candidates), None);
    let (asked, answer) = (OfferKind::Transfer, OfferGoneReason::Rejected);
    let frame = DeskFrame::Answered { conversation, asked, representative: Some(ben), answer };
    let expected = Answered { asked, name: Some("Ben Castillo".into()), answer, title: "Customer 9".into() };
    assert_eq!(desk.apply(at(1), frame), Some(News::Answered(expected)));
    assert_eq!(desk.queue_name(QueueId::from_u128(7)), "Returns");
}

#[test]
fn only_active_work_and_wrap_up_of_ones_own_are_in_hand() {
    assert!(is_in_hand(&item(1, WorkState::Active, true)));
    assert!(is_in_hand(&item(1, WorkState::WrapUp, true)));
    assert!(!is_in_hand(&item(1, WorkState::AwaitingAcceptance, true)));
    assert!(!is_in_hand(&item(1, WorkState::Open, false)));
    assert!(!is_in_hand(&item(1, WorkState::Active, false)));
}

#[test]
fn what_became_of_many_is_said_by_the_window_that_asked() {
    let (first, second) = (item(1, WorkState::Open, false), item(2, WorkState::Active, false));
    let conversations = vec![first.conversation, second.conversation];
    let refusal = Problem::from(ErrorCode::NotPossibleNow);
    let results = vec![
        BulkResult { conversation: first.conversation, problem: None },
        BulkResult { conversation: second.conversation, problem: Some(refusal.clone()) },
    ];
    let mut other = Desk::default();
    assert_eq!(other.apply(at(0), DeskFrame::Bulk { results: results.clone() }), None);

    let mut desk = Desk::default();
    for item in [first, second] {
        desk.apply(at(0), DeskFrame::Work { item });
    }
    let request = desk.ask(DeskCommand::Bulk { conversations, act: BulkAct::ForceClose });
    assert!(request.is_some() && desk.is_asked_of_many());
    let refused = vec![("Customer 2".to_owned(), refusal.message)];
    let expected = Outcome { act: BulkAct::ForceClose, done: 1, refused };
    assert_eq!(desk.apply(at(1), DeskFrame::Bulk { results }), Some(News::Bulk(expected)));
}
