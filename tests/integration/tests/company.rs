//! Several at one conversation: consulting, transfer, supervision.

use anyhow::Result;
use integration::{Console, House, Live, answers, assert_refused, fresh_message};
use shared::id::{ConversationId, RepresentativeId};
use shared::protocol::ErrorCode;
use shared::protocol::desk::{
    DeskCommand, Destination, OfferGoneReason, OfferKind, Part, Purpose, WorkState,
};
use shared::protocol::live::{
    Author, ClientFrame, Content, Entry, Sequence, ServerFrame, Standing, Visibility,
};
use shared::settings::Presence;
use shared::text::Line;
use xtask::demo::{ANA, BEN, QUEUE_RETURNS, SUPERVISOR};

/// Ana has a conversation; its customer listens.
struct Scene {
    house: House,
    ana: Console,
    conversation: ConversationId,
    customer: Live,
}

async fn scene() -> Result<Scene> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    customer.stands(&Standing::InConversation { with: "Ana".to_owned() }).await?;
    Ok(Scene { house, ana, conversation, customer })
}

fn to(representative: RepresentativeId) -> Destination {
    Destination::Representative(representative)
}

/// Waits until the conversation has heard that somebody with this name takes part.
async fn sees_join(live: &mut Live, who: &str) -> Result<()> {
    live.until("somebody who joins", |live| {
        let joined = |entry: &&Entry| match &entry.author {
            Author::Representative { name, .. } => name == who && entry.content == Content::Joined,
            _ => false,
        };
        live.log.iter().find(joined).map(|_| ())
    })
    .await
}

/// Waits until the socket is closed because whoever sits there no longer takes part.
async fn shown_out(mut live: Live) -> Result<()> {
    let (frames, ended) = live.socket.until_ended().await?;
    assert_eq!(ended.code, Some(1008));
    let Some(ServerFrame::Refused { problem, .. }) = frames.last() else { panic!("{frames:?}") };
    assert_eq!(problem.code, ErrorCode::NotYourConversation);
    assert!(problem.retry_after.is_some(), "their desk tells them that it is gone before they call again");
    Ok(())
}

#[tokio::test]
async fn a_consultant_reads_and_writes_to_the_staff_and_to_the_customer_when_added() -> Result<()> {
    let Scene { house, mut ana, conversation, mut customer } = scene().await?;
    let mut ben = house.console(BEN).await?;
    let who = ben.me.representative;
    ana.command(DeskCommand::Candidates { conversation, purpose: Purpose::Consult }).await?;
    assert_eq!(ana.candidates.iter().map(|one| one.representative).collect::<Vec<_>>(), [who]);
    ana.command(DeskCommand::Consult { conversation, with: to(who) }).await?;
    assert_eq!(ben.offered(conversation).await?.kind, OfferKind::Consult);
    ben.accept(conversation).await?;
    ana.until("the answer", |ana| {
        ana.answered.contains(&(Some(who), OfferGoneReason::Accepted)).then_some(())
    })
    .await?;

    let mut advising = ben.open(conversation, None).await?;
    sees_join(&mut advising, "Ben Castillo").await?;
    assert_refused(advising.write("I am Ben").await, ErrorCode::NotYourConversation);
    advising.post(fresh_message(), Visibility::Internal, "Give them a discount").await?;
    ana.open(conversation, None).await?.sees("Give them a discount").await?;

    ana.command(DeskCommand::AddToChat { conversation, consultant: who }).await?;
    ben.until("a public part", |ben| {
        ben.work.get(&conversation).filter(|item| item.part == Some(Part::PublicConsultant)).map(|_| ())
    })
    .await?;
    sees_join(&mut customer, "Ben").await?;
    advising.write("Hello, I help Ana").await?;
    customer.sees("Hello, I help Ana").await?;
    assert!(!customer.texts().contains(&"Give them a discount"));

    assert_refused(
        ben.command(DeskCommand::Transfer { conversation, to: to(who) }).await,
        ErrorCode::NotYourConversation,
    );
    ana.command(DeskCommand::EndConsult { conversation, with: to(who) }).await?;
    shown_out(advising).await?;
    let again = ben.open(conversation, None).await.unwrap_err();
    assert!(again.to_string().contains("403"), "{again}");
    Ok(())
}

#[tokio::test]
async fn a_supervisor_of_other_queues_is_shown_out_when_they_look_on_no_more() -> Result<()> {
    let Scene { house, conversation, .. } = scene().await?;
    let mut sam = house.console(SUPERVISOR).await?;
    let supervisor = sam.me.representative;
    sam.command(DeskCommand::Monitor { conversation }).await?;
    house
        .change_settings(|settings| {
            let returns = settings.queues.iter_mut().find(|queue| queue.id == QUEUE_RETURNS);
            returns.expect("the demonstration has it").supervisors = vec![supervisor];
        })
        .await?;
    // They look on already, so they may go on.
    let looking = sam.open(conversation, None).await?;
    sam.command(DeskCommand::Leave { conversation }).await?;
    shown_out(looking).await?;
    let again = sam.open(conversation, None).await.unwrap_err();
    assert!(again.to_string().contains("403"), "{again}");
    Ok(())
}

