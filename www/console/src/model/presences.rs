//! The presences that can be chosen: those that every organisation has, and those that this one made up.

use shared::protocol::desk::PresenceChoice;
use shared::settings::{BasePresence, Presence};

use super::words;

/// The presences that every organisation has and that people can choose, in the order in which they are offered.
const BUILT_IN: [BasePresence; 5] = [
    BasePresence::Available,
    BasePresence::Busy,
    BasePresence::DoNotDisturb,
    BasePresence::Away,
    BasePresence::Offline,
];

/// One that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Which.
    pub(crate) presence: Presence,
    /// What people read.
    pub(crate) name: String,
    /// What it stands for.
    pub(crate) base: BasePresence,
}

impl Choice {
    /// A word that names it among the others, for ids in the page and values of choices.
    pub(crate) fn key(&self) -> String {
        match self.presence {
            Presence::Custom(id) => id.to_string(),
            _ => words::base_class(self.base).to_owned(),
        }
    }
}

/// All that can be chosen: each that was made up stands behind the one that it stands for, in the order of the settings.
pub(crate) fn choices(custom: &[PresenceChoice]) -> Vec<Choice> {
    let built_in = BUILT_IN.map(|base| Choice {
        presence: base.into(),
        name: words::presence(base.into()).to_owned(),
        base,
    });
    let custom = custom.iter().map(|one| Choice {
        presence: Presence::Custom(one.presence),
        name: one.text.clone(),
        base: one.base,
    });
    let mut all: Vec<_> = built_in.into_iter().chain(custom).collect();
    // The sort is stable.
    all.sort_by_key(|choice| choice.base);
    all
}

/// The next place after `from` of one whose name begins with `letter`.
pub(crate) fn by_letter(choices: &[Choice], letter: &str, from: usize) -> Option<usize> {
    let mut characters = letter.chars();
    let (Some(first), None) = (characters.next(), characters.next()) else { return None };
    let first = first.to_lowercase().next()?;
    let begins = |index: &usize| {
        let name = choices.get(*index).and_then(|choice| choice.name.chars().next());
        name.is_some_and(|letter| letter.to_lowercase().next() == Some(first))
    };
    (1..=choices.len()).map(|step| (from + step) % choices.len()).find(begins)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::id::PresenceId;

    fn custom(number: u128, text: &str, base: BasePresence) -> PresenceChoice {
        PresenceChoice { presence: PresenceId::from_u128(number), text: text.into(), base }
    }

    fn names(choices: &[Choice]) -> Vec<&str> {
        choices.iter().map(|choice| choice.name.as_str()).collect()
    }

    #[test]
    fn what_was_made_up_stands_behind_what_it_stands_for() {
        let made_up = [
            custom(1, "At lunch", BasePresence::Away),
            custom(2, "In a training", BasePresence::Busy),
            custom(3, "At the doctor", BasePresence::Away),
        ];
        let expected = [
            "Available",
            "Busy",
            "In a training",
            "Do not disturb",
            "Away",
            "At lunch",
            "At the doctor",
            "Offline",
        ];
        assert_eq!(names(&choices(&made_up)), expected);
    }

    #[test]
    fn every_choice_has_a_key_of_its_own() {
        let all = choices(&[custom(1, "Away", BasePresence::Away), custom(2, "Away", BasePresence::Away)]);
        let mut keys: Vec<_> = all.iter().map(Choice::key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all.len());
    }

    #[test]
    fn a_letter_goes_through_the_names_that_begin_with_it() {
        let all = choices(&[custom(1, "Ärztin", BasePresence::Away)]);
        assert_eq!(by_letter(&all, "a", 0), Some(3));
        assert_eq!(by_letter(&all, "A", 3), Some(0));
        assert_eq!(by_letter(&all, "ä", 0), Some(4));
        assert_eq!(by_letter(&all, "x", 0), None);
        assert_eq!(by_letter(&all, "Tab", 0), None);
    }
}
