//! The beginning of a conversation: repeats and tabs that begin at once, what the page and the browser say, and sessions of
//! visitors that are used again or run out.

use anyhow::{Context as _, Result};
use integration::{House, Visitor, answers, assert_refused, fresh_message, fresh_request, refusal};
use reqwest::Method;
use rusqlite::Connection;
use shared::condition::{ChannelField, Comparison, Condition, Field, Name};
use shared::form::Answer;
use shared::id::ConversationId;
use shared::limit::VISITOR_SESSION_LIFETIME;
use shared::protocol::ErrorCode;
use shared::protocol::desk::Detail;
use shared::protocol::http::{CurrentConversation, StartConversation};
use shared::protocol::insight::Explanation;
use shared::protocol::live::{ClientFrame, Content, Entry};
use shared::settings::{Route, Variable, VariableKind};
use shared::text::Line;
use xtask::demo::{ANA, QUEUE_RETURNS, SUPERVISOR};
use xtask::desk::Desk;

#[tokio::test]
async fn a_form_whose_answer_was_lost_adds_what_is_new_and_repeats_nothing() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let request = fresh_request();
    let first = answers("Ada", "order", "Where is it?");
    let conversation = visitor.start_by(request, first.clone()).await?;
    // The answer was lost. The same again, then something else.
    assert_eq!(visitor.start_by(request, first).await?, conversation);
    assert_eq!(visitor.start(answers("Ada", "order", "And the receipt?")).await?, conversation);
    assert_eq!(visitor.connect(conversation, None).await?.texts(), ["Where is it?", "And the receipt?"]);
    ana.accept(conversation).await?;
    assert_eq!(ana.open(conversation, None).await?.texts(), ["Where is it?", "And the receipt?"]);
    assert_eq!(ana.work.len(), 1, "{:?}", ana.work);
    Ok(())
}

#[tokio::test]
async fn who_is_connected_hears_what_another_tab_wrote_into_the_form() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "From this tab")).await?;
    let mut tab = visitor.connect(conversation, None).await?;
    visitor.start(answers("Ada", "order", "From that tab")).await?;
    tab.sees("From that tab").await?;
    Ok(())
}

/// Asks for a conversation on a page that says this.
async fn start_on(
    visitor: &Visitor,
    context: Vec<Answer>,
    page: Option<&str>,
) -> Result<Option<ConversationId>> {
    let (request, answers) = (fresh_request(), answers("Ada", "other", "Hello"));
    let body = StartConversation { request, answers, context, page: page.map(str::to_owned) };
    let current: CurrentConversation = visitor.ask(Method::POST, "/v1/conversations", Some(&body)).await?;
    Ok(current.conversation)
}

fn variable(name: &str, value: &str) -> Answer {
    Answer { name: name.to_owned(), value: value.to_owned() }
}

#[tokio::test]
async fn a_variable_of_the_page_and_the_site_choose_the_queue_and_are_shown() -> Result<()> {
    let house = House::open().await?;
    let (shop, help) = (house.ports().shop(), house.ports().help());
    house
        .change_settings(|settings| {
            let equals = |field, value: &str| Condition::Compare(field, Comparison::Equals(value.into()));
            let when = Condition::All(vec![
                equals(Field::context("tier").unwrap(), "gold"),
                equals(Field::Channel(ChannelField::Site), &shop),
                equals(Field::Channel(ChannelField::Browser), "Firefox"),
                Condition::Compare(
                    Field::Channel(ChannelField::Page),
                    Comparison::EndsWith("/cup.html".into()),
                ),
            ]);
            let workstream = &mut settings.workstreams[0];
            workstream.routes.insert(0, Route::to(QUEUE_RETURNS, Line::new("Gold").unwrap(), when));
            let (name, kind) = (Name::new("tier").unwrap(), VariableKind::Text);
            workstream.variables.push(Variable { name, kind, displayable: true });
        })
        .await?;
    let mut sam = Desk::new(house.ports())?;
    assert!(sam.sign_in(SUPERVISOR.name, SUPERVISOR.password).await?);
    let page = format!("{shop}/cup.html");
    let mut gold = None;
    for (site, tier, queue) in [
        (&shop, "gold", "Returns & repairs"),
        (&shop, "tin", "General questions"),
        (&help, "gold", "General questions"),
    ] {
        let mut visitor = Visitor::open(house.ports(), site).await?;
        visitor.browser =
            Some("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0".into());
        let conversation = start_on(&visitor, vec![variable("tier", tier)], Some(&page)).await?;
        let conversation = conversation.context("a conversation")?;
        let path = format!("/v1/conversations/{conversation}/explanation");
        let explanation: Explanation = sam.ask(Method::GET, &path, None::<&()>).await?;
        assert_eq!(explanation.queue_name.as_deref(), Some(queue), "{site} {tier}");
        gold = gold.or(Some(conversation));
    }
    let mut ana = house.console(ANA).await?;
    let offer = ana.offered(gold.context("the first of them")?).await?;
    assert_eq!(offer.details, [Detail { label: "tier".into(), value: "gold".into() }]);
    Ok(())
}

