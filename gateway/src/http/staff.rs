//! What the staff ask for: signing in and out, accounts, settings, records.
//!
//! A session is a random token in a cookie that scripts cannot read and other sites cannot send.

use shared::authority::{Action, permits};
use shared::id::{QueueId, RepresentativeId};
use shared::limit::{DEVICE_LIFETIME, PASSWORD_CHARS, SETTINGS_BYTES_MAX, STAFF_SESSION_LIFETIME};
use shared::protocol::desk::{Part, WorkItemView, WorkState};
use shared::protocol::http::{
    ChangeAccount, CreateAccount, CreatedAccount, Me, SetUp, SettingsDocument, SignIn,
};
use shared::protocol::{ErrorCode, Problem};
use shared::settings::Settings;
use shared::text::Line;
use shared::time::{Span, Timestamp};
use worker::Response;

use super::{Answered, Visit, address, body, insight};
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::object::Staff;
use crate::password::{self, Salt};
use crate::records::{self, ClosedConversation, RecordsShell};
use crate::settings::{Answer, Knocker, NewAccount, Request, left_behind};
use crate::{clock, mint};

/// The cookie of a session.
const SESSION: &str = "throughline_session";

/// The cookie by which a browser is known that has signed in before. It opens nothing: see `settings::attempts`.
const DEVICE: &str = "throughline_device";

/// How far back the list of closed conversations reaches.
const CLOSED_SINCE: Span = Span::from_secs(24 * 3600);

/// Begins a session for whoever knows the password.
pub(super) async fn sign_in(mut visit: Visit) -> Answered {
    let asked: SignIn = body::read(&mut visit.request).await?;
    // Longer than any name or password can be: not worth the work of a key.
    if Line::new(&asked.name).is_err() || asked.password.chars().count() > *PASSWORD_CHARS.end() {
        return Err(ErrorCode::WrongPassword.into());
    }
    let by = knocker(&visit);
    let Answer::Salt(salt) = visit.settings(&Request::Salt { name: asked.name.clone(), by }).await? else {
        return Err(Fault::Answer.into());
    };
    let password = password::key(&asked.password, salt).await?;
    let pass = Pass::mint(&visit);
    let (session, device) = pass.hashes();
    begin(&visit, &Request::SignIn { name: asked.name, password, session, device }, &pass).await
}

/// Sets a password by a setup link, and begins a session.
pub(super) async fn set_up(mut visit: Visit) -> Answered {
    let asked: SetUp = body::read(&mut visit.request).await?;
    if !PASSWORD_CHARS.contains(&asked.password.chars().count()) {
        return Err(ErrorCode::PasswordRefused.into());
    }
    let link = mint::read::<{ mint::SECRET_BYTES }>(&asked.secret).ok_or(ErrorCode::SetupRefused)?;
    // The work of a key is only done for a link that holds.
    visit.settings(&Request::Link { link: mint::hash(&link), by: knocker(&visit) }).await?;
    let salt = Salt::mint();
    let password = password::key(&asked.password, salt).await?;
    let pass = Pass::mint(&visit);
    let (session, device) = pass.hashes();
    let request = Request::SetUp { link: mint::hash(&link), salt, password, session, device };
    begin(&visit, &request, &pass).await
}

/// What a browser gets when it signs in.
struct Pass {
    session: [u8; mint::SECRET_BYTES],
    /// The one that it has, if it has one.
    device: [u8; mint::SECRET_BYTES],
}

impl Pass {
    fn mint(visit: &Visit) -> Self {
        Self { session: mint::random(), device: cookie(visit, DEVICE).unwrap_or_else(mint::random) }
    }

    fn hashes(&self) -> ([u8; 32], [u8; 32]) {
        (mint::hash(&self.session), mint::hash(&self.device))
    }
}

fn knocker(visit: &Visit) -> Knocker {
    let device = cookie(visit, DEVICE).map(|secret| mint::hash(&secret));
    Knocker { address: address::of(visit), device }
}

