//! From a condition as it is written to one that can be evaluated: every field is looked up, every value read by the type of
//! its field, every pattern compiled. Whatever does not fit is a fault with its path.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::pattern::Pattern;
use super::predicate::{Leaf, Many, Node, Order, Predicate, Right, Source, Test};
use super::schema::{FieldType, Schema};
use super::text::Needle;
use super::value::{Thing, Value};
use super::{Choices, Comparison, Condition, Field, Literal, Operand};

/// Groups within groups. Nobody can read a deeper condition, and it bounds the stack of every walk.
pub const DEPTH_MAX: usize = 12;

/// Groups and comparisons of one condition. The reference product's quota of rules (200 in a list) stays below a
/// millisecond even if each is as large as this.
pub const NODES_MAX: usize = 200;

/// Values in one list. A long list of names is an attribute that somebody forgot to declare.
pub const VALUES_MAX: usize = 200;

/// One fault of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionFault {
    /// The node, such as `all[1].not.matches`; empty for the condition itself.
    pub path: String,
    /// What is wrong, in a sentence that says what to do.
    pub message: Cow<'static, str>,
}

impl Condition {
    /// Everything that is wrong with it.
    pub fn check(&self, schema: &Schema) -> Vec<ConditionFault> {
        self.compile(schema).err().unwrap_or_default()
    }

    /// The form that can be evaluated, or everything that is wrong.
    pub fn compile(&self, schema: &Schema) -> Result<Predicate, Vec<ConditionFault>> {
        let mut compiler = Compiler { schema, path: String::new(), nodes: 0, faults: Vec::new() };
        let root = compiler.node(self, 0);
        if compiler.nodes > NODES_MAX {
            let message = format!(
                "The condition has {} nodes; at most {NODES_MAX} are allowed. Split the rule into several.",
                compiler.nodes
            );
            compiler.faults.push(ConditionFault { path: String::new(), message: message.into() });
        }
        match root {
            Some(root) if compiler.faults.is_empty() => Ok(Predicate { root }),
            _ => Err(compiler.faults),
        }
    }
}

struct Compiler<'a> {
    schema: &'a Schema,
    path: String,
    nodes: usize,
    faults: Vec<ConditionFault>,
}

/// A fault is noted where it is found; what could not be compiled is then left out.
type Compiled<T> = Option<T>;

