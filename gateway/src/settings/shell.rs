//! The shell around the tables of settings, accounts and audit.

use std::collections::{BTreeMap, BTreeSet};

use shared::id::{QueueId, RepresentativeId};
use shared::protocol::http::{ChangedSettings, SettingsDocument};
use shared::protocol::{ErrorCode, Problem};
use shared::routing::Command;
use shared::settings::{Settings, SettingsVersion, Widget};
use worker::Env;

use super::attempts::{self, Attempts};
use super::request::{FoundWidget, Knocker, NewAccount};
use super::{Answer, Request, accounts, audit, document, doubts, sessions, shards};
use crate::environment::{Deployment, ObjectName};
use crate::fault::Result;
use crate::object::{Shell, Sql, Turn};
use crate::password::Salt;
use crate::router::Told;
use crate::{clock, conversations, mint};

/// The shell.
pub(crate) struct SettingsShell {
    organisation: String,
    router: String,
    /// The configuration, which every visit of a page asks for.
    document: SettingsDocument,
    /// In how many shards conversations have ever been born.
    shards: u16,
    /// Attempts to sign in.
    attempts: Attempts,
}

impl SettingsShell {
    fn change(
        &mut self,
        turn: &mut Turn<'_, Self>,
        by: RepresentativeId,
        mut changed: SettingsDocument,
    ) -> core::result::Result<Answer, Problem> {
        if changed.version != self.document.version {
            return Err(ErrorCode::SettingsChanged.into());
        }
        if let (Some(scanner), Some(before)) =
            (&mut changed.settings.scanner, &self.document.settings.scanner)
        {
            scanner.keep_secret_of(before);
        }
        changed
            .settings
            .check()
            .map_err(|error| Problem::from(ErrorCode::SettingsRefused).saying(error.to_string()))?;
        let version = SettingsVersion(changed.version.0 + 1);
        let document = SettingsDocument { version, ..changed };
        document::store(turn.sql, &document)?;
        audit::note(turn.sql, turn.now, Some(by), format!("Changed the settings to version {}.", version.0))?;
        let configure = Command::Configure { version, settings: Box::new(document.settings.clone()) };
        turn.post(self.router.clone(), &Told::Command(configure))?;
        self.tell_others(turn, &document)?;
        let warnings = doubts::about(&document.settings, &accounts::all(turn.sql)?);
        self.document = document;
        let settings = self.document.settings.clone();
        Ok(Answer::Changed(Box::new(ChangedSettings { version, settings, warnings })))
    }

    /// Tells every shard if lists of sites are others now, so that sockets that were opened on a site that was taken off are
    /// closed; and the router if queues are assigned to other supervisors, so that whoever watches over what is in them asks
    /// for leave again: it tells the shards once it goes by the new settings itself.
    fn tell_others(
        &self,
        turn: &mut Turn<'_, Self>,
        changed: &SettingsDocument,
    ) -> core::result::Result<(), Problem> {
        let (before, after) = (&self.document.settings, &changed.settings);
        if supervision(before) != supervision(after) {
            turn.post(self.router.clone(), &Told::WatchersMoved { shards: self.shards })?;
        }
        let Some(moved) = conversations::Moved::between(before, after) else { return Ok(()) };
        let told = conversations::Told::SitesMoved(moved);
        for shard in ObjectName::shards(&self.organisation, self.shards) {
            turn.post(shard.to_string(), &told)?;
        }
        Ok(())
    }

    /// The name of the router.
    pub(super) fn router(&self) -> &str {
        &self.router
    }

    /// Whether somebody is a representative by the configuration.
    pub(super) fn is_representative(&self, who: RepresentativeId) -> bool {
        self.document.settings.representative(who).is_some()
    }

    /// Counts an attempt to sign in to an account, and gives the salt of its password.
    fn salt(
        &mut self,
        turn: &Turn<'_, Self>,
        name: &str,
        by: Knocker,
    ) -> core::result::Result<Answer, Problem> {
        let owner = accounts::find(turn.sql, name)?;
        let known = match (owner, by.device) {
            (Some(owner), Some(device)) => attempts::is_known(turn.sql, turn.now, owner, &device)?,
            _ => false,
        };
        match by.device.filter(|_| known) {
            Some(device) => self.attempts.known(turn.now, device)?,
            None => self.attempts.stranger(turn.now, Some(name), by.address)?,
        }
        // An answer of the same form for a name that does not exist, always the same one.
        let salt = accounts::with_password(turn.sql, name)?.map(|account| account.salt);
        Ok(Answer::Salt(salt.unwrap_or_else(|| Salt::of_nobody(name))))
    }

    /// Counts an attempt to set a password, and says whether the link for it holds.
    fn link(
        &mut self,
        turn: &Turn<'_, Self>,
        link: &[u8; 32],
        by: Knocker,
    ) -> core::result::Result<Answer, Problem> {
        if accounts::owner_of_link(turn.sql, turn.now, link)?.is_some() {
            return Ok(Answer::Done);
        }
        // Whoever has a link need not share the strangers' allowance; nobody guesses one.
        self.attempts.stranger(turn.now, None, by.address)?;
        Err(ErrorCode::SetupRefused.into())
    }

    /// Tells everybody who let a session in that it is over.
    pub(super) fn tell_ended(
        &self,
        turn: &mut Turn<'_, Self>,
        ended: Option<sessions::Ended>,
    ) -> core::result::Result<(), Problem> {
        let Some(sessions::Ended { representative, session, doors, was_last }) = ended else { return Ok(()) };
        for door in doors {
            turn.post(door, &conversations::Told::SessionEnded(session))?;
        }
        turn.post(self.router.clone(), &Told::SessionEnded { representative, session, was_last })
    }

