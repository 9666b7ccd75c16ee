//! What customers who wait are told of their place, and what staff can ask about an item (reference sections 28 and 32).

use alloc::vec;
use alloc::vec::Vec;

use super::desk::release;
use super::house::{
    House, a_queue, arrival, comes_by, conversation, line, queue, rated, rating_model, representative, skill,
};
use crate::conversation::Notice;
use crate::protocol::desk::WorkState;
use crate::protocol::insight::Verdict;
use crate::protocol::live::Side;
use crate::routing::{Arrival, Command};
use crate::settings::{ChannelClass, Limit, Presence, RatingLevel, RatingModel, Route, Skill, Units};
use crate::time::Span;

/// Everybody can have one thing at once; customers are told where they stand.
fn told() -> House {
    House::with(|settings| {
        settings.workstreams[0].tells_position = true;
        settings.workstreams[0].sessions.auto_close.open = Limit::Never;
        settings.representatives.iter_mut().for_each(|representative| representative.capacity = Units(1));
    })
}

/// Of the last step: how many stand before the customer, as often as they were told.
fn places(house: &House, item: u8) -> Vec<u32> {
    let places = house.notices(item).into_iter().filter_map(|notice| match notice {
        Notice::Position { ahead, .. } => Some(ahead),
        _ => None,
    });
    places.collect()
}

#[test]
fn a_customer_is_told_their_place_when_they_begin_to_wait() {
    let mut house = told();
    assert_eq!(places(house.arrive(1), 1), [0]);
    assert_eq!(places(house.arrive(2), 2), [1]);
    assert_eq!(places(house.arrive_about(3, "order"), 3), [0], "orders are served first");
}

#[test]
fn who_is_offered_at_once_is_told_no_place() {
    let mut house = told();
    house.connect(1);
    assert_eq!(places(house.arrive(1), 1), [0; 0]);
}

#[test]
fn changes_are_told_five_seconds_after_the_first_of_them_at_once() {
    let mut house = told();
    house.arrive(1).arrive(2).arrive(3).after(Span::from_secs(5));
    house.customer_leaves(1);
    assert_eq!((places(&house, 2), places(&house, 3)), (vec![], vec![]));
    house.later(Span::from_secs(2)).customer_leaves(2);
    assert_eq!(house.after(Span::from_millis(2_999)).last, []);
    assert_eq!(places(house.after(Span::from_millis(1)), 3), [0], "once, and not 1 before");
    assert_eq!(house.router.next_deadline(), None, "nobody looks again before something changes");
}

#[test]
fn where_it_is_not_wanted_nobody_is_told_anything() {
    let mut house = House::new();
    assert_eq!(places(house.arrive(1), 1), [0; 0]);
}

#[test]
fn somebody_is_told_again_when_work_that_goes_first_comes() {
    let mut house = told();
    house.arrive(1).arrive_about(2, "order");
    assert_eq!(places(house.after(Span::from_secs(5)), 1), [1]);
}

fn with_french(house: &mut House) {
    house.configure(|settings| {
        let levels = (1..=5).map(|value| RatingLevel { name: line("Level"), value }).collect();
        settings.rating_models = vec![RatingModel { id: rating_model(1), name: line("Five"), levels }];
        settings.skills =
            vec![Skill { id: skill(1), name: line("French"), sort: None, model: rating_model(1) }];
        settings.representatives[0].skills = vec![rated(1, 5)];
    });
}

fn in_french(house: &mut House, item: u8) {
    let skills = vec![rated(1, 2)];
    house.later(Span::from_millis(1)).does(Command::Arrive(Arrival { skills, ..arrival(item, 1, "") }));
}

#[test]
fn only_work_before_it_that_the_same_people_can_take_counts() {
    let mut house = told();
    with_french(&mut house);
    // The first speaks French and is at work; the second does not.
    house.connect(1).connect(2).arrive(1).arrive(2);
    for item in [3, 4] {
        in_french(&mut house, item);
    }
    house.arrive(5);
    let position = |house: &House, item| house.router.position(conversation(item));
    assert_eq!([3, 4, 5].map(|item| position(&house, item)), [Some(0), Some(1), Some(2)]);
    // While nobody who speaks French is at work, English is not held up by what waits in French.
    house.sign_out(1);
    assert_eq!(position(&house, 5), Some(1), "the first customer waits again, and French does not count");
}

