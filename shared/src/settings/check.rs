//! Whether a configuration holds together. Every fault names the field by its path, so that the console can point at it.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Channel, FileRules, Presence, RatedSkill, RatingModel, Representative, Schemas, Settings, Widget,
    Workstream, schema::with_variables,
};
use crate::condition::{Condition, ConditionFault, Field, FieldType, Literal, Predicate, Schema, Thing};
use crate::form::{Form, QuestionKind};
use crate::limit::{
    CHOICES_MAX, FILE_BYTES_MAX, FILES_KEPT, FORM_QUESTIONS_MAX, NOTICE_ROWS_MAX, RATING_LEVELS_MAX,
};
use crate::time::Span;

/// One fault of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFault {
    /// The field, such as `queues[1].members[0]`.
    pub path: String,
    /// What is wrong with it, in a sentence that says what to do.
    pub message: Cow<'static, str>,
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// Everything that is wrong with it.
    pub faults: Vec<SettingsFault>,
}

impl core::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(f, "{separator}{}: {}", fault.path, fault.message)?;
        }
        Ok(())
    }
}

impl core::error::Error for SettingsError {}

impl Settings {
    /// Checks the configuration as a whole.
    pub fn check(&self) -> Result<(), SettingsError> {
        let found = self.examine().found;
        if found.is_empty() { Ok(()) } else { Err(SettingsError { faults: found }) }
    }

    /// What works, but hardly as it was meant: rules that can never match, queues in which nobody serves.
    pub fn warnings(&self) -> Vec<SettingsFault> {
        self.examine().warnings
    }

    fn examine(&self) -> Faults {
        let mut faults = Faults { found: Vec::new(), warnings: Vec::new() };
        faults.unique("representatives", self.representatives.iter().map(|r| r.id));
        faults.unique("queues", self.queues.iter().map(|q| q.id));
        faults.unique("workstreams", self.workstreams.iter().map(|w| w.id));
        faults.unique("skills", self.skills.iter().map(|s| s.id));
        faults.unique("rating_models", self.rating_models.iter().map(|m| m.id));
        faults.unique("widgets", self.widgets.iter().map(|w| w.id));
        for (index, model) in self.rating_models.iter().enumerate() {
            check_rating_model(&mut faults, &format!("rating_models[{index}].levels"), model);
        }
        for (index, skill) in self.skills.iter().enumerate() {
            let known = self.rating_model(skill.model).is_some();
            faults.require(known, || format!("skills[{index}].model"), "There is no such rating model.");
        }
        let schema = self.schema();
        let people = schema.clone().with_representative();
        for (index, representative) in self.representatives.iter().enumerate() {
            let path = format!("representatives[{index}]");
            self.check_representative(&mut faults, &path, representative);
            check_attributes(&mut faults, &format!("{path}.attributes"), representative, &people);
        }
        // Work of any workstream can wait in a queue.
        let variables = self.workstreams.iter().flat_map(|workstream| &workstream.variables);
        let of_queues = with_variables(&schema, variables);
        let of_overflow = of_queues.clone().into_owned().with_queue();
        let of_people = of_queues.clone().into_owned().with_representative();
        let schemas = Schemas { items: &of_queues, overflow: &of_overflow, people: &of_people };
        for (index, queue) in self.queues.iter().enumerate() {
            self.check_queue(&mut faults, &format!("queues[{index}]"), queue, schemas);
        }
        for (index, workstream) in self.workstreams.iter().enumerate() {
            self.check_workstream(&mut faults, &format!("workstreams[{index}]"), workstream, &schema);
        }
        for (index, widget) in self.widgets.iter().enumerate() {
            self.check_widget(&mut faults, &format!("widgets[{index}]"), widget);
        }
        if let Some(scanner) = &self.scanner {
            let address = scanner.address.as_str();
            faults.require(
                address.starts_with("https://") || address.starts_with("http://"),
                || String::from("scanner.address"),
                "The address begins with https://, or with http:// in a network of your own.",
            );
            faults.require(
                scanner.secret.as_ref().is_some_and(fits_header),
                || String::from("scanner.secret"),
                "Give the scanner a secret in letters, digits and signs, without spaces: it travels in a header. Where the \
                 address changes, give it anew.",
            );
        }
        self.check_sessions(&mut faults);
        self.check_shared(&mut faults);
        faults
    }

