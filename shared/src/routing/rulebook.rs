//! The rules of the settings, made ready to be asked. It follows from the settings, so it is not stored.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::availability::Offerings;
use super::book::Book;
use super::facts::{read_variable, time_shown};
use super::requirements::{Level, level_of};
use crate::condition::{
    Condition, Facts, Field, Name, Predicate, Reference, RepresentativeField, Schema, TimeField, Value,
    ValueRef,
};
use crate::hours::{Calendar, WallClock};
use crate::id::{OperatingHoursId, QueueId, SkillId, WorkstreamId};
use crate::settings::{
    AskFilters, AssignmentOrder, AssignmentRule, CustomSkill, Method, OverflowCause, Queue, RatedSkill,
    Schemas, VariableKind, Workstream, schema, with_variables,
};
use crate::time::{Span, Timestamp};

/// Every rule.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Rulebook {
    workstreams: BTreeMap<WorkstreamId, WorkstreamRules>,
    queues: BTreeMap<QueueId, QueueRules>,
    pub(super) calendars: BTreeMap<OperatingHoursId, Calendar>,
    clock: Option<WallClock>,
    /// The clock by which a desk's day ends.
    desk_clock: Option<WallClock>,
    /// Whether any customers are told where they stand.
    pub(super) tells_positions: bool,
    /// Whether any rules about people ask how much work they have.
    pub(super) counts_work: bool,
    /// Whether any queue is assigned to supervisors: others do not see what is in it.
    pub(super) assigns_supervisors: bool,
    /// Of which queues it is asked who is available.
    pub(super) offerings: Offerings,
}

/// The rules of a workstream. A condition that cannot be made ready, which a check has refused, never holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct WorkstreamRules {
    variables: BTreeMap<Name, VariableKind>,
    /// The conditions of each ruleset of classification.
    pub(super) rulesets: Vec<Vec<Option<Predicate>>>,
    /// The conditions of the routes.
    pub(super) routes: Vec<Option<Predicate>>,
    /// Whom representatives can ask.
    pub(super) filters: FilterRules,
}

/// Whom representatives can ask; none where all can be asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct FilterRules {
    pub(super) consult_representatives: Option<Filter>,
    pub(super) consult_queues: Option<Filter>,
    pub(super) transfer_representatives: Option<Filter>,
    pub(super) transfer_queues: Option<Filter>,
}

/// A condition on whom can be asked. One that cannot be made ready, which a check has refused, finds nobody.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter(Option<Predicate>);

impl Filter {
    /// Whether it finds what is looked at.
    pub(super) fn finds(&self, facts: &impl Facts) -> bool {
        self.0.as_ref().is_some_and(|predicate| predicate.holds(facts))
    }
}

impl FilterRules {
    /// Every condition that could be made ready.
    pub(super) fn predicates(&self) -> impl Iterator<Item = &Predicate> {
        let people = [&self.consult_representatives, &self.transfer_representatives];
        let queues = [&self.consult_queues, &self.transfer_queues];
        people.into_iter().chain(queues).filter_map(|filter| filter.as_ref()?.0.as_ref())
    }

    fn of(filters: &AskFilters, schema: &Schema) -> Self {
        if *filters == AskFilters::default() {
            // Most workstreams: a schema is as large as the settings.
            return Self::default();
        }
        let (people, queues) = (schema.clone().with_representative(), schema.clone().with_queue());
        let ready = |condition: &Condition, schema: &Schema| {
            (*condition != Condition::default()).then(|| Filter(condition.compile(schema).ok()))
        };
        Self {
            consult_representatives: ready(&filters.consult_representatives, &people),
            consult_queues: ready(&filters.consult_queues, &queues),
            transfer_representatives: ready(&filters.transfer_representatives, &people),
            transfer_queues: ready(&filters.transfer_queues, &queues),
        }
    }
}

/// The rules of a queue.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct QueueRules {
    /// The conditions of its overflow rules; none also for those that need none.
    pub(super) overflow: Vec<Option<Predicate>>,
    /// The conditions of its buckets.
    pub(super) buckets: Vec<Option<Predicate>>,
    /// How it chooses people: the first ruleset that fits an item.
    pub(super) choices: Vec<Choice>,
    /// What its rules about people ask of the item.
    pub(super) asked_of_items: Vec<Field>,
    /// Whether its rules about people ask for working hours.
    pub(super) asks_for_hours: bool,
    /// Whether they ask how much work somebody has.
    counts_work: bool,
}

/// How people are chosen for some of a queue's items.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    /// For which items; none for all.
    pub(super) when: Option<Predicate>,
    /// The rules, the strictest first. The methods that are built in are one rule.
    pub(super) levels: Arc<Vec<LevelRule>>,
}

/// A rule that finds people.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LevelRule {
    pub(super) any_presence: bool,
    pub(super) any_skills: bool,
    /// The skill that the item names, which they must have.
    pub(super) custom_skill: Option<NamedSkill>,
    /// What must hold of a person; none if nothing must.
    pub(super) when: Option<Predicate>,
    pub(super) order_by: Vec<AssignmentOrder>,
    /// Whether proficiency counts only where work goes to whose skills are closest.
    pub(super) built_in: bool,
}

