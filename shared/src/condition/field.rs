//! The fields that a condition can look at, each with the path by which people write it.
//!
//! A path is an entity and a name: `conversation.channel`, `contact.city`. Only the locale, `locale`, has no entity.
//! What is built in is an enum for each entity, so that whoever provides the facts matches on it and the compiler finds
//! what was forgotten. Besides, there are the context variables (`context.topic`; any name, reference section 11), the
//! attributes that an organisation declares on its records (`contact.tier`), and two families of a representative's
//! attributes with the id of a skill or capacity profile as their last part.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::built_in::{
    AccountField, BuiltIn, CaseField, ChannelField, ContactField, ConversationField, QueueField,
    RepresentativeField, TimeField,
};
use super::schema::FieldType;
use super::value::{Reference, Thing};
use crate::text::longer_than;

/// Characters of the name of a context variable or declared attribute (reference section 11).
pub const NAME_CHARS_MAX: usize = 100;

/// A path that names no field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a field; write one such as context.topic, conversation.channel or contact.city")]
pub struct InvalidField;

/// The name of a context variable or of a declared attribute: 1 to 100 characters without white space at its ends.
/// Names are told apart to the letter (reference section 11).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// The name, if it can be one.
    pub fn new(text: &str) -> Result<Self, InvalidField> {
        let whole = !text.is_empty() && text.trim() == text && !text.contains(char::is_control);
        if whole && !longer_than(text, NAME_CHARS_MAX) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidField)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidField;
    fn try_from(text: String) -> Result<Self, InvalidField> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

// A map of variables by name can be asked with a plain text, without making a name first.
impl core::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// A context variable: `context.<name>`.
    Context(Name),
    /// The work item: `conversation.…`.
    Conversation(ConversationField),
    /// The channel by which it came: `channel.…`.
    Channel(ChannelField),
    /// The customer's contact record: `contact.…`.
    Contact(ContactField),
    /// The customer's account: `account.…`.
    Account(AccountField),
    /// The linked case: `case.…`.
    Case(CaseField),
    /// The customer's language and region, such as `de-CH`: `locale`.
    Locale,
    /// The clock, in the time zone of the rule: `time.…`.
    Time(TimeField),
    /// The queue that is looked at: `queue.…`.
    Queue(QueueField),
    /// The representative who is looked at: `representative.…`.
    Representative(RepresentativeField),
    /// A representative's rating in the skill with this id, on the common scale, not set if they have not got it:
    /// `representative.rating.<id>`.
    Rating([u8; 16]),
    /// How many slots a representative has free in the capacity profile with this id, not set if they have not got it:
    /// `representative.free_slots.<id>`.
    FreeSlots([u8; 16]),
    /// An attribute that the organisation declared: `contact.<name>`, `account.<name>`, `case.<name>` or
    /// `representative.<name>`.
    Attribute(Attribute),
    /// A path that names nothing. It comes only from a document that people wrote, so that the check can point at it; no
    /// condition with such a field is ever evaluated.
    Unknown(UnknownPath),
}

/// A declared attribute; never one with the name of a built-in field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute {
    owner: Owner,
    name: Name,
}

impl Attribute {
    /// Whose it is.
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// Its name.
    pub const fn name(&self) -> &Name {
        &self.name
    }
}

/// The text of a path that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownPath(String);

/// What can have declared attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A contact.
    Contact,
    /// An account.
    Account,
    /// A case.
    Case,
    /// A representative.
    Representative,
}

impl Owner {
    /// Every owner.
    pub const ALL: [Self; 4] = [Self::Contact, Self::Account, Self::Case, Self::Representative];

    const fn entity(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Account => "account",
            Self::Case => "case",
            Self::Representative => "representative",
        }
    }
}

