//! The words of the console: how states, times and reasons are said. One place, so that they are said alike everywhere.

use shared::form::CONSENT_GIVEN;
use shared::protocol::desk::{
    OfferGoneReason, OfferKind, OfferView, Part, PresenceView, Purpose, SkillFit, WorkState,
};
use shared::protocol::live::{EndedBy, Standing};
use shared::settings::{BasePresence, Presence};
use shared::time::Span;

/// The name of the product.
pub(crate) const PRODUCT: &str = "Throughline";

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

/// Why the system gave somebody the presence that they have.
pub(crate) const fn given_presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Inactive => "You did not answer an offer in time, so you get no new work.",
        _ => "You rejected an offer, so you are shown as Do not disturb.",
    }
}

/// The class that gives a presence its mark: that of what it stands for.
pub(crate) const fn base_class(base: BasePresence) -> &'static str {
    match base {
        BasePresence::Available => "available",
        BasePresence::Busy => "busy",
        BasePresence::DoNotDisturb => "do-not-disturb",
        BasePresence::Away => "away",
        BasePresence::Offline => "offline",
        BasePresence::Inactive => "inactive",
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
        WorkState::Waiting => "Set aside",
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

/// That the customer has lost the connection, and what becomes of it. `until` is a time of day.
pub(crate) fn customer_away(until: &str) -> String {
    format!("The customer is not connected. The conversation closes at {until} unless they return.")
}

/// What stands where a message was removed.
pub(crate) const REMOVED: &str = "Message removed";

/// How a conversation stands, in a few words.
pub(crate) fn standing(standing: &Standing, part: Option<Part>) -> &'static str {
    match standing {
        Standing::Waiting { .. } => "Waiting for a representative",
        Standing::InConversation { .. } => "In conversation",
        Standing::Ended { by } => ended_by(*by, part),
    }
}

/// Who ended a conversation, to somebody who takes part as this. Only the primary representative can end it for the staff.
pub(crate) const fn ended_by(by: EndedBy, part: Option<Part>) -> &'static str {
    match by {
        EndedBy::Customer => "Ended by the customer",
        EndedBy::Representative if matches!(part, Some(Part::Primary)) => "Ended by you",
        EndedBy::Representative => "Ended by the representative",
        EndedBy::System => "Closed by the system or a supervisor",
        EndedBy::Absence => "Ended: the customer lost the connection and did not come back",
    }
}

/// Why an offer is gone, and what that means for the one who reads it.
pub(crate) const fn offer_gone(kind: OfferKind, reason: OfferGoneReason) -> &'static str {
    match (reason, kind) {
        (OfferGoneReason::Accepted, _) => "You accepted it.",
        (OfferGoneReason::Rejected, _) => "You declined it.",
        (OfferGoneReason::TimedOut, OfferKind::Work | OfferKind::Assignment) => {
            "The time to answer ran out. It is offered again to whoever is free."
        }
        (OfferGoneReason::TimedOut, OfferKind::Transfer | OfferKind::Consult) => {
            "The time to answer ran out. Your colleague has been told."
        }
        (OfferGoneReason::Withdrawn, OfferKind::Work | OfferKind::Assignment) => {
            "It is no longer offered: somebody else took it, or the customer left."
        }
        (OfferGoneReason::Withdrawn, OfferKind::Transfer | OfferKind::Consult) => {
            "It is no longer asked: your colleague took it back, or the customer left."
        }
    }
}

/// What an offer asks, and who asks it.
pub(crate) fn offer_kind(offer: &OfferView) -> String {
    let by = offer.asked_by.as_deref();
    match (offer.kind, by) {
        (OfferKind::Work, _) => "New conversation".to_owned(),
        (OfferKind::Assignment, Some(name)) => format!("Assigned to you by {name}"),
        (OfferKind::Assignment, None) => "Assigned to you by a supervisor".to_owned(),
        (OfferKind::Transfer, Some(name)) => format!("Transfer: {name} asks you to take over"),
        (OfferKind::Transfer, None) => "Transfer: you are asked to take over".to_owned(),
        (OfferKind::Consult, Some(name)) => format!("Consult: {name} asks for your advice"),
        (OfferKind::Consult, None) => "Consult: you are asked for advice".to_owned(),
    }
}

/// What became of a transfer or consult that was asked for.
pub(crate) fn answered(
    asked: OfferKind,
    name: Option<&str>,
    answer: OfferGoneReason,
    customer: &str,
) -> String {
    let consult = asked == OfferKind::Consult;
    let Some(name) = name else {
        return format!(
            "Nobody was found to advise on {customer} in time. Ask somebody by name, or try again."
        );
    };
    match (answer, consult) {
        (OfferGoneReason::Accepted, true) => format!("{name} advises you on {customer} from now on."),
        (OfferGoneReason::Accepted, false) => {
            format!("{name} has taken over the conversation with {customer}.")
        }
        (OfferGoneReason::Rejected, true) => format!("{name} declined to advise on {customer}."),
        (OfferGoneReason::Rejected, false) => {
            format!("{name} declined the transfer of {customer}. The conversation stays where it is.")
        }
        (OfferGoneReason::TimedOut, true) => format!("{name} did not answer in time about {customer}."),
        (OfferGoneReason::TimedOut, false) => {
            format!(
                "{name} did not answer the transfer of {customer} in time. The conversation stays where it is."
            )
        }
        (OfferGoneReason::Withdrawn, true) => format!("{name} is no longer asked to advise on {customer}."),
        (OfferGoneReason::Withdrawn, false) => {
            format!("The transfer of {customer} to {name} was taken back.")
        }
    }
}

