//! What must hold at every moment. A witness beside the objects remembers every log as it was committed; nothing that was
//! committed may ever change, but for what is removed, and nobody may see anything else.

use std::collections::{BTreeMap, BTreeSet};

use shared::authority::Role;
use shared::client::Connection;
use shared::conversation::{Matter, Record, Writer};
use shared::id::{ConversationId, MessageId};
use shared::protocol::desk::DeskFrame;
use shared::protocol::live::{Author, Content, Entry, Sequence, ServerFrame, Side, Visibility};
use shared::settings::Presence;
use shared::time::Span;

use crate::network::{Endpoint, WireId};
use crate::object::Name;
use crate::plan::representative;
use crate::world::{World, Written};

/// What was committed.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    pub(crate) logs: BTreeMap<ConversationId, Vec<Record>>,
    /// Where each message stands.
    pub(crate) places: BTreeMap<MessageId, (ConversationId, Sequence)>,
}

type Checked = Result<(), String>;

impl Witness {
    /// Takes in the log of a conversation as it is now. `written` has what was written and removed within one turn.
    fn observe(
        &mut self,
        id: ConversationId,
        log: &[Record],
        written: &BTreeMap<MessageId, Written>,
    ) -> Checked {
        let known = self.logs.entry(id).or_default();
        let same = known.len() <= log.len()
            && known.iter().zip(log).zip(1..).all(|((was, is), number)| stands(was, is, number, log));
        if !same {
            return Err(format!("the log of {id} lost or changed entries:\n  was {known:?}\n  is {log:?}"));
        }
        for record in log.get(known.len()..).unwrap_or_default() {
            let original = record.message.and_then(|message| written.get(&message));
            let matter = match (&record.matter, original) {
                (Matter::Redacted { .. }, Some(original)) => original.matter.clone(),
                (matter, _) => matter.clone(),
            };
            known.push(Record { matter, ..record.clone() });
            let sequence = Sequence(u32::try_from(known.len()).unwrap_or(u32::MAX));
            let may_be_in_two = original.is_some_and(|written| written.is_first);
            if let Some(message) = record.message
                && let Some(before) = self.places.insert(message, (id, sequence))
                && (before.0 == id || !may_be_in_two)
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

    /// The log of a conversation, as it was written.
    fn log(&self, id: ConversationId) -> &[Record] {
        self.logs.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a side may see after one number, up to another.
    pub(crate) fn visible(
        &self,
        id: ConversationId,
        after: u32,
        upto: Sequence,
        side: Side,
    ) -> Vec<(u32, &Record)> {
        let log = self.log(id);
        let numbered = (1..).zip(log).filter(|(number, _)| *number > after && *number <= upto.0);
        numbered
            .filter(|(_, record)| side == Side::Staff || record.visibility == Visibility::Public)
            .collect()
    }
}

/// The message that a record is about: itself, or the one that it changes or removes.
fn subject(record: &Record, number: u32) -> Sequence {
    match record.matter {
        Matter::Edited { target, .. } | Matter::Redacted { target } => target,
        _ => Sequence(number),
    }
}

/// Where a message was removed, if it was. Its edits, which come before, say the same since.
pub(crate) fn removal_of(log: &[Record], target: Sequence) -> Option<u32> {
    let numbered = (1..).zip(log).skip(target.0 as usize);
    let removals = numbered.filter(|(_, record)| record.matter == Matter::Redacted { target });
    removals.last().map(|(number, _)| number)
}

/// Whether a record that was committed is still there, but for a text that was removed later; and is not there any more if
/// it was.
fn stands(was: &Record, is: &Record, number: u32, log: &[Record]) -> bool {
    let target = subject(was, number);
    match removal_of(log, target) {
        Some(removal) if removal != number => {
            let matter = Matter::Redacted { target };
            *is == Record { matter, ..was.clone() }
        }
        _ => is == was,
    }
}

/// What a reader who holds the log up to a number sees of a record: what the last change says that they hold. Of a message
/// that is removed later they may or may not know yet.
fn says(log: &[Record], record: &Record, number: u32, held: Sequence, content: &Content) -> bool {
    let target = subject(record, number);
    let removal = removal_of(log, target);
    if *content == (Content::Redacted { target }) {
        return removal.is_some();
    }
    if removal.is_some_and(|removal| removal <= held.0) {
        return false;
    }
    let until_held = (1..).zip(log).take_while(|(number, _)| *number <= held.0);
    let edits = until_held.filter_map(|(_, record)| match &record.matter {
        Matter::Edited { target: edited, text } if *edited == target => Some(text),
        _ => None,
    });
    match (&record.matter, content) {
        (Matter::Text(written), Content::Text { text }) => edits.count() == 0 && text == written,
        (Matter::Text(_), Content::Edited { target: shown, text }) => {
            *shown == target && edits.last() == Some(text)
        }
        (Matter::Edited { text: written, .. }, Content::Edited { target: shown, text }) => {
            *shown == target && text == written
        }
        (Matter::Started(given), Content::Started { answers }) => answers == given,
        (Matter::Joined, Content::Joined) | (Matter::Left, Content::Left) | (Matter::Lost, Content::Lost) => {
            true
        }
        (Matter::Ended(ended), Content::Ended { by }) => by == ended,
        (Matter::File(attachment), Content::File { file, .. }) => *file == attachment.file,
        _ => false,
    }
}

/// Whether an entry shows this record, but for what it says.
fn shows(entry: &Entry, number: u32, record: &Record) -> bool {
    let author = match (&entry.author, record.writer) {
        (Author::Customer, Writer::Customer) | (Author::System, Writer::System) => true,
        (Author::Representative { representative, name }, Writer::Staff(writer)) => {
            *representative == writer && !name.is_empty()
        }
        _ => false,
    };
    let place = entry.sequence == Sequence(number) && entry.at == record.at;
    place && author && entry.visibility == record.visibility && entry.message == record.message
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
            self.witness.observe(id, conversation.records_after(Sequence::START), &self.written)?;
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
            for endpoint in self.endpoints(device) {
                let is_asleep = self.now < self.asleep_until(endpoint);
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

    /// Checks that whoever is gone without a word is missed in time: the device by the object, and the object by the device.
    /// An object may be busy, or have to try twice; a window's two heartbeats are 43 seconds, and what was on its way may
    /// take some.
    pub(crate) fn check_who_is_there(&mut self) {
        const LATE: Span = Span::from_secs(15);
        const TWO_BEATS: Span = Span::from_secs(60);
        let now = self.now;
        let router = self.router.first_missed().filter(|_| self.router.up).map(|at| (Name::Router, at));
        let shards = self.shards.iter().filter(|shard| shard.up);
        let shards = shards.filter_map(|shard| Some((shard.name, shard.first_missed()?)));
        let overdue = shards.chain(router).find(|(_, at)| at.after(LATE) < now);
        let blind = self.wires.iter().filter_map(|(id, wire)| {
            let since = wire.dead_since?.max(self.asleep_until(wire.endpoint));
            (since.after(TWO_BEATS) < now).then_some((wire.endpoint, *id))
        });
        let blind: Vec<_> = blind.collect();
        let still_used = |(endpoint, id): &(Endpoint, WireId)| {
            self.window(*endpoint).is_some_and(|window| window.wire == Some(*id))
        };
        let blind = blind.into_iter().find(still_used);
        if let Some((name, at)) = overdue {
            self.violate(format!("{name:?} has not missed somebody who was to be missed at {at:?}"));
        }
        if let Some((endpoint, wire)) = blind {
            self.violate(format!("{endpoint:?} has not noticed that {wire:?} is dead"));
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
            && entries.iter().zip(&visible).all(|(entry, (number, record))| {
                shows(entry, *number, record)
                    && says(self.witness.log(id), record, *number, held, &entry.content)
            });
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
