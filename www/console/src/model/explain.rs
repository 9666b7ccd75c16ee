//! An explanation in sentences: where a conversation is, how it came there, and who could take it.

use shared::protocol::desk::{Part, WorkState};
use shared::protocol::insight::{AttemptExplained, Explanation, Outcome, RuleExplained, RuleStatus, Verdict};
use shared::settings::OverflowAction;

use super::words;

/// The priority of work about which classification says nothing.
const PRIORITY_USUAL: u16 = 100;

/// Whether it is so, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It is so.
    Is,
    /// It would be so.
    Would,
}

/// Where it is, in one sentence.
pub(crate) fn place(explanation: &Explanation, mood: Mood) -> String {
    let queue = explanation.queue_name.as_deref().unwrap_or("no queue");
    let who = explanation.representative_name.as_deref();
    let is = if mood == Mood::Is { "is" } else { "would be" };
    match (explanation.state, who) {
        (WorkState::Open, Some(who)) => {
            format!("It {is} in the queue \u{201c}{queue}\u{201d}, and {who} could take it.")
        }
        (WorkState::Open, None) if mood == Mood::Is => {
            format!("It waits in the queue \u{201c}{queue}\u{201d}. Nobody can be offered it now.")
        }
        (WorkState::Open, None) => {
            format!("It would wait in the queue \u{201c}{queue}\u{201d}. Nobody could be offered it now.")
        }
        (WorkState::AwaitingAcceptance, who) => {
            let who = who.unwrap_or("somebody");
            format!("It {is} in the queue \u{201c}{queue}\u{201d} and {is} offered to {who}.")
        }
        (WorkState::Active, Some(who)) if mood == Mood::Is => {
            format!("{who} has it, from the queue \u{201c}{queue}\u{201d}.")
        }
        (WorkState::Active, Some(who)) => {
            format!("{who} would have it at once, from the queue \u{201c}{queue}\u{201d}.")
        }
        (WorkState::Waiting, Some(who)) => format!("{who} has set it aside until the customer writes again."),
        (WorkState::Closed, who) => {
            let why = explanation.why_closed.as_deref().map(|why| format!(" {why}")).unwrap_or_default();
            match who {
                Some(who) => format!("It is closed.{why} {who} had it last."),
                None => {
                    format!("It was closed in the queue \u{201c}{queue}\u{201d}, and nobody had it.{why}")
                }
            }
        }
        (WorkState::WrapUp, Some(who)) => format!("It has ended. {who} finishes the notes."),
        _ => format!("It {is} in the queue \u{201c}{queue}\u{201d}."),
    }
}

/// How it came there, step by step.
pub(crate) fn steps(explanation: &Explanation) -> Vec<String> {
    let mut steps: Vec<String> = explanation.classified.iter().map(classified).collect();
    if !explanation.skills.is_empty() {
        steps.push(format!("It asks for: {}.", explanation.skills.join(", ")));
    }
    if explanation.priority != PRIORITY_USUAL {
        steps.push(format!(
            "Its priority is {} (lower is served earlier; usual is {PRIORITY_USUAL}).",
            explanation.priority
        ));
    }
    let full =
        |route: &String| format!("The route \u{201c}{route}\u{201d} matched, but its queue overflows.");
    steps.extend(explanation.overflowing.iter().map(full));
    steps.push(explanation.sent_by.clone());
    steps
}

/// What became of a rule, in a sentence behind its name.
pub(crate) fn rule(explained: &RuleExplained) -> (String, String) {
    let name = match &explained.ruleset {
        Some(ruleset) => format!("{ruleset}: {}", explained.rule),
        None => format!("Route: {}", explained.rule),
    };
    let became = match explained.status {
        RuleStatus::NotProcessed => "Not looked at: one before it was applied.".to_owned(),
        RuleStatus::Processed => match &explained.why {
            Some(why) => format!("Did not match: {why}."),
            None => "Did not match.".to_owned(),
        },
        RuleStatus::Matched => "Matched, but its queue overflowed.".to_owned(),
        RuleStatus::Applied => "Applied.".to_owned(),
    };
    (name, became)
}

