//! Bodies of requests and answers for what is not live.
//!
//! The routes for visitors are on the widget's host, those for the staff on the desk's; `docs/openapi.json` in the
//! gateway describes them, and a test holds it against the server.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::ErrorCode;
use super::live::Visibility;
use crate::authority::Role;
use crate::file::FileKind;
use crate::form::{Answer, Form};
use crate::id::{ConversationId, RepresentativeId, RequestId, VisitorId, WidgetId};
use crate::settings::{Corner, Origin, Settings, SettingsVersion};
use crate::time::Timestamp;

/// What the script tag needs to draw the launcher. `GET /v1/widgets/{id}/launcher`, JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LauncherView {
    /// The launcher's accessible name.
    pub title: String,
    /// The accent colour, `#rrggbb`.
    pub accent: String,
    /// Where it sits.
    pub corner: Corner,
    /// The sites of this widget: links to the others get a hand-over code.
    pub sites: Vec<Origin>,
    /// Whether it is closed now and drawn for nobody who has not talked here before.
    #[serde(default)]
    pub hidden: bool,
}

/// What the widget needs to draw itself. `GET /v1/widgets/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WidgetView {
    /// The heading.
    pub title: String,
    /// The line under the heading.
    pub subtitle: String,
    /// The accent colour, `#rrggbb`.
    pub accent: String,
    /// What is asked before a conversation begins.
    pub form: Form,
}

/// Asks for a visitor's session. `POST /v1/visitors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenVisitor {
    /// On which widget.
    pub widget: WidgetId,
    /// On which site: the origin of the page that shows the widget.
    pub site: Origin,
}

/// A visitor's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorSession {
    /// Sent in the Authorization header or in a socket's first frame, never in an address.
    pub token: String,
    /// Who it is for.
    pub visitor: VisitorId,
    /// The conversation that goes on, if there is one.
    pub conversation: Option<ConversationId>,
}

/// Asks to start a conversation, or for the one that is open already. `POST /v1/conversations`, with the visitor's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartConversation {
    /// Made once by the client for these answers; a repeat gets the first answer. The first message of the form stands in
    /// the log under the same id, also where a conversation goes on already, so that no repeat writes it twice.
    pub request: RequestId,
    /// The answers to the form.
    pub answers: Vec<Answer>,
    /// Context variables from the page, by their names: at most 100. Numbers and booleans are written as text, and read by
    /// the type with which the workstream declares them. They are what the page claims, and nobody has looked into that.
    #[serde(default)]
    pub context: Vec<Answer>,
    /// The address of the page, if it says it.
    #[serde(default)]
    pub page: Option<String>,
}

/// The visitor's conversation. Also the answer of `GET /v1/conversations/current`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentConversation {
    /// None if the visitor has none that is open.
    pub conversation: Option<ConversationId>,
}

/// Asks for a code that carries the conversation to another site. `POST /v1/handovers`, with the visitor's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHandover {
    /// The site to which the visitor goes.
    pub target: Origin,
}

/// A hand-over code: 128 random bits and the number of a shard, 60 seconds, one use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// For the fragment of the address, from which the tag on the other side takes it away at once.
    pub code: String,
}

/// Turns a code into a session on this site. `POST /v1/handovers/redeem`, answered by [`VisitorSession`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedeemHandover {
    /// The code.
    pub code: String,
    /// On which widget.
    pub widget: WidgetId,
    /// On which site the visitor has arrived.
    pub site: Origin,
    /// From which site they came, as their browser says. A code holds only on the way from the site for which it was
    /// made, so that nobody can be led into somebody else's conversation by a link on a third page.
    #[serde(default)]
    pub from: Option<Origin>,
}

/// Signs in. `POST /v1/staff/sign-in`; the session comes as a cookie, the answer is [`Me`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The account's name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Who has signed in. `GET /v1/staff/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Who.
    pub representative: RepresentativeId,
    /// The account's name.
    pub name: String,
    /// By which name colleagues know them.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
    /// The organisation's name; empty until it has one.
    #[serde(default)]
    pub organisation: String,
}

