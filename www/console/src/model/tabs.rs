//! The session tabs: which conversations are open in this window, in which order, and which one is in front.
//!
//! The gateway's lists are the truth: work in hand gets a tab in every window of its representative, and a tab goes when
//! the work does. Only what nobody else needs to know stays with the window: the order, the tab in front, tabs that were
//! put away by hand (closing a tab does not end a conversation), and records that were opened to read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::id::ConversationId;
use shared::protocol::desk::{WorkItemView, WorkState};
use shared::time::Timestamp;

use super::desk::is_in_hand;
use super::words;

/// Why a tab is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Work in hand; the tab goes with it.
    Work,
    /// A closed conversation that is being read.
    Record,
}

/// One tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tab {
    /// Of which conversation.
    pub(crate) conversation: ConversationId,
    /// The customer's name.
    pub(crate) title: String,
    /// Why it is there.
    pub(crate) kind: Kind,
    /// Since when it is open, by the wall clock; it outlives a reload (reference S29, S31).
    pub(crate) opened: Timestamp,
}

/// A page that is no conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Page {
    /// One's own work.
    #[default]
    Home,
    /// What goes on in the queues, for supervisors.
    Overview,
    /// Where a conversation would go.
    Trial,
    /// What parts of the system could not tell each other, for administrators.
    Mail,
}

/// All tabs besides the pages, which are always there and always first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tabs {
    list: Vec<Tab>,
    front: Option<ConversationId>,
    /// The page in front when no conversation is.
    #[serde(default)]
    page: Page,
    put_away: BTreeSet<ConversationId>,
}

impl Tabs {
    /// The tabs in their order.
    pub(crate) fn list(&self) -> &[Tab] {
        &self.list
    }

    /// The conversation in front; none if a page is.
    pub(crate) fn front(&self) -> Option<ConversationId> {
        self.front
    }

    /// Whether this page is in front.
    pub(crate) fn is_front(&self, page: Page) -> bool {
        self.front.is_none() && self.page == page
    }

    /// Brings a page to the front.
    pub(crate) fn show_page(&mut self, page: Page) {
        self.front = None;
        self.page = page;
    }

    /// The tab of a conversation.
    pub(crate) fn tab(&self, conversation: ConversationId) -> Option<&Tab> {
        self.list.iter().find(|tab| tab.conversation == conversation)
    }

    /// Brings a conversation to the front, in the tab that it has or in a new one.
    pub(crate) fn open(&mut self, conversation: ConversationId, title: &str, kind: Kind, now: Timestamp) {
        self.put_away.remove(&conversation);
        self.add(conversation, title, kind, now);
        self.front = Some(conversation);
    }

    /// Brings the tab of this conversation, or the page that was there last, to the front.
    pub(crate) fn show(&mut self, conversation: Option<ConversationId>) {
        self.front = conversation.filter(|conversation| self.tab(*conversation).is_some());
    }

    /// Puts a tab away by hand. Its neighbour comes to the front.
    pub(crate) fn put_away(&mut self, conversation: ConversationId) {
        if self.tab(conversation).is_some_and(|tab| tab.kind == Kind::Work) {
            self.put_away.insert(conversation);
        }
        self.remove(conversation);
    }

