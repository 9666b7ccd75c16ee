//! What visitors ask for: the widget, a session, a conversation, and a code to carry it to another site.

use shared::condition::{ChannelField, Field, Value};
use shared::conversation::Opening;
use shared::form::{self, Meaning};
use shared::id::{MessageId, VisitorId, WidgetId};
use shared::limit::ANSWER_CHARS_MAX;
use shared::protocol::http::{
    CurrentConversation, Handover, LauncherView, OpenVisitor, RedeemHandover, RequestHandover,
    StartConversation, VisitorSession, WidgetView,
};
use shared::protocol::{ErrorCode, Problem};
use shared::routing::{Arrival, check_context};
use shared::settings::{Origin, WhenClosed, Widget, preferred};
use shared::text::{MessageText, longer_than};
use worker::Method;

use super::{Answered, Visit, admission, agent, body, files, origin};
use crate::conversations::{Answer, ConversationsShell, Crossing, Request, Session};
use crate::fault::Fault;
use crate::settings::FoundWidget;
use crate::tokens::{HandoverCode, VisitorToken};
use crate::{clock, mint, settings};

/// What the script tag needs. Only the widget's sites may read it; others may read why they may not.
pub(super) async fn launcher(visit: &Visit, widget: &str) -> Answered {
    let asking = origin::of(&visit.request);
    let codec = body::wanted(&visit.request);
    let mut response = match launcher_view(visit, widget, asking.as_deref()).await {
        Ok(view) => {
            let mut response = body::answer(codec, &view)?;
            response.headers_mut().set("cache-control", "private, max-age=60").map_err(Fault::from)?;
            response
        }
        Err(problem) => body::refuse(codec, &problem).map_err(Fault::from)?,
    };
    if let Some(asking) = asking {
        response.headers_mut().set("access-control-allow-origin", &asking).map_err(Fault::from)?;
    }
    Ok(response)
}

async fn launcher_view(visit: &Visit, widget: &str, asking: Option<&str>) -> Result<LauncherView, Problem> {
    if visit.method != Method::Get {
        return Err(ErrorCode::MethodNotAllowed.into());
    }
    let FoundWidget { widget, open } = found(visit, read_widget(widget)?).await?;
    if let Some(asking) = asking.filter(|asking| *asking != visit.deployment.chat.as_str()) {
        require_site(&widget, asking)?;
    }
    Ok(LauncherView {
        title: widget.title.into(),
        accent: widget.accent.into(),
        corner: widget.corner,
        sites: widget.sites,
        hidden: !open && widget.when_closed == WhenClosed::Hide,
    })
}

/// The page of the widget's frame.
pub(super) async fn frame(visit: &Visit, widget: &str) -> Answered {
    let widget = find_widget(visit, widget).await?;
    let takes_files = widget.files.customers && !widget.files.kinds.is_empty();
    files::frame(visit, &widget.sites, takes_files).await
}

/// What the widget needs to draw itself.
pub(super) async fn widget(visit: &Visit, widget: &str) -> Answered {
    let FoundWidget { widget, open } = found(visit, read_widget(widget)?).await?;
    let subtitle = match widget.when_closed {
        WhenClosed::Say(closed) if !open => closed,
        _ => widget.subtitle,
    };
    let view = WidgetView {
        title: widget.title.into(),
        subtitle: subtitle.into(),
        accent: widget.accent.into(),
        form: widget.form,
    };
    body::answer(body::wanted(&visit.request), &view)
}

/// Opens a session for a visitor who has none.
pub(super) async fn open(mut visit: Visit) -> Answered {
    admission::visitor(&visit)?;
    let asked: OpenVisitor = body::read(&mut visit.request).await?;
    let widget = widget_by_id(&visit, asked.widget).await?;
    require_site(&widget, asked.site.as_str())?;
    let visitor = mint::visitor(clock::now(), visit.deployment.shards);
    let token = VisitorToken::mint(visitor);
    let request = Request::OpenVisitor { visitor, widget: widget.id, site: asked.site, secret: token.hash() };
    visit.shard_of(visitor, &request).await?;
    let session = VisitorSession { token: token.write(), visitor, conversation: None };
    body::answer(body::wanted(&visit.request), &session)
}

/// The conversation of a visitor that goes on, if there is one.
pub(super) async fn current(visit: &Visit) -> Answered {
    let (_, session) = visit.session().await?;
    let widget = widget_by_id(visit, session.widget).await?;
    require_site(&widget, session.site.as_str())?;
    let current = CurrentConversation { conversation: session.conversation };
    body::answer(body::wanted(&visit.request), &current)
}

