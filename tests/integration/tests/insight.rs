//! What the staff can ask about routing, and who may ask it: why, what if, what goes on, how much, and what is doubtful
//! about the settings.

use anyhow::Result;
use integration::{Console, House, Live, answers, assert_refused, problem_of, refusal};
use reqwest::Method;
use serde_json::{Value, json};
use shared::condition::{Comparison, Condition, Field, Literal, Operand};
use shared::id::{ConversationId, QueueId, RepresentativeId, WorkstreamId};
use shared::protocol::ErrorCode;
use shared::protocol::desk::{DeskCommand, Destination, WorkState};
use shared::protocol::http::{AuditLine, ChangedSettings, FilesTaken};
use shared::protocol::insight::{
    Counters, Explanation, Ongoing, Outcome, RuleExplained, RuleStatus, Tried, Verdict,
};
use shared::settings::{Overflow, OverflowAction, OverflowCause, Presence, Route, Share};
use shared::text::Line;
use xtask::demo::{ADMINISTRATOR, ANA, Account, BEN, QUEUE_HELP, QUEUE_ORDERS, SUPERVISOR};
use xtask::desk::Desk;

async fn signed_in(house: &House, account: Account) -> Result<Desk> {
    let mut desk = Desk::new(house.ports())?;
    assert!(desk.sign_in(account.name, account.password).await?);
    Ok(desk)
}

async fn get<T: serde::de::DeserializeOwned>(desk: &Desk, path: &str) -> Result<T> {
    desk.ask(Method::GET, path, None::<&()>).await
}

async fn explain(desk: &Desk, conversation: ConversationId) -> Result<Explanation> {
    get(desk, &format!("/v1/conversations/{conversation}/explanation")).await
}

/// The explanation of a conversation that has just been closed: the records hear of it a moment later.
async fn explained_as_closed(desk: &Desk, conversation: ConversationId) -> Result<Explanation> {
    let limit = tokio::time::Instant::now() + core::time::Duration::from_secs(10);
    loop {
        match explain(desk, conversation).await {
            Ok(explanation) if explanation.state == WorkState::Closed => return Ok(explanation),
            answer if tokio::time::Instant::now() > limit => return answer,
            _ => tokio::time::sleep(core::time::Duration::from_millis(20)).await,
        }
    }
}

async fn workstream(desk: &Desk) -> Result<Value> {
    Ok(json!(desk.settings().await?.settings.workstreams[0].id))
}

#[tokio::test]
async fn an_explanation_says_why_nobody_has_a_conversation_and_what_would_have_to_change() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    ana.command(DeskCommand::SetPresence { presence: Presence::Away }).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;

    let explanation = explain(&ana.desk, conversation).await?;
    assert_eq!(explanation.state, WorkState::Open);
    assert_eq!(explanation.queue_name.as_deref(), Some("Orders"));
    assert!(explanation.sent_by.contains("Orders"), "{}", explanation.sent_by);
    let rules: Vec<RuleExplained> =
        get(&ana.desk, &format!("/v1/conversations/{conversation}/rules")).await?;
    let applied: Vec<_> = rules.iter().filter(|rule| rule.status == RuleStatus::Applied).collect();
    assert_eq!(applied.len(), 1, "{rules:?}");
    let why = |name: &str| {
        let person = explanation.people.iter().find(|person| person.full_name == name).unwrap();
        person.hindrance.clone().unwrap()
    };
    assert_eq!(why(BEN.full_name).why, "They are not signed in.");
    assert_eq!(why(BEN.full_name).remedy, "They open their console.");
    assert!(why(ANA.full_name).why.contains("away"), "{explanation:#?}");

    // At once when it changes.
    let mut ben = house.console(BEN).await?;
    ben.accept(conversation).await?;
    let explanation = explain(&ben.desk, conversation).await?;
    assert_eq!(explanation.state, WorkState::Active);
    assert_eq!(explanation.representative_name.as_deref(), Some(BEN.full_name));
    assert!(explanation.people.is_empty());
    Ok(())
}

