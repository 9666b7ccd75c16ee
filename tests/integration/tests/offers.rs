//! Offers: to whom, how often, how long, and what becomes of them.

use anyhow::Result;
use integration::{House, answers, assert_refused, refusal};
use shared::protocol::ErrorCode;
use shared::protocol::desk::{DeskCommand, OfferGoneReason, WorkState};
use shared::protocol::live::Standing;
use shared::settings::{Presence, Units};
use shared::text::Line;
use shared::time::Span;
use xtask::demo::{ANA, BEN, QUEUE_ORDERS, SUPERVISOR};

#[tokio::test]
async fn each_console_of_whoever_is_meant_shows_a_change_once_and_others_show_nothing() -> Result<()> {
    let house = House::open().await?;
    let mut consoles = [house.console(ANA).await?, house.console(ANA).await?];
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let offer = consoles[0].offered(conversation).await?.offer;
    let mut ben = house.console(BEN).await?;
    consoles[1].offered(conversation).await?;
    consoles[1].command(DeskCommand::Accept { offer }).await?;
    for console in &mut consoles {
        console.work_is(conversation, WorkState::Active).await?;
        // What was sent before the answer to this has come by then.
        console.command(DeskCommand::SetPresence { presence: Presence::Busy }).await?;
        assert_eq!(console.offered_times(offer), 1);
    }
    ben.command(DeskCommand::SetPresence { presence: Presence::Busy }).await?;
    assert_eq!(ben.offered_times(offer), 0);
    Ok(())
}

#[tokio::test]
async fn what_one_declines_is_offered_to_the_next() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let offer = ana.offered(conversation).await?.offer;
    let mut ben = house.console(BEN).await?;
    ana.command(DeskCommand::Reject { offer }).await?;
    assert_eq!(ana.offer_gone(offer).await?, OfferGoneReason::Rejected);
    ben.accept(conversation).await?;
    ben.work_is(conversation, WorkState::Active).await?;
    Ok(())
}

#[tokio::test]
async fn what_one_does_not_answer_in_time_is_offered_to_the_next() -> Result<()> {
    let house = House::open().await?;
    house.change_settings(|settings| settings.workstreams[0].offer_timeout = Span::from_secs(5)).await?;
    let mut ana = house.console(ANA).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let offer = ana.offered(conversation).await?;
    assert_eq!(offer.timeout, Span::from_secs(5));
    let mut ben = house.console(BEN).await?;
    assert_eq!(ana.offer_gone(offer.offer).await?, OfferGoneReason::TimedOut);
    let late = ana.command(DeskCommand::Accept { offer: offer.offer }).await;
    assert_refused(late, ErrorCode::OfferGone);
    ben.accept(conversation).await
}

#[tokio::test]
async fn nobody_is_offered_the_same_conversation_more_than_three_times() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    for _ in 0..3 {
        ana.reject(conversation).await?;
    }
    ana.work_is(conversation, WorkState::Open).await?;
    // Other work still comes, and by then nothing of the declined one has.
    let other = house.visitor().await?.start(answers("Bob", "order", "Hello")).await?;
    ana.accept(other).await?;
    assert_eq!(ana.gone.values().filter(|reason| **reason == OfferGoneReason::Rejected).count(), 3);
    assert!(ana.offers.is_empty());
    // Somebody else is asked, at once.
    let mut ben = house.console(BEN).await?;
    ben.accept(conversation).await
}

#[tokio::test]
async fn the_visitor_is_told_that_nobody_is_there_and_is_offered_to_the_first_who_comes() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    customer.stands(&Standing::Waiting { anyone_available: false }).await?;
    let mut ben = house.console(BEN).await?;
    let offer = ben.offered(conversation).await?;
    customer.stands(&Standing::Waiting { anyone_available: true }).await?;
    ben.command(DeskCommand::Accept { offer: offer.offer }).await?;
    customer.stands(&Standing::InConversation { with: "Ben".to_owned() }).await
}

