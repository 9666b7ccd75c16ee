//! What became of each rule that could have decided where a conversation goes (reference section 28): which were looked at,
//! which matched, which was applied, and why others did not match, with the values that were compared.
//!
//! Which rule was applied stands with the item. Why others did not match is worked out when somebody asks: from what is known
//! about the item now, at the moment at which the rules were looked at; of classification with what the rulesets before have
//! set. When a conversation closes it is worked out for the last time, and kept with it.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::book::Book;
use super::decision::{Findings, SentBy};
use super::facts::ItemView;
use super::index::Index;
use super::rulebook::WorkstreamRules;
use super::work::WorkItem;
use crate::condition::Predicate;
use crate::id::ConversationId;
use crate::protocol::insight::{RuleExplained, RuleStatus};
use crate::settings::Workstream;
use crate::text::Line;

/// The rules of classification, then the routes; none if there is no such conversation. Rules that have other names or places
/// since are left out: the explanation has the names that they had.
pub(super) fn rules(book: &Book, index: &Index, conversation: ConversationId) -> Option<Vec<RuleExplained>> {
    Some(rules_of(book, index, book.items.get(&conversation)?, usize::MAX))
}

/// The same of an item, which need not be there; of classification at most so many, and so many routes.
pub(super) fn rules_of(book: &Book, index: &Index, item: &WorkItem, most: usize) -> Vec<RuleExplained> {
    let mut told = Vec::new();
    let workstream = book.workstreams.get(&item.workstream);
    let Some((workstream, rules)) = workstream.zip(index.rules.workstream(item.workstream)) else {
        return told;
    };
    let trace = Trace { book, index, item, workstream, rules, most };
    let past = item.past.as_deref();
    if past.is_none_or(|past| past.classified.is_none()) {
        trace.classification(&mut told);
    }
    if past.is_none_or(|past| past.sent_by.is_none() && past.overflowing.is_none()) {
        trace.routes(&mut told);
    }
    told
}

struct Trace<'a> {
    book: &'a Book,
    index: &'a Index,
    item: &'a WorkItem,
    workstream: &'a Workstream,
    rules: &'a WorkstreamRules,
    most: usize,
}

impl Trace<'_> {
    /// Of each ruleset the first rule that matches is applied, and those after it are not looked at.
    fn classification(&self, told: &mut Vec<RuleExplained>) {
        let Self { book, index, item, workstream, .. } = *self;
        let mut findings = Findings::to_begin_with(book, item);
        let rulesets = workstream.classification.iter().zip(&self.rules.rulesets);
        for ((ruleset, predicates), applied) in rulesets.zip(&item.path.classified) {
            let view = findings.view(&index.rules, item.path.classified_at, item, workstream, None);
            for ((rule, predicate), place) in ruleset.rules.iter().zip(predicates).zip(0..) {
                let status = match applied {
                    Some(applied) if place == *applied => RuleStatus::Applied,
                    Some(applied) if place > *applied => RuleStatus::NotProcessed,
                    _ => RuleStatus::Processed,
                };
                if told.len() >= self.most {
                    return;
                }
                told.push(explained(&view, Some(&ruleset.name), &rule.name, status, predicate.as_ref()));
            }
            let rule = applied.and_then(|place| ruleset.rules.get(usize::from(place)));
            for outcome in rule.into_iter().flat_map(|rule| &rule.then) {
                findings.apply(book, outcome);
            }
        }
    }

    /// The first route that matches and whose queue does not overflow is applied; where all that match overflow, all were
    /// looked at. What somebody moved was sent by none.
    fn routes(&self, told: &mut Vec<RuleExplained>) {
        let path = &self.item.path;
        if path.by == SentBy::Hand {
            return;
        }
        // Also if overflow has moved it on since.
        let applied = path.route;
        let view = ItemView::of(self.item, self.workstream, &self.index.rules, path.routed_at);
        let last = applied.filter(|applied| !path.overflowing.contains(applied));
        let routes = self.workstream.routes.iter().zip(&self.rules.routes).zip(0..);
        for ((route, predicate), place) in routes.take(self.most) {
            let status = if applied == Some(place) {
                RuleStatus::Applied
            } else if path.overflowing.contains(&place) {
                RuleStatus::Matched
            } else if last.is_some_and(|last| place > last) {
                RuleStatus::NotProcessed
            } else {
                RuleStatus::Processed
            };
            told.push(explained(&view, None, &route.name, status, predicate.as_ref()));
        }
    }
}

fn explained(
    view: &ItemView<'_>,
    ruleset: Option<&Line>,
    rule: &Line,
    status: RuleStatus,
    predicate: Option<&Predicate>,
) -> RuleExplained {
    let why = match status {
        RuleStatus::Processed => {
            let why = predicate.and_then(|predicate| predicate.explain(view));
            // What it looked at has changed since.
            Some(why.map_or_else(|| "it would match now".into(), |why| why.to_string()))
        }
        RuleStatus::NotProcessed | RuleStatus::Matched | RuleStatus::Applied => None,
    };
    let name = |line: &Line| String::from(line.as_str());
    RuleExplained { ruleset: ruleset.map(name), rule: name(rule), status, why }
}
