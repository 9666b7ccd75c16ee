//! Sentences that have no better place: shown in a corner, announced once, and gone after a while unless they are errors.

use shared::time::{Span, Timestamp};

/// How long a notice that asks nothing is shown.
const SHOWN: Span = Span::from_secs(7);
/// How many are shown at once; older ones make room.
const MOST: usize = 4;

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something that happened.
    News,
    /// Something that did not work; it stays until it is dismissed.
    Error,
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Its number, never used twice.
    pub(crate) number: u32,
    /// How it is meant.
    pub(crate) tone: Tone,
    /// What it says.
    pub(crate) text: String,
    until: Option<Timestamp>,
}

/// The notices that are shown, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notices {
    shown: Vec<Notice>,
    last_number: u32,
}

impl Notices {
    /// What is shown.
    pub(crate) fn shown(&self) -> &[Notice] {
        &self.shown
    }

    /// Shows `text` from `now` on. The same text is not shown twice at a time.
    pub(crate) fn add(&mut self, now: Timestamp, tone: Tone, text: String) {
        self.shown.retain(|notice| notice.text != text);
        self.last_number = self.last_number.wrapping_add(1);
        let until = (tone == Tone::News).then(|| now.after(SHOWN));
        self.shown.push(Notice { number: self.last_number, tone, text, until });
        if self.shown.len() > MOST {
            self.shown.remove(0);
        }
    }

    /// Takes one away.
    pub(crate) fn dismiss(&mut self, number: u32) {
        self.shown.retain(|notice| notice.number != number);
    }

    /// Whether [`Self::sweep`] would take any away.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.shown.iter().any(|notice| notice.until.is_some_and(|until| until <= now))
    }

    /// Takes away those that were shown long enough.
    pub(crate) fn sweep(&mut self, now: Timestamp) {
        self.shown.retain(|notice| notice.until.is_none_or(|until| now < until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_goes_by_itself_and_an_error_stays() {
        let mut notices = Notices::default();
        notices.add(Timestamp::from_millis(0), Tone::News, "Closed.".into());
        notices.add(Timestamp::from_millis(0), Tone::Error, "Not saved.".into());
        assert!(!notices.is_due(Timestamp::from_millis(6_999)));
        assert!(notices.is_due(Timestamp::from_millis(7_000)));
        notices.sweep(Timestamp::from_millis(7_000));
        let texts: Vec<_> = notices.shown().iter().map(|notice| notice.text.as_str()).collect();
        assert_eq!(texts, ["Not saved."]);
        notices.dismiss(2);
        assert!(notices.shown().is_empty());
    }

    #[test]
    fn the_same_sentence_stands_once_and_a_flood_makes_room() {
        let mut notices = Notices::default();
        for text in ["a", "b", "a", "c", "d", "e"] {
            notices.add(Timestamp::default(), Tone::Error, text.into());
        }
        let texts: Vec<_> = notices.shown().iter().map(|notice| notice.text.as_str()).collect();
        assert_eq!(texts, ["a", "c", "d", "e"]);
    }
}
