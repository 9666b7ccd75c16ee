//! Regular expressions whose cost is bounded.
//!
//! The engine is regex-automata's simulation of a non-deterministic automaton: one pass over the text, at most every
//! state at each character, whatever the pattern. So work is at most states times characters, and both are limited: states
//! here, when a condition is saved, and characters where texts come in. It needs no operating system, knows Unicode, and
//! costs the gateway's wasm about 180 KB compressed; the smaller regex-lite needs `std` and folds only ASCII letters.
//!
//! A pattern looks for a match anywhere in the text; `^` and `$` pin it. Case is ignored, as in every comparison of
//! texts; `(?-i)` in the pattern turns that off.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use core::fmt;
use regex_automata::nfa::thompson::pikevm::{Cache, PikeVM};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;

use crate::text::longer_than;

/// Characters of a pattern. Nobody can read a longer one.
pub const PATTERN_CHARS_MAX: usize = 500;

/// Bytes of a compiled pattern. `\w`, in all the world's scripts, takes about 10,000; a word list of 500 characters as
/// much. What is larger repeats something large many times.
pub const PATTERN_BYTES_MAX: usize = 128 * 1024;

/// Groups within groups.
const NESTING_MAX: u32 = 20;

type CachePool =
    Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync + core::panic::UnwindSafe + core::panic::RefUnwindSafe>>;

/// A compiled pattern. Its copies share what was compiled.
#[derive(Clone)]
pub(super) struct Pattern {
    source: Arc<str>,
    regex: PikeVM,
    /// Scratch space of a search, kept from one to the next.
    caches: Arc<CachePool>,
}

impl Pattern {
    /// Compiles a pattern, or says what is wrong with it.
    pub(super) fn new(source: &str) -> Result<Self, Cow<'static, str>> {
        if source.is_empty() {
            return Err("An empty pattern matches every text. Use is_set.".into());
        }
        if longer_than(source, PATTERN_CHARS_MAX) {
            return Err(
                "A pattern has at most 500 characters. Write a shorter one, or several conditions.".into()
            );
        }
        let rules = syntax::Config::new().case_insensitive(true).nest_limit(NESTING_MAX);
        let tree = syntax::parse_with(source, &rules).map_err(|error| explain(&format!("{error}")))?;
        let limits = thompson::Config::new()
            .nfa_size_limit(Some(PATTERN_BYTES_MAX))
            .which_captures(WhichCaptures::None);
        let states = thompson::Compiler::new().configure(limits).build_from_hir(&tree);
        let regex = states.and_then(PikeVM::new_from_nfa).map_err(|_| TOO_LARGE)?;
        let model = regex.clone();
        let caches = Arc::new(Pool::new(Box::new(move || model.create_cache()) as Box<_>));
        Ok(Self { source: source.into(), regex, caches })
    }

    /// Whether the pattern matches somewhere in the text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(&mut self.caches.get(), text)
    }

    /// How many states the automaton has: each character of a text costs at most this many steps.
    #[cfg(test)]
    pub(super) fn states(&self) -> usize {
        self.regex.get_nfa().states().len()
    }
}

const TOO_LARGE: &str = "The pattern repeats too much and would be slow. Use smaller repetitions.";

/// The parser draws the pattern with a caret under the fault; its last line says what the fault is.
fn explain(drawing: &str) -> Cow<'static, str> {
    let reason = drawing.lines().last().unwrap_or_default();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    format!("This is not a regular expression: {reason}. Correct it.").into()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.source)
    }
}
