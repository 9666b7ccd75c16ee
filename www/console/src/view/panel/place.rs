//! The place in the transcript: which part of the log is shown, and that the reader stays where they are when it changes.

use leptos::prelude::*;
use shared::client::{ChatClient, Input};

use super::anchor::Anchor;
use super::{Earlier, Panel};
use crate::model::window::Window;

impl Panel {
    /// The person wants the page before.
    pub(in crate::view) fn load_earlier(self) {
        if self.earlier.get_untracked() == Earlier::There && !self.turn(Window::back) {
            self.handle(Input::LoadEarlier);
            self.earlier.set(Earlier::Loading);
        }
    }

    /// The person goes on towards the newest message.
    pub(in crate::view) fn load_later(self) {
        self.turn(Window::forward);
    }

    /// Whether the newest entry is among the rows.
    pub(in crate::view) fn follows(self) -> bool {
        self.window.with_value(Window::follows)
    }

    /// Moves the window on the log, if it can be moved.
    fn turn(self, step: fn(&mut Window, usize) -> bool) -> bool {
        let turned = self.machine.try_with_value(|machine| {
            machine.as_ref().is_some_and(|machine| {
                machine.read(|client| {
                    let mut window = self.window.get_value();
                    let turned = step(&mut window, client.entries().len());
                    if turned {
                        self.rearrange(client, window);
                        self.mark_earlier(client);
                    }
                    turned
                })
            })
        });
        let turned = turned.unwrap_or(false);
        if turned {
            self.changes.update(|changes| *changes = changes.wrapping_add(1));
        }
        turned
    }

    /// Shows another part of the log while the first row in sight stays where it is. Nothing of what comes is news.
    pub(super) fn rearrange(self, client: &ChatClient, window: Window) {
        self.fill();
        // One that waits to be held knows where its row stood before anything changed.
        if self.anchor.with_value(Option::is_none) {
            self.anchor.set_value(self.scroller.get_untracked().and_then(|node| Anchor::of(&node)));
        }
        self.window.set_value(window);
        self.draw(client);
    }

    /// Once what changed is drawn: stays at the end, or where the reader was.
    pub(in crate::view) fn settle(self) {
        request_animation_frame(move || {
            let Some(node) = self.scroller.try_get_untracked().flatten() else { return };
            let anchor = self.anchor.try_update_value(Option::take).flatten();
            if self.at_end.get_untracked() {
                node.set_scroll_top(node.scroll_height());
            } else if let Some(anchor) = anchor {
                anchor.hold(&node);
            }
        });
    }

    /// Goes to the newest message.
    pub(in crate::view) fn to_end(self) {
        self.at_end.set(true);
        let to_newest = |window: &mut Window, length| {
            let turned = !window.follows();
            *window = Window::at_end(length);
            turned
        };
        if !self.turn(to_newest) {
            self.settle();
        }
    }
}
