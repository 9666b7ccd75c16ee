//! The words of the console: how states, times and reasons are said. One place, so that they are said alike everywhere.

use shared::form::CONSENT_GIVEN;
use shared::protocol::desk::{OfferGoneReason, PresenceView, WorkState};
use shared::protocol::live::{EndedBy, Standing};
use shared::settings::Presence;
use shared::time::Span;

/// The name of the product.
pub(crate) const PRODUCT: &str = "Throughline";

/// The presences that can be chosen, in the order in which they are offered.
pub(crate) const PRESENCES: [Presence; 5] =
    [Presence::Available, Presence::Busy, Presence::DoNotDisturb, Presence::Away, Presence::Offline];

/// The name of a presence.
pub(crate) const fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Available => "Available",
        Presence::Busy => "Busy",
        Presence::DoNotDisturb => "Do not disturb",
        Presence::Away => "Away",
        Presence::Offline => "Offline",
        Presence::Inactive => "Inactive",
        Presence::Custom(_) => "Other",
    }
}

/// The name of the presence that somebody has, which the organisation may have made up.
pub(crate) fn held_presence(held: &PresenceView) -> String {
    held.text.clone().unwrap_or_else(|| presence(held.presence).to_owned())
}

/// The class that gives a presence its mark.
pub(crate) const fn presence_class(presence: Presence) -> &'static str {
    match presence {
        Presence::Available => "available",
        Presence::Busy => "busy",
        Presence::DoNotDisturb => "do-not-disturb",
        Presence::Away => "away",
        Presence::Offline => "offline",
        Presence::Inactive | Presence::Custom(_) => "inactive",
    }
}

/// The name of a work item's state.
pub(crate) const fn work_state(state: WorkState) -> &'static str {
    match state {
        WorkState::Open => "Waiting",
        WorkState::AwaitingAcceptance => "Being offered",
        WorkState::Active => "Active",
        WorkState::WrapUp => "Wrap-up",
        WorkState::Closed => "Closed",
        WorkState::Waiting => "Waiting for the customer",
    }
}

/// The class that gives a state its mark.
pub(crate) const fn work_state_class(state: WorkState) -> &'static str {
    match state {
        WorkState::Open => "open",
        WorkState::AwaitingAcceptance => "offered",
        WorkState::Active => "active",
        WorkState::WrapUp => "wrap-up",
        WorkState::Closed => "closed",
        WorkState::Waiting => "waiting",
    }
}

/// The name under which a customer is shown.
pub(crate) fn customer(name: Option<&str>) -> &str {
    name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or("Visitor")
}

/// How a conversation stands, in a few words.
pub(crate) fn standing(standing: &Standing) -> &'static str {
    match standing {
        Standing::Waiting { .. } => "Waiting for a representative",
        Standing::InConversation { .. } => "In conversation",
        Standing::Ended { by } => ended_by(*by),
    }
}

/// Who ended a conversation.
pub(crate) const fn ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Customer => "Ended by the customer",
        EndedBy::Representative => "Ended by the representative",
        EndedBy::System => "Ended: the customer did not come back",
    }
}

/// Why an offer is gone, and what that means for the one who reads it.
pub(crate) const fn offer_gone(reason: OfferGoneReason) -> &'static str {
    match reason {
        OfferGoneReason::Accepted => "You accepted it.",
        OfferGoneReason::Rejected => "You declined it.",
        OfferGoneReason::TimedOut => "The time to answer ran out. It is offered again to whoever is free.",
        OfferGoneReason::Withdrawn => "It is no longer offered: somebody else took it, or the customer left.",
    }
}

/// An answer to the pre-chat form as a person reads it.
pub(crate) fn answer(value: &str) -> &str {
    match value {
        CONSENT_GIVEN => "Yes",
        "" => "No answer",
        _ => value,
    }
}

/// A length of time in words as short as a list needs: `now`, `5 min`, `2 h 5 min`, `3 d`.
pub(crate) fn length(span: Span) -> String {
    let minutes = span.as_millis() / 60_000;
    match (minutes / 1_440, minutes / 60, minutes % 60) {
        (0, 0, 0) => "under 1 min".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, ..) => format!("{days} d"),
    }
}

/// A length of time as a clock shows it: `0:42`, `12:05`, `1:02:03`. Seconds are cut off.
pub(crate) fn clock(span: Span) -> String {
    let seconds = span.as_millis() / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// What is left until a deadline, in whole seconds rounded up, so that the last second is a second.
pub(crate) fn countdown(left: Span) -> String {
    clock(Span::from_secs(left.as_millis().div_ceil(1_000)))
}

/// A number on a badge: `10+` above ten (reference section 23).
pub(crate) fn badge(count: u32) -> String {
    if count > 10 { "10+".to_owned() } else { count.to_string() }
}

/// `1 unread message`, `3 unread messages`.
pub(crate) fn unread(count: u32) -> String {
    if count == 1 { "1 unread message".to_owned() } else { format!("{count} unread messages") }
}

/// Up to two letters that stand for a person.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_and_never_wrong_by_more_than_their_unit() {
        let cases = [(0, "under 1 min"), (59, "under 1 min"), (60, "1 min"), (3_599, "59 min")];
        for (seconds, words) in cases {
            assert_eq!(length(Span::from_secs(seconds)), words);
        }
        assert_eq!(length(Span::from_secs(3_600)), "1 h");
        assert_eq!(length(Span::from_secs(7_500)), "2 h 5 min");
        assert_eq!(length(Span::from_secs(3 * 86_400 + 5)), "3 d");
    }

    #[test]
    fn a_countdown_ends_with_a_second_that_lasts() {
        assert_eq!(countdown(Span::from_millis(30_000)), "0:30");
        assert_eq!(countdown(Span::from_millis(1)), "0:01");
        assert_eq!(countdown(Span::ZERO), "0:00");
        assert_eq!(clock(Span::from_millis(59_999)), "0:59");
        assert_eq!(clock(Span::from_secs(3_723)), "1:02:03");
    }

    #[test]
    fn a_visitor_without_a_name_is_a_visitor() {
        assert_eq!(customer(None), "Visitor");
        assert_eq!(customer(Some("  ")), "Visitor");
        assert_eq!(customer(Some("Ada Byron")), "Ada Byron");
    }

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        assert_eq!(initials("ada augusta byron"), "AB");
        assert_eq!(initials("Ada"), "A");
        assert_eq!(initials("  "), "");
    }

    #[test]
    fn a_badge_stops_counting_at_ten() {
        assert_eq!(badge(10), "10");
        assert_eq!(badge(11), "10+");
    }
}
