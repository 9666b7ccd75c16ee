//! Sockets: who opens one is established here, and the object that has the conversation or the desk accepts it.

use shared::authority::Action;
use shared::id::ConversationId;
use shared::protocol::codec::{Codec, Encoded};
use shared::protocol::live::ServerFrame;
use shared::protocol::{ErrorCode, Problem};
use worker::{Request, Response, WebSocketPair};

use super::{Answered, Visit, address, admission, sight, staff};
use crate::clock;
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::object::{Guest, Identity, POLICY_VIOLATION};

/// The socket of a conversation, for its customer. Who it is they say in the first frame.
pub(super) async fn customer(visit: &Visit, conversation: &str) -> Answered {
    let conversation = parse(conversation)?;
    let codec = codec(&visit.request)?;
    let object = match visit.shard_of_conversation(conversation).await {
        Ok(object) => object,
        // A browser cannot see why an upgrade was refused, and would try for ever.
        Err(problem) => return turn_away(visit, codec, problem),
    };
    let identity = Identity {
        codec,
        conversation: Some(conversation),
        staff: None,
        admitted: clock::now(),
        watches: false,
        address: address::of(visit),
    };
    open(visit, &object, &identity).await
}

/// The socket of a conversation, for the staff: for whoever has it, and for those who watch over it.
pub(super) async fn staff(visit: &Visit, conversation: &str) -> Answered {
    let conversation = parse(conversation)?;
    let codec = codec(&visit.request)?;
    let object = visit.shard_of_conversation(conversation).await?;
    let staff = staff::admit(visit, &object).await?;
    let leave = sight::require(visit, &staff, conversation).await?;
    let identity = Identity {
        codec,
        conversation: Some(conversation),
        staff: Some(staff),
        admitted: leave.at,
        watches: leave.watches,
        address: None,
    };
    open(visit, &object, &identity).await
}

/// The socket of a console.
pub(super) async fn desk(visit: &Visit) -> Answered {
    let codec = codec(&visit.request)?;
    let admitted = clock::now();
    let staff = staff::authenticate(visit).await?;
    staff::require(&staff, Action::HandleWork)?;
    let (staff, watches) = (Some(staff), false);
    let identity = Identity { codec, conversation: None, staff, admitted, watches, address: None };
    open(visit, &ObjectName::router(&visit.deployment.organisation), &identity).await
}

async fn open(visit: &Visit, object: &ObjectName, identity: &Identity) -> Answered {
    let guest = if identity.staff.is_some() { Guest::Staff } else { Guest::Anybody };
    admission::room(visit, guest)?;
    let stub = object.stub(&visit.env)?;
    Ok(stub.fetch_with_request(identity.upgrade()?).await.map_err(Fault::from)?)
}

/// Opens a socket only to say why there is none. Too many of those are refused over HTTP: they take what others need.
fn turn_away(visit: &Visit, codec: Codec, problem: Problem) -> Answered {
    admission::turned_away(visit)?;
    let pair = WebSocketPair::new().map_err(Fault::from)?;
    let refused = ServerFrame::Refused { message: None, problem };
    pair.server.accept().map_err(Fault::from)?;
    match codec.encode(&refused) {
        Encoded::Binary(bytes) => pair.server.send_with_bytes(bytes),
        Encoded::Text(text) => pair.server.send_with_str(text),
    }
    .map_err(Fault::from)?;
    pair.server.close(Some(POLICY_VIOLATION), Some("there is no such object")).map_err(Fault::from)?;
    let mut response = Response::from_websocket(pair.client).map_err(Fault::from)?;
    response.headers_mut().set("Sec-WebSocket-Protocol", codec.subprotocol()).map_err(Fault::from)?;
    Ok(response)
}

fn parse(conversation: &str) -> Result<ConversationId, Problem> {
    conversation.parse().map_err(|_| ErrorCode::UnknownConversation.into())
}

/// The coding that the client asks for by subprotocol. It must ask for one, and the socket must be one.
fn codec(request: &Request) -> Result<Codec, Problem> {
    let header = |name| request.headers().get(name).ok().flatten().unwrap_or_default();
    if !header("upgrade").eq_ignore_ascii_case("websocket") {
        return Err(
            Problem::from(ErrorCode::Malformed).saying("This address is a WebSocket. Connect with one.")
        );
    }
    let offered = header("sec-websocket-protocol");
    let known = offered.split(',').find_map(|name| Codec::of_subprotocol(name.trim()));
    known.ok_or_else(|| {
        let problem = Problem::from(ErrorCode::Malformed);
        problem.saying("Ask for the subprotocol throughline.v1.bin or throughline.v1.json.")
    })
}
