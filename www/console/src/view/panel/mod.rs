//! What the parts of one conversation's panel share: the connection, and what the machine says as signals.
//!
//! The machine is told only from outside [`Panel::show`], which runs while the machine is being read.

mod anchor;
mod place;

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use shared::client::{Change, ChatClient, Connection, Input};
use shared::form::Answer;
use shared::id::ConversationId;
use shared::protocol::desk::{DeskCommand, Part, WorkItemView, WorkState};
use shared::protocol::live::{Author, Content, Sequence, Standing};
use shared::time::Timestamp;

use self::anchor::Anchor;
use crate::model::tabs::{Kind, Tab, Tabs};
use crate::model::transcript::{Key, Row, Source};
use crate::model::window::Window;
use crate::model::words;
use crate::net::conversation::ConversationConnection;
use crate::net::{clock, store, wake};
use crate::session::Session;

/// A row that can change in place.
pub(super) type LiveRow = (Key, ArcRwSignal<Row>);

/// Whether there is more before the first row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Earlier {
    /// This is the beginning.
    Nothing,
    /// There is.
    There,
    /// It is on its way.
    Loading,
}

/// What can be done with the conversation now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It goes on.
    Talking,
    /// The reader looks on in silence.
    Watching,
    /// The reader has stepped out until the customer writes again.
    SetAside,
    /// It has ended and waits to be closed.
    WrapUp,
    /// It is over; it can be read.
    Over,
}

/// What the parts of a panel share.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub(super) session: Session,
    pub(super) conversation: ConversationId,
    /// The customer's name.
    pub(super) customer: StoredValue<String>,
    /// The work item, if it is on a list.
    pub(super) item: Memo<Option<WorkItemView>>,
    /// As what the reader takes part, if they do.
    pub(super) part: Memo<Option<Part>>,
    pub(super) phase: Memo<Phase>,
    /// Whether the panel is in front.
    pub(super) front: Memo<bool>,
    pub(super) rows: RwSignal<Vec<LiveRow>>,
    pub(super) standing: RwSignal<Option<Standing>>,
    /// Until when the customer is waited for, if they are not connected.
    pub(super) absent_until: RwSignal<Option<Timestamp>>,
    pub(super) connection: RwSignal<Connection>,
    /// How often in a row the socket did not open.
    pub(super) unopened: RwSignal<u32>,
    pub(super) typing: RwSignal<Option<String>>,
    pub(super) problem: RwSignal<Option<String>>,
    pub(super) earlier: RwSignal<Earlier>,
    pub(super) answers: RwSignal<Vec<Answer>>,
    pub(super) can_compose: RwSignal<bool>,
    /// Whether what is being written is for colleagues only.
    pub(super) internal: RwSignal<bool>,
    /// Whether the end of the transcript is in sight.
    pub(super) at_end: RwSignal<bool>,
    /// The transcript is being filled, so that nothing is read out.
    pub(super) filling: RwSignal<bool>,
    pub(super) scroller: NodeRef<html::Div>,
    /// Where one writes, while one can.
    pub(super) composer: NodeRef<html::Textarea>,
    /// Counts changes of what is shown.
    changes: RwSignal<u32>,
    /// Which part of the log is shown.
    window: StoredValue<Window>,
    /// The row that stays where it is when others come and go.
    anchor: StoredValue<Option<Anchor>, LocalStorage>,
    machine: StoredValue<Option<ConversationConnection>, LocalStorage>,
}

