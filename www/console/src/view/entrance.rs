//! The way in: sign-in, the first password by a one-time link, and what is shown while the gateway is asked.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::limit::PASSWORD_CHARS;
use shared::protocol::Problem;
use shared::protocol::http::{Me, SetUp, SignIn};

use super::icon::Mark;
use crate::app::{App, Screen, set_address};
use crate::model::words::PRODUCT;
use crate::net::http;

/// A card in the middle of the page.
#[component]
fn Entrance(heading: &'static str, children: Children) -> impl IntoView {
    document().set_title(&format!("{heading} · {PRODUCT}"));
    view! {
        <main class="entrance">
            <div class="entrance-card">
                <p class="brand"><Mark/>{PRODUCT}</p>
                <h1>{heading}</h1>
                {children()}
            </div>
        </main>
    }
}

/// It is being found out who is there.
#[component]
pub(crate) fn Boot() -> impl IntoView {
    view! { <div class="boot" role="status"><Mark/><p>"Opening the desk…"</p></div> }
}

/// The gateway did not answer. It is asked again by a button, and by itself when the network is back.
#[component]
pub(crate) fn Unreachable(problem: Problem) -> impl IntoView {
    let app = expect_context::<App>();
    let online = window_event_listener(leptos::ev::online, move |_| app.start());
    on_cleanup(move || online.remove());
    view! {
        <Entrance heading="The desk is not reachable">
            <p class="lead" role="alert">{problem.message}</p>
            <button type="button" class="button primary wide" on:click=move |_| app.start()>"Try again"</button>
        </Entrance>
    }
}

/// What went wrong with a form as a whole.
#[component]
fn FormError(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div role="alert">
            {move || text.get().map(|text| view! { <p class="form-error">{text}</p> })}
        </div>
    }
}

/// One line to fill in, with its label and what is wrong with it.
#[component]
fn Field(
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    value: RwSignal<String>,
    #[prop(into)] error: Signal<Option<String>>,
    node: NodeRef<html::Input>,
    #[prop(optional)] hint: Option<String>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described = {
        let (hint_id, error_id, hinted) = (hint_id.clone(), error_id.clone(), hint.is_some());
        move || match (error.with(Option::is_some), hinted) {
            (true, _) => Some(error_id.clone()),
            (false, true) => Some(hint_id.clone()),
            (false, false) => None,
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                name=id
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required
                node_ref=node
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
            />
            {move || match (error.get(), hint.clone()) {
                (Some(error), _) => view! { <p class="field-error" id=error_id.clone()>{error}</p> }.into_any(),
                (None, Some(hint)) => view! { <p class="field-hint" id=hint_id.clone()>{hint}</p> }.into_any(),
                (None, None) => ().into_any(),
            }}
        </div>
    }
}

/// Opens the desk once `asked` is answered, or says why not and lets the person try `again`.
fn enter(
    app: App,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<String>>,
    again: impl Fn() + 'static,
    asked: impl Future<Output = Result<Me, Problem>> + 'static,
) {
    busy.set(true);
    spawn_local(async move {
        match asked.await {
            Ok(me) => {
                set_address("/");
                app.show(Screen::Desk(me));
            }
            Err(problem) => {
                let _ = busy.try_set(false);
                let _ = failure.try_set(Some(problem.message));
                again();
            }
        }
    });
}

