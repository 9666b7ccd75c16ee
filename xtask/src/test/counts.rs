//! How many tests passed and failed, from what the test runners print. A test that was skipped has not passed.

use std::iter::Sum;

/// How many passed and failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Counts {
    pub(super) const PASSED: Self = Self { passed: 1, failed: 0 };
    pub(super) const FAILED: Self = Self { passed: 0, failed: 1 };

    /// These counts of a command that ended like this: a failure that no test accounts for, and a run without any test,
    /// count as one failure.
    pub(super) fn with_exit(self, succeeded: bool) -> Self {
        let unexplained = !succeeded && self.failed == 0;
        let empty = self.passed == 0 && self.failed == 0;
        if unexplained || empty { Self { failed: 1, ..self } } else { self }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self { passed: 0, failed: 0 }, |sum, counts| Self {
            passed: sum.passed + counts.passed,
            failed: sum.failed + counts.failed,
        })
    }
}

/// What `cargo test` printed: one line per program with tests.
pub(super) fn cargo_test(output: &str) -> Counts {
    let results = output.lines().filter_map(|line| line.strip_prefix("test result: "));
    let counts = results.map(|line| {
        let rest = line.split_once(". ").map_or(line, |(_, rest)| rest);
        rest.split("; ").filter_map(number_and_word).fold(Counts { passed: 0, failed: 0 }, |sum, found| {
            match found {
                (number, "passed") => Counts { passed: sum.passed + number, ..sum },
                (number, "failed" | "ignored") => Counts { failed: sum.failed + number, ..sum },
                _ => sum,
            }
        })
    });
    counts.sum()
}

/// What Playwright printed at its end: one line per kind of result.
pub(super) fn playwright(output: &str) -> Counts {
    let counts = output.lines().filter_map(|line| {
        let (number, word) = number_and_word(line.trim())?;
        let word = word.split(" (").next().unwrap_or_default();
        match word {
            "passed" => Some(Counts { passed: number, failed: 0 }),
            "failed" | "flaky" | "skipped" | "interrupted" | "did not run" => {
                Some(Counts { passed: 0, failed: number })
            }
            _ => None,
        }
    });
    counts.sum()
}

/// `12 passed (3.0s)` as 12 and the rest.
fn number_and_word(text: &str) -> Option<(u64, &str)> {
    let (number, word) = text.split_once(' ')?;
    Some((number.parse().ok()?, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_of_cargo_test_is_counted() {
        let output = "\nrunning 3 tests\ntest a ... ok\n\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 4 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(cargo_test(output), Counts { passed: 7, failed: 3 });
    }

    #[test]
    fn every_result_of_playwright_is_counted() {
        let output = "  ✓  1 a.spec.ts:3:1 › opens (1.2s)\n\n  2 failed\n    [chromium] › a.spec.ts:9:1 › ends\n  \
            1 skipped\n  3 did not run\n  12 passed (30.1s)\n";
        assert_eq!(playwright(output), Counts { passed: 12, failed: 6 });
    }

    #[test]
    fn a_run_without_tests_and_an_unexplained_end_are_failures() {
        assert_eq!(cargo_test("").with_exit(true), Counts::FAILED);
        assert_eq!(Counts { passed: 5, failed: 0 }.with_exit(false), Counts { passed: 5, failed: 1 });
        assert_eq!(Counts { passed: 5, failed: 2 }.with_exit(false), Counts { passed: 5, failed: 2 });
    }
}
