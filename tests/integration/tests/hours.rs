//! The operating hours of a widget (reference section 10): what visitors find outside them.

use anyhow::Result;
use integration::{House, answers, refusal};
use reqwest::Method;
use serde_json::{Value, json};
use shared::hours::OperatingHours;
use shared::id::OperatingHoursId;
use shared::protocol::ErrorCode;
use shared::settings::{Settings, WhenClosed};
use shared::text::Line;
use xtask::demo::WIDGET;

const NEVER: OperatingHoursId = OperatingHoursId::from_u128(0xC105);

/// Closes the widget for good, and says so or hides it.
fn close(when_closed: WhenClosed) -> Result<impl FnOnce(&mut Settings)> {
    let past: OperatingHours = serde_json::from_value(json!({
        "id": NEVER, "name": "Past", "time_zone": "UTC", "until": "2020-12-31",
        "week": { "mon-sun": ["00:00-24:00"] },
    }))?;
    Ok(move |settings: &mut Settings| {
        settings.hours.retain(|hours| hours.id != NEVER);
        settings.hours.push(past);
        settings.widgets[0].hours = Some(NEVER);
        settings.widgets[0].when_closed = when_closed;
    })
}

async fn read(house: &House, path: &str) -> Result<Value> {
    let path = format!("/v1/widgets/{WIDGET}{path}");
    let answer = house.chat(Method::GET, &path).header("accept", "application/json").send().await?;
    Ok(answer.error_for_status()?.json().await?)
}

#[tokio::test]
async fn a_widget_that_is_closed_is_hidden_or_says_so_and_begins_no_conversation() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let usual = read(&house, "").await?["subtitle"].clone();
    assert_eq!(read(&house, "/launcher").await?["hidden"], false);

    house.change_settings(close(WhenClosed::Hide)?).await?;
    assert_eq!(read(&house, "/launcher").await?["hidden"], true);
    let refused = refusal(visitor.start(answers("Ada", "order", "Hello")).await)?;
    assert_eq!(refused.problem.code, ErrorCode::NotPossibleNow);

    let words = "We are back on Monday at nine.";
    house.change_settings(close(WhenClosed::Say(Line::new(words)?))?).await?;
    assert_eq!(read(&house, "/launcher").await?["hidden"], false);
    assert_eq!(read(&house, "").await?["subtitle"], words);
    let refused = refusal(visitor.start(answers("Ada", "order", "Hello")).await)?;
    assert_eq!((refused.problem.code, refused.problem.message.as_str()), (ErrorCode::NotPossibleNow, words));

    house.change_settings(|settings| settings.widgets[0].hours = None).await?;
    assert_eq!(read(&house, "").await?["subtitle"], usual);
    visitor.start(answers("Ada", "order", "Hello")).await?;
    Ok(())
}

#[tokio::test]
async fn a_conversation_that_goes_on_is_not_cut_off_when_its_widget_closes() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    house.change_settings(close(WhenClosed::Hide)?).await?;
    assert_eq!(visitor.start(answers("Ada", "order", "Hello")).await?, conversation, "it is given back");
    let mut live = visitor.connect(conversation, None).await?;
    live.write("Still here").await?;
    live.sees("Still here").await?;
    Ok(())
}

#[tokio::test]
async fn hours_that_do_not_exist_are_refused_at_their_place() -> Result<()> {
    let house = House::open().await?;
    let changed = house.change_settings(|settings| settings.widgets[0].hours = Some(NEVER)).await;
    let refused = refusal(changed)?;
    assert_eq!(refused.problem.code, ErrorCode::SettingsRefused);
    assert!(refused.problem.message.contains("widgets[0].hours"), "{refused}");
    Ok(())
}
