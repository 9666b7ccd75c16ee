//! The configuration of an organisation: one document with a version, checked as a whole before it is stored, and
//! pushed to whoever works by it.

mod assignment;
mod capacity;
mod channel;
mod check;
mod check_queue;
mod check_rules;
mod check_sessions;
mod files;
mod language;
mod origin;
mod overflow;
mod presence;
mod queue;
mod representative;
mod rule;
mod schema;
mod sessions;
mod skill;
mod widget;
mod workstream;

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::condition::Field;
use crate::hours::OperatingHours;
use crate::id::{
    OperatingHoursId, QueueId, RatingModelId, RepresentativeId, SkillId, WidgetId, WorkstreamId,
};
use crate::time::Timestamp;

pub use assignment::{AssignmentOrder, AssignmentRule, AssignmentRuleset, Bucket, BucketOrder, CustomSkill};
pub use capacity::{CapacityProfile, HeldProfile, ProfileReset, Units};
pub use channel::{Channel, Variable, VariableKind};
pub use check::{SettingsError, SettingsFault};
pub use files::{FileRules, Scanner};
pub(crate) use language::nearest;
pub use language::{InvalidLanguage, Language, preferred};
pub use origin::{InvalidOrigin, Origin};
pub use overflow::{LongWait, Overflow, OverflowAction, OverflowCause};
pub use presence::{BasePresence, CustomPresence, Presence};
pub use queue::{Method, Queue, QueueKind};
pub use representative::Representative;
pub use rule::{ClassificationRule, Outcome, Route, Ruleset, Share};
pub(crate) use schema::{Schemas, schema, with_variables};
pub use sessions::{
    Acceptance, AskFilters, AutoClose, ChannelClass, ConsultRules, Consultable, DeskRules, Distribution,
    Limit, NoticeRow, NoticeTemplate, NoticeTemplates, SessionRules, Silent, SupervisorRight, TimeOutAction,
    TimeOutRule,
};
pub use skill::{RatedSkill, RatingLevel, RatingModel, Skill, SkillMatching};
pub use widget::{Corner, WhenClosed, Widget};
pub use workstream::{Workstream, WrapUp};

/// The version of a configuration, counted from 1; 0 is the empty one of a new organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SettingsVersion(pub u64);

/// The configuration of an organisation. The default is that of a new one: nothing is set up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// The organisation's name; empty until it has one.
    pub organisation: String,
    /// Who handles work.
    pub representatives: Vec<Representative>,
    /// Where work waits.
    pub queues: Vec<Queue>,
    /// How kinds of work are handled.
    pub workstreams: Vec<Workstream>,
    /// The chat widgets.
    pub widgets: Vec<Widget>,
    /// What representatives know and work can need.
    #[serde(default)]
    pub skills: Vec<Skill>,
    /// How skills are rated.
    #[serde(default)]
    pub rating_models: Vec<RatingModel>,
    /// The presences that the organisation made up.
    #[serde(default)]
    pub presences: Vec<CustomPresence>,
    /// The capacity profiles.
    #[serde(default)]
    pub profiles: Vec<CapacityProfile>,
    /// What holds for every desk.
    #[serde(default)]
    pub desk: DeskRules,
    /// When queues are open and representatives at work.
    #[serde(default)]
    pub hours: Vec<OperatingHours>,
    /// The time zone of rules that look at the clock, by its IANA name; without, UTC.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// What contacts, accounts, cases and representatives have besides what is built in.
    #[serde(default)]
    pub attributes: Vec<AttributeDeclaration>,
    /// What looks at files before anybody can open them. Without, nothing does.
    #[serde(default)]
    pub scanner: Option<Scanner>,
}

/// An attribute that the organisation's records have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeDeclaration {
    /// Its path, such as `contact.tier`.
    pub field: Field,
    /// What it holds.
    pub kind: VariableKind,
}

impl Settings {
    /// Whether these operating hours are open now; none are never closed.
    pub fn are_open(&self, hours: Option<OperatingHoursId>, now: Timestamp) -> bool {
        let known = |id| self.hours.iter().find(|known| known.id == id);
        let calendar = hours.and_then(known).and_then(|hours| hours.compile("").ok());
        calendar.is_none_or(|calendar| calendar.is_open(now))
    }

    /// The widget with this id.
    pub fn widget(&self, id: WidgetId) -> Option<&Widget> {
        self.widgets.iter().find(|widget| widget.id == id)
    }

    /// Which files conversations of this widget take: what it and its workstream both allow.
    pub fn files_of(&self, widget: &Widget) -> FileRules {
        let own = widget.files.clone();
        let workstream = self.workstream(widget.workstream).and_then(|workstream| workstream.files.as_ref());
        match workstream {
            Some(files) => own.within(files),
            None => own,
        }
    }

    /// The workstream with this id.
    pub fn workstream(&self, id: WorkstreamId) -> Option<&Workstream> {
        self.workstreams.iter().find(|workstream| workstream.id == id)
    }

    /// The queue with this id.
    pub fn queue(&self, id: QueueId) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }

    /// The skill with this id.
    pub fn skill(&self, id: SkillId) -> Option<&Skill> {
        self.skills.iter().find(|skill| skill.id == id)
    }

    /// The rating model with this id.
    pub fn rating_model(&self, id: RatingModelId) -> Option<&RatingModel> {
        self.rating_models.iter().find(|model| model.id == id)
    }

    /// The representative with this id.
    pub fn representative(&self, id: RepresentativeId) -> Option<&Representative> {
        self.representatives.iter().find(|representative| representative.id == id)
    }
}
