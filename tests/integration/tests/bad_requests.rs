//! Requests that the gateway must refuse: each with its code, its status and a sentence, and nothing changed.

use anyhow::Result;
use integration::{House, answers, assert_refused, bearer, fresh_request, problem_of, refusal};
use reqwest::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CONTENT_TYPE, COOKIE, ORIGIN, RETRY_AFTER,
};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use shared::form::{Answer, AnswerError};
use shared::id::ConversationId;
use shared::limit::{ANSWER_CHARS_MAX, FRAME_BYTES_MAX, SIGN_IN_RATE};
use shared::protocol::ErrorCode;
use shared::protocol::codec::{CONTENT_TYPE_BINARY, SUBPROTOCOL_BINARY, SUBPROTOCOL_JSON};
use shared::protocol::http::StartConversation;
use xtask::demo::{ANA, BEN, SUPERVISOR, WIDGET};

/// Sends a request that must be refused, and says how.
async fn refused(request: RequestBuilder, code: ErrorCode) -> Result<()> {
    assert_refused::<()>(Err(problem_of(request.send().await?).await?.into()), code);
    Ok(())
}

/// A request that asks for a socket.
fn upgrade(request: RequestBuilder, subprotocol: &str) -> RequestBuilder {
    request
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", subprotocol)
}

#[tokio::test]
async fn an_unknown_widget_is_named() -> Result<()> {
    let house = House::open().await?;
    for id in ["5ca1ab1e-0000-4000-8000-000000000099", "widget", "5ca1ab1e", "%00"] {
        for path in
            [format!("/v1/widgets/{id}/launcher"), format!("/v1/widgets/{id}"), format!("/frame/{id}")]
        {
            refused(house.chat(Method::GET, &path), ErrorCode::UnknownWidget).await?;
        }
    }
    let body = json!({ "widget": "5ca1ab1e-0000-4000-8000-000000000099", "site": house.ports().shop() });
    refused(house.chat(Method::POST, "/v1/visitors").json(&body), ErrorCode::UnknownWidget).await
}

#[tokio::test]
async fn only_the_sites_of_the_widget_may_use_it() -> Result<()> {
    let house = House::open().await?;
    let launcher = || house.chat(Method::GET, &format!("/v1/widgets/{WIDGET}/launcher"));
    let shop = house.ports().shop();
    let answer = launcher().header(ORIGIN, &shop).send().await?;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], shop.as_str());
    // Somebody who looks at the address by hand is no page.
    assert_eq!(launcher().send().await?.status(), 200);

    for site in [
        "https://elsewhere.example",
        "null",
        "http://shop.localhost",
        "http://shop.localhost:8788.evil.example",
    ] {
        let answer = launcher().header(ORIGIN, site).send().await?;
        // The tag may read the refusal, so that the page's owner learns what to do.
        assert_eq!(answer.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], site);
        assert_eq!(problem_of(answer).await?.problem.code, ErrorCode::OriginNotAllowed, "{site}");
    }
    let body = json!({ "widget": WIDGET, "site": "https://elsewhere.example" });
    refused(house.chat(Method::POST, "/v1/visitors").json(&body), ErrorCode::OriginNotAllowed).await?;
    let body = json!({ "widget": WIDGET, "site": "not an origin" });
    refused(house.chat(Method::POST, "/v1/visitors").json(&body), ErrorCode::Malformed).await?;

    // A site that is taken off the list is out at once, with every session that was opened there.
    let visitor = house.visitor().await?;
    house.change_settings(|settings| settings.widgets[0].sites.clear()).await?;
    let started = visitor.start(answers("Ada", "order", "Hello")).await;
    assert_refused(started, ErrorCode::OriginNotAllowed);
    Ok(())
}

#[tokio::test]
async fn pages_of_other_origins_are_not_answered() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let ana = house.console(ANA).await?;
    let cookie = ana.desk.cookie().unwrap_or_default().to_owned();
    let (chat, desk, shop) = (house.ports().chat(), house.ports().desk(), house.ports().shop());
    for (own, other) in [(&chat, &shop), (&chat, &desk), (&chat, &"null".to_owned())] {
        assert_ne!(own, other);
        let current = house.chat(Method::GET, "/v1/conversations/current");
        let current = current.header(AUTHORIZATION, bearer(&visitor.session.token)).header(ORIGIN, other);
        refused(current, ErrorCode::CrossOrigin).await?;
        let socket = house.chat(Method::GET, &format!("/v1/conversations/{conversation}/socket"));
        refused(upgrade(socket, SUBPROTOCOL_BINARY).header(ORIGIN, other), ErrorCode::CrossOrigin).await?;
    }
    // A cookie that a browser would attach does not help a page of somebody else.
    for other in [&shop, &chat] {
        for (method, path) in [(Method::POST, "/v1/staff/sign-out"), (Method::GET, "/v1/staff/me")] {
            let request = house.desk(method, path).header(COOKIE, &cookie).header(ORIGIN, other);
            refused(request, ErrorCode::CrossOrigin).await?;
        }
        let socket = house.desk(Method::GET, "/v1/desk").header(COOKIE, &cookie).header(ORIGIN, other);
        refused(upgrade(socket, SUBPROTOCOL_JSON), ErrorCode::CrossOrigin).await?;
    }
    let me: shared::protocol::http::Me = ana.desk.ask(Method::GET, "/v1/staff/me", None::<&()>).await?;
    assert_eq!(me.name, ANA.name, "the session was not ended");
    Ok(())
}

