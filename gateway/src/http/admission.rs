//! How many are let in: strangers by the address they come from, for requests of any kind, for sessions of visitors and for
//! conversations that begin; everybody by the room for sockets, and by address for what they write into forms and for the
//! bytes of files.

use std::cell::RefCell;

use shared::limit::{
    DOWNLOAD_RATE, DOWNLOAD_RATE_UNKNOWN, FILE_CHUNK_BYTES, FORM_BYTES_COUNTED_MIN, KNOCK_RATE,
    KNOCK_RATE_UNKNOWN, STAFF_UPLOAD_RATE, START_RATE, START_RATE_UNKNOWN, TEXT_ADDRESS_RATE,
    TEXT_RATE_UNKNOWN, TURNED_AWAY_RATE, UPLOAD_RATE, UPLOAD_RATE_UNKNOWN, VISITOR_RATE,
    VISITOR_RATE_UNKNOWN,
};
use shared::protocol::Problem;
use shared::rate::{Buckets, Rate};
use shared::time::Timestamp;

use super::{Visit, address};
use crate::clock;
use crate::object::{Guest, admit_to_room};

/// An allowance for each address, and one for everybody where addresses are not known.
struct Allowance {
    by_address: Buckets<String>,
    unknown: Buckets<()>,
}

impl Allowance {
    const fn new(each: Rate, all: Rate) -> Self {
        Self { by_address: Buckets::new(each), unknown: Buckets::new(all) }
    }

    fn take(&mut self, visit: &Visit, tokens: u32) -> Result<(), Problem> {
        self.take_from(clock::now(), address::of(visit), tokens)
    }

    fn take_from(&mut self, now: Timestamp, address: Option<String>, tokens: u32) -> Result<(), Problem> {
        let taken = match address {
            Some(address) => self.by_address.take_many(now, address, tokens),
            None => self.unknown.take_many(now, (), tokens),
        };
        taken.map_err(Problem::wait)
    }
}

thread_local! {
    // In the memory of this process: a restart forgives.
    static KNOCKS: RefCell<Allowance> = const { RefCell::new(Allowance::new(KNOCK_RATE, KNOCK_RATE_UNKNOWN)) };
    static VISITORS: RefCell<Allowance> =
        const { RefCell::new(Allowance::new(VISITOR_RATE, VISITOR_RATE_UNKNOWN)) };
    static STARTS: RefCell<Allowance> = const { RefCell::new(Allowance::new(START_RATE, START_RATE_UNKNOWN)) };
    static TURNED_AWAY: RefCell<Buckets<()>> = const { RefCell::new(Buckets::new(TURNED_AWAY_RATE)) };
    static TEXTS: RefCell<Allowance> =
        const { RefCell::new(Allowance::new(TEXT_ADDRESS_RATE, TEXT_RATE_UNKNOWN)) };
    static DOWNLOADS: RefCell<Allowance> =
        const { RefCell::new(Allowance::new(DOWNLOAD_RATE, DOWNLOAD_RATE_UNKNOWN)) };
    static UPLOADS: RefCell<Allowance> =
        const { RefCell::new(Allowance::new(UPLOAD_RATE, UPLOAD_RATE_UNKNOWN)) };
    static STAFF_UPLOADS: RefCell<Allowance> =
        const { RefCell::new(Allowance::new(STAFF_UPLOAD_RATE, UPLOAD_RATE_UNKNOWN)) };
}

/// Admits a request to an API, whatever it wants, or says when to try again.
pub(super) fn knock(visit: &Visit) -> Result<(), Problem> {
    KNOCKS.with_borrow_mut(|allowance| allowance.take(visit, 1))
}

/// Admits a form with so many bytes of answers, or says when to send it again. The answers stay on disk as messages do, whose
/// allowance the shards keep. Whether a conversation begins with it, only the shard can say when it comes: so each counts.
pub(super) fn start(visit: &Visit, bytes: usize) -> Result<(), Problem> {
    STARTS.with_borrow_mut(|allowance| allowance.take(visit, 1))?;
    let bytes = u32::try_from(bytes.max(FORM_BYTES_COUNTED_MIN)).unwrap_or(u32::MAX);
    TEXTS.with_borrow_mut(|allowance| allowance.take(visit, bytes))
}

/// Admits the offer of a file with so many bytes, or says when to offer it again.
pub(super) fn upload(visit: &Visit, guest: Guest, bytes: u32) -> Result<(), Problem> {
    let chunks = bytes.div_ceil(FILE_CHUNK_BYTES).max(1);
    let allowance = match guest {
        Guest::Staff => &STAFF_UPLOADS,
        Guest::Anybody => &UPLOADS,
    };
    allowance.with_borrow_mut(|allowance| allowance.take(visit, chunks))
}

/// Admits a read of so many bytes of a file, or says when to try again.
pub(super) fn download(visit: &Visit, bytes: u32) -> Result<(), Problem> {
    DOWNLOADS.with_borrow_mut(|allowance| allowance.take(visit, bytes.div_ceil(FILE_CHUNK_BYTES).max(1)))
}

/// Whether there is room for one more socket, or when to ask again.
pub(super) fn room(visit: &Visit, guest: Guest) -> Result<(), Problem> {
    admit_to_room(visit.deployment.open_files, guest)
}

/// Admits a socket that only says why there is none, or says when to try again.
pub(super) fn turned_away(visit: &Visit) -> Result<(), Problem> {
    room(visit, Guest::Anybody)?;
    TURNED_AWAY.with_borrow_mut(|allowance| allowance.take(clock::now(), ())).map_err(Problem::wait)
}

/// Admits a request for a new visitor's session, or says when to try again. A visitor will want a socket: where there is
/// none, they are told so before they have filled in a form.
pub(super) fn visitor(visit: &Visit) -> Result<(), Problem> {
    room(visit, Guest::Anybody)?;
    VISITORS.with_borrow_mut(|allowance| allowance.take(visit, 1))
}

#[cfg(test)]
mod tests {
    use shared::protocol::ErrorCode;

    use super::*;

    #[test]
    fn one_address_spends_its_own_allowance_and_what_is_unknown_one_of_all_together() {
        let now = Timestamp::from_millis(1_000_000);
        let mut allowance = Allowance::new(START_RATE, START_RATE_UNKNOWN);
        let somewhere = || Some("192.0.2.7".to_owned());
        for _ in 0..START_RATE.burst {
            allowance.take_from(now, somewhere(), 1).unwrap();
        }
        let refused = allowance.take_from(now, somewhere(), 1).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooManyRequests);
        let wait = refused.retry_after.unwrap();
        assert!(allowance.take_from(now, Some("192.0.2.8".to_owned()), 1).is_ok(), "from elsewhere");
        for _ in 0..START_RATE_UNKNOWN.burst {
            allowance.take_from(now, None, 1).unwrap();
        }
        assert!(allowance.take_from(now, None, 1).is_err());
        assert!(allowance.take_from(now.after(wait), somewhere(), 1).is_ok(), "whoever waits is let in");
    }
}
