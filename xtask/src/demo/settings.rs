//! The configuration of the demonstration: a shop with a help centre, and three queues.

use anyhow::Result;
use shared::id::{QueueId, WidgetId};
use shared::settings::Settings;

use crate::seed::Organisation;
use crate::server::Ports;

/// The widget of both sites. Their pages carry it in the script tag.
pub const WIDGET: WidgetId = WidgetId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0001);
/// Questions about orders.
pub const QUEUE_ORDERS: QueueId = QueueId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0011);
/// Returns and repairs.
pub const QUEUE_RETURNS: QueueId = QueueId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0012);
/// Everything else.
pub const QUEUE_HELP: QueueId = QueueId::from_u128(0x5ca1_ab1e_0000_4000_8000_0000_0000_0013);

/// The demonstration on these ports, as a file describes it.
pub fn organisation(ports: Ports) -> Result<Organisation> {
    let text = include_str!("organisation.toml");
    let text = text.replace("{shop}", &ports.shop()).replace("{help}", &ports.help());
    Organisation::parse("demo/organisation.toml", text)
}

/// The configuration on these ports, for accounts that are still to be made.
pub fn settings(ports: Ports) -> Result<Settings> {
    organisation(ports)?.check()
}

#[cfg(test)]
mod tests {
    use super::super::ACCOUNTS;
    use super::*;

    #[test]
    fn the_configuration_of_the_demonstration_holds_together() {
        let settings = settings(Ports::DEFAULT).unwrap();
        let queues: Vec<_> = settings.queues.iter().map(|queue| queue.id).collect();
        assert_eq!(queues, [QUEUE_ORDERS, QUEUE_RETURNS, QUEUE_HELP]);
        let names: Vec<_> = settings.representatives.iter().map(|person| person.full_name.as_str()).collect();
        let accounts: Vec<_> = ACCOUNTS.iter().map(|account| account.full_name).collect();
        assert_eq!(accounts[..3], names);
    }

    #[test]
    fn the_pages_of_the_demonstration_carry_its_widget() {
        let page = include_str!("../../../www/demo/shop/index.html");
        assert!(page.contains(&format!("data-widget=\"{WIDGET}\"")));
        assert!(settings(Ports::DEFAULT).unwrap().widget(WIDGET).is_some());
    }
}