/// A skill that each item names for itself (reference section 16.5).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NamedSkill {
    /// Where.
    pub(super) field: Field,
    /// Every skill by its name and by its id, with the lowest level that will do.
    skills: BTreeMap<String, (SkillId, Level)>,
}

impl NamedSkill {
    fn of(book: &Book, custom: &CustomSkill) -> Self {
        let mut skills = BTreeMap::new();
        for (&id, skill) in &book.skills {
            let least = custom.at_least.map(|rating| RatedSkill { skill: id, rating, model: None });
            let level = least.and_then(|least| level_of(&book.levels_of(&[least]), id)).unwrap_or(Level(0));
            skills.insert(id.to_string(), (id, level));
            skills.entry(skill.name.as_str().into()).or_insert((id, level));
        }
        Self { field: custom.field.clone(), skills }
    }

    /// The skill that this value names, and the lowest level of it that will do.
    pub(super) fn named(&self, value: ValueRef<'_>) -> Option<(SkillId, Level)> {
        let (ValueRef::Text(name) | ValueRef::Choice(name)) = value else { return None };
        self.skills.get(name).copied()
    }
}

impl Rulebook {
    /// The rules of this book.
    pub(super) fn of(book: &Book) -> Self {
        let base = schema(things(book), &book.attributes);
        let of_queues = with_variables(&base, book.workstreams.values().flat_map(|known| &known.variables));
        let of_people = of_queues.clone().into_owned().with_representative();
        let of_overflow = of_queues.clone().into_owned().with_queue();
        let schemas = Schemas { items: &of_queues, overflow: &of_overflow, people: &of_people };
        let zone = book.time_zone.as_deref().unwrap_or("UTC");
        let calendar = |hours: &crate::hours::OperatingHours| Some((hours.id, hours.compile("").ok()?));
        let queues = book.queues.iter().map(|(id, queue)| (*id, QueueRules::of(book, queue, schemas)));
        let queues: BTreeMap<_, _> = queues.collect();
        let workstreams = book.workstreams.iter().map(|(id, known)| (*id, WorkstreamRules::of(known, &base)));
        let workstreams: BTreeMap<_, _> = workstreams.collect();
        Self {
            offerings: Offerings::of(book, &workstreams, &queues),
            workstreams,
            counts_work: queues.values().any(|queue| queue.counts_work),
            assigns_supervisors: book.queues.values().any(|queue| !queue.supervisors.is_empty()),
            queues,
            calendars: book.hours.iter().filter_map(calendar).collect(),
            tells_positions: book.workstreams.values().any(|known| known.tells_position),
            clock: WallClock::of_zone(zone),
            desk_clock: WallClock::of_zone(book.desk.time_zone.as_deref().unwrap_or(zone)),
        }
    }

    pub(super) fn workstream(&self, id: WorkstreamId) -> Option<&WorkstreamRules> {
        self.workstreams.get(&id)
    }

    pub(super) fn queue(&self, id: QueueId) -> Option<&QueueRules> {
        self.queues.get(&id)
    }

    /// Whether a queue orders work or chooses people by rules of its own, which see more of an item than its kind.
    pub(super) fn has_own_rules(&self, queue: QueueId) -> bool {
        self.queue(queue).is_some_and(|rules| !rules.buckets.is_empty() || rules.are_custom())
    }

    /// Whether anything asks for the working hours of people.
    pub(super) fn asks_for_hours(&self) -> bool {
        self.queues.values().any(|queue| queue.asks_for_hours)
    }

    /// Whether these hours are open; what does not exist is never closed.
    pub(super) fn is_open(&self, hours: OperatingHoursId, now: Timestamp) -> bool {
        self.calendars.get(&hours).is_none_or(|calendar| calendar.is_open(now))
    }

    /// The next moment at which a day of the desks ends, so long after midnight.
    pub(super) fn end_of_day(&self, now: Timestamp, day_ends: Span) -> Timestamp {
        let next = self.desk_clock.as_ref().and_then(|clock| clock.next(now, day_ends));
        next.unwrap_or(Timestamp::from_millis(u64::MAX))
    }

    /// Reads a context variable by its type in this workstream.
    pub(super) fn read<'a>(
        &self,
        workstream: WorkstreamId,
        name: &Name,
        value: &'a Value,
    ) -> Option<ValueRef<'a>> {
        match self.workstreams.get(&workstream) {
            Some(rules) => read_variable(&rules.variables, name, value),
            None => Some(value.as_ref()),
        }
    }

    /// What the clock of the rules shows.
    pub(super) fn time(&self, field: TimeField, now: Timestamp) -> Option<ValueRef<'static>> {
        time_shown(field, now, self.clock.as_ref()?.shows(now))
    }
}

