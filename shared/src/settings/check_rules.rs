//! Whether the rules of a workstream hold together: variables, classification, routes.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::check::Faults;
use super::schema::with_variables;
use super::{AskFilters, Outcome, Route, Settings, VariableKind, Workstream};
use crate::condition::Schema;
use crate::limit::{CHOICES_MAX, OUTCOMES_MAX, RULES_MAX, RULESETS_MAX, SHARES_MAX, VARIABLES_MAX};

impl Settings {
    pub(super) fn check_rules(
        &self,
        faults: &mut Faults,
        path: &str,
        workstream: &Workstream,
        base: &Schema,
    ) {
        check_variables(faults, &format!("{path}.variables"), workstream);
        let schema = with_variables(base, &workstream.variables);
        self.check_classification(faults, &format!("{path}.classification"), workstream, &schema);
        check_filters(faults, &format!("{path}.sessions.filters"), &workstream.sessions.filters, &schema);
        faults.require(
            workstream.routes.len() <= RULES_MAX,
            || format!("{path}.routes"),
            "A workstream has at most 200 routes.",
        );
        let mut predicates = Vec::new();
        for (index, route) in workstream.routes.iter().enumerate() {
            let path = format!("{path}.routes[{index}]");
            predicates.push(faults.condition(&format!("{path}.when"), &route.when, &schema));
            self.check_route(faults, &path, workstream, route);
        }
        // A later route counts when the queue of an earlier one overflows, so only certainty of a queue that never does
        // makes it useless.
        let never_overflows = |index: usize, _| {
            let route: Option<&Route> = workstream.routes.get(index);
            route.is_some_and(|route| {
                route
                    .queues
                    .iter()
                    .all(|share| self.queue(share.queue).is_some_and(|queue| queue.overflow.is_empty()))
            })
        };
        faults.warn_of_unreachable(&predicates, never_overflows, |index| format!("{path}.routes[{index}]"));
    }

    fn check_classification(
        &self,
        faults: &mut Faults,
        path: &str,
        workstream: &Workstream,
        schema: &Schema,
    ) {
        let rulesets = &workstream.classification;
        faults.require(
            rulesets.len() <= RULESETS_MAX,
            || String::from(path),
            "A workstream has at most 10 rulesets.",
        );
        for (place, ruleset) in rulesets.iter().enumerate() {
            let path = format!("{path}[{place}].rules");
            faults.require(
                ruleset.rules.len() <= RULES_MAX,
                || path.clone(),
                "A ruleset has at most 200 rules.",
            );
            let mut predicates = Vec::new();
            for (index, rule) in ruleset.rules.iter().enumerate() {
                let path = format!("{path}[{index}]");
                predicates.push(faults.condition(&format!("{path}.when"), &rule.when, schema));
                faults.require(
                    (1..=OUTCOMES_MAX).contains(&rule.then.len()),
                    || format!("{path}.then"),
                    "A rule sets 1 to 10 things.",
                );
                for (index, outcome) in rule.then.iter().enumerate() {
                    let path = format!("{path}.then[{index}]");
                    self.check_outcome(faults, &path, outcome, workstream, schema);
                }
            }
            faults.warn_of_unreachable(&predicates, |_, _| true, |index| format!("{path}[{index}]"));
        }
    }

    fn check_outcome(
        &self,
        faults: &mut Faults,
        path: &str,
        outcome: &Outcome,
        workstream: &Workstream,
        schema: &Schema,
    ) {
        match outcome {
            Outcome::Variable { name, value } => {
                let field = crate::condition::Field::Context(name.clone());
                faults.require(
                    schema.read(&field, value).is_some(),
                    || format!("{path}.value"),
                    "The variable is declared with another type. Write a value of that type.",
                );
            }
            Outcome::Skill(rated) => self.check_rated_skills(faults, path, core::slice::from_ref(rated)),
            Outcome::Profile(profile) => {
                self.check_profile(faults, &format!("{path}.profile"), *profile);
                faults.require(
                    workstream.profile.is_some(),
                    || format!("{path}.profile"),
                    "This workstream counts its work in units. Give it a profile, or remove this.",
                );
            }
            Outcome::SkillMatching(_) | Outcome::Priority(_) => {}
        }
    }

    fn check_route(&self, faults: &mut Faults, path: &str, workstream: &Workstream, route: &Route) {
        faults.require(
            (1..=SHARES_MAX).contains(&route.queues.len()),
            || format!("{path}.queues"),
            "A rule names 1 to 5 queues.",
        );
        let percent: u32 = route.queues.iter().map(|share| u32::from(share.percent)).sum();
        faults.require(percent == 100, || format!("{path}.queues"), "The shares must make 100 percent.");
        faults.unique(&format!("{path}.queues"), route.queues.iter().map(|share| share.queue));
        for (index, share) in route.queues.iter().enumerate() {
            let queue = self.queue(share.queue);
            let path = format!("{path}.queues[{index}].queue");
            faults.require(queue.is_some(), || path.clone(), "There is no such queue.");
            let same_kind = queue.is_none_or(|queue| queue.kind == workstream.channel.queue_kind());
            faults.require(same_kind, || path, "This queue is for another kind of work.");
        }
        if let Some(action) = &route.overflow {
            // Of several queues one can take what another has no room for.
            let only = match route.queues.as_slice() {
                [share] => Some(share.queue),
                _ => None,
            };
            let kind = workstream.channel.queue_kind();
            self.check_overflow_action(faults, &format!("{path}.overflow"), action, kind, only);
        }
    }
}

fn check_filters(faults: &mut Faults, path: &str, filters: &AskFilters, schema: &Schema) {
    let (people, queues) = (schema.clone().with_representative(), schema.clone().with_queue());
    let AskFilters { consult_representatives, consult_queues, transfer_representatives, transfer_queues } =
        filters;
    for (name, condition, schema) in [
        ("consult_representatives", consult_representatives, &people),
        ("consult_queues", consult_queues, &queues),
        ("transfer_representatives", transfer_representatives, &people),
        ("transfer_queues", transfer_queues, &queues),
    ] {
        // What is wrong with it is noted; that it never holds is nobody's mistake but a way to forbid asking.
        let _ = faults.condition(&format!("{path}.{name}"), condition, schema);
    }
}

fn check_variables(faults: &mut Faults, path: &str, workstream: &Workstream) {
    faults.require(
        workstream.variables.len() <= VARIABLES_MAX,
        || String::from(path),
        "A workstream has at most 100 context variables.",
    );
    faults.unique(path, workstream.variables.iter().map(|variable| &variable.name));
    for (index, variable) in workstream.variables.iter().enumerate() {
        if let VariableKind::Options(names) = &variable.kind {
            faults.require(
                (1..=CHOICES_MAX).contains(&names.len()),
                || format!("{path}[{index}].kind"),
                "Give 1 to 100 options.",
            );
        }
    }
}
