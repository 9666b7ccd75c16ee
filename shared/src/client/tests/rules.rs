//! The rules, one test each.

use alloc::string::String;
use alloc::vec;

use super::*;
use crate::client::{Change, Connection, Delivery};
use crate::limit::OUTBOX_MESSAGES_MAX;
use crate::protocol::live::{EndedBy, Place};
use crate::protocol::{ErrorCode, Problem};
use crate::time::Span;

fn frame(client: &mut ChatClient, millis: u64, frame: ServerFrame) -> Vec<Output> {
    client.handle(at(millis), Input::Frame(frame))
}

fn deliveries(client: &ChatClient) -> Vec<Delivery> {
    client.drafts().iter().map(|draft| draft.delivery).collect()
}

fn refused(message: Option<MessageId>, code: ErrorCode) -> ServerFrame {
    ServerFrame::Refused { message, problem: Problem::from(code) }
}

#[test]
fn hello_says_what_is_held() {
    let mut client = ChatClient::new();
    client.handle(at(0), Input::Wake);
    let out = client.handle(at(0), Input::Opened);
    assert_eq!(sent(&out), [ClientFrame::Hello { token: None, holds: None }]);

    let mut client = live(3);
    client.handle(at(1), Input::Closed { random: 0 });
    client.handle(at(1), Input::Tick);
    let out = client.handle(at(1), Input::Opened);
    assert_eq!(sent(&out), [ClientFrame::Hello { token: None, holds: Some(Sequence(3)) }]);
}

#[test]
fn it_is_live_when_everything_that_exists_is_held() {
    let mut client = ChatClient::new();
    assert_eq!(client.connection(), Connection::Idle);
    client.handle(at(0), Input::Wake);
    assert_eq!(client.connection(), Connection::Connecting);
    client.handle(at(0), Input::Opened);
    frame(&mut client, 0, welcome(4));
    assert_eq!(client.connection(), Connection::Connecting);
    let out = frame(&mut client, 0, entries(0, 2));
    assert_eq!(sent(&out), [ClientFrame::FetchAfter { after: Sequence(2) }], "the next page");
    let out = frame(&mut client, 0, entries(2, 4));
    assert_eq!(client.connection(), Connection::Live);
    assert!(out.contains(&Output::Show(Change::Connection)));
    client.handle(at(0), Input::Closed { random: 0 });
    assert_eq!(client.connection(), Connection::Reconnecting);
}

