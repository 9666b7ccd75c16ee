//! What the settings object is asked, and what it answers. Whoever asks has checked the role of the person behind it.

use serde::{Deserialize, Serialize};
use shared::authority::Role;
use shared::id::{RepresentativeId, WidgetId};
use shared::protocol::http::{AccountView, AuditLine, ChangeAccount, ChangedSettings, SettingsDocument};
use shared::settings::{Scanner, Widget};

use crate::object::Staff;
use crate::password::Salt;

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Whether the object answers at all.
    Health,
    /// The widget with this id; the files that it takes are those that its workstream takes as well. Answered by
    /// [`Answer::Widget`].
    Widget(WidgetId),
    /// The configuration. Answered by [`Answer::Document`].
    Document,
    /// Changes the configuration. Answered by [`Answer::Changed`].
    Change { by: RepresentativeId, document: Box<SettingsDocument> },
    /// In how many shards conversations have ever been born. Answered by [`Answer::Shards`].
    Shards,
    /// The salt of an account's password; one that means nothing if there is no such account. Counts as an attempt to
    /// sign in. Answered by [`Answer::Salt`].
    Salt { name: String, by: Knocker },
    /// Whether a setup link holds. Counts as an attempt to sign in.
    Link { link: [u8; 32], by: Knocker },
    /// Begins a session for whoever knows the password. Answered by [`Answer::Staff`].
    SignIn { name: String, password: [u8; 32], session: [u8; 32], device: [u8; 32] },
    /// Sets the password of an account by its setup link, and begins a session. Answered by [`Answer::Staff`].
    SetUp { link: [u8; 32], salt: Salt, password: [u8; 32], session: [u8; 32], device: [u8; 32] },
    /// Ends a session.
    SignOut { session: [u8; 32] },
    /// Who has this session. Answered by [`Answer::Staff`].
    Who { session: [u8; 32] },
    /// The same for the console itself, whose session lasts from now on as long as a new one.
    Renew { session: [u8; 32] },
    /// The same, for a session that opens a socket in the object with this name. Answered by [`Answer::Staff`].
    Admit { session: [u8; 32], object: String },
    /// Makes an account with a setup link.
    CreateAccount { by: RepresentativeId, account: NewAccount },
    /// Changes an account.
    ChangeAccount { by: RepresentativeId, owner: RepresentativeId, change: ChangeAccount },
    /// Keeps the hash of a further setup link of an account.
    AddLink { by: RepresentativeId, owner: RepresentativeId, link: [u8; 32] },
    /// All accounts. Answered by [`Answer::Accounts`].
    Accounts,
    /// The newest lines of the audit log. Answered by [`Answer::Audit`].
    Audit,
    /// What looks at files. Answered by [`Answer::Scanner`].
    Scanner,
}

/// Who tries a password.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Knocker {
    /// From where, if that is known.
    pub(crate) address: Option<String>,
    /// The hash of the secret by which their browser is known, if it is.
    pub(crate) device: Option<[u8; 32]>,
}

/// An account to be made.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewAccount {
    pub(crate) representative: RepresentativeId,
    pub(crate) name: String,
    pub(crate) full_name: String,
    pub(crate) role: Role,
    /// The hash of the setup link's secret.
    pub(crate) link: [u8; 32],
}

/// A widget, and whether conversations can begin there now.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FoundWidget {
    pub(crate) widget: Widget,
    pub(crate) open: bool,
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Done,
    Widget(Option<Box<FoundWidget>>),
    Document(Box<SettingsDocument>),
    Changed(Box<ChangedSettings>),
    Shards(u16),
    Salt(Salt),
    /// Somebody of the staff, with the names of their account and of the organisation.
    Staff {
        name: String,
        staff: Staff,
        organisation: String,
    },
    Accounts(Vec<AccountView>),
    Audit(Vec<AuditLine>),
    Scanner(Option<Scanner>),
}
