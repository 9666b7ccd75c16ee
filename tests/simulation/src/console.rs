//! Representatives: a console with a desk and a conversation for each work item in hand, and what people do there.

use std::collections::BTreeMap;

use shared::client::{Connection, Draft, Input};
use shared::id::{ConversationId, MessageId, OfferId};
use shared::protocol::desk::{
    DeskCommand, DeskFrame, DeskRequest, Destination, PresenceView, WorkItemView, WorkState,
};
use shared::protocol::live::Visibility;
use shared::settings::Presence;
use shared::time::Timestamp;

use crate::browser::{Device, Window};
use crate::network::{Endpoint, WireId};
use crate::object::{Down, Name, Up};
use crate::plan::{representative, settings};
use crate::settings::SettingsRequest;
use crate::world::{Call, Caller, Event, World, trace};

/// The console of one representative, whose number is its place.
#[derive(Debug)]
pub(crate) struct Console {
    pub(crate) device: Device,
    /// The session of the staff, while they are signed in.
    pub(crate) session: Option<u64>,
    pub(crate) wire: Option<WireId>,
    /// Whether the desk was welcomed on this wire, and when a heartbeat was last answered on it.
    pub(crate) is_live: bool,
    answered: Timestamp,
    pub(crate) presence: Option<PresenceView>,
    pub(crate) offers: BTreeMap<OfferId, ConversationId>,
    pub(crate) work: BTreeMap<ConversationId, WorkItemView>,
    pub(crate) chats: BTreeMap<ConversationId, Window>,
    /// The store of the window.
    pub(crate) drafts: BTreeMap<MessageId, (ConversationId, Draft)>,
    last_number: u32,
}

impl Console {
    pub(crate) fn new(device: Device) -> Self {
        Self {
            device,
            session: None,
            wire: None,
            is_live: false,
            answered: Timestamp::from_millis(0),
            presence: None,
            offers: BTreeMap::new(),
            work: BTreeMap::new(),
            chats: BTreeMap::new(),
            drafts: BTreeMap::new(),
            last_number: 0,
        }
    }
}

/// How often a desk's socket is asked whether it is there, in milliseconds.
const BEAT: u64 = 20_000;

/// The desk's connection.
impl World {
    /// Opens the desk's socket, if somebody is signed in and there is none.
    pub(crate) fn connect_desk(&mut self, place: usize) {
        let asleep = self.consoles[place].device.is_asleep(self.now);
        let console = &mut self.consoles[place];
        if console.session.is_none() || console.wire.is_some() {
            return;
        }
        if asleep {
            let at = console.device.asleep_until;
            self.at(at, Event::Connect(place));
            return;
        }
        let wire = self.connect(Endpoint::Desk(place), None);
        let now = self.now;
        let console = &mut self.consoles[place];
        (console.wire, console.is_live, console.answered) = (Some(wire), false, now);
        self.later(BEAT, BEAT, Event::Beat(place, wire));
    }

    pub(crate) fn desk_opened(&mut self, place: usize, _: WireId) {
        self.consoles[place].answered = self.now;
    }

    pub(crate) fn desk_lost(&mut self, place: usize) {
        self.consoles[place].is_live = false;
        self.renew_session(place);
        self.later(0, 5_000, Event::Connect(place));
    }

    /// A socket that has left two beats unanswered is half dead and replaced.
    pub(crate) fn beat(&mut self, place: usize, wire: WireId) {
        let console = &self.consoles[place];
        if console.wire != Some(wire) {
            return;
        }
        if console.device.is_asleep(self.now) {
            let at = console.device.asleep_until;
            self.at(at, Event::Beat(place, wire));
        } else if self.now.since(console.answered).as_millis() > 2 * BEAT {
            self.drop_wire(Endpoint::Desk(place));
            self.desk_lost(place);
        } else {
            self.send_up(wire, Up::Ping);
            self.renew_session(place);
            self.later(BEAT, BEAT, Event::Beat(place, wire));
        }
    }

    pub(crate) fn desk_hears(&mut self, place: usize, frame: Down) {
        let console = &mut self.consoles[place];
        let Down::Desk(frame) = frame else {
            console.answered = self.now;
            return;
        };
        match frame {
            DeskFrame::Welcome { presence, offers, work, .. } => {
                console.is_live = true;
                console.presence = Some(presence);
                console.offers = offers.into_iter().map(|offer| (offer.offer, offer.conversation)).collect();
                console.work = work.into_iter().map(|item| (item.conversation, item)).collect();
            }
            DeskFrame::Presence { presence } => console.presence = Some(presence),
            DeskFrame::Offered { offer } => {
                console.offers.insert(offer.offer, offer.conversation);
                self.counts.offers += 1;
            }
            DeskFrame::OfferGone { offer, .. } => drop(console.offers.remove(&offer)),
            DeskFrame::Work { item } => drop(console.work.insert(item.conversation, item)),
            DeskFrame::WorkGone { conversation } => drop(console.work.remove(&conversation)),
            DeskFrame::Done { .. }
            | DeskFrame::Refused { .. }
            | DeskFrame::Answered { .. }
            | DeskFrame::Candidates { .. }
            | DeskFrame::Presences { .. }
            | DeskFrame::Bulk { .. } => {}
        }
        self.open_and_close_chats(place);
    }

