//! What became of a request whose answer was lost. The next attempt would be refused because of the first
//! ("it is there already", "it is gone"), or would do its work on what somebody else has put there
//! since. So what is there is compared with what was there before the first attempt: that alone tells
//! this call's work from what others did, and from what was so all along.

use serde_json::{Map, Value};

use super::operation::Operation;
use super::request::{JsonRequest, ask};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::{ApiRequest, Call, Exchange, Signer};
use crate::model::{Answer, Path, Target, Verified, path};
use crate::transport::{Request, Response};

/// What a stat tells of what is at a place; nothing, where nothing is.
type Held = Option<Map<String, Value>>;

/// An operation that cannot simply be carried out twice.
pub(super) struct Careful<'a> {
    target: &'a Target,
    operation: &'a Operation<'a>,
    request: JsonRequest<'a>,
    /// What was at `target` before the first attempt, if it was asked for.
    before: Option<Held>,
}

impl<'a> Careful<'a> {
    /// Looks at the place first where that may be needed. It costs a request, and nothing that is found
    /// out later can replace it.
    pub(super) fn new(
        call: &Call,
        target: &'a Target,
        operation: &'a Operation<'a>,
    ) -> Result<Careful<'a>> {
        let matters = match operation {
            Operation::CreateFolder { .. } | Operation::Delete | Operation::Move { .. } => true,
            Operation::Upload {
                overwrite, claims, ..
            } => !overwrite && *claims,
            _ => false,
        };
        let before = match matters && call.exchange().config().retries > 0 {
            true => Some(held(call, target)?),
            false => None,
        };
        Ok(Careful {
            target,
            operation,
            request: JsonRequest { target, operation },
            before,
        })
    }

    pub(super) fn send(
        &self,
        call: &Call,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Answer> {
        match call.send(self, sent) {
            Err(error) if error.maybe_applied => self.settle(call, error, &mut || sent(0)),
            outcome => outcome,
        }
    }

    /// A success, when a refusal is explained by an earlier attempt of this call. `tick` is called while it
    /// is waited for what has been done to be seen.
    fn settle(
        &self,
        call: &Call,
        refusal: Error,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Answer> {
        let refused_as = |class| refusal.is(class);
        let was_there = matches!(self.before, Some(Some(_)));
        let was_empty = matches!(self.before, Some(None));
        let settled = match self.operation {
            Operation::Delete if refused_as(ErrorClass::NotFound) => {
                was_there.then(|| Answer::success(()))
            }
            Operation::Move { to, .. } if refused_as(ErrorClass::NotFound) => {
                self.moved(call, to, tick)?
            }
            // Something is at the destination, and perhaps only since the first attempt.
            Operation::Move { to, .. } if refused_as(ErrorClass::Exists) => {
                let moved = self.moved(call, to, tick)?;
                let is_gone = moved.is_some()
                    && call.poll_until(tick, &mut || Ok(held(call, self.target)?.is_none()))?;
                moved.filter(|_| is_gone)
            }
            Operation::CreateFolder { biz_attr } if refused_as(ErrorClass::Exists) && was_empty => {
                let mut found = None;
                call.poll_until(tick, &mut || {
                    found = held(call, self.target)?;
                    Ok(found.is_some())
                })?;
                found
                    .filter(|held| text(held, "biz_attr") == Some(biz_attr))
                    .map(self::found)
            }
            Operation::Upload {
                content,
                sha1,
                claims,
                ..
            } if refused_as(ErrorClass::Exists) && (was_empty || !claims) => {
                uploaded(call, self.target, content.len(), sha1, tick)?
            }
            _ => None,
        };
        settled.ok_or(refusal)
    }

    /// A success, when what was at the source before the first attempt is at the destination.
    fn moved(
        &self,
        call: &Call,
        to: &Path,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Option<Answer>> {
        let Some(Some(source)) = &self.before else {
            return Ok(None);
        };
        let there = self.target.beside(to.clone());
        let is_there = call.poll_until(tick, &mut || {
            let held = held(call, &there)?;
            Ok(held.is_some_and(|held| is_same_content(&held, source)))
        })?;
        Ok(is_there.then(|| Answer::success(())))
    }
}

impl ApiRequest for Careful<'_> {
    type Answer = Answer;

    fn request(&self, signer: &Signer) -> Result<Request<'_>> {
        self.request.request(signer)
    }

    fn read(&self, response: Response, request: &Request) -> Result<Answer> {
        self.request.read(response, request)
    }

    fn is_idempotent(&self) -> bool {
        self.request.is_idempotent()
    }

    /// A delete or a move must not be tried again on what somebody else has put there since.
    fn reconcile(&self, call: &Call) -> Result<Option<Answer>> {
        let (Some(Some(before)), Operation::Delete | Operation::Move { .. }) =
            (&self.before, self.operation)
        else {
            return Ok(None);
        };
        let now = held(call, self.target)?;
        if now.as_ref().is_some_and(|now| is_untouched(now, before)) {
            return Ok(None);
        }
        let done = match self.operation {
            Operation::Move { to, .. } => self.moved(call, to, &mut || Ok(()))?,
            _ => now.is_none().then(|| Answer::success(())),
        };
        match (done, now) {
            (Some(done), _) => Ok(Some(done)),
            // The service says itself that nothing is there.
            (None, None) => Ok(None),
            (None, Some(_)) => {
                let param = self.target.path.param();
                let message = format!(
                    "{param}: the answer was lost, and something else is there now; it is left as it is"
                );
                Err(Error::new(Kind::Reset, message))
            }
        }
    }
}

