//! Somebody of the staff at the console, in the JSON coding.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use shared::id::{ConversationId, OfferId, RepresentativeId};
use shared::protocol::Problem;
use shared::protocol::codec::Codec;
use shared::protocol::desk::{
    BulkResult, CandidateView, DeskCommand, DeskFrame, DeskRequest, OfferGoneReason, OfferView,
    PresenceChoice, PresenceView, StaffView, WorkItemView, WorkState,
};
use shared::protocol::live::{Sequence, ServerFrame};
use shared::settings::Presence;
use xtask::demo::Account;
use xtask::desk::Desk;
use xtask::server::Ports;

use super::answer::Refusal;
use super::live::Live;
use super::socket::{LIMIT, Socket};

/// An open console.
#[derive(Debug)]
pub struct Console {
    /// The staff API, signed in.
    pub desk: Desk,
    /// The console's socket.
    pub socket: Socket<DeskFrame>,
    /// Who sits there.
    pub me: StaffView,
    /// Their presence and capacity.
    pub presence: PresenceView,
    /// The presences that the organisation made up.
    pub presences: Vec<PresenceChoice>,
    /// The offers that wait for an answer.
    pub offers: BTreeMap<OfferId, OfferView>,
    /// Every offer that was shown, as often as it was.
    pub shown: Vec<OfferId>,
    /// The offers that are gone, and why.
    pub gone: BTreeMap<OfferId, OfferGoneReason>,
    /// The work items.
    pub work: BTreeMap<ConversationId, WorkItemView>,
    /// What became of the commands.
    pub answers: BTreeMap<u32, Option<Problem>>,
    /// Refusals of frames that could not be read.
    pub unread: Vec<Problem>,
    /// What became of transfers and consults that were asked for here: who was asked, and the answer.
    pub answered: Vec<(Option<RepresentativeId>, OfferGoneReason)>,
    /// What became of the last command about many conversations.
    pub bulk: Vec<BulkResult>,
    /// Who can be asked, as the last question was answered.
    pub candidates: Vec<CandidateView>,
    ports: Ports,
    next: u32,
}

impl Console {
    /// Signs in and sits down.
    pub async fn sign_in(ports: Ports, account: Account) -> Result<Self> {
        let mut desk = Desk::new(ports)?;
        ensure!(desk.sign_in(account.name, account.password).await?, "{} could not sign in", account.name);
        Self::sit_down(ports, desk).await
    }

    /// Opens the console of somebody who has signed in.
    pub async fn sit_down(ports: Ports, desk: Desk) -> Result<Self> {
        Self::sit_down_via(None, ports, desk).await
    }

    /// The same over whatever listens at this port.
    pub async fn sit_down_via(via: Option<u16>, ports: Ports, desk: Desk) -> Result<Self> {
        let cookie = desk.cookie().context("nobody has signed in")?;
        let headers = [("cookie", cookie)];
        let mut socket = Socket::open_via(via, &ports.desk(), "/v1/desk", Codec::Json, &headers).await?;
        match socket.next().await? {
            DeskFrame::Welcome { me, presence, offers, work, presences } => Ok(Self {
                desk,
                socket,
                me,
                presence,
                presences,
                offers: offers.into_iter().map(|offer| (offer.offer, offer)).collect(),
                shown: Vec::new(),
                gone: BTreeMap::new(),
                work: work.into_iter().map(|item| (item.conversation, item)).collect(),
                answers: BTreeMap::new(),
                unread: Vec::new(),
                answered: Vec::new(),
                bulk: Vec::new(),
                candidates: Vec::new(),
                ports,
                next: 1,
            }),
            other => bail!("something else than a welcome: {other:?}"),
        }
    }

    /// Opens the console again, as after a reload. The session is the same.
    pub async fn reload(self) -> Result<Self> {
        let Self { desk, socket, ports, .. } = self;
        socket.close().await?;
        Self::sit_down(ports, desk).await
    }

    /// Takes frames until `look` finds what it looks for.
    pub async fn until<T>(&mut self, what: &str, look: impl Fn(&Self) -> Option<T>) -> Result<T> {
        let waiting = tokio::time::timeout(LIMIT, async {
            loop {
                if let Some(found) = look(self) {
                    return Ok(found);
                }
                self.take().await?;
            }
        });
        match waiting.await {
            Ok(found) => found,
            Err(_) => bail!("{what} did not come. This is what did: {self:#?}"),
        }
    }