    /// Work in hand has its conversation open; a conversation goes with its work. Whoever was shown out and has the work
    /// again opens it once more.
    fn open_and_close_chats(&mut self, place: usize) {
        let console = &self.consoles[place];
        let in_hand =
            |item: &&WorkItemView| item.mine && matches!(item.state, WorkState::Active | WorkState::WrapUp);
        let in_hand: Vec<_> = console.work.values().filter(in_hand).map(|item| item.conversation).collect();
        let is_over = |id: &ConversationId, window: &Window| {
            !in_hand.contains(id) || window.client.connection() == Connection::Refused
        };
        let gone = console.chats.iter().filter(|(id, window)| is_over(id, window));
        let gone: Vec<_> = gone.map(|(id, _)| *id).collect();
        let kept = console.drafts.iter().filter(|(_, (of, _))| console.is_live && !in_hand.contains(of));
        let lost: Vec<_> = kept.map(|(message, _)| *message).collect();
        for conversation in gone {
            self.close_chat(place, conversation);
        }
        for message in lost {
            self.consoles[place].drafts.remove(&message);
            self.give_up(message);
        }
        for conversation in in_hand {
            if !self.consoles[place].chats.contains_key(&conversation) {
                self.counts.taken += 1;
                let window = Window::new(conversation, self.ticket());
                self.consoles[place].chats.insert(conversation, window);
                let endpoint = Endpoint::Chat(place, conversation);
                self.restore_drafts(endpoint);
                self.drive(endpoint, Input::Wake);
            }
        }
    }

    fn close_chat(&mut self, place: usize, conversation: ConversationId) {
        self.drop_wire(Endpoint::Chat(place, conversation));
        self.consoles[place].chats.remove(&conversation);
    }

    /// The window is loaded anew: it knows what its store knows.
    pub(crate) fn reload_console(&mut self, place: usize) {
        self.close_console(place);
        self.later(50, 2_000, Event::Connect(place));
    }

    pub(crate) fn close_console(&mut self, place: usize) {
        let chats: Vec<_> = self.consoles[place].chats.keys().copied().collect();
        for conversation in chats {
            self.close_chat(place, conversation);
        }
        self.drop_wire(Endpoint::Desk(place));
        let console = &mut self.consoles[place];
        console.is_live = false;
        console.presence = None;
        console.offers.clear();
        console.work.clear();
    }

    /// Asks for something at the desk.
    pub(crate) fn desk_asks(&mut self, place: usize, command: DeskCommand) {
        let console = &mut self.consoles[place];
        let Some(wire) = console.wire.filter(|_| console.is_live) else { return };
        console.last_number += 1;
        let request = DeskRequest { number: console.last_number, command };
        trace!(self, "  desk {place} asks {request:?}");
        self.send_up(wire, Up::Desk(request));
    }
}

/// What people do.
impl World {
    /// A representative does something.
    pub(crate) fn representative_acts(&mut self, place: usize) {
        let pause = if self.troubled { self.plan.pause } else { 5_000 };
        self.later(200, pause, Event::Representative(place));
        if self.consoles[place].device.is_asleep(self.now) {
            return;
        }
        if self.consoles[place].session.is_none() {
            self.sign_in(place);
        } else if !self.consoles[place].is_live {
            self.connect_desk(place);
        } else if !self.troubled {
            self.accept_what_is_offered(place);
        } else {
            self.representative_works(place);
        }
    }

    pub(crate) fn sign_in(&mut self, place: usize) {
        let session = self.ticket();
        let request = SettingsRequest::SignIn { representative: representative(place), session };
        self.ask(Name::Settings, Caller::SignIn(place, session), Call::Settings(request));
    }

