//! Clock and calendar on a wall in some time zone: what rules that look at the clock see.

use super::zone::Zone;
use crate::time::Timestamp;

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
}
