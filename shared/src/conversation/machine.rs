//! How a conversation answers commands.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::cursors::Reached;
use super::log::{Matter, Record, Writer};
use super::{Command, Cursor, Effect, Notice, Opening, Rejection, Sender};
use crate::id::{ConnectionId, ConversationId, MessageId, RepresentativeId, VisitorId, WidgetId};
use crate::limit::{CONVERSATION_BYTES_MAX, CUSTOMER_BYTES_MAX};
use crate::protocol::desk::Part;
use crate::protocol::live::{Absence, EndedBy, Place, Sequence, ServerFrame, Side, Visibility};
use crate::routing::{self, Departure};
use crate::text::MessageText;
use crate::time::{Span, Timestamp};

/// One conversation. It is stored in two parts, because one grows and the other changes: [`Conversation::head`] and the
/// log, [`Conversation::records_after`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub(super) head: Head,
    pub(super) log: Vec<Record>,
    /// Which messages the log holds, for repeats. A function of the log.
    pub(super) messages: BTreeMap<MessageId, Sequence>,
    /// About how many bytes the log takes. A function of the log.
    pub(super) bytes: usize,
    /// How many of them the customer wrote. A function of the log.
    pub(super) customer_bytes: usize,
}

/// Everything but the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub(super) conversation: ConversationId,
    pub(super) visitor: VisitorId,
    pub(super) widget: WidgetId,
    pub(super) stage: Stage,
    /// Everybody of the staff who ever took part: entries keep ids, readers want names.
    pub(super) names: BTreeMap<RepresentativeId, Names>,
    /// How far everybody has come who has said so.
    pub(super) cursors: BTreeMap<Sender, Cursor>,
    /// How far each side has come, as the other is shown it.
    pub(super) customer_cursor: Cursor,
    pub(super) staff_cursor: Cursor,
    pub(super) connections: BTreeSet<(Sender, ConnectionId)>,
    /// Since when no socket of the customer is open. None while one is.
    pub(super) customer_gone_since: Option<Timestamp>,
    pub(super) customer_grace: Span,
    /// That the primary representative has no console open, as the router said.
    pub(super) representative_gone: Option<Absence>,
    /// Who takes part beside the primary representative, and as what.
    pub(super) company: BTreeMap<RepresentativeId, Part>,
    /// Whether the router hears of each message.
    pub(super) followed: bool,
    /// Where the customer stands in the line, as the router said last. None unless they wait.
    pub(super) place: Option<Place>,
}

impl Head {
    /// Whether the conversation has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended { .. })
    }
}

/// How a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    Waiting { anyone_available: bool },
    InConversation { primary: RepresentativeId },
    Ended { by: EndedBy },
}

/// The names of somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Names {
    pub(super) full: String,
    pub(super) public: String,
}

impl Conversation {
    /// A conversation that begins now, and what follows from it.
    pub fn open(now: Timestamp, opening: Opening) -> (Self, Vec<Effect>) {
        let head = Head {
            conversation: opening.conversation,
            visitor: opening.visitor,
            widget: opening.widget,
            stage: Stage::Waiting { anyone_available: true },
            names: BTreeMap::new(),
            cursors: BTreeMap::new(),
            customer_cursor: Cursor::default(),
            staff_cursor: Cursor::default(),
            connections: BTreeSet::new(),
            customer_gone_since: Some(now),
            customer_grace: opening.customer_grace,
            representative_gone: None,
            company: BTreeMap::new(),
            followed: false,
            place: None,
        };
        let mut conversation =
            Self { head, log: Vec::new(), messages: BTreeMap::new(), bytes: 0, customer_bytes: 0 };
        conversation.append(Record {
            at: now,
            writer: Writer::System,
            visibility: Visibility::Public,
            message: None,
            matter: Matter::Started(opening.answers),
        });
        if let Some((message, text)) = opening.first_message {
            conversation.append(Record {
                at: now,
                writer: Writer::Customer,
                visibility: Visibility::Public,
                message: Some(message),
                matter: Matter::Text(text.into()),
            });
        }
        (conversation, vec![Effect::Route(Box::new(routing::Command::Arrive(opening.arrival)))])
    }

    /// The conversation as it was stored.
    pub fn restore(head: Head, log: Vec<Record>) -> Self {
        let mut sequence = Sequence::START;
        let mut messages = BTreeMap::new();
        let (mut bytes, mut customer_bytes) = (0, 0);
        for record in &log {
            sequence = sequence.next();
            bytes += record.weight();
            customer_bytes += record.weight_of_customer();
            if let Some(message) = record.message {
                messages.insert(message, sequence);
            }
        }
        Self { head, log, messages, bytes, customer_bytes }
    }

    /// Everything but the log, to be stored.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The log after this number, to be stored.
    pub fn records_after(&self, after: Sequence) -> &[Record] {
        self.log.get(after.0 as usize..).unwrap_or_default()
    }

