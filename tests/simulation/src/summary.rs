//! What came of one seed and of many, as people and programs read it.

use std::fmt;

use crate::world::Counts;

/// A run in which a rule was broken.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The seed, to run it again.
    pub seed: u64,
    /// Which rule, and how.
    pub rule: String,
    /// Everything that happened until then.
    pub trace: String,
}

/// What came of many seeds.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Summary {
    /// Seeds in which every rule held.
    pub held: u64,
    /// Seeds in which a rule was broken.
    pub broken: Vec<u64>,
    /// What came to pass in those that held.
    pub counts: Counts,
}

impl Summary {
    /// Takes in a seed in which every rule held.
    pub fn add(&mut self, counts: &Counts) {
        self.held += 1;
        self.counts.add(counts);
    }
}

impl Broken {
    /// The end of what happened, so many lines of it.
    pub fn tail(&self, lines: usize) -> String {
        let all: Vec<_> = self.trace.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, rule, .. } = self;
        write!(f, "seed {seed}: {rule}\nrun it again with --from {seed} --seeds 1 --trace")
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            steps,
            written,
            stored,
            failed,
            given_up,
            conversations,
            offers,
            taken,
            sockets,
            deaths,
            lost_turns,
            virtual_ms,
        } = self.counts;
        writeln!(f, "{} seeds held, {} broke a rule: {:?}", self.held, self.broken.len(), self.broken)?;
        writeln!(f, "{steps} steps in {} hours of virtual time", virtual_ms / 3_600_000)?;
        writeln!(
            f,
            "{written} messages: {stored} stored once, {failed} failed, {given_up} given up, 0 lost"
        )?;
        write!(f, "{conversations} conversations, {offers} offers, {taken} taken, {sockets} sockets, ")?;
        write!(f, "{deaths} deaths, {lost_turns} lost turns")
    }
}
