//! Files of conversations: their bytes on the way to the gateway, and back as small pictures.
//!
//! A file goes in chunks, each of which is on disk when it is answered. Without an answer the same is asked again, with
//! growing waits and at once when the network is back; how far it came is what the gateway says, not what was sent. Under
//! which id an unfinished file goes is kept, so that after a reload the same file, chosen again, goes on where it was.

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Function, Promise};
use serde::{Deserialize, Serialize};
use shared::id::{ConversationId, FileId};
use shared::protocol::codec::{from_json, to_json};
use shared::protocol::http::{FileLink, FileStage, FileStatus, FilesTaken, OfferFile};
use shared::protocol::{ErrorCode, Problem};
use shared::time::Span;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Blob, CanvasRenderingContext2d, File, HtmlCanvasElement, ImageBitmap,
    Response,
};

use super::http::{self, Body};
use super::store::{self, Of};
use super::{clock, wake};
use crate::model::uploads::{Progress, Upload};

/// The first and the longest wait for the next attempt, in ms.
const WAIT_FIRST: u32 = 500;
const WAIT_LONGEST: u32 = 10_000;
/// The first and the longest wait before it is asked again whether the scanner has spoken, in ms.
const LOOK_FIRST: u32 = 100;
const LOOK_LONGEST: u32 = 3_000;
/// How long an answer may take, in ms: longer than a chunk takes on a bad line. After that the connection is taken for dead.
const ANSWER: u32 = 120_000;
/// The longest side of a thumbnail, in pixels: sharp at twice the size at which it is shown.
const THUMBNAIL: f64 = 640.0;

/// Why a file did not get there.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Whoever sent it gave it up.
    GivenUp,
    /// It was refused.
    Refused(Problem),
}

/// Which files can be sent in a conversation.
pub(crate) async fn taken(conversation: ConversationId) -> Result<FilesTaken, Problem> {
    read(&http::send("GET", &format!("/v1/conversations/{conversation}/files"), Body::None, None).await?)
}

/// An address at which a file can be opened for a while.
pub(crate) async fn link(conversation: ConversationId, file: FileId) -> Result<String, Problem> {
    let path = format!("{}/link", path(conversation, file));
    read::<FileLink>(&http::send("POST", &path, Body::None, None).await?).map(|link| link.address)
}

/// Gives up a file that is on its way. Should the gateway not hear it, it forgets the file by itself after a while.
pub(crate) async fn give_up(conversation: ConversationId, file: FileId) {
    let _ = http::send("DELETE", &path(conversation, file), Body::None, None).await;
}

