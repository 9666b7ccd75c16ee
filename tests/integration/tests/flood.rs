//! A socket that floods with tiny frames is told how long to wait, then is not listened to; it lives on, and others are
//! served meanwhile. How fast others are served meanwhile is measured by `cargo xtask bench gateway`.

use anyhow::Result;
use integration::{Heard, House, Live, answers};
use shared::limit::{FRAME_RATE, REFUSAL_RATE};
use shared::protocol::ErrorCode;
use shared::protocol::codec::PING;
use shared::protocol::live::{Sequence, ServerFrame};
use shared::time::Span;
use tokio::time::{Duration, sleep};
use tokio_tungstenite::tungstenite::Message;

/// Tiny frames, many times what is allowed.
const FRAMES: usize = 50_000;
/// Messages that somebody else writes meanwhile.
const MEANWHILE: u32 = 50;

/// After so long at rest there are tokens again.
const QUIET: Duration = Duration::from_secs(1);

async fn somebody(house: &House) -> Result<Live> {
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", "Hello")).await?;
    visitor.connect(conversation, None).await
}

#[tokio::test]
async fn a_flood_of_tiny_frames_is_told_to_wait_the_socket_lives_on_and_others_are_served() -> Result<()> {
    let house = House::open().await?;
    let mut flooder = somebody(&house).await?;
    let mut other = somebody(&house).await?;
    let (last, others_last) = (flooder.held, other.held);

    let flood = async {
        for _ in 0..FRAMES {
            flooder.socket.send_raw(Message::Binary(vec![1].into())).await?;
        }
        anyhow::Ok(())
    };
    let meanwhile = async {
        for number in 1..=MEANWHILE {
            assert_eq!(other.write("Somebody else").await?, Sequence(others_last.0 + number));
        }
        anyhow::Ok(())
    };
    tokio::try_join!(flood, meanwhile)?;

    // The answer to the heartbeat comes after all that was answered.
    flooder.socket.send_raw(Message::Text(PING.into())).await?;
    let mut problems = Vec::new();
    while let Heard::Frame(frame) = flooder.socket.hear().await? {
        match frame {
            ServerFrame::Refused { problem, .. } => problems.push(problem),
            // They are told that they wait in a line.
            ServerFrame::Place { .. } => {}
            other => anyhow::bail!("something else than a refusal: {other:?}"),
        }
    }
    let (waits, noise): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.code == ErrorCode::TooManyRequests);
    assert!(noise.iter().all(|problem| problem.code == ErrorCode::Malformed));
    assert!(noise.len() >= FRAME_RATE.burst as usize - 1, "the burst is read: {}", noise.len());
    assert!(waits.len() >= REFUSAL_RATE.burst as usize, "then they are told to wait: {}", waits.len());
    assert!(
        waits.len() + noise.len() < FRAMES / 2,
        "and then not listened to: {}",
        waits.len() + noise.len()
    );
    for problem in &waits {
        let wait = problem.retry_after.unwrap_or_default();
        assert!(wait > Span::default() && wait < Span::from_secs(10), "{wait:?}");
    }

    // Who has kept quiet for a moment is heard on the same socket; the noise left nothing in the log. The last answer is too
    // old to go by: what came after it was not worth one.
    sleep(QUIET).await;
    assert_eq!(flooder.write("I have calmed down").await?, last.next());
    Ok(())
}