impl Compiler<'_> {
    fn fault<T>(&mut self, message: impl Into<Cow<'static, str>>) -> Compiled<T> {
        self.faults.push(ConditionFault { path: self.path.clone(), message: message.into() });
        None
    }

    /// Works on a part of the present node.
    fn at<T>(&mut self, part: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 && !part.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(part);
        let result = work(self);
        self.path.truncate(length);
        result
    }

    fn node(&mut self, condition: &Condition, depth: usize) -> Compiled<Node> {
        self.nodes = self.nodes.saturating_add(1);
        if depth > DEPTH_MAX {
            return self.fault("Groups are nested too deep. Use at most 12 levels.");
        }
        match condition {
            Condition::All(children) => self.group("all", children, depth).map(Node::All),
            Condition::Any(children) => self.group("any", children, depth).map(Node::Any),
            Condition::Not(child) => {
                let child = self.at("not", |this| this.node(child, depth + 1))?;
                Some(Node::Not(child.into()))
            }
            Condition::IsSet(field) => self.is_set("is_set", field, false),
            Condition::IsNotSet(field) => self.is_set("is_not_set", field, true),
            Condition::WorkingNow(hours) => self.at("working_now", |this| {
                let hours = this.operand(hours, &FieldType::Reference(Thing::OperatingHours))?;
                Some(Node::Leaf(Leaf { key: "working_now", negated: false, test: Test::Working(hours) }))
            }),
            Condition::Compare(field, comparison) => self.comparison(field, comparison),
        }
    }

    fn group(&mut self, key: &str, children: &[Condition], depth: usize) -> Compiled<Vec<Node>> {
        // Every child is looked at, so that all faults are told at once.
        let compiled: Vec<Node> = self.at(key, |this| {
            let mut nodes = Vec::new();
            let mut index = String::new();
            for (place, child) in children.iter().enumerate() {
                if this.nodes > NODES_MAX {
                    // The rest is only counted: one fault says that there is too much.
                    this.nodes = this.nodes.saturating_add(children.len() - place);
                    break;
                }
                index.clear();
                let _ = write!(index, "[{place}]"); // writing to a string cannot fail
                nodes.extend(this.at(&index, |this| this.node(child, depth + 1)));
            }
            nodes
        });
        (compiled.len() == children.len()).then_some(compiled)
    }

    fn is_set(&mut self, key: &'static str, field: &Field, negated: bool) -> Compiled<Node> {
        let (source, _) = self.at(key, |this| this.source(field))?;
        Some(Node::Leaf(Leaf { key, negated, test: Test::IsSet(source) }))
    }

    fn source(&mut self, field: &Field) -> Compiled<(Source, FieldType)> {
        let Some(field_type) = self.schema.field_type(field) else {
            return self.unknown(field);
        };
        if let Some(thing) = field.names_thing().filter(|thing| !self.schema.knows(*thing)) {
            return self.fault(format!("There is no such {}. Choose one that exists.", thing.thing.name()));
        }
        Some((Source { field: field.clone(), kind: field_type.kind() }, field_type))
    }

    fn unknown<T>(&mut self, field: &Field) -> Compiled<T> {
        if field.is_of_representative() {
            return self.fault(format!(
                "{field} is not known here: either nobody declared it, or this rule is decided before a representative \
                 is looked at. Use a field of the conversation or the customer."
            ));
        }
        if matches!(field, Field::Queue(_)) {
            return self.fault(format!(
                "{field} is known only where a queue overflows. Use conversation.queue, or leave it out."
            ));
        }
        let siblings = field.siblings();
        let choice =
            if siblings.is_empty() { "context.topic, conversation.channel, contact.city" } else { &siblings };
        self.fault(format!("There is no field {field}. Declare it, or use one such as {choice}."))
    }

    fn comparison(&mut self, field: &Field, comparison: &Comparison) -> Compiled<Node> {
        let key = comparison.key();
        let (source, left) = self.at("field", |this| this.source(field))?;
        let negated = matches!(comparison, Comparison::NotEquals(_) | Comparison::NotIn(_));
        let test = self.at(key, |this| match comparison {
            Comparison::Equals(right) | Comparison::NotEquals(right) => this.equals(source, &left, right),
            Comparison::LessThan(right) => this.order(source, &left, Order::Less, right),
            Comparison::AtMost(right) => this.order(source, &left, Order::AtMost, right),
            Comparison::MoreThan(right) => this.order(source, &left, Order::More, right),
            Comparison::AtLeast(right) => this.order(source, &left, Order::AtLeast, right),
            Comparison::Between(low, high) => this.between(source, &left, low, high),
            Comparison::In(choices) | Comparison::NotIn(choices) => this.is_in(source, &left, choices),
            Comparison::Contains(right) => this.contains(source, &left, right),
            Comparison::BeginsWith(right) => this.text(source, &left, right, Test::BeginsWith),
            Comparison::EndsWith(right) => this.text(source, &left, right, Test::EndsWith),
            Comparison::Matches(pattern) => this.matches(source, &left, pattern),
        })?;
        Some(Node::Leaf(Leaf { key, negated, test }))
    }

    fn equals(&mut self, source: Source, left: &FieldType, right: &Operand) -> Compiled<Test> {
        if matches!(left, FieldType::Set(_)) {
            return self.fault("The field has several values. Use contains.");
        }
        let right = self.operand(right, left)?;
        Some(Test::Equals(source, right))
    }

    fn ordered(&mut self, left: &FieldType) -> Compiled<()> {
        if left.is_ordered() {
            return Some(());
        }
        self.fault(format!(
            "The field is {}, which has no order. Compare a number, a moment, a length of time or a time of day, or use \
             equals.",
            left.name()
        ))
    }

    fn order(&mut self, source: Source, left: &FieldType, order: Order, right: &Operand) -> Compiled<Test> {
        self.ordered(left)?;
        let right = self.operand(right, left)?;
        Some(Test::Order(source, order, right))
    }

    fn between(&mut self, source: Source, left: &FieldType, low: &Operand, high: &Operand) -> Compiled<Test> {
        self.ordered(left)?;
        let low = self.at("[0]", |this| this.operand(low, left));
        let high = self.at("[1]", |this| this.operand(high, left));
        let (low, high) = (low?, high?);
        if let (Right::Constant(low), Right::Constant(high)) = (&low, &high)
            && low > high
            && *left != FieldType::TimeOfDay
        {
            return self.fault("The first value is the greater one, so nothing lies between. Exchange them.");
        }
        Some(Test::Between(source, low, high))
    }

    fn is_in(&mut self, source: Source, left: &FieldType, choices: &Choices) -> Compiled<Test> {
        if matches!(left, FieldType::Set(_)) {
            return self.fault("The field has several values. Use any with a contains for each.");
        }
        match choices {
            Choices::Literals(literals) => {
                let values = self.values(left, literals)?;
                Some(Test::In(source, Many::Constants(values)))
            }
            Choices::Field(field) => {
                let (set, set_type) = self.at("field", |this| this.source(field))?;
                match &set_type {
                    FieldType::Set(of) if of.element().is_comparable_with(left) => {
                        Some(Test::In(source, Many::Field(set)))
                    }
                    FieldType::Set(of) => self.different(left, &of.element()),
                    _ => self.fault(format!("{field} has one value. Use equals.")),
                }
            }
        }
    }

    fn values(&mut self, left: &FieldType, literals: &[Literal]) -> Compiled<Vec<Value>> {
        if literals.is_empty() {
            return self.fault("The list is empty. Add at least one value.");
        }
        if literals.len() > VALUES_MAX {
            return self.fault("A list has at most 200 values. Split it, or declare an attribute.");
        }
        let mut values = Vec::new();
        for (place, literal) in literals.iter().enumerate() {
            values.extend(self.at(&format!("[{place}]"), |this| this.literal(literal, left)));
        }
        (values.len() == literals.len()).then_some(values)
    }

    fn contains(&mut self, source: Source, left: &FieldType, right: &Operand) -> Compiled<Test> {
        match left {
            FieldType::Text => match self.operand(right, left)? {
                Right::Constant(Value::Text(text)) => Some(Test::Finds(source, Needle::new(&text), text)),
                right => Some(Test::Contains(source, right)),
            },
            FieldType::Set(of) => {
                // One element, or all of another set.
                let several = match right {
                    Operand::Field(field) => matches!(self.schema.field_type(field), Some(FieldType::Set(_))),
                    Operand::Literal(_) => false,
                };
                let element = of.element();
                let right = self.operand(right, if several { left } else { &element })?;
                Some(Test::Has(source, right))
            }
            _ => {
                self.fault(format!("The field is {}. Only a text or a set contains something.", left.name()))
            }
        }
    }

    fn text(
        &mut self,
        source: Source,
        left: &FieldType,
        right: &Operand,
        test: fn(Source, Right) -> Test,
    ) -> Compiled<Test> {
        if *left != FieldType::Text {
            return self.fault(format!("The field is {}, not a text. Use equals or in.", left.name()));
        }
        let right = self.operand(right, left)?;
        Some(test(source, right))
    }

    fn matches(&mut self, source: Source, left: &FieldType, pattern: &str) -> Compiled<Test> {
        if *left != FieldType::Text {
            return self.fault(format!("The field is {}, not a text. Use equals or in.", left.name()));
        }
        match Pattern::new(pattern) {
            Ok(pattern) => Some(Test::Matches(source, pattern)),
            Err(message) => self.fault(message),
        }
    }

    fn operand(&mut self, operand: &Operand, expected: &FieldType) -> Compiled<Right> {
        match operand {
            Operand::Literal(literal) => self.literal(literal, expected).map(Right::Constant),
            Operand::Field(field) => self.at("field", |this| {
                let (source, right) = this.source(field)?;
                if expected.is_comparable_with(&right) {
                    Some(Right::Field(source))
                } else {
                    this.different(expected, &right)
                }
            }),
        }
    }

    fn literal(&mut self, literal: &Literal, expected: &FieldType) -> Compiled<Value> {
        match literal.read(expected, self.schema) {
            Ok(value) => Some(value),
            Err(message) => self.fault(message),
        }
    }

    fn different<T>(&mut self, left: &FieldType, right: &FieldType) -> Compiled<T> {
        if let (FieldType::Choice(_), FieldType::Choice(_)) = (left, right) {
            return self.fault("The two fields have no option in common. Compare with another field.");
        }
        self.fault(format!(
            "This field is {}, but what it is compared with is {}. Compare fields of the same type.",
            right.name(),
            left.name()
        ))
    }
}
