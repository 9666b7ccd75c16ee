//! Golden bytes of every frame, in both codings.
//!
//! A snapshot that changes means that clients of yesterday and gateways of today no longer understand each other. New
//! kinds and fields come at the end: then the old lines of a snapshot stay as they are.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt::{Debug, Write as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{
    ClientMade, Codec, Encoded, Malformed, Undecodable, from_binary, from_json, from_json_lines, to_binary,
    to_json,
};
use super::desk::{
    BulkAct, BulkResult, CandidateView, DeskCommand, DeskFrame, DeskRequest, Destination, Detail,
    OfferGoneReason, OfferKind, OfferView, Part, PersonView, PresenceChoice, PresenceSource, PresenceView,
    ProfileView, Purpose, QueueChoice, SkillFit, StaffView, WorkItemView, WorkState,
};
use super::http;
use super::live::{
    Author, ClientFrame, Content, EndedBy, Entry, Place, Sequence, ServerFrame, Side, Standing, Visibility,
};
use super::{ErrorCode, Problem};
use crate::authority::Role;
use crate::form::{Answer, AnswerError, Choice, FieldError, Form, Meaning, Question, QuestionKind};
use crate::id::{
    ConversationId, FileId, MessageId, OfferId, PresenceId, QueueId, RepresentativeId, RequestId, SkillId,
    VisitorId, WidgetId,
};
use crate::settings::{BasePresence, Corner, Origin, Presence, RatedSkill, Units};
use crate::text::{Line, QuestionText};
use crate::time::{Span, Timestamp};

const CONVERSATION: ConversationId = ConversationId::from_u128(0xc0);
const MESSAGE: MessageId = MessageId::from_u128(0x3e);
const ANA: RepresentativeId = RepresentativeId::from_u128(0xa1);
const QUEUE: Destination = Destination::Queue(QueueId::from_u128(0xb0));
const PURPOSES: [Purpose; 4] = [Purpose::Consult, Purpose::Transfer, Purpose::Assign, Purpose::Redirect];
const AT: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Each value in both codings, after both were read back.
fn golden<T: Serialize + DeserializeOwned + PartialEq + Debug>(values: &[T]) -> String {
    let mut text = String::new();
    for value in values {
        let (json, binary) = (to_json(value), to_binary(value));
        assert_eq!(from_json::<T>(json.as_bytes()).as_ref(), Ok(value));
        assert_eq!(from_binary::<T>(&binary).as_ref(), Ok(value));
        let mut hex = String::new();
        for byte in binary {
            write!(hex, "{byte:02x}").unwrap();
        }
        writeln!(text, "{json}\n  {hex}").unwrap();
    }
    text
}

