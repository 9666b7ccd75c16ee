//! One conversation as work: in which stage it is, and what it holds.
//!
//! A stage that needs a representative carries the session, so there is no item with two of them and no stage that
//! contradicts its owner. What an item holds of somebody's capacity is fixed when it is assigned: later settings apply
//! to later work. Who takes part beside the primary representative is in `company`.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::Arrival;
use super::book::Book;
use super::capacity::Charge;
use super::company::{Consult, Monitor, Search, Transfer};
use super::decision::{Path, Selection};
use super::effect::SessionEnd;
use super::facts::FactList;
use super::past::Past;
use super::requirements::{Requirements, Skills};
use crate::id::{OfferId, QueueId, RepresentativeId, SessionId, WorkstreamId};
use crate::limit::{DECLINERS_MAX, PREFERRED_MAX};
use crate::protocol::desk::{OfferKind, WorkState};
use crate::settings::{RatedSkill, SettingsVersion, Silent, SkillMatching, WrapUp};
use crate::time::{Span, Timestamp};

/// A conversation that is not closed. What a decision looks at stands first and lies together in memory: with a million
/// of these it is mostly the way to memory that a decision costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[repr(C)]
pub(super) struct WorkItem {
    /// How far it is.
    pub(super) stage: Stage,
    /// Under which rules.
    pub(super) workstream: WorkstreamId,
    /// Where it waits or came from. None: parked, because no configuration has had a place for it so far. Work that
    /// somebody has keeps its queue even if the queue is gone from the settings.
    pub(super) queue: Option<QueueId>,
    /// How often it was transferred.
    pub(super) transfers: u16,
    /// Its own priority number: lower is served earlier within its queue's bucket.
    pub(super) priority: u16,
    /// Whether more has become known about it since it arrived: a bot has handed it over, or it was routed again.
    pub(super) rerouted: bool,
    /// Where its queue's prioritisation rules put it.
    pub(super) precedence: Precedence,
    /// When it arrived. This is its age for ever, however often it comes back to its queue.
    pub(super) created: Timestamp,
    /// Since when its customer waits: since it arrived, or since they came back to what was set aside. By this it is served
    /// (reference section 16.1).
    pub(super) waits_since: Timestamp,
    /// When its stage last changed.
    pub(super) changed: Timestamp,
    /// When something was last done with it (reference section 21.3).
    pub(super) touched: Timestamp,
    /// Whom it asks for by name.
    wish: Option<Box<Wish>>,
    /// How the rules of its queue see it, if the queue has rules of its own.
    pub(super) selection: Option<Box<Selection>>,
    /// What it asks of whoever takes it.
    pub(super) requires: Requirements,
    /// How often somebody rejected it or let its offer run out.
    pub(super) declines: BTreeMap<RepresentativeId, u8>,
    /// A transfer to somebody who has not answered yet. Only while somebody has it or waits for the customer.
    pub(super) transfer: Option<Box<Transfer>>,
    /// The system looks for somebody to advise. Only while somebody has it.
    pub(super) search: Option<Box<Search>>,
    /// Who advises, or was asked to. Only while somebody has it.
    pub(super) consults: BTreeMap<RepresentativeId, Consult>,
    /// Supervisors who look on.
    pub(super) monitors: BTreeMap<RepresentativeId, Monitor>,
    /// When it is closed if nothing is done with it until then.
    pub(super) closes: Option<Timestamp>,
    /// When it has waited in its queue for too long.
    pub(super) overflows: Option<Timestamp>,
    /// Who is to write next. Only while somebody has it, and where representatives can step out.
    pub(super) silence: Option<Silence>,
    /// The customer's name, if one is known.
    pub(super) customer: Option<String>,
    /// What it is about, if that is known.
    pub(super) topic: Option<String>,
    /// What its customer was last told of their place.
    pub(super) told: Option<Told>,
    /// Under which settings it was placed last.
    pub(super) placed: SettingsVersion,
    /// When somebody first accepted it.
    pub(super) first_accepted: Option<Timestamp>,
    /// Who accepted it last.
    pub(super) last_representative: Option<RepresentativeId>,
    /// What is known about it from outside.
    pub(super) facts: FactList,
    /// Context variables that classification has set.
    pub(super) set: FactList,
    /// Skills that it asks for by itself, besides those that classification finds.
    pub(super) skills: Vec<RatedSkill>,
    /// Skills that were found before it was routed again: routing again adds to them (reference section 14.1).
    pub(super) kept: Skills,
    /// By which rules it came where it is.
    pub(super) path: Path,
    /// What has become of it so far, if anything has.
    pub(super) past: Option<Box<Past>>,
}

