//! How much text people may write: each participant, all customers at one address, and as much as there is memory for.

use shared::conversation::Sender;
use shared::id::ConversationId;
use shared::limit::{
    AWAKE_BYTES_KEPT, AWAKE_BYTES_MAX, OVERLOAD_WAIT, TEXT_ADDRESS_RATE, TEXT_RATE, TEXT_RATE_UNKNOWN,
};
use shared::protocol::{ErrorCode, Problem};
use shared::rate::Buckets;
use shared::time::Timestamp;

/// What was written lately, in bytes. In memory: a restart forgives.
pub(super) struct Texts {
    by_participant: Buckets<(ConversationId, Sender)>,
    by_address: Buckets<String>,
    unknown: Buckets<()>,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            by_participant: Buckets::new(TEXT_RATE),
            by_address: Buckets::new(TEXT_ADDRESS_RATE),
            unknown: Buckets::new(TEXT_RATE_UNKNOWN),
        }
    }
}

impl Texts {
    /// Takes so many bytes of the allowance of a participant, and of that of the address of a customer; or says how long to
    /// wait for them.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        who: (ConversationId, Sender),
        address: Option<&str>,
        bytes: usize,
    ) -> Result<(), Problem> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.by_participant.take_many(now, who, bytes).map_err(Problem::wait)?;
        let taken = match (who.1, address) {
            (Sender::Staff(_), _) => Ok(()),
            (Sender::Customer, Some(address)) => self.by_address.take_many(now, address.to_owned(), bytes),
            (Sender::Customer, None) => self.unknown.take_many(now, (), bytes),
        };
        taken.map_err(Problem::wait)
    }
}

/// Whether there is room in the memory of a process in which conversations take so many bytes: for customers, and a little
/// more for the staff.
pub(super) fn room(awake: usize, staff: bool) -> Result<(), Problem> {
    let most = if staff { AWAKE_BYTES_MAX + AWAKE_BYTES_KEPT } else { AWAKE_BYTES_MAX };
    if awake < most { Ok(()) } else { Err(Problem::from(ErrorCode::Overloaded).retry_after(OVERLOAD_WAIT)) }
}

#[cfg(test)]
mod tests {
    use shared::id::RepresentativeId;
    use shared::time::Span;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    /// The longest message.
    const LONGEST: usize = 16_000;

    fn who(number: u128, sender: Sender) -> (ConversationId, Sender) {
        (ConversationId::from_u128(number), sender)
    }

    /// How many bytes are admitted in an hour of somebody who tries every second.
    fn in_an_hour(mut take: impl FnMut(Timestamp) -> Result<(), Problem>) -> usize {
        let seconds = (0..3_600).map(|second| NOW.after(Span::from_secs(second)));
        let taken = |at| core::iter::repeat_with(|| ()).take_while(|()| take(at).is_ok()).count();
        seconds.map(taken).sum::<usize>() * LONGEST
    }

    #[test]
    fn what_one_participant_writes_is_bounded_in_bytes_and_the_wait_that_is_named_is_enough() {
        let mut texts = Texts::default();
        let ada = who(1, Sender::Customer);
        let written = in_an_hour(|at| texts.take(at, ada, None, LONGEST));
        let most = TEXT_RATE.burst as usize + 60 * TEXT_RATE.per_minute as usize;
        assert!(written <= most && written > most / 2, "{written} of {most}");
        let later = NOW.after(Span::from_secs(7_200));
        while texts.take(later, ada, None, LONGEST).is_ok() {}
        let wait = texts.take(later, ada, None, LONGEST).unwrap_err();
        assert_eq!(wait.code, ErrorCode::TooManyRequests);
        let wait = wait.retry_after.unwrap();
        assert!(wait <= Span::from_secs(10), "{wait:?}");
        texts.take(later.after(wait), ada, None, LONGEST).unwrap();
    }

    #[test]
    fn many_customers_at_one_address_share_one_allowance_and_the_staff_have_their_own() {
        let mut texts = Texts::default();
        let mut number = 0;
        let written = in_an_hour(|at| {
            number += 1;
            texts.take(at, who(number, Sender::Customer), Some("192.0.2.7"), LONGEST)
        });
        let most = TEXT_ADDRESS_RATE.burst as usize + 60 * TEXT_ADDRESS_RATE.per_minute as usize;
        assert!(written <= most && written > most / 2, "{written} of {most}");
        let end = NOW.after(Span::from_secs(3_599));
        assert!(texts.take(end, who(0, Sender::Customer), Some("192.0.2.8"), LONGEST).is_ok());
        let ana = Sender::Staff(RepresentativeId::from_u128(1));
        assert!(texts.take(end, who(0, ana), None, LONGEST).is_ok());
    }

    #[test]
    fn where_no_address_is_known_all_customers_together_are_bounded() {
        let mut texts = Texts::default();
        let mut number = 0;
        let written = in_an_hour(|at| {
            number += 1;
            texts.take(at, who(number, Sender::Customer), None, LONGEST)
        });
        let most = TEXT_RATE_UNKNOWN.burst as usize + 60 * TEXT_RATE_UNKNOWN.per_minute as usize;
        assert!(written <= most && written > most / 2, "{written} of {most}");
    }

    #[test]
    fn when_the_memory_is_full_customers_wait_and_the_staff_find_room_last() {
        assert!(room(AWAKE_BYTES_MAX - 1, false).is_ok());
        let refused = room(AWAKE_BYTES_MAX, false).unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (ErrorCode::Overloaded, Some(OVERLOAD_WAIT)));
        assert!(room(AWAKE_BYTES_MAX, true).is_ok());
        assert!(room(AWAKE_BYTES_MAX + AWAKE_BYTES_KEPT, true).is_err());
    }
}
