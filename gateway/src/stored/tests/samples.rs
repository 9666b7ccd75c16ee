//! One of each kind of everything that is stored. New kinds get a sample at the end of their list; the samples that are
//! there stay as they are.

use serde_json::json;
use shared::condition::{Field, Value};
use shared::conversation::{
    Attachment, Command as Said, Conversation, Head, Matter, Notice, Opening, Record, Sender, Writer,
};
use shared::file::FileName;
use shared::form::Answer;
use shared::id::{
    ConnectionId, ConversationId, FileId, MessageId, OfferId, QueueId, RepresentativeId, SessionId, SkillId,
    VisitorId, WidgetId, WorkstreamId,
};
use shared::protocol::desk::{BulkAct, Destination, Part, WorkState};
use shared::protocol::insight::{
    AttemptExplained, Classified, Explanation, Hindrance, Outcome, PersonExplained, RuleExplained, RuleStatus,
};
use shared::protocol::live::{Absence, EndedBy, Sequence, Side, Visibility};
use shared::routing::{Activity, Arrival, Command, Departure, Router, SessionEnd, SupervisorAct};
use shared::settings::{Origin, OverflowAction, Presence, RatedSkill, Settings, SettingsVersion};
use shared::text::{Line, MessageText};
use shared::time::{Span, Timestamp};

use crate::conversations::{Moved, Spot, Step, Told as ToldShard};
use crate::router::Told as ToldRouter;

const AT: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const CONVERSATION: ConversationId = ConversationId::from_u128(0xc0);
const WAITING: ConversationId = ConversationId::from_u128(0xc1);
const ANA: RepresentativeId = RepresentativeId::from_u128(0xa1);
const BEN: RepresentativeId = RepresentativeId::from_u128(0xa2);
const SOCKET: ConnectionId = ConnectionId::from_u128(0x50);
const MESSAGE: MessageId = MessageId::from_u128(0x3e);
const ORDERS: QueueId = QueueId::from_u128(0xb1);
const HELP: QueueId = QueueId::from_u128(0xb2);
const CHAT: WorkstreamId = WorkstreamId::from_u128(0xd1);
const WIDGET: WidgetId = WidgetId::from_u128(0xe1);
const VISITOR: VisitorId = VisitorId::from_u128(0xf1);

fn line(text: &str) -> Line {
    Line::new(text).unwrap()
}

fn text(text: &str) -> MessageText {
    MessageText::new(text).unwrap()
}

fn answer(name: &str, value: &str) -> Answer {
    Answer { name: name.into(), value: value.into() }
}

fn arrival(conversation: ConversationId) -> Arrival {
    Arrival {
        customer: Some("Grace".into()),
        topic: Some("order".into()),
        answers: vec![answer("topic", "order")],
        context: vec![answer("cart", "12")],
        facts: vec![(Field::Locale, Value::Text("de-CH".into()))],
        skills: vec![RatedSkill { skill: SkillId::from_u128(0x5c), rating: 3, model: None }],
        preferred: vec![BEN],
        ..Arrival::new(conversation, CHAT)
    }
}

pub(crate) fn opening() -> Opening {
    Opening {
        conversation: CONVERSATION,
        visitor: VISITOR,
        widget: WIDGET,
        arrival: arrival(CONVERSATION),
        answers: vec![answer("Topic", "My order")],
        first_message: Some((MessageId::from_u128(0x3d), text("Where is it?"))),
        customer_grace: Span::from_secs(180),
    }
}

pub(super) fn conversation_commands() -> Vec<Said> {
    let (customer, ana) = (Sender::Customer, Sender::Staff(ANA));
    let mut commands = vec![
        Said::Connect { sender: customer, connection: SOCKET },
        Said::Disconnect { sender: ana, connection: SOCKET },
        Said::ConnectionsAre { open: vec![(customer, SOCKET), (ana, ConnectionId::from_u128(0x51))] },
        Said::Send {
            sender: customer,
            message: MESSAGE,
            visibility: Visibility::Public,
            text: text("Hello ✓"),
        },
        Said::Send { sender: ana, message: MESSAGE, visibility: Visibility::Internal, text: text("A note") },
        Said::Read { sender: customer, upto: Sequence(300) },
        Said::End,
        Said::Tick,
        Said::Edit { sender: customer, message: MESSAGE, target: Sequence(2), text: text("Hello again") },
        Said::Redact { sender: ana, message: MESSAGE, target: Sequence(2), any: true },
        Said::Received { sender: ana, upto: Sequence(300) },
    ];
    commands.extend(notices().into_iter().map(Said::Notice));
    commands.push(Said::Attach {
        sender: customer,
        visibility: Visibility::Public,
        attachment: attachment(),
    });
    commands
}

