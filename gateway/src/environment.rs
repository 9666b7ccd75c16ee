//! The deployment: its bindings and variables, and which object has what.
//!
//! Every object's name begins with the organisation, so that one deployment can hold many. [`ObjectName`] is the one
//! place that knows where a conversation or a visitor lives.

use core::fmt;

use shared::id::{ConversationId, Shard};
use shared::settings::Origin;
use shared::time::Span;
use worker::{Env, Stub};

use crate::fault::{Fault, Result};
use shared::protocol::Problem;

use crate::object::{Delivery, Shell, call, deliver as send_delivery};

/// What the deployment says about itself.
pub(crate) struct Deployment {
    /// The organisation that this deployment serves.
    pub(crate) organisation: String,
    /// The origin of the widget's frame and of the visitors' API.
    pub(crate) chat: Origin,
    /// The origin of the console and of the staff's API.
    pub(crate) desk: Origin,
    /// In which header the runtime, or a proxy that cannot be passed by, says from which address a request comes. None if
    /// there is no such header: then nobody's word is taken for it.
    pub(crate) address_header: Option<String>,
    /// In how many shards new visitors are born.
    pub(crate) shards: u16,
    /// How many files the process may open; none if nobody says so, and so where it does not matter.
    pub(crate) open_files: Option<usize>,
    /// How long a socket may be silent before whoever sits there counts as gone; none if it is as long as usual.
    pub(crate) silence_max: Option<Span>,
}

impl Deployment {
    /// Reads the deployment's variables.
    pub(crate) fn read(env: &Env) -> Result<Self> {
        // Read as it is: the typed accessor hangs on a variable that workerd was started without.
        let text = |name: &'static str| {
            let value = js_sys::Reflect::get(env, &name.into()).ok().and_then(|value| value.as_string());
            value.filter(|value| !value.is_empty()).ok_or(Fault::Deployment(name))
        };
        let origin = |name: &'static str| Origin::new(&text(name)?).map_err(|_| Fault::Deployment(name));
        let shards = text("CONVERSATION_SHARDS").ok().and_then(|count| count.parse().ok());
        Ok(Self {
            organisation: text("ORGANISATION")?,
            chat: origin("CHAT_ORIGIN")?,
            desk: origin("DESK_ORIGIN")?,
            address_header: text("CLIENT_ADDRESS_HEADER").ok(),
            open_files: text("OPEN_FILES").ok().and_then(|count| count.parse().ok()),
            silence_max: text("SILENCE_SECONDS").ok().and_then(|span| span.parse().ok()).map(Span::from_secs),
            shards: shards.filter(|count| (1..=Shard::MAX_COUNT).contains(count)).unwrap_or(1),
        })
    }
}

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectName {
    organisation: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Settings,
    Router,
    Conversations(Shard),
    Records,
}

impl ObjectName {
    pub(crate) fn settings(organisation: &str) -> Self {
        Self { organisation: organisation.to_owned(), kind: Kind::Settings }
    }

    pub(crate) fn router(organisation: &str) -> Self {
        Self { organisation: organisation.to_owned(), kind: Kind::Router }
    }

    pub(crate) fn records(organisation: &str) -> Self {
        Self { organisation: organisation.to_owned(), kind: Kind::Records }
    }

    pub(crate) fn conversation(organisation: &str, conversation: ConversationId) -> Self {
        Self::shard(organisation, conversation.shard())
    }

    pub(crate) fn shard(organisation: &str, shard: Shard) -> Self {
        Self { organisation: organisation.to_owned(), kind: Kind::Conversations(shard) }
    }

    /// Every shard of so many.
    pub(crate) fn shards(organisation: &str, count: u16) -> impl Iterator<Item = Self> {
        (0..count).filter_map(Shard::new).map(move |shard| Self::shard(organisation, shard))
    }

    /// The object that is called so within the organisation.
    pub(crate) fn of(organisation: &str, within: &str) -> Option<Self> {
        Self::parse(&format!("{organisation}/{within}"))
    }

    /// What it is called within the organisation.
    pub(crate) fn within(&self) -> String {
        let name = self.to_string();
        name.split_once('/').map_or_else(String::new, |(_, within)| within.to_owned())
    }

    /// The shard that it is, if it is one.
    pub(crate) fn as_shard(&self) -> Option<Shard> {
        match self.kind {
            Kind::Conversations(shard) => Some(shard),
            Kind::Settings | Kind::Router | Kind::Records => None,
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let (organisation, rest) = name.split_once('/')?;
        let kind = match rest.split_once('/') {
            Some(("conversations", shard)) => Kind::Conversations(Shard::new(shard.parse().ok()?)?),
            Some(_) => return None,
            None => match rest {
                "settings" => Kind::Settings,
                "router" => Kind::Router,
                "records" => Kind::Records,
                _ => return None,
            },
        };
        Some(Self { organisation: organisation.to_owned(), kind })
    }

    fn binding(&self) -> &'static str {
        match self.kind {
            Kind::Settings => "SETTINGS",
            Kind::Router => "ROUTER",
            Kind::Conversations(_) => "CONVERSATIONS",
            Kind::Records => "RECORDS",
        }
    }

    /// The object with this name.
    pub(crate) fn stub(&self, env: &Env) -> Result<Stub> {
        Ok(env.durable_object(self.binding())?.get_by_name(&self.to_string())?)
    }

    /// Asks the object something.
    pub(crate) async fn ask<S: Shell>(
        &self,
        env: &Env,
        request: &S::Request,
    ) -> core::result::Result<S::Answer, Problem> {
        call::<S>(&self.stub(env)?, request).await
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let organisation = &self.organisation;
        match self.kind {
            Kind::Settings => write!(f, "{organisation}/settings"),
            Kind::Router => write!(f, "{organisation}/router"),
            Kind::Conversations(shard) => write!(f, "{organisation}/conversations/{}", shard.number()),
            Kind::Records => write!(f, "{organisation}/records"),
        }
    }
}

/// Delivers effects to the object with this name.
pub(crate) async fn deliver(env: &Env, target: &str, delivery: &Delivery) -> Result<()> {
    let name = ObjectName::parse(target).ok_or(Fault::Stored("the name of an object"))?;
    send_delivery(&name.stub(env)?, delivery).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_an_object_is_called_it_is_one_of_this_organisation_or_none(
            within in prop_oneof!["conversations/[0-9+]{0,6}", "[a-z/]{0,20}", ".*"],
        ) {
            if let Some(name) = ObjectName::of("acme", &within) {
                prop_assert!(name.to_string().starts_with("acme/"));
                prop_assert_eq!(ObjectName::of("acme", &name.within()), Some(name));
            }
        }
    }

    #[test]
    fn a_conversation_lives_where_its_id_says() {
        let shard = Shard::new(77).unwrap();
        let id = ConversationId::born_in(shard, shared::time::Timestamp::from_millis(1), [1; 8]);
        assert_eq!(ObjectName::conversation("acme", id).to_string(), "acme/conversations/77");
    }

    #[test]
    fn every_name_can_be_read_back() {
        let names = [
            ObjectName::settings("acme"),
            ObjectName::router("acme"),
            ObjectName::records("acme"),
            ObjectName::shard("acme", Shard::FIRST),
        ];
        for name in names {
            assert_eq!(ObjectName::parse(&name.to_string()).as_ref(), Some(&name));
            assert_eq!(ObjectName::of("acme", &name.within()), Some(name));
        }
        for noise in ["", "acme", "acme/other", "acme/conversations/4096", "acme/router/1"] {
            assert_eq!(ObjectName::parse(noise), None, "{noise}");
        }
    }
}