    async fn take(&mut self) -> Result<()> {
        match self.socket.next().await? {
            DeskFrame::Welcome { .. } => bail!("a second welcome"),
            DeskFrame::Done { number } => drop(self.answers.insert(number, None)),
            DeskFrame::Refused { number: Some(number), problem } => {
                drop(self.answers.insert(number, Some(problem)));
            }
            DeskFrame::Refused { number: None, problem } => self.unread.push(problem),
            DeskFrame::Presence { presence } => self.presence = presence,
            DeskFrame::Presences { presences } => self.presences = presences,
            DeskFrame::Offered { offer } => {
                self.shown.push(offer.offer);
                self.offers.insert(offer.offer, offer);
            }
            DeskFrame::OfferGone { offer, reason } => {
                self.offers.remove(&offer);
                self.gone.insert(offer, reason);
            }
            DeskFrame::Work { item } => drop(self.work.insert(item.conversation, item)),
            DeskFrame::WorkGone { conversation } => drop(self.work.remove(&conversation)),
            DeskFrame::Answered { representative, answer, .. } => {
                self.answered.push((representative, answer));
            }
            DeskFrame::Bulk { results } => self.bulk = results,
            DeskFrame::Candidates { representatives, .. } => self.candidates = representatives,
        }
        Ok(())
    }

    /// Asks for something and waits for the answer. A refusal is a [`Refusal`].
    pub async fn command(&mut self, command: DeskCommand) -> Result<()> {
        let number = self.next;
        self.next += 1;
        self.socket.send(&DeskRequest { number, command }).await?;
        match self.until("the answer to a command", |console| console.answers.get(&number).cloned()).await? {
            None => Ok(()),
            Some(problem) => Err(Refusal::over_socket(problem).into()),
        }
    }

    /// Waits for an offer of this conversation.
    pub async fn offered(&mut self, conversation: ConversationId) -> Result<OfferView> {
        self.until("an offer", |console| {
            console.offers.values().find(|offer| offer.conversation == conversation).cloned()
        })
        .await
    }

    /// Waits for an offer of this conversation and takes it.
    pub async fn accept(&mut self, conversation: ConversationId) -> Result<()> {
        let offer = self.offered(conversation).await?.offer;
        self.command(DeskCommand::Accept { offer }).await
    }

    /// Waits for an offer of this conversation and declines it.
    pub async fn reject(&mut self, conversation: ConversationId) -> Result<()> {
        let offer = self.offered(conversation).await?.offer;
        self.command(DeskCommand::Reject { offer }).await
    }

    /// Waits until an offer is gone, and says why.
    pub async fn offer_gone(&mut self, offer: OfferId) -> Result<OfferGoneReason> {
        self.until("the end of an offer", |console| console.gone.get(&offer).copied()).await
    }

    /// Waits until a work item is in this state.
    pub async fn work_is(&mut self, conversation: ConversationId, state: WorkState) -> Result<WorkItemView> {
        self.until("a work item", |console| {
            console.work.get(&conversation).filter(|item| item.state == state).cloned()
        })
        .await
    }

    /// Waits until routing sees this presence.
    pub async fn is(&mut self, presence: Presence) -> Result<()> {
        self.until("a presence", |console| (console.presence.presence == presence).then_some(())).await
    }

    /// How often an offer was shown here.
    pub fn offered_times(&self, offer: OfferId) -> usize {
        self.shown.iter().filter(|shown| **shown == offer).count()
    }

    /// Opens the socket of a conversation.
    pub async fn open(&self, conversation: ConversationId, holds: Option<Sequence>) -> Result<Live> {
        let socket = self.conversation_socket(conversation).await?;
        Live::hello(socket, None, holds).await
    }

    /// Opens the socket of a conversation without a word.
    pub async fn conversation_socket(&self, conversation: ConversationId) -> Result<Socket<ServerFrame>> {
        let cookie = self.desk.cookie().context("nobody has signed in")?;
        let path = format!("/v1/conversations/{conversation}/socket");
        Socket::open(&self.ports.desk(), &path, Codec::Json, &[("cookie", cookie)]).await
    }
}
