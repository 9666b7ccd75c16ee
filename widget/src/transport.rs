//! How this tab is joined to the gateway. The tabs of a site share one socket: the tab that holds the lock leads and has
//! it, the others follow and speak through the leader over a broadcast channel.
//!
//! - To its own conversation machine a follower's channel looks like a socket that opens, delivers frames and closes.
//! - A leader says a follower's hello over its own socket, with what the follower holds. All frames of the gateway go to
//!   all tabs; they say which stretch of the log they cover, so that none does harm.
//! - Any tab may end at any moment. The lock goes with it, and the next leader says first that the link is down: every
//!   tab then says hello again, and sends what was not acknowledged.
//! - A leader that does not answer (a tab that the browser has put to sleep) is replaced: the lock is taken from it.
//! - Browsers without these locks: every tab has its own socket.

use alloc::borrow::ToOwned as _;

use shared::client::{ChatClient, Connection};
use shared::id::ConversationId;
use shared::protocol::codec::{from_binary, to_binary};
use shared::protocol::live::{ClientFrame, Sequence, ServerFrame};

use crate::browser;
use crate::words::concat;

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

/// How the lock is asked for.
const IF_FREE: u32 = 0;
const WHEN_FREE: u32 = 1;
const STEAL: u32 = 2;

/// What tabs say to each other. A follower asks whether there is a link, whether anybody is there, to say hello for it
/// (with the number that it holds, in four bytes, or none), and to pass a frame on; a leader says that the link is up or
/// down, that it is there, and what the gateway said.
mod word {
    pub(super) const OPEN: u32 = 0;
    pub(super) const PING: u32 = 1;
    pub(super) const HELLO: u32 = 2;
    pub(super) const PASS: u32 = 3;
    pub(super) const UP: u32 = 4;
    pub(super) const DOWN: u32 = 5;
    pub(super) const PONG: u32 = 6;
    pub(super) const DELIVER: u32 = 7;
}

/// What a word of another tab means for this one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing.
    Nothing,
    /// The link is open.
    Open,
    /// The link is closed.
    Closed,
    /// The other side is there.
    Pong,
    /// The gateway said this.
    Frame(ServerFrame),
    /// The link is wanted now, or should be looked at: somebody looks at another tab.
    Probe,
}

/// The link of this tab.
#[derive(Debug)]
pub(crate) struct Transport {
    role: Role,
    conversation: Option<ConversationId>,
    /// A connection is wanted.
    wanted: bool,
    /// A leader: there is a socket. A follower: the leader has said that its link is up.
    up: bool,
}

impl Transport {
    /// Asks at once which part this tab has.
    pub(crate) fn new() -> Self {
        browser::lead(IF_FREE);
        Self { role: Role::Undecided, conversation: None, wanted: false, up: false }
    }

    /// From now on this conversation is the one to be linked to.
    pub(crate) fn attend(&mut self, conversation: Option<ConversationId>) {
        self.disconnect();
        self.conversation = conversation;
        match conversation {
            Some(conversation) => browser::tune(conversation.encode(&mut [0; 36])),
            None => browser::tune(""),
        }
    }

    /// The lock was decided upon.
    pub(crate) fn set_leading(&mut self, leading: bool) {
        self.take_part(if leading { Role::Leader } else { Role::Follower });
        if !leading {
            browser::lead(WHEN_FREE);
        }
    }

    /// The lock was taken away: another tab leads. A tab that never had it cannot have it, and stands alone.
    pub(crate) fn lock_lost(&mut self) {
        if self.role == Role::Leader {
            self.set_leading(false);
        } else {
            self.take_part(Role::Leader);
        }
    }

    fn take_part(&mut self, role: Role) {
        self.drop_link();
        self.role = role;
        // Followers of the leader before must all say hello again.
        self.tell_followers(word::DOWN, &[]);
    }

