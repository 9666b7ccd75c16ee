//! New settings take effect on work that is already there (reference sections 13 to 15).
//!
//! Nobody loses a conversation to an administrator: what has no place any more is routed anew, and parked if there is
//! no place for it at all; what somebody has stays theirs as long as they are in the settings.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::effect::SessionEnd;
use super::index::Index;
use super::lists::Relisted;
use super::representative::Representative;
use super::rulebook::Rulebook;
use super::turn::Turn;
use super::views;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, QueueId, RepresentativeId, WorkstreamId};
use crate::protocol::desk::{DeskFrame, PresenceChoice};
use crate::settings::{Queue, Settings, SettingsVersion};

impl Turn<'_> {
    /// The settings are these from now on.
    pub(super) fn configure(&mut self, version: SettingsVersion, mut settings: Settings) {
        if version <= self.book.version {
            return;
        }
        everybody_serves_default_queues(&mut settings);
        self.changed.relisted = Some(Box::new(Relisted::by(self.book, &settings)));
        self.keep_names(&settings);
        self.take_from_those_who_cannot_have(&settings);
        self.part_from_those_who_are_gone(&settings);
        self.book.version = version;
        self.book.hours = settings.hours;
        self.book.time_zone = settings.time_zone;
        self.book.attributes = settings.attributes;
        self.book.queues = settings.queues.into_iter().map(|queue| (queue.id, queue)).collect();
        let workstreams = settings.workstreams.into_iter().map(|workstream| (workstream.id, workstream));
        let former = core::mem::replace(&mut self.book.workstreams, workstreams.collect());
        self.book.skills = settings.skills.into_iter().map(|skill| (skill.id, skill)).collect();
        self.book.rating_models = settings.rating_models.into_iter().map(|model| (model.id, model)).collect();
        let (profiles, presences) = (settings.profiles, settings.presences);
        let mut known = core::mem::take(&mut self.book.representatives);
        for profile in settings.representatives {
            let id = profile.id;
            let mut representative = match known.remove(&id) {
                Some(known) => known.under(profile, &profiles, &presences),
                None => Representative::new(profile, &profiles, &presences),
            };
            representative.last_in_queue.retain(|queue, _| self.book.queues.contains_key(queue));
            self.book.representatives.insert(id, representative);
        }
        let leave = known.iter().filter(|(_, representative)| representative.is_connected());
        let leave: Vec<_> =
            leave.map(|(&id, representative)| (id, representative.connections.clone())).collect();
        let choices = views::presences(self.book);
        (self.book.profiles, self.book.presences, self.book.desk) = (profiles, presences, settings.desk);
        self.tell_choices(&choices);
        self.guests_under(leave);
        self.book.today.retain(|queue, _| self.book.queues.contains_key(queue));
        self.wind_after(&former);
        self.look_at_hours();
        let told = self.index.rules.tells_positions;
        self.index.rules = Arc::new(Rulebook::of(self.book));
        let displaced = self.renew_what_stays();
        self.index_anew();
        self.place_anew(displaced);
        if told {
            self.tell_positions_anew();
        }
    }

    /// Tells everybody who is there which presences can be chosen, if these are not the ones that could be chosen before.
    fn tell_choices(&mut self, before: &[PresenceChoice]) {
        let presences = views::presences(self.book);
        if presences == before {
            return;
        }
        let everybody = self.book.representatives.iter();
        let there: Vec<_> = everybody.filter(|(_, one)| one.is_connected()).map(|(&id, _)| id).collect();
        for id in there {
            self.show_one(id, DeskFrame::Presences { presences: presences.clone() });
        }
    }

    /// Offers and work go back from whoever is no longer there, and offers from whoever is no longer in the queue.
    /// Wrap-up of those who are gone is closed: there is nobody left to do it.
    fn take_from_those_who_cannot_have(&mut self, settings: &Settings) {
        let known = Known::of(settings);
        // What nobody has stays where it is.
        let entries = self.index.representatives.values();
        let work = entries
            .flat_map(|entry| entry.work.iter())
            .filter_map(|id| Some((id, self.book.items.get(&id)?)));
        let leaving = work.filter(|(_, item)| !known.lets_stay(item)).map(|(id, _)| id);
        // In the order of their ids.
        let leaving: BTreeSet<_> = leaving.collect();
        for conversation in leaving {
            match self.book.items.get(&conversation).map(|item| &item.stage) {
                Some(Stage::WrapUp(_)) => self.close_item(conversation, SessionEnd::AutoClosed),
                _ => self.put_back(conversation, SessionEnd::Rerouted),
            }
        }
    }

    /// Sends what waits in no queue of these settings where it belongs now.
    fn place_anew(&mut self, displaced: Vec<ConversationId>) {
        for id in displaced {
            let Some(mut item) = self.book.items.get(&id).cloned() else { continue };
            let before = item.queue;
            self.place_within(&mut item, id);
            if item.queue != before {
                self.changed.queued.insert(id);
            }
            if self.book.items.get(&id) != Some(&item) {
                self.change_item(id, |old| *old = *item);
            }
        }
    }

    /// Makes the index anew, but remembers who has been told what. Everything may have become possible.
    fn index_anew(&mut self) {
        let old = core::mem::replace(self.index, Index::under(self.book, Arc::clone(&self.index.rules)));
        self.index.queues.change_all(|id, queue| {
            // Nobody has been told anything about a new queue; who moves to it is told anyway.
            if let Some(old) = old.queues.get(&id) {
                queue.told_available = old.told_available;
            }
        });
        self.index.representatives.change_all(|id, representative| {
            if let Some(old) = old.representatives.get(&id) {
                representative.told = old.told.clone();
            }
        });
        self.changed.ranked = self.book.representatives.keys().collect();
        self.changed.representatives = self.book.representatives.keys().collect();
        self.changed.queues = self.book.queues.keys().collect();
    }
}

/// A default queue has everybody as a member (reference section 15).
fn everybody_serves_default_queues(settings: &mut Settings) {
    for queue in settings.queues.iter_mut().filter(|queue| queue.default) {
        queue.members = settings.representatives.iter().map(|representative| representative.id).collect();
    }
}

/// What there is in new settings, to be asked about all that somebody has.
struct Known<'settings> {
    representatives: BTreeSet<RepresentativeId>,
    queues: BTreeMap<QueueId, &'settings Queue>,
    workstreams: BTreeSet<WorkstreamId>,
}

impl<'settings> Known<'settings> {
    fn of(settings: &'settings Settings) -> Self {
        Self {
            representatives: settings.representatives.iter().map(|profile| profile.id).collect(),
            queues: settings.queues.iter().map(|queue| (queue.id, queue)).collect(),
            workstreams: settings.workstreams.iter().map(|workstream| workstream.id).collect(),
        }
    }

    /// Whether whoever has this item, or is offered it, can keep it.
    fn lets_stay(&self, item: &WorkItem) -> bool {
        let Some(representative) = item.representative() else { return true };
        let is_there = self.representatives.contains(&representative);
        let may_be_offered = || {
            let queue = item.queue.and_then(|queue| self.queues.get(&queue));
            self.workstreams.contains(&item.workstream)
                && (queue.is_some_and(|queue| queue.members.contains(&representative))
                    || item.wishes().contains(&representative)
                    || item.is_assigned())
        };
        is_there && (!matches!(item.stage, Stage::Offered(_)) || may_be_offered())
    }
}