#[tokio::test]
async fn one_offer_is_accepted_once() -> Result<()> {
    let house = House::open().await?;
    let mut first = house.console(ANA).await?;
    let mut second = house.console(ANA).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let offer = first.offered(conversation).await?.offer;
    second.offered(conversation).await?;
    let mut ben = house.console(BEN).await?;
    assert_refused(ben.command(DeskCommand::Accept { offer }).await, ErrorCode::OfferGone);

    // Two consoles at the same moment: one of them is too late, and is told so.
    let command = || DeskCommand::Accept { offer };
    let (one, other) = tokio::join!(first.command(command()), second.command(command()));
    let late = if one.is_ok() { other } else { one };
    assert_eq!(refusal(late)?.problem.code, ErrorCode::OfferGone);
    for console in [&mut first, &mut second] {
        assert_eq!(console.offer_gone(offer).await?, OfferGoneReason::Accepted);
        console.work_is(conversation, WorkState::Active).await?;
    }
    assert_refused(first.command(DeskCommand::Reject { offer }).await, ErrorCode::OfferGone);
    assert_eq!(first.presence.used, Units(50), "capacity is taken once");
    Ok(())
}

#[tokio::test]
async fn nobody_is_offered_more_than_fits_until_something_is_closed() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let mut conversations = Vec::new();
    for name in ["Ada", "Bob"] {
        let conversation = house.visitor().await?.start(answers(name, "order", "Hello")).await?;
        ana.accept(conversation).await?;
        conversations.push(conversation);
    }
    ana.is(Presence::DoNotDisturb).await?;
    let visitor = house.visitor().await?;
    let third = visitor.start(answers("Cem", "order", "Hello")).await?;
    ana.work_is(third, WorkState::Open).await?;
    // Somebody is at work, so that there is hope.
    let mut customer = visitor.connect(third, None).await?;
    customer.stands(&Standing::Waiting { anyone_available: true }).await?;

    // Wrap-up still holds the capacity.
    let conversation = conversations[0];
    ana.command(DeskCommand::End { conversation }).await?;
    ana.work_is(conversation, WorkState::WrapUp).await?;
    assert!(ana.offers.is_empty());
    ana.command(DeskCommand::Close { conversation }).await?;
    ana.accept(third).await
}

#[tokio::test]
async fn a_chosen_presence_keeps_offers_away() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    ana.command(DeskCommand::SetPresence { presence: Presence::Away }).await?;
    ana.is(Presence::Away).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    customer.stands(&Standing::Waiting { anyone_available: false }).await?;
    ana.work_is(conversation, WorkState::Open).await?;
    assert!(ana.offers.is_empty());
    // Only the system gives Inactive.
    let chosen = ana.command(DeskCommand::SetPresence { presence: Presence::Inactive }).await;
    assert_refused(chosen, ErrorCode::NotPossibleNow);
    // Taken by hand, whatever the presence.
    ana.command(DeskCommand::Pick { conversation }).await?;
    customer.stands(&Standing::InConversation { with: "Ana".to_owned() }).await
}

#[tokio::test]
async fn the_answer_to_the_topic_chooses_the_queue() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    for (topic, queue) in [("return", "Returns & repairs"), ("other", "General questions")] {
        let conversation = house.visitor().await?.start(answers("Ada", topic, "Hello")).await?;
        assert_eq!(ana.offered(conversation).await?.queue, queue);
        ana.accept(conversation).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_change_of_the_settings_takes_effect_on_work_that_waits() -> Result<()> {
    let house = House::open().await?;
    let mut sam = house.console(SUPERVISOR).await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    customer.stands(&Standing::Waiting { anyone_available: false }).await?;
    let title = Line::new("Ask us anything")?;
    let me = sam.me.representative;
    house
        .change_settings(|settings| {
            settings.widgets[0].title = title.clone();
            let orders = settings.queues.iter_mut().find(|queue| queue.id == QUEUE_ORDERS);
            orders.map(|queue| queue.members.push(me)).unwrap_or_default();
        })
        .await?;
    sam.accept(conversation).await?;
    customer.stands(&Standing::InConversation { with: "Sam".to_owned() }).await?;
    let path = format!("/v1/widgets/{}", xtask::demo::WIDGET);
    let widget: shared::protocol::http::WidgetView =
        visitor.ask(reqwest::Method::GET, &path, None::<&()>).await?;
    assert_eq!(widget.title, title.as_str());
    Ok(())
}
