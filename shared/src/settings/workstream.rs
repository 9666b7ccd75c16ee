//! How kinds of work are handled.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{Channel, FileRules, Presence, Route, Ruleset, SessionRules, SkillMatching, Units, Variable};
use crate::id::{CapacityProfileId, QueueId, WorkstreamId};
use crate::text::Line;
use crate::time::Span;

/// How one kind of work is handled (reference section 13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workstream {
    /// Which.
    pub id: WorkstreamId,
    /// Its name.
    pub name: Line,
    /// Representatives with one of these presences are offered work.
    pub allowed_presences: Vec<Presence>,
    /// What one item costs.
    pub cost: Units,
    /// Rules that are tried in order; the first that matches and whose queue does not overflow counts.
    pub routes: Vec<Route>,
    /// The queue when no rule matches. Work enters it in any case.
    pub fallback: QueueId,
    /// How long an offer waits for an answer.
    pub offer_timeout: Span,
    /// How often one item is offered to one representative who declines it or does not answer, 1 to 5.
    pub offers_per_representative: u8,
    /// What wrap-up does to capacity.
    pub wrap_up: WrapUp,
    /// How required skills decide who can have an item, where classification does not say.
    #[serde(default)]
    pub skill_matching: SkillMatching,
    /// Whether an item whose customer prefers certain representatives waits for them while none of them is there. If not,
    /// it goes to the next best.
    #[serde(default)]
    pub waits_for_preferred: bool,
    /// Whether an item that comes back is offered first to whoever had it.
    #[serde(default)]
    pub keeps_representative: bool,
    /// The capacity profile that one item takes a place of. Work is counted in units or in profiles: then the cost is 0.
    #[serde(default)]
    pub profile: Option<CapacityProfileId>,
    /// How its sessions run.
    #[serde(default)]
    pub sessions: SessionRules,
    /// Whether conversations that wait are told where they stand and how long it may take.
    #[serde(default)]
    pub tells_position: bool,
    /// By which kind of channel its work comes.
    #[serde(default)]
    pub channel: Channel,
    /// The context variables that are not plain text.
    #[serde(default)]
    pub variables: Vec<Variable>,
    /// What is found out about an item before it is sent to a queue: rulesets in order, of each the first rule that matches.
    #[serde(default)]
    pub classification: Vec<Ruleset>,
    /// Which files its conversations take at most, whatever their widgets say; none if that is for the widgets to say.
    #[serde(default)]
    pub files: Option<FileRules>,
}

impl Workstream {
    /// A workstream in which everything that can be left out is as usual, and everything goes to one queue.
    pub fn new(id: WorkstreamId, name: Line, cost: Units, fallback: QueueId) -> Self {
        Self {
            id,
            name,
            allowed_presences: alloc::vec![Presence::Available, Presence::Busy],
            cost,
            routes: Vec::new(),
            fallback,
            offer_timeout: Span::from_secs(60),
            offers_per_representative: 3,
            wrap_up: WrapUp::AlwaysBlocks,
            skill_matching: SkillMatching::Exact,
            waits_for_preferred: false,
            keeps_representative: false,
            profile: None,
            sessions: SessionRules::default(),
            tells_position: false,
            channel: Channel::Chat,
            variables: Vec::new(),
            classification: Vec::new(),
            files: None,
        }
    }
}

/// What an item in wrap-up does to its representative's capacity (reference section 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrapUp {
    /// It holds capacity until it is closed.
    AlwaysBlocks,
    /// It holds capacity for this long.
    BlocksFor(Span),
    /// It holds none.
    NeverBlocks,
}