    fn representative_works(&mut self, place: usize) {
        if let Some(offer) = self.consoles[place].offers.keys().next().copied() {
            match self.random.below(10) {
                0..6 => self.desk_asks(place, DeskCommand::Accept { offer }),
                6 => self.desk_asks(place, DeskCommand::Reject { offer }),
                _ => {}
            }
        }
        match self.random.below(100) {
            0..60 => self.representative_talks(place),
            60..66 => self.choose_presence(place),
            66..72 => {
                let open = self.consoles[place].work.values().filter(|item| !item.mine);
                let open: Vec<_> = open.map(|item| item.conversation).collect();
                if let Some(conversation) = self.random.pick(open.into_iter()) {
                    self.desk_asks(place, DeskCommand::Pick { conversation });
                }
            }
            72..82 => self.end_or_close(place),
            82..84 => self.reload_console(place),
            84 => self.sign_out(place),
            85..91 => self.work_together(place),
            _ => {}
        }
    }

    /// Hands a conversation over, has somebody advise, or changes what those who advise may do.
    fn work_together(&mut self, place: usize) {
        let others = (0..self.consoles.len()).filter(|other| *other != place).map(representative);
        let Some(other) = self.random.pick(others.collect::<Vec<_>>().into_iter()) else { return };
        let to = Destination::Representative(other);
        let held = self.consoles[place].work.values().filter(|item| item.part.is_some());
        let held: Vec<_> = held.map(|item| (item.conversation, item.mine)).collect();
        let Some((conversation, mine)) = self.random.pick(held.into_iter()) else { return };
        let command = match self.random.below(8) {
            _ if !mine => DeskCommand::Leave { conversation },
            0..2 => DeskCommand::Transfer { conversation, to },
            2..5 => DeskCommand::Consult { conversation, with: to },
            5 => DeskCommand::AddToChat { conversation, consultant: other },
            6 => DeskCommand::EndConsult { conversation, with: to },
            _ => DeskCommand::Release { conversation },
        };
        self.desk_asks(place, command);
    }

    fn representative_talks(&mut self, place: usize) {
        let Some(conversation) = self.random.pick(self.consoles[place].chats.keys().copied()) else { return };
        let endpoint = Endpoint::Chat(place, conversation);
        let visibility = if self.random.chance(300) { Visibility::Internal } else { Visibility::Public };
        match self.random.below(10) {
            0..5 => self.compose(endpoint, visibility),
            5..7 => self.read_everything(endpoint),
            7 if self.random.chance(500) => self.amend(endpoint),
            7 => self.drive(endpoint, Input::Typing { visibility }),
            8 => self.look_after_failed(endpoint),
            _ => self.drive(endpoint, Input::LoadEarlier),
        }
    }

    fn choose_presence(&mut self, place: usize) {
        let choices = [
            Presence::Available,
            Presence::Available,
            Presence::Busy,
            Presence::DoNotDisturb,
            Presence::Away,
        ];
        if let Some(presence) = self.random.pick(choices.into_iter()) {
            self.desk_asks(place, DeskCommand::SetPresence { presence });
        }
    }

    fn end_or_close(&mut self, place: usize) {
        let mine = self.consoles[place].work.values().filter(|item| item.mine);
        let mine: Vec<_> = mine.map(|item| (item.conversation, item.state)).collect();
        let Some((conversation, state)) = self.random.pick(mine.into_iter()) else { return };
        let command = match state {
            WorkState::WrapUp => DeskCommand::Close { conversation },
            _ => DeskCommand::End { conversation },
        };
        self.desk_asks(place, command);
    }

    fn accept_what_is_offered(&mut self, place: usize) {
        let hidden =
            |presence: &PresenceView| matches!(presence.presence, Presence::Away | Presence::Offline);
        if self.consoles[place].presence.as_ref().is_some_and(hidden) {
            self.desk_asks(place, DeskCommand::SetPresence { presence: Presence::Available });
        }
        if let Some(offer) = self.consoles[place].offers.keys().next().copied() {
            self.desk_asks(place, DeskCommand::Accept { offer });
        }
    }

    /// Signs out: the session ends, and what the window kept goes with it.
    fn sign_out(&mut self, place: usize) {
        let Some(session) = self.consoles[place].session.take() else { return };
        self.close_console(place);
        for (message, _) in std::mem::take(&mut self.consoles[place].drafts) {
            self.give_up(message);
        }
        self.ask(Name::Settings, Caller::Nobody, Call::Settings(SettingsRequest::SignOut { session }));
    }

    /// An administrator changes the settings now and then.
    pub(crate) fn administrator_acts(&mut self) {
        if self.troubled {
            self.change_settings(false);
            self.later(30_000, 200_000, Event::Administrator);
        }
    }

    pub(crate) fn change_settings(&mut self, usual: bool) {
        let settings = settings(&mut self.random, self.consoles.len(), usual);
        let read = self.settings.disk.tables.version;
        let request = SettingsRequest::Change { read, settings: Box::new(settings) };
        self.ask(Name::Settings, Caller::Administrator, Call::Settings(request));
    }
}
