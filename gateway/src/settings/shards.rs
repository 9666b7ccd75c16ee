//! In how many shards conversations have ever been born.
//!
//! Their number may be changed any day, and what was born in a shard stays there. So a shard is real if its number is below
//! the highest count that there ever was; an id with another number was invented, and must not bring an object to life.

use crate::fault::Result;
use crate::object::{Row, Sql, number};

/// Notes the present count. Returns the highest that there ever was.
pub(super) fn note(sql: &Sql, count: u16) -> Result<u16> {
    sql.run(
        "CREATE TABLE IF NOT EXISTS shards (only INTEGER PRIMARY KEY CHECK (only = 1), count INTEGER NOT NULL)",
        vec![],
    )?;
    sql.run(
        "INSERT INTO shards (only, count) VALUES (1, ?)
         ON CONFLICT (only) DO UPDATE SET count = max(count, excluded.count)",
        vec![number(u64::from(count))],
    )?;
    let highest = sql.first("SELECT count FROM shards", vec![], Row::number)?;
    Ok(highest.and_then(|highest| u16::try_from(highest).ok()).unwrap_or(count))
}
