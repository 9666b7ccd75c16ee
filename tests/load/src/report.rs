//! What was measured, as tables for people and as one JSON object for programs.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use xtask::table::{Align, draw};

use crate::contestant::Contestant;
use crate::flood::Flood;
use crate::idle::{Full, Idle};
use crate::journal::Loading;
use crate::levels::{Level, Levels};
use crate::run::{Run, milliseconds};
use crate::turn::Cost;

/// The design's budgets.
const RATIO_TARGET: f64 = 4.0;
const SINGLE_TARGET: f64 = 1.3;
const SAVE_TARGET_MS: f64 = 1_000.0;
const OFFER_TARGET_MS: f64 = 10.0;
const IDLE_TARGET_MB: f64 = 850.0;
const LOADING_TARGET_MS: f64 = 1_000.0;

/// Everything; what was not wanted is empty.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) levels: Levels,
    pub(crate) shards: Vec<(u16, Run)>,
    pub(crate) offers: Option<Run>,
    pub(crate) saves: Option<Run>,
    pub(crate) flood: Option<Flood>,
    pub(crate) turn: Vec<Cost>,
    pub(crate) full: Option<Full>,
    pub(crate) journal: Option<Loading>,
    pub(crate) idle_wanted: usize,
    /// Throughline and the bare objects, or why they were not measured.
    pub(crate) idle: Option<Result<(Idle, Idle), String>>,
}

/// One line of the JSON object.
fn entry(value: f64, unit: &str, target: Option<f64>, baseline: Option<f64>) -> Value {
    let rounded = |value: f64| (value * 100.0).round() / 100.0;
    json!({ "value": rounded(value), "unit": unit, "target": target, "baseline": baseline.map(rounded) })
}

/// A number of a run.
type Number = fn(&Run) -> f64;

impl Results {
    fn run(&self, contestant: Contestant, level: Level) -> Option<&Run> {
        self.levels.get(&(contestant, level))
    }

    /// A number of ours beside the same of the floor.
    fn beside(&self, level: Level, number: impl Fn(&Run) -> f64) -> Option<(f64, f64)> {
        let (ours, floor) =
            (self.run(Contestant::Throughline, level)?, self.run(Contestant::RawInsert, level)?);
        Some((number(ours), number(floor)))
    }

    fn ratio_to_floor(&self) -> Option<f64> {
        self.beside(Level::Busy(100), Run::per_second).map(|(ours, floor)| ours / floor)
    }

    fn rtt_ratio_single(&self) -> Option<f64> {
        self.beside(Level::Alone, |run| run.percentile(50)).map(|(ours, floor)| ours / floor)
    }