    /// Handles a command. A rejection leaves the conversation as it was.
    pub fn handle(&mut self, now: Timestamp, command: Command) -> Result<Vec<Effect>, Rejection> {
        match command {
            Command::Connect { sender, connection } => Ok(self.connect(sender, connection)),
            Command::Disconnect { sender, connection } => Ok(self.disconnect(now, sender, connection)),
            Command::ConnectionsAre { open } => Ok(self.reconcile(now, open)),
            Command::Send { sender, message, visibility, text } => {
                self.send(now, sender, message, visibility, text)
            }
            Command::Read { sender, upto } => self.reach(sender, Reached::Read(upto)),
            Command::End => Ok(self.end_by_customer(now)),
            Command::Notice(notice) => Ok(self.notice(now, notice)),
            Command::Tick => Ok(self.tick(now)),
            Command::Edit { sender, message, target, text } => self.edit(now, sender, message, target, text),
            Command::Redact { sender, message, target, any } => {
                self.redact(now, sender, message, target, any)
            }
            Command::Received { sender, upto } => self.reach(sender, Reached::Received(upto)),
            Command::Attach { sender, visibility, attachment } => {
                self.attach(now, sender, visibility, attachment)
            }
        }
    }

    /// When [`Command::Tick`] is due.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        if self.has_ended() {
            return None;
        }
        self.head.customer_gone_since.map(|since| since.after(self.head.customer_grace))
    }

    /// Whom else to tell that somebody is typing. Nothing of it is kept, so this changes nothing.
    pub fn typing(&self, sender: Sender, visibility: Visibility) -> Result<Vec<Effect>, Rejection> {
        self.may_write(sender, visibility)?;
        let public_from_staff = sender != Sender::Customer && visibility == Visibility::Public;
        let readers: &[Side] =
            if public_from_staff { &[Side::Customer, Side::Staff] } else { &[Side::Staff] };
        let tell = |side: &Side| Effect::TellOthers {
            than: sender,
            side: *side,
            frame: ServerFrame::Typing { author: self.author(sender.into(), *side), visibility },
        };
        Ok(readers.iter().map(tell).collect())
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.head.has_ended()
    }

    /// Whose conversation it is.
    pub fn visitor(&self) -> VisitorId {
        self.head.visitor
    }

    /// The sockets that are believed to be open.
    pub fn connections(&self) -> impl ExactSizeIterator<Item = (Sender, ConnectionId)> {
        self.head.connections.iter().copied()
    }

    /// The last number of the log.
    pub fn last(&self) -> Sequence {
        Sequence(u32::try_from(self.log.len()).unwrap_or(u32::MAX))
    }

    fn send(
        &mut self,
        now: Timestamp,
        sender: Sender,
        message: MessageId,
        visibility: Visibility,
        text: MessageText,
    ) -> Result<Vec<Effect>, Rejection> {
        // A repeat gets the first answer, also when the conversation has ended since: the message is in the log.
        if let Some(sequence) = self.place_of(message) {
            let same_eyes = self.record(sequence).is_some_and(|record| record.visibility == visibility);
            let same = |matter: &Matter| match matter {
                Matter::Text(first) => first == text.as_str(),
                // What it said is gone: it cannot be compared.
                Matter::Redacted { target } => *target == sequence,
                _ => false,
            };
            return self.repeat(sender, message, sequence, |matter| same_eyes && same(matter));
        }
        self.may_write(sender, visibility)?;
        self.has_room_for(sender)?;
        let matter = Matter::Text(text.into());
        let record = Record { at: now, writer: sender.into(), visibility, message: Some(message), matter };
        let mut effects = self.accept(message, record);
        if self.head.followed && visibility == Visibility::Public {
            let conversation = self.head.conversation;
            effects
                .push(Effect::Route(Box::new(routing::Command::Wrote { conversation, side: sender.side() })));
        }
        Ok(effects)
    }

    pub(super) fn may_write(&self, sender: Sender, visibility: Visibility) -> Result<(), Rejection> {
        match (sender, self.head.stage) {
            (Sender::Customer, _) if visibility == Visibility::Internal => {
                Err(Rejection::InternalFromCustomer)
            }
            (_, Stage::Ended { .. }) => Err(Rejection::Ended),
            (Sender::Staff(writer), Stage::InConversation { primary }) if writer == primary => Ok(()),
            (Sender::Staff(writer), _) => self.may_write_beside(writer, visibility),
            (Sender::Customer, _) => Ok(()),
        }
    }

    /// Whether there is room for more of what this sender writes.
    pub(super) fn has_room_for(&self, sender: Sender) -> Result<(), Rejection> {
        let all = self.bytes >= CONVERSATION_BYTES_MAX;
        let theirs = sender == Sender::Customer && self.customer_bytes >= CUSTOMER_BYTES_MAX;
        if all || theirs { Err(Rejection::Full) } else { Ok(()) }
    }

    fn end_by_customer(&mut self, now: Timestamp) -> Vec<Effect> {
        // Ending what has ended is done already: two tabs may press the button.
        if self.has_ended() {
            return Vec::new();
        }
        let mut effects = self.end(now, EndedBy::Customer);
        effects.push(self.customer_left(Departure::Ended));
        effects
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        if self.next_deadline().is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        let mut effects = self.end(now, EndedBy::Absence);
        effects.push(self.customer_left(Departure::Disconnected));
        effects
    }

    fn customer_left(&self, how: Departure) -> Effect {
        Effect::Route(Box::new(routing::Command::CustomerLeft { conversation: self.head.conversation, how }))
    }

    /// Notices come at least once and in order. One about a conversation that has ended comes too late to matter, unless
    /// it says who may look at it.
    fn notice(&mut self, now: Timestamp, notice: Notice) -> Vec<Effect> {
        match notice {
            Notice::OfferLapsed { representative } => self.offer_lapsed(representative),
            Notice::Left { representative } => self.left(now, representative),
            Notice::Closed => self.closed(),
            Notice::Joined { representative, full_name, public_name, part } => {
                self.joined(now, representative, Names { full: full_name, public: public_name }, part)
            }
            _ if self.has_ended() => Vec::new(),
            Notice::Queued { anyone_available } => self.stand(Stage::Waiting { anyone_available }),
            Notice::Assigned { representative, full_name, public_name } => {
                self.assigned(now, representative, Names { full: full_name, public: public_name })
            }
            Notice::Paused { representative } => self.paused(now, representative),
            Notice::Follow => {
                self.head.followed = true;
                Vec::new()
            }
            Notice::Say { representative, text } => self.say(now, representative, text),
            Notice::RepresentativeIs { representative, absence } => {
                self.representative_is(representative, absence)
            }
            Notice::Unassigned { representative } => {
                let matter = self.how_gone(representative);
                let mut effects = self.stand(Stage::Waiting { anyone_available: true });
                let left = self.append_from(now, Writer::Staff(representative), matter);
                self.announce(left, &mut effects);
                effects.push(Effect::Dismiss { representative });
                effects
            }
            Notice::Ended { by } => self.end(now, by),
            Notice::Position { ahead, estimated_wait } => {
                self.stands_at(Some(Place { ahead, estimated_wait }))
            }
            Notice::NoPosition => self.stands_at(None),
        }
    }

    /// The customer stands here in the line now, if anybody knows. Nothing for the log: it is true for a moment only.
    fn stands_at(&mut self, place: Option<Place>) -> Vec<Effect> {
        // Somebody was faster than the word about the line.
        if !self.waits() || self.head.place == place {
            return Vec::new();
        }
        self.head.place = place;
        vec![Effect::Broadcast { side: Side::Customer, frame: ServerFrame::Place { place } }]
    }

    pub(super) fn waits(&self) -> bool {
        matches!(self.head.stage, Stage::Waiting { .. })
    }

    fn end(&mut self, now: Timestamp, by: EndedBy) -> Vec<Effect> {
        let mut effects = Vec::new();
        let ended = self.append_from(now, Writer::System, Matter::Ended(by));
        self.announce(ended, &mut effects);
        effects.extend(self.stand(Stage::Ended { by }));
        effects
    }

    pub(super) fn stand(&mut self, stage: Stage) -> Vec<Effect> {
        if self.head.stage == stage {
            return Vec::new();
        }
        self.head.stage = stage;
        if !self.waits() {
            self.head.place = None;
        }
        let told =
            |side| Effect::Broadcast { side, frame: ServerFrame::Standing { standing: self.standing(side) } };
        let mut effects = [Side::Customer, Side::Staff].map(told).to_vec();
        effects.extend(self.forget_absence());
        effects
    }

    pub(super) fn append_from(&mut self, at: Timestamp, writer: Writer, matter: Matter) -> Sequence {
        self.append(Record { at, writer, visibility: Visibility::Public, message: None, matter })
    }

    pub(super) fn append(&mut self, record: Record) -> Sequence {
        let message = record.message;
        self.bytes += record.weight();
        self.customer_bytes += record.weight_of_customer();
        self.log.push(record);
        let sequence = self.last();
        if let Some(message) = message {
            self.messages.insert(message, sequence);
        }
        sequence
    }

    /// Where the message that a client gave this id stands, if it is in the log.
    pub(super) fn place_of(&self, message: MessageId) -> Option<Sequence> {
        self.messages.get(&message).copied()
    }

    /// About how many bytes the log takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lets the record with this number say something else; who wrote it, when, and for whom stays.
    pub(super) fn rewrite(&mut self, sequence: Sequence, matter: Matter) {
        let place = (sequence.0 as usize).checked_sub(1);
        if let Some(record) = place.and_then(|place| self.log.get_mut(place)) {
            self.bytes -= record.weight();
            self.customer_bytes -= record.weight_of_customer();
            record.matter = matter;
            self.bytes += record.weight();
            self.customer_bytes += record.weight_of_customer();
        }
    }

    /// Sends the newest entry to everybody who may see it.
    pub(super) fn announce(&self, sequence: Sequence, effects: &mut Vec<Effect>) {
        for side in [Side::Customer, Side::Staff] {
            if let Some(frame) = self.live_frame(sequence, side) {
                effects.push(Effect::Broadcast { side, frame });
            }
        }
    }
}

impl From<Sender> for Writer {
    fn from(sender: Sender) -> Self {
        match sender {
            Sender::Customer => Self::Customer,
            Sender::Staff(representative) => Self::Staff(representative),
        }
    }
}
