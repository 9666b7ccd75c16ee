//! Work that is set aside for the customer, time-out rules, and work that closes by itself (reference sections 21.1 to
//! 21.4).

use alloc::vec;

use super::desk::*;
use super::house::{House, comes_by, representative};
use crate::condition::{Field, Value};
use crate::conversation::Notice;
use crate::limit::PRESENCE_GRACE;
use crate::protocol::desk::WorkState;
use crate::protocol::live::{EndedBy, Side};
use crate::routing::{Arrival, Command, Rejection, SessionEnd};
use crate::settings::{
    Acceptance, ChannelClass, Language, Limit, Presence, SessionRules, Silent, TimeOutAction, TimeOutRule,
    Units,
};
use crate::text::MessageText;
use crate::time::Span;

const DAY: u64 = 24 * 3600;

/// A house with these rules, where the first representative has conversation 1.
fn with_rules(change: impl FnOnce(&mut SessionRules)) -> House {
    House::with(|settings| {
        comes_by(settings, ChannelClass::Asynchronous);
        change(&mut settings.workstreams[0].sessions);
    })
    .with_somebody_busy(&[])
}

fn rule(silent: Silent, secs: u64, action: TimeOutAction) -> TimeOutRule {
    TimeOutRule::new(silent, Span::from_secs(secs), action)
}

fn say(text: &str) -> TimeOutAction {
    TimeOutAction::Say(MessageText::new(text).unwrap())
}

fn ended() -> Notice {
    Notice::Ended { by: EndedBy::System }
}

#[test]
fn active_to_waiting_by_command_of_the_representative_frees_capacity() {
    let mut house = House::asynchronous().with_somebody_busy(&[]);
    house.does(wait(1, 1));
    assert_eq!((house.state(1), house.owner(1)), (Some(WorkState::Waiting), Some(1)));
    assert_eq!((house.used(1), house.presence(1)), (0, Presence::Available));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::MovedToWaiting)]);
    assert_eq!(house.notices(1), [Notice::Paused { representative: representative(1) }]);
    assert!(house.takes_part(1, 1), "they may look in");
}

#[test]
fn active_to_waiting_when_the_representative_leaves_without_ending_it() {
    let mut house = House::asynchronous().with_somebody_busy(&[]);
    house.does(leave(1, 1));
    assert_eq!(house.state(1), Some(WorkState::Waiting));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::RepresentativeLeft)]);
    house.refuses(leave(1, 1), Rejection::NotPossibleNow);
}

#[test]
fn active_to_open_when_the_representative_leaves_a_live_chat_without_ending_it() {
    let mut house = House::busy(&[]);
    house.choose(1, Presence::Away).does(leave(1, 1));
    assert_eq!(house.state(1), Some(WorkState::Open));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::RepresentativeLeft)]);
    house.refuses(wait(1, 1), Rejection::NotYours);
}

#[test]
fn nobody_sets_a_live_chat_aside() {
    House::busy(&[]).refuses(wait(1, 1), Rejection::NotAllowed);
}

#[test]
fn waiting_to_active_when_the_representative_opens_it_again() {
    let mut house = House::asynchronous().with_somebody_busy(&[2]);
    house.does(wait(1, 1)).refuses(resume(2, 1), Rejection::NotYours).does(resume(1, 1));
    assert_eq!((house.state(1), house.used(1)), (Some(WorkState::Active), 1));
    assert!(matches!(&house.notices(1)[..], [Notice::Assigned { .. }]));
    house.refuses(resume(1, 1), Rejection::NotPossibleNow);
}

#[test]
fn waiting_to_open_to_the_same_representative_when_the_customer_writes_whatever_presence_and_capacity() {
    let mut house = House::asynchronous().with_somebody_busy(&[2]);
    house.does(wait(1, 1)).arrive(2);
    house.pick(1, 2).arrive(3).pick(1, 3).choose(1, Presence::DoNotDisturb).does(wrote(1, Side::Customer));
    assert_eq!(house.offered_to(1), Some(1));
    assert_eq!(house.accept(1, 1).used(1), 3);
}

