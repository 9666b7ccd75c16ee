//! Files of conversations: how they come in, and how they go out again.
//!
//! They come in over the API of either host, in chunks. They go out from the widget's host alone, which has no cookies, at
//! an address that is a secret for five minutes: whatever a file may try, it tries it as nobody, in a sandbox, and as what
//! its bytes are. Addresses are compared by their hashes and stand in no log.

use core::fmt::Write as _;

use futures_util::stream;
use shared::file::is_raster;
use shared::id::{ConversationId, FileId};
use shared::limit::{FILE_BYTES_MAX, FILE_CHUNK_BYTES};
use shared::protocol::http::{FileLink, FileStage, FileStatus, FilesTaken, OfferFile};
use shared::protocol::{ErrorCode, Problem};
use shared::settings::{FileRules, Origin};
use worker::{Delay, Env, FixedLengthStream, Headers, Method, Response, ResponseBuilder, worker_sys};

use super::reads::Reading;
use super::{Answered, Visit, admission, body, sight, staff, visitor};
use crate::conversations::{
    Answer, ConversationsShell, FileAsk, FileAsker, FileRequest, OpenedFile, Request,
};
use crate::environment::ObjectName;
use crate::fault::Fault;
use crate::object::Guest;
use crate::tokens::FileCapability;

/// A file of a conversation, as its address names it.
struct Place {
    conversation: ConversationId,
    file: FileId,
    shard: ObjectName,
    asker: FileAsker,
}

/// What a visitor asks about a file.
pub(super) async fn for_visitor(visit: Visit, conversation: &str, file: &str, rest: &[&str]) -> Answered {
    let token = visitor::token(&visit)?;
    let asker = FileAsker::Visitor { visitor: token.visitor, secret: token.hash() };
    let place = place(&visit, conversation, file, asker).await?;
    serve(visit, place, rest).await
}

/// What somebody of the staff asks about a file: whoever takes part, and those who watch over it.
pub(super) async fn for_staff(visit: Visit, conversation: &str, file: &str, rest: &[&str]) -> Answered {
    let known = staff::authenticate(&visit).await?;
    let place = place(&visit, conversation, file, FileAsker::Staff(known.representative)).await?;
    sight::require(&visit, &known, place.conversation).await?;
    serve(visit, place, rest).await
}

/// Which files the staff can send in a conversation.
pub(super) async fn taken_of_staff(visit: &Visit, conversation: &str) -> Answered {
    let known = staff::authenticate(visit).await?;
    let conversation = conversation.parse().map_err(|_| ErrorCode::UnknownConversation)?;
    let shard = visit.shard_of_conversation(conversation).await?;
    sight::require(visit, &known, conversation).await?;
    let asker = FileAsker::Staff(known.representative);
    let FileRules { staff, max_bytes, kinds, .. } = rules(visit, &shard, conversation, asker).await?;
    let any = staff && !kinds.is_empty();
    body::answer(body::wanted(&visit.request), &FilesTaken { any, max_bytes, kinds })
}

/// Which files a conversation takes, if it is one of whoever asks.
async fn rules(
    visit: &Visit,
    shard: &ObjectName,
    conversation: ConversationId,
    asker: FileAsker,
) -> Result<FileRules, Problem> {
    let request = Request::WidgetOf { asker, conversation };
    let Answer::Widget(widget) = shard.ask::<ConversationsShell>(&visit.env, &request).await? else {
        return Err(Fault::Answer.into());
    };
    Ok(visitor::widget_by_id(visit, widget).await?.files)
}

async fn place(visit: &Visit, conversation: &str, file: &str, asker: FileAsker) -> Result<Place, Problem> {
    let conversation = conversation.parse().map_err(|_| ErrorCode::UnknownConversation)?;
    let file = file.parse().map_err(|_| ErrorCode::UnknownFile)?;
    let shard = visit.shard_of_conversation(conversation).await?;
    Ok(Place { conversation, file, shard, asker })
}

impl Place {
    async fn ask(self, visit: &Visit, ask: FileAsk) -> Result<Answer, Problem> {
        let Self { conversation, file, shard, asker } = self;
        let request = Request::File(Box::new(FileRequest { asker, conversation, file, ask }));
        shard.ask::<ConversationsShell>(&visit.env, &request).await
    }
}

