//! What must be true between two commands. Tests and the simulation ask after every step.

use super::assignment::best_for;
use super::book::Book;
use super::candidates::Look;
use super::company::Consult;
use super::counters;
use super::index::Index;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, RepresentativeId};
use crate::protocol::desk::OfferKind;
use crate::time::Timestamp;

/// Checks everything; gives the first rule that does not hold.
pub(super) fn check(book: &Book, index: &Index) -> Result<(), &'static str> {
    require(index.agrees_with(book), "the index is the one that follows from the book")?;
    require(counters::agree(book, index), "the counters are what one counts")?;
    for (&id, item) in &book.items {
        check_item(book, index, id, item)?;
    }
    let mut sessions: alloc::vec::Vec<_> =
        book.items.values().flat_map(|item| item.sessions()).map(|session| session.id).collect();
    sessions.sort_unstable();
    require(sessions.windows(2).all(|pair| pair[0] != pair[1]), "a session belongs to one item")?;
    require(sessions.last().is_none_or(|last| *last <= book.last_session), "sessions are counted")?;
    let look = Look { book, index, now: Timestamp::default() };
    for (&id, representative) in &book.representatives {
        let full = look.sessions_of(id) >= usize::from(book.desk.most_sessions);
        require(
            full || !representative.crowded,
            "only who has too many sessions open is passed over for it",
        )?;
        let gone = representative.absence.is_some();
        require(!(gone && representative.is_connected()), "nobody is both there and gone")?;
        require(representative.last_session <= book.last_session, "sessions are counted")?;
    }
    Ok(())
}

fn check_item(book: &Book, index: &Index, id: ConversationId, item: &WorkItem) -> Result<(), &'static str> {
    check_company(book, item)?;
    let owner = item.representative().and_then(|id| book.representatives.get(&id));
    match &item.stage {
        Stage::Open => {
            let exists = item.queue.is_none_or(|queue| book.queues.contains_key(&queue));
            require(exists, "work waits in a queue that exists, or is parked")?;
            let known = book.workstreams.contains_key(&item.workstream);
            require(known || item.queue.is_none(), "work of a workstream that is gone is parked")?;
            require(best_for(book, index, id).is_none(), "no item waits while somebody is eligible for it")
        }
        Stage::Offered(offer) => {
            let to = offer.session.representative;
            let member = item.queue.is_some_and(|queue| book.is_member(to, queue));
            let chosen = offer.kind != OfferKind::Work || item.wishes().contains(&to);
            require(member || chosen, "offers go to members of the queue")?;
            require(book.is_connected(offer.session.representative), "offers go to those who are there")
        }
        Stage::Active(session) => {
            let there = owner.is_some_and(|owner| owner.is_connected() || owner.absence.is_some());
            require(there, "whoever has a customer is there, or may still come back")?;
            require(session.accepted.is_some(), "whoever has a customer has accepted them")
        }
        Stage::WrapUp(_) => require(owner.is_some(), "wrap-up belongs to somebody in the settings"),
        Stage::Waiting(_) => {
            let nothing = item.charges().all(|(other, charge)| {
                item.transfer.as_ref().is_some_and(|it| it.offer.session.representative == other)
                    || charge.is_nothing()
            });
            require(nothing, "what waits for its customer holds no capacity")
        }
    }
}

/// Who takes part beside the primary representative.
fn check_company(book: &Book, item: &WorkItem) -> Result<(), &'static str> {
    let active = matches!(item.stage, Stage::Active(_));
    let has_somebody = active || matches!(item.stage, Stage::Waiting(_));
    require(item.transfer.is_none() || has_somebody, "only what somebody has is transferred")?;
    require(active || item.consults.is_empty(), "only whoever has a customer consults")?;
    require(active || item.search.is_none(), "only whoever has a customer looks for a consultant")?;
    let owner = item.owner();
    let both = |id: &RepresentativeId| Some(*id) == owner;
    require(!item.consults.keys().any(both), "nobody consults themselves")?;
    require(!item.monitors.keys().any(both), "nobody monitors what is their own")?;
    let twice = item
        .consults
        .iter()
        .any(|(id, consult)| matches!(consult, Consult::Joined { .. }) && item.monitors.contains_key(id));
    require(!twice, "nobody takes part in two ways")?;
    let asked = item.offers().map(|offer| offer.session.representative);
    require(asked.into_iter().all(|id| book.is_connected(id)), "who is asked is there")?;
    let monitored = item.monitors.values().all(|monitor| monitor.session.holds.is_nothing());
    require(monitored, "monitoring holds no capacity")
}

fn require(holds: bool, rule: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(rule) }
}