/// The names of all kinds of an enum, in the order of its definition: serde lists them when it is given another.
fn kinds_of<T: DeserializeOwned + Debug>() -> Vec<String> {
    let error = format!("{}", serde_json::from_str::<T>("\"no such kind\"").unwrap_err());
    let (_, expected) = error.split_once("expected ").unwrap();
    expected.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// The kinds that these values have in JSON, each once, in order of appearance.
fn kinds_in<T: Serialize>(values: &[T]) -> Vec<String> {
    let mut kinds = Vec::new();
    for value in values {
        let kind = match serde_json::to_value(value).unwrap() {
            serde_json::Value::String(kind) => kind,
            serde_json::Value::Object(fields) => fields.keys().next().unwrap().clone(),
            other => panic!("not an enum: {other}"),
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

fn client_frames() -> Vec<ClientFrame> {
    vec![
        ClientFrame::Hello { token: Some("token".to_owned()), holds: Some(Sequence(300)) },
        ClientFrame::Hello { token: None, holds: None },
        ClientFrame::Send { message: MESSAGE, visibility: Visibility::Public, text: "Zo\u{eb}".to_owned() },
        ClientFrame::Send { message: MESSAGE, visibility: Visibility::Internal, text: "note".to_owned() },
        ClientFrame::Typing { visibility: Visibility::Public },
        ClientFrame::Read { upto: Sequence(3) },
        ClientFrame::FetchAfter { after: Sequence::START },
        ClientFrame::FetchBefore { before: Sequence(128) },
        ClientFrame::End,
        ClientFrame::Edit { message: MESSAGE, target: Sequence(2), text: "Zo\u{eb}!".to_owned() },
        ClientFrame::Redact { message: MESSAGE, target: Sequence(2) },
        ClientFrame::Received { upto: Sequence(5) },
    ]
}

fn ana() -> Author {
    Author::Representative { representative: ANA, name: "Ana".to_owned() }
}

fn entry(sequence: u32, author: Author, message: Option<MessageId>, content: Content) -> Entry {
    Entry { sequence: Sequence(sequence), at: AT, author, visibility: Visibility::Public, message, content }
}

fn entries() -> Vec<Entry> {
    let answers = vec![Answer { name: "Your name".to_owned(), value: "Ada".to_owned() }];
    vec![
        entry(1, Author::System, None, Content::Started { answers }),
        entry(2, Author::Customer, Some(MESSAGE), Content::Text { text: "Hello".to_owned() }),
        entry(3, ana(), None, Content::Joined),
        entry(4, ana(), None, Content::Left),
        entry(5, Author::System, None, Content::Ended { by: EndedBy::Customer }),
    ]
}

/// Kinds that came after those of [`entries`].
fn later_entries() -> Vec<Entry> {
    let edited = Content::Edited { target: Sequence(2), text: "Hello!".to_owned() };
    vec![
        entry(6, Author::Customer, Some(MESSAGE), edited),
        entry(7, ana(), Some(MESSAGE), Content::Redacted { target: Sequence(2) }),
        entry(8, ana(), None, Content::Lost),
        entry(9, Author::System, None, Content::Ended { by: EndedBy::Absence }),
    ]
}

fn a_file() -> Entry {
    let (name, media_type) = ("plan.png".to_owned(), "image/png".to_owned());
    let content = Content::File { file: FileId::from_u128(0xf1), name, media_type, bytes: 300_000 };
    entry(10, Author::Customer, Some(MESSAGE), content)
}

fn standings() -> Vec<Standing> {
    vec![
        Standing::Waiting { anyone_available: false },
        Standing::InConversation { with: "Ana".to_owned() },
        Standing::Ended { by: EndedBy::Representative },
        Standing::Ended { by: EndedBy::System },
    ]
}

fn problem() -> Problem {
    let fields = vec![FieldError { name: "topic".to_owned(), error: AnswerError::NotAChoice }];
    Problem::answers(fields).saying("No.").retry_after(Span::from_millis(250))
}

fn server_frames() -> Vec<ServerFrame> {
    let mut frames: Vec<_> = [Side::Customer, Side::Staff]
        .into_iter()
        .zip(standings())
        .map(|(side, standing)| ServerFrame::Welcome {
            conversation: CONVERSATION,
            side,
            standing,
            last: Sequence(5),
            read_by_other: Sequence(2),
        })
        .collect();
    frames.extend([
        ServerFrame::Entries { after: Sequence::START, upto: Sequence(5), entries: entries() },
        ServerFrame::History { after: Sequence(1), before: Sequence(3), entries: Vec::new() },
        ServerFrame::Accepted { message: MESSAGE, sequence: Sequence(6) },
        ServerFrame::Refused { message: Some(MESSAGE), problem: problem() },
        ServerFrame::Refused { message: None, problem: ErrorCode::Malformed.into() },
        ServerFrame::Typing { author: ana(), visibility: Visibility::Public },
    ]);
    frames.extend(standings().into_iter().map(|standing| ServerFrame::Standing { standing }));
    frames.push(ServerFrame::ReadByOther { upto: Sequence(4) });
    let place = Place { ahead: 300, estimated_wait: Some(Span::from_secs(90)) };
    frames.extend([Some(place), None].map(|place| ServerFrame::Place { place }));
    let entries = later_entries();
    frames.push(ServerFrame::Entries { after: Sequence(5), upto: Sequence(9), entries });
    frames.push(ServerFrame::ReceivedByOther { upto: Sequence(4) });
    frames.extend([ServerFrame::Gone { until: AT }, ServerFrame::Returned]);
    frames.push(ServerFrame::Entries { after: Sequence(9), upto: Sequence(10), entries: vec![a_file()] });
    frames
}

fn desk_commands() -> Vec<DeskCommand> {
    let offer = OfferId::from_number(300);
    let presences = [
        Presence::Available,
        Presence::Busy,
        Presence::DoNotDisturb,
        Presence::Away,
        Presence::Offline,
        Presence::Inactive,
        Presence::Custom(PresenceId::from_u128(0xd0)),
    ];
    let mut commands = presences.map(|presence| DeskCommand::SetPresence { presence }).to_vec();
    commands.extend([
        DeskCommand::Accept { offer },
        DeskCommand::Reject { offer },
        DeskCommand::Pick { conversation: CONVERSATION },
        DeskCommand::End { conversation: CONVERSATION },
        DeskCommand::Close { conversation: CONVERSATION },
        DeskCommand::ResetPresence,
        DeskCommand::Release { conversation: CONVERSATION },
        DeskCommand::Wait { conversation: CONVERSATION },
        DeskCommand::Resume { conversation: CONVERSATION },
        DeskCommand::Leave { conversation: CONVERSATION },
        DeskCommand::Transfer { conversation: CONVERSATION, to: Destination::Representative(ANA) },
        DeskCommand::WithdrawTransfer { conversation: CONVERSATION },
        DeskCommand::Consult { conversation: CONVERSATION, with: QUEUE },
        DeskCommand::EndConsult { conversation: CONVERSATION, with: Destination::Representative(ANA) },
        DeskCommand::AddToChat { conversation: CONVERSATION, consultant: ANA },
        DeskCommand::RemoveFromChat { conversation: CONVERSATION, consultant: ANA },
    ]);
    commands.extend(PURPOSES.map(|purpose| DeskCommand::Candidates { conversation: CONVERSATION, purpose }));
    commands.extend([
        DeskCommand::Assign { conversation: CONVERSATION, to: QUEUE },
        DeskCommand::Redirect { conversation: CONVERSATION, to: QUEUE },
        DeskCommand::ForceClose { conversation: CONVERSATION },
        DeskCommand::Monitor { conversation: CONVERSATION },
        DeskCommand::Join { conversation: CONVERSATION },
        DeskCommand::OverridePresence {
            representative: ANA,
            presence: Some(Presence::Custom(PresenceId::from_u128(0xd0))),
            reason: Line::new("Fire drill").unwrap(),
        },
        DeskCommand::Bulk { conversations: vec![CONVERSATION], act: BulkAct::ForceClose },
        DeskCommand::Bulk {
            conversations: vec![CONVERSATION],
            act: BulkAct::Assign { to: Destination::Queue(QueueId::from_u128(0xb0)) },
        },
        DeskCommand::Bulk {
            conversations: vec![CONVERSATION],
            act: BulkAct::Redirect { to: Destination::Representative(ANA) },
        },
        DeskCommand::Reroute {
            conversation: CONVERSATION,
            context: vec![Answer { name: "tier".to_owned(), value: "gold".to_owned() }],
            skills: vec![RatedSkill { skill: SkillId::from_u128(0xf0), rating: 3, model: None }],
        },
    ]);
    commands
}

fn offer() -> OfferView {
    OfferView {
        offer: OfferId::from_number(1),
        conversation: CONVERSATION,
        customer: Some("Ada".to_owned()),
        topic: None,
        queue: "Orders".to_owned(),
        remaining: Span::from_secs(59),
        timeout: Span::from_secs(60),
        waited: Span::from_millis(1),
        kind: OfferKind::Work,
        asked_by: None,
        can_reject: true,
        title: Some("New chat".to_owned()),
        details: vec![Detail { label: "Plan".to_owned(), value: "pro".to_owned() }],
    }
}

fn presence() -> PresenceView {
    PresenceView {
        presence: Presence::Busy,
        manual: true,
        used: Units(50),
        capacity: Units(-1),
        base: BasePresence::Busy,
        text: Some("At lunch".to_owned()),
        profiles: vec![ProfileView { name: "Cases".to_owned(), used: 2, limit: 300 }],
        source: PresenceSource::Chosen,
    }
}

fn choice() -> PresenceChoice {
    let (presence, text) = (PresenceId::from_u128(0xc0), "At lunch".to_owned());
    PresenceChoice { presence, text, base: BasePresence::Away }
}

fn work(state: WorkState) -> WorkItemView {
    WorkItemView {
        conversation: CONVERSATION,
        state,
        mine: true,
        customer: None,
        topic: Some("An order".to_owned()),
        queue: QueueId::from_u128(0xb0),
        queue_name: "Orders".to_owned(),
        created: AT,
        changed: AT,
        part: Some(Part::Primary),
        people: Vec::new(),
        searching: None,
        transfers: 0,
        can_wait: false,
    }
}

fn desk_frames() -> Vec<DeskFrame> {
    let states = [
        WorkState::Open,
        WorkState::AwaitingAcceptance,
        WorkState::Active,
        WorkState::WrapUp,
        WorkState::Closed,
        WorkState::Waiting,
    ];
    let reasons = [
        OfferGoneReason::Accepted,
        OfferGoneReason::Rejected,
        OfferGoneReason::TimedOut,
        OfferGoneReason::Withdrawn,
    ];
    let me = |role| StaffView { representative: ANA, full_name: "Ana Lindqvist".to_owned(), role };
    let roles = [Role::Representative, Role::Supervisor, Role::Administrator];
    let welcome = |role| DeskFrame::Welcome {
        me: me(role),
        presence: presence(),
        offers: vec![offer()],
        work: vec![work(WorkState::Open)],
        presences: vec![choice()],
    };
    let mut frames = roles.map(welcome).to_vec();
    frames.extend([
        DeskFrame::Done { number: 7 },
        DeskFrame::Refused { number: Some(8), problem: problem() },
        DeskFrame::Refused { number: None, problem: ErrorCode::UnknownFrame.into() },
        DeskFrame::Presence { presence: presence() },
        DeskFrame::Offered { offer: offer() },
    ]);
    frames.extend(reasons.map(|reason| DeskFrame::OfferGone { offer: OfferId::from_number(1), reason }));
    frames.extend(states.map(|state| DeskFrame::Work { item: work(state) }));
    frames.push(DeskFrame::WorkGone { conversation: CONVERSATION });
    frames.extend(frames_about_others());
    frames
}

/// What consoles are told about work that several take part in.
fn frames_about_others() -> Vec<DeskFrame> {
    let mut frames = Vec::new();
    let kinds = [OfferKind::Work, OfferKind::Assignment, OfferKind::Transfer, OfferKind::Consult];
    frames.extend(kinds.map(|asked| DeskFrame::Answered {
        conversation: CONVERSATION,
        asked,
        representative: Some(ANA),
        answer: OfferGoneReason::Accepted,
    }));
    frames.push(DeskFrame::Candidates {
        conversation: CONVERSATION,
        purpose: Purpose::Consult,
        representatives: vec![CandidateView {
            representative: ANA,
            full_name: "Ana Lindqvist".to_owned(),
            presence: Presence::Available,
            remaining: Units(-3),
            skills: SkillFit { asked: 3, held: 2 },
        }],
        queues: vec![QueueChoice { queue: QueueId::from_u128(0xb0), name: "Orders".to_owned() }],
    });
    let parts = [Part::PublicConsultant, Part::PrivateConsultant, Part::Supervisor, Part::Monitor];
    let person = |part| PersonView {
        representative: ANA,
        full_name: "Ana Lindqvist".to_owned(),
        part,
        joined: part != Part::Monitor,
    };
    frames.push(DeskFrame::Work {
        item: WorkItemView {
            part: None,
            people: parts.map(person).to_vec(),
            searching: Some(QueueId::from_u128(0xb0)),
            transfers: 300,
            can_wait: true,
            ..work(WorkState::Active)
        },
    });
    frames.push(DeskFrame::Offered {
        offer: OfferView {
            kind: OfferKind::Consult,
            asked_by: Some("Ana Lindqvist".to_owned()),
            can_reject: false,
            ..offer()
        },
    });
    frames.push(DeskFrame::Presences { presences: vec![choice()] });
    let done = BulkResult { conversation: CONVERSATION, problem: None };
    let refused = BulkResult { problem: Some(ErrorCode::NotPossibleNow.into()), ..done.clone() };
    frames.push(DeskFrame::Bulk { results: vec![done, refused] });
    frames
}

fn form() -> Form {
    let line = |text: &str| Line::new(text).unwrap();
    let question = |name: &str, kind, meaning| Question {
        name: line(name),
        label: QuestionText::new(name).unwrap(),
        kind,
        required: true,
        meaning,
    };
    let choices = vec![Choice { value: line("order"), label: line("An order") }];
    Form {
        questions: vec![
            question("name", QuestionKind::Line, Some(Meaning::CustomerName)),
            question("topic", QuestionKind::Choice(choices), Some(Meaning::Topic)),
            question("message", QuestionKind::Paragraph, Some(Meaning::FirstMessage)),
            question(
                "consent",
                QuestionKind::Consent { link: Some("https://shop.example/privacy".to_owned()) },
                None,
            ),
        ],
    }
}

#[test]
fn frames_of_clients_keep_their_bytes() {
    assert_eq!(kinds_in(&client_frames()), kinds_of::<ClientFrame>(), "a sample of every kind");
    insta::assert_snapshot!("client_frames", golden(&client_frames()));
}

#[test]
fn frames_of_the_gateway_keep_their_bytes() {
    assert_eq!(kinds_in(&server_frames()), kinds_of::<ServerFrame>(), "a sample of every kind");
    let samples = entries().into_iter().chain(later_entries()).chain([a_file()]);
    let contents: BTreeSet<_> = samples.flat_map(|entry| kinds_in(&[entry.content])).collect();
    assert_eq!(contents, kinds_of::<Content>().into_iter().collect(), "a sample of every kind");
    assert_eq!(kinds_in(&standings()), kinds_of::<Standing>(), "a sample of every kind");
    insta::assert_snapshot!("server_frames", golden(&server_frames()));
}

#[test]
fn frames_of_the_desk_keep_their_bytes() {
    assert_eq!(kinds_in(&desk_commands()), kinds_of::<DeskCommand>(), "a sample of every kind");
    assert_eq!(kinds_in(&desk_frames()), kinds_of::<DeskFrame>(), "a sample of every kind");
    let requests: Vec<_> =
        (127..).zip(desk_commands()).map(|(number, command)| DeskRequest { number, command }).collect();
    insta::assert_snapshot!("desk_requests", golden(&requests));
    insta::assert_snapshot!("desk_frames", golden(&desk_frames()));
}

#[test]
fn bodies_of_the_visitors_api_keep_their_bytes() {
    let (visitor, widget) = (VisitorId::from_u128(0x51), WidgetId::from_u128(0x1d));
    let site = Origin::new("https://shop.example").unwrap();
    let answers = vec![Answer { name: "name".to_owned(), value: "Ada".to_owned() }];
    let bodies = [
        golden(&[http::LauncherView {
            title: "Chat".to_owned(),
            accent: "#2f6b4f".to_owned(),
            corner: Corner::BottomStart,
            sites: vec![site.clone()],
            hidden: false,
        }]),
        golden(&[http::WidgetView {
            title: "Chat".to_owned(),
            subtitle: "Hello".to_owned(),
            accent: "#2f6b4f".to_owned(),
            form: form(),
        }]),
        golden(&[http::OpenVisitor { widget, site: site.clone() }]),
        golden(&[http::VisitorSession {
            token: "token".to_owned(),
            visitor,
            conversation: Some(CONVERSATION),
        }]),
        golden(&[http::StartConversation {
            request: RequestId::from_u128(0x9e),
            answers,
            context: vec![Answer { name: "order".to_owned(), value: "17".to_owned() }],
            page: Some("https://shop.example/cup".to_owned()),
        }]),
        golden(&[http::CurrentConversation { conversation: None }]),
        golden(&[http::RequestHandover { target: site.clone() }]),
        golden(&[http::Handover { code: "code".to_owned() }]),
        golden(&[http::RedeemHandover {
            code: "code".to_owned(),
            widget,
            site: site.clone(),
            from: Some(site),
        }]),
    ];
    insta::assert_snapshot!("visitor_bodies", bodies.concat());
}

#[test]
fn codes_of_errors_keep_their_numbers_names_and_statuses() {
    let mut text = String::new();
    for code in ErrorCode::ALL {
        assert!(code.sentence().ends_with('.'), "{code:?} is a sentence");
        let [number] = to_binary(code)[..] else { panic!("{code:?} is one byte") };
        writeln!(text, "{number} {} {}", to_json(code), code.status()).unwrap();
    }
    assert_eq!(kinds_in(ErrorCode::ALL), kinds_of::<ErrorCode>());
    insta::assert_snapshot!("error_codes", text);
}

#[test]
fn the_kinds_that_the_gateway_knows_by_name_are_those_of_the_enums() {
    assert_eq!(ClientFrame::KINDS, kinds_of::<ClientFrame>());
    assert_eq!(DeskRequest::KINDS, kinds_of::<DeskCommand>());
    // In the binary coding the kind stands where the gateway looks for it.
    for frame in client_frames() {
        let kind = usize::from(to_binary(&frame)[ClientFrame::KIND_AT.unwrap()]);
        assert_eq!([ClientFrame::KINDS[kind]], kinds_in(&[frame])[..]);
    }
}

#[test]
fn the_frames_of_one_message_are_read_one_after_the_other() {
    let frames = server_frames();
    for codec in [Codec::Binary, Codec::Json] {
        let mut message = codec.encode(&frames[0]);
        for frame in &frames[1..] {
            assert_eq!(message.join(codec.encode(frame)), None);
        }
        let bytes = match &message {
            Encoded::Binary(bytes) => bytes.as_slice(),
            Encoded::Text(text) => text.as_bytes(),
        };
        assert_eq!(codec.decode_all::<ServerFrame>(bytes).as_ref(), Ok(&frames));
        assert_eq!(codec.decode_all::<ServerFrame>(&bytes[..bytes.len() - 1]), Err(Malformed));
        let other = if codec == Codec::Json { Codec::Binary } else { Codec::Json };
        let stranger = other.encode(&frames[0]);
        assert_eq!(message.join(stranger.clone()), Some(stranger), "in another coding");
    }
    let lines = ["{\"dance\":{}}", &to_json(&frames[0]), ""].join("\n");
    assert_eq!(from_json_lines::<ServerFrame>(&lines).collect::<Vec<_>>(), frames[..1], "of a later version");
}

#[test]
fn a_frame_of_another_version_is_told_apart_from_noise() {
    let kind = u8::try_from(ClientFrame::KINDS.len()).unwrap();
    let binary = |bytes: &[u8]| Codec::Binary.decode_frame::<ClientFrame>(bytes).unwrap_err();
    assert_eq!(binary(&[kind]), Undecodable::UnknownKind);
    assert_eq!(binary(&[kind, 1, 2]), Undecodable::UnknownKind);
    assert_eq!(binary(&[]), Undecodable::Malformed);
    assert_eq!(binary(&[1]), Undecodable::Malformed);
    let mut with_more = to_binary(&ClientFrame::End);
    with_more.push(0);
    assert_eq!(binary(&with_more), Undecodable::Malformed);

    let json = |text: &str| Codec::Json.decode_frame::<ClientFrame>(text.as_bytes()).unwrap_err();
    assert_eq!(json("{\"dance\":{}}"), Undecodable::UnknownKind);
    assert_eq!(json("\"dance\""), Undecodable::UnknownKind);
    for noise in ["", "{", "null", "[]", "{}", "{\"read\":{}}", "{\"read\":{},\"end\":{}}"] {
        assert_eq!(json(noise), Undecodable::Malformed, "{noise}");
    }
    let desk = |text: &str| Codec::Json.decode_frame::<DeskRequest>(text.as_bytes()).unwrap_err();
    assert_eq!(desk("{\"number\":1,\"command\":{\"dance\":{}}}"), Undecodable::UnknownKind);
    for noise in [
        "{\"number\":1}",
        "{\"command\":{\"accept\":{\"offer\":1}}}",
        "{\"number\":1,\"command\":{\"accept\":{}}}",
    ] {
        assert_eq!(desk(noise), Undecodable::Malformed, "{noise}");
    }
}
