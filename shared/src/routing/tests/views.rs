//! What consoles are shown, and when: each frame replaces one thing, and each thing once in a step.

use alloc::vec;
use alloc::vec::Vec;

use super::house::{House, conversation, line, representative};
use crate::authority::Role;
use crate::id::PresenceId;
use crate::protocol::desk::{DeskFrame, PresenceChoice, StaffView, WorkState};
use crate::settings::{BasePresence, ChannelClass, CustomPresence, Presence, Units};
use crate::time::Span;

/// What the last step showed of this conversation: its state and whether it is one's own; none for gone.
fn work(house: &House, who: u8, item: u8) -> Vec<Option<(WorkState, bool)>> {
    let frames = house.shown(who).into_iter().filter_map(|frame| match frame {
        DeskFrame::Work { item: view } if view.conversation == conversation(item) => {
            Some(Some((view.state, view.mine)))
        }
        DeskFrame::WorkGone { conversation: id } if id == conversation(item) => Some(None),
        _ => None,
    });
    frames.collect()
}

#[test]
fn open_work_is_shown_to_members_of_its_queue_who_are_there() {
    let mut house = House::with(|settings| settings.queues[1].members.truncate(2));
    for who in [1, 2, 3] {
        house.connect(who).choose(who, Presence::Away);
    }
    house.disconnect(2).arrive(1);
    assert_eq!(work(&house, 1, 1), [Some((WorkState::Open, false))]);
    assert_eq!(house.shown(2), []);
    assert_eq!(house.shown(3), []);
}

#[test]
fn work_that_somebody_takes_is_theirs_and_on_nobody_elses_list() {
    let mut house = House::new();
    house.connect(1).connect(2).arrive(1);
    assert_eq!(work(&house, 2, 1), [Some((WorkState::AwaitingAcceptance, false))]);
    house.accept(1, 1);
    assert_eq!(work(&house, 1, 1), [Some((WorkState::Active, true))]);
    assert_eq!(work(&house, 2, 1), [None]);
    house.end(1, 1);
    assert_eq!(work(&house, 1, 1), [Some((WorkState::WrapUp, true))]);
    house.close(1, 1);
    assert_eq!(work(&house, 1, 1), [None]);
    assert_eq!(house.shown(2), []);
}

#[test]
fn a_list_changes_once_in_a_step() {
    let mut house = House::new();
    house.connect(1).connect(2).arrive(1);
    assert_eq!(work(&house, 1, 1), [Some((WorkState::AwaitingAcceptance, false))], "not Open first");
    house.later(Span::from_secs(1)).reject(1, 1);
    assert_eq!(work(&house, 2, 1), [Some((WorkState::AwaitingAcceptance, false))]);
}

#[test]
fn presence_is_shown_whenever_it_or_capacity_changed_and_only_then() {
    let mut house = House::new();
    let presences = |house: &House| {
        let frames = house.shown(1).into_iter().filter_map(|frame| match frame {
            DeskFrame::Presence { presence } => Some((presence.presence, presence.used.0)),
            _ => None,
        });
        frames.collect::<Vec<_>>()
    };
    assert_eq!(presences(house.connect(1)), [(Presence::Available, 0)]);
    assert_eq!(presences(house.arrive(1)), [(Presence::Busy, 1)]);
    assert_eq!(presences(house.accept(1, 1)), []);
    assert_eq!(presences(house.arrive(2)), [(Presence::DoNotDisturb, 2)]);
    assert_eq!(presences(house.reject(1, 2)), [], "it was offered again at once");
    assert_eq!(presences(house.connect_tab(1, 1)), []);
}

#[test]
fn nothing_is_shown_to_whoever_is_not_there() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).disconnect(1).customer_leaves(1);
    assert_eq!(house.shown(1), []);
}

#[test]
fn a_console_is_welcomed_with_everything_that_is_true() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).arrive(3).later(Span::from_secs(10));
    let DeskFrame::Welcome { me, presence, offers, work, .. } =
        house.router.welcome(house.now, representative(1), Role::Supervisor)
    else {
        panic!("not a welcome")
    };
    let full_name = "Ada Fox".into();
    assert_eq!(me, StaffView { representative: representative(1), full_name, role: Role::Supervisor });
    assert_eq!((presence.presence, presence.manual), (Presence::DoNotDisturb, false));
    assert_eq!((presence.used, presence.capacity), (Units(2), Units(2)));
    assert_eq!(offers.iter().map(|offer| offer.conversation).collect::<Vec<_>>(), [conversation(2)]);
    let work: Vec<_> = work.iter().map(|view| (view.conversation, view.state, view.mine)).collect();
    let expected = vec![
        (conversation(1), WorkState::Active, true),
        (conversation(2), WorkState::AwaitingAcceptance, false),
        (conversation(3), WorkState::Open, false),
    ];
    assert_eq!(work, expected);
}

#[test]
fn staff_without_a_place_in_routing_are_welcomed_without_capacity_and_work() {
    let mut house = House::new();
    house.arrive(1);
    let welcome = house.router.welcome(house.now, representative(4), Role::Administrator);
    let DeskFrame::Welcome { presence, offers, work, .. } = welcome else { panic!("not a welcome") };
    assert_eq!((presence.presence, presence.capacity), (Presence::Offline, Units(0)));
    assert_eq!((offers, work), (vec![], vec![]));
}

#[test]
fn whoever_is_there_is_told_which_presences_the_organisation_made_up_and_hears_of_changes() {
    let mut house = House::new();
    let lunch = CustomPresence {
        id: PresenceId::from_u128(7),
        name: line("Lunch"),
        text: line("At lunch"),
        base: BasePresence::Away,
        description: None,
    };
    let choice = PresenceChoice { presence: lunch.id, text: "At lunch".into(), base: BasePresence::Away };
    let told = |house: &House, number| {
        let frames = house.shown(number).into_iter();
        let told = frames.filter_map(|frame| match frame {
            DeskFrame::Presences { presences } => Some(presences),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    house.connect(1).configure(|settings| settings.presences = vec![lunch]);
    assert_eq!(told(&house, 1), [vec![choice.clone()]]);
    assert_eq!(told(&house, 2), [] as [Vec<PresenceChoice>; 0], "they are not there");
    house.configure(|settings| settings.queues[0].name = line("Other"));
    assert_eq!(told(&house, 1), [] as [Vec<PresenceChoice>; 0], "nothing of it changed");
    let welcome = house.router.welcome(house.now, representative(1), Role::Representative);
    let DeskFrame::Welcome { presences, .. } = welcome else { panic!("not a welcome") };
    assert_eq!(presences, [choice]);
}

#[test]
fn an_item_says_whether_it_can_be_set_aside() {
    let mut house = House::new();
    house.connect(1).arrive(1);
    let can_wait = |house: &House| house.welcome(1).2.iter().map(|view| view.can_wait).collect::<Vec<_>>();
    assert_eq!(can_wait(&house), [false], "a live chat cannot");
    house.configure(|settings| {
        settings.workstreams[0].sessions.channel = ChannelClass::PersistentChat;
    });
    assert_eq!(can_wait(&house), [true]);
}