impl Panel {
    /// Opens the connection; it lasts as long as the reactive owner.
    pub(super) fn open(session: Session, tab: &Tab) -> Self {
        let (conversation, kind) = (tab.conversation, tab.kind);
        let standing = RwSignal::new(None);
        let item = Memo::new(move |_| session.desk.with(|desk| desk.work.get(&conversation).cloned()));
        let part = Memo::new(move |_| item.with(|item| item.as_ref().and_then(|item| item.part)));
        let state = move || item.with(|item| item.as_ref().map(|item| item.state));
        let phase = Memo::new(move |_| match (state(), part.get()) {
            (Some(WorkState::Closed), _) => Phase::Over,
            (Some(_), Some(Part::Monitor)) => Phase::Watching,
            (Some(WorkState::WrapUp), Some(Part::Primary)) => Phase::WrapUp,
            (Some(WorkState::Waiting), Some(Part::Primary)) => Phase::SetAside,
            (Some(WorkState::Active), _) => Phase::Talking,
            _ if kind == Kind::Record => Phase::Over,
            _ if standing.with(|standing| matches!(standing, Some(Standing::Ended { .. }))) => Phase::Over,
            _ => Phase::Talking,
        });
        let panel = Self {
            session,
            conversation,
            customer: StoredValue::new(tab.title.clone()),
            item,
            part,
            phase,
            front: Memo::new(move |_| session.tabs.with(Tabs::front) == Some(conversation)),
            rows: RwSignal::default(),
            standing,
            absent_until: RwSignal::default(),
            connection: RwSignal::default(),
            unopened: RwSignal::default(),
            typing: RwSignal::default(),
            problem: RwSignal::default(),
            earlier: RwSignal::new(Earlier::Nothing),
            answers: RwSignal::default(),
            can_compose: RwSignal::new(false),
            internal: RwSignal::new(false),
            at_end: RwSignal::new(true),
            filling: RwSignal::new(true),
            scroller: NodeRef::new(),
            composer: NodeRef::new(),
            changes: RwSignal::new(0),
            window: StoredValue::default(),
            anchor: StoredValue::new_local(None),
            machine: StoredValue::new_local(None),
        };
        let machine = ConversationConnection::open(
            conversation,
            session.outbox(),
            move |client, change| panel.show(client, change),
            move |count| panel.unopened.set(count),
        );
        panel.machine.set_value(Some(machine));
        panel
    }

    /// Whether the gateway was asked for `command` and has not answered yet.
    pub(super) fn is_asked(self, command: DeskCommand) -> Memo<bool> {
        Memo::new(move |_| self.session.desk.with(|desk| desk.is_asked(&command)))
    }

    /// Who ended the conversation, in words.
    pub(super) fn ended(self) -> &'static str {
        self.standing.with(|standing| match standing {
            Some(Standing::Ended { by }) => words::ended_by(*by, self.part.get()),
            _ => "The conversation has ended",
        })
    }

    /// Tells the machine what the person did.
    pub(super) fn handle(self, input: Input) {
        let _ = self.machine.try_with_value(|machine| {
            if let Some(machine) = machine {
                machine.handle(input);
            }
        });
    }

    /// The gateway's word has changed what is shown. Runs while the machine is being read: nothing here may tell it
    /// anything.
    fn show(self, client: &ChatClient, change: Change) {
        match change {
            Change::Replaced => {
                self.fill();
                self.window.set_value(Window::at_end(client.entries().len()));
                self.draw(client);
            }
            Change::Prepended { count } => {
                let mut window = self.window.get_value();
                window.prepended(count, client.entries().len());
                self.rearrange(client, window);
            }
            Change::Appended { .. } => {
                let (length, at_end) = (client.entries().len(), self.at_end.get_untracked());
                self.window.update_value(|window| window.appended(length, at_end));
                self.draw(client);
            }
            Change::Revised { .. } | Change::Outbox | Change::ReadByOther => self.draw(client),
            Change::Standing => {
                self.standing.set(client.standing().cloned());
                self.absent_until.set(client.absent_until());
            }
            Change::Typing => self.typing.set(client.typing().map(|author| match author {
                Author::Representative { name, .. } => name.clone(),
                Author::Customer | Author::System => self.customer.get_value(),
            })),
            Change::Connection => self.connection.set(client.connection()),
            // Places are told to customers alone.
            Change::Place => {}
            Change::Problem => {
                if client.problem().is_some_and(|problem| problem.code.status() == 401) {
                    self.session.session_lost();
                }
            }
        }
        self.problem.set(client.problem().map(|problem| problem.message.clone()));
        self.can_compose.maybe_update(|held| std::mem::replace(held, client.can_compose()) != *held);
        self.mark_earlier(client);
        self.changes.update(|changes| *changes = changes.wrapping_add(1));
    }

    fn mark_earlier(self, client: &ChatClient) {
        let before = client.has_earlier() || self.window.with_value(Window::has_earlier);
        self.earlier.set(match (before, client.is_loading_earlier()) {
            (false, _) => Earlier::Nothing,
            (true, false) => Earlier::There,
            (true, true) => Earlier::Loading,
        });
    }

    fn draw(self, client: &ChatClient) {
        let (me, my_name) = self.session.me.with_value(|me| (me.representative, me.full_name.clone()));
        let customer = self.customer.get_value();
        let source = Source {
            entries: client.entries(),
            shown: self.window.with_value(|window| window.range(client.entries().len())),
            drafts: client.drafts(),
            received_by_customer: client.received_by_other(),
            read_by_customer: client.read_by_other(),
            me,
            my_name: &my_name,
            customer: &customer,
        };
        let rows = source.rows(clock::day_of);
        self.rows.maybe_update(|held| reconcile(held, rows));
        let started = client.entries().iter().find_map(|entry| match &entry.content {
            Content::Started { answers } => Some(answers.clone()),
            _ => None,
        });
        if let Some(answers) = started.filter(|answers| self.answers.with_untracked(|held| held != answers)) {
            self.answers.set(answers);
        }
    }

    /// For a moment what comes into the transcript is not news.
    fn fill(self) {
        self.filling.set(true);
        let filled = move || {
            // The panel may have gone in the meantime.
            let _ = self.filling.try_set(false);
        };
        set_timeout(filled, Duration::from_millis(400));
    }

    /// What is in sight has been seen; what is not is unread.
    fn look(self, in_sight: bool) {
        let Some((held, seen, unread, answered)) = self.machine.with_value(|machine| {
            machine.as_ref().map(|machine| {
                machine.read(|client| (client.held(), client.seen(), client.unread(), last_answer(client)))
            })
        }) else {
            return;
        };
        if in_sight && held > seen {
            self.handle(Input::Seen { upto: held });
        } else if seen == Sequence::START && answered > seen {
            // A window that does not remember how far was read: what the staff has answered was read.
            self.handle(Input::Seen { upto: answered });
            return self.look(in_sight);
        }
        let count = if in_sight { 0 } else { u32::try_from(unread).unwrap_or(u32::MAX) };
        self.session.set_unread(self.conversation, count);
    }

    /// Keeps what was seen, and the place in the transcript, in step with what is in front.
    pub(super) fn keep_looking(self) {
        let visible = RwSignal::new(wake::is_visible());
        let watch = leptos::ev::Custom::<web_sys::Event>::new("visibilitychange");
        let listener = window_event_listener(watch, move |_| visible.set(wake::is_visible()));
        on_cleanup(move || listener.remove());
        Effect::new(move || {
            self.changes.track();
            let in_sight = self.front.get() && visible.get() && self.at_end.get();
            self.look(in_sight);
        });
        Effect::new(move || {
            self.changes.track();
            if self.front.get() {
                self.settle();
            }
        });
    }

    /// Gives the focus to where one writes.
    pub(super) fn focus_composer(self) {
        if let Some(node) = self.composer.get_untracked() {
            let _ = node.focus();
        }
    }

    /// Brings the focus along when the panel comes to the front: to the composer if there is one, else to the heading.
    pub(super) fn bring_focus(self, section: NodeRef<html::Section>, heading: NodeRef<html::H1>) {
        Effect::new(move || {
            if !self.front.get() {
                return;
            }
            request_animation_frame(move || {
                let Some(section) = section.try_get_untracked().flatten() else { return };
                let composer = section.query_selector("textarea").ok().flatten();
                let target = composer.and_then(|node| wasm_bindgen::JsCast::dyn_into(node).ok());
                let target: Option<web_sys::HtmlElement> =
                    target.or_else(|| heading.try_get_untracked().flatten().map(Into::into));
                if let Some(target) = target {
                    let _ = target.focus();
                }
            });
        });
    }
}

