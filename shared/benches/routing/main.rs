//! How fast work finds people: decisions per second and nanoseconds each, over how much waits and how many serve, with and
//! without skills, beside an ordered map of the same size in the same run. `cargo xtask bench routing` runs it.
//!
//! A decision is one assignment with every index kept up to date. It is measured where it is hardest: work waits
//! everywhere. Somebody comes back to their desk and is offered as much as they can take; what follows (customers leave,
//! new ones come, so that as much waits as before) is not part of the time. Beside it stand two longer stretches: a
//! round, in which a customer leaves, somebody is offered the next item, and a new one arrives; and a cycle, in which an
//! offer is accepted, the conversation is ended and closed, the next item is offered, and a new one arrives.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, missing_docs)] // a bench may stop, and prints

mod house;
mod plot;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use house::{House, Size};

/// Rounds of one measurement.
const ROUNDS: u32 = 100_000;
/// With fewer decisions than this nothing is said about them.
const DECISIONS_MIN: u32 = 1_000;

/// What was measured in one house.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) size: Size,
    /// Of a decision; none where so little waits that hardly anybody who comes finds something to do.
    pub(crate) nanos: Option<f64>,
    round_nanos: f64,
    cycle_nanos: f64,
    bytes_per_item: f64,
    map_nanos: f64,
    /// From new settings to the last of those who wait having been looked at again.
    configure_millis: f64,
}

/// Settings take effect on what waits in less than this, in milliseconds.
const CONFIGURE_TARGET_MS: f64 = 1_000.0;

const HEADLINE: Size = Size { representatives: 10_000, waiting: 1_000_000, skills: false };

fn main() {
    let as_json = std::env::args().any(|argument| argument == "--json");
    let quick = std::env::args().any(|argument| argument == "--quick");
    let sizes =
        if as_json || quick { vec![HEADLINE, Size { skills: true, ..HEADLINE }] } else { all_sizes() };
    let mut measured = Vec::new();
    for size in sizes {
        let result = measure(size);
        if !as_json {
            print(&result, measured.is_empty());
        }
        measured.push(result);
    }
    if as_json {
        return print_json(&measured);
    }
    print_wasm();
    if !quick {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/routing/curve.svg");
        std::fs::write(path, plot::draw(&measured)).unwrap();
        println!("\nThe curve is in shared/benches/routing/curve.svg.");
    }
}

fn all_sizes() -> Vec<Size> {
    // The largest first: memory that an earlier house gave back would hide what it takes.
    let mut sizes = vec![HEADLINE];
    for skills in [false, true] {
        for waiting in [100, 1_000, 10_000, 100_000, 1_000_000] {
            sizes.extend(
                Some(Size { representatives: 10_000, waiting, skills }).filter(|size| *size != HEADLINE),
            );
        }
        for representatives in [10, 100, 1_000, 100_000] {
            sizes.push(Size { representatives, waiting: 100_000, skills });
        }
    }
    sizes
}

fn measure(size: Size) -> Measured {
    let mut house = House::new(size);
    let before = resident();
    house.fill(size.waiting);
    let bytes_per_item = resident().saturating_sub(before) as f64 / f64::from(size.waiting);
    let nanos = come_to_work(&mut house);
    let round_nanos = timed(ROUNDS, || house.replace());
    let cycle_nanos = timed(ROUNDS / 4, || house.serve());
    let configure_millis = configure(&mut house);
    let map_nanos = ordered_map(size.waiting);
    Measured { size, nanos, round_nanos, cycle_nanos, bytes_per_item, map_nanos, configure_millis }
}

fn configure(house: &mut House) -> f64 {
    let settings = house.other_settings();
    let start = clock();
    let effects = house.configure(settings);
    let millis = start.elapsed().as_secs_f64() * 1e3;
    house.follow(effects);
    millis
}

/// One after the other comes back to their desk and is offered as much as they can take. Gives the nanoseconds of one
/// decision.
fn come_to_work(house: &mut House) -> Option<f64> {
    let (mut made, mut spent) = (0, Duration::ZERO);
    // With little that waits not everybody who comes finds something.
    for number in house.everybody().cycle().take(ROUNDS as usize) {
        if made >= ROUNDS {
            break;
        }
        house.leave_desk(number);
        let start = clock();
        let effects = house.come_back(number);
        spent += start.elapsed();
        made += house.follow(effects);
    }
    (made >= DECISIONS_MIN).then(|| spent.as_nanos() as f64 / f64::from(made))
}

/// The moment.
#[allow(clippy::disallowed_methods)] // a bench is not for wasm
fn clock() -> Instant {
    Instant::now()
}

fn timed(rounds: u32, mut round: impl FnMut()) -> f64 {
    for _ in 0..rounds / 10 {
        round();
    }
    let start = clock();
    for _ in 0..rounds {
        round();
    }
    start.elapsed().as_nanos() as f64 / f64::from(rounds)
}

/// Nanoseconds for one insertion or removal in an ordered map with as many entries, by keys in no order.
fn ordered_map(entries: u32) -> f64 {
    let key = |number: u32| u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let mut map: BTreeMap<u128, [u64; 4]> = (0..entries).map(|number| (key(number), [0; 4])).collect();
    let mut next = 0;
    timed(ROUNDS, || {
        black_box(map.remove(&key(next)));
        map.insert(key(next + entries), [1; 4]);
        next += 1;
    }) / 2.0
}

