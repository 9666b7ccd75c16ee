//! What people do with work, and new settings to what is there.

use super::choice::charge;
use super::company::{Advice, Asked};
use super::{Item, Model, Person, Stage};
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::{BulkAct, Destination};
use crate::protocol::live::Side;
use crate::routing::Command;
use crate::settings::{Presence, Settings, Silent, WrapUp};

impl Model {
    pub(super) fn work(&mut self, command: Command) {
        match command {
            Command::Pick { representative, conversation }
            | Command::Resume { representative, conversation } => {
                self.take(representative, conversation);
            }
            Command::End { conversation, .. } => self.wrap_up(conversation),
            Command::Close { representative, conversation } => {
                self.close(self.index_of(conversation));
                self.worked(representative);
            }
            Command::Release { representative, conversation } => {
                self.open(self.index_of(conversation), false);
                *self.item(conversation).declines.entry(representative).or_insert(0) += 1;
            }
            Command::Wait { representative, conversation } => self.step_out(conversation, representative),
            Command::Leave { representative, conversation } => {
                let index = self.index_of(conversation);
                if self.items[index].advisers().contains_key(&representative) {
                    self.stop_advice(index, representative);
                } else if self.items[index].monitors.remove(&representative).is_some() {
                    // Nothing else changes.
                } else if self.can_wait(&self.items[index]) {
                    self.step_out(conversation, representative);
                } else {
                    self.open(index, true);
                }
            }
            Command::Transfer { representative, conversation, to: Destination::Queue(queue) } => {
                self.move_to(conversation, queue);
                self.item(conversation).transfers += 1;
                *self.item(conversation).declines.entry(representative).or_insert(0) += 1;
            }
            Command::Assign { conversation, to, .. } => self.act_on(conversation, BulkAct::Assign { to }),
            Command::Redirect { conversation, to, .. } => self.act_on(conversation, BulkAct::Redirect { to }),
            Command::ForceClose { conversation, .. } => self.act_on(conversation, BulkAct::ForceClose),
            Command::Bulk { supervisor, conversations, act } => {
                for conversation in conversations {
                    if self.may_direct(supervisor, conversation, act) {
                        self.act_on(conversation, act);
                    }
                }
            }
            other => self.work_with_others(other),
        }
    }

    fn work_with_others(&mut self, command: Command) {
        match command {
            Command::Transfer { conversation, to: Destination::Representative(to), .. } => {
                self.ask_to_take_over(self.index_of(conversation), to, false);
            }
            Command::WithdrawTransfer { conversation, .. } => self.end_handover(self.index_of(conversation)),
            Command::Consult { conversation, with, .. } => self.consult(conversation, with),
            Command::EndConsult { conversation, with: Destination::Representative(who), .. } => {
                self.stop_advice(self.index_of(conversation), who);
            }
            Command::EndConsult { conversation, .. } => self.end_search(self.index_of(conversation)),
            Command::AddToChat { conversation, consultant, .. } => {
                self.set_public(conversation, consultant, true);
            }
            Command::RemoveFromChat { conversation, consultant, .. } => {
                self.set_public(conversation, consultant, false);
            }
            Command::Monitor { supervisor, conversation, .. } => {
                self.look_on(conversation, supervisor, false);
            }
            Command::Join { supervisor, conversation } => self.look_on(conversation, supervisor, true),
            other => unreachable!("{other:?} is no part of these histories"),
        }
    }

    /// What a supervisor does with one conversation (reference section 26).
    fn act_on(&mut self, conversation: ConversationId, act: BulkAct) {
        let index = self.index_of(conversation);
        match act {
            BulkAct::Assign { to: Destination::Queue(queue) } => self.move_to(conversation, queue),
            BulkAct::Redirect { to: Destination::Queue(queue) } => {
                self.move_to(conversation, queue);
                self.items[index].transfers += 1;
            }
            BulkAct::Assign { to: Destination::Representative(to) } => {
                let before = self.items.clone();
                self.open(index, false);
                // Whoever it was offered to has released it, even if they are offered it again.
                self.note_releases(&before);
                self.offer(index, to, true);
            }
            BulkAct::Redirect { to: Destination::Representative(to) } => {
                self.ask_to_take_over(index, to, true);
            }
            BulkAct::ForceClose => self.close(index),
        }
    }

