//! What is on disk bears the version of its format. A gateway that is older than its data refuses it in words and leaves it
//! as it is; and what an object has gone through before its last checkpoint is not read again when it is loaded.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use integration::{House, Visitor, answers, refusal};
use rusqlite::Connection;
use shared::id::ConversationId;
use shared::protocol::ErrorCode;

/// Rows of the journal after which a checkpoint empties it.
const JOURNAL_ROWS_MAX: i64 = 256;

/// The database of the one shard, while nobody has it open.
fn shard_of(house: &House) -> Result<PathBuf> {
    let files = std::fs::read_dir(house.folder().join("conversations"))?;
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let mut databases = paths.filter(|path| {
        let name = path.file_name().unwrap_or_default();
        path.extension().is_some_and(|extension| extension == "sqlite") && name != "metadata.sqlite"
    });
    databases.next().context("the shard has a database")
}

fn number(database: &Connection, query: &str) -> Result<i64> {
    Ok(database.query_row(query, [], |row| row.get(0))?)
}

/// A conversation in which so many messages were written, one after the other, and its visitor.
async fn after_messages(house: &House, messages: usize) -> Result<(Visitor, ConversationId)> {
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    let mut live = visitor.connect(conversation, None).await?;
    for number in 0..messages {
        live.write(&number.to_string()).await?;
    }
    Ok((visitor, conversation))
}

#[tokio::test]
async fn data_of_a_newer_version_is_refused_in_words_and_left_as_it_is() -> Result<()> {
    let mut house = House::open().await?;
    let (visitor, conversation) = after_messages(&house, 3).await?;
    house.kill().await?;
    let path = shard_of(&house)?;
    let database = Connection::open(&path)?;
    let row = "SELECT max(number) FROM journal";
    let last = number(&database, row)?;
    let steps: Vec<u8> =
        database.query_row("SELECT steps FROM journal WHERE number = ?", [last], |row| row.get(0))?;
    ensure!(steps.first() == Some(&1), "the first byte is the version");
    let mut newer = steps.clone();
    newer[0] = 200;
    database.execute("UPDATE journal SET steps = ? WHERE number = ?", (&newer, last))?;
    drop(database);

    house.restart().await?;
    let refused = refusal(visitor.current().await)?;
    assert_eq!(refused.problem.code, ErrorCode::Internal);
    assert!(refused.problem.message.contains("newer version of Throughline"), "{refused}");
    assert!(
        house.server()?.output().contains("version 200"),
        "the log says which: {}",
        house.server()?.output()
    );
    house.kill().await?;

    let database = Connection::open(&path)?;
    let kept: Vec<u8> =
        database.query_row("SELECT steps FROM journal WHERE number = ?", [last], |row| row.get(0))?;
    assert_eq!(kept, newer, "it was left as it is");
    database.execute("UPDATE journal SET steps = ? WHERE number = ?", (&steps, last))?;
    drop(database);
    house.restart().await?;
    let log = visitor.connect(conversation, None).await?;
    assert!(log.texts().ends_with(&["0", "1", "2"]), "{:?}", log.texts());
    Ok(())
}

#[tokio::test]
async fn loading_reads_what_came_after_the_last_checkpoint_and_no_more() -> Result<()> {
    let mut house = House::open().await?;
    let mut everybody = Vec::new();
    for _ in 0..6 {
        everybody.push(after_messages(&house, 200).await?);
    }
    house.kill().await?;
    let database = Connection::open(shard_of(&house)?)?;
    let rows = number(&database, "SELECT count(*) FROM journal")?;
    let gone_through = number(&database, "SELECT max(number) FROM journal")?;
    assert!(gone_through > 4 * JOURNAL_ROWS_MAX, "several checkpoints: {gone_through} turns");
    assert!(rows < JOURNAL_ROWS_MAX, "{rows} rows are replayed, of {gone_through} turns");
    let records = number(&database, "SELECT count(*) FROM records")?;
    assert!(records < gone_through / 10, "{records} rows hold the log of {gone_through} turns");
    drop(database);

    house.restart().await?;
    for (visitor, conversation) in &everybody {
        let live = visitor.connect(*conversation, None).await?;
        let last = live.texts().last().map(|text| (*text).to_owned());
        assert_eq!(last.as_deref(), Some("199"));
    }
    Ok(())
}
