//! Who has fallen silent.
//!
//! A peer that loses its network, or whose device is put to sleep, closes nothing, and the system below notices after a
//! quarter of an hour, or never. So whoever sits at a socket says now and then that they are there: by a frame, or by the
//! heartbeat, which the runtime answers without waking the object and whose time it keeps. Whoever has said nothing for
//! longer than [`Seat::SILENCE_MAX`] is gone.
//!
//! To look costs a call for each socket. So nobody looks before the first of them can have been silent for too long: with
//! clients that are well that is about once in that time, however many there are, and an object that sleeps is woken no
//! more often. It is also how an object notices that a crash took its sockets, which leaves no event behind.

use shared::id::ConnectionId;
use shared::time::{Span, Timestamp};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use worker::{State, WebSocket, web_sys};

use super::sockets::{Seat, Socket, Sockets};

#[wasm_bindgen]
extern "C" {
    /// What the runtime gives an object, with a method that `worker` does not know.
    type Runtime;

    #[wasm_bindgen(method, catch, js_name = getWebSocketAutoResponseTimestamp)]
    fn answered_at(this: &Runtime, socket: &web_sys::WebSocket) -> Result<Option<js_sys::Date>, JsValue>;
}

/// When the runtime answered a heartbeat of this socket for the last time; the beginning of time if it never has.
pub(super) fn last_heartbeat(state: &State, socket: &WebSocket) -> Timestamp {
    let runtime: &Runtime = state.as_raw().unchecked_ref();
    let answered = runtime.answered_at(socket.as_ref()).ok().flatten();
    Timestamp::from_millis(answered.map_or(0, |date| worker::Date::from(date).as_millis()))
}

/// When to look who has fallen silent.
#[derive(Debug)]
pub(super) struct Silence {
    longest: Span,
    /// Before this nobody can have been silent for too long. None if nobody is there.
    look_at: Option<Timestamp>,
}

impl Silence {
    /// Nobody is there yet; they may be silent for so long.
    pub(super) const fn of(longest: Span) -> Self {
        Self { longest, look_at: None }
    }

    /// Somebody who is there was heard at this time.
    pub(super) fn heard(&mut self, at: Timestamp) {
        let end = at.after(self.longest);
        self.look_at = Some(self.look_at.map_or(end, |look_at| look_at.min(end)));
    }
}

impl<T: Seat> Sockets<T> {
    /// When to look who has fallen silent.
    pub(crate) fn next_look(&self) -> Option<Timestamp> {
        self.silence.look_at.filter(|_| self.any())
    }

    /// Shows out whoever has been silent for too long, if it is time to look.
    pub(crate) fn show_out_silent(&mut self, state: &State, now: Timestamp) -> Vec<Socket<T>> {
        if self.next_look().is_none_or(|at| now < at) {
            return Vec::new();
        }
        self.silence.look_at = None;
        let mut silent = Vec::new();
        for socket in self.open.values_mut() {
            socket.heard = socket.heard.max(last_heartbeat(state, &socket.wire));
            if now.since(socket.heard) >= self.silence.longest {
                silent.push(socket.connection);
            } else {
                self.silence.heard(socket.heard);
            }
        }
        silent.into_iter().filter_map(|connection| self.give_up(connection)).collect()
    }

    /// Closes and forgets a socket on which nothing is heard. Nobody is doubted for it who comes from the same address: an
    /// office that loses its network comes back with everybody at once.
    fn give_up(&mut self, connection: ConnectionId) -> Option<Socket<T>> {
        let socket = self.take(connection)?;
        socket.close("nothing was heard");
        self.linger(connection, None);
        Some(socket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_looks_before_somebody_can_have_been_silent_for_too_long() {
        let at = |seconds| Timestamp::from_millis(0).after(Span::from_secs(seconds));
        let mut silence = Silence::of(Span::from_secs(150));
        assert_eq!(silence.look_at, None);
        for heard in [40, 30, 50] {
            silence.heard(at(heard));
        }
        assert_eq!(silence.look_at, Some(at(180)));
    }
}
