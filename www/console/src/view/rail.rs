//! The session tabs: Home, and one for each open conversation. A list of buttons rather than ARIA tabs, because each has a
//! button of its own to close it. The arrow keys move between them, Delete closes.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use shared::authority::{Action, permits};
use shared::id::ConversationId;
use shared::protocol::desk::WorkState;
use wasm_bindgen::JsCast as _;

use super::focus::rescue;
use super::icon::{BARS, CROSS, FORK, HOME, Icon, LETTER};
use crate::model::tabs::{Kind, Page, Tab, Tabs};
use crate::model::words;
use crate::session::Session;

/// The tabs.
#[component]
pub(crate) fn Rail() -> impl IntoView {
    let session = expect_context::<Session>();
    let may = |action| session.me.with_value(|me| permits(me.role, action));
    let (may_watch, looks_after_mail) = (may(Action::WatchWork), may(Action::LookAfterMail));
    let node = NodeRef::<html::Nav>::new();
    let key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => 1,
            "ArrowUp" | "ArrowLeft" => -1,
            _ => return,
        };
        if let Some(nav) = node.get_untracked() {
            event.prevent_default();
            move_focus(&nav, step);
        }
    };
    view! {
        <nav class="rail" aria-label="Sessions" node_ref=node on:keydown=key>
            <ul>
                <PageTab page=Page::Home icon=HOME title="Home"/>
                {may_watch.then(|| view! {
                    <PageTab page=Page::Overview icon=BARS title="Overview"/>
                    <PageTab page=Page::Trial icon=FORK title="Dry run"/>
                })}
                {looks_after_mail.then(|| view! { <PageTab page=Page::Mail icon=LETTER title="Undelivered"/> })}
                <For
                    each=move || session.tabs.with(|tabs| tabs.list().to_vec())
                    key=|tab| (tab.conversation, tab.title.clone(), tab.kind == Kind::Record)
                    let:tab
                >
                    <SessionTab tab/>
                </For>
            </ul>
        </nav>
    }
}

#[component]
fn PageTab(page: Page, icon: &'static str, title: &'static str) -> impl IntoView {
    let session = expect_context::<Session>();
    let front = Memo::new(move |_| session.tabs.with(|tabs| tabs.is_front(page)));
    let waiting = Memo::new(move |_| match page {
        Page::Mail => session.undelivered.with(|mail| u32::try_from(mail.count()).unwrap_or(u32::MAX)),
        Page::Home | Page::Overview | Page::Trial => 0,
    });
    view! {
        <li class="tab" class:front=front>
            <button
                type="button"
                class="tab-button"
                aria-current=move || front.get().then_some("page")
                on:click=move |_| session.show_page(page)
            >
                <span class="tab-home" aria-hidden="true"><Icon path=icon/></span>
                <span class="tab-words"><span class="tab-title">{title}</span></span>
                {move || (waiting.get() > 0).then(|| view! {
                    <span class="badge" aria-hidden="true">{words::badge(waiting.get())}</span>
                    <span class="unseen">{words::undelivered(waiting.get())}</span>
                })}
            </button>
        </li>
    }
}

#[component]
fn SessionTab(tab: Tab) -> impl IntoView {
    let session = expect_context::<Session>();
    let conversation = tab.conversation;
    let item = Memo::new(move |_| session.desk.with(|desk| desk.work.get(&conversation).cloned()));
    let unread =
        Memo::new(move |_| session.unread.with(|unread| unread.get(&conversation).copied().unwrap_or(0)));
    let front = Memo::new(move |_| session.tabs.with(Tabs::front) == Some(conversation));
    let note = move || match item.get() {
        Some(item) if item.state == WorkState::WrapUp => "Wrap-up".to_owned(),
        Some(item) => match item.part.and_then(words::my_part) {
            Some(part) => part.to_owned(),
            None => item.topic.unwrap_or(item.queue_name),
        },
        None if tab.kind == Kind::Record => "Closed".to_owned(),
        None => String::new(),
    };
    let wrap_up = move || item.with(|item| item.as_ref().is_some_and(|item| item.state == WorkState::WrapUp));
    let node = NodeRef::<html::Li>::new();
    Effect::new(move || {
        // In a strip that is too long the tab in front may lie beyond the edge.
        if let Some(tab) = node.get().filter(|_| front.get()) {
            tab.scroll_into_view_with_bool(false);
        }
    });
    let close_label = format!("Close the tab of {}", tab.title);
    view! {
        <li class="tab" class:front=front class:wrap-up=wrap_up node_ref=node>
            <button
                type="button"
                class="tab-button"
                title=tab.title.clone()
                aria-current=move || front.get().then_some("page")
                on:click=move |_| session.show(Some(conversation))
                on:keydown=move |event| {
                    if event.key() == "Delete" {
                        session.put_away(conversation);
                    }
                }
            >
                <span class="avatar" aria-hidden="true">{words::initials(&tab.title)}</span>
                <span class="tab-words">
                    <span class="tab-title" dir="auto">{tab.title.clone()}</span>
                    <span class="tab-note" dir="auto">{note}</span>
                </span>
                {move || (unread.get() > 0).then(|| view! {
                    <span class="badge" aria-hidden="true">{words::badge(unread.get())}</span>
                    <span class="unseen">{words::unread(unread.get())}</span>
                })}
            </button>
            <CloseButton conversation label=close_label/>
        </li>
    }
}

#[component]
fn CloseButton(conversation: ConversationId, label: String) -> impl IntoView {
    let session = expect_context::<Session>();
    view! {
        <button
            type="button"
            class="tab-close"
            aria-label=label
            title="Close the tab; the conversation goes on"
            on:click=move |_| {
                session.put_away(conversation);
                request_animation_frame(|| rescue(&[".tab.front .tab-button"]));
            }
        >
            <Icon path=CROSS/>
        </button>
    }
}

/// Moves the focus to the button of the tab before or after the one that has it.
fn move_focus(nav: &web_sys::HtmlElement, step: i32) {
    let Ok(found) = nav.query_selector_all(".tab-button") else { return };
    let buttons: Vec<web_sys::HtmlElement> =
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect();
    let focused = document().active_element();
    let Some(place) = buttons.iter().position(|button| {
        focused.as_ref().is_some_and(|focused| {
            focused == button.as_ref() || button.parent_node().is_some_and(|tab| tab.contains(Some(focused)))
        })
    }) else {
        return;
    };
    let next = place.checked_add_signed(if step > 0 { 1 } else { -1 });
    if let Some(button) = next.and_then(|next| buttons.get(next)) {
        let _ = button.focus();
    }
}
