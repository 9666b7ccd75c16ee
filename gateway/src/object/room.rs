//! How many sockets this process may hold. Each costs file descriptors, and at their limit the runtime answers 500 and may
//! never recover: so new ones are turned away before, with a time to try again.
//!
//! All objects of one machine live in one process; on Cloudflare there is no such limit, and each counts for itself.

use std::cell::RefCell;
use std::collections::BTreeMap;

use shared::limit::{DESCRIPTORS_KEPT, DESCRIPTORS_PER_SOCKET, OVERLOAD_WAIT, STAFF_SOCKETS_KEPT};
use shared::protocol::{ErrorCode, Problem};

thread_local! {
    /// How many sockets each object has, by its name. It outlives the object's own memory, as the sockets do.
    static OPEN: RefCell<BTreeMap<String, usize>> = const { RefCell::new(BTreeMap::new()) };
}

/// An object has so many sockets now.
pub(super) fn note(object: &str, sockets: usize) {
    OPEN.with_borrow_mut(|open| match open.get_mut(object) {
        Some(count) => *count = sockets,
        None => drop(open.insert(object.to_owned(), sockets)),
    });
}

/// For whom there is to be room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guest {
    /// Somebody of the staff: for them some is kept when everything else is taken.
    Staff,
    /// Anybody.
    Anybody,
}

/// Whether there is room for one more socket in a process that may open so many files; if not, when to ask again.
pub(crate) fn admit(open_files: Option<usize>, guest: Guest) -> Result<(), Problem> {
    let Some(files) = open_files else { return Ok(()) };
    let open: usize = OPEN.with_borrow(|open| open.values().sum());
    if open < room(files, guest) {
        Ok(())
    } else {
        Err(Problem::from(ErrorCode::Overloaded).retry_after(OVERLOAD_WAIT))
    }
}

/// How many sockets there may be. Of few descriptors a quarter is kept for what is no socket, and of little room a sixteenth
/// for the staff.
fn room(files: usize, guest: Guest) -> usize {
    let all = (files - DESCRIPTORS_KEPT.min(files / 4)) / DESCRIPTORS_PER_SOCKET;
    match guest {
        Guest::Staff => all,
        Guest::Anybody => all - STAFF_SOCKETS_KEPT.min(all / 16),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_never_filled_up_and_the_staff_find_room_last() {
        for files in [0, 1, 64, 256, 1_024, 20_000, 1_000_000] {
            let (staff, anybody) = (room(files, Guest::Staff), room(files, Guest::Anybody));
            let kept = files - staff * DESCRIPTORS_PER_SOCKET;
            assert!(kept >= DESCRIPTORS_KEPT || kept >= files / 4, "{files}");
            assert!(anybody <= staff, "{files}");
        }
        assert_eq!((room(256, Guest::Anybody), room(256, Guest::Staff)), (90, 96));
    }

    #[test]
    fn what_objects_give_back_is_there_for_others() {
        note("acme/conversations/0", 86);
        note("acme/router", 3);
        assert!(admit(Some(256), Guest::Anybody).is_ok());
        note("acme/conversations/0", 87);
        let refused = admit(Some(256), Guest::Anybody).unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (ErrorCode::Overloaded, Some(OVERLOAD_WAIT)));
        assert!(admit(Some(256), Guest::Staff).is_ok());
        note("acme/conversations/0", 93);
        assert!(admit(Some(256), Guest::Staff).is_err());
        assert!(admit(None, Guest::Anybody).is_ok(), "no limit is known");
        note("acme/conversations/0", 0);
        assert!(admit(Some(256), Guest::Anybody).is_ok());
    }
}