fn things(book: &Book) -> Vec<Reference> {
    let mut things: Vec<Reference> = book.workstreams.keys().map(Reference::from).collect();
    things.extend(book.queues.keys().map(Reference::from));
    things.extend(book.representatives.keys().map(Reference::from));
    things.extend(book.skills.keys().map(|id| Reference::from(*id)));
    things.extend(book.hours.iter().map(|hours| Reference::from(hours.id)));
    things.extend(book.profiles.iter().map(|profile| Reference::from(profile.id)));
    things.extend(book.presences.iter().map(|presence| Reference::from(presence.id)));
    things
}

impl WorkstreamRules {
    fn of(workstream: &Workstream, base: &Schema) -> Self {
        let schema = with_variables(base, &workstream.variables);
        let ready = |condition: &Condition| condition.compile(&schema).ok();
        let rulesets = workstream.classification.iter();
        Self {
            variables: workstream
                .variables
                .iter()
                .map(|known| (known.name.clone(), known.kind.clone()))
                .collect(),
            rulesets: rulesets.map(|set| set.rules.iter().map(|rule| ready(&rule.when)).collect()).collect(),
            routes: workstream.routes.iter().map(|route| ready(&route.when)).collect(),
            filters: FilterRules::of(&workstream.sessions.filters, &schema),
        }
    }
}

impl QueueRules {
    /// Whether people are chosen by rules of the queue's own.
    pub(super) fn are_custom(&self) -> bool {
        self.choices.iter().any(|choice| choice.when.is_some()) || self.choices.is_empty()
    }

    fn of(book: &Book, queue: &Queue, schemas: Schemas<'_>) -> Self {
        let ready = |condition: &Condition| condition.compile(schemas.items).ok();
        let overflow = queue.overflow.iter().map(|rule| match &rule.when {
            OverflowCause::Condition(condition) => condition.compile(schemas.overflow).ok(),
            OverflowCause::OutOfHours | OverflowCause::ItemsWaiting(_) => None,
        });
        let choices = match &queue.method {
            Method::HighestCapacity => Vec::from([built_in(AssignmentOrder::FreeCapacity)]),
            Method::RoundRobin => Vec::from([built_in(AssignmentOrder::RoundRobin)]),
            Method::LeastActive => Vec::from([built_in(AssignmentOrder::LeastActive)]),
            Method::Custom(rulesets) => {
                let choices = rulesets.iter().filter_map(|ruleset| {
                    let when = Some(ready(&ruleset.when)?);
                    let rules = ruleset.rules.iter();
                    let levels = rules.filter_map(|rule| LevelRule::of(book, rule, schemas.people)).collect();
                    Some(Choice { when, levels: Arc::new(levels) })
                });
                choices.collect()
            }
        };
        let mut rules = Self {
            overflow: overflow.collect(),
            buckets: queue.buckets.iter().map(|bucket| ready(&bucket.when)).collect(),
            choices,
            asked_of_items: Vec::new(),
            asks_for_hours: false,
            counts_work: false,
        };
        rules.note_what_is_asked();
        rules
    }

    fn note_what_is_asked(&mut self) {
        let levels = self.choices.iter().flat_map(|choice| choice.levels.iter());
        let predicates: Vec<&Predicate> = levels.filter_map(|level| level.when.as_ref()).collect();
        self.asks_for_hours = predicates.iter().any(|predicate| predicate.asks_for_hours());
        let orders = self.choices.iter().flat_map(|choice| choice.levels.iter());
        let orders = orders.flat_map(|level| &level.order_by).filter_map(|order| match order {
            AssignmentOrder::Lowest(field) | AssignmentOrder::Highest(field) => Some(field),
            _ => None,
        });
        let fields = predicates.iter().flat_map(|predicate| predicate.fields());
        self.counts_work = fields.clone().chain(orders).any(counts_work);
        let levels = self.choices.iter().flat_map(|choice| choice.levels.iter());
        let naming = levels.filter_map(|level| level.custom_skill.as_ref()).map(|named| &named.field);
        let mut fields: Vec<Field> =
            fields.chain(naming).filter(|field| !field.is_of_representative()).cloned().collect();
        fields.sort();
        fields.dedup();
        self.asked_of_items = fields;
    }
}

/// Whether a field says how much work somebody has.
fn counts_work(field: &Field) -> bool {
    *field == Field::Representative(RepresentativeField::OpenItems)
}

/// The rule of a built-in method: skills that are nearer come first where closeness counts (reference section 17), then
/// what the method goes by.
fn built_in(order: AssignmentOrder) -> Choice {
    let order_by = Vec::from([AssignmentOrder::Proficiency, order]);
    let level = LevelRule {
        any_presence: false,
        any_skills: false,
        custom_skill: None,
        when: None,
        order_by,
        built_in: true,
    };
    Choice { when: None, levels: Arc::new(Vec::from([level])) }
}

impl LevelRule {
    fn of(book: &Book, rule: &AssignmentRule, schema: &Schema) -> Option<Self> {
        let when = rule.when.compile(schema).ok()?;
        Some(Self {
            any_presence: rule.any_presence,
            any_skills: rule.any_skills,
            custom_skill: rule.custom_skill.as_ref().map(|custom| NamedSkill::of(book, custom)),
            when: (!when.is_always_true()).then_some(when),
            order_by: rule.order_by.clone(),
            built_in: false,
        })
    }
}
