//! Whatever bytes come: a decoder gives a value or an error, and what it gives can be written and read again.

use std::fmt::Debug;
use std::panic::RefUnwindSafe;

use bolero::check;
use fuzz::{Hostile, Samples, TIME};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::form::{Answer, Choice, Form, Meaning, Question, QuestionKind};
use shared::id::{ConversationId, MessageId, VisitorId, WidgetId};
use shared::protocol::body::{Body, EveryBody, every_body};
use shared::protocol::codec::{ClientMade, Codec, Encoded};
use shared::protocol::desk::DeskRequest;
use shared::protocol::http::SettingsDocument;
use shared::protocol::insight::Trial;
use shared::protocol::live::{ClientFrame, ServerFrame};
use shared::settings::Origin;
use shared::text::{Line, MessageText, QuestionText};

const CODECS: [Codec; 2] = [Codec::Binary, Codec::Json];

/// Decodes in both codings. What comes out, written and read again, is itself.
fn read<T: Serialize + DeserializeOwned + PartialEq>(bytes: &[u8]) -> Vec<T> {
    let mut found = Vec::new();
    for codec in CODECS {
        let Ok(value) = codec.decode::<T>(bytes) else { continue };
        let written = match codec.encode(&value) {
            Encoded::Binary(bytes) => bytes,
            Encoded::Text(text) => text.into_bytes(),
        };
        assert!(codec.decode::<T>(&written).as_ref() == Ok(&value), "{codec:?}: {bytes:?}");
        found.push(value);
    }
    found
}

fn attack(target: impl Fn(&[u8]) + RefUnwindSafe) {
    let samples = Samples::read();
    check!()
        .with_type::<Hostile>()
        .with_test_time(TIME)
        .for_each(|hostile| target(&samples.bytes_of(hostile)));
}

/// A frame is decoded, or it is told whether it is noise or of another version.
fn frames<T: ClientMade + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    for codec in CODECS {
        let frame = codec.decode_frame::<T>(bytes);
        assert_eq!(frame.is_ok(), codec.decode::<T>(bytes).is_ok());
    }
    read::<T>(bytes);
}

#[test]
fn frames_of_clients() {
    attack(frames::<ClientFrame>);
}

#[test]
fn requests_of_the_desk() {
    attack(frames::<DeskRequest>);
}

#[test]
fn frames_of_the_server_at_a_client() {
    attack(|bytes| drop(read::<ServerFrame>(bytes)));
}

/// Bytes that are read as every type of body there is.
struct Bodies<'bytes>(&'bytes [u8]);

impl EveryBody for Bodies<'_> {
    fn body<T: Body>(&mut self) {
        read::<T>(self.0);
    }
}

#[test]
fn bodies_of_strangers() {
    attack(|bytes| every_body(&mut Bodies(bytes)));
}

#[test]
fn settings_and_trials_that_anybody_could_write() {
    attack(|bytes| {
        for document in read::<SettingsDocument>(bytes) {
            let _ = document.settings.check();
        }
        for trial in read::<Trial>(bytes) {
            let settings = trial.settings.clone().unwrap_or_default();
            if settings.check().is_ok() {
                let _ = trial.arrival(&settings, ConversationId::from_u128(7));
            }
        }
    });
}

#[test]
fn names_and_texts() {
    check!().with_type::<String>().with_test_time(TIME).for_each(|text| {
        if let Ok(origin) = Origin::new(text) {
            assert_eq!(Origin::new(origin.as_str()).as_ref(), Ok(&origin));
        }
        for id in [text.parse::<ConversationId>().ok().map(|id| id.to_string())].into_iter().flatten() {
            assert!(id.eq_ignore_ascii_case(text), "{id} is not {text}");
        }
        let _ = (text.parse::<VisitorId>(), text.parse::<WidgetId>(), text.parse::<MessageId>());
        if let Ok(line) = Line::new(text) {
            assert!(!line.as_str().contains('\n'));
        }
        if let Ok(message) = MessageText::new(text) {
            assert!(!message.as_str().trim().is_empty());
        }
    });
}

fn line(text: &str) -> Line {
    Line::new(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn form() -> Form {
    let question = |name: &str, kind, meaning| Question {
        name: line(name),
        label: QuestionText::new("A question").unwrap_or_else(|fault| panic!("{fault}")),
        kind,
        required: true,
        meaning: Some(meaning),
    };
    let choice = Choice { value: line("order"), label: line("An order") };
    Form {
        questions: vec![
            question("name", QuestionKind::Line, Meaning::CustomerName),
            question("topic", QuestionKind::Choice(vec![choice]), Meaning::Topic),
            question("message", QuestionKind::Paragraph, Meaning::FirstMessage),
        ],
    }
}

#[test]
fn answers_to_a_form() {
    let form = form();
    check!().with_type::<Vec<(u8, String)>>().with_test_time(TIME).for_each(|answers| {
        let names = ["name", "topic", "message", "none", ""];
        let answers: Vec<Answer> = answers
            .iter()
            .map(|(name, value)| Answer {
                name: names[usize::from(*name) % names.len()].into(),
                value: value.clone(),
            })
            .collect();
        let faults = shared::form::check(&form, &answers);
        if faults.is_empty() {
            assert_eq!(shared::form::answer_to(&answers, "topic"), "order");
        }
        let _ = form.for_people(&answers);
    });
}
