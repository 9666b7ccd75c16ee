//! What people do with work, and new settings to what is there.

use super::choice::charge;
use super::{Item, Model, Person, Stage};
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::Destination;
use crate::protocol::live::Side;
use crate::routing::Command;
use crate::settings::{Settings, WrapUp};

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
                if self.can_wait(&self.items[index]) {
                    self.step_out(conversation, representative);
                } else {
                    self.open(index, true);
                }
            }
            Command::Transfer { representative, conversation, to: Destination::Queue(queue) } => {
                self.move_to(conversation, queue);
                *self.item(conversation).declines.entry(representative).or_insert(0) += 1;
            }
            Command::Assign { conversation, to: Destination::Queue(queue), .. }
            | Command::Redirect { conversation, to: Destination::Queue(queue), .. } => {
                self.move_to(conversation, queue);
            }
            Command::ForceClose { conversation, .. } => self.close(self.index_of(conversation)),
            other => unreachable!("{other:?} is no part of these histories"),
        }
    }

    pub(super) fn accept(&mut self, who: RepresentativeId, number: u64) {
        let is_it = |item: &Item| matches!(item.stage, Stage::Offered { offer, .. } if offer == number);
        let index = self.items.iter().position(is_it).unwrap();
        self.items[index].returns_to = None;
        self.enter(index, Stage::Active { of: who });
        self.worked(who);
    }

    pub(super) fn reject(&mut self, who: RepresentativeId, number: u64) {
        let is_it = |item: &Item| matches!(item.stage, Stage::Offered { offer, .. } if offer == number);
        let index = self.items.iter().position(is_it).unwrap();
        *self.items[index].declines.entry(who).or_insert(0) += 1;
        self.open(index, false);
    }

    /// Somebody takes what waits, or comes back to what they set aside. To pick what one is offered is to accept it.
    fn take(&mut self, by: RepresentativeId, conversation: ConversationId) {
        let index = self.index_of(conversation);
        let accepts = matches!(self.items[index].stage, Stage::Offered { to, .. } if to == by);
        if !accepts {
            self.sessions += 1;
            let session = self.sessions;
            let queue = self.items[index].queue.unwrap();
            self.items[index].holds =
                charge(self.workstream(&self.items[index]).unwrap(), &self.items[index]);
            self.person(by).last_session = session;
            self.person(by).last_in_queue.insert(queue, session);
        }
        self.items[index].returns_to = None;
        self.enter(index, Stage::Active { of: by });
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

    fn wrap_up(&mut self, conversation: ConversationId) {
        let index = self.index_of(conversation);
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

    fn step_out(&mut self, conversation: ConversationId, of: RepresentativeId) {
        let index = self.index_of(conversation);
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
                let asynchronous = self.can_wait(&self.items[index]);
                self.items[index].customer_is_silent = asynchronous && side == Side::Staff;
            }
            _ => {}
        }
        if let Some(item) = self.items.get_mut(index) {
            item.touched = self.now;
        }
        self.wind(index);
    }

    fn can_wait(&self, item: &Item) -> bool {
        self.workstream(item).is_some_and(|known| known.sessions.channel.can_wait())
    }

    /// Somebody moves it to another queue, where nobody has declined it.
    fn move_to(&mut self, conversation: ConversationId, queue: QueueId) {
        let index = self.index_of(conversation);
        self.open(index, false);
        self.items[index].declines.clear();
        self.items[index].returns_to = None;
        self.come_into(index, Some(queue));
    }

    /// It comes to another stage, whatever holds there.
    pub(super) fn enter(&mut self, index: usize, stage: Stage) {
        let item = &mut self.items[index];
        (item.stage, item.touched, item.customer_is_silent) = (stage, self.now, false);
        self.wind(index);
    }

    /// Takes an item from whoever has it or is offered it; it may ask for them again.
    pub(super) fn open(&mut self, index: usize, comes_back: bool) {
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
        self.enter(index, Stage::Open);
    }

    pub(super) fn close(&mut self, index: usize) {
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
        self.people.retain(|person| known(person.id));
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
        Stage::Offered { .. } => {
            known
                && settings.workstream(item.arrival.workstream).is_some()
                && (queue.is_some_and(|queue| queue.members.contains(&whose)) || by_name)
        }
        _ => known,
    }
}
