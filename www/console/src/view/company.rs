//! Who else takes part in a conversation: consultants, whoever is asked to take it over, supervisors; and what the reader
//! can do about it, which depends on as what they take part themselves (reference sections 25 and 26).

use leptos::prelude::*;
use shared::id::{ConversationId, QueueId, RepresentativeId};
use shared::protocol::desk::{DeskCommand, Destination, Part, PersonView, Purpose};

use super::ask::Ask;
use super::icon::{EYE, Icon, LOCK};
use super::panel::{Panel, Phase};
use crate::model::desk::is_being_transferred;
use crate::model::words;
use crate::session::{Asking, Session, Subject};

/// What the primary representative can start.
#[component]
pub(super) fn Tools() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let session = panel.session;
    let subject = move || Subject { conversation: panel.conversation, customer: panel.customer.get_value() };
    let is_mine = move || panel.phase.get() == Phase::Talking && panel.part.get() == Some(Part::Primary);
    let waits = Memo::new(move |_| panel.item.with(|item| item.as_ref().is_some_and(is_being_transferred)));
    let can_wait =
        Memo::new(move |_| panel.item.with(|item| item.as_ref().is_some_and(|item| item.can_wait)));
    let conversation = panel.conversation;
    let choose = move |purpose| session.open_dialog(Asking::Choose(subject(), purpose));
    view! {
        <Show when=is_mine>
            <div class="talk-tools">
                <button type="button" class="button small" aria-haspopup="dialog"
                    on:click=move |_| choose(Purpose::Consult)>"Consult"</button>
                // Nobody else can be asked before whoever is asked has answered.
                <Show when=move || !waits.get()>
                    <button type="button" class="button small" aria-haspopup="dialog"
                        on:click=move |_| choose(Purpose::Transfer)>"Transfer"</button>
                </Show>
                <button type="button" class="button small" aria-haspopup="dialog"
                    aria-label="Give back to the queue"
                    on:click=move |_| session.open_dialog(Asking::Release(subject()))>"Give back"</button>
                // Only where the channel lets the customer come back later.
                <Show when=move || can_wait.get()>
                    <Ask command=DeskCommand::Wait { conversation } words="Set aside"
                        label="Set aside until the customer writes"/>
                </Show>
            </div>
        </Show>
    }
}

/// The strip above the transcript. It takes no room while the reader is alone.
#[component]
pub(super) fn Company() -> impl IntoView {
    let panel = expect_context::<Panel>();
    let conversation = panel.conversation;
    let people = Memo::new(move |_| {
        panel.item.with(|item| item.as_ref().map(|item| item.people.clone())).unwrap_or_default()
    });
    let searching = Memo::new(move |_| panel.item.with(|item| item.as_ref().and_then(|item| item.searching)));
    let beside = Memo::new(move |_| panel.part.get().filter(|part| *part != Part::Primary));
    let is_mine = Memo::new(move |_| panel.part.get() == Some(Part::Primary));
    let any = Memo::new(move |_| {
        beside.get().is_some() || searching.get().is_some() || people.with(|people| !people.is_empty())
    });
    view! {
        <Show when=move || any.get()>
            <section class="company" aria-label="Who takes part">
                {move || beside.get().map(|part| view! { <Beside part/> })}
                <ul>
                    <For
                        each=move || people.get()
                        key=move |person| (person.representative, person.part, person.joined, is_mine.get_untracked())
                        let:person
                    >
                        <Person person is_mine/>
                    </For>
                    {move || searching.get().map(|queue| view! { <Searching conversation queue is_mine/> })}
                </ul>
            </section>
        </Show>
    }
}

