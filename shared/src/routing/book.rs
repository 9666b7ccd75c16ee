//! What is true: settings, representatives and work. A snapshot is this and nothing else; every index is made from it.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::by_id::ById;
use super::eligibility::Given;
use super::flow::Flows;
use super::guests::Guest;
use super::representative::Representative;
use super::requirements::{Level, Skills};
use super::today::Today;
use super::work::WorkItem;
use crate::hours::OperatingHours;
use crate::id::{
    ConversationId, OfferId, OperatingHoursId, QueueId, RatingModelId, RepresentativeId, SessionId, SkillId,
    WorkstreamId,
};
use crate::settings::{
    AttributeDeclaration, CapacityProfile, CustomPresence, DeskRules, Queue, RatedSkill, RatingModel,
    SettingsVersion, Skill, Workstream,
};
use crate::time::Timestamp;

/// The state of the router.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Book {
    /// The version of the settings below.
    pub(super) version: SettingsVersion,
    /// Who handles work.
    pub(super) representatives: ById<RepresentativeId, Representative>,
    /// Where work waits.
    pub(super) queues: ById<QueueId, Queue>,
    /// How kinds of work are handled.
    pub(super) workstreams: ById<WorkstreamId, Workstream>,
    /// What representatives know and work can need.
    pub(super) skills: BTreeMap<SkillId, Skill>,
    /// How skills are rated.
    pub(super) rating_models: BTreeMap<RatingModelId, RatingModel>,
    /// When queues are open and people at work.
    pub(super) hours: Vec<OperatingHours>,
    /// Which of these were open when it was last looked.
    pub(super) open_hours: BTreeMap<OperatingHoursId, bool>,
    /// When one of these changes next, if anything depends on it.
    pub(super) hours_change: Option<Timestamp>,
    /// The time zone of rules that look at the clock.
    pub(super) time_zone: Option<String>,
    /// What records have besides what is built in.
    pub(super) attributes: Vec<AttributeDeclaration>,
    /// How fast each queue's customers come to somebody.
    pub(super) flows: BTreeMap<QueueId, Flows>,
    /// When the lines are looked at next, to tell customers where they stand.
    pub(super) next_look: Option<Timestamp>,
    /// How often they were looked at.
    pub(super) looks: u64,
    /// Every conversation that is not closed.
    pub(super) items: ById<ConversationId, Box<WorkItem>>,
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
    /// What has become of the customers of each queue today.
    pub(super) today: BTreeMap<QueueId, Today>,
    /// Who is at a desk and no representative, or looks on and is waited for.
    pub(super) guests: BTreeMap<RepresentativeId, Guest>,
}

impl Book {
    /// What is given while items change.
    pub(super) fn given(&self) -> Given<'_> {
        let Self { queues, workstreams, representatives, open_hours, .. } = self;
        Given { queues, workstreams, representatives, open_hours }
    }

    /// The same but for the work.
    pub(super) fn with_items(&self, items: ById<ConversationId, Box<WorkItem>>) -> Self {
        Self {
            items,
            version: self.version,
            representatives: self.representatives.clone(),
            queues: self.queues.clone(),
            workstreams: self.workstreams.clone(),
            skills: self.skills.clone(),
            rating_models: self.rating_models.clone(),
            hours: self.hours.clone(),
            open_hours: self.open_hours.clone(),
            hours_change: self.hours_change,
            time_zone: self.time_zone.clone(),
            attributes: self.attributes.clone(),
            flows: self.flows.clone(),
            next_look: self.next_look,
            looks: self.looks,
            last_offer: self.last_offer,
            last_session: self.last_session,
            presences: self.presences.clone(),
            profiles: self.profiles.clone(),
            desk: self.desk.clone(),
            today: self.today.clone(),
            guests: self.guests.clone(),
        }
    }

    /// Rated skills on the scale on which all models are compared (reference section 17). Unknown skills are left out.
    pub(super) fn levels_of(&self, rated: &[RatedSkill]) -> Skills {
        if rated.is_empty() {
            return Skills::new();
        }
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
