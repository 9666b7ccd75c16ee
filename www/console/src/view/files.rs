//! Sending files: by the button, by dropping them on the conversation, and by pasting them into the composer. What is on its
//! way stands above the composer, until it is in the transcript or was refused.

use leptos::ev::{ClipboardEvent, DragEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::client::Connection;
use shared::id::{FileId, MessageId};
use shared::protocol::Problem;
use shared::protocol::http::FilesTaken;
use shared::protocol::live::Visibility;
use web_sys::{AbortController, AbortSignal, File};

use super::icon::{CLIP, CROSS, Icon, LOCK, SHEET, WARNING};
use super::panel::{Panel, Phase};
use crate::model::transcript::Key;
use crate::model::uploads::{Progress, Upload, obstacle};
use crate::net::files::{self, Stopped};

/// A file on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Row {
    file: FileId,
    upload: StoredValue<Upload>,
    progress: RwSignal<Progress>,
    content: StoredValue<File, LocalStorage>,
    abort: StoredValue<AbortController, LocalStorage>,
}

/// What the parts of a panel share about files.
#[derive(Clone, Copy)]
pub(super) struct Files {
    panel: Panel,
    /// Which files can be sent, once that is known.
    taken: RwSignal<Option<FilesTaken>>,
    rows: RwSignal<Vec<Row>>,
    /// Whether one of them is being sent: the others wait.
    busy: StoredValue<bool>,
    /// Whether files are held over the panel.
    over: RwSignal<bool>,
}

impl Files {
    /// What there is to share, in the panel of a conversation.
    pub(super) fn of(panel: &Panel) -> Self {
        let panel = *panel;
        let (taken, rows) = (RwSignal::new(None), RwSignal::default());
        let files = Self { panel, taken, rows, busy: StoredValue::new(false), over: RwSignal::new(false) };
        on_cleanup(move || files.leave_behind());
        Effect::new(move || files.drop_arrived());
        Effect::new(move || {
            let live = panel.connection.get() == Connection::Live;
            if live && panel.phase.get() == Phase::Talking {
                files.ask_what_is_taken();
            }
        });
        files
    }

    /// What is in the transcript is on its way no more, also before the gateway was asked once more.
    fn drop_arrived(self) {
        let rows = self.rows.get();
        if rows.is_empty() {
            return;
        }
        let is_there =
            |row: &&Row| self.panel.rows.with(|shown| shown.iter().any(|(key, _)| *key == row.key()));
        for row in rows.iter().filter(is_there) {
            files::forget(self.panel.conversation, row.file);
            self.drop_row(*row);
        }
    }

    /// Asked anew with each connection: the settings may have changed.
    fn ask_what_is_taken(self) {
        spawn_local(async move {
            if let Ok(taken) = files::taken(self.panel.conversation).await {
                let _ = self.taken.try_set(Some(taken));
            }
        });
    }