async fn begin(visit: &Visit, request: &Request, pass: &Pass) -> Answered {
    let me = me_of(visit.settings(request).await?)?;
    let mut response = body::answer(body::wanted(&visit.request), &me)?;
    set_cookie(visit, &mut response, SESSION, &mint::write(&pass.session), STAFF_SESSION_LIFETIME)?;
    set_cookie(visit, &mut response, DEVICE, &mint::write(&pass.device), DEVICE_LIFETIME)?;
    Ok(response)
}

/// Ends the session.
pub(super) async fn sign_out(visit: &Visit) -> Answered {
    if let Some(token) = cookie(visit, SESSION) {
        visit.settings(&Request::SignOut { session: mint::hash(&token) }).await?;
    }
    let mut response = body::answer(body::wanted(&visit.request), &())?;
    set_cookie(visit, &mut response, SESSION, "", Span::ZERO)?;
    Ok(response)
}

/// Who has signed in. Their session, and the cookie that carries it, last from now on as long as new ones: consoles ask
/// again while somebody works there.
pub(super) async fn me(visit: &Visit) -> Answered {
    let token = cookie(visit, SESSION).ok_or(ErrorCode::NotSignedIn)?;
    let me = me_of(visit.settings(&Request::Renew { session: mint::hash(&token) }).await?)?;
    let mut response = body::answer(body::wanted(&visit.request), &me)?;
    set_cookie(visit, &mut response, SESSION, &mint::write(&token), STAFF_SESSION_LIFETIME)?;
    Ok(response)
}

/// Makes an account with a setup link.
pub(super) async fn create_account(mut visit: Visit) -> Answered {
    let staff = visit.permitted(Action::ManageAccounts).await?;
    let asked: CreateAccount = body::read(&mut visit.request).await?;
    let line = |text: &str| {
        Line::new(text)
            .map_err(|error| Problem::from(ErrorCode::Malformed).saying(format!("A name: {error}.")))
    };
    let secret: [u8; mint::SECRET_BYTES] = mint::random();
    let representative = mint::representative();
    let account = NewAccount {
        representative,
        name: line(&asked.name)?.into(),
        full_name: line(&asked.full_name)?.into(),
        role: asked.role,
        link: mint::hash(&secret),
    };
    visit.settings(&Request::CreateAccount { by: staff.representative, account }).await?;
    let created = CreatedAccount { representative, setup_secret: mint::write(&secret) };
    body::answer(body::wanted(&visit.request), &created)
}

/// Changes an account.
pub(super) async fn change_account(mut visit: Visit, account: &str) -> Answered {
    let staff = visit.permitted(Action::ManageAccounts).await?;
    let owner = read_account(account)?;
    let change: ChangeAccount = body::read(&mut visit.request).await?;
    visit.settings(&Request::ChangeAccount { by: staff.representative, owner, change }).await?;
    body::answer(body::wanted(&visit.request), &())
}

/// Makes a further setup link for an account.
pub(super) async fn add_link(visit: &Visit, account: &str) -> Answered {
    let staff = visit.permitted(Action::ManageAccounts).await?;
    let representative = read_account(account)?;
    let secret: [u8; mint::SECRET_BYTES] = mint::random();
    let (by, link) = (staff.representative, mint::hash(&secret));
    visit.settings(&Request::AddLink { by, owner: representative, link }).await?;
    let created = CreatedAccount { representative, setup_secret: mint::write(&secret) };
    body::answer(body::wanted(&visit.request), &created)
}

fn read_account(account: &str) -> Result<RepresentativeId, Problem> {
    account.parse().map_err(|_| ErrorCode::NotFound.into())
}