fn text<'h>(held: &'h Map<String, Value>, key: &str) -> Option<&'h str> {
    held.get(key).and_then(Value::as_str)
}

/// Unlike an unchanged file or folder, one that was made anew has another time.
fn is_untouched(now: &Map<String, Value>, before: &Map<String, Value>) -> bool {
    ["sha", "filesize", "filelen", "ctime", "mtime"]
        .iter()
        .all(|key| now.get(*key) == before.get(*key))
}

/// As the service's own SHA-1 tells it; where there is none, nobody can say.
fn is_same_content(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    let sha = |held| text(held, "sha").map(str::to_ascii_lowercase);
    let is_digest = |sha: &String| sha.bytes().any(|b| b != b'0');
    let size = |held: &Map<String, Value>| held.get("filelen").and_then(Value::as_u64);
    sha(one).is_some_and(|sha| is_digest(&sha))
        && sha(one) == sha(other)
        && size(one).is_some()
        && size(one) == size(other)
}

/// A success, when the service holds just this content.
pub(super) fn uploaded(
    call: &Call,
    target: &Target,
    size: u64,
    sha1: &str,
    tick: &mut dyn FnMut() -> Result<()>,
) -> Result<Option<Answer>> {
    let mut found = None;
    call.poll_until(tick, &mut || {
        found = held(call, target)?.filter(|held| {
            let length = held.get("filelen").and_then(Value::as_u64);
            let sha = text(held, "sha");
            length == Some(size) && sha.is_some_and(|sha| sha.eq_ignore_ascii_case(sha1))
        });
        Ok(found.is_some())
    })?;
    Ok(found.map(|held| {
        let mut data = place(call.exchange(), target);
        data.extend(held);
        self::found(data)
    }))
}

/// Asks what the service holds now: it must be what was read here. By what it was compared.
pub(super) fn confirm(
    call: &Call,
    target: &Target,
    size: u64,
    sha1: &str,
    tick: &mut dyn FnMut() -> Result<()>,
) -> Result<Verified> {
    // Replaced by the first look.
    let mut outcome = Ok(Verified::Length);
    call.poll_until(tick, &mut || {
        let stat = ask(call, target, &Operation::Stat);
        outcome = match stat {
            Ok(held) => compare(&held, size, sha1),
            Err(error) if error.is(ErrorClass::NotFound) => {
                let message = "the service said that the upload is complete, and holds nothing";
                Err(Error::new(Kind::Integrity, message).answered(error.httpcode))
            }
            Err(error) => {
                return Err(error.context("uploaded, but asking what the service holds failed"));
            }
        };
        Ok(outcome.is_ok())
    })?;
    outcome
}

/// By what it was found to be the same.
fn compare(held: &Answer, size: u64, sha1: &str) -> Result<Verified> {
    let number = |key: &str| held.extra.get(key).and_then(Value::as_u64);
    let held_sha = text(&held.extra, "sha");
    let same_sha = held_sha.is_none_or(|held| held.eq_ignore_ascii_case(sha1));
    let same_size = ["filesize", "filelen"]
        .iter()
        .all(|key| number(key).is_none_or(|held| held == size));
    if same_sha && same_size {
        return Ok(match held_sha {
            Some(_) => Verified::Sha1,
            None => Verified::Length,
        });
    }
    let message = format!(
        "the service holds {} bytes with SHA-1 {}, {size} bytes with SHA-1 {sha1} were sent",
        number("filelen").map_or("?".to_owned(), |n| n.to_string()),
        held_sha.unwrap_or("?"),
    );
    Err(Error::new(Kind::Integrity, message).answered(held.httpcode))
}

fn held(call: &Call, target: &Target) -> Result<Held> {
    match ask(call, target, &Operation::Stat) {
        Ok(held) => Ok(Some(held.extra)),
        Err(error) if error.is(ErrorClass::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The answer that was lost, as far as what is there tells it.
fn found(held: Map<String, Value>) -> Answer {
    Answer {
        extra: held,
        ..Answer::success(())
    }
}

/// What the answer to an upload says about the place.
fn place(exchange: &Exchange, target: &Target) -> Map<String, Value> {
    let fileid = path::fileid(exchange.appid(), &target.bucket, &target.path);
    let url = format!(
        "{}{}",
        exchange.config().endpoint.trim_end_matches('/'),
        fileid
    );
    let mut place = Map::new();
    place.insert("url".to_owned(), url.into());
    place.insert("resource_path".to_owned(), fileid.into());
    place
}