    fn set_public(&mut self, conversation: ConversationId, who: RepresentativeId, public: bool) {
        let index = self.index_of(conversation);
        self.items[index].consultants.get_mut(&who).unwrap().stage = Advice::Given { public };
        self.touch(index);
    }

    pub(super) fn accept(&mut self, who: RepresentativeId, number: u64) {
        let index = self.items.iter().position(|item| item.asked(who, number).is_some()).unwrap();
        match self.items[index].asked(who, number).unwrap() {
            Asked::Work => {
                let holds = self.items[index].holds.clone();
                self.hand_over(index, who, holds);
                self.worked(who);
            }
            Asked::Handover => self.take_over(index),
            Asked::Advice => self.begin_advice(index, who),
        }
    }

    pub(super) fn reject(&mut self, who: RepresentativeId, number: u64) {
        let asked = self.decline(who, number);
        if self.settings.desk.do_not_disturb_after_reject && !matches!(asked, Asked::Advice) {
            self.person(who).standing = Some(Presence::DoNotDisturb);
        }
    }

    /// Somebody says no, or nothing (reference section 16.6). Whoever has what they were asked to take over keeps it.
    pub(super) fn decline(&mut self, who: RepresentativeId, number: u64) -> Asked {
        let index = self.items.iter().position(|item| item.asked(who, number).is_some()).unwrap();
        let asked = self.items[index].asked(who, number).unwrap();
        match asked {
            Asked::Work => {
                *self.items[index].declines.entry(who).or_insert(0) += 1;
                self.open(index, false);
            }
            Asked::Handover => self.end_handover(index),
            Asked::Advice => self.stop_advice(index, who),
        }
        asked
    }

    /// Somebody takes what waits, or comes back to what they set aside. To pick what one is offered is to accept it.
    fn take(&mut self, by: RepresentativeId, conversation: ConversationId) {
        let index = self.index_of(conversation);
        let accepts = matches!(self.items[index].stage, Stage::Offered { to, .. } if to == by);
        if !accepts {
            self.count_session(index, by);
            self.items[index].holds =
                charge(self.workstream(&self.items[index]).unwrap(), &self.items[index]);
        }
        let holds = self.items[index].holds.clone();
        self.hand_over(index, by, holds);
        self.worked(by);
    }

    pub(super) fn customer_left(&mut self, conversation: ConversationId) {
        let index = self.index_of(conversation);
        match self.items[index].stage {
            Stage::Open | Stage::Offered { .. } | Stage::Waiting { .. } => self.close(index),
            Stage::Active { .. } => self.wrap_up(conversation),
            Stage::WrapUp { .. } => {}
        }
    }

    pub(super) fn wrap_up(&mut self, conversation: ConversationId) {
        let index = self.index_of(conversation);
        self.end_company(index);
        let Stage::Active { of } = self.items[index].stage else { unreachable!() };
        let policy = self.workstream(&self.items[index]).map_or(WrapUp::AlwaysBlocks, |known| known.wrap_up);
        let frees = match policy {
            WrapUp::BlocksFor(span) => Some(self.now + span.as_millis()),
            WrapUp::AlwaysBlocks | WrapUp::NeverBlocks => None,
        };
        if policy == WrapUp::NeverBlocks {
            self.let_go(index);
        }
        self.enter(index, Stage::WrapUp { of, frees });
    }

    pub(super) fn step_out(&mut self, conversation: ConversationId, of: RepresentativeId) {
        let index = self.index_of(conversation);
        self.end_company(index);
        self.let_go(index);
        self.enter(index, Stage::Waiting { of });
    }

    pub(super) fn wrote(&mut self, conversation: ConversationId, side: Side) {
        let index = self.index_of(conversation);
        match (self.items[index].stage, side) {
            (Stage::Waiting { of }, Side::Customer) => {
                let affinity =
                    self.workstream(&self.items[index]).is_some_and(|known| known.sessions.affinity);
                self.open(index, false);
                self.items[index].waits_since = self.now;
                if affinity {
                    self.items[index].declines.remove(&of);
                    self.items[index].returns_to = Some(of);
                }
            }
            (Stage::Active { .. }, side) => {
                let next = if side == Side::Staff { Silent::Customer } else { Silent::Representative };
                self.listen(index, next);
            }
            _ => {}
        }
        self.touch(index);
    }