#[tokio::test]
async fn a_token_that_does_not_hold_opens_nothing() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let stranger = house.visitor().await?;
    let token = &visitor.session.token;
    let last = if token.ends_with('A') { 'E' } else { 'A' };
    let wrong = format!("{}{last}", &token[..token.len() - 1]);
    assert_ne!(&wrong, token);
    let mixed = format!("{}{}", &token[..24], &stranger.session.token[24..]);
    let body = json!({ "request": fresh_request(), "answers": answers("Ada", "order", "Hello") });
    let target = json!({ "target": house.ports().help() });
    for header in [
        String::new(),
        token.clone(),
        bearer(""),
        bearer("garbled"),
        bearer(&wrong),
        bearer(&mixed),
        bearer(&"A".repeat(5_000)),
        format!("Basic {token}"),
    ] {
        let with = |request: RequestBuilder| request.header(AUTHORIZATION, &header);
        for path in ["/v1/conversations/current", "/v1/visitors/session"] {
            refused(with(house.chat(Method::GET, path)), ErrorCode::NotSignedIn).await?;
        }
        refused(with(house.chat(Method::POST, "/v1/conversations").json(&body)), ErrorCode::NotSignedIn)
            .await?;
        refused(with(house.chat(Method::POST, "/v1/handovers").json(&target)), ErrorCode::NotSignedIn)
            .await?;
    }
    assert_eq!(visitor.current().await?, None);
    Ok(())
}

#[tokio::test]
async fn answers_that_will_not_do_are_named_and_start_nothing() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let answer = |name: &str, value: &str| Answer { name: name.to_owned(), value: value.to_owned() };
    let good = || answers("Ada", "order", "Hello");
    let without = |name: &str| good().into_iter().filter(|answer| answer.name != name).collect::<Vec<_>>();
    let with = |name: &str, value: &str| {
        good()
            .into_iter()
            .map(|old| if old.name == name { answer(name, value) } else { old })
            .collect::<Vec<_>>()
    };
    let long = "x".repeat(ANSWER_CHARS_MAX + 1);
    let cases = [
        (Vec::new(), vec!["name", "topic", "message", "consent"], AnswerError::Required),
        (without("topic"), vec!["topic"], AnswerError::Required),
        (with("name", "  "), vec!["name"], AnswerError::Required),
        (with("consent", "false"), vec!["consent"], AnswerError::Required),
        (with("topic", "refund"), vec!["topic"], AnswerError::NotAChoice),
        (with("message", &long), vec!["message"], AnswerError::TooLong),
        ([good(), vec![answer("role", "admin")]].concat(), vec!["role"], AnswerError::Unexpected),
        ([good(), vec![answer("name", "Bob")]].concat(), vec!["name"], AnswerError::Unexpected),
    ];
    for (answers, fields, error) in cases {
        let refusal = refusal(visitor.start(answers).await)?;
        assert_eq!((refusal.problem.code, refusal.status), (ErrorCode::AnswersRefused, 422));
        let named: Vec<_> =
            refusal.problem.fields.iter().map(|field| (field.name.as_str(), field.error)).collect();
        assert_eq!(named, fields.into_iter().map(|field| (field, error)).collect::<Vec<_>>());
    }
    assert_eq!(visitor.current().await?, None);
    Ok(())
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_in_the_coding_that_is_wanted() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let token = bearer(&visitor.session.token);
    let post = || house.chat(Method::POST, "/v1/conversations").header(AUTHORIZATION, &token);
    for body in ["", "{", "[]", "{\"request\":7}", "\u{0}\u{1}", "{\"answers\":[]}"] {
        refused(post().header(CONTENT_TYPE, "application/json").body(body), ErrorCode::Malformed).await?;
    }
    let binary = post().header(CONTENT_TYPE, CONTENT_TYPE_BINARY).header(ACCEPT, CONTENT_TYPE_BINARY);
    let answer = binary.body(vec![0xff; 30]).send().await?;
    assert_eq!(answer.headers()[CONTENT_TYPE], CONTENT_TYPE_BINARY);
    assert_refused::<()>(Err(problem_of(answer).await?.into()), ErrorCode::Malformed);

    // Over the limit, declared or not.
    refused(post().body(vec![b' '; FRAME_BYTES_MAX + 1]), ErrorCode::FrameTooLarge).await?;
    let chunk = "x".repeat(0x1000);
    let chunks = format!("1000\r\n{chunk}\r\n").repeat(17);
    let host = house.ports().chat().replace("http://", "");
    let request = format!(
        "POST /v1/conversations HTTP/1.1\r\nhost: {host}\r\nauthorization: {token}\r\ntransfer-encoding: chunked\r\n\
         connection: close\r\n\r\n{chunks}0\r\n\r\n"
    );
    let answer = house.send_bytes(&request).await?;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("frame_too_large"), "{answer}");
    assert_eq!(visitor.current().await?, None);
    Ok(())
}

