//! Sites that were taken off a widget's list: who opened a session there is no longer served.
//!
//! Only what was taken away is kept, for what was never allowed brings nobody here: the gateway asks the list when a session
//! begins.

use serde::{Deserialize, Serialize};
use shared::id::WidgetId;
use shared::settings::{Origin, Settings};

use crate::fault::Result;
use crate::object::{Row, Sql, Value, blob};

/// A widget on a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spot {
    pub(crate) widget: WidgetId,
    pub(crate) site: Origin,
}

/// What a change of the settings does to the lists of sites.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moved {
    pub(crate) taken: Vec<Spot>,
    pub(crate) given: Vec<Spot>,
}

impl Moved {
    /// What follows from this change; none if every list is as it was.
    pub(crate) fn between(before: &Settings, after: &Settings) -> Option<Self> {
        let (before, after) = (spots(before), spots(after));
        let without = |some: &[Spot], others: &[Spot]| {
            some.iter().filter(|spot| !others.contains(spot)).cloned().collect::<Vec<_>>()
        };
        let moved = Self { taken: without(&before, &after), given: without(&after, &before) };
        (moved != Self::default()).then_some(moved)
    }
}

fn spots(settings: &Settings) -> Vec<Spot> {
    let of = |widget: &shared::settings::Widget| {
        let id = widget.id;
        widget.sites.clone().into_iter().map(move |site| Spot { widget: id, site }).collect::<Vec<_>>()
    };
    settings.widgets.iter().flat_map(of).collect()
}

pub(super) fn create(sql: &Sql) -> Result<()> {
    sql.run(
        "CREATE TABLE IF NOT EXISTS sites_taken (
            widget BLOB NOT NULL, site TEXT NOT NULL, PRIMARY KEY (widget, site)
        ) WITHOUT ROWID",
        vec![],
    )
}

/// Notes a change.
pub(super) fn note(sql: &Sql, moved: &Moved) -> Result<()> {
    for spot in &moved.taken {
        sql.run("INSERT OR IGNORE INTO sites_taken (widget, site) VALUES (?, ?)", values(spot))?;
    }
    for spot in &moved.given {
        sql.run("DELETE FROM sites_taken WHERE widget = ? AND site = ?", values(spot))?;
    }
    Ok(())
}

/// Whether a site was taken off the widget's list.
pub(super) fn is_taken(sql: &Sql, spot: &Spot) -> Result<bool> {
    let statement = "SELECT 1 FROM sites_taken WHERE widget = ? AND site = ?";
    Ok(sql.first(statement, values(spot), Row::number)?.is_some())
}

fn values(spot: &Spot) -> Vec<Value> {
    vec![blob(spot.widget.as_bytes()), Value::String(spot.site.as_str().to_owned())]
}