#[test]
fn a_gap_is_asked_for_once_and_again_when_no_answer_comes() {
    let mut client = live(2);
    let out = frame(&mut client, 100, entries(4, 5));
    assert_eq!(sent(&out), [ClientFrame::FetchAfter { after: Sequence(2) }]);
    assert_eq!(numbers(&client), [1, 2], "nothing is shown out of turn");
    assert_eq!(sent(&frame(&mut client, 200, entries(5, 6))), []);
    assert_eq!(client.next_deadline(), Some(at(5_100)));
    let out = client.handle(at(5_100), Input::Tick);
    assert_eq!(sent(&out), [ClientFrame::FetchAfter { after: Sequence(2) }]);
    frame(&mut client, 5_200, entries(2, 6));
    assert_eq!(numbers(&client), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn pages_that_overlap_join_without_repeating_anything() {
    let mut client = live(4);
    frame(&mut client, 0, entries(2, 6));
    frame(&mut client, 0, entries(0, 6));
    assert_eq!(numbers(&client), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn what_was_not_sent_of_a_stretch_is_not_missed() {
    let mut client = live(1);
    let internal = ServerFrame::Entries { after: Sequence(1), upto: Sequence(3), entries: vec![] };
    assert_eq!(sent(&frame(&mut client, 0, internal)), []);
    assert_eq!((client.held(), client.connection()), (Sequence(3), Connection::Live));
}

#[test]
fn history_is_put_before_and_asked_for_once() {
    let mut client = ChatClient::new();
    client.handle(at(0), Input::Wake);
    client.handle(at(0), Input::Opened);
    frame(&mut client, 0, welcome(5));
    frame(&mut client, 0, entries(3, 5));
    assert!(client.has_earlier());
    let out = client.handle(at(0), Input::LoadEarlier);
    assert_eq!(sent(&out), [ClientFrame::FetchBefore { before: Sequence(4) }]);
    assert_eq!(sent(&client.handle(at(0), Input::LoadEarlier)), []);
    let page = vec![entry(1, None), entry(3, None)];
    let history = ServerFrame::History { after: Sequence::START, before: Sequence(4), entries: page };
    let out = frame(&mut client, 0, history);
    assert!(out.contains(&Output::Show(Change::Prepended { count: 2 })));
    assert_eq!(numbers(&client), [1, 3, 4, 5]);
    assert!(!client.has_earlier() && !client.is_loading_earlier());
}

#[test]
fn a_message_waits_for_a_connection_and_is_sent_again_in_order_after_every_welcome() {
    let mut client = live(1);
    client.handle(at(0), Input::Closed { random: 0 });
    let out = client.handle(at(0), compose(1));
    assert!(sent(&out).is_empty() && matches!(out.first(), Some(Output::Keep(_))));
    client.handle(at(0), compose(2));
    assert_eq!(deliveries(&client), [Delivery::Waiting, Delivery::Waiting]);
    for _ in 0..2 {
        client.handle(at(0), Input::Wake);
        client.handle(at(0), Input::Opened);
        let order: Vec<_> = sent(&frame(&mut client, 0, welcome(1)))
            .into_iter()
            .filter_map(|frame| match frame {
                ClientFrame::Send { message, .. } => Some(message),
                _ => None,
            })
            .collect();
        assert_eq!(order, [message(1), message(2)]);
        client.handle(at(0), Input::Closed { random: 0 });
    }
}

#[test]
fn a_draft_stays_until_its_entry_is_shown_and_is_forgotten_when_it_is_on_disk() {
    let mut client = live(1);
    client.handle(at(0), compose(1));
    assert_eq!(deliveries(&client), [Delivery::Sent]);
    let out = frame(&mut client, 0, ServerFrame::Accepted { message: message(1), sequence: Sequence(2) });
    assert!(out.contains(&Output::Forget(message(1))));
    assert_eq!(deliveries(&client), [Delivery::Delivered(Sequence(2))]);
    let own = vec![entry(2, Some(message(1)))];
    frame(&mut client, 0, ServerFrame::Entries { after: Sequence(1), upto: Sequence(2), entries: own });
    assert_eq!((numbers(&client), client.drafts().len()), (vec![1, 2], 0));
}

#[test]
fn an_entry_that_comes_before_its_acknowledgement_replaces_the_draft() {
    let mut client = live(1);
    client.handle(at(0), compose(1));
    let own = vec![entry(2, Some(message(1)))];
    let out =
        frame(&mut client, 0, ServerFrame::Entries { after: Sequence(1), upto: Sequence(2), entries: own });
    assert!(out.contains(&Output::Forget(message(1))));
    assert!(client.drafts().is_empty());
    frame(&mut client, 0, ServerFrame::Accepted { message: message(1), sequence: Sequence(2) });
    assert!(client.drafts().is_empty());
}

#[test]
fn an_accepted_message_whose_entry_stays_out_is_fetched() {
    let mut client = live(1);
    client.handle(at(0), compose(1));
    frame(&mut client, 0, ServerFrame::Accepted { message: message(1), sequence: Sequence(2) });
    let out = client.handle(at(5_000), Input::Tick);
    assert_eq!(sent(&out), [ClientFrame::FetchAfter { after: Sequence(1) }]);
}

#[test]
fn a_refused_message_waits_for_the_person() {
    let mut client = live(1);
    client.handle(at(0), compose(1));
    frame(&mut client, 0, refused(Some(message(1)), ErrorCode::MessageTooLong));
    assert_eq!(deliveries(&client), [Delivery::Failed(ErrorCode::MessageTooLong)]);
    assert_eq!(client.connection(), Connection::Live);
    let out = client.handle(at(1), Input::Retry { message: message(1) });
    assert_eq!(sent(&out).len(), 1);
    frame(&mut client, 2, refused(Some(message(1)), ErrorCode::MessageTooLong));
    let out = client.handle(at(3), Input::Discard { message: message(1) });
    assert!(out.contains(&Output::Forget(message(1))));
    assert!(client.drafts().is_empty());
}

#[test]
fn only_a_refused_message_can_be_given_up() {
    let mut client = live(1);
    client.handle(at(0), compose(1));
    client.handle(at(0), Input::Discard { message: message(1) });
    assert_eq!(deliveries(&client), [Delivery::Sent]);
}

#[test]
fn drafts_from_the_store_come_in_the_order_of_writing_and_never_twice() {
    let mut first = ChatClient::new();
    for number in [2, 1, 3] {
        first.handle(at(0), compose(number));
    }
    let mut kept = first.drafts().to_vec();
    kept.reverse();
    let mut client = live(0);
    let own = vec![entry(1, Some(message(3)))];
    frame(&mut client, 0, ServerFrame::Entries { after: Sequence(0), upto: Sequence(1), entries: own });
    client.handle(at(0), Input::Restore(kept.clone()));
    let out = client.handle(at(0), Input::Restore(kept));
    assert!(out.contains(&Output::Forget(message(3))), "the log has it already");
    let order: Vec<_> = client.drafts().iter().map(|draft| draft.message).collect();
    assert_eq!(order, [message(1), message(2)]);
}

#[test]
fn a_full_outbox_takes_no_more() {
    let mut client = ChatClient::new();
    for number in 0..u32::try_from(OUTBOX_MESSAGES_MAX).unwrap() {
        client.handle(at(0), compose(number));
    }
    assert!(!client.can_compose());
    let out = client.handle(at(0), compose(9_999));
    assert_eq!(out, [Output::Show(Change::Problem)]);
    assert_eq!(client.drafts().len(), OUTBOX_MESSAGES_MAX);
}

#[test]
fn a_session_that_does_not_hold_is_refused_for_good() {
    for code in [ErrorCode::NotSignedIn, ErrorCode::UnknownConversation, ErrorCode::NotYourConversation] {
        let mut client = ChatClient::new();
        client.handle(at(0), Input::Wake);
        client.handle(at(0), Input::Opened);
        let out = frame(&mut client, 0, refused(None, code));
        assert!(out.contains(&Output::Disconnect));
        assert_eq!(client.connection(), Connection::Refused);
        client.handle(at(0), Input::Closed { random: 0 });
        assert!(!client.handle(at(90_000), Input::Wake).contains(&Output::Connect));
        assert_eq!(client.next_deadline(), None);
    }
}

#[test]
fn whoever_is_told_when_to_come_again_comes_again_then() {
    // The gateway is busy; or the word that they take part again has yet to reach the conversation.
    for code in [ErrorCode::Overloaded, ErrorCode::NotYourConversation] {
        let mut client = ChatClient::new();
        client.handle(at(0), Input::Wake);
        client.handle(at(0), Input::Opened);
        let problem = Problem::from(code).retry_after(Span::from_secs(7));
        let out = frame(&mut client, 0, ServerFrame::Refused { message: None, problem });
        assert!(out.contains(&Output::Disconnect));
        client.handle(at(0), Input::Closed { random: 0 });
        assert_eq!(client.next_deadline(), Some(at(7_000)));
        assert!(client.handle(at(7_000), Input::Tick).contains(&Output::Connect));
    }
}

#[test]
fn a_log_that_is_not_the_one_held_is_read_anew() {
    let mut client = live(9);
    client.handle(at(0), Input::Closed { random: 0 });
    client.handle(at(0), Input::Tick);
    client.handle(at(0), Input::Opened);
    frame(&mut client, 0, refused(None, ErrorCode::SequenceAhead));
    assert_eq!(numbers(&client).len(), 9, "what was shown stays until there is something better");
    client.handle(at(0), Input::Closed { random: 0 });
    client.handle(at(0), Input::Tick);
    let out = client.handle(at(0), Input::Opened);
    assert_eq!(sent(&out), [ClientFrame::Hello { token: None, holds: None }]);
    frame(&mut client, 0, welcome(2));
    let out = frame(&mut client, 0, entries(0, 2));
    assert!(out.contains(&Output::Show(Change::Replaced)));
    assert_eq!(numbers(&client), [1, 2]);
}

#[test]
fn a_socket_that_leaves_two_heartbeats_unanswered_is_given_up() {
    let mut client = live(1);
    assert_eq!(client.next_deadline(), Some(at(20_000)));
    assert_eq!(client.handle(at(20_000), Input::Tick), [Output::Ping]);
    client.handle(at(20_050), Input::Pong);
    assert_eq!(client.handle(at(40_000), Input::Tick), [Output::Ping]);
    let compared = client.handle(at(60_000), Input::Tick);
    assert_eq!(sent(&compared).len(), 1, "a heartbeat too");
    assert_eq!(client.next_deadline(), Some(at(63_000)), "a moment, not another beat");
    let out = client.handle(at(63_000), Input::Tick);
    assert!(out.contains(&Output::Disconnect));
    assert_eq!(client.connection(), Connection::Reconnecting);
    assert!(client.handle(at(63_000), Input::Closed { random: 0 }).contains(&Output::Connect));
}

#[test]
fn a_socket_that_only_hears_is_given_up_within_two_heartbeats_although_the_other_side_talks() {
    for compose_at in [0, 15_000, 25_000] {
        let mut client = live(1);
        let mut given_up = None;
        for now in (1_000..120_000).step_by(1_000) {
            let mut out = client.handle(at(now), Input::Tick);
            if now == compose_at + 1_000 {
                out.extend(client.handle(at(now), compose(1)));
            }
            if now % 10_000 == 5_000 {
                let held = client.held().0;
                out.extend(frame(&mut client, now, entries(held, held + 1)));
                out.extend(frame(
                    &mut client,
                    now,
                    ServerFrame::Typing { author: ana(), visibility: Visibility::Public },
                ));
            }
            if out.contains(&Output::Disconnect) {
                given_up.get_or_insert(now);
            }
        }
        assert_eq!(given_up, Some(43_000), "written at {compose_at}");
    }
}

#[test]
fn whatever_answers_what_was_said_shows_that_a_socket_is_well() {
    let accepted = || ServerFrame::Accepted { message: message(1), sequence: Sequence(2) };
    let answers = [accepted(), refused(Some(message(1)), ErrorCode::MessageTooLong), welcome(1)];
    for answer in answers {
        let mut client = live(1);
        client.handle(at(1_000), compose(1));
        client.handle(at(20_000), Input::Tick);
        frame(&mut client, 39_000, answer.clone());
        client.handle(at(40_000), Input::Tick);
        let out = client.handle(at(43_000), Input::Tick);
        assert!(!out.contains(&Output::Disconnect), "{answer:?}");
    }
}

#[test]
fn the_third_heartbeat_after_something_was_said_and_the_fifteenth_otherwise_says_what_is_held() {
    let mut client = live(1);
    let mut compared = Vec::new();
    for beat in 1..=40 {
        let now = beat * 20_000;
        let out = client.handle(at(now), Input::Tick);
        if out == [Output::Ping] {
            client.handle(at(now), Input::Pong);
        } else {
            assert_eq!(sent(&out), [ClientFrame::Hello { token: None, holds: client.log.held() }]);
            compared.push(beat);
            let held = client.held().0;
            frame(&mut client, now, welcome(held));
        }
        if beat == 20 {
            frame(&mut client, now, entries(1, 2));
            // That it has arrived is said by itself, and is no heartbeat.
            client.confirm_at = None;
        }
    }
    assert_eq!(compared, [3, 18, 21, 36]);
}

#[test]
fn what_a_socket_swallowed_on_the_way_up_is_sent_again_when_both_sides_compare() {
    let mut client = live(1);
    client.handle(at(100), compose(1));
    client.handle(at(200), compose(2));
    frame(&mut client, 300, ServerFrame::Accepted { message: message(2), sequence: Sequence(2) });
    for beat in 1..=2 {
        client.handle(at(beat * 20_000), Input::Tick);
        client.handle(at(beat * 20_000), Input::Pong);
    }
    let compared = sent(&client.handle(at(60_000), Input::Tick));
    assert_eq!(compared.first(), Some(&ClientFrame::Hello { token: None, holds: Some(Sequence(1)) }));
    client.handle(at(60_001), compose(3));
    let out = frame(&mut client, 60_100, welcome(2));
    let again: Vec<_> = sent(&out)
        .iter()
        .filter_map(|frame| match frame {
            ClientFrame::Send { message, .. } => Some(*message),
            _ => None,
        })
        .collect();
    assert_eq!(again, [message(1)], "the second is there, and the third may still be on its way");
}

#[test]
fn what_a_socket_swallowed_on_the_way_down_is_asked_for_when_both_sides_compare() {
    let mut client = live(1);
    for beat in 1..=2 {
        client.handle(at(beat * 20_000), Input::Tick);
        client.handle(at(beat * 20_000), Input::Pong);
    }
    assert_eq!(
        sent(&client.handle(at(60_000), Input::Tick)),
        [ClientFrame::Hello { token: None, holds: Some(Sequence(1)) }]
    );
    frame(&mut client, 60_100, welcome(3));
    frame(&mut client, 60_100, entries(1, 3));
    assert_eq!(numbers(&client), [1, 2, 3]);
}

#[test]
fn a_comparison_for_which_there_is_no_room_is_shown_to_nobody_and_is_made_later() {
    let mut client = live(1);
    for beat in 1..=3 {
        client.handle(at((beat - 1) * 20_000), Input::Pong);
        client.handle(at(beat * 20_000), Input::Tick);
    }
    let problem = Problem::wait(Span::from_secs(5));
    let out = frame(&mut client, 60_100, ServerFrame::Refused { message: None, problem });
    assert_eq!(out, []);
    assert!(client.problem().is_none());
}

#[test]
fn a_live_socket_is_probed_when_somebody_looks_at_the_page() {
    let mut client = live(1);
    assert_eq!(client.handle(at(100), Input::Wake), [Output::Ping]);
    assert_eq!(client.handle(at(200), Input::Wake), [], "one probe at a time");
    client.handle(at(300), Input::Pong);
    assert!(!client.handle(at(3_100), Input::Tick).contains(&Output::Disconnect), "it was answered");
    client.handle(at(4_000), Input::Wake);
    frame(&mut client, 5_000, entries(1, 2));
    assert!(
        client.handle(at(7_000), Input::Tick).contains(&Output::Disconnect),
        "that we hear does not show that we are heard"
    );
}

#[test]
fn a_socket_that_does_not_open_or_is_not_welcomed_is_given_up() {
    for opened in [false, true] {
        let mut client = ChatClient::new();
        client.handle(at(0), Input::Wake);
        if opened {
            client.handle(at(0), Input::Opened);
        }
        assert_eq!(client.next_deadline(), Some(at(10_000)));
        assert!(client.handle(at(10_000), Input::Tick).contains(&Output::Disconnect));
        assert!(client.next_deadline().is_some(), "and tried again");
    }
}

#[test]
fn retries_wait_a_random_time_and_waking_up_does_not_wait() {
    let mut client = ChatClient::new();
    client.handle(at(0), Input::Wake);
    client.handle(at(0), Input::Closed { random: u32::MAX / 2 });
    assert_eq!(client.next_deadline(), Some(at(249)));
    client.handle(at(249), Input::Tick);
    client.handle(at(300), Input::Closed { random: u32::MAX });
    assert_eq!(client.next_deadline(), Some(at(1_299)));
    assert!(client.handle(at(400), Input::Wake).contains(&Output::Connect));
}

#[test]
fn typing_is_said_now_and_then_and_shown_for_a_while() {
    let typing = Input::Typing { visibility: Visibility::Public };
    let mut client = live(1);
    assert_eq!(sent(&client.handle(at(0), typing.clone())).len(), 1);
    assert_eq!(sent(&client.handle(at(2_999), typing.clone())), []);
    assert_eq!(sent(&client.handle(at(3_000), typing)).len(), 1);

    let shown = ServerFrame::Typing { author: ana(), visibility: Visibility::Public };
    frame(&mut client, 4_000, shown.clone());
    assert_eq!(client.typing(), Some(&ana()));
    client.handle(at(10_000), Input::Tick);
    assert_eq!(client.typing(), None);
    frame(&mut client, 11_000, shown);
    frame(&mut client, 11_001, entries(1, 2));
    assert_eq!(client.typing(), None, "who has written no longer types");
}

#[test]
fn reading_is_told_forwards_only_and_not_too_often() {
    let mut client = live(5);
    let seen = |upto| Input::Seen { upto: Sequence(upto) };
    let read = |upto| ClientFrame::Read { upto: Sequence(upto) };
    assert_eq!(client.unread(), 5);
    assert_eq!(sent(&client.handle(at(0), seen(3))), [read(3)]);
    assert_eq!(client.unread(), 2);
    assert_eq!(sent(&client.handle(at(1), seen(2))), []);
    assert_eq!(sent(&client.handle(at(2), seen(99))), []);
    assert_eq!(client.next_deadline(), Some(at(1_000)));
    assert_eq!(sent(&client.handle(at(1_000), Input::Tick)), [read(5)], "no further than what is held");
    assert_eq!(client.next_deadline(), Some(at(20_000)));
}

#[test]
fn the_end_is_final_and_is_said_again_until_it_is_known() {
    let mut client = live(1);
    assert_eq!(sent(&client.handle(at(0), Input::End)), [ClientFrame::End]);
    client.handle(at(0), Input::Closed { random: 0 });
    client.handle(at(0), Input::Tick);
    client.handle(at(0), Input::Opened);
    assert!(sent(&frame(&mut client, 0, welcome(1))).contains(&ClientFrame::End));
    let ended = Standing::Ended { by: EndedBy::Customer };
    frame(&mut client, 0, ServerFrame::Standing { standing: ended.clone() });
    frame(
        &mut client,
        0,
        ServerFrame::Standing { standing: Standing::InConversation { with: String::from("Ana") } },
    );
    assert_eq!(client.standing(), Some(&ended));
    assert!(!client.can_compose());
    assert_eq!(sent(&client.handle(at(0), Input::End)), []);
}

fn place(ahead: u32) -> Input {
    Input::Frame(ServerFrame::Place { place: Some(Place { ahead, estimated_wait: None }) })
}

fn standing(standing: Standing) -> Input {
    Input::Frame(ServerFrame::Standing { standing })
}

#[test]
fn a_place_in_the_line_is_shown_while_the_customer_waits_and_no_longer() {
    let mut client = live(1);
    client.handle(at(1), place(2));
    assert_eq!(client.place(), None, "somebody takes part");
    client.handle(at(2), standing(Standing::Waiting { anyone_available: true }));
    let outputs = client.handle(at(3), place(2));
    assert_eq!(outputs, [Output::Show(Change::Place)]);
    assert_eq!(client.handle(at(4), place(2)), []);
    client.handle(at(5), standing(Standing::Waiting { anyone_available: false }));
    assert_eq!(client.place().map(|place| place.ahead), Some(2));
    client.handle(at(6), standing(Standing::InConversation { with: "Ana".into() }));
    assert_eq!(client.place(), None);
}

#[test]
fn a_place_that_is_not_known_any_more_is_not_shown() {
    let mut client = live(1);
    client.handle(at(1), standing(Standing::Waiting { anyone_available: true }));
    client.handle(at(2), place(2));
    client.handle(at(3), Input::Frame(ServerFrame::Place { place: None }));
    assert_eq!(client.place(), None);
}