#[tokio::test]
async fn each_host_answers_its_own_routes_and_methods_alone() -> Result<()> {
    let house = House::open().await?;
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v2/visitors",
        "/index.html",
        "/v1/staff/me",
        "/v1/settings",
        "/v1/desk",
    ] {
        refused(house.chat(Method::GET, path), ErrorCode::NotFound).await?;
    }
    for path in ["/v1/nothing", "/v1/visitors", "/v1/conversations", "/v1/handovers", "/assets/nothing.js"] {
        refused(house.desk(Method::GET, path), ErrorCode::NotFound).await?;
    }
    let launcher = format!("/v1/widgets/{WIDGET}/launcher");
    for (method, path) in [
        (Method::GET, "/v1/visitors"),
        (Method::DELETE, "/v1/conversations"),
        (Method::GET, "/v1/conversations"),
        (Method::POST, "/v1/conversations/current"),
        (Method::PUT, "/v1/handovers/redeem"),
        (Method::POST, launcher.as_str()),
    ] {
        refused(house.chat(method, path), ErrorCode::MethodNotAllowed).await?;
    }
    for (method, path) in [
        (Method::GET, "/v1/staff/sign-in"),
        (Method::DELETE, "/v1/staff/me"),
        (Method::POST, "/v1/settings"),
        (Method::POST, "/v1/desk"),
        (Method::PATCH, "/v1/records/conversations"),
    ] {
        refused(house.desk(method, path), ErrorCode::MethodNotAllowed).await?;
    }
    // A name that is not ours, whatever it resolves to.
    let port = house.ports().gateway;
    for host in
        [format!("127.0.0.1:{port}"), "evil.example".to_owned(), format!("chat.localhost:{}", port ^ 1)]
    {
        let request = format!("GET /v1/health HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let answer = house.send_bytes(&request).await?;
        assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("not_found"), "{host}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn no_path_leaves_the_folder_of_its_host() -> Result<()> {
    let house = House::empty().await?;
    for host in ["chat", "desk"] {
        for path in [
            "/assets/../../../Cargo.toml",
            "/assets/..%2f..%2f..%2fCargo.toml",
            "/assets/%2e%2e/%2e%2e/desk/index.html",
            "/assets/..\\..\\Cargo.toml",
            "/assets//etc/passwd",
            "/assets/.",
            "/assets/",
            "/assets/..",
            "/embed.js/../../../../Cargo.toml",
        ] {
            let authority = format!("{host}.localhost:{}", house.ports().gateway);
            let request = format!("GET {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
            let answer = house.send_bytes(&request).await?;
            assert!(!answer.contains("[workspace]") && !answer.contains("root:"), "{host}{path}: {answer}");
            // The console's own page is the answer to every address that is no file.
            let console = host == "desk" && answer.contains("frame-ancestors 'none'");
            let refused = answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400");
            assert!(refused || console, "{host}{path}: {answer}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_socket_is_asked_for_as_one_and_in_a_known_coding() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let path = format!("/v1/conversations/{conversation}/socket");
    refused(house.chat(Method::GET, &path), ErrorCode::Malformed).await?;
    for subprotocol in ["", "chat", "throughline.v2.bin"] {
        refused(upgrade(house.chat(Method::GET, &path), subprotocol), ErrorCode::Malformed).await?;
    }
    let nowhere = house.chat(Method::GET, "/v1/conversations/nowhere/socket");
    refused(upgrade(nowhere, SUBPROTOCOL_BINARY), ErrorCode::UnknownConversation).await
}

#[tokio::test]
async fn the_staff_see_what_is_theirs() -> Result<()> {
    let house = House::open().await?;
    let conversation = house.visitor().await?.start(answers("Ada", "order", "Hello")).await?;
    let mut ana = house.console(ANA).await?;
    ana.accept(conversation).await?;
    let ben = house.console(BEN).await?;
    let socket = |id: ConversationId| house.desk(Method::GET, &format!("/v1/conversations/{id}/socket"));
    let by = |request: RequestBuilder, console: &integration::Console| {
        upgrade(request, SUBPROTOCOL_JSON).header(COOKIE, console.desk.cookie().unwrap_or_default())
    };
    refused(upgrade(socket(conversation), SUBPROTOCOL_JSON), ErrorCode::NotSignedIn).await?;
    refused(by(socket(conversation), &ben), ErrorCode::NotYourConversation).await?;
    refused(by(socket(ConversationId::from_u128(1)), &ben), ErrorCode::NotYourConversation).await?;
    let sam = house.console(SUPERVISOR).await?;
    let nowhere = sam.open(ConversationId::from_u128(1), None).await;
    assert_refused(nowhere, ErrorCode::UnknownConversation);

    for (method, path) in [
        (Method::GET, "/v1/staff/me"),
        (Method::GET, "/v1/staff/accounts"),
        (Method::POST, "/v1/staff/accounts"),
        (Method::GET, "/v1/settings"),
        (Method::PUT, "/v1/settings"),
        (Method::GET, "/v1/audit"),
        (Method::GET, "/v1/records/conversations"),
    ] {
        refused(house.desk(method.clone(), path), ErrorCode::NotSignedIn).await?;
        for cookie in ["throughline_session=", "throughline_session=AAAA", "throughline_session=ä", "other=1"]
        {
            refused(house.desk(method.clone(), path).header(COOKIE, cookie), ErrorCode::NotSignedIn).await?;
        }
    }
    refused(upgrade(house.desk(Method::GET, "/v1/desk"), SUBPROTOCOL_JSON), ErrorCode::NotSignedIn).await?;

    // Roles: a supervisor reads the settings, and changes nothing.
    let with = |console: &integration::Console, method, path| {
        house.desk(method, path).header(COOKIE, console.desk.cookie().unwrap_or_default())
    };
    for (method, path) in [
        (Method::GET, "/v1/settings"),
        (Method::PUT, "/v1/settings"),
        (Method::GET, "/v1/audit"),
        (Method::POST, "/v1/staff/accounts"),
    ] {
        refused(with(&ana, method, path), ErrorCode::NotPermitted).await?;
    }
    assert_eq!(with(&sam, Method::GET, "/v1/settings").send().await?.status(), 200);
    for (method, path) in
        [(Method::PUT, "/v1/settings"), (Method::GET, "/v1/audit"), (Method::POST, "/v1/staff/accounts")]
    {
        refused(with(&sam, method, path), ErrorCode::NotPermitted).await?;
    }
    Ok(())
}

#[tokio::test]
async fn attempts_to_guess_a_password_are_slowed_down() -> Result<()> {
    let house = House::open().await?;
    let attempt = |name: &str| {
        let body = json!({ "name": name, "password": "not the password" });
        house.desk(Method::POST, "/v1/staff/sign-in").json(&body)
    };
    // One attempt of the burst was the sign-in of the set-up at most: then the limit holds.
    let mut last = attempt("ana").send().await?;
    for _ in 0..2 * SIGN_IN_RATE.burst {
        if last.status() == 429 {
            break;
        }
        assert_refused::<()>(Err(problem_of(last).await?.into()), ErrorCode::WrongPassword);
        last = attempt("ana").send().await?;
    }
    let after: u64 = last.headers()[RETRY_AFTER].to_str()?.parse()?;
    assert!((1..=60).contains(&after));
    assert_refused::<()>(Err(problem_of(last).await?.into()), ErrorCode::TooManyRequests);
    // Other names are not slowed down by it; also those that do not exist.
    refused(attempt("nobody"), ErrorCode::WrongPassword).await
}

#[tokio::test]
async fn a_request_in_json_is_answered_in_json() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let (request, answers) = (fresh_request(), answers("Ada", "order", "Hello"));
    let body = StartConversation { request, answers, context: Vec::new(), page: None };
    let post =
        house.chat(Method::POST, "/v1/conversations").header(AUTHORIZATION, bearer(&visitor.session.token));
    let answer: serde_json::Value = post.json(&body).send().await?.json().await?;
    let current = visitor.current().await?.map(|id| id.to_string());
    assert_eq!(answer["conversation"].as_str(), current.as_deref());
    Ok(())
}
