//! Visitors, their sessions, and the codes that carry a session to another site.
//!
//! Secrets and codes are stored as hashes. A session is scoped to one visitor, widget and site; a code to the way from one
//! site to another, so that a link on a third page leads nobody into somebody else's conversation.

use shared::id::{ConversationId, RequestId, VisitorId, WidgetId};
use shared::limit::{HANDOVER_LIFETIME, VISITOR_SESSION_LIFETIME};
use shared::protocol::ErrorCode;
use shared::settings::Origin;
use shared::time::{Span, Timestamp};

use super::Crossing;
use crate::fault::{Fault, Result};
use crate::object::{Row, Sql, Value, blob, number};

/// A visitor's session, as it is stored.
pub(super) struct StoredSession {
    pub(super) widget: WidgetId,
    pub(super) site: Origin,
    /// The newest conversation of the visitor, open or not.
    pub(super) newest: Option<ConversationId>,
}

/// Of how many requests of one visitor it is known what they were answered: more than may be under way.
const STARTS_KEPT: u64 = 30;

/// How stale the time of the last use may become before it is written again: a write for each request would be waste.
const USE_NOTED_EVERY: Span = Span::from_secs(3600);

/// Sessions that are thrown away when a new one begins: more than one, so that there are ever fewer.
const SWEPT_AT_ONCE: u64 = 4;

