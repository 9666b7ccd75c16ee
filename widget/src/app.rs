//! The shell: turns what happens in the browser into the model's events, and carries out its effects.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use shared::client::{Input, Output};
use shared::form::Answer;
use shared::id::WidgetId;
use shared::protocol::http::{Handover, RedeemHandover, RequestHandover};
use shared::protocol::live::ServerFrame;
use shared::settings::Origin;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessagePort, StorageEvent, VisibilityState};

use crate::browser::{Timer, new_message, new_request, now, random_number};
use crate::model::{Effect, Event, Model, Tell};
use crate::store::{Changed, Store, session_of, session_text};
use crate::tag::{Said, Tag};
use crate::transport::{Arrival, Transport};
use crate::view::{Act, View};
use crate::{api, dom, start};

/// Everything there is.
struct App {
    place: Place,
    widget: WidgetId,
    site: Origin,
    model: Model,
    view: View,
    transport: Transport,
    store: Store,
    tag: Tag,
    timer: Timer,
    /// The panel is shown on the page.
    shown: bool,
}

/// The app's one place. It lives as long as the page.
#[derive(Clone, Copy)]
struct Place(&'static RefCell<Option<App>>);

impl Place {
    /// Does something with the app. Nothing that the app does calls back before it returns, so that it is free.
    fn with(self, act: impl FnOnce(&mut App)) {
        if let Ok(mut app) = self.0.try_borrow_mut()
            && let Some(app) = app.as_mut()
        {
            act(app);
        }
    }

    fn handle(self, event: Event) {
        self.with(|app| app.handle(event));
    }
}

/// Starts the widget for the page that handed over this port.
#[wasm_bindgen]
pub fn run(port: MessagePort, site: &str) {
    let path = dom::window().location().pathname().unwrap_or_default();
    let id = path.strip_prefix("/frame/").unwrap_or_default();
    let (Ok(widget), Ok(site)) = (id.parse(), Origin::new(site)) else { return };
    let place = Place(Box::leak(Box::new(RefCell::new(None))));
    let tag = Tag::new(port, move |said| place.with(|app| app.hear(said)));
    let app = App {
        place,
        widget,
        site,
        model: Model::new(),
        view: View::new(Box::leak(Box::new(move |act| place.with(|app| app.act(act))))),
        transport: Transport::new(widget, Box::leak(Box::new(move |arrival| place.with(|app| app.arrive(arrival))))),
        store: Store::new(widget),
        tag: tag.clone(),
        timer: Timer::new(move || place.handle(Event::Chat(Input::Tick))),
        shown: false,
    };
    place.0.replace(Some(app));
    watch(place);
    tag.call("ready");
}

/// What the browser says of itself.
fn watch(place: Place) {
    let window = dom::window();
    for kind in ["online", "pageshow"] {
        dom::on(&window, kind, move |_| place.handle(Event::Chat(Input::Wake)));
    }
    dom::on(&dom::document(), "visibilitychange", move |_| place.with(App::look));
    dom::on(&window, "storage", move |event| {
        let event: StorageEvent = event.unchecked_into();
        if let Some(key) = event.key() {
            place.with(|app| app.changed_elsewhere(&key, event.new_value().as_deref()));
        }
    });
}

impl App {
    fn handle(&mut self, event: Event) {
        for effect in self.model.handle(now(), event) {
            self.perform(effect);
        }
        self.timer.set(self.model.chat.next_deadline());
    }

    fn hear(&mut self, said: Said) {
        match said {
            Said::Init { mirror, code, shown } => {
                self.shown = shown;
                let session = self.store.session().or_else(|| session_of(&mirror?));
                self.handle(Event::Begin { session, code, visible: self.is_visible() });
            }
            Said::Shown(shown) => {
                self.shown = shown;
                self.look();
            }
            Said::Handover { number, target } => self.hand_over(number, &target),
        }
    }

    /// The visitor does something.
    fn act(&mut self, act: Act) {
        match act {
            Act::Submit(answers) => {
                self.handle(Event::Submit { answers, request: new_request(), message: new_message() });
            }
            Act::Chat(input) => self.handle(Event::Chat(input)),
            Act::Again => self.handle(Event::Again),
            Act::Retry => self.handle(Event::Retry),
            Act::Close => self.tag.call("close"),
        }
    }

    fn is_visible(&self) -> bool {
        self.shown && dom::document().visibility_state() == VisibilityState::Visible
    }

    fn look(&mut self) {
        self.handle(Event::Shown(self.is_visible()));
    }

    fn changed_elsewhere(&mut self, key: &str, value: Option<&str>) {
        match self.store.changed(key, value) {
            Some(Changed::Session(session)) => self.handle(Event::Elsewhere(session)),
            Some(Changed::Seen(upto)) => self.handle(Event::Chat(Input::Seen { upto })),
            Some(Changed::DraftGone(message)) => self.handle(Event::Chat(Input::Discard { message })),
            None => {}
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Input(input) => {
                let mut welcomed = false;
                if let Input::Frame(frame) = &input {
                    self.transport.relay(frame);
                    welcomed = matches!(frame, ServerFrame::Welcome { .. });
                }
                self.handle(Event::Chat(input));
                if welcomed {
                    self.restore_drafts();
                }
            }
            Arrival::Closed => {
                self.transport.disconnect();
                self.handle(Event::Chat(Input::Closed { random: random_number() }));
            }
            Arrival::Lock(leading) => {
                self.transport.set_leading(leading);
                self.begin_again();
            }
            Arrival::LockLost => {
                self.transport.lock_lost();
                self.begin_again();
            }
            Arrival::Overheard(message) => {
                for arrival in self.transport.overhear(&message, &self.model.chat) {
                    self.arrive(arrival);
                }
            }
        }
    }

    /// The link is another one: the old one is gone, and nobody needs to be spared.
    fn begin_again(&mut self) {
        self.handle(Event::Chat(Input::Closed { random: 0 }));
    }

    /// Drafts in the store are sent by whoever is connected: also those of tabs that crashed.
    fn restore_drafts(&mut self) {
        if let Some(conversation) = self.model.conversation() {
            let drafts = self.store.drafts(conversation);
            if !drafts.is_empty() {
                self.handle(Event::Chat(Input::Restore(drafts)));
            }
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Load => self.load(),
            Effect::Redeem(code) => self.redeem(code),
            Effect::Start { answers, request } => self.start(answers, request),
            Effect::Remember => {
                self.store.keep_session(self.model.session.as_ref());
                self.tell_open();
            }
            Effect::RememberSeen(seen) => self.store.keep_seen(seen),
            Effect::ForgetTraces => self.store.forget_traces(),
            Effect::Attend(conversation) => {
                self.transport.attend(conversation);
                self.view.clear();
                if conversation.is_some() {
                    self.restore_drafts();
                    self.handle(Event::Chat(Input::Seen { upto: self.store.seen() }));
                    self.handle(Event::Chat(Input::Wake));
                }
            }
            Effect::Chat(output) => self.carry_out(output),
            Effect::Draw(part) => self.view.draw(&self.model, part),
            Effect::Focus => self.view.focus(&self.model),
            Effect::Tell(Tell::Unread(count)) => {
                let count = u32::try_from(count).unwrap_or(u32::MAX);
                self.tag.say("unread", [&count.into(), &JsValue::UNDEFINED]);
            }
            Effect::Tell(Tell::Open(_)) => self.tell_open(),
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Connect => self.transport.connect(),
            Output::Disconnect => {
                if self.model.conversation().is_some() {
                    self.transport.replace_leader();
                }
                self.arrive(Arrival::Closed);
            }
            Output::Send(frame) => {
                self.transport.send(frame, self.model.session.as_ref().map(|session| session.token.as_str()));
            }
            Output::Ping => self.transport.ping(),
            Output::Keep(draft) => {
                if let Some(conversation) = self.model.conversation() {
                    self.store.keep_draft(conversation, &draft);
                }
            }
            Output::Forget(message) => self.store.forget_draft(message),
            Output::Show(_) => {}
        }
    }

    /// Tells the page whether a conversation is open; while one is, the page keeps a copy of the session.
    fn tell_open(&self) {
        let open = self.model.is_open();
        let mirror = self.model.session.as_ref().filter(|_| open).map(session_text);
        self.tag.say("open", [&open.into(), &mirror.into()]);
    }

    fn load(&self) {
        let path = ["/v1/widgets/", self.widget.encode(&mut [0; 36])].concat();
        let place = self.place;
        spawn_local(async move { place.handle(Event::Loaded(api::get(&path).await)) });
    }

    fn redeem(&self, code: String) {
        let body = RedeemHandover { code, widget: self.widget, site: self.site.clone() };
        let place = self.place;
        spawn_local(async move {
            place.handle(Event::Redeemed(api::post("/v1/handovers/redeem", None, &body).await));
        });
    }

    fn start(&self, answers: Vec<Answer>, request: shared::id::RequestId) {
        let started = start::start(self.widget, self.site.clone(), self.model.session.clone(), request, answers);
        let place = self.place;
        spawn_local(async move { place.handle(Event::Started(started.await)) });
    }

    /// Asks for a hand-over code; the page gets none if there is none to be had.
    fn hand_over(&self, number: JsValue, target: &str) {
        let session = self.model.session.clone().filter(|_| self.model.is_open());
        let target = Origin::new(target);
        let tag = self.tag.clone();
        spawn_local(async move {
            let mut code = JsValue::UNDEFINED;
            if let (Some(session), Ok(target)) = (session, target) {
                let body = RequestHandover { target };
                let answer = api::post("/v1/handovers", Some(&session.token), &body).await;
                code = answer.map_or(JsValue::UNDEFINED, |handover: Handover| handover.code.into());
            }
            tag.say("code", [&number, &code]);
        });
    }
}