#[tokio::test]
async fn representatives_ask_about_what_they_have_on_their_lists_and_supervisors_about_everything()
-> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut ana = house.console(ANA).await?;
    ana.accept(conversation).await?;
    let ben = signed_in(&house, BEN).await?;
    assert_refused(explain(&ben, conversation).await, ErrorCode::UnknownConversation);
    for account in [ANA, SUPERVISOR, ADMINISTRATOR] {
        let desk = signed_in(&house, account).await?;
        assert_eq!(explain(&desk, conversation).await?.state, WorkState::Active, "{}", account.name);
    }
    // What does not exist, or is no id at all.
    let sam = signed_in(&house, SUPERVISOR).await?;
    let unknown = ConversationId::from_bytes([7; 16]);
    assert_refused(explain(&sam, unknown).await, ErrorCode::UnknownConversation);
    let garbled: Result<Explanation> = get(&sam, "/v1/conversations/nonsense/explanation").await;
    assert_refused(garbled, ErrorCode::UnknownConversation);
    ana.command(DeskCommand::End { conversation }).await?;
    ana.command(DeskCommand::Close { conversation }).await?;
    // What is over is explained by the records, to the same people.
    let closed = explained_as_closed(&sam, conversation).await?;
    let had_it: Vec<_> = closed.attempts.iter().map(|one| (one.full_name.as_str(), one.outcome)).collect();
    assert_eq!(had_it, [(ANA.full_name, Outcome::Accepted)]);
    assert!(closed.closed.is_some() && closed.sent_by.contains("Orders"), "{closed:#?}");
    assert_eq!(explain(&ana.desk, conversation).await?, closed);
    assert_refused(explain(&ben, conversation).await, ErrorCode::UnknownConversation);
    let path = format!("/v1/conversations/{conversation}/explanation");
    let stranger = house.desk(Method::GET, &path).send().await?;
    assert_refused::<()>(Err(problem_of(stranger).await?.into()), ErrorCode::NotSignedIn);
    Ok(())
}

#[tokio::test]
async fn a_supervisor_with_queues_of_their_own_reads_nothing_of_others() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let sam = house.console(SUPERVISOR).await?;
    let supervisor = sam.me.representative;
    house
        .change_settings(|settings| {
            let orders = settings.queues.iter_mut().find(|queue| queue.id == QUEUE_ORDERS);
            orders.expect("the demonstration has it").supervisors = vec![supervisor];
        })
        .await?;
    let theirs = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let other = house.visitor().await?.start(answers("Bo", "return", "Hello")).await?;
    for conversation in [theirs, other] {
        ana.accept(conversation).await?;
    }
    for over in [false, true] {
        if over {
            for conversation in [theirs, other] {
                ana.command(DeskCommand::End { conversation }).await?;
                ana.command(DeskCommand::Close { conversation }).await?;
            }
            explained_as_closed(&ana.desk, theirs).await?;
            explained_as_closed(&ana.desk, other).await?;
        }
        explain(&sam.desk, theirs).await?;
        sam.open(theirs, None).await?;
        get::<FilesTaken>(&sam.desk, &format!("/v1/conversations/{theirs}/files")).await?;
        assert_refused(explain(&sam.desk, other).await, ErrorCode::UnknownConversation);
        let rules = get::<Vec<RuleExplained>>(&sam.desk, &format!("/v1/conversations/{other}/rules")).await;
        assert_refused(rules, ErrorCode::UnknownConversation);
        let shut = sam.open(other, None).await.err().map(|error| error.to_string());
        assert!(shut.is_some_and(|error| error.contains("403")), "its socket");
        let files = get::<FilesTaken>(&sam.desk, &format!("/v1/conversations/{other}/files")).await;
        assert_refused(files, ErrorCode::NotYourConversation);
    }
    Ok(())
}

#[tokio::test]
async fn a_supervisor_reads_no_further_when_others_watch_over_the_conversation() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let mut sam = house.console(SUPERVISOR).await?;
    // What is offered to them they may read all the same.
    sam.command(DeskCommand::SetPresence { presence: Presence::Away }).await?;
    let supervisor = sam.me.representative;
    let watches = |queues: &'static [QueueId]| {
        house.change_settings(move |settings| {
            for queue in &mut settings.queues {
                queue.supervisors = if queues.contains(&queue.id) { vec![supervisor] } else { vec![] };
            }
        })
    };
    let is_shown_out = async |mut live: Live, conversation: ConversationId| {
        live.socket.until_ended().await?;
        let shut = sam.open(conversation, None).await.err().map(|error| error.to_string());
        anyhow::ensure!(
            shut.as_ref().is_some_and(|error| error.contains("403")),
            "they may not come back: {shut:?}"
        );
        Ok(())
    };
    watches(&[QUEUE_ORDERS]).await?;
    let [moved, stays] = [(); 2].map(|()| house.visitor());
    let moved = moved.await?.start(answers("Ada", "order", "Hello")).await?;
    let stays = stays.await?.start(answers("Bo", "order", "Hello")).await?;
    for conversation in [moved, stays] {
        ana.accept(conversation).await?;
    }
    // It goes to another queue.
    let live = sam.open(moved, None).await?;
    let kept = sam.open(stays, None).await?;
    let to = Destination::Queue(QUEUE_HELP);
    ana.command(DeskCommand::Transfer { conversation: moved, to }).await?;
    is_shown_out(live, moved).await?;
    // Another queue is theirs.
    watches(&[QUEUE_HELP]).await?;
    is_shown_out(kept, stays).await
}