/// What a customer was told of their place in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// How many stand before theirs.
    pub(super) ahead: u32,
    /// How many seconds it may take.
    pub(super) seconds: Option<u32>,
}

/// Where the prioritisation rules of a queue put an item (reference section 16.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Precedence {
    /// Which rule it meets first; lower is served earlier.
    pub(super) bucket: u16,
    /// The value by which that rule sorts; lower is served earlier.
    pub(super) sort: i64,
}

/// Whom an item asks for by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Wish {
    /// It comes back to whoever had it, before anything else (reference section 13, affinity).
    pub(super) back_to: Option<RepresentativeId>,
    /// The representatives whom its customer prefers, at most three, the most preferred first (reference section 16.7).
    pub(super) preferred: Vec<RepresentativeId>,
    /// Those of them for whom it waits while none of them is there; empty where work does not wait.
    pub(super) awaited: Vec<RepresentativeId>,
}

/// The priority number of work about which classification says nothing.
pub(super) const PRIORITY_USUAL: u16 = 100;

/// How far an item is (reference section 21.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// It waits.
    Open,
    /// It is offered to somebody.
    Offered(Offer),
    /// Somebody has it.
    Active(Session),
    /// It has ended and its representative finishes their notes.
    WrapUp(Finishing),
    /// Its representative has stepped out until the customer writes again.
    Waiting(RepresentativeId),
}

/// One representative's stretch on one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// Which.
    pub(super) id: SessionId,
    /// Whose.
    pub(super) representative: RepresentativeId,
    /// When it was offered or picked.
    pub(super) assigned: Timestamp,
    /// When it was accepted.
    pub(super) accepted: Option<Timestamp>,
    /// What it holds of the representative's capacity.
    pub(super) holds: Charge,
}

/// An offer that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offer {
    /// Which.
    pub(super) id: OfferId,
    /// The session that it began.
    pub(super) session: Session,
    /// How long it waits in all.
    pub(super) timeout: Span,
    /// What it asks.
    pub(super) kind: OfferKind,
    /// The colleague who asks, if one does.
    pub(super) asked_by: Option<RepresentativeId>,
}

/// Wrap-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finishing {
    /// The session that ends with it.
    pub(super) session: Session,
    /// When it lets go of capacity, if that is before it is closed.
    pub(super) frees: Option<Timestamp>,
    /// What ended the conversation.
    pub(super) reason: SessionEnd,
}

/// Somebody is to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Silence {
    /// Who.
    pub(super) of: Silent,
    /// Since when.
    pub(super) since: Timestamp,
    /// Rules up to this time have been applied to it.
    pub(super) served: Option<Span>,
    /// When the next rule applies.
    pub(super) due: Option<Timestamp>,
}

/// What time alone does to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lapse {
    /// An offer runs out, of whichever kind.
    Offer(OfferId),
    /// The system stops looking for a consultant.
    Search,
    /// Wrap-up lets go of capacity.
    Freed,
    /// Somebody has not written for too long.
    Silence,
    /// It has waited in its queue for too long.
    Overflow,
    /// Nobody has touched it for too long.
    Closes,
}