    fn check_representative(&self, faults: &mut Faults, path: &str, representative: &Representative) {
        faults.require(
            (0..=1_000_000).contains(&representative.capacity.0),
            || format!("{path}.capacity"),
            "Capacity is 0 to 1,000,000 units.",
        );
        faults.require(
            representative.default_presence != Presence::Inactive,
            || format!("{path}.default_presence"),
            "Inactive is only given by the system. Choose another.",
        );
        self.check_rated_skills(faults, &format!("{path}.skills"), &representative.skills);
    }

    pub(super) fn check_rated_skills(&self, faults: &mut Faults, path: &str, skills: &[RatedSkill]) {
        faults.unique(path, skills.iter().map(|rated| rated.skill));
        for (index, rated) in skills.iter().enumerate() {
            let skill = self.skill(rated.skill);
            faults.require(skill.is_some(), || format!("{path}[{index}].skill"), "There is no such skill.");
            let model = rated.model.or_else(|| skill.map(|skill| skill.model));
            let Some(model) = model.map(|model| self.rating_model(model)) else { continue };
            faults.require(
                model.is_some(),
                || format!("{path}[{index}].model"),
                "There is no such rating model.",
            );
            let has_level =
                model.is_none_or(|model| model.levels.iter().any(|level| level.value == rated.rating));
            faults.require(
                has_level,
                || format!("{path}[{index}].rating"),
                "The rating model has no level of this value.",
            );
        }
    }

    fn check_workstream(&self, faults: &mut Faults, path: &str, workstream: &Workstream, schema: &Schema) {
        let presences = &workstream.allowed_presences;
        faults.require(
            !presences.is_empty(),
            || format!("{path}.allowed_presences"),
            "Allow at least one presence, or nobody is ever offered work.",
        );
        faults.require(
            !presences.contains(&Presence::Offline) && !presences.contains(&Presence::Inactive),
            || format!("{path}.allowed_presences"),
            "Offline and Inactive cannot be offered work. Remove them.",
        );
        if let Some(files) = &workstream.files {
            check_files(faults, &format!("{path}.files"), files);
        }
        if workstream.profile.is_none() {
            faults.require(
                (1..=10_000).contains(&workstream.cost.0),
                || format!("{path}.cost"),
                "An item costs 1 to 10,000 units.",
            );
        }
        let fallback = self.queue(workstream.fallback);
        faults.require(fallback.is_some(), || format!("{path}.fallback"), "There is no such queue.");
        faults.require(
            fallback.is_none_or(|queue| queue.kind == workstream.channel.queue_kind()),
            || format!("{path}.fallback"),
            "This queue is for another kind of work.",
        );
        self.check_rules(faults, path, workstream, schema);
        check_notices(faults, &format!("{path}.sessions.notices"), workstream, schema);
        let timeout = workstream.offer_timeout;
        faults.require(
            timeout >= Span::from_secs(5) && timeout <= Span::from_secs(3600),
            || format!("{path}.offer_timeout"),
            "An offer waits 5 seconds to 60 minutes.",
        );
        faults.require(
            (1..=5).contains(&workstream.offers_per_representative),
            || format!("{path}.offers_per_representative"),
            "An item is offered 1 to 5 times to one representative.",
        );
        if let super::WrapUp::BlocksFor(span) = workstream.wrap_up {
            faults.require(
                span >= Span::from_secs(30) && span <= Span::from_secs(3600),
                || format!("{path}.wrap_up"),
                "Wrap-up blocks capacity for 30 seconds to 60 minutes.",
            );
        }
    }

    fn check_widget(&self, faults: &mut Faults, path: &str, widget: &Widget) {
        self.check_hours(faults, &format!("{path}.hours"), widget.hours);
        let workstream = self.workstream(widget.workstream);
        faults.require(workstream.is_some(), || format!("{path}.workstream"), "There is no such workstream.");
        faults.require(
            workstream.is_none_or(|workstream| workstream.channel == Channel::Chat),
            || format!("{path}.workstream"),
            "A widget opens chats. Choose a workstream whose channel is chat.",
        );
        faults.require(
            is_colour(widget.accent.as_str()),
            || format!("{path}.accent"),
            "Write the colour as # and six hexadecimal digits, such as #2457d6.",
        );
        faults.require(
            widget.customer_grace >= Span::from_secs(10)
                && widget.customer_grace <= Span::from_secs(24 * 3600),
            || format!("{path}.customer_grace"),
            "A customer may be gone for 10 seconds to 24 hours.",
        );
        faults.unique(&format!("{path}.sites"), widget.sites.iter());
        check_files(faults, &format!("{path}.files"), &widget.files);
        let left = self.files_of(widget);
        let meant = (left.customers || left.staff) && !widget.files.kinds.is_empty();
        faults.require(
            !meant || !left.kinds.is_empty(),
            || format!("{path}.files.kinds"),
            "The workstream takes none of these kinds. Name one that it takes, or turn files off.",
        );
        check_form(faults, &format!("{path}.form"), &widget.form);
    }
}

