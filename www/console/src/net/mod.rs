//! Everything that leaves the page or comes into it: requests, sockets, the clock, what is kept for this window and for the next.

pub(crate) mod clock;
pub(crate) mod conversation;
pub(crate) mod desk;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod notification;
pub(crate) mod outbox;
pub(crate) mod renewal;
pub(crate) mod socket;
pub(crate) mod store;
pub(crate) mod wake;
