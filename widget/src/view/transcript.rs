//! The conversation itself. Rows are drawn once and stay; the log only grows at its ends. Text is text: what people write
//! is never read as markup.

use alloc::string::String;

use shared::client::{ChatClient, Delivery, Draft};
use shared::links::{self, Part};
use shared::protocol::live::{Author, Content, Entry, Sequence};
use shared::time::{Span, Timestamp};

use super::ended_by;
use crate::browser::{
    at_end, build, enter, find_place, hush, leave, mark_place, now, set, show, time, to_end, words, write,
};
use crate::words::{WORDS, concat, digits, fill, refusal};

/// Messages of one author that follow each other within this time stand together.
const TOGETHER: Span = Span::from_secs(5 * 60);
/// What is older bears its day.
const TODAY: Span = Span::from_secs(18 * 3600);

/// Nothing is shown any more.
pub(crate) fn clear() {
    for id in ["log", "drafts", "typing"] {
        write(id, "");
    }
    show("earlier", false);
}

/// Draws everything again.
pub(super) fn replace(chat: &ChatClient) {
    write("log", "");
    hush();
    draw_entries(chat, false, 0..chat.entries().len());
    to_end();
}

/// Draws what is new, and follows it if the end was in sight.
pub(super) fn append(chat: &ChatClient, from: usize) {
    let follow = at_end();
    draw_entries(chat, false, from..chat.entries().len());
    if follow {
        to_end();
    }
}

/// Puts a page of history before the first row, which stays where it is on the screen.
pub(super) fn prepend(chat: &ChatClient, count: usize) {
    mark_place();
    hush();
    draw_entries(chat, true, 0..count);
    find_place();
}

/// Draws one message again: it was edited or removed.
pub(super) fn revise(chat: &ChatClient, index: usize) {
    let Some(entry) = chat.entries().get(index) else { return };
    let id = place_id("b", entry.sequence);
    write(&id, "");
    build(&id, false);
    said(entry);
}

fn draw_entries(chat: &ChatClient, start: bool, range: core::ops::Range<usize>) {
    build("log", start);
    for index in range {
        if let Some(entry) = chat.entries().get(index) {
            draw(chat, entry, index.checked_sub(1).and_then(|before| chat.entries().get(before)));
        }
    }
    show("earlier", chat.has_earlier());
}

/// Says under the visitor's own messages how far they came: from the newest back to the first that was read before.
pub(super) fn mark_read(chat: &ChatClient) {
    for entry in chat.entries().iter().rev().filter(|entry| is_own_message(entry)) {
        if !write(&place_id("s", entry.sequence), state_of(chat, entry))
            && entry.sequence <= chat.read_by_other()
        {
            break;
        }
    }
}

/// How far one of the visitor's own messages came.
fn state_of(chat: &ChatClient, entry: &Entry) -> &'static str {
    if entry.sequence <= chat.read_by_other() {
        WORDS.read
    } else if entry.sequence <= chat.received_by_other() {
        WORDS.delivered
    } else {
        WORDS.sent
    }
}

fn is_own_message(entry: &Entry) -> bool {
    entry.author == Author::Customer && entry.is_message()
}

/// The id of a place in the row of a message: `s` where "Sent" or "Read" stands, `b` where it stands itself.
fn place_id(what: &str, sequence: Sequence) -> String {
    concat(&[what, &digits(sequence.0 as usize)])
}

/// Draws what has no place in the log yet. Who writes sees what they have written.
pub(super) fn draw_drafts(chat: &ChatClient) {
    let follow = at_end() || chat.drafts().last().is_some_and(|draft| draft.delivery == Delivery::Sent);
    write("drafts", "");
    build("drafts", false);
    for draft in chat.drafts() {
        draw_draft(draft);
    }
    if follow {
        to_end();
    }
}