/// What rules ask about somebody must be declared, and of the type that it is declared with: else no rule ever finds them.
fn check_attributes(faults: &mut Faults, path: &str, representative: &Representative, schema: &Schema) {
    for (name, literal) in &representative.attributes {
        let declared = Field::attribute_of_representative(name).and_then(|field| schema.field_type(&field));
        let message = match declared {
            None => Cow::from(format!(
                "Declare representative.{} among the attributes of the settings first, or remove it here.",
                name.as_str()
            )),
            Some(_) if matches!(literal, Literal::Text(text) if text.trim().is_empty()) => {
                "A blank text counts as not set. Write one, or remove the attribute.".into()
            }
            Some(declared) => match literal.read(&declared, schema) {
                Ok(_) => continue,
                Err(message) => message,
            },
        };
        faults.found.push(SettingsFault { path: format!("{path}.{}", name.as_str()), message });
    }
}

fn fits_header(secret: &crate::text::Line) -> bool {
    secret.as_str().bytes().all(|byte| byte.is_ascii_graphic())
}

fn check_files(faults: &mut Faults, path: &str, files: &FileRules) {
    faults.require(
        (1..=FILE_BYTES_MAX).contains(&files.max_bytes),
        || format!("{path}.max_bytes"),
        "A file has 1 to 100,000,000 bytes.",
    );
    faults.unique(&format!("{path}.kinds"), files.kinds.iter());
    faults.require(
        FILES_KEPT.contains(&files.kept_for),
        || format!("{path}.kept_for"),
        "Files are kept for 1 to 3,650 days after the end of their conversation.",
    );
}

/// What is read where work is offered.
fn check_notices(faults: &mut Faults, path: &str, workstream: &Workstream, schema: &Schema) {
    let notices = &workstream.sessions.notices;
    let all = [
        ("work", &notices.work),
        ("assignment", &notices.assignment),
        ("transfer", &notices.transfer),
        ("consult", &notices.consult),
    ];
    let schema = with_variables(schema, &workstream.variables);
    for (name, template) in all {
        let Some(template) = template else { continue };
        faults.require(
            template.rows.len() <= NOTICE_ROWS_MAX,
            || format!("{path}.{name}.rows"),
            "A notice has at most 10 rows. Remove some.",
        );
        for (index, row) in template.rows.iter().enumerate() {
            let known = schema.field_type(&row.field);
            let has_words = known.is_some_and(|known| {
                use FieldType::{Boolean, Choice, Number, Reference, Span, Text};
                matches!(known, Text | Number | Boolean | Choice(_) | Span | Reference(Thing::Queue))
            });
            faults.require(
                has_words,
                || format!("{path}.{name}.rows[{index}].field"),
                "Choose a field of the conversation, its customer or its case that is a text, a number, a length of time, one of several names or yes and no.",
            );
        }
    }
}

fn check_rating_model(faults: &mut Faults, path: &str, model: &RatingModel) {
    faults.require(
        (2..=RATING_LEVELS_MAX).contains(&model.levels.len()),
        || String::from(path),
        "Give 2 to 100 levels.",
    );
    let ascending = model.levels.windows(2).all(|pair| matches!(pair, [low, high] if low.value < high.value));
    faults.require(
        ascending,
        || String::from(path),
        "Write the levels from the lowest value to the highest.",
    );
}