async fn serve(visit: Visit, place: Place, rest: &[&str]) -> Answered {
    match (&visit.method, rest) {
        (Method::Put, []) => offer(visit, place).await,
        (Method::Get, []) => status(&visit, place.ask(&visit, FileAsk::Status).await?, false),
        (Method::Delete, []) => {
            place.ask(&visit, FileAsk::Abort).await?;
            body::answer(body::wanted(&visit.request), &())
        }
        (Method::Put, ["bytes", offset]) => put(visit, place, offset).await,
        (Method::Post, ["link"]) => link(&visit, place).await,
        (_, [] | ["bytes", _] | ["link"]) => Err(ErrorCode::MethodNotAllowed.into()),
        _ => Err(ErrorCode::NotFound.into()),
    }
}

async fn offer(mut visit: Visit, place: Place) -> Answered {
    let offer: OfferFile = body::read(&mut visit.request).await?;
    // Who asks is known first: what a stranger offers, or nobody would take, spends nothing of their neighbours' allowance.
    let rules = rules(&visit, &place.shard, place.conversation, place.asker.clone()).await?;
    let (guest, may_send) = match &place.asker {
        FileAsker::Staff(_) => (Guest::Staff, rules.staff),
        FileAsker::Visitor { .. } => (Guest::Anybody, rules.customers),
    };
    if may_send && (1..=rules.max_bytes.min(FILE_BYTES_MAX)).contains(&offer.bytes) {
        admission::upload(&visit, guest, offer.bytes)?;
    }
    let answer = place.ask(&visit, FileAsk::Offer { offer, rules }).await?;
    status(&visit, answer, false)
}

async fn put(mut visit: Visit, place: Place, offset: &str) -> Answered {
    let offset = offset.parse().map_err(|_| ErrorCode::FileOutOfStep)?;
    let bytes = body::read_bytes(&mut visit.request, FILE_CHUNK_BYTES as usize).await.map_err(|problem| {
        let too_long = problem.code == ErrorCode::FrameTooLarge;
        if too_long { ErrorCode::FileOutOfStep.into() } else { problem }
    })?;
    let answer = place.ask(&visit, FileAsk::Put { offset, bytes }).await?;
    status(&visit, answer, true)
}

/// How far a file is. To whoever has just sent a part of it, a refusal is a refusal.
fn status(visit: &Visit, answer: Answer, refuses: bool) -> Answered {
    let Answer::FileStatus(status) = answer else { return Err(Fault::Answer.into()) };
    match status {
        FileStatus { stage: FileStage::Refused { code }, .. } if refuses => Err(code.into()),
        status => body::answer(body::wanted(&visit.request), &status),
    }
}

async fn link(visit: &Visit, place: Place) -> Answered {
    let capability = FileCapability::mint(place.conversation.shard());
    place.ask(visit, FileAsk::Link { secret: capability.hash() }).await?;
    let address = format!("{}/files/{}", visit.deployment.chat.as_str(), capability.write());
    body::answer(body::wanted(&visit.request), &FileLink { address })
}

/// A file, at its address. With the query `save` a browser stores it, whatever it is.
pub(super) async fn open(visit: &Visit, capability: &str) -> Answered {
    if visit.method != Method::Get {
        return Err(ErrorCode::MethodNotAllowed.into());
    }
    let capability = FileCapability::read(capability).ok_or(ErrorCode::FileLinkRefused)?;
    let shard = visit.shard(capability.shard, ErrorCode::FileLinkRefused).await?;
    let asked = Request::OpenFile { secret: capability.hash() };
    let Answer::File(file) = shard.ask::<ConversationsShell>(&visit.env, &asked).await? else {
        return Err(Fault::Answer.into());
    };
    let range = visit.request.headers().get("range").ok().flatten();
    let Ok(part) = range.as_deref().map_or(Ok(None), |range| requested(range, file.bytes)) else {
        return Ok(unsatisfiable(file.bytes).map_err(Fault::from)?);
    };
    admission::download(visit, part.map_or(file.bytes, |part| part.length))?;
    let reading = Reading::begin(capability.hash())?;
    let saved = visit.request.url().is_ok_and(|url| url.query() == Some("save"));
    let headers = headers(&file, !saved && is_raster(&file.media_type), &visit.deployment.desk);
    let headers = headers.map_err(Fault::from)?;
    let source = Source { env: visit.env.clone(), shard, reading };
    Ok(respond(source, &file, headers, part).map_err(Fault::from)?)
}

