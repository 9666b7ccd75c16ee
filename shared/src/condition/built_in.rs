//! The table of the built-in fields: for each entity its fields, with name and type.

use super::schema::{FieldType, SetOf};
use super::value::Thing;
use crate::settings::BasePresence;

/// The type of a built-in field, as the table below writes it.
#[derive(Debug, Clone, Copy)]
pub(super) enum BuiltIn {
    Text,
    Number,
    Boolean,
    Choice(&'static [&'static str]),
    Reference(Thing),
    References(Thing),
    Moment,
    Span,
    TimeOfDay,
}

impl BuiltIn {
    pub(super) fn field_type(self) -> FieldType {
        match self {
            Self::Text => FieldType::Text,
            Self::Number => FieldType::Number,
            Self::Boolean => FieldType::Boolean,
            Self::Choice(options) => FieldType::Choice(options.iter().map(|&option| option.into()).collect()),
            Self::Reference(thing) => FieldType::Reference(thing),
            Self::References(thing) => FieldType::Set(SetOf::References(thing)),
            Self::Moment => FieldType::Moment,
            Self::Span => FieldType::Span,
            Self::TimeOfDay => FieldType::TimeOfDay,
        }
    }
}

macro_rules! entity {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident = $path:literal: $kind:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$field_doc])* $field,)*
        }

        impl $name {
            /// Every field of it.
            pub const ALL: &'static [Self] = &[$(Self::$field,)*];

            /// The second part of its path.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$field => $path,)* }
            }

            pub(super) fn kind(self) -> BuiltIn {
                use BuiltIn::*;
                match self { $(Self::$field => $kind,)* }
            }

            pub(super) fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|field| field.name() == name)
            }
        }
    };
}

entity!(
    /// Fields of the work item.
    ConversationField {
        /// The channel.
        Channel = "channel": Choice(&["chat", "sms", "social", "voice", "record"]),
        /// Whether the customer waits for the answer (live chat, voice) or may come back to it (reference section 3).
        Mode = "mode": Choice(&["synchronous", "asynchronous"]),
        /// Its workstream.
        Workstream = "workstream": Reference(Thing::Workstream),
        /// The queue in which it waits or waited last.
        Queue = "queue": Reference(Thing::Queue),
        /// Its subject.
        Title = "title": Text,
        /// Its priority, as classification set it.
        Priority = "priority": Number,
        /// The skills that it requires.
        Skills = "skills": References(Thing::Skill),
        /// The capacity profiles that it takes a slot in.
        CapacityProfiles = "capacity_profiles": References(Thing::CapacityProfile),
        /// The units of capacity that it costs.
        Cost = "cost": Number,
        /// The presences that its workstream allows.
        AllowedPresences = "allowed_presences": References(Thing::Presence),
        /// The representatives whom its customer prefers.
        PreferredRepresentatives = "preferred_representatives": References(Thing::Representative),
        /// Who had it last.
        LastRepresentative = "last_representative": Reference(Thing::Representative),
        /// Whether the customer is signed in.
        Authenticated = "authenticated": Boolean,
        /// Whether a bot handed it over.
        Escalated = "escalated": Boolean,
        /// How often it was transferred.
        Transfers = "transfers": Number,
        /// When it began.
        Created = "created": Moment,
        /// How long ago it began.
        Age = "age": Span,
        /// How long it has waited in its queue.
        Waiting = "waiting": Span,
    }
);

entity!(
    /// Fields of the channel by which the work came (reference section 14.2, channel engagement context).
    ChannelField {
        /// Who carries it, such as `facebook`, `line`, `whatsapp` or the name of a custom channel.
        Provider = "provider": Text,
        /// The number, page or mailbox that the customer wrote to.
        Address = "address": Text,
        /// The origin of the site on which the chat began.
        Site = "site": Text,
        /// The address of the page on which the chat began.
        Page = "page": Text,
        /// The browser.
        Browser = "browser": Text,
        /// The operating system.
        System = "system": Text,
        /// The kind of device.
        Device = "device": Choice(&["desktop", "tablet", "phone"]),
        /// The country from which the customer writes, as two letters.
        Country = "country": Text,
    }
);