/// Starts a conversation, or finds the one that goes on.
pub(super) async fn start(mut visit: Visit) -> Answered {
    let (token, session) = visit.session().await?;
    let asked: StartConversation = body::read(&mut visit.request).await?;
    let FoundWidget { widget, open } = found(&visit, session.widget).await?;
    require_site(&widget, session.site.as_str())?;
    // Whoever has a conversation that goes on is given that.
    if !open && session.conversation.is_none() {
        return Err(closed(&widget));
    }
    let errors = form::check(&widget.form, &asked.answers);
    if !errors.is_empty() {
        return Err(Problem::answers(errors));
    }
    check_context(&asked.context)
        .map_err(|fault| Problem::from(ErrorCode::AnswersRefused).saying(format!("{fault}.")))?;
    let written = asked.answers.iter().chain(&asked.context);
    admission::start(&visit, written.map(|answer| answer.value.len()).sum())?;
    let mut opening = Box::new(opening(&widget, token.visitor, &asked)?);
    opening.arrival.facts = facts(&visit.request, session.site.as_str(), asked.page.as_deref());
    let StartConversation { request, context, .. } = asked;
    opening.arrival.context = context;
    let request = Request::Start { visitor: token.visitor, secret: token.hash(), request, opening };
    match visit.shard_of(token.visitor, &request).await? {
        Answer::Conversation(id) => {
            let current = CurrentConversation { conversation: Some(id) };
            body::answer(body::wanted(&visit.request), &current)
        }
        _ => Err(Fault::Answer.into()),
    }
}

/// What is known of where a visitor writes from, for rules: the site by their session, the rest as browser and page say it.
fn facts(request: &worker::Request, site: &str, page: Option<&str>) -> Vec<(Field, Value)> {
    let header = |name| request.headers().get(name).ok().flatten().unwrap_or_default();
    let channel = |field, text: &str| (Field::Channel(field), Value::Text(text.to_owned()));
    let mut facts = vec![channel(ChannelField::Site, site)];
    facts.extend(page.and_then(|page| page_on(site, page)).map(|page| channel(ChannelField::Page, page)));
    facts.extend(agent::facts(&header("user-agent")));
    let country = request.cf().and_then(worker::Cf::country);
    facts.extend(country.map(|country| channel(ChannelField::Country, &country)));
    facts.extend(
        preferred(&header("accept-language")).map(|language| (Field::Locale, Value::Text(language.into()))),
    );
    facts
}

/// The address of a page without its fragment, if it is one on this site and not too long to be kept.
fn page_on<'a>(site: &str, page: &'a str) -> Option<&'a str> {
    let page = page.split('#').next()?;
    let path = page.strip_prefix(site)?;
    let is_page = path.is_empty() || path.starts_with(['/', '?']);
    (is_page && !longer_than(page, ANSWER_CHARS_MAX)).then_some(page)
}

/// How a conversation begins that is asked for like this.
fn opening(widget: &Widget, visitor: VisitorId, asked: &StartConversation) -> Result<Opening, Problem> {
    let conversation = mint::conversation(clock::now(), visitor);
    let (form, answers) = (&widget.form, &asked.answers);
    let first_message = match form.meant(answers, Meaning::FirstMessage) {
        Some(text) => {
            let text = MessageText::new(text).map_err(|_| Problem::from(ErrorCode::MessageTooLong))?;
            Some((MessageId::from_bytes(*asked.request.as_bytes()), text))
        }
        None => None,
    };
    Ok(Opening {
        conversation,
        visitor,
        widget: widget.id,
        answers: form.for_people(answers),
        arrival: Arrival {
            customer: form.meant(answers, Meaning::CustomerName).map(str::to_owned),
            topic: form.meant(answers, Meaning::Topic).map(str::to_owned),
            answers: form.for_rules(answers.clone()),
            ..Arrival::new(conversation, widget.workstream)
        },
        first_message,
        customer_grace: widget.customer_grace,
    })
}

/// Makes a code that carries the visitor's session to another site of the widget.
pub(super) async fn mint_handover(mut visit: Visit) -> Answered {
    let (token, session) = visit.session().await?;
    let asked: RequestHandover = body::read(&mut visit.request).await?;
    let widget = widget_by_id(&visit, session.widget).await?;
    require_site(&widget, session.site.as_str())?;
    require_site(&widget, asked.target.as_str())?;
    if asked.target == session.site {
        // A link from the site to itself needs no code; a code would only be good for planting.
        return Err(
            Problem::from(ErrorCode::Malformed).saying("Ask for a code for another site than this one.")
        );
    }
    let code = HandoverCode::mint(token.visitor.shard());
    let request = Request::MintHandover {
        visitor: token.visitor,
        secret: token.hash(),
        target: asked.target,
        code: code.hash(),
    };
    visit.shard_of(token.visitor, &request).await?;
    body::answer(body::wanted(&visit.request), &Handover { code: code.write() })
}