#[test]
fn the_wait_is_estimated_from_how_fast_the_line_moved() {
    let mut house = told();
    house.connect(1);
    for item in 1..=6 {
        house.arrive(item);
    }
    for item in 1..=4 {
        house.later(Span::from_secs(60)).accept(1, item).end(1, item).close(1, item);
    }
    house.arrive(7);
    let estimates: Vec<_> = house
        .notices(7)
        .into_iter()
        .filter_map(|notice| match notice {
            Notice::Position { ahead, estimated_wait } => Some((ahead, estimated_wait)),
            _ => None,
        })
        .collect();
    let [(1, Some(wait))] = estimates[..] else { panic!("{estimates:?}") };
    assert!(wait > Span::from_secs(110) && wait < Span::from_secs(130), "two at one a minute: {wait:?}");
}

#[test]
fn an_explanation_says_by_which_rules_an_item_came_where_it_is() {
    let mut house = House::new();
    house.arrive_about(1, "order").arrive(2);
    let explain = |item| house.router.explain(conversation(item)).unwrap();
    assert_eq!((explain(1).queue, explain(2).queue), (Some(queue(1)), Some(queue(2))));
    assert!(explain(1).sent_by.contains("By topic"), "{}", explain(1).sent_by);
    assert!(explain(2).sent_by.contains("fallback"), "{}", explain(2).sent_by);
    assert_eq!(explain(2).position, Some(1), "orders go first");
    assert_eq!(house.router.explain(conversation(3)), None);
}

#[test]
fn an_explanation_names_the_first_test_that_each_fails() {
    let mut house = told();
    with_french(&mut house);
    house.connect(1).connect(2).connect(3);
    in_french(&mut house, 1);
    assert_eq!(house.offered_to(1), Some(1));
    in_french(&mut house, 2);
    house.choose(3, Presence::Away);
    let explanation = house.router.explain(conversation(2)).unwrap();
    let why = |who: u8| {
        let mut people = explanation.people.iter();
        let person = people.find(|person| person.representative == representative(who)).unwrap();
        person.hindrance.as_ref().map(|hindrance| hindrance.why.as_str()).unwrap()
    };
    assert!(why(1).contains("capacity"), "{}", why(1));
    assert!(why(2).contains("skill"), "{}", why(2));
    assert!(why(3).contains("away"), "{}", why(3));
    assert_eq!(explanation.representative, None);
    house.sign_out(2);
    let explanation = house.router.explain(conversation(2)).unwrap();
    let hindrances = explanation.people.iter().map(|person| person.hindrance.as_ref().unwrap());
    let hindrances: Vec<_> = hindrances.collect();
    assert!(hindrances[1].why.contains("signed in"));
    assert!(hindrances.iter().all(|hindrance| !hindrance.remedy.is_empty()));
}

#[test]
fn a_dry_run_shows_the_decision_and_makes_nothing_of_it() {
    let mut house = House::new();
    house.connect(1);
    let before = house.router.clone();
    let decide = |house: &House, settings| match house
        .router
        .decide(house.now, settings, arrival(1, 1, "order"))
        .unwrap()
        .verdict
    {
        Verdict::TakenIn(shown) => shown,
        other @ Verdict::TurnedAway { .. } => panic!("{other:?}"),
    };
    let shown = decide(&house, None);
    assert_eq!((shown.state, shown.queue), (WorkState::AwaitingAcceptance, Some(queue(1))));
    assert_eq!(shown.representative, Some(representative(1)));
    let mut settings = house.settings.clone();
    settings.queues.push(a_queue(3, 1, &[2]));
    settings.workstreams[0].routes =
        vec![Route::to(queue(3), line("New"), crate::condition::Condition::default())];
    let shown = decide(&house, Some(settings));
    assert_eq!((shown.state, shown.queue), (WorkState::Open, Some(queue(3))));
    assert!(shown.sent_by.contains("New"));
    assert_eq!(house.router, before);
    assert_eq!(house.router.explain(conversation(1)), None);
}

