//! How many shards are best on this machine, at a hundred conversations.

use std::time::Duration;

use anyhow::Result;

use crate::contestant::process_of;
use crate::line::drive;
use crate::run::Run;
use crate::staff::Staff;

/// Shards that are tried.
const COUNTS: [u16; 5] = [1, 2, 4, 8, 16];
/// Conversations.
const CONVERSATIONS: usize = 100;
const SPAN: Duration = Duration::from_secs(2);

/// What was measured with so many shards.
pub(crate) async fn measure() -> Result<Vec<(u16, Run)>> {
    let mut measured = Vec::new();
    for count in COUNTS {
        let mut staff = Staff::open(count).await?;
        let lines = staff.conversations(CONVERSATIONS).await?;
        measured.push((count, drive(process_of(staff.house())?, lines, SPAN).await?));
    }
    Ok(measured)
}