/// As what the reader takes part, and the ways on.
#[component]
fn Beside(part: Part) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let conversation = panel.conversation;
    let me = panel.session.me.with_value(|me| me.representative);
    let (path, sentence) = match part {
        Part::PrivateConsultant => (LOCK, "You advise. The customer does not see you or what you write."),
        Part::PublicConsultant => (EYE, "You advise in front of the customer, who sees your replies."),
        Part::Supervisor => (EYE, "You have joined. The customer sees your replies."),
        Part::Monitor | Part::Primary => (LOCK, "You look on in silence. Nobody sees that you are here."),
    };
    let unseen = matches!(part, Part::PrivateConsultant | Part::Monitor);
    let talks = move || panel.phase.get() == Phase::Talking || panel.phase.get() == Phase::Watching;
    view! {
        <div class="beside" class:internal=unseen>
            <Icon path/>
            <p>{sentence}</p>
            {(part == Part::Monitor).then(|| view! {
                <Show when=talks>
                    <Ask command=DeskCommand::Join { conversation } words="Join" label="Join the conversation"/>
                </Show>
            })}
            {(part == Part::PublicConsultant).then(|| view! {
                <Ask
                    command=DeskCommand::RemoveFromChat { conversation, consultant: me }
                    words="Step back"
                    label="Step back from the customer and go on advising"
                />
            })}
            <Ask
                command=DeskCommand::Leave { conversation }
                words=if part == Part::Monitor { "Stop" } else { "Leave" }
                label=if part == Part::Monitor { "Stop looking on" } else { "Leave the conversation" }
            />
        </div>
    }
}

#[component]
fn Person(person: PersonView, is_mine: Memo<bool>) -> impl IntoView {
    let panel = expect_context::<Panel>();
    let conversation = panel.conversation;
    let PersonView { representative, full_name, part, joined } = person;
    let does = match (joined, part) {
        (true, part) => words::part(part),
        (false, Part::Primary) => "is asked to take over…",
        (false, _) => "is asked to advise…",
    };
    let name = full_name.clone();
    view! {
        <li class:internal=part == Part::PrivateConsultant>
            <span class="avatar" aria-hidden="true">{words::initials(&full_name)}</span>
            <p><span class="company-name" dir="auto">{full_name.clone()}</span>" "{does}</p>
            {move || is_mine.get().then(|| actions(conversation, representative, &name, part, joined))}
        </li>
    }
}

/// What the primary representative can do with somebody.
fn actions(
    conversation: ConversationId,
    representative: RepresentativeId,
    name: &str,
    part: Part,
    joined: bool,
) -> impl IntoView + use<> {
    let with = Destination::Representative(representative);
    let end = DeskCommand::EndConsult { conversation, with };
    let consultant = representative;
    match (joined, part) {
        (false, Part::Primary) => view! {
            <Ask command=DeskCommand::WithdrawTransfer { conversation } words="Take back"
                label=format!("Take back: transfer to {name}")/>
        }
        .into_any(),
        (false, _) => {
            view! { <Ask command=end words="Take back" label=format!("Take back: question to {name}")/> }
                .into_any()
        }
        (true, Part::PrivateConsultant) => view! {
            <Ask command=DeskCommand::AddToChat { conversation, consultant } words="Add to chat"
                label=format!("Add to chat: {name}")/>
            <Ask command=end words="End consult" label=format!("End consult: {name}")/>
        }
        .into_any(),
        (true, Part::PublicConsultant) => view! {
            <Ask command=DeskCommand::RemoveFromChat { conversation, consultant } words="Remove from chat"
                label=format!("Remove from chat: {name}")/>
            <Ask command=end words="End consult" label=format!("End consult: {name}")/>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn Searching(conversation: ConversationId, queue: QueueId, is_mine: Memo<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let name = session.desk.with_untracked(|desk| desk.queue_name(queue));
    view! {
        <li class="internal">
            <p>"Somebody of "<span class="company-name" dir="auto">{name}</span>" is looked for to advise…"</p>
            {move || is_mine.get().then(|| view! {
                <Ask
                    command=DeskCommand::EndConsult { conversation, with: Destination::Queue(queue) }
                    words="Take back"
                    label="Take back: stop looking for somebody"
                />
            })}
        </li>
    }
}
