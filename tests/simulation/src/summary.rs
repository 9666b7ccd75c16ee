//! What came of one seed and of many, as people and programs read it.

use std::fmt;
use std::time::Duration;

use crate::world::Counts;

/// A run in which a rule was broken.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Broken {
    /// The seed, to run it again.
    pub seed: u64,
    /// Which rule, and how.
    pub rule: String,
    /// Everything that happened until then.
    #[serde(skip)]
    pub trace: String,
}

/// What came of many seeds.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Summary {
    /// Seeds in which every rule held.
    pub held: u64,
    /// The runs in which a rule was broken.
    pub broken: Vec<Broken>,
    /// How long all of it took, in milliseconds of real time; zero if nobody looked at a clock.
    pub real_ms: u64,
    /// What came to pass in those that held.
    pub counts: Counts,
}

impl Summary {
    /// Takes in a seed in which every rule held.
    pub fn add(&mut self, counts: &Counts) {
        self.held += 1;
        self.counts.add(counts);
    }

    /// Takes in what came of other seeds.
    pub fn absorb(&mut self, other: Self) {
        self.held += other.held;
        self.broken.extend(other.broken);
        self.real_ms += other.real_ms;
        self.counts.add(&other.counts);
    }

    /// Says how long all of it took.
    pub fn took(&mut self, time: Duration) {
        self.real_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    }

    fn seeds(&self) -> u64 {
        self.held + self.broken.len() as u64
    }
}

impl Broken {
    /// The end of what happened, so many lines of it.
    pub fn tail(&self, lines: usize) -> String {
        let all: Vec<_> = self.trace.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// What is worth keeping when it was reported.
    pub fn without_trace(self) -> Self {
        Self { trace: String::new(), ..self }
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
            expired,
            virtual_ms,
        } = self.counts;
        let broken: Vec<_> = self.broken.iter().map(|broken| broken.seed).collect();
        writeln!(f, "{} seeds held, {} broke a rule: {broken:?}", self.held, broken.len())?;
        if let Some(each) = (self.real_ms * 1_000).checked_div(self.seeds())
            && each > 0
        {
            let (whole, part) = (each / 1_000, each % 1_000 / 100);
            writeln!(
                f,
                "{}.{} s in all, {whole}.{part} ms for a seed",
                self.real_ms / 1_000,
                self.real_ms % 1_000 / 100
            )?;
        }
        writeln!(f, "{steps} steps in {} hours of virtual time", virtual_ms / 3_600_000)?;
        writeln!(
            f,
            "{written} messages: {stored} stored once, {failed} failed, {given_up} given up, 0 lost"
        )?;
        write!(f, "{conversations} conversations, {offers} offers, {taken} taken, {sockets} sockets, ")?;
        write!(f, "{deaths} deaths, {lost_turns} lost turns, {expired} sessions run out")
    }
}