    /// Opens the link; the one before is dropped without another word.
    pub(crate) fn connect(&mut self) {
        self.drop_link();
        self.wanted = true;
        match (self.role, self.conversation) {
            (Role::Leader, Some(conversation)) => {
                self.up = true;
                browser::connect(&concat(&[
                    "/v1/conversations/",
                    conversation.encode(&mut [0; 36]),
                    "/socket",
                ]));
            }
            (Role::Follower, _) => browser::post(word::OPEN, &[]),
            _ => {}
        }
    }

    /// Closes the link, or notes that it is gone.
    pub(crate) fn disconnect(&mut self) {
        self.wanted = false;
        self.drop_link();
    }

    fn drop_link(&mut self) {
        if self.up {
            self.tell_followers(word::DOWN, &[]);
        }
        self.up = false;
        browser::disconnect();
    }

    /// The leader did not answer: takes its place.
    pub(crate) fn replace_leader(&self) {
        if self.role == Role::Follower {
            browser::lead(STEAL);
        }
    }

    /// Sends a frame; the leader puts the session's token into hello.
    pub(crate) fn send(&self, frame: ClientFrame, session_token: &str) {
        match (self.role, frame) {
            (Role::Leader, ClientFrame::Hello { holds, .. }) => {
                let token = Some(session_token.to_owned());
                browser::send(&to_binary(&ClientFrame::Hello { token, holds }));
            }
            (Role::Leader, frame) => browser::send(&to_binary(&frame)),
            (_, ClientFrame::Hello { holds: Some(held), .. }) => {
                browser::post(word::HELLO, &held.0.to_le_bytes());
            }
            (_, ClientFrame::Hello { holds: None, .. }) => browser::post(word::HELLO, &[]),
            (_, frame) => browser::post(word::PASS, &to_binary(&frame)),
        }
    }

    /// Sends the heartbeat.
    pub(crate) fn ping(&self) {
        if self.role == Role::Leader { browser::ping() } else { browser::post(word::PING, &[]) }
    }

    fn tell_followers(&self, word: u32, frame: &[u8]) {
        if self.role == Role::Leader {
            browser::post(word, frame);
        }
    }

    /// Passes what the gateway said on to the followers.
    pub(crate) fn relay(&self, frame: &ServerFrame, bytes: &[u8]) {
        self.tell_followers(word::DELIVER, bytes);
        if matches!(frame, ServerFrame::Welcome { .. }) {
            self.tell_followers(word::UP, &[]);
        }
    }

    /// What another tab's word means for this one. A leader serves the others.
    pub(crate) fn overhear(
        &mut self,
        word: u32,
        frame: &[u8],
        chat: &ChatClient,
        session_token: &str,
    ) -> Heard {
        if self.role == Role::Leader {
            return self.serve(word, frame, chat, session_token);
        }
        match word {
            word::UP if self.wanted && !self.up => {
                self.up = true;
                Heard::Open
            }
            // A machine that waits before it tries again need not wait.
            word::UP if !self.up => Heard::Probe,
            word::DOWN if self.wanted => Heard::Closed,
            word::PONG if self.up => Heard::Pong,
            word::DELIVER if self.up => from_binary(frame).map_or(Heard::Nothing, Heard::Frame),
            _ => Heard::Nothing,
        }
    }

    fn serve(&self, word: u32, frame: &[u8], chat: &ChatClient, session_token: &str) -> Heard {
        let live = chat.connection() == Connection::Live;
        match word {
            word::OPEN => self.tell_followers(if live { word::UP } else { word::DOWN }, &[]),
            word::PING => {
                if live {
                    self.tell_followers(word::PONG, &[]);
                }
                return Heard::Probe;
            }
            word::HELLO => {
                let holds = frame.try_into().ok().map(|bytes| Sequence(u32::from_le_bytes(bytes)));
                self.send(ClientFrame::Hello { token: None, holds }, session_token);
            }
            word::PASS => browser::send(frame),
            _ => {}
        }
        Heard::Nothing
    }
}