    fn best_shards(&self) -> Option<u16> {
        let best =
            self.shards.iter().max_by(|(_, one), (_, other)| one.per_second().total_cmp(&other.per_second()));
        best.map(|(count, _)| *count)
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut keys = Map::new();
        let mut add = |key: &str, value: Value| drop(keys.insert(format!("gateway.{key}"), value));
        if let Some(ratio) = self.ratio_to_floor() {
            add("ratio_to_floor", entry(ratio, "×", Some(RATIO_TARGET), Some(1.0)));
        }
        if let Some(ratio) = self.rtt_ratio_single() {
            add("rtt_ratio_single", entry(ratio, "×", Some(SINGLE_TARGET), Some(1.0)));
        }
        for ((contestant, level), run) in &self.levels {
            let Level::Busy(count) = level else { continue };
            let suffix = match contestant {
                Contestant::Throughline => count.to_string(),
                other => format!("{count}_{}", other.key()),
            };
            let floor = self.run(Contestant::RawInsert, *level);
            let numbers: [(&str, &str, Number); 4] = [
                ("messages_per_s", "1/s", Run::per_second),
                ("p50_ms", "ms", |run| run.percentile(50)),
                ("p99_ms", "ms", |run| run.percentile(99)),
                ("cpu_us_per_message", "µs", Run::processor_micros),
            ];
            for (key, unit, number) in numbers {
                add(&format!("{key}_{suffix}"), entry(number(run), unit, None, floor.map(number)));
            }
        }
        for (count, run) in &self.shards {
            add(&format!("messages_per_s_100_shards_{count}"), entry(run.per_second(), "1/s", None, None));
        }
        for Cost { key, micros, .. } in &self.turn {
            add(&format!("turn_{key}_us"), entry(*micros, "µs", None, None));
        }
        if let Some(offers) = &self.offers {
            add("offer_ms_p50", entry(offers.percentile(50), "ms", Some(OFFER_TARGET_MS), None));
        }
        if let Some(saves) = &self.saves {
            add("save_to_offer_ms_p50", entry(saves.percentile(50), "ms", Some(SAVE_TARGET_MS), None));
        }
        if let Some(flood) = &self.flood {
            let (calm, flooded) = (&flood.calm, &flood.flooded);
            add("flood_p50_ms", entry(flooded.percentile(50), "ms", None, Some(calm.percentile(50))));
            add("flood_p99_ms", entry(flooded.percentile(99), "ms", None, Some(calm.percentile(99))));
        }
        if let Some(journal) = &self.journal {
            let (loaded, empty) = (milliseconds(journal.loaded), milliseconds(journal.loaded_empty));
            add("load_ms", entry(loaded, "ms", Some(LOADING_TARGET_MS), Some(empty)));
        }
        match &self.idle {
            Some(Ok((ours, raw))) => {
                let wanted = self.idle_wanted;
                let key =
                    if wanted == 10_000 { "idle_10k_mb".to_owned() } else { format!("idle_{wanted}_mb") };
                let target = (wanted == 10_000).then_some(IDLE_TARGET_MB);
                let mut megabytes =
                    entry(ours.megabytes_at(wanted), "MB", target, Some(raw.megabytes_at(wanted)));
                if let Some(line) = megabytes.as_object_mut() {
                    line.insert("conversations".to_owned(), json!(ours.conversations));
                    line.insert("baseline_conversations".to_owned(), json!(raw.conversations));
                }
                add(&key, megabytes);
                add("idle_wake_ms", entry(ours.wake_ms, "ms", None, Some(raw.wake_ms)));
            }
            Some(Err(reason)) => add("idle_10k_mb", json!({ "skipped": reason })),
            None => {}
        }
        Value::Object(keys)
    }

    pub(crate) fn to_text(&self) -> String {
        let parts =
            [self.levels_text(), self.shards_text(), self.turn_text(), self.offers_text(), self.flood_text()];
        let rest = [self.full_text(), self.journal_text(), self.idle_text()];
        parts.into_iter().chain(rest).flatten().collect::<Vec<_>>().join("\n")
    }

    fn levels_text(&self) -> Option<String> {
        let row = |((contestant, level), run): (&(Contestant, Level), &Run)| {
            let (who, level) = (contestant.name().to_owned(), level.name());
            let [per_second, p50, p99] = [run.per_second().round(), run.percentile(50), run.percentile(99)];
            let processor = run.processor_micros();
            [
                level,
                who,
                format!("{per_second}"),
                format!("{p50:.2}"),
                format!("{p99:.2}"),
                format!("{processor:.0}"),
            ]
        };
        let mut runs: Vec<_> = self.levels.iter().collect();
        runs.sort_by_key(|((contestant, level), _)| (*level, *contestant));
        let rows: Vec<_> = runs.into_iter().map(row).collect();
        let head = ["conversations", "two clients each", "messages/s", "p50 ms", "p99 ms", "CPU µs each"];
        let right = Align::Right;
        let table = draw(head, [right, Align::Left, right, right, right, right], &rows);
        let (ratio, single) = (self.ratio_to_floor()?, self.rtt_ratio_single()?);
        Some(format!(
            "{table}\n  gateway.ratio_to_floor     {ratio:.2}   (at least {RATIO_TARGET}; the bare object is 1)\n  \
             gateway.rtt_ratio_single   {single:.2}   (at most {SINGLE_TARGET}; the bare object is 1)\n"
        ))
    }