/// Bytes of memory that this process has.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4_096
}

fn print(result: &Measured, first: bool) {
    if first {
        println!(
            "{:>9} {:>7} {:>9} {:>7} {:>12} {:>10} {:>10} {:>10} {:>10} {:>8} {:>11}",
            "people",
            "queues",
            "waiting",
            "skills",
            "decisions/s",
            "ns each",
            "ns round",
            "ns cycle",
            "map op ns",
            "B/item",
            "ms settings"
        );
    }
    let Size { representatives, waiting, skills } = result.size;
    let number = |number: Option<f64>| number.map_or("-".to_owned(), |number| format!("{number:.0}"));
    println!(
        "{:>9} {:>7} {:>9} {:>7} {:>12} {:>10} {:>10.0} {:>10.0} {:>10.0} {:>8} {:>11.0}",
        representatives,
        house::queues_of(representatives),
        waiting,
        if skills { "yes" } else { "no" },
        number(result.nanos.map(|nanos| 1e9 / nanos)),
        number(result.nanos),
        result.round_nanos,
        result.cycle_nanos,
        result.map_nanos,
        // Only of the first house: the next one uses the memory that it gave back.
        number(Some(result.bytes_per_item).filter(|_| result.size == HEADLINE)),
        result.configure_millis,
    );
}

/// What `cargo xtask bench routing` has measured of the same house in wasm under workerd.
fn in_wasm() -> Vec<serde_json::Value> {
    let given = std::env::args().skip_while(|argument| argument != "--wasm").nth(1);
    given.map(|text| serde_json::from_str(&text).unwrap()).unwrap_or_default()
}

fn print_wasm() {
    let measured = in_wasm();
    if measured.is_empty() {
        return;
    }
    println!("\nThe same in wasm under workerd, timed from outside:");
    println!(
        "{:>9} {:>9} {:>7} {:>12} {:>10} {:>10} {:>10} {:>11}",
        "people", "waiting", "skills", "decisions/s", "ns each", "ns round", "ns cycle", "ms settings"
    );
    for house in measured {
        let nanos = |name: &str| house[name].as_f64().unwrap();
        println!(
            "{:>9} {:>9} {:>7} {:>12.0} {:>10.0} {:>10.0} {:>10.0} {:>11.0}",
            house["representatives"],
            house["waiting"],
            if house["skills"] == true { "yes" } else { "no" },
            1e9 / nanos("nanos"),
            nanos("nanos"),
            nanos("round_nanos"),
            nanos("cycle_nanos"),
            nanos("configure_millis"),
        );
    }
}

fn print_json(measured: &[Measured]) {
    let mut keys = serde_json::Map::new();
    let mut add = |key: &str, value: f64, unit: &str, target: Option<f64>, baseline: Option<f64>| {
        let entry = serde_json::json!({ "value": value.round(), "unit": unit, "target": target, "baseline": baseline.map(f64::round) });
        keys.insert(key.to_owned(), entry);
    };
    for result in measured {
        let suffix = if result.size.skills { "_with_skills" } else { "" };
        let map = 1e9 / result.map_nanos;
        let target = (!result.size.skills).then_some(500_000.0);
        if let Some(nanos) = result.nanos {
            add(&format!("routing.decisions_per_s{suffix}"), 1e9 / nanos, "1/s", target, Some(map));
        }
        add(&format!("routing.rounds_per_s{suffix}"), 1e9 / result.round_nanos, "1/s", None, Some(map));
        add(&format!("routing.cycles_per_s{suffix}"), 1e9 / result.cycle_nanos, "1/s", None, Some(map));
        let within = (!result.size.skills).then_some(CONFIGURE_TARGET_MS);
        add(&format!("routing.configure_ms{suffix}"), result.configure_millis, "ms", within, None);
        if !result.size.skills {
            // Only of the first house: the next one uses the memory that it gave back.
            add("routing.bytes_per_waiting_item", result.bytes_per_item, "B", None, None);
        }
    }
    let headline = |house: &serde_json::Value| {
        house["representatives"] == HEADLINE.representatives && house["waiting"] == HEADLINE.waiting
    };
    for house in in_wasm().into_iter().filter(headline) {
        let suffix = if house["skills"] == true { "_with_skills" } else { "" };
        let native = measured.iter().find(|result| house["skills"] == result.size.skills);
        let native = native.and_then(|result| result.nanos).map(|nanos| 1e9 / nanos);
        let value = 1e9 / house["nanos"].as_f64().unwrap();
        add(&format!("routing.wasm_decisions_per_s{suffix}"), value, "1/s", None, native);
        let native = measured.iter().find(|result| house["skills"] == result.size.skills);
        let configure = house["configure_millis"].as_f64().unwrap();
        let native = native.map(|result| result.configure_millis);
        add(&format!("routing.wasm_configure_ms{suffix}"), configure, "ms", None, native);
    }
    println!("{}", serde_json::Value::Object(keys));
}