fn attachment() -> Attachment {
    let (name, media_type) = (FileName::clean("plan.png"), "image/png".to_owned());
    Attachment { file: FileId::from_u128(0xf11e), name, media_type, bytes: 300_000 }
}

pub(super) fn notices() -> Vec<Notice> {
    let (full_name, public_name) = ("Ana Lindqvist".to_owned(), "Ana".to_owned());
    vec![
        Notice::Queued { anyone_available: true },
        Notice::Assigned {
            representative: ANA,
            full_name: full_name.clone(),
            public_name: public_name.clone(),
        },
        Notice::OfferLapsed { representative: ANA },
        Notice::Unassigned { representative: ANA },
        Notice::Ended { by: EndedBy::Representative },
        Notice::Joined { representative: BEN, full_name, public_name, part: Part::PublicConsultant },
        Notice::Left { representative: BEN },
        Notice::Paused { representative: ANA },
        Notice::Follow,
        Notice::Say { representative: ANA, text: text("Are you still there?") },
        Notice::Closed,
        Notice::Position { ahead: 2, estimated_wait: Some(Span::from_secs(90)) },
        Notice::RepresentativeIs {
            representative: ANA,
            absence: Some(Absence { since: AT, until: AT.after(Span::from_secs(150)) }),
        },
        Notice::RepresentativeIs { representative: ANA, absence: None },
        Notice::NoPosition,
    ]
}

pub(super) fn steps() -> Vec<Step> {
    let mut steps = vec![Step::Open(Box::new(opening()))];
    steps.extend(conversation_commands().into_iter().map(|command| Step::Command(CONVERSATION, command)));
    steps
}

/// A conversation at its beginning, in the middle, and at its end.
pub(super) fn heads() -> Vec<Head> {
    let (mut conversation, _) = Conversation::open(AT, opening());
    let mut heads = vec![conversation.head().clone()];
    for command in conversation_commands() {
        // What is refused leaves it as it was.
        if conversation.handle(AT, command).is_ok() && !heads.contains(conversation.head()) {
            heads.push(conversation.head().clone());
        }
    }
    heads
}

pub(super) fn records() -> Vec<Record> {
    let record = |writer, visibility, message, matter| Record { at: AT, writer, visibility, message, matter };
    let (ana, public) = (Writer::Staff(ANA), Visibility::Public);
    vec![
        record(Writer::System, public, None, Matter::Started(vec![answer("Topic", "My order")])),
        record(Writer::Customer, public, Some(MESSAGE), Matter::Text("Hello ✓".into())),
        record(ana, public, None, Matter::Joined),
        record(ana, Visibility::Internal, Some(MESSAGE), Matter::Text("A note".into())),
        record(ana, public, None, Matter::Left),
        record(Writer::System, public, None, Matter::Ended(EndedBy::Customer)),
        record(Writer::System, public, None, Matter::Ended(EndedBy::Representative)),
        record(Writer::System, public, None, Matter::Ended(EndedBy::System)),
        record(
            Writer::Customer,
            public,
            Some(MESSAGE),
            Matter::Edited { target: Sequence(2), text: "Hi".into() },
        ),
        record(ana, public, Some(MESSAGE), Matter::Redacted { target: Sequence(2) }),
        record(Writer::Customer, public, None, Matter::Lost),
        record(Writer::Customer, public, Some(attachment().message()), Matter::File(attachment())),
    ]
}

pub(super) fn told_to_shard() -> Vec<ToldShard> {
    let spot = |site: &str| Spot { widget: WIDGET, site: Origin::new(site).unwrap() };
    let mut told: Vec<ToldShard> = notices()
        .into_iter()
        .map(|notice| ToldShard::Notice { conversation: CONVERSATION, notice, at: AT })
        .collect();
    told.push(ToldShard::SessionEnded([7; 32]));
    told.push(ToldShard::SitesMoved(Moved {
        taken: vec![spot("https://shop.example")],
        given: vec![spot("https://help.example")],
    }));
    told.push(ToldShard::WatchersMoved { conversation: Some(CONVERSATION), at: AT });
    told
}

fn settings() -> Box<Settings> {
    Box::new(serde_json::from_str(include_str!("../../../fixtures/settings.json")).unwrap())
}