/// The entity of a customer's record: what every such record has, and what this one has besides.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident = $path:literal: $kind:expr,)* }) => {
        entity!(
            $(#[$doc])*
            $name {
                /// The name; of a person the full one.
                Name = "name": Text,
                /// The e-mail address.
                Email = "email": Text,
                /// The main phone; of a person the mobile one.
                Phone = "phone": Text,
                /// The city.
                City = "city": Text,
                /// The postal code.
                PostalCode = "postal_code": Text,
                /// The country.
                Country = "country": Text,
                $($(#[$field_doc])* $field = $path: $kind,)*
                /// When the record was made.
                Created = "created": Moment,
            }
        );
    };
}

record!(
    /// Fields of the contact record.
    ContactField {
        /// The language that the contact prefers.
        Language = "language": Text,
    }
);

record!(
    /// Fields of the account.
    AccountField {
        /// The line of business.
        Industry = "industry": Text,
    }
);

entity!(
    /// Fields of the case.
    CaseField {
        /// The ticket number.
        Number = "number": Text,
        /// The title.
        Title = "title": Text,
        /// Whether it is still worked on.
        Active = "active": Boolean,
        /// Its priority.
        Priority = "priority": Number,
        /// When it was opened.
        Created = "created": Moment,
        /// How long ago it was opened.
        Age = "age": Span,
    }
);

entity!(
    /// The clock. All but the moment are those of the wall in the time zone of the rule.
    TimeField {
        /// The moment.
        Now = "now": Moment,
        /// The time of day.
        OfDay = "of_day": TimeOfDay,
        /// The day of the week.
        Weekday = "weekday": Choice(&["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]),
        /// The day of the month, 1 to 31.
        Day = "day": Number,
        /// The month, 1 to 12.
        Month = "month": Number,
    }
);

entity!(
    /// Fields of a queue, for overflow (reference section 19).
    QueueField {
        /// Which.
        Id = "id": Reference(Thing::Queue),
        /// How many items wait.
        WaitingItems = "waiting_items": Number,
        /// How long the item that waits longest has waited; not set in an empty queue.
        LongestWait = "longest_wait": Span,
        /// How long the item will wait there, as far as one can tell: who asks for what few can do waits for these few.
        EstimatedWait = "estimated_wait": Span,
        /// How many of its members could be offered some work of its kind now: they have a presence that a workstream
        /// allows, or any where the queue's own rules ask for none, and room for what such work takes.
        AvailableRepresentatives = "available_representatives": Number,
        /// Its operating hours; not set if it is always open.
        Hours = "hours": Reference(Thing::OperatingHours),
    }
);

entity!(
    /// Fields of a representative, for assignment (reference section 16.5).
    RepresentativeField {
        /// Who.
        Id = "id": Reference(Thing::Representative),
        /// The name that colleagues see.
        Name = "name": Text,
        /// The presence that is shown.
        Presence = "presence": Reference(Thing::Presence),
        /// The base presence under it.
        BasePresence = "base_presence": Choice(BasePresence::NAMES),
        /// The queues of which they are a member.
        Queues = "queues": References(Thing::Queue),
        /// The skills that they have.
        Skills = "skills": References(Thing::Skill),
        /// Whether they have every skill that the item requires, rated at least as high.
        SkillsMatch = "skills_match": Boolean,
        /// Their units of capacity.
        Capacity = "capacity": Number,
        /// The units that are left; below zero after work was taken by hand.
        FreeCapacity = "free_capacity": Number,
        /// The capacity profiles in which they have a slot free.
        FreeProfiles = "free_profiles": References(Thing::CapacityProfile),
        /// How many items they have open.
        OpenItems = "open_items": Number,
        /// Their own calendar; not set if they have none.
        Hours = "hours": Reference(Thing::OperatingHours),
    }
);
