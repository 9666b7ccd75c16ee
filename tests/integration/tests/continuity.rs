//! Reconnecting, repeating, and going on elsewhere: nothing twice, nothing lost.

use anyhow::Result;
use integration::{House, Visitor, answers, assert_refused, fresh_message, fresh_request};
use reqwest::Method;
use shared::id::WidgetId;
use shared::protocol::ErrorCode;
use shared::protocol::http::{RedeemHandover, VisitorSession};
use shared::protocol::live::{ClientFrame, Sequence, Standing, Visibility};
use shared::settings::Origin;
use xtask::demo::{ANA, SUPERVISOR, WIDGET};

#[tokio::test]
async fn who_comes_back_gets_exactly_what_follows() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;
    let held = customer.write("Before").await?;
    customer.holds(held).await?;
    customer.socket.close().await?;

    staff.write("While you were away").await?;
    let last = staff.write("And again").await?;
    let back = visitor.connect(conversation, Some(held)).await?;
    assert_eq!(back.texts(), ["While you were away", "And again"]);
    assert_eq!(back.held, last);
    // Whoever has everything gets nothing.
    let again = visitor.connect(conversation, Some(last)).await?;
    assert_eq!((again.log.len(), again.held), (0, last));
    Ok(())
}

#[tokio::test]
async fn a_client_that_holds_more_than_there_is_says_hello_anew() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let last = customer.held;
    let ahead = customer.provoke(&ClientFrame::Read { upto: last.next() }).await;
    assert_refused(ahead, ErrorCode::SequenceAhead);
    // Asking for what follows it, or comes before it, says the same.
    for asked in [
        ClientFrame::FetchAfter { after: last.next() },
        ClientFrame::FetchBefore { before: last.next().next() },
        ClientFrame::Hello { token: Some(visitor.session.token.clone()), holds: Some(last.next()) },
    ] {
        assert_refused(customer.provoke(&asked).await, ErrorCode::SequenceAhead);
    }
    let sequence = customer.write("Still here").await?;
    assert_eq!(sequence, last.next());
    // So does a first hello, after which the client forgets what it held and comes again.
    let ahead = visitor.connect(conversation, Some(sequence.next())).await;
    assert_refused(ahead, ErrorCode::SequenceAhead);
    assert_eq!(visitor.connect(conversation, None).await?.held, sequence);
    // Who looks on leaves no mark that could be ahead: hello is all that they say.
    let supervisor = house.console(SUPERVISOR).await?;
    let ahead = supervisor.open(conversation, Some(sequence.next())).await;
    assert_refused(ahead, ErrorCode::SequenceAhead);
    assert_eq!(supervisor.open(conversation, None).await?.held, sequence);
    Ok(())
}

#[tokio::test]
async fn a_repeated_message_gets_its_first_place() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    let message = fresh_message();
    let first = customer.post(message, Visibility::Public, "Once").await?;
    assert_eq!(customer.post(message, Visibility::Public, "Once").await?, first);
    // Also on another socket, and after the end.
    let mut other = visitor.connect(conversation, None).await?;
    assert_eq!(other.post(message, Visibility::Public, "Once").await?, first);
    other.socket.send(&ClientFrame::End).await?;
    other.holds(first.next()).await?;
    assert_eq!(other.post(message, Visibility::Public, "Once").await?, first);
    let whole = visitor.connect(conversation, None).await?;
    assert_eq!(whole.texts(), ["Hello", "Once"]);
    Ok(())
}

#[tokio::test]
async fn an_id_is_not_used_for_two_messages() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    ana.accept(conversation).await?;
    let mut staff = ana.open(conversation, None).await?;
    let message = fresh_message();
    let last = customer.post(message, Visibility::Public, "This").await?;
    assert_refused(customer.post(message, Visibility::Public, "That").await, ErrorCode::IdReused);
    // The same text of somebody else is another message too.
    assert_refused(staff.post(message, Visibility::Public, "This").await, ErrorCode::IdReused);
    assert_eq!(visitor.connect(conversation, None).await?.held, last, "nothing was stored");
    Ok(())
}

#[tokio::test]
async fn two_tabs_that_start_at_once_start_one_conversation() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let start = |text| visitor.start(answers("Ada", "order", text));
    let (one, two, three) = tokio::try_join!(start("One"), start("Two"), start("Three"))?;
    assert_eq!((one, one), (two, three));
    let whole = visitor.connect(one, None).await?;
    let mut texts = whole.texts();
    texts.sort_unstable();
    assert_eq!(texts, ["One", "Three", "Two"], "what was written in each tab is in it");
    assert_eq!(visitor.current().await?, Some(one));
    Ok(())
}

