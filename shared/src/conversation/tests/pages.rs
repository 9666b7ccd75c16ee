//! Catching up and looking back, page by page.

use super::*;
use crate::limit::{FRAME_BYTES_MAX, MESSAGE_CHARS_MAX, PAGE_BYTES_MAX, PAGE_ENTRIES_MAX};
use crate::protocol::codec::{to_binary, to_json};

/// A conversation with Ana and this many messages after the first three entries; every third is internal.
fn long(messages: u8, text: &str) -> Conversation {
    let mut conversation = with_ana();
    for number in 0..messages {
        let visibility = if number % 3 == 0 { Visibility::Internal } else { Visibility::Public };
        conversation.handle(at(1), send(Sender::Staff(ANA), number, visibility, text)).unwrap();
    }
    conversation
}

fn stretch(frame: &ServerFrame) -> (u32, u32, usize) {
    match frame {
        ServerFrame::Entries { after, upto, entries } => (after.0, upto.0, entries.len()),
        ServerFrame::History { after, before, entries } => (after.0, before.0, entries.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_that_holds_nothing_gets_the_newest_page() {
    let conversation = waiting();
    assert_eq!(stretch(&conversation.entries_for(None, Side::Customer).unwrap()), (0, 2, 2));
    let conversation = long(200, "x");
    assert_eq!(stretch(&conversation.entries_for(None, Side::Staff).unwrap()), (103, 203, PAGE_ENTRIES_MAX));
}

#[test]
fn a_client_that_holds_everything_gets_nothing_and_learns_that_it_does() {
    let conversation = waiting();
    let last = conversation.last();
    assert_eq!(stretch(&conversation.entries_for(Some(last), Side::Customer).unwrap()), (2, 2, 0));
    // One that claims more than there is gets the end of what there is.
}

#[test]
fn a_page_has_at_most_a_hundred_entries_and_the_next_one_goes_on() {
    let conversation = long(200, "x");
    assert_eq!(stretch(&conversation.entries_for(Some(Sequence(3)), Side::Staff).unwrap()), (3, 103, 100));
    assert_eq!(
        stretch(&conversation.entries_for(Some(Sequence(103)), Side::Staff).unwrap()),
        (103, 203, 100)
    );
    // The stretch counts what is hidden, so that a page can hold less for the customer.
    let (after, upto, shown) = stretch(&conversation.entries_for(Some(Sequence(3)), Side::Customer).unwrap());
    assert_eq!((after, upto), (3, 103));
    assert_eq!(shown, 66);
}

#[test]
fn a_page_stays_below_the_limit_of_a_frame() {
    let conversation = long(40, &"\u{1f642}".repeat(MESSAGE_CHARS_MAX));
    let mut held = Sequence::START;
    while held < conversation.last() {
        let frame = conversation.entries_for(Some(held), Side::Staff).unwrap();
        assert!(to_binary(&frame).len() <= FRAME_BYTES_MAX);
        assert!(to_json(&frame).len() <= FRAME_BYTES_MAX);
        let (after, upto, entries) = stretch(&frame);
        assert!(after == held.0 && upto > after && entries > 0, "every page brings a client further");
        held = Sequence(upto);
    }
}

#[test]
fn a_whole_log_is_read_forward_and_backward_alike() {
    for conversation in [waiting(), long(120, "x"), long(30, &"y".repeat(MESSAGE_CHARS_MAX))] {
        for side in [Side::Customer, Side::Staff] {
            let forward = seen_by(side, &conversation).entries;
            let mut backward: Vec<Entry> = Vec::new();
            let mut before = conversation.last().next();
            while before > Sequence(1) {
                let ServerFrame::History { after, before: until, entries } =
                    conversation.history_before(before, side).unwrap()
                else {
                    panic!("a page of history")
                };
                assert_eq!(until, before);
                assert!(
                    after < Sequence(before.0 - 1) || after.0 == before.0 - 2,
                    "every page goes further back"
                );
                backward.splice(0..0, entries);
                before = after.next();
            }
            assert_eq!(backward, forward);
        }
    }
}

#[test]
fn nothing_is_before_the_beginning() {
    let conversation = waiting();
    for before in [0, 1] {
        let page = conversation.history_before(Sequence(before), Side::Staff).unwrap();
        assert_eq!(stretch(&page), (0, before, 0));
    }
    let page = conversation.history_before(Sequence(3), Side::Staff).unwrap();
    assert_eq!(stretch(&page), (0, 3, 2), "the number that will be the next");
}

#[test]
fn whoever_holds_more_than_there_is_is_told_that_it_is_another_log() {
    let conversation = waiting();
    for ahead in [conversation.last().next(), Sequence(u32::MAX)] {
        for side in [Side::Customer, Side::Staff] {
            let hello = conversation.greeting(Some(ahead), side);
            assert_eq!(hello, Err(Rejection::SequenceAhead));
            assert_eq!(conversation.entries_for(Some(ahead), side), Err(Rejection::SequenceAhead));
        }
    }
    let before = Sequence(conversation.last().0 + 2);
    assert_eq!(conversation.history_before(before, Side::Staff), Err(Rejection::SequenceAhead));
}

#[test]
fn an_entry_that_is_larger_than_a_page_comes_alone() {
    let mut opening = opening(Some("Hello"));
    opening.answers[0].value = "x".repeat(PAGE_BYTES_MAX);
    let (conversation, _) = Conversation::open(at(0), opening);
    assert_eq!(stretch(&conversation.entries_for(Some(Sequence::START), Side::Customer).unwrap()), (0, 1, 1));
    assert_eq!(stretch(&conversation.entries_for(None, Side::Customer).unwrap()), (1, 2, 1));
    assert_eq!(stretch(&conversation.history_before(Sequence(2), Side::Customer).unwrap()), (0, 2, 1));
}