pub(super) fn router_commands() -> Vec<Command> {
    let (representative, conversation, supervisor, consultant) = (ANA, CONVERSATION, BEN, BEN);
    let (offer, connection) = (OfferId::from_number(4), SOCKET);
    let (queue, person) = (Destination::Queue(ORDERS), Destination::Representative(BEN));
    vec![
        Command::Configure { version: SettingsVersion(3), settings: settings() },
        Command::Arrive(arrival(CONVERSATION)),
        Command::CustomerLeft { conversation, how: Departure::Ended },
        Command::CustomerLeft { conversation, how: Departure::Disconnected },
        Command::Reclassify {
            conversation,
            context: vec![answer("cart", "13")],
            skills: arrival(WAITING).skills,
        },
        Command::Connect { representative, connection },
        Command::Disconnect { representative, connection },
        Command::SignOut { representative },
        Command::ConnectionsAre { open: vec![(ANA, SOCKET)] },
        Command::SetPresence { representative, presence: Presence::Busy },
        Command::Accept { representative, offer },
        Command::Reject { representative, offer },
        Command::Pick { representative, conversation },
        Command::End { representative, conversation },
        Command::Close { representative, conversation },
        Command::Tick,
        Command::Wrote { conversation, side: Side::Customer },
        Command::ResetPresence { representative },
        Command::Release { representative, conversation },
        Command::Wait { representative, conversation },
        Command::Resume { representative, conversation },
        Command::Leave { representative, conversation },
        Command::Transfer { representative, conversation, to: queue },
        Command::WithdrawTransfer { representative, conversation },
        Command::Consult { representative, conversation, with: person },
        Command::EndConsult { representative, conversation, with: person },
        Command::AddToChat { representative, conversation, consultant },
        Command::RemoveFromChat { representative, conversation, consultant },
        Command::Assign { supervisor, conversation, to: person },
        Command::Redirect { supervisor, conversation, to: queue },
        Command::ForceClose { supervisor, conversation },
        Command::Monitor { supervisor, name: "Zoe".into(), conversation },
        Command::Join { supervisor, conversation },
        Command::OverridePresence {
            supervisor,
            representative,
            presence: Some(Presence::Available),
            reason: line("Back from lunch"),
        },
        Command::Bulk {
            supervisor,
            conversations: vec![conversation, WAITING],
            act: BulkAct::Assign { to: Destination::Queue(HELP) },
        },
        Command::CustomerLeft { conversation, how: Departure::Resolved },
        Command::Reroute {
            supervisor,
            conversation,
            context: vec![Answer { name: "tier".into(), value: "gold".into() }],
            skills: vec![RatedSkill { skill: SkillId::from_u128(0x5c), rating: 3, model: None }],
        },
    ]
}

pub(super) fn told_to_router() -> Vec<ToldRouter> {
    vec![
        ToldRouter::Command(Command::Arrive(arrival(CONVERSATION))),
        ToldRouter::SessionEnded { representative: ANA, session: [7; 32], was_last: true },
        ToldRouter::WatchersMoved { shards: 4 },
    ]
}

/// A router that nobody has told anything, and one with people, work and a line.
pub(super) fn routers() -> Vec<Router> {
    let mut router = Router::default();
    let fresh = router.clone();
    let settings = settings();
    let (people, workstream) = (settings.representatives.clone(), settings.workstreams[0].id);
    let version = SettingsVersion(1);
    let mut tell = |at: u64, command| drop(router.handle(AT.after(Span::from_secs(at)), command));
    tell(0, Command::Configure { version, settings });
    for (number, person) in (1..).zip(&people) {
        tell(
            number,
            Command::Connect {
                representative: person.id,
                connection: ConnectionId::from_u128(number.into()),
            },
        );
    }
    for number in 0..12 {
        let conversation = ConversationId::from_u128(0xc00 + u128::from(number));
        tell(10 + number, Command::Arrive(Arrival { workstream, ..arrival(conversation) }));
    }
    tell(30, Command::Accept { representative: people[0].id, offer: OfferId::from_number(1) });
    tell(31, Command::Reject { representative: people[0].id, offer: OfferId::from_number(2) });
    tell(32, Command::SetPresence { representative: people[0].id, presence: Presence::Busy });
    vec![fresh, router]
}

/// What a router says about everything that it knows.
pub(super) fn describe_router(router: &Router) -> String {
    assert_eq!(router.check_invariants(), Ok(()));
    let mut positions = Vec::new();
    for number in 0..12 {
        positions.push(router.position(ConversationId::from_u128(0xc00 + number)));
    }
    let counters = router.counters(AT.after(Span::from_secs(40)), ANA);
    json!({ "due": router.next_deadline(), "positions": positions, "counters": counters }).to_string()
}