#[test]
fn waiting_to_open_to_somebody_else_if_the_representative_is_not_there_or_declines() {
    let mut house = House::asynchronous().with_somebody_busy(&[2]);
    house.does(wait(1, 1)).does(wrote(1, Side::Staff));
    assert_eq!(house.state(1), Some(WorkState::Waiting), "only the customer brings it back");
    house.disconnect(1).does(wrote(1, Side::Customer));
    assert_eq!(house.offered_to(1), Some(2));
    let mut house = House::asynchronous().with_somebody_busy(&[2]);
    house.does(wait(1, 1)).does(wrote(1, Side::Customer)).reject(1, 1);
    assert_eq!(house.offered_to(1), Some(2));
}

#[test]
fn without_affinity_a_customer_who_comes_back_goes_to_whoever_is_best() {
    let mut house = with_rules(|rules| rules.affinity = false);
    house.connect(2).arrive(2).accept(2, 2).does(wait(1, 1)).arrive(3).pick(1, 3);
    house.connect(3).does(wrote(1, Side::Customer));
    assert_eq!(house.offered_to(1), Some(3));
}

#[test]
fn waiting_to_closed_after_the_time_of_the_workstream() {
    let mut house = House::asynchronous().with_somebody_busy(&[]);
    house.does(wait(1, 1)).after(Span::from_secs(28 * DAY - 1));
    assert_eq!(house.state(1), Some(WorkState::Waiting));
    house.after(Span::from_secs(1));
    assert_eq!((house.notices(1), house.closed(1)), (vec![ended(), Notice::Closed], true));
    let mut house = with_rules(|rules| rules.auto_close.waiting = Limit::After(Span::from_secs(300)));
    assert!(house.does(wait(1, 1)).after(Span::from_secs(300)).closed(1));
}

#[test]
fn waiting_to_closed_when_the_customer_ends_it() {
    let mut house = House::asynchronous().with_somebody_busy(&[]);
    assert!(house.does(wait(1, 1)).customer_leaves(1).closed(1));
}

#[test]
fn an_asynchronous_conversation_of_somebody_who_is_gone_waits_if_nobody_waits_for_an_answer() {
    let mut house = House::asynchronous().with_somebody_busy(&[2]);
    house.does(wrote(1, Side::Staff)).disconnect(1).after(PRESENCE_GRACE).after(Span::from_millis(1));
    assert_eq!(house.state(1), Some(WorkState::Waiting));
    let mut house = House::asynchronous().with_somebody_busy(&[2]);
    house.does(wrote(1, Side::Customer)).disconnect(1).after(PRESENCE_GRACE).after(Span::from_millis(1));
    assert_eq!(house.offered_to(1), Some(2), "a customer who waits for an answer gets somebody");
}

#[test]
fn active_to_open_by_release_and_others_are_asked_first() {
    let mut house = House::busy(&[2]);
    house.does(release(1, 1));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::Released)]);
    assert_eq!(house.offered_to(1), Some(2));
    assert_eq!(house.reject(2, 1).offered_to(1), Some(1));
    house.accept(1, 1).end(1, 1).refuses(release(1, 1), Rejection::NotPossibleNow);
}

#[test]
fn what_is_set_aside_can_be_released_too() {
    let mut house = House::asynchronous().with_somebody_busy(&[2]);
    assert_eq!(house.does(wait(1, 1)).does(release(1, 1)).offered_to(1), Some(2));
}

#[test]
fn the_conversation_is_asked_for_its_messages_where_they_matter() {
    let mut house = House::asynchronous();
    assert!(house.arrive(1).notices(1).contains(&Notice::Follow));
    let mut house = House::new();
    assert!(!house.arrive(1).notices(1).contains(&Notice::Follow));
}

#[test]
fn open_live_chat_is_closed_after_twenty_minutes_in_which_nobody_touched_it() {
    let mut house = House::new();
    house.arrive(1).after(Span::from_secs(1199));
    assert_eq!(house.connect(1).offered_to(1), Some(1));
    house.disconnect(1).after(Span::from_secs(1199));
    assert!(!house.closed(1), "an offer is a touch");
    house.after(Span::from_secs(1));
    assert_eq!((house.notices(1), house.closed(1)), (vec![ended()], true));
}