    /// The gateway told everything: these are all the items there are. Gives the tabs that went.
    pub(crate) fn welcome<'items>(
        &mut self,
        items: impl Iterator<Item = &'items WorkItemView> + Clone,
        now: Timestamp,
    ) -> Vec<Tab> {
        let in_hand: BTreeSet<_> =
            items.clone().filter(|item| is_in_hand(item)).map(|item| item.conversation).collect();
        self.put_away.retain(|conversation| in_hand.contains(conversation));
        // What one has set aside keeps its tab, as it does when it is set aside.
        let kept = items.clone().filter(|item| item.part.is_some() && item.state != WorkState::Closed);
        let kept: BTreeSet<_> = kept.map(|item| item.conversation).collect();
        let gone: Vec<_> = self
            .list
            .iter()
            .filter(|tab| tab.kind == Kind::Work && !kept.contains(&tab.conversation))
            .cloned()
            .collect();
        for tab in &gone {
            self.remove(tab.conversation);
        }
        for item in items {
            self.changed(item, now);
        }
        gone
    }

    /// A work item is new or changed. Gives the tab that went, if the work is no longer in hand.
    pub(crate) fn changed(&mut self, item: &WorkItemView, now: Timestamp) -> Option<Tab> {
        if !is_in_hand(item) {
            // What one has set aside keeps its tab; where one takes no part any more, it goes.
            return if item.state == WorkState::Closed || item.part.is_none() {
                self.gone(item.conversation)
            } else {
                None
            };
        }
        let title = words::customer(item.customer.as_deref());
        if let Some(tab) = self.list.iter_mut().find(|tab| tab.conversation == item.conversation) {
            title.clone_into(&mut tab.title);
            tab.kind = Kind::Work;
        } else if !self.put_away.contains(&item.conversation) {
            self.add(item.conversation, title, Kind::Work, now);
        }
        None
    }

    /// A work item is on no list any more. Gives the tab that went with it.
    pub(crate) fn gone(&mut self, conversation: ConversationId) -> Option<Tab> {
        self.put_away.remove(&conversation);
        let tab = self.tab(conversation).filter(|tab| tab.kind == Kind::Work).cloned()?;
        self.remove(conversation);
        Some(tab)
    }

    fn add(&mut self, conversation: ConversationId, title: &str, kind: Kind, now: Timestamp) {
        if self.tab(conversation).is_none() {
            self.list.push(Tab { conversation, title: title.to_owned(), kind, opened: now });
        }
    }

    fn remove(&mut self, conversation: ConversationId) {
        let Some(place) = self.list.iter().position(|tab| tab.conversation == conversation) else { return };
        self.list.remove(place);
        if self.front == Some(conversation) {
            let neighbour = self.list.get(place).or_else(|| self.list.last());
            self.front = neighbour.map(|tab| tab.conversation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::desk::tests::item;
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(5_000);

    fn id(number: u128) -> ConversationId {
        ConversationId::from_u128(number)
    }

    fn order(tabs: &Tabs) -> Vec<ConversationId> {
        tabs.list().iter().map(|tab| tab.conversation).collect()
    }

    #[test]
    fn what_is_set_aside_keeps_its_tab_over_a_reload_and_gets_none_by_itself() {
        let mut tabs = Tabs::default();
        tabs.welcome([item(1, WorkState::Active, true)].iter(), NOW);
        let waiting = [item(1, WorkState::Waiting, true), item(2, WorkState::Waiting, true)];
        assert_eq!(tabs.changed(&waiting[0], NOW), None);
        assert_eq!(tabs.welcome(waiting.iter(), NOW), []);
        assert_eq!(order(&tabs), [id(1)]);
    }

    #[test]
    fn work_in_hand_gets_a_tab_in_every_window_without_taking_the_front() {
        let mut tabs = Tabs::default();
        let work = [
            item(1, WorkState::Active, true),
            item(2, WorkState::Open, false),
            item(3, WorkState::WrapUp, true),
        ];
        tabs.welcome(work.iter(), NOW);
        assert_eq!(order(&tabs), [id(1), id(3)]);
        assert_eq!(tabs.front(), None);
        tabs.changed(&item(2, WorkState::Active, true), NOW);
        assert_eq!(order(&tabs), [id(1), id(3), id(2)]);
    }

    #[test]
    fn opening_an_item_that_has_a_tab_brings_that_tab_to_the_front() {
        let mut tabs = Tabs::default();
        tabs.open(id(1), "Ada", Kind::Work, NOW);
        tabs.open(id(2), "Bea", Kind::Work, NOW);
        tabs.open(id(1), "Ada", Kind::Work, NOW);
        assert_eq!(order(&tabs), [id(1), id(2)]);
        assert_eq!(tabs.front(), Some(id(1)));
    }

    #[test]
    fn a_tab_put_away_stays_away_until_it_is_opened_again() {
        let mut tabs = Tabs::default();
        let work = [item(1, WorkState::Active, true), item(2, WorkState::Active, true)];
        tabs.welcome(work.iter(), NOW);
        tabs.show(Some(id(1)));
        tabs.put_away(id(1));
        assert_eq!(tabs.front(), Some(id(2)), "the neighbour comes to the front");
        assert!(tabs.welcome(work.iter(), NOW).is_empty());
        tabs.changed(&work[0], NOW);
        assert_eq!(order(&tabs), [id(2)]);
        tabs.open(id(1), "Customer 1", Kind::Work, NOW);
        assert_eq!(order(&tabs), [id(2), id(1)]);
    }

    #[test]
    fn a_tab_goes_with_its_work_and_a_record_stays() {
        let mut tabs = Tabs::default();
        tabs.welcome([item(1, WorkState::Active, true)].iter(), NOW);
        tabs.open(id(9), "Old", Kind::Record, NOW);
        let gone = tabs.welcome([item(1, WorkState::Open, false)].iter(), NOW);
        assert_eq!(gone.len(), 1);
        assert_eq!(order(&tabs), [id(9)]);
        assert_eq!(tabs.gone(id(9)), None);
        tabs.put_away(id(9));
        assert_eq!(tabs.front(), None);
    }

    #[test]
    fn work_that_goes_takes_its_tab_along_once() {
        let mut tabs = Tabs::default();
        tabs.open(id(1), "Ada", Kind::Work, NOW);
        assert_eq!(tabs.gone(id(1)).map(|tab| tab.title), Some("Ada".to_owned()));
        assert_eq!(tabs.gone(id(1)), None);
        assert_eq!(tabs.front(), None);
    }

    #[test]
    fn tabs_survive_a_reload_in_their_order_with_their_age() {
        let mut tabs = Tabs::default();
        let work = [item(1, WorkState::Active, true), item(2, WorkState::Active, true)];
        tabs.open(id(2), "Customer 2", Kind::Work, NOW);
        tabs.welcome(work.iter(), NOW);
        tabs.show(Some(id(2)));
        let kept = serde_json::to_string(&tabs).unwrap();
        let mut again: Tabs = serde_json::from_str(&kept).unwrap();
        again.welcome(work.iter(), Timestamp::from_millis(9_000));
        assert_eq!(again, tabs);
    }

    #[test]
    fn a_tab_that_is_not_there_is_not_shown() {
        let mut tabs = Tabs::default();
        tabs.show(Some(id(4)));
        assert_eq!(tabs.front(), None);
    }
}
