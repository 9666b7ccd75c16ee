//! What would become of a conversation if it arrived now (reference section 28). What is decided about it is decided by the
//! same functions as when it arrives, which look at it and change nothing else; random histories hold the two against each
//! other.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Arrival;
use super::assignment::best_of;
use super::book::Book;
use super::by_id::ById;
use super::candidates::Look;
use super::capacity::Charge;
use super::class::Class;
use super::diagnostics::{Case, queue_name};
use super::effect::SessionEnd;
use super::index::Index;
use super::rejection::Rejection;
use super::trace;
use super::work::{Offer, Session, Stage, WorkItem};
use crate::id::{ConversationId, RepresentativeId};
use crate::protocol::desk::{OfferKind, Part};
use crate::protocol::insight::{Tried, Verdict};
use crate::settings::Acceptance;

/// Decides about a conversation as if it arrived.
pub(super) fn decide(look: Look<'_>, arrival: Arrival) -> Result<Tried, Rejection> {
    let Look { book, index, now } = look;
    let conversation = arrival.conversation;
    if book.items.contains_key(&conversation) {
        return Err(Rejection::NotPossibleNow);
    }
    let mut item = WorkItem::new(arrival, now);
    if let Some((queue, action)) = look.direct(&mut item, conversation) {
        let verdict = Verdict::TurnedAway { queue, queue_name: queue_name(book, queue), action };
        return Ok(Tried { verdict, rules: trace::rules_of(book, index, &item, usize::MAX) });
    }
    let class = index.class_as_if(&book.given(), &item);
    let passed = offer(look, &mut item, class.as_deref());
    let class = class.filter(|_| item.stage == Stage::Open);
    let case = Case { book, index, conversation, item: &item, class: class.as_deref(), passed: &passed };
    let verdict = Verdict::TakenIn(case.explain().into());
    Ok(Tried { verdict, rules: trace::rules_of(book, index, &item, usize::MAX) })
}

/// Offers an item to whoever would be offered it. Gives who would be passed over, because they have too many sessions open.
fn offer(look: Look<'_>, item: &mut WorkItem, class: Option<&Class>) -> Vec<RepresentativeId> {
    let Look { book, index, now } = look;
    let mut passed = Vec::new();
    while let Some(representative) = best_of(book, index, item, class, &passed) {
        let holds = Charge::default();
        let session =
            Session { id: book.last_session.next(), representative, assigned: now, accepted: None, holds };
        if look.sessions_of(representative) >= usize::from(book.desk.most_sessions) {
            item.remember(&session, Part::Primary, SessionEnd::TooManySessions, now);
            passed.push(representative);
            continue;
        }
        let Some(workstream) = book.workstreams.get(&item.workstream) else { break };
        item.stage = match workstream.sessions.acceptance {
            Acceptance::Automatic => Stage::Active(session),
            Acceptance::AcceptOrReject | Acceptance::AcceptOnly => Stage::Offered(Offer {
                id: book.last_offer.next(),
                session,
                timeout: workstream.offer_timeout,
                kind: OfferKind::Work,
                asked_by: None,
            }),
        };
        break;
    }
    passed
}

/// A copy of the book with at most about so many conversations that wait, and whether it has all of them. Of more, the first of
/// each line are kept, the same number of each queue. What somebody has is always kept: it is bounded by what people can do.
pub(super) fn sample(book: &Book, index: &Index, most: usize) -> (Book, bool) {
    let waiting =
        book.items.len().saturating_sub(index.representatives.values().map(|entry| entry.work.len()).sum());
    if waiting <= most {
        return (book.clone(), true);
    }
    let share = (most / book.queues.len().max(1)).max(1);
    let mut kept = BTreeSet::new();
    for queue in index.queues.values() {
        let mut first: Vec<_> =
            queue.lines(&index.classes).flat_map(|line| line.iter().take(share)).collect();
        first.sort_unstable();
        kept.extend(first.into_iter().take(share).map(|order| order.conversation));
    }
    let held = index.representatives.values().flat_map(|entry| entry.work.iter());
    kept.extend(held);
    let copied = |id: &ConversationId| Some((*id, book.items.get(id)?.clone()));
    (book.with_items(kept.iter().filter_map(copied).collect::<ById<_, _>>()), false)
}
