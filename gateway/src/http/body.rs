//! Bodies: reading them within the limit, and answering in the coding that the client wants.

use futures_util::TryStreamExt as _;
use serde::Serialize;
use shared::limit::FRAME_BYTES_MAX;
use shared::protocol::body::Body;
use shared::protocol::codec::{CONTENT_TYPE_BINARY, Codec, Encoded};
use shared::protocol::{ErrorCode, Problem};
use worker::{Request, Response, ResponseBuilder};

use crate::fault::Fault;

/// The coding that the client wants its answer in.
pub(super) fn wanted(request: &Request) -> Codec {
    header_names_binary(request, "accept")
}

fn header_names_binary(request: &Request, header: &str) -> Codec {
    let value = request.headers().get(header).ok().flatten().unwrap_or_default();
    if value.contains(CONTENT_TYPE_BINARY) { Codec::Binary } else { Codec::Json }
}

/// The body of a request.
pub(super) async fn read<T: Body>(request: &mut Request) -> Result<T, Problem> {
    read_within(request, FRAME_BYTES_MAX).await
}

/// The body of a request that may have this many bytes. Only for somebody whom we know.
pub(super) async fn read_within<T: Body>(request: &mut Request, most: usize) -> Result<T, Problem> {
    let codec = header_names_binary(request, "content-type");
    let bytes = read_bytes(request, most).await?;
    codec.decode(&bytes).map_err(|_| {
        let problem = Problem::from(ErrorCode::Malformed);
        problem.saying("The body could not be read. Check its fields and its content type.")
    })
}

/// Reads no more than the limit, however much is sent and whatever length is declared.
pub(super) async fn read_bytes(request: &mut Request, most: usize) -> Result<Vec<u8>, Problem> {
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let mut stream = request.stream().map_err(Fault::from)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.try_next().await.map_err(Fault::from)? {
        if bytes.len() + chunk.len() > most {
            return Err(ErrorCode::FrameTooLarge.into());
        }
        bytes.extend(chunk);
    }
    Ok(bytes)
}

/// An answer.
pub(super) fn answer<T: Serialize>(codec: Codec, value: &T) -> Result<Response, Problem> {
    Ok(respond(200, codec, value).map_err(Fault::from)?)
}

/// The answer to a request that was refused.
pub(super) fn refuse(codec: Codec, problem: &Problem) -> worker::Result<Response> {
    let mut response = respond(problem.code.status(), codec, problem)?;
    if let Some(span) = problem.retry_after {
        response.headers_mut().set("retry-after", &span.as_secs_up().to_string())?;
    }
    Ok(response)
}

fn respond<T: Serialize>(status: u16, codec: Codec, value: &T) -> worker::Result<Response> {
    let builder = ResponseBuilder::new()
        .with_status(status)
        .with_header("content-type", codec.content_type())?
        .with_header("cache-control", "no-store")?
        .with_header("x-content-type-options", "nosniff")?
        .with_header("vary", "accept, origin")?;
    Ok(builder.fixed(match codec.encode(value) {
        Encoded::Binary(bytes) => bytes,
        Encoded::Text(text) => text.into_bytes(),
    }))
}
