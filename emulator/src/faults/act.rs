//! Faults, done to a request: whether its work is done, and what goes back over the connection.

use std::sync::Arc;
use std::time::Duration;

use super::log::Entry;
use super::raw::Raw;
use super::rule::{Action, Canned, Fault, Moment, StallAt, Then};
use super::script::{Script, Step, is_last};
use super::stale;
use super::state::Faults;
use super::target::Target;
use super::tee::Tee;
use super::wire::Control;
use crate::clock::http_date;
use crate::route::dispatch;
use crate::service::Service;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

/// What an endless body goes on with: JSON stays lawful.
const BLANKS: &[u8] = b"10000\r\n";
const CHUNK: usize = 0x10000;

/// A request that a rule hit.
pub struct Hit {
    pub service: Arc<Service>,
    pub faults: Arc<Faults>,
    pub target: Arc<Target>,
    pub control: Arc<Control>,
    pub entry: Arc<Entry>,
    pub parts: Parts,
    pub tee: Tee,
    /// How many requests still find what was there before.
    pub stale_reads: u64,
}

impl Hit {
    pub async fn suffer(mut self, fault: Fault) -> Response {
        tokio::time::sleep(fault.delay).await;
        self.parts.extensions.insert(fault.traits);
        self.stale_reads = fault.stale_reads;
        match fault.action {
            Action::None => {
                let response = self.work().await;
                self.entry.answered(response.status().as_u16());
                response
            }
            Action::Answer { answer, after } => {
                if after {
                    self.work().await;
                } else {
                    self.read_away().await;
                }
                let raw = self.canned(&answer);
                self.send(&raw, [])
            }
            Action::Reset(moment) => self.end(moment, Step::Reset).await,
            Action::Close(moment) => self.end(moment, Step::Close).await,
            Action::Cut { bytes, reset } => {
                let raw = self.answer().await;
                let mut answer = raw.bytes();
                answer.truncate(bytes);
                let end = if reset { Step::Reset } else { Step::Close };
                self.play(raw.status, [Step::Send(answer), end])
            }
            Action::Dribble { size, every } => {
                let raw = self.answer().await;
                let rest = raw.bytes();
                self.play(raw.status, [Step::Pieces { rest, size, every }])
            }
            Action::Stall(place) => self.stall(place).await,
            Action::Early { answer, then } => self.early(&answer, then),
            Action::Continue(count) => self.interim(count).await,
            Action::Raw(text) => {
                self.read_away().await;
                self.play(None, [Step::Send(text.into()), Step::Close])
            }
            Action::KeepAliveClose => {
                let raw = self.answer().await;
                self.send(&raw, [Step::Close])
            }
            Action::EndlessBody => self.endless().await,
            Action::ContentLength(length) => {
                let mut raw = self.answer().await;
                raw.set(CONTENT_LENGTH.as_str(), &length);
                self.send(&raw, [Step::Close])
            }
            Action::Chunked(garbage) => {
                let mut raw = self.answer().await;
                raw.remove(CONTENT_LENGTH.as_str());
                raw.set(TRANSFER_ENCODING.as_str(), "chunked");
                raw.body = garbage.into();
                self.send(&raw, [Step::Close])
            }
            Action::Error { error, after } => self.error(&error, after).await,
            Action::SlowComplete { spaces, every } => self.slow(spaces, every).await,
            Action::Headers(headers) => {
                let mut raw = self.answer().await;
                raw.replace(&headers);
                self.send(&raw, [])
            }
            action => self.falsify(action).await,
        }
    }

    async fn end(mut self, moment: Moment, end: Step) -> Response {
        match moment {
            Moment::Before => self.read_away().await,
            Moment::After => drop(self.answer().await),
            Moment::At(bytes) => self.tee.read_away(bytes).await,
            Moment::Half => {
                self.control.hold(self.tee.take().into_body());
                return self.play(None, [Step::HalfClose, Step::stall()]);
            }
        }
        self.play(None, [end])
    }

