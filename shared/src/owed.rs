//! The order of writing on a socket, where there is no room for a message: those that follow it wait until it came again.
//!
//! A client alone would keep the order by itself: it sends again what was refused first, and one by one. But the tabs of a
//! browser share a socket, and a tab sends copies of what another has kept. So between a message that comes again and the one
//! behind it there may be a copy of a third. Whatever was refused is therefore remembered, in the order in which it
//! arrived, and only the first of it is let in.
//!
//! Who does not come again is not waited for for ever: a tab may be gone with what it wrote. But it may also be slow to hear and
//! to be heard, by way of the tab that has the socket, and meanwhile others come: so it is given some time.

use alloc::collections::VecDeque;

use crate::id::MessageId;
use crate::limit::OVERLOAD_WAIT;
use crate::time::{Span, Timestamp};

/// When whoever is refused for one before them may ask again, at the door or within a turn.
pub const OWED_AGAIN: Span = Span::from_millis(50);

/// How long a message is waited for since it was refused: the longest time that a client is told to wait.
const OWED_FOR: Span = OVERLOAD_WAIT;

/// How many messages are remembered: more than the tabs of a browser have under way. What is beyond is told to wait like the
/// others, and has its place when it comes again.
const OWED_MAX: usize = 32;

/// Of how many messages that were let in a late copy is known: as many as a client has under way.
const LET_IN_MAX: usize = 16;

/// Where a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// When it arrives. What was let in before it may yet be refused in its turn.
    Door,
    /// In the turn for which it was let in, so before all that was refused at the door meanwhile.
    Turn,
}

/// The messages of a socket for which there was no room.
#[derive(Debug, Default)]
pub struct Owed {
    /// In the order in which they arrived.
    line: VecDeque<Owing>,
    /// How many at its head this turn has put there.
    put_back: usize,
    /// Those that were let in, the last at the end. A late copy of one is not waited for: it would not come again.
    let_in: VecDeque<MessageId>,
    /// When the last one came again that had been waited for.
    moved: Timestamp,
}

#[derive(Debug)]
struct Owing {
    message: MessageId,
    /// When it was refused last.
    refused: Timestamp,
}

impl Owed {
    /// Whether a message may be let in, as far as others before it were not; if not, when to ask again.
    pub fn admit(&mut self, now: Timestamp, message: MessageId) -> Result<(), Span> {
        self.give_up(now, message);
        // What is let in from now on goes into the next turn, and was written before all that is in the line then.
        self.put_back = 0;
        let is_copy = self.let_in.contains(&message);
        match self.line.front() {
            Some(first) if first.message == message => {
                self.line.pop_front();
                self.moved = now;
            }
            Some(_) if !is_copy => return Err(OWED_AGAIN),
            _ => {}
        }
        if !is_copy {
            self.remember(message);
        }
        Ok(())
    }

    /// There was no room for a message, and its client was told to come again.
    pub fn refused(&mut self, now: Timestamp, message: MessageId, stage: Stage) {
        let place = self.line.iter().position(|owing| owing.message == message);
        let owing = Owing { message, refused: now };
        match (stage, place) {
            (Stage::Turn, Some(place)) if place >= self.put_back => {
                self.line.remove(place);
                self.put_back(owing);
            }
            (Stage::Turn, None) => self.put_back(owing),
            (_, Some(place)) => {
                if let Some(known) = self.line.get_mut(place) {
                    *known = owing;
                }
            }
            (Stage::Door, None) if self.line.len() < OWED_MAX && !self.let_in.contains(&message) => {
                self.line.push_back(owing);
            }
            (Stage::Door, None) => {}
        }
    }

    fn put_back(&mut self, owing: Owing) {
        self.let_in.retain(|message| *message != owing.message);
        if self.put_back < OWED_MAX {
            self.line.insert(self.put_back.min(self.line.len()), owing);
            self.put_back += 1;
            self.line.truncate(OWED_MAX);
        }
    }

    fn remember(&mut self, message: MessageId) {
        if self.let_in.len() >= LET_IN_MAX {
            self.let_in.pop_front();
        }
        self.let_in.push_back(message);
    }

