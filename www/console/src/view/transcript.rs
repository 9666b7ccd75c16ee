//! The transcript: a log that is read out as it grows, and never again.

use leptos::prelude::*;
use shared::client::Input;
use shared::form::Answer;
use shared::id::MessageId;
use shared::links::{self, Part};
use shared::protocol::ErrorCode;
use shared::time::Timestamp;

use super::amend::{Doing, Editor, Menu};
use super::file_card::FileCard;
use super::icon::{CLOCK, DOWN, Icon, LOCK, TICK, TICKS, WARNING};
use super::panel::{Earlier, LiveRow, Panel};
use crate::model::transcript::{Mark, Message, Row, Whose, Wording};
use crate::model::words;
use crate::net::clock;

/// This near to the end, in CSS pixels, counts as at the end.
const NEAR_END: i32 = 48;
/// This near to the beginning what is before is shown, and this near to the end what is after.
const NEAR_START: i32 = 160;

/// The transcript.
#[component]
pub(super) fn Transcript() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let top = StoredValue::new(0);
    let scrolled = move |_| {
        let Some(node) = panel.scroller.get_untracked() else { return };
        // A hidden panel has no height and tells nothing.
        if node.client_height() == 0 {
            return;
        }
        let to_end = node.scroll_height() - node.scroll_top() - node.client_height();
        // Only going up leaves the end: what was appended since the event was on its way does not.
        let up = node.scroll_top() < top.get_value();
        top.set_value(node.scroll_top());
        let at_end = panel.follows() && (to_end < NEAR_END || (panel.at_end.get_untracked() && !up));
        if panel.at_end.get_untracked() != at_end {
            panel.at_end.set(at_end);
        }
        if node.scroll_top() < NEAR_START {
            panel.load_earlier();
        } else if to_end < NEAR_START {
            panel.load_later();
        }
    };
    let label = format!("Transcript with {}", panel.customer.get_value());
    view! {
        <div class="transcript-frame">
            <div
                class="transcript"
                role="log"
                aria-label=label
                aria-live=move || if panel.filling.get() { "off" } else { "polite" }
                tabindex="0"
                node_ref=panel.scroller
                on:scroll=scrolled
            >
                <Before/>
                <For each=move || panel.rows.get() key=|(key, _)| *key let:row>
                    <RowView row/>
                </For>
            </div>
            <p class="typing" role="status">
                {move || panel.typing.get().map(|name| view! {
                    <span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>
                    <span dir="auto">{name}</span>" is typing"
                })}
            </p>
            <Show when=move || !panel.at_end.get()>
                <ToEnd/>
            </Show>
        </div>
    }
}

/// What stands before the first row.
#[component]
fn Before() -> impl IntoView {
    let panel = expect_context::<Panel>();
    move || {
        let none = panel.rows.with(Vec::is_empty);
        match panel.earlier.get() {
            _ if none => view! {
                <div class="skeleton" aria-hidden="true">
                    <span class="skeleton-bubble"></span>
                    <span class="skeleton-bubble mine"></span>
                    <span class="skeleton-bubble"></span>
                </div>
            }
            .into_any(),
            Earlier::Nothing => ().into_any(),
            Earlier::There => view! {
                <button type="button" class="button small quiet earlier" on:click=move |_| panel.load_earlier()>
                    "Earlier messages"
                </button>
            }
            .into_any(),
            Earlier::Loading => view! { <p class="earlier">"Fetching earlier messages…"</p> }.into_any(),
        }
    }
}

#[component]
fn ToEnd() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let unread = Memo::new(move |_| {
        panel.session.unread.with(|unread| unread.get(&panel.conversation).copied().unwrap_or(0))
    });
    view! {
        <button type="button" class="to-end" on:click=move |_| panel.to_end()>
            <Icon path=DOWN/>
            {move || match unread.get() {
                0 => "Newest message".to_owned(),
                count => words::unread(count),
            }}
        </button>
    }
}

#[component]
fn RowView(row: LiveRow) -> impl IntoView {
    let (_, row) = row;
    let shape = row.get_untracked();
    match shape {
        Row::Day(at) => view! { <p class="day"><span>{clock::day(at)}</span></p> }.into_any(),
        Row::Started(at, answers) => view! { <Started at answers/> }.into_any(),
        Row::Event(at, text, internal) => view! {
            <p class="event" class:internal=internal dir="auto">
                {internal.then(|| view! { <Icon path=LOCK/><span class="unseen">"Seen by colleagues only: "</span> })}
                {text}" · "<Time at/>
            </p>
        }
        .into_any(),
        Row::Message(message) => view! { <MessageView first=message row/> }.into_any(),
    }
}