fn draw_draft(draft: &Draft) {
    let failed = matches!(draft.delivery, Delivery::Failed(_));
    enter("div", if failed { "row own same failed" } else { "row own same" });
    enter("div", "bubble");
    text(&draft.text);
    leave();
    enter("p", "meta");
    match draft.delivery {
        Delivery::Waiting | Delivery::Sent => words(WORDS.sending),
        Delivery::Delivered(_) => words(WORDS.sent),
        Delivery::Failed(code) => {
            words(refusal(code));
            for (name, label) in [("data-retry", WORDS.retry), ("data-discard", WORDS.discard)] {
                enter("button", "quiet");
                set("type", "button");
                set(name, draft.message.encode(&mut [0; 36]));
                words(label);
                leave();
            }
        }
    }
    leave();
    leave();
}

/// Says who is writing.
pub(super) fn draw_typing(chat: &ChatClient) {
    let follow = at_end();
    write("typing", &chat.typing().map_or(String::new(), |author| fill(WORDS.typing, name_of(author))));
    if follow {
        to_end();
    }
}

fn draw(chat: &ChatClient, entry: &Entry, before: Option<&Entry>) {
    match &entry.content {
        // What changes another entry is shown there.
        _ if entry.changes().is_some() => {}
        Content::Text { .. } | Content::Edited { .. } | Content::Redacted { .. } | Content::File { .. } => {
            draw_message(chat, entry, before);
        }
        Content::Started { .. } => draw_event(WORDS.started),
        Content::Joined => draw_event(&fill(WORDS.joined, name_of(&entry.author))),
        Content::Lost => draw_event(&fill(WORDS.lost, name_of(&entry.author))),
        Content::Left => draw_event(&fill(WORDS.left, name_of(&entry.author))),
        Content::Ended { by } => draw_event(ended_by(*by)),
    }
}

fn draw_event(what: &str) {
    enter("p", "event");
    words(what);
    leave();
}

fn draw_message(chat: &ChatClient, entry: &Entry, before: Option<&Entry>) {
    let own = entry.author == Author::Customer;
    let same = before.is_some_and(|before| continues(before, entry));
    enter(
        "div",
        match (own, same) {
            (true, false) => "row own",
            (true, true) => "row own same",
            (false, false) => "row",
            (false, true) => "row same",
        },
    );
    enter("p", "author");
    words(if own { WORDS.you } else { name_of(&entry.author) });
    leave();
    enter("div", "bubble");
    set("id", &place_id("b", entry.sequence));
    said(entry);
    leave();
    enter("p", "meta");
    enter("span", "");
    words(&time_of(entry.at));
    leave();
    enter("span", "");
    if is_own_message(entry) {
        set("id", &place_id("s", entry.sequence));
        words(state_of(chat, entry));
    }
    leave();
    leave();
    leave();
}

/// Whether an entry goes on where the one before stopped.
fn continues(before: &Entry, entry: &Entry) -> bool {
    before.text().is_some() && before.author == entry.author && entry.at.since(before.at) <= TOGETHER
}

/// What a message says now: its text, with a mark if it was edited, or that it was removed.
fn said(entry: &Entry) {
    if let Content::File { file, name, media_type, .. } = &entry.content {
        // What opens it and shows pictures is fetched when the first of these is there.
        enter("button", "");
        set("type", "button");
        set("data-type", media_type);
        set("data-file", file.encode(&mut [0; 36]));
        words(name);
        return leave();
    }
    let Some(now) = entry.text() else { return note(WORDS.removed) };
    text(now);
    if let Content::Edited { .. } = entry.content {
        note(WORDS.edited);
    }
}

fn note(what: &str) {
    enter("i", "");
    words(what);
    leave();
}

/// Text, into what was entered last.
fn text(text: &str) {
    // The writer's own direction, whatever the language of the widget.
    set("dir", "auto");
    for part in links::parts(text) {
        match part {
            Part::Text(text) => words(text),
            Part::Link(address) => link(address, address),
        }
    }
}

/// A link that opens beside the chat and tells the other side nothing about this one.
pub(super) fn link(address: &str, label: &str) {
    enter("a", "");
    set("href", address);
    set("target", "_blank");
    set("rel", "noopener noreferrer");
    words(label);
    leave();
}

fn name_of(author: &Author) -> &str {
    match author {
        Author::Representative { name, .. } if !name.is_empty() => name,
        _ => WORDS.somebody,
    }
}

fn time_of(at: Timestamp) -> String {
    time(at, now().since(at) > TODAY)
}
