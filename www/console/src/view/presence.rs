//! The presence picker: a button that says what is true, and a list to choose from (the select-only pattern of ARIA).
//!
//! Nothing is shown as chosen before the gateway has said so; a refusal is shown where the choice was made.

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use shared::protocol::desk::{DeskCommand, PresenceSource, PresenceView};
use wasm_bindgen::JsCast as _;

use super::icon::{CHEVRON, Icon, TICK};
use crate::model::desk::Desk;
use crate::model::presences::{Choice, by_letter, choices};
use crate::model::words;
use crate::session::Session;

const LIST: &str = "presence-list";

fn option_id(choice: &Choice) -> String {
    format!("presence-{}", choice.key())
}

/// What the parts of the picker share.
#[derive(Clone, Copy)]
struct Picker {
    session: Session,
    open: RwSignal<bool>,
    /// The place of the option that the keys are at.
    active: RwSignal<usize>,
    held: Memo<Option<PresenceView>>,
    choices: Memo<Vec<Choice>>,
    button: NodeRef<html::Button>,
    options: NodeRef<html::Ul>,
}

impl Picker {
    fn new(session: Session) -> Self {
        Self {
            session,
            open: RwSignal::new(false),
            active: RwSignal::new(0),
            held: Memo::new(move |_| session.desk.with(|desk| desk.presence.clone())),
            choices: Memo::new(move |_| session.desk.with(|desk| choices(&desk.presences))),
            button: NodeRef::new(),
            options: NodeRef::new(),
        }
    }

    fn is_held(self, choice: &Choice) -> bool {
        self.held.with(|held| held.as_ref().is_some_and(|held| held.presence == choice.presence))
    }

    fn unfold(self) {
        let held = |choices: &Vec<Choice>| choices.iter().position(|choice| self.is_held(choice));
        let present = untrack(|| self.choices.with(held));
        self.active.set(present.unwrap_or(0));
        self.open.set(true);
    }

    fn fold(self) {
        self.open.set(false);
        if let Some(button) = self.button.get_untracked() {
            let _ = button.focus();
        }
    }

    fn choose(self, choice: &Choice) {
        self.session.ask(DeskCommand::SetPresence { presence: choice.presence });
        self.fold();
    }

    fn key(self, event: &KeyboardEvent) {
        let choices = self.choices.get_untracked();
        let end = choices.len().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => self.active.update(|active| *active = (*active + 1).min(end)),
            "ArrowUp" => self.active.update(|active| *active = active.saturating_sub(1)),
            "Home" => self.active.set(0),
            "End" => self.active.set(end),
            "Enter" | " " => {
                if let Some(choice) = choices.get(self.active.get_untracked().min(end)) {
                    self.choose(choice);
                }
            }
            "Escape" => self.fold(),
            letter => {
                let Some(found) = by_letter(&choices, letter, self.active.get_untracked()) else { return };
                self.active.set(found);
            }
        }
        event.prevent_default();
    }

    /// The focus goes elsewhere: the list folds and lets it go.
    fn left(self, event: &FocusEvent) {
        let target = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let on_list = self.options.get_untracked().is_some_and(|list| list.contains(target.as_ref()));
        let on_button = self.button.get_untracked().is_some_and(|button| button.contains(target.as_ref()));
        if !on_list && !on_button {
            self.open.set(false);
        }
    }
}

/// The picker.
#[component]
pub(crate) fn PresencePicker() -> impl IntoView {
    let picker = Picker::new(expect_context::<Session>());
    provide_context(picker);
    let refusal = move || {
        picker.session.desk.with(|desk| {
            let problem = desk.refusal(|command| matches!(command, DeskCommand::SetPresence { .. }));
            problem.map(|problem| problem.message.clone())
        })
    };
    Effect::new(move || {
        if let Some(options) = picker.options.get().filter(|_| picker.open.get()) {
            let _ = options.focus();
        }
    });
    view! {
        <div class="presence">
            <PickerButton/>
            {move || refusal().map(|text| view! { <p class="presence-error" role="alert">{text}</p> })}
            <Show when=move || picker.open.get()>
                <div class="presence-popup">
                    <p class="presence-facts">{move || facts(picker.held.get().as_ref())}</p>
                    <Options/>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn PickerButton() -> impl IntoView {
    let picker = expect_context::<Picker>();
    let asked = Memo::new(move |_| picker.session.desk.with(Desk::presence_asked));
    let words = move |held: PresenceView| {
        let name = held.clone();
        view! {
            <span class=format!("dot {}", words::base_class(held.base))></span>
            <span class="unseen">"Presence: "</span>
            <span class="presence-name">
                {move || asked.get().map_or_else(|| words::held_presence(&name), |_| "Changing…".to_owned())}
            </span>
            <span class="unseen">{if held.manual { "(set by you) " } else { "" }}"Capacity: "</span>
            <span class="presence-units">{format!("{}/{}", held.used.0, held.capacity.0)}</span>
            <span class="unseen">" units used"</span>
        }
    };
    let key = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowDown" | "ArrowUp") {
            event.prevent_default();
            picker.unfold();
        }
    };
    view! {
        <button
            type="button"
            class="presence-button"
            node_ref=picker.button
            aria-haspopup="listbox"
            aria-expanded=move || picker.open.get().to_string()
            aria-controls=move || picker.open.get().then_some(LIST)
            aria-busy=move || asked.get().is_some().to_string()
            on:click=move |_| if picker.open.get_untracked() { picker.fold() } else { picker.unfold() }
            on:keydown=key
        >
            {move || match picker.held.get() {
                Some(held) => words(held).into_any(),
                None => view! { <span class="presence-name">"Presence"</span> }.into_any(),
            }}
            <Icon path=CHEVRON/>
        </button>
    }
}

#[component]
fn Options() -> impl IntoView {
    let picker = expect_context::<Picker>();
    let option = move |(index, choice): (usize, Choice)| {
        let (held, chosen, id) = (choice.clone(), choice.clone(), option_id(&choice));
        let is_held = Memo::new(move |_| picker.is_held(&held));
        view! {
            <li
                id=id
                role="option"
                class:active=move || picker.active.get() == index
                aria-selected=move || is_held.get().to_string()
                // The list keeps the focus.
                on:mousedown=move |event| event.prevent_default()
                on:mousemove=move |_| picker.active.set(index)
                on:click=move |_| picker.choose(&chosen)
            >
                <span class=format!("dot {}", words::base_class(choice.base))></span>
                <span class="presence-text" dir="auto">{choice.name}</span>
                {move || is_held.get().then(|| view! { <Icon path=TICK/> })}
            </li>
        }
    };
    let active = move || picker.choices.with(|choices| choices.get(picker.active.get()).map(option_id));
    view! {
        <ul
            id=LIST
            role="listbox"
            tabindex="0"
            aria-label="Presence"
            node_ref=picker.options
            aria-activedescendant=active
            on:keydown=move |event| picker.key(&event)
            on:focusout=move |event| picker.left(&event)
        >
            {move || picker.choices.get().into_iter().enumerate().map(option).collect_view()}
        </ul>
    }
}

fn facts(held: Option<&PresenceView>) -> String {
    held.map_or_else(String::new, |held| {
        let origin = match held.source {
            PresenceSource::Workload => "Set from your workload.",
            PresenceSource::Default => "Set as your default.",
            PresenceSource::Chosen => "Set by hand.",
            PresenceSource::System => "Set because of an offer that you did not take.",
        };
        format!("{origin} {} of {} units in use.", held.used.0, held.capacity.0)
    })
}
