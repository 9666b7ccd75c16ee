//! What is told of a conversation where it is offered: displayable variables and templates (reference sections 11 and 22).

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::desk::*;
use super::house::{House, arrival, line, usual};
use crate::condition::Name;
use crate::form::Answer;
use crate::protocol::desk::OfferKind;
use crate::routing::Command;
use crate::settings::{NoticeRow, NoticeTemplate, Settings, Variable, VariableKind};

fn variable(name: &str, kind: VariableKind, displayable: bool) -> Variable {
    Variable { name: Name::new(name).unwrap(), kind, displayable }
}

fn row(label: &str, field: &str) -> NoticeRow {
    NoticeRow { label: line(label), field: field.parse().unwrap() }
}

fn declare(settings: &mut Settings) {
    settings.workstreams[0].variables = vec![
        variable("plan", VariableKind::Text, true),
        variable("cart", VariableKind::Number, true),
        variable("score", VariableKind::Number, false),
    ];
}

fn arrive(house: &mut House, number: u8, variables: &[(&str, &str)]) {
    let answer = |(name, value): &(&str, &str)| Answer { name: (*name).into(), value: (*value).into() };
    let mut arrival = arrival(number, 1, "other");
    arrival.context = variables.iter().map(answer).collect();
    house.does(Command::Arrive(arrival));
}

fn told(house: &House, who: u8) -> Vec<(String, String)> {
    let offer = house.offers(who).remove(0);
    offer.details.into_iter().map(|detail| (detail.label, detail.value)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(label, value)| ((*label).into(), (*value).into())).collect()
}

#[test]
fn displayable_variables_are_read_at_the_offer_and_others_are_for_rules_alone() {
    let mut house = House::with(declare);
    house.connect(1);
    arrive(&mut house, 1, &[("plan", "pro"), ("cart", "12.5"), ("score", "7"), ("undeclared", "x")]);
    assert_eq!(told(&house, 1), pairs(&[("plan", "pro"), ("cart", "12.5")]));
}

#[test]
fn a_variable_that_is_not_set_or_cannot_be_read_has_no_row() {
    let mut house = House::with(declare);
    house.connect(1);
    arrive(&mut house, 1, &[("plan", " "), ("cart", "many")]);
    assert_eq!(told(&house, 1), []);
}

#[test]
fn pre_chat_answers_are_variables_and_are_shown_as_these() {
    let mut house = House::with(|settings| {
        settings.workstreams[0].variables = vec![variable("topic", VariableKind::Text, true)];
    });
    house.connect(1).arrive_about(1, "order");
    assert_eq!(told(&house, 1), pairs(&[("topic", "order")]));
}

#[test]
fn each_kind_of_offer_has_its_template() {
    let mut house = House::with(|settings| {
        declare(settings);
        let notices = &mut settings.workstreams[0].sessions.notices;
        let rows = vec![row("Queue", "conversation.queue"), row("Score", "context.score")];
        notices.work = Some(NoticeTemplate { title: Some(line("A new chat")), rows });
        let rows = vec![row("Handed over", "conversation.transfers")];
        notices.transfer = Some(NoticeTemplate { title: None, rows });
    });
    house.connect(1);
    arrive(&mut house, 1, &[("plan", "pro"), ("score", "7")]);
    let offer = house.offers(1).remove(0);
    assert_eq!((offer.kind, offer.title.as_deref()), (OfferKind::Work, Some("A new chat")));
    assert_eq!(told(&house, 1), pairs(&[("Queue", "Everything else"), ("Score", "7"), ("plan", "pro")]));
    house.connect(2).accept(1, 1).does(transfer(1, 1, to(2)));
    assert_eq!(told(&house, 2), pairs(&[("Handed over", "0"), ("plan", "pro")]));
    assert_eq!(house.offers(2)[0].title, None);
}

#[test]
fn a_template_that_cannot_be_is_refused_with_the_path_of_the_row() {
    let paths = |template: NoticeTemplate| {
        let mut settings = usual();
        settings.workstreams[0].sessions.notices.consult = Some(template);
        let found = settings.check().err().map(|error| error.faults).unwrap_or_default();
        found.into_iter().map(|fault| fault.path).collect::<Vec<String>>()
    };
    let base = "workstreams[0].sessions.notices.consult.rows";
    let known = || row("Queue", "conversation.queue");
    assert_eq!(paths(NoticeTemplate { title: None, rows: vec![known(); 10] }), Vec::<String>::new());
    assert_eq!(paths(NoticeTemplate { title: None, rows: vec![known(); 11] }), [base]);
    for field in ["contact.shoe", "representative.name", "conversation.skills", "conversation.created"] {
        let rows = vec![known(), row("What", field)];
        let found = paths(NoticeTemplate { title: None, rows });
        assert_eq!(found, [std::format!("{base}[1].field")], "{field}");
    }
}
