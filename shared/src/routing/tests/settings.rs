//! New settings and work that is already there (reference sections 13 to 15).

use alloc::vec;

use super::desk::{assign, to};
use super::house::{
    House, a_queue, a_representative, a_workstream, arrival, conversation, queue, representative, usual,
};
use crate::conversation::Notice;
use crate::protocol::desk::{DeskFrame, OfferGoneReason, WorkState};
use crate::routing::{Command, SessionEnd};
use crate::settings::{Presence, Settings, SettingsVersion, Units};

#[test]
fn an_older_or_the_same_version_changes_nothing() {
    let mut house = House::new();
    house.configure(|settings| settings.representatives[0].capacity = Units(5));
    for version in [0, 1, 2] {
        house.does(Command::Configure {
            version: SettingsVersion(version),
            settings: Settings::default().into(),
        });
        assert_eq!(house.last, []);
        assert_eq!(house.presence_view(1).capacity, Units(5));
    }
}

#[test]
fn work_of_an_unknown_workstream_is_parked_until_there_is_a_place_for_it() {
    let mut house = House::new();
    house.connect(1).does(Command::Arrive(arrival(1, 2, "other")));
    assert_eq!(house.notices(1), [Notice::Queued { anyone_available: false }]);
    assert_eq!(house.state(1), None, "it is on nobody's list");
    house.configure(|settings| settings.workstreams.push(a_workstream(2, 2)));
    assert_eq!(house.offered_to(1), Some(1));
    assert_eq!(house.notices(1), [Notice::Queued { anyone_available: true }]);
}

#[test]
fn work_that_arrives_before_the_first_settings_is_not_lost() {
    let mut house = House::new();
    house.router = crate::routing::Router::default();
    house.does(Command::Arrive(arrival(1, 1, "order")));
    house.does(Command::Configure { version: SettingsVersion(1), settings: usual().into() });
    assert_eq!(house.connect(1).offered_to(1), Some(1));
}

#[test]
fn a_parked_conversation_can_be_left_by_its_customer() {
    let mut house = House::new();
    house.does(Command::Arrive(arrival(1, 2, "other"))).customer_leaves(1);
    assert!(house.closed(1));
}

#[test]
fn what_waits_in_a_queue_that_goes_moves_to_the_fallback() {
    let mut house = House::with(|settings| settings.queues[0].members = vec![representative(2)]);
    house.connect(1).arrive_about(1, "order");
    assert_eq!(house.offered_to(1), None);
    house.configure(|settings| {
        settings.queues.remove(0);
        settings.workstreams[0].routes.clear();
    });
    assert_eq!(house.offered_to(1), Some(1));
    assert_eq!(house.work(1)[0].queue, queue(2));
}

#[test]
fn an_offer_from_a_queue_that_goes_is_withdrawn_and_made_anew() {
    let mut house = House::new();
    house.connect(1).arrive_about(1, "order").configure(|settings| {
        settings.queues.remove(0);
        settings.workstreams[0].routes.clear();
    });
    assert_eq!(house.offers_gone(1), [OfferGoneReason::Withdrawn]);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::Rerouted)]);
    assert_eq!(house.offered_to(1), Some(1));
    assert_eq!(house.offers(1)[0].queue, "Everything else");
}

#[test]
fn what_somebody_has_stays_theirs_when_its_queue_goes() {
    let mut house = House::new();
    house.connect(1).arrive_about(1, "order").accept(1, 1).configure(|settings| {
        settings.queues.remove(0);
        settings.workstreams[0].routes.clear();
    });
    assert_eq!(
        (house.owner(1), house.state(1), house.notices(1)),
        (Some(1), Some(WorkState::Active), vec![])
    );
    house.disconnect(1).after(crate::time::Span::from_secs(151));
    assert_eq!(house.connect(2).offered_to(1), Some(2), "it comes back to a queue that exists");
}

