//! Requests to the gateway, in the binary coding, and what their answers mean.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Serialize, de::DeserializeOwned};
use shared::form::Answer;
use shared::id::{RequestId, WidgetId};
use shared::protocol::codec::{from_binary, to_binary};
use shared::protocol::http::{CurrentConversation, Handover, VisitorSession};
use shared::protocol::{ErrorCode, Problem};

use crate::browser;
use crate::model::{Event, Failure, Session};
use crate::store;
use crate::words::concat;

/// Numbers of requests; codes for the page have the numbers from [`CODES`] on.
const VIEW: u32 = 0;
const REDEEM: u32 = 1;
const VISITOR: u32 = 2;
const CONVERSATION: u32 = 3;
const CODES: u32 = 10;

/// The protocol's `OpenVisitor`, `RedeemHandover` and `RequestHandover` with origins as text. They come from the browser,
/// which writes them well; to check that again here would cost a kilobyte, and the gateway believes nobody anyway.
#[derive(Serialize)]
struct OpenVisitor<'a> {
    widget: WidgetId,
    site: &'a str,
}

#[derive(Serialize)]
struct RedeemHandover<'a> {
    code: &'a str,
    widget: WidgetId,
    site: &'a str,
    from: Option<&'a str>,
}

#[derive(Serialize)]
struct RequestHandover<'a> {
    target: &'a str,
}

/// The protocol's `StartConversation` but for what the page knows, which the bridge brings in the coding of the protocol.
#[derive(Debug, Serialize)]
struct StartConversation {
    request: RequestId,
    answers: Vec<Answer>,
}

/// The requests that are on their way.
#[derive(Debug)]
pub(crate) struct Requests {
    widget: WidgetId,
    site: String,
    /// The token of a session that was opened to start a conversation, whatever became of that: the next attempt is made
    /// as the same visitor, so that the gateway knows what it has started already. None is empty.
    opened: String,
    /// A conversation that is being started: the session's token, whether it is new, and what is asked.
    starting: Option<Starting>,
}

#[derive(Debug)]
struct Starting {
    token: String,
    fresh: bool,
    body: Vec<u8>,
}

impl Requests {
    pub(crate) fn new(widget: WidgetId, site: String) -> Self {
        Self { widget, site, opened: String::new(), starting: None }
    }

    /// Asks for the widget's settings.
    pub(crate) fn load(&self) {
        let path = concat(&["/v1/widgets/", self.widget.encode(&mut [0; 36])]);
        browser::request(VIEW, "GET", &path, "", &[]);
    }

    /// Redeems a hand-over code, which `arrival` names with the site from which the visitor came. Whoever holds a session
    /// shows it: the gateway takes nobody out of a conversation that goes on.
    pub(crate) fn redeem(&self, arrival: &str, session: Option<&Session>) {
        let (code, from) = arrival.split_once(' ').unwrap_or((arrival, ""));
        let from = (!from.is_empty()).then_some(from);
        let token = session.map_or("", |session| session.token.as_str());
        post(
            REDEEM,
            "/v1/handovers/redeem",
            token,
            &RedeemHandover { code, widget: self.widget, site: &self.site, from },
        );
    }

    /// Asks for a hand-over code under the page's number.
    pub(crate) fn hand_over(number: u32, token: &str, target: &str) {
        post(number.saturating_add(CODES), "/v1/handovers", token, &RequestHandover { target });
    }

    /// Starts a conversation when it is this tab's turn: one tab at a time asks, and keeps the session before the next
    /// one does.
    pub(crate) fn start(&mut self, known: Option<&Session>, request: RequestId, answers: Vec<Answer>) {
        let token = known.map_or(&self.opened, |session| &session.token).clone();
        let body = to_binary(&StartConversation { request, answers });
        self.starting = Some(Starting { token, fresh: false, body });
        browser::hold();
    }

    /// It is this tab's turn. With the context variables and the address of the page, as they are now. Also where another tab
    /// has begun a conversation meanwhile the gateway is asked: only it knows whether this form was answered before, and
    /// so in which conversation its message stands already.
    pub(crate) fn held(&mut self, page: &[u8]) {
        let Some(starting) = &mut self.starting else { return };
        starting.body.extend_from_slice(page);
        if let Some(session) = store::session() {
            starting.token = session.token;
        }
        self.ask();
    }

    fn ask(&self) {
        let Some(starting) = &self.starting else { return };
        if starting.token.is_empty() {
            let body = OpenVisitor { widget: self.widget, site: &self.site };
            post(VISITOR, "/v1/visitors", "", &body);
        } else {
            browser::request(CONVERSATION, "POST", "/v1/conversations", &starting.token, &starting.body);
        }
    }

    fn finish(&mut self, result: Result<Session, Failure>) -> Event {
        self.starting = None;
        browser::let_go();
        Event::Started(result)
    }