/// A part of a file: from this byte, so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    start: u32,
    length: u32,
}

/// Nothing of what was asked for exists.
#[derive(Debug, PartialEq, Eq)]
struct Unsatisfiable;

/// The one part that a range header asks for (RFC 9110 section 14.1.2); none, which means everything, for headers that ask
/// for several or for what is no range.
fn requested(header: &str, bytes: u32) -> Result<Option<Part>, Unsatisfiable> {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let (start, end) = match (first.parse::<u32>(), last.parse::<u32>()) {
        (Ok(start), Ok(last)) if start <= last => (start, last.saturating_add(1).min(bytes)),
        (Ok(start), Err(_)) if last.is_empty() => (start, bytes),
        (Err(_), Ok(length)) if first.is_empty() => (bytes.saturating_sub(length), bytes),
        _ => return Ok(None),
    };
    if start < end { Ok(Some(Part { start, length: end - start })) } else { Err(Unsatisfiable) }
}

fn unsatisfiable(bytes: u32) -> worker::Result<Response> {
    let builder = ResponseBuilder::new().with_status(416);
    Ok(builder.with_header("content-range", &format!("bytes */{bytes}"))?.empty())
}

/// Where the bytes of a file come from, and that somebody reads them.
struct Source {
    env: Env,
    shard: ObjectName,
    reading: Reading,
}

impl Source {
    /// A chunk, when the allowance of its conversation has one.
    async fn chunk(&self, asked: &Request) -> worker::Result<Vec<u8>> {
        loop {
            match self.shard.ask::<ConversationsShell>(&self.env, asked).await {
                Ok(Answer::Chunk(chunk)) => return Ok(chunk),
                Err(Problem { retry_after: Some(wait), .. }) => {
                    Delay::from(core::time::Duration::from_millis(wait.as_millis())).await;
                }
                // It was deleted while it was read.
                _ => return Err(worker::Error::RustError("the file is not there any more".to_owned())),
            }
        }
    }
}

fn respond(
    source: Source,
    file: &OpenedFile,
    headers: Headers,
    part: Option<Part>,
) -> worker::Result<Response> {
    let Part { start, length } = part.unwrap_or(Part { start: 0, length: file.bytes });
    if part.is_some() {
        let last = start + length - 1;
        headers.set("content-range", &format!("bytes {start}-{last}/{}", file.bytes))?;
    }
    let chunks = chunks(source, file.conversation, file.file, start, length);
    let stream: worker_sys::FixedLengthStream = FixedLengthStream::wrap(chunks, length.into()).into();
    let status = if part.is_some() { 206 } else { 200 };
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers).stream(stream.readable()))
}

fn headers(file: &OpenedFile, shown: bool, console: &Origin) -> worker::Result<Headers> {
    let headers = Headers::new();
    headers.set("content-type", &file.media_type)?;
    headers.set("content-disposition", &disposition(shown, &file.name))?;
    headers.set("accept-ranges", "bytes")?;
    headers.set("x-content-type-options", "nosniff")?;
    // A browser that shows a picture by itself lays it out with styles of its own.
    let styles = if shown { "; style-src 'unsafe-inline'" } else { "" };
    headers.set("content-security-policy", &format!("sandbox; default-src 'none'{styles}"))?;
    headers.set("cache-control", "private, max-age=300")?;
    headers.set("referrer-policy", "no-referrer")?;
    // The console makes thumbnails of the bytes, and its host is another. Nobody else's page gets them, or shows them.
    headers.set("access-control-allow-origin", console.as_str())?;
    headers.set("cross-origin-resource-policy", "same-origin")?;
    Ok(headers)
}