/// All accounts.
pub(super) async fn accounts(visit: &Visit) -> Answered {
    visit.permitted(Action::ManageAccounts).await?;
    match visit.settings(&Request::Accounts).await? {
        Answer::Accounts(accounts) => body::answer(body::wanted(&visit.request), &accounts),
        _ => Err(Fault::Answer.into()),
    }
}

/// The configuration; secrets only for those who may change it.
pub(super) async fn settings(visit: &Visit) -> Answered {
    let staff = visit.permitted(Action::ReadSettings).await?;
    let mut document = document(visit).await?;
    if let Some(scanner) = &mut document.settings.scanner
        && !permits(staff.role, Action::ChangeSettings)
    {
        scanner.secret = None;
    }
    body::answer(body::wanted(&visit.request), &document)
}

/// Changes the configuration.
pub(super) async fn change_settings(mut visit: Visit) -> Answered {
    let staff = visit.permitted(Action::ChangeSettings).await?;
    let read = body::read_within::<SettingsDocument>(&mut visit.request, SETTINGS_BYTES_MAX).await;
    let document = read.map_err(too_large)?;
    // Asked before the change, so that what goes with it still counts. Doubts refuse nothing: a router that does not answer
    // leaves them out.
    let live = insight::live(&visit).await;
    let request = Request::Change { by: staff.representative, document: Box::new(document) };
    match visit.settings(&request).await? {
        Answer::Changed(mut changed) => {
            changed.warnings.extend(live.iter().flat_map(|live| left_behind(&changed.settings, live)));
            body::answer(body::wanted(&visit.request), &*changed)
        }
        _ => Err(Fault::Answer.into()),
    }
}

/// Says of settings that are too large how large they may be.
pub(super) fn too_large(problem: Problem) -> Problem {
    match problem.code {
        ErrorCode::FrameTooLarge => problem.saying("The settings are larger than 1 MB. Make them smaller."),
        _ => problem,
    }
}

/// The conversations that the asking representative had and that were closed within a day.
pub(super) async fn closed_conversations(visit: &Visit) -> Answered {
    let staff = visit.permitted(Action::HandleWork).await?;
    let since = Timestamp::from_millis(clock::now().as_millis().saturating_sub(CLOSED_SINCE.as_millis()));
    let request = records::Request::Closed { representative: staff.representative, since };
    let records = ObjectName::records(&visit.deployment.organisation);
    let records::Answer::Closed(closed) = records.ask::<RecordsShell>(&visit.env, &request).await? else {
        return Err(Fault::Answer.into());
    };
    let settings = document(visit).await?.settings;
    let items: Vec<WorkItemView> = closed.into_iter().map(|item| work_item(&settings, item)).collect();
    body::answer(body::wanted(&visit.request), &items)
}

fn work_item(settings: &Settings, item: ClosedConversation) -> WorkItemView {
    let queue = item.queue.and_then(|queue| settings.queue(queue));
    WorkItemView {
        conversation: item.conversation,
        state: WorkState::Closed,
        mine: true,
        customer: item.customer,
        topic: item.topic,
        queue: item.queue.unwrap_or(QueueId::from_u128(0)),
        // A queue that was deleted since has no name any more.
        queue_name: queue.map(|queue| queue.name.clone().into()).unwrap_or_default(),
        created: item.created,
        changed: item.closed,
        part: Some(Part::Primary),
        people: Vec::new(),
        searching: None,
        transfers: item.transfers,
        can_wait: false,
    }
}

/// Who of the staff makes this request.
pub(super) async fn authenticate(visit: &Visit) -> Result<Staff, Problem> {
    match who(visit).await? {
        Answer::Staff { staff, .. } => Ok(staff),
        _ => Err(Fault::Answer.into()),
    }
}

/// Refuses what the role does not permit.
pub(super) fn require(staff: &Staff, action: Action) -> Result<(), Problem> {
    if permits(staff.role, action) { Ok(()) } else { Err(ErrorCode::NotPermitted.into()) }
}