    pub(super) fn can_wait(&self, item: &Item) -> bool {
        self.workstream(item).is_some_and(|known| known.sessions.channel.can_wait())
    }

    /// Somebody moves it to another queue, where nobody has declined it.
    fn move_to(&mut self, conversation: ConversationId, queue: QueueId) {
        let index = self.index_of(conversation);
        self.open(index, false);
        self.items[index].declines.clear();
        self.items[index].returns_to = None;
        self.items[index].arrival.preferred.clear();
        self.come_into(index, Some(queue));
    }

    /// It comes to another stage, whatever holds there.
    pub(super) fn enter(&mut self, index: usize, stage: Stage) {
        self.items[index].stage = stage;
        self.listen(index, Silent::Representative);
        self.touch(index);
    }

    /// Takes an item from whoever has it or is offered it; it may ask for them again.
    pub(super) fn open(&mut self, index: usize, comes_back: bool) {
        self.end_company(index);
        self.let_go(index);
        let item = &self.items[index];
        let keeps = self.workstream(item).is_some_and(|known| known.keeps_representative);
        if let Stage::Active { of } = item.stage
            && keeps
            && comes_back
        {
            self.items[index].returns_to = Some(of);
            self.items[index].declines.remove(&of);
        }
        if matches!(self.items[index].stage, Stage::Active { .. } | Stage::Waiting { .. }) {
            self.come_into(index, self.items[index].queue);
        }
        self.enter(index, Stage::Open);
    }

    pub(super) fn close(&mut self, index: usize) {
        self.end_company(index);
        self.let_go(index);
        self.items.remove(index);
    }

    pub(super) fn configure(&mut self, mut settings: Settings) {
        let everybody: alloc::vec::Vec<_> = settings.representatives.iter().map(|known| known.id).collect();
        settings
            .queues
            .iter_mut()
            .filter(|queue| queue.default)
            .for_each(|queue| queue.members = everybody.clone());
        let known = |id| settings.representative(id).is_some();
        self.items.retain(|item| !matches!(item.stage, Stage::WrapUp { of, .. } if !known(of)));
        for index in 0..self.items.len() {
            if !may_stay(&settings, &self.items[index]) {
                self.open(index, true);
            }
        }
        let gone: alloc::vec::Vec<_> =
            self.people.iter().map(|person| person.id).filter(|id| !known(*id)).collect();
        for who in gone {
            self.ask_no_more(who);
            self.take_part_no_longer(who);
        }
        let leave: alloc::vec::Vec<_> =
            self.people.iter().filter(|person| !known(person.id)).cloned().collect();
        self.people.retain(|person| known(person.id));
        let (newcomers, guests) =
            core::mem::take(&mut self.guests).into_iter().partition(|guest| known(guest.id));
        self.guests = guests;
        for person in leave {
            self.guest_has(person.id, person.connections);
        }
        for person in &mut self.people {
            person.last_in_queue.retain(|queue, _| settings.queue(*queue).is_some());
        }
        for profile in &settings.representatives {
            if self.people.iter().all(|person| person.id != profile.id) {
                self.people.push(Person {
                    id: profile.id,
                    connections: alloc::vec![],
                    gone_since: None,
                    signed_out: false,
                    standing: None,
                    last_session: 0,
                    last_in_queue: alloc::collections::BTreeMap::new(),
                    released: 0,
                    spent: None,
                    crowded: false,
                });
            }
        }
        self.settings = settings;
        self.come_as_representatives(newcomers);
        (0..self.items.len()).for_each(|index| self.wind(index));
        self.look_at_hours();
    }
}

/// Whether whoever has this item, or is offered it, can keep it under these settings.
fn may_stay(settings: &Settings, item: &Item) -> bool {
    let Some(whose) = item.whose() else { return true };
    let known = settings.representative(whose).is_some();
    let queue = item.queue.and_then(|queue| settings.queue(queue));
    let by_name = match item.returns_to {
        Some(to) => to == whose,
        None => item.arrival.preferred.iter().take(3).any(|id| *id == whose),
    };
    match item.stage {
        Stage::Offered { by_hand, .. } => {
            known
                && settings.workstream(item.arrival.workstream).is_some()
                && (queue.is_some_and(|queue| queue.members.contains(&whose)) || by_name || by_hand)
        }
        _ => known,
    }
}