/// As what somebody takes part.
pub(crate) const fn part(part: Part) -> &'static str {
    match part {
        Part::Primary => "has the conversation",
        Part::PublicConsultant => "advises, in front of the customer",
        Part::PrivateConsultant => "advises, unseen by the customer",
        Part::Supervisor => "takes part as supervisor",
        Part::Monitor => "looks on",
    }
}

/// As what the reader takes part, where there is little room; nothing if it is theirs.
pub(crate) const fn my_part(part: Part) -> Option<&'static str> {
    match part {
        Part::Primary => None,
        Part::PublicConsultant | Part::PrivateConsultant => Some("Consulting"),
        Part::Supervisor => Some("Joined"),
        Part::Monitor => Some("Monitoring"),
    }
}

/// What the list of those who can be asked is for.
pub(crate) fn choose(purpose: Purpose, customer: &str) -> String {
    match purpose {
        Purpose::Consult => format!("Who should advise on {customer}?"),
        Purpose::Transfer | Purpose::Redirect => format!("Who should take over {customer}?"),
        Purpose::Assign => format!("Who should take {customer}?"),
    }
}

/// How somebody's skills fit, behind what else is said of them; nothing where none are asked for.
pub(crate) fn skill_fit(fit: SkillFit) -> String {
    match fit {
        SkillFit { asked: 0, .. } => String::new(),
        SkillFit { asked, held } if held >= asked => ", all skills".to_owned(),
        SkillFit { held: 0, .. } => ", none of the skills".to_owned(),
        SkillFit { asked, held } => format!(", {held} of {asked} skills"),
    }
}

/// What a choice from that list does.
pub(crate) const fn choice_does(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Consult => {
            "They are asked, and read along once they accept. The customer does not see them unless you add them to the chat."
        }
        Purpose::Transfer => {
            "Somebody is asked first, and you keep the conversation until they accept. A queue gets it at once."
        }
        Purpose::Redirect => {
            "Somebody is asked first; whoever has it keeps it until they accept, and stays to advise. A queue gets it at once."
        }
        Purpose::Assign => "Somebody is asked at once, whatever their capacity. A queue gets it at once.",
    }
}

/// What a choice from that list does with many conversations.
pub(crate) const fn choice_for_many_does(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Assign | Purpose::Consult => {
            "Somebody is asked at once about each of them, whatever their capacity. A queue gets them at once. Only what waits can be assigned."
        }
        Purpose::Redirect | Purpose::Transfer => {
            "Somebody is asked about each of them first. A queue gets them at once. Only what somebody has can be transferred."
        }
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

/// What somebody leaves behind who signs out now: conversations, and messages that are not sent.
pub(crate) fn before_leaving(in_hand: usize, unsent: usize) -> String {
    let conversations = match in_hand {
        0 => String::new(),
        1 => "You still have 1 conversation. ".to_owned(),
        count => format!("You still have {count} conversations. "),
    };
    let goes_back = if in_hand > 0 {
        "What you do not end first goes back to its queue if you are not back in time."
    } else {
        ""
    };
    let unsent = match unsent {
        0 => String::new(),
        1 => " 1 message is not sent yet and would be lost.".to_owned(),
        count => format!(" {count} messages are not sent yet and would be lost."),
    };
    format!("{conversations}{goes_back}{unsent}").trim_start().to_owned()
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

/// `1 needs somebody`, `3 need somebody`.
pub(crate) fn undelivered(count: u32) -> String {
    if count == 1 { "1 needs somebody".to_owned() } else { format!("{count} need somebody") }
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
    fn a_list_says_how_skills_fit_where_any_are_asked_for() {
        let said = [(0, 0), (3, 3), (3, 2), (3, 0)].map(|(asked, held)| skill_fit(SkillFit { asked, held }));
        assert_eq!(said, ["", ", all skills", ", 2 of 3 skills", ", none of the skills"]);
    }

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
    fn whoever_ended_a_conversation_reads_that_it_was_them() {
        let ended = |part| standing(&Standing::Ended { by: EndedBy::Representative }, part);
        assert_eq!(ended(Some(Part::Primary)), "Ended by you");
        assert_eq!(ended(Some(Part::Monitor)), "Ended by the representative");
        assert_eq!(ended(None), "Ended by the representative");
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
    fn whoever_signs_out_is_told_what_they_leave_behind() {
        assert_eq!(before_leaving(0, 2), "2 messages are not sent yet and would be lost.");
        let two = before_leaving(2, 0);
        assert!(two.starts_with("You still have 2 conversations. What you do not end first"), "{two}");
        assert!(before_leaving(1, 1).ends_with("in time. 1 message is not sent yet and would be lost."));
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
