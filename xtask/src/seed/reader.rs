//! Reads the types of the settings from a file in which things are called by their names.
//!
//! The types themselves say what a text means: an id is read under the name of its type (`QueueId`), so that a queue's name can
//! stand wherever a type wants a queue. A new field or a new kind of thing needs nothing here. The one limit: a type that
//! serde reads by guessing (untagged, internally tagged or flattened) sees ids only.
//!
//! Beyond that the reader is stricter than JSON, as a file that people write deserves: an unknown field is a fault, and every
//! fault has its path. And a length of time can be written as `90 s`.

use serde::de::value::{StringDeserializer, U64Deserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer as _,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use super::fault::Fault;
use super::names::Names;

/// Reads a value. Faults of names are kept by `names`.
pub(super) fn read<T: DeserializeOwned>(value: &Value, names: &Names) -> Result<T, Fault> {
    T::deserialize(Reader { node: Node::Value(value), path: String::new(), names, defines: None })
}

/// The name that a thing bears: what its id is found by.
fn own_name(thing: &Map<String, Value>) -> Option<&str> {
    ["name", "full_name"].into_iter().find_map(|field| thing.get(field)?.as_str()).map(str::trim)
}

#[derive(Debug, Clone, Copy)]
enum Node<'file> {
    Value(&'file Value),
    /// The name of a field.
    Key(&'file str),
    /// An id that was left out.
    Absent,
}

/// The id of a thing itself, which has this name, and not a reference to another.
#[derive(Debug, Clone, Copy)]
struct Defines<'file>(Option<&'file str>);

#[derive(Debug)]
struct Reader<'file> {
    node: Node<'file>,
    path: String,
    names: &'file Names,
    defines: Option<Defines<'file>>,
}