#[test]
fn each_channel_lasts_in_each_state_as_long_as_documented() {
    const MINUTE: u64 = 60;
    let table: [(ChannelClass, [Option<u64>; 3]); 5] = [
        (ChannelClass::LiveChat, [Some(20 * MINUTE), None, Some(15 * MINUTE)]),
        (ChannelClass::PersistentChat, [Some(30 * DAY), None, Some(DAY)]),
        (ChannelClass::Asynchronous, [Some(30 * DAY), Some(30 * DAY), Some(DAY)]),
        (ChannelClass::Voice, [Some(30 * DAY), Some(120 * MINUTE), Some(DAY)]),
        (ChannelClass::Record, [None, None, None]),
    ];
    for (channel, [open, active, wrap_up]) in table {
        let new = || House::with(|settings| comes_by(settings, channel));
        let lasts =
            |house: &House| house.router.next_deadline().map(|at| at.since(house.now).as_millis() / 1000);
        let mut house = new();
        assert_eq!(lasts(house.arrive(1)), open, "{channel:?}, open");
        let mut house = new();
        assert_eq!(lasts(house.connect(1).arrive(1).accept(1, 1)), active, "{channel:?}, active");
        assert_eq!(lasts(house.end(1, 1)), wrap_up, "{channel:?}, in wrap-up");
    }
}

#[test]
fn a_call_goes_to_wrap_up_after_two_hours_and_an_asynchronous_conversation_is_closed_after_thirty_days() {
    let mut house = House::with(|settings| comes_by(settings, ChannelClass::Voice)).with_somebody_busy(&[]);
    house.after(Span::from_secs(7200));
    assert_eq!((house.state(1), house.notices(1)), (Some(WorkState::WrapUp), vec![ended()]));
    house.close(1, 1);
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::CallTimedOut)]);
    let mut house = House::asynchronous().with_somebody_busy(&[]);
    house.after(Span::from_secs(30 * DAY));
    assert_eq!((house.sessions_ended(), house.closed(1)), (vec![(1, SessionEnd::AutoClosed)], true));
}

#[test]
fn times_can_be_set_by_channel_and_state_and_take_effect_on_what_is_there() {
    let mut house = House::new();
    house.arrive(1).configure(|settings| settings.workstreams[0].sessions.auto_close.open = Limit::Never);
    assert_eq!(house.router.next_deadline(), None);
    let after = Limit::After(Span::from_secs(60));
    house.configure(|settings| settings.workstreams[0].sessions.auto_close.open = after);
    assert!(house.after(Span::from_secs(60)).closed(1));
}

#[test]
fn consulting_transferring_and_monitoring_restart_the_clock() {
    for command in [consult(1, 1, to(2)), transfer(1, 1, to(2)), monitor(SUPERVISOR, 1)] {
        let mut house = House::with(|settings| {
            settings.workstreams[0].sessions.auto_close.active = Limit::After(Span::from_secs(60));
        })
        .with_somebody_busy(&[2]);
        house.later(Span::from_secs(30)).does(command.clone()).after(Span::from_secs(59));
        assert_eq!(house.state(1), Some(WorkState::Active), "{command:?}");
    }
}

#[test]
fn a_silent_customer_is_reminded_and_then_let_go() {
    let mut house = with_rules(|rules| {
        rules.time_outs = vec![
            rule(Silent::Customer, 60, say("Are you still there?")),
            rule(Silent::Customer, 120, TimeOutAction::Wait),
        ];
    });
    house.after(Span::from_secs(600));
    assert_eq!(house.notices(1), [], "it is the representative who is to write first");
    house.does(wrote(1, Side::Staff)).after(Span::from_secs(60));
    assert_eq!(house.notices(1), [], "more than the time must have passed");
    house.after(Span::from_millis(1));
    let text = MessageText::new("Are you still there?").unwrap();
    assert_eq!(house.notices(1), [Notice::Say { representative: representative(1), text }]);
    house.after(Span::from_secs(60));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::CustomerSilent)]);
    assert_eq!((house.state(1), house.used(1)), (Some(WorkState::Waiting), 0));
}