#[tokio::test]
async fn one_request_starts_one_conversation_however_often_it_is_sent() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let (request, form) = (fresh_request(), || answers("Ada", "order", "Hello"));
    let (one, two) = tokio::try_join!(visitor.start_by(request, form()), visitor.start_by(request, form()))?;
    assert_eq!(one, two);
    // Also when the answer was lost and the conversation has ended in between.
    let mut customer = visitor.connect(one, None).await?;
    let held = customer.held;
    customer.socket.send(&ClientFrame::End).await?;
    customer.holds(held.next()).await?;
    assert_eq!(visitor.start_by(request, form()).await?, one);
    assert_ne!(visitor.start(form()).await?, one);
    Ok(())
}

#[tokio::test]
async fn a_copy_of_a_form_that_comes_late_starts_nothing_also_if_the_form_had_only_joined() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let one = visitor.start(answers("Ada", "order", "From this tab")).await?;
    let (request, form) = (fresh_request(), || answers("Ada", "order", "From that tab"));
    assert_eq!(visitor.start_by(request, form()).await?, one, "it goes on already");
    let mut customer = visitor.connect(one, None).await?;
    customer.sees("From that tab").await?;
    let held = customer.held;
    customer.socket.send(&ClientFrame::End).await?;
    customer.holds(held.next()).await?;
    assert_eq!(visitor.start_by(request, form()).await?, one);
    // Also when there is a newer one.
    let two = visitor.start(answers("Ada", "order", "Anew")).await?;
    assert_ne!(one, two);
    assert_eq!(visitor.start_by(request, form()).await?, one);
    assert_eq!(visitor.connect(two, None).await?.texts(), ["Anew"]);
    assert_eq!(visitor.current().await?, Some(two));
    Ok(())
}

#[tokio::test]
async fn a_hand_over_code_carries_the_conversation_to_its_site() -> Result<()> {
    let house = House::open().await?;
    let (shop, help) = (house.ports().shop(), house.ports().help());
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let code = visitor.hand_over_to(&help).await?;
    let arrived = Visitor::arrive(house.ports(), &shop, &help, &code).await?;
    assert_eq!(arrived.session.visitor, visitor.session.visitor);
    assert_eq!(arrived.session.conversation, Some(conversation));
    assert_ne!(arrived.session.token, visitor.session.token, "each site has its own session");

    // Both go on, live.
    let mut here = visitor.connect(conversation, None).await?;
    let mut there = arrived.connect(conversation, None).await?;
    assert_eq!(there.texts(), ["Hello"]);
    there.write("From the help centre").await?;
    here.sees("From the help centre").await?;
    Ok(())
}

#[tokio::test]
async fn a_hand_over_code_that_does_not_hold_starts_nothing() -> Result<()> {
    let house = House::open().await?;
    let (shop, help) = (house.ports().shop(), house.ports().help());
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let refused = |code: String, site: String| {
        let (ports, from) = (house.ports(), shop.clone());
        async move {
            assert_refused(Visitor::arrive(ports, &from, &site, &code).await, ErrorCode::HandoverRefused);
        }
    };

    // Twice.
    let code = visitor.hand_over_to(&help).await?;
    Visitor::arrive(house.ports(), &shop, &help, &code).await?;
    refused(code, help.clone()).await;
    // Two at once: one of them.
    let code = visitor.hand_over_to(&help).await?;
    let (one, two) = tokio::join!(
        Visitor::arrive(house.ports(), &shop, &help, &code),
        Visitor::arrive(house.ports(), &shop, &help, &code),
    );
    let late = if one.is_ok() { two } else { one };
    assert_refused(late, ErrorCode::HandoverRefused);
    // On another site than it was made for; that uses it up, too.
    let code = visitor.hand_over_to(&help).await?;
    refused(code.clone(), shop.clone()).await;
    refused(code, help.clone()).await;
    // On the way from another site than it was made on; that uses it up, too.
    let code = visitor.hand_over_to(&help).await?;
    let planted = Visitor::arrive(house.ports(), "https://elsewhere.example", &help, &code).await;
    assert_refused(planted, ErrorCode::HandoverRefused);
    refused(code, help.clone()).await;
    // Noise, and codes that were never given.
    for noise in
        ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAA", "__8AAAAAAAAAAAAAAAAAAAAA", "ä\u{0}", &"A".repeat(9_000)]
    {
        refused(noise.to_owned(), help.clone()).await;
    }
    // For sites that are not on the list nothing is given, and nothing taken.
    let elsewhere = "https://elsewhere.example";
    assert_refused(visitor.hand_over_to(elsewhere).await, ErrorCode::OriginNotAllowed);
    let code = visitor.hand_over_to(&help).await?;
    let nowhere = Visitor::arrive(house.ports(), &shop, elsewhere, &code).await;
    assert_refused(nowhere, ErrorCode::OriginNotAllowed);
    // For another widget, and from nowhere.
    let (site, from) = (Origin::new(&help)?, Some(Origin::new(&shop)?));
    let stranger = house.visitor().await?;
    for (widget, from, refusal) in
        [(WidgetId::from_u128(7), from, ErrorCode::UnknownWidget), (WIDGET, None, ErrorCode::HandoverRefused)]
    {
        let body = RedeemHandover { code: code.clone(), widget, site: site.clone(), from };
        let other: Result<VisitorSession> =
            stranger.ask(Method::POST, "/v1/handovers/redeem", Some(&body)).await;
        assert_refused(other, refusal);
    }

    // None of this left a trace in the conversation.
    let whole = visitor.connect(conversation, None).await?;
    assert_eq!((whole.texts(), whole.held), (vec!["Hello"], Sequence(2)));
    Ok(())
}

