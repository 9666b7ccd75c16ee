//! Which types are read from the bodies of requests.
//!
//! They stand in one list, so that none can be forgotten: the gateway reads nothing else as a body, and the fuzz targets
//! take from the same list what they attack.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::http::{
    ChangeAccount, CreateAccount, OfferFile, OpenVisitor, RedeemHandover, RequestHandover, SetUp,
    SettingsDocument, SignIn, StartConversation,
};
use super::insight::Trial;
use super::mail::LetterChoice;

/// Something that is read from the body of a request.
pub trait Body: Serialize + DeserializeOwned + PartialEq {}

/// Something to do with every type of body.
pub trait EveryBody {
    /// Does it with this one.
    fn body<T: Body>(&mut self);
}

macro_rules! bodies {
    ($($body:ty),+ $(,)?) => {
        $(impl Body for $body {})+

        /// Does something with every type of body.
        pub fn every_body(visit: &mut impl EveryBody) {
            $(visit.body::<$body>();)+
        }
    };
}

bodies![
    OpenVisitor,
    StartConversation,
    RequestHandover,
    RedeemHandover,
    SignIn,
    SetUp,
    CreateAccount,
    ChangeAccount,
    SettingsDocument,
    OfferFile,
    Trial,
    LetterChoice,
];
