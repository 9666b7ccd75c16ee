//! What is true: settings, representatives and work. A snapshot is this and nothing else; every index is made from it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::iter;
use serde::{Deserialize, Serialize};

use super::eligibility::Given;
use super::representative::Representative;
use super::requirements::{Level, Requirements, Skills};
use super::work::WorkItem;
use crate::form::{Answer, answer_to};
use crate::id::{
    ConversationId, OfferId, QueueId, RatingModelId, RepresentativeId, SessionId, SkillId, WorkstreamId,
};
use crate::settings::{
    CapacityProfile, CustomPresence, DeskRules, Queue, RatedSkill, RatingModel, SettingsVersion, Skill,
    Workstream,
};

/// The state of the router.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Book {
    /// The version of the settings below.
    pub(super) version: SettingsVersion,
    /// Who handles work.
    pub(super) representatives: BTreeMap<RepresentativeId, Representative>,
    /// Where work waits.
    pub(super) queues: BTreeMap<QueueId, Queue>,
    /// How kinds of work are handled.
    pub(super) workstreams: BTreeMap<WorkstreamId, Workstream>,
    /// What representatives know and work can need.
    pub(super) skills: BTreeMap<SkillId, Skill>,
    /// How skills are rated.
    pub(super) rating_models: BTreeMap<RatingModelId, RatingModel>,
    /// Every conversation that is not closed.
    pub(super) items: BTreeMap<ConversationId, WorkItem>,
    /// The number of the latest offer.
    pub(super) last_offer: OfferId,
    /// The number of the latest session.
    pub(super) last_session: SessionId,
    /// The presences that the organisation made up.
    pub(super) presences: Vec<CustomPresence>,
    /// The capacity profiles.
    pub(super) profiles: Vec<CapacityProfile>,
    /// What holds for every desk.
    pub(super) desk: DeskRules,
}

impl Book {
    /// What is given while items change.
    pub(super) fn given(&self) -> Given<'_> {
        let Self { queues, workstreams, representatives, .. } = self;
        Given { queues, workstreams, representatives }
    }

    /// Rated skills on the scale on which all models are compared (reference section 17). Unknown skills are left out.
    pub(super) fn levels_of(&self, rated: &[RatedSkill]) -> Skills {
        let level = |rated: &RatedSkill| {
            let model = rated.model.or_else(|| Some(self.skills.get(&rated.skill)?.model))?;
            let levels = &self.rating_models.get(&model)?.levels;
            let (low, high) = (levels.first()?.value, levels.last()?.value);
            let (above, range) = (rated.rating.saturating_sub(low), high.saturating_sub(low));
            let scaled = u32::from(above) * u32::from(Level::TOP) / u32::from(range.max(1));
            Some((rated.skill, Level(u16::try_from(scaled).unwrap_or(Level::TOP).min(Level::TOP))))
        };
        let levels: BTreeMap<_, _> = rated.iter().filter_map(level).collect();
        levels.into_iter().collect()
    }

    /// Where work with these answers goes: the queue of the first rule that matches, else the fallback (reference
    /// section 14.3). Queues that do not exist are passed over; none means that there is no place for it yet.
    pub(super) fn route(&self, workstream: WorkstreamId, answers: &[Answer]) -> Option<QueueId> {
        let workstream = self.workstreams.get(&workstream)?;
        workstream
            .routes
            .iter()
            .filter(|route| answer_to(answers, route.question.as_str()).trim() == route.equals.as_str())
            .map(|route| route.queue)
            .chain(iter::once(workstream.fallback))
            .find(|queue| self.queues.contains_key(queue))
    }

    /// Puts an item where it belongs, on the terms that hold there.
    pub(super) fn place(&self, item: &mut WorkItem) {
        item.queue = self.place_of(item);
        item.placed = self.version;
        let Some(workstream) = self.workstreams.get(&item.workstream) else { return };
        let skills = self.levels_of(&item.skills);
        item.requires = Requirements { skills, matching: workstream.skill_matching };
        item.waits_for_preferred(workstream.waits_for_preferred);
    }

    /// Where a waiting item belongs: where it is if that still exists, else where the rules send it.
    pub(super) fn place_of(&self, item: &WorkItem) -> Option<QueueId> {
        item.queue
            .filter(|queue| {
                self.queues.contains_key(queue) && self.workstreams.contains_key(&item.workstream)
            })
            .or_else(|| self.route(item.workstream, &item.answers))
    }

    /// Whether this representative is a member of this queue.
    pub(super) fn is_member(&self, representative: RepresentativeId, queue: QueueId) -> bool {
        self.queues.get(&queue).is_some_and(|queue| queue.members.contains(&representative))
    }

    /// Whether a console of somebody can be open: of those who are not in the settings it is not known.
    pub(super) fn may_be_connected(&self, id: RepresentativeId) -> bool {
        self.representatives.get(&id).is_none_or(Representative::is_connected)
    }

    /// Whether a console of this representative is open.
    pub(super) fn is_connected(&self, representative: RepresentativeId) -> bool {
        self.representatives.get(&representative).is_some_and(Representative::is_connected)
    }
}
