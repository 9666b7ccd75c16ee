//! What was measured of many messages.

use std::time::Duration;

/// Latencies, and what they cost.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    /// How long each message took until its answer, in order of length.
    latencies: Vec<Duration>,
    /// How long all of them took together.
    took: Duration,
    /// The processor time of the server meanwhile.
    processor: Duration,
}

impl Run {
    /// These latencies, of messages that took so long together and cost the server so much.
    pub(crate) fn new(mut latencies: Vec<Duration>, took: Duration, processor: Duration) -> Self {
        latencies.sort_unstable();
        Self { latencies, took, processor }
    }

    /// This and what was measured after it.
    pub(crate) fn and(mut self, next: Self) -> Self {
        self.latencies.extend(next.latencies);
        Self::new(self.latencies, self.took + next.took, self.processor + next.processor)
    }

    /// How many were measured.
    pub(crate) fn count(&self) -> usize {
        self.latencies.len()
    }

    /// How many there were in a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.number() / self.took.as_secs_f64()
    }

    /// Microseconds of the server's processor for each.
    pub(crate) fn processor_micros(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.number()
    }

    /// The latency in milliseconds that so many of a hundred messages kept below.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let index = self.latencies.len().saturating_sub(1) * percent / 100;
        milliseconds(self.latencies.get(index).copied().unwrap_or_default())
    }

    #[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52")]
    fn number(&self) -> f64 {
        self.latencies.len() as f64
    }
}

pub(crate) fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
