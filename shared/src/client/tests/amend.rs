//! Edits and removals, as they are shown.

use alloc::vec;

use proptest::prelude::*;

use super::*;
use crate::client::{Change, Delivery, DraftKind};
use crate::protocol::ErrorCode;
use crate::protocol::live::EndedBy;

fn change(sequence: u32, content: Content) -> Entry {
    Entry { content, ..entry(sequence, Some(message(100 + sequence))) }
}

fn edited(sequence: u32, target: u32, text: &str) -> Entry {
    change(sequence, Content::Edited { target: Sequence(target), text: text.into() })
}

fn redacted(sequence: u32, target: u32) -> Entry {
    change(sequence, Content::Redacted { target: Sequence(target) })
}

fn piece(after: u32, upto: u32, entries: Vec<Entry>) -> Input {
    Input::Frame(ServerFrame::Entries { after: Sequence(after), upto: Sequence(upto), entries })
}

/// What is shown of each message: its number and text, none if it was removed.
fn shown(client: &ChatClient) -> Vec<(u32, Option<&str>)> {
    let messages = client.entries().iter().filter(|entry| entry.changes().is_none());
    messages.map(|entry| (entry.sequence.0, entry.text())).collect()
}

#[test]
fn an_edit_changes_what_is_shown_of_its_message_and_says_which_to_draw_again() {
    let mut client = live(2);
    let out = client.handle(at(0), piece(2, 3, vec![edited(3, 1, "better")]));
    assert_eq!(shown(&client), [(1, Some("better")), (2, Some("2"))]);
    assert!(matches!(client.entries()[0].content, Content::Edited { .. }), "and that it was edited");
    assert!(out.contains(&Output::Show(Change::Revised { index: 0 })));
    client.handle(at(0), piece(3, 4, vec![edited(4, 1, "best")]));
    assert_eq!(shown(&client)[0], (1, Some("best")), "the last edit counts");
}

#[test]
fn a_removed_message_leaves_nothing_of_its_text_behind() {
    let mut client = live(2);
    client.handle(at(0), piece(2, 3, vec![edited(3, 1, "secret")]));
    let out = client.handle(at(0), piece(3, 4, vec![redacted(4, 1)]));
    assert!(out.contains(&Output::Show(Change::Revised { index: 0 })));
    assert_eq!(shown(&client), [(1, None), (2, Some("2"))]);
    let says = |entry: &Entry| matches!(&entry.content, Content::Edited { text, .. } if text == "secret");
    assert!(!client.entries().iter().any(says), "nor do its edits say it");
    assert_eq!(client.unread(), 1, "a removed message waits for nobody");
}

#[test]
fn a_change_of_a_message_on_a_page_that_is_not_loaded_counts_when_it_is() {
    let mut client = ChatClient::new();
    client.handle(at(0), Input::Wake);
    client.handle(at(0), Input::Opened);
    client.handle(at(0), Input::Frame(welcome(6)));
    client.handle(at(0), piece(3, 6, vec![edited(4, 1, "better"), redacted(5, 2), entry(6, None)]));
    assert_eq!(shown(&client), [(6, Some("6"))]);
    client.handle(at(0), Input::LoadEarlier);
    // As the gateway has it: what was removed is not on the page.
    let page = vec![entry(1, None), redacted(2, 2), entry(3, None)];
    let history = ServerFrame::History { after: Sequence::START, before: Sequence(4), entries: page };
    client.handle(at(0), Input::Frame(history));
    assert_eq!(shown(&client), [(1, Some("better")), (2, None), (3, Some("3")), (6, Some("6"))]);
}

