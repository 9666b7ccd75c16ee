//! An evaluator that is obviously right: it copies every value, folds every text, looks at every node, and stops at the
//! first type that surprises it.

use super::*;
use crate::time::{Span, Timestamp};

/// A comparison whose two sides do not fit each other, or that says nothing.
#[derive(Debug, PartialEq)]
pub(super) struct Surprise;

type Answer<T> = Result<T, Surprise>;

type PlainTest = fn(&str) -> bool;

/// Patterns of the tests, each with the same in plain words.
pub(super) const PATTERNS: [(&str, PlainTest); 5] = [
    ("^b", |text| text.starts_with(['b', 'B'])),
    ("a$", |text| text.ends_with(['a', 'A'])),
    ("^[ab]+$", |text| text.chars().all(|letter| "abAB".contains(letter))),
    ("(?-i)B", |text| text.contains('B')),
    ("^.{2}$", |text| text.chars().count() == 2),
];

/// Everything that is built from literals whose reading is tested elsewhere.
const MOMENT: (&str, u64) = ("2026-01-01T00:00:00Z", 1_767_225_600_000);
const SPANS: [(&str, u64); 2] = [("10m", 600), ("1h", 3_600)];
const TIMES: [(&str, u16); 2] = [("09:30", 570), ("22:00", 1_320)];

fn folded(text: &str) -> String {
    let upper: String = text.trim().chars().flat_map(char::to_uppercase).collect();
    upper.chars().flat_map(char::to_lowercase).collect()
}

/// A value in the form in which equal ones are equal.
fn canonical(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(folded(&text)),
        Value::Texts(texts) => Value::Texts(texts.iter().map(|text| folded(text)).collect()),
        other => other,
    }
}

fn elements(value: Value) -> Vec<Value> {
    match value {
        Value::Texts(texts) => texts.into_iter().map(Value::Text).collect(),
        Value::Choices(choices) => choices.into_iter().map(Value::Choice).collect(),
        Value::References(references) => references.into_iter().map(Value::Reference).collect(),
        one => [one].into(),
    }
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Texts(texts) => !texts.is_empty(),
        Value::Choices(choices) => !choices.is_empty(),
        Value::References(references) => !references.is_empty(),
        Value::Text(text) => !text.is_empty(),
        _ => true,
    }
}

fn is_of(value: &Value, field_type: &FieldType) -> bool {
    match (field_type, value) {
        (FieldType::Set(_), Value::Texts(_) | Value::Choices(_) | Value::References(_))
        | (FieldType::Text, Value::Text(_))
        | (FieldType::Number, Value::Number(_))
        | (FieldType::Boolean, Value::Boolean(_))
        | (FieldType::Choice(_), Value::Choice(_))
        | (FieldType::Moment, Value::Moment(_))
        | (FieldType::Span, Value::Span(_))
        | (FieldType::TimeOfDay, Value::TimeOfDay(_)) => true,
        (FieldType::Reference(thing), Value::Reference(reference)) => reference.thing == *thing,
        _ => false,
    }
}

pub(super) struct Naive<'a> {
    pub(super) schema: &'a Schema,
    pub(super) facts: &'a Table,
}