/// Who had it or was asked before, a sentence for each, with the name that it begins with.
pub(crate) fn attempts(explanation: &Explanation) -> Vec<(String, String)> {
    let said = |attempt: &AttemptExplained| {
        let lasted = words::clock(attempt.ended.since(attempt.accepted.unwrap_or(attempt.asked)));
        let as_what = match attempt.part {
            Part::Primary => "",
            Part::PublicConsultant | Part::PrivateConsultant => " to advise",
            Part::Supervisor | Part::Monitor => " to look on",
        };
        let said = match attempt.outcome {
            Outcome::Accepted if attempt.part == Part::Primary => {
                format!("had it for {lasted}. {}", attempt.why).trim_end().to_owned()
            }
            Outcome::Accepted => format!("was there{as_what} for {lasted}."),
            Outcome::Declined => format!("was asked{as_what} and declined after {lasted}."),
            Outcome::TimedOut => format!("was asked{as_what} and did not answer for {lasted}."),
            Outcome::Withdrawn => format!("was asked{as_what}, and it was taken back after {lasted}."),
            Outcome::TooManySessions => {
                "was not asked: as many sessions were open as a desk holds.".to_owned()
            }
        };
        (attempt.full_name.clone(), said)
    };
    explanation.attempts.iter().map(said).collect()
}

/// What is left out of the past, if anything is.
pub(crate) fn left_out(explanation: &Explanation) -> Option<String> {
    match explanation.attempts_forgotten {
        0 => None,
        1 => Some("One earlier attempt is not listed.".to_owned()),
        forgotten => Some(format!("{forgotten} earlier attempts are not listed.")),
    }
}

/// How many stand before it in the line, if it waits in one.
pub(crate) fn before(explanation: &Explanation) -> Option<String> {
    explanation.position.map(|position| match position {
        0 => "Nobody in the line would be offered before it.".to_owned(),
        1 => "One other in the line would be offered before it.".to_owned(),
        before => format!("{before} others in the line would be offered before it."),
    })
}

fn classified(step: &shared::protocol::insight::Classified) -> String {
    let ruleset = &step.ruleset;
    match &step.rule {
        Some(rule) => {
            format!("Of the ruleset \u{201c}{ruleset}\u{201d} the rule \u{201c}{rule}\u{201d} was applied.")
        }
        None => format!("No rule of the ruleset \u{201c}{ruleset}\u{201d} matched."),
    }
}