/// What a browser does with a file, and under which name it stores it (RFC 6266): the name in ASCII for old programs, and
/// as it is (RFC 5987, now RFC 8187).
fn disposition(shown: bool, name: &str) -> String {
    let mut header = String::from(if shown { "inline" } else { "attachment" });
    header.push_str("; filename=\"");
    let plain = |c: char| if (' '..='~').contains(&c) && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    header.extend(name.chars().map(plain));
    header.push_str("\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            header.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            write!(header, "%{byte:02X}").unwrap_or_default();
        }
    }
    header
}

/// The bytes of a part, chunk by chunk: no more than one of them is in memory.
fn chunks(
    source: Source,
    conversation: ConversationId,
    file: FileId,
    start: u32,
    length: u32,
) -> impl stream::Stream<Item = worker::Result<Vec<u8>>> {
    let end = start + length;
    stream::try_unfold((source, start), move |(source, at)| async move {
        if at >= end {
            return Ok(None);
        }
        let begins = at - at % FILE_CHUNK_BYTES;
        source.reading.goes_on();
        let chunk = source.chunk(&Request::FileChunk { conversation, file, start: begins }).await?;
        let upto = (end - begins).min(FILE_CHUNK_BYTES) as usize;
        let wanted = chunk.get((at - begins) as usize..upto).unwrap_or_default().to_vec();
        let after = begins.saturating_add(FILE_CHUNK_BYTES);
        Ok(Some((wanted, (source, after))))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_name_comes_its_header_is_one_line_with_the_name_in_it(shown: bool, name in ".*") {
            let header = disposition(shown, &name);
            prop_assert!(header.chars().all(|c| (' '..='~').contains(&c)), "{header:?}");
            let (before, encoded) = header.split_once("; filename*=UTF-8''").unwrap();
            let plain = before.split_once("; filename=\"").and_then(|(_, plain)| plain.strip_suffix('"'));
            prop_assert!(plain.is_some_and(|plain| !plain.contains(['"', '\\'])), "{header:?}");
            prop_assert!(!encoded.contains([';', ' ', '"']), "{header:?}");
            prop_assert_eq!(decoded(encoded), name.into_bytes());
        }

        #[test]
        fn whatever_range_is_asked_for_lies_within_the_file(
            header in prop_oneof!["bytes=[0-9]{0,11}-[0-9]{0,11}", "bytes=[0-9,a-f+ -]{0,9}", ".*"],
            bytes: u32,
        ) {
            if let Ok(Some(Part { start, length })) = requested(&header, bytes) {
                prop_assert!(length > 0, "{header}");
                prop_assert!(start.checked_add(length).is_some_and(|end| end <= bytes), "{header} of {bytes}");
            }
        }
    }

    /// What was written with percent signs.
    fn decoded(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, after @ ..] = rest {
            rest = after;
            match (first, after) {
                (b'%', [high, low, after @ ..]) => {
                    let digits = [*high, *low];
                    bytes.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
                    rest = after;
                }
                (byte, _) => bytes.push(*byte),
            }
        }
        bytes
    }

    #[test]
    fn the_name_travels_whole_and_breaks_out_of_no_header() {
        assert_eq!(disposition(true, "a.png"), "inline; filename=\"a.png\"; filename*=UTF-8''a.png");
        assert_eq!(
            disposition(false, "Zo\u{eb} \"x\"; y=1.pdf"),
            "attachment; filename=\"Zo_ _x_; y=1.pdf\"; filename*=UTF-8''Zo%C3%AB%20%22x%22%3B%20y%3D1.pdf"
        );
        assert!(!disposition(false, "a\r\nb").contains(['\r', '\n']));
    }

    #[test]
    fn a_range_is_a_part_of_the_file() {
        let part = |start, length| Ok(Some(Part { start, length }));
        assert_eq!(requested("bytes=0-9", 100), part(0, 10));
        assert_eq!(requested("bytes=90-", 100), part(90, 10));
        assert_eq!(requested("bytes=90-4000", 100), part(90, 10));
        assert_eq!(requested("bytes=-5", 100), part(95, 5));
        assert_eq!(requested("bytes=-500", 100), part(0, 100));
        assert_eq!(requested("bytes=100-", 100), Err(Unsatisfiable));
        assert_eq!(requested("bytes=-0", 100), Err(Unsatisfiable));
        for noise in ["", "bytes=", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes=-"] {
            assert_eq!(requested(noise, 100), Ok(None), "{noise}");
        }
    }
}