/// The same, for whoever opens a socket in this object.
pub(super) async fn admit(visit: &Visit, object: &ObjectName) -> Result<Staff, Problem> {
    let token = cookie(visit, SESSION).ok_or(ErrorCode::NotSignedIn)?;
    let request = Request::Admit { session: mint::hash(&token), object: object.to_string() };
    match visit.settings(&request).await? {
        Answer::Staff { staff, .. } => Ok(staff),
        _ => Err(Fault::Answer.into()),
    }
}

async fn who(visit: &Visit) -> Result<Answer, Problem> {
    let token = cookie(visit, SESSION).ok_or(ErrorCode::NotSignedIn)?;
    visit.settings(&Request::Who { session: mint::hash(&token) }).await
}

fn me_of(answer: Answer) -> Result<Me, Problem> {
    match answer {
        Answer::Staff { name, staff, organisation } => Ok(Me {
            representative: staff.representative,
            name,
            full_name: staff.full_name,
            role: staff.role,
            organisation,
        }),
        _ => Err(Fault::Answer.into()),
    }
}

pub(super) async fn document(visit: &Visit) -> Result<SettingsDocument, Problem> {
    match visit.settings(&Request::Document).await? {
        Answer::Document(document) => Ok(*document),
        _ => Err(Fault::Answer.into()),
    }
}

/// The secret in one of our cookies.
fn cookie(visit: &Visit, name: &str) -> Option<[u8; mint::SECRET_BYTES]> {
    let name = full_name(visit, name);
    secret_in(&visit.request.headers().get("cookie").ok().flatten()?, &name)
}

/// The secret in the first cookie of this name that a header has.
fn secret_in(header: &str, name: &str) -> Option<[u8; mint::SECRET_BYTES]> {
    let mut pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).and_then(|(_, value)| mint::read(value))
}

fn set_cookie(
    visit: &Visit,
    response: &mut Response,
    name: &str,
    value: &str,
    lifetime: Span,
) -> Result<(), Problem> {
    let secure = if is_secure(visit) { "; Secure" } else { "" };
    let (name, seconds) = (full_name(visit, name), lifetime.as_millis() / 1000);
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    Ok(response.headers_mut().append("set-cookie", &cookie).map_err(Fault::from)?)
}

/// A cookie's name: with the prefix by which browsers refuse one that a neighbouring host has set.
fn full_name(visit: &Visit, name: &str) -> String {
    if is_secure(visit) { format!("__Host-{name}") } else { name.to_owned() }
}

/// On plain http, which only a machine's own browser uses, a secure cookie would never come back.
fn is_secure(visit: &Visit) -> bool {
    visit.deployment.desk.as_str().starts_with("https://")
}

impl Visit {
    /// Who makes this request, if their role permits the action.
    pub(super) async fn permitted(&self, action: Action) -> Result<Staff, Problem> {
        let staff = authenticate(self).await?;
        require(&staff, action)?;
        Ok(staff)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cookie_is_found_among_whatever_else_a_browser_sends(
            before in "([a-z_]{1,9}=[^;\r\n]{0,9}; ?){0,3}",
            after in "(;[^\r\n]{0,9}){0,3}",
            secret: [u8; mint::SECRET_BYTES],
        ) {
            let header = format!("{before}{SESSION}={}{after}", mint::write(&secret));
            prop_assert_eq!(secret_in(&header, SESSION), Some(secret));
            prop_assert_eq!(secret_in(&header, DEVICE), None);
        }

        #[test]
        fn no_header_is_taken_for_a_secret_that_does_not_stand_there(
            header in prop_oneof![".*", "(throughline_session=[A-Za-z0-9_=-]{0,99};? ?){0,3}"],
        ) {
            if let Some(secret) = secret_in(&header, SESSION) {
                let cookie = format!("{SESSION}={}", mint::write(&secret));
                prop_assert!(header.contains(&cookie));
            }
        }
    }
}
