//! Who may do what with work: what people do with others, and with the work of others (reference sections 25 and 26).

use super::{Item, Model, Person, Stage};
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::{BulkAct, Destination};
use crate::routing::Command;
use crate::settings::{BasePresence, Consultable, SupervisorRight};
use crate::time::Timestamp;

impl Model {
    /// Whether the router does this; none for what it does not decide about here.
    pub(in crate::routing::tests) fn permits(&mut self, now: Timestamp, command: &Command) -> Option<bool> {
        self.now = now.as_millis();
        let by_owner = |who: RepresentativeId, conversation: ConversationId| {
            self.look_up(conversation).filter(|item| owner(item) == Some(who))
        };
        let running = |who: RepresentativeId, conversation: ConversationId| {
            by_owner(who, conversation).filter(|item| matches!(item.stage, Stage::Active { .. }))
        };
        Some(match *command {
            Command::Release { representative, conversation } => by_owner(representative, conversation)
                .is_some_and(|item| !matches!(item.stage, Stage::WrapUp { .. })),
            Command::Wait { representative, conversation } => {
                running(representative, conversation).is_some_and(|item| self.can_wait(item))
            }
            Command::Resume { representative, conversation } => by_owner(representative, conversation)
                .is_some_and(|item| {
                    matches!(item.stage, Stage::Waiting { .. })
                        && self.is_there(representative)
                        && self.workstream(item).is_some()
                }),
            Command::Leave { representative, conversation } => {
                running(representative, conversation).is_some()
                    || self.look_up(conversation).is_some_and(|item| {
                        owner(item) != Some(representative)
                            && (item.advisers().contains_key(&representative)
                                || item.monitors.contains_key(&representative))
                    })
            }
            Command::Transfer { representative, conversation, to } => running(representative, conversation)
                .is_some_and(|item| match to {
                    Destination::Queue(queue) => self.open_queue_is_possible(item, queue),
                    Destination::Representative(to) => self.can_take_over(item, to),
                }),
            Command::WithdrawTransfer { representative, conversation } => {
                by_owner(representative, conversation).is_some_and(|item| item.handover.is_some())
            }
            Command::Consult { representative, conversation, with } => {
                running(representative, conversation).is_some_and(|item| self.can_consult(item, with))
            }
            Command::EndConsult { representative, conversation, with } => {
                by_owner(representative, conversation).is_some_and(|item| match with {
                    Destination::Representative(who) => item.consultants.contains_key(&who),
                    Destination::Queue(queue) => item.search.as_ref().is_some_and(|it| it.queue == queue),
                })
            }
            Command::AddToChat { representative, conversation, consultant } => {
                by_owner(representative, conversation)
                    .is_some_and(|item| item.advisers().get(&consultant) == Some(&false))
            }
            Command::RemoveFromChat { representative, conversation, consultant } => {
                let item = self
                    .look_up(conversation)
                    .filter(|item| owner(item) == Some(representative) || representative == consultant);
                item.is_some_and(|item| item.advisers().get(&consultant) == Some(&true))
            }
            _ => return self.permits_to_supervise(command),
        })
    }

    /// The same for what supervisors do.
    fn permits_to_supervise(&self, command: &Command) -> Option<bool> {
        Some(match *command {
            Command::Assign { supervisor, conversation, to } => {
                self.may_direct(supervisor, conversation, BulkAct::Assign { to })
            }
            Command::Redirect { supervisor, conversation, to } => {
                self.may_direct(supervisor, conversation, BulkAct::Redirect { to })
            }
            Command::Monitor { supervisor, conversation, .. } => self
                .may_watch(supervisor, conversation)
                .is_some_and(|item| !item.waits() && !item.concerns().contains(&supervisor)),
            Command::Join { supervisor, conversation } => {
                self.may_watch(supervisor, conversation).is_some_and(|item| {
                    matches!(item.stage, Stage::Active { .. })
                        && item.monitors.get(&supervisor) == Some(&false)
                })
            }
            Command::ForceClose { supervisor, conversation } => {
                self.may_direct(supervisor, conversation, BulkAct::ForceClose)
            }
            _ => return None,
        })
    }

