//! What the console knows and decides, without a browser: everything here runs and is tested on any machine.
//!
//! Nothing here reads a clock or draws a random number; both come with the call, as in `shared`.

pub(crate) mod bulk;
pub(crate) mod desk;
pub(crate) mod explain;
pub(crate) mod fetching;
pub(crate) mod link;
pub(crate) mod mail;
pub(crate) mod notices;
pub(crate) mod overview;
pub(crate) mod presences;
pub(crate) mod tabs;
pub(crate) mod transcript;
pub(crate) mod trial;
pub(crate) mod uploads;
pub(crate) mod window;
pub(crate) mod words;
pub(crate) mod worklist;