fn path(conversation: ConversationId, file: FileId) -> String {
    format!("/v1/conversations/{conversation}/files/{file}")
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Problem> {
    from_json(text.as_bytes()).map_err(|_| http::unreadable())
}

/// Sends the bytes of a file that the gateway lacks, and tells how far it is.
pub(crate) async fn send(
    conversation: ConversationId,
    upload: &Upload,
    content: &File,
    signal: &AbortSignal,
    tell: &impl Fn(Progress),
) -> Result<FileStatus, Stopped> {
    let path = path(conversation, upload.file);
    let offer = OfferFile {
        name: upload.name.clone(),
        media_type: upload.media_type.clone(),
        bytes: upload.bytes,
        visibility: upload.visibility,
    };
    let offer = to_json(&offer);
    let mut status = ask("PUT", &path, Body::Json(&offer), signal, &|| tell(Progress::Waiting(0))).await?;
    while status.stage == FileStage::Arriving {
        let start = status.received;
        tell(Progress::Sending(start));
        let end = f64::from(start) + f64::from(status.chunk);
        // Read before it is sent: what fails on this side is no matter of the network.
        let chunk = content.slice_with_f64_and_f64(f64::from(start), end).map_err(|_| unread_file())?;
        let chunk = JsFuture::from(chunk.array_buffer()).await.map_err(|_| unread_file())?;
        let waiting = || tell(Progress::Waiting(start));
        let part = format!("{path}/bytes/{start}");
        status = match ask("PUT", &part, Body::Bytes(&chunk), signal, &waiting).await {
            // Nothing came of it for minutes, and the gateway has forgotten the offer.
            Err(Stopped::Refused(problem)) if problem.code == ErrorCode::UnknownFile && start == 0 => {
                ask("PUT", &path, Body::Json(&offer), signal, &waiting).await?
            }
            // The answer to a chunk was lost, or the file has been sent from another window: the gateway says how it is.
            Err(Stopped::Refused(problem)) if problem.code == ErrorCode::FileOutOfStep => {
                let now = look(conversation, upload.file, signal).await?;
                if now.received == start && now.stage == FileStage::Arriving {
                    return Err(Stopped::Refused(unread_file()));
                }
                now
            }
            other => other?,
        };
    }
    tell(Progress::Sending(status.received));
    Ok(status)
}

/// A file that is no longer as it was when it was chosen, or cannot be read at all.
fn unread_file() -> Problem {
    Problem::from(ErrorCode::FileOutOfStep)
        .saying("The file cannot be read any more, or has changed meanwhile. Choose it again.")
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

async fn look(
    conversation: ConversationId,
    file: FileId,
    signal: &AbortSignal,
) -> Result<FileStatus, Stopped> {
    ask("GET", &path(conversation, file), Body::None, signal, &|| {}).await
}

/// Waits until the gateway has looked at a file that is whole.
pub(crate) async fn settle(
    conversation: ConversationId,
    file: FileId,
    mut status: FileStatus,
    signal: &AbortSignal,
    checking: impl Fn(),
) -> Result<(), Stopped> {
    let mut wait = LOOK_FIRST;
    loop {
        match status.stage {
            FileStage::Sent => return Ok(()),
            FileStage::Refused { code } => {
                let problem = Problem::from(code);
                return Err(Stopped::Refused(match status.why {
                    Some(why) => problem.saying(why),
                    None => problem,
                }));
            }
            FileStage::Arriving | FileStage::Checking => {}
        }
        if wait > LOOK_FIRST * 2 {
            checking();
        }
        pause(wait, signal).await;
        wait = (wait * 2).min(LOOK_LONGEST);
        status = look(conversation, file, signal).await?;
    }
}

/// Asks until there is an answer. `waiting` is told when there is none so far.
async fn ask(
    method: &str,
    path: &str,
    body: Body<'_>,
    signal: &AbortSignal,
    waiting: &impl Fn(),
) -> Result<FileStatus, Stopped> {
    let mut wait = WAIT_FIRST;
    loop {
        let answer = attempt(method, path, body, signal).await;
        if signal.aborted() {
            return Err(Stopped::GivenUp);
        }
        match answer {
            Ok(text) => return Ok(read(&text)?),
            Err(problem) if problem.code.status() >= 500 || problem.code.status() == 429 => {
                waiting();
                let asked = problem.retry_after.map(Span::as_millis);
                let asked = asked.and_then(|millis| u32::try_from(millis).ok());
                pause(asked.unwrap_or(wait), signal).await;
                if signal.aborted() {
                    return Err(Stopped::GivenUp);
                }
                wait = (wait * 2).min(WAIT_LONGEST);
            }
            Err(problem) => return Err(Stopped::Refused(problem)),
        }
    }
}

/// Asks once. What takes too long is broken off, and counts as no answer.
async fn attempt(method: &str, path: &str, body: Body<'_>, signal: &AbortSignal) -> Result<String, Problem> {
    let attempt = AbortController::new().map_err(|_| http::unreachable())?;
    let (given_up, late) = (attempt.clone(), attempt.clone());
    let _given_up = EventListener::new(signal, "abort", move |_| given_up.abort());
    let _late = Timeout::new(ANSWER, move || late.abort());
    http::send(method, path, body, Some(&attempt.signal())).await
}

/// Waits so many ms; not so long if the network comes back, somebody looks at the page, or the file is given up.
async fn pause(millis: u32, signal: &AbortSignal) {
    let mut held: (Option<Timeout>, Vec<EventListener>) = (None, Vec::new());
    let over = Promise::new(&mut |resolve: Function, _| {
        let end = move || drop(resolve.call0(&JsValue::UNDEFINED));
        held.1 = wake::on_wake(end.clone());
        let aborted = end.clone();
        held.1.push(EventListener::new(signal, "abort", move |_| aborted()));
        held.0 = Some(Timeout::new(millis, end));
    });
    let _ = JsFuture::from(over).await;
}

/// What is kept of a file that is on its way: enough to know it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    name: String,
    bytes: u32,
    /// When it was changed last, in ms.
    changed: u64,
    internal: bool,
    file: FileId,
}

/// The id under which a file goes: the one of before, if it was not finished then.
pub(crate) fn id_of(conversation: ConversationId, content: &File, bytes: u32, internal: bool) -> FileId {
    let key = Of::Files.key(conversation);
    let mut known: Vec<Known> = store::kept(&key).unwrap_or_default();
    // Whole, and later than 1970.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let changed = content.last_modified() as u64;
    let one = Known { name: content.name(), bytes, changed, internal, file: clock::new_file() };
    let same = |before: &&Known| Known { file: one.file, ..(*before).clone() } == one;
    if let Some(before) = known.iter().find(same) {
        return before.file;
    }
    let file = one.file;
    known.push(one);
    store::keep(&key, &known);
    file
}

/// A file is on its way no more.
pub(crate) fn forget(conversation: ConversationId, file: FileId) {
    let key = Of::Files.key(conversation);
    let mut known: Vec<Known> = store::kept(&key).unwrap_or_default();
    known.retain(|one| one.file != file);
    if known.is_empty() {
        store::forget(&key);
    } else {
        store::keep(&key, &known);
    }
}

/// A small picture of a picture, made of its bytes: the address of a blob of this page, to be revoked when it is not shown
/// any more.
pub(crate) async fn thumbnail(conversation: ConversationId, file: FileId) -> Option<String> {
    let address = link(conversation, file).await.ok()?;
    let blob = bytes(&address).await.ok()?;
    let window = web_sys::window()?;
    let decoded = JsFuture::from(window.create_image_bitmap_with_blob(&blob).ok()?).await.ok()?;
    let small = draw_small(&decoded.unchecked_into());
    let blob = JsFuture::from(to_blob(&small?)).await.ok()?.dyn_into::<Blob>().ok()?;
    web_sys::Url::create_object_url_with_blob(&blob).ok()
}

async fn bytes(address: &str) -> Result<Blob, JsValue> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let init = web_sys::RequestInit::new();
    init.set_credentials(web_sys::RequestCredentials::Omit);
    let response = JsFuture::from(window.fetch_with_str_and_init(address, &init)).await?;
    let response: Response = response.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::UNDEFINED);
    }
    JsFuture::from(response.blob()?).await?.dyn_into()
}