pub(super) fn activities() -> Vec<Activity> {
    let mut activities: Vec<Activity> = parts()
        .into_iter()
        .map(|part| Activity::SessionEnded {
            conversation: CONVERSATION,
            session: SessionId::from_number(9),
            representative: ANA,
            assigned: AT,
            accepted: (part == Part::Primary).then_some(AT),
            ended: AT.after(Span::from_secs(60)),
            reason: SessionEnd::RepresentativeEnded,
            part,
        })
        .collect();
    activities.extend(overflows().into_iter().map(|action| Activity::Overflowed {
        conversation: CONVERSATION,
        queue: ORDERS,
        action,
        at: AT,
    }));
    activities.push(Activity::ConversationClosed {
        conversation: CONVERSATION,
        workstream: CHAT,
        queue: Some(ORDERS),
        customer: Some("Grace".into()),
        topic: None,
        representative: Some(ANA),
        created: AT,
        first_accepted: Some(AT),
        closed: AT,
        transfers: 2,
        reason: SessionEnd::CustomerEnded,
    });
    activities.extend(acts().into_iter().map(|act| Activity::Supervised { supervisor: BEN, at: AT, act }));
    let explained = explanations().into_iter().map(Box::new);
    activities
        .extend(explained.map(|explanation| Activity::Explained { conversation: CONVERSATION, explanation }));
    activities
}

pub(super) fn explanations() -> Vec<Explanation> {
    let attempt = |outcome| AttemptExplained {
        representative: ANA,
        full_name: "Ana".into(),
        part: Part::Primary,
        asked: AT,
        accepted: (outcome == Outcome::Accepted).then_some(AT),
        ended: AT.after(Span::from_secs(20)),
        outcome,
        why: "It was handed over to a colleague.".into(),
    };
    let outcomes = [
        Outcome::Accepted,
        Outcome::Declined,
        Outcome::TimedOut,
        Outcome::Withdrawn,
        Outcome::TooManySessions,
    ];
    let hindrance = Hindrance { why: "They are away.".into(), remedy: "They come back.".into() };
    let person = PersonExplained { representative: BEN, full_name: "Ben".into(), hindrance: Some(hindrance) };
    vec![Explanation {
        state: WorkState::Closed,
        classified: vec![Classified { ruleset: "Language".into(), rule: Some("French".into()) }],
        skills: vec!["French".into()],
        priority: 100,
        queue: Some(ORDERS),
        queue_name: Some("Orders".into()),
        sent_by: "Somebody moved it there.".into(),
        overflowing: vec!["Everything".into()],
        position: None,
        representative: Some(ANA),
        representative_name: Some("Ana".into()),
        people: vec![person],
        people_left_out: 1,
        attempts: outcomes.map(attempt).to_vec(),
        attempts_forgotten: 2,
        closed: Some(AT),
        why_closed: Some("The customer ended it.".into()),
        rules: vec![
            RuleExplained {
                ruleset: Some("Language".into()),
                rule: "French".into(),
                status: RuleStatus::Applied,
                why: None,
            },
            RuleExplained {
                ruleset: None,
                rule: "Everything".into(),
                status: RuleStatus::Processed,
                why: Some("context.topic is not set".into()),
            },
        ],
    }]
}

pub(super) fn parts() -> Vec<Part> {
    vec![Part::Primary, Part::PublicConsultant, Part::PrivateConsultant, Part::Supervisor, Part::Monitor]
}

pub(super) fn acts() -> Vec<SupervisorAct> {
    let conversation = CONVERSATION;
    vec![
        SupervisorAct::Assigned { conversation, to: Destination::Representative(ANA) },
        SupervisorAct::Redirected { conversation, to: Destination::Queue(HELP) },
        SupervisorAct::ForceClosed { conversation },
        SupervisorAct::Monitored { conversation },
        SupervisorAct::Joined { conversation },
        SupervisorAct::OverrodePresence {
            representative: ANA,
            presence: Some(Presence::Available),
            reason: line("Back from lunch"),
        },
        SupervisorAct::Removed { conversation, target: Sequence(4), of: Some(ANA), file: true },
        SupervisorAct::Rerouted { conversation },
    ]
}

pub(super) fn overflows() -> Vec<OverflowAction> {
    vec![
        OverflowAction::AssignAnyway,
        OverflowAction::Transfer(vec![ORDERS, HELP]),
        OverflowAction::End,
        OverflowAction::Voicemail,
        OverflowAction::Callback,
        OverflowAction::ExternalNumber(line("+41 44 000 00 00")),
    ]
}
