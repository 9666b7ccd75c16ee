//! The shell around the tables of settings, accounts and audit.

use shared::id::RepresentativeId;
use shared::limit::{PASSWORD_RATE, SIGN_IN_RATE};
use shared::protocol::http::SettingsDocument;
use shared::protocol::{ErrorCode, Problem};
use shared::rate::{Buckets, TokenBucket};
use shared::routing::Command;
use shared::settings::SettingsVersion;
use worker::Env;

use super::request::NewAccount;
use super::{Answer, Request, accounts, audit, document};
use crate::environment::{Deployment, ObjectName};
use crate::fault::Result;
use crate::object::{Shell, Sql, Turn};
use crate::password::Salt;
use crate::router::Told;
use crate::{clock, mint};

/// The shell.
pub(crate) struct SettingsShell {
    router: String,
    /// The configuration, which every visit of a page asks for.
    document: SettingsDocument,
    /// Attempts to sign in, by name. In memory: a restart forgives.
    attempts: Buckets<String>,
    /// Passwords tried lately, by everybody together.
    passwords: TokenBucket,
}

impl SettingsShell {
    fn change(
        &mut self,
        turn: &mut Turn<'_, Self>,
        by: RepresentativeId,
        changed: SettingsDocument,
    ) -> core::result::Result<Answer, Problem> {
        if changed.version != self.document.version {
            return Err(ErrorCode::SettingsChanged.into());
        }
        changed
            .settings
            .check()
            .map_err(|error| Problem::from(ErrorCode::SettingsRefused).saying(error.to_string()))?;
        let version = SettingsVersion(changed.version.0 + 1);
        let document = SettingsDocument { version, ..changed };
        document::store(turn.sql, &document)?;
        audit::note(turn.sql, turn.now, Some(by), format!("Changed the settings to version {}.", version.0))?;
        let configure = Command::Configure { version, settings: document.settings.clone() };
        turn.post(self.router.clone(), &Told::Command(configure))?;
        self.document = document;
        Ok(Answer::Document(Box::new(self.document.clone())))
    }

    fn sign_out(&self, turn: &mut Turn<'_, Self>, session: [u8; 32]) -> core::result::Result<(), Problem> {
        if let Some((representative, was_last)) = accounts::end_session(turn.sql, &session)? {
            turn.post(self.router.clone(), &Told::SessionEnded { representative, session, was_last })?;
        }
        Ok(())
    }
}

fn sign_in(
    turn: &Turn<'_, SettingsShell>,
    name: &str,
    password: &[u8; 32],
    session: &[u8; 32],
) -> core::result::Result<Answer, Problem> {
    let account = accounts::with_password(turn.sql, name)?.ok_or(ErrorCode::WrongPassword)?;
    // Keys are compared by their hashes, whose bytes nobody can choose: the time taken tells nothing.
    if mint::hash(&account.password) != mint::hash(password) {
        return Err(ErrorCode::WrongPassword.into());
    }
    accounts::begin_session(turn.sql, turn.now, account.representative, session)?;
    who(turn, session)
}

fn who(turn: &Turn<'_, SettingsShell>, session: &[u8; 32]) -> core::result::Result<Answer, Problem> {
    let (name, staff) = accounts::who(turn.sql, turn.now, session)?.ok_or(ErrorCode::NotSignedIn)?;
    Ok(Answer::Staff { name, staff })
}

fn set_up(
    turn: &Turn<'_, SettingsShell>,
    link: &[u8; 32],
    salt: Salt,
    password: &[u8; 32],
    session: &[u8; 32],
) -> core::result::Result<Answer, Problem> {
    let owner = accounts::set_up(turn.sql, turn.now, link, salt, password)?.ok_or(ErrorCode::SetupRefused)?;
    accounts::begin_session(turn.sql, turn.now, owner, session)?;
    audit::note(turn.sql, turn.now, Some(owner), "Set a password by a setup link.".to_owned())?;
    who(turn, session)
}

fn create_account(
    turn: &Turn<'_, SettingsShell>,
    by: RepresentativeId,
    account: &NewAccount,
) -> core::result::Result<(), Problem> {
    if !accounts::add(turn.sql, turn.now, account)? {
        return Err(ErrorCode::NameTaken.into());
    }
    let what = format!("Made the account {} ({}).", account.name, account.full_name);
    Ok(audit::note(turn.sql, turn.now, Some(by), what)?)
}

/// As long as no administrator can sign in, every start prints a link by which the first one sets a password.
fn print_setup_link(sql: &Sql, desk: &str) -> Result<()> {
    if accounts::administrator_is_set_up(sql)? {
        return Ok(());
    }
    let now = clock::now();
    let secret: [u8; mint::SECRET_BYTES] = mint::random();
    let link = mint::hash(&secret);
    if let Some(owner) = accounts::find(sql, accounts::FIRST_ADMINISTRATOR)? {
        accounts::add_link(sql, now, owner, &link)?;
    } else {
        let account = NewAccount {
            representative: mint::representative(),
            name: accounts::FIRST_ADMINISTRATOR.to_owned(),
            full_name: "Administrator".to_owned(),
            role: shared::authority::Role::Administrator,
            link,
        };
        accounts::add(sql, now, &account)?;
    }
    worker::console_log!("First administrator: {desk}/setup#{}", mint::write(&secret));
    Ok(())
}

impl Shell for SettingsShell {
    type Request = Request;
    type Answer = Answer;
    type Step = ();
    type Effect = ();
    type Seat = ();

    fn load(sql: &Sql, env: &Env) -> Result<Self> {
        document::create(sql)?;
        accounts::create(sql)?;
        audit::create(sql)?;
        let deployment = Deployment::read(env)?;
        print_setup_link(sql, deployment.desk.as_str())?;
        Ok(Self {
            router: ObjectName::router(&deployment.organisation).to_string(),
            document: document::load(sql)?,
            attempts: Buckets::new(SIGN_IN_RATE),
            passwords: TokenBucket::full(PASSWORD_RATE, clock::now()),
        })
    }

    fn serve(
        &mut self,
        turn: &mut Turn<'_, Self>,
        request: Request,
    ) -> core::result::Result<Answer, Problem> {
        match request {
            Request::Health => Ok(Answer::Done),
            Request::Widget(id) => {
                Ok(Answer::Widget(self.document.settings.widget(id).cloned().map(Box::new)))
            }
            Request::Document => Ok(Answer::Document(Box::new(self.document.clone()))),
            Request::Change { by, document } => self.change(turn, by, *document),
            Request::Salt { name } => {
                // Counted before the work of a key is done, not after.
                self.passwords.take(turn.now).map_err(Problem::wait)?;
                self.attempts.take(turn.now, name.to_lowercase()).map_err(Problem::wait)?;
                // An answer of the same form for a name that does not exist, always the same one.
                let salt = accounts::with_password(turn.sql, &name)?.map(|account| account.salt);
                Ok(Answer::Salt(salt.unwrap_or_else(|| Salt::of_nobody(&name))))
            }
            Request::SignIn { name, password, session } => sign_in(turn, &name, &password, &session),
            Request::SetUp { link, salt, password, session } => {
                set_up(turn, &link, salt, &password, &session)
            }
            Request::SignOut { session } => self.sign_out(turn, session).map(|()| Answer::Done),
            Request::Who { session } => who(turn, &session),
            Request::CreateAccount { by, account } => {
                create_account(turn, by, &account).map(|()| Answer::Done)
            }
            Request::Audit => Ok(Answer::Audit(audit::newest(turn.sql)?)),
        }
    }
}
