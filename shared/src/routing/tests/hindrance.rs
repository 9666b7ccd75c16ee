//! Why somebody is not offered what waits: the sentence is true, and names what is in the way (reference section 28).

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::desk::{to_queue, transfer};
use super::house::{House, a_queue, a_representative, arrival, conversation, line, queue, representative};
use crate::id::{CapacityProfileId, PresenceId};
use crate::protocol::insight::Hindrance;
use crate::routing::{Arrival, Command};
use crate::settings::{
    BasePresence, CapacityProfile, CustomPresence, Distribution, HeldProfile, Presence, ProfileReset,
    Settings, Units,
};

/// What keeps this representative from an item; it must be said, as nobody has the item.
fn hindrance(house: &House, who: u8, item: u8) -> Hindrance {
    let explained = house.router.explain(conversation(item)).expect("it is not closed");
    assert_eq!(explained.representative, None, "somebody would be asked");
    let of = |who| explained.people.iter().find(|person| person.representative == representative(who));
    let found = of(who).unwrap_or_else(|| panic!("{who} is not explained: {:?}", explained.people));
    found.hindrance.clone().unwrap_or_else(|| panic!("nothing is said to keep {who} from it"))
}

fn why(house: &House, who: u8, item: u8) -> String {
    hindrance(house, who, item).why
}

/// Only one representative, with this capacity, and only this is allowed.
fn alone(capacity: i32, allowed: Presence) -> impl Fn(&mut Settings) {
    move |settings| {
        settings.representatives = vec![a_representative(1, capacity)];
        settings.queues = vec![a_queue(1, 10, &[1]), a_queue(2, 20, &[1])];
        settings.workstreams[0].allowed_presences = vec![allowed];
    }
}

#[test]
fn a_presence_that_work_makes_is_not_told_as_missing_capacity_where_there_is_some() {
    let mut house = House::with(alone(2, Presence::Available));
    house.connect(1).arrive(1).accept(1, 1).arrive(2);
    let said = why(&house, 1, 2);
    assert!(said.contains("busy") && !said.contains("capacity"), "{said}");
    let mut house = House::with(alone(1, Presence::Available));
    house.connect(1).arrive(1).accept(1, 1).arrive(2);
    let said = why(&house, 1, 2);
    assert!(said.contains("0 of the 1 units"), "{said}");
}

#[test]
fn a_full_profile_is_not_told_as_missing_units() {
    let profile = CapacityProfileId::from_u128(0x77);
    let mut house = House::with(|settings| {
        alone(5, Presence::Available)(settings);
        settings.profiles = vec![CapacityProfile {
            id: profile,
            name: line("Chats"),
            limit: 1,
            reset: ProfileReset::Immediate,
            blocks_assignment: true,
        }];
        settings.representatives[0].profiles = vec![HeldProfile { profile, limit: None }];
        settings.workstreams[0].profile = Some(profile);
        settings.workstreams[0].cost = Units(0);
    });
    house.connect(1).arrive(1).accept(1, 1).arrive(2);
    let said = why(&house, 1, 2);
    assert!(said.contains("profile") && !said.contains("units"), "{said}");
}

#[test]
fn a_presence_that_the_organisation_made_up_is_called_by_its_own_words() {
    let training = PresenceId::from_u128(0x55);
    let mut house = House::with(|settings| {
        alone(2, Presence::Busy)(settings);
        settings.presences = vec![CustomPresence {
            id: training,
            name: line("training"),
            text: line("In training"),
            base: BasePresence::Busy,
            description: None,
        }];
    });
    house.connect(1).choose(1, Presence::Custom(training)).arrive(1);
    let said = why(&house, 1, 1);
    assert!(said.contains("In training") && !said.contains("busy"), "{said}");
    let said = why(house.choose(1, Presence::DoNotDisturb), 1, 1);
    assert!(said.contains("do not disturb"), "{said}");
}

/// A conversation whose customer prefers these.
fn prefers(number: u8, preferred: &[u8]) -> Command {
    let preferred = preferred.iter().map(|who| representative(*who)).collect();
    Command::Arrive(Arrival { preferred, ..arrival(number, 1, "other") })
}