    /// Why no file can be sent now, if none can.
    fn obstacle(self) -> Option<&'static str> {
        let talks = self.panel.phase.get() == Phase::Talking;
        self.taken.with(|taken| obstacle(talks, taken.as_ref()))
    }

    /// Sends what somebody chose, dropped or pasted, or says why not.
    fn add(self, chosen: Vec<File>) {
        if chosen.is_empty() {
            return;
        }
        if let Some(sentence) = untrack(|| self.obstacle()) {
            return self.panel.session.error(sentence);
        }
        let visibility =
            if self.panel.internal.get_untracked() { Visibility::Internal } else { Visibility::Public };
        for content in chosen {
            if let Some(row) = self.row(content, visibility) {
                self.rows.update(|rows| {
                    // Chosen once more, it goes on where it is.
                    if rows.iter().all(|other| other.file != row.file) {
                        rows.push(row);
                    }
                });
            }
        }
        self.carry();
    }

    fn row(self, content: File, visibility: Visibility) -> Option<Row> {
        // `as` saturates: what does not fit is too large in any case.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bytes = content.size() as u32;
        let internal = visibility == Visibility::Internal;
        let file = files::id_of(self.panel.conversation, &content, bytes, internal);
        let upload = Upload { file, name: content.name(), media_type: content.type_(), bytes, visibility };
        Some(Row {
            file,
            upload: StoredValue::new(upload),
            progress: RwSignal::new(Progress::Queued),
            content: StoredValue::new_local(content),
            abort: StoredValue::new_local(AbortController::new().ok()?),
        })
    }

    /// Sends what waits, one file after the other; while the gateway looks at one, the next is on its way.
    fn carry(self) {
        if self.busy.try_update_value(|busy| std::mem::replace(busy, true)) != Some(false) {
            return;
        }
        spawn_local(async move {
            while let Some(row) = self.next() {
                self.send(row).await;
            }
            let _ = self.busy.try_set_value(false);
        });
    }

    fn next(self) -> Option<Row> {
        let waits = |row: &&Row| row.progress.try_get_untracked() == Some(Progress::Queued);
        self.rows.try_with_untracked(|rows| rows.iter().find(waits).copied()).flatten()
    }

    async fn send(self, row: Row) {
        let conversation = self.panel.conversation;
        let Some((upload, content, signal)) = row.parts() else { return };
        let _ = row.progress.try_set(Progress::Sending(0));
        let tell = move |progress| drop(row.progress.try_set(progress));
        match files::send(conversation, &upload, &content, &signal, &tell).await {
            Ok(status) => spawn_local(async move {
                let checking = move || drop(row.progress.try_set(Progress::Checking));
                let settled = files::settle(conversation, upload.file, status, &signal, checking).await;
                self.settled(row, &upload, settled);
            }),
            Err(stopped) => self.settled(row, &upload, Err(stopped)),
        }
    }

    fn settled(self, row: Row, upload: &Upload, settled: Result<(), Stopped>) {
        // Whoever signs in again goes on with it.
        if let Err(Stopped::Refused(problem)) = &settled
            && problem.code.status() == 401
        {
            return self.panel.session.session_lost();
        }
        files::forget(self.panel.conversation, upload.file);
        match settled {
            Ok(()) => self.drop_row(row),
            Err(Stopped::GivenUp) => {}
            Err(Stopped::Refused(problem)) => self.refused(row, upload, problem),
        }
    }

    fn refused(self, row: Row, upload: &Upload, problem: Problem) {
        if let Some(problem) = row.progress.try_set(Progress::Refused(problem.message)) {
            // The panel has gone meanwhile: who sent it hears of it all the same.
            if let Progress::Refused(sentence) = problem {
                self.panel.session.error(format!("{}: {sentence}", upload.name));
            }
            return;
        }
        self.ask_what_is_taken();
    }

    fn drop_row(self, row: Row) {
        let _ = self.rows.try_update(|rows| rows.retain(|other| other.file != row.file));
        // What was pasted lies in memory. What is shown of the row goes a moment later, and needs the rest.
        row.content.dispose();
    }

    /// The panel goes, and with it what has not begun.
    fn leave_behind(self) {
        let waits = |row: &&Row| row.progress.try_get_untracked() == Some(Progress::Queued);
        let name = |row: &Row| row.upload.try_with_value(|upload| upload.name.clone());
        let names = self
            .rows
            .try_with_untracked(|rows| rows.iter().filter(waits).filter_map(name).collect::<Vec<_>>());
        if let Some(names) = names.filter(|names| !names.is_empty()) {
            let sentence = format!("Not sent, because the tab was closed: {}.", names.join(", "));
            self.panel.session.error(sentence);
        }
    }

    /// Somebody gives up a file, or has read why it was refused.
    fn give_up(self, row: Row) {
        let refused = row.progress.with_untracked(|progress| matches!(progress, Progress::Refused(_)));
        self.drop_row(row);
        self.panel.focus_composer();
        if !refused {
            row.abort.with_value(AbortController::abort);
            files::forget(self.panel.conversation, row.file);
            let (conversation, file) = (self.panel.conversation, row.file);
            spawn_local(async move { files::give_up(conversation, file).await });
        }
    }

    /// Files that are pasted are sent. What has words in it as well, as office programs copy it, is pasted as words.
    pub(super) fn paste(self, event: &ClipboardEvent) {
        let Some(data) = event.clipboard_data() else { return };
        let has_words = data.get_data("text/plain").is_ok_and(|text| !text.is_empty());
        let pasted = files::files_in(data.files());
        if !has_words && !pasted.is_empty() {
            event.prevent_default();
            self.add(pasted);
        }
    }

    /// Files are held over the panel.
    pub(super) fn drag(self, event: &DragEvent) {
        if files::has_files(event.data_transfer().as_ref()) {
            event.prevent_default();
            if let Some(data) = event.data_transfer() {
                let none = untrack(|| self.obstacle()).is_some();
                data.set_drop_effect(if none { "none" } else { "copy" });
            }
            if !self.over.get_untracked() {
                self.over.set(true);
            }
        }
    }

    /// They are held over it no more.
    pub(super) fn leave(self, event: &DragEvent) {
        let section = event
            .current_target()
            .and_then(|node| wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(node).ok());
        let to = event
            .related_target()
            .and_then(|node| wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(node).ok());
        let stays = section.zip(to).is_some_and(|(section, to)| section.contains(Some(&to)));
        if !stays {
            self.over.set(false);
        }
    }

    /// They are let go.
    pub(super) fn dropped(self, event: &DragEvent) {
        self.over.set(false);
        let dropped = files::files_in(event.data_transfer().and_then(|data| data.files()));
        if !dropped.is_empty() {
            event.prevent_default();
            self.add(dropped);
        }
    }
}

