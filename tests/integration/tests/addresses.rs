//! What one address may ask for, where a proxy in front says from which one somebody comes.

use core::time::Duration;

use anyhow::{Context as _, Result, ensure};
use integration::{
    ADDRESS_HEADER, House, Visitor, answers, assert_refused, fresh_message, fresh_request, refusal,
};
use reqwest::Method;
use shared::id::{ConversationId, FileId};
use shared::limit::{FILE_BYTES_MAX, FILE_CHUNK_BYTES, START_RATE, UPLOAD_RATE};
use shared::protocol::ErrorCode;
use shared::protocol::http::{FileStatus, OfferFile};
use shared::protocol::live::Visibility;

const CROWD: &str = "192.0.2.7";
const ELSEWHERE: &str = "192.0.2.8";

/// A house behind a proxy.
async fn house() -> Result<House> {
    House::open_with(|options| options.address_header = Some(ADDRESS_HEADER.to_owned())).await
}

/// A new visitor who writes from this address. Their session they got elsewhere: sessions have an allowance of their own.
async fn visitor_from(house: &House, address: &str) -> Result<Visitor> {
    let mut visitor = house.visitor().await?;
    visitor.address = Some(address.to_owned());
    Ok(visitor)
}

#[tokio::test]
async fn from_one_address_begin_so_many_conversations_and_whoever_waits_is_let_in() -> Result<()> {
    let house = house().await?;
    let mut begun = 0;
    let (visitor, request, refused) = loop {
        let (visitor, request) = (visitor_from(&house, CROWD).await?, fresh_request());
        match visitor.start_by(request, answers("Ada", "order", "Hello")).await {
            Ok(_) => begun += 1,
            refused => break (visitor, request, refusal(refused)?),
        }
        ensure!(begun < 10 * START_RATE.burst, "nobody has to wait");
    };
    assert_eq!((refused.status, refused.problem.code), (429, ErrorCode::TooManyRequests));
    assert!(begun >= START_RATE.burst, "{begun}");
    assert_eq!(visitor.current().await?, None, "what was refused has begun");
    visitor_from(&house, ELSEWHERE).await?.start(answers("Zoe", "order", "Hello")).await?;
    let wait = refused.problem.retry_after.context("a time to try again")?;
    tokio::time::sleep(Duration::from_millis(wait.as_millis())).await;
    visitor.start_by(request, answers("Ada", "order", "Hello")).await?;
    Ok(())
}

#[tokio::test]
async fn who_invents_addresses_before_that_of_the_proxy_has_one_allowance() -> Result<()> {
    let house = house().await?;
    let mut begun = 0;
    loop {
        // As a proxy appends to what somebody sent; and the networks of one household.
        let invented = format!("198.51.100.{begun}, r{begun}, 2001:db8:1:{begun:x}::{begun:x}");
        let visitor = visitor_from(&house, &invented).await?;
        match visitor.start(answers("Ada", "order", "Hello")).await {
            Ok(_) => begun += 1,
            refused => break assert_refused(refused, ErrorCode::TooManyRequests),
        }
        ensure!(begun < 200, "each address that is invented has an allowance");
    }
    visitor_from(&house, "2001:db8:1:100::1").await?.start(answers("Zoe", "order", "Hello")).await?;
    Ok(())
}

/// Offers a file of so many bytes in a conversation.
async fn offer(visitor: &Visitor, conversation: ConversationId, bytes: u32) -> Result<FileStatus> {
    let file = FileId::from_bytes(*fresh_message().as_bytes());
    let (name, media_type) = ("a.txt".to_owned(), "text/plain".to_owned());
    let offer = OfferFile { name, media_type, bytes, visibility: Visibility::Public };
    let path = format!("/v1/conversations/{conversation}/files/{file}");
    visitor.ask(Method::PUT, &path, Some(&offer)).await
}

#[tokio::test]
async fn offers_that_are_refused_take_nothing_of_what_others_at_the_address_may_send() -> Result<()> {
    let house = house().await?;
    house.change_settings(|settings| settings.widgets[0].files.max_bytes = FILE_BYTES_MAX - 1).await?;
    let (ada, stranger) = (visitor_from(&house, CROWD).await?, visitor_from(&house, CROWD).await?);
    let conversation = ada.start(answers("Ada", "order", "Hello")).await?;
    // More than the address may offer, if they counted.
    let enough = UPLOAD_RATE.burst / FILE_BYTES_MAX.div_ceil(FILE_CHUNK_BYTES) + 5;
    for _ in 0..enough {
        let theirs = offer(&stranger, conversation, FILE_BYTES_MAX - 1).await;
        assert_refused(theirs, ErrorCode::UnknownConversation);
        assert_refused(offer(&ada, conversation, FILE_BYTES_MAX).await, ErrorCode::FileSizeRefused);
        assert_refused(offer(&ada, conversation, 0).await, ErrorCode::FileSizeRefused);
    }
    offer(&ada, conversation, FILE_BYTES_MAX - 1).await?;
    house.change_settings(|settings| settings.widgets[0].files.customers = false).await?;
    for _ in 0..enough {
        assert_refused(offer(&ada, conversation, 1_000_000).await, ErrorCode::FilesNotAllowed);
    }
    house.change_settings(|settings| settings.widgets[0].files.customers = true).await?;
    offer(&ada, conversation, 1_000_000).await.map(drop)
}
