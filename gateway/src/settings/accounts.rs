//! Accounts of the staff, and the one-time links by which passwords are set.
//!
//! Passwords are stored as PBKDF2 keys; links as hashes of their secrets.

use shared::authority::Role;
use shared::id::RepresentativeId;
use shared::limit::SETUP_LINK_LIFETIME;
use shared::protocol::http::AccountView;
use shared::time::Timestamp;

use super::request::NewAccount;
use crate::fault::{Fault, Result};
use crate::object::{Row, Sql, Value, blob, number};
use crate::password::Salt;

/// The name of the account that every organisation begins with.
pub(super) const FIRST_ADMINISTRATOR: &str = "admin";

/// An account with a password.
pub(super) struct Account {
    pub(super) representative: RepresentativeId,
    pub(super) salt: Salt,
    pub(super) password: [u8; 32],
}

pub(super) fn create(sql: &Sql) -> Result<()> {
    for statement in [
        "CREATE TABLE IF NOT EXISTS accounts (
            representative BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, full_name TEXT NOT NULL,
            role TEXT NOT NULL, salt BLOB, password BLOB
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS setup_links (
            link BLOB PRIMARY KEY, representative BLOB NOT NULL, expires INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS disabled_accounts (representative BLOB PRIMARY KEY) WITHOUT ROWID",
    ] {
        sql.run(statement, vec![])?;
    }
    Ok(())
}

/// What is true of an account that can be used.
const ENABLED: &str = "representative NOT IN (SELECT representative FROM disabled_accounts)";

/// Makes an account without a password and a link by which it gets one. False if the name is taken.
pub(super) fn add(sql: &Sql, now: Timestamp, account: &NewAccount) -> Result<bool> {
    if find(sql, &account.name)?.is_some() {
        return Ok(false);
    }
    sql.run(
        "INSERT INTO accounts (representative, name, full_name, role) VALUES (?, ?, ?, ?)",
        vec![
            blob(account.representative.as_bytes()),
            text(&account.name),
            text(&account.full_name),
            text(write_role(account.role)),
        ],
    )?;
    add_link(sql, now, account.representative, &account.link)?;
    Ok(true)
}

/// A further link by which an account gets a password.
pub(super) fn add_link(sql: &Sql, now: Timestamp, owner: RepresentativeId, link: &[u8; 32]) -> Result<()> {
    sql.run(
        "INSERT INTO setup_links (link, representative, expires) VALUES (?, ?, ?)",
        vec![blob(link), blob(owner.as_bytes()), number(now.after(SETUP_LINK_LIFETIME).as_millis())],
    )
}

/// All accounts, by name.
pub(super) fn all(sql: &Sql) -> Result<Vec<AccountView>> {
    sql.rows(&format!("SELECT {COLUMNS} FROM accounts ORDER BY name"), vec![], take)
}

/// The account of somebody.
pub(super) fn of(sql: &Sql, owner: RepresentativeId) -> Result<Option<AccountView>> {
    let query = format!("SELECT {COLUMNS} FROM accounts WHERE representative = ?");
    sql.first(&query, vec![blob(owner.as_bytes())], take)
}

const COLUMNS: &str = "representative, name, full_name, role, password IS NOT NULL, \
                       representative IN (SELECT representative FROM disabled_accounts)";

fn take(row: &mut Row) -> Result<AccountView> {
    Ok(AccountView {
        representative: RepresentativeId::from_bytes(row.bytes()?),
        name: row.text()?,
        full_name: row.text()?,
        role: read_role(&row.text()?)?,
        has_password: row.number()? == 1,
        disabled: row.number()? == 1,
    })
}

/// Whether an administrator has a password, and so can let others in; other than this one, if one is named.
pub(super) fn administrator_is_set_up(sql: &Sql, other_than: Option<RepresentativeId>) -> Result<bool> {
    let query =
        format!("SELECT representative FROM accounts WHERE role = ? AND password IS NOT NULL AND {ENABLED}");
    let role = vec![text(write_role(Role::Administrator))];
    let mut found = sql.rows(&query, role, Row::bytes)?.into_iter().map(RepresentativeId::from_bytes);
    Ok(found.any(|administrator| Some(administrator) != other_than))
}

/// An account has this role from now on, and can be used or not. Links for one that cannot are worth nothing any more.
pub(super) fn change(sql: &Sql, owner: RepresentativeId, role: Role, disabled: bool) -> Result<()> {
    let owner = || blob(owner.as_bytes());
    sql.run("UPDATE accounts SET role = ? WHERE representative = ?", vec![text(write_role(role)), owner()])?;
    if !disabled {
        return sql.run("DELETE FROM disabled_accounts WHERE representative = ?", vec![owner()]);
    }
    sql.run("INSERT OR IGNORE INTO disabled_accounts (representative) VALUES (?)", vec![owner()])?;
    sql.run("DELETE FROM setup_links WHERE representative = ?", vec![owner()])
}

/// Who has the account with this name.
pub(super) fn find(sql: &Sql, name: &str) -> Result<Option<RepresentativeId>> {
    let found =
        sql.first("SELECT representative FROM accounts WHERE name = ?", vec![text(name)], Row::bytes)?;
    Ok(found.map(RepresentativeId::from_bytes))
}

/// The account with this name, if it has a password and can be used.
pub(super) fn with_password(sql: &Sql, name: &str) -> Result<Option<Account>> {
    let query = format!(
        "SELECT representative, salt, password FROM accounts WHERE name = ? AND password IS NOT NULL AND {ENABLED}"
    );
    sql.first(&query, vec![text(name)], |row| {
        let representative = RepresentativeId::from_bytes(row.bytes()?);
        Ok(Account { representative, salt: Salt(row.bytes()?), password: row.bytes()? })
    })
}

/// Whose account gets a password by this link, if the link holds.
pub(super) fn owner_of_link(sql: &Sql, now: Timestamp, link: &[u8; 32]) -> Result<Option<RepresentativeId>> {
    let found = sql.first(
        "SELECT representative, expires FROM setup_links WHERE link = ?",
        vec![blob(link)],
        |row| Ok((RepresentativeId::from_bytes(row.bytes()?), Timestamp::from_millis(row.number()?))),
    )?;
    Ok(found.filter(|(_, expires)| now <= *expires).map(|(owner, _)| owner))
}

/// Uses a setup link up: its account gets this password. None if the link does not hold.
pub(super) fn set_up(
    sql: &Sql,
    now: Timestamp,
    link: &[u8; 32],
    salt: Salt,
    password: &[u8; 32],
) -> Result<Option<RepresentativeId>> {
    let Some(representative) = owner_of_link(sql, now, link)? else { return Ok(None) };
    let owner = || blob(representative.as_bytes());
    // One password, one link: the others of this account are worth nothing any more.
    sql.run("DELETE FROM setup_links WHERE representative = ?", vec![owner()])?;
    sql.run(
        "UPDATE accounts SET salt = ?, password = ? WHERE representative = ?",
        vec![blob(salt.0), blob(password), owner()],
    )?;
    Ok(Some(representative))
}

const fn write_role(role: Role) -> &'static str {
    match role {
        Role::Representative => "representative",
        Role::Supervisor => "supervisor",
        Role::Administrator => "administrator",
    }
}

pub(super) fn read_role(text: &str) -> Result<Role> {
    [Role::Representative, Role::Supervisor, Role::Administrator]
        .into_iter()
        .find(|role| write_role(*role) == text)
        .ok_or(Fault::Stored("a role"))
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}