/// Sets the password of an account by its one-time link. `POST /v1/staff/setup`; signs in like [`SignIn`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// The secret of the link, from its fragment.
    pub secret: String,
    /// The password to be.
    pub password: String,
}

/// Makes an account. `POST /v1/staff/accounts`, for administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateAccount {
    /// The name to sign in with.
    pub name: String,
    /// By which name colleagues know them.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
}

/// An account that was made, with the link for its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedAccount {
    /// Who.
    pub representative: RepresentativeId,
    /// The secret of the one-time setup link, `/setup#{secret}` on the desk's host.
    pub setup_secret: String,
}

/// An account of the staff. `GET /v1/staff/accounts` answers with all, by name, for administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// Who.
    pub representative: RepresentativeId,
    /// The name to sign in with.
    pub name: String,
    /// By which name colleagues know them.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they have chosen a password.
    pub has_password: bool,
    /// Whether nobody can sign in with it, until it is enabled again.
    #[serde(default)]
    pub disabled: bool,
}

/// Changes an account. `PATCH /v1/staff/accounts/{id}`, for administrators; what is left out stays. Whoever is changed is signed
/// out everywhere at once. `POST /v1/staff/accounts/{id}/link` makes a new setup link, answered by [`CreatedAccount`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeAccount {
    /// What they may do from now on.
    pub role: Option<Role>,
    /// Whether nobody can sign in with it.
    pub disabled: Option<bool>,
}

/// The configuration. `GET /v1/settings`, and `PUT /v1/settings` with the version that was read, answered by
/// [`ChangedSettings`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsDocument {
    /// The version that this is, or that the change was made from.
    pub version: SettingsVersion,
    /// The configuration.
    pub settings: Settings,
}

/// The configuration after a change. The answer to `PUT /v1/settings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedSettings {
    /// The new version.
    pub version: SettingsVersion,
    /// The configuration.
    pub settings: Settings,
    /// What works, but hardly as it was meant.
    pub warnings: Vec<SettingsWarning>,
}

/// Something in a configuration that works, but hardly as it was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsWarning {
    /// The field, such as `workstreams[0].routes[2]`.
    pub path: String,
    /// What is so, in a sentence.
    pub message: String,
}

/// A line of the audit log. `GET /v1/audit` answers with the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// When.
    pub at: Timestamp,
    /// Who; none for the system.
    pub by: Option<RepresentativeId>,
    /// What was done, in a sentence.
    pub what: String,
}

/// Offers a file. `PUT /v1/conversations/{id}/files/{file}`, on either host; answered by [`FileStatus`]. A repeat with the same
/// content gets the state of now, so that an upload can be resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferFile {
    /// Its name; what is left of it after cleaning is shown.
    pub name: String,
    /// What its sender takes it for; empty if they do not know.
    pub media_type: String,
    /// How many bytes it has.
    pub bytes: u32,
    /// Who may see it.
    pub visibility: Visibility,
}

/// How far a file is. Also the answer of `GET` at the same address and of `PUT …/bytes/{offset}` with a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStatus {
    /// How many bytes are on disk: the next chunk begins there.
    pub received: u32,
    /// How many bytes a chunk has, the last excepted.
    pub chunk: u32,
    /// What becomes of it.
    pub stage: FileStage,
    /// Why it was refused, in a sentence, if it was.
    pub why: Option<String>,
}

/// Which files can be sent in a conversation now, by whoever asks. `GET /v1/conversations/{id}/files`, by the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesTaken {
    /// Whether any can.
    pub any: bool,
    /// Bytes of one file.
    pub max_bytes: u32,
    /// Of which kinds, by what their bytes are.
    pub kinds: Vec<FileKind>,
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStage {
    /// More of it is to come.
    Arriving,
    /// It is whole, and is looked at.
    Checking,
    /// It is in the log.
    Sent,
    /// It was refused and deleted.
    Refused {
        /// Why.
        code: ErrorCode,
    },
}

/// An address at which a file can be opened for five minutes. `POST /v1/conversations/{id}/files/{file}/link`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLink {
    /// The whole address, on the widget's host, where there are no cookies.
    pub address: String,
}
