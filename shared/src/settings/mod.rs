//! The configuration of an organisation: one document with a version, checked as a whole before it is stored, and
//! pushed to whoever works by it.

mod check;
mod origin;

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::form::Form;
use crate::id::{QueueId, RepresentativeId, WidgetId, WorkstreamId};
use crate::text::Line;
use crate::time::Span;

pub use check::{SettingsError, SettingsFault};
pub use origin::{InvalidOrigin, Origin};

/// The version of a configuration, counted from 1; 0 is the empty one of a new organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SettingsVersion(pub u64);

/// Units of capacity (reference section 18). What is left can fall below zero when work is taken by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Units(pub i32);

/// What a representative can take (reference section 20.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Free.
    Available,
    /// At work, with room.
    Busy,
    /// At work, without room.
    DoNotDisturb,
    /// Not at the desk.
    Away,
    /// Not there.
    Offline,
    /// Did not answer an offer. Only the system gives it.
    Inactive,
}

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
}

/// A representative, as routing sees them. Their account, with its password and role, is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representative {
    /// Who.
    pub id: RepresentativeId,
    /// By which name colleagues know them.
    pub full_name: Line,
    /// By which name customers know them.
    pub public_name: Line,
    /// How many units of work they can have at once.
    pub capacity: Units,
    /// Their presence after sign-in; Away and Offline stand, anything else is computed from capacity.
    pub default_presence: Presence,
}

/// A queue (reference section 15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Which.
    pub id: QueueId,
    /// Its name.
    pub name: Line,
    /// Lower is served earlier by somebody who sits in several queues.
    pub priority: u16,
    /// Who is offered its work.
    pub members: Vec<RepresentativeId>,
}

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
    /// Rules that are tried in order; the first that matches names the queue.
    pub routes: Vec<Route>,
    /// The queue when no rule matches.
    pub fallback: QueueId,
    /// How long an offer waits for an answer.
    pub offer_timeout: Span,
    /// How often one item is offered to one representative who declines it or does not answer, 1 to 5.
    pub offers_per_representative: u8,
    /// What wrap-up does to capacity.
    pub wrap_up: WrapUp,
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

/// A rule that sends work to a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The question of the pre-chat form whose answer is looked at.
    pub question: Line,
    /// The rule matches if the answer is this value.
    pub equals: Line,
    /// Where the work goes then.
    pub queue: QueueId,
}

/// A chat widget (reference section 4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Widget {
    /// Which; it stands in the script tag.
    pub id: WidgetId,
    /// Its name, for the staff.
    pub name: Line,
    /// Which workstream its conversations belong to.
    pub workstream: WorkstreamId,
    /// Its heading, and the launcher's name.
    pub title: Line,
    /// The line under the heading.
    pub subtitle: Line,
    /// The accent colour, `#rrggbb`. Every other colour is computed from it, with enough contrast.
    pub accent: Line,
    /// Where the launcher sits.
    pub corner: Corner,
    /// The sites that may show it. Only these: an empty list means none.
    pub sites: Vec<Origin>,
    /// What is asked before a conversation begins.
    pub form: Form,
    /// How long a customer may be gone before the conversation ends (reference section 8.1; default 3 minutes).
    pub customer_grace: Span,
}

/// A corner of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corner {
    /// Where a line of text ends: right, in most languages.
    #[default]
    BottomEnd,
    /// Where a line of text begins.
    BottomStart,
}

impl Settings {
    /// The widget with this id.
    pub fn widget(&self, id: WidgetId) -> Option<&Widget> {
        self.widgets.iter().find(|widget| widget.id == id)
    }

    /// The workstream with this id.
    pub fn workstream(&self, id: WorkstreamId) -> Option<&Workstream> {
        self.workstreams.iter().find(|workstream| workstream.id == id)
    }

    /// The queue with this id.
    pub fn queue(&self, id: QueueId) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }

    /// The representative with this id.
    pub fn representative(&self, id: RepresentativeId) -> Option<&Representative> {
        self.representatives.iter().find(|representative| representative.id == id)
    }
}
