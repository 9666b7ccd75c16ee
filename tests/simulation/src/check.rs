//! What must hold at every moment. A witness beside the objects remembers every log as it was committed; nothing that was
//! committed may ever change, and nobody may see anything else.

use std::collections::{BTreeMap, BTreeSet};

use shared::authority::Role;
use shared::client::Connection;
use shared::conversation::{Matter, Record, Writer};
use shared::id::{ConversationId, MessageId};
use shared::protocol::desk::DeskFrame;
use shared::protocol::live::{Author, Content, Entry, Sequence, ServerFrame, Side, Visibility};
use shared::settings::Presence;

use crate::network::Endpoint;
use crate::object::Name;
use crate::plan::representative;
use crate::world::World;

/// What was committed.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    pub(crate) logs: BTreeMap<ConversationId, Vec<Record>>,
    /// Where each message stands.
    pub(crate) places: BTreeMap<MessageId, (ConversationId, Sequence)>,
}

type Checked = Result<(), String>;

impl Witness {
    /// Takes in the log of a conversation as it is now.
    fn observe(&mut self, id: ConversationId, log: &[Record]) -> Checked {
        let known = self.logs.entry(id).or_default();
        if !log.starts_with(known) {
            return Err(format!("the log of {id} lost or changed entries:\n  was {known:?}\n  is {log:?}"));
        }
        for record in log.get(known.len()..).unwrap_or_default() {
            known.push(record.clone());
            let sequence = Sequence(u32::try_from(known.len()).unwrap_or(u32::MAX));
            if let Some(message) = record.message
                && let Some(before) = self.places.insert(message, (id, sequence))
            {
                return Err(format!(
                    "{message} is in the log twice: at {before:?} and at {sequence:?} of {id}"
                ));
            }
        }
        Ok(())
    }

    /// Whether the message stands there.
    fn has(&self, id: ConversationId, message: MessageId, sequence: Sequence) -> bool {
        self.places.get(&message) == Some(&(id, sequence))
    }

    /// What a side may see after one number, up to another.
    pub(crate) fn visible(
        &self,
        id: ConversationId,
        after: u32,
        upto: Sequence,
        side: Side,
    ) -> Vec<(u32, &Record)> {
        let log = self.logs.get(&id).map(Vec::as_slice).unwrap_or_default();
        let numbered = (1..).zip(log).filter(|(number, _)| *number > after && *number <= upto.0);
        numbered
            .filter(|(_, record)| side == Side::Staff || record.visibility == Visibility::Public)
            .collect()
    }
}

/// Whether an entry shows this record.
fn shows(entry: &Entry, number: u32, record: &Record) -> bool {
    let author = match (&entry.author, record.writer) {
        (Author::Customer, Writer::Customer) | (Author::System, Writer::System) => true,
        (Author::Representative { representative, name }, Writer::Staff(writer)) => {
            *representative == writer && !name.is_empty()
        }
        _ => false,
    };
    let content = match (&entry.content, &record.matter) {
        (Content::Text { text }, Matter::Text(written)) => text == written,
        (Content::Started { answers }, Matter::Started(given)) => answers == given,
        (Content::Joined, Matter::Joined) | (Content::Left, Matter::Left) | (Content::Lost, Matter::Lost) => {
            true
        }
        (Content::Edited { target, text }, Matter::Edited { target: edited, text: written }) => {
            (target, text) == (edited, written)
        }
        (Content::Redacted { target }, Matter::Redacted { target: removed }) => target == removed,
        (Content::Ended { by }, Matter::Ended(ended)) => by == ended,
        _ => false,
    };
    let place = entry.sequence == Sequence(number) && entry.at == record.at;
    place && author && content && entry.visibility == record.visibility && entry.message == record.message
}

impl World {
    /// Checks an object after a turn, whatever became of it.
    pub(crate) fn check_object(&mut self, name: Name) {
        let checked = match name {
            Name::Shard(number) => self.check_shard(usize::from(number)),
            Name::Router => self.check_router(),
            Name::Records => self.records.disk.tables.doubled.take().map_or(Ok(()), Err),
            Name::Settings => Ok(()),
        };
        if let Err(rule) = checked {
            self.violate(rule);
        }
    }

    fn check_shard(&mut self, number: usize) -> Checked {
        let object = &mut self.shards[number];
        let idle = object.is_idle();
        let open: BTreeMap<_, _> =
            object.sockets.iter().map(|(id, socket)| (*id, socket.seat.clone())).collect();
        let Some((shell, tables)) = object.shell() else { return Ok(()) };
        for id in std::mem::take(&mut shell.touched) {
            let conversation = shell.look(tables, id).ok_or(format!("{id} is gone"))?;
            self.witness.observe(id, conversation.records_after(Sequence::START))?;
        }
        let mut with_one = BTreeSet::new();
        for (id, conversation) in shell.in_memory().filter(|(_, conversation)| !conversation.has_ended()) {
            let visitor = conversation.visitor();
            if !with_one.insert(visitor) {
                return Err(format!("{visitor} has two open conversations, one of them {id}"));
            }
        }
        // A socket that has just gone may wait for its turn.
        if !idle {
            return Ok(());
        }
        for (id, conversation) in shell.in_memory() {
            let ghost = conversation.connections().find(|(_, connection)| !open.contains_key(connection));
            if let Some((sender, connection)) = ghost {
                return Err(format!("{id} believes that {connection} of {sender:?} is open"));
            }
        }
        for (connection, seat) in open {
            let Some(sender) = seat.sender else { continue };
            let known = shell.look(tables, seat.conversation);
            if !known.is_some_and(|known| known.connections().any(|one| one == (sender, connection))) {
                return Err(format!(
                    "{} does not know that {connection} of {sender:?} is open",
                    seat.conversation
                ));
            }
        }
        Ok(())
    }