#[test]
fn counters_say_how_much_is_in_each_state() {
    let mut house = House::new();
    house.connect(1).arrive(1).accept(1, 1).arrive(2).arrive(3).later(Span::from_secs(60));
    let counters = house.router.counters(house.now, representative(1));
    let help = counters.queues.iter().find(|counted| counted.queue == queue(2)).unwrap();
    assert_eq!((help.work.open, help.work.offered, help.work.active, help.at_work), (1, 1, 1, 1));
    assert_eq!(help.longest_wait, Some(Span::from_millis(60_001)), "what is offered waits too");
    assert_eq!(counters.workstreams[0].work, help.work);
    assert_eq!((help.name.as_str(), help.members.len()), ("Everything else", 3));
    let ada = &counters.representatives[0];
    assert_eq!((ada.full_name.as_str(), ada.connected), ("Ada Fox", true));
    assert_eq!((ada.presence, ada.work, ada.used, ada.capacity), (Presence::DoNotDisturb, 2, 2, 2));
}

#[test]
fn who_waits_again_is_told_their_place_again() {
    let mut house = told();
    assert_eq!(places(house.arrive(1), 1), [0]);
    house.connect(1).accept(1, 1).choose(1, Presence::DoNotDisturb);
    let again = places(house.does(release(1, 1)), 1);
    assert_eq!(again, [0], "though it is the same place");
}

#[test]
fn a_place_that_is_not_told_any_more_is_taken_back_at_once_and_told_again_when_it_is_wanted_again() {
    let mut house = told();
    house.arrive(1).arrive(2).after(Span::from_secs(5));
    house.configure(|settings| settings.workstreams[0].tells_position = false);
    assert_eq!((house.notices(1), house.notices(2)), (vec![Notice::NoPosition], vec![Notice::NoPosition]));
    house.configure(|settings| settings.organisation = "Other".into());
    assert_eq!(house.last, [], "once");
    house.configure(|settings| settings.workstreams[0].tells_position = true);
    house.after(Span::from_secs(5));
    assert_eq!((places(&house, 1), places(&house, 2)), (vec![0], vec![1]));
}

/// What the last step told this customer of how long it may take, in seconds.
fn waits(house: &House, item: u8) -> Vec<Option<u64>> {
    let waits = house.notices(item).into_iter().filter_map(|notice| match notice {
        Notice::Position { estimated_wait, .. } => Some(estimated_wait.map(|wait| wait.as_millis() / 1_000)),
        _ => None,
    });
    waits.collect()
}

/// Four were served, one a minute; the fifth is, and the sixth and the seventh wait.
fn with_a_flow() -> House {
    let mut house = told();
    house.connect(1);
    for item in 1..=7 {
        house.arrive(item);
    }
    for item in 1..=4 {
        house.later(Span::from_secs(60)).accept(1, item).end(1, item).close(1, item);
    }
    house.accept(1, 5).after(Span::from_secs(5));
    house
}

#[test]
fn whoever_stands_still_hears_again_when_the_wait_is_off_by_a_quarter_and_seldom() {
    let mut house = with_a_flow();
    let (from, mut told) = (house.now, Vec::new());
    let mut rings = 0;
    while let Some(next) = house.router.next_deadline().filter(|at| at.since(from) < Span::from_secs(3_600)) {
        house.after(next.since(house.now));
        rings += 1;
        told.extend(waits(&house, 7).into_iter().flatten());
    }
    assert!(told.windows(2).all(|pair| (pair[1] - pair[0]) * 4 >= pair[0]), "{told:?}");
    let last = *told.last().unwrap();
    assert!(last >= 2 * 3_600 * 3 / 4, "two places, after an hour in which nobody came: {told:?}");
    assert!(rings < 30 && told.len() < 20, "not each minute: {rings}, {told:?}");
}

