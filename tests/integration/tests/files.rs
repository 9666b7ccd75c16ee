//! Files: sent in chunks and resumed, looked at, held back by a scanner, opened at an address that is a secret for a while,
//! and refused where they must be.

use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail, ensure};
use integration::{
    ADDRESS_HEADER, Console, House, Live, Visitor, answers, assert_refused, bearer, fresh_message, problem_of,
};
use reqwest::header::{AUTHORIZATION, COOKIE, RANGE};
use reqwest::{Method, RequestBuilder, Response};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::{Value, json};
use shared::file::FileKind;
use shared::id::{ConversationId, FileId};
use shared::limit::{
    CONVERSATION_FILES_MAX, FILE_BEGUN_WITHIN, FILE_BYTES_MAX, FILE_CHUNK_BYTES, FILE_RATE, FILE_READ_RATE,
    FILE_UPLOAD_LIFETIME, FILES_KEPT_UNANSWERED, READS_PER_LINK_MAX, SHARD_FILE_BYTES_MAX,
    STAFF_FILE_BYTES_KEPT, UPLOAD_RATE_UNKNOWN,
};
use shared::protocol::ErrorCode;
use shared::protocol::desk::WorkState;
use shared::protocol::http::{FileLink, FileStage, FileStatus, FilesTaken, OfferFile};
use shared::protocol::live::{ClientFrame, Content, Entry, Standing, Visibility};
use shared::settings::{FileRules, Scanner};
use shared::text::Line;
use shared::time::{Span, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use xtask::demo::{ANA, BEN, SUPERVISOR};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// The beginning of a picture, and so many bytes in all.
fn picture(bytes: usize) -> Vec<u8> {
    let noise = (0..=250_u8).cycle().take(bytes);
    PNG.iter().copied().chain(noise.skip(PNG.len())).collect()
}

fn fresh_file() -> FileId {
    FileId::from_bytes(*fresh_message().as_bytes())
}

/// Somebody who sends files in one conversation.
struct Side<'house> {
    house: &'house House,
    conversation: ConversationId,
    /// The token of a visitor, or the cookie of somebody of the staff.
    token: Option<String>,
    cookie: Option<String>,
    /// From where they come, where a proxy says it.
    address: Option<String>,
}

impl<'house> Side<'house> {
    fn visitor(house: &'house House, visitor: &Visitor, conversation: ConversationId) -> Self {
        let token = Some(visitor.session.token.clone());
        Self { house, conversation, token, cookie: None, address: visitor.address.clone() }
    }

    fn staff(house: &'house House, console: &Console, conversation: ConversationId) -> Self {
        Self {
            house,
            conversation,
            token: None,
            cookie: console.desk.cookie().map(str::to_owned),
            address: None,
        }
    }

    fn request(&self, method: Method, file: FileId, rest: &str) -> RequestBuilder {
        let path = format!("/v1/conversations/{}/files/{file}{rest}", self.conversation);
        let request = match (&self.token, &self.cookie) {
            (Some(token), _) => self.house.chat(method, &path).header(AUTHORIZATION, bearer(token)),
            (None, Some(cookie)) => self.house.desk(method, &path).header(COOKIE, cookie),
            (None, None) => self.house.chat(method, &path),
        };
        match &self.address {
            Some(address) => request.header(ADDRESS_HEADER, address),
            None => request,
        }
    }

    async fn offer(&self, file: FileId, name: &str, media_type: &str, bytes: usize) -> Result<FileStatus> {
        self.offer_as(file, &offer(name, media_type, bytes, Visibility::Public)?).await
    }

    async fn offer_as(&self, file: FileId, offer: &impl Serialize) -> Result<FileStatus> {
        status(self.request(Method::PUT, file, "").json(offer).send().await?).await
    }

    async fn put(&self, file: FileId, offset: usize, bytes: &[u8]) -> Result<FileStatus> {
        let request = self.request(Method::PUT, file, &format!("/bytes/{offset}"));
        status(request.body(bytes.to_vec()).send().await?).await
    }

    async fn status(&self, file: FileId) -> Result<FileStatus> {
        status(self.request(Method::GET, file, "").send().await?).await
    }

    /// Sends what is missing of a file.
    async fn finish(&self, file: FileId, content: &[u8]) -> Result<FileStatus> {
        let mut known = self.status(file).await?;
        while (known.received as usize) < content.len() {
            let start = known.received as usize;
            let end = content.len().min(start + known.chunk as usize);
            known = self.put(file, start, &content[start..end]).await?;
        }
        Ok(known)
    }

    async fn send(&self, name: &str, media_type: &str, content: &[u8]) -> Result<FileId> {
        let file = fresh_file();
        self.offer(file, name, media_type, content.len()).await?;
        self.finish(file, content).await?;
        Ok(file)
    }

    async fn link(&self, file: FileId) -> Result<String> {
        let response = self.request(Method::POST, file, "/link").send().await?;
        Ok(ok(response).await?.json::<FileLink>().await?.address)
    }

    /// Waits until the file is no longer looked at.
    async fn settled(&self, file: FileId) -> Result<FileStage> {
        let settled = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                match self.status(file).await?.stage {
                    FileStage::Arriving | FileStage::Checking => {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                    stage => return anyhow::Ok(stage),
                }
            }
        });
        settled.await.context("the file is looked at for ever")?
    }

    /// What somebody gets at an address.
    async fn open(&self, address: &str) -> Result<Response> {
        let path = address.strip_prefix(&self.house.ports().chat()).context("another host")?;
        ok(self.house.chat(Method::GET, path).send().await?).await
    }
}