#[tokio::test]
async fn a_trial_shows_the_decision_and_makes_nothing_of_it() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let sam = signed_in(&house, SUPERVISOR).await?;
    let workstream = workstream(&sam).await?;
    let order = json!({ "workstream": workstream, "answers": [{ "name": "topic", "value": "order" }] });
    let tried: Tried = sam.ask(Method::POST, "/v1/trial", Some(&order)).await?;
    let Verdict::TakenIn(shown) = tried.verdict else { panic!("there is room") };
    assert!(tried.rules.iter().any(|rule| rule.status == RuleStatus::Applied), "{:?}", tried.rules);
    assert_eq!((shown.queue, shown.state), (Some(QUEUE_ORDERS), WorkState::AwaitingAcceptance));
    assert_eq!(shown.representative_name.as_deref(), Some(ANA.full_name));
    let goes_on: Ongoing = get(&sam, "/v1/work").await?;
    assert_eq!((goes_on.items.len(), goes_on.more), (0, false));

    // With a draft, for those who may change the settings.
    let administrator = signed_in(&house, ADMINISTRATOR).await?;
    let mut draft = administrator.settings().await?.settings;
    let full = OverflowCause::ItemsWaiting(1);
    draft.queues[0].overflow = vec![Overflow { when: full, action: OverflowAction::End }];
    ana.command(DeskCommand::SetPresence { presence: Presence::Away }).await?;
    let waiting = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let mut with_draft = order.clone();
    with_draft["settings"] = json!(draft);
    let tried: Tried = administrator.ask(Method::POST, "/v1/trial", Some(&with_draft)).await?;
    let queue_name = "Orders".to_owned();
    let expected = Verdict::TurnedAway { queue: QUEUE_ORDERS, queue_name, action: OverflowAction::End };
    assert_eq!(tried.verdict, expected);
    assert_eq!(explain(&sam, waiting).await?.queue, Some(QUEUE_ORDERS), "the draft is not in force");
    assert!(administrator.settings().await?.settings.queues[0].overflow.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_trial_that_cannot_be_is_refused_with_the_field() -> Result<()> {
    let house = House::open().await?;
    let administrator = signed_in(&house, ADMINISTRATOR).await?;
    let sam = signed_in(&house, SUPERVISOR).await?;
    let workstream = workstream(&sam).await?;
    let refused = async |desk: &Desk, body: Value| -> Result<_> {
        refusal(desk.ask::<Tried>(Method::POST, "/v1/trial", Some(&body)).await)
    };
    let nowhere = "5ca1ab1e-0000-4000-8000-0000000000ff";
    let cases = [
        (json!({ "workstream": nowhere }), "workstream: "),
        (
            json!({ "workstream": workstream, "facts": [{ "field": "contact.size", "value": 1 }] }),
            "facts[0].field: ",
        ),
        (json!({ "workstream": workstream, "context": [{ "name": " ", "value": "" }] }), "context[0].name: "),
        (json!({ "workstream": workstream, "preferred": [nowhere] }), "preferred[0]: "),
    ];
    for (body, path) in cases {
        let refused = refused(&sam, body).await?;
        assert_eq!(refused.problem.code, ErrorCode::TrialRefused, "{refused}");
        assert!(
            refused.problem.message.starts_with(path) && refused.problem.message.ends_with('.'),
            "{refused}"
        );
    }
    assert_eq!(refused(&sam, json!({})).await?.problem.code, ErrorCode::Malformed);
    assert_eq!(refused(&sam, json!([])).await?.problem.code, ErrorCode::Malformed);

    let mut draft = administrator.settings().await?.settings;
    let body = |draft: &shared::settings::Settings| json!({ "workstream": workstream, "settings": draft });
    assert_eq!(refused(&sam, body(&draft)).await?.problem.code, ErrorCode::NotPermitted, "a draft");
    draft.queues[1].members.clear();
    let refusal = refused(&administrator, body(&draft)).await?;
    assert_eq!(refusal.problem.code, ErrorCode::SettingsRefused);
    assert!(refusal.problem.message.contains("queues[1].members"), "{refusal}");
    draft.organisation = "x".repeat(2_000_000);
    let refusal = refused(&administrator, body(&draft)).await?;
    assert_eq!(refusal.problem.code, ErrorCode::FrameTooLarge);
    Ok(())
}

#[tokio::test]
async fn what_goes_on_and_the_counters_are_for_supervisors() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    ana.command(DeskCommand::SetPresence { presence: Presence::Away }).await?;
    let waiting = house.visitor().await?.start(answers("Grace", "other", "Hello")).await?;

    for path in ["/v1/work", "/v1/counters", &format!("/v1/queues/{QUEUE_HELP}/work")] {
        let refused: Result<Value> = get(&ana.desk, path).await;
        assert_refused(refused, ErrorCode::NotPermitted);
        let stranger = house.desk(Method::GET, path).send().await?;
        assert_refused::<()>(Err(problem_of(stranger).await?.into()), ErrorCode::NotSignedIn);
    }
    let body = json!({ "workstream": RepresentativeId::from_u128(1) });
    let refused: Result<Value> = ana.desk.ask(Method::POST, "/v1/trial", Some(&body)).await;
    assert_refused(refused, ErrorCode::NotPermitted);

    // Somebody who is no representative.
    let sam = signed_in(&house, ADMINISTRATOR).await?;
    let goes_on: Ongoing = get(&sam, "/v1/work").await?;
    let listed: Vec<_> = goes_on
        .items
        .iter()
        .map(|one| (one.item.conversation, one.item.state, one.representative_name.as_deref()))
        .collect();
    assert_eq!(
        listed,
        [(conversation, WorkState::Active, Some(ANA.full_name)), (waiting, WorkState::Open, None)]
    );
    assert_eq!(goes_on.items[0].item.queue_name, "Orders");
    let of_help: Ongoing = get(&sam, &format!("/v1/queues/{QUEUE_HELP}/work")).await?;
    assert_eq!(of_help.items.iter().map(|one| one.item.conversation).collect::<Vec<_>>(), [waiting]);
    let garbled: Result<Ongoing> = get(&sam, "/v1/queues/orders/work").await;
    assert_refused(garbled, ErrorCode::NotFound);

    let counters: Counters = get(&sam, "/v1/counters").await?;
    let orders = counters.queues.iter().find(|counted| counted.queue == QUEUE_ORDERS).unwrap();
    assert_eq!((orders.name.as_str(), orders.work.active, orders.work.open), ("Orders", 1, 0));
    let help = counters.queues.iter().find(|counted| counted.queue == QUEUE_HELP).unwrap();
    assert_eq!((help.work.open, help.longest_wait.is_some(), help.members.len()), (1, true, 3));
    let of_ana = counters.representatives.iter().find(|one| one.full_name == ANA.full_name).unwrap();
    assert_eq!((of_ana.presence, of_ana.connected, of_ana.work, of_ana.used), (Presence::Away, true, 1, 50));
    Ok(())
}

