//! Rules: which requests they hit, and what happens to these.

use std::time::Duration;

use serde_json::{Value, json};

use super::target::Target;
use crate::xml_options::Traits;

/// A rule, and what it has seen.
pub struct Rule {
    pub matcher: Matcher,
    pub fault: Fault,
    /// As it was given.
    pub text: Value,
    pub matched: u64,
    pub hits: u64,
}

#[derive(Default)]
pub struct Matcher {
    /// None matches any, here and below.
    pub op: Option<String>,
    pub path: Option<Pattern>,
    pub bucket: Option<String>,
    pub from: u64,
    pub count: Option<u64>,
    pub every: Option<u64>,
    pub chance: Option<f64>,
}

pub enum Pattern {
    Exact(String),
    Prefix(String),
}

/// What happens to a request, after a delay.
#[derive(Debug, Clone)]
pub struct Fault {
    pub delay: Duration,
    pub traits: Traits,
    /// How many requests still find what was there before.
    pub stale_reads: u64,
    pub action: Action,
}

#[derive(Debug, Clone)]
pub enum Action {
    /// The request is answered as if nothing were.
    None,
    Answer {
        answer: Canned,
        after: bool,
    },
    Reset(Moment),
    Close(Moment),
    Cut {
        bytes: usize,
        reset: bool,
    },
    Dribble {
        size: usize,
        every: Duration,
    },
    Stall(StallAt),
    Early {
        answer: Canned,
        then: Then,
    },
    WrongOffset(i64),
    SliceSize(i64),
    ForgetSession,
    InstantHit,
    Corrupt,
    KeepAliveClose,
    /// None: without end.
    Continue(Option<usize>),
    EndlessBody,
    ContentLength(String),
    /// A chunked body, as it goes over the wire.
    Chunked(String),
    /// An error of the XML API, in place of an answer.
    Error {
        error: XmlError,
        after: bool,
    },
    /// Blanks before the body of a good answer, chunk by chunk.
    SlowComplete {
        spaces: usize,
        every: Duration,
    },
    /// In place of those of a good answer; None leaves one out.
    Headers(Vec<(String, Option<String>)>),
    /// The whole answer, as it goes over the wire.
    Raw(String),
}

#[derive(Debug, Clone)]
pub struct XmlError {
    /// 200: behind a status of success.
    pub status: u16,
    pub code: String,
    pub message: String,
    pub headers: Vec<(String, Option<String>)>,
}

#[derive(Debug, Clone)]
pub struct Canned {
    pub status: u16,
    pub body: String,
    /// In place of those that an answer has; None leaves one out.
    pub headers: Vec<(String, Option<String>)>,
}

/// Before the work is done, after it, or once so many bytes of the body were read.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    Before,
    After,
    At(u64),
    /// At once, and only the service's side: the client's bytes stay unread.
    Half,
}

#[derive(Debug, Clone, Copy)]
pub enum StallAt {
    Request,
    BeforeAnswer { after: bool },
    Head,
    Body,
}

#[derive(Debug, Clone, Copy)]
pub enum Then {
    Close,
    KeepReading,
    StopReading,
    HalfClose,
}

impl Rule {
    pub fn new(matcher: Matcher, fault: Fault, text: Value) -> Rule {
        Rule {
            matcher,
            fault,
            text,
            matched: 0,
            hits: 0,
        }
    }

    /// Whether it would hit this request, which is counted. `dice` is the rule's own.
    pub fn wants(&mut self, target: &Target, op: &str, dice: u64) -> bool {
        let wanted = &self.matcher;
        if !wanted.is_place(target) || wanted.op.as_ref().is_some_and(|wanted| wanted != op) {
            return false;
        }
        let index = self.matched;
        self.matched += 1;
        let Some(index) = index.checked_sub(wanted.from) else {
            return false;
        };
        wanted.count.is_none_or(|count| self.hits < count)
            && wanted.every.is_none_or(|every| index % every == 0)
            && wanted
                .chance
                .is_none_or(|chance| throw(dice, index) < chance)
    }

    pub fn show(&self) -> Value {
        let mut shown = self.text.clone();
        shown["matched"] = json!(self.matched);
        shown["hits"] = json!(self.hits);
        shown
    }
}

impl Matcher {
    pub fn is_place(&self, target: &Target) -> bool {
        let is_bucket = self.bucket.as_ref().is_none_or(|b| *b == target.bucket);
        is_bucket
            && match &self.path {
                None => true,
                Some(Pattern::Exact(path)) => *path == target.path,
                Some(Pattern::Prefix(prefix)) => target.path.starts_with(prefix.as_str()),
            }
    }
}

/// From 0 up to 1, the same for the same dice and throw (splitmix64).
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn throw(dice: u64, index: u64) -> f64 {
    (mix(mix(dice).wrapping_add(index)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