pub(super) fn create(sql: &Sql) -> Result<()> {
    for statement in [
        "CREATE TABLE IF NOT EXISTS visitors (
            visitor BLOB PRIMARY KEY, widget BLOB NOT NULL, newest BLOB
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS sessions (
            secret BLOB PRIMARY KEY, visitor BLOB NOT NULL, site TEXT NOT NULL, used INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS handovers (
            code BLOB PRIMARY KEY, visitor BLOB NOT NULL, widget BLOB NOT NULL, source TEXT NOT NULL,
            target TEXT NOT NULL, expires INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS starts (
            number INTEGER PRIMARY KEY, visitor BLOB NOT NULL, request BLOB NOT NULL, conversation BLOB NOT NULL,
            UNIQUE (visitor, request)
        )",
        "CREATE INDEX IF NOT EXISTS handovers_expires ON handovers (expires)",
        "CREATE INDEX IF NOT EXISTS sessions_used ON sessions (used)",
        "CREATE INDEX IF NOT EXISTS sessions_visitor ON sessions (visitor)",
    ] {
        sql.run(statement, vec![])?;
    }
    Ok(())
}

/// A new visitor.
pub(super) fn add(sql: &Sql, visitor: VisitorId, widget: WidgetId) -> Result<()> {
    sql.run(
        "INSERT INTO visitors (visitor, widget) VALUES (?, ?)",
        vec![blob(visitor.as_bytes()), blob(widget.as_bytes())],
    )
}

/// Throws away sessions that have run out, and visitors who have none left: nobody can come back as them.
fn sweep(sql: &Sql, now: Timestamp) -> Result<()> {
    let before = now.as_millis().saturating_sub(VISITOR_SESSION_LIFETIME.as_millis());
    let gone = sql.rows(
        "SELECT secret, visitor FROM sessions WHERE used < ? LIMIT ?",
        vec![number(before), number(SWEPT_AT_ONCE)],
        |row| Ok((row.blob()?, row.blob()?)),
    )?;
    for (secret, visitor) in gone {
        end_session(sql, &secret, &visitor)?;
    }
    Ok(())
}

/// Throws a session away, and its visitor if they have no other.
fn end_session(sql: &Sql, secret: &[u8], visitor: &[u8]) -> Result<()> {
    sql.run("DELETE FROM sessions WHERE secret = ?", vec![blob(secret)])?;
    for table in ["visitors", "starts"] {
        sql.run(
            &format!(
                "DELETE FROM {table}
                 WHERE visitor = ? AND NOT EXISTS (SELECT 1 FROM sessions WHERE visitor = ?)"
            ),
            vec![blob(visitor), blob(visitor)],
        )?;
    }
    Ok(())
}

/// A new session of a visitor on a site.
pub(super) fn add_session(
    sql: &Sql,
    now: Timestamp,
    visitor: VisitorId,
    site: &Origin,
    secret: &[u8; 32],
) -> Result<()> {
    sweep(sql, now)?;
    sql.run(
        "INSERT INTO sessions (secret, visitor, site, used) VALUES (?, ?, ?, ?)",
        vec![blob(secret), blob(visitor.as_bytes()), text(site), number(now.as_millis())],
    )
}

/// The session with this secret, if it is this visitor's and has not run out.
pub(super) fn session(
    sql: &Sql,
    now: Timestamp,
    visitor: VisitorId,
    secret: &[u8; 32],
) -> Result<Option<StoredSession>> {
    let found = sql.first(
        "SELECT used, site, widget, newest FROM sessions JOIN visitors USING (visitor)
         WHERE secret = ? AND visitor = ?",
        vec![blob(secret), blob(visitor.as_bytes())],
        |row| {
            let used = Timestamp::from_millis(row.number()?);
            let site = Origin::new(&row.text()?).map_err(|_| Fault::Stored("an origin"))?;
            let widget = WidgetId::from_bytes(row.bytes()?);
            let newest = row.optional(Row::bytes)?.map(ConversationId::from_bytes);
            Ok((used, StoredSession { widget, site, newest }))
        },
    )?;
    let Some((used, session)) = found else { return Ok(None) };
    if has_run_out(used, now) {
        end_session(sql, secret, visitor.as_bytes())?;
        return Ok(None);
    }
    if now.since(used) > USE_NOTED_EVERY {
        sql.run(
            "UPDATE sessions SET used = ? WHERE secret = ?",
            vec![number(now.as_millis()), blob(secret)],
        )?;
    }
    Ok(Some(session))
}

/// The newest conversation of a visitor, open or not.
pub(super) fn newest(sql: &Sql, visitor: VisitorId) -> Result<Option<ConversationId>> {
    let newest =
        sql.first("SELECT newest FROM visitors WHERE visitor = ?", vec![blob(visitor.as_bytes())], |row| {
            row.optional(Row::bytes)
        })?;
    Ok(newest.flatten().map(ConversationId::from_bytes))
}

/// Notes which conversation is a visitor's newest.
pub(super) fn note_newest(sql: &Sql, visitor: VisitorId, conversation: ConversationId) -> Result<()> {
    sql.run(
        "UPDATE visitors SET newest = ? WHERE visitor = ?",
        vec![blob(conversation.as_bytes()), blob(visitor.as_bytes())],
    )
}

/// Which conversation a visitor's request for one was answered, if it came before: it started it, or it went on already. A
/// copy may come late, when another conversation is the newest.
pub(super) fn answered(sql: &Sql, visitor: VisitorId, request: RequestId) -> Result<Option<ConversationId>> {
    sql.first(
        "SELECT conversation FROM starts WHERE visitor = ? AND request = ?",
        vec![blob(visitor.as_bytes()), blob(request.as_bytes())],
        |row| Ok(ConversationId::from_bytes(row.bytes()?)),
    )
}

/// Notes which conversation a request was answered.
pub(super) fn note_answered(
    sql: &Sql,
    visitor: VisitorId,
    request: RequestId,
    conversation: ConversationId,
) -> Result<()> {
    sql.run(
        "INSERT INTO starts (visitor, request, conversation) VALUES (?, ?, ?)",
        vec![blob(visitor.as_bytes()), blob(request.as_bytes()), blob(conversation.as_bytes())],
    )?;
    sql.run(
        "DELETE FROM starts WHERE visitor = ? AND number <= (
            SELECT number FROM starts WHERE visitor = ? ORDER BY number DESC LIMIT 1 OFFSET ?
        )",
        vec![blob(visitor.as_bytes()), blob(visitor.as_bytes()), number(STARTS_KEPT)],
    )
}

/// Keeps a hand-over code, and throws away those that have run out.
pub(super) fn add_handover(
    sql: &Sql,
    now: Timestamp,
    visitor: VisitorId,
    widget: WidgetId,
    crossing: &Crossing,
    code: &[u8; 32],
) -> Result<()> {
    sql.run("DELETE FROM handovers WHERE expires < ?", vec![number(now.as_millis())])?;
    sql.run(
        "INSERT INTO handovers (code, visitor, widget, source, target, expires) VALUES (?, ?, ?, ?, ?, ?)",
        vec![
            blob(code),
            blob(visitor.as_bytes()),
            blob(widget.as_bytes()),
            text(&crossing.from),
            text(&crossing.to),
            number(now.after(HANDOVER_LIFETIME).as_millis()),
        ],
    )
}

/// Uses a hand-over code up, whatever comes of it, and says to which visitor it leads if it holds on this way and widget.
pub(super) fn redeem(
    sql: &Sql,
    now: Timestamp,
    widget: WidgetId,
    arrival: &Crossing,
    code: &[u8; 32],
) -> Result<core::result::Result<VisitorId, ErrorCode>> {
    let found = sql.first(
        "SELECT visitor, widget, source, target, expires FROM handovers WHERE code = ?",
        vec![blob(code)],
        |row| {
            Ok(StoredHandover {
                visitor: VisitorId::from_bytes(row.bytes()?),
                widget: WidgetId::from_bytes(row.bytes()?),
                source: row.text()?,
                target: row.text()?,
                expires: Timestamp::from_millis(row.number()?),
            })
        },
    )?;
    sql.run("DELETE FROM handovers WHERE code = ?", vec![blob(code)])?;
    let held = found.filter(|handover| handover.holds(now, widget, arrival));
    Ok(held.map(|handover| handover.visitor).ok_or(ErrorCode::HandoverRefused))
}

/// A hand-over code, as it is stored.
struct StoredHandover {
    visitor: VisitorId,
    widget: WidgetId,
    source: String,
    target: String,
    expires: Timestamp,
}

impl StoredHandover {
    /// Whether it leads to a session now, on this widget and way.
    fn holds(&self, now: Timestamp, widget: WidgetId, arrival: &Crossing) -> bool {
        let on_its_way = self.source == arrival.from.as_str() && self.target == arrival.to.as_str();
        self.widget == widget && on_its_way && now <= self.expires
    }
}

/// Whether a session that was last used at `used` is over.
fn has_run_out(used: Timestamp, now: Timestamp) -> bool {
    now.since(used) > VISITOR_SESSION_LIFETIME
}

fn text(origin: &Origin) -> Value {
    Value::String(origin.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDGET: WidgetId = WidgetId::from_u128(1);

    #[test]
    fn a_hand_over_code_holds_on_its_way_and_widget_until_it_expires() {
        let site = |host: &str| Origin::new(host).unwrap();
        let way = |from: &str, to: &str| Crossing { from: site(from), to: site(to) };
        let expires = Timestamp::from_millis(1_000_000).after(HANDOVER_LIFETIME);
        let late = Timestamp::from_millis(expires.as_millis() + 1);
        let (shop, help, blog) = ("https://shop.example", "https://help.example", "https://blog.example");
        let (visitor, source, target) = (VisitorId::from_u128(2), shop.to_owned(), help.to_owned());
        let handover = StoredHandover { visitor, widget: WIDGET, source, target, expires };
        assert!(handover.holds(expires, WIDGET, &way(shop, help)));
        assert!(!handover.holds(late, WIDGET, &way(shop, help)), "late");
        assert!(!handover.holds(expires, WIDGET, &way(shop, shop)), "on another site");
        assert!(!handover.holds(expires, WIDGET, &way(blog, help)), "from another site");
        assert!(!handover.holds(expires, WidgetId::from_u128(3), &way(shop, help)), "on another widget");
    }

    #[test]
    fn a_session_runs_out_when_it_was_not_used_for_its_lifetime() {
        let used = Timestamp::from_millis(1_000_000);
        let end = used.after(VISITOR_SESSION_LIFETIME);
        assert!(!has_run_out(used, end));
        assert!(has_run_out(used, end.after(Span::from_millis(1))));
    }
}