impl Row {
    /// The key of its entry in the transcript.
    fn key(self) -> Key {
        Key::Message(MessageId::from_bytes(*self.file.as_bytes()))
    }

    fn parts(self) -> Option<(Upload, File, AbortSignal)> {
        let upload = self.upload.try_get_value()?;
        let content = self.content.try_get_value()?;
        let signal = self.abort.try_with_value(AbortController::signal)?;
        Some((upload, content, signal))
    }
}

/// The button that lets a file be chosen. Where none can be sent, there is none.
#[component]
pub(super) fn AttachButton() -> impl IntoView {
    let files = expect_context::<Files>();
    let input = NodeRef::<html::Input>::new();
    let takes = Memo::new(move |_| files.taken.with(|taken| taken.as_ref().is_some_and(|taken| taken.any)));
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            files.add(files::files_in(input.files()));
            // So that the same file can be chosen again.
            input.set_value("");
        }
    };
    view! {
        <Show when=move || takes.get()>
            <input type="file" multiple hidden node_ref=input on:change=chosen/>
            <button type="button" class="icon-button attach" aria-label="Attach a file" title="Attach a file" on:click=choose>
                <Icon path=CLIP/>
            </button>
        </Show>
    }
}

/// What is on its way.
#[component]
pub(super) fn Uploads() -> impl IntoView {
    let files = expect_context::<Files>();
    let rows = files.rows;
    // They take room from the transcript, whose end stays in sight.
    Effect::new(move || {
        rows.track();
        files.panel.settle();
    });
    view! {
        <Show when=move || rows.with(|rows| !rows.is_empty())>
            <ul class="uploads" aria-label="Files on their way">
                <For each=move || rows.get() key=|row| row.file let:row>
                    <UploadRow row/>
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn UploadRow(row: Row) -> impl IntoView {
    let files = expect_context::<Files>();
    let upload = row.upload.get_value();
    let (name, internal) = (upload.name.clone(), upload.visibility == Visibility::Internal);
    let refused = Memo::new(move |_| row.progress.with(|progress| matches!(progress, Progress::Refused(_))));
    let percent = {
        let upload = upload.clone();
        move || {
            row.progress.with(|progress| match progress {
                Progress::Queued => 0,
                Progress::Sending(received) | Progress::Waiting(received) => upload.percent(*received),
                Progress::Checking | Progress::Refused(_) => 100,
            })
        }
    };
    let words = move || row.progress.with(|progress| upload.words(progress));
    let label = format!("Sending {name}");
    let act = {
        let name = name.clone();
        move || if refused.get() { format!("Dismiss {name}") } else { format!("Cancel {name}") }
    };
    view! {
        <li class="upload" class:refused=move || refused.get()>
            <span class="upload-icon">
                {move || if refused.get() { view! { <Icon path=WARNING/> } } else { view! { <Icon path=SHEET/> } }}
            </span>
            <div class="upload-facts">
                <p class="upload-name">
                    <span dir="auto">{name}</span>
                    {internal.then(|| view! { <span class="message-internal"><Icon path=LOCK/>"For colleagues only"</span> })}
                </p>
                <Show when=move || !refused.get()>
                    <progress max="100" aria-label=label.clone() prop:value=percent.clone()></progress>
                </Show>
                {move || if refused.get() {
                    view! { <p class="upload-words" role="alert">{words()}</p> }.into_any()
                } else {
                    view! { <p class="upload-words">{words.clone()}</p> }.into_any()
                }}
            </div>
            <button type="button" class="icon-button" aria-label=act.clone() on:click=move |_| files.give_up(row)>
                <Icon path=CROSS/>
            </button>
        </li>
    }
}

/// What is seen while files are held over the panel: that they can be let go here, or why not.
#[component]
pub(super) fn DropPlace() -> impl IntoView {
    let files = expect_context::<Files>();
    let words = move || match files.obstacle() {
        Some(sentence) => sentence,
        None if files.panel.internal.get() => "Drop files here for your colleagues only",
        None => "Drop files here to send them to the customer",
    };
    view! {
        <Show when=move || files.over.get()>
            <div class="drop-place" class:no=move || files.obstacle().is_some() class:internal=move || files.panel.internal.get()>
                <p><Icon path=CLIP/>{words}</p>
            </div>
        </Show>
    }
}