impl WorkItem {
    /// An item that has just arrived and has no place yet.
    pub(super) fn new(arrival: Arrival, now: Timestamp) -> Self {
        let mut preferred = arrival.preferred;
        preferred.truncate(PREFERRED_MAX);
        let mut facts = FactList::default();
        facts.set_variables(arrival.answers);
        facts.set_variables(arrival.context);
        arrival.facts.into_iter().for_each(|(field, value)| facts.set(field, value));
        facts.settle();
        Self {
            workstream: arrival.workstream,
            customer: arrival.customer,
            topic: arrival.topic,
            facts,
            set: FactList::default(),
            created: now,
            waits_since: now,
            changed: now,
            first_accepted: None,
            last_representative: None,
            queue: None,
            stage: Stage::Open,
            declines: BTreeMap::new(),
            transfers: 0,
            transfer: None,
            consults: BTreeMap::new(),
            search: None,
            monitors: BTreeMap::new(),
            touched: now,
            closes: None,
            silence: None,
            requires: Requirements {
                skills: Vec::new(),
                matching: SkillMatching::Exact,
                profiles: Vec::new(),
            },
            priority: PRIORITY_USUAL,
            rerouted: false,
            precedence: Precedence::default(),
            selection: None,
            told: None,
            overflows: None,
            path: Path::default(),
            past: None,
            placed: SettingsVersion::default(),
            wish: (!preferred.is_empty()).then(|| Box::new(Wish { preferred, ..Wish::default() })),
            skills: arrival.skills,
            kept: Skills::new(),
        }
    }

    /// Whom it asks for by name, in order.
    pub(super) fn wishes(&self) -> &[RepresentativeId] {
        match &self.wish {
            None => &[],
            Some(_) if self.was_declined_by_all() => &[],
            Some(wish) => wish.back_to.as_ref().map_or(&wish.preferred, core::slice::from_ref),
        }
    }

    /// The representatives whom its customer prefers, if they prefer any.
    pub(super) fn preferred(&self) -> Option<&Vec<RepresentativeId>> {
        self.wish.as_ref().map(|wish| &wish.preferred)
    }

    /// Whether it comes back to whoever had it.
    pub(super) fn returns(&self) -> bool {
        self.wish.as_ref().is_some_and(|wish| wish.back_to.is_some())
    }

    /// Whether it is offered to nobody but those it asks for. Whoever has declined it is not asked again: when all have, there
    /// is nobody to wait for.
    pub(super) fn waits_for_certain_people_alone(&self) -> bool {
        let by_wish = self.wish.as_ref().is_some_and(|wish| {
            let may_be_asked = |id: &RepresentativeId| !self.declines.contains_key(id);
            wish.back_to.is_none() && wish.awaited.iter().any(may_be_asked)
        });
        by_wish || self.was_declined_by_all()
    }

    /// Whether so many declined it that the system offers it to nobody any more: supervisors assign it, anybody picks it
    /// (reference section 16.6).
    pub(super) fn was_declined_by_all(&self) -> bool {
        self.declines.len() >= DECLINERS_MAX
    }

    /// From now on it asks first for whoever had it.
    pub(super) fn wants_back(&mut self, to: RepresentativeId) {
        self.declines.remove(&to);
        self.wish.get_or_insert_default().back_to = Some(to);
    }

    /// Somebody has it: it has come back, if that is what it asked for.
    pub(super) fn is_back(&mut self) {
        self.wish = self.wish.take().filter(|wish| !wish.preferred.is_empty());
        if let Some(wish) = &mut self.wish {
            wish.back_to = None;
        }
    }

    /// It is moved somewhere else, where nobody has declined it yet and whom its customer prefers does not count.
    pub(super) fn begins_anew(&mut self) {
        self.declines.clear();
        self.wish = None;
        self.transfers = self.transfers.saturating_add(1);
    }

    /// For whom it is to wait, where its workstream says that work waits: for those whom its customer prefers, as far as they
    /// are known.
    pub(super) fn to_be_awaited(&self, waits: bool, book: &Book) -> Vec<RepresentativeId> {
        let preferred = self.preferred().filter(|_| waits).into_iter().flatten().copied();
        preferred.filter(|id| book.representatives.contains_key(id)).collect()
    }

    /// From now on it waits for these.
    pub(super) fn awaits(&mut self, awaited: Vec<RepresentativeId>) {
        if let Some(wish) = &mut self.wish {
            wish.awaited = awaited;
        }
    }