#[tokio::test]
async fn what_supervisors_do_stands_in_the_audit_log() -> Result<()> {
    let house = House::open().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let mut sam: Console = house.console(SUPERVISOR).await?;
    let (representative, reason) = (ana.me.representative, Line::new("Lunch")?);
    let presence = Some(Presence::Away);
    sam.command(DeskCommand::OverridePresence { representative, presence, reason }).await?;
    sam.command(DeskCommand::Monitor { conversation }).await?;
    sam.command(DeskCommand::Join { conversation }).await?;
    sam.command(DeskCommand::Redirect { conversation, to: Destination::Queue(QUEUE_HELP) }).await?;
    sam.command(DeskCommand::ForceClose { conversation }).await?;
    let administrator = signed_in(&house, ADMINISTRATOR).await?;
    let expected = [
        format!("Closed the conversation {conversation}."),
        format!("Transferred the conversation {conversation} to the queue General questions."),
        format!("Joined the conversation {conversation}."),
        format!("Monitored the conversation {conversation}."),
        "Set the presence of Ana Lindqvist to away: Lunch.".to_owned(),
        "Set a password by a setup link.".to_owned(),
    ];
    // The records hear of it a moment later.
    let limit = tokio::time::Instant::now() + core::time::Duration::from_secs(10);
    loop {
        let lines: Vec<AuditLine> = get(&administrator, "/v1/audit").await?;
        let by_sam = lines.iter().filter(|line| line.by == Some(sam.me.representative));
        let by_sam: Vec<_> = by_sam.map(|line| line.what.clone()).collect();
        if by_sam == expected {
            assert!(lines.is_sorted_by(|newer, older| newer.at >= older.at));
            break;
        }
        assert!(tokio::time::Instant::now() < limit, "{by_sam:#?}");
        tokio::time::sleep(core::time::Duration::from_millis(20)).await;
    }
    let refused: Result<Vec<AuditLine>> = get(&sam.desk, "/v1/audit").await;
    assert_refused(refused, ErrorCode::NotPermitted);
    Ok(())
}

