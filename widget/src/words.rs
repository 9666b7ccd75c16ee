//! Every word that the widget says. One table per language; a further one is a further table.

use alloc::string::String;
use alloc::vec::Vec;

use shared::form::AnswerError;
use shared::protocol::ErrorCode;

/// The words of one language. `#` stands for a name or a number.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) minimise: &'static str,
    pub(crate) end: &'static str,
    pub(crate) end_question: &'static str,
    pub(crate) end_explained: &'static str,
    pub(crate) end_confirm: &'static str,
    pub(crate) end_cancel: &'static str,

    pub(crate) optional: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) start: &'static str,
    pub(crate) starting: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) check_fields: &'static str,

    pub(crate) conversation: &'static str,
    pub(crate) write: &'static str,
    pub(crate) send: &'static str,
    pub(crate) earlier: &'static str,
    pub(crate) you: &'static str,
    pub(crate) somebody: &'static str,
    pub(crate) sending: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) delivered: &'static str,
    pub(crate) read: &'static str,
    pub(crate) retry: &'static str,
    pub(crate) discard: &'static str,
    pub(crate) left_over: &'static str,
    pub(crate) too_long: &'static str,
    pub(crate) typing: &'static str,

    pub(crate) waiting: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) next: &'static str,
    pub(crate) one_ahead: &'static str,
    pub(crate) ahead: &'static str,
    pub(crate) a_minute: &'static str,
    pub(crate) minutes: &'static str,
    pub(crate) an_hour: &'static str,
    pub(crate) connecting: &'static str,
    pub(crate) reconnecting: &'static str,

    pub(crate) started: &'static str,
    pub(crate) joined: &'static str,
    pub(crate) left: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) edited: &'static str,
    pub(crate) removed: &'static str,
    pub(crate) ended_by_customer: &'static str,
    pub(crate) ended_by_representative: &'static str,
    pub(crate) ended_by_absence: &'static str,
    pub(crate) again: &'static str,

    pub(crate) trouble: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) unknown_widget: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) wrong: &'static str,
}

/// English.
pub(crate) static WORDS: Words = Words {
    minimise: "Minimise",
    end: "End chat",
    end_question: "End this conversation?",
    end_explained: "Nobody can write in it any more. You can start a new one at any time.",
    end_confirm: "End it",
    end_cancel: "Go on",
    optional: "optional",
    choose: "Choose one",
    policy: "Read more",
    start: "Start chat",
    starting: "Starting…",
    expired: "Your earlier conversation is no longer available here. Start a new one to go on.",
    check_fields: "Please check what is marked above.",
    conversation: "Conversation",
    write: "Write a message",
    send: "Send",
    earlier: "Show earlier messages",
    you: "You",
    somebody: "Somebody",
    sending: "Sending…",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    retry: "Try again",
    discard: "Discard",
    left_over: "# characters left",
    too_long: "# characters too many",
    typing: "# is typing",
    waiting: "We are connecting you with somebody. You can write already.",
    nobody: "Nobody is available right now. You keep your place, and somebody will answer as soon as they can.",
    next: "You are next.",
    one_ahead: "One person is ahead of you.",
    ahead: "# people are ahead of you.",
    a_minute: " The wait is about a minute.",
    minutes: " The wait is about # minutes.",
    an_hour: " The wait is more than an hour.",
    connecting: "Connecting…",
    reconnecting: "The connection is lost. Trying again… What you write is kept and sent.",
    started: "Conversation started",
    joined: "# joined",
    left: "# left. We are finding somebody else.",
    lost: "# lost the connection. If it stays lost, somebody else goes on.",
    edited: "edited",
    removed: "Message removed",
    ended_by_customer: "You ended the conversation.",
    ended_by_representative: "The conversation has ended.",
    ended_by_absence: "The conversation ended because nobody was here any more.",
    again: "Start a new conversation",
    trouble: "The chat is not available",
    offline: "We cannot be reached right now. Check your connection and try again.",
    unknown_widget: "This chat is not set up for this page. Please tell the owner of the site.",
    busy: "Too much is going on right now. Wait a moment and try again.",
    wrong: "Something went wrong on our side. Please try again.",
};

/// The words with this in the place of `#`.
pub(crate) fn fill(words: &str, name: &str) -> String {
    let mut filled = String::new();
    for c in words.chars() {
        if c == '#' {
            filled.push_str(name);
        } else {
            filled.push(c);
        }
    }
    filled
}

/// `parts` one after the other. The standard library's `concat` is quicker, and weighs as much as a view.
pub(crate) fn concat(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// Adds a line to a text of lines.
pub(crate) fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// A number in digits, without the formatting machinery.
pub(crate) fn digits(mut number: usize) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(u8::try_from(number % 10).unwrap_or_default());
        number /= 10;
        if number == 0 {
            return digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect();
        }
    }
}

/// Why something was refused, in words for a visitor.
pub(crate) fn refusal(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::UnknownWidget | ErrorCode::OriginNotAllowed => WORDS.unknown_widget,
        ErrorCode::TooManyRequests | ErrorCode::Overloaded => WORDS.busy,
        ErrorCode::AnswersRefused => WORDS.check_fields,
        ErrorCode::ConversationEnded => WORDS.ended_by_representative,
        ErrorCode::MessageTooLong => "It is longer than 4,000 characters.",
        ErrorCode::MessageEmpty => "It is empty.",
        _ => WORDS.wrong,
    }
}

/// What is wrong with an answer, in words for a visitor.
pub(crate) fn answer_error(error: AnswerError) -> &'static str {
    match error {
        AnswerError::Required => "Please fill this in.",
        AnswerError::TooLong => "Please use no more than 4,000 characters.",
        AnswerError::NotAChoice => "Please choose one of the answers.",
        AnswerError::Unexpected => "This is no longer asked. Please load the page again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_takes_its_place_and_needs_none() {
        assert_eq!(fill("# is typing", "Ana"), "Ana is typing");
        assert_eq!(fill("Somebody is typing", "Ana"), "Somebody is typing");
    }

    #[test]
    fn numbers_are_written_in_digits() {
        assert_eq!([0, 7, 10, 4_000].map(digits), ["0", "7", "10", "4000"]);
    }
}