    /// Whether [`awaits`](Self::awaits) would change nothing.
    pub(super) fn awaits_already(&self, awaited: &[RepresentativeId]) -> bool {
        self.wish.as_deref().is_none_or(|wish| wish.awaited == awaited)
    }

    /// Whether it is offered to somebody because a supervisor chose them, of whichever queue they are.
    pub(super) fn is_assigned(&self) -> bool {
        matches!(&self.stage, Stage::Offered(offer) if offer.kind == OfferKind::Assignment)
    }

    /// The session that is running, if one is.
    pub(super) fn session(&self) -> Option<&Session> {
        match &self.stage {
            Stage::Open | Stage::Waiting(_) => None,
            Stage::Offered(offer) => Some(&offer.session),
            Stage::Active(session) => Some(session),
            Stage::WrapUp(finishing) => Some(&finishing.session),
        }
    }

    /// Who has it, or is offered it because it waits.
    pub(super) fn representative(&self) -> Option<RepresentativeId> {
        match self.stage {
            Stage::Waiting(representative) => Some(representative),
            _ => self.session().map(|session| session.representative),
        }
    }

    /// Who has accepted it.
    pub(super) fn owner(&self) -> Option<RepresentativeId> {
        match self.stage {
            Stage::Open | Stage::Offered(_) => None,
            Stage::Active(_) | Stage::WrapUp(_) | Stage::Waiting(_) => self.representative(),
        }
    }

    /// Its state, as people see it.
    pub(super) fn state(&self) -> WorkState {
        match self.stage {
            Stage::Open => WorkState::Open,
            Stage::Offered(_) => WorkState::AwaitingAcceptance,
            Stage::Active(_) => WorkState::Active,
            Stage::WrapUp(_) => WorkState::WrapUp,
            Stage::Waiting(_) => WorkState::Waiting,
        }
    }

    /// Whether the customer is waiting for somebody.
    pub(super) fn waits(&self) -> bool {
        matches!(self.stage, Stage::Open | Stage::Offered(_))
    }

    /// When time alone changes it next.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.next_lapse().map(|(at, _)| at)
    }

    /// What time alone does to it next, and when.
    pub(super) fn next_lapse(&self) -> Option<(Timestamp, Lapse)> {
        // Asked of every item with every change of it: one comparison after the other costs less than to join iterators.
        let mut next = None;
        let mut look = |at: Option<Timestamp>, lapse| {
            if let Some(at) = at.filter(|at| next.is_none_or(|next| (*at, lapse) < next)) {
                next = Some((at, lapse));
            }
        };
        for offer in self.offers() {
            look(Some(offer.expires()), Lapse::Offer(offer.id));
        }
        look(self.search.as_ref().map(|search| search.until), Lapse::Search);
        match &self.stage {
            Stage::WrapUp(finishing) => look(finishing.frees, Lapse::Freed),
            Stage::Open => look(self.overflows, Lapse::Overflow),
            _ => {}
        }
        look(self.silence.and_then(|silence| silence.due), Lapse::Silence);
        look(self.closes, Lapse::Closes);
        next
    }

    /// How often `representative` has declined it.
    pub(super) fn declines_of(&self, representative: RepresentativeId) -> u8 {
        self.declines.get(&representative).copied().unwrap_or(0)
    }
}

impl Offer {
    /// When it runs out.
    pub(super) fn expires(&self) -> Timestamp {
        self.session.assigned.after(self.timeout)
    }
}

impl Finishing {
    /// The wrap-up of `session` from `now` on, and the charge that it lets go of at once.
    pub(super) fn new(
        mut session: Session,
        policy: WrapUp,
        reason: SessionEnd,
        now: Timestamp,
    ) -> (Self, Charge) {
        let mut frees = None;
        let mut released = Charge::default();
        match policy {
            WrapUp::AlwaysBlocks => {}
            WrapUp::BlocksFor(span) => frees = Some(now.after(span)),
            WrapUp::NeverBlocks => released = core::mem::take(&mut session.holds),
        }
        (Self { session, frees, reason }, released)
    }
}