#[tokio::test]
async fn context_over_a_limit_is_refused_with_its_place_and_nothing_is_begun() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let many =
        |count: usize| (0..count).map(|number| variable(&format!("v{number}"), "1")).collect::<Vec<_>>();
    for (context, place) in [
        (many(101), "context: "),
        (vec![variable("good", "1"), variable(&"n".repeat(101), "1")], "context[1].name: "),
        (vec![variable(" tier", "gold")], "context[0].name: "),
        (vec![variable("tier", &"g".repeat(4_001))], "context[0].value: "),
    ] {
        let refused = refusal(start_on(&visitor, context, None).await)?;
        assert!(refused.problem.message.starts_with(place), "{refused}");
        assert_refused::<()>(Err(refused.into()), ErrorCode::AnswersRefused);
        assert_eq!(visitor.current().await?, None);
    }
    let mut full = many(100);
    full[0] = variable(&"n".repeat(100), &"g".repeat(4_000));
    assert!(start_on(&visitor, full, Some("https://elsewhere.example/")).await?.is_some());
    Ok(())
}

/// Changes when the only session was last used, while the server is down, and gives when that was, in ms.
fn used(house: &House, change: impl FnOnce(i64) -> i64) -> Result<i64> {
    let database = Connection::open(house.database("conversations")?)?;
    let before: i64 = database.query_row("SELECT used FROM sessions", [], |row| row.get(0))?;
    assert_eq!(database.execute("UPDATE sessions SET used = ?", [change(before)])?, 1);
    Ok(before)
}

#[tokio::test]
async fn a_visitors_session_lasts_thirty_days_after_its_last_use() -> Result<()> {
    let mut house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let days = i64::try_from(VISITOR_SESSION_LIFETIME.as_millis())?;
    let minute = 60_000;

    house.kill().await?;
    let begun = used(&house, |used| used - days + minute)?;
    house.restart().await?;
    assert_eq!(visitor.current().await?, Some(conversation), "in the last minute");
    house.kill().await?;
    assert!(used(&house, |_| begun - days - 1)? >= begun, "used again, and good for as long again");
    house.restart().await?;
    assert_refused(visitor.current().await, ErrorCode::NotSignedIn);
    assert_refused(visitor.start(answers("Ada", "order", "Hello")).await, ErrorCode::NotSignedIn);
    assert_refused(visitor.connect(conversation, None).await, ErrorCode::NotSignedIn);
    Ok(())
}

#[tokio::test]
async fn whether_a_conversation_goes_on_is_known_without_its_log() -> Result<()> {
    let mut house = House::open().await?;
    let (ada, bob) = (house.visitor().await?, house.visitor().await?);
    let conversation = ada.start(answers("Ada", "order", "Hello")).await?;
    let other = bob.start(answers("Bob", "order", "Hello")).await?;
    let mut live = bob.connect(other, None).await?;
    // By then Ada's has heard what the router had to say.
    live.until("a place in the line", |live| live.place.as_ref().map(drop)).await?;
    // A removal has all of the shard stored.
    let target = live.write("Oops").await?;
    live.socket.send(&ClientFrame::Redact { message: fresh_message(), target }).await?;
    let removed = |entry: &Entry| entry.content == Content::Redacted { target };
    live.until("the removal", |live| live.log.iter().any(removed).then_some(())).await?;
    house.kill().await?;
    let database = Connection::open(house.database("conversations")?)?;
    let unreadable = "UPDATE records SET records = x'ff' WHERE conversation = ?";
    assert_eq!(database.execute(unreadable, [conversation.as_bytes()])?, 1);
    drop(database);
    house.restart().await?;
    assert_eq!(ada.current().await?, Some(conversation));
    assert_refused(ada.start(answers("Ada", "order", "Hello again")).await, ErrorCode::Internal);
    Ok(())
}
