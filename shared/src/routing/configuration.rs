//! New settings take effect on work that is already there (reference sections 13 to 15).
//!
//! Nobody loses a conversation to an administrator: what has no place any more is routed anew, and parked if there is
//! no place for it at all; what somebody has stays theirs as long as they are in the settings.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::book::Book;
use super::effect::{Audience, Effect, SessionEnd};
use super::index::Index;
use super::representative::Representative;
use super::turn::Turn;
use super::views;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, RepresentativeId};
use crate::protocol::desk::{DeskFrame, PresenceChoice, WorkItemView};
use crate::settings::{Settings, SettingsVersion};

/// What every connected representative has on their lists.
pub(super) type Lists = BTreeMap<RepresentativeId, BTreeMap<ConversationId, WorkItemView>>;

impl Turn<'_> {
    /// The settings are these from now on.
    pub(super) fn configure(&mut self, version: SettingsVersion, mut settings: Settings) {
        if version <= self.book.version {
            return;
        }
        everybody_serves_default_queues(&mut settings);
        self.changed.lists = Some(lists(self.book, self.index));
        self.keep_names(&settings);
        self.take_from_those_who_cannot_have(&settings);
        self.part_from_those_who_are_gone(&settings);
        self.book.version = version;
        self.book.hours = settings.hours;
        self.book.time_zone = settings.time_zone;
        self.book.attributes = settings.attributes;
        self.book.queues = settings.queues.into_iter().map(|queue| (queue.id, queue)).collect();
        self.book.workstreams =
            settings.workstreams.into_iter().map(|workstream| (workstream.id, workstream)).collect();
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
        let choices = views::presences(self.book);
        (self.book.profiles, self.book.presences, self.book.desk) = (profiles, presences, settings.desk);
        self.tell_choices(&choices);
        self.wind_everything();
        self.look_at_hours();
        self.index_anew();
        self.place_anew();
        self.tell_positions_anew();
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
        let everything = self.book.items.iter();
        let held: Vec<_> =
            everything.filter(|(_, item)| !may_stay(settings, item)).map(|(&id, _)| id).collect();
        for conversation in held {
            match self.book.items.get(&conversation).map(|item| &item.stage) {
                Some(Stage::WrapUp(_)) => self.close_item(conversation, SessionEnd::AutoClosed),
                _ => self.put_back(conversation, SessionEnd::Rerouted),
            }
        }
    }

    /// Decides anew about everything that waits: it stays in its queue if that still exists, on the new terms.
    fn place_anew(&mut self) {
        let open = self.book.items.iter().filter(|(_, item)| item.stage == Stage::Open);
        let open: Vec<ConversationId> = open.map(|(&id, _)| id).collect();
        for id in open {
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
        let old = core::mem::replace(self.index, Index::of(self.book));
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
        self.changed.ranked = self.book.representatives.keys().copied().collect();
        self.changed.representatives = self.book.representatives.keys().copied().collect();
        self.changed.queues = self.book.queues.keys().copied().collect();
    }

    /// Shows everybody in what their lists differ from `before`.
    pub(super) fn tell_lists(&mut self, before: Lists) {
        let after = lists(self.book, self.index);
        let nothing = BTreeMap::new();
        for (&representative, old) in &before {
            let new = after.get(&representative).unwrap_or(&nothing);
            for &conversation in old.keys().filter(|conversation| !new.contains_key(conversation)) {
                let frame = DeskFrame::WorkGone { conversation };
                self.effects.push(Effect::Show { to: Audience::Representative(representative), frame });
            }
        }
        for (representative, new) in after {
            let old = before.get(&representative).unwrap_or(&nothing);
            for (conversation, item) in new {
                if old.get(&conversation) != Some(&item) {
                    self.effects.push(Effect::Show {
                        to: Audience::Representative(representative),
                        frame: DeskFrame::Work { item },
                    });
                }
            }
        }
    }
}

/// A default queue has everybody as a member (reference section 15).
fn everybody_serves_default_queues(settings: &mut Settings) {
    for queue in settings.queues.iter_mut().filter(|queue| queue.default) {
        queue.members = settings.representatives.iter().map(|representative| representative.id).collect();
    }
}

/// Whether whoever has this item, or is offered it, can keep it under these settings.
fn may_stay(settings: &Settings, item: &WorkItem) -> bool {
    let Some(representative) = item.representative() else { return true };
    match item.stage {
        Stage::Offered(_) => {
            let queue = item.queue.and_then(|queue| settings.queue(queue));
            settings.representative(representative).is_some()
                && settings.workstream(item.workstream).is_some()
                && (queue.is_some_and(|queue| queue.members.contains(&representative))
                    || item.wishes().contains(&representative))
        }
        _ => settings.representative(representative).is_some(),
    }
}

fn lists(book: &Book, index: &Index) -> Lists {
    let connected = book.representatives.iter().filter(|(_, representative)| representative.is_connected());
    let work =
        |id| views::work_of(book, index, id).into_iter().map(|view| (view.conversation, view)).collect();
    connected.map(|(&id, _)| (id, work(id))).collect()
}