fn waits_for_preferred(settings: &mut Settings) {
    settings.workstreams[0].waits_for_preferred = true;
}

#[test]
fn whoever_is_preferred_and_declined_once_is_told_as_asked_once() {
    let mut house = House::with(waits_for_preferred);
    house.connect(1).connect(2).does(prefers(1, &[1, 3])).reject(1, 1);
    assert_eq!(house.offered_to(1), None, "nobody gets it");
    let said = why(&house, 1, 1);
    assert!(said.contains("declined"), "{said}");
    assert!(why(&house, 2, 1).contains("prefers others"));
}

#[test]
fn whoever_is_preferred_is_explained_although_they_are_not_in_the_queue() {
    let mut house = House::with(|settings| {
        waits_for_preferred(settings);
        settings.queues[1] = a_queue(2, 20, &[1, 2]);
    });
    house.connect(1).does(prefers(1, &[3, 2]));
    assert_eq!(why(&house, 3, 1), "They are not signed in.");
    house.connect(3);
    assert_eq!(house.offered_to(1), Some(3));
    house.reject(3, 1).choose(3, Presence::Away);
    assert!(why(&house, 3, 1).contains("declined"), "they are not asked again, whatever their presence");
    let said = {
        house.does(prefers(2, &[3]));
        why(&house, 3, 2)
    };
    assert!(said.contains("away"), "{said}");
}

#[test]
fn what_is_picked_by_hand_is_told_so_to_whoever_is_preferred_too() {
    let mut house = House::with(|settings| {
        settings.workstreams[0].sessions.distribution = Distribution::Pick;
    });
    house.connect(1).does(prefers(1, &[1]));
    for who in [1, 2, 3] {
        let said = why(&house, who, 1);
        assert_eq!(said.contains("by hand"), who == 1, "{said}");
    }
}

#[test]
fn when_a_conversation_ends_that_waited_for_somebody_outside_the_queue_they_are_kept_with_the_others() {
    let mut house = House::with(|settings| settings.queues[1] = a_queue(2, 20, &[1, 2]));
    house.does(prefers(1, &[3]));
    let waits = house.router.explain(conversation(1)).unwrap();
    assert_eq!(waits.queue, Some(queue(2)));
    let listed: Vec<_> = waits.people.iter().map(|person| person.representative).collect();
    assert_eq!(listed, [3, 1, 2].map(representative));
    assert_eq!(waits.people_left_out, 0);
}

#[test]
fn when_all_whom_the_customer_prefers_have_declined_the_queue_finds_somebody() {
    let mut house = House::with(waits_for_preferred);
    house.connect(1).connect(2).does(prefers(1, &[1])).reject(1, 1);
    assert_eq!(house.offered_to(1), Some(2));
}

#[test]
fn nobody_is_waited_for_whom_the_settings_do_not_know() {
    let mut house = House::with(waits_for_preferred);
    house.connect(2).does(prefers(1, &[4]));
    assert_eq!(house.offered_to(1), Some(2));
    house.reject(2, 1).reject(2, 1).reject(2, 1).does(prefers(3, &[2, 4])).reject(2, 3);
    assert_eq!(
        house.offered_to(3),
        Some(2),
        "who has declined is not waited for either, and the queue asks them again"
    );
    house.reject(2, 3).reject(2, 3).does(prefers(2, &[3]));
    assert_eq!(house.offered_to(2), None);
    house.configure(|settings| {
        settings.representatives.truncate(2);
        settings.queues.iter_mut().for_each(|queue| queue.members.truncate(2));
    });
    assert_eq!(house.offered_to(2), Some(2));
}

#[test]
fn whom_the_customer_prefers_does_not_count_after_a_transfer_to_a_queue() {
    let mut house = House::with(waits_for_preferred);
    house.connect(1).does(prefers(1, &[1])).accept(1, 1).connect(2);
    house.does(transfer(1, 1, to_queue(1)));
    assert_eq!(house.offered_to(1), Some(2));
}
