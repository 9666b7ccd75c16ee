//! A question that must be answered before anything else: a native modal dialog, so that the browser keeps the focus
//! inside, closes it with Escape and gives the focus back.

use leptos::html;
use leptos::prelude::*;

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
    let answer_yes = move |_| {
        open.set(false);
        on_yes.run(());
    };
    view! {
        <dialog
            class="dialog"
            node_ref=node
            aria-labelledby="question-heading"
            on:close=move |_| open.set(false)
        >
            // The content is only there while it is asked: the ids stand once in the page.
            {move || open.get().then(|| view! {
                <h2 id="question-heading">{move || heading.get()}</h2>
                <p>{move || text.get()}</p>
                <div class="dialog-answers">
                    <button type="button" class="button" autofocus on:click=move |_| open.set(false)>{no}</button>
                    <button type="button" class="button danger" on:click=answer_yes>{yes}</button>
                </div>
            })}
        </dialog>
    }
}
