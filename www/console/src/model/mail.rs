//! What parts of the system could not tell each other, as administrators see it: fetched again and again while it is in
//! front, and said in their words instead of the names of objects.

use shared::file::size_in_words;
use shared::protocol::Problem;
use shared::protocol::mail::{HeldUp, Mail};
use shared::time::Timestamp;

use super::fetching::Fetching;

/// The mail, as the gateway last said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Undelivered {
    mail: Option<Mail>,
    /// Why the last question was not answered, if it was not.
    pub(crate) failed: Option<String>,
    /// When it was last answered, by the wall clock.
    pub(crate) at: Timestamp,
    fetching: Fetching,
}

/// Which letter: the object that has it, and its number there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LetterKey {
    /// The object, as the gateway calls it.
    pub(crate) object: String,
    /// Its number there.
    pub(crate) number: u64,
}

/// Something that was told and could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Which.
    pub(crate) key: LetterKey,
    /// When it came.
    pub(crate) at: Timestamp,
    /// Who told it.
    pub(crate) from: String,
    /// Whom.
    pub(crate) to: String,
    /// Why it could not be carried out, and how large it is.
    pub(crate) why: String,
}

/// What waits for a part that does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Who waits.
    pub(crate) from: String,
    /// For whom.
    pub(crate) to: String,
    /// How much, and how often it was tried.
    pub(crate) how: String,
    /// When it is tried again; none while it is being tried.
    pub(crate) next_try: Option<Timestamp>,
}

impl Undelivered {
    /// A question is to be asked. False if one is under way; then it is asked again after it.
    pub(crate) fn begin(&mut self) -> bool {
        self.fetching.begin()
    }

    /// Takes the answer. Says whether to ask again.
    pub(crate) fn take(&mut self, now: Timestamp, mail: Result<Mail, Problem>) -> bool {
        match mail {
            Ok(mail) => {
                self.mail = Some(mail);
                self.failed = None;
                self.at = now;
            }
            Err(problem) => self.failed = Some(problem.message),
        }
        self.fetching.end()
    }

    /// Whether the gateway has answered.
    pub(crate) fn is_there(&self) -> bool {
        self.mail.is_some()
    }

    /// How many letters and how many parts that do not answer there are.
    pub(crate) fn count(&self) -> usize {
        self.mail.iter().flat_map(|mail| &mail.objects).map(|one| one.dead.len() + one.held_up.len()).sum()
    }

    /// The letters, the newest first.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        let mut letters = Vec::new();
        for mail in self.mail.iter().flat_map(|mail| &mail.objects) {
            letters.extend(mail.dead.iter().map(|letter| Letter {
                key: LetterKey { object: mail.object.clone(), number: letter.number },
                at: letter.at,
                from: part(&letter.from),
                to: part(&mail.object),
                why: format!(
                    "{} ({})",
                    letter.reason,
                    size_in_words(u32::try_from(letter.bytes).unwrap_or(u32::MAX))
                ),
            }));
        }
        letters.sort_by(|one, other| other.at.cmp(&one.at).then_with(|| one.key.cmp(&other.key)));
        letters
    }

    /// What waits for parts that do not answer.
    pub(crate) fn held_up(&self) -> Vec<Held> {
        let objects = self.mail.iter().flat_map(|mail| &mail.objects);
        let held = objects.flat_map(|mail| mail.held_up.iter().map(|held| (part(&mail.object), held)));
        held.map(|(from, held)| Held {
            from,
            to: part(&held.to),
            how: how_held(held),
            next_try: held.next_try,
        })
        .collect()
    }
}

/// How a part of the system is called, whatever the organisation is in whose name it stands.
pub(crate) fn part(object: &str) -> String {
    let mut names = object.rsplit('/');
    match (names.next(), names.next()) {
        (Some("settings"), _) => "Settings".to_owned(),
        (Some("router"), _) => "Routing".to_owned(),
        (Some("records"), _) => "Records".to_owned(),
        (Some(shard), Some("conversations")) => format!("Conversations, part {shard}"),
        _ => object.to_owned(),
    }
}

fn how_held(held: &HeldUp) -> String {
    let waiting =
        if held.waiting == 1 { "1 thing waits".to_owned() } else { format!("{} things wait", held.waiting) };
    let tried = match held.failures {
        0 => "It is on its way for the first time.".to_owned(),
        1 => "It was tried once in vain.".to_owned(),
        times => format!("It was tried {times} times in a row."),
    };
    format!("{waiting}. {tried}")
}

#[cfg(test)]
mod tests {
    use shared::protocol::ErrorCode;
    use shared::protocol::mail::{DeadLetter, ObjectMail};

    use super::*;

    fn letter(number: u64, at: u64) -> DeadLetter {
        DeadLetter {
            number,
            at: Timestamp::from_millis(at),
            from: "demo/settings".to_owned(),
            reason: "It cannot be read.".to_owned(),
            bytes: 1_500,
        }
    }

    fn filled() -> Undelivered {
        let held = HeldUp { to: "demo/router".to_owned(), waiting: 3, failures: 5, next_try: None };
        let objects = vec![
            ObjectMail {
                object: "router".to_owned(),
                dead: vec![letter(2, 20), letter(1, 10)],
                held_up: vec![],
            },
            ObjectMail {
                object: "conversations/0".to_owned(),
                dead: vec![letter(1, 30)],
                held_up: vec![held],
            },
        ];
        let mut undelivered = Undelivered::default();
        assert!(undelivered.begin());
        assert!(!undelivered.take(Timestamp::from_millis(100), Ok(Mail { objects })));
        undelivered
    }

    #[test]
    fn letters_of_all_objects_stand_in_one_list_the_newest_first() {
        let letters = filled().letters();
        let told: Vec<_> = letters.iter().map(|one| (one.to.as_str(), one.key.number)).collect();
        assert_eq!(told, [("Conversations, part 0", 1), ("Routing", 2), ("Routing", 1)]);
        assert_eq!(letters[0].from, "Settings");
        assert_eq!(letters[0].why, "It cannot be read. (1.5 KB)");
        assert_eq!(filled().count(), 4);
    }

    #[test]
    fn what_is_held_up_says_how_much_and_how_often_it_was_tried() {
        let held = filled().held_up();
        assert_eq!((held[0].from.as_str(), held[0].to.as_str()), ("Conversations, part 0", "Routing"));
        assert_eq!(held[0].how, "3 things wait. It was tried 5 times in a row.");
    }

    #[test]
    fn what_was_there_stays_in_sight_when_a_question_is_not_answered() {
        let mut undelivered = filled();
        assert!(undelivered.begin());
        assert!(!undelivered.begin());
        let problem = Problem::from(ErrorCode::Overloaded);
        assert!(undelivered.take(Timestamp::from_millis(200), Err(problem.clone())), "it is asked again");
        assert_eq!(undelivered.failed, Some(problem.message));
        assert_eq!(undelivered.letters().len(), 3);
    }

    #[test]
    fn parts_are_called_by_words_and_unknown_ones_by_their_names() {
        assert_eq!(part("acme/conversations/17"), "Conversations, part 17");
        assert_eq!(part("records"), "Records");
        assert_eq!(part("acme/other"), "acme/other");
    }
}
