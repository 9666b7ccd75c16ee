//! A house with enough representatives for a thousand conversations: each conversation of the benchmark is between a customer
//! and the representative who took it.

use anyhow::{Context as _, Result};
use integration::{Console, House, answers};
use shared::authority::Role;
use shared::protocol::desk::DeskCommand;
use shared::protocol::http::CreateAccount;
use shared::settings::{Representative, Units};
use shared::text::Line as Text;
use xtask::demo::{ADMINISTRATOR, PASSWORD, QUEUE_ORDERS};
use xtask::desk::Desk;

use crate::line::{Line, TEXT};

/// Conversations of one representative: as many sessions as the settings allow somebody.
const EACH: usize = 100;
/// Representatives.
const PEOPLE: usize = 16;

/// A house, and who sits at its desks. Whoever has no place left stays, and the next one sits down.
pub(crate) struct Staff {
    house: House,
    /// Those who have not sat down yet, signed in.
    to_come: Vec<Desk>,
    seated: Vec<Console>,
    /// How many more conversations the one who sat down last can take.
    free: usize,
}

impl Staff {
    /// A house with so many shards whose representatives have signed in.
    pub(crate) async fn open(shards: u16) -> Result<Self> {
        let house = House::open_with(|options| options.shards = shards).await?;
        let mut desk = Desk::new(house.ports())?;
        anyhow::ensure!(
            desk.sign_in(ADMINISTRATOR.name, ADMINISTRATOR.password).await?,
            "the administrator signs in"
        );
        let mut to_come = Vec::new();
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            let (name, full_name) = (format!("load{number}"), format!("Load {number}"));
            let account = CreateAccount { name, full_name: full_name.clone(), role: Role::Representative };
            let created = desk.create(&account).await?;
            let mut theirs = desk.stranger();
            theirs.set_up(&created.setup_secret, PASSWORD).await?;
            to_come.push(theirs);
            let name = Text::new(&full_name).map_err(|error| anyhow::anyhow!("{error:?}"))?;
            people.push(Representative::new(created.representative, name.clone(), name, Units(100)));
        }
        house
            .change_settings(|settings| {
                settings.desk.most_sessions = 100;
                for workstream in &mut settings.workstreams {
                    workstream.cost = Units(1);
                }
                let orders = settings.queues.iter_mut().filter(|queue| queue.id == QUEUE_ORDERS);
                orders.for_each(|queue| queue.members = people.iter().map(|person| person.id).collect());
                settings.representatives.extend(people);
            })
            .await?;
        Ok(Self { house, to_come, seated: Vec::new(), free: 0 })
    }

    /// The house.
    pub(crate) fn house(&self) -> &House {
        &self.house
    }

    /// The sockets of customer and representative in each of so many new conversations.
    pub(crate) async fn conversations(&mut self, count: usize) -> Result<Vec<Line>> {
        let mut lines = Vec::with_capacity(count * 2);
        for _ in 0..count {
            if self.free == 0 {
                let desk = self.to_come.pop().context("the benchmark has too few representatives")?;
                self.seated.push(Console::sit_down(self.house.ports(), desk).await?);
                self.free = EACH;
            }
            let representative = self.seated.last_mut().context("somebody sits there")?;
            let visitor = self.house.visitor().await?;
            let conversation = visitor.start(answers("Ada", "order", TEXT)).await?;
            let offer = representative.offered(conversation).await?.offer;
            representative.command(DeskCommand::Accept { offer }).await?;
            lines.push(Line::Throughline(visitor.connect(conversation, None).await?.socket));
            lines.push(Line::Throughline(representative.open(conversation, None).await?.socket));
            self.free -= 1;
        }
        Ok(lines)
    }
}