#[test]
fn what_somebody_has_stays_theirs_when_its_workstream_goes() {
    let mut house = House::with(|settings| settings.workstreams.push(a_workstream(2, 2)));
    house.connect(1).does(Command::Arrive(arrival(1, 2, "other"))).accept(1, 1);
    house.configure(|settings| settings.workstreams.truncate(1)).end(1, 1);
    assert_eq!((house.state(1), house.used(1)), (Some(WorkState::WrapUp), 1));
    assert!(house.close(1, 1).closed(1));
}

#[test]
fn what_waits_without_its_workstream_is_parked_and_comes_back() {
    let mut house = House::with(|settings| settings.workstreams.push(a_workstream(2, 2)));
    house.does(Command::Arrive(arrival(1, 2, "other")));
    house.configure(|settings| settings.workstreams.truncate(1));
    assert_eq!((house.connect(1).offered_to(1), house.state(1)), (None, None));
    house.configure(|settings| settings.workstreams.push(a_workstream(2, 2)));
    assert_eq!(house.offered_to(1), Some(1));
}

fn without_the_first(settings: &mut Settings) {
    settings.representatives.remove(0);
    settings.queues.iter_mut().for_each(|queue| queue.members.retain(|&id| id != representative(1)));
}

#[test]
fn offers_and_work_of_whoever_goes_from_the_settings_go_to_others() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).connect(2).configure(without_the_first);
    assert_eq!((house.offered_to(1), house.offered_to(2)), (Some(2), Some(2)));
    assert!(house.notices(1).contains(&Notice::Unassigned { representative: representative(1) }));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::Rerouted), (1, SessionEnd::Rerouted)]);
}

#[test]
fn what_comes_back_while_the_settings_change_is_placed_by_the_new_ones() {
    let mut house = House::new();
    let orders = house.settings.queues[0].clone();
    house.connect(1).arrive_about(1, "order").accept(1, 1).configure(|settings| {
        settings.queues.remove(0);
        settings.workstreams[0].routes.clear();
    });
    house.connect(2).configure(|settings| {
        settings.queues.insert(0, orders);
        without_the_first(settings);
    });
    assert_eq!(house.offers(2)[0].queue, "Orders", "the queue that it came from exists again");
}

#[test]
fn wrap_up_of_whoever_goes_from_the_settings_is_closed() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).end(1, 1).configure(without_the_first);
    assert!(house.closed(1));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::AutoClosed)]);
    assert!(house.shown(1).contains(&DeskFrame::WorkGone { conversation: conversation(1) }));
    assert_eq!(house.router.next_deadline(), None);
}

#[test]
fn whoever_leaves_a_queue_loses_its_offers_and_its_open_work_but_not_what_they_have() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).configure(|settings| {
        settings.queues[1].members.retain(|&id| id != representative(1));
    });
    assert_eq!(house.offered_to(2), None);
    assert!(house.shown(1).contains(&DeskFrame::WorkGone { conversation: conversation(2) }));
    assert_eq!(house.owner(1), Some(1));
}

#[test]
fn whoever_joins_a_queue_is_offered_what_waits_there_at_once() {
    let mut house = House::with(|settings| settings.queues[1].members = vec![representative(2)]);
    house.connect(1).arrive(1);
    house.configure(|settings| settings.queues[1].members.push(representative(1)));
    assert_eq!(house.offered_to(1), Some(1));
    assert_eq!(house.notices(1), [Notice::Queued { anyone_available: true }]);
}

#[test]
fn a_new_representative_can_connect() {
    let mut house = House::new();
    house.configure(|settings| {
        settings.representatives.push(a_representative(4, 1));
        settings.queues.push(a_queue(3, 1, &[4]));
        settings.workstreams[0].fallback = queue(3);
    });
    assert_eq!(house.connect(4).arrive(1).offered_to(1), Some(4));
}

#[test]
fn more_capacity_brings_what_waits_at_once_and_shows_the_new_presence() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2).arrive(3);
    assert_eq!((house.offered_to(3), house.presence(1)), (None, Presence::DoNotDisturb));
    house.configure(|settings| settings.representatives[0].capacity = Units(4));
    assert_eq!((house.offered_to(3), house.presence(1)), (Some(1), Presence::Busy));
    let told = house
        .shown(1)
        .into_iter()
        .any(|frame| matches!(frame, DeskFrame::Presence { presence } if presence == house.presence_view(1)));
    assert!(told);
}

