//! Whatever names a conversation, an offer or a representative that is not there, or not there any more, is refused and
//! changes nothing: not a byte of the state.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec as vec_of;
use proptest::prelude::*;

use super::company::{Company, step};
use super::desk::{SUPERVISOR, to, to_queue};
use super::house::{arrival, console, conversation, line, representative, usual};
use crate::id::{ConversationId, OfferId, RepresentativeId};
use crate::protocol::desk::{BulkAct, Destination};
use crate::protocol::live::Side;
use crate::routing::{Command, Departure, Rejection, Router};
use crate::settings::{Presence, SettingsVersion};

/// Of what a command speaks that must be there.
#[derive(Debug, PartialEq)]
enum Names {
    Conversation,
    Offer,
    /// Nothing but who does it.
    Somebody,
    /// Nothing that could be unknown.
    Nothing,
}

/// Every command there is goes through here; the compiler asks for a new one.
fn names(command: &Command) -> Names {
    match command {
        // Of many conversations each is refused by itself (`watch`).
        Command::Configure { .. }
        | Command::Arrive(_)
        | Command::ConnectionsAre { .. }
        | Command::Tick
        | Command::Bulk { .. } => Names::Nothing,
        Command::Connect { .. }
        | Command::Disconnect { .. }
        | Command::SignOut { .. }
        | Command::SetPresence { .. }
        | Command::ResetPresence { .. }
        | Command::OverridePresence { .. } => Names::Somebody,
        Command::Accept { .. } | Command::Reject { .. } => Names::Offer,
        Command::CustomerLeft { .. }
        | Command::Reclassify { .. }
        | Command::Wrote { .. }
        | Command::Pick { .. }
        | Command::End { .. }
        | Command::Close { .. }
        | Command::Release { .. }
        | Command::Wait { .. }
        | Command::Resume { .. }
        | Command::Leave { .. }
        | Command::Transfer { .. }
        | Command::WithdrawTransfer { .. }
        | Command::Consult { .. }
        | Command::EndConsult { .. }
        | Command::AddToChat { .. }
        | Command::RemoveFromChat { .. }
        | Command::Assign { .. }
        | Command::Redirect { .. }
        | Command::Reroute { .. }
        | Command::ForceClose { .. }
        | Command::Monitor { .. }
        | Command::Join { .. } => Names::Conversation,
    }
}

/// One of every command, by this person about this conversation, this offer and this destination.
fn every(
    representative: RepresentativeId,
    conversation: ConversationId,
    offer: OfferId,
    to: Destination,
) -> Vec<Command> {
    let (supervisor, name) = (representative, "Sam Stone".into());
    let (consultant, connection) = (representative, console(7, 0));
    vec![
        Command::Configure { version: SettingsVersion(0), settings: Box::new(usual()) },
        Command::Arrive(arrival(200, 1, "other")),
        Command::CustomerLeft { conversation, how: Departure::Ended },
        Command::Reclassify { conversation, context: vec![], skills: vec![] },
        Command::Connect { representative, connection },
        Command::Disconnect { representative, connection },
        Command::SignOut { representative },
        Command::ConnectionsAre { open: vec![] },
        Command::SetPresence { representative, presence: Presence::Busy },
        Command::Accept { representative, offer },
        Command::Reject { representative, offer },
        Command::Pick { representative, conversation },
        Command::End { representative, conversation },
        Command::Close { representative, conversation },
        Command::Tick,
        Command::Wrote { conversation, side: Side::Customer },
        Command::ResetPresence { representative },
        Command::Release { representative, conversation },
        Command::Wait { representative, conversation },
        Command::Resume { representative, conversation },
        Command::Leave { representative, conversation },
        Command::Transfer { representative, conversation, to },
        Command::WithdrawTransfer { representative, conversation },
        Command::Consult { representative, conversation, with: to },
        Command::EndConsult { representative, conversation, with: to },
        Command::AddToChat { representative, conversation, consultant },
        Command::RemoveFromChat { representative, conversation, consultant },
        Command::Assign { supervisor, conversation, to },
        Command::Redirect { supervisor, conversation, to },
        Command::ForceClose { supervisor, conversation },
        Command::Monitor { supervisor, name, conversation },
        Command::Join { supervisor, conversation },
        Command::OverridePresence { supervisor, representative, presence: None, reason: line("Drill") },
        Command::Bulk { supervisor, conversations: vec![conversation], act: BulkAct::ForceClose },
        Command::Reroute { supervisor, conversation, context: vec![], skills: vec![] },
    ]
}

fn bytes(router: &Router) -> Vec<u8> {
    postcard::to_allocvec(router).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_command_about_what_is_not_there_is_refused_and_leaves_no_trace(
        steps in vec_of(step(), 1..80),
        who in prop::sample::select(vec![1_u8, 3, SUPERVISOR, 77]),
        queue in any::<bool>(),
    ) {
        let mut company = Company::new();
        let mut heard_of = vec![conversation(99)];
        for step in steps {
            company.go(step);
        }
        // What was closed on the way is as unknown as what never was.
        heard_of.extend((0..4).map(conversation).filter(|id| !company.is_open(*id)));
        let representative = representative(who);
        let is_known = company.router.full_name(representative).is_some();
        let destination = if queue { to_queue(1) } else { to(2) };
        let (now, before) = (company.now, bytes(&company.router));
        for id in heard_of {
            for command in every(representative, id, OfferId::from_number(u64::MAX), destination) {
                let refused: &[Rejection] = match names(&command) {
                    Names::Nothing => continue,
                    Names::Somebody if is_known => continue,
                    Names::Somebody => &[Rejection::UnknownRepresentative],
                    Names::Offer if is_known => &[Rejection::OfferGone],
                    Names::Conversation if is_known => &[Rejection::UnknownConversation],
                    _ => &[Rejection::UnknownConversation, Rejection::UnknownRepresentative],
                };
                // Anybody of the staff may come to a desk and go.
                if !is_known && matches!(command, Command::Connect { .. } | Command::SignOut { .. }) {
                    continue;
                }
                let answer = company.router.handle(now, command.clone());
                prop_assert!(
                    answer.as_ref().is_err_and(|rejection| refused.contains(rejection)),
                    "{:?}: {:?}", command, answer
                );
                prop_assert_eq!(&bytes(&company.router), &before, "{:?}", command);
                prop_assert_eq!(company.router.check_invariants(), Ok(()));
            }
        }
    }
}

#[test]
fn every_command_is_in_the_list() {
    let list = every(representative(1), conversation(1), OfferId::from_number(1), to(1));
    // Commands are numbered in the order in which they are declared; the number comes first.
    let numbers: BTreeSet<u8> =
        list.iter().filter_map(|command| postcard::to_allocvec(command).unwrap().first().copied()).collect();
    assert!(numbers.iter().copied().eq(0..u8::try_from(list.len()).unwrap()), "{numbers:?}");
}