/// The picture on a canvas that is no larger than needed.
fn draw_small(picture: &ImageBitmap) -> Option<HtmlCanvasElement> {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let scale = (THUMBNAIL / width.max(height)).min(1.0);
    let canvas = web_sys::window()?.document()?.create_element("canvas").ok()?;
    let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
    let (width, height) = ((width * scale).max(1.0).round(), (height * scale).max(1.0).round());
    // At most [`THUMBNAIL`].
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    {
        canvas.set_width(width as u32);
        canvas.set_height(height as u32);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.draw_image_with_image_bitmap_and_dw_and_dh(picture, 0.0, 0.0, width, height).ok()?;
    picture.close();
    Some(canvas)
}

fn to_blob(canvas: &HtmlCanvasElement) -> Promise {
    Promise::new(&mut |resolve: Function, reject: Function| {
        let done =
            Closure::once_into_js(move |blob: JsValue| drop(resolve.call1(&JsValue::UNDEFINED, &blob)));
        if canvas.to_blob(done.unchecked_ref()).is_err() {
            let _ = reject.call0(&JsValue::UNDEFINED);
        }
    })
}

/// Whether something that is dragged or pasted has files in it.
pub(crate) fn has_files(data: Option<&web_sys::DataTransfer>) -> bool {
    data.is_some_and(|data| data.types().iter().any(|kind| kind == "Files"))
}

/// The files in something that was dropped, pasted or chosen.
pub(crate) fn files_in(list: Option<web_sys::FileList>) -> Vec<File> {
    list.map(|list| (0..list.length()).filter_map(|index| list.get(index)).collect()).unwrap_or_default()
}