fn check_form(faults: &mut Faults, path: &str, form: &Form) {
    faults.require(
        form.questions.len() <= FORM_QUESTIONS_MAX,
        || format!("{path}.questions"),
        "A form has at most 50 questions.",
    );
    faults.unique(&format!("{path}.questions"), form.questions.iter().map(|question| &question.name));
    let meanings = form.questions.iter().filter_map(|question| question.meaning);
    faults.unique(&format!("{path}.questions.meaning"), meanings.map(|meaning| meaning as u8));
    for (index, question) in form.questions.iter().enumerate() {
        let path = format!("{path}.questions[{index}]");
        match &question.kind {
            QuestionKind::Choice(choices) => {
                faults.require(
                    (1..=CHOICES_MAX).contains(&choices.len()),
                    || format!("{path}.kind"),
                    "Give 1 to 100 choices.",
                );
                faults.unique(&format!("{path}.kind"), choices.iter().map(|choice| &choice.value));
            }
            QuestionKind::Consent { link: Some(link) } => faults.require(
                link.starts_with("https://") || link.starts_with("http://"),
                || format!("{path}.kind.link"),
                "The link begins with https://, or with http:// on a machine of your own.",
            ),
            QuestionKind::Line | QuestionKind::Paragraph | QuestionKind::Consent { link: None } => {}
        }
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What was found so far.
pub(super) struct Faults {
    found: Vec<SettingsFault>,
    warnings: Vec<SettingsFault>,
}

/// Said of a condition that looks at records of the customer.
const NO_RECORDS: &str = "There are no contacts, accounts or cases yet, so their fields are never set here. Use what the \
                          page says, such as context.tier.";

/// Said of a condition that looks at what no channel of now says.
const NO_SOURCE: &str = "Nothing sets conversation.authenticated, conversation.escalated, conversation.preferred_representatives, \
                         channel.provider or channel.address yet, so this never has a value here. Use what the page says, \
                         such as context.tier.";

impl Faults {
    /// What works, but hardly as it was meant.
    pub(super) fn warn(&mut self, holds: bool, path: impl FnOnce() -> String, message: &'static str) {
        if !holds {
            self.doubt(path(), message);
        }
    }

    /// The same, of which more is to be said.
    pub(super) fn doubt(&mut self, path: String, message: impl Into<Cow<'static, str>>) {
        self.warnings.push(SettingsFault { path, message: message.into() });
    }

    /// A condition must fit the schema. Gives it ready to be compared with others.
    pub(super) fn condition(
        &mut self,
        path: &str,
        condition: &Condition,
        schema: &Schema,
    ) -> Option<Predicate> {
        match condition.compile(schema) {
            Ok(predicate) => {
                let knows = !predicate.fields().into_iter().any(Field::is_of_record);
                self.warn(knows, || String::from(path), NO_RECORDS);
                let is_set = !predicate.fields().into_iter().any(Field::has_no_source);
                self.warn(is_set, || String::from(path), NO_SOURCE);
                Some(predicate)
            }
            Err(faults) => {
                for ConditionFault { path: node, message } in faults {
                    let path = if node.is_empty() { String::from(path) } else { format!("{path}.{node}") };
                    self.found.push(SettingsFault { path, message });
                }
                None
            }
        }
    }

    /// Of a list of which the first rule that matches counts, those that can never be reached; `covers` says whether a rule,
    /// where it holds, leaves nothing to one after it.
    pub(super) fn warn_of_unreachable(
        &mut self,
        predicates: &[Option<Predicate>],
        covers: impl Fn(usize, usize) -> bool,
        path: impl Fn(usize) -> String,
    ) {
        for (index, rule) in predicates.iter().enumerate() {
            let Some(rule) = rule else { continue };
            let mut earlier = predicates.iter().take(index).enumerate();
            let covered = earlier.find(|(place, earlier)| {
                covers(*place, index) && earlier.as_ref().is_some_and(|earlier| rule.implies(earlier))
            });
            let message = match covered {
                _ if rule.is_never_true() => {
                    Cow::from("This rule can never match: its condition contradicts itself.")
                }
                Some((place, _)) => {
                    Cow::from(format!("This rule can never match: {} always matches before it.", path(place)))
                }
                None => continue,
            };
            self.doubt(path(index), message);
        }
    }

    /// Faults that were found elsewhere.
    pub(super) fn extend(&mut self, found: Vec<SettingsFault>) {
        self.found.extend(found);
    }

    pub(super) fn require(&mut self, holds: bool, path: impl FnOnce() -> String, message: &'static str) {
        if !holds {
            self.found.push(SettingsFault { path: path(), message: message.into() });
        }
    }

    pub(super) fn unique<T: Ord>(&mut self, path: &str, values: impl Iterator<Item = T>) {
        let mut seen = BTreeSet::new();
        for (index, value) in values.enumerate() {
            let first = seen.insert(value);
            self.require(first, || format!("{path}[{index}]"), "This is there twice. Remove one.");
        }
    }
}