/// Turns a code into a session on the site where the visitor has arrived.
pub(super) async fn redeem_handover(mut visit: Visit) -> Answered {
    let asked: RedeemHandover = body::read(&mut visit.request).await?;
    let widget = widget_by_id(&visit, asked.widget).await?;
    require_site(&widget, asked.site.as_str())?;
    let busy_as = visit.busy_as().await;
    let code = HandoverCode::read(&asked.code).ok_or(ErrorCode::HandoverRefused)?;
    let from = asked.from.ok_or(ErrorCode::HandoverRefused)?;
    // The visitor is only known when the code was found: the token's secret is made before, its visitor after.
    let mut token = VisitorToken::mint(mint::visitor(clock::now(), 1));
    let arrival = Crossing { from, to: asked.site };
    let (code_hash, secret) = (code.hash(), token.hash());
    let request = Request::Redeem { code: code_hash, widget: widget.id, arrival, secret, busy_as };
    let shard = visit.shard(code.shard, ErrorCode::HandoverRefused).await?;
    match shard.ask::<ConversationsShell>(&visit.env, &request).await? {
        Answer::Visitor { visitor, conversation } => {
            token.visitor = visitor;
            let session = VisitorSession { token: token.write(), visitor, conversation };
            body::answer(body::wanted(&visit.request), &session)
        }
        _ => Err(Fault::Answer.into()),
    }
}

/// Why no conversation can begin outside the operating hours.
fn closed(widget: &Widget) -> Problem {
    let problem = Problem::from(ErrorCode::NotPossibleNow);
    match &widget.when_closed {
        WhenClosed::Say(closed) => problem.saying(closed.as_str().to_owned()),
        WhenClosed::Hide => problem.saying("We are closed now. Come back in our operating hours."),
    }
}

fn read_widget(id: &str) -> Result<WidgetId, Problem> {
    id.parse().map_err(|_| ErrorCode::UnknownWidget.into())
}

async fn find_widget(visit: &Visit, id: &str) -> Result<Widget, Problem> {
    widget_by_id(visit, read_widget(id)?).await
}

pub(super) async fn widget_by_id(visit: &Visit, id: WidgetId) -> Result<Widget, Problem> {
    found(visit, id).await.map(|found| found.widget)
}

async fn found(visit: &Visit, id: WidgetId) -> Result<FoundWidget, Problem> {
    match visit.settings(&settings::Request::Widget(id)).await? {
        settings::Answer::Widget(Some(widget)) => Ok(*widget),
        settings::Answer::Widget(None) => Err(ErrorCode::UnknownWidget.into()),
        _ => Err(Fault::Answer.into()),
    }
}

fn require_site(widget: &Widget, site: &str) -> Result<(), Problem> {
    let listed = widget.sites.iter().any(|listed: &Origin| listed.as_str() == site);
    if listed { Ok(()) } else { Err(ErrorCode::OriginNotAllowed.into()) }
}

/// The token that a request bears. Whether it holds, its shard knows.
pub(super) fn token(visit: &Visit) -> Result<VisitorToken, Problem> {
    let header = visit.request.headers().get("authorization").ok().flatten();
    let token = header.as_deref().and_then(|header| header.strip_prefix("Bearer "));
    token.and_then(VisitorToken::read).ok_or_else(|| ErrorCode::NotSignedIn.into())
}

impl Visit {
    /// Asks the shard of a visitor something.
    async fn shard_of(&self, visitor: VisitorId, request: &Request) -> Result<Answer, Problem> {
        let shard = self.shard_of_visitor(visitor, ErrorCode::NotSignedIn).await?;
        shard.ask::<ConversationsShell>(&self.env, request).await
    }

    /// The visitor whose token the request bears, if they have a conversation that goes on. Many bear none.
    async fn busy_as(&self) -> Option<VisitorId> {
        if !self.request.headers().has("authorization").unwrap_or(false) {
            return None;
        }
        let (token, session) = self.session().await.ok()?;
        session.conversation.map(|_| token.visitor)
    }

    /// The session whose token the request bears.
    async fn session(&self) -> Result<(VisitorToken, Session), Problem> {
        let token = token(self)?;
        let request = Request::Session { visitor: token.visitor, secret: token.hash() };
        match self.shard_of(token.visitor, &request).await? {
            Answer::Session(session) => Ok((token, session)),
            _ => Err(Fault::Answer.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_if_it_is_on_the_site_and_loses_its_fragment() {
        let site = "https://shop.example";
        for (page, known) in [
            ("https://shop.example", Some("https://shop.example")),
            ("https://shop.example/cup?from=mail#~tl=code", Some("https://shop.example/cup?from=mail")),
            ("https://shop.example.evil.example/cup", None),
            ("https://shop.example:8443/", None),
            ("/cup", None),
            ("", None),
        ] {
            assert_eq!(page_on(site, page), known, "{page}");
        }
        let long = format!("{site}/{}", "a".repeat(ANSWER_CHARS_MAX));
        assert_eq!(page_on(site, &long), None);
    }
}