#[test]
fn what_a_rule_says_is_said_in_the_customers_language_or_else_as_it_stands() {
    let text = |text: &str| MessageText::new(text).unwrap();
    for (locale, said) in [("de-CH", "Grüezi?"), ("de-AT", "Hallo?"), ("pt", "Hello?")] {
        let mut house = with_rules(|rules| {
            let mut rule = rule(Silent::Representative, 60, say("Hello?"));
            let language = |tag: &str| Language::new(tag).unwrap();
            rule.translations =
                [(language("de-CH"), text("Grüezi?")), (language("de"), text("Hallo?"))].into();
            rules.time_outs = vec![rule];
        });
        let locale = Value::Text(locale.into());
        let arrival =
            Arrival { facts: vec![(Field::Locale, locale)], ..super::house::arrival(2, 1, "other") };
        house.does(Command::Arrive(arrival)).accept(1, 2).after(Span::from_millis(60_001));
        assert_eq!(house.notices(2), [Notice::Say { representative: representative(1), text: text(said) }]);
    }
}

#[test]
fn an_answer_begins_the_silence_anew_on_the_other_side() {
    let mut house = with_rules(|rules| {
        rules.time_outs = vec![
            rule(Silent::Customer, 60, TimeOutAction::Close),
            rule(Silent::Representative, 90, TimeOutAction::Release),
        ];
    });
    house.choose(1, Presence::Away).does(wrote(1, Side::Staff)).after(Span::from_secs(59));
    house.does(wrote(1, Side::Staff)).after(Span::from_secs(59)).does(wrote(1, Side::Customer));
    house.after(Span::from_secs(90));
    assert_eq!(house.state(1), Some(WorkState::Active));
    house.after(Span::from_millis(1));
    assert_eq!(house.sessions_ended(), [(1, SessionEnd::RepresentativeSilent)]);
    assert_eq!(house.state(1), Some(WorkState::Open));
}

#[test]
fn a_representative_who_never_writes_is_silent_since_the_assignment() {
    let mut house =
        with_rules(|rules| rules.time_outs = vec![rule(Silent::Representative, 60, TimeOutAction::Close)]);
    house.after(Span::from_millis(60_001));
    assert_eq!(
        (house.sessions_ended(), house.closed(1)),
        (vec![(1, SessionEnd::RepresentativeSilent)], true)
    );
}

#[test]
fn rules_of_one_time_apply_in_their_order_as_long_as_the_silence_lasts() {
    let mut house = with_rules(|rules| {
        rules.time_outs = vec![
            rule(Silent::Representative, 60, say("One moment, please.")),
            rule(Silent::Representative, 60, TimeOutAction::Wait),
            rule(Silent::Representative, 60, TimeOutAction::Close),
        ];
    });
    house.after(Span::from_millis(60_001));
    assert!(matches!(&house.notices(1)[..], [Notice::Say { .. }, Notice::Paused { .. }]));
}

#[test]
fn new_rules_apply_to_silences_that_have_begun() {
    let mut house = House::asynchronous().with_somebody_busy(&[]);
    house.later(Span::from_secs(100)).configure(|settings| {
        settings.workstreams[0].sessions.time_outs =
            vec![rule(Silent::Representative, 60, TimeOutAction::Close)];
    });
    assert!(house.after(Span::from_millis(1)).closed(1));
}

#[test]
fn pick_mode_offers_nothing_and_lets_everything_be_taken_and_assigned() {
    let mut house = House::with(|settings| {
        settings.workstreams[0].sessions.distribution = crate::settings::Distribution::Pick;
    });
    house.connect(1).arrive(1);
    assert_eq!((house.offered_to(1), house.state(1)), (None, Some(WorkState::Open)));
    assert_eq!(house.pick(1, 1).owner(1), Some(1));
    house.arrive(2).does(assign(2, to(1)));
    assert_eq!(house.offered_to(2), Some(1));
    house.configure(|settings| {
        settings.workstreams[0].sessions.distribution = crate::settings::Distribution::Push;
    });
    assert_eq!(house.arrive(3).offered_to(3), None, "capacity is used up");
}

