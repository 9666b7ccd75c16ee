//! What the system says of a process: its processor time, its memory, its files.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Ticks of the clock in which Linux counts processor time, whatever the machine (`man 5 proc`).
const TICKS_PER_SECOND: f64 = 100.0;

/// A process, as `/proc` shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// The processor time that it has used so far, its own and the system's for it.
    pub(crate) fn processor_time(self) -> Result<Duration> {
        let stat = self.read("stat")?;
        // The name in parentheses may hold anything, so what follows its end is counted.
        let fields = stat.rsplit_once(')').context("/proc/*/stat names the program")?.1;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        let ticks = ticks.sum::<Result<u32, _>>()?;
        Ok(Duration::from_secs_f64(f64::from(ticks) / TICKS_PER_SECOND))
    }

    /// The memory that it holds, in megabytes.
    pub(crate) fn megabytes(self) -> Result<f64> {
        let status = self.read("status")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = resident.and_then(|text| text.split_whitespace().next()?.parse::<u32>().ok());
        Ok(f64::from(kilobytes.context("/proc/*/status says VmRSS")?) / 1024.0)
    }

    /// How many files it has open.
    pub(crate) fn open_files(self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.0))?.count())
    }

    fn read(self, what: &str) -> Result<String> {
        fs::read_to_string(format!("/proc/{}/{what}", self.0))
            .with_context(|| format!("The process {} is gone.", self.0))
    }
}
