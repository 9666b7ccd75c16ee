//! When a turn is taken: at once for whoever comes alone, and a moment later for whoever comes in a crowd, so that the
//! crowd shares a commit.
//!
//! The moment is a timer of no time, which rings when everything that has arrived by then is there. A timer is lost with
//! the event in which it was set: so one is only set by an event that waits for it, and if its event is cut off all the
//! same, whoever comes later notices that the bell is overdue and sets another.

use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use shared::id::ConnectionId;
use shared::time::{Span, Timestamp};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Inner, Shell};
use crate::clock;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, ms: i32);

    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(callback: &JsValue);
}

/// After a turn of one, for how long another party may be the beginning of a crowd. Turns are dated by their beginning, so it
/// is longer than a commit takes, on a slow disk and a busy machine too: there a crowd must share all the more.
const PAIR: Span = Span::from_millis(10);

/// After a turn of several, for how long the next may be the beginning of the same crowd.
const CROWD: Span = Span::from_millis(40);

/// After this long a bell that has not rung is not believed in any more.
const OVERDUE: Span = Span::from_millis(50);

/// Becomes ready when the bell has rung. The event that set it must stay until then.
pub(super) type Rung = oneshot::Receiver<()>;

/// What decides when the next turn is taken.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    /// Since when a bell is set.
    bell: Option<Timestamp>,
    last: Option<LastTurn>,
    /// The events that stay until the bell has rung.
    staying: Vec<oneshot::Sender<()>>,
}

#[derive(Debug)]
struct LastTurn {
    at: Timestamp,
    size: usize,
    /// Who came last in it.
    party: Option<ConnectionId>,
}

/// When whoever has come is served.
#[derive(Debug, PartialEq, Eq)]
enum Served {
    /// With the others, when the bell rings that is set already.
    WithOthers,
    /// In a turn of their own, at once.
    AtOnce,
    /// When the bell rings that they set.
    Soon,
}

impl Gathering {
    /// Somebody has come.
    fn come(&mut self, now: Timestamp, party: Option<ConnectionId>) -> Served {
        if self.bell.is_some_and(|set| now.since(set) <= OVERDUE) {
            return Served::WithOthers;
        }
        self.bell = Some(now);
        let in_crowd = self.last.as_ref().is_some_and(|last| {
            let window = if last.size > 1 { CROWD } else { PAIR };
            // Two who take turns with us alone are no crowd: neither gains anything by waiting.
            let other = last.size > 1 || party.is_none() || party != last.party;
            other && now.since(last.at) <= window
        });
        if in_crowd { Served::Soon } else { Served::AtOnce }
    }

    /// A turn of so many was taken.
    pub(super) fn served(&mut self, now: Timestamp, size: usize, party: Option<ConnectionId>) {
        self.bell = None;
        if size > 0 {
            self.last = Some(LastTurn { at: now, size, party });
        }
        for event in self.staying.drain(..) {
            // It may have been cut off.
            let _ = event.send(());
        }
    }
}

/// By what an object is called back: made once and kept with it. A function made anew for each call would be freed twice,
/// by the call and by the garbage collection, and the memory of the whole process with it.
pub(super) struct Bell(Closure<dyn FnMut()>);

impl Bell {
    /// The bell of an object. It rings for nobody once the object is gone.
    pub(super) fn of<S: Shell>(inner: &Weak<Inner<S>>) -> Self {
        let inner = Weak::clone(inner);
        Self(Closure::new(move || {
            if let Some(inner) = inner.upgrade() {
                inner.answer_bell();
            }
        }))
    }

    /// Rings when whatever runs now has ended.
    pub(super) fn ring_at_once(&self) {
        queue_microtask(self.0.as_ref());
    }

    fn ring_soon(&self) {
        set_timeout(self.0.as_ref(), 0);
    }
}

impl<S: Shell> Inner<S> {
    fn answer_bell(self: &Rc<Self>) {
        if self.somebody_waits() {
            // A turn that was lost has told everybody who can be told.
            let _ = self.take_turn();
        } else {
            self.gathering.borrow_mut().served(clock::now(), 0, None);
        }
    }

    /// Sees to it that whoever has just come is served. If something comes back, this event set the bell and must stay
    /// until it has rung.
    pub(super) fn schedule(self: &Rc<Self>, party: Option<ConnectionId>) -> Option<Rung> {
        let mut gathering = self.gathering.borrow_mut();
        match gathering.come(clock::now(), party) {
            Served::WithOthers => None,
            Served::AtOnce => {
                self.bell.ring_at_once();
                None
            }
            Served::Soon => {
                self.bell.ring_soon();
                let (stay, rung) = oneshot::channel();
                gathering.staying.push(stay);
                Some(rung)
            }
        }
    }
}

/// Stays until the bell has rung, if this event set one.
pub(super) async fn stay(rung: Option<Rung>) {
    if let Some(rung) = rung {
        // Dropped with the object: then there is nothing to stay for.
        let _ = rung.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: Option<ConnectionId> = Some(ConnectionId::from_u128(1));
    const BEN: Option<ConnectionId> = Some(ConnectionId::from_u128(2));
    const ZOE: Option<ConnectionId> = Some(ConnectionId::from_u128(3));

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    #[test]
    fn who_talks_alone_is_served_at_once_every_time() {
        let mut gathering = Gathering::default();
        for _ in 0..3 {
            assert_eq!(gathering.come(at(0), ANA), Served::AtOnce);
            gathering.served(at(0), 1, ANA);
        }
    }

    #[test]
    fn a_crowd_shares_turns_after_the_first_of_it() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.come(at(0), ANA), Served::AtOnce);
        gathering.served(at(0), 1, ANA);
        assert_eq!(gathering.come(at(0), BEN), Served::Soon);
        assert_eq!(gathering.come(at(0), ZOE), Served::WithOthers);
        gathering.served(at(1), 2, ZOE);
        // The answers bring the same crowd back.
        assert_eq!(gathering.come(at(4), ZOE), Served::Soon);
        gathering.served(at(5), 1, ZOE);
        assert_eq!(gathering.come(at(100), BEN), Served::AtOnce, "the crowd is gone");
    }

    #[test]
    fn a_bell_that_was_lost_is_set_again_by_whoever_comes_next() {
        let mut gathering = Gathering::default();
        gathering.served(at(0), 5, ANA);
        assert_eq!(gathering.come(at(1), ANA), Served::Soon);
        assert_eq!(gathering.come(at(51), BEN), Served::WithOthers);
        assert_eq!(gathering.come(at(52), BEN), Served::AtOnce);
    }
}
