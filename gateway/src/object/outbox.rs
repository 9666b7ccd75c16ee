//! Effects for other objects: at least once, in order for each target.
//!
//! An effect is stored in the transaction of the turn that caused it and deleted when the target has said that it is on
//! disk there. It bears a number that grows; the target remembers the highest it has seen of each source and passes over
//! what is not above it. So a delivery may be repeated at will and each effect is carried out once.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use shared::protocol::mail::HeldUp;
use shared::time::{Span, Timestamp};

use super::sql::{Row, Sql, Value, number};
use crate::fault::Result;

/// Effects in one delivery.
const BATCH_MAX: usize = 100;

/// The first wait after a failed delivery; each further one doubles it.
const RETRY_FIRST: Span = Span::from_millis(250);

/// The longest wait after a failed delivery.
const RETRY_LONGEST: Span = Span::from_secs(60);

/// Effects on their way from one object to another.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    /// The name of the object they come from.
    pub(crate) source: String,
    /// Each with its number, in order.
    pub(crate) effects: Vec<(u64, Vec<u8>)>,
}

/// What an object has yet to tell others.
pub(crate) struct Outbox {
    next: u64,
    lanes: BTreeMap<String, Lane>,
}

/// What one target has yet to be told.
#[derive(Default)]
struct Lane {
    waiting: VecDeque<(u64, Vec<u8>)>,
    /// A delivery is under way, and until when its answer is waited for.
    under_way: Option<Timestamp>,
    failures: u32,
    retry_at: Option<Timestamp>,
}

impl Outbox {
    pub(crate) fn open(sql: &Sql) -> Result<Self> {
        // AUTOINCREMENT: a number is never given twice, also when the table was empty in between.
        sql.run(
            "CREATE TABLE IF NOT EXISTS outbox (
                number INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, effect BLOB NOT NULL
            )",
            vec![],
        )?;
        let next = sql.first("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'", vec![], Row::number)?;
        let rows = sql.rows("SELECT number, target, effect FROM outbox ORDER BY number", vec![], |row| {
            Ok((row.number()?, row.text()?, row.blob()?))
        })?;
        let mut lanes: BTreeMap<String, Lane> = BTreeMap::new();
        for (number, target, effect) in rows {
            lanes.entry(target).or_default().waiting.push_back((number, effect));
        }
        Ok(Self { next: next.unwrap_or(0) + 1, lanes })
    }

    /// Stores an effect for `target`, in the transaction of the turn.
    pub(crate) fn post(&mut self, sql: &Sql, target: String, effect: Vec<u8>) -> Result<()> {
        sql.run(
            "INSERT INTO outbox (number, target, effect) VALUES (?, ?, ?)",
            vec![number(self.next), Value::String(target.clone()), Value::Blob(effect.clone())],
        )?;
        self.lanes.entry(target).or_default().waiting.push_back((self.next, effect));
        self.next += 1;
        Ok(())
    }

    /// The deliveries that are due, one for each target to which none is under way. They count as under way from now on.
    pub(crate) fn due(&mut self, now: Timestamp, source: &str) -> Vec<(String, Delivery)> {
        let mut due = Vec::new();
        for (target, lane) in &mut self.lanes {
            // An answer that never comes holds nothing up for ever; what arrives twice does no harm.
            let busy = lane.under_way.is_some_and(|until| now < until);
            if busy || lane.waiting.is_empty() || lane.retry_at.is_some_and(|at| now < at) {
                continue;
            }
            lane.under_way = Some(now.after(RETRY_LONGEST));
            lane.retry_at = None;
            let effects = lane.waiting.iter().take(BATCH_MAX).cloned().collect();
            due.push((target.clone(), Delivery { source: source.to_owned(), effects }));
        }
        due
    }

    /// The target has everything up to `last` on disk.
    pub(crate) fn delivered(&mut self, sql: &Sql, target: &str, last: u64) -> Result<()> {
        sql.run(
            "DELETE FROM outbox WHERE target = ? AND number <= ?",
            vec![Value::String(target.to_owned()), number(last)],
        )?;
        if let Some(lane) = self.lanes.get_mut(target) {
            lane.waiting.retain(|(number, _)| *number > last);
            if lane.waiting.is_empty() {
                self.lanes.remove(target);
            } else {
                lane.under_way = None;
                lane.failures = 0;
                lane.retry_at = None;
            }
        }
        Ok(())
    }

    /// The delivery failed: it is tried again after a while.
    pub(crate) fn failed(&mut self, now: Timestamp, target: &str) {
        if let Some(lane) = self.lanes.get_mut(target) {
            let doubled = RETRY_FIRST.as_millis().saturating_mul(1 << lane.failures.min(10));
            let wait = Span::from_millis(doubled.min(RETRY_LONGEST.as_millis()));
            lane.under_way = None;
            lane.failures += 1;
            lane.retry_at = Some(now.after(wait));
        }
    }

    /// What was tried in vain.
    pub(crate) fn held_up(&self) -> Vec<HeldUp> {
        let in_vain = self.lanes.iter().filter(|(_, lane)| lane.failures > 0);
        in_vain
            .map(|(target, lane)| HeldUp {
                to: target.clone(),
                waiting: lane.waiting.len() as u64,
                failures: lane.failures,
                next_try: lane.retry_at.filter(|_| lane.under_way.is_none()),
            })
            .collect()
    }

    /// When to look again, if something waits. What is under way counts too: a crash may cut it off, and only the alarm
    /// survives a crash.
    pub(crate) fn next_attempt(&self, now: Timestamp) -> Option<Timestamp> {
        let soon = now.after(RETRY_LONGEST);
        self.lanes.values().map(|lane| lane.under_way.or(lane.retry_at).unwrap_or(soon)).min()
    }
}

