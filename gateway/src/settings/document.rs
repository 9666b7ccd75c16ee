//! The configuration as it is stored: JSON, because it is small, seldom written, and may have to be looked at by hand.

use shared::protocol::http::SettingsDocument;
use shared::settings::{Settings, SettingsVersion};

use crate::fault::{Fault, Result};
use crate::object::{Sql, Value, number};

pub(super) fn create(sql: &Sql) -> Result<()> {
    sql.run(
        "CREATE TABLE IF NOT EXISTS settings (
            only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER NOT NULL, document TEXT NOT NULL
        )",
        vec![],
    )
}

/// The configuration; that of a new organisation if none was stored.
pub(super) fn load(sql: &Sql) -> Result<SettingsDocument> {
    let stored = sql.first("SELECT version, document FROM settings", vec![], |row| {
        let version = SettingsVersion(row.number()?);
        let settings = serde_json::from_str(&row.text()?).map_err(|_| Fault::Stored("settings"))?;
        Ok(SettingsDocument { version, settings })
    })?;
    Ok(stored.unwrap_or(SettingsDocument { version: SettingsVersion(0), settings: Settings::default() }))
}

/// Stores a configuration.
pub(super) fn store(sql: &Sql, document: &SettingsDocument) -> Result<()> {
    let text = serde_json::to_string(&document.settings).map_err(|_| Fault::Stored("settings"))?;
    sql.run(
        "INSERT INTO settings (only, version, document) VALUES (1, ?, ?)
         ON CONFLICT (only) DO UPDATE SET version = excluded.version, document = excluded.document",
        vec![number(document.version.0), Value::String(text)],
    )
}