impl Field {
    /// Every built-in field.
    pub fn built_in() -> impl Iterator<Item = Self> {
        fn all<T: Copy + 'static>(fields: &'static [T], wrap: fn(T) -> Field) -> impl Iterator<Item = Field> {
            fields.iter().copied().map(wrap)
        }
        all(ConversationField::ALL, Self::Conversation)
            .chain(all(ChannelField::ALL, Self::Channel))
            .chain(all(ContactField::ALL, Self::Contact))
            .chain(all(AccountField::ALL, Self::Account))
            .chain(all(CaseField::ALL, Self::Case))
            .chain([Self::Locale])
            .chain(all(TimeField::ALL, Self::Time))
            .chain(all(QueueField::ALL, Self::Queue))
            .chain(all(RepresentativeField::ALL, Self::Representative))
    }

    /// The context variable with this name.
    pub fn context(name: &str) -> Result<Self, InvalidField> {
        Name::new(name).map(Self::Context)
    }

    /// The declared attribute of representatives with this name; none if a built-in field has the name.
    pub(crate) fn attribute_of_representative(name: &Name) -> Option<Self> {
        Self::of_representative(name.as_str()).ok().filter(|field| matches!(field, Self::Attribute(_)))
    }

    /// The type that is built in; none if the organisation declares it.
    pub(super) fn built_in_type(&self) -> Option<FieldType> {
        let kind = match self {
            Self::Context(_) | Self::Attribute(_) | Self::Unknown(_) => return None,
            Self::Conversation(field) => field.kind(),
            Self::Channel(field) => field.kind(),
            Self::Contact(field) => field.kind(),
            Self::Account(field) => field.kind(),
            Self::Case(field) => field.kind(),
            Self::Locale => BuiltIn::Text,
            Self::Time(field) => field.kind(),
            Self::Queue(field) => field.kind(),
            Self::Representative(field) => field.kind(),
            Self::Rating(_) | Self::FreeSlots(_) => BuiltIn::Number,
        };
        Some(kind.field_type())
    }

    /// Whether it is about a representative, so that it has no value before one is looked at.
    pub const fn is_of_representative(&self) -> bool {
        match self {
            Self::Representative(_) | Self::Rating(_) | Self::FreeSlots(_) => true,
            Self::Attribute(attribute) => matches!(attribute.owner, Owner::Representative),
            _ => false,
        }
    }

    /// Whether it stands in a record of the customer: a contact, an account or a case.
    pub const fn is_of_record(&self) -> bool {
        match self {
            Self::Contact(_) | Self::Account(_) | Self::Case(_) => true,
            Self::Attribute(attribute) => !matches!(attribute.owner, Owner::Representative),
            _ => false,
        }
    }

    /// Whether nothing sets it so far: what it is about comes with channels, bots and signed-in customers.
    pub const fn has_no_source(&self) -> bool {
        matches!(
            self,
            Self::Conversation(
                ConversationField::Authenticated
                    | ConversationField::Escalated
                    | ConversationField::PreferredRepresentatives
            ) | Self::Channel(ChannelField::Provider | ChannelField::Address)
        )
    }

    /// Whether its value changes by time passing alone.
    pub const fn follows_the_clock(&self) -> bool {
        matches!(
            self,
            Self::Time(_)
                | Self::Conversation(ConversationField::Age | ConversationField::Waiting)
                | Self::Case(CaseField::Age)
                | Self::Queue(QueueField::LongestWait)
        )
    }

    /// The thing whose id stands in the path, if one does.
    pub(super) const fn names_thing(&self) -> Option<Reference> {
        match self {
            Self::Rating(id) => Some(Reference { thing: Thing::Skill, id: *id }),
            Self::FreeSlots(id) => Some(Reference { thing: Thing::CapacityProfile, id: *id }),
            _ => None,
        }
    }

    /// The built-in fields whose path begins like this one's, as a list to choose from.
    pub(super) fn siblings(&self) -> String {
        let path = self.to_string();
        let entity = path.split('.').next().unwrap_or_default();
        let mut list = String::new();
        for sibling in Self::built_in().map(|field| field.to_string()) {
            if sibling.split('.').next() == Some(entity) {
                list.push_str(if list.is_empty() { "" } else { ", " });
                list.push_str(&sibling);
            }
        }
        list
    }

    fn of_owner(owner: Owner, name: &str, built_in: Option<Self>) -> Result<Self, InvalidField> {
        built_in.map_or_else(|| Name::new(name).map(|name| Self::Attribute(Attribute { owner, name })), Ok)
    }

    fn of_representative(name: &str) -> Result<Self, InvalidField> {
        let id =
            |text: &str| uuid::Uuid::try_parse(text).map(uuid::Uuid::into_bytes).map_err(|_| InvalidField);
        if let Some(skill) = name.strip_prefix("rating.") {
            return id(skill).map(Self::Rating);
        }
        if let Some(profile) = name.strip_prefix("free_slots.") {
            return id(profile).map(Self::FreeSlots);
        }
        let built_in = RepresentativeField::named(name).map(Self::Representative);
        Self::of_owner(Owner::Representative, name, built_in)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = |id: &[u8; 16]| uuid::Uuid::from_bytes(*id);
        match self {
            Self::Context(name) => write!(f, "context.{}", name.0),
            Self::Conversation(field) => write!(f, "conversation.{}", field.name()),
            Self::Channel(field) => write!(f, "channel.{}", field.name()),
            Self::Contact(field) => write!(f, "contact.{}", field.name()),
            Self::Account(field) => write!(f, "account.{}", field.name()),
            Self::Case(field) => write!(f, "case.{}", field.name()),
            Self::Locale => f.write_str("locale"),
            Self::Time(field) => write!(f, "time.{}", field.name()),
            Self::Queue(field) => write!(f, "queue.{}", field.name()),
            Self::Representative(field) => write!(f, "representative.{}", field.name()),
            Self::Rating(skill) => write!(f, "representative.rating.{}", id(skill)),
            Self::FreeSlots(profile) => write!(f, "representative.free_slots.{}", id(profile)),
            Self::Attribute(Attribute { owner, name }) => write!(f, "{}.{}", owner.entity(), name.0),
            Self::Unknown(UnknownPath(path)) => f.write_str(path),
        }
    }
}

impl core::str::FromStr for Field {
    type Err = InvalidField;
    fn from_str(path: &str) -> Result<Self, InvalidField> {
        if path == "locale" {
            return Ok(Self::Locale);
        }
        let (entity, name) = path.split_once('.').ok_or(InvalidField)?;
        match entity {
            "context" => Self::context(name),
            "conversation" => ConversationField::named(name).map(Self::Conversation).ok_or(InvalidField),
            "channel" => ChannelField::named(name).map(Self::Channel).ok_or(InvalidField),
            "time" => TimeField::named(name).map(Self::Time).ok_or(InvalidField),
            "queue" => QueueField::named(name).map(Self::Queue).ok_or(InvalidField),
            "contact" => Self::of_owner(Owner::Contact, name, ContactField::named(name).map(Self::Contact)),
            "account" => Self::of_owner(Owner::Account, name, AccountField::named(name).map(Self::Account)),
            "case" => Self::of_owner(Owner::Case, name, CaseField::named(name).map(Self::Case)),
            "representative" => Self::of_representative(name),
            _ => Err(InvalidField),
        }
    }
}

// A field is its path, in every coding: paths are what is promised to stay.
impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = String::deserialize(deserializer)?;
        // What names nothing is kept, so that the check can say where it stands.
        Ok(path.parse().unwrap_or(Self::Unknown(UnknownPath(path))))
    }
}