    /// Whether a supervisor may do this with a conversation, and it can be done.
    pub(super) fn may_direct(
        &self,
        supervisor: RepresentativeId,
        conversation: ConversationId,
        act: BulkAct,
    ) -> bool {
        let Some(item) = self.look_up(conversation) else { return false };
        let right = match act {
            BulkAct::Assign { .. } => SupervisorRight::Assign,
            BulkAct::Redirect { .. } => SupervisorRight::Transfer,
            BulkAct::ForceClose => SupervisorRight::ForceClose,
        };
        let watched = self.covers(supervisor, item);
        let held = matches!(item.stage, Stage::Active { .. } | Stage::Waiting { .. });
        let possible = match act {
            BulkAct::Assign { to: Destination::Queue(queue) } => {
                item.waits() && self.queue_is_possible(item, queue)
            }
            BulkAct::Assign { to: Destination::Representative(to) } => {
                item.waits() && self.has_allowed_presence(item, to)
            }
            BulkAct::Redirect { to: Destination::Queue(queue) } => {
                held && self.open_queue_is_possible(item, queue)
            }
            BulkAct::Redirect { to: Destination::Representative(to) } => {
                let queue = item.queue.and_then(|queue| self.settings.queue(queue));
                held && owner(item) != Some(to)
                    && item.handover.is_none()
                    && queue.is_some_and(|queue| queue.members.contains(&to))
                    && self.has_allowed_presence(item, to)
            }
            BulkAct::ForceClose => true,
        };
        watched && self.settings.desk.supervisors_may.contains(&right) && possible
    }

    /// Whether what goes on in the queue of this item is shown to a supervisor.
    fn covers(&self, supervisor: RepresentativeId, item: &Item) -> bool {
        let theirs = self.settings.queues.iter().filter(|queue| queue.supervisors.contains(&supervisor));
        let theirs: alloc::vec::Vec<QueueId> = theirs.map(|queue| queue.id).collect();
        theirs.is_empty() || item.queue.is_some_and(|queue| theirs.contains(&queue))
    }

    /// A conversation on which a supervisor may look.
    fn may_watch(&self, supervisor: RepresentativeId, conversation: ConversationId) -> Option<&Item> {
        let allowed = self.settings.desk.supervisors_may.contains(&SupervisorRight::Monitor);
        self.look_up(conversation).filter(|item| allowed && self.covers(supervisor, item))
    }

    fn look_up(&self, conversation: ConversationId) -> Option<&Item> {
        self.items.iter().find(|item| item.id() == conversation)
    }

    fn somebody(&self, who: RepresentativeId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == who)
    }

    fn is_there(&self, who: RepresentativeId) -> bool {
        self.somebody(who).is_some_and(|person| !person.connections.is_empty())
    }

    /// Whether colleagues can ask them for something: they are there and not too busy.
    fn can_be_asked(&self, who: RepresentativeId) -> bool {
        let presence = self.somebody(who).map(|person| self.base(self.presence(person)));
        presence.is_some_and(|base| base <= BasePresence::Busy)
    }

    fn has_allowed_presence(&self, item: &Item, who: RepresentativeId) -> bool {
        let Some(presence) = self.somebody(who).map(|person| self.presence(person)) else { return false };
        self.base(presence) <= BasePresence::Away
            && self.workstream(item).is_some_and(|known| known.allowed_presences.contains(&presence))
    }

    fn can_take_over(&self, item: &Item, to: RepresentativeId) -> bool {
        let Some(workstream) = self.workstream(item) else { return false };
        let advises = item.advisers().contains_key(&to);
        let able = if advises {
            self.is_there(to)
        } else {
            workstream.sessions.transfer_to_anybody && self.can_be_asked(to)
        };
        able && owner(item) != Some(to) && item.handover.is_none()
    }

    fn can_consult(&self, item: &Item, with: Destination) -> bool {
        let Some(workstream) = self.workstream(item) else { return false };
        let rules = workstream.sessions.consult;
        if item.consultants.len() + usize::from(item.search.is_some()) >= usize::from(rules.most) {
            return false;
        }
        match with {
            Destination::Queue(queue) => {
                rules.queues && item.search.is_none() && self.open_queue_is_possible(item, queue)
            }
            Destination::Representative(who) => {
                if owner(item) == Some(who) || item.consultants.contains_key(&who) {
                    return false;
                }
                match (rules.whom, item.queue, self.somebody(who)) {
                    (Consultable::Anybody, ..) => self.can_be_asked(who),
                    (_, Some(queue), Some(person)) => self.could_take(item, queue, person),
                    _ => false,
                }
            }
        }
    }

    /// Whether it can wait in this queue: one for its channel that somebody is a member of.
    fn queue_is_possible(&self, item: &Item, queue: QueueId) -> bool {
        let Some(to) = self.settings.queue(queue) else { return false };
        let kind = self.workstream(item).map(|workstream| workstream.channel.queue_kind());
        kind == Some(to.kind) && !to.members.is_empty()
    }

    fn open_queue_is_possible(&self, item: &Item, queue: QueueId) -> bool {
        let hours = self.settings.queue(queue).and_then(|queue| queue.hours);
        self.queue_is_possible(item, queue) && hours.is_none_or(|hours| self.is_open(hours))
    }
}

/// Who has accepted it.
fn owner(item: &Item) -> Option<RepresentativeId> {
    item.whose().filter(|_| !item.waits())
}
