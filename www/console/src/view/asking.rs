//! The dialog above everything: whom to ask, why a conversation is where it is, whether to close it, which presence
//! somebody is to have. One at a time, whoever opens it.

use leptos::prelude::*;
use shared::protocol::desk::{BulkAct, DeskCommand};

use super::choose::Choose;
use super::dialog::{Choice, Sheet};
use super::many::{ChooseForMany, OutcomeOfMany};
use super::other_presence::OtherPresence;
use super::reroute::Reroute;
use super::why::Why;
use crate::model::bulk::{Many, conversations};
use crate::session::{Asking, Session, Subject};

/// The dialog.
#[component]
pub(crate) fn AskingDialog() -> impl IntoView {
    let session = expect_context::<Session>();
    let asking = Memo::new(move |_| session.asking.get());
    let close = Callback::new(move |()| session.asking.set(None));
    let is = move |wanted: fn(&Asking) -> bool| {
        Signal::derive(move || asking.with(|asking| asking.as_ref().is_some_and(wanted)))
    };
    let is_question =
        is(|asking| matches!(asking, Asking::ForceClose(_) | Asking::Release(_) | Asking::CloseMany(_)));
    let is_list = is(|asking| {
        matches!(
            asking,
            Asking::Choose(..)
                | Asking::Why(_)
                | Asking::Presence(_)
                | Asking::Reroute(_)
                | Asking::ChooseForMany(..)
                | Asking::Outcome(_)
        )
    });
    view! {
        <Sheet open=is_question on_close=close labelled_by="question-heading">
            {move || asking.get().map(|asking| match asking {
                Asking::ForceClose(subject) => {
                    view! { <AboutConversation words=Words::of_force_close(subject) close/> }.into_any()
                }
                Asking::Release(subject) => {
                    view! { <AboutConversation words=Words::of_release(subject) close/> }.into_any()
                }
                Asking::CloseMany(many) => {
                    view! { <AboutConversation words=Words::of_close_many(&many) close/> }.into_any()
                }
                _ => ().into_any(),
            })}
        </Sheet>
        <Sheet open=is_list on_close=close labelled_by="sheet-heading" large=true>
            {move || asking.get().map(|asking| match asking {
                Asking::Choose(subject, purpose) => view! { <Choose subject purpose close/> }.into_any(),
                Asking::Why(subject) => view! { <Why subject close/> }.into_any(),
                Asking::Reroute(subject) => view! { <Reroute subject close/> }.into_any(),
                Asking::Presence(of) => view! { <OtherPresence of close/> }.into_any(),
                Asking::ChooseForMany(many, purpose) => {
                    view! { <ChooseForMany many purpose close/> }.into_any()
                }
                Asking::Outcome(outcome) => view! { <OutcomeOfMany outcome close/> }.into_any(),
                _ => ().into_any(),
            })}
        </Sheet>
    }
}

/// A question about a conversation: what is asked, what it would mean, the two answers, and what the first one does.
struct Words {
    heading: String,
    text: String,
    yes: &'static str,
    no: &'static str,
    command: DeskCommand,
}

impl Words {
    fn of_force_close(Subject { conversation, customer }: Subject) -> Self {
        Self {
            heading: format!("Close the conversation with {customer}?"),
            text: "It ends at once for the customer and for everybody who takes part.".to_owned(),
            yes: "Close conversation",
            no: "Leave it open",
            command: DeskCommand::ForceClose { conversation },
        }
    }

    fn of_close_many(many: &Many) -> Self {
        Self {
            heading: format!("Close {}?", conversations(many.count())),
            text: format!(
                "{}. They end at once for the customers and for everybody who takes part.",
                many.names()
            ),
            yes: "Close them",
            no: "Leave them open",
            command: DeskCommand::Bulk { conversations: many.conversations(), act: BulkAct::ForceClose },
        }
    }

    fn of_release(Subject { conversation, customer }: Subject) -> Self {
        Self {
            heading: format!("Give {customer} back to the queue?"),
            text: "The customer waits again, at the place that their age gives them. Consulting ends."
                .to_owned(),
            yes: "Give back",
            no: "Keep it",
            command: DeskCommand::Release { conversation },
        }
    }
}

#[component]
fn AboutConversation(words: Words, close: Callback<()>) -> impl IntoView {
    let session = expect_context::<Session>();
    let Words { heading, text, yes, no, command } = words;
    let on_yes = Callback::new(move |()| session.ask(command.clone()));
    view! { <Choice heading text yes no on_yes on_either=close/> }
}
