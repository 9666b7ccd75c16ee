//! How this tab is joined to the gateway. The tabs of a site share one socket: the tab that holds the lock leads and has
//! it, the others follow and speak through the leader over a broadcast channel.
//!
//! - To its own conversation machine a follower's channel looks like a socket that opens, delivers frames and closes.
//! - A leader answers a follower's hello itself, from what it knows, and asks the gateway for the entries. All frames of
//!   the gateway go to all tabs; they say which stretch of the log they cover, so that none does harm.
//! - Any tab may end at any moment. The lock goes with it, and the next leader says first that the link is down: every
//!   tab then says hello again, and sends what was not acknowledged.
//! - A leader that does not answer (a tab that the browser has put to sleep) is replaced: the lock is taken from it.
//! - Browsers without these locks: every tab has its own socket.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use shared::client::{ChatClient, Connection, Input};
use shared::id::{ConversationId, WidgetId};
use shared::protocol::codec::{PING, PONG, SUBPROTOCOL_BINARY, from_binary, to_binary};
use shared::protocol::live::{ClientFrame, ServerFrame};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent, WebSocket};

use crate::dom;
use crate::lock::{self, Asking};

/// What reaches the tab.
pub(crate) enum Arrival {
    /// Something for the conversation's machine.
    Input(Input),
    /// The link is gone; the machine is told with a random number.
    Closed,
    /// This tab has the lock now, or somebody else has.
    Lock(bool),
    /// The lock was taken away, or there is none to be had.
    LockLost,
    /// Another tab said something.
    Overheard(Array),
}

/// Which part this tab has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Not known yet.
    Undecided,
    /// It has the socket.
    Leader,
    /// It speaks through the leader.
    Follower,
}

/// Who is told what arrives.
pub(crate) type Hear = &'static dyn Fn(Arrival);

/// The link of this tab.
pub(crate) struct Transport {
    role: Role,
    lock: String,
    hear: Hear,
    conversation: Option<ConversationId>,
    socket: Option<WebSocket>,
    channel: Option<BroadcastChannel>,
    /// A connection is wanted.
    wanted: bool,
    /// A follower: the leader has said that its link is up.
    up: bool,
    /// What every socket of this tab calls.
    on_open: JsValue,
    on_message: JsValue,
    on_close: JsValue,
}

impl Transport {
    pub(crate) fn new(widget: WidgetId, hear: Hear) -> Self {
        let lock = ["throughline:", widget.encode(&mut [0; 36])].concat();
        let on_open = Closure::<dyn FnMut()>::new(move || hear(Arrival::Input(Input::Opened))).into_js_value();
        let on_close = Closure::<dyn FnMut()>::new(move || hear(Arrival::Closed)).into_js_value();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(input) = received(&event.data()) {
                hear(Arrival::Input(input));
            }
        });
        let on_message = on_message.into_js_value();
        let channel = BroadcastChannel::new(&lock).ok();
        let mut transport = Self {
            role: Role::Undecided,
            lock,
            hear,
            conversation: None,
            socket: None,
            channel,
            wanted: false,
            up: false,
            on_open,
            on_message,
            on_close,
        };
        transport.listen();
        transport.ask_for_lock(Asking::IfFree);
        transport
    }

    /// From now on this conversation is the one to be linked to.
    pub(crate) fn attend(&mut self, conversation: Option<ConversationId>) {
        self.disconnect();
        self.conversation = conversation;
    }

    /// The lock was decided upon.
    pub(crate) fn set_leading(&mut self, leading: bool) {
        self.take_part(if leading { Role::Leader } else { Role::Follower });
    }

    /// The lock was taken away: another tab leads. A tab that never had it cannot have it, and stands alone.
    pub(crate) fn lock_lost(&mut self) {
        if self.role == Role::Leader {
            self.take_part(Role::Follower);
        } else {
            self.channel = None;
            self.take_part(Role::Leader);
        }
    }

    fn take_part(&mut self, role: Role) {
        self.drop_socket();
        self.role = role;
        self.up = false;
        match role {
            // Followers of the leader before must all say hello again.
            Role::Leader => self.post("down", None),
            Role::Follower => self.ask_for_lock(Asking::Wait),
            Role::Undecided => {}
        }
    }

    fn ask_for_lock(&mut self, asking: Asking) {
        let hear = self.hear;
        let granted = move |release: Option<js_sys::Function>| hear(Arrival::Lock(release.is_some()));
        let lost = move || hear(Arrival::LockLost);
        if self.channel.is_none() || lock::ask(&self.lock, asking, granted, lost).is_none() {
            self.channel = None;
            self.role = Role::Leader;
        }
    }

    /// Opens the link; the one before is dropped without another word.
    pub(crate) fn connect(&mut self) {
        self.drop_socket();
        self.wanted = true;
        self.up = false;
        match self.role {
            Role::Undecided => {}
            Role::Leader => self.open_socket(),
            Role::Follower => self.post("open", None),
        }
    }

    /// Closes the link, or notes that it is gone.
    pub(crate) fn disconnect(&mut self) {
        self.wanted = false;
        self.up = false;
        self.drop_socket();
    }

    /// The leader did not answer: takes its place.
    pub(crate) fn replace_leader(&mut self) {
        if self.role == Role::Follower {
            self.ask_for_lock(Asking::Steal);
        }
    }

    /// Sends a frame, in the leader's case with the session's token in hello.
    pub(crate) fn send(&self, mut frame: ClientFrame, session_token: Option<&str>) {
        if let (Role::Leader, ClientFrame::Hello { token, .. }) = (self.role, &mut frame) {
            *token = session_token.map(str::to_owned);
        }
        let bytes = to_binary(&frame);
        match (&self.socket, self.role) {
            // What a closing socket does not take is sent again after the next welcome.
            (Some(socket), _) => drop(socket.send_with_u8_array(&bytes)),
            (None, Role::Follower) => self.post("frame", Some(&Uint8Array::from(&bytes[..]))),
            (None, _) => {}
        }
    }

    /// Sends the heartbeat.
    pub(crate) fn ping(&self) {
        match &self.socket {
            Some(socket) => drop(socket.send_with_str(PING)),
            None => self.post("ping", None),
        }
    }

    fn open_socket(&mut self) {
        let Some(conversation) = self.conversation else { return };
        let path = ["/v1/conversations/", conversation.encode(&mut [0; 36]), "/socket"].concat();
        // A relative address takes the frame's origin; its scheme becomes that of sockets by itself.
        let Ok(socket) = WebSocket::new_with_str(&path, SUBPROTOCOL_BINARY) else { return };
        socket.set_binary_type(web_sys::BinaryType::Arraybuffer);
        socket.set_onopen(Some(self.on_open.unchecked_ref()));
        socket.set_onmessage(Some(self.on_message.unchecked_ref()));
        socket.set_onclose(Some(self.on_close.unchecked_ref()));
        self.socket = Some(socket);
    }

    fn drop_socket(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.set_onopen(None);
            socket.set_onmessage(None);
            socket.set_onclose(None);
            let _ = socket.close();
            self.post("down", None);
        }
    }
}