#[component]
fn Started(at: Timestamp, answers: Vec<Answer>) -> impl IntoView {
    let any = !answers.is_empty();
    view! {
        <p class="event">"Conversation started · "<Time at/></p>
        {any.then(|| view! {
            <section class="answers" aria-label="Pre-chat answers">
                <h2>"Before the chat"</h2>
                <Answers answers/>
            </section>
        })}
    }
}

/// Answers to the pre-chat form.
#[component]
pub(super) fn Answers(answers: Vec<Answer>) -> impl IntoView {
    let pairs = answers.into_iter().map(|answer| {
        view! {
            <div><dt dir="auto">{answer.name}</dt><dd dir="auto">{words::answer(&answer.value).to_owned()}</dd></div>
        }
    });
    view! { <dl>{pairs.collect_view()}</dl> }
}

#[component]
fn Time(at: Timestamp) -> impl IntoView {
    view! { <time datetime=clock::machine_readable(at) title=clock::date_and_time(at)>{clock::time_of_day(at)}</time> }
}

#[component]
fn MessageView(first: Message, row: ArcRwSignal<Row>) -> impl IntoView {
    // A row of a message stays one; what it says, its place among its neighbours and its mark change.
    let message = Memo::new(move |before: Option<&Message>| match row.get() {
        Row::Message(message) => message,
        _ => before.unwrap_or(&first).clone(),
    });
    let (whose, name, internal) =
        message.with_untracked(|message| (message.whose, message.name.clone(), message.internal));
    let said = Memo::new(move |_| {
        message.with(|message| (message.text.clone(), message.wording, message.file.clone()))
    });
    let doing = RwSignal::new(Doing::default());
    let class = match whose {
        Whose::Customer => "message customer",
        Whose::Mine => "message mine",
        Whose::Colleague => "message colleague",
    };
    let name = if whose == Whose::Mine { "You".to_owned() } else { name };
    view! {
        <div
            class=class
            class:internal=internal
            class:first=move || message.with(|message| message.first)
            class:last=move || message.with(|message| message.last)
        >
            <p class="message-head">
                <span class="message-name" dir="auto">{name}</span>
                {internal.then(|| view! { <span class="message-internal"><Icon path=LOCK/>"Internal note"<span class="unseen">", not seen by the customer"</span></span> })}
                {move || view! { <Time at=message.with(|message| message.at)/> }}
            </p>
            {move || match said.get() {
                _ if doing.get() == Doing::Editing => view! { <Editor message doing/> }.into_any(),
                (_, _, Some(file)) => view! { <FileCard file/> }.into_any(),
                (_, Wording::Removed, None) => view! { <p class="bubble removed">{words::REMOVED}</p> }.into_any(),
                (text, Wording::First, None) => view! { <p class="bubble" dir="auto">{with_links(&text)}</p> }.into_any(),
                (text, Wording::Edited, None) => view! {
                    <p class="bubble" dir="auto">{with_links(&text)}<span class="edited">" edited"</span></p>
                }
                .into_any(),
            }}
            <Menu message doing/>
            {move || message.with(|message| message.mark).map(|mark| view! { <MarkView mark/> })}
        </div>
    }
}

/// A text in which web addresses can be followed. The page behind one learns nothing of the console.
fn with_links(text: &str) -> Vec<AnyView> {
    let shown = |part| match part {
        Part::Text(text) => text.to_owned().into_any(),
        Part::Link(address) => {
            let (href, words) = (address.to_owned(), address.to_owned());
            view! { <a href=href target="_blank" rel="noopener noreferrer">{words}</a> }.into_any()
        }
    };
    links::parts(text).into_iter().map(shown).collect()
}

#[component]
fn MarkView(mark: Mark) -> impl IntoView {
    let (class, path, words) = match mark {
        Mark::Failed(message, code) => return view! { <Failed what="Not sent. " message code/> }.into_any(),
        Mark::Unchanged(message, code) => {
            return view! { <Failed what="Not changed. " message code/> }.into_any();
        }
        Mark::Waiting => ("waiting", CLOCK, "Waiting for the connection"),
        Mark::Sending => ("sending", CLOCK, "Sending"),
        Mark::Sent => ("sent", TICK, "Sent"),
        Mark::Delivered => ("delivered", TICKS, "Delivered"),
        Mark::Seen => ("seen", TICKS, "Seen by the customer"),
    };
    view! { <p class=format!("message-mark {class}")><Icon path/>{words}</p> }.into_any()
}

#[component]
fn Failed(what: &'static str, message: MessageId, code: ErrorCode) -> impl IntoView {
    let panel = expect_context::<Panel>();
    view! {
        <div class="message-mark failed" role="alert">
            <p><Icon path=WARNING/>{what}{code.sentence()}</p>
            <button type="button" class="button small" on:click=move |_| panel.handle(Input::Retry { message })>
                "Try again"
            </button>
            <button type="button" class="button small quiet"
                on:click=move |_| panel.handle(Input::Discard { message })>
                "Discard"
            </button>
        </div>
    }
    .into_any()
}