#[test]
fn an_offer_that_cannot_be_rejected_says_so_and_still_runs_out() {
    let mut house =
        House::with(|settings| settings.workstreams[0].sessions.acceptance = Acceptance::AcceptOnly);
    house.connect(1).arrive(1);
    assert!(!house.offer_view(1).can_reject);
    let offer = house.offer_id(1, 1);
    let reject = Command::Reject { representative: representative(1), offer };
    house.refuses(reject, Rejection::NotAllowed).connect(2).after(Span::from_secs(60));
    assert_eq!(house.offered_to(1), Some(2));
}

#[test]
fn work_that_is_accepted_automatically_is_had_as_it_is_offered() {
    let mut house = House::with(|settings| {
        settings.workstreams[0].sessions.acceptance = Acceptance::Automatic;
        settings.representatives[0].capacity = Units(1);
    });
    house.connect(1).arrive(1);
    assert_eq!((house.owner(1), house.offers(1)), (Some(1), vec![]));
    assert!(house.notices(1).iter().any(|notice| matches!(notice, Notice::Assigned { .. })));
    assert_eq!(house.arrive(2).state(2), Some(WorkState::Open));
    assert_eq!(house.end(1, 1).close(1, 1).owner(2), Some(1));
}

#[test]
fn session_rules_that_do_not_hold_together_are_refused_with_their_paths() {
    let faults = |change: fn(&mut SessionRules)| {
        let mut settings = super::house::usual();
        change(&mut settings.workstreams[0].sessions);
        let error = settings.check().unwrap_err();
        assert!(error.faults.iter().all(|fault| fault.message.ends_with('.')), "a sentence");
        error.faults.into_iter().map(|fault| fault.path).collect::<vec::Vec<_>>()
    };
    assert_eq!(
        faults(|rules| rules.auto_close.open = Limit::After(Span::from_secs(59))),
        ["workstreams[0].sessions.auto_close.open"]
    );
    assert_eq!(
        faults(|rules| rules.auto_close.waiting = Limit::After(Span::from_secs(366 * DAY))),
        ["workstreams[0].sessions.auto_close.waiting"]
    );
    assert_eq!(
        faults(|rules| rules.time_outs = vec![rule(Silent::Customer, 60, TimeOutAction::Close)]),
        ["workstreams[0].sessions.time_outs[0]"]
    );
    assert_eq!(
        faults(|rules| {
            rules.channel = ChannelClass::PersistentChat;
            rules.time_outs = vec![rule(Silent::Customer, 0, TimeOutAction::Close)];
        }),
        ["workstreams[0].sessions.time_outs[0].after"]
    );
    assert_eq!(faults(|rules| rules.consult.most = 0), ["workstreams[0].sessions.consult.most"]);
    assert_eq!(
        faults(|rules| rules.consult.search = Span::from_secs(4)),
        ["workstreams[0].sessions.consult.search"]
    );
    let mut settings = super::house::usual();
    settings.desk.presence_grace = Span::from_secs(3601);
    settings.desk.day_ends = Span::from_secs(DAY);
    let paths = settings.check().unwrap_err().faults.into_iter().map(|fault| fault.path);
    assert_eq!(paths.collect::<vec::Vec<_>>(), ["desk.presence_grace", "desk.day_ends"]);
}

#[test]
fn settings_that_say_nothing_of_sessions_have_the_documented_defaults() {
    let settings = super::house::usual();
    let mut json = serde_json::to_value(&settings).unwrap();
    json.as_object_mut()
        .unwrap()
        .retain(|field, _| !["desk", "presences", "profiles"].contains(&field.as_str()));
    let workstream = json["workstreams"][0].as_object_mut().unwrap();
    workstream.retain(|field, _| !["sessions", "profile"].contains(&field.as_str()));
    assert_eq!(serde_json::from_value::<crate::settings::Settings>(json).unwrap(), settings);
    let desk = &settings.desk;
    assert_eq!((desk.presence_grace, desk.supervisors_may.len()), (PRESENCE_GRACE, 4));
    assert!(!desk.inactive_after_missed_offer && !desk.do_not_disturb_after_reject);
}
