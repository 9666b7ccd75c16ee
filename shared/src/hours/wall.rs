//! Clock and calendar on a wall in some time zone: what rules that look at the clock see.

use super::zone::Zone;
use crate::time::{Span, Timestamp};

/// What is shown at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wall {
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// The day of the week, from Monday, which is 0.
    pub weekday: u8,
    /// Minutes since midnight as the clock shows them.
    pub minute: u16,
}

/// A clock on the wall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallClock(Zone);

impl WallClock {
    /// The clock of the time zone with this IANA name, if there is one.
    pub fn of_zone(name: &str) -> Option<Self> {
        Zone::named(name).map(Self)
    }

    /// The first moment after this one at which it shows so much time since midnight, or is set beyond it. None beyond the
    /// years that can be told.
    pub fn next(&self, after: Timestamp, since_midnight: Span) -> Option<Timestamp> {
        let minute = u16::try_from(since_midnight.as_millis() / 60_000).ok()?;
        let rest = Span::from_millis(since_midnight.as_millis() % 60_000);
        // The day before may still be waited for: a clock that is set back shows it again.
        let first = self.0.date(after).previous()?;
        let days = core::iter::successors(Some(first), |date| date.next());
        let moments = days.take(3).filter_map(|date| self.0.first(date, minute));
        moments.map(|moment| moment.after(rest)).find(|moment| *moment > after)
    }

    /// What it shows at this moment.
    pub fn shows(&self, at: Timestamp) -> Wall {
        self.0.wall(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_shows_the_time_of_its_zone_with_daylight_saving() {
        let clock = WallClock::of_zone("Europe/Berlin").unwrap();
        // 1 July 2026, a Wednesday, 22:30 UTC.
        let summer = clock.shows(Timestamp::from_millis(1_782_945_000_000));
        assert_eq!(summer, Wall { month: 7, day: 2, weekday: 3, minute: 30 });
        // 1 January 2026, a Thursday, 22:30 UTC.
        let winter = clock.shows(Timestamp::from_millis(1_767_306_600_000));
        assert_eq!(winter, Wall { month: 1, day: 1, weekday: 3, minute: 23 * 60 + 30 });
        assert_eq!(WallClock::of_zone("Europe/Nowhere"), None);
    }

    #[test]
    fn a_day_ends_when_the_clock_on_the_wall_says_so_through_changes_of_the_clock() {
        const HOUR: u64 = 3_600_000;
        let clock = WallClock::of_zone("Europe/Berlin").unwrap();
        // 28 March 2026, 12:00 UTC; clocks go from 2 to 3 in the night.
        let noon = 1_774_699_200_000;
        let next = |after, hours| {
            let moment = clock.next(Timestamp::from_millis(after), Span::from_millis(hours * HOUR)).unwrap();
            (moment.as_millis() - noon) / HOUR
        };
        assert_eq!([next(noon, 0), next(noon, 2), next(noon, 4), next(noon, 22)], [11, 13, 14, 9]);
        assert_eq!(next(noon + 11 * HOUR, 0), 34, "a day of 23 hours, and the moment itself is over");
        assert_eq!(next(noon + 9 * HOUR - 1, 22), 9);
    }
}
