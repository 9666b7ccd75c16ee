//! Regular expressions cannot blow up.

use super::pattern::Pattern;
use super::*;

/// Patterns that take a backtracking matcher time exponential in the length of the text.
const BAD: [&str; 6] =
    ["(a*)*b", "(a|a)*b", "(a+a+)+b", "(.*)*(.*)*(.*)*b", "^(([a-z])+.)+[0-9]$", "(a?){25}a{25}b"];

#[test]
fn a_bad_pattern_ends_on_a_long_text() {
    // A backtracking matcher would take 2 to the power of 4,000 steps: that this ends at all is the proof. What it takes is
    // at most one step for each state at each character.
    let long = "a".repeat(crate::limit::ANSWER_CHARS_MAX);
    for source in BAD {
        let pattern = Pattern::new(source).unwrap();
        assert!(pattern.states() < 1_000, "{source} has {} states", pattern.states());
        assert!(!pattern.is_match(&long), "{source}");
        assert!(pattern.is_match(&[&long, "b1"].concat()) || source == "^(([a-z])+.)+[0-9]$");
    }
}

#[test]
fn a_compiled_pattern_has_few_states() {
    // The largest repetitions that are still let through bound the states, and with the length of a text all work.
    let most = |atom: &str| {
        let patterns = (1..=1_000).map_while(|times| Pattern::new(&alloc::format!("{atom}{{{times}}}")).ok());
        patterns.last().map_or(0, |pattern| pattern.states())
    };
    for atom in ["a", "[a-z]", "(a|b)", "é", "\\d"] {
        let states = most(atom);
        assert!((50..=STATES_MAX).contains(&states), "{atom}: {states}");
    }
}

/// No pattern has more states; each takes 32 bytes or more on a 64-bit machine.
const STATES_MAX: usize = PATTERN_BYTES_MAX / 16;

#[test]
fn a_text_is_found_in_linear_time() {
    // A plain search would compare two thousand letters at each of two thousand places.
    let hay = "a".repeat(4_000);
    let needle = ["a".repeat(2_000), "b".into()].concat();
    let facts = Table::default().with("context.hay", text(&hay)).with("context.needle", text(&needle));
    let search = r#"{"field": "context.hay", "contains": {"field": "context.needle"}}"#;
    assert!(!holds(search, &facts));
    assert!(holds(search, &facts.with("context.hay", text(&[&hay, "b"].concat()))));
}