    /// What the answer to a request means. None: it is only a step on the way.
    pub(crate) fn answered(&mut self, number: u32, answer: Result<Vec<u8>, Failure>) -> Option<Event> {
        match number {
            VIEW => Some(Event::Loaded(read(answer))),
            REDEEM => Some(Event::Redeemed(read(answer))),
            VISITOR => match read::<VisitorSession>(answer) {
                Ok(VisitorSession { token, .. }) => {
                    let starting = self.starting.as_mut()?;
                    (starting.token, starting.fresh) = (token, true);
                    self.opened.clone_from(&starting.token);
                    let session = Session { token: starting.token.clone(), conversation: None };
                    store::keep_session(Some(&session));
                    self.ask();
                    None
                }
                Err(failure) => Some(self.finish(Err(failure))),
            },
            CONVERSATION => {
                let starting = self.starting.as_mut()?;
                match read::<CurrentConversation>(answer) {
                    Ok(CurrentConversation { conversation }) => {
                        let answered = Session { token: starting.token.clone(), conversation };
                        let session = newer(answered, store::session());
                        store::keep_session(Some(&session));
                        Some(self.finish(Ok(session)))
                    }
                    // A session of long ago: begin with a new one, once.
                    Err(failure) if failure.is(ErrorCode::NotSignedIn) && !starting.fresh => {
                        starting.token.clear();
                        self.ask();
                        None
                    }
                    Err(failure) => Some(self.finish(Err(failure))),
                }
            }
            _ => {
                let code = read::<Handover>(answer).ok().map(|handover| handover.code);
                browser::say("code", number - CODES, code);
                None
            }
        }
    }
}

/// The session in which this tab goes on. A form that is asked for again may have begun a conversation that has ended since;
/// where another tab has begun the next one, nobody is taken out of that. Conversations of one visitor sort by birth.
fn newer(answered: Session, kept: Option<Session>) -> Session {
    match kept {
        Some(kept) if kept.token == answered.token && kept.conversation > answered.conversation => kept,
        _ => answered,
    }
}

fn post<B: Serialize>(number: u32, path: &str, token: &str, body: &B) {
    browser::request(number, "POST", path, token, &to_binary(body));
}

fn read<T: DeserializeOwned>(answer: Result<Vec<u8>, Failure>) -> Result<T, Failure> {
    // Without the sentence of the code, which would link those of all codes: the widget has words of its own.
    let unreadable =
        Problem { code: ErrorCode::Internal, message: String::new(), retry_after: None, fields: Vec::new() };
    from_binary(&answer?).map_err(|_| Failure::Refused(unreadable))
}

/// The answer with this body, or the refusal that it says.
pub(crate) fn body(well: bool, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    if well {
        return Ok(bytes);
    }
    // What is no refusal of ours was said by something between us and the gateway.
    Err(from_binary(&bytes).map_or(Failure::Unreachable, Failure::Refused))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::id::ConversationId;
    use shared::protocol::http;
    use shared::settings::Origin;

    #[test]
    fn requests_with_origins_as_text_are_those_of_the_protocol() {
        let (widget, text) = (WidgetId::from_u128(7), "https://shop.example");
        let site = Origin::new(text).unwrap();
        assert_eq!(
            to_binary(&OpenVisitor { widget, site: text }),
            to_binary(&http::OpenVisitor { widget, site: site.clone() })
        );
        assert_eq!(
            to_binary(&RedeemHandover { code: "c", widget, site: text, from: Some(text) }),
            to_binary(&http::RedeemHandover {
                code: "c".into(),
                widget,
                site: site.clone(),
                from: Some(site.clone())
            })
        );
        assert_eq!(
            to_binary(&RequestHandover { target: text }),
            to_binary(&http::RequestHandover { target: site })
        );
    }

    #[test]
    fn a_form_that_began_a_conversation_of_before_takes_nobody_out_of_a_newer_one() {
        let session = |token: &str, number: Option<u128>| Session {
            token: token.into(),
            conversation: number.map(ConversationId::from_u128),
        };
        let answered = || session("a", Some(2));
        assert_eq!(newer(answered(), Some(session("a", Some(3)))), session("a", Some(3)));
        for kept in [None, Some(session("a", None)), Some(session("a", Some(1))), Some(session("b", Some(3)))]
        {
            assert_eq!(newer(answered(), kept), answered());
        }
    }

    #[test]
    fn what_the_page_knows_is_the_end_of_the_request_to_start_a_conversation() {
        let answers = || alloc::vec![Answer { name: "topic".into(), value: "order".into() }];
        let request = RequestId::from_u128(7);
        let context = alloc::vec![Answer { name: "tier".into(), value: "gold".into() }];
        let page = Some("https://shop.example/".into());
        let end = to_binary(&(&context, &page));
        assert_eq!(
            [to_binary(&StartConversation { request, answers: answers() }), end].concat(),
            to_binary(&http::StartConversation { request, answers: answers(), context, page })
        );
    }
}
