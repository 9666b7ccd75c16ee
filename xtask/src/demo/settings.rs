//! The configuration of the demonstration: a shop with a help centre, and three queues.

use anyhow::Result;
use shared::form::{Choice, Form, Meaning, Question, QuestionKind};
use shared::id::{QueueId, RepresentativeId, WidgetId, WorkstreamId};
use shared::settings::{Corner, Origin, Queue, Representative, Route, Settings, Units, Widget, Workstream};
use shared::text::{Line, QuestionText};
use shared::time::Span;

use super::{ANA, Account, BEN, SUPERVISOR};
use crate::server::Ports;

/// The widget of both sites. Their pages carry it in the script tag.
pub const WIDGET: WidgetId = WidgetId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0001);
/// Questions about orders.
pub const QUEUE_ORDERS: QueueId = QueueId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0011);
/// Returns and repairs.
pub const QUEUE_RETURNS: QueueId = QueueId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0012);
/// Everything else.
pub const QUEUE_HELP: QueueId = QueueId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0013);
const WORKSTREAM: WorkstreamId = WorkstreamId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0021);

/// What one chat costs.
const CHAT: Units = Units(50);

/// The configuration, for these accounts and these ports.
pub fn settings(
    ports: Ports,
    ana: RepresentativeId,
    ben: RepresentativeId,
    sam: RepresentativeId,
) -> Result<Settings> {
    Ok(Settings {
        organisation: "Halden & Moss".to_owned(),
        representatives: vec![
            representative(ana, &ANA, "Ana")?,
            representative(ben, &BEN, "Ben")?,
            representative(sam, &SUPERVISOR, "Sam")?,
        ],
        queues: vec![
            queue(QUEUE_ORDERS, "Orders", 1, vec![ana, ben])?,
            queue(QUEUE_RETURNS, "Returns & repairs", 2, vec![ana, ben])?,
            queue(QUEUE_HELP, "General questions", 3, vec![ana, ben, sam])?,
        ],
        workstreams: vec![Workstream {
            routes: vec![route("order", QUEUE_ORDERS)?, route("return", QUEUE_RETURNS)?],
            ..Workstream::new(WORKSTREAM, Line::new("Website chat")?, CHAT, QUEUE_HELP)
        }],
        widgets: vec![Widget {
            id: WIDGET,
            name: Line::new("Shop and help centre")?,
            workstream: WORKSTREAM,
            title: Line::new("Chat with us")?,
            subtitle: Line::new("We usually answer within a few minutes.")?,
            accent: Line::new("#2f6b4f")?,
            corner: Corner::BottomEnd,
            sites: vec![Origin::new(&ports.shop())?, Origin::new(&ports.help())?],
            form: form(ports)?,
            customer_grace: Span::from_secs(3 * 60),
        }],
        ..Settings::default()
    })
}

/// Room for two chats at once.
fn representative(id: RepresentativeId, account: &Account, public_name: &str) -> Result<Representative> {
    let (full_name, public_name) = (Line::new(account.full_name)?, Line::new(public_name)?);
    Ok(Representative::new(id, full_name, public_name, Units(CHAT.0 * 2)))
}

fn queue(id: QueueId, name: &str, priority: u16, members: Vec<RepresentativeId>) -> Result<Queue> {
    Ok(Queue::new(id, Line::new(name)?, priority, members))
}

fn route(topic: &str, queue: QueueId) -> Result<Route> {
    Ok(Route::by_variable("topic", topic, Line::new(topic)?, queue)?)
}

fn form(ports: Ports) -> Result<Form> {
    let topics = vec![
        choice("order", "An order")?,
        choice("return", "A return or a repair")?,
        choice("other", "Something else")?,
    ];
    let policy = format!("{}/privacy.html", ports.help());
    let consent = "I agree that what I write here is stored to answer my question.";
    let required = |name: &str, label: &str, kind, meaning| -> Result<Question> {
        Ok(Question {
            name: Line::new(name)?,
            label: QuestionText::new(label)?,
            kind,
            required: true,
            meaning,
        })
    };
    Ok(Form {
        questions: vec![
            required("name", "Your name", QuestionKind::Line, Some(Meaning::CustomerName))?,
            required("topic", "What is it about?", QuestionKind::Choice(topics), Some(Meaning::Topic))?,
            required("message", "How can we help?", QuestionKind::Paragraph, Some(Meaning::FirstMessage))?,
            required("consent", consent, QuestionKind::Consent { link: Some(policy) }, None)?,
        ],
    })
}

fn choice(value: &str, label: &str) -> Result<Choice> {
    Ok(Choice { value: Line::new(value)?, label: Line::new(label)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_of_the_demonstration_holds_together() {
        let person = |number| RepresentativeId::from_u128(number);
        let settings = settings(Ports::DEFAULT, person(1), person(2), person(3)).unwrap();
        assert_eq!(settings.check(), Ok(()));
    }

    #[test]
    fn the_pages_of_the_demonstration_carry_its_widget() {
        let page = include_str!("../../../www/demo/shop/index.html");
        assert!(page.contains(&format!("data-widget=\"{WIDGET}\"")));
    }
}
