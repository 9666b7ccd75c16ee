//! How often somebody may try a password.
//!
//! A browser that has signed in to an account before is known by a cookie, and has an allowance of its own: a stranger who
//! tries passwords can use up the strangers' allowance, but lock nobody out of the browser that they work with. Attempts
//! of strangers are counted by name, by address, and all together, before the work of a key is done.

use shared::id::RepresentativeId;
use shared::limit::{DEVICE_LIFETIME, PASSWORD_RATE, SIGN_IN_ADDRESS_RATE, SIGN_IN_RATE};
use shared::protocol::Problem;
use shared::rate::{Buckets, TokenBucket};
use shared::time::Timestamp;

use crate::fault::Result;
use crate::object::{Row, Sql, blob, number};

/// Browsers that are remembered for one account; the one that was not used for longest makes room.
const DEVICES_MAX: u64 = 20;

/// What has been tried lately. In memory: a restart forgives.
pub(super) struct Attempts {
    known: Buckets<[u8; 32]>,
    names: Buckets<String>,
    addresses: Buckets<String>,
    everybody: TokenBucket,
}

impl Attempts {
    /// Nothing has been tried.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            known: Buckets::new(SIGN_IN_RATE),
            names: Buckets::new(SIGN_IN_RATE),
            addresses: Buckets::new(SIGN_IN_ADDRESS_RATE),
            everybody: TokenBucket::full(PASSWORD_RATE, now),
        }
    }

    /// Counts an attempt of a browser that has signed in to the account before.
    pub(super) fn known(&mut self, now: Timestamp, device: [u8; 32]) -> core::result::Result<(), Problem> {
        self.known.take(now, device).map_err(Problem::wait)
    }

    /// Counts an attempt of a stranger, on the account with this name if it is on one.
    pub(super) fn stranger(
        &mut self,
        now: Timestamp,
        name: Option<&str>,
        address: Option<String>,
    ) -> core::result::Result<(), Problem> {
        // The narrower allowance first: who has used up theirs takes nothing from the others'.
        if let Some(address) = address {
            self.addresses.take(now, address).map_err(Problem::wait)?;
        }
        if let Some(name) = name {
            self.names.take(now, name.to_lowercase()).map_err(Problem::wait)?;
        }
        self.everybody.take(now).map_err(Problem::wait)
    }
}

pub(super) fn create(sql: &Sql) -> Result<()> {
    sql.run(
        "CREATE TABLE IF NOT EXISTS devices (
            device BLOB NOT NULL, representative BLOB NOT NULL, used INTEGER NOT NULL,
            PRIMARY KEY (representative, device)
        ) WITHOUT ROWID",
        vec![],
    )
}

/// Whether this browser has signed in to this account before.
pub(super) fn is_known(
    sql: &Sql,
    now: Timestamp,
    owner: RepresentativeId,
    device: &[u8; 32],
) -> Result<bool> {
    let used = sql.first(
        "SELECT used FROM devices WHERE representative = ? AND device = ?",
        vec![blob(owner.as_bytes()), blob(device)],
        Row::number,
    )?;
    Ok(used.is_some_and(|used| now.since(Timestamp::from_millis(used)) <= DEVICE_LIFETIME))
}

/// This browser has signed in to this account.
pub(super) fn remember(sql: &Sql, now: Timestamp, owner: RepresentativeId, device: &[u8; 32]) -> Result<()> {
    sql.run(
        "INSERT INTO devices (representative, device, used) VALUES (?, ?, ?)
         ON CONFLICT (representative, device) DO UPDATE SET used = excluded.used",
        vec![blob(owner.as_bytes()), blob(device), number(now.as_millis())],
    )?;
    sql.run(
        "DELETE FROM devices WHERE representative = ? AND device NOT IN (
            SELECT device FROM devices WHERE representative = ? ORDER BY used DESC LIMIT ?)",
        vec![blob(owner.as_bytes()), blob(owner.as_bytes()), number(DEVICES_MAX)],
    )
}

/// No browser of this account is known any more: its password was set anew.
pub(super) fn forget(sql: &Sql, owner: RepresentativeId) -> Result<()> {
    sql.run("DELETE FROM devices WHERE representative = ?", vec![blob(owner.as_bytes())])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn strangers_who_try_passwords_lock_nobody_out_of_a_browser_that_is_known() {
        let mut attempts = Attempts::new(NOW);
        for number in 0..1_000_u32 {
            let _ = attempts.stranger(NOW, Some("Ana"), Some(number.to_string()));
        }
        assert!(attempts.stranger(NOW, Some("ana"), Some("elsewhere".to_owned())).is_err());
        attempts.known(NOW, [1; 32]).unwrap();
    }

    #[test]
    fn one_address_has_one_allowance_for_all_names_and_takes_no_more_from_the_others() {
        let mut attempts = Attempts::new(NOW);
        let allowed = (0..1_000_u32).filter(|number| {
            attempts.stranger(NOW, Some(&number.to_string()), Some("one".to_owned())).is_ok()
        });
        assert_eq!(allowed.count(), SIGN_IN_ADDRESS_RATE.burst as usize);
        attempts.stranger(NOW, Some("ana"), Some("another".to_owned())).unwrap();
    }
}