/// The place of the last thing that anybody of the staff wrote.
fn last_answer(client: &ChatClient) -> Sequence {
    let by_staff = |author: &Author| matches!(author, Author::Representative { .. });
    let last = client.entries().iter().rev().find(|entry| by_staff(&entry.author) && entry.is_message());
    last.map_or(Sequence::START, |entry| entry.sequence)
}

/// Puts the rows as they are now into those that are shown. Rows that stay are changed in place. Says whether any row came
/// or went.
fn reconcile(held: &mut Vec<LiveRow>, rows: Vec<(Key, Row)>) -> bool {
    let same = held.len() == rows.len() && held.iter().zip(&rows).all(|((held, _), (key, _))| held == key);
    let mut before: BTreeMap<Key, ArcRwSignal<Row>> = held.drain(..).collect();
    held.extend(rows.into_iter().map(|(key, row)| match before.remove(&key) {
        Some(live) => {
            if live.with_untracked(|shown| *shown != row) {
                live.set(row);
            }
            (key, live)
        }
        None => (key, ArcRwSignal::new(row)),
    }));
    !same
}

/// What is being written, as this window keeps it over a reload.
pub(super) fn kept_text(conversation: ConversationId) -> RwSignal<String> {
    let key = store::Of::Text.key(conversation);
    let text = RwSignal::new(store::kept::<String>(&key).unwrap_or_default());
    Effect::new(move || {
        text.with(|text| if text.is_empty() { store::forget(&key) } else { store::keep(&key, text) });
    });
    text
}