    /// A message arrives: gives up those at the head that should have come again before it. Each may come since it was refused,
    /// and since the one before it was let in: only then its client sends it. Behind one that does not come may be more of the
    /// same client, so after that none is given a time of its own.
    fn give_up(&mut self, now: Timestamp, message: MessageId) {
        let moved = self.moved;
        let is_late = |first: &Owing| now >= first.refused.max(moved).after(OWED_FOR);
        while self.line.front().is_some_and(|first| first.message != message && is_late(first)) {
            self.line.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    fn message(number: u128) -> MessageId {
        MessageId::from_u128(number)
    }

    /// A message arrives, and is told to wait if there is one before it. Whether it is let in.
    fn arrives(owed: &mut Owed, millis: u64, number: u128) -> bool {
        let admitted = owed.admit(at(millis), message(number));
        if admitted.is_err() {
            owed.refused(at(millis), message(number), Stage::Door);
        }
        admitted.is_ok()
    }

    /// For these there was no room at time 0.
    fn owed(numbers: core::ops::RangeInclusive<u128>) -> Owed {
        let mut owed = Owed::default();
        owed.refused(at(0), message(*numbers.start()), Stage::Turn);
        for number in numbers.skip(1) {
            assert!(!arrives(&mut owed, 0, number));
        }
        owed
    }

    #[test]
    fn where_nothing_was_refused_everything_is_let_in() {
        let mut owed = Owed::default();
        for number in [3, 1, 2, 1] {
            assert!(arrives(&mut owed, 0, number));
        }
    }

    #[test]
    fn what_was_refused_is_let_in_in_the_order_in_which_it_arrived() {
        let mut owed = owed(1..=3);
        assert!(!arrives(&mut owed, 1_000, 2));
        assert!(arrives(&mut owed, 1_000, 1));
        assert!(!arrives(&mut owed, 1_000, 3), "a copy of the third comes before the second");
        assert!(!arrives(&mut owed, 1_000, 4), "and so does one that was never here");
        for number in 2..=4 {
            assert!(arrives(&mut owed, 1_050, number));
        }
        assert!(arrives(&mut owed, 1_050, 9));
    }

    #[test]
    fn whoever_is_refused_again_keeps_its_place() {
        let mut owed = owed(1..=3);
        for (millis, stage) in [(1_000, Stage::Door), (2_000, Stage::Turn)] {
            if stage == Stage::Turn {
                assert!(arrives(&mut owed, millis, 1));
            }
            owed.refused(at(millis), message(1), stage);
            assert!(!arrives(&mut owed, millis, 2));
        }
        for number in 1..=3 {
            assert!(arrives(&mut owed, 3_000, number));
        }
    }

    #[test]
    fn what_is_refused_in_a_turn_stands_before_what_was_refused_at_the_door_meanwhile() {
        let mut owed = owed(1..=3);
        assert!(arrives(&mut owed, 1_000, 1));
        assert!(arrives(&mut owed, 1_000, 2));
        assert!(!arrives(&mut owed, 1_000, 4));
        for number in [1, 2, 1] {
            owed.refused(at(1_001), message(number), Stage::Turn);
        }
        for number in 1..=4 {
            assert!(!arrives(&mut owed, 1_500, number + 1));
            assert!(arrives(&mut owed, 1_500, number));
        }
    }

    #[test]
    fn what_was_let_in_when_there_was_room_stands_before_what_was_refused_at_the_door_meanwhile() {
        let mut owed = Owed::default();
        assert!(arrives(&mut owed, 0, 1));
        assert!(arrives(&mut owed, 0, 2));
        owed.refused(at(0), message(3), Stage::Door);
        owed.refused(at(1), message(1), Stage::Turn);
        owed.refused(at(1), message(2), Stage::Turn);
        assert!(!arrives(&mut owed, 500, 3));
        for number in 1..=3 {
            assert!(arrives(&mut owed, 1_001, number));
        }
    }

    #[test]
    fn a_late_copy_of_one_that_was_let_in_keeps_nobody_waiting() {
        let mut owed = Owed::default();
        assert!(arrives(&mut owed, 0, 1));
        owed.refused(at(0), message(1), Stage::Door);
        assert!(arrives(&mut owed, 0, 2));
        owed.refused(at(0), message(3), Stage::Door);
        assert!(arrives(&mut owed, 0, 2), "it is answered as the first was");
        assert!(!arrives(&mut owed, 0, 4));
    }

    #[test]
    fn who_does_not_come_again_is_waited_for_for_ten_seconds_however_many_there_are() {
        let mut owed = owed(1..=3);
        for millis in (50..10_000).step_by(50) {
            assert!(!arrives(&mut owed, millis, 4));
        }
        assert!(arrives(&mut owed, 10_000, 4));
        for number in 1..=3 {
            assert!(arrives(&mut owed, 10_000, number), "nobody waits for the one who came late");
        }
    }

    #[test]
    fn whoever_comes_late_and_first_is_let_in() {
        let mut owed = owed(1..=2);
        assert!(arrives(&mut owed, 60_000, 1));
    }

    #[test]
    fn whoever_waited_for_another_has_time_since_that_one_came() {
        let mut owed = owed(1..=3);
        assert!(arrives(&mut owed, 9_999, 1));
        assert!(!arrives(&mut owed, 19_998, 3));
        assert!(arrives(&mut owed, 19_999, 3));
    }

    #[test]
    fn few_are_remembered_and_the_others_wait_behind_them() {
        let mut owed = owed(1..=200);
        assert_eq!(owed.line.len(), OWED_MAX);
        assert!(arrives(&mut owed, 0, 1));
        for number in 0..200 {
            owed.refused(at(0), message(1_000 + number), Stage::Turn);
        }
        assert_eq!(owed.line.len(), OWED_MAX);
        assert!(!arrives(&mut owed, 1_000, 200));
        for number in 0..32 {
            assert!(arrives(&mut owed, 1_000, 1_000 + number));
        }
        assert!(owed.let_in.len() <= LET_IN_MAX);
    }
}
