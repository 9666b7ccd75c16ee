//! Who of the staff takes part, as the router says: the primary representative is in the stage, everybody else in the
//! company. Consultants whom the customer sees write publicly, those whom they do not see only internally, and who
//! monitors writes nothing (reference sections 25 and 26).

use alloc::vec::Vec;

use super::log::{Matter, Record, Writer};
use super::machine::{Conversation, Names, Stage};
use super::{Effect, Rejection};
use crate::id::RepresentativeId;
use crate::protocol::desk::Part;
use crate::protocol::live::Visibility;
use crate::text::MessageText;
use crate::time::Timestamp;

/// Who is shown that somebody with this part comes or goes; none if nobody is.
fn shown_to(part: Part) -> Option<Visibility> {
    match part {
        Part::Primary | Part::PublicConsultant | Part::Supervisor => Some(Visibility::Public),
        Part::PrivateConsultant => Some(Visibility::Internal),
        Part::Monitor => None,
    }
}

impl Conversation {
    /// Whether somebody who is not the primary representative may write this.
    pub(super) fn may_write_beside(
        &self,
        writer: RepresentativeId,
        visibility: Visibility,
    ) -> Result<(), Rejection> {
        match self.head.company.get(&writer).and_then(|part| shown_to(*part)) {
            Some(Visibility::Public) => Ok(()),
            Some(Visibility::Internal) if visibility == Visibility::Internal => Ok(()),
            _ => Err(Rejection::NotYours),
        }
    }

    /// A representative is the primary from now on. Whoever was it before is still seen until the next notice says what
    /// becomes of them.
    pub(super) fn assigned(
        &mut self,
        now: Timestamp,
        representative: RepresentativeId,
        names: Names,
    ) -> Vec<Effect> {
        self.head.names.insert(representative, names);
        let before = self.head.company.remove(&representative);
        if let Stage::InConversation { primary } = self.head.stage
            && primary != representative
        {
            self.head.company.insert(primary, Part::PublicConsultant);
        }
        let mut effects = self.stand(Stage::InConversation { primary: representative });
        if before.and_then(shown_to) != Some(Visibility::Public) {
            self.append_coming(now, representative, Matter::Joined, Visibility::Public, &mut effects);
        }
        effects
    }

    /// Somebody takes part beside the primary, or in another part than before.
    pub(super) fn joined(
        &mut self,
        now: Timestamp,
        representative: RepresentativeId,
        names: Names,
        part: Part,
    ) -> Vec<Effect> {
        self.head.names.insert(representative, names);
        let before = self.head.company.insert(representative, part);
        let mut effects = Vec::new();
        match (before.and_then(shown_to), shown_to(part)) {
            _ if self.has_ended() => {}
            (before, after) if before == after => {}
            (Some(Visibility::Public), _) => {
                self.append_coming(now, representative, Matter::Left, Visibility::Public, &mut effects);
            }
            (Some(Visibility::Internal), None) => {
                self.append_coming(now, representative, Matter::Left, Visibility::Internal, &mut effects);
            }
            (_, Some(visibility)) => {
                self.append_coming(now, representative, Matter::Joined, visibility, &mut effects);
            }
            (None, None) => {}
        }
        effects
    }

    /// Somebody beside the primary takes part no more.
    pub(super) fn left(&mut self, now: Timestamp, representative: RepresentativeId) -> Vec<Effect> {
        let before = self.head.company.remove(&representative);
        let mut effects = Vec::new();
        if let Some(visibility) = before.and_then(shown_to)
            && !self.has_ended()
        {
            self.append_coming(now, representative, Matter::Left, visibility, &mut effects);
        }
        if !self.is_primary(representative) {
            effects.push(Effect::Dismiss { representative });
        }
        effects
    }

    /// Somebody was offered a part and does not take it. Who takes part all the same stays.
    pub(super) fn offer_lapsed(&self, representative: RepresentativeId) -> Vec<Effect> {
        if self.is_primary(representative) || self.head.company.contains_key(&representative) {
            return Vec::new();
        }
        Vec::from([Effect::Dismiss { representative }])
    }

    /// The representative has stepped out: the next message of the customer brings somebody.
    pub(super) fn paused(&mut self, now: Timestamp, representative: RepresentativeId) -> Vec<Effect> {
        let matter = self.how_gone(representative);
        let mut effects = self.stand(Stage::Waiting { anyone_available: true });
        self.append_coming(now, representative, matter, Visibility::Public, &mut effects);
        effects
    }

    /// The router has closed it: everybody of the staff who is known goes.
    pub(super) fn closed(&mut self) -> Vec<Effect> {
        self.head.company.clear();
        self.head.names.keys().map(|&representative| Effect::Dismiss { representative }).collect()
    }

    /// A rule says something in the name of a representative.
    pub(super) fn say(
        &mut self,
        now: Timestamp,
        representative: RepresentativeId,
        text: MessageText,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        let said = self.append_from(now, Writer::Staff(representative), Matter::Text(text.into()));
        self.announce(said, &mut effects);
        effects
    }

    pub(super) fn is_primary(&self, representative: RepresentativeId) -> bool {
        matches!(self.head.stage, Stage::InConversation { primary } if primary == representative)
    }

    fn append_coming(
        &mut self,
        at: Timestamp,
        representative: RepresentativeId,
        matter: Matter,
        visibility: Visibility,
        effects: &mut Vec<Effect>,
    ) {
        let writer = Writer::Staff(representative);
        let sequence = self.append(Record { at, writer, visibility, message: None, matter });
        self.announce(sequence, effects);
    }
}