/// What an object has been told by others.
pub(crate) struct Inbox {
    seen: BTreeMap<String, u64>,
}

impl Inbox {
    pub(crate) fn open(sql: &Sql) -> Result<Self> {
        sql.run("CREATE TABLE IF NOT EXISTS inbox (source TEXT PRIMARY KEY, seen INTEGER NOT NULL)", vec![])?;
        let seen =
            sql.rows("SELECT source, seen FROM inbox", vec![], |row| Ok((row.text()?, row.number()?)))?;
        Ok(Self { seen: seen.into_iter().collect() })
    }

    /// Whether the effect with this number is new.
    pub(crate) fn is_new(&self, source: &str, effect: u64) -> bool {
        self.seen.get(source).is_none_or(|seen| effect > *seen)
    }

    /// Notes that everything up to `last` was carried out, in the transaction of the turn that did it.
    pub(crate) fn note(&mut self, sql: &Sql, source: &str, last: u64) -> Result<()> {
        sql.run(
            "INSERT INTO inbox (source, seen) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET seen = excluded.seen",
            vec![Value::String(source.to_owned()), number(last)],
        )?;
        self.seen.insert(source.to_owned(), last);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "acme/router";

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    /// What an object has after it was loaded: so many effects for one target.
    fn outbox(effects: u64) -> Outbox {
        let waiting = (1..=effects).map(|number| (number, vec![0]));
        let lane = Lane { waiting: waiting.collect(), ..Lane::default() };
        Outbox { next: effects + 1, lanes: BTreeMap::from([(TARGET.to_owned(), lane)]) }
    }

    /// The numbers of the effects that are delivered at this time.
    fn delivered_at(outbox: &mut Outbox, millis: u64) -> Vec<u64> {
        let due = outbox.due(at(millis), "acme/conversations/0");
        due.into_iter().flat_map(|(_, delivery)| delivery.effects).map(|(number, _)| number).collect()
    }

    #[test]
    fn a_delivery_that_fails_is_repeated_ever_later_and_a_minute_apart_at_last() {
        let mut outbox = outbox(1);
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..10 {
            assert_eq!(delivered_at(&mut outbox, now), [1]);
            outbox.failed(at(now), TARGET);
            let next = outbox.next_attempt(at(now)).unwrap();
            let wait = next.since(at(now)).as_millis();
            assert_eq!(delivered_at(&mut outbox, now + wait - 1), Vec::<u64>::new(), "before its time");
            waits.push(wait);
            now += wait;
        }
        assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    }

    #[test]
    fn one_delivery_for_a_target_is_under_way_at_a_time_and_the_alarm_watches_over_it() {
        let mut outbox = outbox(120);
        assert_eq!(delivered_at(&mut outbox, 0), (1..=100).collect::<Vec<_>>());
        assert_eq!(delivered_at(&mut outbox, 0), Vec::<u64>::new(), "order is kept");
        assert_eq!(outbox.next_attempt(at(0)), Some(at(60_000)), "a crash may cut it off");
        // What failed is delivered again from its beginning.
        outbox.failed(at(10), TARGET);
        assert_eq!(delivered_at(&mut outbox, 260).first(), Some(&1));
        assert_eq!(outbox.next_attempt(at(260)), Some(at(60_260)), "nothing to do until then");
        assert_eq!(delivered_at(&mut outbox, 60_259), Vec::<u64>::new());
        assert_eq!(delivered_at(&mut outbox, 60_260).first(), Some(&1), "its answer never came");
    }

    #[test]
    fn what_was_tried_in_vain_is_told_with_how_often_and_when_it_is_tried_next() {
        let mut outbox = outbox(3);
        delivered_at(&mut outbox, 0);
        assert_eq!(outbox.held_up(), [], "nothing has failed yet");
        outbox.failed(at(0), TARGET);
        let told = |next_try| HeldUp { to: TARGET.to_owned(), waiting: 3, failures: 1, next_try };
        assert_eq!(outbox.held_up(), [told(Some(at(250)))]);
        delivered_at(&mut outbox, 250);
        assert_eq!(outbox.held_up(), [told(None)], "it is being tried");
    }
}
