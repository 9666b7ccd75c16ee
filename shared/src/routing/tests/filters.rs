//! Whom representatives can ask: the four filters and the order of the lists (reference section 25).

use alloc::string::String;
use alloc::{format, vec};

use super::desk::{consult, to, to_queue, transfer};
use super::histories::with_skills;
use super::house::{House, queue, rated, representative};
use crate::condition::Condition;
use crate::protocol::desk::{DeskFrame, Purpose, SkillFit};
use crate::routing::{Arrival, Command, Rejection};
use crate::settings::{AskFilters, Settings, Units};

fn condition(json: &str) -> Condition {
    serde_json::from_str(json).unwrap()
}

/// The first representative has a conversation about `topic`; the second and the third are there.
fn asking(topic: &str, filters: AskFilters) -> House {
    let mut house = House::with(|settings| settings.workstreams[0].sessions.filters = filters);
    house.connect(1).arrive_about(1, topic).accept(1, 1);
    house.connect(2).connect(3);
    house
}

#[test]
fn a_filter_names_whom_representatives_can_consult_and_to_whom_they_can_transfer() {
    let ben = condition(r#"{"field": "representative.name", "equals": "Ben Gray"}"#);
    let of_consulting = AskFilters { consult_representatives: ben.clone(), ..AskFilters::default() };
    let mut house = asking("other", of_consulting);
    assert_eq!(house.candidates(1, 1, Purpose::Consult).unwrap().0, [representative(2)]);
    assert_eq!(house.candidates(1, 1, Purpose::Transfer).unwrap().0, [representative(2), representative(3)]);
    house.refuses(consult(1, 1, to(3)), Rejection::NotAvailable).does(consult(1, 1, to(2)));

    let mut house = asking("other", AskFilters { transfer_representatives: ben, ..AskFilters::default() });
    assert_eq!(house.candidates(1, 1, Purpose::Transfer).unwrap().0, [representative(2)]);
    assert_eq!(house.candidates(1, 1, Purpose::Consult).unwrap().0, [representative(2), representative(3)]);
    house.refuses(transfer(1, 1, to(3)), Rejection::NotAvailable);
    // Whoever advises can always take over (S23).
    house.does(consult(1, 1, to(3))).accept(3, 1);
    house.does(transfer(1, 1, to(3)));
}

#[test]
fn a_filter_names_the_queues_that_representatives_can_ask() {
    let first = format!(r#"{{"field": "queue.id", "equals": "{}"}}"#, queue(1));
    let of_transfer = AskFilters { transfer_queues: condition(&first), ..AskFilters::default() };
    let mut house = asking("other", of_transfer);
    assert_eq!(house.candidates(1, 1, Purpose::Transfer).unwrap().1, 1);
    assert_eq!(house.candidates(1, 1, Purpose::Consult).unwrap().1, 2);
    house.refuses(transfer(1, 1, to_queue(2)), Rejection::NotAvailable).does(transfer(1, 1, to_queue(1)));

    let mut house =
        asking("other", AskFilters { consult_queues: condition(&first), ..AskFilters::default() });
    assert_eq!(house.candidates(1, 1, Purpose::Consult).unwrap().1, 1);
    assert_eq!(house.candidates(1, 1, Purpose::Transfer).unwrap().1, 2);
    house.refuses(consult(1, 1, to_queue(2)), Rejection::NotAvailable).does(consult(1, 1, to_queue(1)));
}

#[test]
fn a_filter_can_look_at_the_conversation() {
    let filters = || AskFilters {
        transfer_representatives: condition(
            r#"{"any": [{"field": "context.topic", "equals": "order"},
                {"field": "representative.name", "equals": "Cleo Hart"}]}"#,
        ),
        ..AskFilters::default()
    };
    let about = |topic| asking(topic, filters()).candidates(1, 1, Purpose::Transfer).unwrap().0;
    assert_eq!(about("order"), [representative(2), representative(3)]);
    assert_eq!(about("other"), [representative(3)]);
}

#[test]
fn supervisors_are_not_bound_by_the_filters_of_representatives() {
    let nobody = || condition(r#"{"field": "representative.name", "equals": "Nobody"}"#);
    let house = asking("other", AskFilters { transfer_representatives: nobody(), ..AskFilters::default() });
    assert_eq!(house.candidates(1, 1, Purpose::Transfer).unwrap().0, []);
    assert_eq!(house.candidates(4, 1, Purpose::Redirect).unwrap().0, [representative(2), representative(3)]);
}

#[test]
fn a_filter_that_names_what_is_not_there_is_refused_at_its_place() {
    let refused = |change: fn(&mut AskFilters)| -> vec::Vec<String> {
        let mut house = House::with(|_| {});
        change(&mut house.settings.workstreams[0].sessions.filters);
        house.settings.check().unwrap_err().faults.into_iter().map(|fault| fault.path).collect()
    };
    let in_filters = |name: &str| [format!("workstreams[0].sessions.filters.{name}.field")];
    let of_people = refused(|filters| {
        filters.transfer_queues = condition(r#"{"field": "representative.name", "equals": "Ben Gray"}"#);
    });
    assert_eq!(of_people, in_filters("transfer_queues"));
    let of_queues = refused(|filters| {
        filters.consult_representatives = condition(r#"{"field": "queue.waiting_items", "more_than": 3}"#);
    });
    assert_eq!(of_queues, in_filters("consult_representatives"));
}

#[test]
fn whose_skills_are_nearest_is_listed_first_though_nobodys_are_asked_for() {
    let mut house = House::with(|settings: &mut Settings| {
        with_skills(settings);
        settings.representatives[2].capacity = Units(9);
    });
    let skilled = Arrival { skills: vec![rated(1, 3)], ..super::house::arrival(1, 1, "other") };
    house.connect(1).does(Command::Arrive(skilled)).accept(1, 1);
    house.connect(2).connect(3);
    let frame = house.router.candidates(
        house.now,
        representative(1),
        super::house::conversation(1),
        Purpose::Transfer,
    );
    let Ok(DeskFrame::Candidates { representatives, .. }) = frame else { panic!("{frame:?}") };
    let listed: vec::Vec<_> = representatives.iter().map(|view| (view.representative, view.skills)).collect();
    let fit = |held| SkillFit { asked: 1, held };
    assert_eq!(listed, [(representative(2), fit(1)), (representative(3), fit(0))]);
}
