//! Every session that is counted runs, or was recorded once with why it ended (reference section 2.1).

use alloc::collections::BTreeSet;

use crate::id::SessionId;
use crate::routing::{Activity, Effect, Router};

/// The sessions that were recorded so far.
#[derive(Default)]
pub(in crate::routing::tests) struct Sessions {
    ended: BTreeSet<SessionId>,
}

impl Sessions {
    /// Looks at what followed from a command.
    pub(in crate::routing::tests) fn follow(&mut self, effects: &[Effect], router: &Router) {
        for effect in effects {
            if let Effect::Record(Activity::SessionEnded { session, reason, .. }) = effect {
                assert!(self.ended.insert(*session), "{session:?} is recorded once, and again by {reason:?}");
            }
        }
        let (running, counted) = router.sessions();
        let both = running.iter().find(|session| self.ended.contains(session));
        assert_eq!(both, None, "it was recorded and runs");
        let known = u64::try_from(self.ended.len() + running.len()).unwrap();
        assert_eq!(known, counted, "each session runs or was recorded");
    }
}
