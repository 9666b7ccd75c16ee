//! A file in the transcript: what it is, how large, a small picture if it is one, and the ways to have it.
//!
//! The small picture is made in this page of the file's bytes, once the card comes into sight; nothing is ever shown from
//! another address. Where it stands has its size from the beginning, so that nothing moves when it comes.

use js_sys::Array;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::file::{is_raster, size_in_words};
use shared::protocol::Problem;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlAnchorElement, IntersectionObserver, IntersectionObserverEntry};

use super::icon::{Icon, OPEN, SAVE, SHEET};
use super::panel::Panel;
use crate::model::transcript::SentFile;
use crate::net::files;

/// Larger pictures are fetched when somebody opens them.
const SHOWN_UNASKED: u32 = 8_000_000;

/// What stands where a picture belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Picture {
    /// It has not come into sight, or is on its way.
    Coming,
    /// Here it is.
    Here(String),
    /// It cannot be shown.
    None,
}

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Having {
    /// It is looked at in a tab of its own.
    Open,
    /// It is stored.
    Save,
}

/// The card of a file.
#[component]
pub(super) fn FileCard(file: SentFile) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let is_picture = is_raster(&file.media_type);
    let problem = RwSignal::new(None::<String>);
    let have = {
        let id = file.file;
        move |how: Having| {
            problem.set(None);
            spawn_local(async move {
                match files::link(panel.conversation, id).await {
                    Ok(address) => follow(&address, how),
                    Err(refusal) if refusal.code.status() == 401 => panel.session.session_lost(),
                    Err(refusal) => drop(problem.try_set(Some(sentence(refusal)))),
                }
            });
        }
    };
    let SentFile { name, bytes, .. } = file.clone();
    let (opens, saves) = (format!("Open {name}"), format!("Download {name}"));
    let thumbnail = is_picture && bytes <= SHOWN_UNASKED;
    view! {
        <div class="bubble file-card">
            {thumbnail.then(|| view! { <Thumbnail file=file.clone() on_open=Callback::new(move |()| have(Having::Open))/> })}
            <div class="file-line">
                <Icon path=SHEET/>
                <p class="file-name">
                    <span dir="auto">{name}</span>
                    <span class="file-size">{size_in_words(bytes)}</span>
                </p>
                {is_picture.then(|| view! {
                    <button type="button" class="icon-button" aria-label=opens title="Open" on:click=move |_| have(Having::Open)>
                        <Icon path=OPEN/>
                    </button>
                })}
                <button type="button" class="icon-button" aria-label=saves title="Download" on:click=move |_| have(Having::Save)>
                    <Icon path=SAVE/>
                </button>
            </div>
            <div role="alert">
                {move || problem.get().map(|words| view! { <p class="file-problem">{words}</p> })}
            </div>
        </div>
    }
}

/// What is said when a file cannot be had.
fn sentence(problem: Problem) -> String {
    problem.message
}

/// Lets the browser go to a file. What it stores opens no tab; should the address not hold any more, this page stays.
fn follow(address: &str, how: Having) {
    let anchor =
        document().create_element("a").ok().and_then(|node| node.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(anchor) = anchor {
        let query = if how == Having::Save { "?save" } else { "" };
        anchor.set_href(&format!("{address}{query}"));
        anchor.set_target("_blank");
        anchor.set_rel("noopener noreferrer");
        anchor.click();
    }
}

/// The small picture, which opens the large one. Whoever uses the keyboard or a screen reader has the button beside it.
#[component]
fn Thumbnail(file: SentFile, on_open: Callback<()>) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let picture = RwSignal::new(Picture::Coming);
    let node = NodeRef::<html::Div>::new();
    let id = file.file;
    when_in_sight(node, move || {
        spawn_local(async move {
            let made = files::thumbnail(panel.conversation, id).await;
            let shown = made.clone().map_or(Picture::None, Picture::Here);
            // The card may have gone meanwhile.
            if picture.try_set(shown).is_some() {
                revoke(made);
            }
        });
    });
    on_cleanup(move || {
        if let Some(Picture::Here(address)) = picture.try_get_untracked() {
            revoke(Some(address));
        }
    });
    let words = format!("Picture {}", file.name);
    view! {
        <div class="file-picture" node_ref=node class:none=move || picture.get() == Picture::None>
            {move || match picture.get() {
                Picture::Here(address) => view! {
                    <img src=address alt=words.clone() on:click=move |_| on_open.run(())/>
                }
                .into_any(),
                Picture::Coming | Picture::None => ().into_any(),
            }}
        </div>
    }
}

fn revoke(address: Option<String>) {
    if let Some(address) = address {
        // An address of this page: nothing to refuse.
        let _ = web_sys::Url::revoke_object_url(&address);
    }
}

/// Calls `seen` once, when the node has come into sight.
fn when_in_sight(node: NodeRef<html::Div>, seen: impl Fn() + Clone + 'static) {
    let watching = StoredValue::new_local(
        None::<(IntersectionObserver, Closure<dyn FnMut(Array, IntersectionObserver)>)>,
    );
    Effect::new(move || {
        let Some(node) = node.get() else { return };
        let seen = seen.clone();
        let look = Closure::new(move |entries: Array, observer: IntersectionObserver| {
            let in_sight = |entry: wasm_bindgen::JsValue| {
                entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting()
            };
            if entries.iter().any(in_sight) {
                observer.disconnect();
                seen();
            }
        });
        // Without an observer there is no small picture; the file is there all the same.
        if let Ok(observer) = IntersectionObserver::new(look.as_ref().unchecked_ref()) {
            observer.observe(&node);
            watching.set_value(Some((observer, look)));
        }
    });
    on_cleanup(move || {
        watching.update_value(|held| {
            if let Some((observer, _)) = held.take() {
                observer.disconnect();
            }
        });
    });
}