    fn shards_text(&self) -> Option<String> {
        let best = self.best_shards()?;
        let row = |(count, run): &(u16, Run)| {
            [count.to_string(), format!("{:.0}", run.per_second()), format!("{:.2}", run.percentile(50))]
        };
        let rows: Vec<_> = self.shards.iter().map(row).collect();
        let head = ["shards, 100 conversations", "messages/s", "p50 ms"];
        let table = draw(head, [Align::Right, Align::Right, Align::Right], &rows);
        Some(format!("{table}\n  best number of shards here {best}\n"))
    }

    fn turn_text(&self) -> Option<String> {
        let row = |cost: &Cost| [cost.what.to_owned(), format!("{:.2}", cost.micros)];
        let rows: Vec<_> = self.turn.iter().map(row).collect();
        let table = draw(["of a turn, for one message", "µs"], [Align::Left, Align::Right], &rows);
        (!rows.is_empty()).then_some(table)
    }

    fn offers_text(&self) -> Option<String> {
        let offers = self.offers.as_ref()?;
        Some(
            format!(
                "  gateway.offer_ms_p50       {:.1}   (at most {OFFER_TARGET_MS}; {} new chats, from the form to the desk)\n",
                offers.percentile(50),
                offers.count(),
            ) + &self.saves_text(),
        )
    }

    fn saves_text(&self) -> String {
        self.saves.as_ref().map_or_else(String::new, |saves| {
            format!(
                "  gateway.save_to_offer_ms_p50 {:.1}   (at most {SAVE_TARGET_MS}; {} saves, until what waits is offered by them)\n",
                saves.percentile(50),
                saves.count(),
            )
        })
    }

    fn flood_text(&self) -> Option<String> {
        let Flood { frames, took, told, calm, flooded } = self.flood.as_ref()?;
        let mut text = String::new();
        writeln!(
            text,
            "  One socket gets rid of {frames} tiny frames in {:.1} s. It is told to wait {told} times and lives on.",
            took.as_secs_f64()
        )
        .ok()?;
        for (when, run) in [("before", calm), ("meanwhile", flooded)] {
            let (p50, p99) = (run.percentile(50), run.percentile(99));
            writeln!(
                text,
                "    others, {when:<10} p50 {p50:.2} ms, p99 {p99:.2} ms, of {} messages",
                run.count()
            )
            .ok()?;
        }
        Some(text)
    }

    fn full_text(&self) -> Option<String> {
        let Full { limit, sockets, files, retry_after_ms, recovered_ms } = self.full.as_ref()?;
        Some(format!(
            "  With {limit} files {sockets} customers find room ({files} files open); whoever comes then is answered 503 and \
             to wait {} s.\n    When half of them had left, the next was let in after {recovered_ms:.0} ms.\n",
            retry_after_ms.div_ceil(1_000)
        ))
    }

    fn journal_text(&self) -> Option<String> {
        let Loading { steps, took, loaded, loaded_empty } = self.journal.as_ref()?;
        Some(format!(
            "  gateway.load_ms            {:.0}   (at most {LOADING_TARGET_MS}; a shard after {steps} journal entries, written in \
             {:.0} s;\n                                    one after a single entry: {:.0})\n",
            milliseconds(*loaded),
            took.as_secs_f64(),
            milliseconds(*loaded_empty),
        ))
    }

    fn idle_text(&self) -> Option<String> {
        let (ours, raw) = match self.idle.as_ref()? {
            Ok(both) => both,
            Err(reason) => return Some(format!("  Idle conversations were not measured: {reason}.\n")),
        };
        let row = |who: &str, idle: &Idle| {
            [
                who.to_owned(),
                idle.conversations.to_string(),
                format!("{:.0}", idle.megabytes),
                format!("{:.0}", idle.megabytes_at(self.idle_wanted)),
                idle.files.to_string(),
                format!("{:.2}", idle.wake_ms),
            ]
        };
        let rows = [row("Throughline", ours), row("bare objects", raw)];
        let in_all = format!("MB at {}", self.idle_wanted);
        let head =
            ["idle, opened at 100/s", "conversations", "MB", in_all.as_str(), "files", "ms to wake one"];
        let right = Align::Right;
        Some(draw(head, [Align::Left, right, right, right, right, right], &rows))
    }
}
