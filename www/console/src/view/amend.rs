//! Changing what was written: a small menu on each message that the reader may change, and a field in the place of the
//! message while it is being edited. Removing is asked about, because nothing brings the text back.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use shared::authority::{Action, permits};
use shared::client::Input;
use shared::protocol::live::Sequence;
use shared::text::{MessageText, TextError};

use super::icon::{Icon, MORE};
use super::panel::{Panel, Phase};
use crate::model::transcript::{Message, Whose, Wording};
use crate::net::clock;

/// What goes on at a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Doing {
    /// Nothing.
    #[default]
    Nothing,
    /// The menu is open.
    Choosing,
    /// It is being edited.
    Editing,
    /// Whether it is to be removed is asked.
    Removing,
}

/// What the reader may do to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Rights {
    edit: bool,
    remove: bool,
}

/// What the reader may do to `message`, by the table of permissions and by whether they still talk here. The gateway
/// decides; this only leaves away what it would refuse.
fn rights(panel: &Panel, message: &Message) -> Rights {
    let changeable = message.place.is_some() && message.wording != Wording::Removed;
    let talks = panel.phase.get() == Phase::Talking && panel.part.get().is_some();
    let own = changeable && talks && message.whose == Whose::Mine;
    let any = permits(panel.session.me.with_value(|me| me.role), Action::RedactMessages);
    Rights { edit: own && message.file.is_none(), remove: own || (changeable && any) }
}

fn amend(panel: &Panel, target: Option<Sequence>, text: Option<String>) {
    if let Some(target) = target {
        panel.handle(Input::Amend { message: clock::new_message(), target, text });
    }
}

/// The menu of a message. It takes no room where nothing can be done.
#[component]
pub(super) fn Menu(message: Memo<Message>, doing: RwSignal<Doing>) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let rights = Memo::new(move |_| message.with(|message| rights(&panel, message)));
    let any = move || rights.get().remove && doing.get() != Doing::Editing;
    let close = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            doing.set(Doing::Nothing);
        }
    };
    let toggle = move |_| {
        doing
            .update(|doing| *doing = if *doing == Doing::Nothing { Doing::Choosing } else { Doing::Nothing });
    };
    view! {
        <Show when=any>
            <div class="message-menu" class:open=move || doing.get() != Doing::Nothing on:keydown=close>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=move || {
                        if message.with(|message| message.file.is_some()) { "Change this file" } else { "Change this message" }
                    }
                    aria-expanded=move || (doing.get() != Doing::Nothing).to_string()
                    on:click=toggle
                >
                    <Icon path=MORE/>
                </button>
                {move || match doing.get() {
                    Doing::Choosing => view! { <Choices rights=rights.get() doing/> }.into_any(),
                    Doing::Removing => view! { <Removal message doing/> }.into_any(),
                    Doing::Nothing | Doing::Editing => ().into_any(),
                }}
            </div>
        </Show>
    }
}

#[component]
fn Choices(rights: Rights, doing: RwSignal<Doing>) -> impl IntoView {
    view! {
        {rights.edit.then(|| view! {
            <button type="button" class="button small" on:click=move |_| doing.set(Doing::Editing)>"Edit"</button>
        })}
        <button type="button" class="button small" on:click=move |_| doing.set(Doing::Removing)>"Remove"</button>
    }
}

#[component]
fn Removal(message: Memo<Message>, doing: RwSignal<Doing>) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let keep = NodeRef::<html::Button>::new();
    focus_on_mount(keep);
    let question = if message.with_untracked(|message| message.file.is_some()) {
        "Remove it for everybody? The file is deleted for good."
    } else {
        "Remove it for everybody? The text is deleted for good."
    };
    let remove = move |_| {
        amend(&panel, message.with_untracked(|message| message.place), None);
        doing.set(Doing::Nothing);
    };
    view! {
        <span role="status">{question}</span>
        <button type="button" class="button small" node_ref=keep on:click=move |_| doing.set(Doing::Nothing)>
            "Keep"
        </button>
        <button type="button" class="button small danger" on:click=remove>"Remove"</button>
    }
}

/// The field in which a message is edited.
#[component]
pub(super) fn Editor(message: Memo<Message>, doing: RwSignal<Doing>) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let text = RwSignal::new(message.with_untracked(|message| message.text.clone()));
    let error = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Textarea>::new();
    focus_on_mount(field);
    let save = move || match MessageText::new(&text.get_untracked()) {
        Ok(new) => {
            let (target, unchanged) =
                message.with_untracked(|message| (message.place, new.as_str() == message.text));
            if !unchanged {
                amend(&panel, target, Some(new.into()));
            }
            doing.set(Doing::Nothing);
        }
        Err(TextError::Empty) => {
            error.set(Some("Nothing is left of it. To take it away, remove the message.".to_owned()));
        }
        Err(fault) => error.set(Some(fault.to_string())),
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if !event.shift_key() && !event.is_composing() => {
            event.prevent_default();
            save();
        }
        "Escape" => {
            event.stop_propagation();
            doing.set(Doing::Nothing);
        }
        _ => {}
    };
    view! {
        <div class="message-editor">
            <textarea
                rows="2"
                dir="auto"
                aria-label="Edit the message"
                node_ref=field
                prop:value=text
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    error.set(None);
                }
                on:keydown=key
            ></textarea>
            {move || error.get().map(|words| view! { <p class="composer-error" role="alert">{words}</p> })}
            <div class="message-menu open">
                <button type="button" class="button small primary" on:click=move |_| save()>"Save"</button>
                <button type="button" class="button small quiet" on:click=move |_| doing.set(Doing::Nothing)>
                    "Cancel"
                </button>
            </div>
        </div>
    }
}

/// The focus goes where the person goes on.
fn focus_on_mount<E>(node: NodeRef<E>)
where
    E: html::ElementType + 'static,
    E::Output: AsRef<web_sys::HtmlElement> + wasm_bindgen::JsCast + Clone + 'static,
{
    Effect::new(move || {
        if let Some(node) = node.get() {
            let _ = AsRef::<web_sys::HtmlElement>::as_ref(&node).focus();
        }
    });
}