fn offer(name: &str, media_type: &str, bytes: usize, visibility: Visibility) -> Result<OfferFile> {
    let (name, media_type) = (name.to_owned(), media_type.to_owned());
    Ok(OfferFile { name, media_type, bytes: u32::try_from(bytes)?, visibility })
}

async fn ok(response: Response) -> Result<Response> {
    if response.status().is_success() { Ok(response) } else { Err(problem_of(response).await?.into()) }
}

async fn status(response: Response) -> Result<FileStatus> {
    Ok(ok(response).await?.json().await?)
}

fn files(log: &[Entry]) -> Vec<(FileId, String, String, u32)> {
    let file = |entry: &Entry| match &entry.content {
        Content::File { file, name, media_type, bytes } => {
            Some((*file, name.clone(), media_type.clone(), *bytes))
        }
        _ => None,
    };
    log.iter().filter_map(file).collect()
}

/// A visitor who talks with Ana.
async fn talk(house: &House) -> Result<(Visitor, Console, ConversationId, Live, Live)> {
    let visitor = house.visitor().await?;
    let mut ana = house.console(ANA).await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    ana.accept(conversation).await?;
    let mut desk = ana.open(conversation, None).await?;
    desk.stands(&Standing::InConversation { with: "Ana Lindqvist".to_owned() }).await?;
    let live = visitor.connect(conversation, None).await?;
    Ok((visitor, ana, conversation, live, desk))
}

#[tokio::test]
async fn a_file_goes_both_ways_and_is_one_entry_with_its_very_bytes() -> Result<()> {
    let house = House::open().await?;
    let (visitor, ana, conversation, mut live, mut desk) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let staff = Side::staff(&house, &ana, conversation);
    let content = picture(2 * FILE_CHUNK_BYTES as usize + 77);
    let file = customer.send("../plan \u{202e}gnp.png", "image/png", &content).await?;
    let expected =
        vec![(file, "plan gnp.png".to_owned(), "image/png".to_owned(), u32::try_from(content.len())?)];
    let seen = |live: &Live| (!files(&live.log).is_empty()).then(|| files(&live.log));
    assert_eq!(desk.until("the file", seen).await?, expected);
    assert_eq!(live.until("the file", seen).await?, expected);
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    // Who sends a part again after the end is told how it stands.
    let again = customer.put(file, 0, &content[..FILE_CHUNK_BYTES as usize]).await?;
    assert_eq!(again.stage, FileStage::Sent);

    let address = staff.link(file).await?;
    let opened = staff.open(&address).await?;
    let header = |opened: &Response, name: &str| opened.headers()[name].to_str().map(str::to_owned);
    assert_eq!(header(&opened, "content-type")?, "image/png");
    assert_eq!(
        header(&opened, "content-disposition")?,
        "inline; filename=\"plan gnp.png\"; filename*=UTF-8''plan%20gnp.png"
    );
    assert_eq!(header(&opened, "x-content-type-options")?, "nosniff");
    let policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
    assert_eq!(header(&opened, "content-security-policy")?, policy);
    assert_eq!(header(&opened, "access-control-allow-origin")?, house.ports().desk());
    assert_eq!(header(&opened, "cross-origin-resource-policy")?, "same-origin");
    let stored = staff.open(&format!("{address}?save")).await?;
    assert!(header(&stored, "content-disposition")?.starts_with("attachment; filename="));
    assert_eq!(header(&stored, "content-security-policy")?, "sandbox; default-src 'none'");
    assert!(header(&opened, "cache-control")?.starts_with("private"));
    assert!(opened.headers().get("set-cookie").is_none());
    ensure!(opened.bytes().await? == content, "other bytes came back");
    let path = address.strip_prefix(&house.ports().chat()).context("another host")?;
    let start = FILE_CHUNK_BYTES as usize - 3;
    let range = format!("bytes={start}-{}", start + 9);
    let part = house.chat(Method::GET, path).header(RANGE, range).send().await?;
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await?, content[start..start + 10]);
    let beyond = house.chat(Method::GET, path).header(RANGE, "bytes=9000000-").send().await?;
    assert_eq!(beyond.status(), 416);

    // A note's file is the staff's alone.
    let note = fresh_file();
    let text = b"a,b\n1,2\n";
    staff.offer_as(note, &offer("prices.csv", "text/csv", text.len(), Visibility::Internal)?).await?;
    staff.finish(note, text).await?;
    assert_eq!(staff.settled(note).await?, FileStage::Sent);
    desk.until("the note", |live| (files(&live.log).len() == 2).then_some(())).await?;
    assert_refused(customer.link(note).await, ErrorCode::UnknownFile);
    let opened = staff.open(&staff.link(note).await?).await?;
    assert!(header(&opened, "content-disposition")?.starts_with("attachment;"));
    let log = visitor.connect(conversation, None).await?.log;
    assert_eq!(files(&log).len(), 1, "nothing of it reaches the customer");

    // Removed is removed.
    let target = live.log.iter().find(|entry| matches!(entry.content, Content::File { .. }));
    let target = target.context("the entry")?.sequence;
    live.socket.send(&ClientFrame::Redact { message: fresh_message(), target }).await?;
    desk.until("the removal", |live| {
        live.log.iter().any(|entry| matches!(entry.content, Content::Redacted { .. })).then_some(())
    })
    .await?;
    assert_refused(staff.open(&address).await, ErrorCode::FileLinkRefused);
    assert_refused(staff.link(file).await, ErrorCode::UnknownFile);
    Ok(())
}

