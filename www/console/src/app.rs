//! Which screen is shown: the way in, or the desk.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::protocol::Problem;
use shared::protocol::http::Me;

use crate::net::{http, store};
use crate::view::desk::DeskScreen;
use crate::view::entrance::{Boot, SetUpForm, SignInForm, Unreachable};

/// A screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Screen {
    /// It is being found out who is there.
    Boot,
    /// The gateway did not answer.
    Unreachable(Problem),
    /// Nobody has signed in. The sentence says why, if somebody had.
    SignIn(Option<String>),
    /// A password is chosen by a one-time link; none if the link has lost its secret.
    SetUp(Option<String>),
    /// Somebody works.
    Desk(Me),
}

/// The application. It is the same everywhere and costs nothing to copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct App {
    screen: RwSignal<Screen>,
}

impl App {
    /// Shows another screen.
    pub(crate) fn show(self, screen: Screen) {
        self.screen.set(screen);
    }

    /// The session does not hold any more: back to the way in, with a sentence. What this window remembers stays, because
    /// most often the same person signs in again.
    pub(crate) fn session_lost(self) {
        let sentence = "Your session has ended. Sign in again; your conversations are safe.";
        self.show(Screen::SignIn(Some(sentence.to_owned())));
    }

    /// Somebody signed out.
    pub(crate) fn signed_out(self) {
        store::forget_everything();
        self.show(Screen::SignIn(Some("You have signed out.".to_owned())));
    }

    /// Finds out who is there.
    pub(crate) fn start(self) {
        self.show(Screen::Boot);
        spawn_local(async move {
            self.show(match http::me().await {
                Ok(me) => Screen::Desk(me),
                Err(problem) if problem.code.status() == 401 => Screen::SignIn(None),
                Err(problem) => Screen::Unreachable(problem),
            });
        });
    }
}

/// The whole page.
#[component]
pub(crate) fn Root() -> impl IntoView {
    let app = App { screen: RwSignal::new(Screen::Boot) };
    provide_context(app);
    match take_secret() {
        Some(secret) => app.show(Screen::SetUp(secret)),
        None => app.start(),
    }
    move || match app.screen.get() {
        Screen::Boot => view! { <Boot/> }.into_any(),
        Screen::Unreachable(problem) => view! { <Unreachable problem/> }.into_any(),
        Screen::SignIn(sentence) => view! { <SignInForm sentence/> }.into_any(),
        Screen::SetUp(secret) => view! { <SetUpForm secret/> }.into_any(),
        Screen::Desk(me) => view! { <DeskScreen me/> }.into_any(),
    }
}

/// On the address of a setup link: its secret, which is taken out of the address at once. The inner option is none if the
/// address had none.
#[allow(clippy::option_option)]
fn take_secret() -> Option<Option<String>> {
    let location = window().location();
    if location.pathname().ok()?.trim_end_matches('/') != "/setup" {
        return None;
    }
    let secret = location.hash().unwrap_or_default().trim_start_matches('#').to_owned();
    set_address("/setup");
    Some(Some(secret).filter(|secret| !secret.is_empty()))
}

/// Changes the address in place, without a trace in the history.
pub(crate) fn set_address(path: &str) {
    if let Ok(history) = window().history() {
        // Only a foreign origin could be refused here.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
    }
}