/// Waits until the conversation has heard that somebody left after this.
async fn sees_leave(live: &mut Live, after: Sequence) -> Result<()> {
    let left = |entry: &&Entry| entry.content == Content::Left && entry.sequence > after;
    live.until("somebody who leaves", |live| live.log.iter().find(left).map(|_| ())).await
}

#[tokio::test]
async fn who_no_longer_takes_part_reads_nothing_also_if_they_had_sat_there_without_a_word() -> Result<()> {
    let Scene { house, mut ana, conversation, .. } = scene().await?;
    let mut ben = house.console(BEN).await?;
    let who = ben.me.representative;
    let mut watching = ana.open(conversation, None).await?;
    for leaves_by_themselves in [true, false] {
        ana.command(DeskCommand::Consult { conversation, with: to(who) }).await?;
        ben.accept(conversation).await?;
        let mut silent = ben.conversation_socket(conversation).await?;
        let before = watching.held;
        if leaves_by_themselves {
            ben.command(DeskCommand::Leave { conversation }).await?;
        } else {
            ana.command(DeskCommand::EndConsult { conversation, with: to(who) }).await?;
        }
        sees_leave(&mut watching, before).await?;
        // Their socket may have been ended before they say it.
        drop(silent.send(&ClientFrame::Hello { token: None, holds: None }).await);
        let (frames, ended) = silent.until_ended().await?;
        let [ServerFrame::Refused { problem, .. }] = frames.as_slice() else { panic!("{frames:?}") };
        assert_eq!((problem.code, ended.code), (ErrorCode::NotYourConversation, Some(1008)));
    }
    Ok(())
}

#[tokio::test]
async fn a_transfer_makes_the_receiver_primary_and_the_sender_leaves() -> Result<()> {
    let Scene { house, mut ana, conversation, mut customer } = scene().await?;
    let sender = ana.open(conversation, None).await?;
    let mut ben = house.console(BEN).await?;
    ana.command(DeskCommand::Transfer { conversation, to: to(ben.me.representative) }).await?;
    ben.accept(conversation).await?;
    shown_out(sender).await?;
    customer.stands(&Standing::InConversation { with: "Ben".to_owned() }).await?;
    let item = ben.work_is(conversation, WorkState::Active).await?;
    assert_eq!((item.part, item.transfers), (Some(Part::Primary), 1));
    ben.open(conversation, None).await?.write("I am Ben").await?;
    customer.sees("I am Ben").await?;
    ana.is(Presence::Available).await?;
    Ok(())
}

#[tokio::test]
async fn a_rejected_transfer_leaves_the_sender_where_they_were() -> Result<()> {
    let Scene { house, mut ana, conversation, mut customer } = scene().await?;
    let mut ben = house.console(BEN).await?;
    let who = ben.me.representative;
    ana.command(DeskCommand::Transfer { conversation, to: to(who) }).await?;
    ben.reject(conversation).await?;
    ana.until("the answer", |ana| {
        ana.answered.contains(&(Some(who), OfferGoneReason::Rejected)).then_some(())
    })
    .await?;
    ana.open(conversation, None).await?.write("I am still here").await?;
    customer.sees("I am still here").await?;
    Ok(())
}

#[tokio::test]
async fn a_supervisor_monitors_joins_and_closes_and_a_representative_may_not() -> Result<()> {
    let Scene { house, mut ana, conversation, mut customer } = scene().await?;
    let mut sam = house.console(SUPERVISOR).await?;
    let reason = Line::new("Lunch")?;
    let presence = Some(Presence::Away);
    let representative = ana.me.representative;
    for command in [
        DeskCommand::Monitor { conversation },
        DeskCommand::Join { conversation },
        DeskCommand::ForceClose { conversation },
        DeskCommand::Assign { conversation, to: to(representative) },
        DeskCommand::Redirect { conversation, to: to(representative) },
        DeskCommand::OverridePresence { representative, presence, reason: reason.clone() },
        DeskCommand::Candidates { conversation, purpose: Purpose::Assign },
    ] {
        assert_refused(ana.command(command).await, ErrorCode::NotPermitted);
    }
    sam.command(DeskCommand::Monitor { conversation }).await?;
    let mut looking = sam.open(conversation, None).await?;
    assert_refused(looking.write("Hello").await, ErrorCode::NotYourConversation);
    sam.command(DeskCommand::Join { conversation }).await?;
    // The conversation hears of it a moment later.
    sees_join(&mut customer, "Sam").await?;
    looking.write("This is Sam").await?;
    customer.sees("This is Sam").await?;
    sam.command(DeskCommand::OverridePresence { representative, presence, reason }).await?;
    ana.is(Presence::Away).await?;
    sam.command(DeskCommand::ForceClose { conversation }).await?;
    customer
        .until("the end", |customer| matches!(customer.standing, Standing::Ended { .. }).then_some(()))
        .await?;
    ana.until("the item to go", |ana| (!ana.work.contains_key(&conversation)).then_some(())).await?;
    Ok(())
}