    /// The router's own rules were checked after each command; here is what needs more than the router.
    fn check_router(&mut self) -> Checked {
        let (now, idle) = (self.now, self.router.is_idle());
        let seated: BTreeSet<_> =
            self.router.sockets.values().map(|socket| socket.seat.representative).collect();
        let Some((shell, _)) = self.router.shell() else { return Ok(()) };
        if let Some(rule) = shell.broken.take() {
            return Err(rule);
        }
        let mut owned = BTreeSet::new();
        for place in 0..self.consoles.len() {
            let id = representative(place);
            let welcome = shell.machine.welcome(now, id, Role::Representative);
            let DeskFrame::Welcome { presence, work, .. } = welcome else { continue };
            for item in work.iter().filter(|item| item.mine) {
                if !owned.insert(item.conversation) {
                    return Err(format!("{} has two primary representatives", item.conversation));
                }
            }
            let connected = presence.presence != Presence::Offline;
            if idle && connected && !seated.contains(&id) {
                return Err(format!("{id} is {:?} without an open desk", presence.presence));
            }
        }
        Ok(())
    }

    /// Checks what a device is sent.
    pub(crate) fn check_frame(&mut self, endpoint: Endpoint, frame: &ServerFrame) {
        let Some(conversation) = self.window(endpoint).map(|window| window.conversation) else { return };
        let is_customer = matches!(endpoint, Endpoint::Tab(..));
        let leaks = match frame {
            ServerFrame::Entries { entries, .. } | ServerFrame::History { entries, .. } => {
                entries.iter().any(|entry| entry.visibility == Visibility::Internal)
            }
            ServerFrame::Typing { visibility, .. } => *visibility == Visibility::Internal,
            _ => false,
        };
        if is_customer && leaks {
            self.violate(format!("a customer was sent something internal: {frame:?}"));
        }
        if let ServerFrame::Accepted { message, sequence } = frame
            && !self.witness.has(conversation, *message, *sequence)
        {
            self.violate(format!("{message} was acknowledged at {sequence:?} and is not there on disk"));
        }
    }

    /// Checks that whoever knows that something is missing gets it soon, and not only when somebody comes by. Looked at
    /// every fifteen seconds when nothing goes wrong: a socket has twenty to open and to be welcomed, an answer has five.
    pub(crate) fn check_catching_up(&mut self) {
        const TIMES: u32 = 4;
        let devices = (0..self.visitors.len()).map(|visitor| Endpoint::Tab(visitor, 0));
        let devices: Vec<_> = devices.chain((0..self.consoles.len()).map(Endpoint::Desk)).collect();
        for device in devices {
            let is_asleep = self.device(device).is_asleep(self.now);
            for endpoint in self.endpoints(device) {
                let Some(window) = self.window(endpoint) else { continue };
                let lacks = window.client.connection() == Connection::Connecting && !is_asleep;
                let same = lacks && window.wire.is_some() && window.wire == window.lacks.0;
                window.lacks = (window.wire, if same { window.lacks.1 + 1 } else { 0 });
                if window.lacks.1 >= TIMES {
                    let held = window.client.held();
                    self.violate(format!("{endpoint:?} holds {held:?}, knows of more, and does not get it"));
                }
            }
        }
    }

    /// Checks that a window shows the log as its side may see it, without a gap.
    pub(crate) fn check_window(&mut self, endpoint: Endpoint) {
        let side = if matches!(endpoint, Endpoint::Tab(..)) { Side::Customer } else { Side::Staff };
        let Some(window) = self.window(endpoint) else { return };
        let look = (window.client.entries().len(), window.client.held());
        if std::mem::replace(&mut window.checked, look) == look {
            return;
        }
        let id = window.conversation;
        // Taken out for a moment, to be compared with the witness.
        let entries = window.client.entries().to_vec();
        let (held, has_earlier) = (window.client.held(), window.client.has_earlier());
        let after =
            if has_earlier { entries.first().map_or(held.0, |entry| entry.sequence.0 - 1) } else { 0 };
        let visible = self.witness.visible(id, after, held, side);
        let same = visible.len() == entries.len()
            && entries.iter().zip(&visible).all(|(entry, (number, record))| shows(entry, *number, record));
        if !same {
            let rule = format!(
                "{endpoint:?} shows of {id} after {after} up to {held:?}:\n  {entries:?}\n  instead of {visible:?}"
            );
            self.violate(rule);
        }
        let drafts = self.window(endpoint).map(|window| window.client.drafts().to_vec()).unwrap_or_default();
        let twice =
            drafts.iter().find(|draft| entries.iter().any(|entry| entry.message == Some(draft.message)));
        if let Some(draft) = twice {
            self.violate(format!("{endpoint:?} shows {} as a draft and in the log", draft.message));
        }
    }
}