#[test]
fn a_change_goes_the_way_of_a_message_and_is_kept_until_the_log_shows_it() {
    let mut client = live(1);
    client.handle(at(0), Input::Closed { random: 0 });
    let amend = |number, text: Option<&str>| Input::Amend {
        message: message(number),
        target: Sequence(1),
        text: text.map(String::from),
    };
    let out = client.handle(at(0), amend(1, Some("better")));
    let Some(Output::Keep(kept)) = out.first() else { panic!("{out:?}") };
    assert_eq!((kept.kind, kept.text.as_str()), (DraftKind::Edit(Sequence(1)), "better"));
    // The page is loaded anew.
    let mut client = ChatClient::new();
    client.handle(at(0), Input::Restore(vec![kept.clone()]));
    client.handle(at(0), Input::Wake);
    client.handle(at(0), Input::Opened);
    let out = client.handle(at(0), Input::Frame(welcome(1)));
    let (target, text) = (Sequence(1), String::from("better"));
    assert_eq!(sent(&out), [ClientFrame::Edit { message: message(1), target, text }]);
    client.handle(at(0), Input::Frame(entries(0, 1)));
    let out = client.handle(at(0), amend(2, None));
    assert_eq!(sent(&out), [ClientFrame::Redact { message: message(2), target }]);
    // The log shows the one and refuses the other.
    let edit = Entry { message: Some(message(1)), ..edited(2, 1, "better") };
    let out = client.handle(at(0), piece(1, 2, vec![edit]));
    assert!(out.contains(&Output::Forget(message(1))));
    let problem = crate::protocol::Problem::from(ErrorCode::NotEditable);
    let refused = ServerFrame::Refused { message: Some(message(2)), problem };
    client.handle(at(0), Input::Frame(refused));
    let drafts: Vec<_> = client.drafts().iter().map(|draft| (draft.kind, draft.delivery)).collect();
    assert_eq!(drafts, [(DraftKind::Redaction(target), Delivery::Failed(ErrorCode::NotEditable))]);
}

#[test]
fn what_is_not_held_cannot_be_changed() {
    let mut client = live(1);
    let amend = Input::Amend { message: message(1), target: Sequence(9), text: None };
    assert_eq!((client.handle(at(0), amend), client.drafts().len()), (vec![], 0));
}

/// What somebody sees who folds the whole log by going through it once.
fn folded(log: &[Entry]) -> Vec<(u32, Option<String>)> {
    let messages = log.iter().filter(|entry| entry.changes().is_none());
    let now = |message: &Entry| {
        let mut text = message.text().map(String::from);
        for later in log.iter().filter(|entry| entry.changes() == Some(message.sequence)) {
            text = match &later.content {
                Content::Edited { text, .. } => Some(text.clone()),
                _ => None,
            };
        }
        (message.sequence.0, text)
    };
    messages.map(now).collect()
}

/// A log as a gateway writes it: nothing changes what was removed.
fn log() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec((0_u8..6, any::<u32>()), 1..30).prop_map(|steps| {
        let mut log: Vec<Entry> = Vec::new();
        for (kind, pick) in steps {
            let sequence = u32::try_from(log.len()).unwrap() + 1;
            let messages: Vec<u32> =
                log.iter().filter(|entry| entry.text().is_some()).map(|entry| entry.sequence.0).collect();
            let target = messages.get(pick as usize % messages.len().max(1)).copied();
            match (kind, target) {
                (0 | 1, Some(target)) => log.push(edited(sequence, target, &sequence.to_string())),
                (2, Some(target)) => {
                    for entry in &mut log {
                        if entry.sequence.0 == target || entry.changes() == Some(Sequence(target)) {
                            entry.content = Content::Redacted { target: Sequence(target) };
                        }
                    }
                    log.push(redacted(sequence, target));
                }
                (3, _) => log.push(change(sequence, Content::Ended { by: EndedBy::System })),
                _ => log.push(entry(sequence, None)),
            }
        }
        log
    })
}

proptest! {
    #[test]
    fn what_is_shown_does_not_depend_on_the_order_in_which_pages_come(
        log in log(),
        cuts in prop::collection::vec(0_usize..30, 0..4),
        newest in 0_usize..30,
    ) {
        let last = u32::try_from(log.len()).unwrap();
        let mut client = ChatClient::new();
        client.handle(at(0), Input::Wake);
        client.handle(at(0), Input::Opened);
        client.handle(at(0), Input::Frame(welcome(last)));
        let stretch = |after: usize, upto: usize| {
            let number = |place: usize| u32::try_from(place).unwrap();
            piece(number(after), number(upto), log[after..upto].to_vec())
        };
        // A page in the middle first; then what follows, in pieces, and what is before it.
        let begin = newest.min(log.len() - 1);
        let mut held = begin + 1;
        client.handle(at(0), stretch(begin, held));
        let mut before = begin;
        for cut in cuts {
            if cut % 2 == 0 {
                let upto = (held + cut).min(log.len());
                client.handle(at(0), stretch(held, upto));
                held = upto;
            } else {
                let after = before.saturating_sub(cut);
                client.handle(at(0), stretch(after, before));
                before = after;
            }
        }
        client.handle(at(0), stretch(held, log.len()));
        client.handle(at(0), stretch(0, before));
        let shown: Vec<_> =
            shown(&client).into_iter().map(|(number, text)| (number, text.map(String::from))).collect();
        prop_assert_eq!(shown, folded(&log));
    }
}
