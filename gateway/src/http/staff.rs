//! What the staff ask for: signing in and out, accounts, settings, records.
//!
//! A session is a random token in a cookie that scripts cannot read and other sites cannot send.

use shared::authority::{Action, permits};
use shared::id::QueueId;
use shared::limit::{PASSWORD_CHARS, STAFF_SESSION_LIFETIME};
use shared::protocol::desk::{WorkItemView, WorkState};
use shared::protocol::http::{CreateAccount, CreatedAccount, Me, SetUp, SettingsDocument, SignIn};
use shared::protocol::{ErrorCode, Problem};
use shared::settings::Settings;
use shared::text::Line;
use shared::time::{Span, Timestamp};
use worker::Response;

use super::{Answered, Visit, body};
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::object::Staff;
use crate::password::{self, Salt};
use crate::records::{self, ClosedConversation, RecordsShell};
use crate::settings::{Answer, NewAccount, Request};
use crate::{clock, mint};

/// The cookie of a session.
const COOKIE: &str = "throughline_session";

/// How far back the list of closed conversations reaches.
const CLOSED_SINCE: Span = Span::from_secs(24 * 3600);

/// Begins a session for whoever knows the password.
pub(super) async fn sign_in(mut visit: Visit) -> Answered {
    let asked: SignIn = body::read(&mut visit.request).await?;
    // Longer than any name or password can be: not worth the work of a key.
    if Line::new(&asked.name).is_err() || asked.password.chars().count() > *PASSWORD_CHARS.end() {
        return Err(ErrorCode::WrongPassword.into());
    }
    let Answer::Salt(salt) = visit.settings(&Request::Salt { name: asked.name.clone() }).await? else {
        return Err(Fault::Answer.into());
    };
    let password = password::key(&asked.password, salt).await?;
    let token: [u8; mint::SECRET_BYTES] = mint::random();
    let request = Request::SignIn { name: asked.name, password, session: mint::hash(&token) };
    begin(&visit, &request, &token).await
}

/// Sets a password by a setup link, and begins a session.
pub(super) async fn set_up(mut visit: Visit) -> Answered {
    let asked: SetUp = body::read(&mut visit.request).await?;
    if !PASSWORD_CHARS.contains(&asked.password.chars().count()) {
        return Err(ErrorCode::PasswordRefused.into());
    }
    let link = mint::read::<{ mint::SECRET_BYTES }>(&asked.secret).ok_or(ErrorCode::SetupRefused)?;
    let salt = Salt::mint();
    let password = password::key(&asked.password, salt).await?;
    let token: [u8; mint::SECRET_BYTES] = mint::random();
    let request = Request::SetUp { link: mint::hash(&link), salt, password, session: mint::hash(&token) };
    begin(&visit, &request, &token).await
}

async fn begin(visit: &Visit, request: &Request, token: &[u8]) -> Answered {
    let me = me_of(visit.settings(request).await?)?;
    let mut response = body::answer(body::wanted(&visit.request), &me)?;
    set_cookie(visit, &mut response, &mint::write(token), STAFF_SESSION_LIFETIME)?;
    Ok(response)
}

/// Ends the session.
pub(super) async fn sign_out(visit: &Visit) -> Answered {
    if let Some(token) = token(visit) {
        visit.settings(&Request::SignOut { session: mint::hash(&token) }).await?;
    }
    let mut response = body::answer(body::wanted(&visit.request), &())?;
    set_cookie(visit, &mut response, "", Span::ZERO)?;
    Ok(response)
}

/// Who has signed in.
pub(super) async fn me(visit: &Visit) -> Answered {
    let me = me_of(who(visit).await?)?;
    body::answer(body::wanted(&visit.request), &me)
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

/// The configuration.
pub(super) async fn settings(visit: &Visit) -> Answered {
    visit.permitted(Action::ReadSettings).await?;
    body::answer(body::wanted(&visit.request), &document(visit).await?)
}

/// Changes the configuration.
pub(super) async fn change_settings(mut visit: Visit) -> Answered {
    let staff = visit.permitted(Action::ChangeSettings).await?;
    let document: SettingsDocument = body::read(&mut visit.request).await?;
    let request = Request::Change { by: staff.representative, document: Box::new(document) };
    match visit.settings(&request).await? {
        Answer::Document(document) => body::answer(body::wanted(&visit.request), &document),
        _ => Err(Fault::Answer.into()),
    }
}

/// The audit log.
pub(super) async fn audit(visit: &Visit) -> Answered {
    visit.permitted(Action::ReadAudit).await?;
    match visit.settings(&Request::Audit).await? {
        Answer::Audit(lines) => body::answer(body::wanted(&visit.request), &lines),
        _ => Err(Fault::Answer.into()),
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

async fn who(visit: &Visit) -> Result<Answer, Problem> {
    let token = token(visit).ok_or(ErrorCode::NotSignedIn)?;
    visit.settings(&Request::Who { session: mint::hash(&token) }).await
}

fn me_of(answer: Answer) -> Result<Me, Problem> {
    match answer {
        Answer::Staff { name, staff } => Ok(Me {
            representative: staff.representative,
            name,
            full_name: staff.full_name,
            role: staff.role,
        }),
        _ => Err(Fault::Answer.into()),
    }
}

async fn document(visit: &Visit) -> Result<SettingsDocument, Problem> {
    match visit.settings(&Request::Document).await? {
        Answer::Document(document) => Ok(*document),
        _ => Err(Fault::Answer.into()),
    }
}

fn token(visit: &Visit) -> Option<[u8; mint::SECRET_BYTES]> {
    let header = visit.request.headers().get("cookie").ok().flatten()?;
    let mut pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).and_then(|(_, value)| mint::read(value))
}

fn set_cookie(visit: &Visit, response: &mut Response, value: &str, lifetime: Span) -> Result<(), Problem> {
    // On plain http, which only a machine's own browser uses, a secure cookie would never come back.
    let secure = if visit.deployment.desk.as_str().starts_with("https://") { "; Secure" } else { "" };
    let seconds = lifetime.as_millis() / 1000;
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    Ok(response.headers_mut().set("set-cookie", &cookie).map_err(Fault::from)?)
}

impl Visit {
    /// Who makes this request, if their role permits the action.
    async fn permitted(&self, action: Action) -> Result<Staff, Problem> {
        let staff = authenticate(self).await?;
        require(&staff, action)?;
        Ok(staff)
    }
}
