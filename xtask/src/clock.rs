//! The only place here that reads a clock.

use std::time::{Duration, Instant};

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "xtask runs on the developer's machine, where this clock exists"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// What has passed since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A length of time for people: `0.4 s`, `12.3 s`, `2 min 05 s`.
pub fn describe(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = duration.as_secs();
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_readable() {
        assert_eq!(describe(Duration::from_millis(420)), "0.4 s");
        assert_eq!(describe(Duration::from_secs(125)), "2 min 05 s");
    }
}