/// Types that are not what the bytes are, and kinds that nobody allows.
async fn what_is_not_what_it_says_is_refused(customer: &Side<'_>) -> Result<()> {
    for (name, media_type, bytes, code) in [
        (
            "a.png",
            "image/png",
            b"<!DOCTYPE html><script>alert(1)</script>".as_slice(),
            ErrorCode::FileTypeMismatch,
        ),
        ("a.pdf", "application/pdf", PNG, ErrorCode::FileTypeMismatch),
        ("a.html", "text/html", b"<!DOCTYPE html><p>", ErrorCode::FileKindRefused),
        (
            "a.svg",
            "image/svg+xml",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            ErrorCode::FileTypeMismatch,
        ),
        ("a", "", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0", ErrorCode::FileKindRefused),
    ] {
        let file = fresh_file();
        customer.offer(file, name, media_type, bytes.len()).await?;
        assert_refused(customer.put(file, 0, bytes).await, code);
        assert_eq!(customer.status(file).await?.stage, FileStage::Refused { code }, "{name}");
        assert_refused(customer.link(file).await, ErrorCode::UnknownFile);
    }
    Ok(())
}

#[tokio::test]
async fn what_a_file_must_not_do_is_refused_and_nothing_of_it_is_kept() -> Result<()> {
    let house = House::open().await?;
    let (visitor, ana, conversation, live, _desk) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let chunk = FILE_CHUNK_BYTES as usize;
    let content = picture(chunk + 10);
    let file = fresh_file();
    customer.offer(file, "a.png", "image/png", content.len()).await?;
    assert_eq!(customer.offer(file, "a.png", "image/png", content.len()).await?.received, 0, "a repeat");
    let other = customer.offer(file, "b.png", "image/png", content.len()).await;
    assert_refused(other, ErrorCode::IdReused);
    // A gap, a part of a wrong length, and more than was declared.
    assert_refused(customer.put(file, chunk, &content[chunk..]).await, ErrorCode::FileOutOfStep);
    assert_refused(customer.put(file, 0, &content[..5]).await, ErrorCode::FileOutOfStep);
    assert_refused(customer.put(file, 0, &content).await, ErrorCode::FileOutOfStep);
    assert_eq!(customer.put(file, 0, &content[..chunk]).await?.received as usize, chunk);
    assert_refused(customer.put(file, 0, &vec![7; chunk]).await, ErrorCode::FileOutOfStep);
    let longer = [&content[chunk..], b"!"].concat();
    assert_refused(customer.put(file, chunk, &longer).await, ErrorCode::FileOutOfStep);
    assert_eq!(customer.status(file).await?.received as usize, chunk, "nothing of all this was taken");

    what_is_not_what_it_says_is_refused(&customer).await?;
    let empty = customer.offer(fresh_file(), "a", "text/plain", 0).await;
    assert_refused(empty, ErrorCode::FileSizeRefused);
    let huge = customer.offer(fresh_file(), "a", "text/plain", 25_000_001).await;
    assert_refused(huge, ErrorCode::FileSizeRefused);
    let internal = offer("a", "text/plain", 5, Visibility::Internal)?;
    assert_refused(customer.offer_as(fresh_file(), &internal).await, ErrorCode::NotPermitted);

    // Somebody else's: another visitor, another representative, nobody.
    let stranger = house.visitor().await?;
    let stranger = Side::visitor(&house, &stranger, conversation);
    assert_refused(stranger.status(file).await, ErrorCode::UnknownConversation);
    let ben = house.console(BEN).await?;
    assert_refused(
        Side::staff(&house, &ben, conversation).status(file).await,
        ErrorCode::NotYourConversation,
    );
    let staff = Side::staff(&house, &ana, conversation);
    assert_refused(staff.put(file, chunk, &content[chunk..]).await, ErrorCode::UnknownFile);
    let nobody = Side { house: &house, conversation, token: None, cookie: None, address: None };
    assert_refused(nobody.status(file).await, ErrorCode::NotSignedIn);
    let supervisor = house.console(SUPERVISOR).await?;
    let looks_on = Side::staff(&house, &supervisor, conversation);
    let offered = looks_on.offer(fresh_file(), "a", "text/plain", 5).await;
    assert_refused(offered, ErrorCode::NotYourConversation);
    assert_refused(
        nobody.open(&format!("{}/files/AAAAAAAAAAAAAAAAAAAAAAAA", house.ports().chat())).await,
        ErrorCode::FileLinkRefused,
    );

    // Given up, and ended.
    let given_up = fresh_file();
    customer.offer(given_up, "a", "text/plain", 5).await?;
    ok(customer.request(Method::DELETE, given_up, "").send().await?).await?;
    assert_refused(customer.status(given_up).await, ErrorCode::UnknownFile);
    let mut live = live;
    live.socket.send(&ClientFrame::End).await?;
    live.until("the end", |live| matches!(live.standing, Standing::Ended { .. }).then_some(())).await?;
    let code = ErrorCode::ConversationEnded;
    assert_eq!(customer.status(file).await?.stage, FileStage::Refused { code });
    assert_refused(customer.put(file, chunk, &content[chunk..]).await, code);
    assert_eq!(files(&live.log), []);
    Ok(())
}

#[tokio::test]
async fn the_settings_say_who_may_send_what() -> Result<()> {
    let house = House::open().await?;
    house
        .change_settings(|settings| {
            settings.widgets[0].files.customers = false;
            settings.widgets[0].files.max_bytes = 100;
            settings.widgets[0].files.kinds = vec![FileKind::Text, FileKind::Image];
            // What the workstream does not take, none of its widgets does.
            settings.workstreams[0].files =
                Some(FileRules { kinds: vec![FileKind::Text, FileKind::Document], ..FileRules::default() });
        })
        .await?;
    let (visitor, ana, conversation, ..) = talk(&house).await?;
    let path = format!("/v1/conversations/{conversation}/files");
    let cookie = |console: &Console| console.desk.cookie().map(str::to_owned).unwrap_or_default();
    let taken = house.desk(Method::GET, &path).header(COOKIE, cookie(&ana)).send().await?;
    let expected = FilesTaken { any: true, max_bytes: 100, kinds: vec![FileKind::Text] };
    assert_eq!(ok(taken).await?.json::<FilesTaken>().await?, expected);
    let ben = house.console(BEN).await?;
    let others = ok(house.desk(Method::GET, &path).header(COOKIE, cookie(&ben)).send().await?).await;
    assert_refused(others, ErrorCode::NotYourConversation);
    let customer = Side::visitor(&house, &visitor, conversation);
    let offered = customer.offer(fresh_file(), "a", "text/plain", 5).await;
    assert_refused(offered, ErrorCode::FilesNotAllowed);
    let staff = Side::staff(&house, &ana, conversation);
    let offered = staff.offer(fresh_file(), "a", "text/plain", 101).await;
    assert_refused(offered, ErrorCode::FileSizeRefused);
    assert_refused(staff.send("a.png", "image/png", PNG).await, ErrorCode::FileKindRefused);
    let file = staff.send("a.txt", "text/plain", b"hello").await?;
    assert_eq!(staff.settled(file).await?, FileStage::Sent);
    Ok(())
}

#[tokio::test]
async fn one_conversation_takes_so_many_files_and_one_sender_so_fast() -> Result<()> {
    let house = House::open().await?;
    let (visitor, ana, conversation, ..) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    for _ in 0..FILE_RATE.burst {
        customer.offer(fresh_file(), "a", "text/plain", 5).await?;
    }
    let early = customer.request(Method::PUT, fresh_file(), "").json(&offer("a", "", 5, Visibility::Public)?);
    let refusal = problem_of(early.send().await?).await?;
    assert_eq!(refusal.problem.code, ErrorCode::TooManyRequests);
    assert!(refusal.problem.retry_after.is_some());
    // Ten files of 25 MB are all that one conversation holds, whoever sends them.
    let staff = Side::staff(&house, &ana, conversation);
    let mut refused = None;
    for _ in 0..CONVERSATION_FILES_MAX {
        if let Err(error) = staff.offer(fresh_file(), "a", "text/plain", 25_000_000).await {
            refused = Some(error);
            break;
        }
    }
    assert_refused::<()>(Err(refused.context("it took them all")?), ErrorCode::FilesFull);
    Ok(())
}

#[tokio::test]
async fn a_file_goes_on_where_the_server_died_and_is_there_once() -> Result<()> {
    let mut house = House::open().await?;
    let (visitor, _ana, conversation, ..) = talk(&house).await?;
    let chunk = FILE_CHUNK_BYTES as usize;
    let content = picture(4 * chunk + 5);
    let file = fresh_file();
    let customer = Side::visitor(&house, &visitor, conversation);
    customer.offer(file, "a.png", "image/png", content.len()).await?;
    customer.put(file, 0, &content[..chunk]).await?;
    customer.put(file, chunk, &content[chunk..2 * chunk]).await?;
    house.kill().await?;
    house.restart().await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    assert_eq!(customer.status(file).await?.received as usize, 2 * chunk, "what was acknowledged is there");
    customer.finish(file, &content).await?;
    // Dead between the last chunk and the entry, or a moment after it.
    house.kill().await?;
    house.restart().await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let mut live = visitor.connect(conversation, None).await?;
    live.until("the file", |live| (!files(&live.log).is_empty()).then_some(())).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    ensure!(customer.open(&customer.link(file).await?).await?.bytes().await? == content);
    house.kill().await?;
    house.restart().await?;
    let log = visitor.connect(conversation, None).await?.log;
    assert_eq!(files(&log).len(), 1);
    Ok(())
}

/// A scanner: what it says next, and how often it was asked.
struct TestScanner {
    settings: Scanner,
    asked: Arc<AtomicUsize>,
    /// It gives no answer before it has one of these. There are as many as one may want, if nothing else is said.
    released: Arc<Semaphore>,
}

/// A secret that the scanner knows.
const SECRET: &str = "scanner-secret";

impl TestScanner {
    /// A scanner that gives these answers in turn, the last of them for ever; `None` means that it breaks off.
    async fn start(answers: &'static [Option<&'static str>]) -> Result<Self> {
        Self::start_slow(answers, Semaphore::MAX_PERMITS).await
    }

    /// The same, which gives so many answers before it waits for more to be asked of it.
    async fn start_slow(answers: &'static [Option<&'static str>], released: usize) -> Result<Self> {
        let released = Arc::new(Semaphore::new(released));
        let gate = Arc::clone(&released);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = Line::new(&format!("http://{}/scan", listener.local_addr()?))?;
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers.get(turn).or(answers.last()).copied().flatten();
                turn += 1;
                let (gate, count) = (Arc::clone(&gate), Arc::clone(&count));
                tokio::spawn(async move {
                    if let Err(error) = Self::answer(stream, answer, &gate, &count).await {
                        eprintln!("the scanner: {error:#}");
                    }
                });
            }
        });
        Ok(Self { settings: Scanner { address, secret: Some(Line::new(SECRET)?) }, asked, released })
    }

    /// Waits until it was asked so often.
    async fn asked(&self, times: usize) -> Result<()> {
        let asked = tokio::time::timeout(Duration::from_secs(30), async {
            while self.asked.load(Ordering::SeqCst) < times {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        asked.await.with_context(|| format!("the scanner was not asked {times} times"))
    }

    async fn answer(
        mut stream: TcpStream,
        verdict: Option<&str>,
        gate: &Semaphore,
        asked: &AtomicUsize,
    ) -> Result<()> {
        let mut request = Vec::new();
        let head = loop {
            ensure!(stream.read_buf(&mut request).await? > 0, "the request broke off");
            if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
        };
        let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
        ensure!(text.contains(&format!("x-throughline-scanner: {SECRET}")), "no secret: {text}");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.context("no length")?.trim().parse()?;
        while request.len() < head + 4 + length {
            ensure!(stream.read_buf(&mut request).await? > 0, "the body broke off");
        }
        ensure!(request[head + 4..].starts_with(PNG), "other bytes");
        asked.fetch_add(1, Ordering::SeqCst);
        gate.acquire().await?.forget();
        let Some(verdict) = verdict else { return Ok(()) };
        let body: Value = json!({ "verdict": verdict });
        let body = body.to_string();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
        Ok(stream.shutdown().await?)
    }
}

#[tokio::test]
async fn a_scanner_holds_files_back_until_it_has_cleared_them() -> Result<()> {
    let house = House::open().await?;
    let scanner = TestScanner::start(&[None, Some("later"), Some("clean"), Some("infected")]).await?;
    let settings = scanner.settings.clone();
    house.change_settings(|document| document.scanner = Some(settings)).await?;
    let (visitor, _ana, conversation, mut live, _desk) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let content = picture(FILE_CHUNK_BYTES as usize + 5);
    let file = customer.send("a.png", "image/png", &content).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    assert_eq!(scanner.asked.load(Ordering::SeqCst), 3, "down, then later, then clean");
    live.until("the file", |live| (files(&live.log).len() == 1).then_some(())).await?;

    let infected = customer.send("b.png", "image/png", &content).await?;
    let code = ErrorCode::FileInfected;
    assert_eq!(customer.settled(infected).await?, FileStage::Refused { code });
    assert_eq!(customer.status(infected).await?.why.as_deref(), Some(code.sentence()));
    assert_refused(customer.link(infected).await, ErrorCode::UnknownFile);
    let log = visitor.connect(conversation, None).await?.log;
    if files(&log).len() != 1 {
        bail!("an infected file is in the log: {log:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_verdict_is_about_the_bytes_that_were_looked_at_and_about_no_others() -> Result<()> {
    let house = House::open().await?;
    // The answers come in the order in which they were asked for: the clean one is about bytes that are gone by then.
    let scanner = TestScanner::start_slow(&[Some("clean"), Some("infected")], 0).await?;
    let settings = scanner.settings.clone();
    house.change_settings(|document| document.scanner = Some(settings)).await?;
    let (visitor, _ana, conversation, ..) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let (clean, infected) = (picture(100), picture(200));
    let file = customer.send("a.png", "image/png", &clean).await?;
    scanner.asked(1).await?;
    ok(customer.request(Method::DELETE, file, "").send().await?).await?;
    customer.offer(file, "a.png", "image/png", infected.len()).await?;
    customer.finish(file, &infected).await?;
    scanner.asked(2).await?;

    scanner.released.add_permits(1);
    // The first answer is on its way or there: nothing comes of it.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(
        customer.status(file).await?.stage,
        FileStage::Checking,
        "an answer about other bytes counted"
    );
    scanner.released.add_permits(1);
    let code = ErrorCode::FileInfected;
    assert_eq!(customer.settled(file).await?, FileStage::Refused { code });
    assert_eq!(files(&visitor.connect(conversation, None).await?.log), []);
    Ok(())
}

#[tokio::test]
async fn all_files_of_a_shard_share_one_room_and_what_is_given_up_makes_room() -> Result<()> {
    // From one address, or from nobody knows where, nobody fills it.
    let house = House::open_with(|options| options.address_header = Some(ADDRESS_HEADER.to_owned())).await?;
    house.change_settings(|document| document.widgets[0].files.max_bytes = FILE_BYTES_MAX).await?;
    let each = FILE_BYTES_MAX as usize;
    let mut last = None;
    let (_, ana, answered, ..) = talk(&house).await?;
    for number in 0..(SHARD_FILE_BYTES_MAX - STAFF_FILE_BYTES_KEPT) / u64::from(2 * FILE_BYTES_MAX) {
        let mut visitor = house.visitor().await?;
        visitor.address = Some(format!("192.0.2.{number}"));
        let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
        let customer = Side::visitor(&house, &visitor, conversation);
        let files = [fresh_file(), fresh_file()];
        for file in files {
            customer.offer(file, "a", "text/plain", each).await?;
        }
        last = Some((customer, files));
    }
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let asked = customer.request(Method::PUT, fresh_file(), "").json(&offer("a", "", 5, Visibility::Public)?);
    let refusal = problem_of(asked.send().await?).await?;
    assert_eq!(refusal.problem.code, ErrorCode::FilesFull);
    assert!(refusal.problem.message.contains("at the moment"), "{refusal}");
    // Some of it is kept for the staff.
    Side::staff(&house, &ana, answered).offer(fresh_file(), "a", "text/plain", each).await?;
    let (other, files) = last.context("files were offered")?;
    for file in files {
        ok(other.request(Method::DELETE, file, "").send().await?).await?;
    }
    customer.offer(fresh_file(), "a", "text/plain", each).await?;
    Ok(())
}

/// How long after this moment something is to be done about the only file of a house whose server is dead.
fn due_after(house: &House, moment: Timestamp) -> Result<Span> {
    let database = Connection::open(house.database("conversations")?)?;
    let due: i64 = database.query_row("SELECT due FROM files", [], |row| row.get(0))?;
    Ok(Timestamp::from_millis(u64::try_from(due)?).since(moment))
}

#[tokio::test]
async fn a_file_of_which_nothing_comes_soon_gives_its_room_back_and_can_be_offered_again() -> Result<()> {
    let mut house = House::open().await?;
    let (visitor, _ana, conversation, live, _desk) = talk(&house).await?;
    let begun = live.log.last().context("an entry")?.at;
    let (file, content) = (fresh_file(), picture(2 * FILE_CHUNK_BYTES as usize));
    let offer = async |house: &House| {
        let customer = Side::visitor(house, &visitor, conversation);
        customer.offer(file, "a.png", "image/png", content.len()).await
    };
    offer(&house).await?;
    house.kill().await?;
    // The machine may have been busy for a while.
    let short = due_after(&house, begun)?;
    assert!(short.as_millis() <= 2 * FILE_BEGUN_WITHIN.as_millis(), "{short:?}");
    // As if so much time had passed.
    Connection::open(house.database("conversations")?)?.execute("UPDATE files SET due = 1", [])?;
    house.restart().await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let forgotten = tokio::time::timeout(Duration::from_secs(30), async {
        while customer.status(file).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        customer.put(file, 0, &content[..FILE_CHUNK_BYTES as usize]).await
    });
    assert_refused(forgotten.await?, ErrorCode::UnknownFile);
    // What has come is waited for for longer.
    offer(&house).await?;
    customer.put(file, 0, &content[..FILE_CHUNK_BYTES as usize]).await?;
    house.kill().await?;
    let long = due_after(&house, begun)?;
    assert!(long >= FILE_UPLOAD_LIFETIME, "{long:?}");
    house.restart().await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    customer.finish(file, &content).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    Ok(())
}

#[tokio::test]
async fn who_offers_many_bytes_waits_whichever_conversation_they_are_for() -> Result<()> {
    let house = House::open().await?;
    house.change_settings(|document| document.widgets[0].files.max_bytes = FILE_BYTES_MAX).await?;
    let mut offers = 0;
    let refusal = 'refused: loop {
        let visitor = house.visitor().await?;
        let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
        let customer = Side::visitor(&house, &visitor, conversation);
        // The same file again and again holds room once.
        let file = fresh_file();
        let offer = offer("a", "text/plain", FILE_BYTES_MAX as usize, Visibility::Public)?;
        for _ in 0..20 {
            let response = customer.request(Method::PUT, file, "").json(&offer).send().await?;
            if !response.status().is_success() {
                break 'refused problem_of(response).await?;
            }
            offers += 1;
        }
        ensure!(offers < 1_000, "nobody has to wait");
    };
    assert_eq!(refusal.problem.code, ErrorCode::TooManyRequests);
    assert!(refusal.problem.retry_after.is_some());
    assert!(offers >= UPLOAD_RATE_UNKNOWN.burst / FILE_BYTES_MAX.div_ceil(FILE_CHUNK_BYTES), "{offers}");
    Ok(())
}

#[tokio::test]
async fn files_of_an_ended_conversation_go_in_time_and_whoever_opens_one_hears_why() -> Result<()> {
    let mut house = House::open().await?;
    let kept_for = Span::from_secs(30 * 24 * 3600);
    house.change_settings(|document| document.widgets[0].files.kept_for = kept_for).await?;
    let (visitor, _ana, conversation, mut live, _desk) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let file = customer.send("a.png", "image/png", PNG).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    live.socket.send(&ClientFrame::End).await?;
    let ended = live.until("the end", |live| match live.standing {
        Standing::Ended { .. } => live.log.last().map(|entry| entry.at),
        _ => None,
    });
    let ended = ended.await?;
    customer.link(file).await?;
    // Its time is over: so says its row.
    house.kill().await?;
    let database = Connection::open(house.database("conversations")?)?;
    let due: i64 = database.query_row("SELECT due FROM files", [], |row| row.get(0))?;
    let about = u64::try_from(due)?.abs_diff(ended.after(kept_for).as_millis());
    assert!(about < 60_000, "kept for another time: {about} ms");
    database.execute("UPDATE files SET due = 1", [])?;
    drop(database);
    house.restart().await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let gone = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let response = customer.request(Method::POST, file, "/link").send().await?;
            if !response.status().is_success() {
                return problem_of(response).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let refusal = gone.await.context("it is still there")??;
    assert_eq!(refusal.problem.code, ErrorCode::UnknownFile);
    assert!(refusal.problem.message.contains("kept for some time"), "{refusal}");
    assert_eq!(files(&visitor.connect(conversation, None).await?.log).len(), 1, "the entry stays");
    Ok(())
}

#[tokio::test]
async fn an_address_of_a_file_holds_for_five_minutes() -> Result<()> {
    let mut house = House::open().await?;
    let (visitor, _ana, conversation, ..) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let file = customer.send("a.png", "image/png", PNG).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    let address = customer.link(file).await?;
    // As if so much time had passed.
    let pass = |house: &House, time: Span| {
        let database = Connection::open(house.database("conversations")?)?;
        let passed = i64::try_from(time.as_millis())?;
        assert_eq!(database.execute("UPDATE file_links SET expires = expires - ?", [passed])?, 1);
        anyhow::Ok(())
    };
    house.kill().await?;
    pass(&house, Span::from_secs(4 * 60))?;
    house.restart().await?;
    Side::visitor(&house, &visitor, conversation).open(&address).await?;
    house.kill().await?;
    pass(&house, Span::from_secs(60))?;
    house.restart().await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    assert_refused(customer.open(&address).await, ErrorCode::FileLinkRefused);
    customer.open(&customer.link(file).await?).await?;
    Ok(())
}

#[tokio::test]
async fn a_file_is_that_of_its_own_conversation_also_when_its_id_is_used_again_in_another() -> Result<()> {
    let mut house = House::open().await?;
    let (visitor, _ana, first, mut live, mut looking) = talk(&house).await?;
    let file = Side::visitor(&house, &visitor, first).send("a.png", "image/png", PNG).await?;
    let is_file = |entry: &&Entry| matches!(entry.content, Content::File { .. });
    let number = looking.until("the file", |live| live.log.iter().find(is_file).map(|entry| entry.sequence));
    let number = number.await?;
    live.socket.send(&ClientFrame::End).await?;
    live.until("the end", |live| matches!(live.standing, Standing::Ended { .. }).then_some(())).await?;
    // It was kept for long enough.
    house.kill().await?;
    let database = Connection::open(house.database("conversations")?)?;
    database.execute("DELETE FROM files", [])?;
    database.execute("DELETE FROM file_chunks", [])?;
    drop(database);
    house.restart().await?;
    // The same id with other bytes, in the next conversation of the same customer.
    let second = visitor.start(answers("Ada", "order", "Hello again")).await?;
    let customer = Side::visitor(&house, &visitor, second);
    let other = picture(1_000);
    customer.offer(file, "b.png", "image/png", other.len()).await?;
    let supervisor = house.console(SUPERVISOR).await?;
    let staff = Side::staff(&house, &supervisor, first);
    assert_refused(staff.link(file).await, ErrorCode::UnknownFile);
    customer.finish(file, &other).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    assert_refused(staff.link(file).await, ErrorCode::UnknownFile);
    // Whoever removes its entry from the first leaves the second alone.
    let mut looking = supervisor.open(first, None).await?;
    let message = fresh_message();
    looking.commit(message, &ClientFrame::Redact { message, target: number }).await?;
    let address = customer.link(file).await?;
    ensure!(customer.open(&address).await?.bytes().await? == other, "other bytes");
    Ok(())
}

#[tokio::test]
async fn files_of_a_conversation_that_nobody_answered_go_after_a_day() -> Result<()> {
    let mut house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut live = visitor.connect(conversation, None).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let file = customer.send("a.png", "image/png", PNG).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    live.socket.send(&ClientFrame::End).await?;
    let ended = live.until("the end", |live| match live.standing {
        Standing::Ended { .. } => live.log.last().map(|entry| entry.at),
        _ => None,
    });
    let ended = ended.await?;
    house.kill().await?;
    let database = Connection::open(house.database("conversations")?)?;
    let due: i64 = database.query_row("SELECT due FROM files", [], |row| row.get(0))?;
    let about = u64::try_from(due)?.abs_diff(ended.after(FILES_KEPT_UNANSWERED).as_millis());
    assert!(about < 60_000, "kept for another time: {about} ms");
    Ok(())
}

#[tokio::test]
async fn what_fails_half_way_has_not_happened_and_happens_when_the_fault_is_mended() -> Result<()> {
    let mut house = House::open().await?;
    let (visitor, _ana, conversation, live, _desk) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let file = customer.send("a.png", "image/png", PNG).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    drop(live);
    // What is known of the file cannot be read: the conversation can take its end, and what follows cannot be done.
    house.kill().await?;
    let database = Connection::open(house.database("conversations")?)?;
    let kinds: Vec<u8> = database.query_row("SELECT kinds FROM files", [], |row| row.get(0))?;
    database.execute("UPDATE files SET kinds = x'ff'", [])?;
    drop(database);
    house.restart().await?;
    let mut live = visitor.connect(conversation, None).await?;
    live.socket.send(&ClientFrame::End).await?;
    let (_, ended) = live.socket.until_ended().await?;
    assert_eq!(ended.code, Some(1011), "{ended:?}");
    let live = visitor.connect(conversation, None).await?;
    assert!(!matches!(live.standing, Standing::Ended { .. }), "{:?}", live.standing);
    drop(live);
    house.kill().await?;
    let database = Connection::open(house.database("conversations")?)?;
    database.execute("UPDATE files SET kinds = ?", [kinds])?;
    drop(database);
    house.restart().await?;
    let mut live = visitor.connect(conversation, None).await?;
    live.socket.send(&ClientFrame::End).await?;
    live.until("the end", |live| matches!(live.standing, Standing::Ended { .. }).then_some(())).await?;
    // Whoever had it hears of it.
    let mut ana = house.console(ANA).await?;
    ana.until("the end at the desk", |ana| {
        let item = ana.work.get(&conversation);
        item.is_none_or(|item| item.state != WorkState::Active).then_some(())
    })
    .await
}

#[tokio::test]
async fn whose_token_means_nothing_does_not_hear_which_conversations_exist() -> Result<()> {
    let house = House::open().await?;
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut bytes = *conversation.as_bytes();
    bytes[15] ^= 1;
    let nowhere = ConversationId::from_bytes(bytes);
    // The token of this visitor with another secret.
    let token = &visitor.session.token;
    let (head, tail) = token.split_at(token.len() - 8);
    let other = if tail.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}{other}{}", &tail[1..]);
    for conversation in [conversation, nowhere] {
        let stranger =
            Side { house: &house, conversation, token: Some(forged.clone()), cookie: None, address: None };
        let offered = stranger.offer(fresh_file(), "a", "text/plain", 5).await;
        assert_refused(offered, ErrorCode::NotSignedIn);
    }
    let known = Side::visitor(&house, &visitor, nowhere);
    let offered = known.offer(fresh_file(), "a", "text/plain", 5).await;
    assert_refused(offered, ErrorCode::UnknownConversation);
    Ok(())
}

#[tokio::test]
async fn the_secret_of_a_scanner_is_for_those_who_may_change_it_and_for_its_own_address() -> Result<()> {
    let house = House::open().await?;
    let settings =
        Scanner { address: Line::new("http://127.0.0.1:9/scan")?, secret: Some(Line::new(SECRET)?) };
    let given = settings.clone();
    house.change_settings(|document| document.scanner = Some(given)).await?;
    let supervisor = house.console(SUPERVISOR).await?;
    let read = supervisor.desk.settings().await?.settings.scanner.context("a scanner")?;
    assert_eq!(read, Scanner { secret: None, ..settings.clone() });
    // Whoever changes something else may leave it out.
    let blank = Some(read);
    let changed = house.change_settings(|document| document.scanner = blank).await?;
    assert_eq!(changed.settings.scanner, Some(settings.clone()));
    let elsewhere = Scanner { address: Line::new("http://127.0.0.1:10/scan")?, secret: None };
    let refused = house.change_settings(|document| document.scanner = Some(elsewhere)).await;
    assert_refused(refused, ErrorCode::SettingsRefused);
    Ok(())
}

#[tokio::test]
async fn a_scanner_that_sends_elsewhere_is_not_followed_there() -> Result<()> {
    let house = House::open().await?;
    let elsewhere = TcpListener::bind("127.0.0.1:0").await?;
    let target = elsewhere.local_addr()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = Line::new(&format!("http://{}/scan", listener.local_addr()?))?;
    let settings = Scanner { address, secret: Some(Line::new(SECRET)?) };
    house.change_settings(|document| document.scanner = Some(settings)).await?;
    let (visitor, _ana, conversation, ..) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let file = customer.send("a.png", "image/png", PNG).await?;
    let twice = async {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await?;
            let mut request = Vec::new();
            while !request.ends_with(PNG) {
                ensure!(stream.read_buf(&mut request).await? > 0, "the request broke off");
            }
            let head = format!("HTTP/1.1 302 Found\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n");
            stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).await?;
            stream.shutdown().await?;
        }
        anyhow::Ok(())
    };
    // That it is asked again says that what it said was looked at.
    tokio::select! {
        asked = tokio::time::timeout(Duration::from_secs(30), twice) => asked??,
        _ = elsewhere.accept() => bail!("the request went where it was sent"),
    }
    assert_eq!(customer.status(file).await?.stage, FileStage::Checking);
    Ok(())
}