#[test]
fn a_line_that_moves_faster_than_before_is_told_so_at_the_same_place() {
    let mut house = with_a_flow();
    house.choose(1, Presence::DoNotDisturb).end(1, 5).close(1, 5);
    let mut told = Vec::new();
    // Others are picked out of the line behind them: whoever waits comes no nearer, but the queue is served faster.
    for item in 20..30 {
        house.arrive(item).pick(1, item).end(1, item).close(1, item).after(Span::from_secs(5));
        assert_eq!(house.router.position(conversation(7)), Some(1));
        told.extend(waits(&house, 7).into_iter().flatten());
    }
    assert!(told.windows(2).all(|pair| (pair[0] - pair[1]) * 4 >= pair[0]), "{told:?}");
    assert!((2..10).contains(&told.len()), "when it is worth telling: {told:?}");
}

/// Two people, of whom the first speaks French, and customers who are told where they stand.
fn with_a_french_speaker() -> House {
    let mut house = told();
    with_french(&mut house);
    house.connect(1).connect(2).choose(1, Presence::DoNotDisturb).choose(2, Presence::DoNotDisturb);
    house
}

/// Of ten minutes each: four customers come to somebody in English, a minute apart, and one in French.
fn serve_ten_minutes(house: &mut House, times: u8) {
    for round in 0..times {
        let first = 20 + 5 * round;
        in_french(house, first + 4);
        for item in first..first + 4 {
            house.arrive(item);
        }
        for item in first..first + 4 {
            house.later(Span::from_secs(60)).pick(2, item).end(2, item).close(2, item);
        }
        house.later(Span::from_secs(360)).pick(1, first + 4).end(1, first + 4).close(1, first + 4);
    }
}

#[test]
fn whoever_asks_for_what_few_know_is_told_how_long_it_takes_these_few() {
    let mut house = with_a_french_speaker();
    serve_ten_minutes(&mut house, 4);
    house.arrive(1);
    let [Some(english)] = waits(&house, 1)[..] else { panic!("{:?}", house.last) };
    assert!((55..=65).contains(&english), "about a minute: {english}");
    in_french(&mut house, 2);
    let [Some(french)] = waits(&house, 2)[..] else { panic!("{:?}", house.last) };
    assert!((600..=700).contains(&french), "whatever stands before them in English: {french}");
}

#[test]
fn whoever_asks_for_what_nobody_has_asked_for_hears_no_less_than_they_have_waited() {
    let mut house = with_a_french_speaker();
    for item in 20..24 {
        house.arrive(item).later(Span::from_secs(60)).pick(2, item).end(2, item).close(2, item);
    }
    in_french(&mut house, 1);
    assert!(waits(&house, 1)[0].is_some_and(|seconds| seconds < 70), "by the queue: {:?}", house.last);
    let mut told = Vec::new();
    for item in 30..60 {
        house.arrive(item).later(Span::from_secs(55)).pick(2, item).end(2, item).close(2, item);
        house.after(Span::from_secs(5));
        told.extend(waits(&house, 1).into_iter().flatten());
    }
    let last = *told.last().unwrap();
    assert!(last >= 1_800 * 3 / 4, "half an hour has passed: {told:?}");
}

#[test]
fn the_time_before_a_customer_came_back_is_no_wait() {
    let mut house = told();
    house.configure(|settings| {
        comes_by(settings, ChannelClass::Asynchronous);
        settings.workstreams[0].sessions.affinity = false;
    });
    house.connect(1).choose(1, Presence::DoNotDisturb).arrive(1).pick(1, 1);
    for _ in 0..4 {
        house.does(super::desk::wait(1, 1)).later(Span::from_secs(3 * 3_600));
        house.does(super::desk::wrote(1, Side::Customer)).later(Span::from_secs(30)).pick(1, 1);
    }
    house.arrive(2);
    let [Some(wait)] = waits(&house, 2)[..] else { panic!("{:?}", house.last) };
    assert!(wait <= 30, "half a minute from when they came back: {wait}");
}
