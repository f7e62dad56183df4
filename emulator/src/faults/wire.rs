//! A connection that can be made to misbehave.
//!
//! A handler that wants trouble leaves a script with the connection's control and returns an empty
//! reply. That reply is swallowed here, and the script is played in its place.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::script::{Script, Step};
use super::spelling::respell;
use crate::tls::Stream;

/// How often a stalled connection looks whether its client is still there.
const TICK: Duration = Duration::from_millis(20);

/// What handlers know of the connection that their request came on.
pub struct Control {
    /// Counted from 1 since the start.
    pub number: u64,
    script: Mutex<Option<Script>>,
    /// Whether the head that is written next is to be spelt as the XML API's service does.
    respells: AtomicBool,
    /// A request body that is kept unread, so that nothing reads on the connection.
    held: Mutex<Option<Body>>,
}

impl Control {
    /// To be called right before the handler returns.
    pub fn play(&self, script: Script) {
        *lock(&self.script) = Some(script);
    }

    /// The same.
    pub fn respell(&self) {
        self.respells.store(true, Ordering::Release);
    }

    pub fn hold(&self, body: Body) {
        *lock(&self.held) = Some(body);
    }
}

pub struct Wire {
    stream: Stream,
    control: Arc<Control>,
    script: Script,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub fn new(stream: Stream) -> Wire {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let control = Control {
            number: COUNT.fetch_add(1, Ordering::Relaxed),
            script: Mutex::new(None),
            respells: AtomicBool::new(false),
            held: Mutex::new(None),
        };
        Wire {
            stream,
            control: Arc::new(control),
            script: VecDeque::new(),
            pause: None,
        }
    }

    pub fn control(&self) -> Arc<Control> {
        Arc::clone(&self.control)
    }

    /// Ready when the script is through; an error ends the connection.
    fn play(&mut self, cx: &mut Context) -> Poll<io::Result<()>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let Some(step) = self.script.front_mut() else {
                return Poll::Ready(Ok(()));
            };
            let stream = Pin::new(&mut self.stream);
            match step {
                Step::Send(rest) | Step::Pieces { rest, .. } if rest.is_empty() => {
                    self.script.pop_front();
                }
                Step::Send(rest) => {
                    let sent = ready!(stream.poll_write(cx, rest))?;
                    drop(rest.split_to(sent));
                }
                Step::Pieces { rest, size, every } => {
                    let piece = &rest[..rest.len().min(*size)];
                    let sent = ready!(stream.poll_write(cx, piece))?;
                    drop(rest.split_to(sent));
                    self.pause = Some(Box::pin(sleep(*every)));
                }
                Step::Repeat { bytes, sent, every } => {
                    *sent += ready!(stream.poll_write(cx, &bytes[*sent..]))?;
                    if *sent == bytes.len() {
                        *sent = 0;
                        self.pause = Some(Box::pin(sleep(*every)));
                    }
                }
                Step::Stall { latest } => {
                    if is_gone(self.stream.tcp(), cx) || *latest < Instant::now() {
                        return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
                    }
                    self.pause = Some(Box::pin(sleep(TICK)));
                }
                Step::HalfClose => {
                    ready!(stream.poll_shutdown(cx))?;
                    self.script.pop_front();
                }
                Step::Close => return Poll::Ready(Err(ErrorKind::BrokenPipe.into())),
                Step::Reset => {
                    self.stream.tcp().set_zero_linger()?;
                    return Poll::Ready(Err(ErrorKind::ConnectionReset.into()));
                }
            }
        }
    }
}

/// Whether the client has closed or reset the connection, read or not.
fn is_gone(stream: &TcpStream, cx: &mut Context) -> bool {
    let ready = std::pin::pin!(stream.ready(Interest::READABLE));
    match ready.poll(cx) {
        Poll::Ready(Ok(ready)) => ready.is_read_closed(),
        Poll::Ready(Err(_)) => true,
        Poll::Pending => false,
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        into: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let script = lock(&self.control.script).take();
        if let Some(script) = script {
            // The empty reply, which hyper writes in one piece.
            self.script = script;
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(self.play(cx))?;
        if self.control.respells.swap(false, Ordering::AcqRel) {
            // Hyper writes a head in one piece, and what comes here is not vectored.
            let mut head = bytes.to_vec();
            respell(&mut head);
            self.script.push_back(Step::Send(head.into()));
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        ready!(self.play(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        ready!(self.play(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        lock(&self.control.held).take();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