#[tokio::test]
async fn few_read_at_one_address_at_a_time_and_the_next_hears_when_to_come_again() -> Result<()> {
    let house = House::open().await?;
    let (visitor, _ana, conversation, ..) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    // More than the buffers between here and there hold.
    let content = picture(24_000_000);
    let file = customer.send("a.png", "image/png", &content).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    let address = customer.link(file).await?;
    let mut open = Vec::new();
    for _ in 0..READS_PER_LINK_MAX {
        open.push(customer.open(&address).await?);
    }
    let path = address.strip_prefix(&house.ports().chat()).context("another host")?;
    let early = house.chat(Method::GET, path).send().await?;
    assert!(early.headers().contains_key("retry-after"));
    assert_refused::<()>(Err(problem_of(early).await?.into()), ErrorCode::TooManyRequests);
    customer.open(&customer.link(file).await?).await?;
    // Who goes makes room, whether they have read to the end or not.
    let whole = open.pop().context("an open read")?.bytes().await?;
    ensure!(whole == content, "other bytes");
    drop(open);
    let again = tokio::time::timeout(Duration::from_secs(30), async {
        while customer.open(&address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    again.await.context("there is never room again")
}

#[tokio::test]
async fn who_opens_files_without_end_waits() -> Result<()> {
    let house = House::open().await?;
    let (visitor, _ana, conversation, ..) = talk(&house).await?;
    let customer = Side::visitor(&house, &visitor, conversation);
    let file = customer.send("a.png", "image/png", PNG).await?;
    assert_eq!(customer.settled(file).await?, FileStage::Sent);
    let address = customer.link(file).await?;
    let mut opened = 0;
    let refused = loop {
        match customer.open(&address).await {
            Ok(response) => drop(response.bytes().await?),
            Err(error) => break error,
        }
        opened += 1;
        ensure!(opened < 20 * FILE_READ_RATE.burst, "nobody has to wait");
    };
    // To open it and to read its only chunk.
    assert!(opened >= FILE_READ_RATE.burst / 2, "{opened}");
    assert_refused::<()>(Err(refused), ErrorCode::TooManyRequests);
    Ok(())
}
