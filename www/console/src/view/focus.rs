//! Where the focus goes when its place does.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

/// The heading takes the focus when one comes to this page, not when the console is new.
pub(super) fn focus_on_arrival(here: Memo<bool>, heading: NodeRef<html::H1>) {
    Effect::new(move |before: Option<bool>| {
        let here = here.get();
        if before == Some(false)
            && here
            && let Some(heading) = heading.get_untracked()
        {
            let _ = heading.focus();
        }
        here
    });
}

/// If what had the focus has gone, the first of these that is there gets it.
pub(super) fn rescue(selectors: &[&str]) {
    let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
    if !lost {
        return;
    }
    let found = selectors.iter().find_map(|selector| document().query_selector(selector).ok().flatten());
    if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Nobody asked to be moved.
        let stay = web_sys::FocusOptions::new();
        stay.set_prevent_scroll(true);
        let _ = found.focus_with_options(&stay);
    }
}