    fn set_up(
        &self,
        turn: &mut Turn<'_, Self>,
        link: &[u8; 32],
        salt: Salt,
        password: &[u8; 32],
        pass: Pass,
    ) -> core::result::Result<Answer, Problem> {
        let owner =
            accounts::set_up(turn.sql, turn.now, link, salt, password)?.ok_or(ErrorCode::SetupRefused)?;
        for ended in sessions::end_all(turn.sql, owner)? {
            self.tell_ended(turn, Some(ended))?;
        }
        attempts::forget(turn.sql, owner)?;
        audit::note(turn.sql, turn.now, Some(owner), "Set a password by a setup link.".to_owned())?;
        self.begin(turn, owner, pass)
    }

    fn sign_in(
        &self,
        turn: &Turn<'_, Self>,
        name: &str,
        password: &[u8; 32],
        pass: Pass,
    ) -> core::result::Result<Answer, Problem> {
        let account = accounts::with_password(turn.sql, name)?.ok_or(ErrorCode::WrongPassword)?;
        // Keys are compared by their hashes, whose bytes nobody can choose: the time taken tells nothing.
        if mint::hash(&account.password) != mint::hash(password) {
            return Err(ErrorCode::WrongPassword.into());
        }
        self.begin(turn, account.representative, pass)
    }

    fn begin(
        &self,
        turn: &Turn<'_, Self>,
        owner: RepresentativeId,
        pass: Pass,
    ) -> core::result::Result<Answer, Problem> {
        sessions::begin(turn.sql, turn.now, owner, &pass.session)?;
        attempts::remember(turn.sql, turn.now, owner, &pass.device)?;
        self.who(turn, &pass.session)
    }

    fn who(&self, turn: &Turn<'_, Self>, session: &[u8; 32]) -> core::result::Result<Answer, Problem> {
        let (name, staff) = sessions::who(turn.sql, turn.now, session)?.ok_or(ErrorCode::NotSignedIn)?;
        let organisation = self.document.settings.organisation.clone();
        Ok(Answer::Staff { name, staff, organisation })
    }

    fn admit(
        &self,
        turn: &Turn<'_, Self>,
        session: &[u8; 32],
        object: &str,
    ) -> core::result::Result<Answer, Problem> {
        let answer = self.who(turn, session)?;
        sessions::note_door(turn.sql, session, object)?;
        Ok(answer)
    }
}

/// Which queues are assigned to which supervisors.
fn supervision(settings: &Settings) -> BTreeMap<QueueId, BTreeSet<RepresentativeId>> {
    let assigned = settings.queues.iter().filter(|queue| !queue.supervisors.is_empty());
    assigned.map(|queue| (queue.id, queue.supervisors.iter().copied().collect())).collect()
}

/// What a browser gets when it has signed in: hashes of the secrets.
struct Pass {
    session: [u8; 32],
    device: [u8; 32],
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
    if accounts::administrator_is_set_up(sql, None)? {
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
        sessions::create(sql)?;
        attempts::create(sql)?;
        audit::create(sql)?;
        let deployment = Deployment::read(env)?;
        print_setup_link(sql, deployment.desk.as_str())?;
        Ok(Self {
            router: ObjectName::router(&deployment.organisation).to_string(),
            organisation: deployment.organisation,
            document: document::load(sql)?,
            shards: shards::note(sql, deployment.shards)?,
            attempts: Attempts::new(clock::now()),
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
                let settings = &self.document.settings;
                let found = settings.widget(id).map(|widget| {
                    let open = settings.are_open(widget.hours, turn.now);
                    let widget = Widget { files: settings.files_of(widget), ..widget.clone() };
                    Box::new(FoundWidget { widget, open })
                });
                Ok(Answer::Widget(found))
            }
            Request::Scanner => Ok(Answer::Scanner(self.document.settings.scanner.clone())),
            Request::Document => Ok(Answer::Document(Box::new(self.document.clone()))),
            Request::Change { by, document } => self.change(turn, by, *document),
            Request::Shards => Ok(Answer::Shards(self.shards)),
            Request::Salt { name, by } => self.salt(turn, &name, by),
            Request::Link { link, by } => self.link(turn, &link, by),
            Request::SignIn { name, password, session, device } => {
                self.sign_in(turn, &name, &password, Pass { session, device })
            }
            Request::SetUp { link, salt, password, session, device } => {
                self.set_up(turn, &link, salt, &password, Pass { session, device })
            }
            Request::SignOut { session } => {
                let ended = sessions::end(turn.sql, &session)?;
                self.tell_ended(turn, ended).map(|()| Answer::Done)
            }
            Request::Who { session } => self.who(turn, &session),
            Request::Renew { session } => {
                sessions::renew(turn.sql, turn.now, &session)?;
                self.who(turn, &session)
            }
            Request::Admit { session, object } => self.admit(turn, &session, &object),
            Request::CreateAccount { by, account } => {
                create_account(turn, by, &account).map(|()| Answer::Done)
            }
            Request::ChangeAccount { by, owner, change } => self.change_account(turn, by, owner, &change),
            Request::AddLink { by, owner, link } => Self::add_link(turn, by, owner, &link),
            Request::Accounts => Ok(Answer::Accounts(accounts::all(turn.sql)?)),
            Request::Audit => Ok(Answer::Audit(audit::newest(turn.sql)?)),
        }
    }
}