#[tokio::test]
async fn nobody_is_led_out_of_a_conversation_that_goes_on() -> Result<()> {
    let house = House::open().await?;
    let (shop, help) = (house.ports().shop(), house.ports().help());
    let stranger = house.visitor().await?;
    stranger.start(answers("Mallory", "order", "Tell me everything")).await?;
    let victim = Visitor::open(house.ports(), &help).await?;
    let redeem = |code: String| {
        let (site, from) = (Origin::new(&help), Origin::new(&shop));
        let victim = victim.clone();
        async move {
            let body = RedeemHandover { code, widget: WIDGET, site: site?, from: Some(from?) };
            victim.ask::<VisitorSession>(Method::POST, "/v1/handovers/redeem", Some(&body)).await
        }
    };
    let mine = victim.start(answers("Ada", "order", "Hello")).await?;
    let code = stranger.hand_over_to(&help).await?;
    assert_refused(redeem(code).await, ErrorCode::HandoverRefused);
    assert_eq!(victim.current().await?, Some(mine));
    // Whoever comes back to a site with the conversation that is there already goes on.
    let code = victim.hand_over_to(&shop).await?;
    let there = Visitor::arrive(house.ports(), &help, &shop, &code).await?;
    let back = redeem(there.hand_over_to(&help).await?).await?;
    assert_eq!((back.visitor, back.conversation), (victim.session.visitor, Some(mine)));
    // When it has ended, whoever comes from the other site with a conversation goes on with that one.
    let mut customer = victim.connect(mine, None).await?;
    let last = customer.held;
    customer.socket.send(&ClientFrame::End).await?;
    customer.holds(last.next()).await?;
    let code = stranger.hand_over_to(&help).await?;
    assert_eq!(redeem(code).await?.visitor, stranger.session.visitor);
    Ok(())
}

#[tokio::test]
async fn a_session_of_a_site_that_was_taken_off_the_list_goes_nowhere() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    visitor.start(answers("Ada", "order", "Hello")).await?;
    let shop = house.ports().shop();
    house.change_settings(|settings| settings.widgets[0].sites.retain(|site| site.as_str() != shop)).await?;
    assert_refused(visitor.current().await, ErrorCode::OriginNotAllowed);
    assert_refused(visitor.start(answers("Ada", "order", "Hello")).await, ErrorCode::OriginNotAllowed);
    assert_refused(visitor.hand_over_to(&house.ports().help()).await, ErrorCode::OriginNotAllowed);
    Ok(())
}

#[tokio::test]
async fn a_visitor_has_one_conversation_at_a_time() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    assert_eq!(visitor.session.conversation, None);
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut customer = visitor.connect(conversation, None).await?;
    // A form that is sent again does not end the conversation that goes on: what was written into it is said there.
    assert_eq!(visitor.start(answers("Ada", "return", "Again")).await?, conversation);
    assert_eq!(customer.sees("Again").await?.sequence, Sequence(3));
    let sequence = customer.write("Still the same").await?;
    assert_eq!(sequence, Sequence(4));
    assert!(matches!(customer.standing, Standing::Waiting { .. }));
    Ok(())
}
