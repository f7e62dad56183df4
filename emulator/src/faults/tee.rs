//! A request body that counts what is read of it, and can be read ahead.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::timeout;

use super::sniff::Sniff;
use crate::body::PATIENCE;

/// What has been read of a body so far.
#[derive(Default)]
pub struct Seen {
    bytes: AtomicU64,
    sniff: Mutex<Sniff>,
}

impl Seen {
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub fn sniff(&self) -> MutexGuard<'_, Sniff> {
        self.sniff.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub struct Tee {
    body: Body,
    /// Read ahead, and not yet given out.
    ahead: VecDeque<Bytes>,
    pub seen: Arc<Seen>,
}

impl Tee {
    pub fn new(body: Body) -> Tee {
        Tee {
            body,
            ahead: VecDeque::new(),
            seen: Arc::default(),
        }
    }

    /// The body as it is now; an empty one stays, which goes on counting the same bytes.
    pub fn take(&mut self) -> Tee {
        let empty = Tee {
            body: Body::empty(),
            ahead: VecDeque::new(),
            seen: Arc::clone(&self.seen),
        };
        std::mem::replace(self, empty)
    }

    /// Reads until the body has told its operation, or cannot.
    pub async fn read_ahead_for_op(&mut self) {
        while !self.seen.sniff().is_decided() {
            match self.next().await {
                Some(bytes) => self.ahead.push_back(bytes),
                None => break,
            }
        }
    }

    /// Reads away until so many bytes have come, or the end.
    pub async fn read_away(&mut self, bytes: u64) {
        while self.seen.bytes() < bytes && self.next().await.is_some() {}
    }

    async fn next(&mut self) -> Option<Bytes> {
        let frame = timeout(PATIENCE, self.body.frame()).await;
        let bytes = match frame {
            Ok(Some(Ok(frame))) => frame.into_data().ok(),
            _ => None,
        };
        note(&self.seen, bytes.as_ref());
        bytes
    }
}

fn note(seen: &Seen, bytes: Option<&Bytes>) {
    match bytes {
        Some(bytes) => {
            seen.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            seen.sniff().push(bytes);
        }
        None => seen.sniff().end(),
    }
}

impl HttpBody for Tee {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(bytes) = self.ahead.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => note(&self.seen, frame.data_ref()),
            _ => note(&self.seen, None),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ahead.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
