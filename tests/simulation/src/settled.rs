//! What must hold when the network is well again, everybody is back, and time has passed.

use std::collections::{BTreeMap, BTreeSet};

use shared::authority::Role;
use shared::client::{Connection, Delivery};
use shared::conversation::Matter;
use shared::id::ConversationId;
use shared::protocol::desk::{DeskFrame, WorkItemView, WorkState};
use shared::protocol::live::{Sequence, ServerFrame, Side, Standing};
use shared::settings::Presence;

use crate::check::removal_of;
use crate::network::Endpoint;
use crate::object::{Name, bytes_of};
use crate::plan::{Fault, representative};
use crate::world::{World, on};

type Settled = Result<(), String>;

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Settled {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl World {
    /// Whether everything is settled; if not, what is not.
    pub(crate) fn check_settled(&mut self) -> Settled {
        self.objects_are_at_rest()?;
        let work = self.desks_agree()?;
        self.conversations_agree_with_the_router(&work)?;
        self.windows_agree()?;
        self.messages_are_where_they_belong()?;
        self.messages_are_in_the_order_of_writing()?;
        self.nothing_is_left_of_what_was_removed()?;
        self.disks_hold_what_is_in_memory()
    }

    /// Nothing is on its way between objects.
    fn objects_are_at_rest(&mut self) -> Settled {
        for name in self.names() {
            require(self.is_up(name), || format!("{name:?} is down"))?;
            let waiting = on!(self, name, object => object.disk.outbox.len());
            require(waiting == 0, || format!("{waiting} effects of {name:?} wait in its outbox"))?;
            require(on!(self, name, object => object.is_idle()), || format!("{name:?} has work to do"))?;
        }
        require(self.calls.is_empty(), || "calls are under way".into())
    }

    /// Every desk shows what is true. Gives every item that the router has, and whose it is.
    fn desks_agree(&mut self) -> Result<BTreeMap<ConversationId, (WorkItemView, Option<usize>)>, String> {
        let now = self.now;
        let mut all = BTreeMap::new();
        let mut orders = Vec::new();
        for place in 0..self.consoles.len() {
            let machine = &self.router.awake(&mut orders).machine;
            let welcome = machine.welcome(now, representative(place), Role::Representative);
            let DeskFrame::Welcome { presence, offers, work, .. } = welcome else { continue };
            let console = &self.consoles[place];
            require(console.is_live, || format!("the desk of {place} is not connected"))?;
            require(presence.presence != Presence::Offline, || {
                format!("{place} is at the desk and offline")
            })?;
            require(console.presence.as_ref() == Some(&presence), || {
                format!("the desk of {place} shows {:?} instead of {presence:?}", console.presence)
            })?;
            let offers: BTreeMap<_, _> =
                offers.iter().map(|offer| (offer.offer, offer.conversation)).collect();
            require(offers.is_empty(), || format!("{offers:?} were not answered by {place}"))?;
            require(console.offers.is_empty(), || format!("the desk of {place} shows {:?}", console.offers))?;
            let work: BTreeMap<_, _> = work.into_iter().map(|item| (item.conversation, item)).collect();
            require(console.work == work, || {
                format!("the desk of {place} shows {:?} instead of {work:?}", console.work)
            })?;
            for (id, item) in work {
                // Whoever advises has it on their list too.
                let owner = item.mine.then_some(place);
                if owner.is_some() || !all.contains_key(&id) {
                    all.insert(id, (item, owner));
                }
            }
        }
        self.obey(Name::Router, orders);
        Ok(all)
    }

    /// What a conversation says of itself is what the router has.
    fn conversations_agree_with_the_router(
        &mut self,
        work: &BTreeMap<ConversationId, (WorkItemView, Option<usize>)>,
    ) -> Settled {
        let mut visitors = BTreeSet::new();
        for id in self.witness.logs.keys().copied().collect::<Vec<_>>() {
            let (standing, visitor, ended) = self.with_conversation(id, |conversation| {
                (conversation.standing(Side::Staff), conversation.visitor(), conversation.has_ended())
            })?;
            require(ended || visitors.insert(visitor), || format!("{visitor} has two open conversations"))?;
            let item = work.get(&id);
            let agrees = match (&standing, item) {
                (Standing::Ended { .. }, None) => true,
                (Standing::Ended { .. }, Some((item, _))) => item.state == WorkState::WrapUp,
                (Standing::Waiting { anyone_available }, Some((item, None))) => {
                    // Everybody is at their desk by now, and every queue has members.
                    *anyone_available && matches!(item.state, WorkState::Open | WorkState::AwaitingAcceptance)
                }
                (Standing::InConversation { with }, Some((item, Some(owner)))) => {
                    item.state == WorkState::Active && *with == format!("Full {owner}")
                }
                _ => false,
            };
            require(agrees, || format!("{id} says {standing:?}, the router has {item:?}"))?;
            let closed = self.records.disk.tables.closed.contains(&id);
            require(closed == item.is_none(), || {
                format!("{id} is closed on record: {closed}, at the router: {item:?}")
            })?;
        }
        Ok(())
    }

    /// How many stand before a customer in the line, as the router has it.
    fn ahead_of(&mut self, id: ConversationId) -> Option<u32> {
        let mut orders = Vec::new();
        let position = self.router.awake(&mut orders).machine.position(id);
        self.obey(Name::Router, orders);
        position.and_then(|position| u32::try_from(position).ok())
    }

    /// Does something with a conversation, which is woken if it sleeps.
    fn with_conversation<T>(
        &mut self,
        id: ConversationId,
        look: impl FnOnce(&shared::conversation::Conversation) -> T,
    ) -> Result<T, String> {
        let number = id.shard().number();
        let object = &mut self.shards[usize::from(number)];
        let mut orders = Vec::new();
        object.awake(&mut orders);
        let found = object.shell().and_then(|(shell, tables)| shell.look(tables, id).map(look));
        self.obey(Name::Shard(number), orders);
        found.ok_or_else(|| format!("{id} is gone"))
    }

    /// Every window is in step with its conversation.
    fn windows_agree(&mut self) -> Settled {
        let tabs = self.visitors.iter().enumerate();
        let tabs =
            tabs.flat_map(|(visitor, of)| (0..of.tabs.len()).map(move |tab| Endpoint::Tab(visitor, tab)));
        let chats = self.consoles.iter().enumerate();
        let chats =
            chats.flat_map(|(place, console)| console.chats.keys().map(move |id| Endpoint::Chat(place, *id)));
        for endpoint in tabs.chain(chats).collect::<Vec<_>>() {
            let Some(window) = self.window(endpoint) else { continue };
            let id = window.conversation;
            let side = if matches!(endpoint, Endpoint::Tab(..)) { Side::Customer } else { Side::Staff };
            let client = &window.client;
            let connection = client.connection();
            require(connection == Connection::Live, || format!("{endpoint:?} is {connection:?}"))?;
            require(!client.has_earlier(), || format!("{endpoint:?} has not loaded all of its history"))?;
            let failed_only =
                client.drafts().iter().all(|draft| matches!(draft.delivery, Delivery::Failed(_)));
            require(failed_only, || format!("{endpoint:?} still has {:?}", client.drafts()))?;
            let (held, standing, place) = (client.held(), client.standing().cloned(), client.place());
            let (read_by_other, seen) = (client.read_by_other(), client.seen().min(held));
            let known_seen = self.with_conversation(id, |conversation| conversation.welcome(Side::Staff))?;
            if let (Endpoint::Tab(..), ServerFrame::Welcome { read_by_other, .. }) = (endpoint, known_seen) {
                require(read_by_other >= seen, || {
                    format!("{endpoint:?} has read up to {seen:?}, and only {read_by_other:?} is known")
                })?;
            }
            let welcome = self.with_conversation(id, |conversation| conversation.welcome(side))?;
            let ServerFrame::Welcome { standing: true_standing, last, read_by_other: truly_read, .. } =
                welcome
            else {
                continue;
            };
            let waits = matches!(true_standing, Standing::Waiting { .. });
            let ahead = (side == Side::Customer && waits).then(|| self.ahead_of(id)).flatten();
            require(place.map(|place| place.ahead) == ahead, || {
                format!("{endpoint:?} shows {place:?}, and the router knows of {ahead:?} before it")
            })?;
            let last = self.last_visible(id, last, side);
            require(held >= last, || format!("{endpoint:?} holds {held:?} of {last:?}"))?;
            require(standing.as_ref() == Some(&true_standing), || {
                format!("{endpoint:?} shows {standing:?} instead of {true_standing:?}")
            })?;
            require(read_by_other == truly_read, || {
                format!("{endpoint:?} believes the other side at {read_by_other:?} instead of {truly_read:?}")
            })?;
        }
        Ok(())
    }

    /// The last number that a side can know of: what it may not see need not be announced to it.
    fn last_visible(&self, id: ConversationId, last: Sequence, side: Side) -> Sequence {
        let visible = self.witness.visible(id, 0, last, side);
        visible.last().map_or(Sequence::START, |(number, _)| Sequence(*number))
    }

    /// Each message is in the log exactly once as it was written, or its writer knows that it is not.
    fn messages_are_where_they_belong(&mut self) -> Settled {
        let of_visitors = self.visitors.iter().flat_map(|visitor| visitor.drafts.values());
        let of_consoles = self.consoles.iter().flat_map(|console| console.drafts.values());
        let kept: BTreeMap<_, _> =
            of_visitors.chain(of_consoles).map(|(_, draft)| (draft.message, draft)).collect();
        let (mut stored, mut failed, mut given_up) = (0, 0, 0);
        for (message, written) in &self.written {
            let place = self.witness.places.get(message);
            let draft = kept.get(message);
            let is_failed = draft.is_some_and(|draft| matches!(draft.delivery, Delivery::Failed(_)));
            match place {
                Some((conversation, sequence)) => {
                    let record = &self.witness.logs[conversation][sequence.0 as usize - 1];
                    let is_same = written.conversation.is_none_or(|written| written == *conversation)
                        && record.visibility == written.visibility
                        && record.matter == written.matter;
                    require(is_same, || {
                        format!("{message} was stored as {record:?} and written as {written:?}")
                    })?;
                    // A store may keep the draft of a window that is closed; it goes when the window opens.
                    require(!is_failed || written.given_up, || {
                        format!("{message} is stored and shown as failed")
                    })?;
                    stored += 1;
                }
                None if is_failed => failed += 1,
                None if written.given_up => given_up += 1,
                None => return Err(format!("{message} is lost: {written:?}, draft {draft:?}")),
            }
        }
        (self.counts.stored, self.counts.failed, self.counts.given_up) = (stored, failed, given_up);
        Ok(())
    }

    /// What was written in one window stands in the order of writing. Sockets that drop or reorder frames and clocks that
    /// are put right, by which ids are made, are no part of this promise.
    fn messages_are_in_the_order_of_writing(&self) -> Settled {
        if [Fault::Drop, Fault::Reorder, Fault::ClockSkew].into_iter().any(|fault| self.plan.has(fault)) {
            return Ok(());
        }
        let mut stored: Vec<_> = self
            .written
            .iter()
            .filter(|(_, written)| !written.was_refused)
            .filter_map(|(message, written)| {
                Some((written.window, written.number, self.witness.places.get(message)?.1))
            })
            .collect();
        stored.sort_unstable();
        let out_of_order = stored.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].2 > pair[1].2);
        require(out_of_order.is_none(), || format!("messages are out of order: {out_of_order:?}"))
    }

    /// What a removed message said, and what it was changed to, stands on no disk any more.
    fn nothing_is_left_of_what_was_removed(&self) -> Settled {
        for (id, log) in &self.witness.logs {
            let shard = &self.shards[usize::from(id.shard().number())];
            for (number, record) in (1..).zip(log) {
                let (target, text) = match &record.matter {
                    Matter::Text(text) => (Sequence(number), text),
                    Matter::Edited { target, text } => (*target, text),
                    _ => continue,
                };
                if removal_of(log, target).is_none() {
                    continue;
                }
                let is_there = |bytes: &[u8]| bytes.windows(text.len()).any(|piece| piece == text.as_bytes());
                let journal = shard.disk.journal.iter().any(|(_, steps)| is_there(steps));
                require(!journal && !shard.disk.tables.holds(*id, is_there), || {
                    format!("{text:?} was removed from {id} and is still on the disk")
                })?;
            }
        }
        Ok(())
    }

    /// What a restart would give is what is there.
    fn disks_hold_what_is_in_memory(&mut self) -> Settled {
        let on_disk = bytes_of(&self.router.read().machine);
        let in_memory = self.router.shell().map(|(shell, _)| bytes_of(&shell.machine));
        require(in_memory.is_none_or(|bytes| bytes == on_disk), || {
            "the router's disk is behind its memory".into()
        })?;
        for shard in &mut self.shards {
            let mut on_disk = shard.read();
            let Some((shell, tables)) = shard.shell() else { continue };
            for (id, conversation) in shell.in_memory() {
                let same = on_disk.look(tables, id) == Some(conversation);
                require(same, || format!("the disk is behind what is in memory of {id}"))?;
            }
        }
        Ok(())
    }
}