impl<'file> Reader<'file> {
    fn text(&self) -> Option<&'file str> {
        match self.node {
            Node::Value(value) => value.as_str(),
            Node::Key(key) => Some(key),
            Node::Absent => None,
        }
    }

    /// Notes for the tests which of the fields or possibilities of a type are here.
    #[cfg_attr(not(test), expect(unused_variables, clippy::unused_self, reason = "only tests look at it"))]
    fn meet(&self, of: &'static str, all: &'static [&'static str], is_here: impl Fn(&str) -> bool) {
        #[cfg(test)]
        for what in all {
            self.names.meet(of, what, is_here(what));
        }
    }

    fn unexpected(&self) -> Unexpected<'file> {
        match self.node {
            Node::Absent | Node::Value(Value::Null) => Unexpected::Unit,
            Node::Value(Value::Bool(value)) => Unexpected::Bool(*value),
            Node::Value(Value::Number(number)) => {
                number.as_i64().map_or(Unexpected::Other("number"), Unexpected::Signed)
            }
            Node::Value(Value::String(text)) => Unexpected::Str(text),
            Node::Value(Value::Array(_)) => Unexpected::Seq,
            Node::Value(Value::Object(_)) => Unexpected::Map,
            Node::Key(key) => Unexpected::Str(key),
        }
    }

    /// The text of an id of this kind, if something stands here that can be one.
    fn id(&self, kind: &'static str) -> Option<String> {
        match (self.defines, self.text()) {
            (Some(Defines(name)), text) if text.is_some() || matches!(self.node, Node::Absent) => {
                Some(self.names.define(kind, name, text, &self.path))
            }
            (None, Some(text)) => Some(self.names.refer(kind, text, &self.path)),
            _ => None,
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let read = match self.node {
            Node::Absent => Err(Fault::custom("This is missing.")),
            Node::Key(key) => visitor.visit_str(key),
            Node::Value(Value::Null) => visitor.visit_unit(),
            Node::Value(Value::Bool(value)) => visitor.visit_bool(*value),
            Node::Value(Value::Number(number)) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, Some(number)) => visitor.visit_f64(number),
                _ => Err(Fault::custom("This number is too large.")),
            },
            Node::Value(Value::String(text)) => visitor.visit_str(text),
            Node::Value(Value::Array(items)) => visitor.visit_seq(Items { list: items, next: 0, of: &self }),
            Node::Value(Value::Object(fields)) => {
                let fields = fields.iter().map(|(key, value)| (key.as_str(), Node::Value(value))).collect();
                visitor.visit_map(Fields::new(fields, None, &self))
            }
        };
        read.map_err(|fault| fault.at(&self.path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if matches!(self.node, Node::Value(Value::Null)) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let path = self.path.clone();
        let read = if name == "Span"
            && let Some(text) = self.text()
        {
            match millis(text) {
                Some(millis) => visitor.visit_newtype_struct(U64Deserializer::new(millis)),
                None => Err(Fault::custom("Write a length of time as 500 ms, 90 s, 3 min, 12 h or 2 d.")),
            }
        } else if name.ends_with("Id")
            && let Some(id) = self.id(name)
        {
            visitor.visit_newtype_struct(StringDeserializer::new(id))
        } else {
            visitor.visit_newtype_struct(self)
        };
        read.map_err(|fault| fault.at(&path))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Node::Value(Value::Object(thing)) = self.node else {
            return Err(Fault::invalid_type(self.unexpected(), &visitor).at(&self.path));
        };
        self.meet(name, fields, |field| thing.contains_key(field));
        let mut known = Vec::with_capacity(fields.len());
        if fields.contains(&"id") && !thing.contains_key("id") {
            known.push(("id", Node::Absent));
        }
        for (key, value) in thing {
            if fields.contains(&key.as_str()) {
                known.push((key, Node::Value(value)));
            } else {
                let message = format!("There is no such field here. There are: {}.", fields.join(", "));
                self.names.fault(Fault::new(below(&self.path, key), message));
            }
        }
        let defines = Defines(own_name(thing));
        visitor.visit_map(Fields::new(known, Some(defines), &self)).map_err(|fault| fault.at(&self.path))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let thing = if let Node::Value(Value::Object(thing)) = self.node { Some(thing) } else { None };
        self.meet(name, variants, |variant| {
            self.text() == Some(variant) || thing.is_some_and(|thing| thing.contains_key(variant))
        });
        let read = match self.node {
            Node::Key(text) => visitor.visit_enum(text.into_deserializer()),
            Node::Value(Value::String(text)) => visitor.visit_enum(text.as_str().into_deserializer()),
            Node::Value(Value::Object(thing)) if thing.len() == 1 => {
                visitor.visit_enum(Variant { thing, of: &self })
            }
            _ => Err(Fault::custom(format_args!("Write one of: {}.", variants.join(", ")))),
        };
        read.map_err(|fault| fault.at(&self.path))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The milliseconds of `90 s` or `90s`.
fn millis(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let factor = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// The items of a list.
struct Items<'reader, 'file> {
    list: &'file [Value],
    next: usize,
    of: &'reader Reader<'file>,
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.list.get(self.next) else { return Ok(None) };
        let path = format!("{}[{}]", self.of.path, self.next);
        self.next += 1;
        let reader =
            Reader { node: Node::Value(item), path: path.clone(), names: self.of.names, defines: None };
        seed.deserialize(reader).map(Some).map_err(|fault| fault.at(&path))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len() - self.next)
    }
}

/// The fields of a thing.
struct Fields<'reader, 'file> {
    left: std::vec::IntoIter<(&'file str, Node<'file>)>,
    value: Option<(&'file str, Node<'file>)>,
    /// What the field `id` is the id of.
    defines: Option<Defines<'file>>,
    of: &'reader Reader<'file>,
}

impl<'reader, 'file> Fields<'reader, 'file> {
    fn new(
        fields: Vec<(&'file str, Node<'file>)>,
        defines: Option<Defines<'file>>,
        of: &'reader Reader<'file>,
    ) -> Self {
        Self { left: fields.into_iter(), value: None, defines, of }
    }
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.value = self.left.next();
        let Some((key, _)) = self.value else { return Ok(None) };
        let path = below(&self.of.path, key);
        let reader = Reader { node: Node::Key(key), path: path.clone(), names: self.of.names, defines: None };
        seed.deserialize(reader).map(Some).map_err(|fault| fault.at(&path))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (key, node) = self.value.take().ok_or_else(|| Fault::custom("a value without a key"))?;
        let path = below(&self.of.path, key);
        let defines = self.defines.filter(|_| key == "id");
        let reader = Reader { node, path: path.clone(), names: self.of.names, defines };
        seed.deserialize(reader).map_err(|fault| fault.at(&path))
    }
}

/// One of several possibilities, with what belongs to it: `{ blocks_for = "60 s" }`.
struct Variant<'reader, 'file> {
    thing: &'file Map<String, Value>,
    of: &'reader Reader<'file>,
}

impl<'de, 'file> EnumAccess<'de> for Variant<'_, 'file> {
    type Error = Fault;
    type Variant = Reader<'file>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Reader<'file>), Fault> {
        let (key, value) = self.thing.iter().next().ok_or_else(|| Fault::custom("This is empty."))?;
        let path = below(&self.of.path, key);
        let names = self.of.names;
        let variant =
            seed.deserialize(Reader { node: Node::Key(key), path: path.clone(), names, defines: None })?;
        Ok((variant, Reader { node: Node::Value(value), path, names, defines: None }))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Err(Fault::new(self.path, "This has nothing below it. Write its name alone."))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        let path = self.path.clone();
        seed.deserialize(self).map_err(|fault| fault.at(&path))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_struct("", fields, visitor)
    }
}
