//! What happens to a client, and what it orders its shell to do.

use alloc::string::String;

use super::Draft;
use crate::id::MessageId;
use crate::protocol::live::{ClientFrame, Sequence, ServerFrame, Visibility};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The conversation is wanted: connect. Also when the network is back (`online`) and when the page becomes visible: a
    /// pending reconnect happens at once, and a socket that may be half dead is probed at once.
    Wake,
    /// The socket is open.
    Opened,
    /// The socket closed or could not be opened.
    Closed {
        /// A random number for the back-off (full jitter), uniform over its whole range.
        random: u32,
    },
    /// A frame arrived.
    Frame(ServerFrame),
    /// The heartbeat was answered.
    Pong,
    /// The person sends a message. Its id was made by the shell from the clock and its random source.
    Compose {
        /// The id.
        message: MessageId,
        /// Who may see it.
        visibility: Visibility,
        /// The text.
        text: String,
    },
    /// The person lets a message that is held say something else, or removes it.
    #[cfg(feature = "amend")]
    Amend {
        /// The id of the change, made as for a new message.
        message: MessageId,
        /// The number of the message.
        target: Sequence,
        /// What it is to say; none if it is to be removed.
        text: Option<String>,
    },
    /// The person asks to send a message again that was refused.
    Retry {
        /// Which.
        message: MessageId,
    },
    /// The person gives a refused message up.
    Discard {
        /// Which.
        message: MessageId,
    },
    /// Drafts that the store kept from before a reload or crash, or that another tab left, in any order.
    Restore(alloc::vec::Vec<Draft>),
    /// The person is typing.
    Typing {
        /// Who may see what is being written.
        visibility: Visibility,
    },
    /// Everything up to here has been seen.
    Seen {
        /// The last number seen.
        upto: Sequence,
    },
    /// The person scrolled to the top: the page before is wanted.
    LoadEarlier,
    /// The customer ends the conversation.
    End,
    /// Time has passed: do what was due.
    Tick,
}

/// An order to the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a socket. The one before, if any, is dropped without another word.
    Connect,
    /// Close the socket: it is half dead or not wanted any more. The shell then reports [`Input::Closed`] without waiting
    /// for the closing handshake; a word from that socket that comes later is dropped.
    Disconnect,
    /// Send this frame. The shell fills in the token of a hello.
    Send(ClientFrame),
    /// Send the heartbeat.
    Ping,
    /// Keep this draft in the store, so that it survives reload and crash.
    Keep(Draft),
    /// Forget the draft of this message: it has its place in the log, or was given up.
    Forget(MessageId),
    /// Something that is shown changed.
    Show(Change),
}

/// What changed, so that a view need not draw everything again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Entries were appended: draw those from this index of [`super::ChatClient::entries`] on.
    Appended {
        /// Index of the first new one.
        from: usize,
    },
    /// This many entries were put before the first.
    Prepended {
        /// How many.
        count: usize,
    },
    /// All entries were replaced: a first page arrived, or one that does not join what was held.
    Replaced,
    /// The entry at this index of [`super::ChatClient::entries`] says something else now.
    Revised {
        /// Which.
        index: usize,
    },
    /// A draft is new, was delivered, refused or given up.
    Outbox,
    /// The conversation stands differently, or whoever the person talks to has lost the connection or is back. Whoever no
    /// longer waits has no place in the line either.
    Standing,
    /// The customer's place in the line is another one.
    Place,
    /// Somebody types or stopped.
    Typing,
    /// The other side has received or read more.
    ReadByOther,
    /// The connection changed.
    Connection,
    /// A request that was not a message was refused; see [`super::ChatClient::problem`].
    Problem,
}

/// How the connection stands, as a person should see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connection {
    /// Not wanted yet.
    #[default]
    Idle,
    /// Connecting for the first time, or catching up.
    Connecting,
    /// In step.
    Live,
    /// Lost, and trying again.
    Reconnecting,
    /// Refused for good: the session does not hold or the conversation is not for this client.
    Refused,
}
