//! Where the visitor stands in the line, and how long it may take (reference section 32).
//!
//! What is seen is always the newest. What is read out is less: the first word, that the visitor is next, and in between
//! only that half of those who were ahead at the last time are left. So a line of a hundred is read out eight times.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use shared::client::{ChatClient, Connection};
use shared::protocol::live::Place;
use shared::time::Span;

use crate::browser::{put, show, write};
use crate::words::{WORDS, digits, fill};

const MINUTE: u64 = 60_000;

/// Draws the place, or nothing. `told`: how many were ahead when it was last read out; gives the same for the next time.
pub(super) fn draw(chat: &ChatClient, here: bool, told: Option<u32>) -> Option<u32> {
    // While the connection is lost nobody knows.
    let place = chat.place().filter(|_| here && chat.connection() != Connection::Reconnecting);
    show("place", place.is_some());
    let Some(place) = place else { return chat.place().and(told) };
    let aloud = is_worth_saying(told, place.ahead);
    put("place", "aria-live", if aloud { "polite" } else { "off" });
    write("place", &words(place));
    if aloud { Some(place.ahead) } else { told }
}

fn is_worth_saying(told: Option<u32>, ahead: u32) -> bool {
    told.is_none_or(|told| ahead < told && ahead <= told / 2)
}

fn words(place: Place) -> String {
    let mut words = match place.ahead {
        0 => WORDS.next.to_owned(),
        1 => WORDS.one_ahead.to_owned(),
        ahead => fill(WORDS.ahead, &digits(ahead as usize)),
    };
    if let Some(wait) = place.estimated_wait {
        words.push_str(&wait_in_words(wait));
    }
    words
}

/// In whole minutes, rather too long than too short.
fn wait_in_words(wait: Span) -> String {
    match wait.as_millis().div_ceil(MINUTE) {
        0 | 1 => WORDS.a_minute.to_owned(),
        minutes @ 2..=60 => fill(WORDS.minutes, &digits(usize::try_from(minutes).unwrap_or_default())),
        _ => WORDS.an_hour.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn at(ahead: u32, seconds: Option<u64>) -> String {
        words(Place { ahead, estimated_wait: seconds.map(Span::from_secs) })
    }

    #[test]
    fn a_place_is_said_in_plain_words() {
        assert_eq!(at(0, None), "You are next.");
        assert_eq!(at(1, Some(20)), "One person is ahead of you. The wait is about a minute.");
        assert_eq!(at(12, Some(61)), "12 people are ahead of you. The wait is about 2 minutes.");
        assert_eq!(at(500, Some(3_601)), "500 people are ahead of you. The wait is more than an hour.");
    }

    #[test]
    fn only_the_first_word_each_half_and_being_next_are_read_out() {
        let mut told = None;
        let aloud = (0..=12).rev().filter(|ahead| {
            let aloud = is_worth_saying(told, *ahead);
            if aloud {
                told = Some(*ahead);
            }
            aloud
        });
        assert_eq!(aloud.collect::<Vec<_>>(), [12, 6, 3, 1, 0]);
    }

    #[test]
    fn who_falls_back_in_the_line_is_not_told_aloud() {
        assert!(!is_worth_saying(Some(2), 5));
        assert!(!is_worth_saying(Some(0), 0));
    }
}
