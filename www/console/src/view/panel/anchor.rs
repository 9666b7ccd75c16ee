//! Where the reader is: the first row in sight, which stays where it is on the screen when rows before or behind it come
//! and go. Browsers do this by themselves, but not all of them, and not at the edges.

use web_sys::{Element, HtmlElement};

/// A row, and where it stood in its scroller.
pub(super) struct Anchor {
    row: Element,
    top: f64,
}

impl Anchor {
    /// The first row in sight that stays: the line of a day goes to where its day begins.
    pub(super) fn of(scroller: &HtmlElement) -> Option<Self> {
        let edge = scroller.get_bounding_client_rect().top();
        let rows = scroller.children();
        let rows = (0..rows.length()).filter_map(|index| rows.item(index));
        let mut rows =
            rows.filter(|row| row.class_list().contains("message") || row.class_list().contains("event"));
        let row = rows.find(|row| row.get_bounding_client_rect().bottom() > edge)?;
        let top = row.get_bounding_client_rect().top() - edge;
        Some(Self { row, top })
    }

    /// Scrolls so that the row stands where it stood. Says whether it is still there.
    pub(super) fn hold(&self, scroller: &HtmlElement) -> bool {
        if !self.row.is_connected() {
            return false;
        }
        let top = self.row.get_bounding_client_rect().top() - scroller.get_bounding_client_rect().top();
        // A place on the screen: far smaller than what an integer of 32 bits holds.
        #[allow(clippy::cast_possible_truncation)]
        scroller.set_scroll_top(scroller.scroll_top() + (top - self.top).round() as i32);
        true
    }
}