impl Naive<'_> {
    pub(super) fn holds(&self, condition: &Condition) -> Answer<bool> {
        match condition {
            Condition::All(children) => Ok(self.each(children)?.into_iter().all(|holds| holds)),
            Condition::Any(children) => Ok(self.each(children)?.into_iter().any(|holds| holds)),
            Condition::Not(child) => Ok(!self.holds(child)?),
            Condition::IsSet(field) => Ok(self.value(field)?.1.is_some()),
            Condition::IsNotSet(field) => Ok(self.value(field)?.1.is_none()),
            Condition::WorkingNow(hours) => {
                match self.operand(hours, &FieldType::Reference(Thing::OperatingHours))? {
                    Some(Value::Reference(hours)) => Ok(self.facts.open.contains(&hours)),
                    _ => Ok(false),
                }
            }
            Condition::Compare(field, Comparison::NotEquals(right)) => {
                Ok(!self.compare(field, &Comparison::Equals(right.clone()))?)
            }
            Condition::Compare(field, Comparison::NotIn(choices)) => {
                Ok(!self.compare(field, &Comparison::In(choices.clone()))?)
            }
            Condition::Compare(field, comparison) => self.compare(field, comparison),
        }
    }

    fn each(&self, children: &[Condition]) -> Answer<Vec<bool>> {
        children.iter().map(|child| self.holds(child)).collect()
    }

    fn value(&self, field: &Field) -> Answer<(FieldType, Option<Value>)> {
        let field_type = self.schema.field_type(field).ok_or(Surprise)?;
        let value = self.facts.values.get(field).cloned().map(canonical);
        let value = value.filter(|value| is_of(value, &field_type) && is_set(value));
        Ok((field_type, value))
    }

    fn operand(&self, operand: &Operand, expected: &FieldType) -> Answer<Option<Value>> {
        match operand {
            Operand::Literal(literal) => self.literal(literal, expected).map(Some),
            Operand::Field(field) => {
                let (found, value) = self.value(field)?;
                match (&found, expected) {
                    (FieldType::Choice(some), FieldType::Choice(others)) if !some.is_disjoint(others) => {
                        Ok(value)
                    }
                    (found, expected) if found == expected => Ok(value),
                    _ => Err(Surprise),
                }
            }
        }
    }

    fn literal(&self, literal: &Literal, expected: &FieldType) -> Answer<Value> {
        let read = match (expected, literal) {
            (FieldType::Text, Literal::Text(text)) if !text.trim().is_empty() => Value::Text(text.clone()),
            (FieldType::Number, Literal::Number(number)) => Value::Number(*number),
            (FieldType::Boolean, Literal::Boolean(boolean)) => Value::Boolean(*boolean),
            (FieldType::Choice(options), Literal::Text(text)) if options.contains(text) => choice(text),
            (FieldType::Moment, Literal::Text(text)) if text == MOMENT.0 => {
                Value::Moment(Timestamp::from_millis(MOMENT.1))
            }
            (FieldType::Span, Literal::Text(text)) => {
                let (_, secs) = SPANS.iter().find(|(written, _)| written == text).ok_or(Surprise)?;
                Value::Span(Span::from_secs(*secs))
            }
            (FieldType::TimeOfDay, Literal::Text(text)) => {
                let (_, minutes) = TIMES.iter().find(|(written, _)| written == text).ok_or(Surprise)?;
                Value::TimeOfDay(TimeOfDay::from_minutes(*minutes).unwrap())
            }
            (FieldType::Reference(kind), Literal::Text(text)) => {
                let number = (1..=9).find(|number| id(*number) == *text).ok_or(Surprise)?;
                Value::Reference(
                    Some(thing(*kind, number)).filter(|one| self.schema.knows(*one)).ok_or(Surprise)?,
                )
            }
            _ => return Err(Surprise),
        };
        Ok(canonical(read))
    }

    fn compare(&self, field: &Field, comparison: &Comparison) -> Answer<bool> {
        let (left_type, left) = self.value(field)?;
        let several = matches!(left_type, FieldType::Set(_));
        let ordered = || if left_type.is_ordered() { Ok(()) } else { Err(Surprise) };
        let of_text = || if left_type == FieldType::Text { Ok(()) } else { Err(Surprise) };
        let both = |right: &Operand, test: fn(&Value, &Value) -> bool| {
            let right = self.operand(right, &left_type)?;
            Ok(matches!((&left, &right), (Some(left), Some(right)) if test(left, right)))
        };
        match comparison {
            Comparison::Equals(_) if several => Err(Surprise),
            Comparison::Equals(right) | Comparison::NotEquals(right) => {
                both(right, |left, right| left == right)
            }
            Comparison::LessThan(right) => ordered().and_then(|()| both(right, |left, right| left < right)),
            Comparison::AtMost(right) => ordered().and_then(|()| both(right, |left, right| left <= right)),
            Comparison::MoreThan(right) => ordered().and_then(|()| both(right, |left, right| left > right)),
            Comparison::AtLeast(right) => ordered().and_then(|()| both(right, |left, right| left >= right)),
            Comparison::Between(low, high) => {
                ordered().and_then(|()| self.between(&left_type, left, low, high))
            }
            Comparison::In(choices) | Comparison::NotIn(choices) => self.is_in(&left_type, left, choices),
            Comparison::Contains(right) if several => self.has(&left_type, left, right),
            Comparison::Contains(right) => {
                of_text().and_then(|()| both(right, |left, right| plain(left).contains(&plain(right))))
            }
            Comparison::BeginsWith(right) => {
                of_text().and_then(|()| both(right, |left, right| plain(left).starts_with(&plain(right))))
            }
            Comparison::EndsWith(right) => {
                of_text().and_then(|()| both(right, |left, right| plain(left).ends_with(&plain(right))))
            }
            Comparison::Matches(pattern) => {
                of_text()?;
                let (_, in_words) =
                    PATTERNS.iter().find(|(written, _)| written == pattern).ok_or(Surprise)?;
                // A pattern sees the text as it is, but for space at its ends.
                Ok(match self.facts.values.get(field) {
                    Some(Value::Text(text)) => !text.trim().is_empty() && in_words(text.trim()),
                    _ => false,
                })
            }
        }
    }

    fn between(
        &self,
        left_type: &FieldType,
        left: Option<Value>,
        low: &Operand,
        high: &Operand,
    ) -> Answer<bool> {
        let fixed = matches!((low, high), (Operand::Literal(_), Operand::Literal(_)));
        let (low, high) = (self.operand(low, left_type)?, self.operand(high, left_type)?);
        let over_midnight = *left_type == FieldType::TimeOfDay && low > high;
        if fixed && low > high && !over_midnight {
            return Err(Surprise);
        }
        let (Some(left), Some(low), Some(high)) = (left, low, high) else { return Ok(false) };
        Ok(if over_midnight { left >= low || left <= high } else { left >= low && left <= high })
    }

    fn is_in(&self, left_type: &FieldType, left: Option<Value>, choices: &Choices) -> Answer<bool> {
        let values = match (left_type, choices) {
            (FieldType::Set(_), _) => return Err(Surprise),
            (_, Choices::Literals(literals)) if literals.is_empty() => return Err(Surprise),
            (_, Choices::Literals(literals)) => {
                let values: Answer<Vec<Value>> =
                    literals.iter().map(|literal| self.literal(literal, left_type)).collect();
                values?
            }
            (_, Choices::Field(field)) => {
                let (found, value) = self.value(field)?;
                match found {
                    FieldType::Set(of) if of.element() == *left_type => {}
                    _ => return Err(Surprise),
                }
                value.map(elements).unwrap_or_default()
            }
        };
        Ok(left.is_some_and(|left| values.contains(&left)))
    }

    fn has(&self, left_type: &FieldType, left: Option<Value>, right: &Operand) -> Answer<bool> {
        let FieldType::Set(of) = left_type else { return Err(Surprise) };
        let right = self.operand(right, left_type).or_else(|_| self.operand(right, &of.element()))?;
        let (Some(left), Some(right)) = (left, right) else { return Ok(false) };
        let left = elements(left);
        Ok(elements(right).iter().all(|element| left.contains(element)))
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is not a text"),
    }
}
