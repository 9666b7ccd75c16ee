//! How many strangers are let in: sessions for visitors, by the address they come from.

use std::cell::RefCell;

use shared::limit::{VISITOR_RATE, VISITOR_RATE_UNKNOWN};
use shared::protocol::Problem;
use shared::rate::Buckets;

use super::Visit;
use crate::clock;

thread_local! {
    // In the memory of this process: a restart forgives.
    static BY_ADDRESS: RefCell<Buckets<String>> = const { RefCell::new(Buckets::new(VISITOR_RATE)) };
    static UNKNOWN: RefCell<Buckets<()>> = const { RefCell::new(Buckets::new(VISITOR_RATE_UNKNOWN)) };
}

/// Admits a request for a visitor's session, or says when to try again.
pub(super) fn visitor(visit: &Visit) -> Result<(), Problem> {
    let header = visit.deployment.address_header.as_deref();
    let address = header.and_then(|header| visit.request.headers().get(header).ok().flatten());
    let now = clock::now();
    let taken = match address {
        Some(address) => BY_ADDRESS.with_borrow_mut(|buckets| buckets.take(now, address)),
        None => UNKNOWN.with_borrow_mut(|buckets| buckets.take(now, ())),
    };
    taken.map_err(Problem::wait)
}