#[test]
fn less_capacity_takes_nothing_away() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).accept(1, 2);
    house.configure(|settings| settings.representatives[0].capacity = Units(1));
    assert_eq!(
        (house.owner(1), house.owner(2), house.presence(1)),
        (Some(1), Some(1), Presence::DoNotDisturb)
    );
}

#[test]
fn a_new_name_of_a_queue_is_shown_with_its_work() {
    let mut house = House::new();
    house.connect(1).arrive(1).configure(|settings| settings.queues[1].name = super::house::line("Rest"));
    let shown = house.shown(1).into_iter().find_map(|frame| match frame {
        DeskFrame::Work { item } => Some(item.queue_name),
        _ => None,
    });
    assert_eq!(shown.as_deref(), Some("Rest"));
}

/// What the lists of these three are told.
fn told(house: &House) -> vec::Vec<(u8, DeskFrame)> {
    let of_lists = |frame: &DeskFrame| matches!(frame, DeskFrame::Work { .. } | DeskFrame::WorkGone { .. });
    let shown = |number| house.shown(number).into_iter().filter(of_lists).map(move |frame| (number, frame));
    (1..=3).flat_map(shown).collect()
}

#[test]
fn settings_that_change_no_list_tell_no_list() {
    let mut house = House::new();
    house.connect(1).connect(2).arrive(1).arrive(2).accept(1, 1);
    house.configure(|settings| {
        settings.queues[1].priority = 1;
        settings.workstreams[0].tells_position = true;
        settings.representatives[0].capacity = Units(5);
    });
    assert_eq!(told(&house), []);
}

#[test]
fn members_who_come_and_go_are_told_of_what_waits_and_nobody_else_is() {
    let mut house = House::with(|settings| {
        settings.queues[1].members = vec![representative(1), representative(2)];
        settings.workstreams[0].sessions.distribution = crate::settings::Distribution::Pick;
    });
    house.connect(1).connect(2).connect(3).arrive(1).arrive(2);
    house.configure(|settings| settings.queues[1].members = vec![representative(2), representative(3)]);
    let gone = |item| (1, DeskFrame::WorkGone { conversation: conversation(item) });
    let come = |item: u8| {
        let view = house.work(3).into_iter().find(|view| view.conversation == conversation(item));
        (3, DeskFrame::Work { item: view.unwrap() })
    };
    assert_eq!(told(&house), [gone(1), gone(2), come(1), come(2)]);
}

#[test]
fn a_new_name_of_somebody_is_shown_with_their_work_and_no_other() {
    let mut house = House::new();
    house.connect(1).connect(2).arrive(1).accept(1, 1).arrive(2);
    house.does(Command::Consult {
        representative: representative(1),
        conversation: conversation(1),
        with: crate::protocol::desk::Destination::Representative(representative(2)),
    });
    house.accept(2, 1);
    house.configure(|settings| settings.representatives[0].full_name = super::house::line("Ada Wolf"));
    let names = told(&house).into_iter().map(|(number, frame)| match frame {
        DeskFrame::Work { item } => {
            (number, item.people.into_iter().map(|person| person.full_name).collect())
        }
        other => panic!("{other:?}"),
    });
    let names: vec::Vec<(u8, vec::Vec<_>)> = names.collect();
    assert_eq!(names, [(1, vec!["Ben Gray".into()]), (2, vec!["Ada Wolf".into()])]);
}

#[test]
fn what_a_supervisor_assigned_to_somebody_of_another_queue_outlasts_new_settings() {
    let mut house = House::with(|settings| settings.queues[1].members.retain(|id| *id != representative(2)));
    house.connect(2).arrive(1).does(assign(1, to(2)));
    house.configure(|settings| settings.organisation = "Another name".into());
    assert_eq!(house.offered_to(1), Some(2));
}
