//! What somebody reads of a conversation where it is offered to them: the rows of the workstream's template for this kind of
//! offer, then the context variables that are declared as displayable (reference sections 11 and 22).

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::book::Book;
use super::facts::ItemView;
use super::rulebook::Rulebook;
use super::work::WorkItem;
use crate::condition::{Facts as _, Field, ValueRef};
use crate::protocol::desk::{Detail, OfferKind};
use crate::settings::{NoticeTemplate, Workstream};
use crate::time::Timestamp;

/// The title of an offer, if its template has one, and its rows. What is not known has no row.
pub(super) fn details(
    book: &Book,
    rules: &Rulebook,
    now: Timestamp,
    item: &WorkItem,
    kind: OfferKind,
) -> (Option<String>, Vec<Detail>) {
    let Some(workstream) = book.workstreams.get(&item.workstream) else { return (None, Vec::new()) };
    let view = ItemView::of(item, workstream, rules, now);
    let template = template(workstream, kind);
    let of_template = template.into_iter().flat_map(|template| &template.rows);
    let of_template = of_template.map(|row| (row.label.as_str(), row.field.clone()));
    let displayable = workstream.variables.iter().filter(|variable| variable.displayable);
    let displayable =
        displayable.map(|variable| (variable.name.as_str(), Field::Context(variable.name.clone())));
    let row = |(label, field): (&str, Field)| {
        let value = view.value(&field).and_then(|value| shown(book, value))?;
        Some(Detail { label: label.into(), value })
    };
    let title = template.and_then(|template| template.title.as_ref()).map(|title| title.as_str().into());
    (title, of_template.chain(displayable).filter_map(row).collect())
}

fn template(workstream: &Workstream, kind: OfferKind) -> Option<&NoticeTemplate> {
    let notices = &workstream.sessions.notices;
    match kind {
        OfferKind::Work => notices.work.as_ref(),
        OfferKind::Assignment => notices.assignment.as_ref(),
        OfferKind::Transfer => notices.transfer.as_ref(),
        OfferKind::Consult => notices.consult.as_ref(),
    }
}

/// A value as people read it; none if it is empty or nothing that has words.
fn shown(book: &Book, value: ValueRef<'_>) -> Option<String> {
    let text = match value {
        ValueRef::Text(text) | ValueRef::Choice(text) => text.into(),
        ValueRef::Number(number) => number.to_string(),
        ValueRef::Boolean(yes) => String::from(if yes { "yes" } else { "no" }),
        ValueRef::Span(span) => format!("{} min", span.as_millis() / 60_000),
        ValueRef::Reference(reference) => {
            let queue = book.queues.values().find(|queue| reference == queue.id.into());
            queue?.name.as_str().into()
        }
        ValueRef::Moment(_) | ValueRef::TimeOfDay(_) | ValueRef::Set(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}
