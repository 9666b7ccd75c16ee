//! The lists of the home tab: which items stand on which, and in which order.

use std::cmp::Ordering;

use shared::protocol::desk::WorkItemView;

use super::words;

/// By what a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The customer's name.
    Customer,
    /// The queue's name.
    Queue,
    /// The state.
    State,
    /// How long ago it began.
    Age,
}

/// How a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sorting {
    /// By what.
    pub(crate) column: Column,
    /// Largest first.
    pub(crate) descending: bool,
}

impl Sorting {
    /// The oldest first: who has waited longest is on top.
    pub(crate) const OLDEST_FIRST: Self = Self { column: Column::Age, descending: true };
    /// The newest first.
    pub(crate) const NEWEST_FIRST: Self = Self { column: Column::Age, descending: false };

    /// What a press on the head of `column` makes of it: the other way round, or by that column.
    pub(crate) fn pressed(self, column: Column) -> Self {
        if self.column == column {
            Self { descending: !self.descending, ..self }
        } else {
            Self { column, descending: column == Column::Age }
        }
    }

    /// The value of `aria-sort` on the head of `column`.
    pub(crate) fn aria(self, column: Column) -> &'static str {
        match (self.column == column, self.descending) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    }

    /// `items` in this order. Equal ones stand by age and id, so that rows never jump without a reason.
    pub(crate) fn sort(self, items: &mut [WorkItemView]) {
        items.sort_by(|left, right| {
            let by_column = self.compare(left, right);
            let by_column = if self.descending { by_column.reverse() } else { by_column };
            by_column
                .then_with(|| left.created.cmp(&right.created))
                .then_with(|| left.conversation.cmp(&right.conversation))
        });
    }

    fn compare(self, left: &WorkItemView, right: &WorkItemView) -> Ordering {
        match self.column {
            Column::Customer => {
                let name = |item: &WorkItemView| words::customer(item.customer.as_deref()).to_lowercase();
                name(left).cmp(&name(right))
            }
            Column::Queue => left.queue_name.to_lowercase().cmp(&right.queue_name.to_lowercase()),
            Column::State => words::work_state(left.state).cmp(words::work_state(right.state)),
            // The earlier something began, the older it is.
            Column::Age => right.created.cmp(&left.created),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::desk::tests::item;
    use super::*;
    use shared::protocol::desk::WorkState;
    use shared::time::Timestamp;

    fn aged(number: u128, created: u64, customer: &str) -> WorkItemView {
        WorkItemView {
            created: Timestamp::from_millis(created),
            customer: (!customer.is_empty()).then(|| customer.to_owned()),
            ..item(number, WorkState::Open, false)
        }
    }

    fn names(items: &[WorkItemView]) -> Vec<&str> {
        items.iter().map(|item| words::customer(item.customer.as_deref())).collect()
    }

    #[test]
    fn the_oldest_stands_first_and_a_press_turns_it_round() {
        let mut items = [aged(1, 300, "c"), aged(2, 100, "a"), aged(3, 200, "b")];
        Sorting::OLDEST_FIRST.sort(&mut items);
        assert_eq!(names(&items), ["a", "b", "c"]);
        let turned = Sorting::OLDEST_FIRST.pressed(Column::Age);
        assert_eq!(turned, Sorting::NEWEST_FIRST);
        assert_eq!((turned.aria(Column::Age), turned.aria(Column::Queue)), ("ascending", "none"));
        turned.sort(&mut items);
        assert_eq!(names(&items), ["c", "b", "a"]);
    }

    #[test]
    fn names_are_sorted_as_they_are_shown_and_ties_by_age() {
        let mut items = [aged(1, 300, ""), aged(2, 100, "zoe"), aged(3, 200, "Ada"), aged(4, 250, "")];
        let by_name = Sorting::OLDEST_FIRST.pressed(Column::Customer);
        by_name.sort(&mut items);
        assert_eq!(names(&items), ["Ada", "Visitor", "Visitor", "zoe"]);
        assert_eq!(items[1].created, Timestamp::from_millis(250));
    }
}
