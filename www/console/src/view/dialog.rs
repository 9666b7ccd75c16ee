//! Dialogs that must be answered before anything else: native modal ones, so that the browser keeps the focus inside,
//! closes them with Escape and gives the focus back to where it was.

use leptos::children::ChildrenFn;
use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;

/// A dialog around whatever is in it. The content is only there while it is open: its ids stand once in the page.
#[component]
pub(crate) fn Sheet(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// It was closed by the person.
    on_close: Callback<()>,
    /// Which id its heading has.
    labelled_by: &'static str,
    /// Whether it has room for lists.
    #[prop(optional)]
    large: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            // It is in the document and not open, so it can be shown.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // Escape is an answer like any other. If the browser closed the dialog by itself, a key that follows at once could ask
    // for it again before anybody had heard of that.
    let cancel = move |event: Event| {
        event.prevent_default();
        on_close.run(());
    };
    // This comes late: the dialog may be open again.
    let closed = move |_| {
        if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
            on_close.run(());
        }
    };
    let children = StoredValue::new(children);
    view! {
        <dialog
            class="dialog"
            class:large=large
            node_ref=node
            aria-labelledby=labelled_by
            on:cancel=cancel
            on:close=closed
        >
            {move || open.get().then(|| children.with_value(|children| children()))}
        </dialog>
    }
}

/// A question with two answers.
#[component]
pub(crate) fn Question(
    /// Whether it is being asked. It is set to false by either answer.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    heading: Signal<String>,
    /// What each answer would mean.
    #[prop(into)]
    text: Signal<String>,
    /// The answer that does something.
    yes: &'static str,
    /// The answer that leaves everything as it is.
    no: &'static str,
    /// What the first answer does.
    on_yes: Callback<()>,
) -> impl IntoView {
    view! {
        <Sheet open=open on_close=Callback::new(move |()| open.set(false)) labelled_by="question-heading">
            <Choice heading text yes no on_yes on_either=Callback::new(move |()| open.set(false))/>
        </Sheet>
    }
}

/// What stands in a question.
#[component]
pub(crate) fn Choice(
    /// The question.
    #[prop(into)]
    heading: Signal<String>,
    /// What each answer would mean.
    #[prop(into)]
    text: Signal<String>,
    /// The answer that does something.
    yes: &'static str,
    /// The answer that leaves everything as it is.
    no: &'static str,
    /// What the first answer does.
    on_yes: Callback<()>,
    /// What either answer does, before anything else.
    on_either: Callback<()>,
) -> impl IntoView {
    let answer_yes = move |_| {
        on_either.run(());
        on_yes.run(());
    };
    view! {
        <h2 id="question-heading">{move || heading.get()}</h2>
        <p>{move || text.get()}</p>
        <div class="dialog-answers">
            <button type="button" class="button" autofocus on:click=move |_| on_either.run(())>{no}</button>
            <button type="button" class="button danger" on:click=answer_yes>{yes}</button>
        </div>
    }
}