/// The channel between tabs. Each message is an array: the conversation, a word, and for some a frame.
impl Transport {
    fn listen(&self) {
        let Some(channel) = &self.channel else { return };
        let hear = self.hear;
        dom::on(channel, "message", move |event| {
            let event: MessageEvent = event.unchecked_into();
            hear(Arrival::Overheard(Array::from(&event.data())));
        });
    }

    fn post(&self, word: &str, frame: Option<&Uint8Array>) {
        if let (Some(channel), Some(conversation)) = (&self.channel, self.conversation) {
            let frame = frame.map_or(JsValue::UNDEFINED, |frame| frame.clone().into());
            let id = conversation.encode(&mut [0; 36]).into();
            let _ = channel.post_message(&Array::of3(&id, &word.into(), &frame));
        }
    }

    /// What a message of another tab means for this one. A leader answers from what its own machine knows.
    pub(crate) fn overhear(&mut self, message: &Array, chat: &ChatClient) -> Vec<Arrival> {
        let conversation = message.get(0).as_string().and_then(|id| id.parse().ok());
        if conversation.is_none() || conversation != self.conversation {
            return Vec::new();
        }
        let word = message.get(1).as_string().unwrap_or_default();
        let frame = message.get(2).dyn_into::<Uint8Array>().map(|frame| frame.to_vec()).unwrap_or_default();
        if self.role == Role::Leader {
            return self.serve(&word, &frame, chat);
        }
        match word.as_str() {
            "up" if self.wanted && !self.up => {
                self.up = true;
                // One of the two does something: a machine that waits connects, one that connects is told.
                vec![Arrival::Input(Input::Wake), Arrival::Input(Input::Opened)]
            }
            "down" if self.wanted => vec![Arrival::Closed],
            "pong" if self.up => vec![Arrival::Input(Input::Pong)],
            "deliver" if self.up => {
                from_binary(&frame).map(|frame| Arrival::Input(Input::Frame(frame))).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn serve(&self, word: &str, frame: &[u8], chat: &ChatClient) -> Vec<Arrival> {
        let live = chat.connection() == Connection::Live;
        match word {
            "open" => self.post(if live { "up" } else { "down" }, None),
            "ping" => {
                if live {
                    self.post("pong", None);
                }
                // Somebody looks at the other tab: is our own socket still alive?
                return vec![Arrival::Input(Input::Wake)];
            }
            "frame" => self.pass(frame, chat),
            _ => {}
        }
        Vec::new()
    }

    /// Passes what the gateway said on to the followers.
    pub(crate) fn relay(&self, frame: &ServerFrame) {
        if self.role == Role::Leader && self.channel.is_some() {
            self.deliver(frame);
            if matches!(frame, ServerFrame::Welcome { .. }) {
                self.post("up", None);
            }
        }
    }

    /// Passes a follower's frame on. Its hello is answered here; what it lacks is asked for.
    fn pass(&self, bytes: &[u8], chat: &ChatClient) {
        let Some(socket) = &self.socket else { return };
        let Ok(ClientFrame::Hello { holds, .. }) = from_binary(bytes) else {
            let _ = socket.send_with_u8_array(bytes);
            return;
        };
        if let (Some(conversation), Some(side), Some(standing)) = (chat.conversation(), chat.side(), chat.standing()) {
            let (last, read_by_other) = (chat.last(), chat.read_by_other());
            let standing = standing.clone();
            self.deliver(&ServerFrame::Welcome { conversation, side, standing, last, read_by_other });
            let lacks = match holds {
                Some(after) => ClientFrame::FetchAfter { after },
                None => ClientFrame::FetchBefore { before: last.next() },
            };
            let _ = socket.send_with_u8_array(&to_binary(&lacks));
        }
    }

    fn deliver(&self, frame: &ServerFrame) {
        self.post("deliver", Some(&Uint8Array::from(&to_binary(frame)[..])));
    }
}

/// What a socket's message says; nothing if it is of no version that is known here.
fn received(data: &JsValue) -> Option<Input> {
    if let Some(text) = data.as_string() {
        return (text == PONG).then_some(Input::Pong);
    }
    let bytes = Uint8Array::new(data.dyn_ref::<ArrayBuffer>()?).to_vec();
    from_binary(&bytes).ok().map(Input::Frame)
}