/// Signs in.
#[component]
pub(crate) fn SignInForm(sentence: Option<String>) -> impl IntoView {
    let app = expect_context::<App>();
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (name_error, password_error) = (RwSignal::new(None), RwSignal::new(None));
    let (failure, busy) = (RwSignal::new(None), RwSignal::new(false));
    let (name_node, password_node) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    Effect::new(move || focus(name_node));

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (given_name, given_password) = (name.get_untracked().trim().to_owned(), password.get_untracked());
        let missing = |empty: bool, what: &str| empty.then(|| what.to_owned());
        name_error.set(missing(given_name.is_empty(), "Enter your name."));
        password_error.set(missing(given_password.is_empty(), "Enter your password."));
        failure.set(None);
        if given_name.is_empty() {
            return focus(name_node);
        }
        if given_password.is_empty() {
            return focus(password_node);
        }
        if busy.get_untracked() {
            return;
        }
        // Whoever mistyped starts again with the password; the name is most often right.
        let again = move || focus(password_node);
        enter(app, busy, failure, again, async move {
            http::sign_in(&SignIn { name: given_name, password: given_password }).await
        });
    };

    view! {
        <Entrance heading="Sign in">
            {sentence.map(|sentence| view! { <p class="lead" role="status">{sentence}</p> })}
            <form on:submit=submit novalidate>
                <Field id="name" label="Name" kind="text" autocomplete="username" value=name error=name_error
                    node=name_node/>
                <Field id="password" label="Password" kind="password" autocomplete="current-password" value=password
                    error=password_error node=password_node/>
                <FormError text=failure/>
                <Submit busy label="Sign in" busy_label="Signing in…"/>
            </form>
        </Entrance>
    }
}

/// Chooses the first password.
#[component]
pub(crate) fn SetUpForm(secret: Option<String>) -> impl IntoView {
    match secret {
        Some(secret) => view! { <NewPassword secret/> }.into_any(),
        None => view! { <SecretMissing/> }.into_any(),
    }
}

/// The link has lost its secret: it was cut off, or the page was loaded again.
#[component]
fn SecretMissing() -> impl IntoView {
    let app = expect_context::<App>();
    let to_sign_in = move |_| {
        set_address("/");
        app.start();
    };
    view! {
        <Entrance heading="Open the whole link">
            <p class="lead">
                "This page needs the one-time link that you were given, with everything behind the # sign. Open it again; \
                 if it does not hold any more, ask an administrator for a new one."
            </p>
            <button type="button" class="button wide" on:click=to_sign_in>"Go to sign-in"</button>
        </Entrance>
    }
}

#[component]
fn NewPassword(secret: String) -> impl IntoView {
    let app = expect_context::<App>();
    let (password, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (password_error, again_error) = (RwSignal::new(None), RwSignal::new(None));
    let (failure, busy) = (RwSignal::new(None), RwSignal::new(false));
    let (password_node, again_node) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    Effect::new(move || focus(password_node));

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let given = password.get_untracked();
        let ill_sized = !PASSWORD_CHARS.contains(&given.chars().count());
        let differs = !ill_sized && given != again.get_untracked();
        password_error.set(ill_sized.then(password_rule));
        again_error.set(differs.then(|| "The two passwords differ. Type it again.".to_owned()));
        failure.set(None);
        if ill_sized || differs {
            return focus(if ill_sized { password_node } else { again_node });
        }
        if busy.get_untracked() {
            return;
        }
        let body = SetUp { secret: secret.clone(), password: given };
        enter(app, busy, failure, move || focus(password_node), async move { http::set_up(&body).await });
    };

    view! {
        <Entrance heading="Choose your password">
            <p class="lead">"With it you sign in from now on. The link that brought you here works once."</p>
            <form on:submit=submit novalidate>
                <Field id="password" label="New password" kind="password" autocomplete="new-password" value=password
                    error=password_error node=password_node hint=password_rule()/>
                <Field id="again" label="New password again" kind="password" autocomplete="new-password" value=again
                    error=again_error node=again_node/>
                <FormError text=failure/>
                <Submit busy label="Save and sign in" busy_label="Saving…"/>
            </form>
        </Entrance>
    }
}

#[component]
fn Submit(busy: RwSignal<bool>, label: &'static str, busy_label: &'static str) -> impl IntoView {
    view! {
        <button type="submit" class="button primary wide" aria-disabled=move || busy.get().then_some("true")>
            {move || if busy.get() { busy_label } else { label }}
        </button>
    }
}

fn password_rule() -> String {
    format!("Use {} to {} characters.", PASSWORD_CHARS.start(), PASSWORD_CHARS.end())
}

fn focus(node: NodeRef<html::Input>) {
    if let Some(input) = node.try_get_untracked().flatten() {
        let _ = input.focus();
    }
}
