//! Where the representative writes: to the customer, or a note that only colleagues see. Which of the two is said by words,
//! colour and an icon, so that nobody mistakes one for the other.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use shared::client::Input;
use shared::limit::MESSAGE_CHARS_MAX;
use shared::protocol::desk::Part;
use shared::protocol::live::Visibility;
use shared::text::{MessageText, TextError};

use super::files::{AttachButton, Files, Uploads};
use super::icon::{Icon, LOCK, SEND};
use super::panel::{Panel, kept_text};
use crate::net::clock;

/// From this many characters left on, the rest is counted.
const COUNTED_FROM: i64 = 500;

/// What is being written.
#[derive(Clone, Copy)]
struct Writing {
    panel: Panel,
    text: RwSignal<String>,
    internal: RwSignal<bool>,
    error: RwSignal<Option<String>>,
}

impl Writing {
    fn visibility(self) -> Visibility {
        if self.internal.get_untracked() { Visibility::Internal } else { Visibility::Public }
    }

    fn input(self, text: String) {
        let any = !text.trim().is_empty();
        self.text.set(text);
        self.error.set(None);
        if any {
            self.panel.handle(Input::Typing { visibility: self.visibility() });
        }
        self.panel.settle();
    }

    fn send(self) {
        let refused = match MessageText::new(&self.text.get_untracked()) {
            Ok(_) if !self.panel.can_compose.get_untracked() => {
                Some("This cannot be sent now. Wait until the conversation is connected.".to_owned())
            }
            Ok(text) => {
                self.compose(text);
                None
            }
            Err(TextError::Empty) => Some("Write something first.".to_owned()),
            Err(TextError::TooLong { max }) => {
                Some(format!("A message has at most {max} characters. Shorten it or send it in parts."))
            }
            // A message may have many lines: this is said of names alone.
            Err(error @ TextError::NotOneLine) => Some(error.to_string()),
        };
        self.error.set(refused);
        self.panel.focus_composer();
    }

    fn compose(self, text: MessageText) {
        let (message, visibility) = (clock::new_message(), self.visibility());
        self.panel.handle(Input::Compose { message, visibility, text: text.into() });
        self.text.set(String::new());
        self.panel.to_end();
    }

    /// How many characters are left, once that matters; below zero if there are too many.
    fn left(self) -> Option<i64> {
        let used = self.text.with(|text| text.chars().count());
        let left = i64::try_from(MESSAGE_CHARS_MAX).ok()? - i64::try_from(used).ok()?;
        (left < COUNTED_FROM).then_some(left)
    }
}

/// The composer.
#[component]
pub(super) fn Composer() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let writing = Writing {
        panel,
        text: kept_text(panel.conversation),
        internal: panel.internal,
        error: RwSignal::new(None),
    };
    // Each composer begins with what the customer sees.
    panel.internal.set(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        writing.send();
    };
    // Whom the customer does not see writes to colleagues only.
    let unseen = Memo::new(move |_| panel.part.get() == Some(Part::PrivateConsultant));
    Effect::new(move |before: Option<bool>| {
        let unseen = unseen.get();
        if before.unwrap_or(false) != unseen {
            writing.internal.set(unseen);
        }
        unseen
    });
    let id = panel.conversation.to_string();
    let help_id = format!("write-help-{id}");
    let internal = writing.internal;
    view! {
        <form class="composer" class:internal=move || internal.get() on:submit=submit>
            {move || if unseen.get() {
                view! { <p class="audience-fixed"><Icon path=LOCK/>"Only your colleagues see what you write"</p> }.into_any()
            } else {
                view! { <Audience internal id=id.clone()/> }.into_any()
            }}
            {move || writing.error.get().map(|text| view! { <p class="composer-error" role="alert">{text}</p> })}
            <Uploads/>
            <div class="composer-box">
                <AttachButton/>
                <Text writing help_id=help_id.clone()/>
                <button type="submit" class="button primary send">
                    <Icon path=SEND/>
                    {move || if internal.get() { "Add note" } else { "Send" }}
                </button>
            </div>
            <Help writing id=help_id/>
        </form>
    }
}

/// The field.
#[component]
fn Text(writing: Writing, help_id: String) -> impl IntoView {
    let internal = writing.internal;
    let files = expect_context::<Files>();
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            writing.send();
        }
    };
    view! {
        <textarea
            rows="2"
            dir="auto"
            aria-label=move || if internal.get() { "Internal note" } else { "Reply to the customer" }
            placeholder=move || {
                if internal.get() { "Only your colleagues see this note" } else { "Write a reply" }
            }
            aria-describedby=help_id
            node_ref=writing.panel.composer
            prop:value=writing.text
            on:input=move |event| writing.input(event_target_value(&event))
            on:keydown=key
            on:paste=move |event| files.paste(&event)
        ></textarea>
    }
}

/// What the keys do, and how much room is left.
#[component]
fn Help(writing: Writing, id: String) -> impl IntoView {
    let left = Memo::new(move |_| writing.left());
    let over = move || left.get().is_some_and(|left| left < 0);
    let words = move || {
        left.get().map(|left| match left {
            ..0 => format!("{} characters too many", left.abs()),
            _ => format!("{left} characters left"),
        })
    };
    view! {
        <p class="composer-help" id=id>
            <span><kbd>"Enter"</kbd>" sends, "<kbd>"Shift Enter"</kbd>" starts a new line"</span>
            <span role="status" class:over=over>{words}</span>
        </p>
    }
}

/// Who will see what is written.
#[component]
fn Audience(internal: RwSignal<bool>, id: String) -> impl IntoView {
    let name = format!("audience-{id}");
    let option = move |value: bool, words: &'static str| {
        view! {
            <label class="audience-option" class:chosen=move || internal.get() == value>
                <input
                    type="radio"
                    name=name.clone()
                    prop:checked=move || internal.get() == value
                    on:change=move |_| internal.set(value)
                />
                {value.then(|| view! { <Icon path=LOCK/> })}
                {words}
            </label>
        }
    };
    view! {
        <fieldset class="audience">
            <legend class="unseen">"Who will see it"</legend>
            {option(false, "Reply")}
            {option(true, "Internal note")}
        </fieldset>
    }
}