    async fn stall(mut self, place: StallAt) -> Response {
        let is_head = matches!(place, StallAt::Head);
        match place {
            StallAt::Request => {
                self.control.hold(self.tee.take().into_body());
                self.play(None, [Step::stall()])
            }
            StallAt::BeforeAnswer { after } => {
                if after {
                    self.work().await;
                } else {
                    self.read_away().await;
                }
                self.play(None, [Step::stall()])
            }
            StallAt::Head | StallAt::Body => {
                let raw = self.answer().await;
                let mut answer = raw.bytes();
                let head = raw.head().len();
                let half = (answer.len() - head) / 2;
                answer.truncate(if is_head { head / 2 } else { head + half });
                self.play(raw.status, [Step::Send(answer), Step::stall()])
            }
        }
    }

    fn early(mut self, answer: &Canned, then: Then) -> Response {
        let mut raw = self.canned(answer);
        let tee = self.tee.take();
        match then {
            Then::Close => {
                raw.set(CONNECTION.as_str(), "close");
                self.send(&raw, [Step::Close])
            }
            Then::KeepReading => {
                // Who waits for `100 Continue` must not be told to go on.
                if !self.parts.headers.contains_key(EXPECT) {
                    let mut tee = tee;
                    tokio::spawn(async move { tee.read_away(u64::MAX).await });
                }
                self.send(&raw, [])
            }
            Then::StopReading => {
                self.control.hold(tee.into_body());
                self.send(&raw, [Step::stall()])
            }
            Then::HalfClose => {
                self.control.hold(tee.into_body());
                self.send(&raw, [Step::HalfClose, Step::stall()])
            }
        }
    }

    async fn endless(mut self) -> Response {
        let mut raw = self.answer().await;
        raw.remove(CONTENT_LENGTH.as_str());
        raw.set(TRANSFER_ENCODING.as_str(), "chunked");
        let body = std::mem::take(&mut raw.body);
        if !body.is_empty() {
            let size = format!("{:x}\r\n", body.len());
            raw.body = [size.as_bytes(), &body, b"\r\n"].concat();
        }
        let chunk = [BLANKS, &[b' '; CHUNK], b"\r\n"].concat();
        let blanks = Step::Repeat {
            bytes: chunk.into(),
            sent: 0,
            every: Duration::ZERO,
        };
        self.send(&raw, [blanks])
    }

    // ------------------------------------------------------------------------------- the building

    /// Does what was asked.
    pub async fn work(&mut self) -> Response {
        let tee = self.tee.take();
        let (mut parts, ()) = Request::new(()).into_parts();
        std::mem::swap(&mut parts, &mut self.parts);
        let request = Request::from_parts(parts, tee.into_body());
        let work = dispatch(Arc::clone(&self.service), request);
        match self.stale_reads {
            0 => work.await,
            reads => {
                stale::hide(
                    &self.faults.hidden,
                    &self.service,
                    &self.target,
                    reads,
                    work,
                )
                .await
            }
        }
    }

    pub async fn answer(&mut self) -> Raw {
        let response = self.work().await;
        let mut raw = Raw::of(response, self.is_head(), &self.date()).await;
        raw.is_respelt = self.target.is_xml;
        raw
    }

    pub async fn read_away(&mut self) {
        self.tee.read_away(u64::MAX).await;
    }

    pub fn canned(&self, canned: &Canned) -> Raw {
        let mut raw = Raw::canned(canned, self.is_head(), &self.date());
        raw.is_respelt = self.target.is_xml;
        raw
    }

    pub fn is_head(&self) -> bool {
        self.target.method == Method::HEAD
    }

    fn date(&self) -> String {
        http_date(self.service.clock.now())
    }

    pub fn send<const N: usize>(&self, raw: &Raw, then: [Step; N]) -> Response {
        let mut script = Script::from([Step::Send(raw.bytes())]);
        script.extend(then);
        self.play(raw.status, script)
    }

    /// The empty answer that the connection swallows, to play the script in its place.
    pub fn play(&self, status: impl Into<Option<u16>>, script: impl Into<Script>) -> Response {
        let script = script.into();
        if let Some(status) = status.into() {
            self.entry.answered(status);
        }
        let mut response = StatusCode::NO_CONTENT.into_response();
        if is_last(&script) {
            // Then nothing waits for a next request, nor tires of waiting.
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        self.control.play(script);
        response
    }
}

impl Tee {
    fn into_body(self) -> Body {
        Body::new(self)
    }
}