/// What is said of a conversation that would not be taken in; none if it would.
pub(crate) fn turned_away(verdict: &Verdict) -> Option<String> {
    let Verdict::TurnedAway { queue_name, action, .. } = verdict else { return None };
    let then = match action {
        OverflowAction::Voicemail => "The customer would leave a message.",
        OverflowAction::Callback => "The customer would be called back.",
        OverflowAction::ExternalNumber(_) => "The call would go to a number elsewhere.",
        OverflowAction::End | OverflowAction::AssignAnyway | OverflowAction::Transfer(_) => {
            "The conversation would end, and the customer would be told."
        }
    };
    Some(format!(
        "It would not be taken in: the queue \u{201c}{queue_name}\u{201d} has no room for it. {then}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::id::{QueueId, RepresentativeId};
    use shared::protocol::insight::Classified;
    use shared::time::{Span, Timestamp};

    fn explanation() -> Explanation {
        Explanation {
            state: WorkState::Open,
            classified: Vec::new(),
            skills: Vec::new(),
            priority: PRIORITY_USUAL,
            queue: Some(QueueId::from_u128(1)),
            queue_name: Some("Orders".into()),
            sent_by: "The route \u{201c}Orders\u{201d} sent it there.".into(),
            overflowing: Vec::new(),
            position: Some(2),
            representative: None,
            representative_name: None,
            people: Vec::new(),
            people_left_out: 0,
            attempts: Vec::new(),
            attempts_forgotten: 0,
            closed: None,
            why_closed: None,
            rules: Vec::new(),
        }
    }

    #[test]
    fn of_a_rule_that_did_not_match_it_is_said_what_was_compared() {
        let explained = RuleExplained {
            ruleset: Some("Worth".into()),
            rule: "Gold".into(),
            status: RuleStatus::Processed,
            why: Some("equals: contact.tier is not set".into()),
        };
        let told = ("Worth: Gold".into(), "Did not match: equals: contact.tier is not set.".into());
        assert_eq!(rule(&explained), told);
        let applied = RuleExplained { ruleset: None, status: RuleStatus::Applied, why: None, ..explained };
        assert_eq!(rule(&applied), ("Route: Gold".into(), "Applied.".into()));
    }

    #[test]
    fn everybody_who_was_asked_is_named_with_what_came_of_it() {
        let attempt = |seconds: u64, outcome| AttemptExplained {
            representative: RepresentativeId::from_u128(1),
            full_name: "Ada Fox".into(),
            part: Part::Primary,
            asked: Timestamp::from_millis(0),
            accepted: None,
            ended: Timestamp::from_millis(seconds * 1_000),
            outcome,
            why: "It was handed over to a colleague.".into(),
        };
        let consulted = AttemptExplained { part: Part::PrivateConsultant, ..attempt(60, Outcome::Withdrawn) };
        let attempts = vec![attempt(20, Outcome::Declined), attempt(120, Outcome::Accepted), consulted];
        let past = Explanation { attempts, attempts_forgotten: 2, ..explanation() };
        let said: Vec<_> = super::attempts(&past).into_iter().map(|(_, said)| said).collect();
        let length = |seconds| words::clock(Span::from_secs(seconds));
        assert_eq!(
            said,
            [
                format!("was asked and declined after {}.", length(20)),
                format!("had it for {}. It was handed over to a colleague.", length(120)),
                format!("was asked to advise, and it was taken back after {}.", length(60)),
            ]
        );
        assert_eq!(left_out(&past).as_deref(), Some("2 earlier attempts are not listed."));
        assert_eq!((super::attempts(&explanation()), left_out(&explanation())), (vec![], None));
        let closed = Explanation { state: WorkState::Closed, ..explanation() };
        assert_eq!(
            place(&closed, Mood::Is),
            "It was closed in the queue \u{201c}Orders\u{201d}, and nobody had it."
        );
    }

    #[test]
    fn what_waits_says_where_and_behind_how_many() {
        let waits = explanation();
        assert_eq!(place(&waits, Mood::Is), "It waits in the queue “Orders”. Nobody can be offered it now.");
        assert_eq!(before(&waits).as_deref(), Some("2 others in the line would be offered before it."));
        assert_eq!(steps(&waits), ["The route “Orders” sent it there."]);
    }

    #[test]
    fn every_rule_that_had_a_say_is_named() {
        let sorted = Explanation {
            classified: vec![
                Classified { ruleset: "Language".into(), rule: Some("French".into()) },
                Classified { ruleset: "Value".into(), rule: None },
            ],
            skills: vec!["French".into()],
            priority: 5,
            overflowing: vec!["Night".into()],
            position: None,
            ..explanation()
        };
        let expected = [
            "Of the ruleset “Language” the rule “French” was applied.",
            "No rule of the ruleset “Value” matched.",
            "It asks for: French.",
            "Its priority is 5 (lower is served earlier; usual is 100).",
            "The route “Night” matched, but its queue overflows.",
            "The route “Orders” sent it there.",
        ];
        assert_eq!(steps(&sorted), expected);
    }

    #[test]
    fn a_trial_says_what_would_be() {
        let offered = Explanation {
            state: WorkState::AwaitingAcceptance,
            representative_name: Some("Ana".into()),
            ..explanation()
        };
        let sentence = "It would be in the queue “Orders” and would be offered to Ana.";
        assert_eq!(place(&offered, Mood::Would), sentence);
        let queue = QueueId::from_u128(1);
        let away = Verdict::TurnedAway { queue, queue_name: "Orders".into(), action: OverflowAction::End };
        assert!(turned_away(&away).is_some_and(|sentence| sentence.contains("no room")));
        assert_eq!(turned_away(&Verdict::TakenIn(Box::new(offered))), None);
    }
}
