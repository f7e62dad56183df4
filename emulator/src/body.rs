//! Request bodies: what is left of a refused one, and how long we wait for the next piece.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::HeaderMap;
use axum::http::header::EXPECT;
use http_body_util::BodyExt;
use tokio::time::timeout;

/// How long a client may stay silent in the midst of a body.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long the rest of a refused body is read: until the client has been silent for so long, and
/// no longer than that in all.
const SILENCE: Duration = Duration::from_secs(1);
const LINGER: Duration = Duration::from_secs(10);

/// Lets the refusal reach a client that is still sending: closing on unread bytes would reset the
/// connection and lose the reply. A client that waits for `100 Continue` has sent nothing, and must
/// not be told to.
pub fn refuse_unread(body: BodyDataStream, headers: &HeaderMap) {
    if !headers.contains_key(EXPECT) {
        read_away(body);
    }
}

/// The same in the midst of a body.
pub fn read_away(mut body: BodyDataStream) {
    tokio::spawn(async move {
        let rest = async { while let Ok(Some(Ok(_))) = timeout(SILENCE, body.frame()).await {} };
        // Whoever sends for longer than this loses the reply.
        let _ = timeout(LINGER, rest).await;
    });
}