#[tokio::test]
async fn saving_settings_gives_back_what_is_doubtful_about_them() -> Result<()> {
    let house = House::open().await?;
    let administrator = signed_in(&house, ADMINISTRATOR).await?;
    let mut document = administrator.settings().await?;
    let saved: ChangedSettings = administrator.ask(Method::PUT, "/v1/settings", Some(&document)).await?;
    assert_eq!(saved.warnings, []);
    document.version = saved.version;
    let again = document.settings.workstreams[0].routes[0].clone();
    document.settings.workstreams[0].routes.push(again);
    let saved: ChangedSettings = administrator.ask(Method::PUT, "/v1/settings", Some(&document)).await?;
    assert_eq!(saved.settings, document.settings);
    let [warning] = saved.warnings.as_slice() else { panic!("{:?}", saved.warnings) };
    assert_eq!(warning.path, "workstreams[0].routes[2]");
    assert!(warning.message.contains("can never match"), "{warning:?}");
    // Accounts are known to the gateway alone.
    document.version = saved.version;
    document.settings.workstreams[0].routes.pop();
    document.settings.queues[0].supervisors.push(RepresentativeId::from_u128(1));
    let saved: ChangedSettings = administrator.ask(Method::PUT, "/v1/settings", Some(&document)).await?;
    let [warning] = saved.warnings.as_slice() else { panic!("{:?}", saved.warnings) };
    assert_eq!(warning.path, "queues[0].supervisors[0]");
    assert!(warning.message.starts_with("No account has this id"), "{warning:?}");
    Ok(())
}

#[tokio::test]
async fn rules_know_the_language_that_a_customers_browser_prefers() -> Result<()> {
    let house = House::open().await?;
    house
        .change_settings(|settings| {
            let german = Operand::Literal(Literal::Text("de".to_owned()));
            let route = Route {
                name: Line::new("German").unwrap(),
                when: Condition::Compare(Field::Locale, Comparison::BeginsWith(german)),
                queues: vec![Share { queue: QUEUE_HELP, percent: 100 }],
                overflow: None,
            };
            settings.workstreams[0].routes.insert(0, route);
        })
        .await?;
    let sam = signed_in(&house, SUPERVISOR).await?;
    for (languages, queue) in
        [(Some("de-AT, en;q=0.5"), QUEUE_HELP), (Some("en, de;q=0.9"), QUEUE_ORDERS), (None, QUEUE_ORDERS)]
    {
        let mut visitor = house.visitor().await?;
        visitor.languages = languages.map(str::to_owned);
        let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
        let explanation = explain(&sam, conversation).await?;
        assert_eq!(explanation.queue, Some(queue), "{languages:?}: {}", explanation.sent_by);
    }
    Ok(())
}

#[tokio::test]
async fn what_goes_with_work_that_is_not_closed_is_told_and_the_work_stays_on_the_list() -> Result<()> {
    let house = House::open().await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let administrator = signed_in(&house, ADMINISTRATOR).await?;
    let mut document = administrator.settings().await?;
    let other = WorkstreamId::from_u128(0xfeed);
    document.settings.workstreams[0].id = other;
    document.settings.widgets.iter_mut().for_each(|widget| widget.workstream = other);
    let saved: ChangedSettings = administrator.ask(Method::PUT, "/v1/settings", Some(&document)).await?;
    let [warning] = saved.warnings.as_slice() else { panic!("{:?}", saved.warnings) };
    assert_eq!(warning.path, "workstreams");
    assert!(warning.message.contains("1 conversation"), "{warning:?}");
    // The router hears of it a moment later.
    let limit = tokio::time::Instant::now() + core::time::Duration::from_secs(10);
    loop {
        let goes_on: Ongoing = get(&administrator, "/v1/work").await?;
        let [one] = goes_on.items.as_slice() else { panic!("{:?}", goes_on.items) };
        assert_eq!(one.item.conversation, conversation);
        if one.item.queue_name == "No queue" {
            break;
        }
        assert!(tokio::time::Instant::now() < limit, "{one:?}");
        tokio::time::sleep(core::time::Duration::from_millis(20)).await;
    }
    let mut sam: Console = house.console(SUPERVISOR).await?;
    sam.command(DeskCommand::ForceClose { conversation }).await?;
    let goes_on: Ongoing = get(&administrator, "/v1/work").await?;
    assert_eq!(goes_on.items, []);
    Ok(())
}
