//! Chat widgets.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{FileRules, Origin};
use crate::form::Form;
use crate::id::{OperatingHoursId, WidgetId, WorkstreamId};
use crate::text::Line;
use crate::time::Span;

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
    /// Which files its conversations take.
    #[serde(default)]
    pub files: FileRules,
    /// When conversations can begin; without, round the clock. Those that go on are not cut off.
    #[serde(default)]
    pub hours: Option<OperatingHoursId>,
    /// What visitors see outside these hours.
    #[serde(default)]
    pub when_closed: WhenClosed,
}

/// What visitors see while a widget is closed (reference section 10).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenClosed {
    /// Nothing: the launcher is not drawn.
    #[default]
    Hide,
    /// The launcher, and this instead of the line under the heading.
    Say(Line),
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
