//! Choosing many conversations, and what can be done with all of them at once.

use leptos::html;
use leptos::prelude::*;
use shared::protocol::desk::Purpose;
use shared::protocol::insight::OngoingView;

use super::super::focus::rescue;
use crate::model::bulk::{Chosen, Many, conversations};
use crate::model::desk::Desk;
use crate::session::{Asking, Session};

/// The line above the list: all or none, how many, and what to do with them.
#[component]
pub(super) fn Choosing(chosen: RwSignal<Chosen>, items: Memo<Vec<OngoingView>>) -> impl IntoView {
    let session = expect_context::<Session>();
    let many = Memo::new(move |_| items.with(|items| chosen.with(|chosen| chosen.of(items))));
    let count = Memo::new(move |_| many.with(Many::count));
    let any = Memo::new(move |_| count.get() > 0);
    let all = Memo::new(move |_| any.get() && count.get() == items.with(Vec::len));
    let asked = Memo::new(move |_| session.desk.with(Desk::is_asked_of_many));
    let node = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(node) = node.get() {
            node.set_indeterminate(any.get() && !all.get());
        }
    });
    Effect::new(move |before: Option<usize>| {
        let count = count.get();
        // With the last of them the buttons go.
        if count == 0 && before.is_some_and(|before| before > 0) {
            request_animation_frame(|| rescue(&[".choosing input", ".overview h1"]));
        }
        count
    });
    let button = move |words: &'static str, asking: fn(Many) -> Asking| {
        view! {
            <button type="button" class="button small" aria-haspopup="dialog"
                aria-label=move || format!("{words} {}", conversations(count.get()))
                aria-disabled=move || asked.get().then_some("true")
                on:click=move |_| if !asked.get_untracked() {
                    session.open_dialog(asking(many.get_untracked()));
                }>{words}</button>
        }
    };
    view! {
        <div class="choosing" role="group" aria-label="Chosen conversations">
            <label class="choosing-all">
                <input type="checkbox" node_ref=node prop:checked=all
                    on:change=move |event| {
                        let checked = event_target_checked(&event);
                        chosen.update(|chosen| items.with_untracked(|items| chosen.choose_all(items, checked)));
                    }/>
                "Choose all shown"
            </label>
            <span class="choosing-count" role="status">
                {move || any.get().then(|| format!("{} chosen", count.get()))}
            </span>
            <Show when=move || any.get()>
                <div class="actions">
                    {button("Assign", |many| Asking::ChooseForMany(many, Purpose::Assign))}
                    {button("Transfer", |many| Asking::ChooseForMany(many, Purpose::Redirect))}
                    {button("Close", Asking::CloseMany)}
                </div>
            </Show>
        </div>
    }
}
